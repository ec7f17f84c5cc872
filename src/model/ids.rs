//! Ids. A released id never changes: tenants hold them.

use std::fmt;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// The part of an id that the source system gives; up to 24 bytes are held in place.
pub type ObjectId = CompactString;

/// The kinds of resources, in the order of a document's sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named as the resource types are")]
pub enum ResourceKind {
    User,
    Group,
    Role,
    Permission,
    Profile,
    PermissionSetGroup,
}

impl ResourceKind {
    /// All of them, in order.
    pub const ALL: [Self; 6] =
        [Self::User, Self::Group, Self::Role, Self::Permission, Self::Profile, Self::PermissionSetGroup];

    /// The resource type's id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Permission => "permission",
            Self::Profile => "profile",
            Self::PermissionSetGroup => "permission_set_group",
        }
    }

    /// The resource type's name for people.
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Role => "Role",
            Self::Permission => "Permission Set",
            Self::Profile => "Profile",
            Self::PermissionSetGroup => "Permission Set Group",
        }
    }

    /// What the entitlement's name says after the resource's.
    pub const fn entitlement_name(self) -> &'static str {
        match self {
            Self::User => "",
            Self::Group => "Group Member",
            Self::Role => "User Role",
            Self::Permission => "Permission Set",
            Self::Profile => "Profile",
            Self::PermissionSetGroup => "Permission Set Group Member",
        }
    }

    /// The slug of the one entitlement that each resource of the kind has; users have none.
    pub const fn slug(self) -> Option<Slug> {
        match self {
            Self::User => None,
            Self::Group | Self::PermissionSetGroup => Some(Slug::Member),
            Self::Role | Self::Permission | Self::Profile => Some(Slug::Assigned),
        }
    }

    /// The kinds that can hold the entitlement.
    pub const fn grantable_to(self) -> &'static [Self] {
        match self {
            Self::User => &[],
            Self::Group => &[Self::User, Self::Group],
            Self::Permission => &[Self::User, Self::PermissionSetGroup],
            Self::Role | Self::Profile | Self::PermissionSetGroup => &[Self::User],
        }
    }

    /// The kind with this id.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

/// Names a resource: its kind and its id in the source system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceId {
    /// What it is.
    pub kind: ResourceKind,
    /// Which one.
    pub id: ObjectId,
}

impl ResourceId {
    /// Puts the two together.
    pub fn new(kind: ResourceKind, id: impl Into<ObjectId>) -> Self {
        Self { kind, id: id.into() }
    }

    /// The one entitlement of this resource; `None` for users.
    pub fn entitlement(&self) -> Option<EntitlementId> {
        Some(EntitlementId { resource: self.clone(), slug: self.kind.slug()? })
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.id(), self.id)
    }
}

/// What a resource gives to those who hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Slug {
    /// Roles, permission sets, profiles.
    Assigned,
    /// Groups and permission set groups.
    Member,
}

impl Slug {
    /// As it stands in ids.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Member => "member",
        }
    }
}

/// Names an entitlement: `type:id:slug`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntitlementId {
    /// Whose it is.
    pub resource: ResourceId,
    /// Which one of that resource's.
    pub slug: Slug,
}

impl fmt::Display for EntitlementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource, self.slug.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn released_ids_stay_as_they_are() {
        let id = |kind| ResourceId::new(kind, "X").entitlement().map(|e| e.to_string());
        assert_eq!(id(ResourceKind::User), None);
        assert_eq!(id(ResourceKind::Group).as_deref(), Some("group:X:member"));
        assert_eq!(id(ResourceKind::Role).as_deref(), Some("role:X:assigned"));
        assert_eq!(id(ResourceKind::Permission).as_deref(), Some("permission:X:assigned"));
        assert_eq!(id(ResourceKind::Profile).as_deref(), Some("profile:X:assigned"));
        assert_eq!(id(ResourceKind::PermissionSetGroup).as_deref(), Some("permission_set_group:X:member"));
        for kind in ResourceKind::ALL {
            assert_eq!(ResourceKind::parse(kind.id()), Some(kind));
        }
    }
}
