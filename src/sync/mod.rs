//! The pipeline: reads an org, maps its rows, and holds what a document needs until it is written.
//!
//! ```text
//! Organization, who is logged in
//!   └─ all objects are asked for at once; they are taken in three steps, since rows point to one another:
//!        1. licences, roles, profiles, permission sets, permission set groups, groups, queues, frozen logins
//!        2. users                        (with their profile and role)
//!        3. assignments ∥ group members  (of the users, sets and groups that are in the document)
//!   └─ what was named and not listed is looked up
//! ```
//!
//! Of the big objects (users, assignments, members) no more than a page is held; what they make goes to the
//! [spool](crate::output::Spool).

mod ask;
mod derive;
mod error;
mod events;
mod missing;
mod probe;
mod read;
mod run;
mod source;
mod steps;
mod synced;

pub use error::{Error, Incomplete};
pub use events::{Event, Watch};
pub use probe::{Counted, Identity, Outcome, Probe, Rights, count, identify, probe, rights};
pub use run::{Request, new_id, run};
pub use synced::Synced;
