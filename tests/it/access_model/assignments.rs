//! Users' own rows, assignments, their validity, and who is in the document.

use baton_salesforce::connector::{Expand, Options};
use serde_json::{Value, json};

use super::{USERS, changed, everything, told, used};
use crate::truthful::Served;

fn inactive(told: &super::Told, held: &str, by: &str) -> Vec<Value> {
    let (entitlement, principal) = (told.table.entitlement(held), told.table.id(by));
    let list = told.document.list("inactiveAssignments").iter();
    let is =
        |row: &&Value| row["entitlement"]["id"] == *entitlement && row["principal"]["id"]["resource"] == *principal;
    list.filter(is).map(|row| row["reason"].clone()).collect()
}

#[test]
fn role_and_profile_come_from_the_users_own_row() {
    let told = changed(&used(), |org, table| {
        // Whatever assignments say of the set that the profile owns.
        org.remove_rows("PermissionSetAssignment", |row| row["PermissionSetId"] != "0PS5f000000AAABGA4").unwrap();
        org.update("User", table.id("U2"), "UserRoleId", json!(null)).unwrap();
    });
    assert_eq!(told.holders("P1", &USERS), ["U1", "U2", "U3", "U4"]);
    assert_eq!(told.holders("R2", &USERS), ["U4"]);
}

#[test]
fn external_users_have_their_roles_and_profiles_where_they_are_synced() {
    let told_ = told(&everything(Expand::Used));
    assert!(told_.holds("RP", "U5") && told_.holds("P2", "U5"));
    assert!(!told(&used()).holds("RP", "U5"));
}

#[test]
fn a_profile_that_is_never_shown_makes_no_grant_and_rights_that_are_not_known() {
    let told = told(&everything(Expand::Used));
    for user in ["U6", "U8"] {
        assert_eq!(told.attribute(user, "rights_known"), false, "{user}");
        assert!(
            !told
                .document
                .grant_ids()
                .iter()
                .any(|grant| grant.starts_with("profile:") && grant.ends_with(told.table.id(user)))
        );
    }
    assert_eq!(told.attribute("U1", "rights_known"), Value::Null);
}

#[test]
fn a_permission_set_group_is_held_once_and_its_aggregate_is_no_permission() {
    let told = told(&used());
    assert!(told.holds("PG1", "U1") && told.holds("S1", "U1") && told.holds("P1", "U1"));
    let hidden = ["0PS5f000000AAABGA4", "0PS5f000000AAACGA4"];
    assert!(
        told.document
            .list("resources")
            .iter()
            .all(|resource| !hidden.iter().any(|id| resource["id"]["resource"] == *id))
    );
}

#[test]
fn the_aggregate_stands_for_a_group_that_is_not_shown() {
    let told = told(&used());
    assert!(told.holds("S4", "U2"));
    assert_eq!(told.attribute("S4", "type"), "Group");
    assert!(told.document.warnings().contains(&"GROUP_NOT_VISIBLE") && told.is_complete());
}

#[test]
fn a_muting_component_is_never_a_grant() {
    let told = told(&used());
    assert!(!told.document.grant_ids().iter().any(|grant| grant.contains("0QM")));
    assert_eq!(told.attribute("PG1", "muting_permission_set_id"), "0QM5f000000AAAAGA4");
}

#[test]
fn what_a_group_mutes_is_named_and_what_derives_from_it_is_partial() {
    let told = told(&used());
    assert_eq!(told.of_grant("S1", "PG1", "muted_rights"), json!(["ExportReport"]));
    assert_eq!(told.of_grant("S1", "U2", "partial"), true);
    assert_eq!(told.of_grant("S1", "U1", "partial"), Value::Null, "he holds all of it directly");
    assert_eq!(told.attribute("PG1", "muted_permissions"), json!(["ExportReport"]));
}

#[test]
fn assignments_that_are_over_are_kept_apart_with_their_reason() {
    let told = told(&used());
    assert_eq!(inactive(&told, "S1", "U2"), ["EXPIRED"]);
    assert_eq!(inactive(&told, "S7", "U1"), ["REVOKED"]);
    assert_eq!(inactive(&told, "S7", "U2"), ["INACTIVE"]);
    assert!(!told.holds("S7", "U1") && !told.holds("S7", "U2"));
    assert_eq!(told.document.0["summary"]["counts"]["inactiveAssignments"], 3);
    assert!(told.document.warnings().contains(&"ASSIGNMENT_INACTIVE_UNEXPLAINED"));
}

fn row_of(org: &baton_salesforce::demo::Org, set: &str, user: &str) -> String {
    let is = |row: &&Value| row["PermissionSetId"] == *set && row["AssigneeId"] == *user;
    org.records("PermissionSetAssignment").iter().find(is).unwrap()["Id"].as_str().unwrap().to_owned()
}

#[test]
fn an_expiry_that_is_past_counts_whatever_salesforce_marks_active() {
    let told = changed(&used(), |org, table| {
        let row = row_of(org, table.id("S1"), table.id("U2"));
        org.update("PermissionSetAssignment", &row, "IsActive", json!(true)).unwrap();
    });
    assert_eq!(inactive(&told, "S1", "U2"), ["EXPIRED"]);
    assert!(told.document.warnings().contains(&"ASSIGNMENT_EXPIRED_BUT_ACTIVE"));
}

#[test]
fn an_assignment_ends_at_its_expiry_by_salesforces_clock() {
    for (expiry, is_live) in [("2026-11-25T08:00:00.000+0000", false), ("2026-11-25T08:00:01.000+0000", true)] {
        let told = changed(&used(), |org, table| {
            let row = row_of(org, table.id("S7"), table.id("U3"));
            org.update("PermissionSetAssignment", &row, "ExpirationDate", json!(expiry)).unwrap();
        });
        assert_eq!(told.holds("S7", "U3"), is_live, "{expiry}");
    }
}

