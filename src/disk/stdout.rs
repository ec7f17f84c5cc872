//! Stdout, where results go: what goes wrong with it says so.

use std::fmt::Display;
use std::io::{self, Stdout};

/// Stdout, unless it is closed.
pub(crate) fn open() -> io::Result<Stdout> {
    if is_closed() { Err(named(io::ErrorKind::Other, "it is closed")) } else { Ok(io::stdout()) }
}

/// How writing to it ended. Whoever closes the pipe has read enough.
pub(crate) fn ended(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(named(error.kind(), error)),
        Ok(()) => Ok(()),
    }
}

fn named(kind: io::ErrorKind, why: impl Display) -> io::Error {
    io::Error::new(kind, format!("cannot write to stdout: {why}"))
}

/// Whether the program was started with stdout closed.
///
/// Rust then opens `/dev/null` in its place, for reading and writing; whoever wants output thrown away opens it for
/// writing as a rule. It would be taken for written what went nowhere.
pub(crate) fn is_closed() -> bool {
    #[cfg(unix)]
    {
        use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, stat};
        let stdout = io::stdout();
        let (Ok(there), Ok(null)) = (fstat(&stdout), stat("/dev/null")) else { return false };
        let is_null =
            FileType::from_raw_mode(there.st_mode) == FileType::CharacterDevice && there.st_rdev == null.st_rdev;
        is_null && fcntl_getfl(&stdout).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR)
    }
    #[cfg(not(unix))]
    false
}
