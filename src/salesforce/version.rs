//! API versions.

use std::fmt;

use serde::Deserialize;

/// An API version by its whole number: 66 is `66.0`, Spring '26.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiVersion(u16);

/// The newest version whose fields and objects this program knows (Summer '26).
pub const NEWEST_KNOWN: ApiVersion = ApiVersion(67);
/// Older versions were retired in Summer '25 (Salesforce help 005321531).
pub const OLDEST_SERVED: ApiVersion = ApiVersion(31);
/// The oldest version that tells permission set groups from permission sets (`PermissionSet.PermissionSetGroupId`,
/// Spring '19): with an older one, a document would be wrong.
pub const OLDEST_KNOWN: ApiVersion = ApiVersion(45);

/// Why no version could be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// Not of the form `66` or `66.0`.
    #[error("`{0}` is not an API version; they are written `66.0`")]
    Malformed(String),
    /// Salesforce retired it.
    #[error("API version {0} was retired by Salesforce; the oldest that still works is {OLDEST_SERVED}")]
    Retired(ApiVersion),
    /// It cannot tell what a document must tell.
    #[error("API version {0} does not know permission set groups; the oldest that can be used is {OLDEST_KNOWN}")]
    TooOld(ApiVersion),
    /// The org does not offer the version asked for.
    #[error("the org does not offer API version {wanted}; it offers {offered}")]
    NotOffered {
        /// What was asked for.
        wanted: ApiVersion,
        /// What there is, as text.
        offered: String,
    },
    /// All that the org offers is too new or too old.
    #[error("the org offers API versions {0} alone; this program knows {OLDEST_KNOWN} to {NEWEST_KNOWN}")]
    NoneKnown(String),
}

/// One line of `/services/data`.
#[derive(Debug, Deserialize)]
pub struct Offered<'a> {
    /// `"66.0"`.
    #[serde(borrow)]
    pub version: super::Text<'a>,
}

impl ApiVersion {
    /// From the whole number.
    pub const fn new(major: u16) -> Self {
        Self(major)
    }

    /// The whole number.
    pub const fn major(self) -> u16 {
        self.0
    }

    /// Reads `66`, `66.0` or `v66.0`; a version that is retired or too old to be used is an error that says so.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        let malformed = || VersionError::Malformed(text.to_owned());
        let number = text.trim().trim_start_matches(['v', 'V']);
        let major = number.strip_suffix(".0").unwrap_or(number);
        let version = Self(major.parse().map_err(|_| malformed())?);
        if version < OLDEST_SERVED {
            return Err(VersionError::Retired(version));
        }
        if version < OLDEST_KNOWN {
            return Err(VersionError::TooOld(version));
        }
        Ok(version)
    }

    /// The newest version that is both offered and known, or the one asked for.
    pub fn choose(offered: &[Self], wanted: Option<Self>) -> Result<Self, VersionError> {
        let range = || match (offered.iter().min(), offered.iter().max()) {
            (Some(low), Some(high)) if low != high => format!("{low} to {high}"),
            (Some(one), _) => one.to_string(),
            _ => "none".to_owned(),
        };
        match wanted {
            Some(wanted) if offered.contains(&wanted) => Ok(wanted),
            Some(wanted) => Err(VersionError::NotOffered { wanted, offered: range() }),
            None => offered
                .iter()
                .copied()
                .filter(|version| (OLDEST_KNOWN..=NEWEST_KNOWN).contains(version))
                .max()
                .ok_or_else(|| VersionError::NoneKnown(range())),
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.0", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_known_and_offered_is_chosen() {
        let offered: Vec<_> = (31..=90).map(ApiVersion).collect();
        assert_eq!(ApiVersion::choose(&offered, None), Ok(NEWEST_KNOWN));
        assert_eq!(ApiVersion::choose(&offered[..20], None), Ok(ApiVersion(50)));
        assert_eq!(ApiVersion::choose(&offered, Some(ApiVersion(52))), Ok(ApiVersion(52)));
        assert_eq!(
            ApiVersion::choose(&offered[..20], Some(ApiVersion(66))),
            Err(VersionError::NotOffered { wanted: ApiVersion(66), offered: "31.0 to 50.0".to_owned() })
        );
        assert!(matches!(ApiVersion::choose(&[], None), Err(VersionError::NoneKnown(_))));
    }

    #[test]
    fn a_retired_version_is_explained() {
        assert_eq!(ApiVersion::parse("30.0"), Err(VersionError::Retired(ApiVersion(30))));
        assert_eq!(ApiVersion::parse("44.0"), Err(VersionError::TooOld(ApiVersion(44))));
        assert_eq!(ApiVersion::parse("v66.0"), Ok(ApiVersion(66)));
        assert_eq!(ApiVersion::parse("66"), Ok(ApiVersion(66)));
        for text in ["", "sixty", "66.5", "-1", "66.0.0"] {
            assert!(matches!(ApiVersion::parse(text), Err(VersionError::Malformed(_))), "{text}");
        }
    }
}
