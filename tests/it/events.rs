//! What a host is told: every line on stderr says what it is and meets the schema, whatever happens to the run.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use baton_salesforce::commands::schema::EVENTS;
use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};
use serde_json::Value;

use crate::support::{Demo, Run, wait_for_text};

fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| serde_json::from_str(EVENTS).unwrap())
}

/// The events of what was said, in order; each line meets the schema and has no member that the schema does not tell of.
#[track_caller]
fn events(said: &str) -> Vec<Value> {
    static VALIDATOR: OnceLock<jsonschema::Validator> = OnceLock::new();
    let validator = VALIDATOR.get_or_init(|| jsonschema::validator_for(schema()).unwrap());
    let mut events = Vec::new();
    for line in said.lines() {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(validator.is_valid(&value), "{line}");
        if let Some(event) = value["event"].as_str().filter(|_| value["type"] == "progress") {
            let known = &schema()["$defs"][event]["properties"];
            let unknown = value.as_object().unwrap().keys().find(|key| known[key.as_str()].is_null());
            assert_eq!(unknown, None, "{line}");
            events.push(value);
        }
    }
    events
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

fn json(run: Run) -> Run {
    run.args(["--progress", "json"])
}

fn small(faults: Vec<Fault>) -> Demo {
    Demo::start(Org::generate(Shape::Small, 1), ServerOptions { faults, ..ServerOptions::default() })
}

#[test]
fn a_sync_begins_with_started_and_ends_with_finished() {
    let ran = json(Run::new().args(["--demo", "-f", "sync.json"])).output();
    ran.document();
    let events = events(&ran.stderr());
    let names = names(&events);
    assert_eq!((names.first(), names.last()), (Some(&"started"), Some(&"finished")));
    assert_eq!(events[0]["file"], "sync.json");
    let count = |name: &str| names.iter().filter(|other| **other == name).count();
    assert_eq!(
        (count("started"), count("login"), count("connected"), count("writing"), count("finished")),
        (1, 1, 1, 1, 1)
    );
    assert_eq!(count("object_started"), count("object_done") + count("object_not_read"));
}

#[test]
fn every_line_of_a_sync_has_its_id() {
    let ran = Run::new().args(["--demo", "-f", "sync.json", "--log-format=json", "--log-level=debug"]).output();
    let id = ran.document().0["sync"]["id"].clone();
    let said = ran.stderr();
    let lines = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut of_sync = lines.skip_while(|line| line["event"] != "started");
    let first = of_sync.next().unwrap();
    assert!(id.is_string() && first["syncId"] == id, "{said}");
    for line in of_sync {
        assert!(line["syncId"] == id && line["level"].is_string() && line["timestamp"].is_string(), "{line}");
    }
}

#[test]
fn lines_of_the_log_say_so_at_every_level() {
    let ran = Run::new().args(["--demo", "-f", "sync.json", "--log-format=json", "--log-level=trace"]).output();
    let said = ran.stderr();
    events(&said);
    let logged = said.lines().filter(|line| line.contains(r#""type":"log""#) && line.contains(r#""level":"debug""#));
    assert!(logged.count() > 1, "{said}");
}

#[test]
fn retries_warnings_and_what_is_not_read_are_events() {
    let busy = Fault::api_error(Target::Object("User".to_owned()), 1, 503, "SERVER_UNAVAILABLE", "busy");
    let no_right = Fault::api_error(Target::Object("UserLogin".to_owned()), None, 400, "INVALID_TYPE", "no such thing");
    let demo = small(vec![busy, no_right]);
    let run = demo.run_without_secret().args(["--salesforce-client-secret", demo.server.client_secret()]);
    let ran = json(run.args(["-f", "sync.json"])).output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let events = events(&ran.stderr());
    let names: BTreeSet<_> = names(&events).into_iter().collect();
    for name in ["retry", "recovered", "object_not_read", "warning"] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
}

#[test]
fn a_failure_is_the_last_event_and_has_the_class_of_the_exit_code() {
    let refused = Fault::api_error(Target::Object("User".to_owned()), None, 403, "API_DISABLED_FOR_ORG", "no API");
    let demo = small(vec![refused]);
    let runs = [
        (json(demo.run()), 9, "FAILED_PRECONDITION", true),
        (json(Run::new().args(["--demo", "-f", "nowhere/sync.json"])), 2, "UNKNOWN", true),
        (json(Run::new().args(["--demo=nowhere"])), 3, "INVALID_ARGUMENT", true),
        // Before there are settings.
        (json(Run::new().args(["--demo", "--concurrency=no"])), 3, "INVALID_ARGUMENT", false),
        (json(Run::new().arg("--no-such-flag")), 3, "INVALID_ARGUMENT", false),
        (Run::new().arg("--no-such-flag").env("BATON_PROGRESS", "json"), 3, "INVALID_ARGUMENT", false),
        (json(Run::new().args(["--demo", "-q", "-f", "nowhere/sync.json"])), 2, "UNKNOWN", false),
    ];
    for (run, code, class, has_begun) in runs {
        let ran = run.output();
        assert_eq!(ran.code(), code, "{}", ran.stderr());
        let events = events(&ran.stderr());
        let last = events.last().unwrap();
        assert_eq!((&last["event"], &last["class"], &last["code"]), (&"error".into(), &class.into(), &code.into()));
        assert_eq!(events[0]["event"] == "started", has_begun, "{}", ran.stderr());
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_ends_with_stopped() {
    let hour = Duration::from_hours(1);
    let demo = small(vec![Fault::new(Target::Object("UserRole".to_owned()), None, Action::Delay(hour))]);
    let (mut command, _folder) = json(demo.run()).command();
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = wait_for_text(&mut child, "connected");
    let kill = std::process::Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    let last = events(&said).pop().unwrap();
    assert_eq!((&last["event"], &last["code"]), (&"stopped".into(), &143.into()));
}

#[test]
fn a_document_that_nobody_takes_is_told() {
    let (mut command, _folder) = json(Run::new().args(["--demo", "-f", "-"])).command();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let last = events(&String::from_utf8(output.stderr).unwrap()).pop().unwrap();
    assert_eq!((&last["event"], &last["code"]), (&"stopped".into(), &0.into()));
}

#[test]
fn the_program_prints_the_schema() {
    let ran = Run::new().args(["schema", "--events"]).output();
    assert_eq!((ran.code(), ran.stdout().as_str()), (0, EVENTS));
}

#[test]
fn the_readme_tells_of_every_event() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let of_progress = |def: &&String| *def != "log";
    let all: BTreeSet<_> = schema()["$defs"].as_object().unwrap().keys().filter(of_progress).cloned().collect();
    let table = readme.split_once("| `event` |").unwrap().1.split_once("\n\n").unwrap().0;
    let told: BTreeSet<_> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(told, all);
}
