//! Logins that are kept between runs: one file each, in a folder that its owner alone can look into; or that file
//! without its tokens, which are then in the system's keyring.
//!
//! A file is replaced durably or not at all ([`super::durable`]). Who is about to replace one holds its lock, so that of
//! two processes with one login only one uses up a refresh token.

#[cfg_attr(not(feature = "keyring"), path = "no_keyring.rs")]
mod keyring;
mod login;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use sha2::{Digest, Sha256};

use super::durable::Replacement;
use keyring::Keyring;
pub use login::Login;

/// Which login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The host that is logged in to, with its port where that is not the usual one.
    pub host: String,
    /// The app's consumer key.
    pub client_id: String,
    /// The flow, with whatever tells two logins of it apart.
    pub who: String,
    /// A name that the person gave; it alone decides which file is meant.
    pub profile: Option<String>,
}

impl Key {
    /// `who` of a login that a person made with a browser.
    pub const BROWSER: &'static str = "oauth";

    fn flow(&self) -> &str {
        self.who.split(':').next().unwrap_or_default()
    }

    /// The name of its file, without ending. The hash tells apart what differs in the case of a letter alone (`00E` and
    /// `00e`), also where file names do not; the rest is for people.
    fn stem(&self) -> String {
        let (shown, parts) = match &self.profile {
            Some(profile) => (profile, vec!["profile", profile]),
            None => (&self.host, vec![self.host.as_str(), &self.client_id, &self.who]),
        };
        let shown: String = shown
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || ".-".contains(c) { c } else { '_' })
            .take(60)
            .collect();
        // A name must not begin with a dot, nor be one of a device.
        format!("login-{shown}-{}", fingerprint(&parts.join("\0")))
    }
}

/// A short name for a text that must not be shown, or that is no name for a file.
pub(super) fn fingerprint(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest[..8].iter().fold(String::new(), |all, byte| all + &format!("{byte:02x}"))
}

/// What goes wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or a file in it cannot be used.
    #[error("cannot {what} `{}`: {source}", .path.display())]
    Io {
        /// `read`, `write`, …
        what: &'static str,
        /// What was to be used.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is no login.
    #[error("`{}` is no login that this version can read: {why}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// In the parser's words.
        why: String,
    },
    /// The name is another login's, which would be lost.
    #[error("the profile `{profile}` is a login at {host} (app {client_id}, {flow})")]
    Taken {
        /// The name.
        profile: String,
        /// Where that login was made.
        host: String,
        /// Its app.
        client_id: String,
        /// Its flow.
        flow: String,
    },
    /// The system's keyring cannot be used.
    #[error("the system's keyring cannot be used to {what} the login: {why}")]
    Keyring {
        /// `read`, `write`, …
        what: &'static str,
        /// In the keyring's words.
        why: String,
    },
    /// The system has no place for a user's data.
    #[error("this system does not say where a user's data goes; name a folder with --login-store")]
    NoFolder,
}

impl StoreError {
    fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }

    #[cfg(feature = "keyring")]
    fn keyring(what: &'static str, why: &str) -> Self {
        Self::Keyring { what, why: why.to_owned() }
    }
}

/// The folder with the logins. It is made when it is written to for the first time.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    /// Where the tokens are, if not in the files.
    keyring: Option<Keyring>,
}

