//! What the document says of particular rows.

use baton_salesforce::demo::{Org, ServerOptions, Shape};
use serde_json::json;

use crate::support::{Demo, Document, attribute, text};

fn synced(org: Org, arguments: &[&str]) -> Document {
    Demo::start(org, ServerOptions::default()).run().args(arguments).output().document()
}

fn small() -> Org {
    Org::generate(Shape::Small, 1)
}

/// The first record for which this is true.
fn find(org: &Org, object: &str, is: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
    org.records(object).into_iter().find(is).unwrap()
}

#[test]
fn high_risk_rights_are_named_where_they_are_carried() {
    let mut org = small();
    let set = find(&org, "PermissionSet", |set| set["Type"] == "Regular");
    let id = text(&set["Id"]);
    for right in ["PermissionsViewSetup", "PermissionsModifyAllData"] {
        org.update("PermissionSet", &id, right, json!(true)).unwrap();
    }
    let document = synced(org, &[]);
    let set = document.resource(&id);
    let rights = attribute(set, "high_risk_permissions").as_array().unwrap();
    assert_eq!(rights[0], "ModifyAllData");
    assert!(set["description"].as_str().unwrap().starts_with("High-risk rights: ModifyAllData"));
    let entitlements = document.list("entitlements").iter();
    let entitlement = entitlements.clone().find(|e| e["resource"]["id"]["resource"] == *id).unwrap();
    assert_eq!(entitlement["description"], set["description"]);
    let admin = document.of_kind("profile").into_iter().find(|p| p["displayName"] == "System Administrator").unwrap();
    assert!(admin["description"].as_str().unwrap().contains("ModifyAllData"));
}

#[test]
fn rights_that_an_org_does_not_describe_are_not_asked_for() {
    let mut org = small();
    org.without_field("PermissionSet", "PermissionsModifyAllData");
    let document = synced(org, &[]);
    let read = document.read_of("PermissionSet");
    assert!(!read["soql"].as_str().unwrap().contains("ModifyAllData"));
    assert_eq!(read["fieldsLeftOut"], json!([]));
}

#[test]
fn a_muting_set_is_no_grant_and_no_resource() {
    let org = small();
    let muting: Vec<_> = org
        .records("PermissionSetGroupComponent")
        .into_iter()
        .filter(|component| text(&component["PermissionSetId"]).starts_with("0QM"))
        .collect();
    assert!(!muting.is_empty());
    let document = synced(org, &[]);
    assert!(!document.grant_ids().iter().any(|grant| grant.contains("0QM")));
    for component in muting {
        let group = document.resource(component["PermissionSetGroupId"].as_str().unwrap());
        assert_eq!(*attribute(group, "muting_permission_set_id"), component["PermissionSetId"]);
    }
    let group = document.of_kind("permission_set_group")[0];
    let id = text(&group["id"]["resource"]);
    let grant = document.list("grants").iter().find(|grant| grant["principal"]["id"]["resource"] == *id).unwrap();
    assert_eq!(grant["annotations"][0]["entitlementIds"][0], format!("permission_set_group:{id}:member"));
}

#[test]
fn the_aggregate_stands_in_for_a_group_that_is_not_listed() {
    let mut org = small();
    let row = find(&org, "PermissionSetAssignment", |row| {
        row["PermissionSetGroupId"].is_string() && row["IsActive"] == true && row["ExpirationDate"].is_null()
    });
    let (group, set) = (text(&row["PermissionSetGroupId"]), text(&row["PermissionSetId"]));
    org.remove_rows("PermissionSetGroup", |row| row["Id"] != *group).unwrap();
    org.remove_rows("PermissionSetGroupComponent", |row| row["PermissionSetGroupId"] != *group).unwrap();
    let document = synced(org, &["--sync-non-standard-users"]);
    assert!(document.warnings().contains(&"GROUP_NOT_VISIBLE"));
    assert_eq!(attribute(document.resource(&set), "type"), "Group");
    let grant = format!("permission:{set}:assigned:user:{}", text(&row["AssigneeId"]));
    assert!(document.grant_ids().contains(&grant));
    assert_eq!(document.0["summary"]["complete"], true);
}

#[test]
fn revoked_assignments_are_told_where_the_org_tells() {
    let mut org = small();
    org.with_user_access_policies();
    let document = synced(org, &[]);
    assert_eq!(document.read_of("PermissionSetAssignment")["fieldsLeftOut"], json!([]));
    let revoked = document.list("inactiveAssignments").iter().filter(|a| a["reason"] == "REVOKED").count();
    assert!(revoked > 0);
}

