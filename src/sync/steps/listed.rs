//! The first step: all that users, assignments and members point to.

use super::super::ask::{Asked, VIEW_SETUP};
use super::super::error::Error;
use super::{Listed, Steps, must_have_rows, once};
use crate::connector::groups::Membership;
use crate::connector::hierarchy::{Hierarchy, HierarchyGroups};
use crate::connector::{LeftOutReason, Missing, WarningCode, groups, profiles, roles, users};
use crate::model::ResourceKind;
use crate::salesforce::RecordId;
use crate::salesforce::objects::{Group, Profile, QueueSobject, UserLicense, UserLogin, UserRole};

impl Steps {
    pub(super) async fn take_listed(&self, asked: &mut Asked) -> Result<Listed, Error> {
        let mut listed = Listed::default();
        self.take::<UserLicense>(asked.take::<UserLicense>(), |row| {
            listed.licenses.insert(row.id, profiles::license(&row));
            Ok(())
        })
        .await?;
        let mut hierarchy = Hierarchy::new(ResourceKind::Role);
        let roles = self
            .take::<UserRole>(asked.take::<UserRole>(), |row| {
                let mut sections = self.sections();
                let role = roles::map(&row, &mut sections.notes);
                hierarchy.add(row.id, row.parent_role_id, roles::is_portal(&row));
                once(listed.roles.insert(row.id, role.display_name.clone()).is_none(), row.id)?;
                if self.options.has(ResourceKind::Role) { sections.resource(role) } else { Ok(()) }
            })
            .await?;
        for role in hierarchy.in_cycles() {
            self.sections().notes.warn(WarningCode::RoleHierarchyCycle, role);
        }
        let mut profiles = Vec::new();
        let facts = self
            .take::<Profile>(asked.take::<Profile>(), |row| {
                let draft = profiles::map(&row, &mut self.sections().notes);
                once(listed.profiles.insert(draft.id, draft.license_id).is_none(), draft.id)?;
                profiles.push(draft);
                Ok(())
            })
            .await?;
        must_have_rows("Profile", facts.as_ref(), VIEW_SETUP)?;
        let owned = self.take_all_sets(asked, &mut listed).await?;
        for draft in profiles {
            if self.options.has(ResourceKind::Profile) {
                let rights = owned.get(&draft.id);
                self.sections().resource(draft.finish(rights, &listed.licenses))?;
            }
        }
        self.take_groups(asked, &mut listed, roles.is_some().then_some(&hierarchy)).await?;
        self.take_logins(asked, &mut listed).await?;
        Ok(listed)
    }

    /// Groups, what queues own, and what the groups of roles contain.
    async fn take_groups(
        &self,
        asked: &mut Asked,
        listed: &mut Listed,
        roles: Option<&Hierarchy>,
    ) -> Result<(), Error> {
        self.take::<Group>(asked.take::<Group>(), |row| {
            let mut sections = self.sections();
            if groups::is_left_out(&row, &self.options) {
                sections.notes.leave_out_group(LeftOutReason::ManagerGroupExcludedByOption);
                return once(listed.left_out_groups.insert(row.id), row.id);
            }
            let group = groups::map(&row, &listed.roles, &mut sections.notes);
            once(listed.groups.insert(row.id, group).is_none(), row.id)
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
        let (of_roles, _) = groups::of_hierarchies(&listed.groups);
        self.fill(&mut listed.groups, ResourceKind::Role, roles, &of_roles)
    }

    /// Says what the groups of roles (or of territories) contain.
    pub(super) fn fill(
        &self,
        groups: &mut groups::Drafts,
        kind: ResourceKind,
        hierarchy: Option<&Hierarchy>,
        known: &HierarchyGroups,
    ) -> Result<(), Error> {
        let Some(hierarchy) = hierarchy else { return Ok(()) };
        let mut ids: Vec<RecordId> = groups.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            let Some(group) = groups.get_mut(&id) else { continue };
            let ((ResourceKind::Role, Membership::Roles(reach, of))
            | (ResourceKind::Territory, Membership::Territories(reach, of))) = (kind, group.membership())
            else {
                continue;
            };
            let Some(contents) = of.and_then(|of| hierarchy.contents(of, reach, known)) else {
                self.sections().notes.warn(WarningCode::RoleNotVisible, id);
                continue;
            };
            let is_in_document = self.options.has(kind);
            let sees_portals = self.options.sync_non_standard_users || !contents.has_portal;
            group.set_known(is_in_document && sees_portals);
            if !self.makes_grants() {
                continue;
            }
            for grant in hierarchy.grants(id, &contents) {
                if grant.principal.kind == kind && !is_in_document {
                    if let Ok(id) = RecordId::parse(&grant.principal.id) {
                        self.miss(Missing::Principal(id));
                    }
                } else {
                    self.sections().expandable(grant, false)?;
                }
            }
        }
        Ok(())
    }

    async fn take_logins(&self, asked: &mut Asked, listed: &mut Listed) -> Result<(), Error> {
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
        Ok(())
    }
}
