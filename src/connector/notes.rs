//! What a reader of the document should know: warnings, and what was read and left out.

use std::collections::BTreeMap;

use crate::model::document::{LeftOut, Warning};
use crate::salesforce::RecordId;

const MOST_IDS: usize = 20;

/// The kinds of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WarningCode {
    /// Rows are marked inactive, and neither expired nor revoked.
    AssignmentInactiveUnexplained,
    /// Rows have expired and are marked active.
    AssignmentExpiredButActive,
    /// A time cannot be read.
    BadTime,
    /// Users share an email with another user.
    DuplicateEmail,
    /// Grants name something that was not listed.
    EntitlementNotVisible,
    /// Whether users whose type is left out hold high-risk rights is not known.
    ExcludedUsersNotChecked,
    /// Users whose type is left out hold high-risk rights.
    ExcludedUserPrivileged,
    /// Frozen and locked users cannot be told.
    FrozenUnknown,
    /// Assignments name a permission set group that was not listed.
    GroupNotVisible,
    /// Groups contain everybody inside.
    GroupOpenToAllInternal,
    /// What Salesforce has summed up is not what the parts say.
    GroupRightsStale,
    /// Guests are in groups.
    GuestInGroup,
    /// The users left out could not be counted.
    LeftOutNotCounted,
    /// Sets need a licence that is not there.
    LicenseMissing,
    /// More memberships name unlisted principals than are looked up.
    PrincipalsNotLookedUp,
    /// Profiles of users that the Profile object never shows.
    ProfileHidden,
    /// The high-risk rights of permission sets are not known.
    RightsUnknown,
    /// Roles are above themselves.
    RoleHierarchyCycle,
    /// Groups stand for something that was not listed.
    RoleNotVisible,
    /// Rows came or went while they were read.
    RowsChanged,
    /// A group needs no activation where its set does.
    SessionSetBypassedByGroup,
    /// The user may not see all users.
    UsersMayBeInvisible,
    /// Neither expiry nor activity of assignments can be told.
    ValidityUnknown,
}

impl WarningCode {
    /// As it stands in a document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AssignmentInactiveUnexplained => "ASSIGNMENT_INACTIVE_UNEXPLAINED",
            Self::AssignmentExpiredButActive => "ASSIGNMENT_EXPIRED_BUT_ACTIVE",
            Self::BadTime => "BAD_TIME",
            Self::DuplicateEmail => "DUPLICATE_EMAIL",
            Self::EntitlementNotVisible => "ENTITLEMENT_NOT_VISIBLE",
            Self::ExcludedUsersNotChecked => "EXCLUDED_USERS_NOT_CHECKED",
            Self::ExcludedUserPrivileged => "EXCLUDED_USER_PRIVILEGED",
            Self::FrozenUnknown => "FROZEN_UNKNOWN",
            Self::GroupNotVisible => "GROUP_NOT_VISIBLE",
            Self::GroupOpenToAllInternal => "GROUP_OPEN_TO_ALL_INTERNAL",
            Self::GroupRightsStale => "GROUP_RIGHTS_STALE",
            Self::GuestInGroup => "GUEST_IN_GROUP",
            Self::LeftOutNotCounted => "LEFT_OUT_NOT_COUNTED",
            Self::LicenseMissing => "LICENSE_MISSING",
            Self::PrincipalsNotLookedUp => "PRINCIPALS_NOT_LOOKED_UP",
            Self::ProfileHidden => "PROFILE_HIDDEN",
            Self::RightsUnknown => "RIGHTS_UNKNOWN",
            Self::RoleHierarchyCycle => "ROLE_HIERARCHY_CYCLE",
            Self::RoleNotVisible => "ROLE_NOT_VISIBLE",
            Self::RowsChanged => "ROWS_CHANGED",
            Self::SessionSetBypassedByGroup => "SESSION_SET_BYPASSED_BY_GROUP",
            Self::UsersMayBeInvisible => "USERS_MAY_BE_INVISIBLE",
            Self::ValidityUnknown => "VALIDITY_UNKNOWN",
        }
    }

    const fn message(self) -> &'static str {
        match self {
            Self::AssignmentInactiveUnexplained => {
                "assignments are marked inactive although they have neither expired nor been revoked; they make no grant"
            }
            Self::AssignmentExpiredButActive => {
                "assignments have expired and are still marked active; they are treated as expired"
            }
            Self::BadTime => "times that cannot be read were left out",
            Self::DuplicateEmail => {
                "users have an email that another user has too; `--username-as-email` takes usernames instead"
            }
            Self::EntitlementNotVisible => {
                "grants name a role, group or permission set that was not listed; they were left out"
            }
            Self::ExcludedUsersNotChecked => {
                "whether users whose type is left out of the document hold high-risk rights could not be found out"
            }
            Self::ExcludedUserPrivileged => {
                "users whose type is left out of the document hold high-risk rights; `--sync-non-standard-users` lets them in"
            }
            Self::FrozenUnknown => {
                "UserLogin could not be read (it needs Manage Users): frozen and locked users cannot be told from others"
            }
            Self::GroupNotVisible => {
                "assignments name a permission set group that was not listed; its aggregate permission set holds the grants"
            }
            Self::GroupOpenToAllInternal => "groups contain all internal users",
            Self::GroupRightsStale => {
                "permission set groups give other rights than their sets and muting sets say: Salesforce has not brought them up to date"
            }
            Self::GuestInGroup => "groups or queues have a guest user, somebody who is not logged in, as a member",
            Self::LeftOutNotCounted => "the users that the options leave out could not be counted",
            Self::LicenseMissing => {
                "users hold permission sets, or groups of them, whose licence they lack, or is disabled or expired; the grants stand"
            }
            Self::PrincipalsNotLookedUp => {
                "more members than are looked up were not listed; why these were not is unknown"
            }
            Self::ProfileHidden => {
                "users have a profile that Salesforce does not show; their rights are not known (`rights_known`: false)"
            }
            Self::RightsUnknown => "the describe of PermissionSet could not be read: high-risk rights are not named",
            Self::RoleHierarchyCycle => "roles are their own superiors; each of them counts as below the others",
            Self::RoleNotVisible => {
                "groups stand for a role, territory or user that was not listed; who is in them is not known"
            }
            Self::RowsChanged => {
                "rows came or went while they were read, as `totalSize` and `rows` of what was read tell; each of them is here as it was when it was read"
            }
            Self::SessionSetBypassedByGroup => {
                "permission sets that need a session activation are in a group that needs none: held through it, they need none"
            }
            Self::UsersMayBeInvisible => {
                "it is not sure that the user who read the org sees all users (View All Users); some may be missing"
            }
            Self::ValidityUnknown => {
                "this API version or org does not tell whether assignments are active or expired; all of them count as live"
            }
        }
    }
}

