//! What a document does not tell is neither removed nor added: each reason by its name.

use serde_json::json;

use super::{Doc, diff};

/// A user in a group, with a role, a profile, a set, and a set through a permission set group.
fn org() -> Doc {
    let mut doc = Doc::new();
    doc.with(&["user:ada", "group:deals", "role:r", "permission:s", "permission:t", "profile:p"]);
    doc.with(&["permission_set_group:b"]);
    doc.resource("group:rg", json!({"type": "Role"}));
    doc.hold("group:deals", "user:ada").hold("role:r", "user:ada").hold("profile:p", "user:ada");
    doc.hold("permission:s", "user:ada").hold("permission_set_group:b", "user:ada");
    doc.hold("permission:t", "permission_set_group:b").derive("permission:t", "user:ada", &["permission_set_group:b"]);
    doc
}

/// Of all that `partial` lacks, nothing is told, in either direction.
#[track_caller]
fn is_unknown(whole: &Doc, partial: &Doc, codes: &[&str]) {
    diff(whole, partial).is_unknown(codes);
    diff(partial, whole).is_unknown(codes);
}

#[test]
fn a_kind_that_was_not_asked_for() {
    for kind in ["group", "role", "permission", "profile", "permission_set_group"] {
        let mut partial = org();
        partial.without_kind(kind);
        if kind == "permission_set_group" {
            partial.drop("permission:t", "user:ada");
        }
        is_unknown(&org(), &partial, &["KIND_NOT_SYNCED"]);
    }
}

#[test]
fn what_follows_from_a_kind_that_was_not_asked_for() {
    let mut whole = org();
    whole.hold("group:rg", "role:r").hold("group:deals", "group:rg");
    whole.derive("group:rg", "user:ada", &["role:r"]).derive("group:deals", "user:ada", &["group:rg"]);
    let mut partial = whole.clone();
    partial.without_kind("role").drop("group:rg", "user:ada").drop("group:deals", "user:ada");
    partial.resource("group:rg", json!({"type": "Role", "membership_known": false}));
    diff(&whole, &partial).is_unknown(&["KIND_NOT_SYNCED", "MEMBERS_UNKNOWN"]);
    diff(&partial, &whole).is_unknown(&["KIND_NOT_SYNCED", "MEMBERS_UNKNOWN"]);
}

#[test]
fn no_grants_were_asked_for() {
    let mut partial = org();
    for held in
        [("group:deals"), ("role:r"), ("profile:p"), ("permission:s"), ("permission_set_group:b"), ("permission:t")]
    {
        partial.drop(held, "user:ada");
    }
    partial.drop("permission:t", "permission_set_group:b");
    partial.entitlements.clear();
    partial.option("skipEntitlementsAndGrants", true.into());
    is_unknown(&org(), &partial, &["NO_GRANTS"]);
}

#[test]
fn an_object_that_was_not_read() {
    for (object, gone) in [
        ("UserRole", vec!["role:r"]),
        ("Group", vec!["group:deals", "group:rg"]),
        ("Profile", vec!["profile:p"]),
        ("PermissionSet", vec!["permission:s", "permission:t"]),
        ("PermissionSetGroup", vec!["permission_set_group:b"]),
        ("User", vec!["user:ada"]),
    ] {
        let mut partial = org();
        for name in gone {
            partial.without(name);
        }
        if object == "PermissionSetGroup" {
            partial.drop("permission:t", "user:ada");
        }
        partial.not_read(object, true);
        is_unknown(&org(), &partial, &["OBJECT_NOT_READ"]);
        // The same without a word of it is a difference.
        partial.summary = org().summary;
        assert!(!diff(&org(), &partial).changes.is_empty(), "{object}");
    }
}

#[test]
fn an_object_of_assignments_that_was_not_read() {
    for (object, gone) in [
        ("GroupMember", vec![("group:deals", "user:ada")]),
        (
            "PermissionSetAssignment",
            vec![("permission:s", "user:ada"), ("permission_set_group:b", "user:ada"), ("permission:t", "user:ada")],
        ),
        ("PermissionSetGroupComponent", vec![("permission:t", "permission_set_group:b"), ("permission:t", "user:ada")]),
    ] {
        let mut partial = org();
        for (held, by) in gone {
            partial.drop(held, by);
        }
        partial.not_read(object, false);
        is_unknown(&org(), &partial, &["OBJECT_NOT_READ"]);
    }
}

