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
