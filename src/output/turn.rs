//! Whose turn it is to write a target: one run at a time, told by its temporary file, which it holds locked.
//!
//! The lock ends with the run, however that ends. So a temporary file that is not locked is a dead run's, and is removed;
//! one that is says who is at work. Nothing else stands beside the target, and nothing stays. Where a file system has no
//! locks, nobody waits for anybody.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How often a run that waits looks again.
const PAUSE: Duration = Duration::from_millis(200);
const SUFFIX: &str = ".tmp";

/// A run that writes the same target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Its process.
    pub pid: u32,
    /// Since when it is at work.
    pub since: Option<SystemTime>,
}

impl std::fmt::Display for Other {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {}", self.pid)?;
        let since = self.since.and_then(|since| jiff::Timestamp::try_from(since).ok());
        since.map_or(Ok(()), |since| write!(f, ", since {since:.0}"))
    }
}

/// Why it is not this run's turn.
#[derive(Debug)]
pub(crate) enum NotYet {
    Other(Other),
    Io(io::Error),
}

impl From<io::Error> for NotYet {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// How temporary files of a target are named: whose they are, and for whom.
pub(crate) fn builder(name: &str) -> (String, &'static str) {
    (format!(".{name}.{}-", std::process::id()), SUFFIX)
}

/// Makes the temporary file or folder of a run with `make`, when it is its turn to write `name` in `folder`; until then it
/// waits so long. What `make` makes must be locked through the file that `locked` tells of a path.
pub(crate) fn take<T>(
    folder: &Path,
    name: &str,
    wait: Duration,
    locked: impl Fn(&Path) -> PathBuf,
    make: impl Fn() -> io::Result<T>,
) -> Result<T, NotYet> {
    let start = Instant::now();
    loop {
        // While nobody else looks: of two that begin together, one is first.
        let guard = lock_folder(folder);
        let Some(other) = clear(folder, name, &locked) else { return Ok(make()?) };
        drop(guard);
        if start.elapsed() >= wait {
            return Err(NotYet::Other(other));
        }
        std::thread::sleep(PAUSE.min(wait.saturating_sub(start.elapsed())));
    }
}

/// Locks a file for as long as it is open.
pub(crate) fn hold(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::ResourceBusy.into()),
        Err(TryLockError::Error(error)) => {
            tracing::debug!(%error, "no locks here");
            Ok(())
        }
    }
}

#[cfg(unix)]
fn lock_folder(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

#[cfg(not(unix))]
fn lock_folder(_: &Path) -> Option<File> {
    None
}

/// Removes what dead runs left; a run that lives, if there is one.
///
/// A folder that may be written and not be read tells of nobody.
fn clear(folder: &Path, name: &str, locked: impl Fn(&Path) -> PathBuf) -> Option<Other> {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Some(pid) = path.file_name().and_then(|entry| pid_of(&entry.to_string_lossy(), name)) else { continue };
        // Somebody else's, or gone by now.
        let Ok(file) = File::open(locked(&path)) else { continue };
        match file.try_lock() {
            Ok(()) => {
                tracing::debug!(path = %path.display(), "removing what a run left that did not end by itself");
                let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            }
            Err(TryLockError::WouldBlock) => {
                let since = file.metadata().and_then(|metadata| metadata.created().or(metadata.modified())).ok();
                return Some(Other { pid, since });
            }
            Err(TryLockError::Error(_)) => {}
        }
    }
    None
}

/// The process whose temporary file has this name, if it is one of this target's.
fn pid_of(entry: &str, name: &str) -> Option<u32> {
    let rest = entry.strip_prefix('.')?.strip_prefix(name)?.strip_prefix('.')?.strip_suffix(SUFFIX)?;
    let (pid, random) = rest.split_once('-')?;
    let is_random = !random.is_empty() && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    pid.parse().ok().filter(|_| is_random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_files_are_told_by_their_names() {
        assert_eq!(pid_of(".a.json.123-AbC9xy.tmp", "a.json"), Some(123));
        for other in [
            "a.json.123-AbC9xy.tmp",
            ".a.json.123-AbC9xy.old",
            ".a.json.b.123-AbC9xy.tmp",
            ".a.json.123-.tmp",
            ".a.json.x-AbC9xy.tmp",
            ".a.json.123-A.C.tmp",
            ".b.json.123-AbC9xy.tmp",
        ] {
            assert_eq!(pid_of(other, "a.json"), None, "{other}");
        }
        let (prefix, suffix) = builder("a.json");
        assert_eq!(pid_of(&format!("{prefix}xyz{suffix}"), "a.json"), Some(std::process::id()));
    }

    #[test]
    fn what_a_dead_run_left_goes_and_a_live_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let take = |name: &str| {
            take(folder.path(), name, Duration::ZERO, Path::to_owned, || {
                let (prefix, suffix) = builder(name);
                let file = tempfile::Builder::new().prefix(&prefix).suffix(suffix).tempfile_in(folder.path())?;
                hold(file.as_file()).map(|()| file)
            })
        };
        for left in [".a.1-dead00.tmp", ".ab.1-dead00.tmp", ".a.tmp"] {
            fs::write(path(left), "half").unwrap();
        }
        let first = take("a").unwrap();
        assert!(!path(".a.1-dead00.tmp").exists() && path(".ab.1-dead00.tmp").exists() && path(".a.tmp").exists());
        match take("a") {
            Err(NotYet::Other(other)) => assert_eq!(other.pid, std::process::id()),
            other => panic!("{other:?}"),
        }
        // Another target is nobody else's turn.
        assert!(take("b").is_ok());
        drop(first);
        assert!(take("a").is_ok());
    }

    #[test]
    fn of_many_that_begin_together_one_is_first() {
        let folder = tempfile::tempdir().unwrap();
        let barrier = std::sync::Barrier::new(8);
        let winners: Vec<_> = std::thread::scope(|scope| {
            let run = || {
                barrier.wait();
                take(folder.path(), "a", Duration::ZERO, Path::to_owned, || {
                    let (prefix, suffix) = builder("a");
                    let file = tempfile::Builder::new().prefix(&prefix).suffix(suffix).tempfile_in(folder.path())?;
                    hold(file.as_file()).map(|()| file)
                })
                .ok()
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(winners.len(), 1);
    }
}
