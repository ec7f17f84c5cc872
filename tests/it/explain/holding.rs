//! Who holds something: the paths, the limits, and how it would end.

use serde_json::json;

use super::document::{
    ALL, BUNDLE, CEO, CEO_GROUP, DEALS, DI, Doc, EVE, INNER, MODIFY, P1, QUEUE, SET, U1, U2, U3, codes,
};

#[test]
fn what_is_held_directly_is_told_with_its_time_and_its_end() {
    let mut doc = Doc::new();
    doc.hold_with(SET, U1, json!({"assigned_at": "2026-01-02T03:04:05Z", "expires_at": "2027-01-01T00:00:00Z"}));
    let (first, rest) = doc.told(&["--user", U1, "--entitlement", SET]);
    assert_eq!(
        first,
        "Yes. Ada Lee (ada@acme.example) holds the permission set “Deals Admin”, until 2027-01-01T00:00:00Z."
    );
    let expected = "
To end it:
  1. take the permission set “Deals Admin” from Ada Lee

Holds the permission set “Deals Admin”:
  1. by being assigned the permission set “Deals Admin” (since 2026-01-02T03:04:05Z, until 2027-01-01T00:00:00Z)

As of: ";
    assert!(rest.starts_with(expected), "{rest}");
    assert!(rest.contains("Not covered: record access"), "{rest}");
    // Who holds nothing is told so.
    assert_eq!(
        doc.told(&["--user", U2, "--entitlement", SET]).0,
        "No. Bo Lee (bo@acme.example) does not hold the permission set “Deals Admin”."
    );
}

/// Ada is in Inner, and in the desk's queue; both are in Deals, and Deals is in Inner.
fn nested() -> Doc {
    let mut doc = Doc::new();
    doc.hold_with(INNER, U1, json!({"assigned_at": "2026-01-02T00:00:00Z"}))
        .hold(QUEUE, U1)
        .hold_with(DEALS, INNER, json!({"assigned_at": "2025-01-02T00:00:00Z"}))
        .hold(DEALS, QUEUE)
        .hold(INNER, DEALS)
        .hold(INNER, INNER)
        .hold(DEALS, CEO_GROUP)
        .hold(CEO_GROUP, CEO)
        .hold(CEO, U1);
    doc
}

#[test]
fn every_path_is_told_the_shortest_first_and_cycles_end() {
    let (first, rest) = nested().told(&["--user", "ada@acme.example", "--entitlement", "Deals"]);
    assert_eq!(first, "Yes. Ada Lee (ada@acme.example) holds the group “Deals”.");
    let expected = "
To end it, do all of this:
  1. take the role “CEO” from Ada Lee
  2. take Ada Lee out of the group “Inner”
  3. take Ada Lee out of the queue “Desk”

Holds the group “Deals”:
  1. by being a member of the group “Inner” (since 2026-01-02T00:00:00Z),
       which is in the group “Deals” (since 2025-01-02T00:00:00Z)
  2. and by being a member of the queue “Desk”,
       which is in the group “Deals”
  3. and by having the role “CEO”,
       whose holders are in the group “CEO (Role)”,
         which is in the group “Deals”

As of: ";
    assert!(rest.starts_with(expected), "{rest}");
    let paths = nested().asked(U1, "group:Deals");
    let lengths: Vec<_> =
        paths["paths"].as_array().unwrap().iter().map(|path| path.as_array().unwrap().len()).collect();
    assert_eq!(lengths, [2, 2, 3]);
    // In the cycle, both hold both.
    assert_eq!(nested().asked(U1, INNER)["paths"].as_array().unwrap().len(), 3);
}

#[test]
fn a_bound_on_the_paths_that_are_shown_changes_nothing_else() {
    let doc = nested();
    let all = doc.json(&["--user", U1, "--entitlement", DEALS]);
    let few = doc.json(&["--user", U1, "--entitlement", DEALS, "--paths", "1"]);
    for name in ["answer", "remove", "hold"] {
        assert_eq!(all["answers"][0][name], few["answers"][0][name]);
    }
    assert_eq!(few["answers"][0]["paths"].as_array().unwrap().len(), 1);
    assert_eq!(few["answers"][0]["otherPaths"], json!({"count": 2, "isExact": true}));
    let (_, rest) = doc.told(&["--user", U1, "--entitlement", DEALS, "--paths", "1"]);
    assert!(rest.contains("\n  and in 2 other ways\n"), "{rest}");
}