#[test]
fn an_object_that_this_version_does_not_know() {
    let mut partial = org();
    partial.without("group:deals").not_read("Future", false);
    is_unknown(&org(), &partial, &["OBJECT_NOT_READ"]);
}

#[test]
fn an_object_that_neither_read_is_no_difference() {
    let mut both = org();
    both.not_read("QueueSobject", false);
    let seen = diff(&both, &both.clone());
    assert!(seen.limits.is_empty());
    // But where it is required, not all is known.
    both.not_read("GroupMember", true);
    assert_eq!(diff(&both, &both.clone()).codes(), ["OBJECT_NOT_READ", "OBJECT_NOT_READ"]);
}

#[test]
fn a_document_that_is_not_complete_and_does_not_say_why() {
    let mut partial = org();
    partial.without("group:deals");
    partial.summary["complete"] = false.into();
    is_unknown(&org(), &partial, &["INCOMPLETE"]);
}

#[test]
fn users_that_an_option_leaves_out() {
    let mut partial = org();
    partial.without("user:ada").option("syncDeactivatedUsers", false.into());
    is_unknown(&org(), &partial, &["DEACTIVATED_USERS_LEFT_OUT"]);
    // Where both leave them out, whoever is gone may have been deactivated.
    let mut narrow = org();
    narrow.option("syncDeactivatedUsers", false.into());
    is_unknown(&narrow, &partial, &["DEACTIVATED_USERS_LEFT_OUT"]);

    let mut whole = org();
    whole.resource("user:ada", json!({"user_type": "Guest"}));
    let mut partial = org();
    partial.without("user:ada").option("syncNonStandardUsers", false.into());
    is_unknown(&whole, &partial, &["USER_TYPES_LEFT_OUT"]);
    // A user of type Standard is not left out by that.
    assert_eq!(diff(&org(), &partial).told()[0], "removed user:ada");
}

#[test]
fn a_user_who_was_made_later_was_added_whatever_the_old_document_leaves_out() {
    let (mut old, mut new) = (org(), org());
    old.option("syncDeactivatedUsers", false.into());
    new.option("syncDeactivatedUsers", false.into());
    new.resource("user:di", json!({"user_type": "Standard", "created_at": "2026-01-02T00:00:00Z"}));
    new.hold("profile:p", "user:di");
    let seen = diff(&old, &new);
    assert_eq!(seen.causes(), ["added user:di", "added profile:p:assigned user:di gained by user:di"]);
    new.resource("user:di", json!({"user_type": "Standard", "created_at": "2025-01-02T00:00:00Z"}));
    diff(&old, &new).is_unknown(&["DEACTIVATED_USERS_LEFT_OUT"]);
}

#[test]
fn users_who_may_be_invisible() {
    let mut partial = org();
    partial.without("user:ada").warn("USERS_MAY_BE_INVISIBLE");
    is_unknown(&org(), &partial, &["USERS_MAY_BE_INVISIBLE"]);
}

#[test]
fn principals_whom_a_document_could_not_list() {
    for reason in ["PRINCIPAL_NOT_VISIBLE", "PRINCIPAL_NOT_LISTED", "CHANGED_DURING_READ"] {
        let mut partial = org();
        partial.without("user:ada");
        partial.summary["leftOut"] = json!([{"what": "grant", "reason": reason, "count": 1}]);
        is_unknown(&org(), &partial, &["PRINCIPALS_LEFT_OUT"]);
    }
}

#[test]
fn groups_of_managers_that_an_option_leaves_out() {
    let mut whole = org();
    whole.option("managerGroups", true.into()).resource("group:m", json!({"type": "Manager"}));
    whole.hold("group:deals", "group:m");
    whole.grant("group:m", "user:ada", &[], &json!({"by_rule": true}));
    is_unknown(&whole, &org(), &["MANAGER_GROUPS_LEFT_OUT"]);
}