/// The right to replace a login; ends with the value, and with the process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Store {
    /// A folder.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder, keyring: None }
    }

    /// Where the system keeps the user's data.
    pub fn usual() -> Result<Self, StoreError> {
        Ok(Self::at(data_folder()?.join("logins")))
    }

    /// The same, but for the tokens, which go into the system's keyring.
    #[cfg(feature = "keyring")]
    pub fn in_keyring() -> Result<Self, StoreError> {
        // A folder of its own: a login with its tokens in a file is another one.
        Ok(Self { folder: data_folder()?.join("keyring"), keyring: Some(Keyring::of_the_system()) })
    }

    /// Where logins are kept, for people.
    pub fn place(&self) -> String {
        let folder = self.folder.display();
        match &self.keyring {
            Some(_) => format!("the system's keyring (all but the tokens in {folder})"),
            None => folder.to_string(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.folder.join(format!("{}.json", key.stem()))
    }

    /// Reads a login. One with this name that belongs to another org, app or flow is not it.
    pub fn read(&self, key: &Key) -> Result<Option<Login>, StoreError> {
        Ok(self.read_file(&self.path(key))?.filter(|login| login.key() == *key))
    }

    /// All logins, by the names of their files, and what cannot be read.
    pub fn list(&self) -> Result<Vec<Result<Login, StoreError>>, StoreError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::io("read", &self.folder)(error)),
        };
        let mut paths: Vec<_> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .collect();
        paths.sort();
        Ok(paths.iter().filter_map(|path| self.read_file(path).transpose()).collect())
    }

    /// Refuses to give a login the name of another one that cannot be had again without its owner.
    pub fn check_name(&self, key: &Key) -> Result<(), StoreError> {
        let other = match self.read_file(&self.path(key)) {
            Ok(Some(login)) if login.refresh_token.is_some() => login,
            // A keyring that is locked can be open in a moment.
            Err(error @ StoreError::Keyring { .. }) => return Err(error),
            // What cannot be read is lost already.
            _ => return Ok(()),
        };
        let is_same = other.host == key.host && other.client_id == key.client_id && other.flow() == key.flow();
        if is_same {
            return Ok(());
        }
        let flow = other.flow().to_owned();
        let profile = other.profile.unwrap_or_default();
        Err(StoreError::Taken { profile, host: other.host, client_id: other.client_id, flow })
    }

    /// Waits until no other process is about to replace this login.
    pub fn lock(&self, key: &Key) -> Result<Lock, StoreError> {
        self.make_folder()?;
        // A file of its own: the login's is replaced by another one.
        let path = self.folder.join(format!("{}.lock", key.stem()));
        let failed = |error| StoreError::io("lock", &path)(error);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(Lock { _file: file })
    }

    /// Begins to replace a login; `_lock` is its lock.
    pub fn begin(&self, key: &Key, _lock: &Lock) -> Result<Begun, StoreError> {
        self.check_name(key)?;
        let path = self.path(key);
        let file = Replacement::begin_alone(&path).map_err(StoreError::io("write", &path))?;
        let keyring = self.keyring.clone().map(|keyring| (keyring, key.stem()));
        if let Some((keyring, name)) = &keyring {
            keyring.check(name)?;
        }
        Ok(Begun { path, file, keyring })
    }

    /// Removes a login; whether there was one.
    pub fn remove(&self, key: &Key, _lock: &Lock) -> Result<bool, StoreError> {
        let path = self.path(key);
        if let Some(keyring) = &self.keyring {
            keyring.remove(&key.stem())?;
        }
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StoreError::io("remove", &path)(error)),
        }
    }

    fn read_file(&self, path: &Path) -> Result<Option<Login>, StoreError> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("read", path)(error)),
        };
        let malformed = |why| StoreError::Malformed { path: path.to_owned(), why };
        let mut login = Login::parse(&text).map_err(malformed)?;
        if let Some(keyring) = &self.keyring {
            keyring.fill(&path.file_stem().unwrap_or_default().to_string_lossy(), &mut login)?;
        }
        login.hide();
        Ok(Some(login))
    }

    fn make_folder(&self) -> Result<(), StoreError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder).map_err(StoreError::io("make the folder", &self.folder))
    }
}

fn data_folder() -> Result<PathBuf, StoreError> {
    let strategy = choose_native_strategy().map_err(|_| StoreError::NoFolder)?;
    Ok(strategy.data_dir().join("baton-salesforce"))
}

/// A login that is about to be written.
#[derive(Debug)]
pub struct Begun {
    path: PathBuf,
    file: Replacement,
    keyring: Option<(Keyring, String)>,
}

impl Begun {
    /// Puts it in its place, for good.
    pub fn commit(self, login: &Login) -> Result<(), StoreError> {
        let text = match &self.keyring {
            Some((keyring, name)) => {
                // First what cannot be had again.
                keyring.put(name, login)?;
                login.without_tokens().to_json()
            }
            None => login.to_json(),
        };
        self.file.commit(&text).map_err(StoreError::io("write", &self.path))
    }
}

#[cfg(test)]
mod tests;
