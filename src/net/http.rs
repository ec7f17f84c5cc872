//! The one HTTP client: every request of the program, login and API alike, goes through a client built here.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::LOCATION;
use reqwest::redirect;

use super::proxy::Proxy;
use super::retry::Policy;
use super::tls::{self, Authorities};
use super::{Domain, Error};

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// To reach the host.
    pub connect: Duration,
    /// For the next bytes of an answer. A query may compute for two minutes before its
    /// first byte (Salesforce, "SOQL and SOSL limits").
    pub read: Duration,
    /// For the whole of an answer: the longest that Salesforce works on a request ("API request limits").
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(15), read: Duration::from_secs(150), whole: Duration::from_mins(10) }
    }
}

/// How Salesforce is reached.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How often a request is sent again.
    pub retry: Policy,
    /// The proxy on the way; the system's own, where it has one, if none is named.
    pub proxy: Option<Proxy>,
    /// Authorities that are believed beside the system's.
    pub authorities: Authorities,
}

/// Why there can be no client.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Nobody is there to vouch for a host.
    #[error("no certificate authorities are installed{}", .named.as_ref().map(|named| format!(": {named} holds none")).unwrap_or_default())]
    NoAuthorities {
        /// The environment's own place for them.
        named: Option<String>,
    },
    /// TLS.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The client.
    #[error("cannot set up HTTPS: {}", super::error::innermost(.0))]
    Client(#[from] reqwest::Error),
}

impl SetupError {
    pub(super) fn no_authorities() -> Self {
        let named = |name: &str| std::env::var(name).ok().map(|place| format!("{name} (`{place}`)"));
        Self::NoAuthorities { named: named("SSL_CERT_FILE").or_else(|| named("SSL_CERT_DIR")) }
    }
}

/// Builds the client. Redirects are never followed: the token would go with the request, or be dropped on the way.
///
/// An org on this machine is asked without a proxy, and without TLS unless its address says so.
pub fn client(network: &Network, domain: &Domain) -> Result<reqwest::Client, SetupError> {
    let timeouts = network.timeouts;
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("baton-salesforce/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.read)
        .timeout(timeouts.whole)
        .http2_adaptive_window(true)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_timeout(Duration::from_secs(20));
    builder = match &network.proxy {
        _ if domain.is_loopback() => builder.no_proxy(),
        Some(proxy) => builder.proxy(proxy.build()?),
        None => builder,
    };
    builder = if domain.is_plain() {
        builder.tls_certs_only([])
    } else {
        builder.tls_backend_preconfigured(tls::config(&network.authorities)?)
    };
    Ok(builder.build()?)
}

/// A redirect is an error: see [`client`].
pub fn refuse_redirect(answer: &reqwest::Response, host: &str) -> Result<(), Error> {
    if !answer.status().is_redirection() {
        return Ok(());
    }
    let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Err(Error::redirect(answer.status().as_u16(), host, location))
}

/// No answer that is expected is larger, decompressed: a page of 2,000 rows takes a few megabytes.
const LARGEST: usize = 64 << 20;
/// Nor is an error, whatever page it is told on.
const LARGEST_ERROR: usize = 1 << 20;

/// The whole body of an answer, if it is no larger than any that is expected.
pub async fn body(mut answer: reqwest::Response, host: &str) -> Result<Bytes, Error> {
    let limit = if answer.status().is_success() { LARGEST } else { LARGEST_ERROR };
    let failed = |error: reqwest::Error| Error::from_transport(&error, host);
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > limit {
            return Err(Error::TooLarge { host: host.to_owned(), limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
