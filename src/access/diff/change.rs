//! What a comparison gives: changes, each under what caused it, in the order in which they are told.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::attributes::Attribute;
use super::facts::{Dead, Facts};
use super::key::{parts, push_entitlement, push_resource, rank};
use crate::output::Spooled;

/// Names a resource: kind and id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Name {
    /// `user`, …
    pub kind: CompactString,
    /// Its Salesforce id.
    pub id: CompactString,
}

impl Name {
    pub(super) fn new(kind: &str, id: &str) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }

    /// The resource of an entitlement.
    pub fn of_entitlement(entitlement: &str) -> Self {
        let (kind, id, _) = parts(entitlement);
        Self::new(kind, id)
    }

    /// Whether it is a user.
    pub fn is_user(&self) -> bool {
        self.kind == "user"
    }
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// A resource.
    Resource(Name),
    /// An entitlement, by its id.
    Entitlement(CompactString),
    /// A grant.
    Grant {
        /// What is held.
        entitlement: CompactString,
        /// By whom.
        principal: Name,
    },
    /// An assignment that gives nothing.
    Inactive {
        /// What would be held.
        entitlement: CompactString,
        /// By whom.
        principal: Name,
    },
}

impl Subject {
    fn push(&self, key: &mut Vec<u8>) {
        match self {
            Self::Resource(name) => {
                key.push(0);
                push_resource(key, &name.kind, &name.id);
            }
            Self::Entitlement(id) => {
                key.push(1);
                push_entitlement(key, id);
            }
            Self::Grant { entitlement, principal } => {
                key.push(2);
                push_entitlement(key, entitlement);
                push_resource(key, &principal.kind, &principal.id);
            }
            Self::Inactive { entitlement, principal } => {
                key.push(3);
                push_entitlement(key, entitlement);
                push_resource(key, &principal.kind, &principal.id);
            }
        }
    }
}

/// How it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Act {
    /// It is in the new document alone.
    Added,
    /// It was in the old document alone.
    Removed,
    /// A grant became an assignment that gives nothing, or the other way round.
    Moved,
    /// It is in both, and differs.
    Changed,
}

/// What a grant's change means to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Access {
    /// Held now, and in no way before.
    Gained,
    /// Held in no way any more.
    Lost,
    /// Held before and now.
    Kept,
    /// A document does not tell of all ways to it.
    Unknown,
}

/// Where a change is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Chapter {
    /// With the resource that changed, by the place of its kind.
    Resources(u8),
    /// Given.
    Given,
    /// Taken away.
    Taken,
    /// To or from what gives nothing.
    Moved,
    /// Held in another way, or with other limits.
    Otherwise,
    /// Entitlements that changed without their resources.
    Entitlements,
    /// Assignments that gave nothing before, or give nothing now, and were no grants.
    Inactive,
}

/// What caused a change: something that changed by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Where it is told.
    pub chapter: Chapter,
    /// What.
    pub subject: Subject,
}

impl Cause {
    /// A resource that came, went or changed.
    pub(super) fn resource(name: Name) -> Self {
        Self { chapter: Chapter::Resources(rank(&name.kind)), subject: Subject::Resource(name) }
    }
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What caused it; itself where nothing else did.
    pub cause: Cause,
    /// What changed.
    pub subject: Subject,
    /// How.
    pub act: Act,
    /// Of a user's grant: what that means to him.
    pub access: Option<Access>,
    /// What differs.
    pub attributes: Vec<Attribute>,
    /// Of a grant: how it was held.
    pub old: Option<Facts>,
    /// Of a grant: how it is held.
    pub new: Option<Facts>,
    /// The assignments that gave nothing.
    pub old_inactive: Vec<Dead>,
    /// The assignments that give nothing.
    pub new_inactive: Vec<Dead>,
    pub(super) sort: Vec<u8>,
}

impl Change {
    pub(super) fn new(cause: Cause, subject: Subject, act: Act) -> Self {
        let mut sort = Vec::with_capacity(64);
        cause.subject.push(&mut sort);
        sort.push(u8::from(cause.subject != subject));
        subject.push(&mut sort);
        Self {
            cause,
            subject,
            act,
            access: None,
            attributes: Vec::new(),
            old: None,
            new: None,
            old_inactive: Vec::new(),
            new_inactive: Vec::new(),
            sort,
        }
    }

