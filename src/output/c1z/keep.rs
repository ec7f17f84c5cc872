//! Earlier syncs that a file keeps, so that the tools can tell what changed.

use std::io;
use std::path::PathBuf;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, params};

use super::sink::NEAR_CLI_LIMIT;
use super::{open, schema, sqlite};
use crate::output::read::{Header, ReadError};

/// Which earlier syncs a file keeps.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The document that is replaced.
    pub path: PathBuf,
    /// At most so many of its finished full syncs, the latest ones.
    pub count: usize,
    /// No more than so many bytes of the database, unpacked.
    pub most: u64,
}

impl Earlier {
    /// As many as are asked for, as long as the `baton` CLI reads the file.
    pub fn of(path: PathBuf, count: usize) -> Self {
        Self { path, count, most: NEAR_CLI_LIMIT }
    }

    /// Copies them beside the sync `id`, if they are of the same org; how many.
    pub(super) fn copy(&self, connection: &Connection, id: &str, org: &str) -> io::Result<usize> {
        if self.count == 0 {
            return Ok(0);
        }
        let old = match open::container(&self.path) {
            Ok(Some(old)) => old,
            // Nothing, or a document of another form; the target has seen to it that it may be replaced.
            Ok(None) => return Ok(0),
            Err(error) => return Ok(dropped(&error)),
        };
        let syncs = match old.syncs() {
            Ok(syncs) => syncs,
            Err(error) => return Ok(dropped(&error)),
        };
        let mut kept = 0;
        for sync in syncs.iter().filter(|sync| sync.is_finished() && sync.is_full() && sync.id != id) {
            if kept == self.count {
                break;
            }
            let header = match old.part(&sync.id, schema::HEADER_PART) {
                Ok(header) => header,
                Err(error) => return Ok(dropped(&error)),
            };
            let header = header.and_then(|text| serde_json::from_slice::<Header>(&text).ok());
            if header.and_then(|header| header.org).is_none_or(|theirs| theirs.id != org) {
                continue;
            }
            let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).map_err(sqlite)?;
            // One index is not there yet; of the old database, all that it has is counted.
            if pages.unsigned_abs() * 4096 * 5 / 4 + old.length() > self.most {
                tracing::warn!(
                    sync = sync.id,
                    "an earlier sync is not kept: the file would be too large for the `baton` CLI"
                );
                break;
            }
            let copied = schema::ROWS
                .iter()
                .try_for_each(|(table, columns)| copy_rows(connection, &old, table, columns, &sync.id));
            if let Err(error) = copied {
                for (table, _) in schema::ROWS {
                    let delete = format!("DELETE FROM {table} WHERE sync_id = ?1");
                    connection.execute(&delete, params![sync.id]).map_err(sqlite)?;
                }
                tracing::warn!(sync = sync.id, "an earlier sync is not kept in the file: {error}");
                break;
            }
            kept += 1;
        }
        Ok(kept)
    }
}

fn copy_rows(
    connection: &Connection,
    old: &open::Opened,
    table: &str,
    columns: &str,
    sync: &str,
) -> rusqlite::Result<()> {
    let count = columns.split(',').count();
    let mut select = old
        .connection()
        .prepare(&format!("SELECT {columns} FROM {table} NOT INDEXED WHERE sync_id = ?1 ORDER BY id"))?;
    let places = vec!["?"; count].join(", ");
    let mut insert = connection.prepare_cached(&format!("INSERT INTO {table} ({columns}) VALUES ({places})"))?;
    let mut rows = select.query(params![sync])?;
    while let Some(row) = rows.next()? {
        for column in 0..count {
            insert.raw_bind_parameter(column + 1, ToSqlOutput::Borrowed(row.get_ref(column)?))?;
        }
        insert.raw_execute()?;
    }
    Ok(())
}

/// The new document matters more than what the old one has beside it.
fn dropped(error: &ReadError) -> usize {
    tracing::warn!("no earlier sync is kept in the file: {error}");
    0
}
