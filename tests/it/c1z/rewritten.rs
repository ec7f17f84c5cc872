//! A second writer, made of what the judge knows: it turns a document of any org into a file. What the judge says of
//! that one is a false alarm.

use std::collections::BTreeMap;
use std::path::Path;

use baton_salesforce::connector::Expand;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::compare::compare;
use super::encode::{Packing, bytes, database, double, message, number, text};
use super::judge::judge;
use super::messages::{self, Kind, Shape};
use super::schema;
use crate::random_org::random_org;
use crate::support::{id_of, text as string};
use crate::truthful::{Served, everything, expanding};

/// A message, from its JSON.
fn encoded(shape: &Shape, value: &Value) -> Vec<u8> {
    let mut all = Vec::new();
    for member in shape.members {
        let value = &value[member.name];
        let list = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        if let (Kind::Enum(names), true, false) = (member.kind, member.many, value.is_null()) {
            let packed = |value| number(1, named(names, value))[1..].to_vec();
            all.extend(bytes(member.number, &list.iter().flat_map(packed).collect::<Vec<_>>()));
            continue;
        }
        for value in list.iter().filter(|value| !value.is_null()) {
            all.extend(field(member.number, member.kind, value));
        }
    }
    all
}

fn named(names: messages::Names, value: &Value) -> u64 {
    let (value, _) = names.iter().find(|(_, name)| value == name).unwrap();
    *value
}

fn field(at: u32, kind: Kind, value: &Value) -> Vec<u8> {
    match kind {
        Kind::Text => text(at, value.as_str().unwrap()),
        Kind::Bool => number(at, u64::from(value.as_bool().unwrap())),
        Kind::Enum(names) => number(at, named(names, value)),
        Kind::Message(shape) => bytes(at, &encoded(shape, value)),
        Kind::Struct => bytes(at, &structure(value)),
        Kind::Timestamp => {
            let time: jiff::Timestamp = value.as_str().unwrap().parse().unwrap();
            let nanos = u64::try_from(time.subsec_nanosecond()).unwrap();
            let nanos = if nanos == 0 { Vec::new() } else { number(2, nanos) };
            message(at, &[number(1, time.as_second().cast_unsigned()), nanos])
        }
        Kind::Any => {
            let url = value["@type"].as_str().unwrap();
            let inner = encoded(messages::annotation(url).unwrap(), value);
            message(at, &[text(1, url), if inner.is_empty() { Vec::new() } else { bytes(2, &inner) }])
        }
        Kind::Sources => {
            let source = |(id, source): (&String, &Value)| {
                message(at, &[text(1, id), bytes(2, &encoded(&messages::GRANT_SOURCE, source))])
            };
            value.as_object().unwrap().iter().flat_map(source).collect()
        }
    }
}

fn structure(value: &Value) -> Vec<u8> {
    let sorted: BTreeMap<_, _> = value.as_object().unwrap().iter().collect();
    sorted.into_iter().flat_map(|(name, value)| message(1, &[text(1, name), bytes(2, &attribute(value))])).collect()
}

fn attribute(value: &Value) -> Vec<u8> {
    match value {
        Value::Null => number(1, 0),
        Value::Bool(is) => number(4, u64::from(*is)),
        Value::Number(value) => double(value.as_f64().unwrap()),
        Value::String(told) => text(3, told),
        Value::Array(list) => message(6, &list.iter().map(|value| bytes(1, &attribute(value))).collect::<Vec<_>>()),
        Value::Object(_) => bytes(5, &structure(value)),
    }
}

/// What the file holds beyond the document: a profile in each user's trait, and what a document names by its id alone.
fn completed(document: &Value) -> Value {
    let mut document = document.clone();
    for resource in document["resources"].as_array_mut().unwrap() {
        if resource["id"]["resourceType"] == "user" && resource["annotations"][0]["profile"].is_null() {
            resource["annotations"][0]["profile"] = json!({});
        }
    }
    let by_id = |section: &str, id: fn(&Value) -> String| -> BTreeMap<String, Value> {
        document[section].as_array().unwrap().iter().map(|value| (id(&value["id"]), value.clone())).collect()
    };
    let (types, resources) = (by_id("resourceTypes", string), by_id("resources", id_of));
    let entitlements = by_id("entitlements", string);
    for entitlement in document["entitlements"].as_array_mut().unwrap() {
        entitlement["resource"] = resources[&id_of(&entitlement["resource"]["id"])].clone();
        for kind in entitlement["grantableTo"].as_array_mut().unwrap() {
            if let Some(known) = types.get(&string(&kind["id"])) {
                *kind = known.clone();
            }
        }
    }
    for grant in document["grants"].as_array_mut().unwrap() {
        let id = &entitlements[&string(&grant["entitlement"]["id"])]["resource"]["id"];
        grant["entitlement"]["resource"] = json!({"id": id});
    }
    document
}