#[test]
fn grants_that_are_not_followed_equally_far() {
    let mut whole = org();
    whole.resource("group:all", json!({"type": "Organization"})).hold("group:deals", "group:all");
    whole.grant("group:all", "user:ada", &[], &json!({"by_rule": true}));
    whole.derive("group:deals", "user:ada", &["group:all", "group:deals"]);
    let mut partial = whole.clone();
    partial.option("expand", "none".into());
    partial.drop("permission:t", "user:ada").drop("group:all", "user:ada").hold("group:deals", "user:ada");
    is_unknown(&whole, &partial, &["EXPAND_DIFFERS"]);
    // Direct grants are compared all the same; whether it is still held is not known.
    partial.drop("permission:s", "user:ada").drop("role:r", "user:ada");
    assert_eq!(
        diff(&whole, &partial).told(),
        ["removed role:r:assigned user:ada lost", "removed permission:s:assigned user:ada unknown"]
    );
}

#[test]
fn emails_that_are_usernames_in_one_document() {
    let user = |email: &str| {
        let mut doc = org();
        doc.resources.values_mut().next().unwrap()["annotations"][0]["emails"] = json!([{"address": email}]);
        doc
    };
    let mut other = user("ada@acme.example");
    other.option("usernameAsEmail", true.into());
    is_unknown(&user("ada@mail.example"), &other, &["USERNAME_AS_EMAIL_DIFFERS"]);
    assert_eq!(diff(&user("a@x"), &user("b@x")).told(), ["changed user:ada [emails]"]);
}

#[test]
fn which_assignments_live() {
    let (mut whole, mut partial) = (org(), org());
    whole.drop("permission:s", "user:ada").dead("permission:s", "user:ada", "EXPIRED");
    partial.warn("VALIDITY_UNKNOWN");
    is_unknown(&whole, &partial, &["VALIDITY_UNKNOWN"]);
    // Nor when they end.
    let mut limited = org();
    limited.grant("permission:s", "user:ada", &[], &json!({"expires_at": "2027-01-01T00:00:00Z"}));
    assert!(diff(&limited, &partial).changes.is_empty());
    assert_eq!(diff(&limited, &org()).told(), ["changed permission:s:assigned user:ada [expiresAt] kept"]);
}

#[test]
fn attributes_of_objects_and_fields_that_were_not_read() {
    let with = |name: &str, profile: serde_json::Value| {
        let mut doc = org();
        doc.resource(name, profile);
        doc
    };
    for (name, attribute, object) in [
        ("user:ada", "is_frozen", "UserLogin"),
        ("user:ada", "license", "UserLicense"),
        ("group:deals", "object_types", "QueueSobject"),
        ("permission_set_group:b", "muted_permissions", "MutingPermissionSet"),
    ] {
        let whole = with(name, json!({"user_type": "Standard", "type": "Regular", attribute: "x"}));
        let mut partial = with(name, json!({"user_type": "Standard", "type": "Regular"}));
        partial.not_read(object, false);
        is_unknown(&whole, &partial, &["OBJECT_NOT_READ"]);
    }
    let whole = with("user:ada", json!({"user_type": "Standard", "department": "Sales"}));
    let mut partial = with("user:ada", json!({"user_type": "Standard"}));
    assert_eq!(diff(&whole, &partial).told(), ["changed user:ada [department]"]);
    partial.summary["read"] = json!([{"object": "User", "rows": 1, "fieldsLeftOut": ["Department"]}]);
    is_unknown(&whole, &partial, &["FIELDS_LEFT_OUT"]);
}

#[test]
fn what_a_document_knows_is_no_attribute_of_the_org() {
    let mut partial = org();
    partial.resource("group:deals", json!({"type": "Regular", "membership_known": false}));
    is_unknown(&org(), &partial, &["MEMBERS_UNKNOWN"]);
}

#[test]
fn members_of_a_group_that_stands_for_something_that_is_not_visible() {
    let mut whole = org();
    whole.hold("group:rg", "role:r");
    let mut partial = org();
    partial.resource("group:rg", json!({"type": "Role", "membership_known": false}));
    is_unknown(&whole, &partial, &["MEMBERS_UNKNOWN"]);
    // Of a group that people made, a listed user who is no member any more left it.
    let mut left = org();
    left.resource("group:deals", json!({"type": "Regular", "membership_known": false})).drop("group:deals", "user:ada");
    assert_eq!(diff(&org(), &left).told(), ["removed group:deals:member user:ada lost"]);
}

#[test]
fn a_profile_that_is_not_shown() {
    let mut partial = org();
    partial.resource("user:ada", json!({"user_type": "Standard", "rights_known": false})).drop("profile:p", "user:ada");
    is_unknown(&org(), &partial, &["PROFILE_HIDDEN"]);
}

