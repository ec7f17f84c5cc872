//! An embedded Salesforce org, served over real HTTP on loopback: the product's `--demo`, and the double that its
//! tests run against.
//!
//! A tour, from the data to the wire:
//!
//! * `schema` says which objects and fields there are, since which API version, and how they refer to each other;
//! * `value` is one field of one record; `org` holds the records and the switches of an [`Org`], and `defaults`
//!   fills what a record leaves out;
//! * `generate` invents an org of a [`Shape`] from a seed; `folder` loads one from recorded responses;
//! * `soql` parses and evaluates queries, with Salesforce's semantics and its error texts;
//! * `server` answers HTTP: OAuth, queries with pages, describes, limits, and [`Fault`]s on demand.
//!
//! ```
//! use baton_salesforce::demo::{Org, Server, ServerOptions, Shape};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let org = Org::generate(Shape::Small, 1);
//! assert_eq!(org.query(60, "SELECT COUNT() FROM User")?["totalSize"], 200);
//! let server = Server::start(org, ServerOptions::default()).await?;
//! println!("{} {} {}", server.url(), server.client_id(), server.client_secret());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod column;
mod defaults;
mod error;
mod folder;
mod generate;
mod org;
mod schema;
mod server;
mod soql;
mod table;
mod value;

pub use error::{ApiError, DemoError};
pub use generate::Shape;
pub use org::Org;
pub use server::{
    Action, ApiAccess, BulkFault, BulkOptions, Call, ClientCredentials, Fault, JwtApp, Server, ServerOptions, Target,
    key_pair,
};
