//! The API client as a library, against the demo org's socket and its faults.

use std::time::Duration;

use baton_salesforce::auth::Session;
use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};
use baton_salesforce::net::retry::Policy;
use baton_salesforce::net::{Domain, http};
use baton_salesforce::salesforce::{ApiVersion, Client, Error};
use futures_util::TryStreamExt;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use crate::support::Demo;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
}

/// Without pauses.
const POLICY: Policy = Policy { retries: 3, pause: Duration::ZERO };
const SOQL: &str = "SELECT Id FROM User ORDER BY Id";

fn demo(options: ServerOptions) -> Demo {
    Demo::start(Org::generate(Shape::Small, 1), options)
}

fn faulty(nth: impl Into<Option<usize>>, action: Action) -> Demo {
    let options = ServerOptions { page_size: Some(30), ..ServerOptions::default() };
    let demo = demo(options);
    demo.server.add_fault(Fault::new(Target::Object("User".to_owned()), nth, action));
    demo
}

fn connect(demo: &Demo, version: Option<u16>) -> Result<Client, Error> {
    let domain = Domain::parse(demo.server.url()).unwrap();
    let http = http::client(&http::Network::default(), &domain).unwrap();
    let session = Session::new(domain, SecretString::from(demo.server.access_token()));
    demo.runtime.block_on(Client::connect(http, session, version.map(ApiVersion::new), 4, POLICY))
}

fn read(demo: &Demo) -> (Result<Vec<Row>, Error>, Client) {
    let client = connect(demo, None).unwrap();
    let rows = demo.runtime.block_on(async { client.query("User", SOQL).into_rows().try_collect().await });
    (rows, client)
}

fn ids(demo: &Demo) -> Vec<String> {
    let all = demo.server.org().query(66, SOQL).unwrap();
    all["records"].as_array().unwrap().iter().map(|row| row["Id"].as_str().unwrap().to_owned()).collect()
}

fn assert_all_read(demo: &Demo, retries: u64) {
    let (rows, client) = read(demo);
    let rows: Vec<_> = rows.unwrap().into_iter().map(|row| row.id).collect();
    assert_eq!(rows, ids(demo));
    assert_eq!(client.cost().retries, retries);
}

#[test]
fn all_pages_are_read_whatever_their_length() {
    let demo = demo(ServerOptions { page_size: Some(7), ..ServerOptions::default() });
    let (rows, client) = read(&demo);
    assert_eq!(rows.unwrap().into_iter().map(|row| row.id).collect::<Vec<_>>(), ids(&demo));
    let cost = client.cost();
    assert_eq!(cost.api_calls, 29);
    assert_eq!(cost.usage.unwrap().used, demo.server.api_used());
    assert!(client.server_time().is_some());
}

#[test]
fn the_newest_known_version_that_is_offered_is_used() {
    let demo = demo(ServerOptions { versions: Some(31..=90), ..ServerOptions::default() });
    assert_eq!(connect(&demo, None).unwrap().version().to_string(), "67.0");
    assert_eq!(connect(&demo, Some(52)).unwrap().version().to_string(), "52.0");
    let error = connect(&demo, Some(91)).unwrap_err().to_string();
    assert!(error.contains("91.0") && error.contains("45.0 to 90.0"), "{error}");
}

#[test]
fn a_transient_failure_is_repeated() {
    let status = |status: u16, body: &str| Action::Status {
        status,
        content_type: "text/html".to_owned(),
        body: body.to_owned(),
        headers: Vec::new(),
    };
    for (nth, action) in [
        (1, status(503, "<html><h1>Down</h1></html>")),
        (3, status(500, "")),
        (2, status(420, "<html>Setting up</html>")),
        (1, Action::Reset),
        (4, Action::Reset),
        (2, Action::Cut { after_bytes: 50, with_content_length: true }),
        (2, Action::Cut { after_bytes: 50, with_content_length: false }),
        (1, Action::CutGzip),
    ] {
        let demo = faulty(nth, action.clone());
        let (rows, client) = read(&demo);
        let rows: Vec<_> =
            rows.unwrap_or_else(|error| panic!("{action:?}: {error}")).into_iter().map(|row| row.id).collect();
        assert_eq!(rows, ids(&demo), "{action:?}");
        assert_eq!(client.cost().retries, 1, "{action:?}");
    }
}

#[test]
fn a_failure_that_stays_is_told() {
    let demo = demo(ServerOptions::default());
    let target = || Target::Object("User".to_owned());
    demo.server.add_fault(Fault::api_error(target(), None, 503, "SERVER_UNAVAILABLE", "down"));
    let (rows, client) = read(&demo);
    let error = rows.unwrap_err();
    assert_eq!(error.refusal().unwrap().code(), "SERVER_UNAVAILABLE");
    assert_eq!((client.cost().retries, demo.calls_of("User")), (3, 4));
}

