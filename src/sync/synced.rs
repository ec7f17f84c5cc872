//! An org that has been read: everything that a document needs, sorted, ready to be written.

use std::io;
use std::time::Instant;

use super::ask;
use super::derive::{Derivation, Memberships, Merged};
use super::error::{Error, Incomplete};
use crate::connector::people::People;
use crate::connector::{IdSet, Notes, Options};
use crate::model::document::{Cost, Counts, Header, NOT_COVERED, NotRead, Read, Summary, Usage};
use crate::model::{Entitlement, Grant, InactiveAssignment, Resource, ResourceId, ResourceKind};
use crate::output::{Document, Spool};
use crate::salesforce::{Client, RecordId, Timestamp};
use crate::stop::Stop;

/// About how many bytes each section holds in memory before it goes to a temporary file.
const MEMORY: usize = 2 << 20;
/// Grants are many more than all else.
const MEMORY_OF_GRANTS: usize = 8 << 20;

/// The sections of a document while it is read.
#[derive(Debug)]
pub(crate) struct Sections {
    pub(crate) resources: Spool<Resource>,
    pub(crate) entitlements: Spool<Entitlement>,
    pub(crate) grants: Spool<Grant>,
    pub(crate) inactive: Spool<InactiveAssignment>,
    pub(crate) notes: Notes,
    pub(crate) memberships: Option<Memberships>,
    with_entitlements: bool,
}

impl Sections {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            resources: Spool::new(MEMORY),
            entitlements: Spool::new(MEMORY / 4),
            grants: Spool::new(MEMORY_OF_GRANTS),
            inactive: Spool::new(MEMORY / 4),
            notes: Notes::default(),
            memberships: Memberships::new(options),
            with_entitlements: !options.skip_entitlements_and_grants,
        }
    }

    /// Adds a resource and its entitlement.
    pub(crate) fn resource(&mut self, resource: Resource) -> Result<(), Error> {
        if self.with_entitlements
            && let Some(entitlement) = Entitlement::of(&resource)
        {
            self.entitlements.push(entitlement).map_err(Error::Spool)?;
        }
        self.resources.push(resource).map_err(Error::Spool)
    }

    /// Adds a direct grant to a user of `people`, or to anything else.
    pub(crate) fn grant(&mut self, grant: Grant, people: &People) -> Result<(), Error> {
        if let Some(memberships) = &mut self.memberships {
            memberships.note(&grant, people, false);
        }
        self.grants.push(grant).map_err(Error::Spool)
    }

    /// Adds a direct grant to something whose holders hold it too. `is_stale` says that what they get may be out of date.
    pub(crate) fn expandable(&mut self, grant: Grant, is_stale: bool) -> Result<(), Error> {
        if let Some(memberships) = &mut self.memberships {
            memberships.note(&grant, &People::default(), is_stale);
        }
        self.grants.push(grant).map_err(Error::Spool)
    }

    /// Adds an entitlement beside that of its resource.
    pub(crate) fn entitlement(&mut self, entitlement: Entitlement) -> Result<(), Error> {
        self.entitlements.push(entitlement).map_err(Error::Spool)
    }

    pub(crate) fn inactive(&mut self, assignment: InactiveAssignment) -> Result<(), Error> {
        self.inactive.push(assignment).map_err(Error::Spool)
    }
}

/// An org that has been read.
#[derive(Debug)]
pub struct Synced {
    /// The beginning of the document.
    pub header: Header,
    pub(crate) kinds: Vec<ResourceKind>,
    pub(crate) sections: Sections,
    pub(crate) derivation: Option<Derivation>,
    pub(crate) read: Vec<Read>,
    pub(crate) not_read: Vec<NotRead>,
    pub(crate) inactive_users: IdSet,
    pub(crate) frozen_users: IdSet,
    pub(crate) client: Client,
    pub(crate) started: Instant,
}

