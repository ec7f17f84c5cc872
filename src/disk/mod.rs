//! What a run relies on where files are: turns at what is replaced, names that last, temporary files, a stdout that is
//! open.

mod scratch;
pub(crate) mod stdout;
mod turn;

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;

pub(crate) use scratch::Scratch;
pub use scratch::ScratchError;
pub use turn::{Holder, Turn, Waiting};
pub(crate) use turn::{NoTurn, is_at};

/// The folder that a file or folder is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a new name durable, where the file system has a way to ask for that. Windows has none.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder_of(path)).and_then(|folder| folder.sync_all()) {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        // A folder that may be written and not be looked into.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
        other => other,
    }
}
