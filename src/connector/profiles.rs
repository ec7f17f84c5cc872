//! Profiles: Profile and the permission set that each of them owns → `profile`.

use super::permission_sets::Rights;
use super::{IdMap, Notes, first_known, high_risk, history, resource_id};
use crate::model::{Profile as Attributes, Resource, ResourceKind, Trait};
use crate::salesforce::RecordId;
use crate::salesforce::objects::{ProfileRow, UserLicenseRow};

/// A user licence.
#[derive(Debug, Clone)]
pub struct License {
    /// Its name.
    pub name: String,
    /// `SFDC`, `PID_CHATTER`, …
    pub key: Option<String>,
}

/// The user licences, by id.
pub type Licenses = IdMap<License>;

/// Keeps a licence.
pub fn license(row: &UserLicenseRow<'_>) -> License {
    License {
        name: row.name.as_deref().unwrap_or_default().to_owned(),
        key: row.license_definition_key.as_deref().map(str::to_owned),
    }
}

/// A profile whose owned permission set is still to come.
#[derive(Debug)]
pub struct Draft {
    /// The profile's id.
    pub id: RecordId,
    /// The licence of its users.
    pub license_id: Option<RecordId>,
    description: String,
    resource: Resource,
}

/// A profile, as far as its own row tells it.
pub fn map(row: &ProfileRow<'_>, notes: &mut Notes) -> Draft {
    let id = row.id.to_string();
    let mut profile = Attributes::default();
    profile.set_known("user_type", row.user_type.as_deref());
    history!(row).set(&mut profile, row.id, notes);
    let resource = Resource {
        id: resource_id(ResourceKind::Profile, row.id),
        display_name: first_known([row.name.as_deref()]).unwrap_or(&id).to_owned(),
        description: String::new(),
        profile,
        kind: Trait::None,
    };
    let description = row.description.as_deref().unwrap_or_default().to_owned();
    Draft { id: row.id, license_id: row.user_license_id, description, resource }
}

impl Draft {
    /// The profile with what its owned permission set carries (`None` where that was not listed).
    pub fn finish(self, rights: Option<&Rights>, licenses: &Licenses) -> Resource {
        let Self { license_id, description, mut resource, .. } = self;
        let attributes = &mut resource.profile;
        let license = license_id.and_then(|id| licenses.get(&id));
        attributes.set_known("license", license.map(|license| license.name.clone()));
        let mut named = &[][..];
        if let Some(rights) = rights {
            attributes.set("permission_set_id", rights.set_id.to_string());
            attributes.set_known("api_name", Some(rights.api_name.as_str()));
            attributes.set_known("is_custom", rights.is_custom);
            attributes.set_known("namespace", rights.namespace.as_deref());
            attributes.set_known("session_activation_required", rights.session_activation_required);
            attributes.set_known("force_two_factor", rights.force_two_factor);
            attributes.set("type", "Profile");
            high_risk::set(attributes, &rights.high_risk);
            named = &rights.high_risk;
        }
        resource.description = high_risk::describe(named, Some(&description));
        resource
    }
}