impl Synced {
    /// What the document lacks that it needs, if anything: the reason that is told is the first one met.
    pub fn incomplete(&self) -> Option<Incomplete> {
        let what = self.not_read.iter().find(|not_read| not_read.required)?.clone();
        let right = ask::right(&what.object);
        Some(Incomplete { what, right })
    }

    /// Writes the document, and gives back its summary.
    ///
    /// # Errors
    /// [`Error::Stopped`] where `stop` says so.
    pub fn write(self, mut document: Document<'_>, stop: &Stop) -> Result<Summary, Error> {
        let mut counts = Counts::default();
        let complete = self.incomplete().is_none();
        let Sections { resources, entitlements, grants, inactive, notes, .. } = self.sections;
        document.begin(&self.header).map_err(Error::Sink)?;
        for kind in &self.kinds {
            document.resource_type(*kind).map_err(Error::Sink)?;
            counts.resources.insert(kind.id(), 0);
        }
        each(
            stop,
            resources.finish(),
            |one, other| one.id == other.id,
            |resource| {
                *counts.resources.entry(resource.id.kind.id()).or_default() += 1;
                document.resource(resource)
            },
        )?;
        each(
            stop,
            entitlements.finish(),
            |one, other| one.id == other.id,
            |entitlement| {
                counts.entitlements += 1;
                document.entitlement(entitlement)
            },
        )?;
        let same =
            |one: &Grant, other: &Grant| (&one.entitlement, &one.principal) == (&other.entitlement, &other.principal);
        let (given, mut direct) = (grants.len(), 0);
        let merged = grants.finish().map(|direct| Merged::new(direct, self.derivation.as_ref()));
        each(stop, merged, same, |grant| {
            counts.grants += 1;
            counts.expanded_grants += u64::from(grant.is_immutable());
            direct += u64::from(!grant.is_immutable());
            if let Some(user) = user_of(&grant.principal) {
                counts.grants_of_inactive_users += u64::from(self.inactive_users.contains(&user));
                counts.grants_of_frozen_users += u64::from(self.frozen_users.contains(&user));
            }
            document.grant(grant)
        })?;
        if direct != given {
            return Err(Error::Inconsistent(format!(
                "{given} direct grants were read, and {direct} were to be written"
            )));
        }
        each(stop, inactive.finish(), InactiveAssignment::eq, |assignment| {
            counts.inactive_assignments += 1;
            document.inactive_assignment(assignment)
        })?;
        let cost = self.client.cost();
        let summary = Summary {
            ended_at: Timestamp::now(),
            complete,
            counts,
            read: self.read,
            not_read: self.not_read,
            left_out: notes.left_out(),
            warnings: notes.warnings(),
            not_covered: NOT_COVERED,
            cost: Cost {
                api_calls: cost.api_calls,
                api_usage: cost.usage.map(|usage| Usage { used: usage.used, limit: usage.limit }),
                bytes_received: cost.bytes,
                retries: cost.retries,
                seconds: (self.started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
            },
        };
        document.end(&summary).map_err(Error::Sink)?;
        Ok(summary)
    }
}

/// Passes each item on. Rows are distinct, and so is what they make: where something comes twice, a row came twice, and
/// since the number of rows is right, another one never came.
fn each<T: crate::output::Spooled>(
    stop: &Stop,
    items: io::Result<impl Iterator<Item = io::Result<T>>>,
    is_same: impl Fn(&T, &T) -> bool,
    mut pass: impl FnMut(&T) -> io::Result<()>,
) -> Result<(), Error> {
    let mut last = None;
    for item in items.map_err(Error::Spool)? {
        let item = item.map_err(Error::Spool)?;
        if stop.is_stopped() {
            return Err(Error::Stopped);
        }
        if last.as_ref().is_some_and(|last| is_same(last, &item)) {
            return Err(Error::twice(&item.name()));
        }
        pass(&item).map_err(Error::Sink)?;
        last = Some(item);
    }
    Ok(())
}

fn user_of(principal: &ResourceId) -> Option<RecordId> {
    if principal.kind == ResourceKind::User { RecordId::parse(&principal.id).ok() } else { None }
}
