//! What must be readable, what may be refused, what is not seen.

use baton_salesforce::connector::{Expand, Options};
use baton_salesforce::demo::{Action, Fault, Target};
use baton_salesforce::output::{self, Format};
use serde_json::{Value, json};

use super::{USERS, cast, changed, everything, told, used};
use crate::cast::Table;
use crate::support::Document;
use crate::truthful::Served;

#[test]
fn a_required_object_that_is_refused_ends_the_run() {
    for object in [
        "Organization",
        "User",
        "UserRole",
        "Profile",
        "PermissionSet",
        "PermissionSetAssignment",
        "Group",
        "GroupMember",
    ] {
        let mut org = cast();
        org.without_object(object);
        let served = Served::new(org);
        let error = served.read(&used()).err().unwrap_or_else(|| panic!("{object} is not missed")).to_string();
        assert!(error.contains(object), "{object}: {error}");
    }
}

#[test]
fn an_optional_object_that_is_refused_leaves_the_document_complete() {
    for object in ["UserLogin", "UserLicense"] {
        let told = changed(&used(), |org, _| org.without_object(object));
        assert_eq!(told.not_read(object).unwrap()["required"], false, "{object}");
        assert!(told.is_complete(), "{object}");
    }
    for object in ["ConnectedApplication", "BotDefinition", "PermissionSetLicense", "ObjectPermissions"] {
        let told = changed(&everything(Expand::Used), |org, _| org.without_object(object));
        let not_read = told.not_read(object).unwrap_or_else(|| panic!("{object} is not noted"));
        assert_eq!(not_read["reason"], "FEATURE_OFF_OR_NO_RIGHT", "{object}");
    }
}

#[test]
fn what_rows_elsewhere_prove_to_be_there_is_missed() {
    // An assignment names a group of sets; there is a queue.
    for object in ["PermissionSetGroup", "QueueSobject"] {
        let told = changed(&used(), |org, _| org.without_object(object));
        assert!(!told.is_complete(), "{object}");
        assert_eq!(told.not_read(object).unwrap()["required"], true, "{object}");
    }
    let told = changed(&used(), |org, _| {
        org.without_object("QueueSobject");
        org.remove_rows("Group", |group| group["Type"] != "Queue").unwrap();
        org.remove_rows("GroupMember", |row| !row["GroupId"].as_str().unwrap().starts_with("00G5f000004AAAL")).unwrap();
    });
    assert!(told.is_complete(), "without a queue nothing is missed");
}

#[test]
fn users_and_their_assignments_are_filtered_in_the_query_and_those_of_profiles_are_not_fetched() {
    let told = told(&used());
    let soql = |object: &str| told.document.read_of(object)["soql"].as_str().unwrap().to_owned();
    assert!(soql("User").contains("UserType = 'Standard'"));
    assert!(soql("PermissionSetAssignment").contains("Assignee.UserType = 'Standard'"));
    assert!(soql("PermissionSetAssignment").contains("PermissionSet.IsOwnedByProfile = FALSE"));
    // All rows of the table but those of U5 and those of the sets that profiles own.
    assert_eq!(told.document.read_of("PermissionSetAssignment")["rows"], 15);
}

#[test]
fn the_users_left_out_are_counted_by_type() {
    let told = told(&used());
    let left_out = told.document.0["summary"]["leftOut"].as_array().unwrap();
    let count = |kind: &str| {
        let is = |entry: &&Value| entry["what"] == "user" && entry["userType"] == kind;
        left_out.iter().find(is).map(|entry| entry["count"].clone())
    };
    for kind in ["PowerPartner", "AutomatedProcess", "Guest"] {
        assert_eq!(count(kind), Some(json!(1)), "{kind}");
    }
}

