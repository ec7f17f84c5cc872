//! The words for what happens: a line for people, or a JSON object for a host.

use std::time::Duration;

use serde_json::{Value, json};

use super::Look;
use super::live::name_columns;
use super::text::{Tone, count, fit, number, pad, plain, span, width, wrap};
use crate::model::document::Engine;
use crate::sync::Event;

/// What stays on the screen of an event; `None` where nothing does. `took` is the time since its object was asked for.
pub(super) fn event_text(event: &Event, took: Option<Duration>, look: &Look) -> Option<String> {
    let columns = look.columns.saturating_sub(1);
    let name = |object: &str| pad(&plain(object), name_columns(columns));
    let row = |mark: &str, tone: Tone, text: &str| {
        let text = fit(text, columns.saturating_sub(width(mark)));
        Some(format!("{}{}\n", look.palette.paint(tone, mark), text.trim_end()))
    };
    let done = if look.unicode { "\u{2713} " } else { "  " };
    match event {
        Event::LoggingIn { host } => Some(format!("logging in at {}\n", plain(host))),
        Event::Connected { org, username, version } => {
            let who = username.as_ref().map(|name| format!(" as {}", plain(name))).unwrap_or_default();
            let text = format!("connected to {}{who}, API {version}", plain(org));
            Some(format!("{}\n", wrap(&text, Some(columns)).join("\n  ")))
        }
        Event::Page { object, rows, total } => {
            row("  ", Tone::Strong, &format!("{}{:>9} of {}", name(object), number(*rows), number(*total)))
        }
        Event::Read { object, rows, pages } => {
            let mut text = format!("{}{:>9}", name(object), number(*rows));
            let rows_of = if *rows == 1 { " row " } else { " rows" };
            let pages = format!("{:>11}", count(*pages, "page", "pages"));
            let took = took.map(|took| format!("{:>9}", span(took))).unwrap_or_default();
            for part in [rows_of, &pages, &took] {
                if width(&text) + width(part) + 2 <= columns {
                    text.push_str(part);
                }
            }
            row(done, Tone::Good, &text)
        }
        Event::NotRead { object, reason } => row("! ", Tone::Caution, &format!("{} not read: {reason}", name(object))),
        Event::Repeating { object, reason, pause } => {
            let when = if pause.is_zero() { "at once".to_owned() } else { format!("in {}", span(*pause)) };
            let text = format!("repeating {when}: {}", plain(reason));
            row("! ", Tone::Caution, &format!("{} {text}", name(object)))
        }
        Event::Engine { object, engine, why } => {
            let (mark, how) = match engine {
                Engine::Bulk => ("  ", "by a query job"),
                Engine::Rest => ("! ", "by REST after all"),
            };
            let text = format!("{} {how}: {}", name(object), plain(why));
            let text = wrap(&text, Some(columns.saturating_sub(4))).join("\n    ");
            Some(format!("{}{text}\n", look.palette.paint(Tone::Caution, mark)))
        }
        Event::Begun { .. } | Event::Started { .. } | Event::Recovered { .. } | Event::Writing => None,
    }
}

pub(super) fn event_json(event: &Event, took: Option<Duration>) -> Value {
    let mut value = match event {
        Event::Begun { file, .. } => {
            let (version, pid) = (env!("CARGO_PKG_VERSION"), std::process::id());
            json!({"message": "started", "version": version, "pid": pid, "file": plain(file)})
        }
        Event::LoggingIn { host } => json!({"message": "logging in", "host": host}),
        Event::Connected { org, username, version } => {
            let username = username.as_deref().map(plain);
            json!({"message": "connected", "org": plain(org), "username": username, "apiVersion": version})
        }
        Event::Started { object } => json!({"message": "asked", "object": object}),
        Event::Repeating { object, reason, pause } => {
            json!({"message": "repeating", "object": object, "reason": plain(reason), "pauseSeconds": pause.as_secs_f64()})
        }
        Event::Engine { object, engine, why } => {
            json!({"message": "engine", "object": object, "engine": engine, "reason": plain(why)})
        }
        Event::Recovered { object } => json!({"message": "recovered", "object": object}),
        Event::Page { object, rows, total } => {
            json!({"message": "reading", "object": object, "rows": rows, "totalSize": total})
        }
        Event::Read { object, rows, pages } => {
            json!({"message": "read", "object": object, "rows": rows, "pages": pages, "seconds": seconds(took)})
        }
        Event::NotRead { object, reason } => json!({"message": "not read", "object": object, "reason": reason}),
        Event::Writing => json!({"message": "writing"}),
    };
    value["level"] = "info".into();
    of_progress(value, event_name(event))
}

