//! Grants: who holds what.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{EntitlementId, ResourceId};
use crate::time::Timestamp;

/// A principal holds an entitlement. Ordered by entitlement, then by principal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    /// What is held.
    pub entitlement: EntitlementId,
    /// Who holds it.
    pub principal: ResourceId,
    /// Set where the members of the principal hold it too.
    pub expandable: Option<Expandable>,
    /// Through which entitlements the principal holds it, by their ids; empty where he holds it directly alone.
    pub sources: Vec<Source>,
    /// What is known about the grant.
    pub metadata: GrantMetadata,
}

/// Whoever holds `source` holds the grant's entitlement too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Expandable {
    /// The entitlement of the principal that makes its holders members.
    pub source: EntitlementId,
    /// Whether only those count who hold `source` directly.
    pub shallow: bool,
}

/// An entitlement through which a grant is held. A grant that is also direct names its own entitlement too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// Whether the principal holds that one directly.
    pub is_direct: bool,
}

/// What is known about a grant. What is unknown is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is an attribute of its own in the document")]
pub struct GrantMetadata {
    /// When it was given.
    pub assigned_at: Option<Timestamp>,
    /// When it ends by itself: of the ways to it, the one that lasts longest counts.
    pub expires_at: Option<Timestamp>,
    /// Whether a user access policy gave it.
    pub assigned_by_policy: bool,
    /// Whether no row says so: the rule of the group does.
    pub by_rule: bool,
    /// Whether it gives nothing until a session is activated, whichever way it comes.
    pub session_activation: bool,
    /// When the direct way ends and whether that gives nothing until a session is activated, where the grant as a whole
    /// is limited less.
    pub direct: Option<(Option<Timestamp>, bool)>,
    /// Rights of the permission set that the permission set group, the principal, mutes.
    pub muted_rights: Vec<String>,
    /// Whether all ways to it lead through groups that mute some of its rights.
    pub partial: bool,
    /// Whether all ways to it lead through groups whose rights Salesforce has not brought up to date.
    pub stale: bool,
}

impl Grant {
    /// A grant to somebody who is no group of others.
    pub fn direct(entitlement: EntitlementId, principal: ResourceId, metadata: GrantMetadata) -> Self {
        Self { entitlement, principal, expandable: None, sources: Vec::new(), metadata }
    }

    /// A grant to a group of others, whose members hold it too.
    pub fn expandable(entitlement: EntitlementId, principal: ResourceId, shallow: bool) -> Self {
        let expandable = principal.entitlement().map(|source| Expandable { source, shallow });
        Self { expandable, ..Self::direct(entitlement, principal, GrantMetadata::default()) }
    }

    /// Whether it is there without any other grant. What a group's rule gives is direct, too.
    pub fn is_direct(&self) -> bool {
        self.sources.is_empty() || self.sources.iter().any(|source| source.entitlement == self.entitlement)
    }

    /// Whether no row can be deleted to end it: it follows from others, or from a rule.
    pub fn is_immutable(&self) -> bool {
        self.metadata.by_rule || !self.is_direct()
    }

    /// `type:id:slug:principalType:principalId`.
    pub fn id(&self) -> impl fmt::Display {
        std::fmt::from_fn(|f| write!(f, "{}:{}", self.entitlement, self.principal))
    }
}

/// An assignment that gives nothing (any more).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InactiveAssignment {
    /// What would be held.
    pub entitlement: EntitlementId,
    /// By whom.
    pub principal: ResourceId,
    /// Why it is not.
    pub reason: InactiveReason,
    /// What is known about it.
    pub metadata: GrantMetadata,
}

/// Why an assignment gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum InactiveReason {
    /// Its expiration date has passed.
    Expired,
    /// A user access policy revoked it.
    Revoked,
    /// It is marked inactive, and neither of the others.
    Inactive,
}

impl InactiveReason {
    /// As it stands in a document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "EXPIRED",
            Self::Revoked => "REVOKED",
            Self::Inactive => "INACTIVE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ResourceKind;
    use super::*;

    #[test]
    fn a_grant_is_named_by_entitlement_and_principal() {
        let set = ResourceId::new(ResourceKind::Permission, "0PSX");
        let user = ResourceId::new(ResourceKind::User, "005X");
        let mut grant = Grant::direct(set.entitlement().unwrap(), user, GrantMetadata::default());
        assert_eq!(grant.id().to_string(), "permission:0PSX:assigned:user:005X");
        assert!(grant.is_direct() && !grant.is_immutable());
        let group = ResourceId::new(ResourceKind::PermissionSetGroup, "0PGX").entitlement().unwrap();
        grant.sources.push(Source { entitlement: group, is_direct: true });
        assert!(!grant.is_direct() && grant.is_immutable());
        grant.sources.push(Source { entitlement: set.entitlement().unwrap(), is_direct: true });
        assert!(grant.is_direct() && !grant.is_immutable());
    }
}
