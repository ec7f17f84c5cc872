//! Who and what a question is about: ids and names as a person types them.

use super::index::{Node, Resource};
use super::names::Names;
use crate::model::ResourceKind;
use crate::salesforce::RecordId;

/// Why it cannot be told who or what is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// The value cannot name anybody or anything.
    #[error("--{flag}: {message}")]
    Invalid {
        /// The flag's name.
        flag: &'static str,
        /// What is wrong.
        message: String,
    },
    /// It names several.
    #[error("--{flag}: `{value}` names {} in the document", .all.len())]
    Ambiguous {
        /// The flag's name.
        flag: &'static str,
        /// What was given.
        value: String,
        /// What it names: ids with names.
        all: Vec<(String, String)>,
    },
    /// It names nothing in the document.
    #[error("--{flag}: there is no `{value}` in the document{hint}")]
    NotFound {
        /// The flag's name.
        flag: &'static str,
        /// What was given.
        value: String,
        /// What may be the reason.
        hint: String,
    },
}

/// How many of those that a name fits are listed.
const SHOWN: usize = 20;

impl FindError {
    /// What to do.
    pub fn advice(&self) -> Option<String> {
        let Self::Ambiguous { all, .. } = self else { return None };
        let mut lines = vec!["give the id of the one that is meant:".to_owned()];
        lines.extend(all.iter().take(SHOWN).map(|(id, name)| format!("{id}  {name}")));
        if all.len() > SHOWN {
            lines.push(format!("and {} more", all.len() - SHOWN));
        }
        Some(lines.join("\n"))
    }
}

/// A user as a person typed him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserQuery {
    /// An id, in its 18 characters.
    Id(String),
    /// A username or an email address.
    Name(String),
}

impl UserQuery {
    /// Reads it. What has no `@` is an id.
    ///
    /// # Errors
    /// Where it is neither.
    pub fn parse(text: &str) -> Result<Self, FindError> {
        let text = text.trim();
        let invalid = |message| FindError::Invalid { flag: "user", message };
        if text.contains('@') {
            return Ok(Self::Name(text.to_owned()));
        }
        let id = RecordId::parse(text.strip_prefix("user:").unwrap_or(text))
            .map_err(|error| invalid(format!("{error} (usernames and email addresses have an @)")))?;
        match id.key_prefix() {
            "005" => Ok(Self::Id(id.to_string())),
            _ => Err(invalid(format!("`{text}` is not the id of a user: those begin with 005"))),
        }
    }

    /// The users that it fits: by id, by username, or by email address if there is nobody with that username.
    pub fn find(&self, names: &Names) -> Vec<u32> {
        let name = match self {
            Self::Id(id) => return names.find("user", id).into_iter().collect(),
            Self::Name(name) => name.to_lowercase(),
        };
        let (mut by_username, mut by_email) = (Vec::new(), Vec::new());
        for (number, resource) in (0..).zip(&names.resources) {
            let Some(person) = resource.person() else { continue };
            if person.username.as_ref().is_some_and(|username| username.to_lowercase() == name) {
                by_username.push(number);
            } else if person.emails.iter().any(|email| email.to_lowercase() == name) {
                by_email.push(number);
            }
        }
        if by_username.is_empty() { by_email } else { by_username }
    }

    /// As it was typed, with ids in 18 characters.
    pub fn text(&self) -> &str {
        match self {
            Self::Id(text) | Self::Name(text) => text,
        }
    }
}

/// What is held, as a person typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThingQuery {
    /// `entitlement` or `resource`: the latter means all that the resource gives.
    pub flag: &'static str,
    text: String,
    /// The kind, where it was named.
    kind: Option<ResourceKind>,
    /// What stands after the kind, or all of it.
    rest: String,
    /// The id, in its 18 characters, where it is one.
    id: Option<String>,
    /// Where it is an id that cannot be: why.
    bad_id: Option<String>,
}

