//! The words for changes. What comes from a document is made harmless here: for a terminal, or for Markdown.

use super::super::text::{count, plain};
use crate::access::diff::{Attribute, Book, Chapter, Counts, Dead, Difference, Facts, Limit, Name, Side, Tally};
use crate::model::ResourceKind;

/// For whom the words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Terminal,
    Markdown,
}

/// So many values of a list are told.
const VALUES: usize = 8;

/// Finds words.
pub(super) struct Words<'b> {
    pub(super) book: &'b Book,
    pub(super) style: Style,
}

impl Words<'_> {
    /// A text from a document, between quotes.
    pub(super) fn quoted(&self, text: &str) -> String {
        match self.style {
            Style::Terminal => format!("\u{201c}{}\u{201d}", plain(text)),
            Style::Markdown => code(text),
        }
    }

    /// A text from a document that stands for itself: a username, an id.
    pub(super) fn bare(&self, text: &str) -> String {
        match self.style {
            Style::Terminal => plain(text),
            Style::Markdown => code(text),
        }
    }

    /// `Ada Lee (ada@acme.example)`, `the group “EMEA” (00G…)`; with the old name where it has a new one.
    pub(super) fn name(&self, name: &Name) -> String {
        let Some(entry) = self.book.get(&name.kind, &name.id) else {
            return format!("the {} {}", noun(&name.kind, false), self.bare(&name.id));
        };
        let shown = |text: &str| if name.is_user() { self.bare(text) } else { self.quoted(text) };
        let text = shown(&entry.name);
        let formerly = entry.old_name.as_ref().map(|old| format!(", formerly {}", shown(old))).unwrap_or_default();
        let known_by = entry.username.as_deref().unwrap_or(&name.id);
        let known_by = format!("({}{formerly})", self.bare(known_by));
        if name.is_user() {
            return format!("{text} {known_by}");
        }
        format!("the {} {text} {known_by}", noun(&name.kind, entry.is_queue))
    }

    /// The resource of an entitlement; for a role in a territory, that too.
    pub(super) fn held(&self, entitlement: &str) -> String {
        let name = Name::of_entitlement(entitlement);
        let resource = self.name(&name);
        let role = entitlement.strip_prefix(&*format!("{}:{}:role:", name.kind, name.id));
        match role {
            Some(role) => format!("the role {} in {resource}", self.quoted(role)),
            None => resource,
        }
    }

    /// `department “Sales” → “Legal”`
    pub(super) fn attribute(&self, attribute: &Attribute) -> String {
        let Attribute { name, old, new } = attribute;
        let shown = self.bare(name);
        match (name.as_str(), old.as_deref().and_then(list), new.as_deref().and_then(list)) {
            ("displayName", ..) => match (old, new) {
                (Some(old), Some(new)) => format!("renamed from {} to {}", self.value(old), self.value(new)),
                _ => format!("the name {}", self.both(old.as_deref(), new.as_deref())),
            },
            ("isDirect", ..) if new.as_deref() == Some("true") => "now directly too".to_owned(),
            ("isDirect", ..) => "not directly any more".to_owned(),
            (_, Some(old), Some(new)) => self.lists(name, &old, &new),
            (_, None, Some(new)) if old.is_none() => self.lists(name, &[], &new),
            (_, Some(old), None) if new.is_none() => self.lists(name, &old, &[]),
            ("expiresAt", ..) => format!("until {}", self.both(old.as_deref(), new.as_deref())),
            _ => format!("{shown} {}", self.both(old.as_deref(), new.as_deref())),
        }
    }

    fn both(&self, old: Option<&str>, new: Option<&str>) -> String {
        let value = |value: Option<&str>| value.map_or("(none)".to_owned(), |value| self.value(value));
        format!("{} \u{2192} {}", value(old), value(new))
    }

    /// What a list has more and fewer.
    fn lists(&self, name: &str, old: &[String], new: &[String]) -> String {
        let told = |values: Vec<&String>| {
            let more = values.len().saturating_sub(VALUES);
            let is_way = name == "through" || name == "throughDirectly";
            let word = |value: &String| if is_way { self.held(value) } else { self.bare(value) };
            let mut told: Vec<_> = values.into_iter().take(VALUES).map(word).collect();
            if more > 0 {
                told.push(format!("{more} more"));
            }
            told.join(", ")
        };
        let only = |one: &[String], other: &[String]| told(one.iter().filter(|value| !other.contains(value)).collect());
        let (fewer, more) = (only(old, new), only(new, old));
        let (now, before) = if name == "through" { ("now through", "not through") } else { ("with", "without") };
        let label = if name == "through" { String::new() } else { format!("{} ", self.bare(name)) };
        match (fewer.is_empty(), more.is_empty()) {
            (true, true) => format!("{label}in another order"),
            (true, false) => format!("{label}{now} {more}"),
            (false, true) => format!("{label}{before} {fewer} any more"),
            (false, false) => format!("{label}{now} {more}; {before} {fewer} any more"),
        }
    }

    /// A value that stands there as JSON.
    fn value(&self, json: &str) -> String {
        match serde_json::from_str::<serde_json::Value>(json) {
            Ok(serde_json::Value::String(text)) => self.quoted(&text),
            _ => self.bare(json),
        }
    }

    /// How a grant is held: what is worth saying beside who and what.
    pub(super) fn way(&self, facts: &Facts) -> String {
        let mut parts = Vec::new();
        if facts.by_rule {
            parts.push("by the rule of the group".to_owned());
        }
        if let Some((first, _)) = facts.through.first() {
            let more = facts.through.len() - 1;
            let more = if more > 0 {
                format!(" and {}", count(more as u64, "other way", "other ways"))
            } else {
                String::new()
            };
            let also = if facts.is_direct { "also " } else { "" };
            parts.push(format!("{also}through {}{more}", self.held(first)));
        }
        if let Some(time) = facts.expires_at {
            parts.push(format!("until {time}"));
        }
        if facts.condition.is_some() {
            parts.push("only after activating it in a session".to_owned());
        }
        if !facts.muted_rights.is_empty() {
            let rights: Vec<_> = facts.muted_rights.iter().map(|right| self.bare(right)).collect();
            parts.push(format!("without {}", rights.join(", ")));
        }
        if facts.partial {
            parts.push("without some of its rights".to_owned());
        }
        if facts.by_policy {
            parts.push("by a user access policy".to_owned());
        }
        if parts.is_empty() { String::new() } else { format!(", {}", parts.join(", ")) }
    }

    /// `expired 2026-01-01T00:00:00Z`
    pub(super) fn dead(&self, dead: &Dead) -> String {
        let word = match dead.reason.as_str() {
            "EXPIRED" => "expired".to_owned(),
            "REVOKED" => "revoked".to_owned(),
            "INACTIVE" => "inactive".to_owned(),
            other => self.bare(other),
        };
        dead.expires_at.map_or(word.clone(), |time| format!("{word} {time}"))
    }

    /// Which org, when, and whether it is whole.
    pub(super) fn document(&self, side: &Side) -> String {
        let org = side.header.org.as_ref();
        let org = org.map_or("an org that it does not tell".to_owned(), |org| {
            format!("{} ({})", self.bare(&org.name), self.bare(&org.id))
        });
        let complete = match side.summary.complete {
            Some(true) => "complete",
            Some(false) => "not complete",
            None => "completeness unknown",
        };
        format!("{org}, {}, {complete}", self.bare(&side.header.started_at))
    }

    /// What is not known, and how much that affects.
    pub(super) fn limit(&self, limit: &Limit) -> String {
        let message = match self.style {
            Style::Terminal => plain(&limit.message()),
            // What it is about comes from a document.
            Style::Markdown if !limit.about.is_empty() => limit.message().replace(&limit.about, &code(&limit.about)),
            Style::Markdown => limit.message(),
        };
        let affected = limit.affected;
        let parts = [
            (affected.resources, "resource", "resources"),
            (affected.entitlements, "entitlement", "entitlements"),
            (affected.grants, "grant", "grants"),
            (affected.attributes, "attribute", "attributes"),
            (affected.inactive_assignments, "inactive assignment", "inactive assignments"),
        ];
        let parts: Vec<_> =
            parts.into_iter().filter(|(n, ..)| *n > 0).map(|(n, one, more)| count(n, one, more)).collect();
        if parts.is_empty() { message } else { format!("{message}: {} not compared", parts.join(", ")) }
    }
}

