//! Logging in: a method and its secrets in, a [`TokenSource`] out, which has a [`Session`] at any time.
//!
//! * [`token`](self::login) asks the token endpoint, through the `oauth2` crate and our own HTTP client.
//! * [`TokenSource`] holds the session in use and gets a new one when Salesforce refuses it, once for all who ask.
//! * [`Renewer`] knows how: from the store where another process has been there before, else by the login's method. What
//!   comes is durable before it is used.
//! * [`browser`] lets a person log in.
//! * [`refusals`] says what Salesforce's refusals mean, and what to change.
//! * [`store`] keeps logins between runs, [`durable`] replaces files.

mod again;
pub mod browser;
pub mod durable;
mod error;
pub mod jwt;
pub mod refusals;
mod renew;
mod revoke;
mod source;
pub mod store;
mod token;

use std::fmt;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

pub use error::Error;
pub use jwt::{KeyError, PrivateKey};
pub use renew::{Keep, Renewer, settle};
pub use revoke::revoke;
pub use source::TokenSource;
pub use token::login;

use crate::net::{Domain, TokenHost};
use store::fingerprint;
pub use store::{Key, Login, Store, StoreError};

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
    /// A login that a person made with a browser, and that is stored.
    Stored {
        /// Consumer key of the app.
        client_id: String,
        /// Consumer secret, for an app that has one.
        client_secret: Option<SecretString>,
    },
    /// The app's private key signs that it may act as a user.
    JwtBearer {
        /// Consumer key of the app.
        client_id: String,
        /// The username.
        subject: String,
        /// The key.
        key: PrivateKey,
        /// Where tokens are asked for; `None` = at the org's address.
        token_host: Option<Box<TokenHost>>,
        /// Whom assertions are made out to; `None` = what follows from where tokens are asked for.
        audience: Option<String>,
    },
    /// An access token from an earlier login.
    AccessToken(SecretString),
}

impl Method {
    /// The name in settings and documents.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClientCredentials { .. } => "client-credentials",
            Self::RefreshToken { .. } | Self::Stored { .. } => "oauth",
            Self::JwtBearer { .. } => "jwt-bearer",
            Self::AccessToken(_) => "access-token",
        }
    }

    /// All secrets in it.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        let (one, other) = match self {
            Self::ClientCredentials { client_secret, .. } => (Some(client_secret), None),
            Self::RefreshToken { client_secret, refresh_token, .. } => (client_secret.as_ref(), Some(refresh_token)),
            Self::Stored { client_secret, .. } => (client_secret.as_ref(), None),
            Self::JwtBearer { key, .. } => (Some(key.secret()), None),
            Self::AccessToken(token) => (Some(token), None),
        };
        one.into_iter().chain(other)
    }

    /// The app's consumer key, where one is needed.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::ClientCredentials { client_id, .. }
            | Self::RefreshToken { client_id, .. }
            | Self::Stored { client_id, .. }
            | Self::JwtBearer { client_id, .. } => Some(client_id),
            Self::AccessToken(_) => None,
        }
    }

    /// What tells its logins apart in the store: the flow, and of the secret that it starts from a fingerprint, so that
    /// a token that was got with another secret is not taken for one of this. `None` where nothing is to be kept.
    fn who(&self) -> Option<String> {
        let with = |flow: &str, secret: &SecretString| format!("{flow}:{}", fingerprint(secret.expose_secret()));
        match self {
            Self::ClientCredentials { client_secret, .. } => Some(with("client-credentials", client_secret)),
            Self::RefreshToken { refresh_token, .. } => Some(with("refresh-token", refresh_token)),
            Self::Stored { .. } => Some(Key::BROWSER.to_owned()),
            Self::JwtBearer { subject, key, .. } => Some(with(&format!("jwt-bearer:{subject}"), key.secret())),
            Self::AccessToken(_) => None,
        }
    }

    /// Its place in the store; `None` where nothing is to be kept.
    pub fn key(&self, domain: &Domain, profile: Option<&str>) -> Option<Key> {
        let (who, client_id) = (self.who()?, self.client_id()?.to_owned());
        Some(Key { host: domain.host(), client_id, who, profile: profile.map(str::to_owned) })
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
    /// A refresh token that is not the one that was given: that one, if any, is dead now.
    pub rotated: Option<SecretString>,
    /// The org's id, as far as the login told it.
    pub org_id: Option<String>,
    /// The user's.
    pub user_id: Option<String>,
    /// What the token may do; empty where that was not said.
    pub scopes: Vec<String>,
    access_token: SecretString,
}

impl Session {
    /// A session with a token that is there already.
    pub fn new(instance: Domain, access_token: SecretString) -> Self {
        Self { instance, rotated: None, org_id: None, user_id: None, scopes: Vec::new(), access_token }
    }

    /// Takes org and user from the `id` URL of a token answer: `…/id/<org id>/<user id>`.
    fn identify(&mut self, url: Option<&str>) {
        let mut ids = url.unwrap_or_default().rsplit('/').map(|id| Some(id.to_owned()).filter(|id| is_id(id)));
        self.user_id = ids.next().flatten();
        self.org_id = ids.next().flatten();
    }

    pub(crate) fn token(&self) -> &SecretString {
        &self.access_token
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

fn is_id(text: &str) -> bool {
    matches!(text.len(), 15 | 18) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
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
