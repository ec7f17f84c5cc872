//! Logins with a browser, and what is kept of logins.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::{Error, Raw};
use crate::auth::Method;
use crate::auth::browser::Callback;
use crate::net::{AllowedHosts, Domain, Network};

/// How long a person may take; Salesforce's page may ask for a password, a second factor and the approval.
const PATIENCE: Duration = Duration::from_mins(5);

/// Logins with a browser, and what is kept of logins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logins {
    /// Where they are kept.
    pub place: StorePlace,
    /// The name of the login that is meant.
    pub profile: Option<String>,
    /// Where the browser comes back to.
    pub callback: Callback,
    /// Whether there is no browser on this machine.
    pub no_browser: bool,
    /// How long to wait for the person.
    pub patience: Duration,
}

/// Where logins are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorePlace {
    /// Where the system keeps the user's data.
    Usual,
    /// In this folder.
    Folder(PathBuf),
    /// In the system's keyring.
    #[cfg(feature = "keyring")]
    Keyring,
    /// Nowhere.
    Nowhere,
}

/// What logging in needs to know.
#[derive(Debug, Clone)]
pub struct LoginSettings {
    /// Where.
    pub domain: Domain,
    /// The app's consumer key.
    pub client_id: String,
    /// Its secret, if it has one.
    pub client_secret: Option<SecretString>,
    /// How, and what is kept of it.
    pub logins: Logins,
    /// How Salesforce is reached.
    pub network: Network,
    /// What the person should know about the settings.
    pub warnings: Vec<String>,
}

/// Which stored logins are meant.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Those at this host.
    pub domain: Option<Domain>,
    /// Those of this app.
    pub client_id: Option<String>,
    /// The app's secret: some answers are to be had with it alone.
    pub client_secret: Option<SecretString>,
    /// Where to look, and a name.
    pub logins: Logins,
    /// Hosts that a stored login may lead to.
    pub allowed: AllowedHosts,
    /// How Salesforce is reached.
    pub network: Network,
    /// What the person should know about the settings.
    pub warnings: Vec<String>,
}

impl Raw {
    /// What logging in needs to know.
    pub fn login(self) -> Result<LoginSettings, Error> {
        let lacks = |what: &str, why: &str| Error::Invalid(format!("{what} is missing: {why}"));
        let client_id = self.text("salesforce-client-id").map(str::to_owned);
        let client_secret = self.secret("salesforce-client-secret")?;
        let method = Method::Stored { client_id: client_id.clone().unwrap_or_default(), client_secret: None };
        let allowed = self.allowed()?;
        let domain = self.domain(&allowed, Some(&method))?;
        Ok(LoginSettings {
            domain: domain.ok_or_else(|| lacks("--domain", "the org's My Domain name or URL"))?,
            client_id: client_id.ok_or_else(|| {
                lacks(
                    "--salesforce-client-id",
                    "the consumer key of your org's External Client App; the README tells how to make one",
                )
            })?,
            client_secret,
            logins: self.logins()?,
            network: self.network()?,
            warnings: self.warnings,
        })
    }

    /// Which stored logins are meant.
    pub fn selection(self) -> Result<Selection, Error> {
        let allowed = self.allowed()?;
        Ok(Selection {
            domain: self.domain(&allowed, None)?,
            client_id: self.text("salesforce-client-id").map(str::to_owned),
            client_secret: self.secret("salesforce-client-secret")?,
            logins: self.logins()?,
            allowed,
            network: self.network()?,
            warnings: self.warnings,
        })
    }

    pub(super) fn logins(&self) -> Result<Logins, Error> {
        let place = self.parsed("login-store", |text| match text {
            "none" => Ok(StorePlace::Nowhere),
            "keyring" => keyring(),
            folder => Ok(StorePlace::Folder(PathBuf::from(folder))),
        })?;
        let profile = self.parsed("profile", |text| {
            let is_name = !text.trim().is_empty() && text.len() <= 100 && !text.contains(char::is_control);
            if is_name { Ok(text.to_owned()) } else { Err(format!("`{}` is no name", text.escape_debug())) }
        })?;
        let callback = self.parsed("callback-url", Callback::parse)?;
        Ok(Logins {
            place: place.unwrap_or(StorePlace::Usual),
            profile,
            callback: match callback {
                Some(callback) => callback,
                None => Callback::parse(Callback::DEFAULT).map_err(Error::Invalid)?,
            },
            no_browser: self.switch("no-browser", false)?,
            patience: self.duration("login-timeout", PATIENCE)?,
        })
    }
}

#[cfg(feature = "keyring")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature it is an error")]
fn keyring() -> Result<StorePlace, String> {
    Ok(StorePlace::Keyring)
}

#[cfg(not(feature = "keyring"))]
fn keyring() -> Result<StorePlace, String> {
    Err("this program was built without the system's keyring; build it with `--features keyring`, or name a folder (one \
         that is called so is `./keyring`)"
        .to_owned())
}
