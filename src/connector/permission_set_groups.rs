//! Permission set groups: PermissionSetGroup, PermissionSetGroupComponent → `permission_set_group` and what is in it.

use super::permission_sets::{Rights, SetKind, Sets};
use super::rights::{RightNames, RightSet};
use super::{IdMap, IdSet, Missing, Notes, WarningCode, first_known, high_risk, history, resource_id};
use crate::model::{Grant, Profile, Resource, ResourceKind, Trait};
use crate::salesforce::RecordId;
use crate::salesforce::objects::{PermissionSetGroupComponentRow, PermissionSetGroupRow};

/// Key prefix of the sets that take rights away from a group's other sets.
const MUTING: &str = "0QM";

/// A group whose components and aggregate are still to come.
#[derive(Debug)]
pub struct Draft {
    description: String,
    resource: Resource,
    needs_activation: bool,
    is_updated: bool,
    sets: Vec<RecordId>,
    muting: Vec<RecordId>,
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
    Draft {
        description,
        resource,
        needs_activation: row.has_activation_required == Some(true),
        // Where the org does not tell, it says nothing against it.
        is_updated: row.status.as_deref().is_none_or(|status| status == "Updated"),
        sets: Vec::new(),
        muting: Vec::new(),
    }
}

/// Adds a component to its group. A muting set takes rights away and is no part of what the group gives.
pub fn component(row: &PermissionSetGroupComponentRow<'_>, groups: &mut Drafts) -> Result<(), Missing> {
    let (group, set) = (row.permission_set_group_id, row.permission_set_id);
    let group = groups.get_mut(&group).ok_or(Missing::Principal(group))?;
    let list = if set.key_prefix() == MUTING { &mut group.muting } else { &mut group.sets };
    list.push(set);
    Ok(())
}

/// What is known about permission sets when the groups of them are put together.
#[derive(Debug)]
pub struct Around<'a> {
    /// The permission sets that were listed.
    pub sets: &'a Sets,
    /// The sets that give nothing until a session is activated.
    pub session: &'a IdSet,
    /// The rights of each set, muting ones too; what is not in there is not known.
    pub rights: &'a IdMap<RightSet>,
    /// The aggregate of each group, by group.
    pub aggregates: &'a IdMap<Rights>,
    /// The names of rights.
    pub names: &'a RightNames,
    /// Whether what is in the groups could be read.
    pub components_read: bool,
}

/// A group, and what its components give.
#[derive(Debug)]
pub struct Mapped {
    /// The group.
    pub resource: Resource,
    /// The group holds each of its sets, and so do the group's members.
    pub grants: Vec<Grant>,
    /// Sets that were not listed.
    pub missing: Vec<Missing>,
    /// Whether Salesforce has not brought the group's rights up to date.
    pub is_stale: bool,
}

impl Draft {
    /// The sets in it.
    pub fn sets(&self) -> &[RecordId] {
        &self.sets
    }

    /// Whether it gives nothing until a session is activated.
    pub fn needs_activation(&self) -> bool {
        self.needs_activation
    }

    /// The group with what its aggregate carries: the rights of its sets less those that are muted, as Salesforce sums
    /// them up. Where that is not what the parts say, the aggregate is out of date, and decides nevertheless.
    pub fn finish(self, id: RecordId, around: &Around<'_>, notes: &mut Notes) -> Mapped {
        let Self { description, mut resource, needs_activation, is_updated, mut sets, mut muting } = self;
        for list in [&mut sets, &mut muting] {
            list.sort_unstable();
            list.dedup();
        }
        let mut muted = RightSet::default();
        for set in &muting {
            muted.add(around.rights.get(set).unwrap_or(&RightSet::default()));
        }
        let aggregate = around.aggregates.get(&id);
        let is_stale = !is_updated || around.components_read && differs(&sets, &muting, aggregate, around);
        let (mut grants, mut missing) = (Vec::new(), Vec::new());
        for set in &sets {
            if around.sets.get(set) != Some(&SetKind::Assignable) {
                missing.push(Missing::Entitlement(*set));
                continue;
            }
            if around.session.contains(set) && !needs_activation {
                notes.warn(WarningCode::SessionSetBypassedByGroup, *set);
            }
            let carried = around.rights.get(set).map(|rights| rights.and(&muted));
            let permission = resource_id(ResourceKind::Permission, *set).entitlement();
            grants.extend(permission.map(|permission| {
                let mut grant = Grant::expandable(permission, resource.id.clone(), false);
                grant.metadata.muted_rights = carried.map(|carried| around.names.names(&carried)).unwrap_or_default();
                grant
            }));
        }
        let text = |ids: &[RecordId]| ids.iter().map(RecordId::to_string).collect::<Vec<_>>();
        let profile = &mut resource.profile;
        profile.set_known("permission_set_ids", around.components_read.then(|| text(&sets)));
        profile.set_known("muting_permission_set_id", muting.first().map(RecordId::to_string));
        let muted = around.names.names(&muted);
        profile.set_known("muted_permissions", (!muted.is_empty()).then_some(muted));
        profile.set_known("rights_stale", is_stale.then_some(true));
        if is_stale {
            notes.warn(WarningCode::GroupRightsStale, id);
        }
        let mut named = &[][..];
        if let Some(rights) = aggregate {
            high_risk::set(profile, &rights.high_risk);
            named = &rights.high_risk;
        }
        resource.description = high_risk::describe(named, Some(&description));
        Mapped { resource, grants, missing, is_stale }
    }
}

/// Whether the aggregate has other rights than the sets have without the muted ones, as far as all of them are known.
fn differs(sets: &[RecordId], muting: &[RecordId], aggregate: Option<&Rights>, around: &Around<'_>) -> bool {
    let Some(found) = aggregate.and_then(|aggregate| around.rights.get(&aggregate.set_id)) else { return false };
    let mut expected = RightSet::default();
    for set in sets {
        let Some(rights) = around.rights.get(set) else { return false };
        expected.add(rights);
    }
    for set in muting {
        let Some(rights) = around.rights.get(set) else { return false };
        expected.remove(rights);
    }
    *found != expected
}
