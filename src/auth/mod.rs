//! Logging in: a method and its secrets in, a [`Session`] out.
//!
//! Three ways, none of which needs a person: client credentials, a refresh token that somebody obtained, an access
//! token that somebody obtained. The token requests go through the `oauth2` crate and our own HTTP client.

mod error;
mod token;

use std::fmt;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

pub use error::Error;
pub use token::login;

use crate::net::Domain;

/// How to log in, with what it takes.
#[derive(Clone)]
pub enum Method {
    /// The External Client App logs in as itself and acts as its run-as user.
    ClientCredentials {
        /// Consumer key.
        client_id: String,
        /// Consumer secret.
        client_secret: SecretString,
    },
    /// A refresh token from an earlier login.
    RefreshToken {
        /// Consumer key of the app that the token was given to.
        client_id: String,
        /// Consumer secret, for an app that has one; a public app must not send any.
        client_secret: Option<SecretString>,
        /// The token.
        refresh_token: SecretString,
    },
    /// An access token from an earlier login.
    AccessToken(SecretString),
}

impl Method {
    /// The name in settings and documents.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClientCredentials { .. } => "client-credentials",
            Self::RefreshToken { .. } => "oauth",
            Self::AccessToken(_) => "access-token",
        }
    }

    /// All secrets in it.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        let (one, other) = match self {
            Self::ClientCredentials { client_secret, .. } => (Some(client_secret), None),
            Self::RefreshToken { client_secret, refresh_token, .. } => (client_secret.as_ref(), Some(refresh_token)),
            Self::AccessToken(token) => (Some(token), None),
        };
        one.into_iter().chain(other)
    }

    /// The app's consumer key, where one is needed.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::ClientCredentials { client_id, .. } | Self::RefreshToken { client_id, .. } => Some(client_id),
            Self::AccessToken(_) => None,
        }
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name())
    }
}

/// A login that worked.
#[derive(Clone)]
pub struct Session {
    /// Where the org's data is: the `instance_url` of the token answer.
    pub instance: Domain,
    /// A refresh token that replaces the one given, which is dead now.
    pub rotated: Option<SecretString>,
    /// The `id` URL of the token answer: `…/id/<org id>/<user id>`.
    pub identity: Option<String>,
    access_token: SecretString,
}

impl Session {
    /// A session with a token that is there already.
    pub fn new(instance: Domain, access_token: SecretString) -> Self {
        Self { instance, rotated: None, identity: None, access_token }
    }

    /// The `Authorization` header, marked so that no log shows it.
    pub fn bearer(&self) -> HeaderValue {
        // A token that is no header value is refused when the session is made; an empty one is refused by Salesforce.
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.access_token.expose_secret()))
            .unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("instance", &self.instance).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let secret = || SecretString::from("canary-1b7f");
        let session = Session::new(Domain::parse("acme").unwrap(), secret());
        let methods = [
            Method::AccessToken(secret()),
            Method::ClientCredentials { client_id: "id".to_owned(), client_secret: secret() },
            Method::RefreshToken { client_id: "id".to_owned(), client_secret: Some(secret()), refresh_token: secret() },
        ];
        assert!(!format!("{session:?} {methods:?} {:?}", session.bearer()).contains("canary"));
    }
}
