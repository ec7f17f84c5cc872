//! The client: sends requests with the session's token, a few at a time, and keeps count.

mod call;

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use tokio::sync::SemaphorePermit;
use tracing::{debug, trace};

use super::error::Error;
use super::gate::Gate;
use super::limits::{ApiUsage, Budget, Limits};
use super::observe::{Observer, Repeat};
use super::query::Query;
use super::retry::{self, Attempt, Decision};
use super::version::{ApiVersion, Offered};
use super::{Timestamp, composite, describe, page};
use crate::auth::{Session, TokenSource};
use crate::net;
use crate::net::retry::Policy;

/// A client of one org's REST API, at one version. Clones share everything.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    tokens: TokenSource,
    version: ApiVersion,
    gate: Gate,
    policy: Policy,
    /// Whether any request was answered yet.
    has_connections: AtomicBool,
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
    /// `concurrency` is the number of requests that may be under way at a time, `policy` says how often one is sent again.
    pub async fn connect(
        http: reqwest::Client,
        tokens: impl Into<TokenSource>,
        wanted: Option<ApiVersion>,
        concurrency: usize,
        policy: Policy,
    ) -> Result<Self, Error> {
        let mut client = Inner {
            http,
            tokens: tokens.into(),
            version: super::version::OLDEST_KNOWN,
            gate: Gate::new(concurrency),
            policy,
            has_connections: AtomicBool::new(false),
            limits: Limits::default(),
            budget: OnceLock::new(),
            calls: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            clock: AtomicI64::new(0),
            observer: Observer::default(),
        };
        let body = client.send_with_retry("the version list", Request::Public("/services/data/")).await?;
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

    /// API calls that may still be made, as far as the org or the budget tell.
    pub(crate) fn calls_left(&self) -> Option<u64> {
        let budget = self.0.budget.get().copied().unwrap_or_default();
        budget.left(self.0.calls.load(Ordering::Relaxed), self.0.limits.usage())
    }

    /// Places for further requests that nobody uses.
    pub(crate) fn idle(&self) -> usize {
        self.0.gate.idle()
    }

    /// Whether more than one request may be under way at a time.
    pub(crate) fn is_parallel(&self) -> bool {
        self.0.gate.is_parallel()
    }

    /// Gets an absolute path of the org, in a way that its length allows.
    pub(crate) async fn get(&self, object: &str, path: &str) -> Result<Bytes, Error> {
        if path.len() <= composite::LONGEST_PATH {
            match self.0.send_with_retry(object, Request::Get(path)).await {
                Err(error) if error.is_too_long() && path.contains('?') => {
                    debug!(object, "the address is too long; sending it in a body");
                }
                answered => return answered,
            }
        }
        self.0.send_with_retry(object, Request::Composite(path)).await
    }
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
enum Request<'r> {
    /// Without a token. It is not counted.
    Public(&'r str),
    Get(&'r str),
    /// In a composite request.
    Composite(&'r str),
}

/// A request that was not answered as it should be.
struct Failure {
    error: Error,
    /// How long the server wishes us to wait.
    wish: Option<Duration>,
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { error: error.into(), wish: None }
    }
}

impl Inner {
    async fn send_with_retry(&self, object: &str, request: Request<'_>) -> Result<Bytes, Error> {
        let mut attempt = Attempt { tries: 1, ..Attempt::default() };
        let mut is_again = false;
        let mut is_renewed = false;
        loop {
            let place = self.gate.enter().await;
            // After the wait: another request can have renewed it meanwhile.
            let session = self.tokens.current();
            let Failure { error, wish } = match self.send(&session, request).await {
                Ok(body) => {
                    self.gate.answered();
                    if is_again {
                        self.observer.tell(object, Repeat::Answered);
                    }
                    return Ok(body);
                }
                Err(failure) => failure,
            };
            if !matches!(request, Request::Public(_)) && error.is_session_refused() {
                drop(place);
                self.renew(object, &session, error, is_renewed).await?;
                (is_renewed, attempt) = (true, Attempt { tries: 1, ..Attempt::default() });
                continue;
            }
            let Some(pause) = self.pause(object, &error, wish, &mut attempt, place) else { return Err(error) };
            is_again = true;
            tokio::time::sleep(pause).await;
        }
    }

    /// Gets a new token in the place of one that was refused, for a request that is to be sent again. One for each, whoever
    /// needs it; another one would be refused as well.
    async fn renew(&self, object: &str, session: &Arc<Session>, error: Error, is_renewed: bool) -> Result<(), Error> {
        if is_renewed {
            return Err(error.after_renewal());
        }
        if self.tokens.renew(session).await.map_err(Error::Login)?.is_none() {
            return Err(error);
        }
        debug!(object, %error, "the session was renewed; repeating the request");
        self.retries.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// How long to wait before a request that failed is sent again; `None` where that is final.
    fn pause(
        &self,
        object: &str,
        error: &Error,
        wish: Option<Duration>,
        attempt: &mut Attempt,
        place: Option<SemaphorePermit<'_>>,
    ) -> Option<Duration> {
        *attempt = Attempt {
            wish,
            usage: self.limits.usage(),
            has_connections: self.has_connections.load(Ordering::Relaxed),
            random: fastrand::f64(),
            ..*attempt
        };
        let pause = match retry::decide(&self.policy, error, attempt) {
            Decision::AtOnce => {
                attempt.was_at_once = true;
                Duration::ZERO
            }
            Decision::Again { pause, fewer } if self.has_time_for(pause) => {
                attempt.tries += 1;
                if let Some(place) = place.filter(|_| fewer) {
                    self.gate.narrow(place);
                }
                pause
            }
            Decision::Again { .. } | Decision::Fail => return None,
        };
        debug!(object, %error, ?pause, "repeating a request");
        self.retries.fetch_add(1, Ordering::Relaxed);
        self.observer.tell(object, Repeat::Again { reason: &error.to_string(), pause });
        Some(pause)
    }

    async fn send(&self, session: &Session, request: Request<'_>) -> Result<Bytes, Failure> {
        let in_body = composite::path(self.version);
        let path = match request {
            Request::Public(path) | Request::Get(path) => path,
            Request::Composite(_) => in_body.as_str(),
        };
        let host = session.instance.host();
        let mut sent = match request {
            Request::Public(_) | Request::Get(_) => self.request(session, Method::GET, path)?,
            Request::Composite(inner) => self
                .request(session, Method::POST, path)?
                .header(CONTENT_TYPE, "application/json")
                .body(composite::request(inner)?),
        };
        sent = sent.header(ACCEPT, "application/json");
        if !matches!(request, Request::Public(_)) {
            sent = self.counted(session, sent)?;
        }
        let answer = self.exchange(sent, &host).await?;
        let (status, wish) = (answer.status(), net::retry::wish(answer.headers()));
        let body = net::http::body(answer, &host).await?;
        self.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        if status != StatusCode::OK {
            return Err(Failure { error: Error::from_answer(status.as_u16(), &body), wish });
        }
        let body = match body.trim_ascii_start().first() {
            Some(b'{' | b'[') if page::is_whole(&body) => body,
            Some(b'{' | b'[') => return Err(net::Error::Cut { detail: format!("{} bytes came", body.len()) }.into()),
            _ => return Err(Failure { error: net::Error::not_json(status.as_u16(), &body).into(), wish }),
        };
        match request {
            Request::Composite(_) => Ok(composite::answer(&body)?),
            Request::Public(_) | Request::Get(_) => Ok(body),
        }
    }

    /// A request for a path of the org.
    fn request(&self, session: &Session, method: Method, path: &str) -> Result<RequestBuilder, Error> {
        let url = session.instance.join(path).ok_or_else(|| {
            Error::Protocol(format!("`{}` is not a path of the org", path.chars().take(80).collect::<String>()))
        })?;
        Ok(self.http.request(method, url))
    }

    /// With the session's token, and counted.
    fn counted(&self, session: &Session, request: RequestBuilder) -> Result<RequestBuilder, Error> {
        self.spend()?;
        Ok(request.header(AUTHORIZATION, session.bearer()))
    }

    /// Sends a request and waits for the answer's head, of any status but a redirect.
    async fn exchange(&self, request: RequestBuilder, host: &str) -> Result<Response, Error> {
        let answer = request.send().await.map_err(|error| net::Error::from_transport(&error, host))?;
        self.has_connections.store(true, Ordering::Relaxed);
        self.note(answer.headers());
        net::http::refuse_redirect(&answer, host)?;
        Ok(answer)
    }

    /// Whether the run may still last so long.
    fn has_time_for(&self, pause: Duration) -> bool {
        let until = self.budget.get().and_then(|budget| budget.until);
        until.is_none_or(|until| Instant::now().checked_add(pause).is_some_and(|then| then < until))
    }

    /// Counts a call, if it may be made.
    fn spend(&self) -> Result<(), Error> {
        let budget = self.budget.get().copied().unwrap_or_default();
        let under_way = self.gate.under_way() as u64;
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

    fn note(&self, headers: &HeaderMap) {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
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
