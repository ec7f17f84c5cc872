//! Orgs and networks that refuse: each has its message and its exit code, and leaves an earlier document untouched.

use baton_salesforce::demo::{Action, ApiAccess, Fault, Org, ServerOptions, Shape, Target};
use serde_json::json;

use crate::support::{Demo, Run, attribute};

fn small() -> Org {
    Org::generate(Shape::Small, 1)
}

fn with(options: ServerOptions) -> Demo {
    Demo::start(small(), options)
}

/// The run fails so, with nothing there before; and with an earlier document there, that stays as it was.
#[track_caller]
fn assert_fails(demo: &Demo, code: i32, says: &[&str]) {
    demo.run().output().failed(code, says);
    let healthy = Demo::start(small(), ServerOptions::default());
    let earlier = healthy.run().output();
    let earlier = std::fs::read_to_string(earlier.path("sync.json")).unwrap();
    let ran = demo.run().file("sync.json", &earlier).output();
    assert_eq!(ran.code(), code, "{}", ran.stderr());
    assert_eq!(std::fs::read_to_string(ran.path("sync.json")).unwrap(), earlier);
    assert_eq!(std::fs::read_dir(ran.folder.path()).unwrap().count(), 1, "a temporary file is left");
}

#[test]
fn an_org_without_api_is_explained() {
    let demo = with(ServerOptions { access: ApiAccess::DisabledForOrg, ..ServerOptions::default() });
    assert_fails(&demo, 9, &["API_DISABLED_FOR_ORG", "The REST API is not enabled", "edition", "API Enabled"]);
}

#[test]
fn a_user_without_api_enabled_is_explained() {
    for code in ["FUNCTIONALITY_NOT_ENABLED", "API_CURRENTLY_DISABLED"] {
        let fault = Fault::api_error(Target::Path("/services/data/v".to_owned()), None, 403, code, "not for this user");
        let demo = with(ServerOptions { faults: vec![fault], ..ServerOptions::default() });
        assert_fails(&demo, 7, &[code, "not for this user", "API Enabled", "Setup"]);
    }
}

#[test]
fn an_unreachable_host_is_told() {
    // Nobody listens there: the port was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let run =
        Run::new().args(["--domain", &format!("http://127.0.0.1:{port}")]).env("BATON_SALESFORCE_ACCESS_TOKEN", "x");
    run.output().failed(14, &[&format!("127.0.0.1:{port}"), "--domain"]);
}

#[test]
fn no_visible_users_are_a_missing_right_and_one_user_is_an_org() {
    let mut none = small();
    none.remove_rows("User", |user| user["UserType"] != "Standard").unwrap();
    assert_fails(&Demo::start(none, ServerOptions::default()), 7, &["User", "View All Users"]);
    let document = Demo::start(Org::empty(), ServerOptions::default()).run().output().document();
    assert_eq!(document.of_kind("user").len(), 1);
    assert_eq!(document.0["summary"]["complete"], true);
}

#[test]
fn a_required_object_that_is_refused_names_the_permission() {
    for (object, right) in [
        ("UserRole", "View Roles and Role Hierarchy"),
        ("PermissionSetAssignment", "View Setup and Configuration"),
        ("PermissionSet", "View Setup and Configuration"),
        ("Profile", "View Setup and Configuration"),
    ] {
        let mut org = small();
        org.without_object(object);
        Demo::start(org, ServerOptions::default()).run().output().failed(7, &[object, "INVALID_TYPE", right, "Setup"]);
    }
}

#[test]
fn a_required_field_that_is_hidden_is_not_done_without() {
    let mut org = small();
    org.without_field("User", "UserRoleId");
    Demo::start(org, ServerOptions::default()).run().output().failed(7, &["User", "UserRoleId"]);
}

#[test]
fn an_optional_object_that_is_refused_is_noted() {
    let mut org = small();
    for object in ["UserLogin", "UserLicense"] {
        org.without_object(object);
    }
    let document = Demo::start(org, ServerOptions::default()).run().output().document();
    assert_eq!(document.not_read(), ["UserLicense", "UserLogin"]);
    assert_eq!(document.0["summary"]["complete"], true);
    assert!(document.warnings().contains(&"FROZEN_UNKNOWN"));
    for user in document.of_kind("user") {
        assert!(attribute(user, "is_frozen").is_null(), "unknown is not false");
    }
}

