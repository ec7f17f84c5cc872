//! How a run ended: the answers to the first questions about its document.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use super::Look;
use super::labels::Labels;
use super::text::{GLUE, Tone, count, number, plain, size, span};
use super::words::of_progress;
use crate::model::ResourceKind;
use crate::model::document::{Header, LeftOut, Summary};
use crate::output::Written;

pub(super) fn json(header: &Header, summary: &Summary, written: &Written) -> Value {
    let done = json!({
        "level": "info",
        "message": "done",
        "org": header.org.id,
        "complete": summary.complete,
        "counts": summary.counts,
        "notRead": summary.not_read.iter().map(|not_read| &not_read.object).collect::<Vec<_>>(),
        "leftOut": summary.left_out,
        "warnings": summary.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(),
        "cost": summary.cost,
        "file": written.path,
        "bytes": written.bytes,
        "sha256": written.sha256,
    });
    of_progress(done, "finished")
}

/// The same for people, in groups: whose, what is in it, what is not, what it took, where it is.
pub(super) fn text(
    header: &Header,
    summary: &Summary,
    written: &Written,
    look: &Look,
    columns: Option<usize>,
) -> String {
    let mut table = Labels::new(look.palette, columns);
    whose(&mut table, header);
    contents(&mut table, summary);
    gaps(&mut table, summary);
    cost(&mut table, summary);
    document(&mut table, summary, written);
    table.out
}

fn whose(table: &mut Labels, header: &Header) {
    table.group();
    let org = &header.org;
    let edition = org.edition.as_deref().unwrap_or("edition unknown");
    let place = match org.is_sandbox {
        Some(true) => "sandbox",
        Some(false) => "production",
        None => "kind unknown",
    };
    table.plain_row("org", &format!("{} ({}, {place}) {}", plain(&org.name), plain(edition), plain(&org.id)));
    let who = header.run_by.username.as_deref().or(header.run_by.user_id.as_deref()).unwrap_or("an unknown user");
    table.plain_row("read by", &format!("{}, {}, API {}", plain(who), header.run_by.auth_method, header.api_version));
}

