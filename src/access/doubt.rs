//! Whether *no* may be said: only where everything on any possible path was read whole.

use super::graph::Toward;
use super::index::{Index, has_kind};
use crate::model::{ResourceKind, Status};

/// Something that a document does not tell, and that may lie on a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The document has no grants at all.
    NoGrants,
    /// The document says that it is not complete, and not why.
    Incomplete,
    /// The document is another program's, which does not say what it did not read.
    SourceUnknown,
    /// An object was not read.
    NotRead {
        /// Its API name.
        object: String,
        /// `FEATURE_OFF_OR_NO_RIGHT`, …
        reason: String,
        /// What follows.
        consequence: String,
    },
    /// A kind of resource is not in the document.
    KindNotSynced(&'static str),
    /// Not all direct members of a group are known.
    MembersUnknown(u32),
    /// Whether a user is in a group by its rule is not known.
    RuleUnknown(u32),
    /// Salesforce does not show the user's profile.
    ProfileHidden,
    /// The user holds the stand-in of a permission set group whose sets are not known.
    GroupNotVisible(u32),
    /// Every user may authorize the application himself.
    SelfAuthorized,
    /// The rights of permission sets and profiles were not read.
    RightsUnknown,
    /// The document lists a derived grant, and not the direct ones that it follows from.
    WithoutRows,
    /// The user is not in the document.
    UserNotInDocument(String),
    /// Users who hold it may not be in the document.
    UsersMayBeMissing(String),
}

impl Doubt {
    /// As it stands in JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoGrants => "NO_GRANTS",
            Self::Incomplete => "INCOMPLETE",
            Self::SourceUnknown => "SOURCE_UNKNOWN",
            Self::NotRead { .. } => "OBJECT_NOT_READ",
            Self::KindNotSynced(_) => "KIND_NOT_SYNCED",
            Self::MembersUnknown(_) => "MEMBERS_UNKNOWN",
            Self::RuleUnknown(_) => "RULE_UNKNOWN",
            Self::ProfileHidden => "PROFILE_HIDDEN",
            Self::GroupNotVisible(_) => "PERMISSION_SET_GROUP_NOT_VISIBLE",
            Self::SelfAuthorized => "SELF_AUTHORIZED",
            Self::RightsUnknown => "RIGHTS_UNKNOWN",
            Self::WithoutRows => "GRANT_WITHOUT_ROWS",
            Self::UserNotInDocument(_) => "USER_NOT_IN_DOCUMENT",
            Self::UsersMayBeMissing(_) => "USERS_MAY_BE_MISSING",
        }
    }
}

/// The groups that have no rows because they stand for roles or territories.
fn stands_for(group_type: &str) -> Option<ResourceKind> {
    match group_type {
        "Role" | "RoleAndSubordinates" | "RoleAndSubordinatesInternal" => Some(ResourceKind::Role),
        "Territory" | "TerritoryAndSubordinates" => Some(ResourceKind::Territory),
        _ => None,
    }
}

/// The kinds whose holders can hold something of a kind.
const fn before(kind: ResourceKind) -> &'static [ResourceKind] {
    match kind {
        ResourceKind::Permission => &[ResourceKind::PermissionSetGroup],
        ResourceKind::ConnectedApplication | ResourceKind::SystemPermission => {
            &[ResourceKind::Permission, ResourceKind::Profile, ResourceKind::PermissionSetGroup]
        }
        _ => &[],
    }
}

/// What may be missing between users and a target, whoever the user is; without a target, between users and anything.
fn of_the_document(index: &Index, target: Option<ResourceKind>, kinds: &[ResourceKind]) -> Vec<Doubt> {
    let (options, summary) = (index.options(), &index.summary);
    let mut doubts = Vec::new();
    if options.is_some_and(|options| options.skip_entitlements_and_grants) {
        return vec![Doubt::NoGrants];
    }
    let is_there = |kind: ResourceKind| has_kind(options, kind.id());
    let made_up = |kind| kind == ResourceKind::SystemPermission && index.names().has_high_risk_alone;
    let missing = kinds.iter().filter(|kind| !is_there(**kind) && !made_up(**kind));
    doubts.extend(missing.map(|kind| Doubt::KindNotSynced(kind.id())));
    let matter = summary.not_read.iter().filter(|not_read| matters(&not_read.object, target, kinds));
    doubts.extend(matter.map(|not_read| Doubt::NotRead {
        object: not_read.object.clone(),
        reason: not_read.reason.clone(),
        consequence: not_read.consequence.clone(),
    }));
    match summary.complete {
        Some(true) => {}
        Some(false) if summary.not_read.iter().any(|not_read| not_read.required) => {}
        Some(false) => doubts.push(Doubt::Incomplete),
        None => doubts.push(Doubt::SourceUnknown),
    }
    let rights_unknown = summary.warnings.iter().any(|warning| warning.code == "RIGHTS_UNKNOWN");
    if rights_unknown && kinds.contains(&ResourceKind::SystemPermission) {
        doubts.push(Doubt::RightsUnknown);
    }
    doubts
}

