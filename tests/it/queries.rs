//! What is sent to an org, and that nothing that it answers to it is bent.

use baton_salesforce::demo::{Fault, Org, ServerOptions, Shape, Target};
use serde_json::json;

use crate::support::{Demo, Document, Run, attribute, text};

const ALL: [&str; 3] = [
    "--sync-non-standard-users",
    "--sync-also",
    "territory,connected_application,agent,manager_group,permission_set_license,system_permission",
];

fn small() -> Org {
    Org::generate(Shape::Small, 1)
}

fn demo(org: Org) -> Demo {
    Demo::start(org, ServerOptions::default())
}

fn check(demo: &Demo) -> Run {
    let address = ["--domain", demo.server.url(), "--salesforce-client-id", demo.server.client_id()];
    Run::new().arg("check").args(address).env("BATON_SALESFORCE_CLIENT_SECRET", demo.server.client_secret())
}

/// All that is sent by a run that reads all there is.
fn statements(demo: &Demo) -> Vec<String> {
    demo.server.calls().into_iter().filter_map(|call| call.soql).collect()
}

#[test]
fn rows_are_asked_for_flat_whole_and_one_object_at_a_time() {
    let demo = demo(small());
    demo.run().args(ALL).output().document();
    let statements = statements(&demo);
    assert!(statements.len() > 20, "{statements:?}");
    for soql in statements {
        // No rows within rows: their pages would have to be followed as well.
        assert_eq!(soql.matches("SELECT").count(), 1, "{soql}");
        // One row is enough where one is asked for by name; elsewhere a limit would end the pages.
        let is_one = soql.contains("FROM EntityDefinition") || soql.contains("FROM UserPermissionAccess");
        assert_eq!(soql.contains(" LIMIT "), is_one && soql.ends_with(" LIMIT 1"), "{soql}");
        assert!(!soql.contains(" OFFSET "), "{soql}");
        // Sums have no second page: over few values alone.
        if soql.contains("GROUP BY") {
            assert!(soql.ends_with("GROUP BY UserType") || soql.ends_with("GROUP BY UserType, IsActive"), "{soql}");
        }
    }
}

/// Of 16 kB, in which the headers and with them the token must fit too.
#[test]
fn no_address_is_longer_than_salesforce_takes() {
    let mut org = small();
    // Hundreds of members whom nobody lists are looked up by their ids.
    let group = text(&org.records("Group")[0]["Id"]);
    let users: Vec<_> = org.records("User").iter().map(|user| text(&user["Id"])).collect();
    let me = org.user_id();
    for user in &users {
        let row = json!({"GroupId": group, "UserOrGroupId": user});
        org.insert("GroupMember", row).unwrap();
    }
    org.remove_rows("User", |user| user["UserType"] != "Standard" || user["Id"] == me.as_str()).unwrap();
    let demo = demo(org);
    demo.run().args(ALL).output();
    let longest = statements(&demo)
        .into_iter()
        .map(|soql| url::form_urlencoded::byte_serialize(soql.as_bytes()).map(str::len).sum::<usize>())
        .max();
    assert!(longest.is_some_and(|bytes| (1000..14_000).contains(&bytes)), "{longest:?}");
}

#[test]
fn nothing_is_ever_written_into_an_org() {
    let demo = demo(small());
    demo.run().args(ALL).output().document();
    assert_eq!(check(&demo).output().code(), 0);
    assert_eq!(demo.run().arg("--dry-run").output().code(), 0);
    for call in demo.server.calls() {
        // A composite request carries queries that are too long for an address.
        let may_post = call.path == "/services/oauth2/token" || call.path.ends_with("/composite");
        assert!(call.method == "GET" || may_post && call.method == "POST", "{} {}", call.method, call.path);
    }
}

#[test]
fn muting_sets_are_found_through_the_parts_of_their_group() {
    let demo = demo(small());
    demo.run().output().document();
    for soql in statements(&demo).iter().filter(|soql| soql.contains("FROM MutingPermissionSet")) {
        assert!(!soql.contains("PermissionSetGroupId"), "{soql}");
    }
    // Where an org knows no such column all the same, the groups stand, and what they mute is not told.
    let fault = Fault::api_error(
        Target::Object("MutingPermissionSet".to_owned()),
        None,
        400,
        "INVALID_FIELD",
        "No such column 'PermissionSetGroupId' on entity 'MutingPermissionSet'",
    );
    let demo = Demo::start(small(), ServerOptions { faults: vec![fault], ..ServerOptions::default() });
    let document = demo.run().output().document();
    assert!(document.not_read().contains(&"MutingPermissionSet"));
    assert!(!document.of_kind("permission_set_group").is_empty());
}

#[test]
fn a_login_is_judged_by_what_it_can_read_and_not_by_its_profile() {
    let mut org = small();
    let me = org.user_id();
    let user = org.records("User").into_iter().find(|user| user["Id"] == me.as_str()).unwrap();
    let owned = org.records("PermissionSet").into_iter().find(|set| set["ProfileId"] == user["ProfileId"]).unwrap();
    for right in ["PermissionsViewSetup", "PermissionsViewAllUsers", "PermissionsViewRoles", "PermissionsModifyAllData"]
    {
        org.update("PermissionSet", &text(&owned["Id"]), right, json!(false)).unwrap();
    }
    let ran = check(&demo(org)).output();
    assert_eq!(ran.code(), 0, "{}{}", ran.stdout(), ran.stderr());
    assert!(ran.stdout().contains("A sync can be done."));
}

/// The org with one standard user changed so.
fn with_user(change: impl Fn(&mut Org, &str)) -> (Document, String) {
    let mut org = small();
    let me = org.user_id();
    let is_meant = |user: &serde_json::Value| user["UserType"] == "Standard" && user["Id"] != me.as_str();
    let id = text(&org.records("User").into_iter().find(is_meant).unwrap()["Id"]);
    change(&mut org, &id);
    (demo(org).run().args(ALL).output().document(), id)
}

#[test]
fn a_user_of_no_type_without_profile_and_email_is_a_user() {
    let (document, id) = with_user(|org, id| {
        for field in ["UserType", "ProfileId", "Email", "UserRoleId", "FirstName"] {
            org.update("User", id, field, json!(null)).unwrap();
        }
    });
    let user = document.resource(&id);
    assert!(!text(&user["displayName"]).is_empty());
    assert!(attribute(user, "email").is_null() && user["annotations"][0]["emails"].is_null(), "{user}");
    let held = document.list("grants").iter().filter(|grant| grant["principal"]["id"]["resource"] == id.as_str());
    let held: Vec<_> = held.map(|grant| text(&grant["entitlement"]["id"])).collect();
    assert!(!held.iter().any(|held| held.starts_with("profile:") || held.starts_with("role:")), "{held:?}");
}

#[test]
fn an_email_stays_as_it_is_in_a_sandbox_too() {
    let email = "ada@example.com.invalid";
    let (document, id) = with_user(|org, id| org.update("User", id, "Email", json!(email)).unwrap());
    let user = document.resource(&id);
    assert_eq!(attribute(user, "email"), email);
    assert_eq!(user["annotations"][0]["emails"][0]["address"], email);
}

#[test]
fn a_login_with_a_password_is_answered_with_those_that_work() {
    for flag in ["--salesforce-username", "--salesforce-password"] {
        let ran = Run::new().args(["--domain", "acme", flag, "x"]).output();
        assert_eq!(ran.code(), 3, "{flag}: {}", ran.stderr());
        for says in ["JWT", "lient"] {
            assert!(ran.stderr().contains(says), "{flag}: {}", ran.stderr());
        }
    }
}
