//! The demo org's document: what is listed is what stands in it, found in another way.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value;

use super::{column, items, rows};
use crate::support::{Document, Run, attribute, id_of, text};

const LISTS: [(&str, &str); 4] = [
    ("resources", "resources"),
    ("entitlements", "entitlements"),
    ("grants", "grants"),
    ("inactive", "inactiveAssignments"),
];

struct Demo {
    text: String,
    document: Document,
}

fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| {
        let ran = Run::new().args(["--demo", "-q", "-f", "-"]).output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        Demo { document: Document::parse(&ran.stdout()), text: ran.stdout() }
    })
}

fn shown(arguments: &[&str]) -> (i32, String, String) {
    let ran = Run::new().file("demo.json", &demo().text).args(["show", "demo.json"]).args(arguments).output();
    (ran.code(), ran.stdout(), ran.stderr())
}

#[track_caller]
fn show(arguments: &[&str]) -> String {
    let (code, stdout, stderr) = shown(arguments);
    assert_eq!((code, stderr.as_str()), (0, ""), "{arguments:?}");
    stdout
}

/// The ids of the grants that are listed.
fn grants(arguments: &[&str]) -> BTreeSet<String> {
    let all = items(&show(&[&["grants", "--json"], arguments].concat()));
    all.iter().map(|grant| text(&grant["id"])).collect()
}

/// The ids of the grants of which something is so.
fn grants_that(is_so: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let document = &demo().document;
    document.list("grants").iter().filter(|grant| is_so(grant)).map(|grant| text(&grant["id"])).collect()
}

#[test]
fn every_item_is_listed_in_every_form_and_in_its_order() {
    for (list, section) in LISTS {
        let expected = demo().document.list(section);
        assert_eq!(items(&show(&[list, "--json"])), expected, "{list}");
        let table = show(&[list]);
        assert_eq!(table.lines().count(), expected.len() + 2, "{list}");
        let csv = show(&[list, "--csv"]);
        let rows = rows(&csv);
        assert_eq!(rows.len(), expected.len() + 1, "{list}");
        assert!(rows.iter().all(|row| row.len() == rows[0].len()));
        // RFC 4180: lines end with CRLF.
        assert_eq!(csv.matches("\r\n").count(), rows.len(), "{list}");
    }
    let ids: Vec<_> = demo().document.list("entitlements").iter().map(|entitlement| text(&entitlement["id"])).collect();
    assert_eq!(column(&show(&["entitlements", "--csv"]), "id"), ids);
    let csv = show(&["grants", "--csv"]);
    let ids = column(&csv, "entitlement_id").into_iter().zip(column(&csv, "principal_type"));
    let ids = ids.zip(column(&csv, "principal_id")).map(|((held, kind), id)| format!("{held}:{kind}:{id}"));
    let expected: Vec<_> = demo().document.list("grants").iter().map(|grant| text(&grant["id"])).collect();
    assert_eq!(ids.collect::<Vec<_>>(), expected);
    assert!(show(&["grants"]).ends_with("\n4,051 grants\n"));
}

#[test]
fn users_have_their_names_and_states() {
    let csv = show(&["users", "--csv"]);
    let users = demo().document.of_kind("user");
    let expect = |of: &dyn Fn(&Value) -> String| users.iter().map(|user| of(user)).collect::<Vec<_>>();
    let user = |value: &Value| value["annotations"][0].clone();
    assert_eq!(column(&csv, "id"), expect(&|value| text(&value["id"]["resource"])));
    assert_eq!(column(&csv, "username"), expect(&|value| text(&user(value)["login"])));
    assert_eq!(column(&csv, "email"), expect(&|value| text(&user(value)["emails"][0]["address"])));
    let state = |value: &Value| match &user(value)["status"] {
        status if status["status"] == "STATUS_ENABLED" => "enabled".to_owned(),
        status => text(&status["details"]),
    };
    assert_eq!(column(&csv, "status"), expect(&state));
    let last_login = |value: &Value| user(value)["lastLogin"].as_str().unwrap_or_default().to_owned();
    assert_eq!(column(&csv, "last_login"), expect(&last_login));
    for (status, states) in [
        ("enabled", &["enabled"][..]),
        ("inactive", &["inactive"]),
        ("frozen", &["frozen"]),
        ("disabled", &["inactive", "frozen"]),
    ] {
        let expected: Vec<_> = expect(&state).into_iter().filter(|state| states.contains(&&**state)).collect();
        assert!(!expected.is_empty());
        assert_eq!(column(&show(&["users", "--csv", "--status", status]), "status"), expected);
    }
}

