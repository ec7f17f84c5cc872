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

/// What SQLite says of the database that is being made.
fn sqlite(error: rusqlite::Error) -> io::Error {
    let kind = match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => io::ErrorKind::StorageFull,
        _ => io::ErrorKind::Other,
    };
    aside(&io::Error::new(kind, error))
}

/// What goes wrong with what is put aside while a document is made: that is not where the document goes.
fn aside(error: &io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    let text = format!("a temporary file in `{}` (TMPDIR names another folder): {error}", folder.display());
    io::Error::new(error.kind(), text)
}

/// Takes the name of a temporary file that is open, so that nothing is left of it however the program ends. Where the
/// system does not allow that, the name goes with the value.
fn nameless(path: TempPath) -> io::Result<Option<TempPath>> {
    if cfg!(unix) { path.close().map(|()| None) } else { Ok(Some(path)) }
}
