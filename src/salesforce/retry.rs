//! Which failed requests are sent again, and when. Pure: an outcome and what went before in, a decision out.
//!
//! Every request that comes here reads, so sending one again is safe. (What makes, aborts and deletes a query job does not.)

use std::time::Duration;

use super::error::Error;
use super::limits::ApiUsage;
use crate::net::retry::Policy;
use crate::net::{self, NetworkKind};

/// What went before a failure.
#[derive(Debug, Clone, Copy, Default)]
pub struct Attempt {
    /// How often it was sent; the first time is 1.
    pub tries: u32,
    /// How long the server wishes us to wait.
    pub wish: Option<Duration>,
    /// The org's allowance, as the latest answer told it.
    pub usage: Option<ApiUsage>,
    /// Whether any request was answered before: there are connections that can have died unnoticed.
    pub has_connections: bool,
    /// Whether it was sent again at once already.
    pub was_at_once: bool,
    /// From 0 to 1.
    pub random: f64,
}

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it again at once; it does not count as a try.
    AtOnce,
    /// Send it again.
    Again {
        /// After this long.
        pause: Duration,
        /// Have fewer requests under way from now on.
        fewer: bool,
    },
    /// It is final.
    Fail,
}

/// What a failure says about the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hope {
    /// It passes.
    Passing,
    /// Perhaps it passes; one more try tells.
    Doubtful,
    /// Too many requests are under way.
    Crowded,
    /// The connection broke; it can have been dead before.
    Broken,
    None,
}

/// How often a host that never answered is asked: most often its name is wrong.
const FIRST_CONTACTS: u32 = 3;

/// Decides about a failure.
///
/// | failure | |
/// |---|---|
/// | connection broken before an answer, where there were connections before | at once, the first time; then as the next line |
/// | connection refused, reset or timed out; TLS or body cut short, broken gzip | again |
/// | a host or proxy that never answered yet | again, twice |
/// | 406, 408, 420 (Edge has no route yet), 429, 500, 502, 503, 504 | again |
/// | HTML or an empty body with 200 to 399 or 5xx | again |
/// | HTML or an empty body with another 4xx | again, once |
/// | `UNABLE_TO_LOCK_ROW`, `SERVER_UNAVAILABLE`, `TEMPORARY_QUERY_MORE_FAILURE`, `UNKNOWN_EXCEPTION`, `INTERNAL_ERROR`, `TXN_SECURITY_METERING_ERROR` | again |
/// | `QUERY_TIMEOUT` | again, once; then the query is divided |
/// | `REQUEST_LIMIT_EXCEEDED` of requests under way | again, and fewer at a time |
/// | `REQUEST_LIMIT_EXCEEDED` of the day | fail |
/// | everything else: rights, 401 (the session's matter), unknown cursors, malformed queries, certificates, redirects, 414 and 431 | fail |
pub fn decide(policy: &Policy, error: &Error, attempt: &Attempt) -> Decision {
    let hope = hope(error, attempt.usage);
    let most = match hope {
        Hope::None => 0,
        Hope::Doubtful => 1,
        Hope::Broken if attempt.has_connections && !attempt.was_at_once => return Decision::AtOnce,
        Hope::Passing | Hope::Broken if !attempt.has_connections && is_unreached(error) => FIRST_CONTACTS - 1,
        Hope::Passing | Hope::Crowded | Hope::Broken => u32::MAX,
    };
    let policy = Policy { retries: policy.retries.min(most), ..*policy };
    match policy.pause(attempt.tries, attempt.wish, attempt.random) {
        Some(pause) => Decision::Again { pause, fewer: hope == Hope::Crowded },
        None => Decision::Fail,
    }
}

fn is_unreached(error: &Error) -> bool {
    matches!(error, Error::Net(net::Error::Network { kind: NetworkKind::Connect | NetworkKind::Proxy, .. }))
}

fn hope(error: &Error, usage: Option<ApiUsage>) -> Hope {
    match error {
        Error::Net(net::Error::Network { kind, .. }) => match kind {
            NetworkKind::Certificate(_) => Hope::None,
            NetworkKind::Broken => Hope::Broken,
            NetworkKind::Connect | NetworkKind::Timeout | NetworkKind::Proxy => Hope::Passing,
        },
        Error::Net(net::Error::Cut { .. }) => Hope::Passing,
        Error::Net(net::Error::NotJson { status, .. }) => match *status {
            401 | 414 | 431 => Hope::None,
            status if is_passing(status) => Hope::Passing,
            400..=499 => Hope::Doubtful,
            _ => Hope::Passing,
        },
        Error::Api(refusal) if refusal.has(&["REQUEST_LIMIT_EXCEEDED"]) => {
            let says = |word: &str| refusal.errors.iter().any(|error| error.message.contains(word));
            // The names of the limits are the same in all languages.
            if says("Concurrent") {
                Hope::Crowded
            } else if says("TotalRequests") || usage.is_none_or(|usage| usage.used >= usage.limit) {
                Hope::None
            } else {
                Hope::Crowded
            }
        }
        Error::Api(refusal) if refusal.has(&["QUERY_TIMEOUT"]) => Hope::Doubtful,
        Error::Api(refusal) => {
            let codes = [
                "UNABLE_TO_LOCK_ROW",
                "SERVER_UNAVAILABLE",
                "TEMPORARY_QUERY_MORE_FAILURE",
                "UNKNOWN_EXCEPTION",
                "INTERNAL_ERROR",
                "TXN_SECURITY_METERING_ERROR",
            ];
            if is_passing(refusal.status) || refusal.has(&codes) { Hope::Passing } else { Hope::None }
        }
        _ => Hope::None,
    }
}

