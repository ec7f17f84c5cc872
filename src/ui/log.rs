//! The log: it goes where all else goes, so that its lines do not tear the live ones.

use std::io::{self, Write};
use std::sync::Arc;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{Shared, Ui};
use crate::harmless;
use crate::net::secret::redact;

impl Ui {
    /// Starts the log: ours at the level asked for, that of others only when something is wrong.
    pub fn start_log(&self) {
        let filter = Targets::new()
            .with_target("baton_salesforce", self.messages.level)
            .with_default(tracing::Level::WARN.min(self.messages.level));
        let (shared, is_json) = (Arc::clone(&self.shared), self.messages.json);
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(move || Writer { shared: Arc::clone(&shared), is_json })
            .with_ansi(self.shared.palette.0);
        let registry = tracing_subscriber::registry().with(filter);
        // A second start (in tests) changes nothing.
        let _ = if is_json {
            registry.with(layer.json().flatten_event(true)).try_init()
        } else {
            registry.with(layer.without_time().with_target(false)).try_init()
        };
    }
}

/// Each event of the log comes in one piece.
struct Writer {
    shared: Arc<Shared>,
    is_json: bool,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // What is known to be a secret is shown by nobody, whoever logs it.
        let text = redact(&String::from_utf8_lossy(bytes));
        let text = if self.is_json {
            // As JSON it says what it is, in the words of the other lines.
            let line = serde_json::from_str::<serde_json::Value>(&text).ok().filter(serde_json::Value::is_object);
            match line {
                Some(mut line) => {
                    line["level"] = line["level"].as_str().unwrap_or_default().to_lowercase().into();
                    self.shared.stamped(super::words::of_log(line))
                }
                None => harmless::json(&text).into(),
            }
        } else {
            harmless::log_line(&text, self.shared.palette.0)
        };
        self.shared.lock().print(&text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
