//! Permission sets and the groups of them: of the first step.

use super::super::ask::{Asked, RIGHTS, VIEW_SETUP};
use super::super::error::Error;
use super::super::read::Pending;
use super::{Listed, Steps, must_have_rows, once};
use crate::connector::permission_sets::{Rights, SetKind};
use crate::connector::{IdMap, IdSet, WarningCode, permission_set_groups, permission_sets};
use crate::model::ResourceKind;
use crate::salesforce::objects::{
    MutingPermissionSet, Object, PermissionSet, PermissionSetGroup, PermissionSetGroupComponent, PermissionSetRights,
    RightsRow,
};

impl Steps {
    /// Permission sets, the groups of them, and what these are made of. Gives back what profiles own, by profile.
    pub(super) async fn take_all_sets(&self, asked: &mut Asked, listed: &mut Listed) -> Result<IdMap<Rights>, Error> {
        let mut drafts = permission_set_groups::Drafts::default();
        let knows_set_groups = self
            .take::<PermissionSetGroup>(asked.take::<PermissionSetGroup>(), |row| {
                let draft = permission_set_groups::map(&row, &mut self.sections().notes);
                if draft.needs_activation() {
                    listed.session.insert(row.id);
                }
                once(drafts.insert(row.id, draft).is_none(), row.id)
            })
            .await?;
        listed.knows_set_groups = knows_set_groups.is_some();
        listed.set_groups = drafts.keys().copied().collect();
        let (owned, aggregates) = self.take_sets(asked, listed).await?;
        self.take_set_groups(asked, drafts, listed, &aggregates).await?;
        Ok(owned)
    }

    /// Permission sets; what profiles own and what sums up groups is kept aside, by profile and by group.
    async fn take_sets(&self, asked: &mut Asked, listed: &mut Listed) -> Result<(IdMap<Rights>, IdMap<Rights>), Error> {
        let (mut owned, mut aggregates) = (IdMap::default(), IdMap::default());
        let is_in_document = self.options.has(ResourceKind::Permission);
        let facts = self
            .take::<PermissionSet>(asked.take::<PermissionSet>(), |row| {
                let Some(id) = row.id else { return Ok(()) };
                let kind = permission_sets::kind(&row);
                once(listed.sets.insert(id, kind).is_none(), id)?;
                listed.set_licenses.extend(row.license_id.map(|license| (id, license)));
                listed.rights.insert(id, permission_sets::all_rights(&row, &mut listed.right_names));
                if row.has_activation_required == Some(true) {
                    listed.session.insert(id);
                }
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

    async fn take_set_groups(
        &self,
        asked: &mut Asked,
        mut drafts: permission_set_groups::Drafts,
        listed: &mut Listed,
        aggregates: &IdMap<Rights>,
    ) -> Result<(), Error> {
        let makes_grants = self.makes_grants() && self.options.has(ResourceKind::Permission);
        let mut components = IdSet::default();
        let read = self
            .take::<PermissionSetGroupComponent>(asked.take::<PermissionSetGroupComponent>(), |row| {
                once(components.insert(row.id), row.id)?;
                if !listed.knows_set_groups {
                    return Ok(());
                }
                match permission_set_groups::component(&row, &mut drafts) {
                    Err(missing) if makes_grants => self.miss(missing),
                    _ => {}
                }
                Ok(())
            })
            .await?;
        if !listed.knows_set_groups && read.as_ref().is_some_and(|facts| facts.rows > 0) {
            self.reader.is_needed_after_all("PermissionSetGroup");
        }
        if read.is_none() && !drafts.is_empty() {
            self.reader.is_needed_after_all("PermissionSetGroupComponent");
        }
        let muting = self
            .take::<MutingPermissionSet>(asked.take::<MutingPermissionSet>(), |row| {
                add_rights(&row, listed);
                Ok(())
            })
            .await?;
        if self.options.has(ResourceKind::SystemPermission) {
            for pending in asked.other_rights::<PermissionSetRights>(&self.reader).await? {
                self.take_rights::<PermissionSetRights>(pending, listed).await?;
            }
            // Where it was refused, it would be refused again.
            if muting.is_some_and(|facts| facts.rows > 0) {
                for pending in asked.other_rights::<MutingPermissionSet>(&self.reader).await? {
                    self.take_rights::<MutingPermissionSet>(pending, listed).await?;
                }
            }
        }
        let around = permission_set_groups::Around {
            sets: &listed.sets,
            session: &listed.session,
            rights: &listed.rights,
            aggregates,
            names: &listed.right_names,
            components_read: read.is_some(),
        };
        let (mut stale, mut group_licenses) = (IdSet::default(), IdMap::default());
        // In order, since warnings show the first that they meet.
        let mut drafts: Vec<_> = drafts.into_iter().collect();
        drafts.sort_unstable_by_key(|(id, _)| *id);
        for (id, draft) in drafts {
            let licenses: Vec<_> =
                draft.sets().iter().filter_map(|set| listed.set_licenses.get(set).copied()).collect();
            if !licenses.is_empty() {
                group_licenses.insert(id, licenses);
            }
            let mut sections = self.sections();
            let mapped = draft.finish(id, &around, &mut sections.notes);
            if mapped.is_stale {
                stale.extend(aggregates.get(&id).map(|aggregate| aggregate.set_id));
            }
            sections.resource(mapped.resource)?;
            if makes_grants {
                for grant in mapped.grants {
                    sections.expandable(grant, mapped.is_stale)?;
                }
                mapped.missing.into_iter().for_each(|missing| self.miss(missing));
            }
        }
        listed.stale = stale;
        listed.group_licenses = group_licenses;
        Ok(())
    }
}

impl Steps {
    async fn take_rights<O>(&self, pending: Pending, listed: &mut Listed) -> Result<(), Error>
    where
        O: for<'a> Object<Row<'a> = RightsRow<'a>>,
    {
        self.take::<O>(Some(pending), |row| {
            add_rights(&row, listed);
            Ok(())
        })
        .await?;
        Ok(())
    }
}

fn add_rights(row: &RightsRow<'_>, listed: &mut Listed) {
    let rights = listed.right_names.set(row.permissions.iter().map(|right| &**right));
    listed.rights.entry(row.id).or_default().add(&rights);
}
