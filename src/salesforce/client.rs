//! The client: sends requests with the session's token, a few at a time, and keeps count.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION, DATE, LOCATION};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use tracing::{debug, trace};

use super::error::Error;
use super::limits::{ApiUsage, Budget, Limits};
use super::observe::{Observer, Repeat};
use super::query::Query;
use super::retry::{self, Decision};
use super::version::{ApiVersion, Offered};
use super::{Timestamp, describe, page};
use crate::auth::{Session, TokenSource};
use crate::net;

/// A client of one org's REST API, at one version. Clones share everything.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    tokens: TokenSource,
    version: ApiVersion,
    permits: Semaphore,
    concurrency: usize,
    limits: Limits,
    budget: OnceLock<Budget>,
    calls: AtomicU64,
    bytes: AtomicU64,
    retries: AtomicU64,
    clock: AtomicI64,
    observer: Observer,
}

/// What a client has spent so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Requests to the REST API, repeated ones too. The version list and the login are not among them: they do not
    /// count towards the org's allowance.
    pub api_calls: u64,
    /// The org's allowance, as the latest answer told it.
    pub usage: Option<ApiUsage>,
    /// Bytes of all bodies, decompressed.
    pub bytes: u64,
    /// Requests that were repeated.
    pub retries: u64,
}

impl Client {
    /// Chooses the API version (`wanted`, or the newest that the org offers and this program knows) and makes a client.
    ///
    /// `concurrency` is the number of requests that may be under way at a time.
    pub async fn connect(
        http: reqwest::Client,
        tokens: impl Into<TokenSource>,
        wanted: Option<ApiVersion>,
        concurrency: usize,
    ) -> Result<Self, Error> {
        let mut client = Inner {
            http,
            tokens: tokens.into(),
            version: super::version::OLDEST_KNOWN,
            permits: Semaphore::new(concurrency.max(1)),
            concurrency: concurrency.max(1),
            limits: Limits::default(),
            budget: OnceLock::new(),
            calls: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            clock: AtomicI64::new(0),
            observer: Observer::default(),
        };
        let body = client.send_with_retry("the version list", "/services/data/", false).await?;
        let list: Vec<Offered<'_>> =
            serde_json::from_slice(&body).map_err(|error| Error::Protocol(format!("the version list: {error}")))?;
        let offered: Vec<_> = list.iter().filter_map(|line| ApiVersion::parse(&line.version).ok()).collect();
        client.version = ApiVersion::choose(&offered, wanted)?;
        debug!(version = %client.version, "API version chosen");
        Ok(Self(Arc::new(client)))
    }

    /// Limits what it may spend from now on; once for all its clones.
    pub fn limit(&self, budget: Budget) {
        let _ = self.0.budget.set(budget);
    }

