//! The Salesforce API client, usable on its own: it knows nothing of Baton.
//!
//! * [`Client`] sends what the other modules describe: bearer token, bounded concurrency, repetitions, limits.
//! * [`soql`] writes queries, [`query`] reads their answers page by page, [`page`] takes a page apart.
//! * [`bulk`] reads an object by a query job instead, where that saves calls; its rows are the same.
//! * [`objects`] holds a wire struct for each object that is read, with the fields it asks for; [`select`] asks for them
//!   and does without those that an org lacks.
//! * [`error`] keeps Salesforce's own error list, [`retry`] decides what to repeat, [`observe`] tells of
//!   it, [`limits`] what has been used.
//!
//! ```no_run
//! # async fn demo(client: baton_salesforce::salesforce::Client) -> Result<(), Box<dyn std::error::Error>> {
//! use futures_util::TryStreamExt;
//!
//! #[derive(serde::Deserialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Account {
//!     name: String,
//! }
//!
//! let accounts: Vec<Account> = client.query("Account", "SELECT Name FROM Account").into_rows().try_collect().await?;
//! # Ok(())
//! # }
//! ```

pub mod bulk;
pub mod client;
mod composite;
pub mod describe;
pub mod error;
mod gate;
pub mod id;
pub mod limits;
pub mod objects;
pub mod observe;
pub mod page;
pub mod query;
pub mod retry;
pub mod scan;
pub mod select;
pub mod soql;
pub mod text;
pub mod version;

pub use crate::time::Timestamp;
pub use client::Client;
pub use error::Error;
pub use id::RecordId;
pub use limits::{ApiUsage, Budget, Spent};
pub use text::Text;
pub use version::ApiVersion;
