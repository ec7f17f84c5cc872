//! Salesforce record ids.
//!
//! A record id is 15 characters of base 62, compared case-sensitively; the 18-character form adds three characters
//! that make it safe for case-insensitive systems: for each chunk of five characters, bit *k* is set where the
//! *k*-th character is `A`–`Z`, and the five bits index into `A`–`Z`, `0`–`5` (Salesforce help, "Record ID length").

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

const CHECKSUM: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The id of a record, held as its 15 significant characters (15 bytes, `Copy`); shown in the 18-character form.
///
/// Ordering is bytewise, which is also the order of the 18-character forms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; 15]);

/// Why a text is not a record id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Neither 15 nor 18 characters.
    #[error("`{0}` is not a Salesforce id: it has {1} characters, an id has 15 or 18")]
    Length(String, usize),
    /// A character outside `A`–`Z`, `a`–`z`, `0`–`9`.
    #[error("`{0}` is not a Salesforce id: only letters and digits are allowed")]
    Character(String),
    /// The last three characters do not fit the first fifteen.
    #[error("`{0}` is not a Salesforce id: its last three characters should be `{1}`")]
    Checksum(String, String),
}

impl RecordId {
    /// Reads the 15- or the 18-character form; the checksum of the latter is verified.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let bytes = text.as_bytes();
        if bytes.len() != 15 && bytes.len() != 18 {
            return Err(IdError::Length(text.to_owned(), text.chars().count()));
        }
        if !bytes.iter().all(u8::is_ascii_alphanumeric) {
            return Err(IdError::Character(text.to_owned()));
        }
        let mut id = [0; 15];
        id.copy_from_slice(&bytes[..15]);
        let id = Self(id);
        let suffix = id.checksum();
        if bytes.len() == 18 && bytes[15..] != suffix {
            return Err(IdError::Checksum(text.to_owned(), String::from_utf8_lossy(&suffix).into_owned()));
        }
        Ok(id)
    }

    /// The three characters that tell the object: `005` for users, `00e` for profiles, `00E` for roles.
    pub fn key_prefix(&self) -> &str {
        self.as_15().get(..3).unwrap_or_default()
    }

    /// The 15-character form.
    pub fn as_15(&self) -> &str {
        // The constructor lets ASCII through alone.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The 18-character form, on the stack.
    pub fn as_18(&self) -> [u8; 18] {
        let mut text = [0; 18];
        text[..15].copy_from_slice(&self.0);
        text[15..].copy_from_slice(&self.checksum());
        text
    }

    fn checksum(self) -> [u8; 3] {
        let mut suffix = [0; 3];
        for (chunk, out) in self.0.chunks(5).zip(&mut suffix) {
            let bits = chunk.iter().enumerate().fold(0, |bits, (k, c)| bits | usize::from(c.is_ascii_uppercase()) << k);
            *out = CHECKSUM[bits];
        }
        suffix
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.as_18()).unwrap_or_default())
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for RecordId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for RecordId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;
        impl Visitor<'_> for IdVisitor {
            type Value = RecordId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a Salesforce id")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RecordId, E> {
                RecordId::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(IdVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_characters_become_eighteen() {
        for id in [
            "0055f000001AAAAAA4",
            "00E5f000000AAABEA4",
            "00e5f000000AAAAAA4",
            "0PS5f000000AAAAGA4",
            "750R0000000zxr8IAA",
        ] {
            assert_eq!(RecordId::parse(&id[..15]).unwrap().to_string(), id);
            assert_eq!(RecordId::parse(id).unwrap().to_string(), id);
        }
    }

    #[test]
    fn other_lengths_characters_and_checksums_are_refused() {
        assert!(matches!(RecordId::parse("0055f000001AAAAA"), Err(IdError::Length(_, 16))));
        assert!(matches!(RecordId::parse("0055f000001AAAAAA"), Err(IdError::Length(_, 17))));
        assert!(matches!(RecordId::parse("0055f000001AAA'"), Err(IdError::Character(_))));
        assert!(matches!(RecordId::parse("0055f000001AAAAAA5"), Err(IdError::Checksum(_, s)) if s == "AA4"));
        assert!(RecordId::parse("").is_err());
    }

    #[test]
    fn a_profile_is_not_a_role() {
        let profile = RecordId::parse("00e5f000000AAAA").unwrap();
        let role = RecordId::parse("00E5f000000AAAA").unwrap();
        assert_ne!(profile, role);
        assert_eq!((profile.key_prefix(), role.key_prefix()), ("00e", "00E"));
    }
}
