//! The Baton messages in their protobuf-JSON form: camelCase, enum names, annotations with their `@type`, default
//! values left out. What stands elsewhere in the document is named by its id alone.

use std::fmt::Display;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::model::{
    AccountType, Entitlement, Expandable, Grant, GrantMetadata, InactiveAssignment, Profile, Resource, ResourceId,
    ResourceKind, Source, Status, StructuredName, Trait, UserTrait, Value,
};

pub(crate) const PACKAGE: &str = "type.googleapis.com/c1.connector.v2";

/// Writes a message in its protobuf-JSON form.
pub(crate) struct Proto<'a, T: ?Sized>(pub(crate) &'a T);

/// Anything that shows itself as text.
struct Text<T>(T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// `{"id": …}`
struct ById<T>(T);

impl<T: Serialize> Serialize for ById<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("id", &self.0)?;
        map.end()
    }
}

impl Serialize for Proto<'_, ResourceKind> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.0.id())?;
        map.serialize_entry("displayName", self.0.display_name())?;
        let of = match self.0 {
            ResourceKind::User => Some("TRAIT_USER"),
            ResourceKind::Group => Some("TRAIT_GROUP"),
            ResourceKind::Role => Some("TRAIT_ROLE"),
            ResourceKind::ConnectedApplication => Some("TRAIT_APP"),
            _ => None,
        };
        if let Some(of) = of {
            map.serialize_entry("traits", &[of])?;
        }
        map.end()
    }
}

impl Serialize for Proto<'_, ResourceId> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("resourceType", self.0.kind.id())?;
        map.serialize_entry("resource", self.0.id.as_str())?;
        map.end()
    }
}

impl Serialize for Proto<'_, Resource> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let resource = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &Proto(&resource.id))?;
        map.serialize_entry("displayName", &resource.display_name)?;
        if !resource.description.is_empty() {
            map.serialize_entry("description", &resource.description)?;
        }
        if matches!(resource.kind, Trait::None) {
            if !resource.profile.is_empty() {
                map.serialize_entry("profile", &Proto(&resource.profile))?;
            }
        } else {
            map.serialize_entry("annotations", &[TraitOf(resource)])?;
        }
        map.end()
    }
}

struct TraitOf<'a>(&'a Resource);

impl Serialize for TraitOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = match self.0.kind {
            Trait::User(_) => "UserTrait",
            Trait::Group => "GroupTrait",
            Trait::Role => "RoleTrait",
            Trait::App => "AppTrait",
            Trait::None => return serializer.serialize_none(),
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("@type", &Text(format_args!("{PACKAGE}.{name}")))?;
        if let Trait::User(user) = &self.0.kind {
            write_user(&mut map, user)?;
        }
        if !self.0.profile.is_empty() {
            map.serialize_entry("profile", &Proto(&self.0.profile))?;
        }
        map.end()
    }
}

fn write_user<M: SerializeMap>(map: &mut M, user: &UserTrait) -> Result<(), M::Error> {
    if let Some(email) = &user.email {
        map.serialize_entry("emails", &[Email(email)])?;
    }
    map.serialize_entry("status", &Proto(&user.status))?;
    let account_type = match user.account_type {
        AccountType::Human => "ACCOUNT_TYPE_HUMAN",
        AccountType::Service => "ACCOUNT_TYPE_SERVICE",
        AccountType::System => "ACCOUNT_TYPE_SYSTEM",
    };
    map.serialize_entry("accountType", account_type)?;
    map.serialize_entry("login", &user.login)?;
    if let Some(id) = &user.employee_id {
        map.serialize_entry("employeeIds", &[id])?;
    }
    if let Some(time) = user.created_at {
        map.serialize_entry("createdAt", &Text(time))?;
    }
    if let Some(time) = user.last_login {
        map.serialize_entry("lastLogin", &Text(time))?;
    }
    if user.name != StructuredName::default() {
        map.serialize_entry("structuredName", &Proto(&user.name))?;
    }
    Ok(())
}

struct Email<'a>(&'a str);

impl Serialize for Email<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("address", self.0)?;
        map.serialize_entry("isPrimary", &true)?;
        map.end()
    }
}

impl Serialize for Proto<'_, Status> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (status, details) = match self.0 {
            Status::Enabled => ("STATUS_ENABLED", None),
            Status::Inactive => ("STATUS_DISABLED", Some("inactive")),
            Status::Frozen => ("STATUS_DISABLED", Some("frozen")),
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", status)?;
        if let Some(details) = details {
            map.serialize_entry("details", details)?;
        }
        map.end()
    }
}

impl Serialize for Proto<'_, StructuredName> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(name) = &self.0.given {
            map.serialize_entry("givenName", name)?;
        }
        if let Some(name) = &self.0.family {
            map.serialize_entry("familyName", name)?;
        }
        map.end()
    }
}

impl Serialize for Proto<'_, Profile> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Proto(value))))
    }
}

impl Serialize for Proto<'_, Value> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(value) => serializer.serialize_i64(*value),
            Value::Text(value) => serializer.serialize_str(value),
            Value::List(values) => {
                let mut list = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    list.serialize_element(value)?;
                }
                list.end()
            }
        }
    }
}

