//! How the parts of a document are read whose form differs from what is made of them.

use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::item::{Entitlement, Grant, Id, InactiveAssignment, Metadata, Resource, Source, User};
use super::value::Profile;
use crate::model::Status;
use crate::salesforce::Text;
use crate::time::Timestamp;

/// `{"id": …}`
#[derive(Deserialize)]
struct ById<T> {
    id: T,
}

/// A time that cannot be read costs that attribute alone.
pub(super) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text: Option<Text<'_>> = Deserialize::deserialize(deserializer)?;
    Ok(text.and_then(|text| Timestamp::parse(&text)))
}

/// An annotation is told by its type, and read as what it is.
fn annotation<'a, T: Deserialize<'a>>(
    annotations: &[&'a RawValue],
    name: &str,
) -> Result<Option<T>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Typed<'a> {
        #[serde(borrow, rename = "@type")]
        name: Option<Text<'a>>,
    }
    for annotation in annotations {
        let Typed { name: found } = serde_json::from_str(annotation.get())?;
        if found.is_some_and(|found| found.rsplit('.').next() == Some(name)) {
            return serde_json::from_str(annotation.get()).map(Some);
        }
    }
    Ok(None)
}

impl<'de: 'a, 'a> Deserialize<'de> for Resource<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", expecting = "a resource")]
        struct Item<'a> {
            #[serde(borrow)]
            id: Id<'a>,
            #[serde(borrow, default)]
            parent_resource_id: Option<Id<'a>>,
            #[serde(borrow)]
            display_name: Text<'a>,
            #[serde(borrow, default)]
            description: Option<Text<'a>>,
            #[serde(borrow, default)]
            profile: Profile<'a>,
            #[serde(borrow, default)]
            annotations: Vec<&'a RawValue>,
        }
        #[derive(Deserialize)]
        struct OfTrait<'a> {
            #[serde(borrow, default)]
            profile: Profile<'a>,
            #[serde(borrow)]
            login: Option<Text<'a>>,
            #[serde(borrow, default)]
            emails: Vec<Email<'a>>,
            status: Option<StatusItem<'a>>,
            #[serde(borrow, rename = "lastLogin")]
            last_login: Option<Text<'a>>,
        }
        #[derive(Deserialize)]
        struct Email<'a> {
            #[serde(borrow)]
            address: Text<'a>,
        }
        #[derive(Deserialize)]
        struct StatusItem<'a> {
            #[serde(borrow)]
            status: Text<'a>,
            #[serde(borrow)]
            details: Option<Text<'a>>,
        }
        let Item { id, parent_resource_id: parent, display_name, description, mut profile, annotations } =
            Deserialize::deserialize(deserializer)?;
        let mut user = None;
        for name in ["UserTrait", "GroupTrait", "RoleTrait", "AppTrait"] {
            if let Some(found) = annotation::<OfTrait<'a>>(&annotations, name).map_err(de::Error::custom)? {
                if name == "UserTrait" {
                    let status = match &found.status {
                        None => None,
                        Some(StatusItem { status, .. }) if &**status == "STATUS_ENABLED" => Some(Status::Enabled),
                        Some(StatusItem { details: Some(details), .. }) if &**details == "frozen" => {
                            Some(Status::Frozen)
                        }
                        Some(_) => Some(Status::Inactive),
                    };
                    let emails = found.emails.into_iter().map(|email| email.address).collect();
                    user = Some(User { login: found.login, emails, status, last_login: found.last_login });
                }
                profile = found.profile;
            }
        }
        Ok(Self { id, parent, display_name, description, profile, user })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Entitlement<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", expecting = "an entitlement")]
        struct Item<'a> {
            #[serde(borrow)]
            id: Text<'a>,
            #[serde(borrow)]
            resource: ById<Id<'a>>,
            #[serde(borrow)]
            display_name: Text<'a>,
            #[serde(borrow)]
            description: Option<Text<'a>>,
            #[serde(borrow)]
            slug: Option<Text<'a>>,
        }
        let Item { id, resource, display_name, description, slug } = Deserialize::deserialize(deserializer)?;
        Ok(Self { id, resource: resource.id, display_name, description, slug })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Grant<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(expecting = "a grant")]
        struct Item<'a> {
            #[serde(borrow)]
            entitlement: ById<Text<'a>>,
            #[serde(borrow)]
            principal: ById<Id<'a>>,
            #[serde(borrow, default)]
            sources: Sources<'a>,
            #[serde(borrow, default)]
            annotations: Vec<&'a RawValue>,
        }
        #[derive(Deserialize)]
        struct MetadataItem<'a> {
            #[serde(borrow, default)]
            metadata: Metadata<'a>,
        }
        let Item { entitlement, principal, sources, annotations } = Deserialize::deserialize(deserializer)?;
        let metadata = annotation::<MetadataItem<'a>>(&annotations, "GrantMetadata").map_err(de::Error::custom)?;
        Ok(Self {
            entitlement: entitlement.id,
            principal: principal.id,
            sources: sources.sources.0,
            expandable: annotation(&annotations, "GrantExpandable").map_err(de::Error::custom)?,
            metadata: metadata.map(|item| item.metadata).unwrap_or_default(),
        })
    }
}

/// `{"sources": {"<entitlement>": {"isDirect": true}}}`
#[derive(Default, Deserialize)]
#[serde(default)]
struct Sources<'a> {
    #[serde(borrow)]
    sources: BySource<'a>,
}

#[derive(Default)]
struct BySource<'a>(Vec<Source<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for BySource<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct Item {
            is_direct: bool,
        }
        struct SourcesVisitor;
        impl<'de> Visitor<'de> for SourcesVisitor {
            type Value = BySource<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("sources by entitlement")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut sources = Vec::new();
                while let Some((entitlement, Item { is_direct })) = map.next_entry()? {
                    sources.push(Source { entitlement, is_direct });
                }
                Ok(BySource(sources))
            }
        }
        deserializer.deserialize_map(SourcesVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for InactiveAssignment<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase", expecting = "an assignment")]
        struct Item<'a> {
            #[serde(borrow)]
            entitlement: ById<Text<'a>>,
            #[serde(borrow)]
            principal: ById<Id<'a>>,
            #[serde(borrow)]
            reason: Text<'a>,
            #[serde(default, deserialize_with = "time")]
            expires_at: Option<Timestamp>,
            #[serde(default, deserialize_with = "time")]
            assigned_at: Option<Timestamp>,
        }
        let Item { entitlement, principal, reason, expires_at, assigned_at } = Deserialize::deserialize(deserializer)?;
        Ok(Self { entitlement: entitlement.id, principal: principal.id, reason, expires_at, assigned_at })
    }
}
