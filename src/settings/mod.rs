//! Settings: from flags, environment and file to what the program works with. Resolved once; no option survives.

mod logins;
mod messages;
mod method;
mod network;
mod raw;
mod values;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

pub use logins::{LoginSettings, Logins, Selection, StorePlace};
pub use messages::{Color, Messages, Progress};
pub use raw::Raw;
pub use values::duration;
use values::{also, kinds, not_one_of, within};

use crate::auth::Method;
use crate::config::ConfigError;
use crate::connector::{Expand, Options};
use crate::model::ResourceKind;
use crate::net::{AllowedHosts, Domain, DomainError, Network};
use crate::output::{Form, Format};
use crate::salesforce::bulk::{Bulk, Engine, Pauses};
use crate::salesforce::{ApiVersion, Budget};

/// A setting that cannot be used. Every message names the place that the value came from.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A value, or a combination of values.
    #[error("{0}")]
    Invalid(String),
    /// The address of the org.
    #[error("{place}: {source}")]
    Domain {
        /// Where it was given.
        place: String,
        /// What is wrong with it.
        source: DomainError,
    },
    /// Nothing that says which org.
    #[error("nothing says which org to read")]
    NoOrg,
}

/// Which org, and how to get in.
#[derive(Debug, Clone)]
pub enum Source {
    /// A real one.
    Org {
        /// Where it is.
        domain: Domain,
        /// How to log in.
        method: Method,
    },
    /// The one that comes with the program.
    #[cfg(feature = "demo")]
    Demo(String),
}

impl Source {
    /// How to log in to it; `None` for the demo org, which knows its own.
    #[cfg_attr(not(feature = "demo"), expect(clippy::unnecessary_wraps, reason = "there is no demo org then"))]
    fn method(&self) -> Option<&Method> {
        match self {
            Self::Org { method, .. } => Some(method),
            #[cfg(feature = "demo")]
            Self::Demo(_) => None,
        }
    }
}

/// How it is told what a run would take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DryRun {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What a sync needs to know.
#[derive(Debug, Clone)]
pub struct SyncSettings {
    /// Which org.
    pub source: Source,
    /// What is read.
    pub options: Options,
    /// Where the document goes.
    pub file: PathBuf,
    /// How it is written.
    pub format: Format,
    /// How many earlier syncs a `.c1z` document keeps.
    pub keep: usize,
    /// Whether anything there may be replaced.
    pub force: bool,
    /// How long to wait for another run that writes the same file.
    pub wait: Duration,
    /// How long logging in and reading may take.
    pub timeout: Duration,
    /// Whether an incomplete document may be written.
    pub allow_partial: bool,
    /// Where a new refresh token goes.
    pub refresh_token_out: Option<PathBuf>,
    /// What is kept of logins.
    pub logins: Logins,
    /// A version that is asked for.
    pub api_version: Option<ApiVersion>,
    /// Requests under way at a time.
    pub concurrency: usize,
    /// How many API calls a run may make.
    pub budget: Budget,
    /// How big objects are read.
    pub bulk: Bulk,
    /// Whether to count alone, and whether that is told as JSON.
    pub dry_run: Option<DryRun>,
    /// How Salesforce is reached.
    pub network: Network,
    /// What the person should know about the settings.
    pub warnings: Vec<String>,
}

