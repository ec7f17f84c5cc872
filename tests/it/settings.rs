//! Flags, environment and file, as the program takes them.

use baton_salesforce::demo::{Org, ServerOptions, Shape};

use crate::support::{Demo, Document, Run};

fn demo() -> Demo {
    Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default())
}

#[test]
fn without_anything_it_says_how_to_start() {
    Run::new().output().failed(3, &["--demo", "--salesforce-client-id", "--salesforce-client-secret-file"]);
}

#[test]
fn everything_can_stand_in_the_file() {
    let demo = demo();
    let file = format!(
        "domain: {}\nsalesforce-client-id: {}\nsalesforce-client-secret: {}\nuser-username-for-email: true\n\
         sync-resource-types: [user]\nfile: here.json\n",
        demo.server.url(),
        demo.server.client_id(),
        demo.server.client_secret()
    );
    let ran = Run::new().file(".baton.yaml", &file).output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let document = Document::read(&ran.path("here.json"));
    assert_eq!(document.0["sync"]["options"]["usernameAsEmail"], true);
    assert_eq!(document.list("resourceTypes").len(), 1);
    for named in [vec!["--config", "other.yaml"], vec![]] {
        let run = Run::new().file("other.yaml", &file).args(&named);
        let run = if named.is_empty() { run.env("BATON_CONFIG_PATH", "other.yaml") } else { run };
        assert_eq!(run.output().code(), 0);
    }
}

/// A secret in one place and a file for it in another were refused, although the README says which place wins.
#[test]
fn a_secret_and_a_file_for_it_in_two_places_are_no_contradiction() {
    let demo = demo();
    let settings = "salesforce-client-secret-file: nowhere\n";
    demo.run().file(".baton.yaml", settings).output().document();
    let secret = demo.server.client_secret();
    let run = demo.run_without_secret().file(".baton.yaml", "salesforce-client-secret: wrong\n").file("s", secret);
    run.args(["--salesforce-client-secret-file", "s"]).output().document();
    let both = demo.run().env("BATON_SALESFORCE_CLIENT_SECRET_FILE", "s").file("s", secret);
    both.output().failed(3, &["BATON_SALESFORCE_CLIENT_SECRET and BATON_SALESFORCE_CLIENT_SECRET_FILE exclude"]);
}

#[test]
fn a_bad_file_is_told_with_its_place() {
    let run = |file: &str| Run::new().file(".baton.yaml", file).output();
    run("domain: [acme\n").failed(3, &[".baton.yaml", "line 1"]);
    run("domain: acme\nsync-deactivatd-users: true\n").failed(3, &[".baton.yaml line 2", "sync-deactivated-users"]);
    run("demo: small\nconcurrency: lots\n").failed(3, &["`concurrency` in .baton.yaml line 2", "lots"]);
    Run::new().args(["--config", "nowhere.yaml", "--demo"]).output().failed(3, &["nowhere.yaml"]);
}

#[test]
fn a_bad_flag_is_told() {
    for (arguments, says) in [
        (vec!["--nope"], "--nope"),
        (vec!["--demo", "--sync-resource-types", "user,nobody"], "nobody"),
        (vec!["--demo", "--log-format", "xml"], "xml"),
        (vec!["--demo", "--progress", "loud"], "--progress: `loud`"),
        (vec!["--demo", "--color", "green"], "--color: `green`"),
        (vec!["--demo", "--file", "out.c1z", "--format", "json"], ".c1z"),
        (vec!["--demo", "--api-version", "30.0"], "retired"),
        (vec!["--domain", "https://evil.example", "--salesforce-access-token-file", "t"], "nothing"),
        (vec!["--demo", "--api-version", "44.0"], "permission set groups"),
        (vec!["--client-id", "x"], "service"),
        (vec!["--provisioning"], "only reads"),
        (vec!["nonsense"], "nonsense"),
    ] {
        let run = Run::new().args(&arguments).file("t", "x");
        let says = if says == "nothing" { "evil.example" } else { says };
        run.output().failed(3, &[says]);
    }
    Run::new().args(["--demo", "--api-version", "90.0"]).output().failed(3, &["90.0", "45.0 to 66.0"]);
}

