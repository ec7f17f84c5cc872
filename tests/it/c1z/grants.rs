//! Grants: each row against its blob, its entitlement and its principal, and against the grants that it follows from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::judge::{Sync, in_order, rank};
use super::objects::{annotations, message, same, text};
use super::rows::Row;
use super::wire::Message;
use super::{decode, messages};

/// What the grants say about each other.
#[derive(Default)]
struct Held {
    /// By entitlement and principal: through which entitlements, and whether directly.
    sources: BTreeMap<(String, String), BTreeMap<String, bool>>,
    /// Whoever holds the first holds the second.
    edges: BTreeSet<(String, String)>,
    places: Vec<(String, String, String)>,
}

pub(crate) fn grants(rows: &[Row], sync: &Sync, complaints: &mut Vec<String>) {
    let mut held = Held::default();
    for row in rows {
        let Some(message) = message(&messages::GRANT, row, complaints) else { continue };
        columns(row, &message, complaints);
        references(row, &message, sync, complaints);
        let is_expandable = expansion(row, &message, sync, &mut held, complaints);
        sources(row, &message, is_expandable, &mut held, complaints);
    }
    held.check(complaints);
    let key = |row: &Row| {
        let entitlement = sync.entitlements.get(row.text("entitlement_id"));
        let of =
            entitlement.map(|entitlement| (rank(&entitlement.resource_type), &entitlement.resource, &entitlement.slug));
        let principal = row.text("principal_resource_type_id");
        (of, rank(principal), row.text("principal_resource_id").to_owned())
    };
    in_order(rows, key, complaints);
}

fn columns(row: &Row, message: &Value, complaints: &mut Vec<String>) {
    let (entitlement, principal) = (&message["entitlement"], &message["principal"]["id"]);
    let resource = &entitlement["resource"]["id"];
    for (column, told) in [
        ("external_id", &message["id"]),
        ("entitlement_id", &entitlement["id"]),
        ("resource_type_id", &resource["resourceType"]),
        ("resource_id", &resource["resource"]),
        ("principal_resource_type_id", &principal["resourceType"]),
        ("principal_resource_id", &principal["resource"]),
    ] {
        same(row, column, text(told), complaints);
        if text(told).is_empty() {
            complaints.push(format!("{}: {column} is empty: the CLI panics", row.place));
        }
    }
    let (entitlement, kind, id) =
        (text(&entitlement["id"]), text(&principal["resourceType"]), text(&principal["resource"]));
    if text(&message["id"]) != format!("{entitlement}:{kind}:{id}") {
        complaints.push(format!("{}: the id is not `{entitlement}:{kind}:{id}`", row.place));
    }
}

/// A grant names its entitlement, that one's resource and its principal by their ids, or holds them as their rows do.
fn references(row: &Row, message: &Value, sync: &Sync, complaints: &mut Vec<String>) {
    let mut complain = |text: String| complaints.push(format!("{}: {text}", row.place));
    // It has been decoded: the wire can be read.
    let wired = Message::read(row.data()).unwrap_or_default();
    let entitlement = wired.message(1).unwrap_or_default();
    let kind = text(&message["principal"]["id"]["resourceType"]);
    match sync.entitlements.get(row.text("entitlement_id")) {
        None => complain(format!("its entitlement has no row: `{}`", row.text("entitlement_id"))),
        Some(known) => {
            let resource = &message["entitlement"]["resource"]["id"];
            if (text(&resource["resourceType"]), text(&resource["resource"])) != (&known.resource_type, &known.resource)
            {
                complain("its entitlement is of another resource".to_owned());
            }
            let has_more = entitlement.fields().iter().any(|(number, _)| *number > 2);
            if has_more && wired.bytes(1) != Ok(&known.data) {
                complain("its entitlement is not what the entitlement's row holds".to_owned());
            }
            if !known.grantable_to.contains(kind) {
                complain(format!("its entitlement cannot be granted to a `{kind}`"));
            }
        }
    }
    for (what, message, number) in [("resource", &entitlement, 1), ("principal", &wired, 2)] {
        let resource = message.message(number).unwrap_or_default();
        let id = resource.message(1).unwrap_or_default();
        let id = format!("{}:{}", id.text(1).unwrap_or_default(), id.text(2).unwrap_or_default());
        let has_more = resource.fields().iter().any(|(number, _)| *number > 1);
        match sync.resources.get(&id) {
            None => complain(format!("its {what} has no row: `{id}`")),
            Some(data) if has_more && message.bytes(number) != Ok(data) => {
                complain(format!("its {what} is not what the resource's row holds"));
            }
            Some(_) => {}
        }
    }
}

