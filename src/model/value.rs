//! Attributes.

use serde::{Deserialize, Serialize};

/// A value of an attribute, as `google.protobuf.Value` knows them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<Vec<String>> for Value {
    fn from(value: Vec<String>) -> Self {
        Self::List(value)
    }
}

/// The attributes of a resource, sorted by name. What is unknown is absent, never null, empty or false.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile(Vec<(String, Value)>);

impl Profile {
    /// Sets an attribute.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        match self.0.binary_search_by(|(other, _)| other.as_str().cmp(name)) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (name.to_owned(), value)),
        }
    }

    /// Sets an attribute that is known; an empty text says nothing and is left out.
    pub fn set_known<V: Into<Value>>(&mut self, name: &str, value: Option<V>) {
        match value.map(Into::into) {
            None => {}
            Some(Value::Text(text)) if text.is_empty() => {}
            Some(value) => self.set(name, value),
        }
    }

    /// An attribute.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// All attributes, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_sorted_and_the_unknown_is_absent() {
        let mut profile = Profile::default();
        profile.set("b", 1);
        profile.set("a", true);
        profile.set("b", 2);
        profile.set_known("c", None::<&str>);
        profile.set_known("d", Some(""));
        profile.set_known("e", Some("x"));
        assert_eq!(profile.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b", "e"]);
        assert_eq!(profile.get("b"), Some(&Value::Number(2)));
    }
}
