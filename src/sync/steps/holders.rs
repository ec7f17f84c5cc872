//! The third step: who holds which permission set and permission set group, and who is in which group and queue.

use super::super::ask::VIEW_SETUP;
use super::super::error::Error;
use super::super::read::Pending;
use super::{Listed, Steps};
use crate::connector;
use crate::connector::assignments::{self, Assignment};
use crate::connector::licenses::Licenses;
use crate::connector::people::People;
use crate::connector::{IdSet, LeftOutReason, Missing, WarningCode, groups};
use crate::model::InactiveReason;
use crate::salesforce::objects::{GroupMember, Object, PermissionSetAssignment};
use crate::salesforce::soql::Select;

impl Steps {
    /// Who holds which permission set and permission set group. Gives back the aggregates that stand in for their group.
    pub(super) async fn take_assignments(
        &self,
        asked: Option<Pending>,
        listed: &mut Listed,
        people: &People,
        licenses: &Licenses,
    ) -> Result<IdSet, Error> {
        let mut stand_ins = IdSet::default();
        if asked.is_none() {
            return Ok(stand_ins);
        }
        let around = assignments::Around {
            options: &self.options,
            people,
            sets: &listed.sets,
            groups: &listed.set_groups,
            session: &listed.session,
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
                if let Some(set) = stand_in
                    && let Some(resource) = listed.stand_ins.remove(&set)
                {
                    stand_ins.insert(set);
                    sections.resource(resource)?;
                }
                match assignment {
                    Assignment::Grant(grant) => {
                        let of_set = row.permission_set_id.and_then(|set| listed.set_licenses.get(&set));
                        let of_group = row.permission_set_group_id.and_then(|group| listed.group_licenses.get(&group));
                        let mut needed = of_set.into_iter().chain(of_group.into_iter().flatten());
                        if needed.any(|license| !licenses.covers(*license, row.assignee_id, people)) {
                            sections.notes.warn(WarningCode::LicenseMissing, row.assignee_id);
                        }
                        sections.grant(grant, people)
                    }
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
        if facts.rows == 0 && !people.is_empty() {
            self.must_see_assignments().await?;
        }
        if facts.lacks("IsActive") || facts.lacks("ExpirationDate") {
            self.sections().notes.warn_once(WarningCode::ValidityUnknown);
        }
        if names_unknown_group && !listed.knows_set_groups {
            self.reader.is_needed_after_all("PermissionSetGroup");
        }
        Ok(stand_ins)
    }

    /// The third step: who is in which group and queue.
    pub(super) async fn take_members(
        &self,
        asked: Option<Pending>,
        groups: &mut groups::Drafts,
        left_out: &IdSet,
        people: &People,
    ) -> Result<(), Error> {
        self.take::<GroupMember>(asked, |row| {
            let mut sections = self.sections();
            match groups::member(&row, groups, people, &mut sections.notes) {
                Ok(Some(grant)) => return sections.grant(grant, people),
                Ok(None) => {}
                Err(Missing::Principal(id)) if left_out.contains(&id) => {
                    sections.notes.leave_out_grants(LeftOutReason::PrincipalExcludedByOption, 1);
                }
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
}
