//! The demo org's document: what is told of it is what its grants say, found in another way.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Document, Run, id_of, text};

/// Who holds what, by applying expandable grants until nothing changes.
fn closure(document: &Document) -> BTreeMap<String, BTreeSet<String>> {
    let mut held: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut edges: Vec<(String, String)> = Vec::new();
    for grant in document.list("grants") {
        let entitlement = text(&grant["entitlement"]["id"]);
        let is_derived = grant["sources"].is_object() && grant["sources"]["sources"].get(&entitlement).is_none();
        let annotations = grant["annotations"].as_array().map(Vec::as_slice).unwrap_or_default();
        let by_rule = annotations.iter().any(|annotation| annotation["metadata"]["by_rule"] == true);
        let expandable = annotations.iter().find(|annotation| text(&annotation["@type"]).ends_with("GrantExpandable"));
        if let Some(expandable) = expandable {
            // Shallow ones lead to system permissions, which the default document does not have.
            assert!(expandable.get("shallow").is_none());
            for source in expandable["entitlementIds"].as_array().unwrap() {
                edges.push((text(source), entitlement.clone()));
            }
        } else if grant["principal"]["id"]["resourceType"] == "user" && !is_derived && !by_rule {
            held.entry(entitlement).or_default().insert(id_of(&grant["principal"]["id"]));
        }
    }
    add_rules(document, &mut held);
    loop {
        let mut changed = false;
        for (from, to) in &edges {
            let users = held.get(from).cloned().unwrap_or_default();
            let holders = held.entry(to.clone()).or_default();
            for user in users {
                changed |= holders.insert(user);
            }
        }
        if !changed {
            return held;
        }
    }
}

/// The members of the group of all internal users, where its rule stands in the document.
fn add_rules(document: &Document, held: &mut BTreeMap<String, BTreeSet<String>>) {
    let profile = |resource: &Value| resource["annotations"][0]["profile"].clone();
    for group in document.of_kind("group") {
        if profile(group)["membership_rule"] == "active_standard_users" {
            let is_member = |user: &&&Value| {
                let inactive = user["annotations"][0]["status"]["details"] == "inactive";
                profile(user)["user_type"] == "Standard" && !inactive
            };
            let users = document.of_kind("user");
            let members = users.iter().filter(is_member).map(|user| id_of(&user["id"]));
            held.entry(format!("{}:member", id_of(&group["id"]))).or_default().extend(members);
        }
    }
}

