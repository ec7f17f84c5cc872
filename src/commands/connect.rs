//! From settings to a client that is logged in: what every command on an org begins with.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
#[cfg(feature = "demo")]
use secrecy::SecretString;

use super::browser::Wanted;
use crate::auth::{self, Keep, Method, Renewer, Store, TokenSource};
use crate::net::{Domain, http};
use crate::output::target;
use crate::salesforce::{Budget, Client};
use crate::settings::{self, Source, StorePlace, SyncSettings};
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
pub(super) async fn connect(settings: &SyncSettings, ui: &Arc<Ui>) -> Result<Connected> {
    let (started, policy) = (Instant::now(), settings.network.retry);
    for warning in &settings.warnings {
        ui.warn(warning);
    }
    let token_out = settings.refresh_token_out.as_deref().map(|shown| token_file(shown, settings)).transpose()?;
    let origin = match &settings.source {
        Source::Org { domain, method } => Origin::real(domain, method),
        #[cfg(feature = "demo")]
        Source::Demo(size) => Origin::demo(size).await?,
    };
    let http = http::client(&settings.network, &origin.domain)?;
    let keep = match token_out {
        Some(path) => Keep::File(path),
        None if origin.is_lasting => keep(settings, &origin, ui)?,
        None => Keep::Nowhere,
    };
    // Before the lines of the run: the person has something to read, and perhaps to type.
    let made = match &origin.method {
        Method::Stored { client_id, client_secret } if ui.is_interactive() && !is_stored(&keep).await? => {
            let logins = &settings.logins;
            let client_secret = client_secret.as_ref();
            Some(Wanted { http: &http, domain: &origin.domain, client_id, client_secret, logins }.log_in(ui).await?)
        }
        _ => None,
    };
    ui.see(&Event::LoggingIn { host: origin.domain.host() });
    let tokens = match &origin.method {
        Method::AccessToken(_) => auth::login(&http, &origin.domain, &origin.method).await?.into(),
        method => {
            let warn = {
                let ui = Arc::clone(ui);
                move |message: &str| ui.warn(message)
            };
            let method = match &made {
                Some(made) => made.method(method),
                None => method.clone(),
            };
            let renewer = Renewer::new(http.clone(), origin.domain.clone(), method, keep, policy, warn);
            match made {
                Some(made) => TokenSource::with(made.session, renewer),
                None => TokenSource::open(renewer).await?,
            }
        }
    };
    let client = Client::connect(http, tokens, settings.api_version, settings.concurrency, policy).await?;
    client.limit(Budget { until: started.checked_add(settings.timeout), ..settings.budget });
    Ok(Connected {
        client,
        method: origin.method,
        #[cfg(feature = "demo")]
        _server: origin.server,
    })
}

/// Where logins are kept; `None` where nowhere.
pub(super) fn store(place: &StorePlace) -> Result<Option<Store>, auth::StoreError> {
    match place {
        StorePlace::Usual => Store::usual().map(Some),
        StorePlace::Folder(folder) => Ok(Some(Store::at(folder.clone()))),
        #[cfg(feature = "keyring")]
        StorePlace::Keyring => Store::in_keyring().map(Some),
        StorePlace::Nowhere => Ok(None),
    }
}

/// Uses the stored logins. On a thread of its own: a keyring may ask the person first, and another process may hold a lock;
/// signals must be heard meanwhile.
pub(super) async fn with<T: Send + 'static>(
    store: &Store,
    run: impl FnOnce(&Store) -> Result<T, auth::StoreError> + Send + 'static,
) -> Result<T, auth::Error> {
    let store = store.clone();
    Ok(tokio::task::spawn_blocking(move || run(&store)).await??)
}

fn keep(settings: &SyncSettings, origin: &Origin, ui: &Ui) -> Result<Keep> {
    let key = origin.method.key(&origin.domain, settings.logins.profile.as_deref());
    let store = match store(&settings.logins.place) {
        Ok(store) => store,
        Err(error) if matches!(origin.method, Method::Stored { .. }) => return Err(auth::Error::from(error).into()),
        Err(error) => {
            ui.warn(&format!("the login is not kept: {error}"));
            None
        }
    };
    Ok(store.zip(key).map_or(Keep::Nowhere, |(store, key)| Keep::Store(store, key)))
}

/// Whether a person has logged in before.
async fn is_stored(keep: &Keep) -> Result<bool, auth::Error> {
    match keep {
        Keep::Store(store, key) => {
            let key = key.clone();
            Ok(with(store, move |store| store.read(&key)).await?.is_some())
        }
        Keep::Nowhere | Keep::File(_) => Ok(false),
    }
}

/// The org to log in to.
struct Origin {
    domain: Domain,
    method: Method,
    /// Whether the org will be there at the next run.
    is_lasting: bool,
    #[cfg(feature = "demo")]
    server: Option<crate::demo::Server>,
}

impl Origin {
    fn real(domain: &Domain, method: &Method) -> Self {
        Self {
            domain: domain.clone(),
            method: method.clone(),
            is_lasting: true,
            #[cfg(feature = "demo")]
            server: None,
        }
    }

    #[cfg(feature = "demo")]
    async fn demo(size: &str) -> Result<Self> {
        let server = super::demo_org::start(size, 1, crate::demo::ServerOptions::default()).await?;
        let method = Method::ClientCredentials {
            client_id: server.client_id().to_owned(),
            client_secret: SecretString::from(server.client_secret()),
        };
        Ok(Self { domain: Domain::parse(server.url())?, method, is_lasting: false, server: Some(server) })
    }
}

/// The file for new refresh tokens, if it can be one.
fn token_file(shown: &Path, settings: &SyncSettings) -> Result<PathBuf> {
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
    Ok(path)
}
