//! From settings to a client that is logged in: what every command on an org begins with.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use secrecy::{ExposeSecret, SecretString};
use tempfile::NamedTempFile;

use crate::auth::{self, Method};
use crate::net::{Domain, http};
use crate::output::target;
use crate::salesforce::Client;
use crate::settings::{self, Source, SyncSettings};
use crate::sync::Event;
use crate::ui::Ui;

/// A client that is logged in, with what must live as long as it is used.
pub(super) struct Connected {
    /// The client.
    pub(super) client: Client,
    /// How the login was made.
    pub(super) method: Method,
    #[cfg(feature = "demo")]
    _server: Option<crate::demo::Server>,
}

/// Logs in.
pub(super) async fn connect(settings: &SyncSettings, ui: &Ui) -> Result<Connected> {
    for warning in &settings.warnings {
        ui.warn(warning);
    }
    let token_out = TokenFile::open(settings)?;
    let origin = match &settings.source {
        Source::Org { domain, method } => Origin::real(domain, method),
        #[cfg(feature = "demo")]
        Source::Demo(size) => Origin::demo(size).await?,
    };
    let http = http::client(settings.timeouts, origin.domain.is_loopback())
        .context("cannot set up HTTPS: are certificate authorities installed (the package `ca-certificates`)?")?;
    ui.see(&Event::LoggingIn { host: origin.domain.host() });
    let session = auth::login(&http, &origin.domain, &origin.method).await?;
    if let Some(new) = &session.rotated {
        // Kept before the session is used: the old one is dead from now on.
        match token_out {
            Some(file) => file.write(new)?,
            None => ui.warn(
                "Salesforce replaced the refresh token: the one that was given works no more, and the new one is lost; \
                 give --refresh-token-out FILE to keep it",
            ),
        }
    }
    let client = Client::connect(http, session, settings.api_version, settings.concurrency).await?;
    Ok(Connected {
        client,
        method: origin.method,
        #[cfg(feature = "demo")]
        _server: origin.server,
    })
}

/// The org to log in to.
struct Origin {
    domain: Domain,
    method: Method,
    #[cfg(feature = "demo")]
    server: Option<crate::demo::Server>,
}

impl Origin {
    fn real(domain: &Domain, method: &Method) -> Self {
        Self {
            domain: domain.clone(),
            method: method.clone(),
            #[cfg(feature = "demo")]
            server: None,
        }
    }

    #[cfg(feature = "demo")]
    async fn demo(size: &str) -> Result<Self> {
        let server = super::demo_org::start(size, crate::demo::ServerOptions::default()).await?;
        let method = Method::ClientCredentials {
            client_id: server.client_id().to_owned(),
            client_secret: SecretString::from(server.client_secret()),
        };
        Ok(Self { domain: Domain::parse(server.url())?, method, server: Some(server) })
    }
}

/// The file for a new refresh token: opened before the login, since afterwards the old token may be dead.
struct TokenFile {
    path: PathBuf,
    temporary: NamedTempFile,
}

impl TokenFile {
    fn open(settings: &SyncSettings) -> Result<Option<Self>> {
        let Some(shown) = &settings.refresh_token_out else { return Ok(None) };
        let refuse = |why: &str| {
            let message = format!("cannot write the refresh token to `{}`: {why}", shown.display());
            Err(settings::Error::Invalid(message).into())
        };
        let path = target::resolve(shown);
        if path == target::resolve(&settings.file) {
            return refuse("the document goes there");
        }
        let is_folder = shown.as_os_str().to_string_lossy().ends_with(std::path::is_separator) || path.is_dir();
        if is_folder || path.file_name().is_none() {
            return refuse("it is a folder");
        }
        if path.exists() && !path.is_file() {
            return refuse("it is no file");
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let temporary = NamedTempFile::new_in(folder)
            .with_context(|| format!("cannot write the refresh token to `{}`", shown.display()))?;
        Ok(Some(Self { path, temporary }))
    }

    fn write(mut self, token: &SecretString) -> Result<()> {
        let written = writeln!(self.temporary, "{}", token.expose_secret())
            .and_then(|()| self.temporary.as_file().sync_all())
            .with_context(|| format!("cannot write the refresh token to `{}`", self.path.display()));
        written?;
        if let Err(error) = self.temporary.persist(&self.path) {
            // The old token is dead: the new one must not go with the temporary file.
            let kept = error.file.into_temp_path().keep().map_err(|error| error.error)?;
            anyhow::bail!(
                "cannot write the refresh token to `{}`: {}; it is in `{}`",
                self.path.display(),
                error.error,
                kept.display()
            );
        }
        Ok(())
    }
}
