//! The glance for people.

use super::super::super::labels::Labels;
use super::super::super::summary::plural;
use super::super::super::text::{GLUE, Palette, Tone, count, fit, number, pad, plain, width};
use super::{Overview, Popular};
use crate::model::ResourceKind;
use crate::output::read::{Header, LeftOut, Options, Summary};

pub(super) fn text(overview: &Overview, palette: Palette, room: Option<usize>) -> String {
    let mut labels = Labels::new(palette, room);
    if let (Some(header), Some(summary)) = (&overview.header, &overview.summary) {
        origin(&mut labels, header, summary);
        contents(&mut labels, overview);
        gaps(&mut labels, header, summary);
    }
    let is_direct = overview.header.as_ref().and_then(|header| header.options.as_ref()).is_some_and(is_unexpanded);
    popular(&mut labels, "groups", "biggest groups", &overview.most_held("group"), is_direct);
    popular(&mut labels, "sets", "most held permission sets", &overview.most_held("permission"), is_direct);
    labels.out.trim_start().to_owned()
}

fn is_unexpanded(options: &Options) -> bool {
    options.expand.as_deref() == Some("none")
}

fn origin(labels: &mut Labels, header: &Header, summary: &Summary) {
    if let Some(org) = &header.org {
        let edition = org.edition.as_deref().unwrap_or("edition unknown");
        let place = match org.is_sandbox {
            Some(true) => "sandbox",
            Some(false) => "production",
            None => "kind unknown",
        };
        labels.plain_row("org", &format!("{} ({}, {place}) {}", plain(&org.name), plain(edition), plain(&org.id)));
    }
    if let Some(run_by) = &header.run_by {
        let who = run_by.username.as_deref().map_or_else(|| "an unknown user".to_owned(), plain);
        let version = header.api_version.iter().map(|version| format!(", API {}", plain(version)));
        let version: String = version.collect();
        labels.plain_row("read by", &format!("{who}, {}{version}", plain(&run_by.auth_method)));
    }
    let ended = summary.ended_at.as_deref().map_or_else(|| "an unknown time".to_owned(), plain);
    labels.plain_row("time", &format!("from {} to {ended}", plain(&header.started_at)));
    if let Some(connector) = &header.connector {
        labels.plain_row("program", &format!("{} {}", plain(&connector.name), plain(&connector.version)));
    }
    let (tone, complete) = match (summary.complete, &header.org) {
        (Some(true), _) => (Tone::Good, "yes"),
        (Some(false), _) => (Tone::Bad, "NO: see what was not read"),
        (None, Some(_)) => (Tone::Caution, "unknown: the document does not tell"),
        (None, None) => (Tone::Caution, "unknown, and so is the org: the program that wrote the file does not tell"),
    };
    labels.row("complete", Tone::Strong, &labels.palette.paint(tone, complete));
}

/// Numbers in a column, and what there is so many of.
fn column(labels: &mut Labels, label: &'static str, rows: &[(u64, String)]) {
    let widest = rows.iter().map(|(count, _)| number(*count).len()).max().unwrap_or_default();
    for (count, what) in rows {
        labels.plain_row(label, &format!("{:>widest$} {what}", number(*count)));
    }
}

