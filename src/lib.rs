//! Who has access to what in a Salesforce org, and why.

pub mod auth;
pub mod connector;
#[cfg(feature = "demo")]
pub mod demo;
pub mod model;
pub mod net;
pub mod output;
pub mod salesforce;
pub mod stop;
pub mod sync;
pub mod time;
