//! A place in a document: its item there, and the key that the item is sorted by.

use serde::Deserialize;

use super::error::DiffError;
use super::key::{push_entitlement, push_resource};
use crate::output::Section;
use crate::output::read::{Id, Place, ReadError, Reader};
use crate::salesforce::Text;

/// A place in a document.
pub(super) struct Cursor<'r> {
    reader: Reader<'r>,
    pub(super) section: Section,
    /// The item as it stands in the document.
    pub(super) text: Vec<u8>,
    place: Place,
    pub(super) key: Vec<u8>,
    is_keyed: bool,
    /// The key of the item before, in the same section.
    before: Vec<u8>,
}

/// As much of an item as its key needs.
#[derive(Deserialize)]
struct ById<T> {
    id: T,
}

/// A grant or an inactive assignment.
#[derive(Deserialize)]
pub(super) struct Pair<'a> {
    #[serde(borrow)]
    entitlement: ById<Text<'a>>,
    #[serde(borrow)]
    principal: ById<Id<'a>>,
}

impl<'a> Pair<'a> {
    /// What is held, and by whom.
    pub(super) fn take(self) -> (Text<'a>, Id<'a>) {
        (self.entitlement.id, self.principal.id)
    }
}

impl<'r> Cursor<'r> {
    /// Before the first item.
    pub(super) fn new(reader: Reader<'r>) -> Self {
        Self {
            reader,
            section: Section::Header,
            text: Vec::new(),
            place: Place::Byte(0),
            key: Vec::new(),
            is_keyed: false,
            before: Vec::new(),
        }
    }

    /// Goes to the next item; false after the last one.
    pub(super) fn advance(&mut self) -> Result<bool, DiffError> {
        debug_assert!(self.is_keyed || self.key.is_empty());
        let Some(item) = self.reader.next_item()? else { return Ok(false) };
        std::mem::swap(&mut self.before, &mut self.key);
        self.key.clear();
        if item.section != self.section {
            self.before.clear();
        }
        self.section = item.section;
        self.place = item.place;
        self.text.clear();
        self.text.extend_from_slice(item.text);
        self.is_keyed = false;
        Ok(true)
    }

    /// What the item says.
    pub(super) fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DiffError> {
        serde_json::from_slice(&self.text)
            .map_err(|error| ReadError::malformed(self.reader.file(), self.place, self.section, &error).into())
    }

    /// Finds the item's key, and checks that it comes after the one before.
    pub(super) fn find_key(&mut self) -> Result<(), DiffError> {
        if self.is_keyed {
            return Ok(());
        }
        let mut key = std::mem::take(&mut self.key);
        match self.section {
            Section::Resource => {
                let ById::<Id<'_>> { id } = self.parse()?;
                push_resource(&mut key, &id.kind, &id.id);
            }
            Section::Entitlement => {
                let ById::<Text<'_>> { id } = self.parse()?;
                push_entitlement(&mut key, &id);
            }
            Section::Grant | Section::Inactive => {
                let (entitlement, principal) = self.parse::<Pair<'_>>()?.take();
                push_entitlement(&mut key, &entitlement);
                push_resource(&mut key, &principal.kind, &principal.id);
            }
            Section::Header | Section::ResourceType | Section::Summary => {}
        }
        self.key = key;
        self.check_order()
    }

    /// The same item as another document's, with the same key.
    pub(super) fn copy_key(&mut self, other: &Self) -> Result<(), DiffError> {
        self.key.clear();
        self.key.extend_from_slice(&other.key);
        self.check_order()
    }

    fn check_order(&mut self) -> Result<(), DiffError> {
        self.is_keyed = true;
        // Of inactive assignments, several can be of the same user and the same set.
        let is_ordered = match self.section {
            Section::Inactive => self.before <= self.key,
            Section::Resource | Section::Entitlement | Section::Grant => self.before < self.key,
            Section::Header | Section::ResourceType | Section::Summary => true,
        };
        if is_ordered || self.before.is_empty() {
            return Ok(());
        }
        let shown = |key: &[u8]| {
            let parts: Vec<_> = key.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
            parts.join(" ").chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned()
        };
        let problem = if self.before == self.key {
            format!("{} stands there twice", shown(&self.key))
        } else {
            format!("{} stands after {}", shown(&self.key), shown(&self.before))
        };
        let (file, place, within) = (self.reader.file().clone(), self.place, self.section.name());
        Err(DiffError::Order { file, place, within, problem })
    }
}
