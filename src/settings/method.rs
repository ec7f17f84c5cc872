//! How to log in: named, or told by what is given.

#[cfg(feature = "demo")]
use std::cmp::Ordering;

use super::raw::Given;
#[cfg(feature = "demo")]
use super::values::parse_bool;
use super::values::{audience, not_one_of, private_key, private_key_in};
use super::{Error, Raw};
use crate::auth::{Method, PrivateKey};
use crate::cli::{self, LOGINS, Login};
use crate::net::TokenHost;

/// Settings that are there for one way to log in alone, and tell that it is meant. An app's secret is not among them:
/// apps have one, whichever way they log in.
const TELLING: [(&str, &str); 4] = [
    ("salesforce-access-token", "access-token"),
    ("salesforce-refresh-token", "oauth"),
    ("salesforce-private-key", "jwt-bearer"),
    ("salesforce-jwt-subject", "jwt-bearer"),
];

impl Raw {
    /// How to log in; `None` where nothing says so.
    pub(super) fn method(&self) -> Result<Option<Method>, Error> {
        let named = self.parsed("auth-method", |text| {
            let name = text.trim_end_matches("-group");
            let login = LOGINS.iter().find(|login| login.name == name);
            login.map(|login| login.name).ok_or_else(|| not_one_of("auth-method", text))
        })?;
        let Some(name) = named.map_or_else(|| self.told(), |name| Ok(Some(name)))? else { return Ok(None) };
        let lacks = |what: &str| Error::Invalid(format!("the login by `{name}` needs {what}"));
        let client_id = || {
            let id = self.text("salesforce-client-id").map(str::to_owned);
            id.ok_or_else(|| lacks("--salesforce-client-id"))
        };
        let method = match name {
            "access-token" => {
                let token = self.secret("salesforce-access-token")?;
                Method::AccessToken(token.ok_or_else(|| lacks("--salesforce-access-token-file"))?)
            }
            "oauth" => {
                let (client_id, client_secret) = (client_id()?, self.secret("salesforce-client-secret")?);
                match self.secret("salesforce-refresh-token")? {
                    Some(refresh_token) => Method::RefreshToken { client_id, client_secret, refresh_token },
                    None => Method::Stored { client_id, client_secret },
                }
            }
            "jwt-bearer" => Method::JwtBearer {
                client_id: client_id()?,
                subject: self
                    .text("salesforce-jwt-subject")
                    .map(str::to_owned)
                    .ok_or_else(|| lacks("--salesforce-jwt-subject: the username to act as"))?,
                key: self.private_key()?.ok_or_else(|| lacks("--salesforce-private-key"))?,
                token_host: self.token_host()?.map(Box::new),
                audience: self.parsed("salesforce-login-url", audience)?,
            },
            _ => {
                let secret = self.secret("salesforce-client-secret")?;
                Method::ClientCredentials {
                    client_id: client_id()?,
                    client_secret: secret.ok_or_else(|| lacks("--salesforce-client-secret-file"))?,
                }
            }
        };
        Ok(Some(method))
    }

    /// Where tokens are asked for, if not at the org's address.
    fn token_host(&self) -> Result<Option<TokenHost>, Error> {
        let Some(given) = self.given.get("salesforce-token-url") else { return Ok(None) };
        let refused = |source| Error::Domain { place: given.place.to_string(), source };
        TokenHost::parse(&given.value, &self.allowed()?).map(Some).map_err(refused)
    }

    /// The way to log in that is told by what is given.
    fn told(&self) -> Result<Option<&'static str>, Error> {
        let mut telling = TELLING.iter().filter_map(|(name, login)| Some((self.given_or_file(name)?, *login)));
        if let Some((one, login)) = telling.next() {
            // Which of them was left over from another day, nobody can tell; and they may be of two users.
            return match telling.find(|(_, other)| *other != login) {
                None => Ok(Some(login)),
                Some((other, other_login)) => Err(Error::Invalid(format!(
                    "{} is for the login by `{login}` and {} for the one by `{other_login}`: leave one of them out, or \
                     say with --auth-method which login is meant",
                    one.place, other.place
                ))),
            };
        }
        // Client credentials are nothing without the secret; an app without one is for people.
        let has_secret = self.given_or_file("salesforce-client-secret").is_some();
        let app = self.given.contains_key("salesforce-client-id");
        Ok(app.then_some(if has_secret { "client-credentials" } else { "oauth" }))
    }

    /// What is given and is of no use to the login that is made, as a warning.
    pub(super) fn unused(&self, name: &str) -> Option<String> {
        let used =
            |other: &&str| LOGINS.iter().any(|login| login.name == name && login.settings().any(|s| s == *other));
        // A consumer key is no secret, and stands beside tokens in many a settings file.
        let all = LOGINS.iter().flat_map(Login::settings).filter(|other| *other != "salesforce-client-id");
        let mut unused: Vec<_> = all.filter(|other| !used(other)).filter_map(|other| self.given.get(other)).collect();
        unused.sort_by_key(|given| given.place.to_string());
        unused.dedup_by_key(|given| given.place.to_string());
        let places: Vec<_> = unused.iter().map(|given| given.place.to_string()).collect();
        let verb = if places.len() == 1 { "is" } else { "are" };
        (!places.is_empty()).then(|| format!("{} {verb} not used by the login by `{name}`", places.join(", ")))
    }

    /// The demo org that is wanted. A real org that is named in a place that counts for more beats it: a flag beats the
    /// environment, and that the file.
    #[cfg(feature = "demo")]
    pub(super) fn demo(&self) -> Result<Option<String>, Error> {
        let Some(demo) = self.given.get("demo").filter(|demo| parse_bool(&demo.value) != Some(false)) else {
            return Ok(None);
        };
        let login = LOGINS.iter().flat_map(Login::settings).chain(["auth-method"]);
        let strongest = login.filter_map(|name| self.given.get(name)).min_by_key(|given| given.place.rank());
        match strongest.map(|given| (given, given.place.rank().cmp(&demo.place.rank()))) {
            Some((given, Ordering::Equal)) => Err(Error::Invalid(format!(
                "{} and {} exclude each other: the demo org has its own login",
                demo.place, given.place
            ))),
            Some((_, Ordering::Less)) => Ok(None),
            _ if parse_bool(&demo.value) == Some(true) => Ok(Some("small".to_owned())),
            _ => Ok(Some(demo.value.clone())),
        }
    }

    /// A secret, or the file that it is in.
    fn given_or_file(&self, name: &str) -> Option<&Given> {
        self.given.get(name).or_else(|| self.given.get(cli::in_a_file(name)?))
    }

    /// The key that signs JWT assertions: a file, or from the environment or the settings file the key itself.
    fn private_key(&self) -> Result<Option<PrivateKey>, Error> {
        let name = "salesforce-private-key";
        match self.itself(name)? {
            Some(given) => self.parsed(name, |text| private_key(text, given.is_flag())),
            None => self.parsed(&format!("{name}-file"), private_key_in),
        }
    }
}

#[cfg(test)]
mod tests;
