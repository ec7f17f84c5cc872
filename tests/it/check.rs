//! `check`: what this login can read, and what to change.

use baton_salesforce::demo::{ApiAccess, Org, ServerOptions, Shape};
use serde_json::{Value, json};

use crate::support::{Demo, Ran, Run};

fn small() -> Org {
    Org::generate(Shape::Small, 1)
}

fn check(demo: &Demo, arguments: &[&str]) -> Ran {
    // Settings stand after the command, as a person types them.
    Run::new()
        .arg("check")
        .args(["--domain", demo.server.url(), "--salesforce-client-id", demo.server.client_id()])
        .args(arguments)
        .env("BATON_SALESFORCE_CLIENT_SECRET", demo.server.client_secret())
        .output()
}

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout()).unwrap()
}

#[test]
fn a_login_that_can_do_all_is_told_so() {
    let demo = Demo::start(small(), ServerOptions::default());
    let ran = check(&demo, &[]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    for says in ["Acme Demo", "System Administrator", "Enterprise Edition", "View All Users", "A sync can be done"] {
        assert!(ran.stdout().contains(says), "{says}: {}", ran.stdout());
    }
    assert!(!ran.stdout().contains("NOT READABLE"));
    assert_eq!(std::fs::read_dir(ran.folder.path()).unwrap().count(), 0, "check writes no file");
    // One row of each object is enough.
    for call in demo.server.calls() {
        let soql = call.soql.unwrap_or_default();
        assert!(
            soql.is_empty()
                || soql.ends_with(" LIMIT 1")
                || soql.contains("WHERE Id =")
                || soql.contains("FROM Organization"),
            "{soql}"
        );
    }
}

#[test]
fn each_lack_is_told_with_its_permission_and_its_place_in_setup() {
    let mut org = small();
    org.without_object("UserRole");
    org.without_object("UserLogin");
    let me = org.user_id();
    let row = org.records("UserPermissionAccess")[0]["Id"].as_str().unwrap().to_owned();
    for right in ["PermissionsViewRoles", "PermissionsManageUsers", "PermissionsViewAllUsers"] {
        org.update("UserPermissionAccess", &row, right, json!(false)).unwrap();
    }
    let demo = Demo::start(org, ServerOptions::default());
    let ran = check(&demo, &[]);
    assert_eq!(ran.code(), 7);
    let text = ran.stdout();
    for says in ["UserRole", "NOT READABLE", "INVALID_TYPE", "A sync would fail", "Setup \u{2192} Permission Sets"] {
        assert!(text.contains(says), "{says}: {text}");
    }
    let ran = check(&demo, &["--json"]);
    assert_eq!(ran.code(), 7);
    let report = report(&ran);
    assert_eq!(report["user"]["id"], me);
    assert_eq!(report["canSync"], false);
    let permissions = ["View Roles and Role Hierarchy", "View All Users", "Manage Users"];
    assert_eq!(report["permissionsToGive"], json!(permissions));
    let role = report["objects"].as_array().unwrap().iter().find(|object| object["object"] == "UserRole").unwrap();
    assert_eq!((&role["readable"], &role["required"]), (&json!(false), &json!(true)));
    assert_eq!(role["permission"], "View Roles and Role Hierarchy");
}

#[test]
fn the_readme_shows_what_is_said_of_a_user_with_too_few_rights() {
    let mut org = small();
    org.without_object("UserRole");
    org.without_object("UserLogin");
    let row = org.records("UserPermissionAccess")[0]["Id"].as_str().unwrap().to_owned();
    for right in ["PermissionsViewRoles", "PermissionsManageUsers", "PermissionsModifyAllData"] {
        org.update("UserPermissionAccess", &row, right, json!(false)).unwrap();
    }
    let ran = check(&Demo::start(org, ServerOptions::default()), &[]);
    assert_eq!(ran.code(), 7);
    let said = ran.stdout();
    let readme = include_str!("../../README.md").replace("\r\n", "\n");
    let shown = readme.split("```text\n").find(|block| block.contains("NOT READABLE")).unwrap();
    let mut rest = said.as_str();
    // Dots stand for what is left out.
    for line in shown.split("```").next().unwrap().lines().map(|line| line.trim_end_matches('…')) {
        let at = rest.find(line).unwrap_or_else(|| panic!("`{line}` is not in its place in:\n{said}"));
        rest = &rest[at + line.len()..];
    }
}

#[test]
fn what_can_be_done_without_does_not_fail_the_check() {
    let mut org = small();
    org.without_object("UserLogin");
    org.without_object("UserPermissionAccess");
    let ran = check(&Demo::start(org, ServerOptions::default()), &["--json"]);
    assert_eq!(ran.code(), 0);
    assert_eq!((&report(&ran)["canSync"], &report(&ran)["rights"]), (&json!(true), &Value::Null));
    assert_eq!(report(&ran)["permissionsToGive"], json!(["Manage Users"]));
}

#[test]
fn users_who_are_not_visible_are_a_lack() {
    let mut org = small();
    org.remove_rows("User", |user| user["UserType"] != "Standard").unwrap();
    let ran = check(&Demo::start(org, ServerOptions::default()), &["--json"]);
    assert_eq!(ran.code(), 7);
    let users = report(&ran)["objects"].as_array().unwrap().iter().find(|o| o["object"] == "User").unwrap().clone();
    assert_eq!((&users["reason"], &users["permission"]), (&json!("NOTHING_VISIBLE"), &json!("View All Users")));
}

#[test]
fn a_login_an_org_and_a_network_that_refuse_have_their_codes() {
    let demo = Demo::start(small(), ServerOptions { access: ApiAccess::DisabledForOrg, ..ServerOptions::default() });
    check(&demo, &[]).failed(9, &["API_DISABLED_FOR_ORG", "edition", "API Enabled"]);
    let demo = Demo::start(small(), ServerOptions::default());
    let wrong = Run::new().args(["check", "--domain", demo.server.url(), "--salesforce-client-id", "x"]);
    wrong.env("BATON_SALESFORCE_CLIENT_SECRET", "y").output().failed(16, &["invalid_client_id"]);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = Run::new().args(["check", "--domain", &format!("http://127.0.0.1:{port}")]);
    nobody.env("BATON_SALESFORCE_ACCESS_TOKEN", "x").output().failed(14, &["127.0.0.1"]);
}

#[test]
fn the_result_stands_below_what_was_told_live() {
    let demo = Demo::start(small(), ServerOptions::default());
    let (mut command, folder) = Run::new()
        .args(["check", "--progress=bar", "--domain", demo.server.url()])
        .args(["--salesforce-client-id", demo.server.client_id()])
        .env("BATON_SALESFORCE_CLIENT_SECRET", demo.server.client_secret())
        .command();
    // As on a terminal, both go to the same place.
    let path = folder.path().join("both");
    let file = std::fs::File::create(&path).unwrap();
    let status = command.stdout(file.try_clone().unwrap()).stderr(file).status().unwrap();
    assert!(status.success());
    let both = std::fs::read_to_string(path).unwrap();
    let (before, _) = both.split_once("Acme Demo (").unwrap();
    let line = before.trim_end().strip_suffix("org").unwrap();
    assert!(line.contains("logging in") && line.ends_with("\u{1b}[J"), "{line:?}");
}