#[test]
fn the_answer_does_not_depend_on_how_far_the_document_was_expanded() {
    let mut doc = nested();
    doc.hold(DEALS, ALL);
    let answers = |doc: &Doc| {
        let told = doc.json(&["--user", U1, "--entitlement", DEALS])["answers"].clone();
        let held = doc.json(&["--user", U1])["answers"].clone();
        let holders = doc.json(&["--entitlement", DEALS])["answers"].clone();
        (told, held, holders)
    };
    let none = answers(&doc);
    // As the sync writes it when it follows grants, and rules.
    for user in [U1, U2, U3, EVE] {
        doc.hold_with(ALL, user, json!({"by_rule": true}));
    }
    for user in [U2, U3, EVE] {
        doc.derived(DEALS, user, ALL).derived(INNER, user, DEALS);
    }
    doc.derived(CEO_GROUP, U1, CEO).derived(DEALS, U1, INNER);
    assert_eq!(answers(&doc), none);
    assert_eq!(none.2.as_array().unwrap().len(), 4);
}

#[test]
fn a_rules_member_is_told_what_would_have_to_change_instead() {
    let mut doc = Doc::new();
    doc.hold(DEALS, ALL);
    let (first, rest) = doc.told(&["--user", U2, "--entitlement", DEALS]);
    assert_eq!(first, "Yes. Bo Lee (bo@acme.example) holds the group “Deals”.");
    for says in [
        "take the group “All Internal Users” out of the group “Deals”; or deactivate Bo Lee, who belongs",
        "by belonging to the group “All Internal Users” by its rule (active users of type Standard),",
    ] {
        assert!(rest.contains(says), "{says}: {rest}");
    }
    let answer = doc.asked(U2, DEALS);
    let expected = format!("{DEALS}:member:{ALL}");
    assert_eq!(answer["remove"][0]["instead"], json!([expected]));
    assert_eq!(answer["remove"][0]["byRule"], true);
    // The deactivated belong to no rule's group; the frozen do.
    let di = doc.asked(DI, DEALS);
    assert_eq!((&di["answer"], codes(&di, "reasons")), (&json!("no"), vec!["DEACTIVATED"]));
    assert_eq!(doc.asked(EVE, DEALS)["answer"], "dormant");
    // Nothing leads out of the group itself.
    assert_eq!(doc.asked(U2, ALL)["remove"][0]["instead"], json!(null));
}

#[test]
fn the_groups_of_managers_follow_who_manages_whom() {
    let (managers, team) = ("group:00G5f000004AAAFEA4", "group:00G5f000004AAAGEA4");
    let mut doc = Doc::new();
    doc.resource(
        managers,
        "Managers",
        json!({"type": "Manager", "related_id": U1, "membership_rule": "managers_of_related_user"}),
    );
    doc.resource(
        team,
        "Team",
        json!({"type": "ManagerAndSubordinatesInternal", "related_id": U3, "membership_rule": "related_user_and_subordinates"}),
    );
    // Ada reports to Bo, Bo to Cy, Cy to Bo.
    doc.set(U1, "manager_id", json!(U2)).set(U2, "manager_id", json!(U3)).set(U3, "manager_id", json!(U2));
    let answers =
        |group: &str| [U1, U2, U3, EVE].map(|user| doc.asked(user, group)["answer"].as_str().unwrap().to_owned());
    assert_eq!(answers(managers), ["no", "yes", "yes", "no"]);
    assert_eq!(answers(team), ["yes", "yes", "yes", "no"]);
    let (_, rest) = doc.told(&["--user", U1, "--entitlement", team]);
    assert!(rest.contains("1. change who manages whom, or deactivate Ada Lee, who belongs"), "{rest}");
    // Who is between them is not in the document.
    doc.set(U2, "manager_id", json!("0055f000009AAAAAA4"));
    let cy = doc.asked(U3, managers);
    assert_eq!((&cy["answer"], codes(&cy, "doubts")), (&json!("unknown"), vec!["RULE_UNKNOWN"]));
    // Rules that a later version makes are not guessed at.
    doc.set(team, "membership_rule", json!("left_handed_users"));
    assert_eq!(doc.asked(U1, team)["answer"], "unknown");
}

