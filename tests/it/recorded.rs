//! Recorded orgs: an invented one that is always here, and a real one where there are recordings.

use std::path::Path;

use serde_json::Value;

use crate::support::{Document, Run, attribute, recordings};

fn odd_org() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/odd-org");
    format!("--demo={}", folder.display())
}

fn synced(demo: &str, more: &[&str]) -> Document {
    Run::new().arg(demo).args(["-f", "sync.json"]).args(more).output().document()
}

fn displayed(document: &Document) -> impl Iterator<Item = &str> {
    document.list("resources").iter().map(|resource| resource["displayName"].as_str().unwrap())
}

fn grants<'d>(document: &'d Document, entitlement: &str, principal: &str) -> Vec<&'d Value> {
    let of = |grant: &Value| {
        grant["entitlement"]["id"].as_str().unwrap().starts_with(entitlement)
            && grant["principal"]["id"]["resourceType"] == principal
    };
    document.list("grants").iter().filter(|grant| of(grant)).collect()
}

/// Whether a grant comes from a row that tells when it was made.
fn has_row(grant: &Value) -> bool {
    let annotations = grant["annotations"].as_array().map(Vec::as_slice).unwrap_or_default();
    annotations.iter().any(|annotation| annotation["metadata"]["assigned_at"].is_string())
}

#[test]
fn a_real_org_syncs_completely() {
    let Some(folder) = recordings() else {
        // Read by the project's checks: where the recordings are, this must not be skipped.
        eprintln!("SKIPPED: a_real_org_syncs_completely: ../shared/recordings is not here");
        return;
    };
    let demo = format!("--demo={}", folder.display());
    let document = synced(&demo, &["--sync-non-standard-users"]);
    let count = |kind| document.of_kind(kind).len();
    assert_eq!(["user", "role", "profile", "group", "permission"].map(count), [7, 19, 39, 41, 25]);
    let types = |wanted: &str| {
        document.of_kind("permission").into_iter().filter(|set| attribute(set, "type") == wanted).count()
    };
    assert_eq!(["Standard", "Session", "Regular"].map(types), [22, 2, 1]);
    assert_eq!(grants(&document, "profile:", "user").len(), 4);
    assert_eq!(grants(&document, "role:", "user").len(), 1);
    assert_eq!(grants(&document, "permission:", "user").len(), 1);
    // Rows of GroupMember tell when they were made; what the groups of roles contain follows from the roles.
    let rows = |kind| grants(&document, "group:", kind).into_iter().filter(|grant| has_row(grant)).count();
    assert_eq!((rows("user"), rows("group")), (3, 1));
    let direct = synced(&demo, &["--sync-non-standard-users", "--expand", "none"]);
    assert_eq!(
        direct.list("grants").iter().filter(|grant| grant["annotations"][0]["entitlementIds"].is_null()).count(),
        9
    );
    assert_eq!(document.0["summary"]["complete"], true);
    assert!(document.warnings().contains(&"VALIDITY_UNKNOWN"));
    for object in ["UserLogin", "UserLicense", "QueueSobject"] {
        assert!(document.not_read().contains(&object), "{object}");
    }
    let unknown = |user: &&Value| *attribute(user, "rights_known") == false;
    let hidden: Vec<_> = document.of_kind("user").into_iter().filter(unknown).collect();
    assert_eq!(hidden.len(), 3);
    for user in hidden {
        let id = user["id"]["resource"].as_str().unwrap();
        assert!(!document.grant_ids().iter().any(|grant| grant.starts_with("profile:") && grant.ends_with(id)));
    }
    assert!(displayed(&document).all(|name| !name.trim().is_empty()));
    assert_eq!(synced(&demo, &[]).of_kind("user").len(), 3);
}

