//! The file that a document goes to: opened before the run, replaced at its end, whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::read::{Part, Reader};
use super::turn::{self, NotYet};
use crate::stop::Stop;

pub use super::turn::Other;

/// Where a document goes.
#[derive(Debug)]
pub struct Target {
    /// As the person wrote it.
    shown: PathBuf,
    kind: Kind,
    force: bool,
}

#[derive(Debug)]
enum Kind {
    /// A temporary file in the target's folder, to be renamed.
    Replace {
        temporary: NamedTempFile,
        path: PathBuf,
        old: Option<Box<Old>>,
    },
    /// A pipe, a device: written, never renamed over.
    Special(File),
    Stdout,
}

/// A document that stands at the target.
#[derive(Debug)]
struct Old {
    metadata: fs::Metadata,
    /// The org it is of; `None` where the file is no document of ours.
    org: Option<String>,
}

/// What was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// As the person wrote it; `None` for stdout.
    pub path: Option<PathBuf>,
    /// SHA-256 of all bytes, in hex.
    pub sha256: String,
    /// Number of bytes.
    pub bytes: u64,
}

/// Why a target cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The folder is not there.
    #[error("cannot write `{}`: there is no folder `{}`", .0.display(), .1.display())]
    NoFolder(PathBuf, PathBuf),
    /// A folder stands there.
    #[error("cannot write `{}`: it is a folder", .0.display())]
    IsFolder(PathBuf),
    /// Something else stands there.
    #[error("`{}` is not a document of this program; it was left as it is", .0.display())]
    Foreign(PathBuf),
    /// A document of another org stands there.
    #[error("`{}` is a document of another org ({theirs}), and this is {ours}; it was left as it is", .path.display())]
    OtherOrg {
        /// The target.
        path: PathBuf,
        /// The org of the document that stands there.
        theirs: String,
        /// The org of this run.
        ours: String,
    },
    /// Another run writes it.
    #[error("another run is writing `{}` ({other})", .path.display())]
    Busy {
        /// The target.
        path: PathBuf,
        /// Who.
        other: Other,
    },
    /// The system refuses.
    #[error("cannot write `{}`: {source}", .path.display())]
    Io {
        /// The target.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl TargetError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// Whether the reader of a pipe went away, which is no failure.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl Target {
    /// Opens a target; `-` is stdout. What stands there is not touched before [`Target::write`] has succeeded.
    ///
    /// # Errors
    /// Also where something stands there that is no document of ours, unless `force` is set or it is empty; and where
    /// another run writes it, and does not end within `wait`.
    pub fn open(shown: &Path, force: bool, wait: Duration) -> Result<Self, TargetError> {
        let kind = if shown == Path::new("-") { Kind::Stdout } else { Kind::open(shown, force, wait)? };
        Ok(Self { shown: shown.to_owned(), kind, force })
    }

    /// Refuses to replace the document of another org.
    pub fn check_org(&self, ours: &str) -> Result<(), TargetError> {
        match &self.kind {
            Kind::Replace { old: Some(old), .. } => match &old.org {
                Some(theirs) if theirs != ours && !self.force => Err(TargetError::OtherOrg {
                    path: self.shown.clone(),
                    theirs: theirs.clone(),
                    ours: ours.to_owned(),
                }),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Lets `fill` write the document, and puts it in its place: synced, then renamed over what was there.
    ///
    /// Unless `stop` says before that that the run is to end: then what was there stays.
    pub fn write<E>(self, stop: &Stop, fill: impl FnOnce(&mut dyn Write) -> Result<(), E>) -> Result<Written, E>
    where
        E: From<TargetError>,
    {
        let shown = self.shown;
        let failed = |error| E::from(TargetError::io(&shown)(error));
        match self.kind {
            Kind::Stdout => {
                let mut out = Hashing::new(io::stdout().lock());
                fill(&mut out)?;
                if !stop.commit() {
                    return Err(failed(stopped()));
                }
                out.finish(None).map(|(_, written)| written).map_err(failed)
            }
            Kind::Special(device) => {
                let mut out = Hashing::new(device);
                fill(&mut out)?;
                if !stop.commit() {
                    return Err(failed(stopped()));
                }
                out.finish(Some(shown.clone())).map(|(_, written)| written).map_err(failed)
            }
            Kind::Replace { temporary, path, .. } => {
                let mut out = Hashing::new(temporary);
                fill(&mut out)?;
                let (temporary, written) = out.finish(Some(shown.clone())).map_err(failed)?;
                if !stop.commit() {
                    return Err(failed(stopped()));
                }
                put_in_place(temporary, &path).map_err(failed)?;
                Ok(written)
            }
        }
    }
}

impl Kind {
    fn open(shown: &Path, force: bool, wait: Duration) -> Result<Self, TargetError> {
        let metadata = match fs::metadata(shown) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(TargetError::io(shown)(error)),
        };
        if shown.as_os_str().to_string_lossy().ends_with(std::path::is_separator) {
            return Err(TargetError::IsFolder(shown.to_owned()));
        }
        let path = match &metadata {
            Some(metadata) if metadata.is_dir() => return Err(TargetError::IsFolder(shown.to_owned())),
            // By its own name: what `/dev/stdout` leads to has none.
            Some(metadata) if !metadata.is_file() => {
                let file = OpenOptions::new().write(true).open(shown).map_err(TargetError::io(shown))?;
                return Ok(Self::Special(file));
            }
            _ => resolve(shown),
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            return Err(TargetError::NoFolder(shown.to_owned(), folder.to_owned()));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (prefix, suffix) = turn::builder(&name);
        let make = || {
            // Mode 0600 from the start: it is personal data.
            let temporary = tempfile::Builder::new().prefix(&prefix).suffix(suffix).tempfile_in(folder)?;
            turn::hold(temporary.as_file())?;
            Ok(temporary)
        };
        let temporary = turn::take(folder, &name, wait, Path::to_owned, make).map_err(|not_yet| match not_yet {
            NotYet::Other(other) => TargetError::Busy { path: shown.to_owned(), other },
            NotYet::Io(error) => TargetError::io(shown)(error),
        })?;
        // Only now: whoever was at work may have replaced it.
        let old = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(TargetError::io(shown)(error)),
            Ok(metadata) => {
                File::open(&path).map_err(TargetError::io(shown))?;
                let org = if metadata.len() == 0 { None } else { org_of(&path) };
                if org.is_none() && metadata.len() > 0 && !force {
                    return Err(TargetError::Foreign(shown.to_owned()));
                }
                Some(Box::new(Old { metadata, org }))
            }
        };
        if let Some(old) = &old {
            // Now, and not when all has been read: whose file it is may stand in the way.
            keep_mode_and_owner(temporary.as_file(), &old.metadata).map_err(TargetError::io(shown))?;
        }
        Ok(Self::Replace { temporary, path, old })
    }
}

/// Follows symbolic links, also those that lead to nothing yet: the link stays, its target is replaced.
pub(crate) fn resolve(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(link) => path = path.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => break,
        }
    }
    path
}

