//! Who has access to what in a Salesforce org, and why.

#[cfg(feature = "demo")]
pub mod demo;
pub mod salesforce;
