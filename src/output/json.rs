//! The `.json` document: one object, its sections in a fixed order, an item a line, the summary last.

use std::io::{self, Write};

use serde::Serialize;

use super::Sink;
use super::protojson::Proto;
use crate::model::document::{FORMAT, Header, Summary};
use crate::model::{Entitlement, Grant, InactiveAssignment, Resource, ResourceKind};

/// The sections, in order.
const SECTIONS: [&str; 5] = ["resourceTypes", "resources", "entitlements", "grants", "inactiveAssignments"];

/// Writes a document as JSON.
pub struct JsonSink<'w> {
    writer: &'w mut dyn Write,
    /// Sections begun so far.
    begun: usize,
    /// Whether the section that is open has an item.
    has_item: bool,
}

impl<'w> JsonSink<'w> {
    /// Writes to `writer`.
    pub fn new(writer: &'w mut dyn Write) -> Self {
        Self { writer, begun: 0, has_item: false }
    }

    /// Begins the sections up to and including this one.
    fn advance(&mut self, section: usize) -> io::Result<()> {
        while self.begun <= section {
            if self.begun > 0 {
                self.close()?;
            }
            write!(self.writer, ",\n\"{}\":[", SECTIONS[self.begun])?;
            self.begun += 1;
            self.has_item = false;
        }
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        self.writer.write_all(if self.has_item { b"\n]" } else { b"]" })
    }

    fn item(&mut self, section: usize, item: &impl Serialize) -> io::Result<()> {
        self.advance(section)?;
        self.writer.write_all(if self.has_item { b",\n" } else { b"\n" })?;
        self.has_item = true;
        serde_json::to_writer(&mut *self.writer, item).map_err(io::Error::from)
    }
}

impl Sink for JsonSink<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        write!(self.writer, "{{\"format\":\"{FORMAT}\",\n\"sync\":")?;
        serde_json::to_writer(&mut *self.writer, header).map_err(io::Error::from)
    }

    fn resource_type(&mut self, kind: ResourceKind) -> io::Result<()> {
        self.item(0, &Proto(&kind))
    }

    fn resource(&mut self, resource: &Resource) -> io::Result<()> {
        self.item(1, &Proto(resource))
    }

    fn entitlement(&mut self, entitlement: &Entitlement) -> io::Result<()> {
        self.item(2, &Proto(entitlement))
    }

    fn grant(&mut self, grant: &Grant) -> io::Result<()> {
        self.item(3, &Proto(grant))
    }

    fn inactive_assignment(&mut self, assignment: &InactiveAssignment) -> io::Result<()> {
        self.item(4, &Proto(assignment))
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        self.advance(SECTIONS.len() - 1)?;
        self.close()?;
        self.writer.write_all(b",\n\"summary\":")?;
        serde_json::to_writer(&mut *self.writer, summary).map_err(io::Error::from)?;
        self.writer.write_all(b"}\n")
    }
}
