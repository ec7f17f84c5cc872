//! Annotations: a message with the name of its type.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use prost::Message;
use serde::de::{self, DeserializeOwned};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A message with the name of its type; in JSON what the message says, and beside it `@type`.
///
/// A type that is not known here, or one with fields that are not, stands in JSON with its bytes in Base64, as `value`.
#[derive(Clone, PartialEq, Message)]
pub struct Any {
    /// `type.googleapis.com/c1.connector.v2.UserTrait`, …
    #[prost(string, tag = "1")]
    pub type_url: String,
    /// The message.
    #[prost(bytes = "vec", tag = "2")]
    pub value: Vec<u8>,
}

/// The type's name: what stands after the last slash.
pub fn type_name(type_url: &str) -> &str {
    type_url.rsplit('/').next().unwrap_or_default()
}

/// How the annotations of a type are written and read.
struct Known {
    name: &'static str,
    to_json: fn(&[u8]) -> Option<String>,
    from_json: fn(&str) -> Result<Vec<u8>, serde_json::Error>,
}

macro_rules! known {
    ($($of:ident),*) => {
        $(impl Annotation for super::$of {
            const NAME: &'static str = concat!("c1.connector.v2.", stringify!($of));
        })*

        const KNOWN: &[Known] = &[$(Known {
            name: super::$of::NAME,
            to_json: to_json::<super::$of>,
            from_json: from_json::<super::$of>,
        }),*];
    };
}

known!(
    GrantMetadata,
    GrantImmutable,
    GrantExpandable,
    UserTrait,
    GroupTrait,
    RoleTrait,
    AppTrait,
    EntitlementImmutable,
    ExternalLink,
    V1Identifier,
    RawId,
    ChildResourceType,
    SkipEntitlementsAndGrants,
    SkipGrants,
    SkipEntitlements
);

/// `None` where not all of it is known.
fn to_json<M: Message + Default + Serialize>(bytes: &[u8]) -> Option<String> {
    let message = M::decode(bytes).ok()?;
    // What is not known was left out in decoding; then all of it is kept as it is.
    if message.encode_to_vec() == bytes { serde_json::to_string(&message).ok() } else { None }
}

fn from_json<M: Message + DeserializeOwned>(text: &str) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::from_str::<M>(text).map(|message| message.encode_to_vec())
}

/// A message that annotations can be.
pub trait Annotation: Message + Default {
    /// Its name, with its package.
    const NAME: &'static str;
}

impl Any {
    /// Whether it is of this type.
    pub fn is<M: Annotation>(&self) -> bool {
        type_name(&self.type_url) == M::NAME
    }

    /// The message, if it is of this type.
    pub fn message<M: Annotation>(&self) -> Option<M> {
        if self.is::<M>() { M::decode(&*self.value).ok() } else { None }
    }

    /// Whether this program, and every version of the Baton tools, knows its type.
    pub fn is_known(&self) -> bool {
        self.known().is_some()
    }

    fn known(&self) -> Option<&'static Known> {
        let name = type_name(&self.type_url);
        KNOWN.iter().find(|known| known.name == name)
    }
}

impl Serialize for Any {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Opaque<'a> {
            #[serde(rename = "@type")]
            type_url: &'a str,
            value: String,
        }
        let Some(json) = self.known().and_then(|known| (known.to_json)(&self.value)) else {
            return Opaque { type_url: &self.type_url, value: BASE64_STANDARD.encode(&self.value) }
                .serialize(serializer);
        };
        let mut text = String::with_capacity(json.len() + self.type_url.len() + 12);
        text.push_str("{\"@type\":");
        text.push_str(&serde_json::to_string(&self.type_url).map_err(S::Error::custom)?);
        if json != "{}" {
            text.push(',');
        }
        text.push_str(&json[1..]);
        RawValue::from_string(text).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Typed {
            #[serde(rename = "@type")]
            type_url: String,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Opaque {
            #[serde(rename = "@type")]
            _type_url: String,
            value: String,
        }
        let raw = <&RawValue>::deserialize(deserializer)?;
        let Typed { type_url } = serde_json::from_str(raw.get()).map_err(de::Error::custom)?;
        if let Ok(Opaque { value, .. }) = serde_json::from_str(raw.get()) {
            let value = BASE64_STANDARD.decode(value).map_err(de::Error::custom)?;
            return Ok(Self { type_url, value });
        }
        let mut any = Self { type_url, value: Vec::new() };
        let Some(known) = any.known() else {
            let name = type_name(&any.type_url);
            return Err(de::Error::custom(format_args!("an annotation `{name}`, which is not known here")));
        };
        any.value = (known.from_json)(raw.get()).map_err(de::Error::custom)?;
        Ok(any)
    }
}
