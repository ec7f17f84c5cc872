//! What the program prints, and how it ends.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::orgs::in_order;
use crate::support::{Ran, Run};

/// The demo org's document.
fn demo() -> Value {
    static DEMO: OnceLock<Value> = OnceLock::new();
    let demo = DEMO.get_or_init(|| {
        let ran = Run::new().args(["--demo", "-q", "-f", "-"]).output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        serde_json::from_str(&ran.stdout()).unwrap()
    });
    demo.clone()
}

/// Counts follow what a test takes away.
fn counted(mut document: Value) -> Value {
    let count = |document: &Value, section: &str| document[section].as_array().unwrap().len();
    for section in ["entitlements", "grants", "inactiveAssignments"] {
        document["summary"]["counts"][section] = count(&document, section).into();
    }
    document["sync"]["id"] = json!("3MazPWPzxJkBsT22mTZjNs0iCTW");
    document["summary"]["counts"]["resources"] = json!({"all": count(&document, "resources")});
    document
}

fn diff(old: &Value, new: &Value, arguments: &[&str]) -> Ran {
    let run = Run::new().file("old.json", &in_order(old)).file("new.json", &in_order(new));
    run.args(["diff", "old.json", "new.json"]).args(arguments).output()
}

/// Without a direct grant of a role to a user.
fn without_a_role() -> Value {
    let mut document = demo();
    let grants = document["grants"].as_array_mut().unwrap();
    let at = grants.iter().position(|grant| grant["entitlement"]["id"].as_str().unwrap().starts_with("role:")).unwrap();
    grants.remove(at);
    counted(document)
}

fn not_read(mut document: Value) -> Value {
    let entry = json!({"object": "QueueSobject", "reason": "FEATURE_OFF_OR_NO_RIGHT", "required": false,
        "message": "m", "consequence": "c"});
    document["summary"]["notRead"].as_array_mut().unwrap().push(entry);
    document
}

#[test]
fn the_exit_code_says_whether_something_differs_only_where_asked() {
    let (old, new) = (demo(), without_a_role());
    for (new, asked, code) in [
        (&old, true, 0),
        (&new, true, 20),
        (&new, false, 0),
        (&not_read(old.clone()), true, 15),
        (&not_read(old.clone()), false, 0),
        // What is sure is said, whatever else there may be.
        (&not_read(new.clone()), true, 20),
    ] {
        let ran = diff(&old, new, if asked { &["--exit-code"] } else { &[] });
        assert_eq!((ran.code(), ran.stderr().as_str()), (code, ""));
    }
}

#[test]
fn the_first_line_is_the_answer() {
    let first = |new: &Value| diff(&demo(), new, &[]).stdout().lines().next().unwrap().to_owned();
    assert_eq!(first(&demo()), "No differences.");
    assert_eq!(first(&without_a_role()), "1 user lost access, nobody gained any.");
    let unknown = "No differences in what both documents tell. Not all can be told: see \u{201c}Not known\u{201d}.";
    assert_eq!(first(&not_read(demo())), unknown);
}

#[test]
fn documents_that_cannot_be_compared_are_refused() {
    let mut other = demo();
    other["sync"]["org"]["id"] = json!("00D5f000000ZZZZEA4");
    other["sync"]["org"]["name"] = json!("Other \u{1b}[2J");
    diff(&demo(), &other, &[])
        .failed(9, &["Acme Demo (00D5f000000AAAAEA4)", "Other [2J (00D5f000000ZZZZEA4)", "one org"]);
    let mut unsorted = demo();
    unsorted["grants"].as_array_mut().unwrap().reverse();
    diff(&demo(), &unsorted, &["--exit-code"]).failed(15, &["new.json", "not in the order of a document", "grants"]);
    Run::new().args(["diff", "-", "-"]).output().failed(3, &["stdin"]);
    Run::new().args(["diff", "a.json"]).output().failed(3, &["NEW"]);
    Run::new().args(["diff", "a.json", "b.json"]).output().failed(2, &["a.json"]);
    Run::new().args(["diff", "a.json", "b.json", "--json", "--markdown"]).output().failed(3, &["--markdown"]);
}