fn insert(connection: &Connection, document: &Value) {
    let time = "2026-11-25 01:25:00.5";
    let sync = string(&document["sync"]["id"]);
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(sql).unwrap().execute(values).unwrap();
    };
    let sql =
        "insert into v1_sync_runs (sync_id, started_at, ended_at, sync_token, supports_diff) values (?, ?, ?, '', 1)";
    run(sql, params![sync, time, time]);
    for kind in document["resourceTypes"].as_array().unwrap() {
        let sql = "insert into v1_resource_types (external_id, data, sync_id, discovered_at) values (?, ?, ?, ?)";
        run(sql, params![string(&kind["id"]), encoded(&messages::RESOURCE_TYPE, kind), sync, time]);
    }
    for resource in document["resources"].as_array().unwrap() {
        let (kind, data) = (string(&resource["id"]["resourceType"]), encoded(&messages::RESOURCE, resource));
        let sql = "insert into v1_resources (resource_type_id, external_id, data, sync_id, discovered_at) \
                   values (?, ?, ?, ?, ?)";
        run(sql, params![kind, id_of(&resource["id"]), data, sync, time]);
    }
    for entitlement in document["entitlements"].as_array().unwrap() {
        let of = &entitlement["resource"]["id"];
        let data = encoded(&messages::ENTITLEMENT, entitlement);
        let sql = "insert into v1_entitlements (resource_type_id, resource_id, external_id, data, sync_id, \
                   discovered_at) values (?, ?, ?, ?, ?, ?)";
        let (kind, id) = (string(&of["resourceType"]), string(&of["resource"]));
        run(sql, params![kind, id, string(&entitlement["id"]), data, sync, time]);
    }
    for grant in document["grants"].as_array().unwrap() {
        let mut grant = grant.clone();
        let mut expansion = None;
        if let Some(annotations) = grant["annotations"].as_array_mut() {
            let is_expandable = |value: &Value| string(&value["@type"]).ends_with(".GrantExpandable");
            if let Some(at) = annotations.iter().position(is_expandable) {
                expansion = Some(encoded(&messages::GRANT_EXPANDABLE, &annotations.remove(at)));
            }
        }
        let (of, by) = (&grant["entitlement"]["resource"]["id"], &grant["principal"]["id"]);
        let sql = "insert into v1_grants (resource_type_id, resource_id, entitlement_id, principal_resource_type_id, \
                   principal_resource_id, external_id, expansion, needs_expansion, data, sync_id, discovered_at) \
                   values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let needs = expansion.is_some();
        let data = encoded(&messages::GRANT, &grant);
        let [kind, id, by_kind, by_id] =
            [&of["resourceType"], &of["resource"], &by["resourceType"], &by["resource"]].map(string);
        let (held, name) = (string(&grant["entitlement"]["id"]), string(&grant["id"]));
        run(sql, params![kind, id, held, by_kind, by_id, name, expansion, needs, data, sync, time]);
    }
}

/// Writes a document as a file.
fn write(document: &Value, path: &Path) {
    let document = completed(document);
    let made = database(|connection| {
        connection.execute_batch("begin").unwrap();
        for table in schema::TABLES {
            connection.execute_batch(&schema::create_table(table)).unwrap();
        }
        insert(connection, &document);
        for index in schema::INDEXES {
            connection.execute_batch(&schema::create_index(index)).unwrap();
        }
        connection.execute_batch("commit").unwrap();
    });
    std::fs::write(path, Packing::GOOD.file(&made)).unwrap();
}

#[test]
fn there_is_no_false_alarm_in_random_orgs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sync.c1z");
    for seed in 0..6 {
        let served = Served::new(random_org(seed));
        for options in [everything(Expand::All), everything(Expand::None), expanding(Expand::Used)] {
            let document = served.document(&options).0;
            write(&document, &path);
            assert_eq!(judge(&path), [""; 0], "org {seed}");
            assert_eq!(compare(&document, &path), [""; 0], "org {seed}");
        }
    }
}