#[test]
fn grants_say_who_holds_what_and_how() {
    let document = &demo().document;
    let csv = show(&["grants", "--csv"]);
    let rows = rows(&csv);
    let place = |name: &str| rows[0].iter().position(|column| column == name).unwrap();
    let mut ways = BTreeSet::new();
    for (row, grant) in rows[1..].iter().zip(document.list("grants")) {
        let cell = |name: &str| row[place(name)].as_str();
        let held = text(&grant["entitlement"]["id"]);
        assert_eq!(format!("{}:{}:{}", cell("resource_type"), cell("resource_id"), cell("slug")), held);
        let resource = document.resource(cell("resource_id"));
        let holder = document.resource(cell("principal_id"));
        let plain = |name: &str| name.trim_start_matches('\'').to_owned();
        assert_eq!(plain(cell("resource_name")), text(&resource["displayName"]));
        assert_eq!(plain(cell("principal_name")), text(&holder["displayName"]));
        assert_eq!(cell("username").is_empty(), cell("principal_type") != "user");
        let sources: Vec<_> =
            grant["sources"]["sources"].as_object().into_iter().flat_map(|sources| sources.keys()).collect();
        let others: Vec<_> = sources.iter().filter(|source| **source != &held).map(|source| source.as_str()).collect();
        let mut told: Vec<_> = cell("through_ids").split("; ").filter(|id| !id.is_empty()).collect();
        told.sort_unstable();
        assert_eq!(told, others);
        let annotations = grant["annotations"].as_array().map(Vec::as_slice).unwrap_or_default();
        let metadata =
            annotations.iter().map(|annotation| &annotation["metadata"]).find(|metadata| metadata.is_object());
        let said = |name: &str| metadata.and_then(|metadata| metadata[name].as_str()).unwrap_or_default();
        assert_eq!((cell("expires_at"), cell("condition")), (said("expires_at"), said("condition")));
        let by_rule = metadata.is_some_and(|metadata| metadata["by_rule"] == true);
        let is_direct = sources.is_empty() || sources.len() > others.len();
        let how = match (is_direct, by_rule, others.is_empty()) {
            (false, ..) => "derived",
            (_, true, true) => "rule",
            (_, true, false) => "rule+derived",
            (_, _, true) => "direct",
            _ => "direct+derived",
        };
        assert_eq!(cell("how"), how);
        ways.insert(how);
    }
    assert!(ways.len() >= 4, "{ways:?}");
}

#[test]
fn each_filter_of_grants_leaves_what_it_says() {
    let document = &demo().document;
    let holder = |grant: &Value| text(&grant["principal"]["id"]["resource"]);
    let held = |grant: &Value| text(&grant["entitlement"]["id"]);
    let is_direct = |grant: &Value| {
        grant["sources"].is_null() || grant["sources"]["sources"].get(text(&grant["entitlement"]["id"])).is_some()
    };
    assert_eq!(grants(&["--direct"]), grants_that(is_direct));
    assert_eq!(grants(&["--derived"]), grants_that(|grant| !is_direct(grant)));
    for kind in ["group", "permission", "permission_set_group", "role", "profile"] {
        let expected = grants_that(|grant| held(grant).split(':').next() == Some(kind));
        assert!(!expected.is_empty());
        assert_eq!(grants(&["--type", kind]), expected, "{kind}");
    }
    let user = document.of_kind("user")[7];
    let (id, username) = (text(&user["id"]["resource"]), text(&user["annotations"][0]["login"]));
    let expected = grants_that(|grant| holder(grant) == id);
    assert!(expected.len() > 3);
    let email = text(&user["annotations"][0]["emails"][0]["address"]).to_uppercase();
    for name in [&id, &id[..15], &username, &email] {
        assert_eq!(grants(&["--user", name]), expected, "{name}");
    }
    let name = text(&user["displayName"]);
    let called = |id: &str| document.resource(id)["displayName"] == *name;
    assert_eq!(grants(&["--user", &name]), grants_that(|grant| called(&holder(grant))));

    let set = document.of_kind("permission")[3];
    let (id, name) = (text(&set["id"]["resource"]), text(&set["displayName"]));
    let entitlement = format!("{}:assigned", id_of(&set["id"]));
    let expected = grants_that(|grant| held(grant) == entitlement);
    assert!(!expected.is_empty());
    for flag in ["--resource", "--entitlement"] {
        for what in
            [&id, &entitlement, &id_of(&set["id"]), &format!("permission:{name}"), &text(attribute(set, "api_name"))]
        {
            assert_eq!(grants(&[flag, what]), expected, "{flag} {what}");
        }
    }
    let frozen = |id: &str| document.resource(id)["annotations"][0]["status"]["details"] == "frozen";
    let expected = grants_that(|grant| frozen(&holder(grant)));
    assert!(!expected.is_empty());
    assert_eq!(grants(&["--status", "frozen"]), expected);
    // Several at once.
    let expected =
        grants_that(|grant| frozen(&holder(grant)) && held(grant).starts_with("permission:") && !is_direct(grant));
    assert!(!expected.is_empty());
    assert_eq!(grants(&["--status", "frozen", "--type", "permission", "--derived"]), expected);
}

