//! Objects that are read by query jobs: the document is the same, calls are saved, and no job stays in the org.

use baton_salesforce::demo::{Action, BulkFault, BulkOptions, Fault, Org, ServerOptions, Shape, Target};
use serde_json::Value;

use crate::support::{Demo, Document, Run};

/// The small org in pages so small that its objects have several.
fn small(bulk: BulkOptions) -> Demo {
    with(ServerOptions { bulk, ..ServerOptions::default() })
}

fn with(options: ServerOptions) -> Demo {
    Demo::start(Org::generate(Shape::Small, 1), ServerOptions { page_size: Some(40), ..options })
}

fn run(demo: &Demo, engine: &str) -> Run {
    demo.run().args(["--query-engine", engine, "--bulk-pause", "0"])
}

/// Requests that are not `GET`, as the method and what of the path comes after the version.
fn writes(demo: &Demo) -> Vec<(String, String)> {
    let calls = demo.server.calls().into_iter().filter(|call| call.method != "GET");
    let calls = calls.filter(|call| call.path != "/services/oauth2/token");
    calls.map(|call| (call.method, call.path.splitn(5, '/').nth(4).unwrap_or_default().to_owned())).collect()
}

fn jobs_made(demo: &Demo) -> usize {
    writes(demo).iter().filter(|(method, _)| method == "POST").count()
}

#[track_caller]
fn engine_of<'d>(document: &'d Document, object: &str) -> (&'d str, &'d str) {
    let read = document.read_of(object);
    (read["engine"].as_str().unwrap_or_default(), read["engineReason"].as_str().unwrap_or_default())
}

/// The lines of a document but for the first and the last, which tell of the run.
fn lines(demo: &Demo, engine: &str, more: &[&str]) -> Vec<String> {
    let ran = run(demo, engine).args(["--file", "sync.jsonl"]).args(more).output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let text = std::fs::read_to_string(ran.path("sync.jsonl")).unwrap();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines.pop();
    lines.remove(0);
    lines
}

#[test]
fn the_document_is_the_same_whichever_api_is_used() {
    let everything = "territory,connected_application,agent,manager_group,permission_set_license,system_permission";
    let more = ["--sync-also", everything, "--sync-non-standard-users"];
    let demo = small(BulkOptions { file_rows: 70, ..BulkOptions::default() });
    let rest = lines(&demo, "rest", &more);
    assert_eq!(jobs_made(&demo), 0);
    let bulk = lines(&demo, "bulk", &more);
    assert!(jobs_made(&demo) > 3, "{:?}", writes(&demo));
    assert_eq!(rest, bulk);
    let demo = Demo::start(Org::generate(Shape::Mid, 1), ServerOptions::default());
    let more = ["--expand", "none"];
    assert_eq!(lines(&demo, "rest", &more), lines(&demo, "bulk", &more));
    assert!(jobs_made(&demo) > 1, "{:?}", writes(&demo));
}

#[test]
fn jobs_are_told_and_deleted() {
    let demo = small(BulkOptions { file_rows: 70, ..BulkOptions::default() });
    let ran = run(&demo, "bulk").output();
    let document = ran.document();
    assert_eq!(engine_of(&document, "User"), ("bulk", "asked for with --query-engine"));
    let read = document.read_of("User");
    assert_eq!((&read["rows"], &read["totalSize"]), (&Value::from(138), &Value::from(138)), "{read}");
    assert_eq!(read["pages"], 2);
    assert!(!read["soql"].as_str().unwrap().contains("ORDER BY"), "{read}");
    // What is on one page needs no job.
    assert_eq!(engine_of(&document, "Organization"), ("", ""));
    assert!(ran.stderr().contains("by a query job: asked for with --query-engine"), "{}", ran.stderr());
    assert!(demo.server.jobs().is_empty());
    let writes = writes(&demo);
    for (method, path) in &writes {
        let is_ours = match method.as_str() {
            "POST" => path == "jobs/query",
            "DELETE" => path.starts_with("jobs/query/750"),
            _ => false,
        };
        assert!(is_ours, "{method} {path}");
    }
    assert_eq!(jobs_made(&demo) * 2, writes.len());
}