/// Whether an object that was not read can hold a part of a path to something of kind `target` over these kinds.
fn matters(object: &str, target: Option<ResourceKind>, kinds: &[ResourceKind]) -> bool {
    use ResourceKind as Kind;
    let is_target = |kind| target.is_none_or(|target| target == kind);
    match object {
        // They tell about users and groups, and give nothing.
        "QueueSobject"
        | "UserLicense"
        | "UserLogin"
        | "MutingPermissionSet"
        | "UserPermissionAccess"
        | "EntityDefinition"
        | "BotDefinition"
        | "Organization" => false,
        "Group" | "GroupMember" => kinds.contains(&Kind::Group),
        "UserRole" => kinds.contains(&Kind::Role),
        "Profile" => kinds.contains(&Kind::Profile),
        "PermissionSet" => kinds.contains(&Kind::Permission) || kinds.contains(&Kind::SystemPermission),
        "PermissionSetAssignment" => kinds.contains(&Kind::Permission) || kinds.contains(&Kind::PermissionSetGroup),
        "PermissionSetGroup" => kinds.contains(&Kind::PermissionSetGroup),
        "PermissionSetGroupComponent" => is_target(Kind::Permission),
        "SetupEntityAccess" | "ConnectedApplication" | "ExternalClientApplication" => {
            is_target(Kind::ConnectedApplication) && kinds.contains(&Kind::ConnectedApplication)
        }
        "ObjectPermissions" => is_target(Kind::SystemPermission) && kinds.contains(&Kind::SystemPermission),
        "PermissionSetLicense" | "PermissionSetLicenseAssign" => kinds.contains(&Kind::PermissionSetLicense),
        "Territory2" | "Territory2Model" | "UserTerritory2Association" => kinds.contains(&Kind::Territory),
        // Of users everything starts; of an object that is not known here, nothing can be ruled out.
        _ => true,
    }
}

fn with(kinds: &mut Vec<ResourceKind>, more: &[ResourceKind]) {
    for kind in more {
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
}

/// What keeps a document from saying that a user does not hold a target; without a user, that nobody else holds it.
pub fn of_target(index: &Index, toward: &Toward, user: Option<u32>) -> Vec<Doubt> {
    let target = ResourceKind::parse(&index.resource_of(toward.target()).kind);
    let starts = toward.starts();
    let mut kinds = Vec::new();
    let mut doubts = Vec::new();
    for node in &starts {
        let resource = index.resource_of(*node);
        if let Some(kind) = ResourceKind::parse(&resource.kind) {
            with(&mut kinds, &[kind]);
            with(&mut kinds, before(kind));
        }
        let Some(group) = resource.group() else { continue };
        if let Some(kind) = stands_for(&group.group_type) {
            with(&mut kinds, &[kind]);
        }
        match (group.rule, user) {
            (Some(rule), Some(user)) => {
                let is_member = rule.includes(index, user, group.related.as_deref());
                if is_member.is_none() {
                    doubts.push(Doubt::RuleUnknown(*node));
                }
            }
            _ if !group.is_known => doubts.push(Doubt::MembersUnknown(*node)),
            _ => {}
        }
    }
    if let Some(user) = user {
        doubts.extend(of_user(index, user, &kinds));
    }
    if index.resource_of(toward.target()).is_self_authorized() {
        doubts.push(Doubt::SelfAuthorized);
    }
    kinds.sort_unstable();
    doubts.extend(of_the_document(index, target, &kinds));
    doubts
}

/// What a document does not tell about what a user holds, over these kinds.
fn of_user(index: &Index, user: u32, kinds: &[ResourceKind]) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let has = |kind| kinds.contains(&kind);
    if has(ResourceKind::Profile) && index.person(user).is_some_and(|person| !person.is_profile_known) {
        doubts.push(Doubt::ProfileHidden);
    }
    // Who holds a set directly holds no more by it; who holds the stand-in of a group holds the sets in the group.
    if has(ResourceKind::Permission) {
        let held = index.rows_of(user).iter().map(|row| index.node(row.row.node).resource);
        let stand_ins = held.filter(|held| index.carrier(*held).is_some_and(|carrier| carrier.is_stand_in));
        doubts.extend(stand_ins.map(Doubt::GroupNotVisible));
    }
    doubts
}

/// What a document does not tell about all that a user holds.
pub fn of_all(index: &Index, user: u32) -> Vec<Doubt> {
    let options = index.options();
    let kinds: Vec<_> = ResourceKind::ALL.into_iter().filter(|kind| has_kind(options, kind.id())).collect();
    let mut doubts = of_user(index, user, &kinds);
    let is_inactive = index.person(user).is_some_and(|person| person.status == Status::Inactive);
    for (number, node) in (0..).zip(&index.names().nodes) {
        let Some(group) = index.resource(node.resource).group() else { continue };
        match group.rule {
            Some(_) if is_inactive => {}
            Some(rule) if rule.includes(index, user, group.related.as_deref()).is_none() => {
                doubts.push(Doubt::RuleUnknown(number));
            }
            None if !group.is_known => doubts.push(Doubt::MembersUnknown(number)),
            Some(_) | None => {}
        }
    }
    let not_synced = ResourceKind::ALL.into_iter().filter(|kind| !kinds.contains(kind) && kind.slug().is_some());
    let mut all = of_the_document(index, None, &kinds);
    if all != [Doubt::NoGrants] {
        all.extend(not_synced.map(|kind| Doubt::KindNotSynced(kind.id())));
    }
    doubts.extend(all);
    doubts
}
