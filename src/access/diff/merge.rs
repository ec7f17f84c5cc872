//! Walks through both documents at once, and keeps what differs. Equal items are not looked into.

use std::cmp::Ordering;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::attributes::{self, Attribute};
use super::book::Book;
use super::change::Name;
use super::cursor::{Cursor, Pair};
use super::error::DiffError;
use super::facts::{Dead, Facts};
use super::key::{push_entitlement, push_resource};
use super::side::Side;
use super::{Settings, Which};
use crate::output::read::{Grant, Header, InactiveAssignment, Org, Reader, Resource, ResourceType, Summary};
use crate::output::{Section, Spool, Spooled};

/// About how many bytes of each sort are held in memory: so many that a million changes are sorted in one go.
const ITEMS: usize = 8 << 20;
const HELD: usize = 20 << 20;

/// A resource or an entitlement that differs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ItemRecord {
    key: Vec<u8>,
    /// The resource, or that of the entitlement.
    pub(super) name: Name,
    /// The entitlement's id.
    pub(super) entitlement: Option<CompactString>,
    pub(super) is_in: [bool; 2],
    pub(super) attributes: Vec<Attribute>,
}

impl Spooled for ItemRecord {
    fn order(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.key.len() + self.attributes.len() * 160
    }

    fn name(&self) -> String {
        format!("{:?}", self.name)
    }
}

/// A grant or an inactive assignment that differs; together with what else the principal holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct HeldRecord {
    key: Vec<u8>,
    pub(super) principal: Name,
    pub(super) entitlement: CompactString,
    pub(super) held: Held,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Held {
    /// In the old and in the new document.
    Grant(Box<[Option<Facts>; 2]>),
    Inactive(Which, Dead),
}

impl Spooled for HeldRecord {
    fn order(&self, other: &Self) -> Ordering {
        let rank = |record: &Self| u8::from(matches!(record.held, Held::Inactive(..)));
        (&self.key, rank(self)).cmp(&(&other.key, rank(other)))
    }

    fn weight(&self) -> usize {
        let through = match &self.held {
            Held::Grant(facts) => facts.iter().flatten().map(|facts| facts.through.len() * 64).sum(),
            Held::Inactive(..) => 0,
        };
        size_of::<Self>() + self.key.len() + through
    }

    fn name(&self) -> String {
        format!("{} of {:?}", self.entitlement, self.principal)
    }
}

/// All that differs, as it stands in the documents.
pub(super) struct Merged {
    pub(super) book: Book,
    pub(super) items: Spool<ItemRecord>,
    pub(super) held: Spool<HeldRecord>,
    pub(super) sides: [Side; 2],
}

/// A document while it is read.
struct Open<'r> {
    cursor: Cursor<'r>,
    which: Which,
    header: Header,
    kinds: Vec<String>,
    granted: Vec<String>,
}

impl<'r> Open<'r> {
    /// Reads the beginning.
    fn new(reader: Reader<'r>, which: Which) -> Result<Self, DiffError> {
        let mut cursor = Cursor::new(reader);
        cursor.advance()?;
        let header = cursor.parse()?;
        Ok(Self { cursor, which, header, kinds: Vec::new(), granted: Vec::new() })
    }

    /// Goes to the next item that is compared, or to the summary.
    fn advance(&mut self) -> Result<(), DiffError> {
        self.cursor.advance()?;
        while self.cursor.section == Section::ResourceType {
            // Kinds are what the resources are of; this checks that the item is what it should be.
            self.cursor.parse::<ResourceType<'_>>()?;
            self.cursor.advance()?;
        }
        Ok(())
    }

    fn note_kind(list: &mut Vec<String>, kind: &str) {
        if list.last().is_none_or(|last| last != kind) {
            list.push(kind.to_owned());
        }
    }

    fn finish(self) -> Result<Side, DiffError> {
        let summary: Summary = self.cursor.parse()?;
        let (kinds, granted) = (self.kinds.into_iter().collect(), self.granted.into_iter().collect());
        Ok(Side { header: self.header, summary, kinds, granted, fields_differ: Vec::new() })
    }
}

/// Walks through both documents.
pub(super) fn merge(old: Reader<'_>, new: Reader<'_>, settings: Settings) -> Result<Merged, DiffError> {
    let (old, new) = (Open::new(old, Which::Old)?, Open::new(new, Which::New)?);
    if let (Some(one), Some(other)) = (&old.header.org, &new.header.org)
        && one.id != other.id
    {
        let told = |org: &Org| format!("{} ({})", org.name, org.id);
        return Err(DiffError::OtherOrg { old: told(one), new: told(other) });
    }
    let (items, held) = (Spool::new(ITEMS), Spool::new(HELD));
    let mut walk = Walk { old, new, settings, book: Book::default(), items, held };
    walk.run()?;
    let Walk { old, new, mut book, items, held, .. } = walk;
    book.find_used(Which::Old);
    book.find_used(Which::New);
    Ok(Merged { book, items, held, sides: [old.finish()?, new.finish()?] })
}

struct Walk<'r> {
    old: Open<'r>,
    new: Open<'r>,
    settings: Settings,
    book: Book,
    items: Spool<ItemRecord>,
    held: Spool<HeldRecord>,
}

