//! Until when, and under which condition, something is held.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::Held;
use crate::time::Timestamp;

/// Until when, and under which condition, something is held. Without either by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Limits {
    /// When it ends by itself; `None` if never.
    pub expires_at: Option<Timestamp>,
    /// Whether it gives nothing until a session is activated.
    pub session_activation: bool,
}

impl Limits {
    /// What holds where one is held as `self` and as `other` says: it lasts as long as either, and is conditional where
    /// both are.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let expires_at = self.expires_at.zip(other.expires_at).map(|(one, other)| one.max(other));
        Self { expires_at, session_activation: self.session_activation && other.session_activation }
    }
}

/// Limits by their number: few are distinct, and most are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interned(u32);

#[derive(Debug)]
pub(super) struct Interner {
    /// The first is no limit at all.
    all: Vec<Limits>,
    numbers: HashMap<Limits, u32, RandomState>,
}

impl Default for Interner {
    fn default() -> Self {
        Self { all: vec![Limits::default()], numbers: std::iter::once((Limits::default(), 0)).collect() }
    }
}

impl Interner {
    pub(super) fn intern(&mut self, limits: Limits) -> Interned {
        if limits == Limits::default() {
            return Interned(0);
        }
        Interned(*self.numbers.entry(limits).or_insert_with(|| {
            self.all.push(limits);
            // As many distinct limits as that do not fit into memory.
            u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
        }))
    }

    pub(super) fn get(&self, number: Interned) -> Limits {
        self.all[number.0 as usize]
    }

    fn or(&mut self, one: Interned, other: Interned) -> Interned {
        if one == other { one } else { self.intern(self.get(one).or(self.get(other))) }
    }
}

/// Sorts by user; each of them once, with the least of his limits.
pub(super) fn sort_and_join(held: &mut Vec<Held>, interner: &mut Interner) {
    // Stable, since what comes here is mostly a few sorted lists one after the other, which such a sort merges.
    held.sort_by_key(|held| held.user);
    held.dedup_by(|next, kept| {
        let is_same = next.user == kept.user;
        if is_same {
            kept.limits = interner.or(kept.limits, next.limits);
        }
        is_same
    });
}
