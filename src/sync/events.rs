//! What happens during a run, for those who watch it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::model::document::Engine;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A sync begins.
    Begun {
        /// The sync's id, as the document will have it.
        id: String,
        /// Where the document is to go.
        file: String,
    },
    /// The login begins.
    LoggingIn {
        /// Where.
        host: String,
    },
    /// The login worked; who is logged in, and where.
    Connected {
        /// The org's name.
        org: String,
        /// The user's name, where it is known.
        username: Option<String>,
        /// API version.
        version: String,
    },
    /// An object has been asked for.
    Started {
        /// The object.
        object: String,
    },
    /// An object is read by one of two APIs, and why.
    Engine {
        /// The object.
        object: String,
        /// The API.
        engine: Engine,
        /// Why.
        why: String,
    },
    /// A request failed for now and is sent again.
    Repeating {
        /// What it asks for.
        object: String,
        /// What went wrong.
        reason: String,
        /// How long it waits before that.
        pause: Duration,
    },
    /// A repeated request has been answered.
    Recovered {
        /// What it asked for.
        object: String,
    },
    /// A page of an object has come.
    Page {
        /// The object.
        object: String,
        /// Rows so far.
        rows: u64,
        /// Rows that there are.
        total: u64,
    },
    /// An object has been read.
    Read {
        /// The object.
        object: String,
        /// Its rows.
        rows: u64,
        /// The pages they came on.
        pages: u64,
    },
    /// An object could not be read, and the run goes on without it.
    NotRead {
        /// The object.
        object: String,
        /// Why.
        reason: &'static str,
    },
    /// The document is being written.
    Writing,
}

/// Whoever watches.
#[derive(Clone)]
pub struct Watch(Arc<dyn Fn(Event) + Send + Sync>);

impl Watch {
    /// Calls `see` for each event.
    pub fn new(see: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(see))
    }

    pub(crate) fn tell(&self, event: Event) {
        (self.0)(event);
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self::new(|_| ())
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
