//! Documents as CSV.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use baton_salesforce::demo::{Org, ServerOptions, Shape};
use serde_json::{Value, json};

use super::{ALL, convert};
use crate::support::{Demo, Document, Run};

/// The rows of a file, each by the names of its columns.
fn rows(file: &Path) -> Vec<HashMap<String, String>> {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.ends_with("\r\n"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn each_section_has_a_file_with_all_of_it() {
    let mut org = Org::generate(Shape::Small, 1);
    let user = org.records("User").iter().find(|user| user["IsActive"] == true).unwrap()["Id"].clone();
    org.update("User", user.as_str().unwrap(), "Name", json!("=HYPERLINK(\"http://x\")")).unwrap();
    let groups = org.records("Group");
    let group = groups.iter().find(|group| group["Type"] == "Regular").unwrap()["Id"].as_str().unwrap();
    org.update("Group", group, "Name", json!("one, \"two\"\nthree")).unwrap();
    let demo = Demo::start(org, ServerOptions::default());
    let ran = demo.run().args(ALL).output();
    let document = ran.document();
    let folder = ran.folder.path();
    let stderr = convert(folder, "sync.json", "out.csv", &[]);
    assert!(stderr.contains("wrote CSV into the folder"), "{stderr}");
    let out = folder.join("out.csv");

    let users = rows(&out.join("users.csv"));
    let resources = rows(&out.join("resources.csv"));
    assert_eq!(users.len(), document.of_kind("user").len());
    assert_eq!(users.len() + resources.len(), document.list("resources").len());
    assert_eq!(rows(&out.join("entitlements.csv")).len(), document.list("entitlements").len());
    let grants = rows(&out.join("grants.csv"));
    assert_eq!(grants.len(), document.list("grants").len());
    assert_eq!(rows(&out.join("inactive_assignments.csv")).len(), document.list("inactiveAssignments").len());
    for (row, grant) in grants.iter().zip(document.list("grants")) {
        assert_eq!(row["entitlement_id"], grant["entitlement"]["id"].as_str().unwrap());
        assert_eq!(row["principal_id"], grant["principal"]["id"]["resource"].as_str().unwrap());
        assert!(!row["principal_name"].is_empty() && !row["resource_name"].is_empty());
    }
    let named = users.iter().find(|row| *row["id"] == *user.as_str().unwrap()).unwrap();
    assert_eq!(named["name"], "'=HYPERLINK(\"http://x\")");
    let attributes: Value = serde_json::from_str(&named["attributes"]).unwrap();
    assert_eq!(attributes["user_id"], user);
    assert_eq!(resources.iter().find(|row| row["id"] == group).unwrap()["name"], "one, \"two\"\nthree");
    let about = rows(&out.join("about.csv"));
    assert!(about.iter().any(|row| row["what"] == "complete" && row["value"] == "true"));
}

#[test]
fn what_is_not_whole_says_so_in_the_folder() {
    let mut org = Org::generate(Shape::Small, 1);
    org.without_object("PermissionSetGroup");
    let demo = Demo::start(org, ServerOptions::default());
    let ran = demo.run().arg("--allow-partial").output();
    let stderr = convert(ran.folder.path(), "sync.json", "out", &["--format", "csv"]);
    assert!(stderr.contains("the document is not complete"), "{stderr}");
    let about = rows(&ran.path("out/about.csv"));
    assert!(about.iter().any(|row| row["what"] == "complete" && row["value"] == "false"));
    assert!(about.iter().any(|row| row["what"] == "not_read" && row["value"] == "PermissionSetGroup"));
    assert_eq!(Document::read(&ran.path("sync.json")).0["summary"]["complete"], false);
}

#[test]
fn a_folder_is_replaced_when_asked_for_and_nothing_else_is() {
    let ran = Run::new().arg("--demo").output();
    let folder = ran.folder.path();
    let again = |more: &[&str]| {
        let (from, to) = (folder.join("demo.json"), folder.join("out.csv"));
        Run::new().arg("convert").args([from, to]).args(more).output()
    };
    assert_eq!(again(&[]).code(), 0);
    let ran = again(&[]);
    assert!(ran.code() == 9 && ran.stderr().contains("is there already"), "{}", ran.stderr());
    assert_eq!(again(&["--force"]).code(), 0);
    fs::write(folder.join("out.csv/mine.txt"), "x").unwrap();
    let ran = again(&["--force"]);
    assert!(ran.code() == 9 && ran.stderr().contains("`mine.txt` is in it"), "{}", ran.stderr());
    assert_eq!(fs::read_to_string(folder.join("out.csv/mine.txt")).unwrap(), "x");

    // A document that is cut leaves what was there, and nothing beside it.
    let text = fs::read(folder.join("demo.json")).unwrap();
    fs::write(folder.join("demo.json"), &text[..text.len() / 2]).unwrap();
    fs::remove_file(folder.join("out.csv/mine.txt")).unwrap();
    let before = fs::read(folder.join("out.csv/grants.csv")).unwrap();
    let ran = again(&["--force"]);
    assert!(ran.code() == 2 && ran.stderr().contains("is cut"), "{}", ran.stderr());
    assert!(fs::read(folder.join("out.csv/grants.csv")).unwrap() == before);
    let mut left: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["demo.json", "out.csv"]);
}