fn list(json: &str) -> Option<Vec<String>> {
    let values: Vec<serde_json::Value> = serde_json::from_str(json).ok()?;
    Some(values.into_iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect())
}

/// What a resource is.
fn noun(kind: &str, is_queue: bool) -> String {
    match ResourceKind::parse(kind) {
        _ if is_queue => "queue".to_owned(),
        Some(kind) => kind.display_name().to_lowercase(),
        None => plain(kind),
    }
}

/// The heading of a chapter.
pub(super) fn heading(chapter: Chapter) -> &'static str {
    match chapter {
        Chapter::Resources(rank) => match ResourceKind::ALL.get(usize::from(rank)) {
            Some(ResourceKind::User) => "Users",
            Some(ResourceKind::Group) => "Groups and queues",
            Some(ResourceKind::Role) => "Roles",
            Some(ResourceKind::Permission) => "Permission sets",
            Some(ResourceKind::Profile) => "Profiles",
            Some(ResourceKind::PermissionSetGroup) => "Permission set groups",
            Some(ResourceKind::Territory) => "Territories",
            Some(ResourceKind::ConnectedApplication) => "Connected applications",
            Some(ResourceKind::Agent) => "Agents",
            Some(ResourceKind::PermissionSetLicense) => "Permission set licenses",
            Some(ResourceKind::SystemPermission) => "System permissions",
            None => "Other resources",
        },
        Chapter::Given => "Gained",
        Chapter::Taken => "Lost",
        Chapter::Moved => "Expired, revoked, or back again",
        Chapter::Otherwise => "Held otherwise",
        Chapter::Entitlements => "Entitlements",
        Chapter::Inactive => "Assignments that give nothing, before and now",
    }
}

