//! Whatever two documents hold: a difference that is applied to the old one gives the new one, and nothing is told twice.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Doc, Seen, access, diff_with, named, told};
use crate::access::diff::{Settings, Subject};

const HELD: [&str; 6] =
    ["group:g1", "group:g2", "group:tech", "permission:s1", "permission:s2", "permission_set_group:b1"];
const BY: [&str; 6] = ["user:u1", "user:u2", "user:u3", "group:g1", "group:g2", "permission_set_group:b1"];

#[derive(Debug, Clone)]
struct Row {
    held: usize,
    by: usize,
    through: Vec<usize>,
    limit: u8,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..HELD.len(), 0..BY.len(), prop::collection::vec(0..HELD.len(), 0..3), 0u8..4);
    prop::collection::vec(row.prop_map(|(held, by, through, limit)| Row { held, by, through, limit }), 0..24)
}

/// Some of the resources, with some of the attributes, and rows among those that are there.
fn doc(rows: &[Row], there: u16, attributes: u16) -> Doc {
    let mut doc = Doc::new();
    // With `all`, each way is written, whether a group is used or not.
    doc.option("expand", "all".into());
    let all: Vec<&str> = BY[..3].iter().chain(&HELD).copied().collect();
    let is_there = |name: &str| all.iter().position(|other| *other == name).is_some_and(|at| there & (1 << at) != 0);
    for (n, name) in all.iter().enumerate().filter(|(_, name)| is_there(name)) {
        let mut profile =
            json!({"type": if name.contains("tech") { "Role" } else { "Regular" }, "user_type": "Standard"});
        if attributes & (1 << n) != 0 {
            profile["department"] = n.into();
        }
        if attributes & (2 << n) != 0 {
            profile["name"] = format!("name {n}").into();
        }
        doc.resource(name, profile);
    }
    for Row { held, by, through, limit } in rows {
        let (held, by) = (HELD[*held], BY[*by]);
        if !is_there(held) || !is_there(by) || held == by {
            continue;
        }
        let through: Vec<&str> =
            through.iter().map(|n| HELD[*n]).filter(|source| by.starts_with("user") && is_there(source)).collect();
        let metadata = match limit {
            1 => json!({"expires_at": "2027-01-01T00:00:00Z"}),
            2 => json!({"condition": "session_activation"}),
            _ => json!({}),
        };
        if *limit == 3 && by.starts_with("user") && through.is_empty() {
            doc.dead(held, by, "EXPIRED");
        } else {
            doc.grant(held, by, &through, &metadata);
        }
    }
    doc
}

/// What a document says, by subject: attributes and their values.
type Model = BTreeMap<String, BTreeMap<String, String>>;

fn flat(value: &Value, prefix: &str, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| flat(value, name, into)),
        Value::Null => {}
        other => drop(into.insert(prefix.to_owned(), other.to_string())),
    }
}

fn model(doc: &Doc) -> Model {
    let mut model = Model::new();
    for (items, is_entitlement) in [(&doc.resources, false), (&doc.entitlements, true)] {
        for item in items.values() {
            let attributes = super::super::attributes::flat(item.clone());
            let attributes = attributes.into_iter().map(|(name, value)| (name, value.to_string())).collect();
            let id = &item["id"];
            let name = if is_entitlement {
                id.as_str().unwrap().to_owned()
            } else {
                format!("{}:{}", id["resourceType"].as_str().unwrap(), id["resource"].as_str().unwrap())
            };
            model.insert(name, attributes);
        }
    }
    for (items, prefix) in [(&doc.grants, ""), (&doc.inactive, "inactive ")] {
        for item in items.values() {
            let (held, by) = (&item["entitlement"]["id"], &item["principal"]["id"]);
            let name = format!(
                "{prefix}{} {}:{}",
                held.as_str().unwrap(),
                by["resourceType"].as_str().unwrap(),
                by["resource"].as_str().unwrap()
            );
            let mut attributes = BTreeMap::new();
            if prefix.is_empty() {
                let own = held.as_str().unwrap();
                let sources: Vec<&String> =
                    item["sources"]["sources"].as_object().map(|sources| sources.keys().collect()).unwrap_or_default();
                let others: Vec<&str> = sources.iter().map(|s| s.as_str()).filter(|source| *source != own).collect();
                attributes
                    .insert("isDirect".to_owned(), (sources.is_empty() || sources.len() > others.len()).to_string());
                attributes.insert("through".to_owned(), json!(others).to_string());
                for annotation in item["annotations"].as_array().into_iter().flatten() {
                    flat(&annotation["metadata"], "", &mut attributes);
                }
            }
            model.insert(name, attributes);
        }
    }
    model
}

