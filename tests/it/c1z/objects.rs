//! Resource types, resources and entitlements: each row against its blob, and against the other rows.

use std::collections::BTreeSet;

use serde_json::Value;

use super::judge::{Sync, in_order, rank};
use super::messages::{self, PACKAGE, Shape};
use super::rows::{Cell, Row};
use super::{decode, wire};

/// What is known of a type's row.
pub(crate) struct Type {
    data: Vec<u8>,
    traits: Vec<String>,
}

/// What is known of an entitlement's row.
pub(crate) struct Entitlement {
    pub(crate) data: Vec<u8>,
    /// Of its resource.
    pub(crate) resource_type: String,
    pub(crate) resource: String,
    pub(crate) slug: String,
    pub(crate) grantable_to: BTreeSet<String>,
}

/// The row's message as JSON; where there is none, why.
pub(crate) fn message(shape: &Shape, row: &Row, complaints: &mut Vec<String>) -> Option<Value> {
    decode::json(shape, row.data()).map_err(|error| complaints.push(format!("{}: data: {error}", row.place))).ok()
}

/// Complains where a column says something else than the blob.
pub(crate) fn same(row: &Row, column: &str, told: &str, complaints: &mut Vec<String>) {
    if row.text(column) != told {
        complaints.push(format!("{}: {column} is `{}`, its data say `{told}`", row.place, row.text(column)));
    }
}

/// A text of a message; empty where it is absent.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The annotations' names, each of which may stand once.
pub(crate) fn annotations<'v>(
    row: &Row,
    message: &'v Value,
    complaints: &mut Vec<String>,
) -> Vec<(&'v str, &'v Value)> {
    let all = message["annotations"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named: Vec<_> =
        all.iter().map(|annotation| (text(&annotation["@type"]).trim_start_matches(PACKAGE), annotation)).collect();
    let mut seen = BTreeSet::new();
    for (name, _) in &named {
        if !seen.insert(*name) {
            complaints.push(format!("{}: two annotations {name}", row.place));
        }
    }
    named
}

pub(crate) fn types(rows: &[Row], sync: &mut Sync, complaints: &mut Vec<String>) {
    for row in rows {
        let Some(message) = message(&messages::RESOURCE_TYPE, row, complaints) else { continue };
        let id = text(&message["id"]);
        same(row, "external_id", id, complaints);
        if rank(id).is_none() {
            complaints.push(format!("{}: no kind of ours: `{id}`", row.place));
        }
        if text(&message["displayName"]).trim().is_empty() {
            complaints.push(format!("{}: no display name", row.place));
        }
        for (name, _) in annotations(row, &message, complaints) {
            if name.starts_with("Grant") || name.ends_with("Trait") {
                complaints.push(format!("{}: a type cannot carry {name}", row.place));
            }
        }
        let traits = message["traits"].as_array().into_iter().flatten().map(|name| text(name).to_owned()).collect();
        sync.types.insert(id.to_owned(), Type { data: row.data().to_vec(), traits });
    }
    in_order(rows, |row| rank(row.text("external_id")), complaints);
}

pub(crate) fn resources(rows: &[Row], sync: &mut Sync, complaints: &mut Vec<String>) {
    let known: BTreeSet<_> = rows.iter().map(|row| row.text("external_id")).collect();
    for row in rows {
        let Some(message) = message(&messages::RESOURCE, row, complaints) else { continue };
        let kind = text(&message["id"]["resourceType"]);
        let id = format!("{kind}:{}", text(&message["id"]["resource"]));
        same(row, "external_id", &id, complaints);
        same(row, "resource_type_id", kind, complaints);
        sync.resources.insert(row.text("external_id").to_owned(), row.data().to_vec());
        parent(row, &message["parentResourceId"], &known, complaints);
        let annotations = annotations(row, &message, complaints);
        let mut complain = |text: String| complaints.push(format!("{}: {text}", row.place));
        if text(&message["displayName"]).trim().is_empty() {
            complain("no display name".to_owned());
        }
        let Some(of) = sync.types.get(kind) else {
            complain(format!("its type `{kind}` has no row"));
            continue;
        };
        let wanted: BTreeSet<_> = of.traits.iter().map(|name| trait_message(name)).collect();
        let carried: BTreeSet<_> =
            annotations.iter().map(|(name, _)| *name).filter(|name| name.ends_with("Trait")).collect();
        for name in wanted.difference(&carried) {
            complain(format!("no {name}, which its type has"));
        }
        for name in carried.difference(&wanted) {
            complain(format!("{name}, which its type has not"));
        }
        for (name, annotation) in annotations {
            if name.starts_with("Grant") || name.starts_with("Entitlement") {
                complain(format!("a resource cannot carry {name}"));
            }
            if name == "UserTrait" && !annotation["profile"].is_object() {
                complain("UserTrait without profile: `export` panics".to_owned());
            }
            if name.ends_with("Trait") {
                for error in copies(&message, annotation) {
                    complain(error);
                }
            }
        }
    }
    in_order(rows, |row| (rank(row.text("resource_type_id")), row.text("external_id").to_owned()), complaints);
}

/// The message that a trait's resources carry: `TRAIT_USER` → `UserTrait`.
fn trait_message(name: &str) -> &'static str {
    match name {
        "TRAIT_USER" => "UserTrait",
        "TRAIT_GROUP" => "GroupTrait",
        "TRAIT_ROLE" => "RoleTrait",
        "TRAIT_APP" => "AppTrait",
        "TRAIT_SECRET" => "SecretTrait",
        "TRAIT_SCOPE_BINDING" => "ScopeBindingTrait",
        _ => "(a trait that the CLI does not know)",
    }
}

