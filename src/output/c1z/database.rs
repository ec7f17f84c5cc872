//! The database in a file, while it is made: on disk, without a name where the system allows that.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::{CachedStatement, Connection, params};
use tempfile::TempPath;

use super::keep::Earlier;
use super::rows::{GrantRow, Row};
use super::{nameless, schema, sqlite};
use crate::disk::Scratch;

/// So many rows go to the thread at once, and so many of these may wait for it.
const BATCH: usize = 256;
const WAITING: usize = 8;

/// What all rows of a sync have in common.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// KSUID.
    pub(super) id: String,
    /// In the form of the Baton tools.
    pub(super) started_at: String,
}

/// What is known at the end.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) at: Option<String>,
    /// `full` or `partial`.
    pub(super) sync_type: &'static str,
    /// The org's id, where it is known.
    pub(super) org: Option<String>,
}

/// A database that rows go to, on a thread of its own.
pub(super) struct Database {
    rows: Option<SyncSender<Vec<Row>>>,
    batch: Vec<Row>,
    thread: Option<JoinHandle<io::Result<Filled>>>,
}

/// All rows are in it.
pub(super) struct Filled {
    new: New,
    run: Run,
}

/// A new database. The name goes last.
struct New {
    connection: Connection,
    file: Scratch,
    path: Option<TempPath>,
}

impl Database {
    pub(super) fn new(run: Run) -> io::Result<Self> {
        let new = create()?;
        let (rows, received) = sync_channel(WAITING);
        let work = move || fill(new, run, &received);
        let thread = thread::Builder::new().name("c1z".to_owned()).spawn(work)?;
        Ok(Self { rows: Some(rows), batch: Vec::with_capacity(BATCH), thread: Some(thread) })
    }

    pub(super) fn push(&mut self, row: Row) -> io::Result<()> {
        self.batch.push(row);
        if self.batch.len() < BATCH { Ok(()) } else { self.send() }
    }

    fn send(&mut self) -> io::Result<()> {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        match &self.rows {
            Some(rows) if rows.send(batch).is_ok() => Ok(()),
            // The thread has ended: it says why.
            _ => self.join().and(Err(io::Error::other("the thread that writes the database has ended"))),
        }
    }

    fn join(&mut self) -> io::Result<Filled> {
        self.rows = None;
        let gone = || io::Error::other("the thread that writes the database is gone");
        self.thread.take().ok_or_else(gone)?.join().unwrap_or_else(|_| Err(gone()))
    }

    pub(super) fn filled(mut self) -> io::Result<Filled> {
        self.send()?;
        self.join()
    }
}

/// An empty database, and the file that it is in.
fn create() -> io::Result<New> {
    let (file, path) = Scratch::with_name()?;
    let connection = Connection::open(&path).map_err(sqlite)?;
    let path = nameless(path)?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA cache_size = -32768; PRAGMA temp_store = FILE; BEGIN;",
        )
        .map_err(sqlite)?;
    connection.execute_batch(schema::TABLES).map_err(sqlite)?;
    connection.execute_batch(schema::INDEXES).map_err(sqlite)?;
    Ok(New { connection, file, path })
}

fn fill(new: New, run: Run, rows: &Receiver<Vec<Row>>) -> io::Result<Filled> {
    {
        let mut insert = Insert::new(&new.connection, &run).map_err(sqlite)?;
        for row in rows.iter().flatten() {
            insert.row(&row).map_err(|error| told(error, &row))?;
        }
    }
    Ok(Filled { new, run })
}

/// Statements, each made ready once.
struct Insert<'c> {
    run: &'c Run,
    resource_type: CachedStatement<'c>,
    resource: CachedStatement<'c>,
    entitlement: CachedStatement<'c>,
    grant: CachedStatement<'c>,
    part: CachedStatement<'c>,
}

impl<'c> Insert<'c> {
    fn new(connection: &'c Connection, run: &'c Run) -> rusqlite::Result<Self> {
        let into = |table: &str| {
            let (table, columns) = schema::ROWS.iter().find(|(name, _)| *name == table).copied().unwrap_or_default();
            let places = vec!["?"; columns.split(',').count()].join(", ");
            connection.prepare_cached(&format!("INSERT INTO {table} ({columns}) VALUES ({places})"))
        };
        Ok(Self {
            run,
            resource_type: into("v1_resource_types")?,
            resource: into("v1_resources")?,
            entitlement: into("v1_entitlements")?,
            grant: into("v1_grants")?,
            part: into(schema::PARTS)?,
        })
    }

    fn row(&mut self, row: &Row) -> rusqlite::Result<usize> {
        let Run { id: sync, started_at: at } = self.run;
        match row {
            Row::ResourceType { id, data } => self.resource_type.execute(params![id, data, sync, at]),
            Row::Resource { kind, id, parent, data } => {
                let (parent_kind, parent) = parent.as_ref().map(|(kind, id)| (kind, id)).unzip();
                self.resource.execute(params![kind, id, parent_kind, parent, data, sync, at])
            }
            Row::Entitlement { resource, id, data } => {
                self.entitlement.execute(params![resource.0, resource.1, id, data, sync, at])
            }
            Row::Grant(grant) => {
                let GrantRow { resource, entitlement, principal, id, expansion, needs_expansion, data } = &**grant;
                self.grant.execute(params![
                    resource.0,
                    resource.1,
                    entitlement,
                    principal.0,
                    principal.1,
                    id,
                    expansion,
                    needs_expansion,
                    data,
                    sync,
                    at
                ])
            }
            Row::Part { part, data } => self.part.execute(params![sync, part, data]),
        }
    }
}

fn told(error: rusqlite::Error, row: &Row) -> io::Error {
    let what = match row {
        Row::ResourceType { id, .. } | Row::Resource { id, .. } | Row::Entitlement { id, .. } => id,
        Row::Grant(grant) => &grant.id,
        Row::Part { part, .. } => *part,
    };
    tracing::debug!(what, %error, "the database refuses a row");
    sqlite(error)
}

impl Filled {
    /// Adds what is known at the end, earlier syncs, and the last index: the file with the whole database.
    pub(super) fn finish(self, ended: &Ended, earlier: Option<&Earlier>) -> io::Result<(Scratch, Option<TempPath>)> {
        let Self { new: New { connection, file, path }, run } = self;
        connection
            .execute(
                "INSERT INTO v1_sync_runs (sync_id, started_at, ended_at, sync_token, sync_type, supports_diff)
                 VALUES (?1, ?2, ?3, '', ?4, 1)",
                params![run.id, run.started_at, ended.at, ended.sync_type],
            )
            .map_err(sqlite)?;
        if let (Some(earlier), Some(org)) = (earlier, &ended.org) {
            let kept = earlier.copy(&connection, &run.id, org)?;
            tracing::debug!(kept, "kept earlier syncs in the file");
        }
        connection.execute_batch(schema::LAST_INDEX).map_err(sqlite)?;
        connection.execute_batch("COMMIT").map_err(sqlite)?;
        connection.close().map_err(|(_, error)| sqlite(error))?;
        Ok((file, path))
    }
}
