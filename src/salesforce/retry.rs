//! Which failed requests are repeated, and when. Pure: an outcome and the number of tries in, a decision out.
//!
//! Every request of ours is a `GET` of the same bytes, so repeating one is safe. A transient failure is repeated once.

use std::time::Duration;

use super::error::Error;
use crate::net::{self, NetworkKind};

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it again after this long.
    Again(Duration),
    /// It is final.
    Fail,
}

/// How often a request is sent at most.
pub const TRIES: u32 = 2;
const PAUSE: Duration = Duration::from_millis(250);

/// Decides about the failure of try number `tries` (the first is 1).
///
/// | failure | |
/// |---|---|
/// | connection refused, reset or timed out; body cut short | again |
/// | 408, 420 (Edge has no route yet), 429, 500, 502, 503, 504, also with an HTML or empty body | again |
/// | `UNABLE_TO_LOCK_ROW`, `SERVER_UNAVAILABLE`, `TEMPORARY_QUERY_MORE_FAILURE`, `UNKNOWN_EXCEPTION` | again |
/// | everything else: rights, limits, malformed queries, certificates | fail |
pub fn decide(error: &Error, tries: u32) -> Decision {
    if tries >= TRIES || !is_transient(error) {
        return Decision::Fail;
    }
    Decision::Again(PAUSE)
}

fn is_transient(error: &Error) -> bool {
    match error {
        Error::Net(net::Error::Network { kind, .. }) => !matches!(kind, NetworkKind::Certificate(_)),
        Error::Net(net::Error::Cut { .. }) => true,
        Error::Net(net::Error::NotJson { status, .. }) => is_transient_status(*status),
        Error::Api(refusal) => {
            is_transient_status(refusal.status)
                || refusal.has(&[
                    "UNABLE_TO_LOCK_ROW",
                    "SERVER_UNAVAILABLE",
                    "TEMPORARY_QUERY_MORE_FAILURE",
                    "UNKNOWN_EXCEPTION",
                ])
        }
        _ => false,
    }
}

fn is_transient_status(status: u16) -> bool {
    matches!(status, 408 | 420 | 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::super::error::{ApiError, Refusal};
    use super::*;

    fn api(status: u16, code: &str) -> Error {
        let errors = vec![ApiError { code: code.to_owned(), message: String::new(), fields: Vec::new() }];
        Error::Api(Box::new(Refusal { status, errors }))
    }

    #[test]
    fn a_transient_failure_is_repeated_once() {
        for error in [
            api(503, "SERVER_UNAVAILABLE"),
            api(500, "UNKNOWN_EXCEPTION"),
            api(400, "UNABLE_TO_LOCK_ROW"),
            Error::Net(net::Error::NotJson { status: 502, excerpt: String::new() }),
            Error::Net(net::Error::Cut { detail: String::new() }),
            Error::Net(net::Error::Network { kind: NetworkKind::Timeout, host: String::new(), detail: String::new() }),
        ] {
            assert_eq!(decide(&error, 1), Decision::Again(PAUSE), "{error}");
            assert_eq!(decide(&error, 2), Decision::Fail, "{error}");
        }
    }

    #[test]
    fn a_refusal_is_final() {
        for error in [
            api(400, "INVALID_FIELD"),
            api(401, "INVALID_SESSION_ID"),
            api(403, "REQUEST_LIMIT_EXCEEDED"),
            Error::Net(net::Error::NotJson { status: 200, excerpt: String::new() }),
            Error::Net(net::Error::Network {
                kind: NetworkKind::Certificate(net::CertificateProblem::Issuer),
                host: String::new(),
                detail: String::new(),
            }),
        ] {
            assert_eq!(decide(&error, 1), Decision::Fail, "{error}");
        }
    }
}
