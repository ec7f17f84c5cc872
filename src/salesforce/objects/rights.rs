use super::Need::Optional;

object! {
    /// The permissions of the user who is logged in, from all that gives him any; one row, which every user may read.
    UserPermissionAccess: UserPermissionAccessRow (without id) {
        api_enabled: Option<bool> = "PermissionsApiEnabled", Optional;
        view_setup: Option<bool> = "PermissionsViewSetup", Optional;
        view_roles: Option<bool> = "PermissionsViewRoles", Optional;
        view_all_users: Option<bool> = "PermissionsViewAllUsers", Optional;
        manage_users: Option<bool> = "PermissionsManageUsers", Optional;
        modify_all_data: Option<bool> = "PermissionsModifyAllData", Optional;
    }
}