#[test]
fn what_rows_elsewhere_prove_to_be_there_is_missed() {
    for object in ["PermissionSetGroup", "QueueSobject", "PermissionSetGroupComponent"] {
        let mut org = small();
        org.without_object(object);
        let demo = Demo::start(org, ServerOptions::default());
        demo.run().output().failed(7, &[object, "--allow-partial"]);
        let ran = demo.run().arg("--allow-partial").output();
        assert_eq!(ran.code(), 15, "{}", ran.stderr());
        let document = crate::support::Document::read(&ran.path("sync.json"));
        assert_eq!(document.0["summary"]["complete"], false);
        let not_read = document.0["summary"]["notRead"].as_array().unwrap().clone();
        assert!(not_read.iter().any(|entry| entry["object"] == object && entry["required"] == true));
    }
}

#[test]
fn fields_that_an_org_lacks_are_left_out_one_by_one_and_noted() {
    let mut org = small();
    for field in ["Division", "FederationIdentifier", "DelegatedApproverId"] {
        org.without_field("User", field);
    }
    let demo = Demo::start(org, ServerOptions::default());
    let document = demo.run().output().document();
    let left_out = document.read_of("User")["fieldsLeftOut"].as_array().unwrap().clone();
    assert_eq!(left_out.len(), 3, "{left_out:?}");
    assert_eq!(document.0["summary"]["complete"], true);
    // IsRevoked is there only with user access policies; that it is not is normal.
    let left_out = &document.read_of("PermissionSetAssignment")["fieldsLeftOut"];
    assert_eq!(*left_out, json!(["IsRevoked", "LastCreatedByChangeId"]));
    assert!(!document.warnings().contains(&"VALIDITY_UNKNOWN"));
}

#[test]
fn assignments_that_are_all_inactive_are_not_believed() {
    let mut org = small();
    let mut ids = Vec::new();
    for row in org.records("PermissionSetAssignment") {
        ids.push(row["Id"].as_str().unwrap().to_owned());
    }
    for id in ids {
        org.update("PermissionSetAssignment", &id, "IsActive", json!(false)).unwrap();
        org.update("PermissionSetAssignment", &id, "ExpirationDate", json!(null)).unwrap();
    }
    assert_fails(&Demo::start(org, ServerOptions::default()), 15, &["inactive"]);
}

#[test]
fn totals_that_do_not_add_up_end_the_run() {
    let body = r#"{"totalSize":3,"done":true,"records":[]}"#.to_owned();
    let fault = Fault::new(Target::Object("PermissionSetAssignment".to_owned()), None, Action::Replace { body });
    let demo = with(ServerOptions { faults: vec![fault], ..ServerOptions::default() });
    assert_fails(&demo, 15, &["PermissionSetAssignment", "announced 3 rows and delivered 0"]);
}

#[test]
fn all_errors_of_an_answer_are_told() {
    let body = r#"[{"message":"one","errorCode":"A"},{"message":"two","errorCode":"B","fields":["Id"]},{"message":"three","errorCode":"C"}]"#;
    let action = Action::Status {
        status: 400,
        content_type: "application/json".to_owned(),
        body: body.to_owned(),
        headers: Vec::new(),
    };
    let fault = Fault::new(Target::Object("Group".to_owned()), None, action);
    let demo = with(ServerOptions { faults: vec![fault], ..ServerOptions::default() });
    assert_fails(&demo, 2, &["Group", "A: one", "B: two", "C: three", "HTTP 400"]);
}

#[test]
fn used_up_allowance_and_outages_have_their_codes() {
    for (status, code, exit) in [
        (403, "REQUEST_LIMIT_EXCEEDED", 8),
        (503, "SERVER_UNAVAILABLE", 14),
        (400, "QUERY_TIMEOUT", 4),
        (404, "NOT_FOUND", 5),
    ] {
        let fault = Fault::api_error(Target::Object("GroupMember".to_owned()), None, status, code, "words");
        let demo = with(ServerOptions { faults: vec![fault], ..ServerOptions::default() });
        assert_fails(&demo, exit, &["GroupMember", code, "words"]);
    }
}

