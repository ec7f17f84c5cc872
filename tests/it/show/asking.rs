//! What makes no sense, what is not in the document, and what leaves nothing.

use super::{printed, show};
use crate::explain::document::{DEALS, Doc, SET, U1, U2};
use crate::support::Run;

fn doc() -> Doc {
    let mut doc = Doc::new();
    doc.hold(DEALS, U1).hold(SET, U2).dead(SET, U1, "EXPIRED", None);
    doc
}

#[test]
fn a_filter_that_a_list_has_no_use_for_is_refused() {
    for (arguments, says) in [
        (&["--user", U1][..], "--user: `summary` has no use for it; these have: users, grants, inactive"),
        (&["--csv"], "--csv: `summary` has no use for it; --json prints it for programs; these have: users, resources"),
        (
            &["types", "--search", "x"],
            "--search: `types` has no use for it; these have: users, resources, entitlements",
        ),
        (&["users", "--type", "user"], "--type: `users` has no use for it"),
        (
            &["users", "--resource", SET],
            "--resource: `users` has no use for it; these have: resources, entitlements, grants",
        ),
        (&["users", "--direct"], "--direct: `users` has no use for it; these have: grants"),
        (&["resources", "--user", U1], "--user: `resources`"),
        (&["resources", "--status", "frozen"], "--status: `resources`"),
        (&["entitlements", "--user", U1], "--user: `entitlements`"),
        (&["inactive", "--derived"], "--derived: `inactive`"),
        (&["grants", "--status", "expired"], "--status: no user is `expired`; of users it is one of enabled, disabled"),
        (
            &["inactive", "--status", "frozen"],
            "--status: no assignment is `frozen`; of these it is one of expired, revoked",
        ),
        (&["users", "--sort", "nam"], "--sort: `users` has no column `nam`; did you mean `name`? It has: id, name"),
        (&["users", "--sort", "xyzzy"], "--sort: `users` has no column `xyzzy`. It has: id, name"),
        (&["users", "--user", "005x"], "no `005x` in the document"),
        (&["users", "--user", "0055f000001AAAAAA5"], "--user: "),
        (&["grants", "--resource", "user:0055f000001AAAAAA4"], "nobody can hold a resource of this type"),
        (&["grants", "--direct", "--derived"], "cannot be used with"),
        (&["grants", "--csv", "--json"], "cannot be used with"),
        (&["grant"], "'grants'"),
        (&["users", "--status", "frosen"], "'frozen'"),
    ] {
        let ran = show(&doc(), arguments);
        let code = if says.contains("no `005x`") { 5 } else { 3 };
        assert_eq!((ran.code(), ran.stdout().as_str()), (code, ""), "{arguments:?}: {}", ran.stderr());
        assert!(ran.stderr().contains(says), "{arguments:?}: {}", ran.stderr());
    }
}

#[test]
fn who_and_what_is_not_in_the_document_is_an_error_and_no_empty_list() {
    for form in [&[][..], &["--csv"], &["--json"]] {
        for (arguments, says) in [
            (&["users", "--user", "nobody@acme.example"][..], "no `nobody@acme.example` in the document"),
            (&["grants", "--user", "Nobody"], "no `Nobody` in the document (--search finds parts of names)"),
            (&["inactive", "--user", "0055f000001AAAZAA4"], "no `0055f000001AAAZAA4`"),
            (&["grants", "--type", "territory"], "no `territory` in the document; it has the types user, group"),
            (&["users", "--user", U1, "--user", U2], "cannot be used multiple times"),
            (&["grants", "--resource", "Deels"], "did you mean `Deals`?"),
            (&["grants", "--resource", "territory:0MI5f000000AAAAGA4"], "made without the type territory"),
            (&["resources", "--resource", "Deels"], "no `Deels`"),
            (&["entitlements", "--entitlement", "Deels"], "no `Deels`"),
            (&["entitlements", "--resource", "00G5f000004AAAAEA5"], "--resource: "),
        ] {
            let ran = show(&doc(), &[arguments, form].concat());
            let code = if says.contains("no `") || says.contains("did you mean") || says.contains("made without") {
                5
            } else {
                3
            };
            assert_eq!((ran.code(), ran.stdout().as_str()), (code, ""), "{arguments:?}: {}", ran.stderr());
            assert!(ran.stderr().contains(says), "{arguments:?}: {}", ran.stderr());
        }
    }
    let mut narrow = doc();
    narrow.0["sync"]["options"]["syncNonStandardUsers"] = false.into();
    let ran = show(&narrow, &["grants", "--user", "Nobody"]);
    assert!(ran.stderr().contains("its options leave out users of other types than Standard"), "{}", ran.stderr());
}

