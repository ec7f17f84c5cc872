//! Why a run ends without a document.

use std::io;

use crate::model::document::NotRead;
use crate::output::TargetError;
use crate::salesforce;

/// A failed run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An object that the document cannot do without.
    #[error("{object} could not be read: {source}")]
    Read {
        /// The object.
        object: String,
        /// The permission that reading it needs, where it is more than API access.
        right: Option<&'static str>,
        /// Why.
        #[source]
        source: salesforce::Error,
    },
    /// An object that cannot be empty came without rows: the user may not see them.
    #[error("not one row of {object} is visible to the user who is logged in; there cannot be none")]
    NothingVisible {
        /// The object.
        object: &'static str,
        /// The permission that seeing them needs.
        right: &'static str,
    },
    /// Something was not read that the document needs.
    #[error("{0}")]
    Incomplete(Box<Incomplete>),
    /// The rows contradict each other.
    #[error("{0}")]
    Inconsistent(String),
    /// Temporary files.
    #[error("cannot use a temporary file in `{}`: {_0}", std::env::temp_dir().display())]
    Spool(#[source] io::Error),
    /// Somebody asked to stop.
    #[error("stopped")]
    Stopped,
    /// The document could not be written.
    #[error("cannot write the document: {0}")]
    Sink(#[source] io::Error),
    /// The target.
    #[error(transparent)]
    Target(#[from] TargetError),
}

/// What an incomplete document lacks.
#[derive(Debug, thiserror::Error)]
#[error("{} could not be read: {}. {}", .what.object, .what.message, .what.consequence)]
pub struct Incomplete {
    /// What was not read.
    pub what: NotRead,
    /// The permission that reading it needs.
    pub right: &'static str,
}

impl Error {
    /// A row came twice.
    pub(crate) fn twice(what: &str) -> Self {
        Self::Inconsistent(format!(
            "Salesforce delivered a row twice ({what}), so another one may be missing; run it again"
        ))
    }

    pub(crate) fn read(object: &str, right: Option<&'static str>) -> impl FnOnce(salesforce::Error) -> Self {
        let object = object.to_owned();
        move |source| Self::Read { object, right, source }
    }
}
