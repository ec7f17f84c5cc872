//! Every fault at every moment: the program against a server that has it, once and for good. What comes of it is the whole
//! truth, or a failure that leaves the old document as it was.

mod matrix;
mod soak;

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape};
use serde_json::Value;

use crate::support::{Demo, Document, Ran};

/// How often a request is sent again in these tests.
const RETRIES: usize = 2;
/// So many pages of the objects in question: the first, one in the middle, the last.
const PAGE: usize = 70;

fn demo(faults: Vec<Fault>) -> Demo {
    let options = ServerOptions { page_size: Some(PAGE), faults, ..ServerOptions::default() };
    Demo::start(Org::generate(Shape::Small, 1), options)
}

/// What a run without faults makes of the org.
struct Truth {
    document: Document,
    text: String,
    calls: usize,
}

fn truth() -> &'static Truth {
    static TRUTH: OnceLock<Truth> = OnceLock::new();
    TRUTH.get_or_init(|| {
        let demo = demo(Vec::new());
        let ran = demo.run().output();
        let text = std::fs::read_to_string(ran.path("sync.json")).unwrap();
        Truth { document: ran.document(), text, calls: demo.server.calls().len() }
    })
}

/// What was made of the org, without what each run has of its own.
fn content(document: &Document) -> Value {
    let mut content = document.without_times();
    let summary = content["summary"].as_object_mut().unwrap();
    summary.retain(|name, _| !["read", "cost"].contains(&name.as_str()));
    // Who is logged in is told where it can be found out.
    content["sync"]["runBy"].take();
    content
}

/// A run over an older document, with few repetitions and no pauses.
fn run(demo: &Demo) -> Ran {
    run_with(demo, "30s")
}

fn run_with(demo: &Demo, read_timeout: &str) -> Ran {
    let run = demo.run().file("sync.json", &truth().text);
    let args = ["--retries", &RETRIES.to_string(), "--read-timeout", read_timeout, "--log-level", "trace"];
    run.args(args).output()
}

/// The new document is the truth, or the old one is as it was; nothing else is left, and nothing secret was said.
fn assert_true(demo: &Demo, ran: &Ran, cell: &str) {
    let text = std::fs::read_to_string(ran.path("sync.json")).unwrap();
    if ran.code() == 0 {
        assert_ne!(text, truth().text, "{cell}: nothing was written");
        let (document, truth) = (ran.document(), &truth().document);
        assert_eq!(document.grant_ids(), truth.grant_ids(), "{cell}");
        // What the rest is less by is told: the describe of an object only adds to it.
        let told = |document: &Document| document.warnings().into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
        let is_told = !told(&document).is_subset(&told(truth));
        if !is_told {
            let (now, then) = (content(&document), content(truth));
            for (name, value) in then.as_object().unwrap() {
                let lists = (now[name].as_array(), value.as_array());
                if let (Some(now), Some(then)) = lists {
                    let differ = now.iter().zip(then).find(|(now, then)| now != then);
                    assert!(differ.is_none() && now.len() == then.len(), "{cell}: {name}: {differ:?}");
                }
                for (member, value) in value.as_object().into_iter().flatten() {
                    assert_eq!(&now[name][member], value, "{cell}: {name}.{member}");
                }
                assert_eq!(&now[name], value, "{cell}: {name}");
            }
        }
    } else {
        assert!(text == truth().text, "{cell}: the old document was touched");
        assert!(ran.stderr().contains("error: "), "{cell}: {}", ran.stderr());
    }
    let files: Vec<_> = std::fs::read_dir(ran.folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["sync.json"], "{cell}");
    for said in [ran.stderr(), ran.stdout()] {
        assert!(!said.contains(demo.server.client_secret()) && !said.contains("00D5f000000AAAA!"), "{cell}: {said}");
    }
}

fn status(status: u16, content_type: &str, body: &str) -> Action {
    let headers = vec![("retry-after".to_owned(), "0".to_owned())];
    Action::Status { status, content_type: content_type.to_owned(), body: body.to_owned(), headers }
}

fn api_error(code: u16, error: &str, message: &str) -> Action {
    status(
        code,
        "application/json;charset=UTF-8",
        &serde_json::json!([{ "errorCode": error, "message": message }]).to_string(),
    )
}

fn html(code: u16) -> Action {
    status(code, "text/html", "<html><h1>We are down for maintenance</h1></html>")
}

/// What can go wrong, by name.
fn faults() -> Vec<(&'static str, Action)> {
    let cut = |with_content_length| Action::Cut { after_bytes: 40, with_content_length };
    vec![
        ("connection closed", Action::Reset),
        ("body cut", cut(true)),
        ("chunks cut", cut(false)),
        ("gzip cut", Action::CutGzip),
        ("silence", Action::Delay(Duration::from_secs(20))),
        ("page with 200", html(200)),
        ("nothing with 200", status(200, "application/json", "")),
        ("406", status(406, "text/html", "")),
        ("408", html(408)),
        ("420", html(420)),
        ("429", html(429)),
        ("500", api_error(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.")),
        ("502", html(502)),
        ("503", api_error(503, "SERVER_UNAVAILABLE", "down")),
        ("503 page", html(503)),
        ("504", status(504, "text/html", "")),
        ("lock", api_error(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")),
        (
            "crowded",
            api_error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
        ),
        ("spent", api_error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")),
        ("session", api_error(401, "INVALID_SESSION_ID", "Session expired or invalid")),
        ("query timeout", api_error(400, "QUERY_TIMEOUT", "Your query request was running for too long.")),
        ("lost cursor", api_error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")),
        ("no API", api_error(403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")),
        ("malformed", api_error(400, "MALFORMED_QUERY", "unexpected token: FROM")),
        ("gone", api_error(410, "GONE", "The requested resource has been retired or removed")),
        ("page with 404", html(404)),
        ("redirect", Action::Redirect { status: 302, location: "https://elsewhere.example/".to_owned() }),
        ("other JSON", Action::Replace { body: "[3]".to_owned() }),
        ("empty object", Action::Replace { body: "{}".to_owned() }),
        ("rows missing", Action::Replace { body: r#"{"totalSize":99,"done":true,"records":[]}"#.to_owned() }),
        ("trickle", Action::Trickle { bytes: 4_000, every: Duration::from_millis(1) }),
    ]
}