impl ThingQuery {
    /// Reads it: an id of an entitlement or a resource, `type:name`, or a name.
    ///
    /// # Errors
    /// Where it cannot be held.
    pub fn parse(flag: &'static str, text: &str) -> Result<Self, FindError> {
        let text = text.trim();
        let invalid = |message| FindError::Invalid { flag, message };
        if text.is_empty() {
            return Err(invalid("a name or an id is missing".to_owned()));
        }
        let split = text.split_once(':').and_then(|(kind, rest)| Some((ResourceKind::parse(kind)?, rest)));
        let (kind, rest) = split.map_or((None, text), |(kind, rest)| (Some(kind), rest));
        if kind.is_some_and(|kind| kind.slug().is_none()) {
            return Err(invalid(format!("`{text}`: nobody can hold a resource of this type")));
        }
        let id = rest.split(':').next().unwrap_or_default();
        let (mut whole, mut bad_id) = (None, None);
        if looks_like_an_id(id) {
            match RecordId::parse(id) {
                Ok(id) => whole = Some(id.to_string()),
                Err(error) => bad_id = Some(error.to_string()),
            }
        }
        // Ids are written in one form.
        let rest = match &whole {
            Some(whole) => format!("{whole}{}", &rest[id.len()..]),
            None => rest.to_owned(),
        };
        Ok(Self { flag, text: text.to_owned(), kind, rest, id: whole, bad_id })
    }

    /// The entitlements that it fits.
    pub fn find(&self, names: &Names) -> Vec<u32> {
        if let Some(kind) = self.kind
            && let Some(node) = names.find_node(&format!("{}:{}", kind.id(), self.rest))
        {
            return vec![node];
        }
        let fits = |test: &dyn Fn(&Resource) -> bool| -> Vec<u32> {
            let is_it = |node: &Node| {
                let resource = &names.resources[node.resource as usize];
                self.kind.is_none_or(|kind| resource.kind == kind.id()) && test(resource)
            };
            (0..).zip(&names.nodes).filter(|(_, node)| is_it(node)).map(|(number, _)| number).collect()
        };
        if self.id.is_some() {
            let found = fits(&|resource| resource.id == self.rest);
            if !found.is_empty() {
                return found;
            }
        }
        let found = fits(&|resource| is_called(resource, |name| name == self.rest));
        if !found.is_empty() {
            return found;
        }
        let lower = self.rest.to_lowercase();
        fits(&|resource| is_called(resource, |name| name.to_lowercase() == lower))
    }

    /// Whether it means this resource, or the entitlement with this id; whatever its names have in capitals.
    pub fn fits(&self, resource: &Resource, entitlement: Option<&str>) -> bool {
        if let (Some(kind), Some(entitlement)) = (self.kind, entitlement)
            && entitlement.strip_prefix(kind.id()).and_then(|id| id.strip_prefix(':')) == Some(&*self.rest)
        {
            return true;
        }
        if self.kind.is_some_and(|kind| resource.kind != kind.id()) {
            return false;
        }
        let lower = self.rest.to_lowercase();
        (self.id.is_some() && resource.id == self.rest) || is_called(resource, |name| name.to_lowercase() == lower)
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The kind of resource that it names by its id, though it is not in the document: type and id.
    pub fn named_id(&self) -> Option<(ResourceKind, &str)> {
        if let Some(kind @ ResourceKind::SystemPermission) = self.kind {
            return Some((kind, &self.rest));
        }
        let id = self.id.as_deref()?;
        let kind = self.kind.or_else(|| kind_of(id));
        kind.map(|kind| (kind, id))
    }

    /// Why the id that it seems to be is none.
    pub fn bad_id(&self) -> Option<FindError> {
        let message = self.bad_id.clone()?;
        Some(FindError::Invalid { flag: self.flag, message })
    }
}

/// Whether one of a resource's names is this: its own, the one for programs, or its entitlement's.
fn is_called(resource: &Resource, is_it: impl Fn(&str) -> bool) -> bool {
    if is_it(&resource.name) || resource.api_name.as_deref().is_some_and(&is_it) {
        return true;
    }
    match ResourceKind::parse(&resource.kind) {
        Some(ResourceKind::SystemPermission) => is_it(&resource.id),
        Some(kind) => is_it(&format!("{} {}", resource.name, kind.entitlement_name())),
        None => false,
    }
}

/// Salesforce ids begin with a digit, nearly all with a zero; hardly any name of that length does.
pub(super) fn looks_like_an_id(text: &str) -> bool {
    (15..=18).contains(&text.len()) && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The kind of resource that an id belongs to.
fn kind_of(id: &str) -> Option<ResourceKind> {
    Some(match id.get(..3)? {
        "00G" => ResourceKind::Group,
        "00E" => ResourceKind::Role,
        "00e" => ResourceKind::Profile,
        "0PS" => ResourceKind::Permission,
        "0PG" => ResourceKind::PermissionSetGroup,
        "0MI" => ResourceKind::Territory,
        "0H4" => ResourceKind::ConnectedApplication,
        "0PL" => ResourceKind::PermissionSetLicense,
        _ => return None,
    })
}
