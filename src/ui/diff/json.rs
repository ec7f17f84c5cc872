//! A difference as JSON: `baton-salesforce.diff/1`. Its changes are written one by one, a line each.

use std::io::{self, Write};

use compact_str::CompactString;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::access::diff::{
    Access, Act, Affected, Book, Cause, Change, Counts, Dead, Difference, Facts, Limit, Name, Side, Subject, Which,
};

/// Its number changes when a meaning does.
const FORMAT: &str = "baton-salesforce.diff/1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    format: &'static str,
    old: Document<'a>,
    new: Document<'a>,
    /// Whether nothing changed, as far as both documents tell.
    is_same: bool,
    /// Whether both documents tell all that the other one tells.
    is_all_known: bool,
    remarks: Vec<RemarkItem<'a>>,
    unknown: Vec<LimitItem<'a>>,
    counts: &'a Counts,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    sync_id: &'a str,
    org: Option<Org<'a>>,
    started_at: &'a str,
    ended_at: Option<&'a str>,
    complete: Option<bool>,
}

#[derive(Serialize)]
struct Org<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct RemarkItem<'a> {
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LimitItem<'a> {
    code: &'static str,
    document: Which,
    #[serde(skip_serializing_if = "str::is_empty")]
    about: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    message: String,
    not_compared: &'a Affected,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    change: Act,
    what: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<Access>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_direct: Option<bool>,
    /// Itself, or what is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entitlement: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<AttributeItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<FactsItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<FactsItem<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    old_inactive: Vec<DeadItem<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    new_inactive: Vec<DeadItem<'a>>,
    /// What caused it, where that is something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<CauseItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Named<'a> {
    resource_type: CompactString,
    resource: CompactString,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
}

impl<'a> Named<'a> {
    fn of(name: &Name, book: &'a Book) -> Self {
        let entry = book.get(&name.kind, &name.id);
        Self {
            resource_type: name.kind.clone(),
            resource: name.id.clone(),
            display_name: entry.map(|entry| &*entry.name),
            old_display_name: entry.and_then(|entry| entry.old_name.as_deref()),
            username: entry.and_then(|entry| entry.username.as_deref()),
        }
    }
}

#[derive(Serialize)]
struct AttributeItem<'a> {
    name: &'a str,
    /// Absent where the document has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<&'a RawValue>,
}

/// What is not so is absent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FactsItem<'a> {
    is_direct: bool,
    #[serde(skip_serializing_if = "is_false")]
    by_rule: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    through: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direct_expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direct_condition: Option<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    assigned_by_policy: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    muted_rights: &'a [String],
    #[serde(skip_serializing_if = "is_false")]
    partial: bool,
    #[serde(skip_serializing_if = "is_false")]
    stale: bool,
}

