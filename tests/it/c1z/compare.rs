//! Whether a document and a `.c1z` tell the same: each object with all that is said about it, and their order.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::judge::Objects;
use super::messages::{self, PACKAGE, Shape};
use super::rows::Row;
use super::{container, decode, rows};

/// What the newest sync of a `.c1z` says otherwise than a document; nothing where both tell the same.
pub(crate) fn compare(document: &Value, path: &Path) -> Vec<String> {
    let mut differences = Vec::new();
    let told = sections(path, &mut differences);
    for (section, shown) in told {
        let wanted = document[section].as_array().map(Vec::as_slice).unwrap_or_default();
        list(section, wanted, &shown, &mut differences);
    }
    differences
}

fn sections(path: &Path, differences: &mut Vec<String>) -> Vec<(&'static str, Vec<Value>)> {
    let file = std::fs::read(path).unwrap_or_default();
    let Some(database) = container::open(&file, differences) else { return Vec::new() };
    let syncs = rows::read(&database.connection, "v1_sync_runs", differences);
    let Some(newest) = syncs.iter().max_by_key(|row| row.text("ended_at")) else {
        differences.push("there is no sync".to_owned());
        return Vec::new();
    };
    let objects = Objects::read(&database.connection, differences).of(newest.text("sync_id"));
    let mut section = |shape: &Shape, rows: &[Row], form: fn(&mut Value, &Row) -> Result<(), String>| {
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let value = decode::json(shape, row.data()).and_then(|mut value| form(&mut value, row).map(|()| value));
            match value {
                Ok(value) => all.push(value),
                Err(error) => differences.push(format!("{}: {error}", row.place)),
            }
        }
        all
    };
    vec![
        ("resourceTypes", section(&messages::RESOURCE_TYPE, &objects.types, |_, _| Ok(()))),
        (
            "resources",
            section(&messages::RESOURCE, &objects.resources, |value, _| {
                as_in_documents(value);
                Ok(())
            }),
        ),
        (
            "entitlements",
            section(&messages::ENTITLEMENT, &objects.entitlements, |value, _| {
                value["resource"] = by_id(&value["resource"]);
                let kinds = value["grantableTo"].as_array().map(Vec::as_slice).unwrap_or_default();
                value["grantableTo"] = kinds.iter().map(by_id).collect();
                Ok(())
            }),
        ),
        ("grants", section(&messages::GRANT, &objects.grants, grant)),
    ]
}

/// A document names by its id alone what stands elsewhere in it.
fn by_id(message: &Value) -> Value {
    json!({"id": message["id"]})
}

fn grant(value: &mut Value, row: &Row) -> Result<(), String> {
    value["entitlement"] = by_id(&value["entitlement"]);
    value["principal"] = by_id(&value["principal"]);
    if let Some(bytes) = row.blob("expansion") {
        let mut expandable = decode::json(&messages::GRANT_EXPANDABLE, bytes)?;
        expandable["@type"] = json!(format!("{PACKAGE}GrantExpandable"));
        let annotations = value["annotations"].as_array().cloned().unwrap_or_default();
        value["annotations"] = std::iter::once(expandable).chain(annotations).collect();
    }
    Ok(())
}

/// A `.c1z` may tell a trait's attributes a second time, and tells that there are none; a document does neither.
fn as_in_documents(resource: &mut Value) {
    let mut traits = resource["annotations"].as_array().cloned().unwrap_or_default();
    let is_trait = |annotation: &Value| annotation["@type"].as_str().is_some_and(|name| name.ends_with("Trait"));
    if let Some(of) = traits.iter_mut().find(|annotation| is_trait(annotation)) {
        if let Some(object) = resource.as_object_mut() {
            // The judge sees to it that these are the trait's.
            object.retain(|name, _| !["profile", "status", "createdAt", "icon"].contains(&name.as_str()));
        }
        if of["profile"].as_object().is_some_and(Map::is_empty)
            && let Some(object) = of.as_object_mut()
        {
            object.remove("profile");
        }
        resource["annotations"] = Value::Array(traits);
    }
}

fn name(value: &Value) -> String {
    match &value["id"] {
        Value::String(id) => id.clone(),
        id => format!("{}:{}", id["resourceType"].as_str().unwrap_or("?"), id["resource"].as_str().unwrap_or("?")),
    }
}

fn list(section: &str, wanted: &[Value], shown: &[Value], differences: &mut Vec<String>) {
    let mut rest: BTreeMap<_, _> = shown.iter().map(|value| (name(value), value)).collect();
    for value in wanted {
        match rest.remove(&name(value)) {
            None => differences.push(format!("{section}: `{}` is missing in the .c1z", name(value))),
            Some(other) => differ(&format!("{section} `{}`", name(value)), value, other, differences),
        }
    }
    let invented = rest.keys().map(|name| format!("{section}: `{name}` is in the .c1z alone"));
    differences.extend(invented);
    if wanted.len() != shown.len() {
        differences.push(format!("{section}: {} in the document, {} in the .c1z", wanted.len(), shown.len()));
    } else if let Some((value, _)) = wanted.iter().zip(shown).find(|(value, other)| name(value) != name(other)) {
        differences.push(format!("{section}: another order from `{}` on", name(value)));
    }
}

/// Goes down to what differs.
fn differ(place: &str, wanted: &Value, shown: &Value, differences: &mut Vec<String>) {
    match (wanted, shown) {
        (Value::Object(wanted), Value::Object(shown)) => {
            for (name, value) in wanted {
                let at = format!("{place}.{name}");
                match shown.get(name) {
                    Some(other) => differ(&at, value, other, differences),
                    None => differences.push(format!("{at} is {value}, and missing in the .c1z")),
                }
            }
            for (name, other) in shown.iter().filter(|(name, _)| !wanted.contains_key(*name)) {
                differences.push(format!("{place}.{name} is {other} in the .c1z alone"));
            }
        }
        (Value::Array(wanted), Value::Array(shown)) if wanted.len() == shown.len() => {
            for (at, (value, other)) in wanted.iter().zip(shown).enumerate() {
                differ(&format!("{place}[{at}]"), value, other, differences);
            }
        }
        _ if wanted == shown || same_time(place, wanted, shown) => {}
        _ => differences.push(format!("{place} is {wanted}, in the .c1z {shown}")),
    }
}

/// A `Timestamp` is a moment, however many zeros are written behind its point; a text of a `Struct` is a text.
fn same_time(place: &str, wanted: &Value, shown: &Value) -> bool {
    let is_timestamp = ["].createdAt", "].lastLogin"].iter().any(|name| place.ends_with(name));
    let moment = |value: &Value| {
        let text = value.as_str()?.strip_suffix('Z')?;
        let trimmed = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text };
        Some(trimmed.to_owned())
    };
    is_timestamp && moment(wanted).is_some() && moment(wanted) == moment(shown)
}
