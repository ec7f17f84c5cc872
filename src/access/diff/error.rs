//! Why two documents cannot be compared.

use std::io;

use crate::output::read::{Place, ReadError, Shown};

/// Why two documents cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// One of them cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// They tell of different orgs.
    #[error("the documents are of different orgs: {old} and {new}")]
    OtherOrg {
        /// The old document's: name and id.
        old: String,
        /// The new document's.
        new: String,
    },
    /// An item stands before another that should stand before it: a comparison would be wrong.
    #[error("{file} is not in the order of a document, {place} (in {within}): {problem}")]
    Order {
        /// Which file.
        file: Shown,
        /// Where in it.
        place: Place,
        /// In which section.
        within: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// Both should be read from one stream.
    #[error("only one of the two documents can come from stdin")]
    BothFromStdin,
    /// A temporary file.
    #[error("a temporary file cannot be used: {0}")]
    Spool(#[from] io::Error),
}
