//! Orgs whose rows change: what is told as gained was held in no way before, and what is told as lost in no way any more.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use baton_salesforce::connector::{Expand, Options};
use baton_salesforce::demo::{Org, Shape};
use serde_json::{Value, json};

use crate::random_org::random_org;
use crate::support::{Document, Run, text};
use crate::truthful::{Served, everything, expanding};

/// Both documents, and what the program says of them.
struct Compared {
    told: Value,
}

fn compared(old: &Document, new: &Document) -> Compared {
    let run = Run::new().file("old.json", &in_order(&old.0)).file("new.json", &in_order(&new.0));
    let ran = run.args(["diff", "old.json", "new.json", "--json"]).output();
    assert_eq!((ran.code(), ran.stderr().as_str()), (0, ""));
    Compared { told: serde_json::from_str(&ran.stdout()).unwrap() }
}

/// A document's text; a map does not keep the order of its sections.
pub(super) fn in_order(document: &Value) -> String {
    let sections =
        ["format", "sync", "resourceTypes", "resources", "entitlements", "grants", "inactiveAssignments", "summary"];
    let sections: Vec<_> = sections.iter().map(|name| format!("\"{name}\":{}", document[name])).collect();
    format!("{{{}}}", sections.join(","))
}

impl Compared {
    fn changes(&self) -> impl Iterator<Item = &Value> {
        self.told["changes"].as_array().unwrap().iter()
    }

    /// The grants to users that are told with this.
    fn access(&self, access: &str) -> BTreeSet<String> {
        self.changes().filter(|change| change["access"] == access).map(|change| text(&change["id"])).collect()
    }

    fn of(&self, id: &str) -> &Value {
        self.changes().find(|change| change["id"] == id).unwrap_or_else(|| panic!("nothing of {id}"))
    }
}

/// The grants to users.
fn held(document: &Document) -> BTreeSet<String> {
    let to_users = document.list("grants").iter().filter(|grant| grant["principal"]["id"]["resourceType"] == "user");
    to_users.map(|grant| text(&grant["id"])).collect()
}

/// The same org some time later.
fn later(org: &Org, seed: usize) -> Org {
    let mut org = org.clone();
    for (object, part) in [("GroupMember", 7), ("PermissionSetAssignment", 5), ("PermissionSetGroupComponent", 4)] {
        let n = Cell::new(seed);
        org.remove_rows(object, |_| {
            n.set(n.get() + 1);
            !n.get().is_multiple_of(part)
        })
        .unwrap();
    }
    let roles = org.records("UserRole");
    for (n, user) in org.records("User").iter().enumerate().filter(|(n, _)| (n + seed).is_multiple_of(6)) {
        let id = text(&user["Id"]);
        org.update("User", &id, "Department", json!(format!("D{n}"))).unwrap();
        if n % 4 == 0 {
            org.update("User", &id, "IsActive", json!(user["IsActive"] != true)).unwrap();
        } else if let Some(role) = roles.get(n % roles.len().max(1)) {
            org.update("User", &id, "UserRoleId", role["Id"].clone()).unwrap();
        }
    }
    org
}

#[test]
fn who_gained_and_lost_what_is_what_the_orgs_say() {
    let mut told = [0; 3];
    for seed in 0..12u8 {
        let org = random_org(u64::from(seed));
        let (old, new) = (Served::new(org.clone()), Served::new(later(&org, usize::from(seed))));
        let all = |served: &Served| held(&served.document(&everything(Expand::All)));
        let (before, after) = (all(&old), all(&new));
        for expand in [Expand::All, Expand::Used] {
            let options = everything(expand);
            for (one, other, before, after) in [(&old, &new, &before, &after), (&new, &old, &after, &before)] {
                let (one, other) = (one.document(&options), other.document(&options));
                let compared = compared(&one, &other);
                let (gained, lost) = (compared.access("gained"), compared.access("lost"));
                // Grants that are written are told; what is held all the same is told as neither.
                let expected = |from: &BTreeSet<String>, to: &Document| -> BTreeSet<String> {
                    held(to).into_iter().filter(|id| !from.contains(id)).collect()
                };
                assert_eq!(gained, expected(before, &other), "{seed} {expand:?}");
                assert_eq!(lost, expected(after, &one), "{seed} {expand:?}");
                told[0] += gained.len();
                told[1] += lost.len();
                told[2] += usize::try_from(compared.told["counts"]["writtenOnce"].as_u64().unwrap()).unwrap();
                assert_eq!(compared.told["counts"]["access"]["gained"], gained.len());
                // What follows from something is told under something that changed by itself.
                let by_themselves = compared.changes().filter(|change| change["cause"].is_null());
                let by_themselves: BTreeSet<&str> =
                    by_themselves.map(|change| change["id"].as_str().unwrap()).collect();
                let causes = compared.changes().filter_map(|change| change["cause"]["id"].as_str());
                causes.for_each(|cause| assert!(by_themselves.contains(cause), "{cause}"));
            }
        }
    }
    assert!(told[0] > 200 && told[1] > 200 && told[2] > 0, "{told:?}");
}

