//! Users and what is theirs: logins, licences, roles, profiles.

use super::{Field, Kind, Object, field, flag, reference, text};

pub(super) fn objects() -> Vec<Object> {
    vec![user(), user_login(), user_license(), user_role(), profile(), user_permission_access()]
}

fn user() -> Object {
    let fields = vec![
        text("Username", 80),
        text("LastName", 80),
        text("FirstName", 40).nillable(),
        text("Name", 121),
        text("CompanyName", 80).nillable(),
        text("Division", 80).nillable(),
        text("Department", 80).nillable(),
        text("Title", 80).nillable(),
        field("Email", Kind::Email),
        text("Alias", 8),
        text("CommunityNickname", 40),
        flag("IsActive"),
        field("TimeZoneSidKey", Kind::Picklist),
        reference("UserRoleId", &["UserRole"]).nillable().relation("UserRole"),
        field("LocaleSidKey", Kind::Picklist),
        reference("ProfileId", &["Profile"]).relation("Profile"),
        field("UserType", Kind::Picklist).nillable(),
        field("LanguageLocaleKey", Kind::Picklist),
        text("EmployeeNumber", 20).nillable(),
        // No relationship name, as in a real describe.
        reference("DelegatedApproverId", &["Group", "User"]).nillable(),
        reference("ManagerId", &["User"]).nillable().relation("Manager"),
        field("LastLoginDate", Kind::DateTime).nillable(),
        field("LastPasswordChangeDate", Kind::DateTime).nillable(),
        field("NumberOfFailedLogins", Kind::Int).nillable(),
        reference("ContactId", &["Contact"]).nillable().relation("Contact"),
        reference("AccountId", &["Account"]).nillable().relation("Account"),
        Field { groupable: false, ..text("FederationIdentifier", 512).nillable() },
    ];
    Object::new("User", "005", ("User", "Users"), fields)
        .audited()
        .child("PermissionSetAssignments", "PermissionSetAssignment", "AssigneeId")
        .child("PermissionSetLicenseAssignments", "PermissionSetLicenseAssign", "AssigneeId")
        .child("ManagedUsers", "User", "ManagerId")
}

fn user_login() -> Object {
    let fields = vec![
        // A plain reference: UserLogin has no relationship to User.
        reference("UserId", &["User"]),
        flag("IsFrozen"),
        flag("IsPasswordLocked"),
    ];
    Object::new("UserLogin", "0Yw", ("User Login", "User Login"), fields).modified().since(29)
}

fn user_license() -> Object {
    let fields = vec![
        text("LicenseDefinitionKey", 40),
        text("Name", 40),
        text("MasterLabel", 40),
        field("Status", Kind::Picklist),
        field("TotalLicenses", Kind::Int),
        Field { unfilterable_from: 64, ..field("UsedLicenses", Kind::Int) },
        field("UsedLicensesLastUpdated", Kind::DateTime).nillable(),
    ];
    Object::new("UserLicense", "100", ("User License", "User Licenses"), fields).audited()
}

fn user_role() -> Object {
    let fields = vec![
        text("Name", 80),
        // No relationship name, as in a real describe.
        reference("ParentRoleId", &["UserRole"]).nillable(),
        text("RollupDescription", 80).nillable(),
        field("OpportunityAccessForAccountOwner", Kind::Picklist),
        field("CaseAccessForAccountOwner", Kind::Picklist).nillable(),
        field("ContactAccessForAccountOwner", Kind::Picklist).nillable(),
        reference("ForecastUserId", &["User"]).nillable(),
        flag("MayForecastManagerShare"),
        text("DeveloperName", 80).nillable(),
        reference("PortalAccountId", &["Account"]).nillable(),
        field("PortalType", Kind::Picklist).nillable(),
        field("PortalRole", Kind::Picklist).nillable(),
        reference("PortalAccountOwnerId", &["User"]).nillable(),
    ];
    Object::new("UserRole", "00E", ("Role", "Role"), fields).modified().child("Users", "User", "UserRoleId")
}

fn profile() -> Object {
    let fields = vec![
        text("Name", 255),
        reference("UserLicenseId", &["UserLicense"]).relation("UserLicense"),
        field("UserType", Kind::Picklist).nillable(),
        text("Description", 255).nillable(),
    ];
    Object::new("Profile", "00e", ("Profile", "Profile"), fields).with_permissions().audited().child(
        "Users",
        "User",
        "ProfileId",
    )
}

/// One row: what the running user may do.
fn user_permission_access() -> Object {
    let fields = vec![field("LastCacheUpdate", Kind::DateTime).nillable()];
    Object::new("UserPermissionAccess", "0up", ("User Permission Access", "User Permission Access"), fields)
        .with_permissions()
        .since(41)
}
