//! Reading a document, item by item: no more of it is in memory than one.
//!
//! [`Reader`] gives the items in their order and says so where a file is cut, or is no document. An [`Item`] is text;
//! [`Item::part`] tells what it says. What a part does not need is not looked at, so a document of a later version can
//! be read as long as its format's number is the same.
//!
//! What a file is, its content tells, not its name. To read another format: a file with [`Items`] that makes JSON of it,
//! and a line in [`Reader::new`].

mod item;
mod json;
mod parse;
mod scan;
mod value;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use item::{
    Connector, Cost, Counts, Entitlement, Expandable, Grant, Header, Id, InactiveAssignment, LeftOut, Metadata,
    NotRead, Options, Org, ReadObject, Resource, ResourceType, RunBy, Source, Summary, User, Warning,
};
use json::JsonItems;
pub use value::{Profile, Value};

use super::c1z::{self, C1zItems};
use super::{Section, compress};

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
    /// The end of the compressed data is missing.
    #[error("{file} is cut: its compressed data end too early")]
    Truncated {
        /// Which file.
        file: Shown,
    },
    /// The database in it is damaged, or not what it should be.
    #[error("{file} is a Baton file that cannot be read: {message}")]
    Database {
        /// Which file.
        file: Shown,
        /// What is wrong, mostly in SQLite's words.
        message: String,
    },
    /// A sync that is asked for is not in the file.
    #[error("{file} has no sync `{wanted}`; it has {}", list(.there))]
    NoSync {
        /// Which file.
        file: Shown,
        /// Its id, as it was asked for.
        wanted: String,
        /// The ids of those that are there.
        there: Vec<String>,
    },
    /// No sync in the file has ended.
    #[error("{file} has no finished sync; name one that is not with --sync-id: {}", list(.there))]
    Unfinished {
        /// Which file.
        file: Shown,
        /// The ids of those that are there.
        there: Vec<String>,
    },
    /// What stands there is not what has to.
    #[error("{file} cannot be understood, {place} (in {within}): {message}")]
    Malformed {
        /// Which file.
        file: Shown,
        /// Where in it.
        place: Place,
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

impl ReadError {
    pub(super) fn unpacking(file: &Shown, source: io::Error) -> Self {
        let file = file.clone();
        match source.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated { file },
            _ => Self::Io { file, source },
        }
    }
}

fn list(ids: &[String]) -> String {
    match ids {
        [] => "none".to_owned(),
        ids if ids.len() > 20 => format!("{}, … ({} in all)", ids[..20].join(", "), ids.len()),
        ids => ids.join(", "),
    }
}

/// A file as a person knows it: its name, or stdin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(pub(in crate::output) Option<PathBuf>);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Some(path) => write!(f, "`{}`", path.display()),
            None => f.write_str("what comes from stdin"),
        }
    }
}

/// Where in a file something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// After so many bytes.
    Byte(u64),
    /// In a row of a table, by its id.
    Row(i64),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Byte(at) => write!(f, "at byte {at}"),
            Self::Row(id) => write!(f, "in row {id}"),
        }
    }
}

/// What gives the items of a document, each as JSON text, in their order.
pub(super) trait Items {
    /// Goes to the next item: what it is; `None` after the summary, if nothing stands there.
    fn advance(&mut self) -> Result<Option<Section>, ReadError>;
    /// The item that was gone to, in its protobuf-JSON form.
    fn text(&self) -> &[u8];
    /// Where it stands.
    fn place(&self) -> Place;
}

/// Reads a document, item by item.
pub struct Reader<'r> {
    items: Box<dyn Items + 'r>,
    file: Shown,
    counts: [u64; Section::ALL.len()],
    /// The summary's text: it is given only when nothing stands after it.
    summary: Vec<u8>,
    is_at_end: bool,
}

/// An item of a document: as text, and on request what it says.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Where it belongs.
    pub section: Section,
    /// In its protobuf-JSON form, as it stands in the document.
    pub text: &'a [u8],
    /// Where in its file.
    pub place: Place,
    file: &'a Shown,
}

impl Reader<'static> {
    /// Opens a document; `-` is stdin. Of a file with several syncs `sync` names one, by its id; otherwise it is the
    /// latest full one that has ended.
    ///
    /// # Errors
    /// Where the file cannot be opened, or is of a kind that is not read here.
    pub fn open(path: &Path, sync: Option<&str>) -> Result<Self, ReadError> {
        if path == Path::new("-") {
            return Self::new(Box::new(io::stdin()), Shown(None), sync);
        }
        let file = Shown(Some(path.to_owned()));
        let opened = File::open(path).and_then(|opened| {
            let is_folder = opened.metadata()?.is_dir();
            if is_folder { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(opened) }
        });
        match opened {
            Ok(opened) => Self::new(Box::new(opened), file, sync),
            Err(source) => Err(ReadError::Io { file, source }),
        }
    }
}

