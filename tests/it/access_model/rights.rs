//! What sets, profiles and groups of sets allow; apps; licences.

use baton_salesforce::connector::Expand;
use baton_salesforce::model::ResourceKind;
use serde_json::{Value, json};

use super::{USERS, also, changed, everything, told, used};

fn rights() -> baton_salesforce::connector::Options {
    also(ResourceKind::SystemPermission)
}

#[test]
fn rights_come_from_the_set_that_a_profile_owns_from_sets_and_from_aggregates() {
    let told = told(&rights());
    for (right, by) in [("API", "P1"), ("MAD", "S1"), ("MAD", "PG1"), ("VAD", "PG3")] {
        assert!(told.holds(right, by), "{right} <- {by}");
    }
    assert_eq!(told.holders("API", &USERS), ["U1", "U2", "U3", "U4"]);
}

#[test]
fn a_right_reaches_those_who_hold_the_set_directly_and_not_those_who_hold_it_through_a_group() {
    let told = told(&rights());
    assert_eq!(told.grant("EXP", "S1").unwrap()["annotations"][0]["shallow"], true);
    assert!(told.holds("S1", "U2"));
    // The group's aggregate decides, and it has it not.
    assert_eq!(told.holders("EXP", &USERS), ["U1", "U3", "U4"]);
}

#[test]
fn a_muted_right_is_held_by_whoever_holds_the_set_directly_as_well() {
    let told = told(&rights());
    assert!(!told.holds("EXP", "PG1") && told.holds("EXP", "U1") && told.holds("PG1", "U1"));
}

#[test]
fn a_right_by_a_session_set_is_conditional_although_a_group_holds_the_set_too() {
    // PG2 mutes what it has of the session set: only the direct way, which needs a session, gives the right.
    let told = changed(&rights(), |org, _| {
        for set in ["0PS5f000000AAAFGA4", "0PS5f000000AAAIGA4"] {
            org.update("PermissionSet", set, "PermissionsViewAllData", json!(false)).unwrap();
        }
    });
    assert_eq!(told.of_grant("S5", "U3", "condition"), Value::Null);
    assert_eq!(told.of_grant("VAD", "U3", "condition"), "session_activation");
    assert_eq!(told.holders("VAD", &USERS), ["U3"]);
}

#[test]
fn where_the_aggregate_is_not_what_the_parts_say_it_decides_and_is_called_stale() {
    let told = changed(&rights(), |org, _| {
        org.update("PermissionSet", "0PS5f000000AAACGA4", "PermissionsModifyAllData", json!(false)).unwrap();
    });
    assert_eq!(told.warned("GROUP_RIGHTS_STALE", &["PG1", "PG2", "PG3"]), ["PG1", "PG2"]);
    assert_eq!(told.attribute("PG1", "rights_stale"), true);
    assert_eq!(told.holders("MAD", &USERS), ["U1", "U3", "U4"], "the aggregate has it not");
    assert_eq!(told.of_grant("S1", "U2", "stale"), true);
}

#[test]
fn a_group_that_is_not_updated_is_stale() {
    let told = told(&rights());
    assert_eq!(told.warned("GROUP_RIGHTS_STALE", &["PG1", "PG2", "PG3"]), ["PG2"]);
    assert_eq!(
        (told.attribute("PG2", "status"), told.attribute("PG2", "rights_stale")),
        (json!("Outdated"), json!(true))
    );
    assert_eq!(told.of_grant("VAD", "U2", "stale"), true);
    assert_eq!(told.of_grant("VAD", "U3", "stale"), Value::Null, "one way is fresh");
}

#[test]
fn view_all_and_modify_all_of_an_object_are_rights() {
    let told = told(&rights());
    assert_eq!(told.holders("MAA", &USERS), ["U1", "U3", "U4"]);
    assert_eq!(told.holders("VAA", &USERS), ["U1", "U2", "U3", "U4"]);
}

#[test]
fn rights_are_resources_only_where_asked_for() {
    assert!(told(&used()).document.of_kind("system_permission").is_empty());
    let told = told(&rights());
    assert_eq!(told.attribute("MAD", "severity"), "critical");
    assert_eq!(told.attribute("RUN", "severity"), Value::Null);
}

#[test]
fn high_risk_rights_are_named_on_what_carries_them() {
    let told = told(&used());
    assert_eq!(told.attribute("S1", "high_risk_permissions"), json!(["ModifyAllData", "ExportReport"]));
    assert_eq!(told.attribute("P1", "high_risk_permissions"), json!(["ApiEnabled"]));
    // Of a group what its aggregate carries, and that is not what it mutes.
    assert_eq!(told.attribute("PG1", "high_risk_permissions"), json!(["ModifyAllData"]));
}