    /// Calls `see` with what a request asks for when it is repeated, and when a repeated one is answered.
    pub fn observe(&self, see: impl Fn(&str, Repeat<'_>) + Send + Sync + 'static) {
        self.0.observer.set(Box::new(see));
    }

    /// Starts a query; `object` is its object, for messages.
    pub fn query(&self, object: &str, soql: &str) -> Query {
        let encoded: String = url::form_urlencoded::byte_serialize(soql.as_bytes()).collect();
        let path = format!("/services/data/v{}/query?q={encoded}", self.0.version);
        trace!(object, soql, "query");
        Query::start(self.clone(), object, path)
    }

    /// The fields of an object that the user can see.
    pub async fn describe(&self, object: &str) -> Result<Vec<describe::Field>, Error> {
        let path = format!("/services/data/v{}/sobjects/{object}/describe", self.0.version);
        let body = self.get(object, &path).await?;
        let described: describe::Described = parse(&body)?;
        Ok(described.fields)
    }

    /// Who is logged in; `None` where the token may not ask that, or no answer came: the data API says what is wrong.
    pub async fn user_info(&self) -> Option<describe::UserInfo> {
        let info = match self.get("userinfo", "/services/oauth2/userinfo").await {
            Ok(body) => parse(&body),
            Err(error) => Err(error),
        };
        info.inspect_err(|error| debug!(%error, "userinfo cannot be read")).ok()
    }

    /// The org's daily API calls. Unlike the number that comes with every answer, this costs a call.
    pub async fn allowance(&self) -> Result<ApiUsage, Error> {
        let body = self.get("limits", &format!("/services/data/v{}/limits", self.0.version)).await?;
        let limits: describe::Limits = parse(&body)?;
        let describe::Limit { max, remaining } = limits.daily_api_requests;
        Ok(ApiUsage { used: max.saturating_sub(remaining), limit: max })
    }

    /// The chosen version.
    pub fn version(&self) -> ApiVersion {
        self.0.version
    }

    /// The session in use.
    pub fn session(&self) -> Arc<Session> {
        self.0.tokens.current()
    }

    /// What has been spent so far.
    pub fn cost(&self) -> Cost {
        Cost {
            api_calls: self.0.calls.load(Ordering::Relaxed),
            usage: self.0.limits.usage(),
            bytes: self.0.bytes.load(Ordering::Relaxed),
            retries: self.0.retries.load(Ordering::Relaxed),
        }
    }

    /// Salesforce's own clock, as the latest answer told it.
    pub fn server_time(&self) -> Option<Timestamp> {
        let millis = self.0.clock.load(Ordering::Relaxed);
        (millis > 0).then(|| Timestamp::from_millis(millis))
    }

    /// Gets an absolute path of the org.
    pub(crate) async fn get(&self, object: &str, path: &str) -> Result<Bytes, Error> {
        self.0.send_with_retry(object, path, true).await
    }
}

impl Inner {
    async fn send_with_retry(&self, object: &str, path: &str, counted: bool) -> Result<Bytes, Error> {
        let mut tries = 0;
        let mut session = self.tokens.current();
        let mut is_renewed = false;
        loop {
            tries += 1;
            let error = match self.send(&session, path, counted).await {
                Ok(body) => {
                    if tries > 1 {
                        self.observer.tell(object, Repeat::Answered);
                    }
                    return Ok(body);
                }
                Err(error) => error,
            };
            if counted && error.is_session_refused() {
                // One new token for each that is refused, whoever needs it; another one would be refused as well.
                if is_renewed {
                    return Err(error.after_renewal());
                }
                let Some(renewed) = self.tokens.renew(&session).await.map_err(Error::Login)? else { return Err(error) };
                debug!(object, %error, "the session was renewed; repeating the request");
                self.retries.fetch_add(1, Ordering::Relaxed);
                (session, is_renewed, tries) = (renewed, true, 0);
                continue;
            }
            match retry::decide(&error, tries) {
                Decision::Again(pause) => {
                    debug!(object, %error, "repeating a request");
                    self.retries.fetch_add(1, Ordering::Relaxed);
                    self.observer.tell(object, Repeat::Again { reason: &error.to_string(), pause });
                    tokio::time::sleep(pause).await;
                }
                Decision::Fail => return Err(error),
            }
        }
    }

    async fn send(&self, session: &Session, path: &str, counted: bool) -> Result<Bytes, Error> {
        let url = session.instance.join(path).ok_or_else(|| {
            Error::Protocol(format!("`{}` is not a path of the org", path.chars().take(80).collect::<String>()))
        })?;
        let _permit = self.permits.acquire().await.map_err(|error| Error::Protocol(error.to_string()))?;
        let host = session.instance.host();
        let mut request = self.http.get(url).header(ACCEPT, "application/json");
        if counted {
            self.spend()?;
            request = request.header(AUTHORIZATION, session.bearer());
        }
        let answer = request.send().await.map_err(|error| net::Error::from_transport(&error, &host))?;
        let status = answer.status();
        self.note_headers(&answer);
        if status.is_redirection() {
            let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
            return Err(net::Error::redirect(status.as_u16(), &host, location).into());
        }
        let body = net::http::body(answer, &host).await?;
        self.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        if status != StatusCode::OK {
            return Err(Error::from_answer(status.as_u16(), &body));
        }
        match body.trim_ascii_start().first() {
            Some(b'{' | b'[') if page::is_whole(&body) => Ok(body),
            Some(b'{' | b'[') => Err(net::Error::Cut { detail: format!("{} bytes came", body.len()) }.into()),
            _ => Err(net::Error::not_json(status.as_u16(), &body).into()),
        }
    }

    /// Counts a call, if it may be made.
    fn spend(&self) -> Result<(), Error> {
        let budget = self.budget.get().copied().unwrap_or_default();
        let under_way = self.concurrency.saturating_sub(self.permits.available_permits()) as u64;
        let mut refused = None;
        let allowed = self.calls.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |made| {
            refused = budget.allows(made, under_way, self.limits.usage()).err();
            refused.is_none().then_some(made + 1)
        });
        match (allowed, refused) {
            (Err(_), Some(spent)) => Err(Error::Spent(spent)),
            _ => Ok(()),
        }
    }

    fn note_headers(&self, answer: &reqwest::Response) {
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        if let Some(usage) = header("sforce-limit-info").and_then(ApiUsage::parse) {
            self.limits.see(usage);
        }
        if let Some(time) = header(DATE.as_str()).and_then(Timestamp::parse_http_date) {
            self.clock.store(time.millis(), Ordering::Relaxed);
        }
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| Error::Protocol(error.to_string()))
}
