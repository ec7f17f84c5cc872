//! The steps of a run: in which order the answers are taken, and what is made of them.

mod further;
mod holders;
mod listed;
mod sets;
mod users;
mod visibility;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use self::users::Users;
use super::ask::Asked;
use super::derive::{self, Derivation};
use super::error::Error;
use super::missing::Book;
use super::read::{Facts, Pending, Reader};
use super::synced::{Sections, Synced};
use crate::connector::notes::WarningCode;
use crate::connector::permission_sets::Sets;
use crate::connector::rights::{RightNames, RightSet};
use crate::connector::{IdMap, IdSet, Missing, Options, groups, profiles, roles};
use crate::model::document::Header;
use crate::model::{Resource, ResourceKind};
use crate::salesforce::objects::{GroupMember, Object, PermissionSetAssignment, User};
use crate::salesforce::{RecordId, Timestamp};

/// Reads all objects.
pub(super) struct Steps {
    reader: Reader,
    options: Options,
    now: Timestamp,
    sections: Mutex<Sections>,
    missing: Mutex<Book>,
}

/// What the first step leaves for the others.
#[derive(Default)]
struct Listed {
    licenses: profiles::Licenses,
    roles: roles::Roles,
    /// With the licence of each.
    profiles: IdMap<Option<RecordId>>,
    sets: Sets,
    /// The rights of each set, muting ones too, as far as they were asked for.
    rights: IdMap<RightSet>,
    right_names: RightNames,
    /// The licence that a set needs.
    set_licenses: IdMap<RecordId>,
    /// The licences that the sets in a group need.
    group_licenses: IdMap<Vec<RecordId>>,
    set_groups: IdSet,
    /// Aggregates that Salesforce has not brought up to date.
    stale: IdSet,
    /// Sets and groups that give nothing until a session is activated.
    session: IdSet,
    /// Whether permission set groups could be read.
    knows_set_groups: bool,
    /// Aggregates of groups that were not listed, in case that somebody holds one.
    stand_ins: IdMap<Resource>,
    groups: groups::Drafts,
    /// Groups that the options leave out.
    left_out_groups: IdSet,
    logins: Option<crate::connector::users::Logins>,
}

impl Steps {
    pub(super) fn new(reader: Reader, options: Options, now: Timestamp) -> Self {
        let sections = Mutex::new(Sections::new(&options));
        let missing = Mutex::new(Book::new(&options));
        Self { reader, options, now, sections, missing }
    }

    pub(super) async fn run(self, header: Header, started: Instant) -> Result<Synced, Error> {
        let mut asked = Asked::all(&self.reader, &self.options)?;
        let left_out_users = self.count_left_out_users();
        let invisible_users = self.look_for_invisible_users();
        let mut listed = self.take_listed(&mut asked).await?;
        let Users { people, inactive, frozen } = self.take_users(asked.take::<User>(), &listed).await?;
        let mut groups = std::mem::take(&mut listed.groups);
        let left_out_groups = std::mem::take(&mut listed.left_out_groups);
        let licenses = self.take_licenses(&mut asked, &people).await?;
        let (assignments, members) = (asked.take::<PermissionSetAssignment>(), asked.take::<GroupMember>());
        let (stand_ins, (), (), (), ()) = tokio::try_join!(
            self.take_assignments(assignments, &mut listed, &people, &licenses),
            self.take_members(members, &mut groups, &left_out_groups, &people),
            left_out_users,
            invisible_users,
            self.look_for_privileged_users(&asked),
        )?;
        self.take_further(&mut asked, &mut listed, &mut groups, &people, &stand_ins).await?;
        let Self { reader, options, sections, missing, .. } = self;
        let mut sections = sections.into_inner().unwrap_or_else(PoisonError::into_inner);
        derive::count_by_rules(&mut groups, &people, &options);
        let derivation: Option<Derivation> =
            sections.memberships.take().map(|memberships| memberships.finish(&groups, &people));
        let has_members = !options.skip_entitlements_and_grants;
        for group in groups.into_values() {
            sections.resource(group.finish(has_members))?;
        }
        let missing = missing.into_inner().unwrap_or_else(PoisonError::into_inner);
        let invisible = missing.resolve(&reader.client, &options, &mut sections.notes).await?;
        let books = std::mem::take(&mut *reader.books());
        let (mut read, mut not_read) = (books.read, books.not_read);
        if read.iter().any(|read| read.rows != read.total_size) {
            sections.notes.warn_once(WarningCode::RowsChanged);
        }
        not_read.extend(invisible);
        read.sort_by(|one, other| (&one.object, &one.soql).cmp(&(&other.object, &other.soql)));
        not_read.sort_by(|one, other| one.object.cmp(&other.object));
        let kinds = ResourceKind::ALL.into_iter().filter(|kind| options.has(*kind)).collect();
        Ok(Synced {
            header,
            kinds,
            sections,
            derivation,
            read,
            not_read,
            inactive_users: inactive,
            frozen_users: frozen,
            client: reader.client,
            started,
        })
    }

    fn makes_grants(&self) -> bool {
        !self.options.skip_entitlements_and_grants
    }

    /// Notes that a grant is left out.
    fn miss(&self, missing: Missing) {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).add(missing);
    }

    fn sections(&self) -> MutexGuard<'_, Sections> {
        self.sections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn take<O: Object>(
        &self,
        asked: Option<Pending>,
        each: impl FnMut(O::Row<'_>) -> Result<(), Error>,
    ) -> Result<Option<Facts>, Error> {
        match asked {
            Some(pending) => self.reader.take::<O>(pending, each).await,
            None => Ok(None),
        }
    }
}

/// A row that comes twice: the number of rows is right, so another one never came.
fn once(is_new: bool, id: RecordId) -> Result<(), Error> {
    if is_new { Ok(()) } else { Err(Error::twice(&id.to_string())) }
}

/// No org has none of these; where none came, the user may not see them.
fn must_have_rows(object: &'static str, facts: Option<&Facts>, right: &'static str) -> Result<(), Error> {
    match facts {
        Some(Facts { rows: 0, .. }) => Err(Error::NothingVisible { object, right }),
        _ => Ok(()),
    }
}
