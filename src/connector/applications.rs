//! Connected apps and External Client Apps: ConnectedApplication, ExternalClientApplication → `connected_application`;
//! SetupEntityAccess → who may use one that admins let people in to.

use super::{IdMap, Notes, first_known, history, name, resource_id};
use crate::model::{Profile, Resource, ResourceKind, Trait};
use crate::salesforce::objects::{ConnectedApplicationRow, ExternalClientApplicationRow};
use crate::salesforce::soql::{Condition, Literal};
use crate::salesforce::{ApiVersion, RecordId};

/// The apps that were listed: whether admins let people in. `None` where nobody told.
pub type Applications = IdMap<Option<bool>>;

/// Which rows of SetupEntityAccess are asked for. Versions before 60 do not know External Client Apps there.
pub fn access_filter(version: ApiVersion) -> Vec<Condition> {
    let text = |name: &str| Literal::Text(name.to_owned());
    let mut types = vec![text("ConnectedApplication")];
    if version.major() >= 60 {
        types.push(text("ExternalClientApplication"));
    }
    vec![Condition::In(name("SetupEntityType"), types)]
}

/// A connected app.
pub fn connected(row: &ConnectedApplicationRow<'_>, notes: &mut Notes) -> Resource {
    let mut profile = Profile::default();
    profile.set("kind", "connected_app");
    // Who may use it is not a question of rights then.
    profile.set_known("self_authorize", (row.admin_approved_only == Some(false)).then_some(true));
    history!(row).set(&mut profile, row.id, notes);
    resource(row.id, first_known([row.name.as_deref()]), "", profile)
}

/// An External Client App.
pub fn external(row: &ExternalClientApplicationRow<'_>) -> Resource {
    let mut profile = Profile::default();
    profile.set("kind", "external_client_app");
    profile.set_known("developer_name", row.developer_name.as_deref());
    profile.set_known("namespace", row.namespace_prefix.as_deref());
    let name = first_known([row.label.as_deref(), row.developer_name.as_deref()]);
    resource(row.id, name, row.description.as_deref().unwrap_or_default(), profile)
}

fn resource(id: RecordId, name: Option<&str>, description: &str, profile: Profile) -> Resource {
    let text = id.to_string();
    Resource {
        id: resource_id(ResourceKind::ConnectedApplication, id),
        display_name: name.unwrap_or(&text).to_owned(),
        description: description.to_owned(),
        profile,
        kind: Trait::App,
    }
}
