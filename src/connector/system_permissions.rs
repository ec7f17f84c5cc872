//! System permissions: what permission sets carry → `system_permission`; ObjectPermissions → Modify All and View All of
//! single objects.
//!
//! A profile's rights are those of the set it owns, a permission set group's those of its aggregate, from which Salesforce
//! has taken what the group mutes.

use super::high_risk::severity;
use super::name;
use crate::model::{Profile, Resource, ResourceId, ResourceKind, Trait};
use crate::salesforce::objects::ObjectPermissionsRow;
use crate::salesforce::soql::{Condition, Literal};

/// Which rows of ObjectPermissions are asked for: those that go round all sharing.
pub fn object_filter() -> Vec<Condition> {
    let is = |field| Condition::Eq(name(field), Literal::Bool(true));
    vec![Condition::Any(vec![is("PermissionsViewAllRecords"), is("PermissionsModifyAllRecords")])]
}

/// A right, by its API name without the `Permissions` prefix.
pub fn right(name: &str, label: Option<&str>) -> Resource {
    let mut profile = Profile::default();
    profile.set_known("severity", severity(name).map(super::high_risk::Severity::as_str));
    resource(name, label.filter(|label| !label.trim().is_empty()).unwrap_or(name), profile)
}

/// The rights that a row gives over its object.
pub fn object_rights(row: &ObjectPermissionsRow<'_>) -> Vec<Resource> {
    let Some(object) = row.object.as_deref() else { return Vec::new() };
    let mut rights = Vec::new();
    for (id, label, is_given) in [("ModifyAll", "Modify All", row.modify_all), ("ViewAll", "View All", row.view_all)] {
        if is_given == Some(true) {
            let mut profile = Profile::default();
            profile.set("object", object);
            rights.push(resource(&format!("{id}:{object}"), &format!("{label}: {object}"), profile));
        }
    }
    rights
}

fn resource(id: &str, display_name: &str, profile: Profile) -> Resource {
    Resource {
        id: ResourceId::new(ResourceKind::SystemPermission, id),
        display_name: display_name.to_owned(),
        description: String::new(),
        profile,
        kind: Trait::None,
    }
}
