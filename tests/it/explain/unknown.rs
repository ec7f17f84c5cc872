//! When *no* may not be said: each thing that was not read, on a path and off it.

use serde_json::{Value, json};

use super::document::{ALL, BUNDLE, CEO_GROUP, DEALS, DI, Doc, INNER, MODIFY, P1, QUEUE, SET, U1, U2, codes};

/// The answer and the codes of its doubts.
#[track_caller]
fn of(doc: &Doc, what: &str) -> (String, Vec<String>) {
    let answer = doc.asked(U1, what);
    let doubts = codes(&answer, "doubts").into_iter().map(str::to_owned).collect();
    (answer["answer"].as_str().unwrap().to_owned(), doubts)
}

#[track_caller]
fn is_unknown(doc: &Doc, what: &str, doubts: &[&str]) {
    assert_eq!(of(doc, what), ("unknown".to_owned(), doubts.iter().map(|code| (*code).to_owned()).collect()), "{what}");
}

#[track_caller]
fn is_no(doc: &Doc, what: &str) {
    assert_eq!(of(doc, what), ("no".to_owned(), Vec::new()), "{what}");
}

#[test]
fn a_group_whose_members_are_not_known_hides_who_holds_what_it_leads_to() {
    let mut doc = Doc::new();
    doc.hold(DEALS, INNER).hold(INNER, CEO_GROUP).set(CEO_GROUP, "membership_known", json!(false));
    is_unknown(&doc, DEALS, &["MEMBERS_UNKNOWN"]);
    // Nothing leads from there to these.
    is_no(&doc, QUEUE);
    is_no(&doc, SET);
    let (first, rest) = doc.told(&["--user", U1, "--entitlement", DEALS]);
    assert_eq!(
        first,
        "Unknown. Whether Ada Lee (ada@acme.example) holds the group “Deals” cannot be told from this document."
    );
    assert!(rest.contains("not all members of 1 group are known: the group “CEO (Role)”"), "{rest}");
    // A way that is known is enough.
    doc.hold(INNER, U1);
    assert_eq!(of(&doc, DEALS).0, "yes");
    // And of the others it is not known who holds it.
    let told = doc.json(&["--entitlement", DEALS]);
    assert_eq!((&told["isAll"], &told["doubts"][0]["code"]), (&json!(false), &json!("MEMBERS_UNKNOWN")));
}

#[test]
fn a_rules_group_is_known_for_whoever_is_in_the_document() {
    let mut doc = Doc::new();
    // Customers are not in the document; Ada is none.
    doc.hold(DEALS, ALL);
    doc.set(ALL, "membership_rule", json!("active_customer_portal_users")).set(ALL, "membership_known", json!(false));
    is_no(&doc, DEALS);
    assert_eq!(doc.json(&["--entitlement", DEALS])["isAll"], false);
    doc.set(U1, "user_type", Value::Null);
    is_unknown(&doc, DEALS, &["RULE_UNKNOWN"]);
}

#[test]
fn whether_chatter_only_users_are_internal_is_not_documented() {
    let mut doc = Doc::new();
    doc.hold(DEALS, ALL).set(U1, "user_type", json!("CsnOnly"));
    is_unknown(&doc, DEALS, &["RULE_UNKNOWN"]);
    doc.set(U1, "user_type", json!("PowerPartner"));
    is_no(&doc, DEALS);
}

#[test]
fn a_hidden_profile_hides_what_profiles_give() {
    let mut doc = Doc::with_rights();
    doc.set(U1, "rights_known", json!(false));
    is_unknown(&doc, MODIFY, &["PROFILE_HIDDEN"]);
    is_unknown(&doc, P1, &["PROFILE_HIDDEN"]);
    for what in [SET, BUNDLE, DEALS] {
        is_no(&doc, what);
    }
    assert_eq!(doc.asked(U2, MODIFY)["answer"], "no");
}

