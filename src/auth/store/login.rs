//! What is kept of a login.

use std::fmt;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::Key;
use crate::auth::{Session, token};
use crate::net::Domain;
use crate::net::secret::keep_out;
use crate::time::Timestamp;

/// The first line of the file, for programs of another version.
const FORMAT: &str = "baton-salesforce.login/1";

/// A login as it stands in its file. Nothing in it can be told from the outside but by its owner.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Login {
    format: String,
    /// Where it was made: what the person gave, not where the org's data is.
    pub host: String,
    /// The app's consumer key.
    pub client_id: String,
    /// The flow, with whatever tells two logins of it apart.
    pub who: String,
    /// The name that a person gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Gets a new access token. The only one that works, where tokens rotate.
    #[serde(default, with = "secret", skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<SecretString>,
    /// Worked when it was last used.
    #[serde(default, with = "secret", skip_serializing_if = "Option::is_none")]
    pub access_token: Option<SecretString>,
    /// Where the org's data is.
    pub instance_url: String,
    /// The org.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_id: Option<String>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org_name: Option<String>,
    /// The user who is logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// What the tokens may do.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Whether Salesforce has replaced the refresh token before: it will do so again.
    #[serde(default)]
    pub rotates: bool,
    /// When the person or the program logged in.
    #[serde(with = "moment")]
    pub logged_in_at: Timestamp,
    /// When the access token was obtained.
    #[serde(with = "moment")]
    pub renewed_at: Timestamp,
}

impl Login {
    /// A login that was made just now.
    pub fn new(key: &Key, instance_url: String) -> Self {
        let now = Timestamp::now();
        Self {
            format: FORMAT.to_owned(),
            host: key.host.clone(),
            client_id: key.client_id.clone(),
            who: key.who.clone(),
            profile: key.profile.clone(),
            refresh_token: None,
            access_token: None,
            instance_url,
            org_id: None,
            org_name: None,
            user_id: None,
            username: None,
            scopes: Vec::new(),
            rotates: false,
            logged_in_at: now,
            renewed_at: now,
        }
    }

    /// Reads a file.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let login: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if login.format != FORMAT {
            return Err(format!("its format is `{}`, and this version reads `{FORMAT}`", login.format));
        }
        Ok(login)
    }

    /// From now on no message shows its secrets.
    pub(super) fn hide(&self) {
        self.refresh_token.iter().chain(&self.access_token).for_each(keep_out);
    }

    /// What may stand in a file where the tokens are in a keyring.
    pub(super) fn without_tokens(&self) -> Self {
        Self { refresh_token: None, access_token: None, ..self.clone() }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Its key.
    pub fn key(&self) -> Key {
        let Self { host, client_id, who, profile, .. } = self.clone();
        Key { host, client_id, who, profile }
    }

    /// Whether it was made by a person, with a browser.
    pub fn is_of_a_person(&self) -> bool {
        self.who == Key::BROWSER
    }

    /// The flow that it was made by.
    pub fn flow(&self) -> &str {
        self.who.split(':').next().unwrap_or_default()
    }

    /// A session with its access token, if it has one; `domain` is where it was made.
    pub fn session(&self, domain: &Domain) -> Option<Session> {
        let instance = domain.instance(&self.instance_url).ok()?;
        let mut session = token::session(instance, self.access_token.clone()?).ok()?;
        session.org_id.clone_from(&self.org_id);
        session.user_id.clone_from(&self.user_id);
        session.scopes.clone_from(&self.scopes);
        Some(session)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("key", &self.key()).finish_non_exhaustive()
    }
}

mod secret {
    use secrecy::{ExposeSecret, SecretString};
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands it so")]
    pub(super) fn serialize<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => serializer.serialize_str(secret.expose_secret()),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
    }
}

mod moment {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::time::Timestamp;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
    pub(super) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse(&text).ok_or_else(|| D::Error::custom("a time is malformed"))
    }
}
