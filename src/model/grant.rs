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

/// What is known about a grant. What is unknown is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GrantMetadata {
    /// When it was given.
    pub assigned_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// Whether a user access policy gave it.
    pub assigned_by_policy: bool,
}

impl Grant {
    /// A grant to somebody who is no group of others.
    pub fn direct(entitlement: EntitlementId, principal: ResourceId, metadata: GrantMetadata) -> Self {
        Self { entitlement, principal, expandable: None, metadata }
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
        let grant = Grant::direct(set.entitlement().unwrap(), user, GrantMetadata::default());
        assert_eq!(grant.id().to_string(), "permission:0PSX:assigned:user:005X");
    }
}