#[test]
fn a_refusal_is_not_repeated() {
    let demo = demo(ServerOptions::default());
    let target = Target::Object("User".to_owned());
    demo.server.add_fault(Fault::api_error(
        target,
        None,
        403,
        "REQUEST_LIMIT_EXCEEDED",
        "TotalRequests Limit exceeded.",
    ));
    assert!(read(&demo).0.unwrap_err().to_string().contains("TotalRequests Limit exceeded."));
    assert_eq!(demo.calls_of("User"), 1);
}

#[test]
fn a_login_page_is_not_taken_for_an_answer() {
    let html = "<html><body>Please log in</body></html>";
    let action = Action::Status {
        status: 200,
        content_type: "text/html".to_owned(),
        body: html.to_owned(),
        headers: Vec::new(),
    };
    assert_all_read(&faulty(1, action.clone()), 1);
    let error = read(&faulty(None, action)).0.unwrap_err().to_string();
    assert!(error.contains("Please log in") && !error.contains('<'), "{error}");
}

/// A page with these parts; ids are real, so that rows parse.
fn body(total: usize, done: bool, next: Option<&str>, ids: &[String]) -> Action {
    let records: Vec<_> = ids.iter().map(|id| json!({"Id": id})).collect();
    let mut page = json!({"totalSize": total, "done": done, "records": records});
    if let Some(next) = next {
        page["nextRecordsUrl"] = next.into();
    }
    Action::Replace { body: page.to_string() }
}

#[test]
fn totals_that_do_not_add_up_are_an_error() {
    let error = read(&faulty(1, body(3, true, None, &[]))).0.unwrap_err();
    assert!(matches!(error, Error::Totals { announced: 3, delivered: 0 }), "{error}");
}

#[test]
fn pages_that_contradict_themselves_are_an_error() {
    let next = "/services/data/v66.0/query/0r85f000000AAAAAA4-30";
    for (action, says) in [
        (body(3, false, None, &[]), "`nextRecordsUrl`"),
        (Action::Replace { body: "[]".to_owned() }, "unexpected answer"),
        (Action::Replace { body: "{\"records\":[]}".to_owned() }, "`totalSize`"),
        (Action::Replace { body: "{\"totalSize\":1,\"done\":true,\"records\":[{\"Id\":7}]}".to_owned() }, "row 1"),
        (body(3, false, Some("https://evil.example/services/data"), &[]), "not a path of the org"),
    ] {
        let error = read(&faulty(1, action)).0.unwrap_err().to_string();
        assert!(error.contains(says), "{says}: {error}");
    }
    // The same cursor again and again must end.
    let demo = faulty(1, body(60, false, Some(next), &[]));
    demo.server.add_fault(Fault::new(Target::Path(next.to_owned()), None, body(60, false, Some(next), &[])));
    let error = read(&demo).0.unwrap_err().to_string();
    assert!(error.contains("twice"), "{error}");
    assert!(demo.server.calls().len() < 6);
}

#[test]
fn the_last_page_may_name_a_next_one() {
    let demo = demo(ServerOptions::default());
    let all = ids(&demo);
    demo.server.add_fault(Fault::new(
        Target::Object("User".to_owned()),
        1,
        body(all.len(), true, Some("/services/data/v66.0/query/0r8x-2000"), &all),
    ));
    assert_all_read(&demo, 0);
}

#[test]
fn a_redirect_is_not_followed() {
    let other = demo(ServerOptions::default());
    let location = format!("{}/services/data/v66.0/query?q=x", other.server.url());
    let error = read(&faulty(1, Action::Redirect { status: 302, location })).0.unwrap_err().to_string();
    assert!(error.contains("never followed") && error.contains(other.server.url()), "{error}");
    assert!(other.server.calls().is_empty(), "the token went elsewhere");
}

#[test]
fn the_next_page_is_asked_for_before_this_one_is_taken_apart() {
    let demo = demo(ServerOptions { page_size: Some(150), ..ServerOptions::default() });
    let client = connect(&demo, None).unwrap();
    demo.runtime.block_on(async {
        let mut query = client.query("User", SOQL);
        let page = query.next_page().await.unwrap().unwrap();
        // The rows of the first page have not been looked at; the second page comes all the same.
        while demo.calls_of("User") < 2 {
            tokio::task::yield_now().await;
        }
        let first: Vec<Row> = query.rows(&page).unwrap();
        let page = query.next_page().await.unwrap().unwrap();
        let second: Vec<Row> = query.rows(&page).unwrap();
        assert_eq!((first.len(), second.len()), (150, 50));
        assert!(query.next_page().await.unwrap().is_none());
    });
}
