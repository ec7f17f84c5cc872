//! Answers that describe: an object's fields, the user who is logged in.

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
