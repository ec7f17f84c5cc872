//! Stopping: whether a signal or the end of the document came first, and who must be waited for after that.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

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
    busy: Mutex<usize>,
    idle: Condvar,
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

    /// Whether a stop was asked for.
    pub fn is_stopped(&self) -> bool {
        self.0.state.load(Ordering::Relaxed) == STOPPED
    }

    /// Says that something is there that is to be cleaned up, for as long as the value lives.
    pub fn busy(&self) -> Busy {
        *self.0.busy.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Busy(self.clone())
    }

    /// Waits until all has been cleaned up; not longer than `limit`.
    pub fn wait_until_idle(&self, limit: Duration) {
        let busy = self.0.busy.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.0.idle.wait_timeout_while(busy, limit, |busy| *busy > 0));
    }
}

/// Something is to be cleaned up before the program ends.
#[derive(Debug)]
pub struct Busy(Stop);

impl Drop for Busy {
    fn drop(&mut self) {
        *self.0.0.busy.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.0.idle.notify_all();
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

    #[test]
    fn the_end_waits_for_what_is_to_be_cleaned_up() {
        let stop = Stop::default();
        stop.wait_until_idle(Duration::MAX);
        let (busy, done) = (stop.busy(), stop.busy());
        drop(done);
        let cleaner = std::thread::spawn(move || drop(busy));
        stop.wait_until_idle(Duration::MAX);
        assert_eq!(*stop.0.busy.lock().unwrap(), 0);
        cleaner.join().unwrap();
        let _hangs = stop.busy();
        stop.wait_until_idle(Duration::ZERO);
    }
}
