//! What is read only where it is asked for.

use super::super::ask::Asked;
use super::super::error::Error;
use super::{Listed, Steps};
use crate::connector::applications::{self, Applications};
use crate::connector::bearers::Bearers;
use crate::connector::groups::{self, Drafts};
use crate::connector::hierarchy::Hierarchy;
use crate::connector::licenses::Licenses;
use crate::connector::people::People;
use crate::connector::rights::RightNames;
use crate::connector::territories::{self, Territories};
use crate::connector::{IdSet, agents, licenses, resource_id, system_permissions};
use crate::model::{EntitlementId, ResourceKind};
use crate::net::error::plain;
use crate::salesforce::RecordId;
use crate::salesforce::objects::{
    BotDefinition, ConnectedApplication, ExternalClientApplication, ObjectPermissions, PermissionSetLicense,
    PermissionSetLicenseAssign, SetupEntityAccess, Territory2, UserTerritory2Association,
};
use crate::salesforce::soql::Name;

impl Steps {
    /// Permission set licences and who has them; read before the assignments, which are compared with them.
    pub(super) async fn take_licenses(&self, asked: &mut Asked, people: &People) -> Result<Licenses, Error> {
        let mut licenses = Licenses::default();
        let read = self
            .take::<PermissionSetLicense>(asked.take::<PermissionSetLicense>(), |row| {
                let license = licenses::map(&row, self.now, &mut licenses);
                self.sections().resource(license)
            })
            .await?;
        let held = self
            .take::<PermissionSetLicenseAssign>(asked.take::<PermissionSetLicenseAssign>(), |row| {
                if read.is_none() {
                    return Ok(());
                }
                let mut sections = self.sections();
                match licenses::assignment(&row, &mut licenses, people, &mut sections.notes) {
                    Ok(Some(grant)) => return sections.grant(grant, people),
                    Ok(None) => {}
                    Err(missing) => self.miss(missing),
                }
                Ok(())
            })
            .await?;
        if held.is_none() {
            if !licenses.is_empty() && self.makes_grants() && self.options.has(ResourceKind::User) {
                self.reader.is_needed_after_all("PermissionSetLicenseAssign");
            }
            return Ok(Licenses::default());
        }
        Ok(licenses)
    }

    /// All the rest. `stand_ins` are the aggregates that are in the document in place of their group.
    pub(super) async fn take_further(
        &self,
        asked: &mut Asked,
        listed: &mut Listed,
        groups: &mut Drafts,
        people: &People,
        stand_ins: &IdSet,
    ) -> Result<(), Error> {
        self.take_territories(asked, groups, people).await?;
        let mut names = std::mem::take(&mut listed.right_names);
        let listed = &*listed;
        self.take::<BotDefinition>(asked.take::<BotDefinition>(), |row| self.sections().resource(agents::map(&row)))
            .await?;
        let bearers = Bearers {
            options: &self.options,
            sets: &listed.sets,
            profiles: &listed.profiles,
            set_groups: &listed.set_groups,
            stand_ins,
            stale: &listed.stale,
        };
        self.take_applications(asked, &bearers).await?;
        if self.options.has(ResourceKind::SystemPermission) {
            self.tell_system_permissions(asked, listed, &mut names, &bearers).await?;
            self.take_object_permissions(asked, &bearers).await?;
        }
        Ok(())
    }

    async fn take_territories(&self, asked: &mut Asked, groups: &mut Drafts, people: &People) -> Result<(), Error> {
        let mut hierarchy = Hierarchy::new(ResourceKind::Territory);
        let mut listed = Territories::default();
        let read = self
            .take::<Territory2>(asked.take::<Territory2>(), |row| {
                let mut sections = self.sections();
                let territory = territories::map(&row, &mut sections.notes);
                hierarchy.add(row.id, row.parent_id, false);
                listed.insert(row.id, territory.display_name.clone());
                sections.resource(territory)
            })
            .await?;
        if read.is_none() {
            asked.take::<UserTerritory2Association>();
            return Ok(());
        }
        let (_, of_territories) = groups::of_hierarchies(groups);
        self.fill(groups, ResourceKind::Territory, Some(&hierarchy), &of_territories)?;
        let pending = asked.take::<UserTerritory2Association>();
        let is_asked = pending.is_some();
        let mut roles = std::collections::BTreeSet::new();
        let members = self
            .take::<UserTerritory2Association>(pending, |row| {
                let mut sections = self.sections();
                match territories::association(&row, &listed, people) {
                    Ok(mapped) => {
                        if let Some(role) = mapped.role.filter(|role| roles.insert(role.id.clone())) {
                            sections.entitlement(role)?;
                        }
                        mapped.grants.into_iter().try_for_each(|grant| sections.grant(grant, people))?;
                        mapped.inactive.into_iter().try_for_each(|inactive| sections.inactive(inactive))?;
                    }
                    Err(missing) => self.miss(missing),
                }
                Ok(())
            })
            .await?;
        if is_asked && members.is_none() && !listed.is_empty() {
            self.reader.is_needed_after_all("UserTerritory2Association");
        }
        Ok(())
    }

