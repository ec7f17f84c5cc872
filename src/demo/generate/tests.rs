//! The numbers and the oddities of the invented orgs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Shape, id};
use crate::demo::Org;
use crate::salesforce::RecordId;

fn count(org: &Org, object: &str, condition: &str) -> u64 {
    let soql = format!("SELECT COUNT() FROM {object} WHERE {condition}");
    org.query(60, &soql).unwrap_or_else(|error| panic!("{soql}: {error}"))["totalSize"].as_u64().unwrap()
}

fn all(org: &Org) -> BTreeMap<&'static str, Vec<Value>> {
    org.tables.iter().map(|table| (table.object.name, org.records(table.object.name))).collect()
}

/// The longest chain of groups that people made, each in the one before, without going in a ring.
fn nesting(org: &Org) -> usize {
    fn longest(within: &BTreeMap<String, Vec<String>>, path: &mut Vec<String>) -> usize {
        let mut depth = path.len();
        for group in path.last().and_then(|last| within.get(last)).into_iter().flatten() {
            if !path.contains(group) {
                path.push(group.clone());
                depth = depth.max(longest(within, path));
                path.pop();
            }
        }
        depth
    }
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    let made = org.query(60, "SELECT Id FROM Group WHERE Type IN ('Regular', 'Queue')").unwrap();
    let made: Vec<String> = made["records"].as_array().unwrap().iter().map(|row| text(row, "Id")).collect();
    let mut within: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in org.records("GroupMember") {
        if made.contains(&text(&row, "UserOrGroupId")) {
            within.entry(text(&row, "GroupId")).or_default().push(text(&row, "UserOrGroupId"));
        }
    }
    made.iter().map(|group| longest(&within, &mut vec![group.clone()])).max().unwrap_or_default()
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
        "ManagerAndSubordinatesInternal",
        "Territory",
        "TerritoryAndSubordinates",
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
    what_the_access_model_speaks_of(org);
}

fn what_the_access_model_speaks_of(org: &Org) {
    let some = |object: &str, condition: &str| assert!(count(org, object, condition) > 0, "{object}: {condition}");
    let records = |object: &str| org.records(object);
    some("User", "UserType = 'PowerPartner' AND UserRoleId IN (SELECT Id FROM UserRole WHERE PortalType = 'Partner')");
    some("GroupMember", "UserOrGroupId IN (SELECT Id FROM User WHERE UserType = 'Guest')");
    for kind in ["Organization", "PRMOrganization", "RoleAndSubordinates", "RoleAndSubordinatesInternal", "Territory"] {
        some("GroupMember", &format!("UserOrGroupId IN (SELECT Id FROM Group WHERE Type = '{kind}')"));
    }
    assert!(records("GroupMember").iter().any(|row| row["GroupId"] == row["UserOrGroupId"]), "a group in itself");
    let roles = records("UserRole");
    let groups = records("Group");
    for kind in ["Role", "RoleAndSubordinates", "RoleAndSubordinatesInternal"] {
        let has = |role: &Value| groups.iter().any(|group| group["Type"] == kind && group["RelatedId"] == role["Id"]);
        assert!(roles.iter().any(has) && !roles.iter().filter(|role| role["PortalType"] == "None").all(has), "{kind}");
    }
    some("UserTerritory2Association", "Territory2.Territory2Model.State = 'Active' AND IsActive = false");
    some("UserTerritory2Association", "Territory2.Territory2Model.State = 'Planning' AND IsActive = true");
    some("UserTerritory2Association", "Territory2.ParentTerritory2Id != null AND RoleInTerritory2 = 'Account Manager'");
    for app in ["ConnectedApplication", "ExternalClientApplication"] {
        for owner in ["Type = 'Group'", "IsOwnedByProfile = true", "Type = 'Regular'"] {
            some(
                "SetupEntityAccess",
                &format!("SetupEntityType = '{app}' AND ParentId IN (SELECT Id FROM PermissionSet WHERE {owner})"),
            );
        }
    }
    for powers in ["PermissionsModifyAllRecords = true", "PermissionsModifyAllRecords = false"] {
        for owner in ["Parent.Type = 'Group'", "Parent.IsOwnedByProfile = true", "Parent.Type = 'Regular'"] {
            some("ObjectPermissions", &format!("{powers} AND PermissionsViewAllRecords = true AND {owner}"));
        }
    }
    some("BotDefinition", "BotUserId != null");
    some("PermissionSetLicense", "Status = 'Disabled' AND UsedLicenses > 0");
    some("PermissionSetLicense", "ExpirationDate < 2025-01-01");
    some("PermissionSetGroup", "HasActivationRequired = true");
    some("PermissionSetGroup", "Status = 'Updated' AND HasActivationRequired = false");
    assert_eq!(stale(org), [true, true, false]);
}

