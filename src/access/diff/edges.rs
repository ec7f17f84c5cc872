//! What groups, roles and the like hold: when that changes, so does what their members hold.

use std::collections::HashMap;

use compact_str::CompactString;
use foldhash::fast::RandomState;

use super::Which;
use super::change::Cause;
use super::limit::Limit;

/// Why one document lacks a way from one entitlement to another that the other document has.
#[derive(Debug, Clone)]
pub(super) enum Lacking {
    /// It came or went, by this.
    Known(Cause),
    /// One document does not tell.
    Unknown(Limit, Which),
}

/// The ways that differ: from the entitlement that is held to the one that follows.
#[derive(Debug, Default)]
pub(super) struct Edges {
    lacking: [HashMap<CompactString, Lacking, RandomState>; 2],
    changed: HashMap<CompactString, Cause, RandomState>,
}

/// Both entitlements in one text, so that a look-up needs no more than one.
fn key(source: &str, target: &str) -> CompactString {
    let mut key = CompactString::with_capacity(source.len() + target.len() + 1);
    key.push_str(source);
    key.push('\0');
    key.push_str(target);
    key
}

impl Edges {
    /// One document lacks a way.
    pub(super) fn lack(&mut self, source: &str, target: &str, which: Which, lacking: Lacking) {
        self.lacking[which as usize].insert(key(source, target), lacking);
    }

    /// Both have a way, with other limits.
    pub(super) fn change(&mut self, source: &str, target: &str, cause: Cause) {
        self.changed.insert(key(source, target), cause);
    }

    /// Why a document lacks a way, if it does.
    pub(super) fn lacking(&self, source: &str, target: &str, which: Which) -> Option<&Lacking> {
        let lacking = &self.lacking[which as usize];
        if lacking.is_empty() { None } else { lacking.get(&key(source, target)) }
    }

    /// What changed the limits of a way, if anything did.
    pub(super) fn changed(&self, source: &str, target: &str) -> Option<&Cause> {
        if self.changed.is_empty() { None } else { self.changed.get(&key(source, target)) }
    }
}
