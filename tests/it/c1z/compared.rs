//! The comparison, compared: the sample and its document, and each way in which they can differ.

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::compare::compare;
use super::encode::{Packing, any, bytes, changed, message, number, text};
use super::sample::{self, id};

fn told(document: &Value, spoil: impl FnOnce(&Connection)) -> Vec<String> {
    let made = changed(sample::good(), spoil);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("told.c1z");
    std::fs::write(&path, Packing::GOOD.file(&made)).unwrap();
    compare(document, &path)
}

#[test]
fn a_document_and_its_file_tell_the_same() {
    assert_eq!(told(&sample::document(), |_| {}), [""; 0]);
    // The newest sync counts.
    let earlier = |connection: &Connection| {
        sample::add_sync(connection, "3MZspTotKsn48HGt8qIMsSEB3up", "2026-11-25 01:25:00");
        connection.execute_batch("delete from v1_grants where sync_id like '%3up'").unwrap();
    };
    assert_eq!(told(&sample::document(), earlier), [""; 0]);
    // A second copy of what a trait says, for newer readers.
    let copied = |connection: &Connection| {
        let more = [number(1, 2), text(2, "frozen")];
        let data = [sample::resource("user:005A"), message(11, &more)].concat();
        connection.execute("update v1_resources set data = ? where external_id = 'user:005A'", [data]).unwrap();
    };
    assert_eq!(told(&sample::document(), copied), [""; 0]);
}

#[test]
fn every_change_of_the_document_is_a_difference() {
    let document = sample::document();
    let mut places = Vec::new();
    for section in ["resourceTypes", "resources", "entitlements", "grants"] {
        leaves(&document[section], &format!("/{section}"), &mut places);
    }
    assert!(places.len() > 120, "{}", places.len());
    for place in places {
        let mut changed = document.clone();
        let value = changed.pointer_mut(&place).unwrap();
        *value = match value {
            Value::String(text) => json!(format!("{text}!")),
            Value::Bool(is) => json!(!*is),
            _ => json!(77),
        };
        assert!(!told(&changed, |_| {}).is_empty(), "{place}");
    }
}

fn leaves(value: &Value, place: &str, places: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(name, value)| leaves(value, &format!("{place}/{}", escaped(name)), places));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| leaves(value, &format!("{place}/{at}"), places));
        }
        _ => places.push(place.to_owned()),
    }
}

#[test]
fn every_change_of_the_file_is_a_difference() {
    let set = |table: &'static str, row: &'static str, data: Vec<u8>| {
        move |connection: &Connection| {
            let sql = format!("update {table} set data = ? where external_id = ?");
            assert_eq!(connection.execute(&sql, params![data, row]), Ok(1));
        }
    };
    let run = |sql: &'static str| move |connection: &Connection| connection.execute_batch(sql).unwrap();
    let document = sample::document();
    let is = |differences: &[String], wanted: &str| {
        assert!(differences.iter().any(|text| text.contains(wanted)), "{wanted}: {differences:#?}");
    };
    let grant = "grants `group:00GA:member:user:005A`";
    is(&told(&document, run("delete from v1_grants where id = 1")), "`group:00GA:member:user:005A` is missing");
    is(&told(&document, run("update v1_grants set id = 90 where id = 1")), "grants: another order from");
    is(
        &told(&document, run("update v1_grants set expansion = null where id = 3")),
        "grants `group:00GA:member:group:00GB`.annotations",
    );
    let bare = sample::grant("group:00GA", "member", "user:005A", &[]);
    is(&told(&document, set("v1_grants", "group:00GA:member:user:005A", bare)), &format!("{grant}.sources is"));
    let other = sample::grant("group:00GA", "member", "user:005Z", &[]);
    is(
        &told(&document, set("v1_grants", "group:00GA:member:user:005A", other)),
        "`group:00GA:member:user:005Z` is in the .c1z alone",
    );
    let more = [sample::resource("role:00EA"), text(5, "more")].concat();
    is(
        &told(&document, set("v1_resources", "role:00EA", more)),
        "resources `role:00EA`.description is \"more\" in the .c1z alone",
    );
    let later = [id(1, "user:005A"), text(3, "Ada Admin"), any(4, "UserTrait", &[bytes(3, b"")])].concat();
    is(&told(&document, set("v1_resources", "user:005A", later)), "resources `user:005A`.annotations[0].createdAt is");
    is(&told(&document, set("v1_resources", "user:005A", b"\xff".to_vec())), "v1_resources row 1:");
    is(&told(&document, run("delete from v1_sync_runs")), "there is no sync");
}