impl Serialize for Proto<'_, Entitlement> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entitlement = self.0;
        let id = &entitlement.id;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("resource", &ById(Proto(&id.resource)))?;
        map.serialize_entry("id", &Text(id))?;
        map.serialize_entry("displayName", &entitlement.display_name)?;
        if !entitlement.description.is_empty() {
            map.serialize_entry("description", &entitlement.description)?;
        }
        let kinds: Vec<_> = id.resource.kind.grantable_to().iter().map(|kind| ById(kind.id())).collect();
        map.serialize_entry("grantableTo", &kinds)?;
        let purpose = match id.resource.kind {
            ResourceKind::SystemPermission => "PURPOSE_VALUE_PERMISSION",
            _ => "PURPOSE_VALUE_ASSIGNMENT",
        };
        map.serialize_entry("purpose", purpose)?;
        map.serialize_entry("slug", &Text(&id.slug))?;
        map.end()
    }
}

impl Serialize for Proto<'_, Grant> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let grant = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &Text(grant.id()))?;
        map.serialize_entry("entitlement", &ById(Text(&grant.entitlement)))?;
        map.serialize_entry("principal", &ById(Proto(&grant.principal)))?;
        if !grant.sources.is_empty() {
            map.serialize_entry("sources", &Sources(&grant.sources))?;
        }
        let annotations = Annotations(grant);
        if annotations.count() > 0 {
            map.serialize_entry("annotations", &annotations)?;
        }
        map.end()
    }
}

/// `{"sources": {"<entitlement>": {"isDirect": true}}}`
struct Sources<'a>(&'a [Source]);

impl Serialize for Sources<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct BySource<'a>(&'a [Source]);
        impl Serialize for BySource<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().map(|source| (Text(&source.entitlement), Proto(source))))
            }
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("sources", &BySource(self.0))?;
        map.end()
    }
}

impl Serialize for Proto<'_, Source> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.0.is_direct {
            map.serialize_entry("isDirect", &true)?;
        }
        map.end()
    }
}

struct Annotations<'a>(&'a Grant);

impl Annotations<'_> {
    fn count(&self) -> usize {
        let Grant { expandable, metadata, .. } = self.0;
        usize::from(expandable.is_some())
            + usize::from(self.0.is_immutable())
            + usize::from(*metadata != GrantMetadata::default())
    }
}

impl Serialize for Annotations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.count()))?;
        if let Some(expandable) = &self.0.expandable {
            list.serialize_element(&Proto(expandable))?;
        }
        if self.0.is_immutable() {
            list.serialize_element(&Immutable)?;
        }
        if self.0.metadata != GrantMetadata::default() {
            list.serialize_element(&Proto(&self.0.metadata))?;
        }
        list.end()
    }
}

/// The grant follows from others, or from a rule.
struct Immutable;

impl Serialize for Immutable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("@type", &Text(format_args!("{PACKAGE}.GrantImmutable")))?;
        map.end()
    }
}

impl Serialize for Proto<'_, Expandable> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("@type", &Text(format_args!("{PACKAGE}.GrantExpandable")))?;
        map.serialize_entry("entitlementIds", &[Text(&self.0.source)])?;
        if self.0.shallow {
            map.serialize_entry("shallow", &true)?;
        }
        // Users alone are copied upward, not the groups and roles between.
        map.serialize_entry("resourceTypeIds", &[ResourceKind::User.id()])?;
        map.end()
    }
}

impl Serialize for Proto<'_, GrantMetadata> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Metadata<'a>(&'a GrantMetadata);
        impl Serialize for Metadata<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                if let Some(time) = self.0.assigned_at {
                    map.serialize_entry("assigned_at", &Text(time))?;
                }
                for (name, is_set) in [("assigned_by_policy", self.0.assigned_by_policy), ("by_rule", self.0.by_rule)] {
                    if is_set {
                        map.serialize_entry(name, &true)?;
                    }
                }
                if self.0.session_activation {
                    map.serialize_entry("condition", "session_activation")?;
                }
                if let Some((expires_at, session_activation)) = self.0.direct {
                    if session_activation {
                        map.serialize_entry("direct_condition", "session_activation")?;
                    }
                    if let Some(time) = expires_at {
                        map.serialize_entry("direct_expires_at", &Text(time))?;
                    }
                }
                if let Some(time) = self.0.expires_at {
                    map.serialize_entry("expires_at", &Text(time))?;
                }
                if !self.0.muted_rights.is_empty() {
                    map.serialize_entry("muted_rights", &self.0.muted_rights)?;
                }
                for (name, is_set) in [("partial", self.0.partial), ("stale", self.0.stale)] {
                    if is_set {
                        map.serialize_entry(name, &true)?;
                    }
                }
                map.end()
            }
        }
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("@type", &Text(format_args!("{PACKAGE}.GrantMetadata")))?;
        map.serialize_entry("metadata", &Metadata(self.0))?;
        map.end()
    }
}

impl Serialize for Proto<'_, InactiveAssignment> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let assignment = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("entitlement", &ById(Text(&assignment.entitlement)))?;
        map.serialize_entry("principal", &ById(Proto(&assignment.principal)))?;
        map.serialize_entry("reason", assignment.reason.as_str())?;
        if let Some(time) = assignment.metadata.expires_at {
            map.serialize_entry("expiresAt", &Text(time))?;
        }
        if let Some(time) = assignment.metadata.assigned_at {
            map.serialize_entry("assignedAt", &Text(time))?;
        }
        map.end()
    }
}
