//! The numbers and the oddities of the invented orgs.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Shape;
use crate::demo::Org;

fn count(org: &Org, object: &str, condition: &str) -> u64 {
    let soql = format!("SELECT COUNT() FROM {object} WHERE {condition}");
    org.query(60, &soql).unwrap_or_else(|error| panic!("{soql}: {error}"))["totalSize"].as_u64().unwrap()
}

fn all(org: &Org) -> BTreeMap<&'static str, Vec<Value>> {
    org.tables.iter().map(|table| (table.object.name, org.records(table.object.name))).collect()
}

/// The longest chain of groups that hold groups which people made.
fn nesting(org: &Org) -> usize {
    let records = |soql: &str| org.query(60, soql).unwrap()["records"].as_array().unwrap().clone();
    let mut level: Vec<Value> =
        records("SELECT Id FROM Group WHERE Type = 'Regular'").iter().map(|row| row["Id"].clone()).collect();
    let rows = records("SELECT GroupId, UserOrGroupId FROM GroupMember WHERE UserOrGroupId IN (SELECT Id FROM Group)");
    let mut depth = 0;
    while !level.is_empty() {
        depth += 1;
        let above = rows.iter().filter(|row| level.contains(&row["UserOrGroupId"]));
        level = above.map(|row| row["GroupId"].clone()).collect();
    }
    depth
}

fn check(shape: Shape, numbers: [u64; 15]) {
    let org = Org::generate(shape, 1);
    let found = [
        count(&org, "User", "Id != null"),
        count(&org, "User", "ContactId != null"),
        count(&org, "User", "IsActive = false"),
        count(&org, "UserRole", "Id != null"),
        count(&org, "Group", "Id != null"),
        count(&org, "Group", "Type IN ('Regular', 'Queue')"),
        count(&org, "GroupMember", "Id != null"),
        count(&org, "Profile", "Id != null"),
        count(&org, "PermissionSet", "Type NOT IN ('Profile', 'Group')"),
        count(&org, "PermissionSet", "Type = 'Profile' AND IsOwnedByProfile = true"),
        count(&org, "PermissionSet", "Type = 'Group' AND PermissionSetGroupId != null"),
        count(&org, "PermissionSetGroup", "Id != null"),
        count(&org, "PermissionSetGroupComponent", "Id != null"),
        count(&org, "PermissionSetAssignment", "PermissionSet.IsOwnedByProfile = false"),
        count(&org, "PermissionSetAssignment", "PermissionSet.IsOwnedByProfile = true"),
    ];
    assert_eq!(found[..14], numbers[..14]);
    // Each user with a visible profile holds the set that it owns.
    let hidden = count(&org, "User", "ProfileId NOT IN (SELECT Id FROM Profile)");
    assert_eq!(found[14] + hidden, numbers[0]);
    assert_eq!(hidden, numbers[14]);
    assert_eq!(nesting(&org), 4);
    oddities(&org);
}

fn oddities(org: &Org) {
    let some = |object: &str, condition: &str| assert!(count(org, object, condition) > 0, "{object}: {condition}");
    let none = |object: &str, condition: &str| assert_eq!(count(org, object, condition), 0, "{object}: {condition}");
    for user_type in ["AutomatedProcess", "CloudIntegrationUser", "Guest", "CsnOnly", "PowerPartner", "CspLitePortal"] {
        some("User", &format!("UserType = '{user_type}'"));
    }
    some("User", "UserType = null");
    some("User", "Email = null");
    some("User", "FirstName = null");
    some("User", "LastName LIKE '%\\n%'");
    some("User", "LastName LIKE '%\\\"%'");
    assert!(count(org, "User", "Email = 'noreply@example.invalid'") > 2);
    some("User", "Email LIKE '%.invalid' AND Email LIKE '%@example.com.invalid'");
    for kind in [
        "Role",
        "RoleAndSubordinates",
        "RoleAndSubordinatesInternal",
        "Organization",
        "AllCustomerPortal",
        "PRMOrganization",
        "GuestUserGroup",
        "Manager",
    ] {
        some("Group", &format!("Type = '{kind}' AND Name = null"));
    }
    none("Group", "Type IN ('Regular', 'Queue') AND Name = null");
    assert_eq!(count(org, "Group", "Name = 'Deals'"), 2);
    some("Group", "Type = 'Regular' AND Id NOT IN (SELECT GroupId FROM GroupMember)");
    some(
        "GroupMember",
        "Group.Type = 'Queue' AND UserOrGroupId IN (SELECT Id FROM Group WHERE Type = 'RoleAndSubordinates')",
    );
    some("PermissionSet", "Type = 'Session' AND HasActivationRequired = true");
    some(
        "PermissionSet",
        "Type = 'Standard' AND IsCustom = false AND LicenseId IN (SELECT Id FROM PermissionSetLicense)",
    );
    some("PermissionSetGroup", "Status = 'Outdated'");
    some("PermissionSetGroupComponent", "PermissionSetId IN (SELECT Id FROM MutingPermissionSet)");
    some("PermissionSetAssignment", "ExpirationDate < 2025-01-01T00:00:00Z AND IsActive = false");
    some("PermissionSetAssignment", "ExpirationDate > 2090-01-01T00:00:00Z AND IsActive = true");
    none("PermissionSetAssignment", "ExpirationDate > 2025-01-01T00:00:00Z AND ExpirationDate < 2090-01-01T00:00:00Z");
    assert!((1..=5).contains(&count(org, "PermissionSetAssignment", "ExpirationDate = null AND IsActive = false")));
    some("PermissionSetAssignment", "PermissionSetGroupId != null AND PermissionSet.Type = 'Group'");
    none("PermissionSetAssignment", "PermissionSetGroupId != null AND PermissionSet.Type != 'Group'");
    none("PermissionSetAssignment", "PermissionSetGroupId = null AND PermissionSet.Type = 'Group'");
    none("PermissionSetAssignment", "Assignee.UserType IN ('AutomatedProcess', 'CloudIntegrationUser')");
    some("PermissionSetAssignment", "Assignee.ContactId != null AND PermissionSet.IsOwnedByProfile = false");
    some("UserLogin", "IsFrozen = true");
    some("UserLogin", "IsPasswordLocked = true");
    some("User", "UserType = 'Standard' AND Id NOT IN (SELECT UserId FROM UserLogin)");
    some("QueueSobject", "SobjectType = 'Case'");
    some("UserRole", "PortalType = 'Partner'");
}

