//! What commands print as JSON meets its schema: each run of each test is checked, whatever the test is about.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use baton_salesforce::commands::schema;
use baton_salesforce::demo::{Org, ServerOptions, Shape};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::explain::document::{DEALS, Doc, SET, U1};
use crate::support::{Demo, Run, text};

const SCHEMAS: [(&str, &str); 3] = [("show", schema::SHOW), ("explain", schema::EXPLAIN), ("diff", schema::DIFF)];

fn validator(command: &str) -> &'static Validator {
    static ALL: OnceLock<BTreeMap<&str, Validator>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let of = |text| jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap();
        SCHEMAS.into_iter().map(|(command, text)| (command, of(text))).collect()
    });
    &all[command]
}

/// Checks what a run has printed, if it has a schema and was not broken off.
#[track_caller]
pub(crate) fn check(stdout: &[u8]) {
    let start = String::from_utf8_lossy(&stdout[..stdout.len().min(80)]);
    let Some((_, rest)) = start.split_once("\"format\": \"baton-salesforce.") else { return };
    let Some((command, _)) = SCHEMAS.iter().find(|(command, _)| rest.starts_with(&format!("{command}/1\""))) else {
        return;
    };
    let Ok(printed) = serde_json::from_slice::<Value>(stdout) else { return };
    let errors: Vec<_> = validator(command).iter_errors(&printed).take(3).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{command}: {errors:?}");
}

/// The document of an org in which somebody has a role, or has lost it.
fn document(has_role: bool) -> String {
    let mut org = Org::generate(Shape::Small, 1);
    let is_his = |user: &Value| user["UserType"] == "Standard" && user["UserRoleId"].is_string();
    let user = text(&org.records("User").into_iter().find(is_his).unwrap()["Id"]);
    if !has_role {
        org.update("User", &user, "UserRoleId", json!(null)).unwrap();
    }
    let ran = Demo::start(org, ServerOptions::default()).run().output();
    ran.document();
    std::fs::read_to_string(ran.path("sync.json")).unwrap()
}

/// What a command prints.
fn printed(command: &str) -> Value {
    let mut doc = Doc::new();
    doc.hold(DEALS, U1).hold(SET, U1);
    let run = Run::new().file("doc.json", &doc.text());
    let ran = match command {
        "show" => run.args(["show", "doc.json", "--json"]),
        "explain" => run.args(["explain", "doc.json", "--user", U1, "--json"]),
        _ => {
            let run = run.file("old.json", &document(true)).file("new.json", &document(false));
            run.args(["diff", "old.json", "new.json", "--json"])
        }
    };
    let ran = ran.output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    serde_json::from_str(&ran.stdout()).unwrap()
}

/// A place in a printed value, and what no schema lets through there.
const BROKEN: [(&str, &str, &str); 9] = [
    ("show", "/format", "baton-salesforce.show/2"),
    ("show", "/users/enabled", "1"),
    ("show", "/types/0/resources", "1"),
    ("explain", "/answers/0/answer", "maybe"),
    ("explain", "/answers/0/paths", "group"),
    ("explain", "/document/complete", "yes"),
    ("diff", "/changes/0/change", "gone"),
    ("diff", "/changes/0/principal", "ada"),
    ("diff", "/counts/grants/direct/removed", "1"),
];

#[test]
fn each_schema_is_printed_and_lets_nothing_else_through() {
    for (command, text) in SCHEMAS {
        let ran = Run::new().args(["schema", &format!("--{command}")]).output();
        assert_eq!((ran.code(), ran.stdout().as_str()), (0, text));
        let value = printed(command);
        assert!(validator(command).is_valid(&value));
        let mut more = value.clone();
        more["more"] = json!(1);
        assert!(!validator(command).is_valid(&more), "{command}");
        for member in value.as_object().unwrap().keys() {
            let mut less = value.clone();
            less.as_object_mut().unwrap().remove(member);
            // These are there where there is something to be said.
            let is_optional = matches!(member.as_str(), "isAll" | "doubts" | "warnings");
            assert_eq!(validator(command).is_valid(&less), is_optional, "{command}: {member}");
        }
        for (_, pointer, bad) in BROKEN.iter().filter(|(of, ..)| *of == command) {
            let mut broken = value.clone();
            *broken.pointer_mut(pointer).unwrap_or_else(|| panic!("{command}: no {pointer} in {value}")) = json!(bad);
            assert!(!validator(command).is_valid(&broken), "{command}: {pointer}");
        }
    }
    Run::new().args(["schema", "--show", "--diff"]).output().failed(3, &["--diff"]);
}
