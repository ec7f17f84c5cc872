//! Resources and entitlements.

use serde::{Deserialize, Serialize};

use super::{EntitlementId, Profile, ResourceId};
use crate::time::Timestamp;

/// A user, group, role, permission set, …
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// Never empty.
    pub display_name: String,
    /// Empty where there is none.
    pub description: String,
    /// Its attributes.
    pub profile: Profile,
    /// What it is to Baton.
    pub kind: Trait,
}

/// What a resource is to Baton, with what belongs to that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Trait {
    /// An account.
    User(Box<UserTrait>),
    /// A group.
    Group,
    /// A role.
    Role,
    /// An application.
    App,
    /// Nothing that a trait exists for.
    None,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserTrait {
    /// The primary email.
    pub email: Option<String>,
    /// Whether the account can be used.
    pub status: Status,
    /// Who uses it.
    pub account_type: AccountType,
    /// What is typed to log in.
    pub login: String,
    /// The employee number, where there is one.
    pub employee_id: Option<String>,
    /// When the account was made.
    pub created_at: Option<Timestamp>,
    /// The latest login.
    pub last_login: Option<Timestamp>,
    /// Given and family name.
    pub name: StructuredName,
}

/// Whether an account can be used, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It can.
    Enabled,
    /// It was deactivated.
    Inactive,
    /// Its logins are frozen.
    Frozen,
}

/// Who uses an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountType {
    /// A person.
    Human,
    /// A program of the customer's.
    Service,
    /// A process of the platform's.
    System,
}

impl AccountType {
    /// In attributes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Service => "service",
            Self::System => "system",
        }
    }
}

/// A name in its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StructuredName {
    /// First name.
    pub given: Option<String>,
    /// Last name.
    pub family: Option<String>,
}

/// What a resource gives to those who hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// Its id.
    pub id: EntitlementId,
    /// The resource's name and what it is to hold it.
    pub display_name: String,
    /// Empty where there is none.
    pub description: String,
}

impl Entitlement {
    /// The entitlement of a resource; `None` for users.
    pub fn of(resource: &Resource) -> Option<Self> {
        let id = resource.id.entitlement()?;
        let display_name = format!("{} {}", resource.display_name, resource.id.kind.entitlement_name());
        Some(Self { id, display_name, description: resource.description.clone() })
    }
}
