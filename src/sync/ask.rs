//! What a run asks for: the objects that the options have a use for, each with its query and with what becomes of the
//! run where it is refused.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::OnceCell;

use super::error::Error;
use super::read::{Need, Pending, Reader};
use crate::connector::{Options, applications, assignments, high_risk, system_permissions, territories, users};
use crate::model::ResourceKind as Kind;
use crate::salesforce::describe;
use crate::salesforce::objects::{
    BotDefinition, ConnectedApplication, ExternalClientApplication, Group, GroupMember, MutingPermissionSet, Object,
    ObjectPermissions, PermissionSet, PermissionSetAssignment, PermissionSetGroup, PermissionSetGroupComponent,
    PermissionSetLicense, PermissionSetLicenseAssign, Profile, QueueSobject, SetupEntityAccess, Territory2, User,
    UserLicense, UserLogin, UserRole, UserTerritory2Association,
};
use crate::salesforce::select::Plan;
use crate::salesforce::soql::{Condition, Name};
use crate::salesforce::{ApiVersion, Client};

/// Permissions as Setup calls them.
pub(super) const VIEW_SETUP: &str = "View Setup and Configuration";
pub(super) const VIEW_USERS: &str = "View All Users";
pub(super) const VIEW_ROLES: &str = "View Roles and Role Hierarchy";
pub(super) const MANAGE_USERS: &str = "Manage Users";
const CUSTOMIZE: &str = "Customize Application";
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
    let carried = has(Kind::SystemPermission) || has(Kind::ConnectedApplication);
    if has(Kind::Permission) || has(Kind::Profile) || has(Kind::PermissionSetGroup) || carried {
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
        // Who asks for some kinds by name wants these; what is asked for besides names none of them.
        let is_named = !Options::default().kinds.iter().all(|kind| has(*kind));
        let lack = (!is_named).then_some("Permission set groups are not in the document.");
        want!(PermissionSetGroup, Need { right: Some(VIEW_SETUP), lack });
        let lack = "What the permission set groups are made of is not in the document.";
        want!(PermissionSetGroupComponent, Need::optional(Some(VIEW_SETUP), lack));
        let lack = "Which rights permission set groups mute is not in the document.";
        want!(MutingPermissionSet, Need::optional(Some(VIEW_SETUP), lack));
    }
    if has(Kind::User) {
        let lack = "Frozen and locked users cannot be told from others.";
        want!(UserLogin, Need::optional(Some(MANAGE_USERS), lack), users::login_filter());
    }
    further(version, options, &mut wants)?;
    Ok(wants)
}

