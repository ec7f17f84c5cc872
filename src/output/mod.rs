//! Where documents go: the spool that sorts them, the sinks that write them, the target that holds them; and the reader
//! that takes them apart again.
//!
//! To add an output: one file with a [`Sink`], and one line in [`sink`].

pub mod json;
pub(crate) mod protojson;
pub mod read;
mod spool;
pub mod target;

use std::io::{self, Write};

pub use json::JsonSink;
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

/// Takes a document, in the order of its sections, each section sorted.
pub trait Sink {
    /// The beginning.
    fn begin(&mut self, header: &Header) -> io::Result<()>;
    /// A kind of resource that the document may hold.
    fn resource_type(&mut self, kind: ResourceKind) -> io::Result<()>;
    /// A resource.
    fn resource(&mut self, resource: &Resource) -> io::Result<()>;
    /// An entitlement.
    fn entitlement(&mut self, entitlement: &Entitlement) -> io::Result<()>;
    /// A grant.
    fn grant(&mut self, grant: &Grant) -> io::Result<()>;
    /// An assignment that gives nothing.
    fn inactive_assignment(&mut self, assignment: &InactiveAssignment) -> io::Result<()>;
    /// The end.
    fn end(&mut self, summary: &Summary) -> io::Result<()>;
}

/// The sink for a target.
pub fn sink<'w>(writer: &'w mut dyn Write) -> Box<dyn Sink + 'w> {
    Box::new(JsonSink::new(writer))
}
