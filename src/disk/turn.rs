//! Whose turn it is at a target: one run at a time, told by a file beside the target that is locked while the run lasts.
//!
//! The lock is the system's, so that it ends with its process however that ends: a file that nobody has locked is what a
//! run left that was killed. It says how the other things are called that such a run leaves, and whoever comes next
//! clears them up, and nothing else.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use same_file::Handle;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use svix_ksuid::{Ksuid, KsuidLike};

use super::folder_of;
use crate::stop::{Busy, Stop};
use crate::time::Timestamp;

/// Whoever waits looks this often.
const PAUSE: Duration = Duration::from_millis(100);
/// A name with what is put around it must not be longer than a file system allows, which is 255 bytes.
const LONGEST_NAME: usize = 200;
const LONGEST_RECORD: u64 = 4096;

/// Who is at a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// The name of its machine.
    pub host: String,
    /// RFC 3339, UTC.
    pub since: String,
    /// What its temporary file or folder is called.
    temporary: String,
}

impl Holder {
    fn new(temporary: String) -> Self {
        Self { pid: std::process::id(), host: host(), since: Timestamp::now().to_string(), temporary }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} on {}, since {}", self.pid, self.host, self.since)
    }
}

/// How long to wait where it is another run's turn, and who hears of that.
pub struct Waiting<'a> {
    /// So long at most.
    pub limit: Duration,
    /// Is told whose turn it is, once, where there is a wait.
    pub tell: &'a dyn Fn(Option<&Holder>),
    /// Ends the wait.
    pub stop: &'a Stop,
}

/// Why it is not this run's turn.
#[derive(Debug)]
pub(crate) enum NoTurn {
    /// Another run is at it. Some systems do not tell which one.
    Busy(Option<Holder>),
    /// Something stands where the lock would be.
    Foreign(PathBuf),
    Stopped,
    Io(io::Error),
}

