//! Two documents beside each other: which of them tells what the other one does not.

use std::collections::{BTreeMap, BTreeSet};

use super::Which;
use super::limit::{Code, Limit, Limits};
use super::side::Side;

/// Fields that decide who holds what without naming who holds it.
const DECIDING: [(&str, &[&str]); 4] = [
    ("UserRole", &["ParentRoleId", "PortalType"]),
    ("Territory2", &["ParentTerritory2Id"]),
    ("Group", &["Type", "RelatedId"]),
    ("User", &["ManagerId", "UserType", "IsActive", "UserRoleId", "ProfileId"]),
];

/// What says whether something needs activating in a session.
const SETS: [&str; 2] = ["PermissionSet", "PermissionSetGroup"];
const ASSIGNMENTS: &str = "PermissionSetAssignment";

impl Side {
    /// Whether it tells which assignments live, and until when.
    pub(super) fn tells_validity(&self) -> bool {
        self.lacks_validity().is_none()
    }

    /// Why it does not tell which assignments live.
    pub(super) fn lacks_validity(&self) -> Option<Limit> {
        if self.is_foreign() {
            return Some(Limit::of(Code::SourceUnknown, ""));
        }
        self.warns("VALIDITY_UNKNOWN").then(|| Limit::of(Code::ValidityUnknown, ""))
    }

    /// Why it does not tell for which reason an assignment gives nothing, where the other one does.
    pub(super) fn lacks_reasons(&self, other: &Self) -> Option<Limit> {
        let fields = ["ExpirationDate", "IsActive", "IsRevoked"];
        let lacks = |field: &str| self.leaves_out(ASSIGNMENTS, field) && !other.leaves_out(ASSIGNMENTS, field);
        let left_out = || fields.into_iter().any(lacks).then(|| Limit::of(Code::FieldsLeftOut, ASSIGNMENTS));
        self.lacks_validity().filter(|_| other.tells_validity()).or_else(left_out)
    }

    /// The objects of which one document lacks a field that decides who holds what.
    pub(super) fn fields_differ(&self, other: &Self) -> Vec<&'static str> {
        let differs = |object: &str, field: &str| self.leaves_out(object, field) != other.leaves_out(object, field);
        let differs = |(object, fields): &(&'static str, &[&str])| fields.iter().any(|field| differs(object, field));
        DECIDING.iter().filter(|entry| differs(entry)).map(|(object, _)| *object).collect()
    }

    fn leaves_out(&self, object: &str, field: &str) -> bool {
        let mut read = self.summary.read.iter().filter(|read| read.object == object);
        read.any(|read| read.fields_left_out.iter().any(|left_out| left_out == field))
    }

    /// Whether it tells which grants need activating in a session.
    pub(super) fn tells_conditions(&self) -> bool {
        !self.is_foreign() && !SETS.iter().any(|object| self.leaves_out(object, "HasActivationRequired"))
    }

    /// Whether it tells which grants a user access policy gave.
    pub(super) fn tells_policies(&self) -> bool {
        !self.is_foreign() && !self.leaves_out(ASSIGNMENTS, "LastCreatedByChangeId")
    }

    /// The fields of each object that were left out.
    pub(super) fn fields_left_out(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut fields: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for read in &self.summary.read {
            fields.entry(&read.object).or_default().extend(read.fields_left_out.iter().map(String::as_str));
        }
        fields
    }

    /// What it says of itself that the other one does not: told even where nothing is affected.
    pub(super) fn own_limits(&self, other: &Self, limits: &mut Limits, which: Which) {
        for not_read in &self.summary.not_read {
            if not_read.required || !other.was_not_read(&not_read.object) {
                limits.note(self.not_read(&not_read.object), which);
            }
        }
        if let Some(limit) = self.whole() {
            limits.note(limit, which);
        }
        match (self.options(), other.options()) {
            (Some(own), Some(others)) => {
                for kind in &others.sync_resource_types {
                    if !own.sync_resource_types.contains(kind) {
                        limits.note(Limit::of(Code::KindNotSynced, kind), which);
                    }
                }
                for (narrowed, code) in [
                    (!own.sync_deactivated_users && others.sync_deactivated_users, Code::DeactivatedLeftOut),
                    (!own.sync_non_standard_users && others.sync_non_standard_users, Code::UserTypesLeftOut),
                    (!own.manager_groups && others.manager_groups, Code::ManagerGroupsLeftOut),
                    (own.skip_entitlements_and_grants && !others.skip_entitlements_and_grants, Code::NoGrants),
                ] {
                    if narrowed {
                        limits.note(Limit::of(code, ""), which);
                    }
                }
                if which == Which::New && own.username_as_email != others.username_as_email {
                    limits.note(Limit::of(Code::EmailsDiffer, ""), which);
                }
            }
            (None, _) => {
                limits.note(Limit::of(Code::SourceUnknown, ""), which);
                for kind in other.kinds.difference(&self.kinds) {
                    limits.note(Limit::of(Code::KindAbsent, kind), which);
                }
            }
            (Some(own), None) => {
                for kind in &other.kinds {
                    if !own.sync_resource_types.contains(kind) {
                        limits.note(Limit::of(Code::KindNotSynced, kind), which);
                    }
                }
            }
        }
        if let Some(limit) = self.lacks_validity().filter(|_| other.tells_validity()) {
            limits.note(limit, which);
        }
        for (tells, object) in [
            (self.tells_conditions() || !other.tells_conditions(), SETS[0]),
            (self.tells_policies() || !other.tells_policies(), ASSIGNMENTS),
        ] {
            if !tells && !self.is_foreign() {
                limits.note(Limit::of(Code::FieldsLeftOut, object), which);
            }
        }
        if self.has_grants() && other.has_grants() && which == Which::New && self.expand() != other.expand() {
            limits.note(Limit::of(Code::ExpandDiffers, ""), which);
        }
    }
}
