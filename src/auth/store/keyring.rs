//! Tokens in the system's keyring: Secret Service, Keychain or Credential Manager.
//!
//! A refresh token and an access token are entries of their own. The first is short and must be kept; the second can be
//! longer than a keyring takes, and can be had again.

use std::fmt;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use secrecy::{ExposeSecret, SecretString};
use tracing::debug;

use super::{Login, StoreError};

const SERVICE: &str = "baton-salesforce";

/// A keyring; the system's is opened when it is used for the first time.
#[derive(Clone)]
pub(super) struct Keyring(Option<Arc<CredentialStore>>);

impl Keyring {
    pub(super) fn of_the_system() -> Self {
        Self(None)
    }

    #[cfg(test)]
    pub(super) fn of(store: Arc<CredentialStore>) -> Self {
        Self(Some(store))
    }

    /// Adds the tokens of a login to what its file says.
    pub(super) fn fill(&self, name: &str, login: &mut Login) -> Result<(), StoreError> {
        login.refresh_token = self.get(&refresh(name))?;
        login.access_token = self.get(&access(name))?;
        Ok(())
    }

    /// Finds out whether tokens can be kept, while none is used up yet.
    pub(super) fn check(&self, name: &str) -> Result<(), StoreError> {
        let name = format!("{name} (test)");
        let written = self.set(&name, Some(&SecretString::from("test"))).and_then(|()| self.set(&name, None));
        written.map_err(failed("write"))
    }

    /// Keeps the tokens of a login, and nothing else that was kept under this name.
    pub(super) fn put(&self, name: &str, login: &Login) -> Result<(), StoreError> {
        self.set(&refresh(name), login.refresh_token.as_ref()).map_err(failed("write"))?;
        let kept = self.set(&access(name), login.access_token.as_ref());
        match kept {
            Err(error) if login.refresh_token.is_some() || matches!(error, Error::TooLong(..)) => {
                debug!(%error, "the access token is not kept");
                // The old one must not stand for it.
                self.set(&access(name), None)
            }
            other => other,
        }
        .map_err(failed("write"))
    }

    /// Removes the tokens of a login.
    pub(super) fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.set(&access(name), None).and_then(|()| self.set(&refresh(name), None)).map_err(failed("remove"))
    }

    fn entry(&self, name: &str) -> Result<Entry, Error> {
        if let Some(store) = &self.0 {
            return Entry::new_in_store(store, SERVICE, name);
        }
        Ok(keyring::Entry::new(SERVICE, name)?.inner)
    }

    fn get(&self, name: &str) -> Result<Option<SecretString>, StoreError> {
        let secret = match self.entry(name).and_then(|entry| entry.get_secret()) {
            Ok(secret) => secret,
            Err(Error::NoEntry) => return Ok(None),
            Err(error) => return Err(failed("read")(error)),
        };
        let text = String::from_utf8(secret).map_err(|_| StoreError::keyring("read", "an entry is no text"))?;
        Ok(Some(SecretString::from(text)))
    }

    fn set(&self, name: &str, secret: Option<&SecretString>) -> Result<(), Error> {
        let entry = self.entry(name)?;
        let Some(secret) = secret else {
            return match entry.delete_credential() {
                Err(Error::NoEntry) => Ok(()),
                other => other,
            };
        };
        entry.set_secret(secret.expose_secret().as_bytes())
    }
}

fn refresh(name: &str) -> String {
    format!("{name} (refresh token)")
}

fn access(name: &str) -> String {
    format!("{name} (access token)")
}

fn failed(what: &'static str) -> impl FnOnce(Error) -> StoreError {
    move |error| {
        // Why there is none is said once, when it is looked for.
        let why = match (&error, keyring::Entry::store_status()) {
            (Error::NoDefaultStore, Err(why)) => why.to_string(),
            _ => error.to_string(),
        };
        StoreError::keyring(what, why.trim_end_matches('.'))
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring")
    }
}

#[cfg(test)]
mod tests;
