//! A document at a glance: where it comes from, whether it is whole, and what is in it.

mod json;
mod text;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use super::{Form, stdout};
use crate::access::Names;
use crate::harmless;
use crate::model::Status;
use crate::output::Section;
use crate::output::read::{Grant, Header, Item, Part, ReadError, Summary, Value};

/// So many groups and permission sets are named.
const NAMED: usize = 10;

/// Counts what is in a document, item by item. It keeps names, and no grants.
#[derive(Debug, Default)]
pub(crate) struct Overview {
    header: Option<Header>,
    summary: Option<Summary>,
    /// The beginning and the end as they stand in the document.
    texts: [Vec<u8>; 2],
    names: Names,
    kinds: Vec<Kind>,
    /// Enabled, inactive, frozen, not told.
    users: [u64; 4],
    grants: GrantCounts,
    /// By reason.
    inactive: BTreeMap<String, u64>,
    /// Users who hold an entitlement, by its number.
    holders: Vec<u64>,
    /// What groups with a rule say of themselves, by the number of the resource.
    members: HashMap<u32, u64>,
    /// The entitlement of the last grant: they come one entitlement after the other.
    last: (String, u32),
}

/// A type of resources.
#[derive(Debug, Default)]
pub(crate) struct Kind {
    /// `user`, …
    pub(crate) id: String,
    /// Its name for people.
    pub(crate) name: String,
    /// Resources, entitlements, grants, inactive assignments.
    pub(crate) counts: [u64; 4],
}

#[derive(Debug, Default)]
struct GrantCounts {
    all: u64,
    direct: u64,
    by_rule: u64,
    of_inactive_users: u64,
    of_frozen_users: u64,
}

/// Something that many hold.
#[derive(Debug, PartialEq, Eq)]
struct Popular<'o> {
    users: u64,
    name: &'o str,
    id: &'o str,
}

impl Overview {
    /// Takes the next item.
    pub(crate) fn take(&mut self, item: &Item<'_>) -> Result<(), ReadError> {
        match item.part()? {
            Part::Header(header) => {
                self.header = Some(header);
                self.texts[0] = item.text.to_vec();
            }
            Part::ResourceType(kind) => {
                let name = kind.display_name.as_deref().unwrap_or(&kind.id);
                name.clone_into(&mut self.kind(&kind.id).name);
            }
            Part::Resource(resource) => {
                self.kind(&resource.id.kind).counts[0] += 1;
                if let Some(user) = &resource.user {
                    let standing = match user.status {
                        Some(Status::Enabled) => 0,
                        Some(Status::Inactive) => 1,
                        Some(Status::Frozen) => 2,
                        None => 3,
                    };
                    self.users[standing] += 1;
                }
                let number = self.names.add(&resource);
                if let Some(Value::Number(members)) = resource.profile.get("member_count") {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
                    self.members.insert(number, *members as u64);
                }
            }
            Part::Entitlement(entitlement) => {
                self.kind(&entitlement.resource.kind).counts[1] += 1;
                self.names.node(&entitlement.id, &entitlement.resource);
            }
            Part::Grant(grant) => self.grant(&grant),
            Part::Inactive(assignment) => {
                let node = self.names.node_of(&assignment.entitlement);
                self.of_node(node, 3);
                *self.inactive.entry(assignment.reason.to_string()).or_default() += 1;
            }
            Part::Summary(summary) => {
                self.summary = Some(summary);
                self.texts[1] = item.text.to_vec();
            }
        }
        Ok(())
    }

    fn grant(&mut self, grant: &Grant<'_>) {
        if *self.last.0 != *grant.entitlement {
            self.last = (grant.entitlement.to_string(), self.names.node_of(&grant.entitlement));
        }
        let node = self.last.1;
        self.of_node(node, 2);
        self.grants.all += 1;
        self.grants.direct += u64::from(grant.is_direct());
        self.grants.by_rule += u64::from(grant.metadata.by_rule);
        if &*grant.principal.kind != "user" {
            return;
        }
        let node = node as usize;
        self.holders.resize(self.holders.len().max(node + 1), 0);
        self.holders[node] += 1;
        let holder = self.names.resource_of(&grant.principal);
        match self.names.resources[holder as usize].status() {
            Some(Status::Inactive) => self.grants.of_inactive_users += 1,
            Some(Status::Frozen) => self.grants.of_frozen_users += 1,
            Some(Status::Enabled) | None => {}
        }
    }

    fn of_node(&mut self, node: u32, count: usize) {
        let resource = &self.names.resources[self.names.nodes[node as usize].resource as usize];
        // There are few types.
        let found = self.kinds.iter().position(|kind| kind.id == resource.kind);
        let kind = if let Some(found) = found {
            &mut self.kinds[found]
        } else {
            let id = resource.kind.to_string();
            self.kind(&id)
        };
        kind.counts[count] += 1;
    }

    /// A type; of one that the document does not list, the id is the name.
    fn kind(&mut self, id: &str) -> &mut Kind {
        let found = self.kinds.iter().position(|kind| kind.id == id);
        let number = found.unwrap_or_else(|| {
            self.kinds.push(Kind { id: id.to_owned(), name: id.to_owned(), ..Kind::default() });
            self.kinds.len() - 1
        });
        &mut self.kinds[number]
    }

    /// The types in the document, in its order.
    pub(crate) fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The document's beginning and end, where they have come.
    pub(crate) fn ends(&self) -> (Option<&Header>, Option<&Summary>) {
        (self.header.as_ref(), self.summary.as_ref())
    }

    /// The resources of a type that most users hold, those first.
    fn most_held(&self, kind: &str) -> Vec<Popular<'_>> {
        let popular = |(number, node): (usize, &crate::access::index::Node)| {
            let resource = &self.names.resources[node.resource as usize];
            let said = self.members.get(&node.resource).copied().unwrap_or_default();
            let users = self.holders.get(number).copied().unwrap_or_default().max(said);
            let is_it = resource.kind == kind && users > 0;
            is_it.then(|| Popular { users, name: &resource.name, id: &resource.id })
        };
        let mut all: Vec<_> = self.names.nodes.iter().enumerate().filter_map(popular).collect();
        all.sort_by_key(|popular| (std::cmp::Reverse(popular.users), popular.name, popular.id));
        all.truncate(NAMED);
        all
    }

    /// Writes it to stdout.
    pub(crate) fn write(&self, form: Form) -> io::Result<()> {
        let (mut out, room, palette) = stdout();
        match form {
            Form::Json => json::write(self, &mut harmless::Json(&mut out))?,
            Form::Text | Form::Csv => out.write_all(text::text(self, palette, room).as_bytes())?,
        }
        out.flush()
    }

    fn text_of(&self, section: Section) -> &[u8] {
        &self.texts[usize::from(section == Section::Summary)]
    }
}
