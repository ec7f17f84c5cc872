//! `.c1z` files of other programs: old schemas, several syncs, rows in any order, messages that are not known here.

use std::path::Path;

use baton_salesforce::output::read::Reader;
use rusqlite::{Connection, params};
use serde_json::json;

use super::{as_json, packed};
use crate::support::Run;

/// A field of a protobuf message that is bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()], bytes].concat()
}

fn resource(kind: &str, id: &str, name: &str) -> Vec<u8> {
    [field(1, &[field(1, kind.as_bytes()), field(2, id.as_bytes())].concat()), field(3, name.as_bytes())].concat()
}

fn any(name: &str, value: &[u8]) -> Vec<u8> {
    [field(1, format!("type.googleapis.com/{name}").as_bytes()), field(2, value)].concat()
}

/// As the first versions of the tools made it: few columns, no index; rows in no order.
fn old_file(folder: &Path) -> Vec<u8> {
    let path = folder.join("old");
    let database = Connection::open(&path).unwrap();
    database
        .execute_batch(
            "CREATE TABLE v1_sync_runs (id integer primary key, sync_id text, started_at datetime, ended_at datetime, sync_token text);
             CREATE TABLE v1_resource_types (id integer primary key, external_id text, data blob, sync_id text, discovered_at datetime);
             CREATE TABLE v1_resources (id integer primary key, resource_type_id text, external_id text, data blob, sync_id text, discovered_at datetime);
             CREATE TABLE v1_entitlements (id integer primary key, resource_type_id text, resource_id text, external_id text, data blob, sync_id text, discovered_at datetime);
             CREATE TABLE v1_grants (id integer primary key, resource_type_id text, resource_id text, entitlement_id text, principal_resource_type_id text, principal_resource_id text, external_id text, data blob, sync_id text, discovered_at datetime);
             INSERT INTO v1_sync_runs VALUES (1, 'old', '2026-01-01 00:00:00', '2026-01-01 00:00:01', ''),
                 (2, 'new', '2026-01-02 00:00:00.5', '2026-01-02 00:00:01', ''), (3, 'open', '2026-01-03 00:00:00', NULL, '');",
        )
        .unwrap();
    let insert = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| database.execute(sql, parameters).unwrap();
    for (kind, name) in [("vault", "Vault"), ("group", "Group"), ("user", "User")] {
        let data = [field(1, kind.as_bytes()), field(2, name.as_bytes())].concat();
        insert("INSERT INTO v1_resource_types (external_id, data, sync_id) VALUES (?, ?, 'new')", params![kind, data]);
    }
    let user = [
        resource("user", "b", "Bo"),
        field(4, &any("c1.connector.v2.UserTrait", &field(6, b"bo@x"))),
        field(4, &any("c1.connector.v2.Strange", &[8, 1])),
        // A field that nobody knows.
        field(15, b"?"),
    ]
    .concat();
    for (kind, id, data) in [
        ("vault", "v", resource("vault", "v", "V")),
        ("user", "b", user),
        ("group", "g", resource("group", "g", "G")),
        ("group", "h", resource("group", "h", "Hall")),
        ("user", "a", resource("user", "a", "A")),
    ] {
        let sql = "INSERT INTO v1_resources (resource_type_id, external_id, data, sync_id) VALUES (?, ?, ?, 'new')";
        insert(sql, params![kind, format!("{kind}:{id}"), data]);
    }
    insert(
        "INSERT INTO v1_resources (resource_type_id, external_id, data, sync_id) VALUES ('user', 'user:z', ?, 'old')",
        params![resource("user", "z", "Z")],
    );
    for (kind, id, slug) in [("vault", "v", "open"), ("group", "g", "member"), ("group", "h", "member")] {
        let name = format!("{kind}:{id}:{slug}");
        let data = [field(1, &resource(kind, id, "whole")), field(2, name.as_bytes()), field(3, b"E")].concat();
        let sql = "INSERT INTO v1_entitlements (resource_type_id, resource_id, external_id, data, sync_id) VALUES (?, ?, ?, ?, 'new')";
        insert(sql, params![kind, id, name, data]);
    }
    for (entitlement, kind, id, annotation) in [
        ("vault:v:open", "group", "g", any("c1.connector.v2.GrantExpandable", &field(1, b"group:g:member"))),
        ("group:g:member", "user", "b", any("c1.connector.v2.GrantImmutable", &[])),
        ("group:g:member", "user", "a", any("c1.connector.v2.GrantMetadata", &[])),
    ] {
        let parts: Vec<_> = entitlement.split(':').collect();
        let name = format!("{entitlement}:{kind}:{id}");
        let of = [field(1, &resource(parts[0], parts[1], "")), field(2, entitlement.as_bytes())].concat();
        let principal = resource(kind, id, "");
        let data = [field(1, &of), field(2, &principal), field(3, name.as_bytes()), field(4, &annotation)].concat();
        insert(
            "INSERT INTO v1_grants (resource_type_id, resource_id, entitlement_id, principal_resource_type_id, principal_resource_id, external_id, data, sync_id) VALUES (?, ?, ?, ?, ?, ?, ?, 'new')",
            params![parts[0], parts[1], entitlement, kind, id, name, data],
        );
    }
    drop(database);
    packed(&path)
}