/// Whether the aggregate is not what the parts say: of some group that is out of date; of some that is said to be up to
/// date; of all these.
fn stale(org: &Org) -> [bool; 3] {
    let sets = org.records("PermissionSet");
    let muting = org.records("MutingPermissionSet");
    let rights = |row: &Value| -> BTreeSet<String> {
        let fields = row.as_object().unwrap().iter();
        fields
            .filter(|(name, value)| name.starts_with("Permissions") && **value == true)
            .map(|(name, _)| name.clone())
            .collect()
    };
    let differs = |group: &Value| {
        let (mut carried, mut muted) = (BTreeSet::new(), BTreeSet::new());
        for part in org.records("PermissionSetGroupComponent") {
            if part["PermissionSetGroupId"] == group["Id"] {
                let of = |rows: &[Value]| rows.iter().find(|row| row["Id"] == part["PermissionSetId"]).map(rights);
                carried.extend(of(&sets).into_iter().flatten());
                muted.extend(of(&muting).into_iter().flatten());
            }
        }
        assert!(muted.is_empty() || muted.intersection(&carried).count() > 1, "{group}");
        let aggregate = sets.iter().find(|set| set["PermissionSetGroupId"] == group["Id"]).unwrap();
        carried.retain(|right| !muted.contains(right));
        rights(aggregate) != carried
    };
    let groups = org.records("PermissionSetGroup");
    let (updated, outdated): (Vec<&Value>, Vec<&Value>) = groups.iter().partition(|group| group["Status"] == "Updated");
    [outdated.into_iter().any(differs), updated.iter().copied().any(differs), updated.into_iter().all(differs)]
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
                matches!(
                    name,
                    "ProfileId" | "ContactId" | "AccountId" | "PortalAccountId" | "SetupEntityId" | "RelatedId"
                )
            };
            if hidden(&field.name) {
                continue;
            }
            for row in (0..).take(table.len()) {
                let found = table
                    .cell(row, column)
                    .as_id()
                    .is_none_or(|id| field.to.iter().filter_map(|to| org.table(to)).any(|to| to.row(id).is_some()));
                assert!(found, "{}.{}: {:?}", table.object.name, field.name, table.cell(row, column));
            }
        }
        assert!(table.sorted, "{}", table.object.name);
    }
}

#[test]
fn one_role_group_leads_nowhere() {
    let org = Org::generate(Shape::Small, 3);
    let known = |group: &Value| {
        let is = |object: &str| org.records(object).iter().any(|row| row["Id"] == group["RelatedId"]);
        group["RelatedId"].is_null() || ["User", "UserRole", "Territory2"].into_iter().any(is)
    };
    let ghosts: Vec<Value> = org.records("Group").into_iter().filter(|group| !known(group)).collect();
    assert_eq!(ghosts.len(), 1);
    assert_eq!(ghosts[0]["Type"], "Role");
}

#[test]
fn territories_can_be_switched_off() {
    let mut org = Org::generate(Shape::Small, 1);
    org.without_territories();
    assert_eq!(org.query(60, "SELECT Id FROM Territory2").unwrap_err().code, "INVALID_TYPE");
    assert_eq!(count(&org, "Group", "Type IN ('Territory', 'TerritoryAndSubordinates')"), 0);
    assert_eq!(count(&org, "GroupMember", "GroupId = null"), 0);
    assert!(count(&org, "GroupMember", "Id != null") < 800);
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
    let error = "vast".parse::<Shape>().unwrap_err().to_string();
    assert_eq!(error, "unknown demo org `vast`: use small, mid, large or huge");
    for shape in Shape::ALL {
        assert_eq!(shape.name().parse::<Shape>().unwrap(), shape);
    }
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
    assert_eq!(hash[..8], [100, 182, 24, 198, 92, 189, 20, 202]);
}

#[test]
fn ids_grow_with_their_numbers_and_lie_in_lumps() {
    let ids: Vec<RecordId> = (0..2_400_000).step_by(7).chain(65_530..65_540).map(|number| id("0Pa", number)).collect();
    let (sparse, dense) = ids.split_at(ids.len() - 10);
    for ids in [sparse, dense] {
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }
    let pods: BTreeSet<&str> = ids.iter().map(|id| &id.as_15()[3..5]).collect();
    assert_eq!(pods.len(), 4, "{pods:?}");
}
