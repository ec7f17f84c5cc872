//! The org over HTTP/1.1 on loopback.
//!
//! [`rest`] answers `/services/data`, [`oauth`] answers `/services/oauth2` and `/id`, [`bulk`] runs query jobs, [`authorize`] is the page that a
//! person logs in on, [`describe`] tells the schema, [`answer`] puts the bytes on the wire. [`options`] holds what a test can turn.

mod answer;
mod authorize;
mod bulk;
mod composite;
mod describe;
mod jwt;
mod oauth;
mod options;
mod rest;
mod state;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

pub use bulk::{BulkFault, BulkOptions};
pub use jwt::key_pair;
pub use options::{Action, ApiAccess, Call, ClientCredentials, Fault, JwtApp, ServerOptions, Target};

use self::answer::{Answer, Body, Cut};
use self::state::State;
use super::Org;

/// Salesforce's limit on the request line with its headers, in bytes.
const MAX_HEAD: usize = 16_384;

/// The longest body of a request that is read; a token request is far shorter.
const MAX_BODY: usize = 65_536;

/// A running server; dropping it closes the port and every connection.
#[derive(Debug)]
pub struct Server {
    state: Arc<State>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves the org until the server is dropped.
    pub async fn start(org: Org, options: ServerOptions) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let url = options.origin.clone().unwrap_or_else(|| format!("http://{address}"));
        let state = Arc::new(State::new(org, options, url));
        let task = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(Self { state, address, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, or what it is known as, without a slash at the end; also the `instance_url`.
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// The org that is served.
    pub fn org(&self) -> &Org {
        &self.state.org
    }

    /// Every call so far, in the order of their answers.
    pub fn calls(&self) -> Vec<Call> {
        self.state.calls()
    }

    /// The ids of the query jobs that were made and not deleted.
    pub fn jobs(&self) -> Vec<String> {
        self.state.jobs()
    }

    /// API calls used so far, as `Sforce-Limit-Info` tells.
    pub fn api_used(&self) -> u64 {
        self.state.used()
    }

    /// Adds a fault; its count of calls starts now.
    pub fn add_fault(&self, fault: Fault) {
        self.state.add_fault(fault);
    }

    /// Ends every session: from now on the access tokens answer 401, the refresh token still works.
    pub fn expire_sessions(&self) {
        self.state.expire_sessions();
    }

    /// The consumer key of the app that may log in.
    pub fn client_id(&self) -> &str {
        &self.state.client_id
    }

    /// The consumer secret of the app.
    pub fn client_secret(&self) -> &str {
        &self.state.client_secret
    }

    /// The refresh token that works now.
    pub fn refresh_token(&self) -> String {
        self.state.refresh_token()
    }

    /// Whether this token works, access or refresh.
    pub fn knows(&self, token: &str) -> bool {
        self.state.knows(token)
    }

    /// A fresh access token.
    pub fn access_token(&self) -> String {
        self.state.open_session(self.state.org.user)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Takes connections; they end with this task.
async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                // Answers are written whole; waiting for more to send would only cost time.
                drop(stream.set_nodelay(true));
                let state = Arc::clone(&state);
                connections.spawn(async move {
                    let service = service_fn(|request| handle(&state, request));
                    let mut http = hyper::server::conn::http1::Builder::new();
                    let connection = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "connection to the demo org ended");
                    }
                });
            }
        }
    }
}

/// A request, read whole.
pub(super) struct Asked<'a> {
    method: &'a str,
    path: &'a str,
    /// The decoded parameters of the query string.
    query: Vec<(String, String)>,
    headers: &'a header::HeaderMap,
    body: &'a [u8],
}

impl Asked<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The token of `Authorization: Bearer`; `OAuth` is the older word for it.
    fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        ["bearer", "oauth"].contains(&scheme.to_ascii_lowercase().as_str()).then(|| token.trim())
    }
}

async fn handle(state: &State, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let head_bytes = head.method.as_str().len()
        + head.uri.to_string().len()
        + head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>();
    let body =
        Limited::new(body, MAX_BODY).collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let asked = Asked {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: &head.headers,
        body: &body,
    };
    let (object, soql) = state.subject(&asked);
    let call = |status| Call {
        method: asked.method.to_owned(),
        path: asked.path.to_owned(),
        object: object.clone(),
        soql: soql.clone(),
        status,
    };
    // Faults count calls in the order of their arrival, so before any pause.
    let fault = state.fault(asked.path, object.as_deref());
    if !state.options.latency.is_zero() {
        tokio::time::sleep(state.options.latency).await;
    }
    let answer = match &fault {
        Some(Action::Reset) => {
            state.log(call(None));
            return Err(Cut);
        }
        Some(Action::Status { status, content_type, body, headers }) => {
            let answer = Answer {
                status: *status,
                content_type: content_type.clone(),
                body: body.as_bytes().to_vec(),
                headers: headers.clone(),
            };
            state.count(answer, asked.path)
        }
        Some(Action::Redirect { status, location }) => Answer::html(*status, "").with("location", location),
        Some(Action::Replace { body }) => state.count(Answer::json_bytes(200, body.as_bytes().to_vec()), asked.path),
        Some(Action::Delay(pause)) => {
            tokio::time::sleep(*pause).await;
            respond(state, &asked, head_bytes)
        }
        _ => respond(state, &asked, head_bytes),
    };
    state.log(call(Some(answer.status)));
    let gzip = state.options.gzip && asked.header("accept-encoding").is_some_and(|accepted| accepted.contains("gzip"));
    Ok(answer.send(gzip, fault.as_ref(), state.options.date.as_deref()))
}

fn respond(state: &State, asked: &Asked<'_>, head_bytes: usize) -> Answer {
    let soql_chars = asked.parameter("q").map_or(0, |soql| soql.chars().count());
    if head_bytes > MAX_HEAD || soql_chars > super::soql::MAX_CHARS {
        return Answer::html(414, "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>");
    }
    if asked.path.starts_with("/services/oauth2/") || asked.path.starts_with("/id/") {
        return oauth::answer(state, asked);
    }
    let site = state.options.jwt.as_ref().and_then(|app| app.site.as_deref());
    if let Some(site) = site.filter(|site| asked.path.strip_prefix(site) == Some("/services/oauth2/token")) {
        return oauth::token(state, asked, site);
    }
    rest::answer(state, asked)
}