#[test]
fn a_permission_set_group_that_is_shown_as_a_set() {
    let mut partial = org();
    partial.without("permission_set_group:b").drop("permission:t", "user:ada").not_read("PermissionSetGroup", true);
    partial.resource("permission:sum", json!({"type": "Group"})).hold("permission:sum", "user:ada");
    is_unknown(&org(), &partial, &["OBJECT_NOT_READ", "PERMISSION_SET_GROUP_NOT_VISIBLE"]);
}

#[test]
fn types_that_are_absent_from_another_programs_file() {
    let mut foreign = org();
    foreign.foreign().without_all("role");
    let seen = diff(&org(), &foreign);
    assert!(seen.changes.is_empty(), "{:?}", seen.causes());
    assert!(seen.codes().contains(&"KIND_ABSENT") && seen.codes().contains(&"SOURCE_UNKNOWN"), "{:?}", seen.codes());
    // What it has of a type is compared.
    let mut foreign = org();
    foreign.foreign().drop("group:deals", "user:ada").hold("group:rg", "user:ada");
    let told = diff(&org(), &foreign).told();
    assert!(told.contains(&"removed group:deals:member user:ada lost".to_owned()), "{told:?}");
}

#[test]
fn grants_of_which_another_programs_file_has_none() {
    let mut foreign = org();
    foreign.foreign().drop("role:r", "user:ada");
    let seen = diff(&org(), &foreign);
    assert!(seen.changes.is_empty(), "{:?}", seen.causes());
    assert!(seen.codes().contains(&"GRANTS_ABSENT"), "{:?}", seen.codes());
}

#[test]
fn a_loss_where_other_ways_are_not_told_is_not_sure() {
    let mut partial = org();
    partial.drop("permission:s", "user:ada").not_read("PermissionSetGroupComponent", false);
    partial.drop("permission:t", "permission_set_group:b").drop("permission:t", "user:ada");
    assert_eq!(diff(&org(), &partial).told(), ["removed permission:s:assigned user:ada unknown"]);
}

#[test]
fn fields_that_say_of_grants_what_one_document_could_not_read() {
    for (object, field, metadata) in [
        ("PermissionSetAssignment", "LastCreatedByChangeId", json!({"assigned_by_policy": true})),
        ("PermissionSet", "HasActivationRequired", json!({"condition": "session_activation"})),
    ] {
        let (mut whole, mut partial) = (org(), org());
        whole.grant("permission:s", "user:ada", &[], &metadata);
        assert_eq!(diff(&whole, &partial).changes.len(), 1, "{field}");
        partial.summary["read"] = json!([{"object": object, "rows": 1, "fieldsLeftOut": [field]}]);
        for (old, new) in [(&whole, &partial), (&partial, &whole)] {
            let seen = diff(old, new);
            assert!(seen.changes.is_empty(), "{:?}", seen.causes());
            assert_eq!(seen.codes(), ["FIELDS_LEFT_OUT"]);
        }
    }
}

#[test]
fn what_another_program_does_not_say_of_grants_and_resources() {
    let mut whole = org();
    whole.grant("permission:s", "user:ada", &[], &json!({"expires_at": "2027-01-01T00:00:00Z"}));
    whole.resource("user:ada", json!({"user_type": "Standard", "department": "Sales"}));
    let mut foreign = org();
    foreign.foreign();
    for (old, new) in [(&whole, &foreign), (&foreign, &whole)] {
        assert!(diff(old, new).changes.is_empty(), "{:?}", diff(old, new).causes());
    }
    // It may have told an expired assignment as a grant.
    whole.drop("permission:s", "user:ada").dead("permission:s", "user:ada", "EXPIRED");
    for (old, new) in [(&whole, &foreign), (&foreign, &whole)] {
        assert!(diff(old, new).changes.is_empty(), "{:?}", diff(old, new).causes());
    }
}

#[test]
fn fields_that_decide_which_roles_are_in_a_group() {
    let mut whole = org();
    whole.hold("group:rg", "role:r");
    let mut partial = org();
    assert_eq!(diff(&whole, &partial).changes.len(), 1);
    partial.summary["read"] = json!([{"object": "UserRole", "rows": 1, "fieldsLeftOut": ["PortalType"]}]);
    is_unknown(&whole, &partial, &["FIELDS_DIFFER"]);
}
