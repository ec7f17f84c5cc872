//! What stands around the resources and grants of a document: where it comes from, what was read and what was not.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::time::Timestamp;

/// The format's name; its number changes when an id or a meaning does.
pub const FORMAT: &str = "baton-salesforce.sync/1";

/// The beginning of a document.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// KSUID of the run.
    pub id: String,
    /// When the run began, by this machine's clock.
    #[serde(serialize_with = "as_text")]
    pub started_at: Timestamp,
    /// Which program wrote it.
    pub connector: Connector,
    /// The org that was read.
    pub org: Org,
    /// Who read it.
    pub run_by: RunBy,
    /// `66.0`.
    pub api_version: String,
    /// The options that decide what is in the document.
    pub options: BTreeMap<&'static str, serde_json::Value>,
}

/// Which program wrote a document.
#[derive(Debug, Clone, Serialize)]
pub struct Connector {
    /// `baton-salesforce`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl Default for Connector {
    fn default() -> Self {
        Self { name: "baton-salesforce", version: env!("CARGO_PKG_VERSION") }
    }
}

/// The org that was read.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Org {
    /// 18 characters.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `Enterprise Edition`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// Whether it is a sandbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_sandbox: Option<bool>,
    /// Where its data came from.
    pub instance_url: String,
}

/// Who read the org.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunBy {
    /// The user the API acted as, where the login may ask that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// His username.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// `client-credentials`, …
    pub auth_method: &'static str,
    /// The app's consumer key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

/// The end of a document; a file without it is a cut file.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// When the run ended, by this machine's clock.
    #[serde(serialize_with = "as_text")]
    pub ended_at: Timestamp,
    /// Whether all was read that the options ask for.
    pub complete: bool,
    /// What the document holds.
    pub counts: Counts,
    /// What was read.
    pub read: Vec<Read>,
    /// What was not.
    pub not_read: Vec<NotRead>,
    /// What was read and is not in the document.
    pub left_out: Vec<LeftOut>,
    /// What a reader should know.
    pub warnings: Vec<Warning>,
    /// What no document of this program speaks of.
    pub not_covered: &'static [&'static str],
    /// What the run took.
    pub cost: Cost,
}

/// What a document holds.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// By resource type.
    pub resources: BTreeMap<&'static str, u64>,
    /// All entitlements.
    pub entitlements: u64,
    /// All grants.
    pub grants: u64,
    /// Those of them that were derived from others.
    pub expanded_grants: u64,
    /// Assignments that give nothing.
    pub inactive_assignments: u64,
    /// Grants whose user is deactivated.
    pub grants_of_inactive_users: u64,
    /// Grants whose user is frozen.
    pub grants_of_frozen_users: u64,
}

/// An object that was read.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    /// API name.
    pub object: String,
    /// The statement that was answered.
    pub soql: String,
    /// Rows that Salesforce announced.
    pub total_size: u64,
    /// Rows that came.
    pub rows: u64,
    /// Pages they came on, or files of a query job's results.
    pub pages: u64,
    /// By which API they came, where there is something to tell; REST if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<Engine>,
    /// Why by that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_reason: Option<String>,
    /// Fields that this version or this org lacks, or that the user may not see.
    pub fields_left_out: Vec<String>,
    /// When it was asked for.
    #[serde(serialize_with = "as_text")]
    pub started_at: Timestamp,
    /// When the last row had come.
    #[serde(serialize_with = "as_text")]
    pub ended_at: Timestamp,
}

/// An API that gives rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Pages of a query.
    Rest,
    /// The results of a query job.
    Bulk,
}

/// An object that was not read.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NotRead {
    /// API name.
    pub object: String,
    /// `FEATURE_OFF_OR_NO_RIGHT`, …
    pub reason: &'static str,
    /// Whether the document is incomplete without it.
    pub required: bool,
    /// In Salesforce's words.
    pub message: String,
    /// What the document lacks therefore.
    pub consequence: String,
}

/// Things that were read and are not in the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftOut {
    /// `user` or `grant`.
    pub what: &'static str,
    /// `USER_TYPE_EXCLUDED_BY_OPTION`, `PRINCIPAL_NOT_VISIBLE`, …
    pub reason: &'static str,
    /// For users: their type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
    /// How many.
    pub count: u64,
}

/// Something that a reader should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What kind of thing.
    pub code: &'static str,
    /// For people.
    pub message: &'static str,
    /// How often.
    pub count: u64,
    /// Whom it is about; at most 20.
    pub ids: Vec<String>,
}

/// What a run took.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// Calls that count towards the org's allowance.
    pub api_calls: u64,
    /// The org's allowance, as Salesforce told it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_usage: Option<Usage>,
    /// Bytes of all answers, decompressed.
    pub bytes_received: u64,
    /// Requests that were repeated.
    pub retries: u64,
    /// From start to end.
    pub seconds: f64,
}

/// The org's allowance.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Usage {
    /// Calls used in the last 24 hours, by everybody.
    pub used: u64,
    /// Calls allowed in 24 hours.
    pub limit: u64,
}

/// What this program does not cover; in every document.
pub const NOT_COVERED: &[&str] = &[
    "record access: organisation-wide defaults, role hierarchy, sharing rules, manual shares, teams",
    "object and field permissions, but for Modify All and View All where system permissions are read",
    "delegated administration and login-as policies",
    "login hours and IP ranges",
    "live session activations",
    "Apex that runs in system mode",
];

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn as_text<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}
