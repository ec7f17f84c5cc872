//! Answers that describe: an object's fields, the user who is logged in, what is left of limits.

use serde::Deserialize;

/// An object, as `/sobjects/<Object>/describe` tells it.
#[derive(Debug, Deserialize)]
pub struct Described {
    /// The fields that the user can see.
    pub fields: Vec<Field>,
}

/// A field of an object.
#[derive(Debug, Clone, Deserialize)]
pub struct Field {
    /// API name.
    pub name: String,
    /// Its name for people, in the user's language.
    #[serde(default)]
    pub label: Option<String>,
}

/// The answer of `/services/oauth2/userinfo`, as far as we use it.
#[derive(Debug, Clone, Deserialize)]
pub struct UserInfo {
    /// The user's id.
    pub user_id: super::RecordId,
    /// The org's id.
    pub organization_id: super::RecordId,
    /// The username.
    #[serde(default)]
    pub preferred_username: Option<String>,
}

/// The answer of `/limits`, as far as we use it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Limits {
    /// API calls in 24 hours.
    pub daily_api_requests: Limit,
}

/// What may be used, and what is left of it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Limit {
    /// In all.
    pub max: u64,
    /// Left.
    pub remaining: u64,
}