/// Why something that was read is not in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOutReason {
    /// The options leave the principal out.
    PrincipalExcludedByOption,
    /// The principal was not there yet, or no more, when its kind was read.
    ChangedDuringRead,
    /// Salesforce does not show the principal.
    PrincipalNotVisible,
    /// Salesforce did not list the principal, and it was not looked up why.
    PrincipalNotListed,
    /// Salesforce does not show what is held.
    EntitlementNotVisible,
    /// The options leave users of this type out.
    UserTypeExcludedByOption,
    /// The options leave deactivated users out.
    DeactivatedExcludedByOption,
    /// The options leave the groups of managers out.
    ManagerGroupExcludedByOption,
}

impl LeftOutReason {
    /// As it stands in a document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PrincipalExcludedByOption => "PRINCIPAL_EXCLUDED_BY_OPTION",
            Self::ChangedDuringRead => "CHANGED_DURING_READ",
            Self::PrincipalNotVisible => "PRINCIPAL_NOT_VISIBLE",
            Self::PrincipalNotListed => "PRINCIPAL_NOT_LISTED",
            Self::EntitlementNotVisible => "ENTITLEMENT_NOT_VISIBLE",
            Self::UserTypeExcludedByOption => "USER_TYPE_EXCLUDED_BY_OPTION",
            Self::DeactivatedExcludedByOption => "DEACTIVATED_EXCLUDED_BY_OPTION",
            Self::ManagerGroupExcludedByOption => "MANAGER_GROUP_EXCLUDED_BY_OPTION",
        }
    }
}

/// Collects warnings and counts what is left out.
#[derive(Debug, Default)]
pub struct Notes {
    warnings: BTreeMap<WarningCode, (u64, Vec<RecordId>)>,
    grants: BTreeMap<LeftOutReason, u64>,
    users: BTreeMap<(LeftOutReason, Option<String>), u64>,
    groups: BTreeMap<LeftOutReason, u64>,
}

impl Notes {
    /// Warns about a record.
    pub fn warn(&mut self, code: WarningCode, id: RecordId) {
        let (count, ids) = self.warnings.entry(code).or_default();
        *count += 1;
        if ids.len() < MOST_IDS && !ids.contains(&id) {
            ids.push(id);
        }
    }

    /// Warns about the org as a whole.
    pub fn warn_once(&mut self, code: WarningCode) {
        self.warnings.entry(code).or_default().0 = 1;
    }

    /// Counts grants that are left out.
    pub fn leave_out_grants(&mut self, reason: LeftOutReason, count: u64) {
        *self.grants.entry(reason).or_default() += count;
    }

    /// Counts users that are left out.
    pub fn leave_out_users(&mut self, reason: LeftOutReason, user_type: Option<String>, count: u64) {
        *self.users.entry((reason, user_type)).or_default() += count;
    }

    /// Counts a group that is left out.
    pub fn leave_out_group(&mut self, reason: LeftOutReason) {
        *self.groups.entry(reason).or_default() += 1;
    }

    /// The warnings, for the document.
    pub fn warnings(&self) -> Vec<Warning> {
        let list = self.warnings.iter().map(|(code, (count, ids))| {
            let mut ids = ids.clone();
            ids.sort_unstable();
            Warning {
                code: code.as_str(),
                message: code.message(),
                count: *count,
                ids: ids.iter().map(RecordId::to_string).collect(),
            }
        });
        list.collect()
    }

    /// What is left out, for the document.
    pub fn left_out(&self) -> Vec<LeftOut> {
        let users = self.users.iter().map(|((reason, user_type), count)| LeftOut {
            what: "user",
            reason: reason.as_str(),
            user_type: Some(user_type.clone().unwrap_or_else(|| "(none)".to_owned())),
            count: *count,
        });
        let of = |what, counts: &BTreeMap<LeftOutReason, u64>| -> Vec<LeftOut> {
            let left_out = counts.iter().map(|(reason, count)| LeftOut {
                what,
                reason: reason.as_str(),
                user_type: None,
                count: *count,
            });
            left_out.collect()
        };
        let (groups, grants) = (of("group", &self.groups), of("grant", &self.grants));
        users.chain(groups).chain(grants).filter(|left_out| left_out.count > 0).collect()
    }
}
