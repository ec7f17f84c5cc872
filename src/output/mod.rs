//! Where documents go: the spool that sorts them, the sinks that write them, the target that holds them; and the reader
//! that takes them apart again.
//!
//! Between them, an item of a document is JSON text. To add an output: one file with a [`Sink`], and one line in [`sink`].

mod c1z;
mod compress;
pub mod csv;
mod format;
mod json;
pub mod proto;
pub(crate) mod protojson;
pub mod read;
mod spool;
pub mod target;

use std::io::{self, Write};

use serde::Serialize;

use c1z::C1zSink;
pub use c1z::Earlier;
use compress::Compressor;
pub use format::{Compression, Form, Format, FormatError};
use json::{JsonSink, LinesSink};
use protojson::Proto;
pub use spool::{Sorted, Spool, Spooled};
pub use target::{Target, TargetError, Written};

use crate::model::document::{Header, Summary};
use crate::model::{Entitlement, Grant, InactiveAssignment, Resource, ResourceKind};

/// What a document is made of, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Where it comes from: the first item, and one alone.
    Header,
    /// Kinds of resources that it may hold.
    ResourceType,
    /// Resources.
    Resource,
    /// Entitlements.
    Entitlement,
    /// Grants.
    Grant,
    /// Assignments that give nothing.
    Inactive,
    /// What was read and what was not: the last item, and one alone.
    Summary,
}

impl Section {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::Header,
        Self::ResourceType,
        Self::Resource,
        Self::Entitlement,
        Self::Grant,
        Self::Inactive,
        Self::Summary,
    ];

    /// Its key in a `.json` document.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Header => "sync",
            Self::ResourceType => "resourceTypes",
            Self::Resource => "resources",
            Self::Entitlement => "entitlements",
            Self::Grant => "grants",
            Self::Inactive => "inactiveAssignments",
            Self::Summary => "summary",
        }
    }

    /// The key of one item in a `.jsonl` document.
    pub const fn item_name(self) -> &'static str {
        match self {
            Self::Header => "sync",
            Self::ResourceType => "resourceType",
            Self::Resource => "resource",
            Self::Entitlement => "entitlement",
            Self::Grant => "grant",
            Self::Inactive => "inactiveAssignment",
            Self::Summary => "summary",
        }
    }

    /// Whether it has one item, and always one.
    pub const fn is_single(self) -> bool {
        matches!(self, Self::Header | Self::Summary)
    }
}

/// Takes a document: its items in their order, each as JSON text, each section sorted.
pub trait Sink {
    /// The next item.
    fn item(&mut self, section: Section, text: &[u8]) -> io::Result<()>;
    /// The end, after the summary.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// The sink that writes a format. `earlier` says which documents of the same org a `.c1z` file keeps.
///
/// # Errors
/// Where it needs a temporary file, and the system refuses.
pub fn sink<'w>(writer: &'w mut dyn Write, format: Format, earlier: Option<Earlier>) -> io::Result<Box<dyn Sink + 'w>> {
    let writer = Compressor::new(writer, format.compression)?;
    Ok(match format.form {
        Form::Json => Box::new(JsonSink::new(writer)),
        Form::JsonLines => Box::new(LinesSink::new(writer)),
        Form::C1z => Box::new(C1zSink::new(writer, earlier)?),
    })
}

/// Writes what a sync read.
pub struct Document<'s> {
    sink: Box<dyn Sink + 's>,
    text: Vec<u8>,
}

impl<'s> Document<'s> {
    /// Writes to a sink.
    pub fn new(sink: Box<dyn Sink + 's>) -> Self {
        Self { sink, text: Vec::new() }
    }

    fn item(&mut self, section: Section, item: &impl Serialize) -> io::Result<()> {
        self.text.clear();
        serde_json::to_writer(&mut self.text, item)?;
        self.sink.item(section, &self.text)
    }

    /// The beginning.
    pub fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.item(Section::Header, header)
    }

    /// A kind of resource that the document may hold.
    pub fn resource_type(&mut self, kind: ResourceKind) -> io::Result<()> {
        self.item(Section::ResourceType, &Proto(&kind))
    }

    /// A resource.
    pub fn resource(&mut self, resource: &Resource) -> io::Result<()> {
        self.item(Section::Resource, &Proto(resource))
    }

    /// An entitlement.
    pub fn entitlement(&mut self, entitlement: &Entitlement) -> io::Result<()> {
        self.item(Section::Entitlement, &Proto(entitlement))
    }

    /// A grant.
    pub fn grant(&mut self, grant: &Grant) -> io::Result<()> {
        self.item(Section::Grant, &Proto(grant))
    }

    /// An assignment that gives nothing.
    pub fn inactive_assignment(&mut self, assignment: &InactiveAssignment) -> io::Result<()> {
        self.item(Section::Inactive, &Proto(assignment))
    }

    /// The end.
    pub fn end(mut self, summary: &Summary) -> io::Result<()> {
        self.item(Section::Summary, summary)?;
        self.sink.finish()
    }
}
