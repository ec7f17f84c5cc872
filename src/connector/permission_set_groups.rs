//! Permission set groups: PermissionSetGroup, PermissionSetGroupComponent → `permission_set_group` and what is in it.

use super::permission_sets::{Rights, SetKind, Sets};
use super::{IdMap, Missing, Notes, first_known, high_risk, history, resource_id};
use crate::model::{Expandable, Grant, GrantMetadata, Profile, Resource, ResourceKind, Trait};
use crate::salesforce::objects::{PermissionSetGroupComponentRow, PermissionSetGroupRow};

/// Key prefix of the sets that take rights away from a group's other sets.
const MUTING: &str = "0QM";

/// A group whose components and aggregate are still to come.
#[derive(Debug)]
pub struct Draft {
    description: String,
    resource: Resource,
    sets: Vec<String>,
    muting: Option<String>,
}

/// The permission set groups that were listed, by id.
pub type Drafts = IdMap<Draft>;

/// A group, as far as its own row tells it.
pub fn map(row: &PermissionSetGroupRow<'_>, notes: &mut Notes) -> Draft {
    let id = row.id.to_string();
    let mut profile = Profile::default();
    profile.set_known("api_name", row.developer_name.as_deref());
    profile.set_known("namespace", row.namespace_prefix.as_deref());
    profile.set_known("status", row.status.as_deref());
    profile.set_known("session_activation_required", row.has_activation_required);
    history!(row).set(&mut profile, row.id, notes);
    let name = first_known([row.master_label.as_deref(), row.developer_name.as_deref()]);
    let resource = Resource {
        id: resource_id(ResourceKind::PermissionSetGroup, row.id),
        display_name: name.unwrap_or(&id).to_owned(),
        description: String::new(),
        profile,
        kind: Trait::None,
    };
    let description = row.description.as_deref().unwrap_or_default().to_owned();
    Draft { description, resource, sets: Vec::new(), muting: None }
}

/// Adds a component to its group, and says what grant it makes: the group holds the set, and so do the group's members.
/// A muting set takes rights away and makes none.
pub fn component(
    row: &PermissionSetGroupComponentRow<'_>,
    groups: &mut Drafts,
    sets: &Sets,
) -> Result<Option<Grant>, Missing> {
    let (group_id, set) = (row.permission_set_group_id, row.permission_set_id);
    let group = groups.get_mut(&group_id).ok_or(Missing::Principal(group_id))?;
    if set.key_prefix() == MUTING {
        group.muting = Some(set.to_string());
        return Ok(None);
    }
    group.sets.push(set.to_string());
    if sets.get(&set) != Some(&SetKind::Assignable) {
        return Err(Missing::Entitlement(set));
    }
    let principal = resource_id(ResourceKind::PermissionSetGroup, group_id);
    let entitlement = resource_id(ResourceKind::Permission, set).entitlement();
    let grant = |entitlement| {
        let expandable = principal.entitlement().map(|source| Expandable { source, shallow: false });
        Grant { entitlement, expandable, principal, metadata: GrantMetadata::default() }
    };
    Ok(entitlement.map(grant))
}

impl Draft {
    /// The group with what its aggregate carries: the rights of its sets less those that are muted.
    ///
    /// `components_read` says whether what is in the groups could be read.
    pub fn finish(self, aggregate: Option<&Rights>, components_read: bool) -> Resource {
        let Self { description, mut resource, mut sets, muting } = self;
        sets.sort_unstable();
        sets.dedup();
        let profile = &mut resource.profile;
        profile.set_known("permission_set_ids", components_read.then_some(sets));
        profile.set_known("muting_permission_set_id", muting);
        let mut named = &[][..];
        if let Some(rights) = aggregate {
            high_risk::set(profile, &rights.high_risk);
            named = &rights.high_risk;
        }
        resource.description = high_risk::describe(named, Some(&description));
        resource
    }
}