#[test]
fn what_needs_a_session_is_conditional_unless_another_way_does_not() {
    let condition = json!({"condition": "session_activation"});
    let mut doc = Doc::new();
    doc.hold_with(SET, U1, condition.clone()).hold(SET, BUNDLE);
    let (first, rest) = doc.told(&["--user", U1, "--entitlement", SET]);
    assert_eq!(
        first,
        "Conditional. Ada Lee (ada@acme.example) holds the permission set “Deals Admin” only after activating it in a session."
    );
    assert!(rest.contains("(once activated in a session)"), "{rest}");
    doc.hold_with(BUNDLE, U1, json!({"expires_at": "2027-01-01T00:00:00Z"}));
    let (first, _) = doc.told(&["--user", U1, "--entitlement", SET]);
    let until = "from 2027-01-01T00:00:00Z on only after activating it in a session";
    assert!(first.starts_with("Yes.") && first.contains(until), "{first}");
    let answer = doc.asked(U1, SET);
    assert_eq!(answer["hold"], json!({"conditionalFrom": "2027-01-01T00:00:00Z"}));
    assert_eq!(answer["remove"].as_array().unwrap().len(), 2);
    // The set says so itself, too.
    let mut doc = Doc::new();
    doc.hold(SET, U1).set(SET, "session_activation_required", json!(true));
    assert_eq!(doc.asked(U1, SET)["answer"], "conditional");
}

#[test]
fn the_limits_of_a_direct_grant_are_its_own_where_others_last_longer() {
    let mut doc = Doc::new();
    // Two ways to Deals: Ada's own membership, which ends and needs a session, and the one through Inner.
    let metadata = json!({"direct_expires_at": "2027-01-01T00:00:00Z", "direct_condition": "session_activation"});
    doc.hold_with(DEALS, U1, metadata).hold(DEALS, INNER).hold(INNER, U1);
    let deals = format!("{DEALS}:member");
    let grant = doc.list("grants").iter_mut().find(|grant| grant["entitlement"]["id"] == *deals).unwrap();
    grant["sources"] = json!({"sources": {deals: {"isDirect": true}, format!("{INNER}:member"): {"isDirect": true}}});
    let answer = doc.asked(U1, DEALS);
    assert_eq!((&answer["answer"], &answer["hold"]), (&json!("yes"), &json!({})));
    let direct = &answer["paths"][0][0];
    assert_eq!(direct["expiresAt"], "2027-01-01T00:00:00Z");
    assert_eq!(direct["condition"], "session_activation");
}

#[test]
fn who_cannot_log_in_is_dormant() {
    let mut doc = Doc::new();
    doc.hold(SET, DI).hold_with(SET, EVE, json!({"condition": "session_activation"}));
    let (first, _) = doc.told(&["--user", DI, "--entitlement", SET]);
    assert_eq!(
        first,
        "Dormant. Di Lee (di@acme.example) is deactivated, and holds the permission set “Deals Admin” again when that ends."
    );
    let (first, _) = doc.told(&["--user", EVE, "--entitlement", SET]);
    assert!(first.starts_with("Dormant. Eve Lee (eve@acme.example) is frozen") && first.contains("session"), "{first}");
    let (first, rest) = doc.told(&["--entitlement", SET]);
    assert_eq!(first, "2 users hold the permission set “Deals Admin”, 2 of them deactivated or frozen.");
    assert!(rest.contains("  - Di Lee (di@acme.example) (deactivated): directly\n"), "{rest}");
}

#[test]
fn rights_that_a_group_mutes_are_missing_from_what_comes_through_it() {
    let mut doc = Doc::new();
    doc.hold(BUNDLE, U1).hold_with(SET, BUNDLE, json!({"muted_rights": ["ModifyAllData"]}));
    let (first, rest) = doc.told(&["--user", U1, "--entitlement", SET]);
    assert!(first.ends_with(", without some of its rights."), "{first}");
    assert!(rest.contains("which contains the permission set “Deals Admin” (which mutes ModifyAllData)"), "{rest}");
    assert_eq!(doc.asked(U1, SET)["hold"], json!({"partial": true}));
    doc.hold(SET, U1);
    assert_eq!(doc.asked(U1, SET)["hold"], json!({}));
}

#[test]
fn a_right_comes_from_profiles_from_sets_held_directly_and_from_groups_aggregates() {
    let mut doc = Doc::with_rights();
    doc.hold(P1, U1).hold(SET, U2).hold(BUNDLE, U3).hold(SET, BUNDLE).hold(MODIFY, P1).hold(MODIFY, SET);
    doc.set(BUNDLE, "muted_permissions", json!(["ModifyAllData"]));
    let (first, rest) = doc.told(&["--user", U1, "--entitlement", "ModifyAllData"]);
    assert_eq!(first, "Yes. Ada Lee (ada@acme.example) holds the system permission “Modify All Data”.");
    for says in ["give Ada Lee another profile than “Standard User”", "by having the profile “Standard User”,"]
    {
        assert!(rest.contains(says), "{says}: {rest}");
    }
    assert_eq!(doc.asked(U2, MODIFY)["answer"], "yes");
    let cy = doc.asked(U3, MODIFY);
    assert_eq!((&cy["answer"], codes(&cy, "reasons")), (&json!("no"), vec!["MUTED"]));
    let (_, rest) = doc.told(&["--user", U3, "--entitlement", MODIFY]);
    assert!(rest.contains("it is muted in the permission set group “Sales Bundle”"), "{rest}");
    // Not muted, and not in the aggregate all the same.
    doc.set(BUNDLE, "muted_permissions", json!([]));
    assert_eq!(codes(&doc.asked(U3, MODIFY), "reasons"), ["THROUGH_GROUP_ALONE"]);
    doc.hold(MODIFY, BUNDLE).set(BUNDLE, "rights_stale", json!(true));
    let cy = doc.asked(U3, MODIFY);
    assert_eq!((&cy["answer"], &cy["hold"]), (&json!("yes"), &json!({"stale": true})));
}