fn contents(table: &mut Labels, summary: &Summary) {
    table.group();
    let counts = &summary.counts;
    let numbers = counts.resources.values().chain([&counts.grants, &counts.entitlements, &counts.inactive_assignments]);
    let widest = numbers.map(|count| number(*count).len()).max().unwrap_or_default();
    let line = |count: u64, what: &str| format!("{:>widest$} {what}", number(count));
    for kind in ResourceKind::ALL {
        if let Some(count) = counts.resources.get(kind.id()) {
            table.plain_row("contents", &line(*count, &plural(kind, *count)));
        }
    }
    let entitlements = if counts.entitlements == 1 { "entitlement" } else { "entitlements" };
    table.plain_row("contents", &line(counts.entitlements, entitlements));
    let of = |count: u64, what: &str| (count > 0).then(|| format!("{} {what}", number(count)));
    let among: Vec<_> = [
        of(counts.expanded_grants, "through others"),
        of(counts.grants_of_inactive_users, "of deactivated users"),
        of(counts.grants_of_frozen_users, "of frozen users"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let among = if among.is_empty() { String::new() } else { format!(", {}", among.join(", ")) };
    let grants = if counts.grants == 1 { "grant" } else { "grants" };
    table.plain_row("contents", &line(counts.grants, &format!("{grants}{among}")));
    if counts.inactive_assignments > 0 {
        let what = if counts.inactive_assignments == 1 { "assignment that gives" } else { "assignments that give" };
        table.plain_row("contents", &line(counts.inactive_assignments, &format!("{what} nothing")));
    }
}

pub(super) fn plural(kind: ResourceKind, count: u64) -> String {
    let name = kind.display_name().to_lowercase();
    match name.strip_suffix('y') {
        _ if count == 1 => name,
        Some(stem) => format!("{stem}ies"),
        None => format!("{name}s"),
    }
}

/// What the document does not hold, or holds with a doubt.
fn gaps(table: &mut Labels, summary: &Summary) {
    if summary.left_out.is_empty() && summary.not_read.is_empty() && summary.warnings.is_empty() {
        return;
    }
    table.group();
    for (what, more) in [("user", "users"), ("group", "groups"), ("grant", "grants")] {
        let list: Vec<_> = summary.left_out.iter().filter(|left_out| left_out.what == what).collect();
        let total: u64 = list.iter().map(|left_out| left_out.count).sum();
        if total > 0 {
            let parts: Vec<_> = match list[..] {
                [one] => vec![name_of(one)],
                _ => list.iter().map(|l| format!("{}{GLUE}{}", number(l.count), name_of(l))).collect(),
            };
            table.plain_row("left out", &format!("{}: {}", count(total, what, more), parts.join(", ")));
        }
    }
    for not_read in &summary.not_read {
        let tone = if not_read.required { Tone::Bad } else { Tone::Caution };
        let text = format!("{} ({}). {}", not_read.object, not_read.reason, not_read.consequence);
        table.row("not read", tone, &plain(&text));
    }
    for warning in &summary.warnings {
        let often = if warning.count > 1 { format!(" ({}{GLUE}times)", number(warning.count)) } else { String::new() };
        table.row("warnings", Tone::Caution, &format!("{}: {}{often}", warning.code, warning.message));
    }
}

fn name_of(left_out: &LeftOut) -> String {
    left_out.user_type.as_deref().map_or_else(|| left_out.reason.to_owned(), plain)
}

fn cost(table: &mut Labels, summary: &Summary) {
    table.group();
    let cost = &summary.cost;
    let mut text = count(cost.api_calls, "API call", "API calls");
    if cost.retries > 0 {
        let _ = write!(text, " ({} repeated)", number(cost.retries));
    }
    let _ = write!(
        text,
        ", {} received, {}",
        size(cost.bytes_received),
        span(Duration::try_from_secs_f64(cost.seconds).unwrap_or_default())
    );
    table.plain_row("cost", &text);
    if let Some(usage) = cost.api_usage {
        let usage = format!("{} of {} calls used by the org in 24 hours", number(usage.used), number(usage.limit));
        table.plain_row("cost", &usage);
    }
}

fn document(table: &mut Labels, summary: &Summary, written: &Written) {
    table.group();
    let path = written.path.as_ref().map_or_else(|| "stdout".to_owned(), |path| path.display().to_string());
    let (tone, complete) =
        if summary.complete { (Tone::Good, "yes") } else { (Tone::Bad, "NO: see what was not read") };
    let label = table.label("complete", Tone::Strong);
    let _ = writeln!(table.out, "{label}{}", table.palette.paint(tone, complete));
    table.plain_row("document", &format!("{}, {}", plain(&path), size(written.bytes)));
    table.plain_row("sha256", &written.sha256);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::text::Palette;
    use super::*;
    use crate::model::document::{Connector, Cost, Counts, NotRead, Org, RunBy, Usage, Warning};
    use crate::time::Timestamp;

    fn header() -> Header {
        Header {
            id: "k".to_owned(),
            started_at: Timestamp::from_millis(0),
            connector: Connector::default(),
            org: Org {
                id: "00D5f000000AAAAEA4".to_owned(),
                name: "Acme \u{1b}[2J\u{202e}大久保".to_owned(),
                edition: Some("Enterprise Edition".to_owned()),
                is_sandbox: Some(true),
                instance_url: "https://acme.my.salesforce.com".to_owned(),
            },
            run_by: RunBy {
                user_id: None,
                username: Some("ada@acme.example".to_owned()),
                auth_method: "client-credentials",
                client_id: None,
            },
            api_version: "66.0".to_owned(),
            options: BTreeMap::new(),
        }
    }

    fn summary() -> Summary {
        let left_out = |user_type: &str, count| LeftOut {
            what: "user",
            reason: "EXCLUDED_BY_OPTION",
            user_type: Some(user_type.to_owned()),
            count,
        };
        Summary {
            ended_at: Timestamp::from_millis(0),
            complete: false,
            counts: Counts {
                resources: BTreeMap::from([("user", 1_234), ("role", 1)]),
                entitlements: 1,
                grants: 1_580,
                grants_of_inactive_users: 173,
                ..Counts::default()
            },
            read: Vec::new(),
            not_read: vec![NotRead {
                object: "UserLogin".to_owned(),
                reason: "NO_RIGHT",
                required: false,
                message: String::new(),
                consequence: "Frozen and locked users cannot be told from others.".to_owned(),
            }],
            left_out: vec![left_out("Guest", 2), left_out("CsnOnly", 16)],
            warnings: vec![Warning {
                code: "FROZEN_UNKNOWN",
                message: "frozen and locked users cannot be told from others",
                count: 3,
                ids: Vec::new(),
            }],
            not_covered: &[],
            cost: Cost {
                api_calls: 18,
                api_usage: Some(Usage { used: 17, limit: 100_000 }),
                bytes_received: 880_400,
                retries: 2,
                seconds: 65.2,
            },
        }
    }

    fn said(palette: Palette, columns: Option<usize>) -> String {
        let written = Written { path: None, sha256: "0123456789abcdef".repeat(4), bytes: 907_600 };
        let look = Look { columns: 80, rows: 24, palette, unicode: false };
        text(&header(), &summary(), &written, &look, columns)
    }

    #[test]
    fn it_answers_the_first_questions() {
        assert_eq!(
            said(Palette(false), Some(79)),
            "
org        Acme [2J大久保 (Enterprise Edition, sandbox) 00D5f000000AAAAEA4
read by    ada@acme.example, client-credentials, API 66.0

contents   1,234 users
               1 role
               1 entitlement
           1,580 grants, 173 of deactivated users

left out   18 users: 2 Guest, 16 CsnOnly
not read   UserLogin (NO_RIGHT). Frozen and locked users cannot be told from
           others.
warnings   FROZEN_UNKNOWN: frozen and locked users cannot be told from others
           (3 times)

cost       18 API calls (2 repeated), 880.4 kB received, 1 min 05 s
           17 of 100,000 calls used by the org in 24 hours

complete   NO: see what was not read
document   stdout, 907.6 kB
sha256     0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
"
        );
    }

    #[test]
    fn colours_add_nothing_but_colours() {
        let painted = said(Palette(true), None);
        assert!(painted.contains('\u{1b}'));
        assert_eq!(anstream::adapter::strip_str(&painted).to_string(), said(Palette(false), None));
    }

    #[test]
    fn lines_fit_a_narrow_window() {
        for columns in [39, 60, 79] {
            let text = said(Palette(false), Some(columns));
            let is_long = |line: &&str| super::super::text::width(line) > columns;
            let long: Vec<_> = text.lines().filter(is_long).collect();
            assert!(long.iter().all(|line| line.contains("0123456789abcdef")), "{columns}: {long:?}");
        }
    }
}
