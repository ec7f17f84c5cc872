//! A person's login, from Salesforce's page to the store: what `login` does, and a sync that finds no login.

use std::io;

use anyhow::Result;
use secrecy::SecretString;

use super::connect::{store, with};
use crate::auth::browser::{Attempt, BrowserError, Listener, Page};
use crate::auth::store::{Key, Login, Store};
use crate::auth::{self, Method, Session};
use crate::net::Domain;
use crate::net::error::plain;
use crate::net::retry::Policy;
use crate::salesforce::Client;
use crate::settings::Logins;
use crate::sync;
use crate::ui::Ui;

/// Who wants to log in, and how.
pub(super) struct Wanted<'w> {
    pub(super) http: &'w reqwest::Client,
    pub(super) domain: &'w Domain,
    pub(super) client_id: &'w str,
    pub(super) client_secret: Option<&'w SecretString>,
    pub(super) logins: &'w Logins,
}

/// A login that a person has made.
pub(super) struct Made {
    pub(super) session: Session,
    pub(super) login: Login,
    is_kept: bool,
}

impl Made {
    /// How to go on after it: from the store if it is kept there, else with the refresh token that came.
    pub(super) fn method(&self, stored: &Method) -> Method {
        match (stored, &self.login.refresh_token) {
            (Method::Stored { client_id, client_secret }, Some(token)) if !self.is_kept => Method::RefreshToken {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
                refresh_token: token.clone(),
            },
            _ => stored.clone(),
        }
    }
}

impl Wanted<'_> {
    fn key(&self) -> Key {
        Key {
            host: self.domain.host(),
            client_id: self.client_id.to_owned(),
            who: Key::BROWSER.to_owned(),
            profile: self.logins.profile.clone(),
        }
    }

    /// Lets the person log in, and keeps the login where logins are kept.
    pub(super) async fn log_in(&self, ui: &Ui) -> Result<Made> {
        let store = store(&self.logins.place).map_err(auth::Error::from)?;
        let before = self.before(store.as_ref()).await?;
        let made = self.visit(store.as_ref(), ui).await?;
        if let Some(before) = before.filter(|before| before.user_id != made.login.user_id) {
            ui.note(&format!("this login replaces {}; with --profile both can be kept", told(&before)));
        }
        Ok(made)
    }

    /// The login that is stored already, and about to be replaced.
    async fn before(&self, store: Option<&Store>) -> Result<Option<Login>, auth::Error> {
        let Some(store) = store else { return Ok(None) };
        let key = self.key();
        with(store, move |store| {
            // That it cannot be kept must not be found out after the person has logged in.
            drop(store.begin(&key, &store.lock(&key)?)?);
            // What cannot be read is replaced.
            Ok(store.read(&key).ok().flatten())
        })
        .await
    }

    async fn visit(&self, store: Option<&Store>, ui: &Ui) -> Result<Made> {
        if self.logins.no_browser {
            let attempt = Attempt::new(self.domain, self.client_id, &self.logins.callback)?;
            let code = self.pasted(&attempt, ui).await?;
            return self.finish(&attempt, &code, store, ui).await;
        }
        // Before the browser opens: what it comes back with must find somebody.
        let listener = Listener::bind(self.logins.callback.clone()).await.map_err(auth::Error::from)?;
        let attempt = Attempt::new(self.domain, self.client_id, listener.callback())?;
        let host = self.domain.host();
        let opens = has_screen();
        ui.ask(&if opens {
            format!("log in to {host} in your browser, which opens now; if it does not, open this address:")
        } else {
            format!("log in to {host}: open this address in a browser on this machine (--no-browser: on another one):")
        });
        ui.ask(&format!("  {}", attempt.url()));
        if opens {
            open(attempt.url().to_string());
        }
        let patience = self.logins.patience;
        let visit = tokio::time::timeout(patience, listener.wait(&attempt)).await;
        let mut visit = visit.map_err(|_| auth::Error::from(BrowserError::TimedOut(patience)))?;
        let code = std::mem::replace(&mut visit.answer, Err(BrowserError::NoInput.into()));
        let made = match code {
            Ok(code) => self.finish(&attempt, &code, store, ui).await,
            Err(error) => Err(error.into()),
        };
        visit.show(page(&made)).await;
        made
    }

    async fn pasted(&self, attempt: &Attempt, ui: &Ui) -> Result<SecretString> {
        ui.ask("open this address in a browser, on any machine, and log in:");
        ui.ask(&format!("  {}", attempt.url()));
        ui.ask(&format!(
            "the browser ends at a page that may not load; paste its address ({}?code=...) here:",
            self.logins.callback
        ));
        // On a thread of its own, so that signals and the end of the time are heard.
        let line = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|_| line)
        });
        let patience = self.logins.patience;
        let line = tokio::time::timeout(patience, line).await;
        let line =
            line.map_err(|_| auth::Error::from(BrowserError::TimedOut(patience)))?.map_err(auth::Error::from)??;
        if line.trim().is_empty() {
            return Err(auth::Error::from(BrowserError::NoInput).into());
        }
        Ok(attempt.read(&line)?)
    }

    async fn finish(&self, attempt: &Attempt, code: &SecretString, store: Option<&Store>, ui: &Ui) -> Result<Made> {
        let mut session = attempt.exchange(self.http, self.client_secret, code).await?;
        let mut login = Login::new(&self.key(), session.instance.to_string());
        login.refresh_token = session.rotated.take();
        login.access_token = Some(session.token().clone());
        login.org_id.clone_from(&session.org_id);
        login.user_id.clone_from(&session.user_id);
        login.scopes.clone_from(&session.scopes);
        if login.refresh_token.is_none() {
            ui.warn(
                "the app gives no refresh token, so this login ends with its session: add the scope \u{201c}Perform requests \
                 at any time (refresh_token, offline_access)\u{201d} to the app, and log in again",
            );
        }
        // Kept before anything else is done with it.
        if let Some(store) = store {
            keep(store, login.clone()).await?;
        }
        match self.who(&session).await {
            Ok((org, username)) => {
                login.org_name = Some(org);
                login.username = username;
                if let Some(store) = store {
                    keep(store, login.clone()).await?;
                }
            }
            // The login itself is good; what stands in the way of reading is told by whoever reads.
            Err(error) => tracing::debug!(%error, "the org cannot be read"),
        }
        Ok(Made { session, login, is_kept: store.is_some() })
    }

    /// The org's name and the username. Three calls of the API.
    async fn who(&self, session: &Session) -> Result<(String, Option<String>)> {
        let client = Client::connect(self.http.clone(), session.clone(), None, 1, Policy::default()).await?;
        let (org, user) = sync::identify(&client).await?;
        Ok((org.name, user.username))
    }
}

