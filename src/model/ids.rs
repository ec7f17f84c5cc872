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
    Territory,
    ConnectedApplication,
    Agent,
    PermissionSetLicense,
    SystemPermission,
}

impl ResourceKind {
    /// All of them, in order.
    pub const ALL: [Self; 11] = [
        Self::User,
        Self::Group,
        Self::Role,
        Self::Permission,
        Self::Profile,
        Self::PermissionSetGroup,
        Self::Territory,
        Self::ConnectedApplication,
        Self::Agent,
        Self::PermissionSetLicense,
        Self::SystemPermission,
    ];

    /// Whether it is in a document only where it is asked for.
    pub const fn is_opt_in(self) -> bool {
        matches!(
            self,
            Self::Territory
                | Self::ConnectedApplication
                | Self::Agent
                | Self::PermissionSetLicense
                | Self::SystemPermission
        )
    }

    /// The resource type's id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Permission => "permission",
            Self::Profile => "profile",
            Self::PermissionSetGroup => "permission_set_group",
            Self::Territory => "territory",
            Self::ConnectedApplication => "connected_application",
            Self::Agent => "agent",
            Self::PermissionSetLicense => "permission_set_license",
            Self::SystemPermission => "system_permission",
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
            Self::Territory => "Territory",
            Self::ConnectedApplication => "Connected Application",
            Self::Agent => "Agent",
            Self::PermissionSetLicense => "Permission Set License",
            Self::SystemPermission => "System Permission",
        }
    }

    /// What the entitlement's name says after the resource's.
    pub const fn entitlement_name(self) -> &'static str {
        match self {
            Self::User | Self::Agent => "",
            Self::Group => "Group Member",
            Self::Role => "User Role",
            Self::Permission => "Permission Set",
            Self::Profile => "Profile",
            Self::PermissionSetGroup => "Permission Set Group Member",
            Self::Territory => "Territory Member",
            Self::ConnectedApplication => "Connected Application",
            Self::PermissionSetLicense => "Permission Set License",
            Self::SystemPermission => "System Permission",
        }
    }

    /// The slug of the entitlement that each resource of the kind has; users and agents have none. (Territories have
    /// further ones, for the roles in them.)
    pub const fn slug(self) -> Option<Slug> {
        match self {
            Self::User | Self::Agent => None,
            Self::Group | Self::PermissionSetGroup | Self::Territory => Some(Slug::Member),
            Self::Role | Self::Permission | Self::Profile | Self::PermissionSetLicense => Some(Slug::Assigned),
            Self::ConnectedApplication => Some(Slug::Authorized),
            Self::SystemPermission => Some(Slug::Granted),
        }
    }

    /// The kinds that can hold the entitlement.
    pub const fn grantable_to(self) -> &'static [Self] {
        match self {
            Self::User | Self::Agent => &[],
            Self::Group => &[Self::User, Self::Group, Self::Role, Self::Territory],
            Self::Permission => &[Self::User, Self::PermissionSetGroup],
            Self::Role | Self::Profile | Self::PermissionSetGroup | Self::Territory | Self::PermissionSetLicense => {
                &[Self::User]
            }
            Self::ConnectedApplication | Self::SystemPermission => {
                &[Self::User, Self::Permission, Self::Profile, Self::PermissionSetGroup]
            }
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

    /// The entitlement that every resource of its kind has; `None` for users and agents.
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Slug {
    /// Roles, permission sets, profiles, permission set licences.
    Assigned,
    /// Connected applications.
    Authorized,
    /// System permissions.
    Granted,
    /// Groups, permission set groups, territories.
    Member,
    /// A role in a territory (`RoleInTerritory2`).
    Role(CompactString),
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assigned => f.write_str("assigned"),
            Self::Authorized => f.write_str("authorized"),
            Self::Granted => f.write_str("granted"),
            Self::Member => f.write_str("member"),
            Self::Role(role) => write!(f, "role:{role}"),
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
        write!(f, "{}:{}", self.resource, self.slug)
    }
}

/// Where a kind stands in a document: those of other programs after ours, by their ids.
pub fn order_of_kind(id: &str) -> (usize, &str) {
    (ResourceKind::ALL.into_iter().position(|kind| kind.id() == id).unwrap_or(ResourceKind::ALL.len()), id)
}

/// Where an entitlement stands in a document, by its id alone: kind, resource, slug.
pub fn order_of_entitlement(id: &str) -> ((usize, &str), &str, &str) {
    let (kind, rest) = id.split_once(':').unwrap_or((id, ""));
    // The one slug that has a colon itself is that of a role in a territory, whose ids have none.
    let split = if kind == ResourceKind::Territory.id() { rest.split_once(':') } else { rest.rsplit_once(':') };
    let (resource, slug) = split.unwrap_or((rest, ""));
    (order_of_kind(kind), resource, slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_entitlements_is_told_by_their_ids() {
        let mut all = Vec::new();
        for kind in ResourceKind::ALL {
            for id in ["X", "X:Y", "X1", "XY", "x"] {
                // The ids of territories have no colon.
                let id = if kind == ResourceKind::Territory { id.replace(':', "") } else { id.to_owned() };
                all.extend(ResourceId::new(kind, id).entitlement());
            }
        }
        let resource = ResourceId::new(ResourceKind::Territory, "X");
        all.push(EntitlementId { resource: resource.clone(), slug: Slug::Role("A:b".into()) });
        all.push(EntitlementId { resource, slug: Slug::Role("A".into()) });
        all.sort();
        let mut texts: Vec<_> = all.iter().map(ToString::to_string).collect();
        texts.reverse();
        texts.sort_by(|one, other| order_of_entitlement(one).cmp(&order_of_entitlement(other)));
        assert_eq!(texts, all.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert!(order_of_kind("vault") > order_of_kind("system_permission"));
    }

    #[test]
    fn released_ids_stay_as_they_are() {
        let id = |kind| ResourceId::new(kind, "X").entitlement().map(|e| e.to_string());
        assert_eq!(id(ResourceKind::User), None);
        assert_eq!(id(ResourceKind::Group).as_deref(), Some("group:X:member"));
        assert_eq!(id(ResourceKind::Role).as_deref(), Some("role:X:assigned"));
        assert_eq!(id(ResourceKind::Permission).as_deref(), Some("permission:X:assigned"));
        assert_eq!(id(ResourceKind::Profile).as_deref(), Some("profile:X:assigned"));
        assert_eq!(id(ResourceKind::PermissionSetGroup).as_deref(), Some("permission_set_group:X:member"));
        assert_eq!(id(ResourceKind::Territory).as_deref(), Some("territory:X:member"));
        assert_eq!(id(ResourceKind::ConnectedApplication).as_deref(), Some("connected_application:X:authorized"));
        assert_eq!(id(ResourceKind::Agent), None);
        assert_eq!(id(ResourceKind::PermissionSetLicense).as_deref(), Some("permission_set_license:X:assigned"));
        assert_eq!(id(ResourceKind::SystemPermission).as_deref(), Some("system_permission:X:granted"));
        let resource = ResourceId::new(ResourceKind::Territory, "X");
        let role = EntitlementId { resource, slug: Slug::Role("Account Manager".into()) };
        assert_eq!(role.to_string(), "territory:X:role:Account Manager");
        for kind in ResourceKind::ALL {
            assert_eq!(ResourceKind::parse(kind.id()), Some(kind));
        }
    }
}