/// With a user whose name tries everything.
fn renamed(name: &str) -> Value {
    let mut document = demo();
    document["resources"][3]["displayName"] = name.into();
    document["resources"][3]["annotations"][0]["profile"]["title"] = name.into();
    document
}

#[test]
fn names_cannot_take_over_a_terminal_nor_a_ticket() {
    let name = "a\u{1b}[2J|b`c\u{202e} <img src=x onerror=1> [x](http://y) @all\n## h";
    let text = diff(&demo(), &renamed(name), &[]).stdout();
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    assert!(text.contains("a[2J|b`c <img src=x"), "{text}");
    let markdown = diff(&demo(), &renamed(name), &["--markdown"]).stdout();
    let row = markdown.lines().find(|line| line.contains("onerror")).unwrap();
    // A row of two cells; the name stands in a code span, which no backtick of its own ends.
    assert_eq!(row.replace("\\|", "").matches('|').count(), 3, "{row}");
    assert!(row.contains("``a[2J\\|b`c <img src=x onerror=1> [x](http://y) @all ## h``"), "{row}");
    let json: Value = serde_json::from_str(&diff(&demo(), &renamed(name), &["--json"]).stdout()).unwrap();
    let change = &json["changes"][0];
    let attributes = change["attributes"].as_array().unwrap();
    let of = |attribute: &str| attributes.iter().find(|one| one["name"] == attribute).unwrap();
    assert_eq!(of("displayName")["new"], name);
    assert_eq!(change["resource"]["displayName"], name);
    assert_eq!(change["resource"]["oldDisplayName"], demo()["resources"][3]["displayName"]);
}

#[test]
fn noise_is_told_where_it_is_asked_for() {
    let mut new = demo();
    let user = &mut new["resources"][3]["annotations"][0];
    user["lastLogin"] = json!("2026-02-02T00:00:00Z");
    user["profile"]["failed_logins"] = json!(7);
    user["profile"]["modified_at"] = json!("2026-02-02T00:00:00Z");
    assert_eq!(diff(&demo(), &new, &["--exit-code"]).code(), 0);
    let ran = diff(&demo(), &new, &["--exit-code", "--all-attributes"]);
    assert_eq!(ran.code(), 20);
    for name in ["lastLogin", "failed_logins", "modified_at"] {
        assert!(ran.stdout().contains(name), "{}", ran.stdout());
    }
}

#[test]
fn many_differences_are_counted_and_all_are_in_json() {
    let mut new = demo();
    new["grants"].as_array_mut().unwrap().retain(|grant| {
        !grant["entitlement"]["id"].as_str().unwrap().starts_with("profile:") || grant["annotations"].is_array()
    });
    let new = counted(new);
    // Of all who lost the same, one line.
    let told = diff(&demo(), &new, &[]).stdout();
    let entries: Vec<_> = told.lines().filter_map(|line| line.strip_prefix("  - ")).collect();
    assert!(entries.len() <= 20, "{told}");
    let users = |entry: &str| entry.split_once(" users: ").map_or(1, |(users, _)| users.parse::<usize>().unwrap());
    let all: usize = entries.iter().map(|entry| users(entry)).sum();
    let json: Value = serde_json::from_str(&diff(&demo(), &new, &["--json"]).stdout()).unwrap();
    let changes = json["changes"].as_array().unwrap();
    assert!(changes.len() > 40);
    assert_eq!(changes.len(), all);
    assert_eq!(json["format"], "baton-salesforce.diff/1");
    assert_eq!(json["counts"]["grants"]["direct"]["removed"], changes.len());
    let full = diff(&demo(), &new, &["--full"]).stdout();
    assert_eq!(full.lines().filter(|line| line.starts_with("  - ")).count(), changes.len());
}
