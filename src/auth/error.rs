//! Why a login failed.

use std::path::PathBuf;

use tokio::task::JoinError;

use super::browser::BrowserError;
use super::jwt::KeyError;
use super::store::{Key, StoreError};
use crate::net::error::plain;
use crate::net::{self, DomainError};
use crate::panics;

/// A failed login.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The token endpoint refused, in the OAuth form.
    #[error("{error}: {description} (HTTP {status})")]
    Refused {
        /// `invalid_grant`, `invalid_client_id`, …
        error: String,
        /// In Salesforce's words.
        description: String,
        /// HTTP status.
        status: u16,
    },
    /// The token endpoint could not be reached, or did not answer as one.
    #[error(transparent)]
    Transport(#[from] net::Error),
    /// A token answer that is not one.
    #[error("the login's answer cannot be read: {}", plain(.0))]
    Answer(String),
    /// The answer sends us to a host that is not Salesforce's.
    #[error("the login answered with an `instance_url` that cannot be used: {0}")]
    Instance(#[source] DomainError),
    /// The token cannot be sent.
    #[error("the access token holds characters that no token has")]
    Token,
    /// The assertion cannot be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An assertion was refused, and the clocks differ.
    #[error("{source}; this machine's clock is {} {} Salesforce's", span(.seconds.unsigned_abs()), if *.seconds > 0 { "ahead of" } else { "behind" })]
    Clock {
        /// By how many seconds this machine is ahead.
        seconds: i64,
        /// What Salesforce says.
        #[source]
        source: Box<Error>,
    },
    /// No person has logged in here yet.
    #[error("there is no stored login for this org and app")]
    NoLogin {
        /// The login that was looked for, where one could be stored.
        key: Option<Box<Key>>,
    },
    /// No such login is stored.
    #[error("no such login is kept in {0}")]
    NoneStored(String),
    /// A person's login works no more.
    #[error("the stored login works no more: {source}")]
    Ended {
        /// The login.
        key: Box<Key>,
        /// What Salesforce says.
        #[source]
        source: Box<Error>,
    },
    /// The login leads to another org than before.
    #[error("the stored login was one of org {stored}, and Salesforce answers for org {now}")]
    OtherOrg {
        /// The login.
        key: Box<Key>,
        /// The org that is stored.
        stored: String,
        /// The one that answers.
        now: String,
    },
    /// A token that was asked for elsewhere than at the org is one of another org.
    #[error("the login leads to the org at {answered}, and not to the one at {asked}")]
    Elsewhere {
        /// The org that was meant.
        asked: String,
        /// The one that the token is good for.
        answered: String,
    },
    /// A person's login came to nothing.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// The stored logins cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The old refresh token is dead and the new one could not be stored.
    #[error("Salesforce replaced the refresh token, and the new one cannot be kept: {0}")]
    Lost(#[source] StoreError),
    /// The new refresh token has no place.
    #[error("cannot write the refresh token to `{}`: {source}", .path.display())]
    Keep {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Our own doing: a task was stopped.
    #[error("the login was interrupted: {0}")]
    Interrupted(&'static str),
}

impl From<JoinError> for Error {
    fn from(error: JoinError) -> Self {
        Self::Interrupted(panics::ended(&error))
    }
}

/// `174 seconds`, `12 minutes`
fn span(seconds: u64) -> String {
    match seconds {
        0..600 => format!("{seconds} seconds"),
        600..10_800 => format!("{} minutes", seconds / 60),
        10_800..259_200 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

impl Error {
    /// Whether its text says all, without a word that a login failed.
    pub fn speaks_for_itself(&self) -> bool {
        // All but what the token endpoint said, or kept to itself.
        !matches!(self, Self::Refused { .. } | Self::Transport(_) | Self::Answer(_) | Self::Instance(_) | Self::Token)
    }
}
