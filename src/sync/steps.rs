//! The steps of a run: what is asked for, and in which order the answers are taken.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::TryStreamExt;

use super::ask::{Asked, RIGHTS, VIEW_SETUP, VIEW_USERS};
use super::error::Error;
use super::missing::Book;
use super::read::{Facts, Pending, Reader};
use super::synced::{Sections, Synced};
use crate::connector;
use crate::connector::assignments::Assignment;
use crate::connector::permission_sets::{Rights, SetKind, Sets};
use crate::connector::{
    IdMap, IdSet, Missing, Options, WarningCode, assignments, groups, permission_set_groups, permission_sets, profiles,
    roles, users,
};
use crate::model::document::Header;
use crate::model::{InactiveReason, Resource, ResourceKind, Status};
use crate::salesforce::objects::{
    Group, GroupMember, Object, PermissionSet, PermissionSetAssignment, PermissionSetGroup,
    PermissionSetGroupComponent, Profile, QueueSobject, User, UserCountRow, UserLicense, UserLogin, UserRole,
};
use crate::salesforce::soql::Select;
use crate::salesforce::{self, RecordId, Timestamp};

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
    set_groups: IdSet,
    /// Whether permission set groups could be read.
    knows_set_groups: bool,
    /// Aggregates of groups that were not listed, in case that somebody holds one.
    stand_ins: IdMap<Resource>,
    groups: groups::Drafts,
    logins: Option<users::Logins>,
}

impl Steps {
    pub(super) fn new(reader: Reader, options: Options, now: Timestamp) -> Self {
        let sections = Mutex::new(Sections::new(!options.skip_entitlements_and_grants));
        let missing = Mutex::new(Book::new(&options));
        Self { reader, options, now, sections, missing }
    }

    pub(super) async fn run(self, header: Header, started: Instant) -> Result<Synced, Error> {
        let mut asked = Asked::all(&self.reader, &self.options)?;
        let left_out_users = self.count_left_out_users();
        let mut listed = self.take_listed(&mut asked).await?;
        let (users, inactive_users, frozen_users) = self.take_users(asked.take::<User>(), &listed).await?;
        let mut groups = std::mem::take(&mut listed.groups);
        tokio::try_join!(
            self.take_assignments(asked.take::<PermissionSetAssignment>(), &mut listed, &users),
            self.take_members(asked.take::<GroupMember>(), &mut groups, &users),
            left_out_users,
        )?;
        let Self { reader, options, sections, missing, .. } = self;
        let mut sections = sections.into_inner().unwrap_or_else(PoisonError::into_inner);
        let has_members = !options.skip_entitlements_and_grants;
        for group in groups.into_values() {
            sections.resource(group.finish(has_members))?;
        }
        let missing = missing.into_inner().unwrap_or_else(PoisonError::into_inner);
        let invisible = missing.resolve(&reader.client, &options, &mut sections.notes).await?;
        let books = std::mem::take(&mut *reader.books());
        let (mut read, mut not_read) = (books.read, books.not_read);
        not_read.extend(invisible);
        read.sort_by(|one, other| one.object.cmp(&other.object));
        not_read.sort_by(|one, other| one.object.cmp(&other.object));
        let kinds = ResourceKind::ALL.into_iter().filter(|kind| options.has(*kind)).collect();
        Ok(Synced {
            header,
            kinds,
            sections,
            read,
            not_read,
            inactive_users,
            frozen_users,
            client: reader.client,
            started,
        })
    }

