//! What a document says, and where that is not what it should say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Told, Truth};
use crate::support::{Document, attribute, id_of, text};

/// Reads a document.
fn read(document: &Document) -> Truth {
    let mut truth = Truth::default();
    for grant in document.list("grants") {
        truth.grants.insert(text(&grant["id"]), told(grant));
    }
    for group in document.of_kind("group") {
        let id = text(&group["id"]["resource"]);
        let known = attribute(group, "membership_known");
        assert!(known.is_null() || *known == false, "{group}");
        if *known == false {
            truth.unknown.insert(id.clone());
        }
        if let Some(rule) = attribute(group, "membership_rule").as_str() {
            let count = attribute(group, "member_count").as_f64();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of users")]
            truth.rules.insert(id, (rule.to_owned(), count.map(|count| count as usize)));
        }
    }
    for assignment in document.list("inactiveAssignments") {
        let expires = assignment["expiresAt"].as_str().map(str::to_owned);
        let principal = id_of(&assignment["principal"]["id"]);
        truth.inactive.insert((
            text(&assignment["entitlement"]["id"]),
            principal,
            text(&assignment["reason"]),
            expires,
        ));
    }
    for group in document.of_kind("permission_set_group") {
        if *attribute(group, "rights_stale") == true {
            truth.stale.insert(text(&group["id"]["resource"]));
        }
    }
    truth
}

fn told(grant: &Value) -> Told {
    let mut told = Told::default();
    for (source, value) in grant["sources"]["sources"].as_object().into_iter().flatten() {
        told.sources.insert(source.clone(), value["isDirect"] == true);
    }
    for annotation in grant["annotations"].as_array().into_iter().flatten() {
        match annotation["@type"].as_str().unwrap().rsplit('.').next().unwrap() {
            "GrantExpandable" => {
                assert_eq!(annotation["resourceTypeIds"], serde_json::json!(["user"]), "{grant}");
                let sources = annotation["entitlementIds"].as_array().unwrap();
                assert_eq!(sources.len(), 1, "{grant}");
                told.expandable = Some((text(&sources[0]), annotation["shallow"] == true));
            }
            "GrantImmutable" => told.immutable = true,
            "GrantMetadata" => {
                let metadata = &annotation["metadata"];
                let is = |name: &str| metadata[name] == true;
                let time = |name: &str| metadata[name].as_str().map(str::to_owned);
                told.by_rule = is("by_rule");
                told.by_policy = is("assigned_by_policy");
                told.partial = is("partial");
                told.stale = is("stale");
                told.session = metadata["condition"] == "session_activation";
                let muted = metadata["muted_rights"].as_array().into_iter().flatten();
                told.muted = muted.map(text).collect();
                told.expires = time("expires_at");
                let row = (time("direct_expires_at"), metadata["direct_condition"] == "session_activation");
                told.row = (row != (None, false)).then_some(row);
                told.assigned = time("assigned_at");
            }
            other => panic!("an annotation of type {other}: {grant}"),
        }
    }
    told
}

/// Where a document does not say what is true, in words; nothing where it does.
pub(crate) fn differences(document: &Document, truth: &Truth) -> Vec<String> {
    let found = read(document);
    let mut differences = Vec::new();
    compare(&mut differences, &truth.grants, &found.grants);
    let of_groups = [("unknown members", &truth.unknown, &found.unknown), ("stale rights", &truth.stale, &found.stale)];
    for (what, wanted, found) in of_groups {
        sets(&mut differences, what, wanted, found);
    }
    sets(&mut differences, "inactive assignment", &truth.inactive, &found.inactive);
    for (group, (rule, count)) in &truth.rules {
        match found.rules.get(group) {
            Some((told, _)) if told != rule => differences.push(format!("rule of {group}: {told}, not {rule}")),
            Some((_, Some(told))) if count.is_some_and(|count| count != *told) => {
                differences.push(format!("members of {group}: {told}, not {count:?}"));
            }
            Some(_) => {}
            None => differences.push(format!("rule of {group}: missing, {rule}")),
        }
    }
    if document.0["summary"]["complete"] != true {
        differences.push(format!("not complete: {}", document.0["summary"]["notRead"]));
    }
    let derived = |told: &&Told| told.by_rule || (!told.sources.is_empty() && told.immutable);
    let derived = truth.grants.values().filter(derived).count() as u64;
    let counted = &document.0["summary"]["counts"]["expandedGrants"];
    if *counted != derived {
        differences.push(format!("expandedGrants: {counted}, not {derived}"));
    }
    differences
}

fn compare(differences: &mut Vec<String>, wanted: &BTreeMap<String, Told>, found: &BTreeMap<String, Told>) {
    for (id, told) in wanted {
        match found.get(id) {
            None => differences.push(format!("missing  {id}  {told:?}")),
            Some(other) if !is_same(id, told, other) => {
                differences.push(format!("differs  {id}\n    is     {other:?}\n    should {told:?}"));
            }
            Some(_) => {}
        }
    }
    for (id, told) in found.iter().filter(|(id, _)| !wanted.contains_key(*id)) {
        differences.push(format!("invented {id}  {told:?}"));
    }
}

/// When a licence or a territory was assigned is worth telling, and not asked for.
fn is_same(id: &str, told: &Told, other: &Told) -> bool {
    let may_tell = id.starts_with("territory:") || id.starts_with("permission_set_license:");
    let assigned = if may_tell { &other.assigned } else { &told.assigned };
    Told { assigned: assigned.clone(), ..told.clone() } == *other
}

fn sets<T: Ord + std::fmt::Debug>(
    differences: &mut Vec<String>,
    what: &str,
    wanted: &BTreeSet<T>,
    found: &BTreeSet<T>,
) {
    differences.extend(wanted.difference(found).map(|one| format!("missing  {what}: {one:?}")));
    differences.extend(found.difference(wanted).map(|one| format!("invented {what}: {one:?}")));
}