#[test]
fn what_is_searched_for_stands_in_a_name_or_an_id() {
    let document = &demo().document;
    let strings = |resource: &Value| {
        let user = &resource["annotations"][0];
        let mut all = vec![text(&resource["displayName"]), text(&resource["id"]["resource"])];
        for value in [
            attribute(resource, "api_name"),
            attribute(resource, "developer_name"),
            attribute(resource, "username"),
            attribute(resource, "email"),
            &user["emails"][0]["address"],
        ] {
            all.extend(value.as_str().map(str::to_owned));
        }
        all
    };
    for search in ["forecasting", "LINDGREN", "aaab", "日本"] {
        let lower = search.to_lowercase();
        let is_found = |resource: &Value| strings(resource).iter().any(|text| text.to_lowercase().contains(&lower));
        let expected: Vec<_> = document.list("resources").iter().filter(|resource| is_found(resource)).collect();
        assert!(!expected.is_empty());
        let found = items(&show(&["resources", "--json", "--search", search]));
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{search}");
        let (code, users, _) = shown(&["users", "--json", "--search", search]);
        assert_eq!(code, 0);
        let users = items(&users);
        let of_kind: Vec<_> =
            expected.iter().filter(|resource| resource["id"]["resourceType"] == "user").copied().collect();
        assert_eq!(users.iter().collect::<Vec<_>>(), of_kind, "{search}");
        let expected = grants_that(|grant| {
            let held = text(&grant["entitlement"]["id"]);
            let resource = held.split(':').nth(1).unwrap();
            let holder = text(&grant["principal"]["id"]["resource"]);
            is_found(document.resource(resource))
                || is_found(document.resource(&holder))
                || held.to_lowercase().contains(&lower)
        });
        assert_eq!(grants(&["--search", search]), expected, "{search}");
    }
}

#[test]
fn types_are_counted() {
    let document = &demo().document;
    let types = items(&show(&["types", "--json"]));
    assert_eq!(types.len(), document.list("resourceTypes").len());
    for (kind, listed) in types.iter().zip(document.list("resourceTypes")) {
        assert_eq!((&kind["id"], &kind["displayName"]), (&listed["id"], &listed["displayName"]));
        let id = text(&kind["id"]);
        let of = |section: &str| {
            let all = document.list(section).iter();
            all.filter(|item| text(&item["entitlement"]["id"]).split(':').next() == Some(&*id)).count()
        };
        assert_eq!(kind["resources"], document.of_kind(&id).len());
        assert_eq!(
            (&kind["grants"], &kind["inactiveAssignments"]),
            (&of("grants").into(), &of("inactiveAssignments").into())
        );
    }
    let csv = show(&["types", "--csv", "--sort", "grants"]);
    let counts: Vec<u64> = column(&csv, "grants").iter().map(|count| count.parse().unwrap()).collect();
    assert!(counts.is_sorted() && counts.len() == types.len(), "{counts:?}");
}

#[test]
fn a_list_is_sorted_by_any_of_its_columns() {
    let names = column(&show(&["users", "--csv", "--sort", "name"]), "name");
    let lower: Vec<_> = names.iter().map(|name| name.to_lowercase()).collect();
    assert!(lower.is_sorted());
    assert_eq!(names.len(), demo().document.of_kind("user").len());
    let all = items(&show(&["grants", "--json", "--sort", "principal id"]));
    assert!(all.is_sorted_by_key(|grant| text(&grant["principal"]["id"]["resource"]).to_lowercase()));
    assert_eq!(all.len(), demo().document.list("grants").len());
    let table = show(&["inactive", "--sort", "reason"]);
    assert!(table.ends_with("\n33 inactive assignments\n"), "{table}");
}

#[test]
fn inactive_assignments_are_told_by_their_reason() {
    let list = demo().document.list("inactiveAssignments");
    for (status, reason) in [("expired", "EXPIRED"), ("inactive", "INACTIVE"), ("revoked", "REVOKED")] {
        let expected: Vec<_> = list.iter().filter(|assignment| assignment["reason"] == reason).collect();
        let (code, listed, _) = shown(&["inactive", "--json", "--status", status]);
        assert_eq!((code, items(&listed).iter().collect::<Vec<_>>()), (0, expected), "{status}");
    }
}