    /// Notes that a grant is left out.
    fn miss(&self, missing: Missing) {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).add(missing);
    }

    fn sections(&self) -> MutexGuard<'_, Sections> {
        self.sections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the users that the options leave out; a refusal costs the numbers alone.
    fn count_left_out_users(&self) -> impl Future<Output = Result<(), Error>> {
        let query = users::left_out_query(&self.options)
            .filter(|_| self.options.has(ResourceKind::User))
            .map(|select| self.reader.client.query("User", &select.to_string()));
        async {
            let Some(query) = query else { return Ok(()) };
            let rows: Result<Vec<UserCountRow>, _> = query.into_rows().try_collect().await;
            let mut sections = self.sections();
            match rows {
                Ok(rows) => {
                    for row in rows {
                        users::left_out(&row, &self.options, &mut sections.notes);
                    }
                }
                // What it tells is worth having, and no reason to fail.
                Err(error) => {
                    tracing::debug!(%error, "the users left out could not be counted");
                    sections.notes.warn_once(WarningCode::LeftOutNotCounted);
                }
            }
            Ok(())
        }
    }

    /// The first step: all that users, assignments and members point to.
    async fn take_listed(&self, asked: &mut Asked) -> Result<Listed, Error> {
        let mut listed = Listed::default();
        let mut drafts = Vec::new();
        self.take::<UserLicense>(asked.take::<UserLicense>(), |row| {
            listed.licenses.insert(row.id, profiles::license(&row));
            Ok(())
        })
        .await?;
        self.take::<UserRole>(asked.take::<UserRole>(), |row| {
            let mut sections = self.sections();
            let role = roles::map(&row, &mut sections.notes);
            listed.roles.insert(row.id, role.display_name.clone());
            if self.options.has(ResourceKind::Role) { sections.resource(role) } else { Ok(()) }
        })
        .await?;
        let profiles = self
            .take::<Profile>(asked.take::<Profile>(), |row| {
                let draft = profiles::map(&row, &mut self.sections().notes);
                listed.profiles.insert(draft.id, draft.license_id);
                drafts.push(draft);
                Ok(())
            })
            .await?;
        must_have_rows("Profile", profiles.as_ref(), VIEW_SETUP)?;
        let mut set_groups = permission_set_groups::Drafts::default();
        let knows_set_groups = self
            .take::<PermissionSetGroup>(asked.take::<PermissionSetGroup>(), |row| {
                let draft = permission_set_groups::map(&row, &mut self.sections().notes);
                set_groups.insert(row.id, draft);
                Ok(())
            })
            .await?;
        listed.knows_set_groups = knows_set_groups.is_some();
        listed.set_groups = set_groups.keys().copied().collect();
        let (owned, aggregates) = self.take_sets(asked.take::<PermissionSet>(), &mut listed).await?;
        self.take_components(asked.take::<PermissionSetGroupComponent>(), set_groups, &listed, &aggregates).await?;
        for draft in drafts {
            if self.options.has(ResourceKind::Profile) {
                let rights = owned.get(&draft.id);
                self.sections().resource(draft.finish(rights, &listed.licenses))?;
            }
        }
        self.take::<Group>(asked.take::<Group>(), |row| {
            let draft = groups::map(&row, &listed.roles, &mut self.sections().notes);
            listed.groups.insert(row.id, draft);
            Ok(())
        })
        .await?;
        let queues = self
            .take::<QueueSobject>(asked.take::<QueueSobject>(), |row| {
                groups::queue_object(&row, &mut listed.groups);
                Ok(())
            })
            .await?;
        if queues.is_none() && listed.groups.values().any(groups::Draft::is_queue) {
            self.reader.is_needed_after_all("QueueSobject");
        }
        let mut logins = users::Logins::default();
        let read = self
            .take::<UserLogin>(asked.take::<UserLogin>(), |row| {
                users::login(&row, &mut logins);
                Ok(())
            })
            .await?;
        if read.is_some() {
            listed.logins = Some(logins);
        } else if self.options.has(ResourceKind::User) {
            self.sections().notes.warn_once(WarningCode::FrozenUnknown);
        }
        Ok(listed)
    }

    /// Permission sets; what profiles own and what sums up groups is kept aside, by profile and by group.
    async fn take_sets(
        &self,
        asked: Option<Pending>,
        listed: &mut Listed,
    ) -> Result<(IdMap<Rights>, IdMap<Rights>), Error> {
        let (mut owned, mut aggregates) = (IdMap::default(), IdMap::default());
        let is_in_document = self.options.has(ResourceKind::Permission);
        let facts = self
            .take::<PermissionSet>(asked, |row| {
                let Some(id) = row.id else { return Ok(()) };
                let kind = permission_sets::kind(&row);
                listed.sets.insert(id, kind);
                let rights = || permission_sets::rights(&row, id);
                match kind {
                    SetKind::OwnedBy(profile) => {
                        owned.extend(profile.map(|profile| (profile, rights())));
                    }
                    SetKind::AggregateOf(group) => {
                        if !listed.set_groups.contains(&group) {
                            let stand_in = permission_sets::map(&row, id, &mut self.sections().notes);
                            listed.stand_ins.insert(id, stand_in);
                        }
                        aggregates.insert(group, rights());
                    }
                    SetKind::Assignable if is_in_document => {
                        let mut sections = self.sections();
                        let set = permission_sets::map(&row, id, &mut sections.notes);
                        sections.resource(set)?;
                    }
                    SetKind::Assignable => {}
                }
                Ok(())
            })
            .await?;
        must_have_rows("PermissionSet", facts.as_ref(), VIEW_SETUP)?;
        if facts.is_some_and(|facts| facts.lacks(RIGHTS)) {
            self.sections().notes.warn_once(WarningCode::RightsUnknown);
        }
        Ok((owned, aggregates))
    }

    async fn take_components(
        &self,
        asked: Option<Pending>,
        mut set_groups: permission_set_groups::Drafts,
        listed: &Listed,
        aggregates: &IdMap<Rights>,
    ) -> Result<(), Error> {
        let makes_grants = !self.options.skip_entitlements_and_grants && self.options.has(ResourceKind::Permission);
        let read = self
            .take::<PermissionSetGroupComponent>(asked, |row| {
                if !listed.knows_set_groups {
                    return Ok(());
                }
                match permission_set_groups::component(&row, &mut set_groups, &listed.sets) {
                    Ok(Some(grant)) if makes_grants => return self.sections().grant(grant),
                    Err(missing) if makes_grants => self.miss(missing),
                    _ => {}
                }
                Ok(())
            })
            .await?;
        if !listed.knows_set_groups && read.as_ref().is_some_and(|facts| facts.rows > 0) {
            self.reader.is_needed_after_all("PermissionSetGroup");
        }
        if read.is_none() && !set_groups.is_empty() {
            self.reader.is_needed_after_all("PermissionSetGroupComponent");
        }
        for (id, draft) in set_groups {
            self.sections().resource(draft.finish(aggregates.get(&id), read.is_some()))?;
        }
        Ok(())
    }

    /// The second step: users. Gives back all of them, the deactivated and the frozen.
    async fn take_users(&self, asked: Option<Pending>, listed: &Listed) -> Result<(IdSet, IdSet, IdSet), Error> {
        let (mut all, mut inactive, mut frozen) = (IdSet::default(), IdSet::default(), IdSet::default());
        let around = users::Around {
            options: &self.options,
            licenses: &listed.licenses,
            profiles: &listed.profiles,
            roles: &listed.roles,
            logins: listed.logins.as_ref(),
        };
        let facts = self
            .take::<User>(asked, |row| {
                let mut sections = self.sections();
                let user = users::map(&row, &around, &mut sections.notes);
                all.insert(row.id);
                match user.status {
                    Status::Enabled => {}
                    Status::Inactive => {
                        inactive.insert(row.id);
                    }
                    Status::Frozen => {
                        frozen.insert(row.id);
                    }
                }
                for grant in user.grants {
                    sections.grant(grant)?;
                }
                if let Some(missing) = user.missing {
                    self.miss(missing);
                }
                sections.resource(user.resource)
            })
            .await?;
        must_have_rows("User", facts.as_ref(), VIEW_USERS)?;
        Ok((all, inactive, frozen))
    }

    /// The third step: who holds which permission set and permission set group.
    async fn take_assignments(&self, asked: Option<Pending>, listed: &mut Listed, users: &IdSet) -> Result<(), Error> {
        if asked.is_none() {
            return Ok(());
        }
        let around = assignments::Around {
            options: &self.options,
            users,
            sets: &listed.sets,
            groups: &listed.set_groups,
            now: self.now,
        };
        let (mut inactive, mut unexplained, mut names_unknown_group) = (0, 0, false);
        let facts = self
            .take::<PermissionSetAssignment>(asked, |row| {
                let mut sections = self.sections();
                inactive += u64::from(row.is_active == Some(false));
                names_unknown_group |= row.permission_set_group_id.is_some();
                let (assignment, stand_in) = match assignments::map(&row, &around, &mut sections.notes) {
                    Ok(mapped) => mapped,
                    Err(missing) => {
                        self.miss(missing);
                        return Ok(());
                    }
                };
                names_unknown_group |= stand_in.is_some();
                if let Some(resource) = stand_in.and_then(|set| listed.stand_ins.remove(&set)) {
                    sections.resource(resource)?;
                }
                match assignment {
                    Assignment::Grant(grant) => sections.grant(grant),
                    Assignment::Inactive(assignment) => {
                        unexplained += u64::from(assignment.reason == InactiveReason::Inactive);
                        sections.inactive(assignment)
                    }
                    Assignment::NotInDocument => Ok(()),
                }
            })
            .await?
            .unwrap_or_default();
        if facts.rows > 1 && inactive == facts.rows && unexplained > 0 {
            return Err(Error::Inconsistent(format!(
                "all {} assignments of permission sets are marked inactive, and not all of them have expired; \
                 that cannot be true of an org in use",
                facts.rows
            )));
        }
        if facts.rows == 0 && !users.is_empty() {
            self.must_see_assignments().await?;
        }
        if facts.lacks("IsActive") || facts.lacks("ExpirationDate") {
            self.sections().notes.warn_once(WarningCode::ValidityUnknown);
        }
        if names_unknown_group && !listed.knows_set_groups {
            self.reader.is_needed_after_all("PermissionSetGroup");
        }
        Ok(())
    }

    /// The third step: who is in which group and queue.
    async fn take_members(
        &self,
        asked: Option<Pending>,
        groups: &mut groups::Drafts,
        users: &IdSet,
    ) -> Result<(), Error> {
        self.take::<GroupMember>(asked, |row| {
            let mut sections = self.sections();
            match groups::member(&row, groups, users, &mut sections.notes) {
                Ok(Some(grant)) => return sections.grant(grant),
                Ok(None) => {}
                Err(missing) => self.miss(missing),
            }
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Every user has an assignment of the set that his profile owns. The query leaves those out; where it brings none at
    /// all, one of them must be there, or the user may not see assignments.
    async fn must_see_assignments(&self) -> Result<(), Error> {
        let object = PermissionSetAssignment::NAME;
        let any = Select::rows(connector::name(object), vec![connector::name("Id")]).one_row();
        let mut query = self.reader.client.query(object, &any.to_string());
        query.next_page().await.map_err(Error::read(object, Some(VIEW_SETUP)))?;
        if query.total_size() == Some(0) {
            return Err(Error::NothingVisible { object, right: VIEW_SETUP });
        }
        Ok(())
    }

    async fn take<O: salesforce::objects::Object>(
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

/// No org has none of these; where none came, the user may not see them.
fn must_have_rows(object: &'static str, facts: Option<&Facts>, right: &'static str) -> Result<(), Error> {
    match facts {
        Some(Facts { rows: 0, .. }) => Err(Error::NothingVisible { object, right }),
        _ => Ok(()),
    }
}
