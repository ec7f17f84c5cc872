use super::Need::{Optional, Required};
use crate::salesforce::{RecordId, Text};

object! {
    /// A person or a program that can log in (key prefix `005`). Never deleted, only deactivated.
    User: UserRow {
        id: RecordId = "Id", Required;
        username: Option<Text<'a>> = "Username", Required;
        name: Option<Text<'a>> = "Name", Optional;
        first_name: Option<Text<'a>> = "FirstName", Optional;
        last_name: Option<Text<'a>> = "LastName", Optional;
        email: Option<Text<'a>> = "Email", Optional;
        alias: Option<Text<'a>> = "Alias", Optional;
        is_active: bool = "IsActive", Required;
        /// `Standard`, `PowerPartner`, `CsnOnly`, … and values that its describe does not list; may be null.
        user_type: Option<Text<'a>> = "UserType", Required;
        /// May name a profile that the Profile query never returns.
        profile_id: Option<RecordId> = "ProfileId", Required;
        user_role_id: Option<RecordId> = "UserRoleId", Required;
        manager_id: Option<Text<'a>> = "ManagerId", Optional;
        title: Option<Text<'a>> = "Title", Optional;
        department: Option<Text<'a>> = "Department", Optional;
        division: Option<Text<'a>> = "Division", Optional;
        company_name: Option<Text<'a>> = "CompanyName", Optional;
        federation_identifier: Option<Text<'a>> = "FederationIdentifier", Optional;
        employee_number: Option<Text<'a>> = "EmployeeNumber", Optional;
        contact_id: Option<Text<'a>> = "ContactId", Optional;
        account_id: Option<Text<'a>> = "AccountId", Optional;
        delegated_approver_id: Option<Text<'a>> = "DelegatedApproverId", Optional;
        time_zone: Option<Text<'a>> = "TimeZoneSidKey", Optional;
        locale: Option<Text<'a>> = "LocaleSidKey", Optional;
        last_login_date: Option<Text<'a>> = "LastLoginDate", Optional;
        last_password_change_date: Option<Text<'a>> = "LastPasswordChangeDate", Optional;
        number_of_failed_logins: Option<f64> = "NumberOfFailedLogins", Optional;
        created_date: Option<Text<'a>> = "CreatedDate", Optional;
        created_by_id: Option<Text<'a>> = "CreatedById", Optional;
        last_modified_date: Option<Text<'a>> = "LastModifiedDate", Optional;
        last_modified_by_id: Option<Text<'a>> = "LastModifiedById", Optional;
    }
}

object! {
    /// The login state of a user (key prefix `0Yw`); needs *Manage Users*. A user without a row is neither frozen nor
    /// locked.
    UserLogin: UserLoginRow {
        id: RecordId = "Id", Required;
        user_id: RecordId = "UserId", Required;
        is_frozen: Option<bool> = "IsFrozen", Required;
        is_password_locked: Option<bool> = "IsPasswordLocked", Required;
    }
}

/// A row of users counted by type and activity.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UserCountRow {
    /// `UserType`
    pub user_type: Option<String>,
    /// `IsActive`
    pub is_active: Option<bool>,
    /// The count's alias.
    #[serde(rename = "rowCount")]
    pub row_count: u64,
}