fn is_passing(status: u16) -> bool {
    matches!(status, 406 | 408 | 420 | 429 | 500 | 502 | 503 | 504)
}

#[cfg(test)]
mod tests {
    use super::super::error::{ApiError, Refusal};
    use super::*;

    const POLICY: Policy = Policy { retries: 5, pause: Duration::from_secs(1) };

    fn api(status: u16, code: &str, message: &str) -> Error {
        let errors = vec![ApiError { code: code.to_owned(), message: message.to_owned(), fields: Vec::new() }];
        Error::Api(Box::new(Refusal { status, errors }))
    }

    fn network(kind: NetworkKind) -> Error {
        Error::Net(net::Error::Network { kind, host: String::new(), detail: String::new() })
    }

    fn not_json(status: u16) -> Error {
        Error::Net(net::Error::NotJson { status, excerpt: String::new() })
    }

    /// How often it is sent again, and whether fewer requests are under way then.
    fn repeated(error: &Error, attempt: Attempt) -> (u32, bool) {
        let decide = |tries| decide(&POLICY, error, &Attempt { tries, random: 0.5, ..attempt });
        let again = (1..).map_while(|tries| match decide(tries) {
            Decision::Again { fewer, .. } => Some(fewer),
            _ => None,
        });
        let again: Vec<_> = again.collect();
        (again.len().try_into().unwrap(), again.contains(&true))
    }

    const LATER: Attempt =
        Attempt { tries: 1, wish: None, usage: None, has_connections: true, was_at_once: true, random: 0.5 };

    #[test]
    fn what_passes_is_sent_again() {
        let cut = Error::Net(net::Error::Cut { detail: String::new() });
        for error in [
            network(NetworkKind::Connect),
            network(NetworkKind::Timeout),
            network(NetworkKind::Proxy),
            network(NetworkKind::Broken),
            cut,
            api(400, "UNABLE_TO_LOCK_ROW", ""),
            api(400, "TEMPORARY_QUERY_MORE_FAILURE", ""),
            api(403, "TXN_SECURITY_METERING_ERROR", ""),
        ] {
            assert_eq!(repeated(&error, LATER), (5, false), "{error}");
        }
        for status in [406, 408, 420, 429, 500, 502, 503, 504] {
            assert_eq!(repeated(&not_json(status), LATER), (5, false), "{status}");
            assert_eq!(repeated(&api(status, "X", ""), LATER), (5, false), "{status}");
        }
        for (status, times) in [(200, 5), (204, 5), (501, 5), (400, 1), (403, 1), (404, 1)] {
            assert_eq!(repeated(&not_json(status), LATER), (times, false), "{status}");
        }
        assert_eq!(repeated(&api(400, "QUERY_TIMEOUT", ""), LATER), (1, false));
    }

    #[test]
    fn a_refusal_is_final() {
        let certificate = NetworkKind::Certificate(net::CertificateProblem::Issuer);
        for error in [
            api(400, "INVALID_FIELD", ""),
            api(400, "INVALID_QUERY_LOCATOR", ""),
            api(401, "INVALID_SESSION_ID", ""),
            api(403, "INSUFFICIENT_ACCESS", ""),
            api(404, "NOT_FOUND", ""),
            network(certificate),
            Error::Net(net::Error::TooLarge { host: String::new(), limit: 1 }),
            Error::Protocol(String::new()),
        ] {
            assert_eq!(repeated(&error, LATER), (0, false), "{error}");
        }
        for status in [401, 414, 431] {
            assert_eq!(repeated(&not_json(status), LATER), (0, false), "{status}");
        }
    }

    #[test]
    fn limits_are_told_apart() {
        let limit = |message| api(403, "REQUEST_LIMIT_EXCEEDED", message);
        let with = |used| Attempt { usage: Some(ApiUsage { used, limit: 100 }), ..LATER };
        assert_eq!(repeated(&limit("TotalRequests Limit exceeded."), with(3)), (0, false));
        assert_eq!(repeated(&limit("ConcurrentPerOrgLongTxn Limit exceeded."), with(100)), (5, true));
        assert_eq!(repeated(&limit("ConcurrentRequests (Concurrent API Requests) Limit exceeded."), LATER), (5, true));
        // Other words: the numbers tell.
        assert_eq!(repeated(&limit("?"), with(100)), (0, false));
        assert_eq!(repeated(&limit("?"), with(99)), (5, true));
        assert_eq!(repeated(&limit("?"), LATER), (0, false));
    }

    #[test]
    fn a_connection_that_was_dead_before_costs_no_try() {
        let broken = network(NetworkKind::Broken);
        let first = Attempt { tries: 1, was_at_once: false, ..LATER };
        assert_eq!(decide(&POLICY, &broken, &first), Decision::AtOnce);
        let was_at_once = Attempt { was_at_once: true, ..first };
        assert!(matches!(decide(&POLICY, &broken, &was_at_once), Decision::Again { .. }));
        let fresh = Attempt { has_connections: false, ..first };
        assert!(matches!(decide(&POLICY, &broken, &fresh), Decision::Again { .. }));
    }

    #[test]
    fn who_never_answered_is_asked_three_times() {
        let first = Attempt { has_connections: false, ..LATER };
        assert_eq!(repeated(&network(NetworkKind::Connect), first), (2, false));
        assert_eq!(repeated(&network(NetworkKind::Proxy), first), (2, false));
        assert_eq!(repeated(&network(NetworkKind::Timeout), first), (5, false));
    }
}