/// What is read only where it is asked for. A feature that the org lacks is no reason to fail.
fn further(version: ApiVersion, options: &Options, wants: &mut Vec<Want>) -> Result<(), Error> {
    let has = |kind| options.has(kind);
    let holders = !options.skip_entitlements_and_grants && has(Kind::User);
    macro_rules! want {
        ($object:ty, $right:expr, $lack:literal, $conditions:expr) => {
            wants.push(Want::new::<$object>(version, Need::optional($right, $lack), $conditions)?)
        };
    }
    if has(Kind::Territory) {
        want!(Territory2, None, "Territories are not in the document.", territories::filter());
        if holders {
            let filter = territories::association_filter(options);
            want!(UserTerritory2Association, None, "Who is in which territory is not in the document.", filter);
        }
    }
    if has(Kind::ConnectedApplication) {
        let right = Some(CUSTOMIZE);
        want!(ConnectedApplication, right, "Connected apps are not in the document.", Vec::new());
        want!(ExternalClientApplication, right, "External Client Apps are not in the document.", Vec::new());
        if !options.skip_entitlements_and_grants {
            let filter = applications::access_filter(version);
            want!(SetupEntityAccess, Some(VIEW_SETUP), "Who may use which app is not in the document.", filter);
        }
    }
    if has(Kind::Agent) {
        want!(BotDefinition, None, "Agents are not in the document.", Vec::new());
    }
    if has(Kind::PermissionSetLicense) {
        let right = Some(VIEW_SETUP);
        want!(PermissionSetLicense, right, "Permission set licences are not in the document.", Vec::new());
        if holders {
            let filter = users::filter(options, "Assignee.");
            want!(PermissionSetLicenseAssign, right, "Who has which licence is not in the document.", filter);
        }
    }
    if has(Kind::SystemPermission) {
        let lack = "Modify All and View All of single objects are not in the document.";
        let filter = system_permissions::object_filter();
        wants.push(Want::new::<ObjectPermissions>(version, Need::optional(Some(VIEW_SETUP), lack), filter)?);
    }
    Ok(())
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

/// The fields of PermissionSet, described once.
type Described = Arc<OnceCell<Vec<describe::Field>>>;

/// What has been asked for.
pub(super) struct Asked {
    pending: HashMap<&'static str, Pending>,
    described: Described,
}

impl Asked {
    /// Asks for all objects at once.
    pub(super) fn all(reader: &Reader, options: &Options) -> Result<Self, Error> {
        let described = Described::default();
        let pending = wants(reader.client.version(), options)?.into_iter().map(|Want { object, need, plan }| {
            let client = reader.client.clone();
            let pending = if [PermissionSet::NAME, MutingPermissionSet::NAME].contains(&object) {
                ask_sets(reader, object, need, plan, Arc::clone(&described))
            } else {
                reader.start(object, need, async move { plan.open(&client).await })
            };
            (object, pending)
        });
        Ok(Self { pending: pending.collect(), described })
    }

    /// What comes of asking for an object; `None` where the options have no use for it.
    pub(super) fn take<O: Object>(&mut self) -> Option<Pending> {
        self.pending.remove(O::NAME)
    }

    /// The fields of PermissionSet.
    pub(super) async fn described(&self, reader: &Reader) -> &[describe::Field] {
        describe(&reader.client, &self.described).await
    }

    /// Asks for all rights of an object's sets that are not asked for with the set itself, some at a time.
    pub(super) async fn other_rights<O: Object>(&self, reader: &Reader) -> Result<Vec<Pending>, Error> {
        let fields = high_risk::other_fields(describe(&reader.client, &self.described).await);
        let mut parts: Vec<Vec<Name>> = Vec::new();
        let mut bytes = MOST_FIELD_BYTES;
        for field in fields {
            bytes += field.as_str().len() + FIELD_SEPARATOR;
            if bytes > MOST_FIELD_BYTES {
                parts.push(Vec::new());
                bytes = field.as_str().len() + FIELD_SEPARATOR;
            }
            parts.last_mut().into_iter().for_each(|part| part.push(field.clone()));
        }
        let ask = |part: Vec<Name>| {
            let plan = Plan::of::<O>(reader.client.version()).map_err(Error::read(O::NAME, None))?.and_fields(part);
            let client = reader.client.clone();
            let need = Need::required(Some(VIEW_SETUP));
            Ok(reader.start(O::NAME, need, async move { plan.open(&client).await }))
        };
        parts.into_iter().map(ask).collect()
    }
}

/// The most bytes of field names in one query's address, of the 16 kB that Salesforce takes.
const MOST_FIELD_BYTES: usize = 10_000;
/// A comma and a blank, encoded.
const FIELD_SEPARATOR: usize = 4;

async fn describe<'d>(client: &Client, described: &'d Described) -> &'d [describe::Field] {
    let described = described.get_or_init(async || match client.describe("PermissionSet").await {
        Ok(fields) => fields,
        // What it tells is worth having, and no reason to fail; the query says whether the object can be read.
        Err(error) => {
            tracing::debug!(%error, "PermissionSet cannot be described");
            Vec::new()
        }
    });
    described.await
}

/// Permission sets or muting ones, with the high-risk rights that the org knows.
fn ask_sets(reader: &Reader, object: &str, need: Need, plan: Plan, described: Described) -> Pending {
    let client = reader.client.clone();
    reader.start(object, need, async move {
        let described = describe(&client, &described).await;
        let mut opened = plan.and_fields(high_risk::fields(described)).open(&client).await?;
        if described.is_empty() {
            opened.fields_left_out.push(RIGHTS.to_owned());
        }
        Ok(opened)
    })
}