#[test]
fn jobs_are_run_where_they_save_calls_that_are_scarce() {
    let options = |api_limit| ServerOptions { page_size: Some(5), api_limit, ..ServerOptions::default() };
    let org = || Org::generate(Shape::Small, 1);
    let plenty = Demo::start(org(), options(100_000));
    let document = run(&plenty, "auto").output().document();
    assert_eq!((jobs_made(&plenty), engine_of(&document, "User")), (0, ("", "")));
    let scarce = Demo::start(org(), options(500));
    let ran = run(&scarce, "auto").output();
    let document = ran.document();
    let (engine, why) = engine_of(&document, "User");
    assert!(engine == "bulk" && why.starts_with("27 more pages would take 5 % of the "), "{why}");
    assert!(why.ends_with("a job takes about 13"), "{why}");
    assert!(ran.stderr().contains(why.split(" of ").next().unwrap()), "{}", ran.stderr());
    assert!(scarce.server.api_used() < plenty.server.api_used());
    // A budget of the run makes them scarce as well.
    let budget = Demo::start(org(), options(100_000));
    let document = run(&budget, "auto").args(["--max-api-calls", "450"]).output().document();
    assert_eq!(engine_of(&document, "User").0, "bulk");
    assert!(document.0["summary"]["cost"]["apiCalls"].as_u64().unwrap() <= 450);
}

#[test]
fn a_dry_run_counts_the_calls_of_jobs() {
    let demo = Demo::start(Org::generate(Shape::Mid, 1), ServerOptions::default());
    let told = |engine: &str| -> Value {
        let ran = run(&demo, engine).arg("--dry-run=json").output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        serde_json::from_str(&ran.stdout()).unwrap()
    };
    let (rest, bulk) = (told("rest"), told("bulk"));
    let objects = |told: &Value| told["objects"].as_array().unwrap().clone();
    assert!(objects(&rest).iter().all(|object| object["byJob"] == false && object["calls"] == object["pages"]));
    assert!(objects(&bulk).iter().all(|object| object["byJob"] == (object["rows"].as_u64().unwrap() > 2000)));
    let text = run(&demo, "bulk").arg("--dry-run").output().stdout();
    assert!(text.contains(" calls, by a query job"), "{text}");
    let document = run(&demo, "bulk").args(["--expand", "none"]).output().document();
    let (told, took) = (bulk["calls"].as_u64().unwrap(), document.0["summary"]["cost"]["apiCalls"].as_u64().unwrap());
    // The demo org's jobs are done after a few looks.
    let jobs = objects(&bulk).iter().filter(|object| object["byJob"] == true).count() as u64;
    assert!(jobs > 1 && took <= told && told - took <= 8 + 9 * jobs, "{told} calls were told, and {took} made");
}

#[test]
fn where_no_job_gives_the_rows_rest_does() {
    let failed = |state: &str| Some((state.to_owned(), "Unexpected exception".to_owned()));
    for (bulk, says) in [
        (
            BulkOptions { unsupported: vec!["User".to_owned()], ..BulkOptions::default() },
            "INVALIDENTITY: Entity 'User'",
        ),
        (BulkOptions { daily_jobs: 0, ..BulkOptions::default() }, "LIMIT_EXCEEDED"),
        (BulkOptions { end: failed("Failed"), ..BulkOptions::default() }, "ended as Failed: Unexpected exception"),
        (BulkOptions { end: failed("Aborted"), ..BulkOptions::default() }, "ended as Aborted"),
        (BulkOptions { fault: Some(BulkFault::HalfOfAll), ..BulkOptions::default() }, "and there are 138"),
    ] {
        let demo = small(bulk);
        let ran = run(&demo, "bulk").output();
        let document = ran.document();
        let (engine, why) = engine_of(&document, "User");
        assert!(engine == "rest" && why.contains(says), "{why}");
        assert!(ran.stderr().contains("by REST after all: "), "{}", ran.stderr());
        assert!(document.read_of("User")["soql"].as_str().unwrap().ends_with("ORDER BY Id"));
        assert!(demo.server.jobs().is_empty(), "{:?}", demo.server.jobs());
    }
    // Nor where there is no such thing.
    let demo = small(BulkOptions::default());
    let document = run(&demo, "bulk").args(["--api-version", "46.0"]).output().document();
    assert!(engine_of(&document, "User").1.contains("since API version 47.0"));
    assert_eq!(jobs_made(&demo), 0);
}

