//! Groups, queues, and the groups that Salesforce keeps no rows for.

use baton_salesforce::connector::Expand;
use baton_salesforce::model::ResourceKind;
use serde_json::{Value, json};

use super::{USERS, also, changed, everything, expanding, told, used};

#[test]
fn a_group_in_a_group_is_a_grant_that_passes_its_members_on() {
    let told = told(&used());
    assert_eq!(
        told.grant("G1", "G2").unwrap()["annotations"][0]["entitlementIds"],
        json!([told.table.entitlement("G2")])
    );
    assert_eq!(told.holders("G1", &USERS), ["U2", "U3", "U4"]);
    assert_eq!(told.of_grant("G1", "G2", "assigned_at"), "2025-01-02T03:04:05Z");
}

#[test]
fn groups_of_one_name_are_told_apart_by_their_ids() {
    let told = told(&used());
    assert_eq!(told.holders("G3", &USERS), ["U1"]);
    assert!(!told.holds("G1", "U1"));
}

#[test]
fn a_queue_is_a_group_and_says_what_it_can_own() {
    let told = told(&used());
    assert_eq!(told.attribute("Q1", "type"), "Queue");
    assert_eq!(told.attribute("Q1", "object_types"), json!(["Case", "Lead"]));
    assert_eq!(told.holders("Q1", &USERS), ["U2", "U3", "U4"]);
}

#[test]
fn a_queue_without_members_is_kept_and_known_to_have_none() {
    let told = told(&used());
    assert_eq!(told.attribute("Q2", "membership_known"), Value::Null);
    assert!(told.holders("Q2", &USERS).is_empty());
}

#[test]
fn including_bosses_is_an_attribute_and_no_membership() {
    let told = told(&used());
    assert_eq!(
        (told.attribute("G2", "includes_bosses"), told.attribute("G3", "includes_bosses")),
        (json!(true), json!(false))
    );
    // U1 is above both members.
    assert_eq!(told.holders("G2", &USERS), ["U2", "U3"]);
}

#[test]
fn the_group_of_a_role_is_the_role() {
    let told = told(&expanding(Expand::All));
    assert!(told.holds("GR", "R2") && !told.holds("GR", "R3"));
    assert_eq!(told.holders("GR", &USERS), ["U2", "U4"]);
}

#[test]
fn a_role_and_its_subordinates_are_the_role_and_the_groups_of_its_children() {
    let told = changed(&used(), |org, table| {
        let group = json!({"Id": "00G5f000004AAAZ", "Type": "RoleAndSubordinates", "RelatedId": table.id("R3")});
        org.insert("Group", group).unwrap();
    });
    let of_r3 = "group:00G5f000004AAAZEA4";
    let grants = told.document.grant_ids();
    assert!(grants.contains(&format!("{}:{of_r3}", told.table.entitlement("GS"))));
    assert!(told.holds("GS", "R2") && !told.holds("GS", "R3"), "R3 comes by its own group");
    assert!(grants.contains(&format!("{of_r3}:member:{}", told.table.resource("R3"))));
    assert_eq!(told.holders("Q1", &USERS), ["U2", "U3", "U4"]);
}

#[test]
fn where_a_child_has_no_group_the_child_itself_and_what_is_below_it_come_in() {
    let told = told(&used());
    assert!(["R2", "R3", "RP"].into_iter().all(|role| told.holds("GS", role)));
    assert!(!told.holds("GS", "R1"), "above");
}

#[test]
fn internal_subordinates_leave_out_portal_roles_and_what_is_below_them() {
    let below = json!({"Id": "00E5f000000AAAZ", "Name": "Below", "PortalType": "None"});
    let told = changed(&used(), |org, table| {
        let mut below = below;
        below["ParentRoleId"] = json!(table.id("RP"));
        org.insert("UserRole", below).unwrap();
    });
    assert!(told.holds("GI", "R2") && told.holds("GI", "R3") && !told.holds("GI", "RP"));
    let grants = told.document.grant_ids();
    assert!(!grants.contains(&format!("{}:role:00E5f000000AAAZEA4", told.table.entitlement("GI"))));
    assert!(grants.contains(&format!("{}:role:00E5f000000AAAZEA4", told.table.entitlement("GS"))));
}