fn page(made: &Result<Made>) -> Page {
    let error = match made {
        Ok(Made { login, .. }) => return Page::worked(facts(login)),
        Err(error) => error,
    };
    let title = match error.downcast_ref::<auth::Error>() {
        Some(auth::Error::Browser(BrowserError::Declined)) => return Page::declined(),
        Some(auth::Error::Refused { .. }) => "Salesforce refused the login",
        _ => "The login failed",
    };
    Page::failed(title, &plain(&error.to_string()))
}

/// Which org, and who, for people.
pub(super) fn facts(login: &Login) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    facts.extend(login.org_name.clone().map(|name| ("Org", name)));
    facts.extend(login.org_id.clone().map(|id| ("Org ID", id)));
    facts.push(("Address", login.instance_url.trim_start_matches("https://").to_owned()));
    facts.extend(login.username.clone().or_else(|| login.user_id.clone()).map(|name| ("User", name)));
    facts
}

/// The same in a line.
pub(super) fn told(login: &Login) -> String {
    let org = match (&login.org_name, &login.org_id) {
        (Some(name), Some(id)) => format!("{name} ({id})"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => login.host.clone(),
    };
    let user = login.username.as_ref().or(login.user_id.as_ref());
    user.map_or_else(|| org.clone(), |user| format!("{org} as {user}"))
}

/// Stores a login.
async fn keep(store: &Store, login: Login) -> Result<(), auth::Error> {
    let run = move |store: &Store| {
        let key = login.key();
        let lock = store.lock(&key)?;
        store.begin(&key, &lock)?.commit(&login)
    };
    with(store, run).await
}

/// Whether a browser can open here.
fn has_screen() -> bool {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let names = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"];
    cfg!(not(all(unix, not(target_os = "macos")))) || names.iter().any(is_set)
}

/// Opens the person's browser. On a thread of its own, which may outlast the login: some browsers run until they are
/// closed.
fn open(url: String) {
    std::thread::spawn(move || {
        if let Err(error) = webbrowser::open(&url) {
            tracing::debug!(%error, "no browser opened");
        }
    });
}
