//! Opens a `.c1z` file: unpacks its database to disk, and looks whether it is what it says.
//!
//! The file may come from anybody. Nothing in it is run: what is read has to be a plain table. The copy is read-only and
//! has no name where the system allows that.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use tempfile::TempPath;

use super::nameless;
use super::schema::{self, MAGIC, NEWER_MAGIC};
use crate::disk::Scratch;
use crate::output::compress;
use crate::output::read::{ReadError, Shown};

/// No value in a file of the Baton tools is longer: their messages are at most so long.
const LONGEST: i32 = 4 << 20;
/// Bytes of a database's header.
const HEADER: u64 = 100;
/// A file with more syncs than that is none of the tools'.
const MOST_SYNCS: usize = 1000;

/// The tables that a document is read from.
const TABLES: [&str; 5] = ["v1_sync_runs", "v1_resource_types", "v1_resources", "v1_entitlements", "v1_grants"];

/// A database that can be read.
pub(super) struct Opened {
    connection: Connection,
    file: Shown,
    length: u64,
    columns: HashMap<&'static str, HashSet<String>>,
    /// The name of the copy goes last.
    _path: Option<TempPath>,
}

/// A sync in a file.
#[derive(Debug, Clone)]
pub(super) struct Sync {
    pub(super) id: String,
    pub(super) started_at: String,
    pub(super) ended_at: Option<String>,
    pub(super) kind: String,
}

impl Sync {
    pub(super) fn is_finished(&self) -> bool {
        self.ended_at.is_some()
    }

    pub(super) fn is_full(&self) -> bool {
        self.kind == "full"
    }
}

/// Whether an input is a `.c1z` file, by what it begins with.
///
/// # Errors
/// Where it is one of the newer kind.
pub(in crate::output) fn is_container(beginning: &[u8], file: &Shown) -> Result<bool, ReadError> {
    if beginning.starts_with(NEWER_MAGIC) {
        let what = "it is a Baton file of the newer kind (Pebble), which this program and the `baton` CLI cannot read. \
                    Let its connector write it anew with `--storage-engine sqlite`";
        return Err(ReadError::Foreign { file: file.clone(), what: what.to_owned() });
    }
    Ok(beginning.starts_with(MAGIC))
}

/// The database of the `.c1z` file at a path; `None` where something else stands there.
pub(super) fn container(path: &Path) -> Result<Option<Opened>, ReadError> {
    let file = Shown(Some(path.to_owned()));
    // Of a pipe nothing may be taken.
    if !path.is_file() {
        return Ok(None);
    }
    let input = match File::open(path) {
        Ok(input) => input,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(ReadError::Io { file, source }),
    };
    let (beginning, input) = compress::unpack(Box::new(input)).map_err(|source| ReadError::unpacking(&file, source))?;
    if is_container(&beginning, &file)? { Opened::new(input, &file).map(Some) } else { Ok(None) }
}

impl Opened {
    /// Unpacks what comes after the magic bytes, which `input` still has.
    pub(super) fn new(mut input: impl Read, file: &Shown) -> Result<Self, ReadError> {
        let unpacking = |source| ReadError::unpacking(file, source);
        input.read_exact(&mut [0; MAGIC.len()]).map_err(unpacking)?;
        let (mut copy, path) = Scratch::with_name().map_err(|source| io_error(file, source))?;
        let mut input = compress::unzstd(input).map_err(unpacking)?;
        let mut header = Vec::new();
        input.by_ref().take(HEADER).read_to_end(&mut header).map_err(unpacking)?;
        // Before much of it is unpacked: whether it is a database at all, and how long.
        let said = length_of(&header).map_err(|message| database(file, message))?;
        copy.write_all(&header).map_err(|source| io_error(file, source))?;
        let rest = said.unwrap_or(u64::MAX).saturating_sub(HEADER);
        let length = HEADER + io::copy(&mut input.by_ref().take(rest), &mut copy).map_err(unpacking)?;
        if said.is_some_and(|said| said > length) {
            return Err(database(file, "its database is cut".to_owned()));
        }
        // Also whether the end of what is packed is there, with its checksum.
        if io::copy(&mut input.take(1), &mut io::sink()).map_err(unpacking)? > 0 {
            return Err(database(file, "something follows its database".to_owned()));
        }
        let url = url::Url::from_file_path(&path).map_err(|()| database(file, "its copy has no name".to_owned()))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(format!("{url}?immutable=1"), flags);
        let path = nameless(path).map_err(|source| io_error(file, source))?;
        let connection = connection.map_err(|error| database(file, error.to_string()))?;
        let mut opened = Self { connection, file: file.clone(), length, columns: HashMap::new(), _path: path };
        opened.prepare().map_err(|error| database(file, error.to_string()))?;
        opened.check()?;
        Ok(opened)
    }

    fn prepare(&self) -> rusqlite::Result<()> {
        let connection = &self.connection;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
        connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")
    }

