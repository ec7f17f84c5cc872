//! Roles: UserRole → `role`.

use super::{IdMap, Notes, first_known, resource_id};
use crate::model::{Profile, Resource, ResourceKind, Trait};
use crate::salesforce::Text;
use crate::salesforce::objects::UserRoleRow;

/// The names of the roles that were read, by id.
pub type Roles = IdMap<String>;

/// Whether it is the role of a portal: that of somebody outside.
pub fn is_portal(row: &UserRoleRow<'_>) -> bool {
    row.portal_type.as_deref().is_some_and(|portal| portal != "None")
}

/// A role.
pub fn map(row: &UserRoleRow<'_>, notes: &mut Notes) -> Resource {
    let id = row.id.to_string();
    let mut profile = Profile::default();
    profile.set_known("developer_name", row.developer_name.as_deref());
    profile.set_known("parent_role_id", row.parent_role_id.map(|id| id.to_string()));
    profile.set_known("portal_type", row.portal_type.as_deref());
    let history = super::History {
        created_date: None,
        created_by_id: None::<&Text<'_>>,
        last_modified_date: row.last_modified_date.as_ref(),
        last_modified_by_id: row.last_modified_by_id.as_ref(),
    };
    history.set(&mut profile, row.id, notes);
    let name = first_known([row.name.as_deref(), row.developer_name.as_deref()]);
    Resource {
        id: resource_id(ResourceKind::Role, row.id),
        display_name: name.unwrap_or(&id).to_owned(),
        description: String::new(),
        profile,
        kind: Trait::Role,
    }
}
