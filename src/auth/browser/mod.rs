//! A person's login: Salesforce's own page in a browser, which sends a code back to this machine.
//!
//! Authorization code with PKCE (RFC 7636) and `state`. The address that the browser comes back to ([`Callback`]) is
//! served before the browser opens ([`Listener`]); where there is no browser here, its last address is pasted
//! ([`Attempt::read`]).

mod busy;
mod callback;
mod error;
mod listener;
mod page;

use std::fmt;

use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl};
use secrecy::SecretString;
use url::Url;

pub use callback::Callback;
pub use error::BrowserError;
pub use listener::{Listener, Visit};
pub use page::Page;

use super::token::{App, Client, Grant, exchange};
use super::{Error, Session};
use crate::net::Domain;
use crate::net::error::plain;
use crate::net::secret::keep_out;

/// The description of a refused login has no status of its own: the browser was redirected with it.
const REDIRECTED: u16 = 302;

/// One attempt to log in.
#[derive(Clone)]
pub struct Attempt {
    domain: Domain,
    client_id: String,
    redirect: RedirectUrl,
    url: Url,
    state: String,
    verifier: SecretString,
}

impl Attempt {
    /// Begins an attempt that comes back to `callback`.
    pub fn new(domain: &Domain, client_id: &str, callback: &Callback) -> Result<Self, Error> {
        let wrong = |error: url::ParseError| Error::Answer(error.to_string());
        let redirect = RedirectUrl::new(callback.to_string()).map_err(wrong)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = Client::new(ClientId::new(client_id.to_owned()))
            .set_auth_uri(AuthUrl::new(format!("{domain}/services/oauth2/authorize")).map_err(wrong)?)
            .set_redirect_uri(redirect.clone());
        // No scope is asked for: all that the app was given, which its maker chose for this.
        let (url, state) = client.authorize_url(CsrfToken::new_random).set_pkce_challenge(challenge).url();
        let verifier = SecretString::from(PkceCodeVerifier::into_secret(verifier));
        keep_out(&verifier);
        let state = state.into_secret();
        Ok(Self { domain: domain.clone(), client_id: client_id.to_owned(), redirect, url, state, verifier })
    }

    /// The page to open.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Reads what the browser came back with.
    fn returned(&self, query: &[(String, String)]) -> Returned {
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let state = get("state");
        if state.is_some_and(|state| !is_same(state, &self.state)) {
            return Returned::Other;
        }
        if let Some(error) = get("error") {
            let description = plain(get("error_description").unwrap_or_default());
            if matches!(error, "access_denied" | "access-denied") {
                return Returned::Answer(Err(BrowserError::Declined.into()));
            }
            let error = plain(error);
            return Returned::Answer(Err(Error::Refused { error, description, status: REDIRECTED }));
        }
        match get("code").filter(|code| !code.is_empty()) {
            // A code that somebody else's login got could be slipped in.
            Some(_) if state.is_none() => Returned::Other,
            Some(code) => Returned::Answer(Ok(secret(code))),
            None => Returned::Nothing,
        }
    }

    /// Reads what a person pasted: the whole address that the browser ended at, or the code in it.
    pub fn read(&self, pasted: &str) -> Result<SecretString, Error> {
        let pasted = pasted.trim().trim_matches(['"', '\'', '<', '>']);
        let query = match pasted.split_once('?') {
            Some((_, query)) => query.split('#').next().unwrap_or_default(),
            None if pasted.contains("code=") || pasted.contains("error=") => pasted,
            None => {
                let is_code = !pasted.is_empty() && pasted.chars().all(|c| c.is_ascii_graphic() && c != '/');
                // In an address the code's `=` are written `%3D`.
                let decoded = url::form_urlencoded::parse(pasted.as_bytes()).next().map(|(code, _)| code.into_owned());
                let code = if pasted.contains('%') { decoded.unwrap_or_default() } else { pasted.to_owned() };
                return if is_code { Ok(secret(&code)) } else { Err(BrowserError::NotPasted.into()) };
            }
        };
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match self.returned(&query) {
            Returned::Answer(answer) => answer,
            Returned::Other => Err(BrowserError::OtherLogin.into()),
            Returned::Nothing => Err(BrowserError::NotPasted.into()),
        }
    }

    /// Exchanges the code for a session, whose `rotated` is the refresh token.
    pub async fn exchange(
        &self,
        http: &reqwest::Client,
        client_secret: Option<&SecretString>,
        code: &SecretString,
    ) -> Result<Session, Error> {
        let app = App { client_id: &self.client_id, client_secret };
        let grant = Grant::Code { code, verifier: &self.verifier, redirect: self.redirect.clone() };
        exchange(http, &self.domain, app, grant).await
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("domain", &self.domain).finish_non_exhaustive()
    }
}

/// What a visit of the browser means.
#[derive(Debug)]
enum Returned {
    /// The end of this attempt.
    Answer(Result<SecretString, Error>),
    /// The end of another one, or something that only looks so.
    Other,
    /// Nothing.
    Nothing,
}

fn secret(code: &str) -> SecretString {
    let code = SecretString::from(code);
    keep_out(&code);
    code
}

/// Compares without telling by its duration how much is right.
fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |all, (one, other)| all | (one ^ other)) == 0
}

#[cfg(test)]
mod tests;
