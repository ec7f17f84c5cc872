//! The rights that a reviewer looks for first.

use crate::model::Profile;
use crate::salesforce::describe;
use crate::salesforce::soql::Name;

/// How much harm a right can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// All data, or the means to get there.
    Critical,
    /// Other people's access or logins.
    High,
    /// Ways in and ways out.
    Notable,
}

impl Severity {
    /// In attributes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Notable => "notable",
        }
    }
}

/// Rights by their API names without the `Permissions` prefix, the worst first.
pub const HIGH_RISK: &[(&str, Severity)] = &[
    ("ModifyAllData", Severity::Critical),
    ("ViewAllData", Severity::Critical),
    ("ManageUsers", Severity::Critical),
    ("ManageInternalUsers", Severity::Critical),
    ("AuthorApex", Severity::Critical),
    ("CustomizeApplication", Severity::Critical),
    ("ModifyMetadata", Severity::Critical),
    ("AssignPermissionSets", Severity::Critical),
    ("ManageProfilesPermissionsets", Severity::Critical),
    ("ManageEncryptionKeys", Severity::Critical),
    ("ManageRoles", Severity::High),
    ("ManageSharing", Severity::High),
    ("ManageSessionPermissionSets", Severity::High),
    ("ResetPasswords", Severity::High),
    ("PasswordNeverExpires", Severity::High),
    ("ManagePasswordPolicies", Severity::High),
    ("ManageLoginAccessPolicies", Severity::High),
    ("ManageIpAddresses", Severity::High),
    ("ManageTwoFactor", Severity::High),
    ("DelegatedTwoFactor", Severity::High),
    ("TwoFactorApi", Severity::High),
    ("BypassMFAForUiLogins", Severity::High),
    ("ManageAuthProviders", Severity::High),
    ("ManageCertificates", Severity::High),
    ("ViewEncryptedData", Severity::High),
    ("ManageRemoteAccess", Severity::High),
    ("ApproveUninstalledConnectedApps", Severity::High),
    ("UseAnyApiClient", Severity::High),
    ("ApiEnabled", Severity::Notable),
    ("ApiUserOnly", Severity::Notable),
    ("ExportReport", Severity::Notable),
    ("DataExport", Severity::Notable),
    ("ViewAllUsers", Severity::Notable),
    ("ViewAllProfiles", Severity::Notable),
    ("ViewSetup", Severity::Notable),
];

/// A right whose *absence* is the risk: without it, logins need no second factor.
pub const FORCE_TWO_FACTOR: &str = "ForceTwoFactor";

/// The fields to ask PermissionSet for: the rights of the list that the org's describe names.
pub fn fields(described: &[describe::Field]) -> Vec<Name> {
    let rights = HIGH_RISK.iter().map(|(right, _)| *right).chain([FORCE_TWO_FACTOR]);
    let fields = rights.map(|right| format!("Permissions{right}"));
    let known = fields.filter(|field| described.iter().any(|known| known.name == *field));
    known.filter_map(|field| Name::parse(&field)).collect()
}

/// The other rights that the org's describe names.
pub fn other_fields(described: &[describe::Field]) -> Vec<Name> {
    let known = fields(described);
    let rights = described.iter().filter(|field| field.name.starts_with("Permissions"));
    rights.filter_map(|field| Name::parse(&field.name)).filter(|name| !known.contains(name)).collect()
}

/// Whether a field of PermissionSet is a right that does harm by itself, rather than a way in or out.
pub fn can_do_harm(field: &str) -> bool {
    let severity = field.strip_prefix("Permissions").and_then(severity);
    severity.is_some_and(|severity| severity < Severity::Notable)
}

/// How much harm a right can do, where it is on the list.
pub fn severity(right: &str) -> Option<Severity> {
    HIGH_RISK.iter().find(|(name, _)| *name == right).map(|(_, severity)| *severity)
}

/// The high-risk rights among those that a set carries, the worst first.
pub fn among<'r>(rights: impl IntoIterator<Item = &'r str>) -> Vec<String> {
    let rights: Vec<_> = rights.into_iter().collect();
    HIGH_RISK.iter().filter(|(right, _)| rights.contains(right)).map(|(right, _)| (*right).to_owned()).collect()
}

/// A description that names the rights before what somebody wrote: a reviewer sees it first.
pub fn describe(rights: &[String], description: Option<&str>) -> String {
    let description = description.map(str::trim).unwrap_or_default();
    match (rights.is_empty(), description.is_empty()) {
        (true, _) => description.to_owned(),
        (false, true) => format!("High-risk rights: {}", rights.join(", ")),
        (false, false) => format!("High-risk rights: {}. {description}", rights.join(", ")),
    }
}

/// Writes the rights down.
pub fn set(profile: &mut Profile, rights: &[String]) {
    if !rights.is_empty() {
        profile.set("high_risk_permissions", rights.to_vec());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_org_has_is_asked_for() {
        let field = |name: &str| describe::Field { name: name.to_owned(), label: None };
        let described = [field("Id"), field("PermissionsViewSetup"), field("PermissionsModifyAllData")];
        let names: Vec<_> = fields(&described).iter().map(|name| name.as_str().to_owned()).collect();
        assert_eq!(names, ["PermissionsModifyAllData", "PermissionsViewSetup"]);
    }

    #[test]
    fn the_worst_comes_first() {
        let rights = among(["ViewSetup", "RunReports", "ModifyAllData"]);
        assert_eq!(rights, ["ModifyAllData", "ViewSetup"]);
        assert_eq!(describe(&rights, Some("For admins")), "High-risk rights: ModifyAllData, ViewSetup. For admins");
        assert_eq!(describe(&[], None), "");
        assert!(HIGH_RISK.is_sorted_by_key(|(_, severity)| *severity));
    }
}
