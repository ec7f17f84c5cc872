//! What is told, and under what.

use serde_json::json;

use super::{Doc, diff};

/// Ada, Bo and Cy; role `r` in its group `rg`, which is in the group `deals`; the set `s` in the permission set group `b`.
fn org() -> Doc {
    let mut doc = Doc::new();
    doc.with(&[
        "user:ada",
        "user:bo",
        "user:cy",
        "group:deals",
        "group:desk",
        "role:r",
        "permission:s",
        "permission:t",
    ]);
    doc.with(&["permission_set_group:b", "profile:p"]);
    doc.resource("group:rg", json!({"type": "Role", "related_id": "r"}));
    doc.hold("group:rg", "role:r").hold("group:deals", "group:rg").hold("permission:s", "permission_set_group:b");
    doc.hold("role:r", "user:bo").derive("group:rg", "user:bo", &["role:r"]).derive(
        "group:deals",
        "user:bo",
        &["group:rg"],
    );
    doc.hold("permission_set_group:b", "user:bo").derive("permission:s", "user:bo", &["permission_set_group:b"]);
    doc
}

#[test]
fn the_same_document_twice_has_no_differences() {
    let seen = diff(&org(), &org());
    assert!(seen.changes.is_empty() && seen.counts.is_none() && seen.limits.is_empty());
    assert_eq!(seen.remarks[0].code, "SAME_SYNC");
}

#[test]
fn a_role_brings_what_follows_from_it() {
    let mut new = org();
    new.hold("role:r", "user:ada").derive("group:rg", "user:ada", &["role:r"]).derive(
        "group:deals",
        "user:ada",
        &["group:rg"],
    );
    let seen = diff(&org(), &new);
    assert_eq!(
        seen.causes(),
        [
            "added role:r:assigned user:ada gained",
            "added group:deals:member user:ada gained by role:r:assigned user:ada",
            "added group:rg:member user:ada gained by role:r:assigned user:ada",
        ]
    );
    let access = seen.counts.access;
    assert_eq!((access.gained, access.users_who_gained, access.users_who_lost), (3, 1, 0));
    let back = diff(&new, &org());
    assert!(back.causes()[1].starts_with("removed group:deals:member user:ada lost by role:r"), "{:?}", back.causes());
}

#[test]
fn a_new_user_brings_all_that_he_holds() {
    let mut new = org();
    new.with(&["user:di"]).hold("profile:p", "user:di").hold("permission_set_group:b", "user:di");
    new.derive("permission:s", "user:di", &["permission_set_group:b"]);
    let causes = diff(&org(), &new).causes();
    assert_eq!(causes[0], "added user:di");
    assert_eq!(causes.len(), 4);
    assert!(causes[1..].iter().all(|line| line.ends_with("user:di gained by user:di")), "{causes:?}");
}

#[test]
fn a_set_that_joins_a_permission_set_group_is_one_cause() {
    let mut old = org();
    old.hold("permission_set_group:b", "user:cy").derive("permission:s", "user:cy", &["permission_set_group:b"]);
    let mut new = old.clone();
    new.hold("permission:t", "permission_set_group:b").derive("permission:t", "user:bo", &["permission_set_group:b"]);
    new.derive("permission:t", "user:cy", &["permission_set_group:b"]);
    let cause = "permission:t:assigned permission_set_group:b";
    assert_eq!(
        diff(&old, &new).causes(),
        [
            format!("added {cause}"),
            format!("added permission:t:assigned user:bo gained by {cause}"),
            format!("added permission:t:assigned user:cy gained by {cause}"),
        ]
    );
}

#[test]
fn a_user_who_is_deactivated_leaves_the_groups_of_rules() {
    let mut old = org();
    old.resource("group:all", json!({"type": "Organization", "membership_rule": "active_standard_users"}));
    old.hold("group:desk", "group:all");
    old.grant("group:all", "user:ada", &[], &json!({"by_rule": true})).derive("group:desk", "user:ada", &["group:all"]);
    let mut new = old.clone();
    new.resource("user:ada", json!({"user_type": "Standard", "inactive": true}));
    new.drop("group:all", "user:ada").drop("group:desk", "user:ada");
    assert_eq!(
        diff(&old, &new).causes(),
        [
            "changed user:ada [inactive,status]",
            "removed group:all:member user:ada lost by user:ada",
            "removed group:desk:member user:ada lost by user:ada",
        ]
    );
}