#[test]
fn small_has_its_numbers() {
    check(Shape::Small, [200, 40, 30, 30, 175, 40, 800, 12, 60, 12, 5, 5, 30, 720, 3]);
}

#[test]
fn mid_has_its_numbers() {
    check(Shape::Mid, [5_000, 1_000, 750, 300, 1_850, 900, 20_000, 120, 600, 120, 80, 80, 600, 35_000, 5]);
}

#[test]
fn a_seed_is_an_org() {
    let one = all(&Org::generate(Shape::Small, 7));
    assert_eq!(one, all(&Org::generate(Shape::Small, 7)));
    assert_ne!(one, all(&Org::generate(Shape::Small, 8)));
}

#[test]
fn references_lead_somewhere() {
    let org = Org::generate(Shape::Small, 3);
    for table in &org.tables {
        for (column, field) in table.object.fields.iter().enumerate().filter(|(_, field)| !field.to.is_empty()) {
            let hidden = |name: &str| {
                matches!(name, "ProfileId" | "ContactId" | "AccountId" | "PortalAccountId" | "SetupEntityId")
            };
            if hidden(&field.name) {
                continue;
            }
            for row in &table.rows {
                let found = row[column]
                    .as_id()
                    .is_none_or(|id| field.to.iter().filter_map(|to| org.table(to)).any(|to| to.row(id).is_some()));
                assert!(found, "{}.{}: {:?}", table.object.name, field.name, row[column]);
            }
        }
        assert!(table.sorted, "{}", table.object.name);
    }
}

#[test]
fn roles_are_as_deep_as_the_shape_says() {
    let org = Org::generate(Shape::Small, 5);
    let rows = org.records("UserRole");
    let depth = |role: &Value| {
        let (mut role, mut depth) = (role.clone(), 1);
        while let Some(parent) = rows.iter().find(|row| row["Id"] == role["ParentRoleId"]) {
            (role, depth) = (parent.clone(), depth + 1);
        }
        depth
    };
    assert_eq!(rows.iter().map(depth).max(), Some(5));
}

#[test]
fn the_run_as_user_administers() {
    let org = Org::generate(Shape::Small, 1);
    let soql = format!(
        "SELECT Id FROM User WHERE Id = '{}' AND Profile.Name = 'System Administrator' AND UserType = 'Standard' AND IsActive = true",
        org.user_id()
    );
    assert_eq!(org.query(60, &soql).unwrap()["totalSize"], 1);
    let organization = org.query(60, "SELECT Name, OrganizationType, IsSandbox FROM Organization").unwrap();
    assert_eq!(organization["records"][0]["Name"], "Acme Demo");
}

#[test]
fn shapes_have_names() {
    assert_eq!("small".parse::<Shape>().unwrap(), Shape::Small);
    assert_eq!("mid".parse::<Shape>().unwrap().to_string(), "mid");
    assert_eq!("huge".parse::<Shape>().unwrap_err().to_string(), "unknown demo org `huge`: use small or mid");
}

#[test]
fn policies_revoke_some() {
    let mut org = Org::generate(Shape::Small, 1);
    org.with_user_access_policies();
    assert!(count(&org, "PermissionSetAssignment", "IsRevoked = true") > 5);
    assert!(count(&org, "PermissionSetAssignment", "LastCreatedByChangeId != null AND IsRevoked = false") > 5);
}

/// The org of a seed is part of what users see: a change of the generator must be meant.
#[test]
fn an_org_stays_the_same_from_build_to_build() {
    let org = Org::generate(Shape::Small, 1);
    let text: String = org.tables.iter().map(|table| Value::from(org.records(table.object.name)).to_string()).collect();
    let hash = Sha256::digest(text.as_bytes());
    assert_eq!(hash[..8], [0xdf, 0x99, 0x55, 0x46, 0x0f, 0x85, 0x81, 0x1c]);
}