impl Raw {
    /// What a sync needs to know.
    pub fn sync(mut self) -> Result<SyncSettings, Error> {
        let source = self.source()?;
        if let (Some(given), Source::Org { method: Method::Stored { .. }, .. }) =
            (self.given.get("refresh-token-out"), &source)
        {
            return Err(Error::Invalid(format!(
                "{} goes with a refresh token that is given (--salesforce-refresh-token-file); a login with a browser is \
                 kept in the store",
                given.place
            )));
        }
        let mut refresh_token_out = None;
        if let Some(method) = source.method() {
            let unused = self.unused(method.name());
            self.warnings.extend(unused);
            // A token that never comes needs no place, and must not keep the others out of the store.
            if matches!(method, Method::RefreshToken { .. }) {
                refresh_token_out = self.text("refresh-token-out").map(PathBuf::from);
            }
        }
        #[cfg(feature = "demo")]
        let default_file = if matches!(source, Source::Demo(_)) { "demo.json" } else { "sync.json" };
        #[cfg(not(feature = "demo"))]
        let default_file = "sync.json";
        let (file, format) = self.target(default_file)?;
        let keep = self.parsed("keep", within(0..=100))?;
        let (kinds, manager_groups) = self.kinds()?;
        let options = Options {
            username_as_email: self.switch("username-as-email", false)?,
            sync_deactivated_users: self.switch("sync-deactivated-users", true)?,
            sync_non_standard_users: self.switch("sync-non-standard-users", false)?,
            skip_entitlements_and_grants: self.switch("skip-entitlements-and-grants", false)?,
            kinds,
            manager_groups,
            expand: self.expand()?,
        };
        let network = self.network()?;
        let concurrency = self.parsed("concurrency", within(1..=100))?;
        Ok(SyncSettings {
            source,
            options,
            file,
            format,
            keep: keep.unwrap_or(1),
            force: self.switch("force", false)?,
            wait: self.parsed("wait", duration)?.unwrap_or_default(),
            timeout: self.parsed("timeout", duration)?.unwrap_or(Duration::from_hours(6)),
            allow_partial: self.switch("allow-partial", false)?,
            refresh_token_out,
            logins: self.logins()?,
            api_version: self
                .parsed("api-version", |text| ApiVersion::parse(text).map_err(|error| error.to_string()))?,
            concurrency: concurrency.unwrap_or(8),
            budget: Budget { calls: self.calls("max-api-calls")?, reserve: self.calls("api-reserve")?, until: None },
            bulk: self.bulk()?,
            dry_run: self.parsed("dry-run", |text| match text {
                "text" => Ok(DryRun::Text),
                "json" => Ok(DryRun::Json),
                _ => Err(not_one_of("dry-run", text)),
            })?,
            network,
            warnings: self.warnings,
        })
    }

    fn bulk(&self) -> Result<Bulk, Error> {
        let engine =
            self.parsed("query-engine", |text| Engine::parse(text).ok_or_else(|| not_one_of("query-engine", text)))?;
        let pause = self.parsed("bulk-pause", |text| if text == "0" { Ok(Duration::ZERO) } else { duration(text) })?;
        let pauses = Pauses { longest: pause.unwrap_or(Pauses::default().longest), ..Pauses::default() };
        Ok(Bulk { engine: engine.unwrap_or_default(), pauses, ..Bulk::default() })
    }

    fn calls(&self, name: &str) -> Result<Option<u64>, Error> {
        self.parsed(name, |text| text.parse().map_err(|_| format!("`{text}` is not a number of API calls")))
    }

    /// Where the document goes, and in which format.
    fn target(&self, default: &str) -> Result<(PathBuf, Format), Error> {
        let asked = self.parsed("format", |text| Form::parse(text).ok_or_else(|| not_one_of("format", text)))?;
        let file = self.parsed("file", |text| {
            if text.is_empty() { Err("the path is empty".to_owned()) } else { Ok(PathBuf::from(text)) }
        })?;
        // A format that is asked for names the file that is not.
        let default = asked.map_or(default.to_owned(), |form| default.replace("json", form.name()));
        let file = file.unwrap_or_else(|| PathBuf::from(default));
        let given = self.given.get("file").or_else(|| self.given.get("format"));
        let format = Format::of(&file, asked).map_err(|error| {
            let place = given.map(|given| format!("{}: ", given.place)).unwrap_or_default();
            Error::Invalid(format!("{place}{error}"))
        })?;
        Ok((file, format))
    }

