//! The words for what happens and for how it ended.

use std::fmt::Write;

use serde_json::{Value, json};

use super::plain;
use crate::model::ResourceKind;
use crate::model::document::{Header, LeftOut, Summary};
use crate::output::Written;
use crate::sync::Event;

pub(super) fn event_text(event: &Event) -> Option<String> {
    Some(match event {
        Event::Connected { org, username, version } => {
            let who = username.as_ref().map(|name| format!(" as {}", plain(name))).unwrap_or_default();
            format!("connected to {}{who}, API {version}", plain(org))
        }
        Event::Page { object, rows, total } => {
            format!("  {object:<28}{:>11} of {}", number(*rows), number(*total))
        }
        Event::Read { object, rows, pages } => {
            let pages = if *pages == 1 { String::new() } else { format!("  {pages} pages") };
            format!("  {object:<28}{:>11}{pages}", number(*rows))
        }
        Event::NotRead { object, reason } => format!("  {object:<28}   not read  {reason}"),
        Event::Writing => return None,
    })
}

pub(super) fn event_json(event: &Event) -> Value {
    let mut value = match event {
        Event::Connected { org, username, version } => {
            json!({"message": "connected", "org": org, "username": username, "apiVersion": version})
        }
        Event::Page { object, rows, total } => {
            json!({"message": "reading", "object": object, "rows": rows, "totalSize": total})
        }
        Event::Read { object, rows, pages } => {
            json!({"message": "read", "object": object, "rows": rows, "pages": pages})
        }
        Event::NotRead { object, reason } => json!({"message": "not read", "object": object, "reason": reason}),
        Event::Writing => json!({"message": "writing"}),
    };
    value["level"] = "info".into();
    value
}

pub(super) fn json(header: &Header, summary: &Summary, written: &Written) -> Value {
    json!({
        "level": "info",
        "message": "done",
        "syncId": header.id,
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
    })
}

pub(super) fn text(header: &Header, summary: &Summary, written: &Written) -> String {
    let mut out = String::from("\n");
    let org = &header.org;
    let edition = org.edition.as_deref().unwrap_or("edition unknown");
    let place = match org.is_sandbox {
        Some(true) => "sandbox",
        Some(false) => "production",
        None => "kind unknown",
    };
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(out, "{name:<22}{value}");
    };
    row("org", &format!("{} ({}, {place}) {}", plain(&org.name), plain(edition), org.id));
    if let Some(username) = &header.run_by.username {
        row("read by", &plain(username));
    }
    let counts = &summary.counts;
    for kind in ResourceKind::ALL {
        if let Some(count) = counts.resources.get(kind.id()) {
            row(kind.id(), &number(*count));
        }
    }
    row("grants", &grants(summary));
    if counts.inactive_assignments > 0 {
        row("inactive", &format!("{} assignments that give nothing", number(counts.inactive_assignments)));
    }
    for (what, list) in [("user", "left out"), ("grant", "left out")] {
        let total: u64 = summary.left_out.iter().filter(|left_out| left_out.what == what).map(|l| l.count).sum();
        if total > 0 {
            let parts = summary.left_out.iter().filter(|left_out| left_out.what == what).map(left_out);
            row(list, &format!("{} {what}s: {}", number(total), parts.collect::<Vec<_>>().join(", ")));
        }
    }
    for not_read in &summary.not_read {
        row("not read", &format!("{} ({}). {}", not_read.object, not_read.reason, not_read.consequence));
    }
    for warning in &summary.warnings {
        let count = if warning.count > 1 { format!(" ({}\u{d7})", number(warning.count)) } else { String::new() };
        row("warning", &format!("{}: {}{count}", warning.code, warning.message));
    }
    row("cost", &cost(summary));
    row("complete", if summary.complete { "yes" } else { "NO: see what was not read" });
    let path = written.path.as_ref().map_or_else(|| "stdout".to_owned(), |path| path.display().to_string());
    row("document", &format!("{} ({}) sha256 {}", plain(&path), size(written.bytes), written.sha256));
    out
}

fn grants(summary: &Summary) -> String {
    let counts = &summary.counts;
    let mut parts = Vec::new();
    if counts.grants_of_inactive_users > 0 {
        parts.push(format!("{} of deactivated users", number(counts.grants_of_inactive_users)));
    }
    if counts.grants_of_frozen_users > 0 {
        parts.push(format!("{} of frozen users", number(counts.grants_of_frozen_users)));
    }
    let among = if parts.is_empty() { String::new() } else { format!(", {}", parts.join(", ")) };
    format!("{} on {} entitlements{among}", number(counts.grants), number(counts.entitlements))
}

fn left_out(left_out: &LeftOut) -> String {
    let what = left_out.user_type.as_deref().map_or_else(|| left_out.reason.to_owned(), plain);
    format!("{what} {}", number(left_out.count))
}

fn cost(summary: &Summary) -> String {
    let cost = &summary.cost;
    let allowance = cost
        .api_usage
        .map(|usage| format!(" (the org has used {} of {} in 24 hours)", number(usage.used), number(usage.limit)))
        .unwrap_or_default();
    let retries = if cost.retries > 0 { format!(", {} repeated", cost.retries) } else { String::new() };
    format!(
        "{} API calls{allowance}{retries}, {} received, {:.1} s",
        number(cost.api_calls),
        size(cost.bytes_received),
        cost.seconds
    )
}

/// `1234567` → `1,234,567`
fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(1_234_567), "1.2 MB");
    }
}
