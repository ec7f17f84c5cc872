//! What can go wrong between us and Salesforce, with Salesforce's own words kept whole.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use super::limits::Spent;
use super::version::VersionError;
use crate::auth;
use crate::net;
use crate::net::error::plain;

/// One element of Salesforce's error list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// `INVALID_FIELD`, `INVALID_SESSION_ID`, …: what decisions are made by.
    pub code: String,
    /// Salesforce's text, in the language of the user who is logged in.
    pub message: String,
    /// The fields it is about, if any.
    pub fields: Vec<String>,
}

/// A refused request: the status and all errors of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Never empty.
    pub errors: Vec<ApiError>,
}

impl Refusal {
    /// Whether any of the errors has one of these codes.
    pub fn has(&self, codes: &[&str]) -> bool {
        self.errors.iter().any(|error| codes.contains(&error.code.as_str()))
    }

    /// Whether Salesforce has lost the cursor, or does not give it to this session.
    pub(crate) fn is_lost_cursor(&self) -> bool {
        self.has(&[
            "INVALID_QUERY_LOCATOR",
            "INVALID_QUERY_LOCATOR_FORMAT",
            "QUERY_LOCATOR_EXPIRED",
            "QUERY_LOCATOR_NOT_FOUND",
            "LOCATOR_LOCATION_EXCEEDS_SIZE",
            "UNAUTHORIZED_USER_FOR_CURSOR",
        ])
    }

    /// The first error's code.
    pub fn code(&self) -> &str {
        self.errors.first().map(|error| error.code.as_str()).unwrap_or_default()
    }

    /// Reads an error body: a list of errors, or one bare error, or an OAuth error. `None` if it is none of these.
    pub fn decode(status: u16, body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire {
            #[serde(alias = "error")]
            error_code: String,
            #[serde(default, alias = "error_description")]
            message: Option<String>,
            #[serde(default)]
            fields: Option<Vec<String>>,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Body {
            List(Vec<Wire>),
            One(Wire),
        }
        let list = match serde_json::from_slice(body).ok()? {
            Body::List(list) => list,
            Body::One(one) => vec![one],
        };
        let errors: Vec<_> = list
            .into_iter()
            .map(|wire| ApiError {
                code: wire.error_code,
                message: wire.message.unwrap_or_default(),
                fields: wire.fields.unwrap_or_default(),
            })
            .collect();
        (!errors.is_empty()).then_some(Self { status, errors })
    }
}

/// Salesforce gives one error, seldom a few; so many are told.
const MOST_TOLD: usize = 20;

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, error) in self.errors.iter().take(MOST_TOLD).enumerate() {
            if n > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{}: {}", plain(&error.code), plain(words(&error.message)))?;
            if !error.fields.is_empty() {
                write!(f, " (fields: {})", plain(&error.fields.join(", ")))?;
            }
        }
        if let Some(more) = self.errors.len().checked_sub(MOST_TOLD).filter(|more| *more > 0) {
            write!(f, "; and {more} more")?;
        }
        write!(f, " (HTTP {})", self.status)
    }
}

/// Salesforce's words, without the statement that it repeats before them, with a caret under it.
fn words(message: &str) -> &str {
    let caret = message.split_inclusive('\n').scan(0, |end, line| {
        *end += line.len();
        Some((line.trim(), *end))
    });
    caret.filter(|(line, _)| *line == "^").last().map_or(message, |(_, end)| &message[end..])
}

/// A failed call.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Salesforce answered with its error list.
    #[error("{0}")]
    Api(Box<Refusal>),
    /// The network, or something on it that is not Salesforce's API.
    #[error(transparent)]
    Net(#[from] net::Error),
    /// An answer that contradicts the protocol.
    #[error("unexpected answer: {}", plain(.0))]
    Protocol(String),
    /// Fewer or more rows came than were announced.
    #[error("Salesforce announced {announced} rows and delivered {delivered}")]
    Totals {
        /// `totalSize`.
        announced: u64,
        /// Rows received.
        delivered: u64,
    },
    /// The number of rows is another one on a later page.
    #[error("Salesforce announced {announced} rows, and {now} on a later page")]
    Changed {
        /// `totalSize` on the first page.
        announced: u64,
        /// `totalSize` on a later one.
        now: u64,
    },
    /// A query job of the Bulk API that gave no rows.
    #[error("{0}")]
    Job(String),
    /// The call was not made: it was not to be.
    #[error(transparent)]
    Spent(Spent),
    /// No usable API version.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// The session ended, and no new one could be had: this is what stopped the run.
    #[error("the session ended, and {0}")]
    Login(#[source] Arc<auth::Error>),
    /// A token that was got just now is refused as well: another one would be, too.
    #[error("Salesforce refuses a new session, too: {0}")]
    StillRefused(#[source] Box<Error>),
}

impl Error {
    /// The refusal, if Salesforce refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Api(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Whether the token was refused, and not what was asked with it.
    pub(crate) fn is_session_refused(&self) -> bool {
        self.status() == Some(401)
    }

    /// The HTTP status of an answer that refuses.
    fn status(&self) -> Option<u16> {
        match self {
            Self::Api(refusal) => Some(refusal.status),
            Self::Net(net::Error::NotJson { status, .. }) => Some(*status),
            _ => None,
        }
    }

    /// Whether the query took Salesforce too long.
    pub(crate) fn is_query_timeout(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.has(&["QUERY_TIMEOUT"]))
    }

    /// Whether a cursor cannot be read on.
    pub(crate) fn is_lost_cursor(&self) -> bool {
        self.refusal().is_some_and(|refusal| {
            refusal.is_lost_cursor() || refusal.has(&["NOT_FOUND", "TEMPORARY_QUERY_MORE_FAILURE"])
        })
    }

    /// Whether the address was too long.
    pub(crate) fn is_too_long(&self) -> bool {
        matches!(self.status(), Some(414 | 431))
    }

    /// The same, of a token that was new.
    pub(crate) fn after_renewal(self) -> Self {
        Self::StillRefused(Box::new(self))
    }

    /// Makes an error of an answer that is not a success.
    pub(crate) fn from_answer(status: u16, body: &[u8]) -> Self {
        match Refusal::decode(status, body) {
            Some(refusal) => Self::Api(Box::new(refusal)),
            None => Self::Net(net::Error::not_json(status, body)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_of_the_list_are_kept() {
        let body =
            br#"[{"message":"\nSELECT Id, X FROM User\n           ^\nERROR at Row:1","errorCode":"INVALID_FIELD"},
            {"message":"m","errorCode":"B","fields":["Id"]}]"#;
        let refusal = Refusal::decode(400, body).unwrap();
        assert_eq!(refusal.errors.len(), 2);
        assert!(refusal.has(&["B"]) && !refusal.has(&["C"]));
        assert_eq!(refusal.to_string(), "INVALID_FIELD: ERROR at Row:1; B: m (fields: Id) (HTTP 400)");
    }

    #[test]
    fn bare_and_oauth_errors_are_read_too() {
        assert_eq!(Refusal::decode(400, br#"{"errorCode":"A","message":"m"}"#).unwrap().code(), "A");
        let oauth = Refusal::decode(400, br#"{"error":"invalid_grant","error_description":"d"}"#).unwrap();
        assert_eq!(oauth.to_string(), "invalid_grant: d (HTTP 400)");
        for body in [&b"[]"[..], b"<html>", b"", b"3"] {
            assert_eq!(Refusal::decode(400, body), None);
        }
    }
}
