//! How somebody and something are named, and what is said where that cannot be.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;

use super::document::{CEO, DEALS, Doc, P1, SET, U1, U2};
use crate::support::Run;

#[test]
fn users_are_found_by_id_username_and_email() {
    let mut doc = Doc::new();
    doc.hold(SET, U1);
    for user in [U1, &U1[..15], "ada@acme.example", "ADA@Acme.Example", "ada@mail.example", " ada@acme.example "] {
        assert_eq!(doc.asked(user, SET)["user"]["id"], U1, "{user}");
    }
    for (user, says) in [
        ("0055f000001AAAAA", "16 characters"),
        ("0055f000001AAAAAA", "17 characters"),
        ("0055f000001AAAAAA5", "should be `AA4`"),
        ("bo", "2 characters"),
        ("0PS5f000000AAAAGA4", "not the id of a user"),
        ("", "0 characters"),
    ] {
        doc.explain(&["--user", user, "--entitlement", SET]).failed(3, &["--user", says]);
    }
    // Ids are compared as they are written.
    doc.explain(&["--user", "0055F000001AAAA"]).failed(5, &["--user"]);
    doc.explain(&["--user", "nobody@acme.example"]).failed(5, &["--user", "nobody@acme.example"]);
}

#[test]
fn users_who_share_an_email_are_listed() {
    let mut doc = Doc::new();
    for user in [U1, U2] {
        doc.set(user, "email", json!("noreply@salesforce.com"));
    }
    doc.explain(&["--user", "noreply@salesforce.com"]).failed(3, &["names 2", U1, U2, "ada@acme.example"]);
    // A username is nobody else's, whosever email it is.
    doc.set(U2, "email", json!("ada@acme.example"));
    assert_eq!(doc.asked("ada@acme.example", SET)["user"]["id"], U1);
}

#[test]
fn things_are_found_by_id_type_and_name() {
    let mut doc = Doc::new();
    doc.set(SET, "api_name", json!("Deals_Admin"));
    let id = "permission:0PS5f000000AAAAGA4:assigned";
    for what in [
        id,
        SET,
        "permission:0PS5f000000AAAA",
        "0PS5f000000AAAAGA4",
        "0PS5f000000AAAA",
        "permission:0PS5f000000AAAA:assigned",
        "permission:Deals Admin",
        "permission:Deals_Admin",
        "Deals Admin",
        "deals admin",
        "Deals_Admin",
        "Deals Admin Permission Set",
    ] {
        assert_eq!(doc.asked(U1, what)["entitlement"]["id"], id, "{what}");
        let by_resource = doc.json(&["--user", U1, "--resource", what]);
        assert_eq!(by_resource["answers"][0]["entitlement"]["id"], id, "{what}");
    }
    for (what, code, says) in [
        ("0PS5f000000AAAAG", 3, "16 characters"),
        ("permission:0PS5f000000AAAAGA5", 3, "should be `GA4`"),
        ("user:0055f000001AAAAAA4", 3, "nobody can hold"),
        ("", 3, "missing"),
        ("Deals Admn", 5, "did you mean `Deals Admin`?"),
        ("0PS5f000000ZZZZGA4", 5, "0PS5f000000ZZZZGA4"),
        ("group:Deals Admin", 5, "there is no"),
        ("Data Loader", 5, "not asked for: territory, connected_application"),
    ] {
        doc.explain(&["--user", U1, "--entitlement", what]).failed(code, &["--entitlement", says]);
    }
    // A role is no profile.
    assert_eq!(doc.asked(U1, &P1[8..])["entitlement"]["resource"]["resourceType"], "profile");
    assert_eq!(doc.asked(U1, &CEO[5..])["entitlement"]["resource"]["resourceType"], "role");
}

#[test]
fn names_of_several_things_are_listed_and_told_apart() {
    let other = "group:00G5f000004AAAFEA4";
    let mut doc = Doc::new();
    doc.resource(other, "Deals", json!({"type": "Regular", "developer_name": "Deals_EMEA"}));
    doc.explain(&["--user", U1, "--entitlement", "Deals"])
        .failed(3, &["names 2", &DEALS[6..], &other[6..], "Deals_EMEA"]);
    doc.explain(&["--resource", "Deals"]).failed(3, &["--resource", "names 2"]);
    assert_eq!(doc.asked(U1, "Deals_EMEA")["answer"], "no");
    let (first, _) = doc.told(&["--user", U1, "--entitlement", other]);
    assert!(first.contains("the group “Deals” (Deals_EMEA, 00G5f000004AAAFEA4)"), "{first}");
    // What is spelled exactly so comes before what is not.
    doc.resource("group:00G5f000004AAAGEA4", "DEALS ADMIN", json!({"type": "Regular"}));
    assert_eq!(doc.asked(U1, "Deals Admin")["entitlement"]["resource"]["resourceType"], "permission");
    doc.explain(&["--user", U1, "--entitlement", "deals admin"]).failed(3, &["names 2"]);
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let doc = Doc::new();
    doc.explain(&[]).failed(3, &["--user", "--entitlement"]);
    doc.explain(&["--entitlement", SET, "--resource", SET]).failed(3, &["--resource"]);
    doc.explain(&["--user", U1, "--paths", "0"]).failed(3, &["--paths"]);
    doc.explain(&["--usr", U1]).failed(3, &["'--user'"]);
    Run::new().args(["explain", "--user", U1]).output().failed(3, &["FILE"]);
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let text = Doc::new().text();
    let explain = |text: &str| Run::new().file("doc.json", text).args(["explain", "doc.json", "--user", U1]).output();
    assert_eq!(explain(&text).code(), 0);
    explain(&text[..text.len() / 2]).failed(2, &["`doc.json` is cut"]);
    explain(&text[..text.len() - 2]).failed(2, &["`doc.json` is cut"]);
    explain("{\"a\": 1}").failed(2, &["`doc.json` is not a document of this program"]);
    explain("").failed(2, &["it is empty"]);
    explain(&text.replacen("\"entitlements\":9", "\"entitlements\":10", 1)).failed(15, &["9 entitlements", "says 10"]);
    explain(&text.replacen("\"displayName\":\"Deals\"", "\"displayName\":7", 1))
        .failed(2, &["in resources", "a string"]);
    Run::new().args(["explain", "no.json", "--user", U1]).output().failed(2, &["cannot read `no.json`"]);
    // No settings are needed: a broken file of them is none of its business.
    let ran = Run::new()
        .file("doc.json", &text)
        .file(".baton.yaml", "]")
        .args(["explain", "doc.json", "--user", U1])
        .output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
}

