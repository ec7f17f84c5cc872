//! How Salesforce's rows become resources, entitlements and grants: one file per kind, with its query and its mapping.
//!
//! | file | reads | makes |
//! |---|---|---|
//! | [`users`] | User, UserLogin, UserLicense | `user`, and each user's role and profile |
//! | [`groups`] | Group, QueueSobject, GroupMember | `group` and its direct members |
//! | [`roles`] | UserRole | `role` |
//! | [`profiles`] | Profile | `profile` |
//! | [`permission_sets`] | PermissionSet | `permission` |
//! | [`permission_set_groups`] | PermissionSetGroup, PermissionSetGroupComponent | `permission_set_group` and what is in it |
//! | [`assignments`] | PermissionSetAssignment | who holds which set or group, and who does no more |
//! | [`territories`] | Territory2, UserTerritory2Association | `territory`, who is in it and in which role |
//! | [`applications`] | ConnectedApplication, ExternalClientApplication, SetupEntityAccess | `connected_application` and who may use it |
//! | [`agents`] | BotDefinition | `agent` |
//! | [`licenses`] | PermissionSetLicense, PermissionSetLicenseAssign | `permission_set_license` and who has one |
//! | [`system_permissions`] | PermissionSet, ObjectPermissions | `system_permission` and what carries it |
//!
//! What groups contain without a row is in [`hierarchy`] (roles, territories) and [`people`] (rules).
//!
//! All of it is pure: rows in, resources and grants out, and [`Notes`] of what a reader should know.

pub mod agents;
pub mod applications;
pub mod assignments;
pub mod bearers;
pub mod groups;
pub mod hierarchy;
pub mod high_risk;
pub mod licenses;
pub mod notes;
pub mod organization;
pub mod people;
pub mod permission_set_groups;
pub mod permission_sets;
pub mod profiles;
pub mod rights;
pub mod roles;
pub mod system_permissions;
pub mod territories;
pub mod users;

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

pub use notes::{LeftOutReason, Notes, WarningCode};

use crate::model::{ObjectId, Profile, ResourceId, ResourceKind};
use crate::salesforce::soql::Name;
use crate::salesforce::{RecordId, Text, Timestamp};

/// A set of record ids; 15 bytes each.
pub type IdSet = HashSet<RecordId, RandomState>;
/// A map by record id.
pub type IdMap<V> = HashMap<RecordId, V, RandomState>;

/// What is read and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The username becomes the account's email.
    pub username_as_email: bool,
    /// Deactivated users are in the document.
    pub sync_deactivated_users: bool,
    /// Users of other types than `Standard` are in the document.
    pub sync_non_standard_users: bool,
    /// Resources alone.
    pub skip_entitlements_and_grants: bool,
    /// The kinds of resources that are in the document.
    pub kinds: HashSet<ResourceKind>,
    /// The groups of each user's managers and subordinates are in the document.
    pub manager_groups: bool,
    /// How far grants are followed to users.
    pub expand: Expand,
}

/// How far grants are followed to the users who hold them through others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expand {
    /// To every group, queue, permission set and permission set group, and to those groups of roles, territories, portals
    /// and the org that are in a group or queue.
    #[default]
    Used,
    /// To all that can be held.
    All,
    /// Not at all.
    None,
}

impl Expand {
    /// As it stands in settings and documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::All => "all",
            Self::None => "none",
        }
    }

    /// The one with this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Used, Self::All, Self::None].into_iter().find(|expand| expand.as_str() == text)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            username_as_email: false,
            sync_deactivated_users: true,
            sync_non_standard_users: false,
            skip_entitlements_and_grants: false,
            kinds: ResourceKind::ALL.into_iter().filter(|kind| !kind.is_opt_in()).collect(),
            manager_groups: false,
            expand: Expand::default(),
        }
    }
}

impl Options {
    /// Whether resources of a kind are in the document.
    pub fn has(&self, kind: ResourceKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether all users of the org are in the document.
    pub fn has_all_users(&self) -> bool {
        self.sync_deactivated_users && self.sync_non_standard_users
    }
}

/// What a row names and its own query did not list. Why is found out at the end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// Who would hold something.
    Principal(RecordId),
    /// What would be held.
    Entitlement(RecordId),
}

/// The id of a resource.
pub(crate) fn resource_id(kind: ResourceKind, id: RecordId) -> ResourceId {
    let text = id.as_18();
    ResourceId::new(kind, ObjectId::from_utf8_lossy(&text))
}

/// A name from a list of ours.
pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap_or_else(|| unreachable!("`{text}` stands in the source as a name"))
}

/// The first of these that says something.
pub(crate) fn first_known<const N: usize>(texts: [Option<&str>; N]) -> Option<&str> {
    texts.into_iter().flatten().map(str::trim).find(|text| text.chars().any(is_visible))
}

fn is_visible(c: char) -> bool {
    !c.is_control()
        && !c.is_whitespace()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A time of a row; one that cannot be read costs that attribute alone.
pub(crate) fn time(text: Option<&Text<'_>>, id: RecordId, notes: &mut Notes) -> Option<Timestamp> {
    let text = text?;
    let time = Timestamp::parse(text);
    if time.is_none() {
        notes.warn(WarningCode::BadTime, id);
    }
    time
}

/// Who made and changed a record, and when.
pub(crate) struct History<'r, 'p> {
    pub(crate) created_date: Option<&'r Text<'p>>,
    pub(crate) created_by_id: Option<&'r Text<'p>>,
    pub(crate) last_modified_date: Option<&'r Text<'p>>,
    pub(crate) last_modified_by_id: Option<&'r Text<'p>>,
}

impl History<'_, '_> {
    /// Writes it down. The time of creation is given back.
    pub(crate) fn set(&self, profile: &mut Profile, id: RecordId, notes: &mut Notes) -> Option<Timestamp> {
        let created = time(self.created_date, id, notes);
        profile.set_known("created_at", created.map(|time| time.to_string()));
        profile.set_known("created_by_id", self.created_by_id.map(|text| &**text));
        let modified = time(self.last_modified_date, id, notes);
        profile.set_known("modified_at", modified.map(|time| time.to_string()));
        profile.set_known("modified_by_id", self.last_modified_by_id.map(|text| &**text));
        created
    }
}

/// The [`History`] of a row that has its four fields.
macro_rules! history {
    ($row:expr) => {
        $crate::connector::History {
            created_date: $row.created_date.as_ref(),
            created_by_id: $row.created_by_id.as_ref(),
            last_modified_date: $row.last_modified_date.as_ref(),
            last_modified_by_id: $row.last_modified_by_id.as_ref(),
        }
    };
}
pub(crate) use history;
