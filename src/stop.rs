//! Stopping: whether a signal or the end of the document came first.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

const RUNNING: u8 = 0;
const STOPPED: u8 = 1;
const COMMITTED: u8 = 2;

/// Shared between whoever waits for signals and whoever writes the document. Exactly one of [`Stop::stop`] and
/// [`Stop::commit`] succeeds, so that what is said about the document is true.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: AtomicU8,
    is_writing: AtomicBool,
}

impl Stop {
    /// Asks to stop; false where the document is about to stand in its place already.
    pub fn stop(&self) -> bool {
        self.0.state.compare_exchange(RUNNING, STOPPED, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Claims the right to put the document in its place; false where a stop was asked for.
    pub fn commit(&self) -> bool {
        self.0.state.compare_exchange(RUNNING, COMMITTED, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Says that the document is being written from now on.
    pub fn begin_writing(&self) {
        self.0.is_writing.store(true, Ordering::Relaxed);
    }

    /// Whether a document has begun to be written, so that it has to be cleaned up after.
    pub fn is_writing(&self) -> bool {
        self.0.is_writing.load(Ordering::Relaxed)
    }

    /// Whether a stop was asked for.
    pub fn is_stopped(&self) -> bool {
        self.0.state.load(Ordering::Relaxed) == STOPPED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_of_stop_and_commit_succeeds() {
        let stop = Stop::default();
        assert!(stop.clone().stop() && stop.is_stopped() && !stop.commit());
        let stop = Stop::default();
        assert!(stop.commit() && !stop.stop() && !stop.is_stopped());
    }
}
