//! What goes wrong between two machines, whoever they are.

use url::Url;

use super::secret::redact;

/// How a request failed to reach Salesforce, or its answer to reach us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkKind {
    /// The name does not resolve, or nothing listens there.
    Connect,
    /// Nothing came for too long.
    Timeout,
    /// The host's certificate was not accepted.
    Certificate,
    /// The connection broke.
    Broken,
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
        let detail = innermost(error);
        let kind = if error.is_timeout() {
            NetworkKind::Timeout
        } else if detail.contains("certificate") {
            NetworkKind::Certificate
        } else if error.is_connect() {
            NetworkKind::Connect
        } else {
            NetworkKind::Broken
        };
        if kind == NetworkKind::Broken && (error.is_body() || error.is_decode()) {
            return Self::Cut { detail };
        }
        let detail = if kind == NetworkKind::Timeout { "no answer in time".to_owned() } else { detail };
        Self::Network { kind, host: host.to_owned(), detail }
    }
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// One line of plain text without secrets: Salesforce's texts hold line breaks and a caret that only makes sense in a
/// fixed width, and a server may repeat what it was sent.
pub(crate) fn plain(message: &str) -> String {
    let words = message.split_whitespace().filter(|word| *word != "^");
    redact(&words.map(|word| word.replace(char::is_control, "")).collect::<Vec<_>>().join(" "))
}

/// The beginning of a page's text, without its tags, on one line.
fn excerpt(body: &[u8]) -> String {
    const LONGEST: usize = 160;
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]);
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
}