#[test]
fn assignments_that_are_all_inactive_end_the_run() {
    let mut org = super::cast();
    for row in org.records("PermissionSetAssignment") {
        org.update("PermissionSetAssignment", row["Id"].as_str().unwrap(), "IsActive", json!(false)).unwrap();
    }
    assert!(Served::new(org).read(&used()).is_err());
}

#[test]
fn without_the_columns_of_validity_the_grants_stand_and_that_is_warned_of() {
    for column in ["IsActive", "ExpirationDate"] {
        let told = changed(&used(), |org, _| org.without_field("PermissionSetAssignment", column));
        assert!(told.document.warnings().contains(&"VALIDITY_UNKNOWN"), "{column}");
        assert!(told.holds("S1", "U1") && told.is_complete());
    }
    let told = changed(&used(), |org, _| org.without_field("PermissionSetAssignment", "IsRevoked"));
    assert!(!told.document.warnings().contains(&"VALIDITY_UNKNOWN"), "its absence is normal");
}

#[test]
fn a_session_set_gives_nothing_until_a_session_is_activated() {
    let told = told(&used());
    assert_eq!(told.of_grant("PG3", "U4", "condition"), "session_activation");
    assert_eq!(told.of_grant("S5", "U4", "condition"), "session_activation", "and so what derives from it");
    let only_direct = changed(&used(), |org, _| {
        org.remove_rows("PermissionSetGroupComponent", |part| part["PermissionSetId"] != "0PS5f000000AAAEGA4").unwrap();
    });
    assert_eq!(only_direct.of_grant("S5", "U3", "condition"), "session_activation");
}

#[test]
fn a_session_set_through_a_group_without_activation_is_unconditional_and_warned_of() {
    let told = told(&used());
    assert_eq!(told.of_grant("S5", "U2", "condition"), Value::Null);
    assert_eq!(told.of_grant("S5", "U3", "condition"), Value::Null, "one way of two");
    assert_eq!(told.of_grant("S5", "U3", "direct_condition"), "session_activation");
    let warned = told.warned("SESSION_SET_BYPASSED_BY_GROUP", &["PG1", "PG2", "PG3", "S5"]);
    assert!(warned == ["PG2"] || warned == ["S5"], "{warned:?}");
}

#[test]
fn who_is_in_the_document_is_decided_once_and_no_grant_names_another() {
    let without = Options { sync_deactivated_users: false, ..used() };
    let told = changed(&without, |org, table| {
        // Of U4's, two grants are left: one by an assignment, one by a membership.
        org.remove_rows("PermissionSetAssignment", |row| {
            row["AssigneeId"] != table.id("U4") || row["PermissionSetId"] == table.id("S1")
        })
        .unwrap();
        org.remove_rows("GroupMember", |row| {
            row["UserOrGroupId"] != table.id("U8") && row["UserOrGroupId"] != table.id("GM")
        })
        .unwrap();
    });
    assert!(!told.document.grant_ids().iter().any(|grant| grant.contains(told.table.id("U4"))));
    // The assignments of users who are left out are not even asked for.
    assert_eq!(told.document.left_out("grant", "PRINCIPAL_EXCLUDED_BY_OPTION"), 1);
    assert_eq!(told.document.left_out("user", "DEACTIVATED_EXCLUDED_BY_OPTION"), 1);
    assert_eq!(told.attribute("G1", "membership_known"), false);
}

#[test]
fn whoever_is_left_out_by_type_and_can_do_much_is_named() {
    let told = changed(&used(), |org, table| {
        let row = json!({"AssigneeId": table.id("U5"), "PermissionSetId": table.id("S1")});
        org.insert("PermissionSetAssignment", row).unwrap();
    });
    assert_eq!(told.warned("EXCLUDED_USER_PRIVILEGED", &USERS), ["U5"]);
}

#[test]
fn status_is_not_membership() {
    let told = changed(&used(), |org, table| {
        let login = json!({"UserId": table.id("U2"), "IsFrozen": true, "IsPasswordLocked": false});
        org.insert("UserLogin", login).unwrap();
    });
    assert!(told.holds("S1", "U4") && told.holds("G1", "U4") && told.holds("G2", "U2"));
    let counts = &told.document.0["summary"]["counts"];
    assert!(counts["grantsOfInactiveUsers"].as_u64() > Some(0) && counts["grantsOfFrozenUsers"].as_u64() > Some(0));
}

#[test]
fn frozen_is_absent_and_never_false_where_it_cannot_be_read() {
    let told_ = changed(&used(), |org, _| org.without_object("UserLogin"));
    for user in ["U1", "U2"] {
        for name in ["is_frozen", "is_password_locked"] {
            assert_eq!(told_.attribute(user, name), Value::Null);
        }
    }
    let warnings = told_.document.warnings();
    assert_eq!(warnings.iter().filter(|code| **code == "FROZEN_UNKNOWN").count(), 1);
    let told = told(&used());
    assert_eq!((told.attribute("U1", "is_frozen"), told.attribute("U2", "is_frozen")), (json!(true), json!(false)));
    assert_eq!(told.attribute("U3", "is_password_locked"), true);
}

#[test]
fn an_email_that_users_share_is_told_once() {
    let told = told(&everything(Expand::Used));
    let warnings = told.document.0["summary"]["warnings"].as_array().unwrap();
    let about: Vec<_> = warnings.iter().filter(|warning| warning["code"] == "DUPLICATE_EMAIL").collect();
    assert_eq!(about.len(), 1, "{warnings:?}");
    assert_eq!(told.document.of_kind("user").len(), 8, "a user is his id");
}
