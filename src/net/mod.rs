//! The network's ground rules: which hosts may be talked to, through which proxy and on whose word, and the one HTTP
//! client that does it.

pub mod domain;
pub mod error;
pub mod http;
mod proxy;
pub mod retry;
pub mod secret;
mod tls;

pub use domain::{AllowedHosts, Domain, DomainError, TokenHost};
pub use error::{CertificateProblem, Error, NetworkKind};
pub use http::{Network, SetupError};
pub use proxy::Proxy;
pub use tls::Authorities;