fn parent(row: &Row, told: &Value, known: &BTreeSet<&str>, complaints: &mut Vec<String>) {
    let columns = ["parent_resource_type_id", "parent_resource_id"];
    if told.is_null() {
        if columns.iter().any(|column| *row.cell(column) != Cell::Null) {
            complaints.push(format!("{}: a parent in its columns, none in its data", row.place));
        }
        return;
    }
    let (kind, id) = (text(&told["resourceType"]), text(&told["resource"]));
    same(row, columns[0], kind, complaints);
    same(row, columns[1], id, complaints);
    if !known.contains(format!("{kind}:{id}").as_str()) {
        complaints.push(format!("{}: its parent has no row: `{kind}:{id}`", row.place));
    }
}

/// Newer readers look at the resource's own fields, older ones at the trait's: where both are there, they agree.
fn copies(resource: &Value, of_trait: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    for name in ["profile", "createdAt"] {
        if !resource[name].is_null() && resource[name] != of_trait[name] {
            errors.push(format!("{name} of the resource is not its trait's"));
        }
    }
    let status = &resource["status"];
    let same_status = text(&status["status"]).trim_start_matches("RESOURCE_") == text(&of_trait["status"]["status"]);
    if !status.is_null() && (!same_status || status["details"] != of_trait["status"]["details"]) {
        errors.push("status of the resource is not its trait's".to_owned());
    }
    errors
}

pub(crate) fn entitlements(rows: &[Row], sync: &mut Sync, complaints: &mut Vec<String>) {
    for row in rows {
        let Some(message) = message(&messages::ENTITLEMENT, row, complaints) else { continue };
        let id = &message["resource"]["id"];
        let (kind, resource, slug) = (text(&id["resourceType"]), text(&id["resource"]), text(&message["slug"]));
        same(row, "external_id", text(&message["id"]), complaints);
        same(row, "resource_type_id", kind, complaints);
        same(row, "resource_id", resource, complaints);
        for (name, _) in annotations(row, &message, complaints) {
            if name.starts_with("Grant") || name.ends_with("Trait") {
                complaints.push(format!("{}: an entitlement cannot carry {name}", row.place));
            }
        }
        let mut complain = |text: String| complaints.push(format!("{}: {text}", row.place));
        if slug.is_empty() || text(&message["id"]) != format!("{kind}:{resource}:{slug}") {
            complain(format!("the id is not `{kind}:{resource}:{slug}`"));
        }
        for (name, value) in [("display name", text(&message["displayName"])), ("purpose", text(&message["purpose"]))] {
            if value.trim().is_empty() {
                complain(format!("no {name}"));
            }
        }
        // It has been decoded: the wire can be read.
        let wired = wire::Message::read(row.data()).unwrap_or_default();
        match sync.resources.get(&format!("{kind}:{resource}")) {
            None => complain(format!("its resource has no row: `{kind}:{resource}`")),
            Some(data) if wired.bytes(1) != Ok(data) => {
                complain("its resource is not what the resource's row holds".to_owned());
            }
            Some(_) => {}
        }
        let mut grantable_to = BTreeSet::new();
        for bytes in wired.list(5).unwrap_or_default() {
            let kind = wire::Message::read(bytes).and_then(|kind| kind.text(1).map(str::to_owned)).unwrap_or_default();
            if sync.types.get(&kind).is_some_and(|row| row.data != bytes) {
                complain(format!("grantable to `{kind}`, which is not what the type's row holds"));
            }
            if kind.is_empty() || !grantable_to.insert(kind.clone()) {
                complain(format!("grantable to `{kind}`, which is empty or stands twice"));
            }
        }
        if grantable_to.is_empty() {
            complain("grantable to nobody".to_owned());
        }
        let entitlement = Entitlement {
            data: row.data().to_vec(),
            resource_type: kind.to_owned(),
            resource: resource.to_owned(),
            slug: slug.to_owned(),
            grantable_to,
        };
        sync.entitlements.insert(row.text("external_id").to_owned(), entitlement);
    }
    let key = |row: &Row| {
        let (kind, resource) = (row.text("resource_type_id"), row.text("resource_id"));
        (rank(kind), resource.to_owned(), row.text("external_id").to_owned())
    };
    in_order(rows, key, complaints);
}
