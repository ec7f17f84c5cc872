//! The file that a document goes to: opened before the run, replaced at its end, whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::read::{Part, ReadError, Reader};
use crate::disk::{Holder, NoTurn, ScratchError, Turn, Waiting, folder_of, stdout, sync_folder_of};
use crate::stop::Stop;

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
        /// Goes last: others may come when nothing is left of this run.
        turn: Turn,
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
    /// Another run is at it.
    #[error("{}", busy(path, holder.as_ref()))]
    Busy {
        /// The target.
        path: PathBuf,
        /// Which run, where the system tells.
        holder: Option<Holder>,
    },
    /// Something stands where other runs would be told that this one is at it.
    #[error("cannot write `{}`: `{}` is in the way, which is no lock of this program", .0.display(), .1.display())]
    Lock(PathBuf, PathBuf),
    /// There is no stdout.
    #[error("the document cannot go to stdout, which is closed")]
    NoStdout,
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

    fn no_turn(path: &Path) -> impl FnOnce(NoTurn) -> Self {
        let path = path.to_owned();
        move |why| match why {
            NoTurn::Busy(holder) => Self::Busy { path, holder },
            NoTurn::Foreign(lock) => Self::Lock(path, lock),
            NoTurn::Stopped => Self::Io { path, source: stopped() },
            NoTurn::Io(source) => Self::Io { path, source },
        }
    }

    /// Whether the reader of a pipe went away, which is no failure.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl Target {
    /// Opens a target; `-` is stdout. What stands there is not touched before [`Target::write`] has succeeded, and no
    /// other run is at it until then.
    ///
    /// # Errors
    /// Also where something stands there that is no document of ours, unless `force` is set or it is empty; and where it
    /// stays another run's turn.
    pub fn open(shown: &Path, force: bool, waiting: &Waiting<'_>) -> Result<Self, TargetError> {
        let kind = match shown == Path::new("-") {
            true if stdout::is_closed() => return Err(TargetError::NoStdout),
            true => Kind::Stdout,
            false => Kind::open(shown, force, waiting)?,
        };
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
            Kind::Stdout => pass_on(Hashing::new(io::stdout().lock()), stop, None, fill, failed),
            Kind::Special(device) => pass_on(Hashing::new(device), stop, Some(shown.clone()), fill, failed),
            Kind::Replace { turn: _turn, temporary, path, .. } => {
                let mut out = Hashing::new(temporary.as_file());
                fill(&mut out)?;
                let (_, written) = out.finish(Some(shown.clone())).map_err(failed)?;
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
    fn open(shown: &Path, force: bool, waiting: &Waiting<'_>) -> Result<Self, TargetError> {
        let metadata = || match fs::metadata(shown) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(TargetError::io(shown)(error)),
        };
        if shown.as_os_str().to_string_lossy().ends_with(std::path::is_separator) {
            return Err(TargetError::IsFolder(shown.to_owned()));
        }
        let path = match metadata()? {
            Some(metadata) if metadata.is_dir() => return Err(TargetError::IsFolder(shown.to_owned())),
            // By its own name: what `/dev/stdout` leads to has none.
            Some(metadata) if !metadata.is_file() => {
                let file = OpenOptions::new().write(true).open(shown).map_err(TargetError::io(shown))?;
                return Ok(Self::Special(file));
            }
            _ => resolve(shown),
        };
        let turn = take_turn(shown, &path, waiting)?;
        // Only now: the run before this one may have replaced it.
        let old = match metadata()? {
            None => None,
            Some(metadata) => {
                File::open(&path).map_err(TargetError::io(shown))?;
                // Nobody asks of which org it is where it may be replaced whatever it is.
                let unread = metadata.len() == 0 || force;
                let org = if unread { None } else { org_of(&path).map_err(TargetError::io(shown))? };
                if org.is_none() && metadata.len() > 0 && !force {
                    return Err(TargetError::Foreign(shown.to_owned()));
                }
                Some(Box::new(Old { metadata, org }))
            }
        };
        // Mode 0600 from the start: it is personal data.
        let (folder, name) = turn.temporary();
        let temporary =
            tempfile::Builder::new().prefix(name).rand_bytes(0).tempfile_in(folder).map_err(TargetError::io(shown))?;
        if let Some(old) = &old {
            // Now, and not when all has been read: whose file it is may stand in the way.
            keep_mode_and_owner(temporary.as_file(), &old.metadata).map_err(TargetError::io(shown))?;
        }
        Ok(Self::Replace { temporary, path, old, turn })
    }
}

