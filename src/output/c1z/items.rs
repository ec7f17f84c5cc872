//! Reads a `.c1z` document: its rows become the items that a `.json` document has.
//!
//! The rows are read on a thread of their own, which makes their text; whoever asks gets it in batches.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use prost::Message;
use rusqlite::types::ValueRef;
use rusqlite::{Row, params};
use serde::Serialize;
use serde_json::json;

use super::open::{Opened, Sync};
use super::schema::{self, rank};
use crate::model::document::FORMAT;
use crate::output::Section;
use crate::output::proto::{Annotation, Any, Entitlement, Grant, GrantExpandable, Resource, ResourceType};
use crate::output::read::{Items, Place, ReadError, Shown};

/// A batch is handed on when it has about so many bytes; so many may wait.
const BATCH: usize = 128 << 10;
const WAITING: usize = 4;

/// Gives the items of a `.c1z` document.
pub(in crate::output) struct C1zItems {
    batches: Receiver<Result<Batch, ReadError>>,
    batch: Batch,
    /// The item of the batch that is next.
    next: usize,
    file: Shown,
    is_at_end: bool,
}

/// Items, one after the other.
#[derive(Debug, Default)]
struct Batch {
    text: Vec<u8>,
    items: Vec<(Section, i64, usize)>,
}

impl C1zItems {
    /// Reads what `input` has, magic bytes first.
    pub(in crate::output) fn new(input: impl Read, file: &Shown, sync: Option<&str>) -> Result<Self, ReadError> {
        let opened = Opened::new(input, file)?;
        let sync = opened.choose(sync)?;
        let (sender, batches) = sync_channel(WAITING);
        let read = move || {
            let mut rows = Rows { opened: &opened, sync: &sync, sender: &sender, batch: Batch::default(), unknown: 0 };
            // Whoever asked may have had enough; then nobody hears this.
            if let Err(Some(error)) = rows.read() {
                let _ = sender.send(Err(error));
            }
        };
        thread::Builder::new()
            .name("c1z".to_owned())
            .spawn(read)
            .map_err(|source| ReadError::Io { file: file.clone(), source })?;
        Ok(Self { batches, batch: Batch::default(), next: 0, file: file.clone(), is_at_end: false })
    }

    fn item(&self) -> Option<(Section, i64, std::ops::Range<usize>)> {
        let current = self.next.checked_sub(1)?;
        let (section, id, end) = *self.batch.items.get(current)?;
        let start = current.checked_sub(1).map_or(0, |before| self.batch.items[before].2);
        Some((section, id, start..end))
    }
}

impl Items for C1zItems {
    fn advance(&mut self) -> Result<Option<Section>, ReadError> {
        if self.is_at_end {
            return Ok(None);
        }
        if self.next == self.batch.items.len() {
            let message = || "it could not be read to its end".to_owned();
            self.batch = self
                .batches
                .recv()
                .map_err(|_| ReadError::Database { file: self.file.clone(), message: message() })??;
            self.next = 0;
        }
        self.next += 1;
        let section = self.item().map(|(section, _, _)| section);
        self.is_at_end = section == Some(Section::Summary);
        Ok(section)
    }

    fn text(&self) -> &[u8] {
        self.item().map_or(&[], |(_, _, range)| &self.batch.text[range])
    }

    fn place(&self) -> Place {
        Place::Row(self.item().map_or(0, |(_, id, _)| id))
    }
}

/// Reads rows. An error without a reason is that nobody listens any more.
struct Rows<'s> {
    opened: &'s Opened,
    sync: &'s Sync,
    sender: &'s SyncSender<Result<Batch, ReadError>>,
    batch: Batch,
    /// Messages with fields that are not known here.
    unknown: u64,
}

/// What a file of another program says of itself, counted.
#[derive(Default)]
struct Counted {
    resources: BTreeMap<String, u64>,
    entitlements: u64,
    grants: u64,
}

