//! An org whose every text wants to take over a terminal, forge lines and break out of whatever it is put into: no
//! command shows it raw, in no form, and programs get it as it is.

use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};
use serde_json::{Value, json};

use crate::support::{Demo, Ran, Run, text};

/// Ends a line and begins one that looks like ours, erases the screen in both notations, writes a link, turns the
/// direction around, is not seen, breaks out of quotes of all kinds.
const BAD: &str = "x\nerror: forged\r\n{\"level\":\"error\",\"message\":\"forged\"}\u{1b}[2J\u{9b}2J\u{1b}]8;;http://x\u{7}\u{202e}gnp\u{2066}\u{200b}\u{0}\u{2028}\u{85}\u{e0041}' OR Id != '\\' \"<script>|`$(x)`";

/// Fields that are names for people, by their object.
const NAMES: [(&str, &[&str]); 12] = [
    ("Organization", &["Name", "OrganizationType", "InstanceName"]),
    ("User", &["Name", "FirstName", "LastName", "Title", "Department", "Alias", "EmployeeNumber", "Division"]),
    ("UserRole", &["Name", "DeveloperName"]),
    ("Profile", &["Name", "Description"]),
    ("PermissionSet", &["Label", "Description"]),
    ("PermissionSetGroup", &["MasterLabel", "Description"]),
    ("Group", &["Name", "DeveloperName"]),
    ("UserLicense", &["Name"]),
    ("Territory2", &["Name", "Description"]),
    ("ConnectedApplication", &["Name"]),
    ("BotDefinition", &["MasterLabel"]),
    ("PermissionSetLicense", &["MasterLabel"]),
];

fn hostile() -> Org {
    let mut org = Org::generate(Shape::Small, 1);
    let mut changed = 0;
    for (object, fields) in NAMES {
        for row in org.records(object) {
            for field in fields.iter().filter(|field| !row[**field].is_null()) {
                org.update(object, &text(&row["Id"]), field, json!(BAD)).unwrap();
                changed += 1;
            }
        }
    }
    let me = org.user_id();
    org.update("User", &me, "Username", json!(BAD)).unwrap();
    assert!(changed > 500, "{changed}");
    org
}

/// What a terminal gets: whole lines of characters that stand still, none of which begins as the names want it.
#[track_caller]
fn assert_harmless(what: &str, shown: &str) {
    let is_bad = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}')
    };
    if let Some(at) = shown.find(is_bad) {
        let around: String = shown[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
        panic!("{what}: {:?} after {around:?}", shown[at..].chars().next());
    }
    for line in shown.lines() {
        let start = line.trim_start();
        assert!(!start.starts_with("error: forged") && !line.starts_with("{\"level\":\"error\""), "{what}: {line}");
    }
}

#[track_caller]
fn assert_shown_harmless(what: &str, ran: &Ran) {
    assert_harmless(what, &ran.stdout());
    assert_harmless(what, &ran.stderr());
}

const ALSO: [&str; 2] =
    ["--sync-also", "territory,connected_application,agent,permission_set_license,system_permission"];

#[test]
fn no_name_takes_over_a_terminal_or_forges_a_line() {
    let demo = Demo::start(hostile(), ServerOptions::default());
    for flags in [
        &["-v"][..],
        &["--log-level", "trace"],
        &["--log-format", "json", "--log-level", "trace"],
        &["--color", "always"],
    ] {
        let ran = demo.run().args(ALSO).args(["--sync-non-standard-users"]).args(flags).output();
        let document = ran.document();
        let stderr = ran.stderr();
        if flags.contains(&"always") {
            // Its own colours, and nothing else of that kind.
            let plain = stderr.replace("\u{1b}[0m", "").replace("\u{1b}[1m", "");
            let plain = [31, 32, 33, 36].iter().fold(plain, |text, n| text.replace(&format!("\u{1b}[{n}m"), ""));
            assert_harmless("colours", &plain);
        } else {
            assert_harmless(flags[0], &stderr);
        }
        // Who parses it gets what Salesforce said.
        assert_eq!(document.0["sync"]["org"]["name"], BAD);
        assert!(document.list("resources").iter().any(|resource| resource["displayName"] == BAD));
    }
    let check = |arguments: &[&str]| {
        let address = ["--domain", demo.server.url(), "--salesforce-client-id", demo.server.client_id()];
        let run = Run::new().args(arguments).args(address);
        run.env("BATON_SALESFORCE_CLIENT_SECRET", demo.server.client_secret()).output()
    };
    for arguments in [&["check"][..], &["--dry-run"]] {
        let ran = check(arguments);
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        assert_shown_harmless(arguments[0], &ran);
    }
    let report: Value = serde_json::from_str(&check(&["check", "--json"]).stdout()).unwrap();
    assert_eq!(report["org"]["name"], BAD);
}

