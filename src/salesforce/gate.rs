//! How many requests may be under way at a time: fewer where Salesforce says that they are too many, and more again later.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// Lets requests through, some at a time.
#[derive(Debug)]
pub(super) struct Gate {
    places: Semaphore,
    /// How many there may be.
    most: usize,
    /// How many there are.
    now: AtomicUsize,
    /// Answers since the number changed.
    calm: AtomicUsize,
}

/// After so many answers one more request may be under way again.
const CALM: usize = 50;

impl Gate {
    pub(super) fn new(most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Self { places: Semaphore::new(most), most, now: AtomicUsize::new(most), calm: AtomicUsize::new(0) }
    }

    /// Waits for a place.
    pub(super) async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed.
        self.places.acquire().await.ok()
    }

    /// Requests under way.
    pub(super) fn under_way(&self) -> usize {
        self.now.load(Ordering::Relaxed).saturating_sub(self.places.available_permits())
    }

    /// Places that nobody uses.
    pub(super) fn idle(&self) -> usize {
        self.places.available_permits()
    }

    /// Whether it ever lets more than one through.
    pub(super) fn is_parallel(&self) -> bool {
        self.most > 1
    }

    /// Gives up a place, unless it is the last one.
    pub(super) fn narrow(&self, place: SemaphorePermit<'_>) {
        self.calm.store(0, Ordering::Relaxed);
        let fewer = |now: usize| (now > 1).then(|| now - 1);
        if self.now.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok() {
            place.forget();
        }
    }

    /// A request was answered.
    pub(super) fn answered(&self) {
        if self.now.load(Ordering::Relaxed) == self.most || self.calm.fetch_add(1, Ordering::Relaxed) + 1 < CALM {
            return;
        }
        self.calm.store(0, Ordering::Relaxed);
        let more = |now: usize| (now < self.most).then(|| now + 1);
        if self.now.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok() {
            self.places.add_permits(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn enter(gate: &Gate) -> SemaphorePermit<'_> {
        gate.enter().now_or_never().unwrap().unwrap()
    }

    #[test]
    fn it_narrows_to_one_and_widens_again() {
        let gate = Gate::new(3);
        for left in [2, 1, 1] {
            let place = enter(&gate);
            assert_eq!(gate.under_way(), 1);
            gate.narrow(place);
            assert_eq!((gate.idle(), gate.under_way()), (left, 0));
        }
        for _ in 1..CALM {
            gate.answered();
        }
        assert_eq!(gate.idle(), 1);
        gate.answered();
        assert_eq!(gate.idle(), 2);
        for _ in 0..CALM * 5 {
            gate.answered();
        }
        assert_eq!(gate.idle(), 3);
    }
}
