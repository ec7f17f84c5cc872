//! What is kept of logins, and where.

use std::path::PathBuf;

use super::{Error, Raw};

/// What is kept of logins, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logins {
    /// Where.
    pub place: Place,
    /// The name of the login that is meant.
    pub profile: Option<String>,
}

/// Where logins are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Where the system keeps the user's data.
    Usual,
    /// In this folder.
    Folder(PathBuf),
    /// Nowhere.
    Nowhere,
}

impl Raw {
    pub(super) fn logins(&self) -> Result<Logins, Error> {
        let place = match self.text("login-store") {
            None => Place::Usual,
            Some("none") => Place::Nowhere,
            Some(folder) => Place::Folder(PathBuf::from(folder)),
        };
        let profile = self.parsed("profile", |text| {
            let is_name = !text.trim().is_empty() && text.len() <= 100 && !text.contains(char::is_control);
            if is_name { Ok(text.to_owned()) } else { Err(format!("`{}` is no name", text.escape_debug())) }
        })?;
        Ok(Logins { place, profile })
    }
}
