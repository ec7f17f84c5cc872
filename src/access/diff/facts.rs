//! What is compared of a grant: how it is held, and with which limits.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attributes::Attribute;
use crate::output::read::{Grant, InactiveAssignment};
use crate::time::Timestamp;

/// How a grant is held, and with which limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Whether a row or a rule says so.
    pub is_direct: bool,
    /// Whether the rule of the group says so, and no row.
    pub by_rule: bool,
    /// Through which other entitlements it is held too, and whether the principal holds that one directly; sorted.
    pub through: Vec<(CompactString, bool)>,
    /// Whoever holds these holds the grant's entitlement too.
    pub expandable: Vec<CompactString>,
    /// Whether only those count who hold one directly.
    pub shallow: bool,
    /// When it was given.
    pub assigned_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When the direct way ends, where another one lasts longer.
    pub direct_expires_at: Option<Timestamp>,
    /// `session_activation`
    pub condition: Option<CompactString>,
    /// The condition of the direct way, where another one has none.
    pub direct_condition: Option<CompactString>,
    /// Whether a user access policy gave it.
    pub by_policy: bool,
    /// Rights that the principal mutes.
    pub muted_rights: Vec<String>,
    /// Whether all ways to it lead through groups that mute some of its rights.
    pub partial: bool,
    /// Whether all ways to it lead through groups whose rights are out of date.
    pub stale: bool,
}

/// An assignment that gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dead {
    /// `EXPIRED`, …
    pub reason: CompactString,
    /// When it ended.
    pub expires_at: Option<Timestamp>,
    /// When it was given.
    pub assigned_at: Option<Timestamp>,
}

impl From<&InactiveAssignment<'_>> for Dead {
    fn from(assignment: &InactiveAssignment<'_>) -> Self {
        let InactiveAssignment { reason, expires_at, assigned_at, .. } = assignment;
        Self { reason: CompactString::from(&**reason), expires_at: *expires_at, assigned_at: *assigned_at }
    }
}

impl From<&Grant<'_>> for Facts {
    fn from(grant: &Grant<'_>) -> Self {
        let (metadata, own) = (&grant.metadata, &*grant.entitlement);
        let others = grant.sources.iter().filter(|source| *source.entitlement != *own);
        let mut through: Vec<_> = others.map(|source| ((&*source.entitlement).into(), source.is_direct)).collect();
        through.sort_unstable();
        let expandable = grant.expandable.as_ref();
        let sources = expandable.into_iter().flat_map(|expandable| &expandable.entitlement_ids);
        Self {
            is_direct: grant.is_direct(),
            by_rule: metadata.by_rule,
            through,
            expandable: sources.map(|source| (&**source).into()).collect(),
            shallow: expandable.is_some_and(|expandable| expandable.shallow),
            assigned_at: metadata.assigned_at,
            expires_at: metadata.expires_at,
            direct_expires_at: metadata.direct_expires_at,
            condition: metadata.condition.as_deref().map(CompactString::from),
            direct_condition: metadata.direct_condition.as_deref().map(CompactString::from),
            by_policy: metadata.assigned_by_policy,
            muted_rights: metadata.muted_rights.iter().map(|right| (**right).to_owned()).collect(),
            partial: metadata.partial,
            stale: metadata.stale,
        }
    }
}

/// What is left out of a comparison of two grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Leave {
    /// Whether noise is compared too: when it was given, and how its sources are held.
    pub with_noise: bool,
    /// Ways through others: one document does not tell them, or tells them otherwise.
    pub derived: bool,
    /// When it ends and which assignments live: one document does not tell.
    pub validity: bool,
    /// Muted rights: one document does not tell.
    pub muting: bool,
    /// Which grants need activating in a session: one document does not tell.
    pub conditions: bool,
    /// Which grants a user access policy gave: one document does not tell.
    pub policies: bool,
}

impl Facts {
    /// Whether it is held through that entitlement.
    pub fn is_through(&self, source: &str) -> bool {
        self.through.iter().any(|(through, _)| through == source)
    }

    /// The direct way alone.
    #[must_use]
    pub fn direct_part(&self) -> Self {
        let is_split = self.direct_expires_at.is_some() || self.direct_condition.is_some();
        Self {
            through: Vec::new(),
            expires_at: if is_split { self.direct_expires_at } else { self.expires_at },
            condition: if is_split { self.direct_condition.clone() } else { self.condition.clone() },
            direct_expires_at: None,
            direct_condition: None,
            partial: false,
            stale: false,
            ..self.clone()
        }
    }

    /// What differs, but for the ways to it.
    pub fn limits_changed(&self, new: &Self, leave: Leave) -> Vec<Attribute> {
        let (whole_old, whole_new);
        let (old, new) = if leave.derived {
            (whole_old, whole_new) = (self.direct_part(), new.direct_part());
            (&whole_old, &whole_new)
        } else {
            (self, new)
        };
        let mut changed = Vec::new();
        let flag = |value: &bool| value.then_some(Value::Bool(true));
        let time = |time: &Option<Timestamp>| time.map(|time| time.to_string().into());
        let text = |text: &Option<CompactString>| text.as_ref().map(|text| text.as_str().into());
        let names = |list: &Vec<CompactString>| {
            (!list.is_empty()).then(|| list.iter().map(CompactString::as_str).collect::<Vec<_>>().into())
        };
        let rights = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone().into());
        let both = &mut changed;
        // A grant that is now held directly as well is told by that; the rule goes with it.
        let both_direct = old.is_direct && new.is_direct;
        if both_direct {
            differ(both, "byRule", &old.by_rule, &new.by_rule, flag);
        }
        if !leave.validity {
            differ(both, "expiresAt", &old.expires_at, &new.expires_at, time);
            if both_direct {
                differ(both, "directExpiresAt", &old.direct_expires_at, &new.direct_expires_at, time);
            }
        }
        if !leave.conditions {
            differ(both, "condition", &old.condition, &new.condition, text);
            if both_direct {
                differ(both, "directCondition", &old.direct_condition, &new.direct_condition, text);
            }
        }
        if !leave.policies {
            differ(both, "assignedByPolicy", &old.by_policy, &new.by_policy, flag);
        }
        if !leave.muting {
            differ(both, "mutedRights", &old.muted_rights, &new.muted_rights, rights);
            differ(both, "partial", &old.partial, &new.partial, flag);
            differ(both, "stale", &old.stale, &new.stale, flag);
        }
        differ(both, "expandable", &old.expandable, &new.expandable, names);
        differ(both, "shallow", &old.shallow, &new.shallow, flag);
        if leave.with_noise {
            differ(both, "assignedAt", &old.assigned_at, &new.assigned_at, time);
        }
        changed
    }
}

/// Notes that something differs.
fn differ<T: PartialEq>(
    changed: &mut Vec<Attribute>,
    name: &str,
    old: &T,
    new: &T,
    value: impl Fn(&T) -> Option<Value>,
) {
    if old != new {
        changed.extend(Attribute::changed(name, value(old).as_ref(), value(new).as_ref()));
    }
}