impl<'a> From<&'a Facts> for FactsItem<'a> {
    fn from(facts: &'a Facts) -> Self {
        let text = |time: Option<crate::time::Timestamp>| time.map(|time| time.to_string());
        Self {
            is_direct: facts.is_direct,
            by_rule: facts.by_rule,
            through: facts.through.iter().map(|(source, _)| source.as_str()).collect(),
            assigned_at: text(facts.assigned_at),
            expires_at: text(facts.expires_at),
            condition: facts.condition.as_deref(),
            direct_expires_at: text(facts.direct_expires_at),
            direct_condition: facts.direct_condition.as_deref(),
            assigned_by_policy: facts.by_policy,
            muted_rights: &facts.muted_rights,
            partial: facts.partial,
            stale: facts.stale,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeadItem<'a> {
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_at: Option<String>,
}

#[derive(Serialize)]
struct CauseItem {
    what: &'static str,
    id: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// What it is, and its id.
fn named(subject: &Subject) -> (&'static str, String) {
    match subject {
        Subject::Resource(name) => ("resource", format!("{}:{}", name.kind, name.id)),
        Subject::Entitlement(id) => ("entitlement", id.to_string()),
        Subject::Grant { entitlement, principal } => {
            ("grant", format!("{entitlement}:{}:{}", principal.kind, principal.id))
        }
        Subject::Inactive { entitlement, principal } => {
            ("inactiveAssignment", format!("{entitlement}:{}:{}", principal.kind, principal.id))
        }
    }
}

/// Writes a difference.
pub(super) fn write(difference: Difference, out: &mut dyn Write) -> io::Result<()> {
    let head = Head {
        format: FORMAT,
        old: document(&difference.sides[0]),
        new: document(&difference.sides[1]),
        is_same: difference.is_same(),
        is_all_known: difference.is_all_known(),
        remarks: difference
            .remarks
            .iter()
            .map(|remark| RemarkItem { code: remark.code, message: &remark.message })
            .collect(),
        unknown: difference.limits.iter().map(limit).collect(),
        counts: &difference.counts,
    };
    let head = serde_json::to_string_pretty(&head).map_err(io::Error::from)?;
    // The changes are the last member, and written as they come.
    write!(out, "{},\n  \"changes\": [", head.trim_end_matches('}').trim_end())?;
    let mut is_first = true;
    for change in difference.changes {
        let change = change?;
        out.write_all(if std::mem::take(&mut is_first) { b"\n    " } else { b",\n    " })?;
        serde_json::to_writer(&mut *out, &item(&change, &difference.book)?).map_err(io::Error::from)?;
    }
    out.write_all(if is_first { b"]\n}\n" } else { b"\n  ]\n}\n" })
}

fn document(side: &Side) -> Document<'_> {
    let (header, summary) = (&side.header, &side.summary);
    Document {
        sync_id: &header.id,
        org: header.org.as_ref().map(|org| Org { id: &org.id, name: &org.name }),
        started_at: &header.started_at,
        ended_at: summary.ended_at.as_deref(),
        complete: summary.complete,
    }
}

fn limit(limit: &Limit) -> LimitItem<'_> {
    LimitItem {
        code: limit.code.as_str(),
        document: limit.which,
        about: &limit.about,
        reason: limit.reason.as_deref(),
        message: limit.message(),
        not_compared: &limit.affected,
    }
}

fn item<'a>(change: &'a Change, book: &'a Book) -> io::Result<Item<'a>> {
    let (what, id) = named(&change.subject);
    let cause = |cause: &Cause| {
        let (what, id) = named(&cause.subject);
        CauseItem { what, id }
    };
    let (resource, principal, entitlement) = match &change.subject {
        Subject::Resource(name) => (Some(Named::of(name, book)), None, None),
        Subject::Entitlement(id) => (Some(Named::of(&Name::of_entitlement(id), book)), None, Some(id.as_str())),
        Subject::Grant { entitlement, principal } | Subject::Inactive { entitlement, principal } => {
            let held = Named::of(&Name::of_entitlement(entitlement), book);
            (Some(held), Some(Named::of(principal, book)), Some(entitlement.as_str()))
        }
    };
    let is_grant = matches!(change.subject, Subject::Grant { .. });
    let raw = |json: &'a Option<String>| json.as_deref().map(serde_json::from_str::<&RawValue>).transpose();
    let attributes = change
        .attributes
        .iter()
        .map(|one| Ok(AttributeItem { name: &one.name, old: raw(&one.old)?, new: raw(&one.new)? }));
    Ok(Item {
        change: change.act,
        what,
        id,
        access: change.access,
        is_direct: is_grant.then(|| change.is_direct()),
        resource,
        principal,
        entitlement,
        attributes: attributes.collect::<Result<_, serde_json::Error>>().map_err(io::Error::from)?,
        old: change.old.as_ref().map(FactsItem::from),
        new: change.new.as_ref().map(FactsItem::from),
        old_inactive: change.old_inactive.iter().map(dead).collect(),
        new_inactive: change.new_inactive.iter().map(dead).collect(),
        cause: (!change.is_cause()).then(|| cause(&change.cause)),
    })
}

fn dead(dead: &Dead) -> DeadItem<'_> {
    let text = |time: Option<crate::time::Timestamp>| time.map(|time| time.to_string());
    DeadItem { reason: &dead.reason, expires_at: text(dead.expires_at), assigned_at: text(dead.assigned_at) }
}
