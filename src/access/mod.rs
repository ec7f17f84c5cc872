//! Questions about access to a document: does a user hold an entitlement, by which paths, and what would have to go for
//! that to end?
//!
//! * [`index`]: a document in little memory: [`names`], direct grants, and what leads to what; [`loader`] makes it.
//! * [`graph`]: reachability and limits, pure: numbers in, numbers out. [`paths`]: single paths, the shortest first.
//! * [`rule`]: groups whose members no row names. [`doubt`]: whether *no* may be said.
//! * [`answer`]: the questions. [`find`]: who and what is meant by a name;
//!   [`filter`]: which of many.
//!
//! Only direct grants and rules count, so the answer does not depend on how far the document's grants were expanded.

pub mod answer;
pub mod diff;
pub mod doubt;
pub mod filter;
pub mod find;
pub mod graph;
pub mod index;
pub mod loader;
pub mod names;
pub mod paths;
pub mod rule;

pub use answer::{Answer, Reason, Removal, Subject, Verdict};
pub use doubt::Doubt;
pub use filter::Filter;
pub use find::{FindError, ThingQuery, UserQuery};
pub use index::Index;
pub use loader::{Keep, Loader};
pub use names::Names;
