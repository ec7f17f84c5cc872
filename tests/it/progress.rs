//! How a run is told: live, in plain lines, as JSON, or not at all.

use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};
use serde_json::Value;

use crate::support::{Demo, Ran, Run};

/// Moves the cursor or erases, as live lines do.
const ERASE: &str = "\u{1b}[J";

fn demo(flags: &[&str]) -> Ran {
    let ran = Run::new().args(["--demo", "-f", "sync.json"]).args(flags).output();
    ran.document();
    assert_eq!(ran.stdout(), "");
    ran
}

fn lines(ran: &Ran) -> Vec<Value> {
    ran.stderr().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The first query of users is answered with an error whose text wants to take over the terminal.
fn busy() -> Demo {
    let action = Action::Status {
        status: 503,
        content_type: "application/json".to_owned(),
        body: r#"[{"errorCode":"SERVER_UNAVAILABLE","message":"\u001b[2Jbusy\u202e"}]"#.to_owned(),
        headers: Vec::new(),
    };
    let fault = Fault { on: Target::Object("User".to_owned()), nth: Some(1), action };
    Demo::start(Org::generate(Shape::Small, 1), ServerOptions { faults: vec![fault], ..ServerOptions::default() })
}

#[test]
fn without_a_terminal_there_are_plain_lines() {
    let ran = demo(&["-v"]);
    let stderr = ran.stderr();
    assert!(!stderr.contains('\u{1b}'), "{stderr}");
    let read: Vec<_> = stderr.lines().filter(|line| line.starts_with("  ") && line.contains(" row")).collect();
    assert_eq!(read.len(), 13, "{stderr}");
    assert!(read.iter().any(|line| line.starts_with("  User ") && line.contains("138 rows")), "{stderr}");
    let order = ["logging in at 127.0.0.1", "connected to Acme Demo", "  User ", "org  ", "read by  ", "sha256  "];
    let places: Vec<_> = order.iter().map(|text| stderr.find(text).unwrap_or_else(|| panic!("{text}"))).collect();
    assert!(places.is_sorted(), "{stderr}");
    // A long line is not broken where nobody knows how wide it may be.
    assert!(stderr.lines().any(|line| line.starts_with("warnings   ASSIGNMENT") && line.ends_with("(3 times)")));
}

#[test]
fn the_summary_stays_where_progress_is_not_wanted() {
    let ran = demo(&["--progress", "none"]);
    assert!(ran.stderr().starts_with("\norg "), "{}", ran.stderr());
    let json = lines(&demo(&["--progress=none", "--log-format=json"]));
    assert_eq!((json.len(), &json[0]["message"]), (1, &"done".into()));
}

#[test]
fn progress_comes_from_flag_environment_and_file() {
    let run = || Run::new().args(["--demo", "-f", "sync.json"]);
    let by_environment = run().env("BATON_PROGRESS", "json").output();
    assert_eq!(lines(&by_environment).last().unwrap()["message"], "done");
    let by_file = run().file(".baton.yaml", "progress: json\n").output();
    assert_eq!(lines(&by_file).last().unwrap()["message"], "done");
    let by_flag = run().env("BATON_PROGRESS", "json").args(["--progress", "plain"]).output();
    assert!(by_flag.stderr().contains("connected to"));
}

#[test]
fn json_progress_and_json_log_imply_each_other() {
    for flags in [["--progress", "json"], ["--log-format", "json"]] {
        let said = lines(&demo(&flags));
        let of = |message: &str| said.iter().filter(|line| line["message"] == message).count();
        assert_eq!((of("logging in"), of("connected"), of("writing"), of("done")), (1, 1, 1, 1));
        let read = said.iter().find(|line| line["message"] == "read" && line["object"] == "User").unwrap();
        assert!(read["rows"] == 138 && read["seconds"].is_number(), "{read}");
        assert!(said.iter().all(|line| line["level"].is_string() && line["timestamp"].is_string()));
    }
    Run::new().args(["--demo=nowhere", "--progress", "json"]).output().failed(3, &["\"level\":\"error\""]);
    let console = demo(&["--log-format", "json", "--progress", "plain"]);
    assert!(console.stderr().contains("connected to"));
}

#[test]
fn colours_follow_the_setting() {
    let painted = demo(&["--color", "always", "--progress", "plain"]).stderr();
    assert!(painted.contains("\u{1b}[") && !painted.contains(ERASE), "{painted}");
    assert!(without_colours(&painted).contains("\nsha256 "), "{painted}");
    assert!(!demo(&["--color=never", "-v"]).stderr().contains('\u{1b}'));
    let refused = Run::new().args(["--demo", "--concurrency", "0", "--color", "always"]).output();
    assert!(refused.stderr().contains("\u{1b}["), "{}", refused.stderr());
    let environment = Run::new().args(["--demo", "-f", "sync.json"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1");
    assert!(!environment.output().stderr().contains('\u{1b}'));
}

/// The text without what colours it.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn live_lines_are_gone_before_the_summary_and_before_an_error() {
    let stderr = demo(&["--progress", "bar"]).stderr();
    let (live, summary) = stderr.rsplit_once(ERASE).unwrap();
    assert!(live.contains("of 12 objects") && summary.starts_with("\norg "), "{stderr}");
    assert!(!summary.contains('\u{1b}'), "{stderr}");
    let org = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    let fails = org.run().args(["--progress", "bar", "--api-version", "90.0"]).output();
    let (_, error) = fails.stderr().rsplit_once(ERASE).map(|(live, rest)| (live.to_owned(), rest.to_owned())).unwrap();
    assert!(error.starts_with("error: "), "{error:?}");
}

#[test]
fn repeated_requests_are_told_and_cannot_take_over_the_terminal() {
    let ran = busy().run().output();
    ran.document();
    let stderr = ran.stderr();
    assert!(stderr.contains("repeating at once: SERVER_UNAVAILABLE: [2Jbusy (HTTP 503)"), "{stderr}");
    assert!(stderr.contains("(1 repeated)"), "{stderr}");
    assert!(!stderr.contains(['\u{1b}', '\u{202e}']), "{stderr}");
    let said = lines(&busy().run().args(["--progress", "json"]).output());
    let repeating = said.iter().find(|line| line["message"] == "repeating").unwrap();
    assert_eq!(repeating["reason"], "SERVER_UNAVAILABLE: [2Jbusy (HTTP 503)");
    let of_user = |message: &str| said.iter().any(|line| line["message"] == message && line["object"] == "User");
    assert!(of_user("asked") && of_user("repeating") && of_user("recovered") && of_user("read"));
}