#[test]
fn kinds_that_were_not_asked_for_hide_what_leads_over_them() {
    let mut doc = Doc::with_rights();
    doc.remove_kind("permission_set_group");
    is_unknown(&doc, SET, &["KIND_NOT_SYNCED"]);
    is_unknown(&doc, MODIFY, &["KIND_NOT_SYNCED"]);
    is_no(&doc, P1);
    is_no(&doc, DEALS);
    doc.remove_kind("role");
    is_no(&doc, DEALS);
    doc.hold(DEALS, CEO_GROUP);
    is_unknown(&doc, DEALS, &["KIND_NOT_SYNCED"]);
    // What is asked about may be of such a kind itself.
    let answer = doc.asked(U1, "connected_application:0H45f000000AAAACA4");
    assert_eq!(
        (&answer["answer"], &answer["doubts"][0]["about"]),
        (&json!("unknown"), &json!("connected_application"))
    );
    let told = doc.json(&["--entitlement", "connected_application:0H45f000000AAAACA4"]);
    assert_eq!((&told["answers"], &told["isAll"]), (&json!([]), &json!(false)));
}

#[test]
fn objects_that_were_not_read_hide_what_leads_over_them() {
    for (object, hides, leaves) in [
        ("GroupMember", &[DEALS, QUEUE][..], &[SET, P1, MODIFY][..]),
        ("PermissionSetAssignment", &[SET, BUNDLE, MODIFY], &[DEALS, P1]),
        ("PermissionSetGroupComponent", &[SET], &[BUNDLE, MODIFY, DEALS, P1]),
        ("PermissionSetGroup", &[SET, BUNDLE, MODIFY], &[DEALS, P1]),
        ("Profile", &[P1, MODIFY], &[DEALS, SET]),
        ("ObjectPermissions", &[MODIFY], &[SET, DEALS]),
        ("SetupEntityAccess", &[], &[SET, DEALS, MODIFY, P1]),
        ("Territory2", &[], &[SET, DEALS, MODIFY, P1]),
        ("UserLogin", &[], &[SET, DEALS, MODIFY, P1]),
        ("QueueSobject", &[], &[QUEUE]),
        ("User", &[SET, DEALS, MODIFY, P1], &[]),
        // Of what it is no version of this program knows.
        ("SomethingNew", &[SET, DEALS, MODIFY, P1], &[]),
    ] {
        let mut doc = Doc::with_rights();
        doc.not_read(object, false);
        for what in hides {
            is_unknown(&doc, what, &["OBJECT_NOT_READ"]);
        }
        for what in leaves {
            is_no(&doc, what);
        }
    }
    // A group of a role is not without its roles.
    let mut doc = Doc::new();
    doc.hold(DEALS, CEO_GROUP).not_read("UserRole", true);
    is_unknown(&doc, DEALS, &["OBJECT_NOT_READ"]);
    is_no(&doc, QUEUE);
    let (_, rest) = doc.told(&["--user", U1, "--entitlement", DEALS]);
    assert!(rest.contains("UserRole was not read (FEATURE_OFF_OR_NO_RIGHT). Something is missing."), "{rest}");
    assert!(rest.contains("The document is not complete"), "{rest}");
}

#[test]
fn a_document_that_does_not_say_why_it_is_incomplete_knows_nothing_for_sure() {
    let mut doc = Doc::new();
    doc.0["summary"]["complete"] = json!(false);
    is_unknown(&doc, SET, &["INCOMPLETE"]);
    let mut doc = Doc::new();
    doc.0["sync"]["options"]["skipEntitlementsAndGrants"] = json!(true);
    doc.0["entitlements"] = json!([]);
    is_unknown(&doc, SET, &["NO_GRANTS"]);
}