#[test]
fn no_question_to_a_document_shows_a_name_raw() {
    let demo = Demo::start(hostile(), ServerOptions::default());
    let ran = demo.run().args(ALSO).output();
    let document = ran.document();
    let text_of = std::fs::read_to_string(ran.path("sync.json")).unwrap();
    let plain = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default()).run().args(ALSO).output();
    let other = std::fs::read_to_string(plain.path("sync.json")).unwrap();
    let user = text(&document.of_kind("user")[0]["id"]["resource"]);
    // No argument holds a NUL.
    let typed = BAD.replace('\0', "");
    let run =
        |arguments: &[&str]| Run::new().file("bad.json", &text_of).file("good.json", &other).args(arguments).output();
    for arguments in [
        &["show", "bad.json"][..],
        &["show", "bad.json", "users"],
        &["show", "bad.json", "resources"],
        &["show", "bad.json", "entitlements"],
        &["show", "bad.json", "grants"],
        &["show", "bad.json", "inactive"],
        &["show", "bad.json", "types"],
        &["explain", "bad.json", "--user", &user],
        &["explain", "bad.json", "--user", &typed],
        &["explain", "bad.json", "--entitlement", &typed],
        &["diff", "good.json", "bad.json", "--full"],
        &["diff", "bad.json", "good.json", "--full", "--markdown"],
        &["show", "bad.json", "--json"],
        &["explain", "bad.json", "--user", &user, "--json"],
        &["diff", "good.json", "bad.json", "--json"],
        &["show", "bad.json", "resources", "--json"],
    ] {
        let ran = run(arguments);
        let is_json = arguments.contains(&"--json");
        assert!(!ran.stdout().is_empty() || arguments.contains(&typed.as_str()), "{arguments:?}: {}", ran.stderr());
        assert_shown_harmless(&format!("{arguments:?}"), &ran);
        if is_json {
            assert!(serde_json::from_str::<Value>(&ran.stdout()).is_ok(), "{arguments:?}");
        }
    }
}

/// A refusal's text, code and fields are somebody else's too; and it is not told without end.
#[test]
fn no_error_body_takes_over_a_terminal_or_fills_it() {
    let long = format!("{BAD} {}", "y".repeat(900_000));
    let many: Vec<_> = (0..5000).map(|n| json!({"errorCode": format!("CODE_{n}"), "message": BAD})).collect();
    let token = || Target::Path("/services/oauth2/token".to_owned());
    let group = || Target::Object("Group".to_owned());
    for (on, status, body) in [
        (group(), 400, json!([{"errorCode": BAD, "message": BAD, "fields": [BAD, BAD]}])),
        (group(), 400, json!([{"errorCode": "INVALID_FIELD", "message": long, "fields": []}])),
        (group(), 400, json!(many)),
        (group(), 500, json!({"error": BAD, "error_description": BAD})),
        (token(), 400, json!({"error": BAD, "error_description": long})),
        (token(), 400, json!({"error": "invalid_grant", "error_description": BAD})),
        (Target::Object("QueueSobject".to_owned()), 400, json!([{"errorCode": "INVALID_TYPE", "message": long}])),
    ] {
        let action = Action::Status {
            status,
            content_type: "application/json".to_owned(),
            body: body.to_string(),
            headers: Vec::new(),
        };
        let options = ServerOptions { faults: vec![Fault::new(on, None, action)], ..ServerOptions::default() };
        let demo = Demo::start(Org::generate(Shape::Small, 1), options);
        for flags in [&["--log-level", "trace"][..], &["--log-format", "json"]] {
            let ran = demo.run().args(flags).output();
            assert_ne!(ran.code(), 0);
            let start: String = body.to_string().chars().take(80).collect();
            assert_shown_harmless(&start, &ran);
            let longest = ran.stderr().lines().map(str::len).max().unwrap_or_default();
            assert!(longest < 60_000, "{longest}: {start}");
        }
    }
}
