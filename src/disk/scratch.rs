//! Temporary files: what goes wrong with one names the folder that it is in, and how to have another one.

use std::env;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use tempfile::{NamedTempFile, TempPath};

/// What went wrong with a temporary file.
#[derive(Debug, thiserror::Error)]
#[error("cannot use a temporary file in `{}`: {source}", .folder.display())]
pub struct ScratchError {
    folder: PathBuf,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl ScratchError {
    /// What to do about it.
    pub const ADVICE: &'static str = "free space there, or set TMPDIR to another folder";

    /// Says of an error that it is about a temporary file.
    pub(crate) fn of(kind: io::ErrorKind, source: impl std::error::Error + Send + Sync + 'static) -> io::Error {
        io::Error::new(kind, Self { folder: env::temp_dir(), source: Box::new(source) })
    }

    /// Whether an error is one of these.
    pub fn is_in(error: &io::Error) -> bool {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).is_some()
    }
}

fn named(error: io::Error) -> io::Error {
    ScratchError::of(error.kind(), error)
}

/// A temporary file.
#[derive(Debug)]
pub(crate) struct Scratch(File);

impl Scratch {
    /// One without a name: nothing is left of it however the program ends.
    pub(crate) fn new() -> io::Result<Self> {
        tempfile::tempfile().map(Self).map_err(named)
    }

    /// One with a name, for others who know files by their names alone.
    pub(crate) fn with_name() -> io::Result<(Self, TempPath)> {
        let (file, path) = NamedTempFile::new().map_err(named)?.into_parts();
        Ok((Self(file), path))
    }
}

impl Read for Scratch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(named)
    }
}

impl Write for Scratch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(named)
    }
}

impl Seek for Scratch {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to).map_err(named)
    }
}
