//! Documents that are cut, foreign or incomplete, and readers who have read enough.

use std::io::Read;
use std::process::Stdio;

use serde_json::{Value, json};

use super::{items, show};
use crate::explain::document::{DEALS, Doc, SET, U1, U2};
use crate::support::Run;

fn doc() -> Doc {
    let mut doc = Doc::new();
    doc.hold(DEALS, U1).hold(SET, U2).dead(SET, U1, "EXPIRED", None);
    doc
}

#[test]
fn a_cut_document_gives_nothing_that_looks_whole() {
    let text = doc().text();
    let lists = ["summary", "users", "resources", "entitlements", "grants", "inactive", "types"];
    for (n, end) in (0..text.len() - 1).step_by(text.len() / 40).enumerate() {
        let mut end = end;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let list = lists[n % lists.len()];
        for form in ["--json", "--csv", ""] {
            if form == "--csv" && list == "summary" {
                continue;
            }
            let run = Run::new().file("cut.json", &text[..end]).args(["show", "cut.json", list]);
            let ran = run.args(Some(form).filter(|form| !form.is_empty())).output();
            let stdout = ran.stdout();
            assert_eq!(ran.code(), 2, "{list} {form} {end}: {stdout}");
            assert!(ran.stderr().starts_with("error: "), "{}", ran.stderr());
            match form {
                "--json" => assert!(serde_json::from_str::<Value>(&stdout).is_err(), "{list} {end}: {stdout}"),
                "--csv" => assert_ne!(stdout.lines().count(), 1, "{list} {end}: {stdout}"),
                _ => assert!(
                    !stdout
                        .lines()
                        .last()
                        .is_some_and(|line| line.starts_with(char::is_numeric) && line.ends_with('s')),
                    "{list} {end}: {stdout}"
                ),
            }
        }
    }
}

#[test]
fn rows_that_were_printed_before_the_cut_are_followed_by_an_error() {
    let text = doc().text();
    let end = text.find("\"summary\"").unwrap();
    let run = |arguments: &[&str]| {
        Run::new().file("cut.json", &text[..end]).args(["show", "cut.json"]).args(arguments).output()
    };
    let ran = run(&["grants"]);
    assert_eq!(ran.code(), 2);
    assert!(ran.stderr().contains("is cut"), "{}", ran.stderr());
    assert!(!ran.stdout().contains("2 grants"), "{}", ran.stdout());
    let ran = run(&["grants", "--csv", "--search", "nothing like it"]);
    assert_eq!((ran.code(), ran.stdout().as_str()), (2, ""), "a header alone would look like an empty list");
    assert_eq!(run(&["grants", "--json"]).stdout().lines().count(), 3);
    assert_eq!(
        (run(&["users", "--csv", "--sort", "id"]).code(), run(&["users", "--sort", "id"]).stdout()),
        (2, String::new())
    );
}

#[test]
fn a_document_that_holds_less_than_it_says_is_an_error() {
    let text = doc().text().replacen("\"grants\":2", "\"grants\":3", 1);
    let ran = Run::new().file("doc.json", &text).args(["show", "doc.json", "grants"]).output();
    assert_eq!(ran.code(), 15, "{}", ran.stderr());
    assert!(!ran.stdout().contains("grants\n"), "{}", ran.stdout());
    let ran = Run::new().args(["show", "nowhere.json"]).output();
    assert_eq!((ran.code(), ran.stdout().as_str()), (2, ""));
    let ran = Run::new().file("x.json", "{\"a\":1}").args(["show", "x.json", "users", "--csv"]).output();
    assert_eq!((ran.code(), ran.stdout().as_str()), (2, ""));
}

#[test]
fn an_incomplete_document_is_told_with_every_list() {
    let mut doc = doc();
    doc.not_read("GroupMember", true);
    for arguments in [&["users"][..], &["grants", "--csv"], &["grants", "--json"], &["types"]] {
        let ran = show(&doc, arguments);
        assert_eq!(ran.code(), 0);
        let says = "the document is not complete. Not read: GroupMember: Something is missing.";
        assert_eq!(ran.stderr().matches(says).count(), 1, "{arguments:?}: {}", ran.stderr());
    }
    let summary = show(&doc, &[]).stdout();
    assert!(summary.contains("complete   NO: see what was not read\n"), "{summary}");
    assert!(summary.contains("not read   GroupMember (FEATURE_OFF_OR_NO_RIGHT). Something is missing.\n"), "{summary}");
}

#[test]
fn what_another_program_does_not_tell_is_unknown_and_said_once() {
    let mut doc = doc();
    doc.0["sync"]["org"] = json!(null);
    doc.0["sync"]["options"] = json!(null);
    doc.0["summary"]["complete"] = json!(null);
    let run = |arguments: &[&str]| {
        let ran = Run::new().file("doc.json", &doc.text()).args(["show", "doc.json"]).args(arguments).output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        ran
    };
    for arguments in [&["users"][..], &["grants", "--csv"], &["types", "--json"]] {
        let stderr = run(arguments).stderr();
        assert_eq!(stderr.matches("tells neither which org it is of nor whether all was read").count(), 1, "{stderr}");
    }
    let ran = run(&[]);
    assert_eq!((ran.stdout().matches("unknown").count(), ran.stderr().as_str()), (1, ""), "{}", ran.stdout());
    let summary: Value = serde_json::from_str(&run(&["--json"]).stdout()).unwrap();
    assert_eq!((&summary["sync"]["org"], &summary["summary"]["complete"]), (&json!(null), &json!(null)));
    // What is not told of a user either.
    for user in doc.list("resources").iter_mut().filter(|resource| resource["id"]["resourceType"] == "user") {
        user["annotations"][0].as_object_mut().unwrap().remove("status");
    }
    let run = Run::new().file("doc.json", &doc.text());
    let ran = run.args(["show", "doc.json", "grants", "--json", "--status", "unknown"]).output();
    assert_eq!(items(&ran.stdout()).len(), 2, "{}", ran.stderr());
}

#[test]
fn whoever_closes_the_pipe_has_read_enough() {
    let mut doc = doc();
    let grants = doc.list("grants").clone();
    // More than a pipe holds.
    doc.list("grants").extend(grants.iter().cycle().take(5_000).cloned());
    for form in [&[][..], &["--json"], &["--csv"]] {
        let run = Run::new().file("doc.json", &doc.text()).args(["show", "doc.json", "grants"]).args(form);
        let (mut command, _folder) = run.command();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0; 10];
        child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""), "{form:?}");
    }
}
