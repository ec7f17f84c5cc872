//! The Baton messages as a `.c1z` file has them, in protobuf, and how they stand in a document, in JSON.
//!
//! The messages are generated from `proto/`. Here is what protobuf's own JSON rules ask for beyond names: annotations
//! with their type, attributes, times, enums by name.

mod any;
#[rustfmt::skip]
#[allow(missing_docs, clippy::pedantic, reason = "generated")]
mod generated;
mod well_known;

pub use any::{Annotation, Any, type_name};
pub use generated::*;
pub use well_known::{Struct, Timestamp, Value};

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

use super::Section;
use crate::model::order_of_entitlement;

/// The fields of an item in JSON that its protobuf form has no place for.
pub fn left_out(section: Section, text: &[u8]) -> Vec<String> {
    fn again<M: DeserializeOwned + Serialize>(text: &[u8]) -> Option<Vec<u8>> {
        serde_json::to_vec(&serde_json::from_slice::<M>(text).ok()?).ok()
    }
    let again = match section {
        Section::ResourceType => again::<ResourceType>(text),
        Section::Resource => again::<Resource>(text),
        Section::Entitlement => again::<Entitlement>(text),
        Section::Grant => again::<Grant>(text),
        Section::Header | Section::Inactive | Section::Summary => None,
    };
    let Some(again) = again.filter(|again| again != text) else { return Vec::new() };
    let mut paths = Vec::new();
    if let (Ok(before), Ok(after)) = (serde_json::from_slice(text), serde_json::from_slice(&again)) {
        missing(&before, &after, "", &mut paths);
    }
    paths
}

fn missing(before: &serde_json::Value, after: &serde_json::Value, path: &str, paths: &mut Vec<String>) {
    use serde_json::Value;
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (name, value) in before {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                missing(value, after.get(name).unwrap_or(&Value::Null), &path, paths);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (before, after) in before.iter().zip(after) {
                missing(before, after, path, paths);
            }
        }
        // What is as if it was not there.
        (Value::Bool(false), Value::Null) => {}
        (Value::String(text), Value::Null) if text.is_empty() => {}
        (Value::Array(list), Value::Null) if list.is_empty() => {}
        (before, after) if before == after => {}
        (Value::Number(before), Value::Number(after)) if before.as_f64() == after.as_f64() => {}
        _ => paths.push(path.to_owned()),
    }
}

/// The types of the annotations of an item that stand in Base64.
pub fn opaque(section: Section, text: &[u8]) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Annotated {
        #[serde(default)]
        annotations: Vec<Any>,
    }
    let has_annotations =
        matches!(section, Section::ResourceType | Section::Resource | Section::Entitlement | Section::Grant);
    // Base64 stands under this name.
    if !has_annotations || memchr::memmem::find(text, b"\"value\"").is_none() {
        return Vec::new();
    }
    let Ok(Annotated { annotations }) = serde_json::from_slice(text) else { return Vec::new() };
    let unknown = annotations.iter().filter(|any| !any.is_known());
    unknown.map(|any| type_name(&any.type_url).to_owned()).collect()
}

/// Whether a field is as if it was not there.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Sources, in the order in which the grants of these entitlements stand.
pub(crate) fn in_order<S: Serializer>(
    sources: &BTreeMap<String, grant_sources::GrantSource>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut sources: Vec<_> = sources.iter().collect();
    sources.sort_by(|(one, _), (other, _)| order_of_entitlement(one).cmp(&order_of_entitlement(other)));
    serializer.collect_map(sources)
}

/// An enum whose values have names.
pub(crate) trait Named: TryFrom<i32> {
    fn name(self) -> &'static str;
    fn parse(name: &str) -> Option<i32>;
}

macro_rules! named {
    ($($of:path),*) => {
        $(impl Named for $of {
            fn name(self) -> &'static str {
                self.as_str_name()
            }

            fn parse(name: &str) -> Option<i32> {
                Self::from_str_name(name).map(|value| value as i32)
            }
        })*
    };
}

named!(
    resource_type::Trait,
    resource::CreationSource,
    resource_status::Code,
    entitlement::Purpose,
    user_trait::AccountType,
    user_trait::status::Code,
    app_trait::AppFlag
);

/// The value of an enum by its name; by its number where this program knows no name.
#[derive(Debug)]
struct EnumValue<E>(i32, std::marker::PhantomData<E>);

impl<E: Named> Serialize for EnumValue<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match E::try_from(self.0) {
            Ok(value) => serializer.serialize_str(value.name()),
            Err(_) => serializer.serialize_i32(self.0),
        }
    }
}

impl<'de, E: Named> serde::Deserialize<'de> for EnumValue<E> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(i32),
            Name(String),
        }
        let value = match Form::deserialize(deserializer)? {
            Form::Number(value) => value,
            Form::Name(name) => {
                E::parse(&name).ok_or_else(|| serde::de::Error::custom(format_args!("`{name}` is not known here")))?
            }
        };
        Ok(Self(value, std::marker::PhantomData))
    }
}

/// One value of an enum.
pub(crate) mod name {
    use super::{EnumValue, Named};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
    pub(crate) fn write<E: Named, S: Serializer>(value: &i32, serializer: S) -> Result<S::Ok, S::Error> {
        EnumValue::<E>(*value, std::marker::PhantomData).serialize(serializer)
    }

    pub(crate) fn read<'de, E: Named, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
        Ok(EnumValue::<E>::deserialize(deserializer)?.0)
    }
}

/// A list of values of an enum.
pub(crate) mod names {
    use super::{EnumValue, Named};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn write<E: Named, S: Serializer>(values: &[i32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|value| EnumValue::<E>(*value, std::marker::PhantomData)))
    }

    pub(crate) fn read<'de, E: Named, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<i32>, D::Error> {
        let values = Vec::<EnumValue<E>>::deserialize(deserializer)?;
        Ok(values.into_iter().map(|value| value.0).collect())
    }
}

#[cfg(test)]
mod tests;