#[test]
fn a_connection_that_breaks_once_is_survived() {
    let fault = |nth| Fault::new(Target::Object("GroupMember".to_owned()), nth, Action::Reset);
    let demo = with(ServerOptions { faults: vec![fault(Some(1))], ..ServerOptions::default() });
    let document = demo.run().output().document();
    assert_eq!(document.0["summary"]["cost"]["retries"], 1);
    let demo = with(ServerOptions { faults: vec![fault(None)], ..ServerOptions::default() });
    assert_fails(&demo, 14, &["GroupMember"]);
}

#[test]
fn a_slow_answer_times_out() {
    let hour = std::time::Duration::from_hours(1);
    let fault = Fault::new(Target::Object("Group".to_owned()), None, Action::Delay(hour));
    let demo = with(ServerOptions { faults: vec![fault], ..ServerOptions::default() });
    demo.run().args(["--read-timeout", "200ms"]).output().failed(4, &["Group", "no answer in time"]);
}

/// A page of rows of these ids, whatever the query asks for.
fn page(total: usize, rows: &[serde_json::Value]) -> Action {
    Action::Replace { body: json!({"totalSize": total, "done": true, "records": rows}).to_string() }
}

#[test]
fn a_row_that_comes_twice_means_that_another_one_is_missing() {
    let listed = ["UserRole", "Profile", "PermissionSet", "PermissionSetGroup", "PermissionSetGroupComponent", "Group"];
    for object in ["PermissionSetAssignment", "GroupMember"].into_iter().chain(listed) {
        let org = small();
        let filter = if object == "PermissionSetAssignment" {
            "WHERE PermissionSet.IsOwnedByProfile = FALSE AND Assignee.UserType = 'Standard' AND IsActive = TRUE"
        } else {
            ""
        };
        let fields = match object {
            "GroupMember" => "Id, GroupId, UserOrGroupId",
            "UserRole" => "Id, Name, ParentRoleId",
            "Profile" => "Id, Name",
            "PermissionSet" => "Id, Name, IsOwnedByProfile, ProfileId, PermissionSetGroupId",
            "PermissionSetGroup" => "Id, DeveloperName",
            "PermissionSetGroupComponent" => "Id, PermissionSetGroupId, PermissionSetId",
            "Group" => "Id, Name, Type, RelatedId",
            _ => "Id, AssigneeId, PermissionSetId, PermissionSetGroupId",
        };
        let all = org.query(66, &format!("SELECT {fields} FROM {object} {filter}")).unwrap();
        let mut rows = all["records"].as_array().unwrap().clone();
        if object == "GroupMember" {
            rows.retain(|row| row["UserOrGroupId"].as_str().unwrap().starts_with("00G"));
        }
        rows[1] = rows[0].clone();
        let fault = Fault::new(Target::Object(object.to_owned()), None, page(rows.len(), &rows));
        let demo = Demo::start(org, ServerOptions { faults: vec![fault], ..ServerOptions::default() });
        demo.run().output().failed(15, &["twice"]);
    }
}

#[test]
fn what_grants_prove_to_be_there_and_is_not_visible_makes_a_document_incomplete() {
    let role = |org: &mut Org| {
        let user = org.records("User").into_iter().find(|u| u["UserType"] == "Standard" && u["UserRoleId"].is_string());
        let role = user.unwrap()["UserRoleId"].clone();
        org.remove_rows("UserRole", |row| row["Id"] != role).unwrap();
    };
    let group = |org: &mut Org| {
        let group = org.records("GroupMember")[0]["GroupId"].clone();
        org.remove_rows("Group", |row| row["Id"] != group).unwrap();
    };
    let set = |org: &mut Org| {
        // The rows of assignments of a hidden set are filtered out; those of components are not.
        let part = org.records("PermissionSetGroupComponent").swap_remove(0);
        let set = part["PermissionSetId"].clone();
        org.remove_rows("PermissionSet", |row| row["Id"] != set).unwrap();
    };
    for (object, hide) in [("UserRole", &role as &dyn Fn(&mut Org)), ("Group", &group), ("PermissionSet", &set)] {
        let mut org = small();
        hide(&mut org);
        let demo = Demo::start(org, ServerOptions::default());
        let all = ["--sync-non-standard-users"];
        let right = if object == "UserRole" { "View Roles and Role Hierarchy" } else { "View Setup and Configuration" };
        demo.run().args(all).output().failed(7, &[object, "not visible", right, "--allow-partial"]);
        let ran = demo.run().args(all).arg("--allow-partial").output();
        assert_eq!(ran.code(), 15);
        let document = crate::support::Document::read(&ran.path("sync.json"));
        let not_read = document.0["summary"]["notRead"].as_array().unwrap();
        assert!(not_read.iter().any(|n| n["object"] == object && n["reason"] == "VISIBILITY_LIMITED"), "{not_read:?}");
        assert!(document.left_out("grant", "ENTITLEMENT_NOT_VISIBLE") > 0);
    }
}