    async fn take_applications(&self, asked: &mut Asked, bearers: &Bearers<'_>) -> Result<(), Error> {
        let mut listed = Applications::default();
        self.take::<ConnectedApplication>(asked.take::<ConnectedApplication>(), |row| {
            listed.insert(row.id, row.admin_approved_only);
            let mut sections = self.sections();
            let application = applications::connected(&row, &mut sections.notes);
            sections.resource(application)
        })
        .await?;
        self.take::<ExternalClientApplication>(asked.take::<ExternalClientApplication>(), |row| {
            listed.insert(row.id, None);
            self.sections().resource(applications::external(&row))
        })
        .await?;
        let pending = asked.take::<SetupEntityAccess>();
        let is_asked = pending.is_some();
        let access = self
            .take::<SetupEntityAccess>(pending, |row| {
                // Where users may let themselves in, and of an app that was not listed, a row says nothing.
                if listed.get(&row.setup_entity_id).is_none_or(|admins_let_in| *admins_let_in == Some(false)) {
                    return Ok(());
                }
                let application = resource_id(ResourceKind::ConnectedApplication, row.setup_entity_id);
                self.bear(application.entitlement(), row.parent_id, bearers)
            })
            .await?;
        if is_asked && access.is_none() && listed.values().any(|admins_let_in| *admins_let_in == Some(true)) {
            self.reader.is_needed_after_all("SetupEntityAccess");
        }
        Ok(())
    }

    /// The rights that the org's describe names, and the sets that carry them.
    async fn tell_system_permissions(
        &self,
        asked: &Asked,
        listed: &Listed,
        names: &mut RightNames,
        bearers: &Bearers<'_>,
    ) -> Result<(), Error> {
        let mut entitlements: Vec<Option<EntitlementId>> = Vec::new();
        for field in asked.described(&self.reader).await {
            let Some(name) = field.name.strip_prefix("Permissions").filter(|name| Name::parse(name).is_some()) else {
                continue;
            };
            let right = system_permissions::right(name, field.label.as_deref());
            let number = names.number(name);
            entitlements.resize(entitlements.len().max(number + 1), None);
            if std::mem::replace(&mut entitlements[number], right.id.entitlement()).is_some() {
                continue;
            }
            self.sections().resource(right)?;
        }
        if !self.makes_grants() {
            return Ok(());
        }
        for (set, rights) in listed.rights.iter().filter(|(set, _)| listed.sets.contains_key(*set)) {
            for right in rights.numbers() {
                self.bear(entitlements.get(right).cloned().flatten(), *set, bearers)?;
            }
        }
        Ok(())
    }

    async fn take_object_permissions(&self, asked: &mut Asked, bearers: &Bearers<'_>) -> Result<(), Error> {
        let mut known = std::collections::HashSet::new();
        self.take::<ObjectPermissions>(asked.take::<ObjectPermissions>(), |row| {
            // It becomes part of an id.
            if let Some(object) = row.object.as_deref().filter(|object| Name::parse(object).is_none()) {
                let told = plain(object);
                return Err(Error::Inconsistent(format!("a row of ObjectPermissions names no object: `{told}`")));
            }
            for right in system_permissions::object_rights(&row) {
                let entitlement = right.id.entitlement();
                if known.insert(right.id.clone()) {
                    self.sections().resource(right)?;
                }
                // Muting sets have rows of their own; the aggregate of the group is without what they mute.
                if self.makes_grants() && row.parent_id.key_prefix() == "0PS" {
                    self.bear(entitlement, row.parent_id, bearers)?;
                }
            }
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Says that whoever holds a set holds what it carries.
    fn bear(&self, entitlement: Option<EntitlementId>, set: RecordId, bearers: &Bearers<'_>) -> Result<(), Error> {
        let Some(entitlement) = entitlement else { return Ok(()) };
        match bearers.grant(entitlement, set) {
            Ok(Some(grant)) => {
                let is_stale = bearers.stale.contains(&set);
                self.sections().expandable(grant, is_stale)
            }
            Ok(None) => Ok(()),
            Err(missing) => {
                self.miss(missing);
                Ok(())
            }
        }
    }
}