impl<'r> Reader<'r> {
    /// Reads a document from anything.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn of(input: impl Read + 'r) -> Result<Self, ReadError> {
        Self::new(Box::new(input), Shown(Some(PathBuf::from("document"))), None)
    }

    fn new(input: Box<dyn Read + 'r>, file: Shown, sync: Option<&str>) -> Result<Self, ReadError> {
        let (beginning, input) = compress::unpack(input).map_err(|source| ReadError::unpacking(&file, source))?;
        let items: Box<dyn Items + 'r> = if c1z::is_container(&beginning, &file)? {
            Box::new(C1zItems::new(input, &file, sync)?)
        } else {
            Box::new(JsonItems::new(input, file.clone(), sync))
        };
        Ok(Self { items, file, counts: [0; Section::ALL.len()], summary: Vec::new(), is_at_end: false })
    }

    /// Which file it reads.
    pub fn file(&self) -> &Shown {
        &self.file
    }

    /// The next item; `None` after the summary, which is always the last.
    ///
    /// # Errors
    /// Where the file is cut, or is no document. Nothing can be read after that.
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, ReadError> {
        if self.is_at_end {
            return Ok(None);
        }
        let Some(section) = self.items.advance()? else {
            return Err(ReadError::Cut { file: self.file.clone(), within: Section::Summary.name() });
        };
        self.counts[section as usize] += 1;
        let place = self.items.place();
        let text = if section == Section::Summary {
            self.summary.extend_from_slice(self.items.text());
            self.items.advance()?;
            self.is_at_end = true;
            self.check_totals(place)?;
            &self.summary
        } else {
            self.items.text()
        };
        Ok(Some(Item { section, text, place, file: &self.file }))
    }

    /// The next item, and what it says.
    ///
    /// # Errors
    /// As [`Self::next_item`], and where it is not what it should be.
    pub fn next_part(&mut self) -> Result<Option<Part<'_>>, ReadError> {
        self.next_item()?.map(|item| item.part()).transpose()
    }

    /// Whether all is there that the summary counts.
    fn check_totals(&self, place: Place) -> Result<(), ReadError> {
        let item = Item { section: Section::Summary, text: &self.summary, place, file: &self.file };
        let Part::Summary(Summary { counts, .. }) = item.part()? else { return Ok(()) };
        let resources = counts.resources.values().sum();
        for (section, said, what) in [
            (Section::Resource, resources, "resources"),
            (Section::Entitlement, counts.entitlements, "entitlements"),
            (Section::Grant, counts.grants, "grants"),
            (Section::Inactive, counts.inactive_assignments, "inactive assignments"),
        ] {
            let found = self.counts[section as usize];
            if found != said {
                return Err(ReadError::Totals { file: self.file.clone(), what, found, said });
            }
        }
        Ok(())
    }
}

impl<'a> Item<'a> {
    /// What it says.
    ///
    /// # Errors
    /// Where it is not what it should be.
    pub fn part(&self) -> Result<Part<'a>, ReadError> {
        let text = self.text;
        let part = match self.section {
            Section::Header => serde_json::from_slice(text).map(Part::Header),
            Section::ResourceType => serde_json::from_slice(text).map(Part::ResourceType),
            Section::Resource => serde_json::from_slice(text).map(Part::Resource),
            Section::Entitlement => serde_json::from_slice(text).map(Part::Entitlement),
            Section::Grant => serde_json::from_slice(text).map(Part::Grant),
            Section::Inactive => serde_json::from_slice(text).map(Part::Inactive),
            Section::Summary => serde_json::from_slice(text).map(Part::Summary),
        };
        part.map_err(|error| ReadError::malformed(self.file, self.place, self.section, &error))
    }
}

impl ReadError {
    /// An item is not what it should be.
    pub(crate) fn malformed(file: &Shown, place: Place, section: Section, error: &serde_json::Error) -> Self {
        Self::Malformed { file: file.clone(), place, within: section.name(), message: without_place(error) }
    }
}

/// Where it is within an item is no help: the item's own place is told.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

#[cfg(test)]
mod tests;