impl Rows<'_> {
    fn read(&mut self) -> Result<(), Option<ReadError>> {
        let format = self.part(schema::FORMAT_PART)?;
        let is_ours = format.is_some();
        if format.is_some_and(|format| format != FORMAT.as_bytes()) {
            return Err(Some(self.bad(0, Section::Header, &format!("this version knows the format `{FORMAT}` alone"))));
        }
        match self.part(schema::HEADER_PART)? {
            Some(text) if is_ours => self.item(Section::Header, 0, &text)?,
            _ => {
                let header = json!({"id": self.sync.id, "startedAt": rfc3339(&self.sync.started_at), "org": null, "options": null});
                self.item(Section::Header, 0, header.to_string().as_bytes())?;
            }
        }
        let mut counted = Counted::default();
        self.section(Section::ResourceType, is_ours, |_, message: ResourceType, _| Ok(message))?;
        self.section(Section::Resource, is_ours, |_, message: Resource, _| {
            let kind = message.id.as_ref().map(|id| id.resource_type.clone()).unwrap_or_default();
            *counted.resources.entry(kind).or_default() += 1;
            Ok(message)
        })?;
        self.section(Section::Entitlement, is_ours, |_, mut message: Entitlement, _| {
            counted.entitlements += 1;
            // What stands elsewhere in the document is named by its id alone.
            message.resource = message.resource.take().map(by_id);
            for kind in &mut message.grantable_to {
                *kind = ResourceType { id: std::mem::take(&mut kind.id), ..ResourceType::default() };
            }
            Ok(message)
        })?;
        self.section(Section::Grant, is_ours, |_, mut message: Grant, expansion| {
            counted.grants += 1;
            if let Some(entitlement) = message.entitlement.take() {
                message.entitlement = Some(Entitlement { id: entitlement.id, ..Entitlement::default() });
            }
            message.principal = message.principal.take().map(by_id);
            if let Some(value) = expansion {
                let type_url = format!("type.googleapis.com/{}", GrantExpandable::NAME);
                message.annotations.insert(0, Any { type_url, value });
            }
            Ok(message)
        })?;
        if is_ours {
            self.inactive()?;
        }
        if self.unknown > 0 {
            tracing::warn!(
                "{} items of the file have fields that this version does not know; these are left out",
                self.unknown
            );
        }
        match self.part(schema::SUMMARY_PART)? {
            Some(text) if is_ours => self.item(Section::Summary, 0, &text)?,
            _ => {
                // Whether a sync that ended had read all, a file of another program does not tell.
                let complete = if self.sync.is_finished() && self.sync.is_full() { None } else { Some(false) };
                let summary = json!({
                    "endedAt": self.sync.ended_at.as_deref().map(rfc3339), "complete": complete,
                    "counts": {
                        "resources": counted.resources, "entitlements": counted.entitlements, "grants": counted.grants,
                        "inactiveAssignments": 0,
                    },
                    "notRead": [], "leftOut": [], "warnings": [], "notCovered": [],
                });
                self.item(Section::Summary, 0, summary.to_string().as_bytes())?;
            }
        }
        self.send()
    }

    fn part(&self, part: &str) -> Result<Option<Vec<u8>>, Option<ReadError>> {
        self.opened.part(&self.sync.id, part).map_err(Some)
    }

    /// All rows of a table. In a file of ours they stand in a document's order.
    fn section<M: Message + Default + Serialize>(
        &mut self,
        section: Section,
        is_ours: bool,
        mut change: impl FnMut(&mut Self, M, Option<Vec<u8>>) -> Result<M, Option<ReadError>>,
    ) -> Result<(), Option<ReadError>> {
        let (table, order) = match section {
            Section::ResourceType => ("v1_resource_types", format!("{}, external_id", rank("external_id"))),
            Section::Resource => {
                ("v1_resources", format!("{}, resource_type_id, external_id", rank("resource_type_id")))
            }
            Section::Entitlement => {
                ("v1_entitlements", format!("{}, resource_type_id, resource_id, external_id", rank("resource_type_id")))
            }
            _ => (
                "v1_grants",
                format!(
                    "{}, resource_type_id, resource_id, entitlement_id, {}, principal_resource_type_id, \
                     principal_resource_id",
                    rank("resource_type_id"),
                    rank("principal_resource_type_id")
                ),
            ),
        };
        let order = if is_ours { "id".to_owned() } else { order };
        let expansion = if self.opened.has_column(table, "expansion") { "expansion" } else { "NULL" };
        let sql = format!("SELECT id, data, {expansion} FROM {table} NOT INDEXED WHERE sync_id = ?1 ORDER BY {order}");
        let mut text = Vec::new();
        self.each(&sql, section, |rows, id, row| {
            let bad = |rows: &Self, message: &str| Some(rows.bad(id, section, message));
            let data = bytes(row, 1).ok_or_else(|| bad(rows, "its data are no bytes"))?;
            let message = M::decode(data).map_err(|error| bad(rows, &error.to_string()))?;
            rows.unknown += u64::from(message.encoded_len() != data.len());
            let expansion = bytes(row, 2).map(<[u8]>::to_vec);
            let message = change(rows, message, expansion)?;
            text.clear();
            serde_json::to_writer(&mut text, &message).map_err(|error| bad(rows, &error.to_string()))?;
            rows.item(section, id, &text)
        })
    }

    fn inactive(&mut self) -> Result<(), Option<ReadError>> {
        let sql = format!(
            "SELECT id, data FROM {} NOT INDEXED WHERE sync_id = ?1 AND part = '{}' ORDER BY id",
            schema::PARTS,
            schema::INACTIVE_PART
        );
        self.each(&sql, Section::Inactive, |rows, id, row| {
            let text = bytes(row, 1).ok_or_else(|| Some(rows.bad(id, Section::Inactive, "its data are no bytes")))?;
            rows.item(Section::Inactive, id, text)
        })
    }

    fn each(
        &mut self,
        sql: &str,
        section: Section,
        mut take: impl FnMut(&mut Self, i64, &Row<'_>) -> Result<(), Option<ReadError>>,
    ) -> Result<(), Option<ReadError>> {
        let opened = self.opened;
        let failed = |error: rusqlite::Error| Some(opened.failed(&error));
        let mut statement = opened.connection().prepare(sql).map_err(failed)?;
        let mut rows = statement.query(params![self.sync.id]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let id = row.get(0).map_err(failed)?;
            take(self, id, row)?;
        }
        tracing::trace!(section = section.name(), "read all rows");
        Ok(())
    }

    fn bad(&self, id: i64, section: Section, message: &str) -> ReadError {
        let (file, message) = (self.opened.file().clone(), message.to_owned());
        ReadError::Malformed { file, place: Place::Row(id), within: section.name(), message }
    }

    fn item(&mut self, section: Section, id: i64, text: &[u8]) -> Result<(), Option<ReadError>> {
        self.batch.text.extend_from_slice(text);
        self.batch.items.push((section, id, self.batch.text.len()));
        if self.batch.text.len() < BATCH { Ok(()) } else { self.send() }
    }

    fn send(&mut self) -> Result<(), Option<ReadError>> {
        self.sender.send(Ok(std::mem::take(&mut self.batch))).map_err(|_| None)
    }
}

/// A resource that is named by its id alone.
fn by_id(resource: Resource) -> Resource {
    Resource { id: resource.id, ..Resource::default() }
}

/// What a column holds; `None` where it is no bytes and no text.
fn bytes<'r>(row: &'r Row<'_>, column: usize) -> Option<&'r [u8]> {
    match row.get_ref(column) {
        Ok(ValueRef::Blob(bytes) | ValueRef::Text(bytes)) => Some(bytes),
        _ => None,
    }
}

/// The tools write times without a zone, and mean UTC; some write it.
fn rfc3339(text: &str) -> String {
    let with_zone = text.parse::<jiff::Timestamp>();
    let time = with_zone.or_else(|_| format!("{text}Z").parse());
    time.map_or_else(|_| text.to_owned(), |time: jiff::Timestamp| time.to_string())
}
