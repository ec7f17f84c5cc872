//! The settings file: a YAML map from names of settings to values, each with the line it stands on.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_saphyr::Spanned;

use crate::cli::{self, Kind};

/// A value of the file.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The texts of a list, or one text. A plain number stays as it was written.
    pub values: Vec<String>,
    /// The line it stands on, from 1.
    pub line: u64,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(on line {})", self.line)
    }
}

/// Why a settings file cannot be used. The file's text is not repeated: it may hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read the settings file `{0}`: {1}")]
    Read(String, #[source] std::io::Error),
    /// It is no YAML map of texts, numbers, booleans and lists of these.
    #[error("the settings file `{0}` is malformed: {1}")]
    Malformed(String, String),
}

/// Reads a file.
pub fn read(path: &Path) -> Result<BTreeMap<String, Entry>, ConfigError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read(shown.clone(), error))?;
    parse(&text).map_err(|error| ConfigError::Malformed(shown, error))
}

fn parse(text: &str) -> Result<BTreeMap<String, Entry>, String> {
    let entries: Option<Entries> = serde_saphyr::from_str(text).map_err(|error| error.without_snippet().to_string())?;
    Ok(entries.map(|entries| entries.0).unwrap_or_default())
}

struct Entries(BTreeMap<String, Entry>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;
        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from settings to values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    let setting = cli::SETTINGS.iter().find(|setting| setting.names().any(|name| name == key));
                    let (values, line) = match setting.map(|setting| setting.kind) {
                        Some(Kind::List) => {
                            let list = map.next_value::<Spanned<List>>()?;
                            (Some(list.value.0), list.referenced.line())
                        }
                        // As a text: `007` is not 7, nor is a secret of digits a float.
                        Some(_) => {
                            let text = map.next_value::<Spanned<Option<String>>>()?;
                            (text.value.map(|text| vec![text]), text.referenced.line())
                        }
                        None => (Some(Vec::new()), map.next_value::<Spanned<IgnoredAny>>()?.referenced.line()),
                    };
                    if let Some(values) = values {
                        entries.insert(key, Entry { values, line });
                    }
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(EntriesVisitor)
    }
}

/// A list, or one text with commas in it.
struct List(Vec<String>);

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Wire {
            Many(Vec<String>),
            One(String),
        }
        Ok(match Wire::deserialize(deserializer)? {
            Wire::Many(list) => Self(list),
            Wire::One(text) => Self(vec![text]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_text_and_their_line() {
        let text = "# ours\ndomain: acme\nsync-deactivated-users: false\nsalesforce-client-secret: 0054372933483193182991\n\
                    sync-resource-types: [user, role]\nfile:\napi-version: 66.0\n";
        let entries = parse(text).unwrap();
        let value = |key: &str| entries.get(key).map(|entry| (entry.values.join(","), entry.line));
        assert_eq!(value("domain"), Some(("acme".to_owned(), 2)));
        assert_eq!(value("sync-deactivated-users"), Some(("false".to_owned(), 3)));
        assert_eq!(value("salesforce-client-secret"), Some(("0054372933483193182991".to_owned(), 4)));
        assert_eq!(value("sync-resource-types"), Some(("user,role".to_owned(), 5)));
        assert_eq!(value("api-version"), Some(("66.0".to_owned(), 7)));
        assert_eq!(value("file"), None);
        assert!(parse("").unwrap().is_empty() && parse("# nothing\n").unwrap().is_empty());
        assert_eq!(parse("sync-resource-types: user,role").unwrap()["sync-resource-types"].values, ["user,role"]);
    }

    #[test]
    fn a_malformed_file_is_told_by_its_place_and_without_its_text() {
        for (text, place) in [
            ("domain: [canary\n", "line 1"),
            ("- canary\n", "line 1"),
            ("domain: a\ndomain: canary\n", "line 2"),
            ("domain: {canary: 1}\n", "line 1"),
            ("canary", "line 1"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(place) && !error.contains("canary"), "{error}");
        }
    }
}