/// What `schema/events.schema.json` calls it.
const fn event_name(event: &Event) -> &'static str {
    match event {
        Event::Begun { .. } => "started",
        Event::LoggingIn { .. } => "login",
        Event::Connected { .. } => "connected",
        Event::Started { .. } => "object_started",
        Event::Page { .. } => "page",
        Event::Read { .. } => "object_done",
        Event::NotRead { .. } => "object_not_read",
        Event::Engine { .. } => "engine",
        Event::Repeating { .. } => "retry",
        Event::Recovered { .. } => "recovered",
        Event::Writing => "writing",
    }
}

/// A line that is an event of the run, and says so.
pub(super) fn of_progress(mut value: Value, event: &str) -> Value {
    value["type"] = "progress".into();
    value["event"] = event.into();
    value
}

/// A line that is none.
pub(super) fn of_log(mut value: Value) -> Value {
    value["type"] = "log".into();
    value["event"] = "log".into();
    value
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a run")]
fn seconds(took: Option<Duration>) -> Option<f64> {
    took.map(|took| took.as_millis() as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::super::text::Palette;
    use super::*;

    fn said(event: &Event, columns: usize) -> String {
        let look = Look { columns, rows: 24, palette: Palette(false), unicode: false };
        event_text(event, Some(Duration::from_millis(4200)), &look).unwrap_or_default()
    }

    #[test]
    fn every_event_meets_the_schema() {
        let (object, reason) = ("User".to_owned(), "busy".to_owned());
        let events = [
            Event::Begun { id: "2abc".to_owned(), file: "sync.json".to_owned() },
            Event::LoggingIn { host: "acme.my.salesforce.com".to_owned() },
            Event::Connected { org: "Acme".to_owned(), username: None, version: "66.0".to_owned() },
            Event::Started { object: object.clone() },
            Event::Page { object: object.clone(), rows: 1, total: 2 },
            Event::Read { object: object.clone(), rows: 2, pages: 1 },
            Event::NotRead { object: object.clone(), reason: "FEATURE_NOT_ENABLED" },
            Event::Repeating { object: object.clone(), reason, pause: Duration::from_millis(250) },
            Event::Engine { object: object.clone(), engine: Engine::Bulk, why: "asked for".to_owned() },
            Event::Recovered { object },
            Event::Writing,
        ];
        let schema: Value = serde_json::from_str(crate::commands::schema::EVENTS).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for event in events {
            for took in [None, Some(Duration::from_millis(4200))] {
                let mut value = event_json(&event, took);
                assert!(!validator.is_valid(&value), "it is valid without a timestamp");
                if event_name(&event) == "started" {
                    value["syncId"] = "2abc".into();
                }
                value["timestamp"] = "2026-11-25T01:02:03Z".into();
                assert!(validator.is_valid(&value), "{value}");
                let known = &schema["$defs"][event_name(&event)]["properties"];
                let added = value.as_object().unwrap().keys().find(|key| known[key.as_str()].is_null());
                assert_eq!(added, None, "the schema does not tell of it");
            }
        }
    }

    #[test]
    fn an_object_that_was_read_has_a_line() {
        let read = Event::Read { object: "PermissionSetGroupComponent".to_owned(), rows: 51_234, pages: 26 };
        assert_eq!(said(&read, 80), "  PermissionSetGroupComponent    51,234 rows   26 pages    4.2 s\n");
        assert_eq!(said(&read, 40), "  PermissionSetGroupCo…   51,234 rows\n");
        let one = Event::Read { object: "Group".to_owned(), rows: 1, pages: 1 };
        assert_eq!(said(&one, 80), "  Group                               1 row      1 page    4.2 s\n");
    }

    #[test]
    fn why_an_object_is_read_by_a_job_is_told_whole() {
        let event = Event::Engine {
            object: "GroupMember".to_owned(),
            engine: Engine::Bulk,
            why: "499 more pages would take 12 % of the 4000 API calls that are left".to_owned(),
        };
        let text = said(&event, 60);
        assert!(text.starts_with("  GroupMember"), "{text}");
        assert!(text.lines().all(|line| line.len() < 60) && text.ends_with("left\n"), "{text}");
        assert!(text.contains(" by a query job: 499 more"), "{text}");
    }

    #[test]
    fn what_comes_from_elsewhere_is_harmless() {
        let connected = Event::Connected {
            org: "A\u{1b}]0;x\u{7}cme \u{202e}".to_owned(),
            username: Some("a\r\nb\u{1b}[2J".to_owned()),
            version: "66.0".to_owned(),
        };
        assert_eq!(said(&connected, 80), "connected to A]0;xcme  as a b[2J, API 66.0\n");
        let repeating = Event::Repeating {
            object: "User".to_owned(),
            reason: "SERVER_UNAVAILABLE: \u{1b}[31m busy".to_owned(),
            pause: Duration::from_millis(250),
        };
        let text = said(&repeating, 200);
        assert!(text.ends_with("repeating in 0.2 s: SERVER_UNAVAILABLE: [31m busy\n"), "{text:?}");
    }
}