fn explain(ran: &crate::support::Ran, arguments: &[&str]) -> Value {
    let told = Run::new().args(["explain", ran.path("sync.json").to_str().unwrap(), "--json"]).args(arguments).output();
    assert_eq!((told.code(), told.stderr().as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&told.stdout()).unwrap()
}

#[test]
fn what_is_told_of_the_demo_org_is_what_its_grants_say() {
    let ran = Run::new().args(["--demo", "-q", "-f", "sync.json"]).output();
    let document = ran.document();
    let held = closure(&document);
    // Users: some of all, by what they hold the most.
    for user in document.of_kind("user").into_iter().step_by(23) {
        let id = id_of(&user["id"]);
        let told = explain(&ran, &["--user", &text(&user["id"]["resource"])]);
        let is_right = |id: &&str| !id.starts_with("system_permission:");
        let ids =
            told["answers"].as_array().unwrap().iter().map(|answer| answer["entitlement"]["id"].as_str().unwrap());
        let told: BTreeSet<&str> = ids.filter(is_right).collect();
        let expected = held.iter().filter(|(_, users)| users.contains(&id)).map(|(held, _)| held.as_str());
        assert_eq!(told, expected.collect(), "{id}");
    }
    // Things: those that most users hold, and some that few do.
    let mut by_holders: Vec<_> = held.iter().map(|(id, users)| (users.len(), id.as_str())).collect();
    by_holders.sort_unstable();
    for (count, id) in by_holders.iter().rev().step_by(by_holders.len() / 6) {
        let told = explain(&ran, &["--entitlement", id]);
        let users = told["answers"].as_array().unwrap().iter().map(|answer| text(&answer["user"]["id"]));
        let users: BTreeSet<String> = users.map(|id| format!("user:{id}")).collect();
        assert_eq!((users.len(), &users), (*count, &held[*id]), "{id}");
    }
}

#[test]
fn the_high_risk_rights_of_the_demo_org_are_those_that_its_resources_name() {
    let ran = Run::new().args(["--demo", "-q", "-f", "sync.json"]).output();
    let document = ran.document();
    let carriers = |kind: &str| -> BTreeSet<String> {
        let has = |resource: &&&Value| {
            let rights = resource["profile"]["high_risk_permissions"].as_array();
            rights.is_some_and(|rights| rights.iter().any(|right| right == "ModifyAllData"))
        };
        document.of_kind(kind).iter().filter(has).map(|resource| id_of(&resource["id"])).collect()
    };
    let carriers: BTreeSet<String> =
        ["profile", "permission", "permission_set_group"].into_iter().flat_map(carriers).collect();
    let mut expected = BTreeSet::new();
    for grant in document.list("grants") {
        let is_derived = grant["sources"].is_object();
        let entitlement = text(&grant["entitlement"]["id"]);
        if carriers.contains(entitlement.rsplit_once(':').unwrap().0)
            && grant["principal"]["id"]["resourceType"] == "user"
            && !is_derived
        {
            expected.insert(text(&grant["principal"]["id"]["resource"]));
        }
    }
    assert!(expected.len() > 3);
    let told = explain(&ran, &["--entitlement", "ModifyAllData"]);
    let users: BTreeSet<_> =
        told["answers"].as_array().unwrap().iter().map(|answer| text(&answer["user"]["id"])).collect();
    assert_eq!(users, expected);
}

/// What is known of a grant as a whole, in the names of an answer.
fn limits_of(grant: &Value) -> Value {
    let annotations = grant["annotations"].as_array().map(Vec::as_slice).unwrap_or_default();
    let metadata = annotations.iter().map(|annotation| &annotation["metadata"]).find(|metadata| metadata.is_object());
    let mut limits = json!({});
    for (name, ours) in
        [("expires_at", "expiresAt"), ("condition", "condition"), ("partial", "partial"), ("stale", "stale")]
    {
        if let Some(value) = metadata.and_then(|metadata| metadata.get(name)) {
            limits[ours] = value.clone();
        }
    }
    limits
}

#[test]
fn what_expansion_writes_is_what_explain_finds_and_it_finds_the_same_without() {
    let also = "territory,connected_application,agent,manager_group,permission_set_license,system_permission";
    let sync = |expand: &str| {
        let run =
            Run::new().args(["--demo", "-q", "-f", "sync.json", "--sync-also", also, "--sync-non-standard-users"]);
        run.args(["--expand", expand]).output()
    };
    let (all, none) = (sync("all"), sync("none"));
    let document = all.document();
    let mut held: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for grant in document.list("grants").iter().filter(|grant| grant["principal"]["id"]["resourceType"] == "user") {
        let user = text(&grant["principal"]["id"]["resource"]);
        held.entry(user).or_default().insert(text(&grant["entitlement"]["id"]), limits_of(grant));
    }
    let mut limited = 0;
    for (user, expected) in held.iter().step_by(29) {
        let told = explain(&all, &["--user", user]);
        let answers = told["answers"].as_array().unwrap();
        let mut found: BTreeMap<String, Value> = BTreeMap::new();
        for answer in answers {
            let mut limits = answer["hold"].clone();
            // A document does not say that of a grant as a whole.
            limits.as_object_mut().unwrap().remove("conditionalFrom");
            found.insert(text(&answer["entitlement"]["id"]), limits);
        }
        assert_eq!(&found, expected, "{user}");
        limited += found.values().filter(|limits| **limits != json!({})).count();
        assert_eq!(explain(&none, &["--user", user])["answers"], told["answers"], "{user}");
    }
    assert!(limited > 5, "{limited}");
}
