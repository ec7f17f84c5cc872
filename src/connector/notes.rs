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
    /// Grants name something that was not listed.
    EntitlementNotVisible,
    /// Frozen and locked users cannot be told.
    FrozenUnknown,
    /// Assignments name a permission set group that was not listed.
    GroupNotVisible,
    /// The users left out could not be counted.
    LeftOutNotCounted,
    /// More memberships name unlisted principals than are looked up.
    PrincipalsNotLookedUp,
    /// Profiles of users that the Profile object never shows.
    ProfileHidden,
    /// The high-risk rights of permission sets are not known.
    RightsUnknown,
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
            Self::EntitlementNotVisible => "ENTITLEMENT_NOT_VISIBLE",
            Self::FrozenUnknown => "FROZEN_UNKNOWN",
            Self::GroupNotVisible => "GROUP_NOT_VISIBLE",
            Self::LeftOutNotCounted => "LEFT_OUT_NOT_COUNTED",
            Self::PrincipalsNotLookedUp => "PRINCIPALS_NOT_LOOKED_UP",
            Self::ProfileHidden => "PROFILE_HIDDEN",
            Self::RightsUnknown => "RIGHTS_UNKNOWN",
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
            Self::EntitlementNotVisible => {
                "grants name a role, group or permission set that was not listed; they were left out"
            }
            Self::FrozenUnknown => {
                "UserLogin could not be read (it needs Manage Users): frozen and locked users cannot be told from others"
            }
            Self::GroupNotVisible => {
                "assignments name a permission set group that was not listed; its aggregate permission set holds the grants"
            }
            Self::LeftOutNotCounted => "the users that the options leave out could not be counted",
            Self::PrincipalsNotLookedUp => {
                "more members than are looked up were not listed; why these were not is unknown"
            }
            Self::ProfileHidden => {
                "users have a profile that Salesforce does not show; their rights are not known (`rights_known`: false)"
            }
            Self::RightsUnknown => "the describe of PermissionSet could not be read: high-risk rights are not named",
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
        }
    }
}

/// Collects warnings and counts what is left out.
#[derive(Debug, Default)]
pub struct Notes {
    warnings: BTreeMap<WarningCode, (u64, Vec<RecordId>)>,
    grants: BTreeMap<LeftOutReason, u64>,
    users: BTreeMap<(LeftOutReason, Option<String>), u64>,
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
        let grants = self.grants.iter().map(|(reason, count)| LeftOut {
            what: "grant",
            reason: reason.as_str(),
            user_type: None,
            count: *count,
        });
        users.chain(grants).filter(|left_out| left_out.count > 0).collect()
    }
}