#[test]
fn an_old_file_of_another_program_is_read_in_the_order_of_a_document() {
    let folder = tempfile::tempdir().unwrap();
    let document = as_json(&old_file(folder.path()));
    assert_eq!(
        document["sync"],
        json!({"id": "new", "startedAt": "2026-01-02T00:00:00.5Z", "org": null, "options": null})
    );
    let ids = |section: &str| -> Vec<String> {
        let id = |item: &serde_json::Value| match item["id"].as_str() {
            Some(id) => id.to_owned(),
            None => format!("{}:{}", item["id"]["resourceType"], item["id"]["resource"]).replace('"', ""),
        };
        document[section].as_array().unwrap().iter().map(id).collect()
    };
    assert_eq!(ids("resourceTypes"), ["user", "group", "vault"]);
    assert_eq!(ids("resources"), ["user:a", "user:b", "group:g", "group:h", "vault:v"]);
    assert_eq!(ids("entitlements"), ["group:g:member", "group:h:member", "vault:v:open"]);
    assert_eq!(ids("grants"), ["group:g:member:user:a", "group:g:member:user:b", "vault:v:open:group:g"]);
    // What is not known is kept as it is; what is known is said.
    assert_eq!(
        document["resources"][1]["annotations"],
        json!([
            {"@type": "type.googleapis.com/c1.connector.v2.UserTrait", "login": "bo@x"},
            {"@type": "type.googleapis.com/c1.connector.v2.Strange", "value": "CAE="},
        ])
    );
    assert_eq!(document["grants"][2]["annotations"][0]["entitlementIds"], json!(["group:g:member"]));
    assert_eq!(document["summary"]["complete"], json!(null));
    assert_eq!(document["summary"]["counts"]["resources"], json!({"user": 2, "group": 2, "vault": 1}));
}

#[test]
fn what_a_file_loses_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("old.c1z"), old_file(folder.path())).unwrap();
    let stderr = super::convert(folder.path(), "old.c1z", "old.json", &[]);
    assert!(stderr.contains("1 items of the file have fields that this version does not know"), "{stderr}");
    assert!(stderr.contains("another program wrote the document"), "{stderr}");
    let stderr = super::convert(folder.path(), "old.json", "new.c1z", &[]);
    assert!(stderr.contains("c1.connector.v2.Strange (1)"), "{stderr}");
    super::convert(folder.path(), "new.c1z", "back.json", &[]);
    let read = |name: &str| serde_json::from_slice(&std::fs::read(folder.path().join(name)).unwrap()).unwrap();
    let (mut before, after): (serde_json::Value, serde_json::Value) = (read("old.json"), read("back.json"));
    // The `baton` CLI needs it.
    before["resources"][1]["annotations"][0]["profile"] = json!({});
    assert_eq!(before, after);
    // A later version's field, in JSON.
    let text = std::fs::read_to_string(folder.path().join("old.json")).unwrap().replacen(
        "\"displayName\":\"A\"",
        "\"displayName\":\"A\",\"later\":1",
        1,
    );
    std::fs::write(folder.path().join("later.json"), text).unwrap();
    let stderr = super::convert(folder.path(), "later.json", "new.c1z", &[]);
    assert!(stderr.contains("left out: resources: later (1)"), "{stderr}");
}

#[test]
fn one_of_several_syncs_can_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.c1z");
    std::fs::write(&file, old_file(folder.path())).unwrap();
    let read = |sync| {
        let mut reader = Reader::open(&file, Some(sync))?;
        let mut items = Vec::new();
        while let Some(item) = reader.next_item()? {
            items.push(String::from_utf8(item.text.to_vec()).unwrap());
        }
        Ok::<_, baton_salesforce::output::read::ReadError>(items)
    };
    let old = read("old").unwrap();
    assert!(old.len() == 3 && old[1].contains("\"z\""), "{old:?}");
    let open = read("open").unwrap();
    assert!(
        open.len() == 2 && open[1].contains("\"complete\":false") && open[1].contains("\"endedAt\":null"),
        "{open:?}"
    );
    assert!(read("x'; --").unwrap_err().to_string().contains("it has new, old, open"));
}

#[test]
fn questions_to_a_file_of_another_program_are_never_answered_with_no() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.c1z");
    std::fs::write(&file, old_file(folder.path())).unwrap();
    let run = |arguments: [&str; 4]| Run::new().arg("explain").arg(&file).args(arguments).output();
    let ran = run(["--user", "bo@x", "--entitlement", "V"]);
    assert!(ran.stdout().starts_with("Yes."), "{}{}", ran.stdout(), ran.stderr());
    let ran = run(["--user", "bo@x", "--entitlement", "Hall"]);
    assert!(ran.stdout().starts_with("Unknown"), "{}{}", ran.stdout(), ran.stderr());
    assert!(ran.stdout().contains("another program wrote the document"), "{}", ran.stdout());
}

/// Real files, where they are at hand.
#[test]
fn recorded_files_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/recordings/c1z");
    if !folder.is_dir() {
        eprintln!("SKIPPED: recorded_files_are_read: ../shared/recordings is not here");
        return;
    }
    let hand = as_json(&std::fs::read(folder.join("hand.c1z")).unwrap());
    assert_eq!(hand["resources"][0]["displayName"], "Alice");
    assert_eq!(hand["grants"][1]["id"], "group:g1:member:user:u2");
    let real = as_json(&std::fs::read(folder.join("sf_sqlite.c1z")).unwrap());
    let grants = real["grants"].as_array().unwrap();
    let expandable =
        grants.iter().find(|grant| grant["id"] == "permission:PS2X:assigned:permission_set_group:PSG1X").unwrap();
    assert_eq!(expandable["annotations"][0]["entitlementIds"], json!(["permission_set_group:PSG1X:member"]));
    let derived = grants.iter().find(|grant| grant["id"] == "permission:PS2X:assigned:user:0051X").unwrap();
    assert_eq!(derived["sources"]["sources"]["permission_set_group:PSG1X:member"]["isDirect"], true);
}
