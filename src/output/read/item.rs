//! The parts of a document: texts are borrowed, and what nobody asks for is not looked at.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::parse::time;
use super::value::Profile;
use crate::model::Status;
use crate::salesforce::Text;
use crate::time::Timestamp;

/// The beginning.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The run's KSUID.
    pub id: String,
    /// When it began.
    pub started_at: String,
    /// The org that was read.
    pub org: Org,
    /// What decides what is in the document.
    pub options: Options,
}

/// The org that was read.
#[derive(Debug, Clone, Deserialize)]
pub struct Org {
    /// 18 characters.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What decides what is in a document.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// Kinds of resources.
    pub sync_resource_types: Vec<String>,
    /// Whether deactivated users are in it.
    pub sync_deactivated_users: bool,
    /// Whether users of other types than `Standard` are in it.
    pub sync_non_standard_users: bool,
    /// Whether it has no entitlements and no grants.
    pub skip_entitlements_and_grants: bool,
    /// Whether groups of managers are in it.
    #[serde(default)]
    pub manager_groups: bool,
}

/// A kind of resource.
#[derive(Debug, Deserialize)]
pub struct ResourceType<'a> {
    /// `user`, …
    #[serde(borrow)]
    pub id: Text<'a>,
}

/// Names a resource.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Id<'a> {
    /// What it is.
    #[serde(borrow, rename = "resourceType")]
    pub kind: Text<'a>,
    /// Which one.
    #[serde(borrow, rename = "resource")]
    pub id: Text<'a>,
}

/// A resource.
#[derive(Debug)]
pub struct Resource<'a> {
    /// Its id.
    pub id: Id<'a>,
    /// Its name.
    pub display_name: Text<'a>,
    /// Its attributes.
    pub profile: Profile<'a>,
    /// What is known of it if it is an account.
    pub user: Option<User<'a>>,
}

/// An account.
#[derive(Debug)]
pub struct User<'a> {
    /// What is typed to log in.
    pub login: Option<Text<'a>>,
    /// Its email addresses.
    pub emails: Vec<Text<'a>>,
    /// Whether it can be used.
    pub status: Status,
}

/// What a resource gives.
#[derive(Debug)]
pub struct Entitlement<'a> {
    /// `type:id:slug`
    pub id: Text<'a>,
    /// Whose it is.
    pub resource: Id<'a>,
    /// Its name.
    pub display_name: Text<'a>,
}

/// Who holds what.
#[derive(Debug)]
pub struct Grant<'a> {
    /// What is held, by its id.
    pub entitlement: Text<'a>,
    /// By whom.
    pub principal: Id<'a>,
    /// Through what.
    pub sources: Vec<Source<'a>>,
    /// Set where the members of the principal hold it too.
    pub expandable: Option<Expandable<'a>>,
    /// What is known about it.
    pub metadata: Metadata<'a>,
}

impl Grant<'_> {
    /// Whether it is there without any other grant.
    pub fn is_direct(&self) -> bool {
        self.sources.is_empty() || self.sources.iter().any(|source| *source.entitlement == *self.entitlement)
    }
}

/// An entitlement through which a grant is held.
#[derive(Debug)]
pub struct Source<'a> {
    /// Its id.
    pub entitlement: Text<'a>,
    /// Whether the principal holds that one directly.
    pub is_direct: bool,
}

/// Whoever holds any of these holds the grant's entitlement too.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expandable<'a> {
    /// Entitlements, by their ids.
    #[serde(borrow)]
    pub entitlement_ids: Vec<Text<'a>>,
    /// Whether only those count who hold one directly.
    #[serde(default)]
    pub shallow: bool,
}

/// What is known about a grant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Metadata<'a> {
    /// When it was given.
    #[serde(deserialize_with = "time")]
    pub assigned_at: Option<Timestamp>,
    /// When it ends by itself.
    #[serde(deserialize_with = "time")]
    pub expires_at: Option<Timestamp>,
    /// Whether a user access policy gave it.
    pub assigned_by_policy: bool,
    /// Whether the rule of the group says so, and no row.
    pub by_rule: bool,
    /// `session_activation`
    #[serde(borrow)]
    pub condition: Option<Text<'a>>,
    /// When the direct way ends, where another one lasts longer.
    #[serde(deserialize_with = "time")]
    pub direct_expires_at: Option<Timestamp>,
    /// The condition of the direct way, where another one has none.
    #[serde(borrow)]
    pub direct_condition: Option<Text<'a>>,
    /// Rights that the principal mutes.
    #[serde(borrow)]
    pub muted_rights: Vec<Text<'a>>,
}

/// An assignment that gives nothing.
#[derive(Debug)]
pub struct InactiveAssignment<'a> {
    /// What would be held, by its id.
    pub entitlement: Text<'a>,
    /// By whom.
    pub principal: Id<'a>,
    /// `EXPIRED`, …
    pub reason: Text<'a>,
    /// When it ended.
    pub expires_at: Option<Timestamp>,
    /// When it was given.
    pub assigned_at: Option<Timestamp>,
}

/// The end.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// When the run ended.
    pub ended_at: String,
    /// Whether all was read that the options ask for.
    pub complete: bool,
    /// What the document holds.
    pub(super) counts: Counts,
    /// What was not read.
    pub not_read: Vec<NotRead>,
    /// What was read and is not in the document.
    pub left_out: Vec<LeftOut>,
    /// What a reader should know.
    pub warnings: Vec<Warning>,
    /// What it does not speak of.
    pub not_covered: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    pub(super) resources: BTreeMap<String, u64>,
    pub(super) entitlements: u64,
    pub(super) grants: u64,
    pub(super) inactive_assignments: u64,
}

/// An object that was not read.
#[derive(Debug, Clone, Deserialize)]
pub struct NotRead {
    /// Its API name.
    pub object: String,
    /// `FEATURE_OFF_OR_NO_RIGHT`, …
    pub reason: String,
    /// Whether the document is incomplete without it.
    pub required: bool,
    /// What the document lacks therefore.
    #[serde(default)]
    pub consequence: String,
}

/// Things that were read and are not in the document.
#[derive(Debug, Clone, Deserialize)]
pub struct LeftOut {
    /// `user` or `grant`.
    pub what: String,
    /// `USER_TYPE_EXCLUDED_BY_OPTION`, …
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// Something that a reader should know.
#[derive(Debug, Clone, Deserialize)]
pub struct Warning {
    /// `VALIDITY_UNKNOWN`, …
    pub code: String,
    /// For people.
    pub message: String,
    /// Of what; 20 at most.
    #[serde(default)]
    pub ids: Vec<String>,
}