#[test]
fn a_way_that_changes_is_no_loss() {
    let mut old = org();
    old.hold("group:deals", "user:ada");
    let mut new = old.clone();
    new.hold("role:r", "user:ada").derive("group:rg", "user:ada", &["role:r"]).derive(
        "group:deals",
        "user:ada",
        &["group:rg"],
    );
    let seen = diff(&old, &new);
    assert!(
        seen.told().contains(&"changed group:deals:member user:ada [isDirect,through] kept".to_owned()),
        "{:?}",
        seen.told()
    );
    assert_eq!(seen.counts.access.lost, 0);
    // One more way is told under what brings it.
    new.derive("group:deals", "user:ada", &["group:rg", "group:deals"]);
    let more = "changed group:deals:member user:ada [through] kept by role:r:assigned user:ada".to_owned();
    assert!(diff(&old, &new).causes().contains(&more));
}

#[test]
fn limits_that_change_are_told_once_with_what_follows() {
    let limited = json!({"expires_at": "2027-01-01T00:00:00Z"});
    let (old, mut new) = (org(), org());
    new.grant("permission_set_group:b", "user:bo", &[], &limited);
    new.grant("permission:s", "user:bo", &["permission_set_group:b"], &limited);
    let cause = "permission_set_group:b:member user:bo";
    assert_eq!(
        diff(&old, &new).causes(),
        [
            format!("changed {cause} [expiresAt] kept"),
            format!("changed permission:s:assigned user:bo [expiresAt] kept by {cause}"),
        ]
    );
    let mut muted = org();
    muted.grant("permission:s", "permission_set_group:b", &[], &json!({"muted_rights": ["ViewSetup"]}));
    muted.grant("permission:s", "user:bo", &["permission_set_group:b"], &json!({"partial": true}));
    let cause = "permission:s:assigned permission_set_group:b";
    assert_eq!(
        diff(&old, &muted).causes(),
        [
            format!("changed {cause} [mutedRights]"),
            format!("changed permission:s:assigned user:bo [partial] kept by {cause}"),
        ]
    );
}

#[test]
fn an_assignment_that_expires_is_moved_and_so_is_one_that_comes_back() {
    let mut old = org();
    old.hold("permission:t", "user:cy");
    let mut new = org();
    new.dead("permission:t", "user:cy", "EXPIRED");
    assert_eq!(diff(&old, &new).causes(), ["moved permission:t:assigned user:cy lost"]);
    assert_eq!(diff(&new, &old).causes(), ["moved permission:t:assigned user:cy gained"]);
    // It is held in another way.
    new.hold("permission:t", "permission_set_group:b").derive("permission:t", "user:cy", &["permission_set_group:b"]);
    new.hold("permission_set_group:b", "user:cy").derive("permission:s", "user:cy", &["permission_set_group:b"]);
    let seen = diff(&old, &new);
    let moved: Vec<_> = seen.told().into_iter().filter(|line| line.starts_with("moved")).collect();
    assert_eq!(moved, ["moved permission:t:assigned user:cy [isDirect,through] kept"]);
    assert_eq!((seen.counts.grants.moved, seen.counts.access.lost), (1, 0));
}

#[test]
fn dead_rows_alone_are_told_apart_from_grants() {
    let mut new = org();
    new.dead("permission:t", "user:cy", "REVOKED");
    let seen = diff(&org(), &new);
    assert_eq!(seen.causes(), ["added inactive permission:t:assigned user:cy"]);
    assert_eq!((seen.counts.inactive_assignments.added, seen.counts.access.users_who_lost), (1, 0));
}

