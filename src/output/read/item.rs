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
    /// Which program wrote it.
    pub connector: Option<Connector>,
    /// The org that was read; `None` in a file of another program, which does not tell.
    #[serde(deserialize_with = "Option::deserialize")]
    pub org: Option<Org>,
    /// Who read it.
    pub run_by: Option<RunBy>,
    /// `66.0`.
    pub api_version: Option<String>,
    /// What decides what is in the document; `None` in a file of another program, which does not tell.
    #[serde(deserialize_with = "Option::deserialize")]
    pub options: Option<Options>,
}

/// Which program wrote a document.
#[derive(Debug, Clone, Deserialize)]
pub struct Connector {
    /// `baton-salesforce`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The org that was read.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Org {
    /// 18 characters.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `Enterprise Edition`, …
    pub edition: Option<String>,
    /// Whether it is a sandbox.
    pub is_sandbox: Option<bool>,
    /// Where its data came from.
    #[serde(default)]
    pub instance_url: String,
}

/// Who read the org.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunBy {
    /// The user the API acted as.
    pub username: Option<String>,
    /// `client-credentials`, …
    #[serde(default)]
    pub auth_method: String,
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
    /// How far grants are followed: `used`, `all` or `none`.
    #[serde(default)]
    pub expand: Option<String>,
    /// Whether usernames stand for the accounts' emails.
    #[serde(default)]
    pub username_as_email: bool,
}

/// A kind of resource.
#[derive(Debug, Deserialize)]
pub struct ResourceType<'a> {
    /// `user`, …
    #[serde(borrow)]
    pub id: Text<'a>,
    /// Its name for people.
    #[serde(borrow, default, rename = "displayName")]
    pub display_name: Option<Text<'a>>,
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
    /// What it is part of, where Baton's tree has it so.
    pub parent: Option<Id<'a>>,
    /// Its name.
    pub display_name: Text<'a>,
    /// What it is for; empty where nobody says.
    pub description: Option<Text<'a>>,
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
    /// Whether it can be used; `None` in a file of another program that does not tell.
    pub status: Option<Status>,
    /// The latest login.
    pub last_login: Option<Text<'a>>,
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
    /// What it is to hold it.
    pub description: Option<Text<'a>>,
    /// The last part of its id.
    pub slug: Option<Text<'a>>,
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
    /// Whether all ways to it lead through groups that mute some of its rights.
    pub partial: bool,
    /// Whether all ways to it lead through groups whose rights Salesforce has not brought up to date.
    pub stale: bool,
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
    /// When the run ended; `None` in a file of another program whose run did not end.
    #[serde(deserialize_with = "Option::deserialize")]
    pub ended_at: Option<String>,
    /// Whether all was read that the options ask for; `None` in a file of another program, which does not tell.
    #[serde(deserialize_with = "Option::deserialize")]
    pub complete: Option<bool>,
    /// What the document holds.
    pub counts: Counts,
    /// What was read.
    #[serde(default)]
    pub read: Vec<ReadObject>,
    /// What was not read.
    pub not_read: Vec<NotRead>,
    /// What was read and is not in the document.
    pub left_out: Vec<LeftOut>,
    /// What a reader should know.
    pub warnings: Vec<Warning>,
    /// What it does not speak of.
    pub not_covered: Vec<String>,
    /// What the run took.
    pub cost: Option<Cost>,
}

/// What a document holds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// By resource type.
    pub resources: BTreeMap<String, u64>,
    /// All entitlements.
    pub entitlements: u64,
    /// All grants.
    pub grants: u64,
    /// Those of them that follow from others, or from a rule.
    #[serde(default)]
    pub expanded_grants: u64,
    /// Assignments that give nothing.
    pub inactive_assignments: u64,
}

/// An object that was read.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadObject {
    /// API name.
    pub object: String,
    /// Rows that came.
    pub rows: u64,
    /// Fields that this version or this org lacks, or that the user may not see.
    #[serde(default)]
    pub fields_left_out: Vec<String>,
}

/// What a run took.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Calls that count towards the org's allowance.
    pub api_calls: u64,
    /// From start to end.
    pub seconds: f64,
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
    /// In Salesforce's words.
    #[serde(default)]
    pub message: String,
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
    /// For users: their type.
    #[serde(rename = "userType")]
    pub user_type: Option<String>,
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
    /// How often.
    #[serde(default)]
    pub count: u64,
    /// Of what; 20 at most.
    #[serde(default)]
    pub ids: Vec<String>,
}
