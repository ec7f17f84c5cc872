//! Files that are replaced whole or not at all, and survive a power cut once they have been.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::disk::{folder_of, is_at, sync_folder_of};

/// Room that is taken beforehand: far more than a login has ever needed.
const ROOM: usize = 16 << 10;
/// What the names of attempts end with.
const ATTEMPT: &str = ".token.tmp";

/// A file that is about to be replaced. Begun before what goes into it is known, so that a full disk or a missing right
/// is met while nothing is lost yet. Nothing is left of it where it is not committed.
#[derive(Debug)]
pub struct Replacement {
    path: PathBuf,
    temporary: NamedTempFile,
}

impl Replacement {
    /// Begins to replace a file; readable by its owner alone. What killed processes left of the same is cleaned up: a
    /// process that lives has its attempt locked.
    pub fn begin(path: &Path) -> io::Result<Self> {
        let prefix = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
        clean_up(folder_of(path), &prefix);
        loop {
            let new = tempfile::Builder::new().prefix(&prefix).suffix(ATTEMPT).tempfile_in(folder_of(path))?;
            // Where there are no locks, nobody cleans up.
            let _ = new.as_file().lock();
            // Another process may have cleaned it up before it was locked.
            if is_at(new.as_file(), new.path()) {
                return Self::reserve(path, new);
            }
        }
    }

    /// The same where nobody else can be at it: what a killed process left of its attempt is cleaned up.
    pub(super) fn begin_alone(path: &Path) -> io::Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".tmp");
        let _ = std::fs::remove_file(path.with_file_name(&name));
        Self::reserve(path, tempfile::Builder::new().prefix(&name).rand_bytes(0).tempfile_in(folder_of(path))?)
    }

    fn reserve(path: &Path, mut temporary: NamedTempFile) -> io::Result<Self> {
        temporary.write_all(&[b' '; ROOM])?;
        temporary.as_file().sync_all()?;
        temporary.rewind()?;
        Ok(Self { path: path.to_owned(), temporary })
    }

    /// Puts it in its place.
    ///
    /// # Errors
    /// Where it is complete and cannot be put there, it stays beside it, and the error says where: it may hold the only
    /// token that still works.
    pub fn commit(mut self, content: &[u8]) -> io::Result<()> {
        self.temporary.write_all(content)?;
        self.temporary.as_file().set_len(content.len() as u64)?;
        self.temporary.as_file().sync_all()?;
        if let Err(error) = self.temporary.persist(&self.path) {
            let mut kept = error.file.into_temp_path().keep().map_err(|error| error.error)?;
            // Under a name that nobody cleans up.
            let mut name = self.path.file_name().unwrap_or_default().to_owned();
            name.push(".kept");
            let better = self.path.with_file_name(name);
            if std::fs::rename(&kept, &better).is_ok() {
                kept = better;
            }
            return Err(io::Error::new(error.error.kind(), format!("{}; it is in `{}`", error.error, kept.display())));
        }
        sync_folder_of(&self.path)
    }
}

/// Removes attempts that nobody is at and that nothing had come for yet.
fn clean_up(folder: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_attempt = name.to_str().is_some_and(|name| name.starts_with(prefix) && name.ends_with(ATTEMPT));
        if !is_attempt || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let path = entry.path();
        // Over a network only what may be written can be locked.
        let Ok(mut file) = File::options().read(true).write(true).open(&path) else { continue };
        if file.try_lock().is_err() || !is_at(&file, &path) {
            continue;
        }
        let mut content = Vec::new();
        match file.read_to_end(&mut content) {
            Ok(_) if content.iter().all(|byte| *byte == b' ') => drop(std::fs::remove_file(&path)),
            _ => tracing::warn!(
                "a run was killed that had got a new token: it is in {}, and may be the one that works",
                path.display()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        Replacement::begin(&path).unwrap().commit(b"one").unwrap();
        drop(Replacement::begin_alone(&path).unwrap());
        assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), names()), ("one", 1));
        // As a killed process leaves it.
        std::fs::write(folder.path().join("token.tmp"), "half").unwrap();
        Replacement::begin_alone(&path).unwrap().commit(b"two").unwrap();
        assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), names()), ("two", 1));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(Replacement::begin(&folder.path().join("nowhere/token")).is_err());
    }

    #[test]
    fn attempts_of_killed_processes_are_cleaned_up_unless_they_hold_something() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let left = |name: &str, content: &str| {
            std::fs::write(folder.path().join(name), content).unwrap();
            folder.path().join(name)
        };
        let (blank, full) = (left(".token.aaaaaa.token.tmp", "   "), left(".token.bbbbbb.token.tmp", "secret   "));
        let others = left(".other.aaaaaa.token.tmp", "");
        let living = Replacement::begin(&path).unwrap();
        assert!(!blank.exists() && full.exists() && others.exists());
        // While one lives, another does not touch it.
        Replacement::begin(&path).unwrap().commit(b"one").unwrap();
        living.commit(b"two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn what_cannot_be_put_in_its_place_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let begun = Replacement::begin(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        let error = begun.commit(b"secret").unwrap_err().to_string();
        let kept = error.rsplit('`').nth(1).unwrap();
        assert!(kept.ends_with("token.kept"), "{kept}");
        assert_eq!(std::fs::read_to_string(kept).unwrap(), "secret", "{error}");
    }
}