/// Waits until it is this run's turn to replace what stands at `path`, which a person wrote as `shown`.
///
/// # Errors
/// Where it stays another run's turn, and where the system refuses.
pub fn take_turn(shown: &Path, path: &Path, waiting: &Waiting<'_>) -> Result<Turn, TargetError> {
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(TargetError::NoFolder(shown.to_owned(), folder.to_owned()));
    }
    Turn::take(path, waiting).map_err(TargetError::no_turn(shown))
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

/// Writes what cannot be taken back. The end of it goes out only when no stop has come before.
fn pass_on<W: Write, E>(
    mut out: Hashing<W>,
    stop: &Stop,
    path: Option<PathBuf>,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    failed: impl Fn(io::Error) -> E,
) -> Result<Written, E> {
    let filled = fill(&mut out);
    if filled.is_err() || !stop.commit() {
        out.discard();
        return Err(filled.err().unwrap_or_else(|| failed(stopped())));
    }
    out.finish(path).map(|(_, written)| written).map_err(failed)
}

fn put_in_place(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    sync_folder_of(path)
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

/// The org of a document of ours, from its beginning alone: the rest of it may be cut.
fn org_of(path: &Path) -> io::Result<Option<String>> {
    let org = |mut reader: Reader| match reader.next_part() {
        Ok(Some(Part::Header(header))) => Ok(header.org.map(|org| org.id)),
        other => other.map(|_| None),
    };
    match Reader::open(path, None).and_then(org) {
        Ok(org) => Ok(org),
        // It is the system that refuses; that says nothing about what stands there.
        Err(ReadError::Io { source, .. }) if source.raw_os_error().is_some() || ScratchError::is_in(&source) => {
            Err(source)
        }
        _ => Ok(None),
    }
}

fn busy(path: &Path, holder: Option<&Holder>) -> String {
    let who = holder.map(|holder| format!(": {holder}")).unwrap_or_default();
    format!("another run is writing `{}`{who}", path.display())
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

    /// Keeps back what has not gone out yet.
    fn discard(self) {
        drop(self.writer.into_parts());
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

    /// Does nothing: the end is kept back until it is sure that it may go out.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More than is kept back.
    static LONG: [u8; 300 << 10] = [b'x'; 300 << 10];

    #[test]
    fn the_end_of_what_cannot_be_taken_back_goes_out_only_where_no_stop_came_before() {
        for (stops, written) in [(true, LONG.len()), (false, LONG.len() + 3)] {
            let (mut out, stop) = (Vec::new(), Stop::default());
            let fill = |writer: &mut dyn Write| {
                writer.write_all(&LONG)?;
                writer.write_all(b"end")?;
                writer.flush()?;
                if stops {
                    assert!(stop.stop());
                }
                Ok(())
            };
            let passed = pass_on(Hashing::new(&mut out), &stop, None, fill, |error: io::Error| error);
            assert_eq!((passed.is_err(), out.len()), (stops, written));
        }
    }

    #[test]
    fn a_stop_while_the_document_is_written_leaves_what_stood_there() {
        for stops in [true, false] {
            let (folder, stop) = (tempfile::tempdir().unwrap(), Stop::default());
            let path = folder.path().join("sync.json");
            std::fs::write(&path, "").unwrap();
            let waiting = Waiting { limit: std::time::Duration::ZERO, tell: &|_| unreachable!(), stop: &stop };
            let target = Target::open(&path, false, &waiting).unwrap();
            let written = target.write(&stop, |writer| {
                writer.write_all(b"new").map_err(TargetError::io(&path))?;
                if stops {
                    assert!(stop.stop());
                }
                Ok::<_, TargetError>(())
            });
            assert_eq!(written.is_err(), stops);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), if stops { "" } else { "new" });
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
            // After that it is too late.
            assert!(!stop.stop());
        }
    }
}
