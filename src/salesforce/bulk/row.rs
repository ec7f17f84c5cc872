//! A row of CSV as serde takes it: the object that REST would have sent, straight from the fields.
//!
//! CSV has texts alone, so what a field is read as decides how it is read: an empty field is null, `true` is a boolean
//! where one is wanted, and the fields of a parent (`License.Name`) are an object, or null where all of them are empty.

use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, Error};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::table::{Fields, Member};

/// An object: a row, or a parent of one.
#[derive(Clone, Copy)]
pub(super) struct Object<'de> {
    pub(super) members: &'de [Member],
    pub(super) fields: Fields<'de>,
}

impl Object<'_> {
    fn is_null(&self) -> bool {
        self.members.iter().all(|member| match member {
            Member::Field { column, .. } => self.fields.get(*column).is_empty(),
            Member::Parent { members, .. } => Object { members, fields: self.fields }.is_null(),
        })
    }
}

impl<'de> Deserializer<'de> for Object<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Members { left: self.members.iter(), value: None, fields: self.fields })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier
    }
}

struct Members<'de> {
    left: std::slice::Iter<'de, Member>,
    value: Option<&'de Member>,
    fields: Fields<'de>,
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.value = self.left.next();
        let name = self.value.map(Member::name);
        name.map(|name| seed.deserialize(BorrowedStrDeserializer::<Error>::new(name))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        match self.value.take() {
            Some(Member::Field { name, column }) => {
                let value = Value(self.fields.get(*column));
                seed.deserialize(value).map_err(|error| Error::custom(format_args!("{name}: {error}")))
            }
            Some(Member::Parent { members, .. }) => seed.deserialize(Object { members, fields: self.fields }),
            None => Err(Error::custom("a value without its name")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}

/// A field.
struct Value<'de>(&'de str);

impl Value<'_> {
    fn not(&self, wanted: &str) -> Error {
        Error::invalid_value(Unexpected::Str(self.0), &wanted)
    }
}

/// Reads a number as `$visit` takes it; an empty field is null.
macro_rules! numbers {
    ($($method:ident $visit:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            if self.0.is_empty() {
                return visitor.visit_unit();
            }
            visitor.$visit(self.0.parse().map_err(|_| self.not("a number"))?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_empty() { visitor.visit_unit() } else { visitor.visit_borrowed_str(self.0) }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            "" => visitor.visit_unit(),
            _ => Err(self.not("true or false")),
        }
    }

    numbers! {
        deserialize_i64 visit_i64;
        deserialize_u64 visit_u64;
        deserialize_f64 visit_f64;
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u128 f32 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct enum identifier
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Object")
    }
}
