//! Who holds what through others.

use baton_salesforce::connector::{Expand, Options};
use serde_json::{Value, json};

use super::{USERS, changed, everything, expanding, told, used};

fn sources(told: &super::Told, held: &str, by: &str) -> Value {
    told.grant(held, by).unwrap()["sources"]["sources"].clone()
}

#[test]
fn a_derived_grant_names_its_sources_and_cannot_be_revoked_itself() {
    let told = told(&used());
    let source = told.table.entitlement("G2");
    assert_eq!(sources(&told, "G1", "U2"), json!({ source: {"isDirect": true} }));
    let grant = told.grant("G1", "U2").unwrap();
    assert_eq!(grant["annotations"][0]["@type"], "type.googleapis.com/c1.connector.v2.GrantImmutable");
    // Held through a group that he is not in himself.
    assert_eq!(sources(&told, "Q1", "U2"), json!({ told.table.entitlement("GS"): {} }));
}

#[test]
fn a_direct_grant_gains_its_other_sources_and_stays_one_grant() {
    let told = told(&used());
    let (own, other) = (told.table.entitlement("S1"), told.table.entitlement("PG1"));
    assert_eq!(sources(&told, "S1", "U1"), json!({ own: {"isDirect": true}, other: {"isDirect": true} }));
    let annotations = told.grant("S1", "U1").unwrap()["annotations"].to_string();
    assert!(!annotations.contains("GrantImmutable"), "{annotations}");
}

#[test]
fn users_alone_are_copied_upward() {
    let told = told(&everything(Expand::All));
    for grant in told.document.list("grants").iter().filter(|grant| grant["sources"].is_object()) {
        assert_eq!(grant["principal"]["id"]["resourceType"], "user", "{grant}");
    }
}

#[test]
fn members_of_a_ring_get_each_others_grants() {
    let told = told(&used());
    assert_eq!((told.holders("G5", &USERS), told.holders("G6", &USERS)), (vec!["U1", "U3"], vec!["U1", "U3"]));
}

#[test]
fn a_group_in_itself_ends_and_is_no_source() {
    let told = told(&used());
    assert!(told.holds("G7", "G7"));
    assert_eq!(told.holders("G7", &USERS), ["U2"]);
    assert_eq!(sources(&told, "G7", "U2"), Value::Null);
}

#[test]
fn depth_has_no_limit() {
    let group = |at: usize| format!("00G5f0000{at:06}");
    let told = changed(&used(), |org, table| {
        for at in 0..200 {
            org.insert("Group", json!({"Id": group(at), "Name": format!("Deep {at}"), "Type": "Regular"})).unwrap();
            let inner = if at == 199 { table.id("U1").to_owned() } else { group(at + 1) };
            org.insert("GroupMember", json!({"GroupId": group(at), "UserOrGroupId": inner})).unwrap();
        }
    });
    let outermost = baton_salesforce::salesforce::RecordId::parse(&group(0)).unwrap();
    assert!(told.document.grant_ids().contains(&format!("group:{outermost}:member:{}", told.table.resource("U1"))));
}

#[test]
fn users_are_written_on_groups_of_roles_and_rules_only_where_these_are_used() {
    let told = told(&used());
    // GS is in a queue, GO in a group; GR and GI are in none.
    assert!(!told.holders("GS", &USERS).is_empty() && !told.holders("GO", &USERS).is_empty());
    assert!(told.holders("GR", &USERS).is_empty() && told.holders("GI", &USERS).is_empty());
    assert!(told.holds("GR", "R2") && told.holds("GI", "R3"), "the direct grants are there");
}

#[test]
fn what_is_in_a_used_group_is_used() {
    let told = changed(&used(), |org, table| {
        let group = json!({"Id": "00G5f000004AAAZ", "Type": "RoleAndSubordinates", "RelatedId": table.id("R3")});
        org.insert("Group", group).unwrap();
    });
    // In GS, which is in the queue.
    assert!(
        told.document.grant_ids().contains(&format!("group:00G5f000004AAAZEA4:member:{}", told.table.resource("U3")))
    );
}

#[test]
fn everywhere_means_everywhere() {
    let told = told(&expanding(Expand::All));
    assert_eq!(told.holders("GR", &USERS), ["U2", "U4"]);
    assert_eq!(told.holders("GI", &USERS), ["U2", "U3", "U4"]);
}

#[test]
fn not_at_all_means_direct_grants_alone() {
    let told = told(&everything(Expand::None));
    assert!(told.document.list("grants").iter().all(|grant| grant["sources"].is_null()));
    assert!(told.holders("GO", &USERS).is_empty(), "nor by rule");
    assert_eq!(told.document.0["summary"]["counts"]["expandedGrants"], 0);
}

#[test]
fn the_direct_grants_are_the_same_however_far_one_expands() {
    let direct = |expand| -> Vec<String> {
        let told = told(&Options { sync_non_standard_users: true, ..expanding(expand) });
        let is_direct = |grant: &&Value| {
            let own = grant["entitlement"]["id"].as_str().unwrap();
            let is_own = grant["sources"]["sources"].as_object().is_none_or(|sources| sources.contains_key(own));
            is_own && !grant["annotations"].to_string().contains("by_rule")
        };
        told.document.list("grants").iter().filter(is_direct).map(|grant| grant["id"].to_string()).collect()
    };
    assert_eq!(direct(Expand::None), direct(Expand::Used));
    assert_eq!(direct(Expand::None), direct(Expand::All));
}

#[test]
fn a_way_ends_at_its_earliest_expiry_and_a_grant_with_the_latest_of_its_ways() {
    let told = told(&used());
    assert_eq!(told.of_grant("S1", "U2", "expires_at"), "2093-01-02T03:04:05Z");
    assert_eq!(told.of_grant("S1", "U3", "expires_at"), "2095-01-02T03:04:05Z");
    assert_eq!(told.of_grant("S1", "U3", "direct_expires_at"), "2091-01-02T03:04:05Z");
}

#[test]
fn a_grant_never_ends_where_one_of_its_ways_does_not() {
    let told = changed(&used(), |org, table| {
        let row = json!({"AssigneeId": table.id("U2"), "PermissionSetId": table.id("S1")});
        org.remove_rows("PermissionSetAssignment", |row| {
            row["AssigneeId"] != table.id("U2") || row["PermissionSetId"] != table.id("S1")
        })
        .unwrap();
        org.insert("PermissionSetAssignment", row).unwrap();
    });
    assert_eq!(told.of_grant("S1", "U2", "expires_at"), Value::Null);
}
