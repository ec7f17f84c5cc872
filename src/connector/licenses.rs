//! Permission set licences: PermissionSetLicense, PermissionSetLicenseAssign → `permission_set_license` and who has one.
//!
//! They are facts of their own: holding a set says nothing about its licence, and the other way round.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::people::People;
use super::{IdMap, Missing, Notes, first_known, resource_id, time};
use crate::model::{Grant, GrantMetadata, Profile, Resource, ResourceKind, Trait};
use crate::salesforce::objects::{PermissionSetLicenseAssignRow, PermissionSetLicenseRow};
use crate::salesforce::{RecordId, Timestamp};

/// Which licences work, and who has them.
#[derive(Debug, Default)]
pub struct Licenses {
    /// Whether it is enabled and has not expired.
    works: IdMap<bool>,
    holders: HashSet<(RecordId, u32), RandomState>,
}

impl Licenses {
    /// Whether a user has a licence that works.
    pub fn covers(&self, license: RecordId, user: RecordId, people: &People) -> bool {
        let number = people.number(user);
        // One that was not listed says nothing.
        self.works
            .get(&license)
            .is_none_or(|works| *works && number.is_some_and(|number| self.holders.contains(&(license, number))))
    }

    /// Whether none was listed.
    pub fn is_empty(&self) -> bool {
        self.works.is_empty()
    }
}

/// A licence.
pub fn map(row: &PermissionSetLicenseRow<'_>, now: Timestamp, licenses: &mut Licenses) -> Resource {
    let id = row.id.to_string();
    let mut profile = Profile::default();
    profile.set_known("developer_name", row.developer_name.as_deref());
    profile.set_known("status", row.status.as_deref());
    profile.set_known("expires_at", row.expiration_date.as_deref());
    #[expect(clippy::cast_possible_truncation, reason = "a count of licences")]
    for (name, count) in [("total_licenses", row.total), ("used_licenses", row.used)] {
        profile.set_known(name, count.map(|count| count as i64));
    }
    // The last day still counts.
    let has_expired = row.expiration_date.as_deref().is_some_and(|day| *day < now.to_string()[..10]);
    let is_enabled = row.status.as_deref().is_none_or(|status| status == "Active");
    licenses.works.insert(row.id, is_enabled && !has_expired);
    Resource {
        id: resource_id(ResourceKind::PermissionSetLicense, row.id),
        display_name: first_known([row.label.as_deref(), row.developer_name.as_deref()]).unwrap_or(&id).to_owned(),
        description: String::new(),
        profile,
        kind: Trait::None,
    }
}

/// Who has a licence.
pub fn assignment(
    row: &PermissionSetLicenseAssignRow<'_>,
    licenses: &mut Licenses,
    people: &People,
    notes: &mut Notes,
) -> Result<Option<Grant>, Missing> {
    if !licenses.works.contains_key(&row.license_id) {
        return Err(Missing::Entitlement(row.license_id));
    }
    let number = people.number(row.assignee_id).ok_or(Missing::Principal(row.assignee_id))?;
    licenses.holders.insert((row.license_id, number));
    let entitlement = resource_id(ResourceKind::PermissionSetLicense, row.license_id).entitlement();
    let assigned_at = time(row.system_modstamp.as_ref(), row.id, notes);
    let metadata = GrantMetadata { assigned_at, ..GrantMetadata::default() };
    let principal = resource_id(ResourceKind::User, row.assignee_id);
    Ok(entitlement.map(|entitlement| Grant::direct(entitlement, principal, metadata)))
}
