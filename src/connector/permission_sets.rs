//! Permission sets: PermissionSet → `permission`.
//!
//! Every profile owns a set and every permission set group has an aggregate; those are not resources of their own, but
//! tell what the profile or the group carries.

use super::rights::{RightNames, RightSet};
use super::{IdMap, Notes, first_known, high_risk, history, resource_id};
use crate::model::{Profile, Resource, ResourceKind, Trait};
use crate::salesforce::RecordId;
use crate::salesforce::objects::PermissionSetRow;

/// What a permission set is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetKind {
    /// A set that is assigned to users.
    Assignable,
    /// The set that a profile owns.
    OwnedBy(Option<RecordId>),
    /// The set in which Salesforce sums up a permission set group.
    AggregateOf(RecordId),
}

/// All permission sets, by id.
pub type Sets = IdMap<SetKind>;

/// What the owned set of a profile, or the aggregate of a group, tells about it.
#[derive(Debug, Clone)]
pub struct Rights {
    /// The set's id.
    pub set_id: RecordId,
    /// The set's API name.
    pub api_name: String,
    /// Its high-risk rights, the worst first.
    pub high_risk: Vec<String>,
    /// Whether it was made in this org or by a package.
    pub is_custom: Option<bool>,
    /// The package's namespace.
    pub namespace: Option<String>,
    /// Whether it gives nothing until a session is activated.
    pub session_activation_required: Option<bool>,
    /// Whether logins need a second factor; `None` where the org does not tell.
    pub force_two_factor: Option<bool>,
}

/// Which of the three kinds a set is: told by what it belongs to, never by its name.
pub fn kind(row: &PermissionSetRow<'_>) -> SetKind {
    match (row.is_owned_by_profile, row.permission_set_group_id) {
        (true, _) => SetKind::OwnedBy(row.profile_id),
        (false, Some(group)) => SetKind::AggregateOf(group),
        (false, None) => SetKind::Assignable,
    }
}

/// All rights of a set, as far as they were asked for.
pub fn all_rights(row: &PermissionSetRow<'_>, names: &mut RightNames) -> RightSet {
    let two_factor = (row.force_two_factor == Some(true)).then_some(high_risk::FORCE_TWO_FACTOR);
    names.set(row.permissions.iter().map(|right| &**right).chain(two_factor))
}

/// What a set tells about the profile or the group that it belongs to.
pub fn rights(row: &PermissionSetRow<'_>, id: RecordId) -> Rights {
    Rights {
        set_id: id,
        api_name: row.name.as_deref().unwrap_or_default().to_owned(),
        high_risk: high_risk_of(row),
        is_custom: row.is_custom,
        namespace: row.namespace_prefix.as_deref().map(str::to_owned),
        session_activation_required: row.has_activation_required,
        force_two_factor: row.force_two_factor,
    }
}

fn high_risk_of(row: &PermissionSetRow<'_>) -> Vec<String> {
    high_risk::among(row.permissions.iter().map(|right| &**right))
}

/// A permission set.
pub fn map(row: &PermissionSetRow<'_>, id: RecordId, notes: &mut Notes) -> Resource {
    let id_text = id.to_string();
    let high_risk = high_risk_of(row);
    let mut profile = Profile::default();
    profile.set_known("api_name", row.name.as_deref());
    profile.set_known("type", row.set_type.as_deref());
    profile.set_known("license", row.license.as_deref());
    profile.set_known("namespace", row.namespace_prefix.as_deref());
    profile.set_known("session_activation_required", row.has_activation_required);
    profile.set_known("is_custom", row.is_custom);
    profile.set_known("permission_set_group_id", row.permission_set_group_id.map(|id| id.to_string()));
    high_risk::set(&mut profile, &high_risk);
    history!(row).set(&mut profile, id, notes);
    Resource {
        id: resource_id(ResourceKind::Permission, id),
        display_name: first_known([row.label.as_deref(), row.name.as_deref()]).unwrap_or(&id_text).to_owned(),
        description: high_risk::describe(&high_risk, row.description.as_deref()),
        profile,
        kind: Trait::None,
    }
}