    /// The kinds of resources that are wanted, and whether the groups of managers are.
    fn kinds(&self) -> Result<(HashSet<ResourceKind>, bool), Error> {
        let mut kinds = self.parsed("sync-resource-types", kinds)?.unwrap_or_else(|| Options::default().kinds);
        let also = self.parsed("sync-also", also)?.unwrap_or_default();
        kinds.extend(also.iter().filter_map(|name| ResourceKind::parse(name)));
        if self.switch("sync-connected-apps", false)? {
            kinds.insert(ResourceKind::ConnectedApplication);
        }
        // Rights reach users through these; without them a document would say that nobody has any.
        let bearers = [ResourceKind::Profile, ResourceKind::Permission, ResourceKind::PermissionSetGroup];
        let lacking: Vec<_> = bearers.into_iter().filter(|kind| !kinds.contains(kind)).map(ResourceKind::id).collect();
        for borne in [ResourceKind::SystemPermission, ResourceKind::ConnectedApplication] {
            if kinds.contains(&borne) && !lacking.is_empty() {
                return Err(Error::Invalid(format!(
                    "--sync-resource-types: `{}` is held through profiles, permission sets and permission set groups; \
                     name {} too",
                    borne.id(),
                    lacking.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(", "),
                )));
            }
        }
        Ok((kinds, also.contains(&"manager_group")))
    }

    fn expand(&self) -> Result<Expand, Error> {
        let named = self.parsed("expand", |text| Expand::parse(text).ok_or_else(|| not_one_of("expand", text)))?;
        match (self.switch("skip-grant-expansion", false)?, named) {
            (true, Some(Expand::Used | Expand::All)) => Err(Error::Invalid(
                "--skip-grant-expansion means `--expand none`, and --expand says something else".to_owned(),
            )),
            (true, _) => Ok(Expand::None),
            (false, named) => Ok(named.unwrap_or_default()),
        }
    }

    fn allowed(&self) -> Result<AllowedHosts, Error> {
        Ok(self.parsed("allow-host", AllowedHosts::parse)?.unwrap_or_default())
    }

    fn source(&self) -> Result<Source, Error> {
        let allowed = self.allowed()?;
        #[cfg(feature = "demo")]
        if let Some(size) = self.demo()? {
            return Ok(Source::Demo(size));
        }
        let method = self.method()?;
        let domain = self.domain(&allowed, method.as_ref())?;
        match (domain, method) {
            (Some(domain), Some(Method::JwtBearer { token_host: Some(host), .. }))
                if domain.is_loopback() != host.domain().is_loopback() =>
            {
                Err(Error::Invalid(format!(
                    "--salesforce-token-url is {host} and --domain {domain}: this machine and others do not go together"
                )))
            }
            (Some(domain), Some(method)) => Ok(Source::Org { domain, method }),
            (None, None) => Err(Error::NoOrg),
            (None, Some(_)) => Err(Error::Invalid("--domain is missing: the org's My Domain name or URL".to_owned())),
            (Some(_), None) => Err(Error::Invalid(
                "nothing says how to log in: give --salesforce-client-id with --salesforce-client-secret-file \
                 (client credentials) or with --salesforce-refresh-token-file, or --salesforce-access-token-file"
                    .to_owned(),
            )),
        }
    }

    /// The org's address, as far as `method` can start there.
    fn domain(&self, allowed: &AllowedHosts, method: Option<&Method>) -> Result<Option<Domain>, Error> {
        let Some(given) = self.given.get("domain") else { return Ok(None) };
        let refused = |source| Error::Domain { place: given.place.to_string(), source };
        let domain = Domain::parse_allowing(&given.value, allowed).map_err(refused)?;
        // Client credentials are refused there by Salesforce itself ("request not supported on this domain"), and an
        // access token says nothing about the host that serves its org. A refresh token's answer names it.
        let names_the_org = matches!(
            method,
            None | Some(Method::RefreshToken { .. } | Method::Stored { .. } | Method::JwtBearer { .. })
        );
        if domain.is_login_host() && !names_the_org {
            return Err(refused(DomainError::LoginHost(domain.host())));
        }
        Ok(Some(domain))
    }
}

#[cfg(test)]
mod tests;