#[test]
fn none_of_the_groups_of_a_role_need_exist() {
    let told = changed(&used(), |org, _| {
        org.remove_rows("Group", |group| !group["Type"].as_str().unwrap().starts_with("Role")).unwrap();
    });
    assert!(told.is_complete());
    assert!(told.holds("R2", "U2"));
}

#[test]
fn roles_in_a_ring_end_and_are_warned_of() {
    let told = changed(&used(), |org, table| {
        org.update("UserRole", table.id("R1"), "ParentRoleId", json!(table.id("R3"))).unwrap();
    });
    assert!(!told.warned("ROLE_HIERARCHY_CYCLE", &["R1", "R2", "R3"]).is_empty());
    assert!(told.is_complete() && told.holds("GS", "R1") && told.holds("GS", "R3"));
    assert_eq!(told.holders("Q1", &USERS), ["U1", "U2", "U3", "U4"]);
}

#[test]
fn a_group_whose_role_is_not_visible_is_kept_and_warned_of() {
    let told = told(&used());
    assert_eq!(told.attribute("GX", "membership_known"), false);
    assert!(!told.document.resource(told.table.id("GX"))["displayName"].as_str().unwrap().trim().is_empty());
    let warnings = told.document.warnings();
    assert!(warnings.contains(&"ROLE_NOT_VISIBLE"), "{warnings:?}");
    assert!(told.is_complete());
}

#[test]
fn the_group_of_all_employees_is_a_rule_over_active_standard_users() {
    let told = told(&expanding(Expand::All));
    assert_eq!(told.attribute("GO", "membership_rule"), "active_standard_users");
    assert_eq!(told.attribute("GO", "member_count").as_f64(), Some(3.0));
    // U4 is inactive, the others are of other types.
    assert_eq!(told.holders("GO", &USERS), ["U1", "U2", "U3"]);
    assert_eq!(told.of_grant("GO", "U1", "by_rule"), true);
}

#[test]
fn the_groups_of_customers_and_partners_are_rules_over_their_types() {
    let types = [("U1", "CustomerSuccess"), ("U2", "PowerCustomerSuccess"), ("U3", "CspLitePortal"), ("U7", "CsnOnly")];
    let told = changed(&everything(Expand::All), |org, table| {
        for (user, kind) in types {
            org.update("User", table.id(user), "UserType", json!(kind)).unwrap();
        }
    });
    assert_eq!(told.holders("GC", &USERS), ["U1", "U2"], "high-volume portal users are in none");
    assert_eq!(told.holders("GP", &USERS), ["U5"]);
    assert!(told.holders("GO", &USERS).is_empty(), "Chatter-only users are not");
}

#[test]
fn the_group_of_a_guest_is_the_guest() {
    let told = told(&everything(Expand::All));
    assert_eq!(
        (told.attribute("GG", "membership_rule"), told.holders("GG", &USERS)),
        (json!("related_user"), vec!["U8"])
    );
}

#[test]
fn deactivated_users_are_in_no_group_by_rule() {
    let told = changed(&everything(Expand::All), |org, table| {
        for user in ["U1", "U5", "U8"] {
            org.update("User", table.id(user), "IsActive", json!(false)).unwrap();
        }
    });
    for (group, members) in [("GO", vec!["U2", "U3"]), ("GP", vec![]), ("GG", vec![]), ("GM", vec!["U2"])] {
        assert_eq!(told.holders(group, &USERS), members, "{group}");
    }
}

#[test]
fn groups_of_managers_are_left_out_unless_asked_for() {
    let told_ = told(&used());
    let is_there = |id: &str| told_.document.list("resources").iter().any(|resource| resource["id"]["resource"] == *id);
    assert!(!is_there(told_.table.id("GM")) && !is_there(told_.table.id("GMS")));
    assert_eq!(told_.attribute("G8", "membership_known"), false, "it contains one");
    let told = told(&everything(Expand::All));
    // Himself not; and the other kind is he and all below.
    assert_eq!(told.holders("GM", &USERS), ["U1", "U2"]);
    assert_eq!(told.holders("GMS", &USERS), ["U1", "U2", "U3"]);
}

