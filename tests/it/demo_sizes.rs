//! The generated orgs: what is read of them, and what it costs. (What their documents say is judged in `truthful`.)

use std::collections::BTreeSet;

use baton_salesforce::demo::{Org, ServerOptions, Shape};

use crate::support::{Demo, Document, attribute, text};

fn synced(shape: Shape) -> (Document, Demo) {
    let demo = Demo::start(Org::generate(shape, 1), ServerOptions::default());
    let document = demo.run().output().document();
    (document, demo)
}

/// Calls may grow with pages alone: one for each page, and eight for the rest.
fn assert_calls(document: &Document) {
    let reads = document.0["summary"]["read"].as_array().unwrap();
    let pages: u64 = reads.iter().map(|read| read["pages"].as_u64().unwrap().max(1)).sum();
    let calls = document.0["summary"]["cost"]["apiCalls"].as_u64().unwrap();
    assert!(calls <= pages + 8, "{calls} calls for {pages} pages");
}

#[test]
fn the_small_org_is_read_completely() {
    let (document, _demo) = synced(Shape::Small);
    assert_eq!(document.0["summary"]["complete"], true);
    assert!(document.not_read().is_empty());
    assert_calls(&document);
    let reasons: BTreeSet<_> = document.list("inactiveAssignments").iter().map(|a| text(&a["reason"])).collect();
    assert!(reasons.contains("EXPIRED") && reasons.contains("INACTIVE"), "{reasons:?}");
    for user in document.of_kind("user") {
        assert!(attribute(user, "is_frozen").is_boolean());
    }
    let frozen = document.of_kind("user").into_iter().find(|user| *attribute(user, "is_frozen") == true);
    assert!(frozen.is_some());
}

#[test]
fn the_mid_org_is_read_in_few_calls() {
    let (document, demo) = synced(Shape::Mid);
    assert_calls(&document);
    let calls = document.0["summary"]["cost"]["apiCalls"].as_u64().unwrap();
    assert!(calls <= 55, "{calls}");
    assert_eq!(document.0["summary"]["cost"]["apiUsage"]["used"].as_u64(), Some(demo.server.api_used()));
}

#[test]
fn all_users_come_where_asked() {
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    let all = demo.run().arg("--sync-non-standard-users").output().document();
    assert_eq!(all.of_kind("user").len(), 200);
    assert_eq!(all.left_out("user", "USER_TYPE_EXCLUDED_BY_OPTION"), 0);
    // Every user has a profile, or says that his rights are not known.
    let grants = all.grant_ids();
    for user in all.of_kind("user") {
        let id = text(&user["id"]["resource"]);
        let has_profile = grants.iter().any(|grant| grant.starts_with("profile:") && grant.ends_with(&id));
        assert_ne!(has_profile, *attribute(user, "rights_known") == false, "{user}");
    }
    let active = demo.run().arg("--sync-deactivated-users=false").output().document();
    assert!(active.of_kind("user").iter().all(|user| user["annotations"][0]["status"]["details"] != "inactive"));
    let standard = demo.run().output().document();
    let inactive = standard.of_kind("user").len() - active.of_kind("user").len();
    assert_eq!(active.left_out("user", "DEACTIVATED_EXCLUDED_BY_OPTION"), inactive as u64);
    assert!(inactive > 0);
}

#[test]
fn resource_types_can_be_chosen() {
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    let document = demo.run().args(["--sync-resource-types", "user,role"]).output().document();
    assert_eq!(document.list("resourceTypes").len(), 2);
    assert!(document.grant_ids().iter().all(|grant| grant.starts_with("role:")) && !document.grant_ids().is_empty());
    assert_eq!(demo.calls_of("GroupMember") + demo.calls_of("PermissionSetAssignment"), 0);
    // What is held through a kind that is left out is counted.
    let sets = demo.run().args(["--sync-resource-types", "user,permission"]).output().document();
    let through_groups = |org: &Org| {
        let soql = "SELECT Id FROM PermissionSetAssignment WHERE PermissionSetGroupId != NULL AND IsActive = TRUE \
                    AND Assignee.UserType = 'Standard' AND ExpirationDate = NULL";
        org.query(66, soql).unwrap()["totalSize"].as_u64().unwrap()
    };
    assert!(sets.left_out("grant", "PRINCIPAL_EXCLUDED_BY_OPTION") >= through_groups(demo.server.org()));
    let groups = demo.run().args(["--sync-resource-types", "group"]).output().document();
    assert!(groups.list("grants").iter().all(|grant| grant["principal"]["id"]["resourceType"] == "group"));
    assert!(groups.left_out("grant", "PRINCIPAL_EXCLUDED_BY_OPTION") > 0);
}

#[test]
fn resources_can_be_had_alone() {
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    let document = demo.run().arg("--skip-entitlements-and-grants").output().document();
    let left_out = document.0["summary"]["leftOut"].as_array().unwrap();
    assert!(left_out.iter().all(|left_out| left_out["what"] != "grant"), "{left_out:?}");
    assert!(document.list("entitlements").is_empty() && document.list("grants").is_empty());
    assert!(document.list("inactiveAssignments").is_empty());
    assert_eq!(demo.calls_of("GroupMember") + demo.calls_of("PermissionSetAssignment"), 0);
    let whole = demo.run().output().document();
    assert_eq!(document.list("resources").len(), whole.list("resources").len());
}

#[test]
fn the_embedded_org_is_the_same_org() {
    let embedded = crate::support::Run::new().args(["--demo", "-f", "sync.json"]).output().document();
    let (served, _demo) = synced(Shape::Small);
    assert_eq!(embedded.without_times(), served.without_times());
}
