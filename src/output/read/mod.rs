//! Reading a document, part by part: no more of it is in memory than one part.
//!
//! [`Reader`] gives the parts in their order and says so where a file is cut, or is no document. What a part does not
//! need is not looked at, so a document of a later version can be read as long as its format's number is the same.
//!
//! To read another format: a file that makes [`Part`]s of it, and a line in [`Reader::open`].

mod item;
mod json;
mod parse;
mod scan;
mod value;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use item::{
    Entitlement, Expandable, Grant, Header, Id, InactiveAssignment, LeftOut, Metadata, NotRead, Options, Org, Resource,
    ResourceType, Source, Summary, User, Warning,
};
pub use json::JsonReader;
pub use value::{Profile, Value};

/// A part of a document.
#[derive(Debug)]
pub enum Part<'a> {
    /// The beginning.
    Header(Header),
    /// A kind of resource that the document may hold.
    ResourceType(ResourceType<'a>),
    /// A resource.
    Resource(Resource<'a>),
    /// An entitlement.
    Entitlement(Entitlement<'a>),
    /// A grant.
    Grant(Grant<'a>),
    /// An assignment that gives nothing.
    Inactive(InactiveAssignment<'a>),
    /// The end.
    Summary(Summary),
}

/// Why a document cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system refuses.
    #[error("cannot read {file}: {source}")]
    Io {
        /// Which file.
        file: Shown,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Something else than a document of this program.
    #[error("{file} is not a document of this program: {what}")]
    Foreign {
        /// Which file.
        file: Shown,
        /// What it is instead.
        what: String,
    },
    /// The end is missing.
    #[error("{file} is cut: it ends in {within}, and a whole document ends with `summary`")]
    Cut {
        /// Which file.
        file: Shown,
        /// Where it ends.
        within: &'static str,
    },
    /// What stands there is not what has to.
    #[error("{file} cannot be understood, at byte {at} (in {within}): {message}")]
    Malformed {
        /// Which file.
        file: Shown,
        /// Where in it.
        at: u64,
        /// In which section.
        within: &'static str,
        /// What is wrong.
        message: String,
    },
    /// A section does not hold what the end says.
    #[error("{file} is not whole: it has {found} {what}, and its summary says {said}")]
    Totals {
        /// Which file.
        file: Shown,
        /// What was counted.
        what: &'static str,
        /// What is there.
        found: u64,
        /// What should be.
        said: u64,
    },
}

/// A file as a person knows it: its name, or stdin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(Option<PathBuf>);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(path) => write!(f, "`{}`", path.display()),
            None => f.write_str("what comes from stdin"),
        }
    }
}

/// Reads a document from a file or from stdin.
pub type Reader = JsonReader<Box<dyn Read>>;

impl Reader {
    /// Opens a document; `-` is stdin.
    ///
    /// # Errors
    /// Where the file cannot be opened. What is in it is looked at when the first part is asked for.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        if path == Path::new("-") {
            return Ok(Self::new(Box::new(io::stdin().lock()), Shown(None)));
        }
        let file = Shown(Some(path.to_owned()));
        let opened = File::open(path).and_then(|opened| {
            let is_folder = opened.metadata()?.is_dir();
            if is_folder { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(opened) }
        });
        match opened {
            Ok(opened) => Ok(Self::new(Box::new(opened), file)),
            Err(source) => Err(ReadError::Io { file, source }),
        }
    }
}

impl<R: Read> JsonReader<R> {
    /// Reads a document from anything.
    pub fn of(input: R) -> Self {
        Self::new(input, Shown(Some(PathBuf::from("document"))))
    }
}

#[cfg(test)]
mod tests;
