//! Territories: Territory2, UserTerritory2Association → `territory`, who is in it, and in which role.

use super::people::People;
use super::{IdMap, Missing, Notes, Options, first_known, history, name, resource_id, users};
use crate::model::{
    Entitlement, EntitlementId, Grant, GrantMetadata, InactiveAssignment, InactiveReason, Profile, Resource,
    ResourceKind, Slug, Trait,
};
use crate::salesforce::objects::{Territory2Row, UserTerritory2AssociationRow};
use crate::salesforce::soql::{Condition, Literal};

/// The names of the territories that were listed, by id.
pub type Territories = IdMap<String>;

const ACTIVE: &str = "Active";

/// Which territories are asked for: those of the model in use. The others give nothing to anybody.
pub fn filter() -> Vec<Condition> {
    vec![Condition::Eq(name("Territory2Model.State"), Literal::Text(ACTIVE.to_owned()))]
}

/// Which associations are asked for: those of these territories and of the users in the document.
pub fn association_filter(options: &Options) -> Vec<Condition> {
    let mut conditions =
        vec![Condition::Eq(name("Territory2.Territory2Model.State"), Literal::Text(ACTIVE.to_owned()))];
    conditions.extend(users::filter(options, "User."));
    conditions
}

/// A territory.
pub fn map(row: &Territory2Row<'_>, notes: &mut Notes) -> Resource {
    let id = row.id.to_string();
    let mut profile = Profile::default();
    profile.set_known("developer_name", row.developer_name.as_deref());
    profile.set_known("parent_territory_id", row.parent_id.map(|id| id.to_string()));
    profile.set_known("model_id", row.model_id.map(|id| id.to_string()));
    let model = row.model.as_ref().and_then(|model| model.name.as_deref());
    profile.set_known("model_name", model);
    history!(row).set(&mut profile, row.id, notes);
    Resource {
        id: resource_id(ResourceKind::Territory, row.id),
        display_name: first_known([row.name.as_deref(), row.developer_name.as_deref()]).unwrap_or(&id).to_owned(),
        description: row.description.as_deref().unwrap_or_default().to_owned(),
        profile,
        kind: Trait::None,
    }
}

/// What an association gives.
#[derive(Debug, Default)]
pub struct Mapped {
    /// The user is in the territory, and has a role in it.
    pub grants: Vec<Grant>,
    /// The entitlement of that role.
    pub role: Option<Entitlement>,
    /// The same where the association gives nothing.
    pub inactive: Vec<InactiveAssignment>,
}

/// Who is in a territory.
pub fn association(
    row: &UserTerritory2AssociationRow<'_>,
    territories: &Territories,
    people: &People,
) -> Result<Mapped, Missing> {
    let is_live = row.is_active != Some(false);
    let territory = territories.get(&row.territory_id).ok_or(Missing::Entitlement(row.territory_id))?;
    if !people.contains(row.user_id) {
        return if is_live { Err(Missing::Principal(row.user_id)) } else { Ok(Mapped::default()) };
    }
    let resource = resource_id(ResourceKind::Territory, row.territory_id);
    let principal = resource_id(ResourceKind::User, row.user_id);
    // Rows are updated, so none of their times is that of the assignment.
    let metadata = GrantMetadata::default;
    let role = first_known([row.role.as_deref()])
        .map(|role| EntitlementId { resource: resource.clone(), slug: Slug::Role(role.into()) });
    let mut mapped = Mapped::default();
    for entitlement in resource.entitlement().into_iter().chain(role.clone()) {
        if is_live {
            mapped.grants.push(Grant::direct(entitlement, principal.clone(), metadata()));
        } else {
            let (principal, reason) = (principal.clone(), InactiveReason::Inactive);
            mapped.inactive.push(InactiveAssignment { entitlement, principal, reason, metadata: metadata() });
        }
    }
    mapped.role = role.map(|id| {
        let Slug::Role(role) = &id.slug else { unreachable!("it was made with one") };
        Entitlement { display_name: format!("{territory} {role}"), description: String::new(), id }
    });
    Ok(mapped)
}