#[test]
fn a_document_is_taken_from_stdin() {
    let (mut command, _folder) = Run::new().args(["explain", "-", "--user", U1, "--entitlement", SET]).command();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(Doc::new().text().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout.starts_with(b"No."), "{output:?}");
}

#[test]
fn names_cannot_take_over_the_terminal_and_json_keeps_them() {
    let mut doc = Doc::new();
    let name = "Evil\u{1b}[2J\u{202e}gnp";
    doc.resource("permission:0PS5f000000AAABGA4", name, json!({}));
    doc.hold("permission:0PS5f000000AAABGA4", U1);
    let text = doc.explain(&["--user", U1]).stdout();
    assert!(text.contains("“Evil[2Jgnp”") && !text.contains(['\u{1b}', '\u{202e}']), "{text}");
    assert_eq!(doc.asked(U1, "0PS5f000000AAABGA4")["entitlement"]["displayName"], name);
}

#[test]
fn what_is_named_and_not_listed_is_known_by_its_id() {
    // As no sync of ours writes it; another writer may.
    let mut doc = Doc::new();
    let (nobody, future) = ("0055f000009AAAAAA4", "future_kind:X");
    doc.hold(DEALS, nobody).hold(DEALS, "group:00G5f000009AAAAEA4").hold("group:00G5f000009AAAAEA4", U1);
    doc.hold(DEALS, future).hold(future, U2).hold("no_colons", U1);
    let text = doc.text();
    let explain = |arguments: &[&str]| {
        let ran = Run::new().file("doc.json", &text).args(["explain", "doc.json"]).args(arguments).output();
        assert_eq!((ran.code(), ran.stderr().as_str()), (0, ""), "{arguments:?}");
        ran.stdout()
    };
    let holders = explain(&["--entitlement", DEALS]);
    for says in ["3 users hold", "  - 0055f000009AAAAAA4: directly", "the group “00G5f000009AAAAEA4”, which is in it"]
    {
        assert!(holders.contains(says), "{says}: {holders}");
    }
    assert!(explain(&["--user", U2, "--entitlement", DEALS]).contains("by holding the future_kind “X”,"));
    let held = explain(&["--user", U1]);
    assert!(held.starts_with("Ada Lee (ada@acme.example) holds 4 entitlements."), "{held}");
    assert!(held.contains("\nOthers:\n") && held.matches("\n  - ").count() >= 4, "{held}");
}

#[test]
fn the_json_form_stays_as_it_is() {
    let mut doc = Doc::new();
    doc.hold_with(SET, U1, json!({"assigned_at": "2026-01-02T03:04:05Z", "expires_at": "2027-01-01T00:00:00Z", "assigned_by_policy": true}));
    let told = doc.json(&["--user", U1, "--entitlement", SET]);
    let names: Vec<_> = told.keys().map(String::as_str).collect();
    assert_eq!(names, ["answers", "document", "format", "notCovered", "question"]);
    assert_eq!(told["format"], "baton-salesforce.explain/1");
    assert_eq!(told["question"], json!({"user": U1, "entitlement": SET}));
    assert_eq!(told["document"]["org"]["name"], "Acme Demo");
    let grant = format!("{SET}:assigned:user:{U1}");
    let expected = json!({
        "answer": "yes",
        "user": {"id": U1, "displayName": "Ada Lee", "username": "ada@acme.example", "status": "enabled"},
        "entitlement": {
            "id": format!("{SET}:assigned"),
            "resource": {"resourceType": "permission", "resource": &SET[11..]},
            "displayName": "Deals Admin",
        },
        "hold": {"expiresAt": "2027-01-01T00:00:00Z"},
        "remove": [{
            "grant": grant,
            "message": "take the permission set “Deals Admin” from Ada Lee",
        }],
        "paths": [[{
            "grant": grant,
            "entitlement": format!("{SET}:assigned"),
            "principal": {"resourceType": "user", "resource": U1},
            "displayName": "Deals Admin",
            "assignedAt": "2026-01-02T03:04:05Z",
            "expiresAt": "2027-01-01T00:00:00Z",
            "assignedByPolicy": true,
        }]],
        "otherPaths": {"count": 0, "isExact": true},
    });
    assert_eq!(told["answers"], json!([expected]));
}
