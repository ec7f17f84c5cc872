//! Which token requests are sent again. Pure: an outcome in, a decision out.

use super::{Error, Method};
use crate::net::{self, NetworkKind};

/// Whether a token request that failed may be sent again.
///
/// A refresh token can be used up by a request whose answer never came, and who sends a used one loses the login (Salesforce
/// help, "Refresh Token Rotation"): with one, only what surely never reached the token endpoint is sent again.
///
/// | failure | refresh token | others |
/// |---|---|---|
/// | nobody reached | again | again |
/// | 420, 429, 503 | again | again |
/// | connection broken, no answer in time, answer cut short; 408, 500, 502, 504; no JSON with 200 | fail | again |
/// | refusals, certificates, redirects | fail | fail |
pub(super) fn may_be_sent_again(method: &Method, error: &Error) -> bool {
    let is_used_up = matches!(method, Method::Stored { .. } | Method::RefreshToken { .. });
    let passes = |status: u16| match status {
        420 | 429 | 503 => true,
        200 | 408 | 500 | 502 | 504 => !is_used_up,
        _ => false,
    };
    match error {
        Error::Transport(net::Error::Network { kind, .. }) => match kind {
            NetworkKind::Connect | NetworkKind::Proxy => true,
            NetworkKind::Timeout | NetworkKind::Broken => !is_used_up,
            NetworkKind::Certificate(_) => false,
        },
        Error::Transport(net::Error::Cut { .. }) => !is_used_up,
        Error::Transport(net::Error::NotJson { status, .. }) => passes(*status),
        Error::Refused { status, .. } => *status != 200 && passes(*status),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    #[test]
    fn a_refresh_token_is_not_risked() {
        let secret = || SecretString::from("s");
        let app = Method::ClientCredentials { client_id: String::new(), client_secret: secret() };
        let refresh = Method::RefreshToken { client_id: String::new(), client_secret: None, refresh_token: secret() };
        let network = |kind| Error::Transport(net::Error::Network { kind, host: String::new(), detail: String::new() });
        let page = |status| Error::Transport(net::Error::NotJson { status, excerpt: String::new() });
        let refused = |status| Error::Refused { error: "x".to_owned(), description: String::new(), status };
        let certificate = NetworkKind::Certificate(net::CertificateProblem::Issuer);
        for (error, of_app, of_refresh) in [
            (network(NetworkKind::Connect), true, true),
            (network(NetworkKind::Proxy), true, true),
            (network(NetworkKind::Broken), true, false),
            (network(NetworkKind::Timeout), true, false),
            (network(certificate), false, false),
            (Error::Transport(net::Error::Cut { detail: String::new() }), true, false),
            (page(503), true, true),
            (page(429), true, true),
            (page(502), true, false),
            (page(200), true, false),
            (page(404), false, false),
            (refused(503), true, true),
            (refused(500), true, false),
            (refused(400), false, false),
            (Error::Token, false, false),
        ] {
            assert_eq!(may_be_sent_again(&app, &error), of_app, "{error}");
            assert_eq!(may_be_sent_again(&refresh, &error), of_refresh, "{error}");
        }
    }
}
