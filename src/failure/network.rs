//! What to do about a network that stands in the way.

use super::{Class, Judgement};
use crate::net::{self, CertificateProblem, Domain, NetworkKind, SetupError};

pub(super) const TOKEN: &str = "the token has expired or may not be used for the REST API (scope `api`, IP restrictions, API Access \
                     Control)";
pub(super) const NOT_SALESFORCE: &str = "check --domain (and --salesforce-token-url, if given), and whether a proxy or a maintenance window stands between (status.salesforce.com)";

pub(super) fn net_error(error: &net::Error) -> Judgement {
    match error {
        net::Error::Network { kind: NetworkKind::Certificate(problem), .. } => {
            (Class::Unknown, Some(certificate(*problem).to_owned()))
        }
        net::Error::Network { kind: NetworkKind::Proxy, .. } => (
            Class::Unavailable,
            Some(
                "check the proxy's address, user and password: --proxy-file or --proxy, else HTTPS_PROXY; hosts in \
                 NO_PROXY are reached without it"
                    .to_owned(),
            ),
        ),
        net::Error::Network { kind: NetworkKind::Timeout, .. } => {
            (Class::DeadlineExceeded, Some("run it again, or wait longer with --read-timeout".to_owned()))
        }
        net::Error::Network { .. } => (
            Class::Unavailable,
            Some("check --domain, the network, and --proxy or HTTPS_PROXY if there is a proxy".to_owned()),
        ),
        net::Error::Redirect { location, .. } => {
            // Whoever redirects chose the text: it is advice only where it would be accepted.
            let advice = Domain::parse(location).map_or_else(
                |_| {
                    "nothing was sent there, and it is no host of Salesforce's: check --domain and the proxies between"
                        .to_owned()
                },
                |domain| format!("if the org has moved, give --domain {}", domain.host()),
            );
            (Class::FailedPrecondition, Some(advice))
        }
        net::Error::NotJson { status, .. } => match status {
            401 => (Class::Unauthenticated, Some(TOKEN.to_owned())),
            403 => (Class::PermissionDenied, Some(NOT_SALESFORCE.to_owned())),
            404 => (Class::NotFound, Some(NOT_SALESFORCE.to_owned())),
            414 | 431 => (Class::Unknown, None),
            429 => (Class::ResourceExhausted, Some("run it again later".to_owned())),
            _ => (Class::Unavailable, Some(NOT_SALESFORCE.to_owned())),
        },
        net::Error::TooLarge { .. } => (Class::Unavailable, Some(NOT_SALESFORCE.to_owned())),
        net::Error::Cut { .. } => (Class::Unavailable, Some("run it again".to_owned())),
    }
}

fn certificate(problem: CertificateProblem) -> &'static str {
    match problem {
        CertificateProblem::Issuer => {
            "if a proxy of your company opens TLS, give the certificate of its authority (PEM) as --ca-file; if you do not \
             know that issuer, somebody else answers there"
        }
        CertificateProblem::Dates => "check this machine's clock; if it is right, who runs that host must renew it",
        CertificateProblem::Name => "check --domain, and where its name leads (DNS, /etc/hosts, a proxy)",
        CertificateProblem::Other => "check --domain, and the proxies between",
    }
}

pub(super) fn setup_error(error: &SetupError) -> Judgement {
    let advice = match error {
        SetupError::NoAuthorities { named: None } => {
            "install the system's (the package `ca-certificates`), or give a file of them as --ca-file"
        }
        SetupError::NoAuthorities { named: Some(_) } => {
            "let it name a file of certificates (PEM), or unset it, so that the system's are used"
        }
        SetupError::Tls(_) | SetupError::Client(_) => return (Class::Unknown, None),
    };
    (Class::Unknown, Some(advice.to_owned()))
}
