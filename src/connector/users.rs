//! Users: User, with UserLogin and UserLicense → `user`, and the role and the profile that each of them holds.

use super::profiles::Licenses;
use super::roles::Roles;
use super::{
    IdMap, LeftOutReason, Missing, Notes, Options, WarningCode, first_known, high_risk, name, resource_id, time,
};
use crate::model::{
    AccountType, Grant, GrantMetadata, Profile, Resource, ResourceKind, Status, StructuredName, Trait, UserTrait,
};
use crate::salesforce::describe;
use crate::salesforce::objects::{UserCountRow, UserLoginRow, UserRow};
use crate::salesforce::soql::{Condition, Literal, Select};
use crate::salesforce::{RecordId, Text};

const STANDARD: &str = "Standard";

/// Which users are in the document: the one place that decides it. `over` is the path to the user: empty for User
/// itself, `Assignee.` for an assignment.
pub fn filter(options: &Options, over: &str) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if !options.sync_non_standard_users {
        conditions.push(Condition::Eq(name(&format!("{over}UserType")), Literal::Text(STANDARD.to_owned())));
    }
    if !options.sync_deactivated_users {
        conditions.push(Condition::Eq(name(&format!("{over}IsActive")), Literal::Bool(true)));
    }
    conditions
}

/// Whether the options let a user in; the same rule as [`filter`].
pub fn is_wanted(options: &Options, user_type: Option<&str>, is_active: bool) -> bool {
    (options.sync_non_standard_users || user_type.is_some_and(|user_type| user_type.eq_ignore_ascii_case(STANDARD)))
        && (options.sync_deactivated_users || is_active)
}

/// Counts the users that the options leave out; `None` where they leave out nobody.
pub fn left_out_query(options: &Options) -> Option<Select> {
    let mut any = Vec::new();
    if !options.sync_non_standard_users {
        any.push(Condition::Ne(name("UserType"), Literal::Text(STANDARD.to_owned())));
    }
    if !options.sync_deactivated_users {
        any.push(Condition::Eq(name("IsActive"), Literal::Bool(false)));
    }
    let counts = Select::counts(name("User"), vec![name("UserType"), name("IsActive")], name("Id"));
    (!any.is_empty()).then(|| counts.filter(vec![Condition::Any(any)]))
}

/// Counts a row of [`left_out_query`].
pub fn left_out(row: &UserCountRow, options: &Options, notes: &mut Notes) {
    let is_standard = row.user_type.as_deref().is_some_and(|user_type| user_type.eq_ignore_ascii_case(STANDARD));
    let reason = if !options.sync_non_standard_users && !is_standard {
        LeftOutReason::UserTypeExcludedByOption
    } else {
        LeftOutReason::DeactivatedExcludedByOption
    };
    notes.leave_out_users(reason, row.user_type.clone(), row.row_count);
}

/// Which assignments tell of active users whose type is left out, and who hold a set or a profile with a right that can do
/// harm; `None` where the org describes no such right.
pub fn privileged_filter(described: &[describe::Field]) -> Option<Vec<Condition>> {
    let rights: Vec<Condition> = high_risk::fields(described)
        .iter()
        .filter(|field| high_risk::can_do_harm(field.as_str()))
        .map(|field| Condition::Eq(name(&format!("PermissionSet.{field}")), Literal::Bool(true)))
        .collect();
    let outside = Condition::Ne(name("Assignee.UserType"), Literal::Text(STANDARD.to_owned()));
    let is_active = Condition::Eq(name("Assignee.IsActive"), Literal::Bool(true));
    (!rights.is_empty()).then(|| vec![outside, is_active, Condition::Any(rights)])
}

/// The login state of a user.
#[derive(Debug, Clone, Copy, Default)]
pub struct Login {
    is_frozen: bool,
    is_password_locked: bool,
}

/// The users who are frozen or locked, by id.
pub type Logins = IdMap<Login>;

/// Which rows of UserLogin are asked for: a user without one is neither frozen nor locked, so the others say nothing.
pub fn login_filter() -> Vec<Condition> {
    let is = |field| Condition::Eq(name(field), Literal::Bool(true));
    vec![Condition::Any(vec![is("IsFrozen"), is("IsPasswordLocked")])]
}