/// `a, b`, without those that are none.
fn among(parts: &[(u64, &str)]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{}{GLUE}{what}", number(*count)))
        .collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

fn contents(labels: &mut Labels, overview: &Overview) {
    labels.group();
    let mut rows = Vec::new();
    for kind in &overview.kinds {
        let count = kind.counts[0];
        let name = ResourceKind::parse(&kind.id).map_or_else(|| plain(&kind.name), |known| plural(known, count));
        let [enabled, inactive, frozen, unknown] = overview.users;
        let states = if kind.id == ResourceKind::User.id() {
            among(&[(enabled, "enabled"), (inactive, "inactive"), (frozen, "frozen"), (unknown, "of unknown status")])
        } else {
            String::new()
        };
        rows.push((count, format!("{name}{states}")));
    }
    let entitlements = overview.kinds.iter().map(|kind| kind.counts[1]).sum();
    rows.push((entitlements, if entitlements == 1 { "entitlement" } else { "entitlements" }.to_owned()));
    let grants = &overview.grants;
    let ways = among(&[
        (grants.direct - grants.by_rule, "direct"),
        (grants.by_rule, "by rules"),
        (grants.all - grants.direct, "derived"),
    ]);
    let of = [(grants.of_inactive_users, "of deactivated users"), (grants.of_frozen_users, "of frozen users")];
    let of = among(&of).replacen(": ", "; ", 1);
    rows.push((grants.all, format!("{}{ways}{of}", if grants.all == 1 { "grant" } else { "grants" })));
    let inactive: Vec<_> =
        overview.inactive.iter().map(|(reason, count)| (*count, plain(reason).to_lowercase())).collect();
    let total: u64 = inactive.iter().map(|(count, _)| count).sum();
    if total > 0 {
        let reasons: Vec<_> = inactive.iter().map(|(count, reason)| (*count, reason.as_str())).collect();
        let what = if total == 1 { "assignment that gives nothing" } else { "assignments that give nothing" };
        rows.push((total, format!("{what}{}", among(&reasons))));
    }
    column(labels, "contents", &rows);
}

/// What the document does not hold, or holds with a doubt.
fn gaps(labels: &mut Labels, header: &Header, summary: &Summary) {
    // Where there is nothing to tell, the next group begins.
    labels.group();
    let before = labels.out.len();
    if let Some(options) = &header.options {
        let narrowing = [
            (!options.sync_deactivated_users, "deactivated users"),
            (!options.sync_non_standard_users, "users of other types than Standard"),
            (options.skip_entitlements_and_grants, "entitlements and grants"),
            (is_unexpanded(options), "grants through others"),
        ];
        let without: Vec<_> = narrowing.into_iter().filter(|(is_so, _)| *is_so).map(|(_, what)| what).collect();
        if !without.is_empty() {
            labels.plain_row("asked", &format!("without {}", without.join(", without ")));
        }
    }
    let mut kinds: Vec<&str> = summary.left_out.iter().map(|left_out| &*left_out.what).collect();
    kinds.dedup();
    for what in kinds {
        let list: Vec<_> = summary.left_out.iter().filter(|left_out| left_out.what == what).collect();
        let name = |left_out: &LeftOut| plain(left_out.user_type.as_deref().unwrap_or(&left_out.reason));
        let parts: Vec<_> = match list[..] {
            [one] => vec![name(one)],
            _ => list.iter().map(|left_out| format!("{}{GLUE}{}", number(left_out.count), name(left_out))).collect(),
        };
        let total = list.iter().map(|left_out| left_out.count).sum();
        let what = plain(what);
        labels.plain_row("left out", &format!("{}: {}", count(total, &what, &format!("{what}s")), parts.join(", ")));
    }
    for not_read in &summary.not_read {
        let tone = if not_read.required { Tone::Bad } else { Tone::Caution };
        let text = format!("{} ({}). {}", not_read.object, not_read.reason, not_read.consequence);
        labels.row("not read", tone, &plain(&text));
    }
    for warning in &summary.warnings {
        let often = if warning.count > 1 { format!(" ({}{GLUE}times)", number(warning.count)) } else { String::new() };
        labels.row("warnings", Tone::Caution, &plain(&format!("{}: {}{often}", warning.code, warning.message)));
    }
    if labels.out.len() == before {
        labels.out.pop();
    }
}

fn popular(labels: &mut Labels, label: &'static str, what: &str, list: &[Popular<'_>], is_direct: bool) {
    if list.is_empty() {
        return;
    }
    labels.group();
    let of = if is_direct { "users who hold them directly" } else { "users who hold them, directly or through others" };
    labels.plain_row(label, &format!("the {what}, by {of}"));
    // A number, a name and an id in one line.
    let digits = list.iter().map(|popular| number(popular.users).len()).max().unwrap_or_default();
    let ids = list.iter().map(|popular| width(&plain(popular.id))).max().unwrap_or_default();
    let room = labels.room().map_or(usize::MAX, |room| room.saturating_sub(digits + ids + 3).max(10));
    let names: Vec<_> = list.iter().map(|popular| fit(&plain(popular.name), room)).collect();
    let widest = names.iter().map(|name| width(name)).max().unwrap_or_default();
    let row = |(popular, name): (&Popular<'_>, &String)| {
        (popular.users, format!("{}  {}", pad(name, widest), plain(popular.id)))
    };
    let rows: Vec<_> = list.iter().zip(&names).map(row).collect();
    column(labels, label, &rows);
}