#[test]
fn managers_in_a_ring_end() {
    let told = changed(&everything(Expand::All), |org, table| {
        org.update("User", table.id("U1"), "ManagerId", json!(table.id("U3"))).unwrap();
    });
    assert_eq!(told.holders("GM", &USERS), ["U1", "U2"], "U3 is above himself, and no member");
    assert_eq!(told.holders("GMS", &USERS), ["U1", "U2", "U3"]);
}

#[test]
fn territories_of_active_models_alone_are_synced_where_asked_for() {
    let told = told(&also(ResourceKind::Territory));
    let ids: Vec<_> = told.document.of_kind("territory").iter().map(|t| t["displayName"].clone()).collect();
    assert_eq!(ids, ["North", "Fjords"]);
    assert!(told.holds("T1", "U1") && told.holds("T1am", "U1") && told.holds("T2", "U3") && !told.holds("T1", "U2"));
    assert_eq!(told.attribute("T2", "parent_territory_id"), told.table.id("T1"));
    assert_eq!(told.attribute("GTS", "membership_known"), Value::Null);
    assert_eq!(told.holders("GTS", &USERS), ["U1", "U3"]);
}

#[test]
fn the_groups_of_territories_are_unknown_without_them() {
    let told = told(&used());
    for group in ["GT", "GTS"] {
        assert_eq!(told.attribute(group, "membership_known"), false, "{group}");
    }
}

#[test]
fn an_org_without_territories_is_noted_and_no_error() {
    let told = changed(&also(ResourceKind::Territory), |org, _| org.without_territories());
    let not_read = told.not_read("Territory2").unwrap();
    assert_eq!((&not_read["required"], &not_read["reason"]), (&json!(false), &json!("FEATURE_OFF_OR_NO_RIGHT")));
    assert!(told.is_complete());
}

#[test]
fn a_group_of_a_kind_yet_unknown_is_kept_with_its_rows_and_its_members_are_not_known() {
    let told = changed(&used(), |org, table| {
        org.update("Group", table.id("G3"), "Type", json!("SomethingNew")).unwrap();
    });
    assert_eq!(told.attribute("G3", "type"), "SomethingNew");
    assert_eq!(told.attribute("G3", "membership_known"), false);
    assert!(told.holds("G3", "U1") && told.is_complete());
}

#[test]
fn groups_are_never_filtered_by_their_type_in_the_query() {
    let told = told(&used());
    assert!(!told.document.read_of("Group")["soql"].as_str().unwrap().contains("WHERE"));
}

#[test]
fn a_group_that_contains_all_employees_is_warned_of() {
    assert_eq!(told(&used()).warned("GROUP_OPEN_TO_ALL_INTERNAL", &["G4", "G1", "Q1"]), ["G4"]);
}

#[test]
fn a_queue_that_contains_all_employees_is_warned_of() {
    let told = changed(&used(), |org, table| {
        let row = json!({"GroupId": table.id("Q2"), "UserOrGroupId": table.id("GO")});
        org.insert("GroupMember", row).unwrap();
    });
    assert_eq!(told.warned("GROUP_OPEN_TO_ALL_INTERNAL", &["G4", "Q1", "Q2"]), ["G4", "Q2"]);
    assert_eq!(told.holders("Q2", &USERS), ["U1", "U2", "U3"]);
}

#[test]
fn a_guest_in_a_group_is_warned_of() {
    let told = told(&used());
    let warnings = told.document.0["summary"]["warnings"].as_array().unwrap();
    let warning = warnings.iter().find(|warning| warning["code"] == "GUEST_IN_GROUP").unwrap_or(&Value::Null);
    let ids = warning["ids"].to_string();
    assert!(ids.contains(told.table.id("G4")) || ids.contains(told.table.id("U8")), "{warnings:?}");
}

#[test]
fn unknown_is_not_empty() {
    // The only member is a guest, who is filtered out.
    let told = changed(&used(), |org, table| {
        org.remove_rows("GroupMember", |row| row["UserOrGroupId"] != table.id("GO")).unwrap();
    });
    assert_eq!(told.attribute("G4", "membership_known"), false);
    assert!(told.holders("G4", &USERS).is_empty());
    for group in ["GC", "GP", "GG", "GX"] {
        assert_eq!(told.attribute(group, "membership_known"), false, "{group}");
        assert_eq!(told.attribute(group, "member_count"), Value::Null, "{group}");
    }
}
