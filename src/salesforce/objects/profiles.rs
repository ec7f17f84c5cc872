use super::Need::{Optional, Required};
use crate::salesforce::{RecordId, Text};

object! {
    /// What every user has one of (key prefix `00e`). Its rights stand in the permission set that it owns.
    Profile: ProfileRow {
        id: RecordId = "Id", Required;
        name: Option<Text<'a>> = "Name", Required;
        description: Option<Text<'a>> = "Description", Optional;
        user_type: Option<Text<'a>> = "UserType", Optional;
        user_license_id: Option<RecordId> = "UserLicenseId", Optional;
        created_date: Option<Text<'a>> = "CreatedDate", Optional;
        created_by_id: Option<Text<'a>> = "CreatedById", Optional;
        last_modified_date: Option<Text<'a>> = "LastModifiedDate", Optional;
        last_modified_by_id: Option<Text<'a>> = "LastModifiedById", Optional;
    }
}

object! {
    /// A user licence (key prefix `100`); needs *View Setup and Configuration*.
    UserLicense: UserLicenseRow {
        id: RecordId = "Id", Required;
        name: Option<Text<'a>> = "Name", Required;
        /// `SFDC`, `AUL`, `PID_CHATTER`, …
        license_definition_key: Option<Text<'a>> = "LicenseDefinitionKey", Optional;
    }
}

object! {
    /// A role of the hierarchy (key prefix `00E`); needs *View Roles and Role Hierarchy*.
    UserRole: UserRoleRow {
        id: RecordId = "Id", Required;
        name: Option<Text<'a>> = "Name", Required;
        developer_name: Option<Text<'a>> = "DeveloperName", Optional;
        parent_role_id: Option<RecordId> = "ParentRoleId", Required;
        /// `None`, `CustomerPortal` or `Partner`.
        portal_type: Option<Text<'a>> = "PortalType", Optional;
        last_modified_date: Option<Text<'a>> = "LastModifiedDate", Optional;
        last_modified_by_id: Option<Text<'a>> = "LastModifiedById", Optional;
    }
}