#[test]
fn a_member_who_came_while_the_org_was_read_is_told_from_one_who_is_hidden() {
    // The first query of User that lists them lacks U3, a later look-up finds him.
    let (org, table) = (cast(), Table::read());
    let served = Served::new(org);
    let options = Options { sync_non_standard_users: true, ..used() };
    let whole = served.document(&options);
    let soql = whole.read_of("User")["soql"].as_str().unwrap().to_owned();
    let mut answer = served.org().query(66, &soql).unwrap();
    let records: Vec<Value> =
        answer["records"].as_array().unwrap().iter().filter(|user| user["Id"] != table.id("U3")).cloned().collect();
    answer["totalSize"] = json!(records.len());
    answer["records"] = json!(records);
    for nth in 1..=4 {
        let served = Served::new(cast());
        let action = Action::Replace { body: answer.to_string() };
        served.demo.server.add_fault(Fault::new(Target::Object("User".to_owned()), nth, action));
        let Ok(synced) = served.read(&options) else { continue };
        let mut bytes = Vec::new();
        let stop = baton_salesforce::stop::Stop::default();
        let sink = output::sink(&mut bytes, Format::JSON, None).unwrap();
        synced.write(output::Document::new(sink), &stop).unwrap();
        let document = Document::parse(std::str::from_utf8(&bytes).unwrap());
        if document.of_kind("user").len() == 7 {
            assert!(document.left_out("grant", "CHANGED_DURING_READ") > 0);
            assert_eq!(document.left_out("grant", "PRINCIPAL_NOT_VISIBLE"), 0);
            return;
        }
    }
    panic!("none of the queries of User was the list");
}

#[test]
fn a_member_whom_nobody_shows_is_left_out_as_not_visible() {
    let told = changed(&Options { sync_non_standard_users: true, ..used() }, |org, table| {
        org.remove_rows("User", |user| user["Id"] != table.id("U3")).unwrap();
    });
    assert!(told.document.left_out("grant", "PRINCIPAL_NOT_VISIBLE") > 0);
    assert_eq!(told.attribute("G2", "membership_known"), false);
    assert_eq!(told.holders("G2", &USERS), ["U2"]);
}

/// The right to see all users, and the default of the User object.
fn seen(view_all: Option<bool>, model: Option<&str>) -> super::Told {
    changed(&used(), |org, _| {
        match view_all {
            Some(has) => {
                let row = org.records("UserPermissionAccess")[0]["Id"].as_str().unwrap().to_owned();
                org.update("UserPermissionAccess", &row, "PermissionsViewAllUsers", json!(has)).unwrap();
            }
            None => org.without_object("UserPermissionAccess"),
        }
        match model {
            Some(model) => {
                let row = org.records("EntityDefinition")[0]["Id"].as_str().unwrap().to_owned();
                org.update("EntityDefinition", &row, "InternalSharingModel", json!(model)).unwrap();
            }
            None => org.without_object("EntityDefinition"),
        }
    })
}

#[test]
fn without_the_right_to_see_all_users_and_with_private_users_the_document_is_not_complete() {
    let told = seen(Some(false), Some("Private"));
    assert!(!told.is_complete());
    assert_eq!(told.not_read("User").unwrap()["reason"], "VISIBILITY_LIMITED");
}

#[test]
fn where_users_may_be_invisible_that_is_warned_of() {
    let told = seen(Some(false), None);
    assert!(told.document.warnings().contains(&"USERS_MAY_BE_INVISIBLE") && told.is_complete());
}

#[test]
fn nothing_is_warned_of_where_all_users_are_to_be_seen() {
    for told in [seen(Some(true), Some("Private")), seen(Some(true), None), seen(Some(false), Some("Read"))] {
        assert!(!told.document.warnings().contains(&"USERS_MAY_BE_INVISIBLE") && told.is_complete());
    }
}

#[test]
fn what_is_not_covered_is_said_in_every_document() {
    let told = told(&used());
    let text = told.document.0["summary"]["notCovered"].to_string();
    for what in
        ["record access", "object and field permissions", "delegated administration", "login", "session", "Apex"]
    {
        assert!(text.contains(what), "{what}: {text}");
    }
}

#[test]
fn the_counts_of_the_summary_add_up() {
    for expand in [Expand::None, Expand::Used, Expand::All] {
        let told = told(&everything(expand));
        let counts = &told.document.0["summary"]["counts"];
        let resources: u64 =
            counts["resources"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(resources, told.document.list("resources").len() as u64);
        for read in told.document.0["summary"]["read"].as_array().unwrap() {
            assert_eq!(read["rows"], read["totalSize"], "{read}");
        }
    }
}