#[test]
fn results_that_are_not_whole_fail_the_run() {
    for (fault, says) in [
        (BulkFault::ShortFile, "a file of "),
        (BulkFault::LostRow, "rows and delivered"),
        (BulkFault::TooManyAnnounced, "rows and delivered"),
        // Its rows come twice before it is noticed: that is noticed as well.
        (BulkFault::SameLocator, " twice"),
        (BulkFault::NoLastColumn, "has no column"),
    ] {
        let demo = small(BulkOptions { fault: Some(fault), file_rows: 70, ..BulkOptions::default() });
        let ran = run(&demo, "bulk").output();
        assert_ne!(ran.code(), 0, "{fault:?}");
        ran.failed(ran.code(), &[says]);
        assert!(demo.server.jobs().is_empty(), "{fault:?}: {:?}", demo.server.jobs());
    }
    let demo = small(BulkOptions { fault: Some(BulkFault::OtherOrder), ..BulkOptions::default() });
    let other_order = lines(&demo, "bulk", &[]);
    assert_eq!(other_order, lines(&demo, "rest", &[]));
}

/// What a proxy says of itself.
fn html() -> Action {
    let (content_type, body) = ("text/html".to_owned(), "<html>log in to the proxy</html>".to_owned());
    Action::Status { status: 200, content_type, body, headers: Vec::new() }
}

#[test]
fn results_that_are_cut_or_late_are_read_again() {
    let expected = lines(&small(BulkOptions::default()), "rest", &[]);
    for (path, nth, action) in [
        // The results: after three looks at each job.
        ("jobs/query/750", 4, Action::Cut { after_bytes: 100, with_content_length: true }),
        ("jobs/query/750", 4, Action::CutGzip),
        ("jobs/query/750", 4, html()),
        ("jobs/query/750", 2, Action::Reset),
        ("jobs/query/750", 4, Action::Reset),
    ] {
        let demo = small(BulkOptions::default());
        let on = Target::Path(format!("/services/data/v66.0/{path}"));
        demo.server.add_fault(Fault::new(on, nth, action.clone()));
        assert_eq!(lines(&demo, "bulk", &["--concurrency", "1"]), expected, "{action:?}");
        assert!(demo.server.jobs().is_empty());
    }
}

#[test]
fn a_session_that_ends_is_renewed_while_jobs_run() {
    let demo = with(ServerOptions { session_calls: Some(40), ..ServerOptions::default() });
    let expected = lines(&small(BulkOptions::default()), "rest", &[]);
    assert_eq!(lines(&demo, "bulk", &["--concurrency", "1"]), expected);
    assert!(demo.server.jobs().is_empty());
}

#[test]
fn no_job_stays_when_a_run_fails() {
    let demo = small(BulkOptions { polls: usize::MAX, ..BulkOptions::default() });
    let failure = Fault::api_error(Target::Object("Profile".to_owned()), None, 400, "MALFORMED_QUERY", "no");
    demo.server.add_fault(failure);
    let ran = run(&demo, "bulk").output();
    assert_ne!(ran.code(), 0);
    assert!(demo.server.jobs().is_empty(), "{:?}", writes(&demo));
}

/// What may be spent is not exceeded for a job's sake either.
#[test]
fn a_budget_is_kept_while_jobs_run() {
    for most in [20, 30, 40] {
        let demo = small(BulkOptions::default());
        let ran = run(&demo, "bulk").args(["--max-api-calls", &most.to_string()]).output();
        ran.failed(8, &["API calls", "--max-api-calls"]);
        assert!(demo.server.api_used() <= most, "{} of {most}", demo.server.api_used());
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_aborts_its_jobs() {
    use crate::support::signals;
    for (signal, code) in signals() {
        let demo = small(BulkOptions { polls: usize::MAX, ..BulkOptions::default() });
        let (mut command, _folder) = demo.run().args(["--query-engine", "bulk", "--bulk-pause", "10ms"]).command();
        let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
        demo.wait_for("/services/data/v66.0/jobs/query/750");
        let kill = std::process::Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert!(demo.server.jobs().is_empty(), "{:?}", writes(&demo));
        assert!(writes(&demo).iter().any(|(method, _)| method == "PATCH"));
    }
}