#[test]
fn no_visible_assignments_are_a_missing_right() {
    let mut none = small();
    none.remove_rows("PermissionSetAssignment", |_| false).unwrap();
    let says = ["PermissionSetAssignment", "View Setup and Configuration"];
    assert_fails(&Demo::start(none, ServerOptions::default()), 7, &says);
    // An org where nobody holds more than his profile is an org.
    let mut profiles_alone = small();
    let owned: Vec<_> = profiles_alone.records("PermissionSet");
    let is_owned = |id: &serde_json::Value| owned.iter().any(|s| s["Id"] == *id && s["IsOwnedByProfile"] == true);
    profiles_alone.remove_rows("PermissionSetAssignment", |row| is_owned(&row["PermissionSetId"])).unwrap();
    Demo::start(profiles_alone, ServerOptions::default()).run().output().document();
}

#[test]
fn kinds_that_are_asked_for_by_name_must_be_readable() {
    let mut org = small();
    org.without_object("PermissionSetGroup");
    let demo = Demo::start(org, ServerOptions::default());
    let run = demo.run().args(["--sync-resource-types", "permission_set_group"]);
    run.output().failed(7, &["PermissionSetGroup", "INVALID_TYPE"]);
}

#[test]
fn a_token_of_another_org_is_not_believed() {
    let path = || Target::Path("/services/oauth2/userinfo".to_owned());
    let body = json!({"user_id": "0055f000000AAAAAA4", "organization_id": "00D5f000000ZZZZEA4"}).to_string();
    let other = with(ServerOptions {
        faults: vec![Fault::new(path(), None, Action::Replace { body })],
        ..ServerOptions::default()
    });
    assert_fails(&other, 15, &["00D5f000000ZZZZEA4"]);
    // Where it cannot be asked who is logged in, the login's answer says it.
    let demo = with(ServerOptions {
        faults: vec![Fault::api_error(path(), None, 500, "UNKNOWN_EXCEPTION", "no")],
        ..ServerOptions::default()
    });
    let document = demo.run().output().document();
    assert_eq!(document.0["sync"]["runBy"]["userId"], demo.server.org().user_id());
}

#[test]
fn what_is_only_worth_having_does_not_end_a_run() {
    let describe = Target::Path("/services/data/v66.0/sobjects/PermissionSet/describe".to_owned());
    let fault = Fault::api_error(describe, None, 500, "UNKNOWN_EXCEPTION", "no");
    let demo = with(ServerOptions { faults: vec![fault], ..ServerOptions::default() });
    let document = demo.run().output().document();
    assert!(document.warnings().contains(&"RIGHTS_UNKNOWN"));
}

#[test]
fn an_answer_without_end_is_not_swallowed() {
    let body = format!("{{\"totalSize\":1,\"done\":true,\"records\":[{}]}}", " ".repeat(65 << 20));
    let fault = Fault::new(Target::Object("GroupMember".to_owned()), None, Action::Replace { body });
    let demo = with(ServerOptions { faults: vec![fault], ..ServerOptions::default() });
    demo.run().output().failed(14, &["GroupMember", "more than"]);
}

#[test]
fn pages_of_html_have_the_class_of_their_status() {
    for (status, code) in [(401, 16), (403, 7), (404, 5), (429, 8), (503, 14)] {
        let action = Action::Status {
            status,
            content_type: "text/html".to_owned(),
            body: "<html><body>Words</body></html>".to_owned(),
            headers: Vec::new(),
        };
        let fault = Fault::new(Target::Object("Group".to_owned()), None, action);
        let demo = with(ServerOptions { faults: vec![fault], ..ServerOptions::default() });
        demo.run().output().failed(code, &["Words"]);
    }
}