    /// Whether nothing else caused it.
    pub fn is_cause(&self) -> bool {
        self.cause.subject == self.subject
    }

    /// Whether it is, or was, a direct grant.
    pub fn is_direct(&self) -> bool {
        [&self.old, &self.new].into_iter().flatten().any(|facts| facts.is_direct)
    }
}

/// Boxed, since it is moved often while it is sorted.
impl Spooled for Box<Change> {
    fn order(&self, other: &Self) -> Ordering {
        (self.cause.chapter, &self.sort, self.act).cmp(&(other.cause.chapter, &other.sort, other.act))
    }

    fn weight(&self) -> usize {
        let facts = |facts: &Option<Facts>| facts.as_ref().map_or(0, |facts| 48 * facts.through.len() + 64);
        let attributes: usize = self.attributes.iter().map(|one| size_of_val(one) + 128).sum();
        size_of::<Change>() + 2 * self.sort.len() + attributes + facts(&self.old) + facts(&self.new)
    }

    fn name(&self) -> String {
        format!("{:?}", self.subject)
    }
}

/// How many came, went and changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// In the new document alone.
    pub added: u64,
    /// In the old one alone.
    pub removed: u64,
    /// In both.
    pub changed: u64,
}

impl Tally {
    pub(super) fn count(&mut self, act: Act) {
        match act {
            Act::Added => self.added += 1,
            Act::Removed => self.removed += 1,
            Act::Changed | Act::Moved => self.changed += 1,
        }
    }

    /// All of them.
    pub const fn all(&self) -> u64 {
        self.added + self.removed + self.changed
    }
}

/// Grants that changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct GrantTally {
    /// Those that a row or a rule gives.
    pub direct: Tally,
    /// Those that follow from others alone.
    pub derived: Tally,
    /// Those that became assignments which give nothing, or the other way round.
    pub moved: u64,
}

/// What changed for users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessTally {
    /// Grants of what was held in no way before.
    pub gained: u64,
    /// Grants of what is held in no way any more.
    pub lost: u64,
    /// Grants of which that cannot be told.
    pub unknown: u64,
    /// Users who gained something.
    pub users_who_gained: u64,
    /// Users who lost something.
    pub users_who_lost: u64,
}

/// How much changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// By kind.
    pub resources: BTreeMap<String, Tally>,
    /// Entitlements.
    pub entitlements: Tally,
    /// Grants.
    pub grants: GrantTally,
    /// Assignments that give nothing and were no grants.
    pub inactive_assignments: Tally,
    /// What that means to users.
    pub access: AccessTally,
    /// Derived grants on groups that are followed in one of the documents alone: nobody gained or lost by that.
    pub written_once: u64,
}

impl Counts {
    pub(super) fn count(&mut self, change: &Change) {
        match &change.subject {
            Subject::Resource(name) => self.resources.entry(name.kind.to_string()).or_default().count(change.act),
            Subject::Entitlement(_) => self.entitlements.count(change.act),
            Subject::Inactive { .. } => self.inactive_assignments.count(change.act),
            Subject::Grant { .. } if change.act == Act::Moved => self.grants.moved += 1,
            Subject::Grant { .. } if change.is_direct() => self.grants.direct.count(change.act),
            Subject::Grant { .. } => self.grants.derived.count(change.act),
        }
        match change.access {
            Some(Access::Gained) => self.access.gained += 1,
            Some(Access::Lost) => self.access.lost += 1,
            Some(Access::Unknown) => self.access.unknown += 1,
            Some(Access::Kept) | None => {}
        }
    }

    /// Whether nothing changed.
    pub fn is_none(&self) -> bool {
        let Self { resources, entitlements, grants, inactive_assignments, .. } = self;
        let tallies = [entitlements, &grants.direct, &grants.derived, inactive_assignments];
        resources.values().chain(tallies).all(|tally| tally.all() == 0) && grants.moved == 0
    }
}
