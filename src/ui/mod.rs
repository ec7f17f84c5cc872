//! What a person sees: everything here goes to stderr; stdout belongs to the document.

mod summary;

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::builder::styling::{AnsiColor, Style};
use serde_json::json;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::failure::Failure;
use crate::model::document::{Header, Summary};
use crate::output::Written;
use crate::settings::Messages;
use crate::sync::Event;
use crate::time::Timestamp;

/// A long read says how far it is this often.
const EVERY: Duration = Duration::from_secs(3);

/// Where messages go.
#[derive(Debug)]
pub struct Ui {
    messages: Messages,
    last: Mutex<Instant>,
}

impl Ui {
    /// Messages as the settings want them.
    pub fn new(messages: Messages) -> Self {
        Self { messages, last: Mutex::new(Instant::now()) }
    }

    /// Starts the log: ours at the level asked for, that of others only when something is wrong.
    pub fn start_log(&self) {
        let filter = Targets::new()
            .with_target("baton_salesforce", self.messages.level)
            .with_default(tracing::Level::WARN.min(self.messages.level));
        let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(colours());
        let registry = tracing_subscriber::registry().with(filter);
        // A second start (in tests) changes nothing.
        let _ = if self.messages.json {
            registry.with(layer.json().flatten_event(true)).try_init()
        } else {
            registry.with(layer.without_time().with_target(false)).try_init()
        };
    }

    /// Something that should not be missed.
    pub fn warn(&self, message: &str) {
        if !self.messages.quiet && self.messages.level >= tracing::Level::WARN {
            self.line("warn", "warning", AnsiColor::Yellow, message);
        }
    }

    /// Something worth knowing.
    pub fn note(&self, message: &str) {
        if self.is_talkative() {
            self.line("info", "", AnsiColor::White, message);
        }
    }

    /// A failure: once, for a person.
    pub fn fail(&self, failure: &Failure) {
        if self.messages.json {
            return self.json(&json!({
                "level": "error",
                "message": plain(&failure.message),
                "class": failure.class.name(),
                "code": failure.class.code(),
                "advice": failure.advice,
            }));
        }
        self.line("error", "error", AnsiColor::Red, &failure.message);
        if let Some(advice) = &failure.advice {
            let mut lines = advice.lines();
            self.line("error", "  do", AnsiColor::Cyan, lines.next().unwrap_or_default());
            for line in lines {
                self.line("error", "", AnsiColor::Cyan, &format!("    {line}"));
            }
        }
    }

    /// What happens during a run.
    pub fn see(&self, event: &Event) {
        if !self.is_talkative() {
            return;
        }
        if let Event::Page { rows, total, .. } = event {
            let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if rows >= total || last.elapsed() < EVERY {
                return;
            }
            *last = Instant::now();
        }
        if self.messages.json {
            return self.json(&summary::event_json(event));
        }
        if let Some(text) = summary::event_text(event) {
            self.write(&format!("{text}\n"));
        }
    }

    /// The end of a run that wrote a document.
    pub fn summary(&self, header: &Header, summary: &Summary, written: &Written) {
        if !self.is_talkative() {
            return;
        }
        if self.messages.json {
            return self.json(&summary::json(header, summary, written));
        }
        self.write(&summary::text(header, summary, written));
    }

    fn is_talkative(&self) -> bool {
        !self.messages.quiet && self.messages.level >= tracing::Level::INFO
    }

    fn line(&self, level: &str, label: &str, colour: AnsiColor, message: &str) {
        let message = plain(message);
        if self.messages.json {
            return self.json(&json!({"level": level, "message": message}));
        }
        if label.is_empty() {
            return self.write(&format!("{message}\n"));
        }
        let style = Style::new().fg_color(Some(colour.into())).bold();
        self.write(&format!("{style}{label}:{style:#} {message}\n"));
    }

    fn json(&self, value: &serde_json::Value) {
        let mut value = value.clone();
        value["timestamp"] = Timestamp::now().to_string().into();
        self.write(&format!("{value}\n"));
    }

    #[expect(clippy::unused_self, reason = "there is one way to write, and it is the Ui's")]
    fn write(&self, text: &str) {
        // Nobody to tell that stderr is closed.
        let _ = anstream::stderr().lock().write_all(text.as_bytes());
    }
}

fn colours() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Text from elsewhere (names, error messages) without what could take over a terminal.
pub(crate) fn plain(text: &str) -> String {
    let is_harmless = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().map(|c| if c == '\n' || c == '\t' { ' ' } else { c }).filter(|c| is_harmless(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_take_over_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\u{202e}c\nd\u{7}"), "a[2Jbc d");
    }
}
