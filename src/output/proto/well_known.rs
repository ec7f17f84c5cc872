//! Messages of protobuf itself that have a JSON form of their own: attributes and times.

use std::collections::BTreeMap;
use std::fmt;

use prost::{Message, Oneof};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Attributes.
#[derive(Clone, PartialEq, Message)]
pub struct Struct {
    /// By name.
    #[prost(btree_map = "string, message", tag = "1")]
    pub fields: BTreeMap<String, Value>,
}

/// The value of an attribute.
#[derive(Clone, PartialEq, Message)]
pub struct Value {
    /// What it is; `None` stands for `null`.
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6")]
    pub kind: Option<Kind>,
}

/// What an attribute can be.
#[derive(Clone, PartialEq, Oneof)]
pub enum Kind {
    /// `null`; the number is always 0.
    #[prost(int32, tag = "1")]
    Null(i32),
    /// A number.
    #[prost(double, tag = "2")]
    Number(f64),
    /// A text.
    #[prost(string, tag = "3")]
    Text(String),
    /// True or false.
    #[prost(bool, tag = "4")]
    Bool(bool),
    /// Attributes of its own.
    #[prost(message, tag = "5")]
    Struct(Struct),
    /// A list.
    #[prost(message, tag = "6")]
    List(List),
}

/// A list of values.
#[derive(Clone, PartialEq, Message)]
pub struct List {
    /// In order.
    #[prost(message, repeated, tag = "1")]
    pub values: Vec<Value>,
}

/// A moment.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Timestamp {
    /// Since 1970-01-01 UTC.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Further nanoseconds.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

/// All whole numbers up to here can be told from each other.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Serialize for Struct {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.fields)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            None | Some(Kind::Null(_)) => serializer.serialize_unit(),
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
            Some(Kind::Number(number)) if number.fract() == 0.0 && number.abs() <= EXACT => {
                serializer.serialize_i64(*number as i64)
            }
            // As protobuf's JSON writes what JSON has no number for.
            Some(Kind::Number(number)) if number.is_nan() => serializer.serialize_str("NaN"),
            Some(Kind::Number(number)) if number.is_infinite() => {
                serializer.serialize_str(if *number > 0.0 { "Infinity" } else { "-Infinity" })
            }
            Some(Kind::Number(number)) => serializer.serialize_f64(*number),
            Some(Kind::Text(text)) => serializer.serialize_str(text),
            Some(Kind::Bool(value)) => serializer.serialize_bool(*value),
            Some(Kind::Struct(value)) => value.serialize(serializer),
            Some(Kind::List(list)) => serializer.collect_seq(&list.values),
        }
    }
}

impl<'de> Deserialize<'de> for Struct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { fields: BTreeMap::deserialize(deserializer)? })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Kind;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Kind, E> {
                Ok(Kind::Null(0))
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Kind, E> {
                Ok(Kind::Bool(value))
            }

            #[expect(clippy::cast_precision_loss, reason = "protobuf has no other numbers here")]
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Kind, E> {
                Ok(Kind::Number(value as f64))
            }

            #[expect(clippy::cast_precision_loss, reason = "protobuf has no other numbers here")]
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Kind, E> {
                Ok(Kind::Number(value as f64))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Kind, E> {
                Ok(Kind::Number(value))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Kind, E> {
                Ok(Kind::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Kind, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = items.next_element()? {
                    values.push(value);
                }
                Ok(Kind::List(List { values }))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Kind, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = items.next_entry()? {
                    fields.insert(name, value);
                }
                Ok(Kind::Struct(Struct { fields }))
            }
        }
        deserializer.deserialize_any(ValueVisitor).map(|kind| Self { kind: Some(kind) })
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match jiff::Timestamp::new(self.seconds, self.nanos) {
            Ok(time) => serializer.collect_str(&time),
            Err(_) => Err(serde::ser::Error::custom("a time out of range")),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time: jiff::Timestamp = text.parse().map_err(de::Error::custom)?;
        Ok(Self { seconds: time.as_second(), nanos: time.subsec_nanosecond() })
    }
}