#[test]
fn apps_that_admins_approve_are_open_to_profiles_sets_and_groups_of_sets() {
    let told = told(&also(ResourceKind::ConnectedApplication));
    assert_eq!(told.holders("CA1", &["P1", "S1", "PG1"]), ["P1", "S1", "PG1"]);
    assert_eq!(told.grant("CA1", "S1").unwrap()["annotations"][0]["shallow"], true);
    assert_eq!(told.holders("CA1", &USERS), ["U1", "U2", "U3", "U4"]);
}

#[test]
fn an_app_that_users_authorize_themselves_says_so_and_has_no_grants() {
    let told = told(&also(ResourceKind::ConnectedApplication));
    assert_eq!(
        (told.attribute("CA2", "self_authorize"), told.attribute("CA1", "self_authorize")),
        (json!(true), Value::Null)
    );
    assert!(!told.document.grant_ids().iter().any(|grant| grant.starts_with(told.table.resource("CA2"))));
}

#[test]
fn an_app_is_reached_through_the_direct_assignment_of_a_set_alone() {
    let told = changed(&also(ResourceKind::ConnectedApplication), |org, table| {
        org.remove_rows("SetupEntityAccess", |row| row["ParentId"] == table.id("S1")).unwrap();
    });
    assert!(told.holds("S1", "U2"));
    assert_eq!(told.holders("CA1", &USERS), ["U1", "U3", "U4"]);
}

#[test]
fn agents_are_resources_without_entitlements() {
    let told = told(&everything(Expand::Used));
    assert_eq!(told.document.of_kind("agent").len(), 1);
    assert!(told.document.list("entitlements").iter().all(|e| e["resource"]["id"]["resourceType"] != "agent"));
}

#[test]
fn licences_of_sets_are_facts_of_their_own() {
    let told = told(&also(ResourceKind::PermissionSetLicense));
    // U1 has it and holds no set of it, U3 holds the set and has it not.
    assert_eq!(told.holders("L1", &USERS), ["U1"]);
    assert_eq!(told.attribute("L1", "status"), "Active");
}

#[test]
fn a_set_whose_licence_its_holder_lacks_is_warned_of_and_the_grant_stands() {
    let told = told(&also(ResourceKind::PermissionSetLicense));
    assert!(told.holds("S7", "U3"));
    let warnings = told.document.0["summary"]["warnings"].as_array().unwrap().iter();
    let missing: Vec<&Value> = warnings.filter(|warning| warning["code"] == "LICENSE_MISSING").collect();
    assert!(missing.len() == 1 && missing[0]["count"] == 1, "{missing:?}");
}

#[test]
fn a_licence_is_needed_for_a_set_that_is_held_through_a_group_too() {
    let told = changed(&also(ResourceKind::PermissionSetLicense), |org, table| {
        org.remove_rows("PermissionSetAssignment", |row| row["PermissionSetId"] != *table.id("S7")).unwrap();
        let row = json!({"PermissionSetGroupId": table.id("PG1"), "PermissionSetId": table.id("S7")});
        org.insert("PermissionSetGroupComponent", row).unwrap();
    });
    let warnings = told.document.0["summary"]["warnings"].as_array().unwrap().iter();
    let missing: Vec<&Value> = warnings.filter(|warning| warning["code"] == "LICENSE_MISSING").collect();
    let holders: Vec<_> = told.holders("PG1", &USERS).into_iter().filter(|user| *user != "U1").collect();
    assert!(!holders.is_empty());
    assert_eq!(missing[0]["ids"], json!(holders.iter().map(|user| told.table.id(user)).collect::<Vec<_>>()));
}

#[test]
fn a_licence_that_is_disabled_or_has_run_out_is_warned_of() {
    for (field, value) in [("Status", json!("Disabled")), ("ExpirationDate", json!("2024-06-30"))] {
        let told = changed(&also(ResourceKind::PermissionSetLicense), |org, table| {
            org.insert(
                "PermissionSetLicenseAssign",
                json!({"PermissionSetLicenseId": table.id("L1"), "AssigneeId": table.id("U3")}),
            )
            .unwrap();
            org.update("PermissionSetLicense", table.id("L1"), field, value).unwrap();
        });
        assert!(told.document.warnings().contains(&"LICENSE_MISSING"), "{field}");
        assert!(told.holds("S7", "U3") && told.holds("L1", "U3"));
    }
    let told = changed(&also(ResourceKind::PermissionSetLicense), |org, table| {
        let row = json!({"PermissionSetLicenseId": table.id("L1"), "AssigneeId": table.id("U3")});
        org.insert("PermissionSetLicenseAssign", row).unwrap();
    });
    assert!(!told.document.warnings().contains(&"LICENSE_MISSING"), "nobody lacks it");
}