impl From<io::Error> for NoTurn {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The right to replace what stands at a path; ends with the value, and with the process.
#[derive(Debug)]
pub struct Turn {
    /// `None` where the file system has no locks.
    locked: Option<(PathBuf, File)>,
    folder: PathBuf,
    temporary: String,
    /// Goes last: until then there is something to clean up.
    _busy: Busy,
}

impl Turn {
    /// Waits for this run's turn, and clears up after one that was killed.
    pub(crate) fn take(target: &Path, waiting: &Waiting<'_>) -> Result<Self, NoTurn> {
        let folder = folder_of(target).to_owned();
        let stem = stem(target);
        let path = folder.join(format!("{stem}.lock"));
        let temporary = format!("{stem}.{}.tmp", &Ksuid::from_seconds(None, None).to_string()[7..]);
        let began = Instant::now();
        let (mut has_told, mut attempts, mut vanished) = (false, 0, 0);
        loop {
            // From before there is something to clean up.
            let busy = waiting.stop.busy();
            let (mut file, is_ours) = open(&path)?;
            match file.try_lock() {
                // Whoever had it has just removed it.
                Ok(()) if vanished < 100 && !is_at(&file, &path) => {
                    vanished += 1;
                    continue;
                }
                Ok(()) => {
                    let left = read(&mut file)?;
                    if matches!(left, Left::Foreign) {
                        return Err(NoTurn::Foreign(path));
                    }
                    if let Left::Holder(left) = left {
                        clear(&folder, &left, &stem, target)?;
                    }
                    // Where another user's cannot be removed, it does as it is: to be locked it need not be written.
                    if !is_ours && vanished < 100 && fs::remove_file(&path).is_ok() {
                        vanished += 1;
                        continue;
                    }
                    let turn = Self { locked: Some((path, file)), folder, temporary, _busy: busy };
                    if is_ours {
                        turn.record()?;
                    }
                    return Ok(turn);
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) if is_unsupported(&error) => {
                    tracing::warn!("two runs at once cannot be kept apart here: {}: {error}", folder.display());
                    let _ = fs::remove_file(&path);
                    return Ok(Self { locked: None, folder, temporary, _busy: busy });
                }
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
            drop(busy);
            attempts += 1;
            let holder = match read(&mut file) {
                Ok(Left::Holder(holder)) => Some(holder),
                // It is just being written.
                Ok(Left::Nothing) if attempts < 10 => {
                    std::thread::sleep(PAUSE / 10);
                    continue;
                }
                _ => None,
            };
            if began.elapsed() >= waiting.limit {
                return Err(NoTurn::Busy(holder));
            }
            if !std::mem::replace(&mut has_told, true) {
                (waiting.tell)(holder.as_ref());
            }
            if waiting.stop.is_stopped() {
                return Err(NoTurn::Stopped);
            }
            std::thread::sleep(PAUSE.min(waiting.limit.saturating_sub(began.elapsed())));
        }
    }

    /// Where the new file or folder is to be made: beside the target, so that it can be renamed.
    pub(crate) fn temporary(&self) -> (&Path, &str) {
        (&self.folder, &self.temporary)
    }

    /// Where what stood at the target can be kept while it is replaced.
    pub(crate) fn aside(&self) -> PathBuf {
        self.folder.join(&self.temporary).with_extension("old")
    }

    /// Says who is at it, before there is anything that would have to be cleared up.
    fn record(&self) -> io::Result<()> {
        let Some((_, mut file)) = self.locked.as_ref().map(|(path, file)| (path, file)) else { return Ok(()) };
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(&serde_json::to_vec(&Holder::new(self.temporary.clone()))?)?;
        // Other users are told, too, whose turn it is.
        #[cfg(unix)]
        let _ = file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        file.sync_data()
    }
}

/// Removes what a run left that was killed, and brings back what it had moved aside.
fn clear(folder: &Path, left: &Holder, stem: &str, target: &Path) -> io::Result<()> {
    let is_ours = |name: &str| {
        let middle = name.strip_prefix(stem).and_then(|name| name.strip_prefix('.')?.strip_suffix(".tmp"));
        middle.is_some_and(|middle| middle.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    if !is_ours(&left.temporary) {
        return Ok(());
    }
    let temporary = folder.join(&left.temporary);
    let aside = temporary.with_extension("old");
    let mut cleared = remove(&temporary);
    if fs::symlink_metadata(&aside).is_ok() {
        if fs::symlink_metadata(target).is_ok() {
            cleared |= remove(&aside);
        } else {
            fs::rename(&aside, target)?;
            tracing::warn!(
                "a run was killed before it had replaced {} ({left}); what stood there is back",
                target.display()
            );
        }
    }
    if cleared {
        tracing::info!("removed what a run left that was killed ({left})");
    }
    Ok(())
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Not that of a run that came after somebody had removed ours.
        if let Some((path, file)) = &self.locked
            && is_at(file, path)
        {
            let _ = fs::remove_file(path);
        }
    }
}

/// What stands in the file.
enum Left {
    Nothing,
    Holder(Holder),
    Foreign,
}

fn read(file: &mut File) -> io::Result<Left> {
    let mut text = Vec::new();
    file.rewind()?;
    file.take(LONGEST_RECORD).read_to_end(&mut text)?;
    // A power cut can leave zeros, and a full disk a beginning.
    let is_ours = text.iter().all(|byte| *byte == 0) || text.starts_with(b"{\"pid\":");
    Ok(match serde_json::from_slice(&text) {
        Ok(holder) => Left::Holder(holder),
        Err(_) if is_ours => Left::Nothing,
        Err(_) => Left::Foreign,
    })
}

/// Opens the file, and makes it; whether it may be written, which another user's may not be.
fn open(path: &Path) -> Result<(File, bool), NoTurn> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    // Others can put a link there, where the folder is everybody's.
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    let is_other = |metadata: io::Result<fs::Metadata>| metadata.is_ok_and(|metadata| !metadata.is_file());
    match options.open(path) {
        Ok(file) if is_other(file.metadata()) => Err(NoTurn::Foreign(path.to_owned())),
        Ok(file) => Ok((file, true)),
        Err(error) => match fs::symlink_metadata(path) {
            Ok(metadata) if !metadata.is_file() => Err(NoTurn::Foreign(path.to_owned())),
            Ok(_) if error.kind() == io::ErrorKind::PermissionDenied => {
                let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
                Ok((options.write(false).create(false).open(path).map_err(named)?, false))
            }
            _ => Err(error.into()),
        },
    }
}

/// Whether it is still this file that stands there: whoever had it before removes it before letting it go.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    let ours = file.try_clone().and_then(Handle::from_file);
    matches!((ours, Handle::from_path(path)), (Ok(ours), Ok(there)) if ours == there)
}

/// Removes a file or a folder; whether it has. What cannot be removed stands in nobody's way.
fn remove(path: &Path) -> bool {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => {
            tracing::warn!("a run was killed, and what it left cannot be removed: {}: {error}", path.display());
            false
        }
    }
}

/// What the names of all that stands beside a target begin with.
fn stem(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    if name.len() <= LONGEST_NAME {
        return format!(".{name}");
    }
    let hash = Sha256::digest(name.as_bytes());
    let hash = hash.iter().take(8).fold(0, |hash: u64, byte| hash << 8 | u64::from(*byte));
    format!(".{}-{hash:016x}", &name[..name.floor_char_boundary(LONGEST_NAME / 2)])
}

fn is_unsupported(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(rustix::io::Errno::NOLCK.raw_os_error()) {
        return true;
    }
    error.kind() == io::ErrorKind::Unsupported
}

fn host() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".to_owned())
}