#[test]
fn what_one_document_was_not_asked_for_is_never_told() {
    let org = random_org(3);
    let served = Served::new(org);
    let whole = served.document(&everything(Expand::Used));
    let mut narrow = vec![
        Options { sync_deactivated_users: false, ..everything(Expand::Used) },
        Options { sync_non_standard_users: false, ..everything(Expand::Used) },
        Options { skip_entitlements_and_grants: true, ..everything(Expand::Used) },
        Options { manager_groups: false, ..everything(Expand::Used) },
        Options { username_as_email: true, ..everything(Expand::Used) },
        everything(Expand::None),
        everything(Expand::All),
        expanding(Expand::Used),
    ];
    for kind in everything(Expand::Used).kinds {
        let mut options = everything(Expand::Used);
        options.kinds.remove(&kind);
        narrow.push(options);
    }
    for options in narrow {
        let partial = served.document(&options);
        for (old, new) in [(&whole, &partial), (&partial, &whole)] {
            let compared = compared(old, new);
            let changes: Vec<_> = compared.changes().take(5).collect();
            assert!(changes.is_empty(), "{options:?}: {changes:#?}");
            assert_eq!(
                (&compared.told["isSame"], &compared.told["isAllKnown"]),
                (&json!(true), &json!(false)),
                "{options:?}"
            );
        }
    }
}

#[test]
fn what_one_document_could_not_read_is_never_told() {
    for seed in [1, 5, 7, 8, 13] {
        could_not_read(&random_org(seed));
    }
}

fn could_not_read(org: &Org) {
    let options = everything(Expand::Used);
    let whole = Served::new(org.clone()).document(&options);
    let mut partial = Vec::new();
    for object in [
        "UserLogin",
        "UserLicense",
        "QueueSobject",
        "PermissionSetGroup",
        "PermissionSetGroupComponent",
        "MutingPermissionSet",
        "Territory2",
        "UserTerritory2Association",
        "ConnectedApplication",
        "SetupEntityAccess",
        "BotDefinition",
        "ObjectPermissions",
        "PermissionSetLicense",
        "PermissionSetLicenseAssign",
    ] {
        let mut org = org.clone();
        org.without_object(object);
        partial.push((object, org));
    }
    for (object, field) in [
        ("User", "Department"),
        ("User", "ManagerId"),
        ("PermissionSet", "HasActivationRequired"),
        ("PermissionSetGroup", "HasActivationRequired"),
        ("PermissionSetAssignment", "ExpirationDate"),
        ("PermissionSetAssignment", "IsActive"),
        ("PermissionSetAssignment", "IsRevoked"),
        ("PermissionSetAssignment", "LastCreatedByChangeId"),
        ("Group", "DoesIncludeBosses"),
        ("UserRole", "PortalType"),
        ("UserRole", "ParentRoleId"),
        ("Group", "RelatedId"),
    ] {
        let mut org = org.clone();
        org.without_field(object, field);
        partial.push((field, org));
    }
    for (what, org) in partial {
        let served = Served::new(org);
        // Without some of them there is no document at all.
        if served.read(&options).is_err() {
            continue;
        }
        let partial = served.document(&options);
        for (old, new) in [(&whole, &partial), (&partial, &whole)] {
            let compared = compared(old, new);
            let changes: Vec<_> = compared.changes().take(5).collect();
            assert!(changes.is_empty(), "{what}: {changes:#?}");
        }
    }
}

#[test]
fn a_hire_is_one_entry() {
    let org = Org::generate(Shape::Small, 1);
    let old = Served::new(org.clone());
    let mut hired = org.clone();
    let like =
        org.records("User").into_iter().find(|user| user["UserType"] == "Standard" && !user["UserRoleId"].is_null());
    let mut user = like.unwrap();
    user["Id"] = json!("0055f00000Zzzzz");
    user["Username"] = json!("new.hire@acme.example");
    user["Name"] = json!("New Hire");
    hired.insert("User", user).unwrap();
    let new = Served::new(hired);
    let (old, new) = (old.document(&Options::default()), new.document(&Options::default()));
    let compared = compared(&old, &new);
    let id =
        new.of_kind("user").iter().map(|user| text(&user["id"]["resource"])).find(|id| id.contains("Zzzzz")).unwrap();
    assert_eq!(compared.of(&format!("user:{id}"))["change"], "added");
    let mut gained = 0;
    for change in compared.changes().filter(|change| change["what"] == "grant") {
        assert_eq!(change["cause"]["id"], format!("user:{id}"), "{change}");
        gained += 1;
    }
    assert!(gained >= 3, "{gained}");
    let run = Run::new().file("old.json", &in_order(&old.0)).file("new.json", &in_order(&new.0));
    let said = run.args(["diff", "old.json", "new.json"]).output().stdout();
    assert_eq!(said.lines().next(), Some("1 user gained access, nobody lost any."));
    assert_eq!(said.lines().filter(|line| line.starts_with("  + ")).count(), 1, "{said}");
}

#[test]
fn a_document_can_come_from_stdin() {
    let document = Served::new(random_org(5)).document(&Options::default());
    let text = in_order(&document.0);
    let run = Run::new().file("old.json", &text).args(["diff", "old.json", "-", "--exit-code"]);
    let (mut command, _folder): (Command, _) = run.command();
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stdout.starts_with(b"No differences.\n"));
}