#[test]
fn what_has_no_meaning_here_is_accepted_with_a_warning() {
    let ran =
        Run::new().args(["--demo", "-f", "sync.json", "--log-path", "/x", "--parallel-sync", "--workers=4"]).output();
    ran.document();
    for name in ["--log-path", "--parallel-sync", "--workers"] {
        assert!(ran.stderr().contains(name), "{}", ran.stderr());
    }
}

#[test]
fn quiet_is_silent_and_json_is_json() {
    let quiet = Run::new().args(["--demo", "-q", "-f", "sync.json"]).output();
    quiet.document();
    assert_eq!((quiet.stderr().as_str(), quiet.stdout().as_str()), ("", ""));
    Run::new().args(["--demo=nowhere", "-q"]).output().failed(3, &["nowhere"]);
    let json = Run::new().args(["--demo", "--log-format", "json", "--log-level", "debug", "-f", "sync.json"]).output();
    json.document();
    let lines: Vec<serde_json::Value> = json.stderr().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.last().unwrap();
    assert_eq!((last["message"].as_str(), last["complete"].as_bool()), (Some("done"), Some(true)));
    assert!(lines.iter().any(|line| line["message"] == "read" && line["object"] == "User"));
    let failed = Run::new().args(["--demo=nowhere", "--log-format", "json"]).output();
    let line: serde_json::Value = serde_json::from_str(failed.stderr().lines().last().unwrap()).unwrap();
    assert_eq!((line["class"].as_str(), line["code"].as_i64()), (Some("INVALID_ARGUMENT"), Some(3)));
}

#[test]
fn the_schema_is_printed() {
    let ran = Run::new().arg("schema").output();
    let schema: serde_json::Value = serde_json::from_str(&ran.stdout()).unwrap();
    assert_eq!(schema["properties"]["format"]["const"], "baton-salesforce.sync/1");
    // A schema that lets everything through would prove nothing.
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document = Run::new().args(["--demo", "-f", "sync.json"]).output().document().0;
    let broken: [fn(&mut serde_json::Value); 6] = [
        |d| d["resources"][0]["displayName"] = "".into(),
        |d| d["grants"][0]["id"] = 7.into(),
        |d| d["grants"][0]["entitlement"]["id"] = "group:x:member".into(),
        |d| d["summary"]["complete"] = "yes".into(),
        |d| d["sync"]["runBy"]["secret"] = "x".into(),
        |d| drop(d.as_object_mut().unwrap().remove("summary")),
    ];
    assert!(validator.is_valid(&document));
    for change in broken {
        let mut changed = document.clone();
        change(&mut changed);
        assert!(!validator.is_valid(&changed));
    }
}

#[test]
fn a_broken_settings_file_does_not_matter_where_none_is_needed() {
    let ran = Run::new().file(".baton.yaml", "domain: [acme").arg("schema").output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
}

#[test]
fn a_mistake_on_the_command_line_is_json_too_where_asked() {
    for arguments in [vec!["--nope", "--log-format", "json"], vec!["--log-format=json", "--log-level", "zzz"]] {
        let ran = Run::new().args(&arguments).output();
        assert_eq!(ran.code(), 3);
        for line in ran.stderr().lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["class"], "INVALID_ARGUMENT");
        }
    }
}

#[test]
fn a_value_that_is_no_text_is_told() {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let value = std::ffi::OsStr::from_bytes(b"us\xffer");
        let run = Run::new().arg("--demo").env("BATON_SYNC_RESOURCE_TYPES", value);
        run.output().failed(3, &["BATON_SYNC_RESOURCE_TYPES"]);
    }
}
