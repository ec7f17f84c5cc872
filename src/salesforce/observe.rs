//! Who wants to know when requests are repeated: the client tells, and knows nothing of who listens.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

/// What becomes of a request that failed.
#[derive(Debug, Clone, Copy)]
pub enum Repeat<'r> {
    /// It is sent again.
    Again {
        /// What went wrong.
        reason: &'r str,
        /// After how long.
        pause: Duration,
    },
    /// It has been answered at last.
    Answered,
}

type See = Box<dyn Fn(&str, Repeat<'_>) + Send + Sync>;

/// At most one listener.
#[derive(Default)]
pub(super) struct Observer(OnceLock<See>);

impl Observer {
    /// The first listener stays.
    pub(super) fn set(&self, see: See) {
        let _ = self.0.set(see);
    }

    pub(super) fn tell(&self, object: &str, repeat: Repeat<'_>) {
        if let Some(see) = self.0.get() {
            see(object, repeat);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