#[test]
fn high_risk_rights_are_known_without_resources_of_their_own() {
    let mut doc = Doc::new();
    doc.hold(P1, U1).hold(BUNDLE, U3).hold(SET, BUNDLE);
    doc.set(P1, "high_risk_permissions", json!(["ModifyAllData"]));
    doc.set(SET, "high_risk_permissions", json!(["ModifyAllData"]));
    let ada = doc.asked(U1, "ModifyAllData");
    assert_eq!((&ada["answer"], &ada["paths"][0][1]["byAttribute"]), (&json!("yes"), &json!("high_risk_permissions")));
    assert_eq!(doc.asked(U3, "ModifyAllData")["answer"], "no");
    assert_eq!(doc.asked(U3, "ViewAllData")["answer"], "no");
    let (first, rest) = doc.told(&["--entitlement", "ModifyAllData"]);
    assert_eq!(first, "1 user holds the system permission “ModifyAllData”.");
    assert!(rest.contains("this document knows the high-risk ones alone"), "{rest}");
    // First in what a user holds.
    let (first, rest) = doc.told(&["--user", U1]);
    assert!(first.ends_with(" holds 3 entitlements."), "{first}");
    assert!(rest.starts_with("\nSystem Permissions:\n  - system permission “ModifyAllData”: by having the profile “Standard User”, which gives it\n"), "{rest}");
}

#[test]
fn an_assignment_that_gives_nothing_is_the_reason() {
    let mut doc = Doc::new();
    doc.hold(SET, BUNDLE)
        .dead(SET, U1, "EXPIRED", Some("2024-03-15T23:35:36Z"))
        .dead(BUNDLE, U1, "REVOKED", None)
        .dead(SET, U2, "INACTIVE", None)
        .dead(CEO, U3, "EXPIRED", None);
    let (first, rest) = doc.told(&["--user", U1, "--entitlement", SET]);
    assert!(first.starts_with("No."), "{first}");
    for says in [
        "the assignment of the permission set “Deals Admin” expired on 2024-03-15T23:35:36Z",
        "the assignment of the permission set group “Sales Bundle” was revoked",
    ] {
        assert!(rest.contains(says), "{says}: {rest}");
    }
    assert_eq!(codes(&doc.asked(U2, SET), "reasons"), ["INACTIVE"]);
    assert!(codes(&doc.asked(U3, SET), "reasons").is_empty());
    let (_, rest) = doc.told(&["--user", U1]);
    assert!(rest.contains("2 assignments give nothing"), "{rest}");
}

#[test]
fn a_territory_gives_more_than_one_thing() {
    let territory = "territory:0MI5f000000AAAAGA4";
    let mut doc = Doc::new();
    doc.add_kind("territory");
    doc.resource(territory, "North", json!({}));
    doc.entitlement(territory, "role:Account Manager");
    doc.hold(&format!("{territory}:role:Account Manager"), U1);
    let told = doc.json(&["--user", U1, "--resource", territory]);
    let answers: Vec<_> = told["answers"].as_array().unwrap().iter().map(|answer| &answer["answer"]).collect();
    assert_eq!(answers, ["no", "yes"]);
    let (_, rest) = doc.told(&["--user", U1, "--resource", "North"]);
    assert!(
        rest.contains("Yes. Ada Lee (ada@acme.example) holds the role “Account Manager” in the territory “North”."),
        "{rest}"
    );
    // Which of them is meant has to be said where one is asked for.
    doc.explain(&["--user", U1, "--entitlement", "North"])
        .failed(3, &["names 2", "territory:0MI5f000000AAAAGA4:member"]);
    let one = format!("{territory}:role:Account Manager");
    assert_eq!(doc.asked(U1, &one)["answer"], "yes");
}