/// Keeps a login state.
pub fn login(row: &UserLoginRow<'_>, logins: &mut Logins) {
    let login = logins.entry(row.user_id).or_default();
    login.is_frozen |= row.is_frozen == Some(true);
    login.is_password_locked |= row.is_password_locked == Some(true);
}

/// What a user's row points to.
#[derive(Debug)]
pub struct Around<'a> {
    /// How to see users.
    pub options: &'a Options,
    /// Licences.
    pub licenses: &'a Licenses,
    /// The profiles that were listed, with the licence of each.
    pub profiles: &'a IdMap<Option<RecordId>>,
    /// The roles that were listed.
    pub roles: &'a Roles,
    /// `None` where UserLogin could not be read.
    pub logins: Option<&'a Logins>,
}

/// A user and what his row gives him.
#[derive(Debug)]
pub struct Mapped {
    /// The user.
    pub resource: Resource,
    /// His role and his profile.
    pub grants: Vec<Grant>,
    /// His role, where it was not listed.
    pub missing: Option<Missing>,
    /// Whether he can log in.
    pub status: Status,
}

/// A user.
pub fn map(row: &UserRow<'_>, around: &Around<'_>, notes: &mut Notes) -> Mapped {
    let id = row.id.to_string();
    let username = row.username.as_deref().unwrap_or_default();
    let login = around.logins.map(|logins| logins.get(&row.id).copied().unwrap_or_default());
    let status = match (row.is_active, login) {
        (false, _) => Status::Inactive,
        (true, Some(Login { is_frozen: true, .. })) => Status::Frozen,
        (true, _) => Status::Enabled,
    };
    let license_id = row.profile_id.and_then(|id| around.profiles.get(&id).copied()).flatten();
    let license = license_id.and_then(|id| around.licenses.get(&id));
    let license_key = license.and_then(|license| license.key.as_deref());
    let account_type = account_type(row.user_type.as_deref(), license_key);

    let mut profile = Profile::default();
    profile.set("id", id.as_str());
    profile.set("user_id", id.as_str());
    profile.set_known("username", Some(username));
    profile.set_known("email", text(row.email.as_ref()));
    profile.set("account_type", account_type.as_str());
    profile.set_known("first_name", text(row.first_name.as_ref()));
    profile.set_known("last_name", text(row.last_name.as_ref()));
    let full_name = full_name(row);
    profile.set_known("full_name", full_name.as_deref());
    profile.set_known("alias", text(row.alias.as_ref()));
    profile.set_known("user_type", text(row.user_type.as_ref()));
    profile.set_known("license", license.map(|license| license.name.as_str()));
    profile.set_known("license_key", license_key);
    profile.set_known("profile_id", row.profile_id.map(|id| id.to_string()));
    profile.set_known("role_id", row.user_role_id.map(|id| id.to_string()));
    profile.set_known("manager_id", text(row.manager_id.as_ref()));
    profile.set_known("title", text(row.title.as_ref()));
    profile.set_known("department", text(row.department.as_ref()));
    profile.set_known("division", text(row.division.as_ref()));
    profile.set_known("company", text(row.company_name.as_ref()));
    profile.set_known("federation_id", text(row.federation_identifier.as_ref()));
    profile.set_known("contact_id", text(row.contact_id.as_ref()));
    profile.set_known("account_id", text(row.account_id.as_ref()));
    profile.set_known("delegated_approver_id", text(row.delegated_approver_id.as_ref()));
    profile.set_known("time_zone", text(row.time_zone.as_ref()));
    profile.set_known("locale", text(row.locale.as_ref()));
    profile.set_known("is_frozen", login.map(|login| login.is_frozen));
    profile.set_known("is_password_locked", login.map(|login| login.is_password_locked));
    #[expect(clippy::cast_possible_truncation, reason = "a count of logins")]
    profile.set_known("failed_logins", row.number_of_failed_logins.map(|count| count as i64));
    let password_change = time(row.last_password_change_date.as_ref(), row.id, notes);
    profile.set_known("last_password_change", password_change.map(|time| time.to_string()));
    let created_at = super::history!(row).set(&mut profile, row.id, notes);

    let (grants, missing) = grants(row, around, &mut profile, notes);
    let email = if around.options.username_as_email { Some(username) } else { text(row.email.as_ref()) };
    let trait_ = UserTrait {
        email: first_known([email]).map(str::to_owned),
        status,
        account_type,
        login: username.to_owned(),
        employee_id: first_known([text(row.employee_number.as_ref())]).map(str::to_owned),
        created_at,
        last_login: time(row.last_login_date.as_ref(), row.id, notes),
        name: StructuredName {
            given: first_known([text(row.first_name.as_ref())]).map(str::to_owned),
            family: first_known([text(row.last_name.as_ref())]).map(str::to_owned),
        },
    };
    let resource = Resource {
        id: resource_id(ResourceKind::User, row.id),
        display_name: first_known([full_name.as_deref(), Some(username)]).unwrap_or(&id).to_owned(),
        description: String::new(),
        profile,
        kind: Trait::User(Box::new(trait_)),
    };
    Mapped { resource, grants, missing, status }
}