#[test]
fn a_user_whom_the_options_leave_out_is_unknown_and_a_wrong_one_is_not_found() {
    let nobody = "0055f000009AAAAAA4";
    let mut doc = Doc::new();
    doc.explain(&["--user", nobody, "--entitlement", SET]).failed(5, &["--user", nobody]);
    doc.0["sync"]["options"]["syncNonStandardUsers"] = json!(false);
    let left_out = json!([{"what": "user", "reason": "USER_TYPE_EXCLUDED_BY_OPTION", "userType": "Guest", "count": 7}]);
    doc.0["summary"]["leftOut"] = left_out;
    let answer = doc.asked(nobody, SET);
    assert_eq!((&answer["answer"], codes(&answer, "doubts")), (&json!("unknown"), vec!["USER_NOT_IN_DOCUMENT"]));
    let (first, rest) = doc.told(&["--user", nobody, "--entitlement", SET]);
    assert!(
        first.starts_with("Unknown.") && rest.contains("users of other types than Standard, 7 in all"),
        "{first}{rest}"
    );
    let (first, _) = doc.told(&["--user", nobody]);
    assert!(first.starts_with("Unknown."), "{first}");
    assert_eq!(doc.json(&["--user", nobody])["isAll"], false);
    // A name may be wrong as well.
    doc.explain(&["--user", "nobody@acme.example"]).failed(5, &["nobody@acme.example", "7 in all"]);
}

#[test]
fn what_stands_in_for_a_hidden_group_hides_what_is_in_the_group() {
    let stand_in = "permission:0PS5f000000AAACGA4";
    let mut doc = Doc::with_rights();
    doc.resource(stand_in, "Aggregate", json!({"type": "Group"}));
    doc.hold(stand_in, U1);
    is_unknown(&doc, SET, &["PERMISSION_SET_GROUP_NOT_VISIBLE"]);
    is_unknown(&doc, MODIFY, &["PERMISSION_SET_GROUP_NOT_VISIBLE"]);
    is_no(&doc, DEALS);
    assert_eq!(doc.asked(U2, SET)["answer"], "no");
}

#[test]
fn an_application_that_all_may_authorize_is_nobodys_no() {
    let app = "connected_application:0H45f000000AAAACA4";
    let mut doc = Doc::new();
    doc.add_kind("connected_application");
    doc.resource(app, "Loader", json!({}));
    is_no(&doc, app);
    doc.set(app, "self_authorize", json!(true));
    is_unknown(&doc, app, &["SELF_AUTHORIZED"]);
}

#[test]
fn a_derived_grant_without_the_direct_ones_is_no_no() {
    let mut doc = Doc::new();
    doc.derived(DEALS, U1, INNER);
    is_unknown(&doc, DEALS, &["GRANT_WITHOUT_ROWS"]);
    let (first, rest) = doc.told(&["--entitlement", DEALS]);
    assert!(first.starts_with("0 users hold"), "{first}");
    assert!(rest.contains("without the direct grants that it follows from:\n  - Ada Lee"), "{rest}");
    let (_, rest) = doc.told(&["--user", U1]);
    assert!(rest.contains("without the direct grants that it follows from:\n  - the group “Deals”"), "{rest}");
}

#[test]
fn warnings_that_bear_on_the_answer_are_told_with_it() {
    let mut doc = Doc::new();
    doc.hold(SET, U1);
    let warning =
        |code: &str, message: &str, ids: Value| json!({"code": code, "message": message, "count": 1, "ids": ids});
    doc.0["summary"]["warnings"] = json!([
        warning("LICENSE_MISSING", "a licence is missing", json!([U1])),
        warning("BAD_TIME", "of somebody else", json!([U2])),
        warning("FROZEN_UNKNOWN", "the frozen cannot be told", json!([])),
    ]);
    let (_, rest) = doc.told(&["--user", U1, "--entitlement", SET]);
    assert!(rest.contains("  - a licence is missing\n") && rest.contains("  - the frozen cannot be told\n"), "{rest}");
    assert!(!rest.contains("of somebody else"), "{rest}");
    // Who holds nothing is not said to be frozen or not.
    let told = doc.json(&["--user", DI, "--entitlement", DEALS]);
    assert!(told.get("warnings").is_none(), "{told:?}");
}

#[test]
fn rights_that_were_not_read_are_unknown() {
    let mut doc = Doc::new();
    is_no(&doc, "ModifyAllData");
    doc.0["summary"]["warnings"] = json!([{"code": "RIGHTS_UNKNOWN", "message": "m", "count": 1, "ids": []}]);
    is_unknown(&doc, "ModifyAllData", &["RIGHTS_UNKNOWN"]);
    is_no(&doc, SET);
}