#[test]
fn filters_that_leave_nothing_are_no_failure() {
    let doc = doc();
    let arguments = ["grants", "--user", "ada@acme.example", "--type", "profile"];
    assert_eq!(printed(&doc, &arguments), "none of 2 grants\n");
    for (form, expected) in [("--csv", "principal_type,principal_id,"), ("--json", "[]\n")] {
        let ran = show(&doc, &[&arguments[..], &[form]].concat());
        assert_eq!(ran.code(), 0);
        assert!(ran.stdout().starts_with(expected) && ran.stdout().lines().count() == 1, "{}", ran.stdout());
        assert_eq!(ran.stderr(), "there are no such grants in the document\n");
    }
    assert_eq!(printed(&doc, &["users", "--search", "zzz"]), "none of 5 users\n");
    assert_eq!(printed(&doc, &["inactive", "--status", "revoked"]), "none of 1 inactive assignment\n");
}

#[test]
fn lists_of_an_empty_document_are_empty() {
    let mut doc = Doc::new();
    for section in ["resources", "entitlements", "grants", "inactiveAssignments"] {
        doc.list(section).clear();
    }
    for (list, nouns) in [
        ("users", "users"),
        ("resources", "resources"),
        ("entitlements", "entitlements"),
        ("grants", "grants"),
        ("inactive", "inactive assignments"),
    ] {
        assert_eq!(printed(&doc, &[list]), format!("no {nouns}\n"));
        let (json, csv) = (show(&doc, &[list, "--json"]), show(&doc, &[list, "--csv"]));
        assert_eq!((json.code(), json.stdout().as_str()), (0, "[]\n"));
        assert_eq!((csv.code(), csv.stdout().lines().count()), (0, 1));
        assert!(csv.stderr().contains(nouns), "{}", csv.stderr());
    }
    assert!(printed(&doc, &[]).contains("contents   0 users\n"));
}

#[test]
fn a_document_without_grants_says_why() {
    let mut doc = doc();
    doc.list("grants").clear();
    doc.list("entitlements").clear();
    doc.list("inactiveAssignments").clear();
    doc.0["sync"]["options"]["skipEntitlementsAndGrants"] = true.into();
    let ran = show(&doc, &["grants", "--resource", DEALS]);
    assert_eq!((ran.code(), ran.stdout().as_str()), (0, "no grants\n"), "{}", ran.stderr());
    assert!(ran.stderr().contains("made without grants (--skip-entitlements-and-grants)"), "{}", ran.stderr());
    let mut doc = self::doc();
    doc.0["sync"]["options"]["expand"] = "none".into();
    let ran = show(&doc, &["grants"]);
    assert!(ran.stderr().contains("without what is held through others (--expand none)"), "{}", ran.stderr());
    assert_eq!(show(&doc, &["grants", "--direct"]).stderr(), "");
}

#[test]
fn a_document_comes_from_stdin_too() {
    let (mut command, folder) =
        Run::new().file("doc.json", &doc().text()).args(["show", "-", "users", "--csv"]).command();
    let input = std::fs::File::open(folder.path().join("doc.json")).unwrap();
    let output = command.stdin(input).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 6);
}