fn put_in_place(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    sync_folder(path)
}

#[cfg(unix)]
fn keep_mode_and_owner(file: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(old.permissions())
}

#[cfg(not(unix))]
fn keep_mode_and_owner(file: &File, old: &fs::Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The org of a document of ours, from its beginning alone: the rest of it may be cut.
fn org_of(path: &Path) -> Option<String> {
    let mut reader = Reader::open(path, None).ok()?;
    match reader.next_part() {
        Ok(Some(Part::Header(header))) => Some(header.org?.id),
        _ => None,
    }
}

fn stopped() -> io::Error {
    io::Error::new(io::ErrorKind::Interrupted, "stopped")
}

/// Counts and hashes what it passes on.
struct Hashing<W: Write> {
    writer: BufWriter<W>,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    fn new(writer: W) -> Self {
        Self { writer: BufWriter::with_capacity(256 << 10, writer), hash: Sha256::new(), bytes: 0 }
    }

    fn finish(mut self, path: Option<PathBuf>) -> io::Result<(W, Written)> {
        self.writer.flush()?;
        let mut sha256 = String::new();
        for byte in self.hash.finalize() {
            let _ = std::fmt::Write::write_fmt(&mut sha256, format_args!("{byte:02x}"));
        }
        let writer = self.writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((writer, Written { path, sha256, bytes: self.bytes }))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
