//! What a sync writes, and what is made of it.

use std::fs;

use baton_salesforce::demo::{Org, ServerOptions, Shape};
use rusqlite::Connection;
use serde_json::Value;

use super::{ALL, NAMES, convert, database};
use crate::support::{Demo, Document, Run};

/// A document without what differs from run to run.
fn timeless(mut document: Value) -> Value {
    let sync = document["sync"].as_object_mut().unwrap();
    for key in ["id", "startedAt"] {
        sync.remove(key).unwrap();
    }
    sync["org"].as_object_mut().unwrap().remove("instanceUrl");
    let summary = document["summary"].as_object_mut().unwrap();
    for key in ["endedAt", "cost", "read"] {
        summary.remove(key).unwrap();
    }
    document
}

#[test]
fn a_sync_writes_every_format_and_each_becomes_the_same_json() {
    let mut first = None;
    for name in NAMES {
        let ran = Run::new().args(["--demo", "-f", name]).output();
        assert_eq!(ran.code(), 0, "{name}: {}", ran.stderr());
        convert(ran.folder.path(), name, "back.json", &[]);
        let document = timeless(Document::read(&ran.path("back.json")).0);
        let first = first.get_or_insert_with(|| document.clone());
        assert!(*first == document, "{name} is another document");
    }
}

#[test]
fn no_format_loses_a_byte_of_a_document() {
    let ran = Run::new().args(["--demo", "-f", "first.json"]).args(ALL).output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let folder = ran.folder.path();
    let first = fs::read(ran.path("first.json")).unwrap();
    let mut last = "first.json";
    for name in NAMES {
        convert(folder, last, name, &[]);
        convert(folder, name, "back.json", &[]);
        assert!(fs::read(ran.path("back.json")).unwrap() == first, "{name} is not without loss");
        last = name;
    }
    // What is deterministic is so: the same document makes the same file.
    convert(folder, "first.json", "one.c1z", &[]);
    convert(folder, "a.jsonl", "other.c1z", &[]);
    assert!(fs::read(ran.path("one.c1z")).unwrap() == fs::read(ran.path("other.c1z")).unwrap());
}

#[test]
fn a_bad_target_fails_before_anybody_is_asked() {
    for (arguments, says) in [
        (vec!["-f", "x.json", "--format", "c1z"], "is the name of a json document"),
        (vec!["-f", "x.csv"], "convert"),
        (vec!["-f", "x.zip"], "`.zip` is not written here"),
        (vec!["--format", "c1z", "-f", "-"], "goes to a file"),
        (vec!["--keep", "few", "-f", "x.c1z"], "--keep"),
    ] {
        // Nobody listens there: who asks fails otherwise.
        let org = ["--domain", "http://127.0.0.1:9", "--salesforce-access-token", "x"];
        Run::new().args(org).args(arguments).output().failed(3, &[says]);
    }
    let nowhere = ["--domain", "http://127.0.0.1:9", "--salesforce-access-token", "x", "-f", "none/x.c1z"];
    Run::new().args(nowhere).output().failed(2, &["there is no folder"]);
}

#[test]
fn a_format_that_is_asked_for_names_the_file() {
    let ran = Run::new().args(["--demo", "--format", "jsonl"]).output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let first = fs::read_to_string(ran.path("demo.jsonl")).unwrap();
    assert!(first.lines().all(|line| serde_json::from_str::<Value>(line).unwrap().as_object().unwrap().len() == 1));
    assert!(first.starts_with("{\"sync\":{") && first.lines().last().unwrap().starts_with("{\"summary\":{"));
    let ran = Run::new().args(["--demo", "--format", "jsonl", "-f", "-"]).output();
    assert!(ran.stdout().starts_with("{\"sync\":{") && ran.code() == 0);
}

/// Queries of the sort that the commands of the `baton` CLI make.
fn count(database: &Connection, sql: &str) -> i64 {
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn an_incomplete_document_is_not_the_sync_that_the_tools_look_at() {
    let mut org = Org::generate(Shape::Small, 1);
    org.without_object("PermissionSetGroup");
    let demo = Demo::start(org, ServerOptions::default());
    let ran = demo.run().args(["-f", "x.c1z", "--allow-partial"]).output();
    assert_eq!(ran.code(), 15, "{}", ran.stderr());
    let (database, _folder) = database(&ran.path("x.c1z"));
    assert_eq!(count(&database, "SELECT count(*) FROM v1_sync_runs WHERE sync_type = 'partial'"), 1);
    convert(ran.folder.path(), "x.c1z", "x.json", &[]);
    assert_eq!(Document::read(&ran.path("x.json")).0["summary"]["complete"], false);
}

#[test]
fn random_orgs_go_there_and_back() {
    for seed in 100..104 {
        let demo = Demo::start(crate::random_org::random_org(seed), ServerOptions::default());
        let ran = demo.run().args(ALL).args(["--sync-non-standard-users", "--allow-partial", "-f", "a.json"]).output();
        assert!([0, 15].contains(&ran.code()), "{}", ran.stderr());
        let first = fs::read(ran.path("a.json")).unwrap();
        for name in ["a.c1z", "a.jsonl.gz"] {
            convert(ran.folder.path(), "a.json", name, &[]);
            convert(ran.folder.path(), name, "back.json", &[]);
            assert!(fs::read(ran.path("back.json")).unwrap() == first, "org {seed}, {name}");
        }
    }
}