/// The attribute as it is called in a document.
fn in_document(name: &str) -> &str {
    match name {
        "expiresAt" => "expires_at",
        other => other,
    }
}

fn apply(seen: &Seen, old: &Model, new: &Model) -> Model {
    let mut model = old.clone();
    for change in &seen.changes {
        let name = named(&change.subject);
        let is_grant = matches!(change.subject, Subject::Grant { .. });
        let (is_old, is_new) = if is_grant {
            (change.old.is_some(), change.new.is_some())
        } else {
            (told(change).starts_with("removed"), told(change).starts_with("added"))
        };
        // What moves is a grant on one side and an assignment that gives nothing on the other.
        for (dead, is_there) in [(&change.old_inactive, false), (&change.new_inactive, true)] {
            if is_grant && !dead.is_empty() {
                let name = format!("inactive {name}");
                assert!(if is_there {
                    model.insert(name, BTreeMap::new()).is_none()
                } else {
                    model.remove(&name).is_some()
                });
            }
        }
        match (is_old, is_new) {
            (true, false) => assert!(model.remove(&name).is_some(), "{name}"),
            // What it is like is not in a difference, but for grants.
            (false, true) => assert!(model.insert(name.clone(), new[&name].clone()).is_none(), "{name}"),
            _ => {
                let attributes = model.get_mut(&name).unwrap();
                for attribute in &change.attributes {
                    let key = in_document(&attribute.name).to_owned();
                    let before = match &attribute.new {
                        Some(value) => attributes.insert(key, value.clone()),
                        None => attributes.remove(&key),
                    };
                    assert_eq!(before, attribute.old, "{name} {}", attribute.name);
                }
            }
        }
    }
    model
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn a_difference_that_is_applied_gives_the_new_document(
        old in rows(), new in rows(), old_there in 0u16..512, new_there in 0u16..512, attributes in any::<(u16, u16)>(),
        is_near in any::<bool>(),
    ) {
        let settings = Settings { all_attributes: true };
        let old = doc(&old, old_there | 0b1_0000_1001, attributes.0);
        let new = if is_near { old.clone() } else { doc(&new, new_there | 0b1_0000_0011, attributes.1) };
        let seen = diff_with(&old, &new, settings);
        prop_assert!(seen.limits.is_empty(), "{:?}", seen.limits);
        prop_assert_eq!(seen.counts.written_once, 0);
        let (from, to) = (model(&old), model(&new));
        prop_assert_eq!(apply(&seen, &from, &to), to);
        if is_near {
            prop_assert!(seen.changes.is_empty());
        }
        // Every cause is told itself, and has no other cause.
        for change in &seen.changes {
            let of = &change.cause.subject;
            prop_assert!(seen.changes.iter().any(|other| other.subject == *of && other.is_cause()), "{of:?}");
        }
        let back = diff_with(&new, &old, settings);
        let mirrored = |line: String| {
            let swap = [("added", "removed"), ("removed", "added"), ("gained", "lost"), ("lost", "gained")];
            let swapped = |word: &str| swap.iter().find(|(one, _)| *one == word).map_or(word, |(_, other)| *other).to_owned();
            line.split(' ').map(swapped).collect::<Vec<_>>().join(" ")
        };
        let lines = |seen: &Seen| {
            let mut lines: Vec<_> = seen.changes.iter().map(|change| format!("{}{}", told(change), access(change))).collect();
            lines.sort();
            lines
        };
        let mut expected: Vec<_> = lines(&seen).into_iter().map(mirrored).collect();
        expected.sort();
        prop_assert_eq!(lines(&back), expected);
    }
}