/// Whether its holders are looked through. What says so stands in a column of its own.
fn expansion(row: &Row, message: &Value, sync: &Sync, held: &mut Held, complaints: &mut Vec<String>) -> bool {
    let mut complain = |text: String| complaints.push(format!("{}: {text}", row.place));
    let mut carried = message["annotations"].as_array().into_iter().flatten();
    if carried.any(|annotation| text(&annotation["@type"]).ends_with(".GrantExpandable")) {
        complain("GrantExpandable is left in data".to_owned());
    }
    let needs_expansion = row.integer("needs_expansion");
    let Some(bytes) = row.blob("expansion") else {
        if needs_expansion != 0 {
            complain(format!("needs_expansion is {needs_expansion}, there is no expansion"));
        }
        return false;
    };
    let expandable = match decode::json(&messages::GRANT_EXPANDABLE, bytes) {
        Ok(expandable) => expandable,
        Err(error) => {
            complain(format!("expansion: {error}"));
            return true;
        }
    };
    let ids: Vec<_> = expandable["entitlementIds"].as_array().into_iter().flatten().map(text).collect();
    let wanted = i64::from(ids.iter().any(|id| !id.trim().is_empty()));
    if needs_expansion != wanted {
        complain(format!("needs_expansion is {needs_expansion}, not {wanted}"));
    }
    if ids.is_empty() {
        complain("expansion names no entitlement".to_owned());
    }
    let principal = (row.text("principal_resource_type_id"), row.text("principal_resource_id"));
    for id in ids {
        match sync.entitlements.get(id) {
            None => complain(format!("expansion names an entitlement that has no row: `{id}`")),
            Some(source) if (source.resource_type.as_str(), source.resource.as_str()) != principal => {
                complain(format!("expansion names an entitlement that is not the principal's: `{id}`"));
            }
            Some(_) => {}
        }
        held.edges.insert((id.to_owned(), row.text("entitlement_id").to_owned()));
    }
    true
}

/// What follows from other grants says from which, and that it cannot be revoked.
fn sources(row: &Row, message: &Value, is_expandable: bool, held: &mut Held, complaints: &mut Vec<String>) {
    let annotations = annotations(row, message, complaints);
    let mut complain = |text: String| complaints.push(format!("{}: {text}", row.place));
    let own = row.text("entitlement_id");
    let told = &message["sources"];
    let told: BTreeMap<_, _> = told["sources"].as_object().into_iter().flatten().collect();
    if message["sources"].is_object() && told.is_empty() {
        complain("sources without a source".to_owned());
    }
    let sources: BTreeMap<_, _> = told.iter().map(|(id, source)| ((*id).clone(), source["isDirect"] == true)).collect();
    let is_derived = !sources.is_empty() && !sources.contains_key(own);
    let by_rule = annotations.iter().any(|(_, annotation)| annotation["metadata"]["by_rule"] == true);
    let is_immutable = annotations.iter().any(|(name, _)| *name == "GrantImmutable");
    if is_derived && !is_immutable {
        complain("it follows from others and carries no GrantImmutable".to_owned());
    }
    if is_immutable && !is_derived && !by_rule {
        complain("GrantImmutable, and it follows neither from others nor from a rule".to_owned());
    }
    if is_expandable && !sources.is_empty() {
        complain("it is expandable and follows from others".to_owned());
    }
    if sources.get(own) == Some(&false) {
        complain("it holds itself, but not directly".to_owned());
    }
    for (name, _) in annotations {
        if name.ends_with("Trait") || name.starts_with("Entitlement") {
            complain(format!("a grant cannot carry {name}"));
        }
    }
    let principal = format!("{}:{}", row.text("principal_resource_type_id"), row.text("principal_resource_id"));
    held.places.push((row.place.clone(), own.to_owned(), principal.clone()));
    held.sources.insert((own.to_owned(), principal), sources);
}

impl Held {
    /// Whether each source is held, leads here, and is direct where it says so.
    fn check(&self, complaints: &mut Vec<String>) {
        for (place, own, principal) in &self.places {
            let mut complain = |text: String| complaints.push(format!("{place}: {text}"));
            let sources = self.sources.get(&(own.clone(), principal.clone())).into_iter().flatten();
            for (source, is_direct) in sources.filter(|(source, _)| *source != own) {
                if !self.edges.contains(&(source.clone(), own.clone())) {
                    complain(format!("no expandable grant leads here from `{source}`"));
                }
                match self.sources.get(&(source.clone(), principal.clone())) {
                    None => complain(format!("its principal does not hold the source `{source}`")),
                    Some(of_source) => {
                        let held_directly = of_source.is_empty() || of_source.contains_key(source);
                        if *is_direct != held_directly {
                            complain(format!("the source `{source}` is direct or not, and it says otherwise"));
                        }
                    }
                }
            }
        }
    }
}
