//! Getting a token: the stored one, or a new one, which is stored before it is used.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::RwLock;
use tracing::debug;

use super::again::may_be_sent_again;
use super::durable::Replacement;
use super::refusals::{Kind, Reason};
use super::store::{Begun, Key, Lock, Login, Store, StoreError};
use super::{Error, Method, Session, login};
use crate::net::Domain;
use crate::net::retry::Policy;
use crate::panics;

/// Held for reading while a token is got and stored: to be cut off in the middle can cost a login.
static GETTING: RwLock<()> = RwLock::const_new(());

/// Waits, but not for long, until no token is about to be stored. For who is about to end the process.
pub async fn settle(limit: Duration) {
    let _ = tokio::time::timeout(limit, GETTING.write()).await;
}

/// Where a login is kept.
#[derive(Debug, Clone)]
pub enum Keep {
    /// Nowhere: it ends with the process.
    Nowhere,
    /// In the store.
    Store(Store, Key),
    /// Its caller keeps it: a new refresh token goes into this file, and nothing is stored.
    File(PathBuf),
}

/// Gets sessions for one login.
pub struct Renewer {
    http: reqwest::Client,
    domain: Domain,
    method: Method,
    keep: Keep,
    policy: Policy,
    warn: Box<dyn Fn(&str) + Send + Sync>,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    /// A refresh token that came and could not be stored: the one that is stored is dead.
    refresh_token: Option<SecretString>,
    /// Said once is enough.
    warned: bool,
}

impl Renewer {
    /// `policy` says how often a request is sent again; `warn` is told what the person should know.
    pub fn new(
        http: reqwest::Client,
        domain: Domain,
        method: Method,
        keep: Keep,
        policy: Policy,
        warn: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self { http, domain, method, keep, policy, warn: Box::new(warn), told: Mutex::default() }
    }

    /// A session to begin with.
    pub(super) async fn session(&self) -> Result<Session, Error> {
        // Most often a token is there, and then nobody has to wait for anybody.
        if let Some(session) = self.stored()?.and_then(|login| login.session(&self.domain)) {
            debug!("the stored access token is used");
            return Ok(session);
        }
        self.get(None).await
    }

    /// A session in the place of one that was refused.
    pub(super) async fn renew(&self, refused: &Session) -> Result<Session, Error> {
        debug!("the access token was refused; getting another one");
        self.get(Some(refused)).await
    }

    async fn get(&self, refused: Option<&Session>) -> Result<Session, Error> {
        let lock = self.lock().await;
        let _getting = GETTING.read().await;
        let stored = self.stored()?;
        // Another process may have been here while this one waited.
        let is_new = |session: &Session| refused.is_none_or(|refused| refused.bearer() != session.bearer());
        if let Some(session) = stored.as_ref().and_then(|login| login.session(&self.domain)).filter(is_new) {
            debug!("another process has got an access token");
            return Ok(session);
        }
        // Before the old token is used up: a full disk or a missing right must not cost the login.
        let begun = self.begin(lock.as_ref(), stored.as_ref())?;
        let session = match self.ask(stored.as_ref()).await {
            // Where locks do not work, another process can have used the refresh token up, and stored the new one.
            Err(error) if is_dead(&error) => match self.stored()?.filter(|now| is_other(now, stored.as_ref())) {
                Some(now) => self.ask(Some(&now)).await,
                None => Err(error),
            },
            other => other,
        };
        let session = session.map_err(|error| self.ended(error))?;
        self.check_org(stored.as_ref(), &session)?;
        self.store(begun, stored, &session)?;
        Ok(session)
    }