fn tally(tally: &Tally) -> String {
    let parts = [(tally.added, "added"), (tally.removed, "removed"), (tally.changed, "changed")];
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} {what}", super::super::number(n)))
        .collect();
    parts.join(", ")
}

/// The first line: what changed, and whether that is all.
pub(super) fn answer(difference: &Difference) -> String {
    let Counts { access, .. } = &difference.counts;
    let known = if difference.is_all_known() { "" } else { " Not all can be told: see \u{201c}Not known\u{201d}." };
    if difference.is_same() {
        let what = if known.is_empty() { "." } else { " in what both documents tell." };
        return format!("No differences{what}{known}");
    }
    let users = |n| count(n, "user", "users");
    let mut said = match (access.users_who_gained, access.users_who_lost) {
        (0, 0) if access.unknown == 0 => "Differences, by which nobody gained or lost access.".to_owned(),
        (0, 0) => "Differences.".to_owned(),
        (gained, 0) => format!("{} gained access, nobody lost any.", users(gained)),
        (0, lost) => format!("{} lost access, nobody gained any.", users(lost)),
        (gained, lost) => format!("{} gained access, {} lost access.", users(gained), users(lost)),
    };
    said.push_str(known);
    said
}

/// How much changed: a label and a line each.
pub(super) fn totals(counts: &Counts) -> Vec<(&'static str, String)> {
    let mut totals = Vec::new();
    let resources = counts.resources.iter().filter(|(_, tally)| tally.all() > 0);
    let resources: Vec<_> = resources.map(|(kind, of)| format!("{} {}", plain(kind), tally(of))).collect();
    if !resources.is_empty() {
        totals.push(("resources", resources.join("; ")));
    }
    if counts.entitlements.all() > 0 {
        totals.push(("entitlements", tally(&counts.entitlements)));
    }
    let mut grants = Vec::new();
    for (what, of) in [("direct", &counts.grants.direct), ("derived", &counts.grants.derived)] {
        if of.all() > 0 {
            grants.push(format!("{what} {}", tally(of)));
        }
    }
    if counts.grants.moved > 0 {
        grants.push(format!("{} moved to or from inactive assignments", super::super::number(counts.grants.moved)));
    }
    if !grants.is_empty() {
        totals.push(("grants", grants.join("; ")));
    }
    if counts.inactive_assignments.all() > 0 {
        totals.push(("inactive", tally(&counts.inactive_assignments)));
    }
    let access = &counts.access;
    if access.gained + access.lost + access.unknown > 0 {
        let number = super::super::number;
        let unknown = if access.unknown > 0 { format!(", {} unknown", number(access.unknown)) } else { String::new() };
        totals.push(("access", format!("{} gained, {} lost{unknown}", number(access.gained), number(access.lost))));
    }
    totals
}

/// A code span of Markdown: nothing in it is markup, nor a mention, nor a link. In a table a bar would end the cell.
fn code(text: &str) -> String {
    let text = plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let gap = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{gap}{}{gap}{fence}", text.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_be_markup() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`x``"), "``` `x`` ```");
        assert_eq!(code("<img src=x>\n@all [x](http://y)"), "`<img src=x> @all [x](http://y)`");
        assert_eq!(code("\u{202e}gnp"), "`gnp`");
    }

    #[test]
    fn lists_are_told_by_what_is_more_and_what_is_fewer() {
        let (book, style) = (Book::default(), Style::Terminal);
        let words = Words { book: &book, style };
        let told = |name: &str, old: serde_json::Value, new: serde_json::Value| {
            words.attribute(&Attribute::changed(name, Some(&old), Some(&new)).unwrap())
        };
        let rights = told("high_risk_permissions", serde_json::json!(["A", "B"]), serde_json::json!(["B", "C"]));
        assert_eq!(rights, "high_risk_permissions with C; without A any more");
        assert_eq!(
            told("department", "Sales".into(), "a\u{1b}[2J".into()),
            "department \u{201c}Sales\u{201d} \u{2192} \u{201c}a[2J\u{201d}"
        );
        assert_eq!(told("displayName", "A".into(), "B".into()), "renamed from \u{201c}A\u{201d} to \u{201c}B\u{201d}");
        assert_eq!(told("is_frozen", false.into(), true.into()), "is_frozen false \u{2192} true");
    }
}