/// The role and the profile. A profile that Salesforce does not show makes no grant, and the user says so.
fn grants(
    row: &UserRow<'_>,
    around: &Around<'_>,
    attributes: &mut Profile,
    notes: &mut Notes,
) -> (Vec<Grant>, Option<Missing>) {
    let mut grants = Vec::with_capacity(2);
    let wants = |kind| around.options.has(kind) && !around.options.skip_entitlements_and_grants;
    let mut grant = |kind, id| {
        if wants(kind)
            && let Some(entitlement) = resource_id(kind, id).entitlement()
        {
            let principal = resource_id(ResourceKind::User, row.id);
            grants.push(Grant::direct(entitlement, principal, GrantMetadata::default()));
        }
    };
    match row.profile_id {
        Some(id) if around.profiles.contains_key(&id) => grant(ResourceKind::Profile, id),
        _ => {
            attributes.set("rights_known", false);
            notes.warn(WarningCode::ProfileHidden, row.id);
        }
    }
    let missing = match row.user_role_id {
        Some(id) if around.roles.contains_key(&id) => {
            grant(ResourceKind::Role, id);
            None
        }
        Some(id) if wants(ResourceKind::Role) => Some(Missing::Entitlement(id)),
        _ => None,
    };
    (grants, missing)
}

fn text<'t>(text: Option<&'t Text<'_>>) -> Option<&'t str> {
    text.map(|text| &**text)
}

fn full_name(row: &UserRow<'_>) -> Option<String> {
    if let Some(name) = first_known([text(row.name.as_ref())]) {
        return Some(name.to_owned());
    }
    let parts = [text(row.first_name.as_ref()), text(row.last_name.as_ref())];
    let name = parts.into_iter().flatten().map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned();
    (!name.is_empty()).then_some(name)
}

