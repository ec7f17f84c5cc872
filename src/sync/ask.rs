//! What a run asks for: the objects that the options have a use for, each with its query and with what becomes of the
//! run where it is refused.

use std::collections::HashMap;

use super::error::Error;
use super::read::{Need, Pending, Reader};
use crate::connector::{Options, assignments, high_risk, users};
use crate::model::ResourceKind as Kind;
use crate::salesforce::ApiVersion;
use crate::salesforce::objects::{
    Group, GroupMember, Object, PermissionSet, PermissionSetAssignment, PermissionSetGroup,
    PermissionSetGroupComponent, Profile, QueueSobject, User, UserLicense, UserLogin, UserRole,
};
use crate::salesforce::select::Plan;
use crate::salesforce::soql::Condition;

/// Permissions as Setup calls them.
pub(super) const VIEW_SETUP: &str = "View Setup and Configuration";
pub(super) const VIEW_USERS: &str = "View All Users";
pub(super) const VIEW_ROLES: &str = "View Roles and Role Hierarchy";
pub(super) const MANAGE_USERS: &str = "Manage Users";
/// Stands for all the rights of a permission set among the fields that were left out.
pub(super) const RIGHTS: &str = "Permissions*";

/// An object that a run has a use for.
pub(super) struct Want {
    pub(super) object: &'static str,
    pub(super) need: Need,
    pub(super) plan: Plan,
}

impl Want {
    fn new<O: Object>(version: ApiVersion, need: Need, conditions: Vec<Condition>) -> Result<Self, Error> {
        let plan = Plan::of::<O>(version).map_err(Error::read(O::NAME, None))?;
        Ok(Self { object: O::NAME, need, plan: plan.filter(conditions) })
    }
}

/// The objects that the options have a use for; the big ones first, so that they are under way first.
pub(super) fn wants(version: ApiVersion, options: &Options) -> Result<Vec<Want>, Error> {
    let has = |kind| options.has(kind);
    let grants = !options.skip_entitlements_and_grants;
    let mut wants = Vec::new();
    macro_rules! want {
        ($object:ty, $need:expr) => {
            want!($object, $need, Vec::new())
        };
        ($object:ty, $need:expr, $conditions:expr) => {
            wants.push(Want::new::<$object>(version, $need, $conditions)?)
        };
    }
    if has(Kind::User) {
        want!(User, Need::required(None), users::filter(options, ""));
    }
    if grants && has(Kind::User) && (has(Kind::Permission) || has(Kind::PermissionSetGroup)) {
        want!(PermissionSetAssignment, Need::required(Some(VIEW_SETUP)), assignments::filter(options));
    }
    if grants && has(Kind::Group) {
        want!(GroupMember, Need::required(None));
    }
    if has(Kind::Permission) || has(Kind::Profile) || has(Kind::PermissionSetGroup) {
        want!(PermissionSet, Need::required(Some(VIEW_SETUP)));
    }
    if has(Kind::User) || has(Kind::Profile) {
        want!(Profile, Need::required(Some(VIEW_SETUP)));
        let lack = "The licences of users and profiles are not in the document.";
        want!(UserLicense, Need::optional(Some(VIEW_SETUP), lack));
    }
    if has(Kind::Group) {
        want!(Group, Need::required(None));
        want!(QueueSobject, Need::optional(None, "The objects that queues can own are not in the document."));
    }
    if has(Kind::Role) {
        want!(UserRole, Need::required(Some(VIEW_ROLES)));
    } else if has(Kind::Group) {
        want!(UserRole, Need::optional(Some(VIEW_ROLES), "The groups of roles are not named after their roles."));
    }
    if has(Kind::PermissionSetGroup) {
        // Who asks for some kinds by name wants these.
        let is_named = options.kinds.len() < Kind::ALL.len();
        let lack = (!is_named).then_some("Permission set groups are not in the document.");
        want!(PermissionSetGroup, Need { right: Some(VIEW_SETUP), lack });
        let lack = "What the permission set groups are made of is not in the document.";
        want!(PermissionSetGroupComponent, Need::optional(Some(VIEW_SETUP), lack));
    }
    if has(Kind::User) {
        let lack = "Frozen and locked users cannot be told from others.";
        want!(UserLogin, Need::optional(Some(MANAGE_USERS), lack), users::login_filter());
    }
    Ok(wants)
}

/// The permission that shows all of an object.
pub(super) fn right(object: &str) -> &'static str {
    match object {
        "UserRole" => VIEW_ROLES,
        "UserLogin" => MANAGE_USERS,
        "User" => VIEW_USERS,
        _ => VIEW_SETUP,
    }
}

/// Whether no org is without rows of an object.
pub(super) fn cannot_be_empty(object: &str) -> bool {
    [User::NAME, Profile::NAME, PermissionSet::NAME].contains(&object)
}

/// What has been asked for.
pub(super) struct Asked(HashMap<&'static str, Pending>);

impl Asked {
    /// Asks for all objects at once.
    pub(super) fn all(reader: &Reader, options: &Options) -> Result<Self, Error> {
        let pending = wants(reader.client.version(), options)?.into_iter().map(|Want { object, need, plan }| {
            let client = reader.client.clone();
            let pending = if object == PermissionSet::NAME {
                ask_sets(reader, need, plan)
            } else {
                reader.start(object, need, async move { plan.open(&client).await })
            };
            (object, pending)
        });
        Ok(Self(pending.collect()))
    }

    /// What comes of asking for an object; `None` where the options have no use for it.
    pub(super) fn take<O: Object>(&mut self) -> Option<Pending> {
        self.0.remove(O::NAME)
    }
}

/// Permission sets, with the high-risk rights that the org knows.
fn ask_sets(reader: &Reader, need: Need, plan: Plan) -> Pending {
    let client = reader.client.clone();
    reader.start(PermissionSet::NAME, need, async move {
        let described = match client.describe("PermissionSet").await {
            Ok(fields) => fields,
            // What it tells is worth having, and no reason to fail; the query says whether the object can be read.
            Err(error) => {
                tracing::debug!(%error, "PermissionSet cannot be described");
                Vec::new()
            }
        };
        let mut opened = plan.and_fields(high_risk::fields(&described)).open(&client).await?;
        if described.is_empty() {
            opened.fields_left_out.push(RIGHTS.to_owned());
        }
        Ok(opened)
    })
}
