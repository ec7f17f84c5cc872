//! How a server behaves, and the faults that it can be told to have.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::bulk::BulkOptions;
use crate::demo::error::error_body;

/// How an org lets the API in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApiAccess {
    /// As it should be.
    #[default]
    Enabled,
    /// The edition has no API: 403 `API_DISABLED_FOR_ORG`.
    DisabledForOrg,
    /// The user lacks API access: 403 `FUNCTIONALITY_NOT_ENABLED`.
    DisabledForUser,
    /// The user lacks API access, in the other form: 403 `API_CURRENTLY_DISABLED`.
    CurrentlyDisabledForUser,
}

/// What the token endpoint says to the client-credentials grant with the right credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientCredentials {
    /// A token.
    #[default]
    Allowed,
    /// `request not supported on this domain`, as `login.salesforce.com` says.
    WrongDomain,
    /// `no client credentials user enabled`: the app has no run-as user.
    NoRunAsUser,
    /// `user is not admin approved to access this app`.
    NotApproved,
}

/// What the app knows of those who log in by JWT bearer.
#[derive(Debug, Clone)]
pub struct JwtApp {
    /// Of the certificate that was uploaded: an RSA key in DER.
    pub public_key: Vec<u8>,
    /// Whether an admin has approved the users.
    pub is_approved: bool,
    /// Assertions must be made out to the org's own address, as some External Client Apps demand; else the login host will
    /// do as well.
    pub is_known_at_home_alone: bool,
    /// The path of a site of Experience Cloud (`/partners`), which takes the assertions that are made out to itself.
    pub site: Option<String>,
}

/// How a server behaves.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Under which address others know the server, where something stands before it: the `instance_url`.
    pub origin: Option<String>,
    /// A pause before each answer.
    pub latency: Duration,
    /// Answers are compressed for who accepts that. It takes the server longer than all the rest.
    pub gzip: bool,
    /// Faults, tried in this order; more can be added later.
    pub faults: Vec<Fault>,
    /// Rows in a page of a query, instead of 2,000 or what the request asks for (200 to 2,000).
    pub page_size: Option<usize>,
    /// Where the login page may send a browser back to; none = any address of this machine.
    pub callback: Option<String>,
    /// The login page refuses who sends no PKCE challenge, as all new apps do.
    pub require_pkce: bool,
    /// The app is confidential: codes and refresh tokens are good only with its secret.
    pub require_secret: bool,
    /// What the login page answers with instead of asking anybody: an error and its description.
    pub authorization_error: Option<(String, String)>,
    /// Each refresh gives a new refresh token, and the old one dies.
    pub rotate_refresh_tokens: bool,
    /// How many calls a token is good for; none = any number.
    pub session_calls: Option<u64>,
    /// A cursor can be read on only with the token that opened it.
    pub locators_belong_to_session: bool,
    /// API calls in 24 hours; the call after the last answers 403 `REQUEST_LIMIT_EXCEEDED`.
    pub api_limit: u64,
    /// API calls that were used before the start.
    pub api_used: u64,
    /// The `Date` header, instead of the current time (`Wed, 25 Nov 2026 08:00:00 GMT`).
    pub date: Option<String>,
    /// Whether the org lets the API in.
    pub access: ApiAccess,
    /// What becomes of the client-credentials grant.
    pub client_credentials: ClientCredentials,
    /// The API versions on offer, instead of the org's.
    pub versions: Option<RangeInclusive<u16>>,
    /// The app's certificate for JWT bearer; none = the flow is off.
    pub jwt: Option<JwtApp>,
    /// What becomes of query jobs.
    pub bulk: BulkOptions,
}

impl Default for ServerOptions {
    /// An Enterprise org on any free port, without faults.
    fn default() -> Self {
        Self {
            port: 0,
            origin: None,
            latency: Duration::ZERO,
            gzip: true,
            faults: Vec::new(),
            page_size: None,
            callback: None,
            require_pkce: true,
            require_secret: false,
            authorization_error: None,
            rotate_refresh_tokens: false,
            session_calls: None,
            locators_belong_to_session: false,
            api_limit: 100_000,
            api_used: 0,
            date: None,
            access: ApiAccess::Enabled,
            client_credentials: ClientCredentials::Allowed,
            versions: None,
            jwt: None,
            bulk: BulkOptions::default(),
        }
    }
}

/// Which calls a fault is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Every call.
    Any,
    /// Calls whose path starts so.
    Path(String),
    /// Queries of the object; the further pages of a query count as well.
    Object(String),
}

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The calls in question.
    pub on: Target,
    /// Which of them, from 1; none = each.
    pub nth: Option<usize>,
    /// What happens.
    pub action: Action,
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Another answer.
    Status {
        /// The HTTP status.
        status: u16,
        /// The content type of the body.
        content_type: String,
        /// The body.
        body: String,
        /// Further headers.
        headers: Vec<(String, String)>,
    },
    /// The real answer, cut off after so many bytes of its body, by closing the connection.
    Cut {
        /// Bytes of the body that are sent.
        after_bytes: usize,
        /// Announce the whole length first; otherwise the body comes in chunks and lacks the last.
        with_content_length: bool,
    },
    /// The real answer as a gzip stream that lacks its end, although the HTTP message is whole.
    CutGzip,
    /// The connection closes without an answer.
    Reset,
    /// A pause, then the real answer.
    Delay(Duration),
    /// The real answer, a few bytes at a time.
    Trickle {
        /// Bytes in each piece.
        bytes: usize,
        /// The pause between two pieces.
        every: Duration,
    },
    /// A redirect.
    Redirect {
        /// 301, 302, …
        status: u16,
        /// Where to.
        location: String,
    },
    /// Status 200 with another body.
    Replace {
        /// The body, sent as JSON.
        body: String,
    },
}

impl Fault {
    /// A fault of one kind of call: the nth of them, from 1, or each.
    pub fn new(on: Target, nth: impl Into<Option<usize>>, action: Action) -> Self {
        Self { on, nth: nth.into(), action }
    }

    /// An error in the form of the REST API.
    pub fn api_error(on: Target, nth: impl Into<Option<usize>>, status: u16, code: &str, message: &str) -> Self {
        let body = error_body(code, message);
        let content_type = "application/json;charset=UTF-8".to_owned();
        Self::new(on, nth, Action::Status { status, content_type, body, headers: Vec::new() })
    }
}

/// A call that the server got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, without the query string.
    pub path: String,
    /// The object of a query, also for its further pages.
    pub object: Option<String>,
    /// The text of a query; absent for the further pages.
    pub soql: Option<String>,
    /// The HTTP status of the answer; none if the connection was closed without one.
    pub status: Option<u16>,
}
