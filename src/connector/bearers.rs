//! Who bears what a permission set row carries: the set itself, the profile that owns it, or the group it sums up.

use super::permission_sets::{SetKind, Sets};
use super::{IdMap, IdSet, Missing, Options, resource_id};
use crate::model::{EntitlementId, Grant, ResourceId, ResourceKind};
use crate::salesforce::RecordId;

/// What was listed.
#[derive(Debug)]
pub struct Bearers<'a> {
    /// Which kinds are in the document.
    pub options: &'a Options,
    /// The permission sets.
    pub sets: &'a Sets,
    /// The profiles.
    pub profiles: &'a IdMap<Option<RecordId>>,
    /// The permission set groups.
    pub set_groups: &'a IdSet,
    /// Aggregates that stand in for a group that was not listed.
    pub stand_ins: &'a IdSet,
    /// Aggregates that Salesforce has not brought up to date.
    pub stale: &'a IdSet,
}

impl Bearers<'_> {
    /// The grant of what `set` carries. Where the set is held through a group, the group's aggregate decides, not the set:
    /// such a grant passes on those alone who hold the set directly. `None` where nobody in the document can hold it.
    pub fn grant(&self, entitlement: EntitlementId, set: RecordId) -> Result<Option<Grant>, Missing> {
        let permission = |set| resource_id(ResourceKind::Permission, set);
        let (principal, shallow): (ResourceId, bool) = match self.sets.get(&set) {
            None => return Err(Missing::Principal(set)),
            Some(SetKind::Assignable) => (permission(set), true),
            Some(SetKind::OwnedBy(profile)) => match profile {
                Some(profile) if self.profiles.contains_key(profile) => {
                    (resource_id(ResourceKind::Profile, *profile), false)
                }
                // Salesforce shows the set and not its profile, and its users say that their rights are not known.
                other => return Err(Missing::Principal(other.unwrap_or(set))),
            },
            Some(SetKind::AggregateOf(group)) if self.set_groups.contains(group) => {
                (resource_id(ResourceKind::PermissionSetGroup, *group), false)
            }
            Some(SetKind::AggregateOf(_)) if self.stand_ins.contains(&set) => (permission(set), true),
            Some(SetKind::AggregateOf(_)) => return Ok(None),
        };
        if !self.options.has(principal.kind) {
            return match RecordId::parse(&principal.id) {
                Ok(id) => Err(Missing::Principal(id)),
                Err(_) => Ok(None),
            };
        }
        Ok(Some(Grant::expandable(entitlement, principal, shallow)))
    }
}