#[test]
fn what_goes_with_a_resource_is_told_under_it() {
    let mut new = org();
    new.without("permission:s");
    let causes = diff(&org(), &new).causes();
    assert_eq!(
        causes,
        [
            "removed permission:s",
            "removed permission:s:assigned by permission:s",
            "removed permission:s:assigned user:bo lost by permission:s",
            "removed permission:s:assigned permission_set_group:b by permission:s",
        ]
    );
}

#[test]
fn a_renamed_resource_is_told_once_with_both_names() {
    let mut new = org();
    new.resource("permission:s", json!({"type": "Regular", "name": "New name"}));
    let seen = diff(&org(), &new);
    assert_eq!(
        seen.causes(),
        ["changed permission:s [displayName,name]", "changed permission:s:assigned [displayName] by permission:s"]
    );
    let name = &seen.changes[0].attributes[0];
    assert_eq!((name.old.as_deref(), name.new.as_deref()), (Some("\"s\""), Some("\"New name\"")));
}

#[test]
fn a_group_that_is_used_from_now_on_gives_nothing_new() {
    let mut old = Doc::new();
    old.with(&["user:ada", "user:bo", "group:deals", "role:r"]);
    old.resource("group:rg", json!({"type": "Role"})).hold("group:rg", "role:r").hold("role:r", "user:ada");
    let mut new = old.clone();
    // Ada had the role before, Bo has it now: what is new for Ada is the group `deals` alone.
    new.hold("group:deals", "group:rg").hold("role:r", "user:bo");
    for user in ["user:ada", "user:bo"] {
        new.derive("group:rg", user, &["role:r"]).derive("group:deals", user, &["group:rg"]);
    }
    let seen = diff(&old, &new);
    let ada: Vec<_> = seen.causes().into_iter().filter(|line| line.contains("user:ada")).collect();
    assert_eq!(ada, ["added group:deals:member user:ada gained by group:deals:member group:rg"]);
    assert!(seen.causes().contains(&"added group:rg:member user:bo gained by role:r:assigned user:bo".to_owned()));
    assert_eq!(seen.counts.written_once, 1);
    // The other way round, too.
    let back = diff(&new, &old);
    assert!(!back.told().iter().any(|line| line == "removed group:rg:member user:ada lost"), "{:?}", back.told());
}

#[test]
fn groups_in_a_ring_come_to_an_end() {
    let mut old = Doc::new();
    old.with(&["user:ada", "group:a", "group:b"]).hold("group:a", "group:b").hold("group:b", "group:a");
    let mut new = old.clone();
    new.hold("group:a", "user:ada").derive("group:b", "user:ada", &["group:a"]);
    new.derive("group:a", "user:ada", &["group:b", "group:a"]);
    assert_eq!(
        diff(&old, &new).causes(),
        ["added group:a:member user:ada gained", "added group:b:member user:ada gained by group:a:member user:ada"]
    );
    assert_eq!(diff(&new, &old).counts.access.lost, 2);
}

#[test]
fn a_right_that_only_direct_holders_of_a_set_have_follows_from_the_assignment() {
    let mut old = org();
    old.sync["options"]["syncResourceTypes"].as_array_mut().unwrap().push("system_permission".into());
    old.with(&["system_permission:X"]).hold("system_permission:X", "permission:s");
    let mut new = old.clone();
    new.derive("permission:s", "user:bo", &["permission_set_group:b", "permission:s"]);
    new.derive("system_permission:X", "user:bo", &["permission:s"]);
    let cause = "permission:s:assigned user:bo";
    assert_eq!(
        diff(&old, &new).causes(),
        [
            format!("changed {cause} [isDirect] kept"),
            format!("added system_permission:X:granted user:bo gained by {cause}"),
        ]
    );
    // Where the old document had it as an assignment of which the new one cannot tell whether it lives, nothing is sure.
    old.dead("permission:s", "user:bo", "INACTIVE");
    new.warn("VALIDITY_UNKNOWN");
    assert!(diff(&old, &new).changes.is_empty());
}
