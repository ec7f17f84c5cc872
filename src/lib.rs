//! Who has access to what in a Salesforce org, and why.

pub mod auth;
#[cfg(feature = "demo")]
pub mod demo;
pub mod net;
pub mod salesforce;
pub mod time;