    /// Whether all tables are there, and are tables.
    fn check(&mut self) -> Result<(), ReadError> {
        for table in TABLES {
            let columns = self.columns_of(table)?;
            if columns.is_empty() {
                let what = format!("the SQLite database in it has no table `{table}`");
                return Err(ReadError::Foreign { file: self.file.clone(), what });
            }
            self.columns.insert(table, columns);
        }
        let parts = self.columns_of(schema::PARTS)?;
        self.columns.insert(schema::PARTS, parts);
        Ok(())
    }

    fn columns_of(&self, table: &str) -> Result<HashSet<String>, ReadError> {
        let kind: Option<String> = self
            .connection
            .query_row("SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = ?1", [table], |row| {
                row.get(0)
            })
            .optional()
            .map_err(|error| self.failed(&error))?;
        match kind.as_deref() {
            None => return Ok(HashSet::new()),
            Some("table") => {}
            Some(kind) => return Err(database(&self.file, format!("`{table}` is no table, but a {kind}"))),
        }
        let mut statement = self
            .connection
            .prepare("SELECT name, hidden FROM pragma_table_xinfo(?1)")
            .map_err(|error| self.failed(&error))?;
        let columns: Vec<(String, i64)> = statement
            .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))
            .and_then(Iterator::collect)
            .map_err(|error| self.failed(&error))?;
        if let Some((column, _)) = columns.iter().find(|(_, hidden)| *hidden != 0) {
            return Err(database(&self.file, format!("the column `{column}` of `{table}` is computed")));
        }
        Ok(columns.into_iter().map(|(name, _)| name).collect())
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn file(&self) -> &Shown {
        &self.file
    }

    /// Bytes of the database.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn has_column(&self, table: &str, column: &str) -> bool {
        self.columns.get(table).is_some_and(|columns| columns.contains(column))
    }

    pub(super) fn failed(&self, error: &rusqlite::Error) -> ReadError {
        database(&self.file, error.to_string())
    }

    /// All syncs, the one that ended last first.
    pub(super) fn syncs(&self) -> Result<Vec<Sync>, ReadError> {
        // Old files have full syncs alone.
        let kind = if self.has_column("v1_sync_runs", "sync_type") { "sync_type" } else { "'full'" };
        let sql = format!(
            "SELECT sync_id, started_at, ended_at, {kind} FROM v1_sync_runs NOT INDEXED
             ORDER BY ended_at DESC, id DESC LIMIT {}",
            MOST_SYNCS + 1
        );
        let syncs: Vec<Sync> = self
            .connection
            .prepare(&sql)
            .and_then(|mut statement| {
                let row = |row: &rusqlite::Row<'_>| {
                    Ok(Sync { id: row.get(0)?, started_at: row.get(1)?, ended_at: row.get(2)?, kind: row.get(3)? })
                };
                statement.query_map([], row)?.collect()
            })
            .map_err(|error| self.failed(&error))?;
        if syncs.len() > MOST_SYNCS {
            return Err(database(&self.file, format!("it has more than {MOST_SYNCS} syncs")));
        }
        Ok(syncs)
    }

    /// The sync that is asked for, or the one that counts.
    pub(super) fn choose(&self, wanted: Option<&str>) -> Result<Sync, ReadError> {
        let syncs = self.syncs()?;
        let there = || syncs.iter().map(|sync| sync.id.clone()).collect();
        if let Some(wanted) = wanted {
            let found = syncs.iter().find(|sync| sync.id == wanted).cloned();
            let no_sync = || ReadError::NoSync { file: self.file.clone(), wanted: wanted.to_owned(), there: there() };
            return found.ok_or_else(no_sync);
        }
        let mut finished = syncs.iter().filter(|sync| sync.is_finished());
        let latest = finished.clone().next();
        let Some(chosen) = finished.find(|sync| sync.is_full()).or(latest) else {
            return Err(ReadError::Unfinished { file: self.file.clone(), there: there() });
        };
        if let Some(latest) = latest.filter(|latest| latest.id != chosen.id) {
            tracing::warn!("{} has a newer sync that is not full; `--sync-id {}` reads it", self.file, latest.id);
        }
        Ok(chosen.clone())
    }

    /// A part of a sync in our own table.
    pub(super) fn part(&self, sync: &str, part: &str) -> Result<Option<Vec<u8>>, ReadError> {
        if !self.has_column(schema::PARTS, "data") {
            return Ok(None);
        }
        let sql = format!("SELECT data FROM {} NOT INDEXED WHERE sync_id = ?1 AND part = ?2", schema::PARTS);
        self.connection
            .query_row(&sql, params![sync, part], |row| row.get(0))
            .optional()
            .map_err(|error| self.failed(&error))
    }
}

/// How long a database is, by its header; `None` where that does not tell.
fn length_of(header: &[u8]) -> Result<Option<u64>, String> {
    if header.len() < 100 || !header.starts_with(b"SQLite format 3\0") {
        return Err("what is packed in it is no SQLite database".to_owned());
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let page_size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    // The number of pages is right where these two are the same.
    let is_valid = number(24) == number(92) && number(28) > 0;
    Ok(is_valid.then(|| u64::from(number(28)) * page_size))
}

fn io_error(file: &Shown, source: io::Error) -> ReadError {
    ReadError::Io { file: file.clone(), source }
}

fn database(file: &Shown, message: String) -> ReadError {
    ReadError::Database { file: file.clone(), message }
}