#[test]
fn an_org_with_all_oddities_syncs_completely() {
    let document = synced(&odd_org(), &["--sync-non-standard-users"]);
    let count = |kind| document.of_kind(kind).len();
    assert_eq!(["user", "role", "profile", "group"].map(count), [7, 3, 6, 9]);
    assert_eq!(document.0["sync"]["apiVersion"], "50.0");
    assert_eq!(document.0["summary"]["complete"], true);
    assert!(document.warnings().contains(&"VALIDITY_UNKNOWN"));
    assert!(document.not_read().contains(&"UserLogin"));
    // Not the sets that profiles own, nor those that sum up groups.
    for set in document.of_kind("permission") {
        let kind = attribute(set, "type");
        assert!(kind != "Profile" && kind != "Group", "{set}");
    }
    let unknown = |user: &&Value| *attribute(user, "rights_known") == false;
    assert_eq!(document.of_kind("user").into_iter().filter(unknown).count(), 3);
    assert_eq!(grants(&document, "profile:", "user").len(), 4);
    let inner: Vec<_> = grants(&document, "group:", "group").into_iter().filter(|grant| has_row(grant)).collect();
    assert_eq!(inner.len(), 1);
    let inner = inner[0];
    let source = format!("group:{}:member", inner["principal"]["id"]["resource"].as_str().unwrap());
    assert_eq!(inner["annotations"][0]["entitlementIds"][0], source);
    assert_eq!(inner["annotations"][0]["resourceTypeIds"][0], "user");
    assert!(displayed(&document).all(|name| !name.trim().is_empty()));
    for group in document.of_kind("group") {
        assert!(attribute(group, "membership_known").is_null(), "{group}");
    }
    // What is not readable is unknown: absent, not false.
    for user in document.of_kind("user") {
        assert!(attribute(user, "is_frozen").is_null());
    }
}

#[test]
fn only_standard_users_come_unless_asked() {
    let (some, all) = (synced(&odd_org(), &[]), synced(&odd_org(), &["--sync-non-standard-users"]));
    let missing = all.of_kind("user").len() - some.of_kind("user").len();
    assert!(missing > 0 && some.of_kind("user").iter().all(|user| attribute(user, "user_type") == "Standard"));
    assert_eq!(some.left_out("user", "USER_TYPE_EXCLUDED_BY_OPTION"), missing as u64);
}

#[test]
fn the_username_becomes_the_email_where_asked() {
    let emails = |document: &Document| -> Vec<(String, String)> {
        let users = document.of_kind("user").into_iter();
        let pair = |user: &Value| {
            let user = &user["annotations"][0];
            Some((user["emails"][0]["address"].as_str()?.to_owned(), user["login"].as_str()?.to_owned()))
        };
        users.filter_map(pair).collect()
    };
    let plain = emails(&synced(&odd_org(), &[]));
    assert!(plain.iter().any(|(email, login)| email != login));
    let asked = synced(&odd_org(), &["--username-as-email"]);
    assert_eq!(emails(&asked).len(), asked.of_kind("user").len());
    assert!(emails(&asked).iter().all(|(email, login)| email == login));
    assert_eq!(emails(&synced(&odd_org(), &["--user-username-for-email"])), emails(&asked));
}

#[test]
fn two_runs_differ_in_times_alone() {
    let one = synced(&odd_org(), &["--sync-non-standard-users"]);
    let other = synced(&odd_org(), &["--sync-non-standard-users"]);
    assert_eq!(one.without_times(), other.without_times());
}

#[test]
fn locale_and_time_zone_change_nothing() {
    let run = |language: &str, zone: &str| {
        let run = Run::new().arg(odd_org()).args(["-f", "sync.json"]).env("LANG", language).env("TZ", zone);
        run.output().document().without_times()
    };
    assert_eq!(run("tr_TR.UTF-8", "Asia/Kolkata"), run("C", "America/St_Johns"));
}

#[test]
fn a_folder_without_recordings_is_told() {
    let run = |demo: &str| Run::new().arg(demo).output();
    run("--demo=nowhere").failed(3, &["`nowhere`", "small", "mid"]);
    let empty = Run::new();
    let demo = format!("--demo={}", empty.folder.path().display());
    empty.arg(&demo).output().failed(3, &["holds no recorded query responses"]);
}
