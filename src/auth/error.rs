//! Why a login failed.

use crate::net::{self, DomainError};

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
    #[error("the login's answer cannot be read: {0}")]
    Answer(String),
    /// The answer sends us to a host that is not Salesforce's.
    #[error("the login answered with an `instance_url` that cannot be used: {0}")]
    Instance(#[source] DomainError),
    /// The token cannot be sent.
    #[error("the access token holds characters that no token has")]
    Token,
}
