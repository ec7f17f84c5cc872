//! The network's ground rules: which hosts may be talked to, and the one HTTP client that does it.

pub mod domain;
pub mod error;
pub mod http;
pub mod secret;

pub use domain::{AllowedHosts, Domain, DomainError};
pub use error::{Error, NetworkKind};
