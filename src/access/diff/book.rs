//! The resources of both documents, as far as a comparison needs them: names, and what decides who holds what.

use std::collections::HashMap;

use compact_str::{CompactString, format_compact};
use foldhash::fast::RandomState;

use super::Which;
use crate::model::Status;
use crate::output::read::Resource;
use crate::time::Timestamp;

/// What is known of a resource in one document.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub(super) is_there: bool,
    pub(super) status: Option<Status>,
    pub(super) is_standard: bool,
    /// Of a user: Salesforce does not show the profile.
    pub(super) rights_hidden: bool,
    /// Of a group: not all its direct members are known.
    pub(super) members_unknown: bool,
    /// Of a group: it is contained in one that people made.
    pub(super) is_used: bool,
}

/// What a resource is, beyond its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Shape {
    #[default]
    Plain,
    /// A group that stands for roles or territories.
    StandsFor,
    /// A group whose members a rule names.
    Rule,
    /// Such a group of a user's managers or subordinates.
    Managers,
    /// A permission set that stands in for a permission set group that is not visible.
    StandIn,
}

impl Shape {
    fn of(resource: &Resource<'_>) -> Self {
        match (&*resource.id.kind, resource.profile.text("type").unwrap_or_default()) {
            (
                "group",
                "Role"
                | "RoleAndSubordinates"
                | "RoleAndSubordinatesInternal"
                | "Territory"
                | "TerritoryAndSubordinates",
            ) => Self::StandsFor,
            ("group", "Organization" | "AllCustomerPortal" | "PRMOrganization" | "GuestUserGroup") => Self::Rule,
            ("group", "Manager" | "ManagerAndSubordinatesInternal") => Self::Managers,
            ("permission", "Group") => Self::StandIn,
            _ => Self::Plain,
        }
    }

    /// Whether users are written on such a group only where it is used.
    pub(super) const fn is_technical(self) -> bool {
        matches!(self, Self::StandsFor | Self::Rule | Self::Managers)
    }
}

/// A resource of one document or both.
#[derive(Debug)]
pub struct Entry {
    /// Its name in the new document; in the old one where the new one does not have it.
    pub name: Box<str>,
    /// Its name in the old document, where that is another.
    pub old_name: Option<Box<str>>,
    /// Of a user.
    pub username: Option<Box<str>>,
    /// Whether it is a queue.
    pub is_queue: bool,
    pub(super) shape: Shape,
    pub(super) created_at: Option<Timestamp>,
    pub(super) old: Seen,
    pub(super) new: Seen,
    /// Whether name or description differ: its entitlement's do then, too.
    pub(super) is_renamed: bool,
    /// Whether what decides about rules differs.
    pub(super) is_moved: bool,
}

impl Entry {
    pub(super) const fn seen(&self, which: Which) -> &Seen {
        match which {
            Which::Old => &self.old,
            Which::New => &self.new,
        }
    }
}

/// The resources of both documents.
#[derive(Debug, Default)]
pub struct Book {
    entries: Vec<Entry>,
    numbers: HashMap<CompactString, u32, RandomState>,
    /// Groups in groups, by their numbers: the containing one, then the contained one.
    contained: [Vec<(u32, u32)>; 2],
}

impl Book {
    /// Adds a resource of one document.
    pub(super) fn add(&mut self, resource: &Resource<'_>, which: Which) {
        let key = format_compact!("{}:{}", &*resource.id.kind, &*resource.id.id);
        let profile = &resource.profile;
        let seen = Seen {
            is_there: true,
            status: resource.user.as_ref().and_then(|user| user.status),
            is_standard: profile.text("user_type") == Some("Standard"),
            rights_hidden: profile.bool("rights_known") == Some(false),
            members_unknown: profile.bool("membership_known") == Some(false),
            is_used: false,
        };
        let name = &*resource.display_name;
        if let Some(number) = self.numbers.get(&key) {
            let entry = &mut self.entries[*number as usize];
            if *entry.name != *name {
                entry.old_name = Some(std::mem::replace(&mut entry.name, name.into()));
            }
            let decides = |seen: &Seen| (seen.status == Some(Status::Inactive), seen.is_standard);
            entry.is_moved = decides(&entry.old) != decides(&seen);
            *match which {
                Which::Old => &mut entry.old,
                Which::New => &mut entry.new,
            } = seen;
            return;
        }
        let login = resource.user.as_ref().and_then(|user| user.login.as_deref());
        let entry = Entry {
            name: name.into(),
            old_name: None,
            username: resource.user.is_some().then(|| profile.text("username").or(login).map(Box::from)).flatten(),
            is_queue: &*resource.id.kind == "group" && profile.text("type") == Some("Queue"),
            shape: Shape::of(resource),
            created_at: profile.text("created_at").and_then(Timestamp::parse),
            old: if which == Which::Old { seen } else { Seen::default() },
            new: if which == Which::New { seen } else { Seen::default() },
            is_renamed: false,
            is_moved: false,
        };
        self.numbers.insert(key, u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        self.entries.push(entry);
    }

    fn number(&self, kind: &str, id: &str) -> Option<u32> {
        self.numbers.get(&*format_compact!("{kind}:{id}")).copied()
    }

    /// A resource, if either document lists it.
    pub fn get(&self, kind: &str, id: &str) -> Option<&Entry> {
        self.number(kind, id).map(|number| &self.entries[number as usize])
    }

    /// Notes that name or description differ.
    pub(super) fn note_renamed(&mut self, kind: &str, id: &str) {
        if let Some(number) = self.number(kind, id) {
            self.entries[number as usize].is_renamed = true;
        }
    }

    /// Notes that a group is in another one.
    pub(super) fn note_contained(&mut self, group: &str, member: &str, which: Which) {
        if let (Some(group), Some(member)) = (self.number("group", group), self.number("group", member)) {
            self.contained[which as usize].push((group, member));
        }
    }

    /// Finds out which groups are used: those that a group which people made contains, directly or not.
    pub(super) fn find_used(&mut self, which: Which) {
        let mut contained = std::mem::take(&mut self.contained[which as usize]);
        contained.sort_unstable();
        let is_made = |entry: &Entry| !entry.shape.is_technical() && entry.seen(which).is_there;
        let mut open: Vec<u32> =
            (0..).zip(&self.entries).filter(|(_, entry)| is_made(entry)).map(|(number, _)| number).collect();
        while let Some(group) = open.pop() {
            let start = contained.partition_point(|(containing, _)| *containing < group);
            for (_, member) in contained[start..].iter().take_while(|(containing, _)| *containing == group) {
                let entry = &mut self.entries[*member as usize];
                let seen = match which {
                    Which::Old => &mut entry.old,
                    Which::New => &mut entry.new,
                };
                if !std::mem::replace(&mut seen.is_used, true) && entry.shape.is_technical() {
                    open.push(*member);
                }
            }
        }
    }
}