    async fn ask(&self, stored: Option<&Login>) -> Result<Session, Error> {
        let method = self.method_with(stored);
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match login(&self.http, &self.domain, &method).await {
                Err(error) if may_be_sent_again(&method, &error) => error,
                other => return other,
            };
            let Some(pause) = self.policy.pause(tries, None, fastrand::f64()) else { return Err(error) };
            debug!(%error, ?pause, "repeating the login");
            if tries == 1 {
                (self.warn)(&format!("the login fails for now and is tried again: {error}"));
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// The method, with the refresh token that works now.
    fn method_with(&self, stored: Option<&Login>) -> Method {
        let newest = self.told().refresh_token.clone().or_else(|| stored?.refresh_token.clone());
        match (&self.method, newest) {
            (
                Method::Stored { client_id, client_secret } | Method::RefreshToken { client_id, client_secret, .. },
                Some(refresh_token),
            ) => Method::RefreshToken {
                client_id: client_id.clone(),
                client_secret: client_secret.clone(),
                refresh_token,
            },
            (method, _) => method.clone(),
        }
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is stored. A file that cannot be read is told: to a person's login nothing else leads.
    fn stored(&self) -> Result<Option<Login>, Error> {
        let Keep::Store(store, key) = &self.keep else { return Ok(None) };
        match store.read(key) {
            Ok(login) => Ok(login),
            Err(error) if self.is_of_a_person() => Err(error.into()),
            Err(error) => {
                self.unusable(&error);
                Ok(None)
            }
        }
    }

    async fn lock(&self) -> Option<Lock> {
        let Keep::Store(store, key) = &self.keep else { return None };
        let (store, key) = (store.clone(), key.clone());
        // On a thread of its own: another process may hold it as long as Salesforce takes to answer.
        let locked = tokio::task::spawn_blocking(move || store.lock(&key)).await;
        match locked {
            Ok(Ok(lock)) => Some(lock),
            Ok(Err(error)) => {
                self.unusable(&error);
                None
            }
            Err(error) => {
                debug!(error = panics::ended(&error), "the lock was not waited for");
                None
            }
        }
    }

    fn begin(&self, lock: Option<&Lock>, stored: Option<&Login>) -> Result<Place, Error> {
        match (&self.keep, lock) {
            (Keep::File(path), _) => Replacement::begin(path).map(Place::File).map_err(keep_failed(path)),
            (Keep::Store(store, key), Some(lock)) => match store.begin(key, lock) {
                Ok(begun) => Ok(Place::Store(begun)),
                Err(error) if stored.is_some_and(|login| login.rotates) => Err(error.into()),
                Err(error) => {
                    self.unusable(&error);
                    Ok(Place::Nowhere)
                }
            },
            (Keep::Store(store, _), None) if stored.is_some_and(|login| login.rotates) => {
                let source = std::io::Error::other("without its lock, two runs could use up one refresh token");
                Err(StoreError::Io { what: "lock", path: store.folder().to_owned(), source }.into())
            }
            (Keep::Nowhere, _) | (Keep::Store(..), None) => Ok(Place::Nowhere),
        }
    }

    fn store(&self, place: Place, stored: Option<Login>, session: &Session) -> Result<(), Error> {
        let kept = match (place, &self.keep) {
            (Place::Store(begun), Keep::Store(_, key)) => match begun.commit(&self.record(key, stored, session)) {
                Ok(()) => true,
                Err(error) if session.rotated.is_some() => return Err(Error::Lost(error)),
                Err(error) => {
                    self.unusable(&error);
                    false
                }
            },
            (Place::File(file), Keep::File(path)) => {
                if let Some(new) = &session.rotated {
                    file.commit(format!("{}\n", new.expose_secret()).as_bytes()).map_err(keep_failed(path))?;
                    self.told().refresh_token = Some(new.clone());
                }
                true
            }
            _ => false,
        };
        if let Some(new) = session.rotated.as_ref().filter(|_| !kept) {
            self.told().refresh_token = Some(new.clone());
            (self.warn)(
                "Salesforce replaced the refresh token: the one that was given works no more, and the new one is lost \
                 when this run ends; keep logins with --login-store, or the token with --refresh-token-out",
            );
        }
        Ok(())
    }

    fn record(&self, key: &Key, stored: Option<Login>, session: &Session) -> Login {
        let mut login = Login::new(key, session.instance.to_string());
        let given = match &self.method {
            Method::RefreshToken { refresh_token, .. } => Some(refresh_token.clone()),
            _ => None,
        };
        if let Some(stored) = stored {
            login.logged_in_at = stored.logged_in_at;
            login.rotates = stored.rotates;
            login.scopes = stored.scopes;
            login.refresh_token = stored.refresh_token;
            login.org_name = stored.org_name.filter(|_| stored.org_id == session.org_id);
            login.username = stored.username.filter(|_| stored.user_id == session.user_id);
        }
        login.rotates |= session.rotated.is_some();
        login.refresh_token = session.rotated.clone().or(login.refresh_token).or(given);
        login.access_token = Some(session.token().clone());
        login.org_id.clone_from(&session.org_id);
        login.user_id.clone_from(&session.user_id);
        if !session.scopes.is_empty() {
            login.scopes.clone_from(&session.scopes);
        }
        login
    }

    /// A sandbox that was refreshed answers to its old name, and is another org.
    fn check_org(&self, stored: Option<&Login>, session: &Session) -> Result<(), Error> {
        let (Keep::Store(_, key), true) = (&self.keep, self.is_of_a_person()) else { return Ok(()) };
        let (Some(stored), Some(now)) = (stored.and_then(|login| login.org_id.as_ref()), &session.org_id) else {
            return Ok(());
        };
        // Of 18 characters, 15 say which one.
        if stored.get(..15) == now.get(..15) {
            return Ok(());
        }
        Err(Error::OtherOrg { key: Box::new(key.clone()), stored: stored.clone(), now: now.clone() })
    }

    /// The error, with the login that it is about: whoever reads it must be told how to make it anew.
    fn ended(&self, error: Error) -> Error {
        let Keep::Store(_, key) = &self.keep else { return error };
        let key = || Box::new(key.clone());
        match error {
            Error::NoLogin { .. } => Error::NoLogin { key: Some(key()) },
            error if self.is_of_a_person() && is_used_up(&error) => {
                Error::Ended { key: key(), source: Box::new(error) }
            }
            other => other,
        }
    }

    fn is_of_a_person(&self) -> bool {
        matches!(self.method, Method::Stored { .. })
    }

    /// The store is a convenience here: the run goes on without it.
    fn unusable(&self, error: &StoreError) {
        if !std::mem::replace(&mut self.told().warned, true) {
            (self.warn)(&format!(
                "the login is not kept: {error}; name another place with --login-store, or `none` to keep nothing"
            ));
        }
    }
}

enum Place {
    Nowhere,
    Store(Begun),
    File(Replacement),
}

fn keep_failed(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Keep { path, source }
}

/// Whether it is the refresh token that is refused: used up, revoked or too old. Whatever else stands in the way, such as
/// an inactive user, may go, and the login then works again.
fn is_used_up(error: &Error) -> bool {
    matches!(error, Error::Refused { description, .. } if description.contains("expired")) && is_dead(error)
}

/// Whether the refresh token may work no more.
fn is_dead(error: &Error) -> bool {
    let Error::Refused { error, description, status: ..500 } = error else { return false };
    error == "invalid_grant" && Reason::of(error, description).is_none_or(|reason| reason.kind == Kind::Ended)
}

fn is_other(now: &Login, before: Option<&Login>) -> bool {
    let token = |login: &Login| login.refresh_token.as_ref().map(|token| token.expose_secret().to_owned());
    token(now) != before.and_then(token)
}
