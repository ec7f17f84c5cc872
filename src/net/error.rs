//! What goes wrong between two machines, whoever they are.

use std::io;

use rustls::{CertificateError, OtherError};
use url::Url;

use super::secret::redact;
use super::{proxy, tls};
use crate::harmless;

/// How a request failed to reach Salesforce, or its answer to reach us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkKind {
    /// The name does not resolve, or nothing listens there.
    Connect,
    /// Nothing came for too long.
    Timeout,
    /// The host's certificate was not accepted.
    Certificate(CertificateProblem),
    /// The proxy on the way cannot be reached, or does not let us through.
    Proxy,
    /// The connection broke.
    Broken,
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateProblem {
    /// Who issued it is not trusted.
    Issuer,
    /// It is too old, or too new.
    Dates,
    /// It is another host's.
    Name,
    /// Something else.
    Other,
}

/// A request that got no answer of Salesforce's.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something that is not JSON: a maintenance page, a proxy's page, an empty body.
    #[error("the answer is not JSON (HTTP {status}): {excerpt}")]
    NotJson {
        /// HTTP status.
        status: u16,
        /// The beginning of its text, without markup.
        excerpt: String,
    },
    /// The answer was a redirect, which is never followed.
    #[error("{host} answered with a redirect to {location} (HTTP {status}), which is never followed")]
    Redirect {
        /// HTTP status.
        status: u16,
        /// Who answered.
        host: String,
        /// Where it points: scheme and host alone.
        location: String,
    },
    /// The network.
    #[error("cannot reach {host}: {detail}")]
    Network {
        /// What failed.
        kind: NetworkKind,
        /// Whom we wanted to reach.
        host: String,
        /// In the system's words.
        detail: String,
    },
    /// The answer is larger than any that is expected.
    #[error("{host} answered with more than {limit} bytes")]
    TooLarge {
        /// Who answered.
        host: String,
        /// What is taken at most.
        limit: usize,
    },
    /// The answer ended before its end.
    #[error("the answer was cut short: {detail}")]
    Cut {
        /// In the parser's or the network's words.
        detail: String,
    },
}

impl Error {
    /// Makes an error of a body that should have been JSON.
    pub fn not_json(status: u16, body: &[u8]) -> Self {
        Self::NotJson { status, excerpt: excerpt(body) }
    }

    /// Makes an error of a redirect; of its target the origin alone is told.
    pub fn redirect(status: u16, host: &str, location: &str) -> Self {
        let location =
            Url::parse(location).map_or_else(|_| "another page".to_owned(), |url| url.origin().ascii_serialization());
        Self::Redirect { status, host: host.to_owned(), location }
    }

    /// Makes an error of a failed request, without its URL (a query is somebody's data).
    pub fn from_transport(error: &reqwest::Error, host: &str) -> Self {
        if error.is_timeout() {
            let detail = "no answer in time".to_owned();
            return Self::Network { kind: NetworkKind::Timeout, host: host.to_owned(), detail };
        }
        let (kind, detail) = certificate(error).or_else(|| proxy(error)).unwrap_or_else(|| {
            let kind = if error.is_connect() { NetworkKind::Connect } else { NetworkKind::Broken };
            (kind, innermost(error))
        });
        if kind == NetworkKind::Broken && (error.is_body() || error.is_decode()) {
            return Self::Cut { detail };
        }
        Self::Network { kind, host: host.to_owned(), detail }
    }
}

type Cause<'e> = &'e (dyn std::error::Error + 'static);

/// An error and all that it came from.
fn causes(error: Cause<'_>) -> impl Iterator<Item = Cause<'_>> {
    std::iter::successors(Some(error), |error| {
        // What an I/O error was made of is not its source, but what it speaks for.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref).map(|inner| inner as Cause<'_>);
        inner.or_else(|| error.source())
    })
}

/// What TLS says, if it is that which failed.
fn certificate(error: &reqwest::Error) -> Option<(NetworkKind, String)> {
    match causes(error).find_map(<dyn std::error::Error>::downcast_ref::<rustls::Error>)? {
        rustls::Error::InvalidCertificate(why) => Some(match why {
            CertificateError::Other(OtherError(refused)) => match refused.downcast_ref::<tls::Refused>() {
                Some(refused) => (NetworkKind::Certificate(refused.problem), refused.to_string()),
                None => (NetworkKind::Certificate(CertificateProblem::Other), refused.to_string()),
            },
            why => (NetworkKind::Certificate(CertificateProblem::Other), why.to_string()),
        }),
        rustls::Error::InvalidMessage(_) => {
            Some((NetworkKind::Connect, "what answers there does not speak TLS".to_owned()))
        }
        _ => None,
    }
}

/// What the proxy says, if it is that which failed. The HTTP client's error has no public type; its words are stable.
fn proxy(error: &reqwest::Error) -> Option<(NetworkKind, String)> {
    let is_told = |told: &String| told.starts_with("tunnel error: ") || told.contains("socks proxy");
    let told = causes(error).map(ToString::to_string).find(is_told)?;
    let proxy = proxy::in_use();
    let detail = match told.trim_start_matches("tunnel error: ") {
        "proxy authorization required" => {
            format!("{proxy} demands a user and a password, or refuses those given (407)")
        }
        "unsuccessful" => format!("{proxy} refuses to connect to it"),
        "error connecting to socks proxy" => format!("{proxy} does not lead there: {}", innermost(error)),
        "failed to create underlying connection" => format!("{proxy} cannot be reached: {}", innermost(error)),
        "unexpected end of file" => format!("{proxy} closed the connection"),
        other => format!("{proxy}: {other}"),
    };
    Some((NetworkKind::Proxy, detail))
}

pub(super) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// One line of plain text without secrets, of no more than some length: Salesforce's texts hold line breaks and a caret
/// that only makes sense in a fixed width, and a server may repeat what it was sent.
pub(crate) fn plain(message: &str) -> String {
    let words = message.split_whitespace().filter(|word| *word != "^");
    let words = words.map(|word| word.replace(|c| !harmless::is_harmless(c), ""));
    harmless::short(&redact(&words.collect::<Vec<_>>().join(" "))).into_owned()
}

/// The beginning of a page's text, without its tags, on one line.
fn excerpt(body: &[u8]) -> String {
    const LONGEST: usize = 160;
    const READ: usize = 4096;
    let text = String::from_utf8_lossy(&body[..body.len().min(READ)]);
    let mut out = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(c),
            _ => {}
        }
    }
    // The half of a secret would not be known for one.
    if let Some(end) = out.rfind(char::is_whitespace).filter(|_| body.len() > READ) {
        out.truncate(end);
    }
    let out = plain(&out);
    if out.is_empty() {
        return "(empty)".to_owned();
    }
    if out.chars().count() > LONGEST {
        return format!("{}…", out.chars().take(LONGEST).collect::<String>());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_by_its_words() {
        let page = b"<html><head><title>Down</title></head><body>\n\n<h1>We are   down</h1>\x1b[2J</body></html>";
        assert_eq!(excerpt(page), "Down We are down [2J");
        assert_eq!(excerpt(b""), "(empty)");
    }

    #[test]
    fn no_half_of_a_secret_is_told() {
        super::super::secret::keep_out(&secrecy::SecretString::from("herring-4711-and-more"));
        for filler in 4060..4100 {
            let page = format!("<p a='{}'>Down <b>herring-4711-and-more</b>", "x".repeat(filler));
            let told = excerpt(page.as_bytes());
            assert!(!told.contains("herr"), "{told}");
        }
    }
}