impl Walk<'_> {
    fn run(&mut self) -> Result<(), DiffError> {
        self.old.advance()?;
        self.new.advance()?;
        loop {
            let (old, new) = (&mut self.old.cursor, &mut self.new.cursor);
            let order = if old.section == new.section && old.text == new.text && old.section != Section::Summary {
                old.find_key()?;
                new.copy_key(old)?;
                self.same()?;
                self.old.advance()?;
                self.new.advance()?;
                continue;
            } else {
                old.find_key()?;
                new.find_key()?;
                old.section.cmp(&new.section).then_with(|| old.key.cmp(&new.key))
            };
            if old.section == Section::Summary && new.section == Section::Summary {
                break;
            }
            match order {
                Ordering::Less => self.differs(true, false)?,
                Ordering::Greater => self.differs(false, true)?,
                Ordering::Equal => self.differs(true, true)?,
            }
            if order != Ordering::Greater {
                self.old.advance()?;
            }
            if order != Ordering::Less {
                self.new.advance()?;
            }
        }
        // Nothing may follow the summaries.
        self.old.cursor.advance()?;
        self.new.cursor.advance()?;
        Ok(())
    }

    /// The same item stands in both.
    fn same(&mut self) -> Result<(), DiffError> {
        match self.old.cursor.section {
            Section::Resource => {
                let resource: Resource<'_> = self.old.cursor.parse()?;
                Open::note_kind(&mut self.old.kinds, &resource.id.kind);
                Open::note_kind(&mut self.new.kinds, &resource.id.kind);
                self.book.add(&resource, Which::Old);
                self.book.add(&resource, Which::New);
            }
            Section::Grant => {
                let (entitlement, principal) = self.old.cursor.parse::<Pair<'_>>()?.take();
                let name = Name::of_entitlement(&entitlement);
                Open::note_kind(&mut self.old.granted, &name.kind);
                Open::note_kind(&mut self.new.granted, &name.kind);
                if &*principal.kind == "group" && name.kind == "group" {
                    self.book.note_contained(&name.id, &principal.id, Which::Old);
                    self.book.note_contained(&name.id, &principal.id, Which::New);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// An item stands in one of them alone, or differently.
    fn differs(&mut self, is_old: bool, is_new: bool) -> Result<(), DiffError> {
        let section = if is_old { self.old.cursor.section } else { self.new.cursor.section };
        match section {
            Section::Resource | Section::Entitlement => self.item(section, is_old, is_new),
            Section::Grant => self.grant(is_old, is_new),
            Section::Inactive => {
                for (open, is_in) in [(&self.old, is_old), (&self.new, is_new)] {
                    if !is_in {
                        continue;
                    }
                    let assignment: InactiveAssignment<'_> = open.cursor.parse()?;
                    let principal = Name::new(&assignment.principal.kind, &assignment.principal.id);
                    let held = Held::Inactive(open.which, Dead::from(&assignment));
                    self.held.push(record(principal, &assignment.entitlement, held))?;
                }
                Ok(())
            }
            Section::Header | Section::ResourceType | Section::Summary => Ok(()),
        }
    }

    fn item(&mut self, section: Section, is_old: bool, is_new: bool) -> Result<(), DiffError> {
        for (open, is_in) in [(&mut self.old, is_old), (&mut self.new, is_new)] {
            if is_in && section == Section::Resource {
                let resource: Resource<'_> = open.cursor.parse()?;
                Open::note_kind(&mut open.kinds, &resource.id.kind);
                self.book.add(&resource, open.which);
            }
        }
        let cursor = if is_old { &self.old.cursor } else { &self.new.cursor };
        let (name, entitlement) = if section == Section::Resource {
            let resource: Resource<'_> = cursor.parse()?;
            (Name::new(&resource.id.kind, &resource.id.id), None)
        } else {
            let entitlement: crate::output::read::Entitlement<'_> = cursor.parse()?;
            (Name::new(&entitlement.resource.kind, &entitlement.resource.id), Some((*entitlement.id).into()))
        };
        let mut attributes = Vec::new();
        if is_old && is_new {
            let (old, new) = (self.old.cursor.parse()?, self.new.cursor.parse()?);
            attributes = attributes::compare(old, new, self.settings.all_attributes);
            if attributes.is_empty() {
                return Ok(());
            }
            if attributes.iter().any(|one| ["displayName", "description"].contains(&one.name.as_str()))
                && entitlement.is_none()
            {
                self.book.note_renamed(&name.kind, &name.id);
            }
        }
        let mut key = vec![section as u8];
        key.extend_from_slice(&cursor.key);
        self.items.push(ItemRecord { key, name, entitlement, is_in: [is_old, is_new], attributes })?;
        Ok(())
    }

    fn grant(&mut self, is_old: bool, is_new: bool) -> Result<(), DiffError> {
        let mut facts = [None, None];
        let mut pair = None;
        for (open, is_in) in [(&mut self.old, is_old), (&mut self.new, is_new)] {
            if !is_in {
                continue;
            }
            let grant: Grant<'_> = open.cursor.parse()?;
            let (held, principal) =
                (Name::of_entitlement(&grant.entitlement), Name::new(&grant.principal.kind, &grant.principal.id));
            Open::note_kind(&mut open.granted, &held.kind);
            if principal.kind == "group" && held.kind == "group" {
                self.book.note_contained(&held.id, &principal.id, open.which);
            }
            facts[open.which as usize] = Some(Facts::from(&grant));
            pair = Some((principal, CompactString::from(&*grant.entitlement)));
        }
        if let Some((principal, entitlement)) = pair
            && facts[0] != facts[1]
        {
            self.held.push(record(principal, &entitlement, Held::Grant(Box::new(facts))))?;
        }
        Ok(())
    }
}

/// Sorted by who holds it: groups and the like before users, since what they hold explains what users hold.
fn record(principal: Name, entitlement: &str, held: Held) -> HeldRecord {
    let mut key = vec![u8::from(principal.is_user())];
    push_resource(&mut key, &principal.kind, &principal.id);
    push_entitlement(&mut key, entitlement);
    HeldRecord { key, principal, entitlement: entitlement.into(), held }
}
