//! The document at a glance.

use serde_json::{Value, json};

use super::{printed, show};
use crate::explain::document::{ALL, BUNDLE, DEALS, DI, Doc, EVE, INNER, P1, SET, U1, U2};

fn doc() -> Doc {
    let mut doc = Doc::new();
    doc.hold(INNER, U1).hold(DEALS, INNER).hold(DEALS, U2).hold(DEALS, DI).derived(DEALS, U1, INNER);
    doc.hold_with(ALL, U1, json!({"by_rule": true})).hold(SET, EVE).hold(P1, U1).hold(SET, BUNDLE);
    doc.dead(SET, U1, "EXPIRED", None).dead(SET, U2, "REVOKED", None);
    doc.set(ALL, "member_count", json!(7));
    doc
}

#[test]
fn it_says_whose_the_document_is_and_what_is_in_it() {
    let text = printed(&doc(), &[]);
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("org        Acme Demo (Enterprise Edition, production) 00D"), "{text}");
    assert!(lines[1].starts_with("read by    ada.admin@acme.example, client-credentials, API "), "{text}");
    assert!(lines[2].starts_with("time       from 20") && lines[2].contains(" to 20"), "{text}");
    assert_eq!(lines[3], format!("program    baton-salesforce {}", env!("CARGO_PKG_VERSION")));
    assert_eq!(lines[4], "complete   yes");
    for line in [
        "contents   5 users: 3 enabled, 1 inactive, 1 frozen",
        "           1 permission set",
        "           9 entitlements",
        "           9 grants: 7 direct, 1 by rules, 1 derived; 1 of deactivated users, 1 of frozen users",
        "           2 assignments that give nothing: 1 expired, 1 revoked",
        "groups     the biggest groups, by users who hold them, directly or through others",
        "           7 All Internal Users  00G5f000004AAAEEA4",
        "           3 Deals               00G5f000004AAAAEA4",
        "           1 Inner               00G5f000004AAABEA4",
        "           1 Deals Admin  0PS5f000000AAAAGA4",
    ] {
        assert!(lines.contains(&line), "`{line}` is not in:\n{text}");
    }
}

#[test]
fn it_says_the_same_to_programs() {
    let doc = doc();
    let summary: Value = serde_json::from_str(&printed(&doc, &["summary", "--json"])).unwrap();
    assert_eq!(summary["format"], "baton-salesforce.show/1");
    let whole: Value = serde_json::from_str(&doc.text()).unwrap();
    assert_eq!((&summary["sync"], &summary["summary"]), (&whole["sync"], &whole["summary"]));
    assert_eq!(summary["users"], json!({"enabled": 3, "inactive": 1, "frozen": 1, "unknown": 0}));
    let grants = json!({"direct": 8, "derived": 1, "byRule": 1, "ofInactiveUsers": 1, "ofFrozenUsers": 1});
    assert_eq!(summary["grants"], grants);
    assert_eq!(summary["inactiveAssignments"], json!({"EXPIRED": 1, "REVOKED": 1}));
    let deals = json!({"id": "00G5f000004AAAAEA4", "displayName": "Deals", "users": 3});
    assert_eq!(summary["largestGroups"][1], deals);
    assert_eq!(summary["mostHeldPermissionSets"].as_array().unwrap().len(), 1);
    assert_eq!(summary["types"][0]["resources"], 5);
}

#[test]
fn what_was_left_out_not_read_or_not_asked_for_is_told() {
    let mut doc = doc();
    doc.not_read("Territory2", false);
    doc.0["sync"]["options"]["syncNonStandardUsers"] = json!(false);
    doc.0["sync"]["options"]["expand"] = json!("none");
    doc.0["summary"]["leftOut"] = json!([
        {"what": "user", "reason": "USER_TYPE_EXCLUDED_BY_OPTION", "userType": "Guest", "count": 2},
        {"what": "user", "reason": "USER_TYPE_EXCLUDED_BY_OPTION", "userType": "CsnOnly", "count": 16},
        {"what": "grant", "reason": "PRINCIPAL_EXCLUDED_BY_OPTION", "count": 1},
    ]);
    doc.0["summary"]["warnings"] =
        json!([{"code": "GUEST_IN_GROUP", "message": "guests \u{1b}[31m", "count": 3, "ids": []}]);
    let text = show(&doc, &[]).stdout();
    for line in [
        "asked      without users of other types than Standard, without grants through others",
        "left out   18 users: 2 Guest, 16 CsnOnly",
        "           1 grant: PRINCIPAL_EXCLUDED_BY_OPTION",
        "not read   Territory2 (FEATURE_OFF_OR_NO_RIGHT). Something is missing.",
        "warnings   GUEST_IN_GROUP: guests [31m (3 times)",
        "groups     the biggest groups, by users who hold them directly",
    ] {
        assert!(text.lines().any(|other| other == line), "`{line}` is not in:\n{text}");
    }
}