#[test]
fn expiry_is_measured_by_salesforces_clock() {
    let mut org = small();
    let row = find(&org, "PermissionSetAssignment", |row| {
        row["PermissionSetGroupId"].is_null() && row["IsActive"] == true && row["ExpirationDate"].is_null()
    });
    let id = text(&row["Id"]);
    org.update("PermissionSetAssignment", &id, "ExpirationDate", json!("2030-01-02T03:04:05.000+0000")).unwrap();
    let set = find(&org, "PermissionSet", |set| set["Id"] == row["PermissionSetId"]);
    if set["IsOwnedByProfile"] == true {
        org.update("PermissionSet", &text(&set["Id"]), "IsOwnedByProfile", json!(false)).unwrap();
        org.update("PermissionSet", &text(&set["Id"]), "ProfileId", json!(null)).unwrap();
    }
    let grant = format!("permission:{}:assigned:user:{}", text(&row["PermissionSetId"]), text(&row["AssigneeId"]));
    for (date, is_live) in [("Wed, 02 Jan 2030 03:04:04 GMT", true), ("Wed, 02 Jan 2030 03:04:05 GMT", false)] {
        let options = ServerOptions { date: Some(date.to_owned()), ..ServerOptions::default() };
        let demo = Demo::start(org.clone(), options);
        let document = demo.run().arg("--sync-non-standard-users").output().document();
        assert_eq!(document.grant_ids().contains(&grant), is_live, "{date}");
        let found = document.list("grants").iter().find(|g| g["id"] == *grant);
        let metadata = found.map(|g| g["annotations"][0]["metadata"]["expires_at"].clone());
        assert_eq!(metadata, is_live.then(|| json!("2030-01-02T03:04:05Z")));
        let dead = document.list("inactiveAssignments").iter().find(|a| a["expiresAt"] == "2030-01-02T03:04:05Z");
        assert_eq!(dead.map(|a| a["reason"].clone()), (!is_live).then(|| json!("EXPIRED")));
        assert_eq!(document.warnings().contains(&"ASSIGNMENT_EXPIRED_BUT_ACTIVE"), !is_live);
    }
}

#[test]
fn members_who_are_left_out_are_counted_with_the_reason() {
    let mut org = small();
    let member = find(&org, "GroupMember", |row| text(&row["UserOrGroupId"]).starts_with("005"));
    let (group, user) = (text(&member["GroupId"]), text(&member["UserOrGroupId"]));
    org.remove_rows("GroupMember", |row| row["GroupId"] == *group && row["UserOrGroupId"] != *user).unwrap();
    // Seen in GroupMember, never in User.
    org.remove_rows("User", |row| row["Id"] == *user).unwrap();
    let document = synced(org, &["--sync-non-standard-users"]);
    assert!(document.left_out("grant", "PRINCIPAL_NOT_VISIBLE") > 0);
    // The group is not shown as one without members.
    assert_eq!(*attribute(document.resource(&group), "membership_known"), false);
    let standard = synced(small(), &[]);
    assert!(standard.left_out("grant", "PRINCIPAL_EXCLUDED_BY_OPTION") > 0);
    assert_eq!(standard.left_out("grant", "PRINCIPAL_NOT_VISIBLE"), 0);
}

#[test]
fn hostile_names_stay_names() {
    let mut org = small();
    let user = find(&org, "User", |user| user["UserType"] == "Standard");
    let name = "O'Brien \"X\" \u{202e}gnp.exe\n\u{1b}[2J=HYPERLINK(\"http://x\")";
    org.update("User", &text(&user["Id"]), "LastName", json!(name)).unwrap();
    org.update("User", &text(&user["Id"]), "FirstName", json!(null)).unwrap();
    org.update("User", &text(&user["Id"]), "Name", json!(name)).unwrap();
    let demo = Demo::start(org, ServerOptions::default());
    let ran = demo.run().output();
    let document = ran.document();
    assert_eq!(document.resource(&text(&user["Id"]))["displayName"], name);
    assert!(!ran.stderr().contains('\u{1b}'));
}

#[test]
fn a_time_that_cannot_be_read_costs_itself_alone() {
    use baton_salesforce::demo::{Action, Fault, Target};
    let org = Org::empty();
    let id = org.user_id();
    let body = json!({"totalSize": 1, "done": true, "records": [{
        "Id": id, "Username": "x@example.com", "IsActive": true, "UserType": "Standard", "ProfileId": null,
        "UserRoleId": null, "LastLoginDate": "24.09.2024", "CreatedDate": ""}]});
    let fault = Fault::new(Target::Object("User".to_owned()), 1, Action::Replace { body: body.to_string() });
    let also = Fault { nth: Some(2), ..fault.clone() };
    let demo = Demo::start(org, ServerOptions { faults: vec![fault, also], ..ServerOptions::default() });
    let document = demo.run().arg("--sync-non-standard-users").output().document();
    assert!(document.warnings().contains(&"BAD_TIME"));
    assert_eq!(document.of_kind("user")[0]["displayName"], "x@example.com");
}
