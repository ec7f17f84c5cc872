//! The `.c1z` document, the file of the Baton tools: `C1ZF\0`, then in zstd an SQLite database.
//!
//! Its rows are protobuf; what Baton has no place for stands in a table of our own ([`schema`]), so that nothing of a
//! document is lost. The tools read it in every command.

mod database;
mod items;
mod keep;
mod open;
mod rows;
mod schema;
mod sink;

pub(super) use items::C1zItems;
pub use keep::Earlier;
pub(super) use open::is_container;
pub(super) use sink::C1zSink;

use std::io;

use tempfile::TempPath;

use crate::disk::ScratchError;

/// What SQLite says of the database that is being made, as an error of reading and writing.
fn sqlite(error: rusqlite::Error) -> io::Error {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(DiskFull) => ScratchError::of(io::ErrorKind::StorageFull, error),
        Some(CannotOpen | ReadOnly | SystemIoFailure) => ScratchError::of(io::ErrorKind::Other, error),
        _ => io::Error::other(error),
    }
}

/// Takes the name of a temporary file that is open, so that nothing is left of it however the program ends. Where the
/// system does not allow that, the name goes with the value.
fn nameless(path: TempPath) -> io::Result<Option<TempPath>> {
    if cfg!(unix) { path.close().map(|()| None) } else { Ok(Some(path)) }
}
