//! Each object that a run reads, refused in each way that Salesforce has, and without rows: what can be done without is
//! noted, what cannot ends the run with the permission to give.

use baton_salesforce::connector::{Expand, Options};
use baton_salesforce::demo::{Fault, Target};
use baton_salesforce::failure::{Class, Failure};
use baton_salesforce::model::ResourceKind;
use baton_salesforce::sync::{Error, Synced};
use serde_json::Value;

use crate::cast::cast;
use crate::support::text;
use crate::truthful::{Served, everything};

/// Without these there is no document, and who may read them.
const REQUIRED: [(&str, &str); 8] = [
    ("Organization", "View Setup and Configuration"),
    ("User", "View Setup and Configuration"),
    ("UserRole", "View Roles and Role Hierarchy"),
    ("Profile", "View Setup and Configuration"),
    ("PermissionSet", "View Setup and Configuration"),
    ("PermissionSetAssignment", "View Setup and Configuration"),
    ("Group", "View Setup and Configuration"),
    ("GroupMember", "View Setup and Configuration"),
];

/// How an object is refused, and the reason that is noted for it.
const REFUSALS: [(u16, &str, &str, &str); 7] = [
    (400, "INVALID_TYPE", "sObject type is not supported.", "FEATURE_OFF_OR_NO_RIGHT"),
    (400, "INVALID_TYPE_FOR_OPERATION", "entity type does not support query", "FEATURE_OFF_OR_NO_RIGHT"),
    (403, "FUNCTIONALITY_NOT_ENABLED", "this feature is not enabled", "FEATURE_OFF_OR_NO_RIGHT"),
    (400, "INVALID_FIELD", "No such column 'Id' on entity", "FIELD_NOT_VISIBLE"),
    (400, "INSUFFICIENT_ACCESS", "you may not", "NO_RIGHT"),
    (403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights", "NO_RIGHT"),
    (403, "TXN_SECURITY_NO_ACCESS", "a policy of the org forbids it", "NO_RIGHT"),
];

fn all() -> Options {
    everything(Expand::Used)
}

/// All that has to do with an object. System permissions are hundreds of fields, and no other object has to do with them.
fn about(object: &str) -> Options {
    let mut options = all();
    if !matches!(object, "ObjectPermissions" | "PermissionSet" | "MutingPermissionSet" | "PermissionSetGroupComponent")
    {
        options.kinds.remove(&ResourceKind::SystemPermission);
    }
    options
}

/// All objects that are read where all is asked for.
fn objects() -> Vec<String> {
    let read = Served::new(cast()).document(&all()).0["summary"]["read"].take();
    read.as_array().unwrap().iter().map(|read| text(&read["object"])).collect()
}

/// The object's permission, if there is no document without it.
fn right_of(object: &str) -> Option<&'static str> {
    REQUIRED.iter().find(|(required, _)| *required == object).map(|(_, right)| *right)
}

fn failure(run: Result<Synced, Error>) -> Option<Failure> {
    run.err().map(|error| Failure::explain(&error.into()))
}

fn not_read<'d>(summary: &'d Value, object: &str) -> Option<&'d Value> {
    summary["notRead"].as_array().unwrap().iter().find(|entry| entry["object"] == object)
}

#[test]
fn every_object_is_required_or_noted_however_it_is_refused() {
    let objects = objects();
    assert!(REQUIRED.iter().all(|(object, _)| objects.iter().any(|read| read == object)), "{objects:?}");
    assert!(objects.len() > 20, "{objects:?}");
    for object in objects {
        for (status, code, message, reason) in REFUSALS {
            let served = Served::new(cast());
            let on = Target::Object(object.clone());
            served.demo.server.add_fault(Fault::api_error(on, None, status, code, message));
            let cell = format!("{object}: {code}");
            if let Some(right) = right_of(&object) {
                let failure = failure(served.read(&about(&object))).unwrap_or_else(|| panic!("{cell}: not missed"));
                assert_eq!(failure.class, Class::PermissionDenied, "{cell}: {failure:?}");
                for part in [object.as_str(), code, message] {
                    assert!(failure.message.contains(part), "{cell}: {failure:?}");
                }
                let advice = failure.advice.unwrap_or_default();
                // Nobody tells this code of one object from that of a user without any API.
                let right = if code == "FUNCTIONALITY_NOT_ENABLED" { "API Enabled" } else { right };
                assert!(advice.contains(right) && advice.contains("Setup"), "{cell}: {advice}");
                continue;
            }
            let summary = served.document(&about(&object)).0["summary"].take();
            let noted = not_read(&summary, &object).unwrap_or_else(|| panic!("{cell}: not noted"));
            assert_eq!(noted["reason"], reason, "{cell}");
            assert!(text(&noted["message"]).contains(&format!("{code}: {message}")), "{cell}: {noted}");
            assert!(text(&noted["consequence"]).ends_with('.'), "{cell}: {noted}");
            // What other rows prove to be there is missed; anything else leaves the document complete.
            assert_eq!(summary["complete"], noted["required"] == false, "{cell}: {noted}");
        }
    }
}

#[test]
fn every_object_without_rows_is_a_missing_right_or_an_org() {
    let cannot = ["Organization", "User", "Profile", "PermissionSet", "PermissionSetAssignment"];
    let mut wrong = Vec::new();
    for object in objects() {
        let mut org = cast();
        org.remove_rows(&object, |_| false).unwrap();
        let served = Served::new(org);
        if cannot.contains(&object.as_str()) {
            let failure = failure(served.read(&about(&object))).unwrap_or_else(|| panic!("{object}: not missed"));
            assert_eq!(failure.class, Class::PermissionDenied, "{failure:?}");
            assert!(failure.message.contains(&object), "{failure:?}");
            assert!(failure.advice.is_some_and(|advice| advice.contains("Setup")), "{object}");
            continue;
        }
        // Whatever stands in the document fits together: `document` checks it. What rows elsewhere name is missed.
        let document = served.document(&about(&object));
        let summary = &document.0["summary"];
        let is_named = matches!(object.as_str(), "UserRole" | "Group" | "PermissionSetLicense");
        let is_missed = not_read(summary, &object).is_some_and(|noted| noted["required"] == true);
        if is_missed != is_named || summary["complete"] == is_named {
            wrong.push(format!("{object}: {}", summary["notRead"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// These tell no more than what to warn of.
#[test]
fn what_is_asked_on_the_side_never_ends_a_run() {
    for object in ["EntityDefinition", "UserPermissionAccess"] {
        for (status, code, message, _) in REFUSALS {
            let served = Served::new(cast());
            let on = Target::Object(object.to_owned());
            served.demo.server.add_fault(Fault::api_error(on, None, status, code, message));
            assert_eq!(served.document(&about(object)).0["summary"]["complete"], true, "{object}: {code}");
        }
    }
}
