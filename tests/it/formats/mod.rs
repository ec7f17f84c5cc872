//! Documents in all their formats: written, read, converted, cut.

mod csv;
mod cut;
mod foreign;
mod golden;
mod kept;
mod written;

use std::path::Path;

use baton_salesforce::output::read::Reader;
use baton_salesforce::output::{self, Form, Format};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::Run;

/// All kinds of resources, as far as grants can be followed.
const ALL: [&str; 4] = [
    "--expand",
    "all",
    "--sync-also",
    "territory,connected_application,agent,manager_group,permission_set_license,system_permission",
];

/// The names of all formats.
const NAMES: [&str; 8] =
    ["a.json", "a.jsonl", "a.ndjson", "a.c1z", "a.json.gz", "a.jsonl.zst", "a.c1z.gz", "a.json.zst"];

/// Converts one file to another one, in this folder.
#[track_caller]
fn convert(folder: &Path, from: &str, to: &str, more: &[&str]) -> String {
    let ran = Run::new().args(["convert", "--force"]).args([folder.join(from), folder.join(to)]).args(more).output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert!(ran.stdout().is_empty());
    ran.stderr()
}

/// A small document, in JSON.
fn small() -> Vec<u8> {
    let items = [
        ("sync", small_header("2026-11-25T01:02:03.5Z", "3MZtQNAUZIE4VHiBRfxdM2ESj4N")),
        ("resourceType", json!({"id": "user", "displayName": "User", "traits": ["TRAIT_USER"]})),
        ("resourceType", json!({"id": "group", "displayName": "Group", "traits": ["TRAIT_GROUP"]})),
        ("resource", user("005A", "Ada")),
        (
            "resource",
            json!({"id": {"resourceType": "group", "resource": "00GA"}, "displayName": "G", "annotations": [{"@type": "type.googleapis.com/c1.connector.v2.GroupTrait"}]}),
        ),
        (
            "entitlement",
            json!({"resource": {"id": {"resourceType": "group", "resource": "00GA"}}, "id": "group:00GA:member", "displayName": "G Group Member", "grantableTo": [{"id": "user"}], "purpose": "PURPOSE_VALUE_ASSIGNMENT", "slug": "member"}),
        ),
        (
            "grant",
            json!({"id": "group:00GA:member:user:005A", "entitlement": {"id": "group:00GA:member"}, "principal": {"id": {"resourceType": "user", "resource": "005A"}}}),
        ),
        (
            "summary",
            json!({"endedAt": "2026-11-25T01:02:04Z", "complete": true, "counts": {"resources": {"user": 1, "group": 1}, "entitlements": 1, "grants": 1, "inactiveAssignments": 0}, "notRead": [], "leftOut": [], "warnings": [], "notCovered": []}),
        ),
    ];
    let lines: Vec<_> = items.iter().map(|(name, item)| format!("{{\"{name}\":{item}}}\n")).collect();
    rewritten(lines.concat().as_bytes(), Form::Json)
}

fn small_header(started_at: &str, id: &str) -> Value {
    json!({
        "id": id, "startedAt": started_at, "org": {"id": "00D000000000001EAA", "name": "Acme"},
        "options": {
            "syncResourceTypes": ["user", "group"], "syncDeactivatedUsers": true, "syncNonStandardUsers": false,
            "skipEntitlementsAndGrants": false,
        },
    })
}

fn user(id: &str, name: &str) -> Value {
    json!({
        "id": {"resourceType": "user", "resource": id}, "displayName": name,
        "annotations": [{
            "@type": "type.googleapis.com/c1.connector.v2.UserTrait", "status": {"status": "STATUS_ENABLED"},
            "login": "ada@acme.example", "profile": {"n": 1.5, "user_id": id},
        }],
    })
}

/// The document in another form.
fn rewritten(document: &[u8], form: Form) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut reader = Reader::of(document).unwrap();
    let mut sink = output::sink(&mut bytes, Format { form, compression: None }, None).unwrap();
    while let Some(item) = reader.next_item().unwrap() {
        sink.item(item.section, item.text).unwrap();
    }
    sink.finish().unwrap();
    bytes
}

/// The document as JSON.
fn as_json(document: &[u8]) -> Value {
    serde_json::from_slice(&rewritten(document, Form::Json)).unwrap()
}

/// The database in a `.c1z` file.
fn database(file: &Path) -> (Connection, tempfile::TempDir) {
    let bytes = std::fs::read(file).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    std::fs::write(&path, zstd::decode_all(bytes.strip_prefix(b"C1ZF\0").unwrap()).unwrap()).unwrap();
    (Connection::open(path).unwrap(), folder)
}

/// A `.c1z` file of a database.
fn packed(database: &Path) -> Vec<u8> {
    let database = std::fs::read(database).unwrap();
    [b"C1ZF\0".to_vec(), zstd::encode_all(&*database, 1).unwrap()].concat()
}