/// Who uses an account: told by type and licence, never by names.
fn account_type(user_type: Option<&str>, license_key: Option<&str>) -> AccountType {
    match user_type {
        Some("AutomatedProcess" | "CloudIntegrationUser" | "Guest") => return AccountType::System,
        None => return AccountType::Service,
        _ => {}
    }
    let key = license_key.unwrap_or_default();
    let is_program =
        key.starts_with("PID_DigitalAgent") || key.ends_with("_INTEGRATION_USER") || key == "PID_XOrg_Proxy_User";
    if is_program { AccountType::Service } else { AccountType::Human }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(json: &str, change: impl FnOnce(&mut Options)) -> (Mapped, Notes) {
        let row: UserRow<'_> = serde_json::from_str(json).unwrap();
        let mut options = Options::default();
        change(&mut options);
        let profile = RecordId::parse("00e5f000000AAAA").unwrap();
        let license = RecordId::parse("1005f000000AAAA").unwrap();
        let role = RecordId::parse("00E5f000000AAAA").unwrap();
        let frozen = RecordId::parse("0055f000001AAAB").unwrap();
        let key = Some("SFDC".to_owned());
        let mut logins = Logins::default();
        logins.insert(frozen, Login { is_frozen: true, is_password_locked: false });
        let around = Around {
            options: &options,
            licenses: &[(license, super::super::profiles::License { name: "Salesforce".to_owned(), key })]
                .into_iter()
                .collect(),
            profiles: &[(profile, Some(license))].into_iter().collect(),
            roles: &[(role, "CEO".to_owned())].into_iter().collect(),
            logins: Some(&logins),
        };
        let mut notes = Notes::default();
        let mapped = map(&row, &around, &mut notes);
        (mapped, notes)
    }

    fn user(mapped: &Mapped) -> &UserTrait {
        match &mapped.resource.kind {
            Trait::User(user) => user,
            other => panic!("{other:?}"),
        }
    }

    const ADA: &str = r#"{"Id":"0055f000001AAAAAA4","Username":"ada@example.com","Name":"Ada L","Email":"noreply@example.com",
        "IsActive":true,"UserType":"Standard","ProfileId":"00e5f000000AAAAAA4","UserRoleId":"00E5f000000AAAAEA4",
        "LastLoginDate":"24.09.2024","NumberOfFailedLogins":2}"#;

    #[test]
    fn a_user_holds_his_role_and_his_profile() {
        let (ada, notes) = mapped(ADA, |_| ());
        let ids: Vec<_> = ada.grants.iter().map(|grant| grant.id().to_string()).collect();
        assert_eq!(
            ids,
            [
                "profile:00e5f000000AAAAAA4:assigned:user:0055f000001AAAAAA4",
                "role:00E5f000000AAAAEA4:assigned:user:0055f000001AAAAAA4"
            ]
        );
        assert_eq!(user(&ada).email.as_deref(), Some("noreply@example.com"));
        assert_eq!(ada.resource.profile.get("license_key"), Some(&"SFDC".into()));
        assert_eq!(ada.resource.profile.get("is_frozen"), Some(&false.into()));
        assert_eq!(notes.warnings()[0].code, "BAD_TIME");
    }

    #[test]
    fn the_username_is_the_email_where_asked() {
        let (ada, _) = mapped(ADA, |options| options.username_as_email = true);
        assert_eq!(user(&ada).email.as_deref(), Some("ada@example.com"));
        assert_eq!(ada.resource.profile.get("email"), Some(&"noreply@example.com".into()));
    }

    #[test]
    fn a_hidden_profile_makes_no_grant_and_no_invented_email() {
        let (robot, notes) = mapped(
            r#"{"Id":"0055f000001AAAFAA4","Username":"autoproc","Email":null,"FirstName":null,"LastName":"Process",
                "IsActive":true,"UserType":"AutomatedProcess","ProfileId":"00e5f000000ZZZZ","UserRoleId":null}"#,
            |_| (),
        );
        assert!(robot.grants.is_empty());
        assert_eq!(robot.resource.profile.get("rights_known"), Some(&false.into()));
        assert_eq!(robot.resource.display_name, "Process");
        assert_eq!((user(&robot).email.as_deref(), user(&robot).account_type), (None, AccountType::System));
        assert_eq!(notes.warnings()[0].code, "PROFILE_HIDDEN");
    }

    #[test]
    fn frozen_is_not_inactive_and_a_user_without_a_name_is_called_something() {
        let row = |active| {
            format!(
                r#"{{"Id":"0055f000001AAABAA4","Username":"bo@example.com","IsActive":{active},"UserType":null,"ProfileId":null,"UserRoleId":null}}"#
            )
        };
        let (bo, _) = mapped(&row(true), |_| ());
        assert_eq!((bo.status, bo.resource.display_name.as_str()), (Status::Frozen, "bo@example.com"));
        assert_eq!(mapped(&row(false), |_| ()).0.status, Status::Inactive);
    }

    #[test]
    fn queries_and_rule_leave_out_the_same_users() {
        let mut options = Options::default();
        assert_eq!(filter(&options, "").len(), 1);
        assert!(!is_wanted(&options, Some("CsnOnly"), true) && is_wanted(&options, Some("Standard"), false));
        assert!(!is_wanted(&options, None, true));
        options.sync_deactivated_users = false;
        assert_eq!(
            left_out_query(&options).unwrap().to_string(),
            "SELECT UserType, IsActive, COUNT(Id) rowCount FROM User WHERE UserType != 'Standard' OR IsActive = FALSE \
             GROUP BY UserType, IsActive"
        );
        assert!(!is_wanted(&options, Some("Standard"), false));
        let all = Options { sync_non_standard_users: true, ..Options::default() };
        assert!(left_out_query(&all).is_none() && filter(&all, "Assignee.").is_empty());
    }
}
