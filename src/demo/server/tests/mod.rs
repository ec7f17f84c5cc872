//! The server over a real socket, with a client that sees every byte.

mod authorize;
mod faults;
mod oauth;

use std::io::Read as _;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use crate::demo::Shape;

/// An answer as it came.
struct Got {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        let line = |line: &'_ str| line.split_once(": ").is_some_and(|(key, _)| key.eq_ignore_ascii_case(name));
        self.head.lines().find(|text| line(text)).and_then(|text| text.split_once(": ")).map(|(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    fn code(&self) -> String {
        self.json()[0]["errorCode"].as_str().unwrap().to_owned()
    }
}

/// Sends a request and reads until the connection closes; no status line is status 0.
async fn send(server: &Server, method: &str, path: &str, headers: &str, body: &str) -> Got {
    let mut stream = TcpStream::connect(server.url().trim_start_matches("http://")).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: demo\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    Got { status, head, body: bytes.get(end + 4..).unwrap_or_default().to_vec() }
}

async fn get(server: &Server, path: &str, headers: &str) -> Got {
    let token = server.access_token();
    send(server, "GET", path, &format!("Authorization: Bearer {token}\r\n{headers}"), "").await
}

fn query_path(soql: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(soql.as_bytes()).collect();
    format!("/services/data/v60.0/query?q={encoded}")
}

async fn query(server: &Server, soql: &str) -> Got {
    get(server, &query_path(soql), "").await
}

async fn token(server: &Server, form: &str) -> Got {
    send(server, "POST", "/services/oauth2/token", "Content-Type: application/x-www-form-urlencoded\r\n", form).await
}

async fn start(options: ServerOptions) -> Server {
    Server::start(Org::generate(Shape::Small, 1), options).await.unwrap()
}

async fn plain() -> Server {
    start(ServerOptions::default()).await
}

async fn faulty(on: Target, nth: impl Into<Option<usize>>, action: Action) -> Server {
    start(ServerOptions { faults: vec![Fault::new(on, nth, action)], ..ServerOptions::default() }).await
}

#[tokio::test]
async fn versions_are_public_and_tell_no_limit() {
    let server = plain().await;
    for path in ["/services/data", "/services/data/"] {
        let got = send(&server, "GET", path, "", "").await;
        assert_eq!((got.status, got.header("sforce-limit-info")), (200, None));
        let versions = got.json();
        assert_eq!(versions[0], json!({"label": "Summer '14", "url": "/services/data/v31.0", "version": "31.0"}));
        assert_eq!(versions.as_array().unwrap().last().unwrap()["label"], "Spring '26");
    }
    assert_eq!(server.api_used(), 0);
}

#[tokio::test]
async fn retired_versions_are_gone_and_unknown_paths_not_found() {
    let server = plain().await;
    let gone = get(&server, "/services/data/v30.0/query?q=SELECT+Id+FROM+User", "").await;
    assert_eq!((gone.status, gone.code().as_str()), (410, "GONE"));
    for path in [
        "/services/data/v67.0/limits",
        "/services/data/v60.0/nope",
        "/services/data/v60.0/sobjects/Nope/describe",
        "/services/data/60",
    ] {
        let got = get(&server, path, "").await;
        assert_eq!(got.status, 404, "{path}");
        assert_eq!(got.json(), json!([{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]));
    }
    let post = send(
        &server,
        "POST",
        "/services/data/v60.0/query",
        &format!("Authorization: Bearer {}\r\n", server.access_token()),
        "",
    )
    .await;
    assert_eq!((post.status, post.code().as_str()), (405, "METHOD_NOT_ALLOWED"));
}

#[tokio::test]
async fn a_bad_token_is_refused_in_both_ways() {
    let server = plain().await;
    let got = send(&server, "GET", &query_path("SELECT Id FROM User"), "Authorization: Bearer no\r\n", "").await;
    assert_eq!((got.status, got.header("www-authenticate")), (401, Some("Token")));
    assert_eq!(got.json(), json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]));
    let got = send(&server, "GET", "/services/oauth2/userinfo", "Authorization: Bearer no\r\n", "").await;
    assert_eq!((got.status, got.body.as_slice()), (403, b"Bad_OAuth_Token".as_slice()));
}

#[tokio::test]
async fn each_call_is_counted_and_the_limit_holds() {
    let server = start(ServerOptions { api_used: 97, api_limit: 99, ..ServerOptions::default() }).await;
    let first = query(&server, "SELECT COUNT() FROM User").await;
    assert_eq!(first.header("sforce-limit-info"), Some("api-usage=98/99"));
    let bad = query(&server, "SELECT Nope FROM User").await;
    assert_eq!((bad.status, bad.header("sforce-limit-info")), (400, Some("api-usage=99/99")));
    let over = query(&server, "SELECT COUNT() FROM User").await;
    assert_eq!((over.status, over.code().as_str()), (403, "REQUEST_LIMIT_EXCEEDED"));
    assert_eq!(over.json()[0]["message"], "TotalRequests Limit exceeded.");
}

#[tokio::test]
async fn pages_follow_each_other_to_the_end() {
    let server = start(ServerOptions { page_size: Some(70), ..ServerOptions::default() }).await;
    let mut path = query_path("SELECT Id FROM User ORDER BY Id");
    let (mut ids, mut sizes) = (Vec::new(), Vec::new());
    loop {
        let got = get(&server, &path, "").await;
        let text = String::from_utf8(got.body.clone()).unwrap();
        let page = got.json();
        assert_eq!(page["totalSize"], 200);
        let records = page["records"].as_array().unwrap();
        sizes.push(records.len());
        ids.extend(records.iter().map(|record| record["Id"].as_str().unwrap().to_owned()));
        let Some(next) = page["nextRecordsUrl"].as_str() else {
            assert!(text.starts_with(r#"{"totalSize":200,"done":true,"records":["#));
            break;
        };
        assert!(text.starts_with(&format!(r#"{{"totalSize":200,"done":false,"nextRecordsUrl":"{next}","records":["#)));
        let (id, offset) = next.strip_prefix("/services/data/v60.0/query/").unwrap().split_once('-').unwrap();
        assert_eq!((id.len(), &id[..3], offset), (18, "0r8", ids.len().to_string().as_str()));
        path = next.to_owned();
    }
    assert_eq!(sizes, [70, 70, 60]);
    assert!(ids.is_sorted() && ids.len() == 200);
    for locator in ["0r8xx0000000000AAA-70", "0r8", "x-y"] {
        let bad = get(&server, &format!("/services/data/v60.0/query/{locator}"), "").await;
        assert_eq!((bad.status, bad.code().as_str()), (400, "INVALID_QUERY_LOCATOR"));
    }
}

#[tokio::test]
async fn the_batch_size_is_honoured_within_its_bounds() {
    let server = Server::start(Org::generate(Shape::Mid, 1), ServerOptions::default()).await.unwrap();
    for (header, rows) in [
        ("", 2000),
        ("Sforce-Query-Options: batchSize=500\r\n", 500),
        ("Sforce-Query-Options: batchSize=1\r\n", 200),
        ("Sforce-Query-Options: batchSize=9999\r\n", 2000),
    ] {
        let got = get(&server, &query_path("SELECT Id FROM PermissionSetAssignment"), header).await.json();
        assert_eq!(got["records"].as_array().unwrap().len(), rows, "{header}");
        assert!(got["nextRecordsUrl"].as_str().unwrap().ends_with(&format!("-{rows}")));
        let next = get(&server, got["nextRecordsUrl"].as_str().unwrap(), "").await.json();
        assert_eq!(next["records"].as_array().unwrap().len(), rows, "{header}");
    }
}

#[tokio::test]
async fn child_rows_are_paged_too() {
    let server = start(ServerOptions { page_size: Some(5), ..ServerOptions::default() }).await;
    let got =
        query(&server, "SELECT Id, (SELECT UserOrGroupId FROM GroupMembers) FROM Group WHERE Type = 'Queue' LIMIT 1")
            .await
            .json();
    let members = &got["records"][0]["GroupMembers"];
    assert_eq!((&members["done"], members["records"].as_array().unwrap().len()), (&json!(false), 5));
    let next = get(&server, members["nextRecordsUrl"].as_str().unwrap(), "").await.json();
    assert_eq!((&next["totalSize"], next["records"].as_array().unwrap().len()), (&members["totalSize"], 5));
}

#[tokio::test]
async fn answers_are_compressed_on_request() {
    let server = plain().await;
    let path = query_path("SELECT Id, Name FROM User");
    let plain = get(&server, &path, "").await;
    let packed = get(&server, &path, "Accept-Encoding: gzip, deflate\r\n").await;
    assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), (None, Some("gzip")));
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_end(&mut text).unwrap();
    assert_eq!(text, plain.body);
    assert!(packed.body.len() * 4 < plain.body.len());
}

#[tokio::test]
async fn the_date_can_be_fixed() {
    let date = "Wed, 25 Nov 2026 08:00:00 GMT";
    let server = start(ServerOptions { date: Some(date.to_owned()), ..ServerOptions::default() }).await;
    let got = send(&server, "GET", "/services/data", "", "").await;
    assert_eq!((got.header("date"), got.head.matches("date: ").count()), (Some(date), 1));
    assert!(send(&plain().await, "GET", "/services/data", "", "").await.header("date").is_some());
}

#[tokio::test]
async fn long_requests_are_refused_as_html() {
    let server = plain().await;
    let long = query(&server, &format!("SELECT Id FROM User WHERE Name = '{}'", "x".repeat(16_384))).await;
    assert_eq!(long.status, 414);
    assert_eq!(long.body, b"<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>");
    assert!(long.header("content-type").unwrap().starts_with("text/html"));
    let fits = query(&server, &format!("SELECT Id FROM User WHERE Name = '{}'", "x".repeat(15_000))).await;
    assert_eq!(fits.status, 200);
}

#[tokio::test]
async fn the_api_can_be_shut() {
    for (access, code) in [
        (ApiAccess::DisabledForOrg, "API_DISABLED_FOR_ORG"),
        (ApiAccess::DisabledForUser, "FUNCTIONALITY_NOT_ENABLED"),
        (ApiAccess::CurrentlyDisabledForUser, "API_CURRENTLY_DISABLED"),
    ] {
        let server = start(ServerOptions { access, ..ServerOptions::default() }).await;
        let got = query(&server, "SELECT Id FROM User").await;
        assert_eq!((got.status, got.code().as_str()), (403, code));
    }
}

#[tokio::test]
async fn records_describes_and_limits() {
    let server = plain().await;
    let id = server.org().user_id();
    let user = get(&server, &format!("/services/data/v60.0/sobjects/User/{id}"), "").await.json();
    assert_eq!((&user["attributes"]["type"], &user["Username"]), (&json!("User"), &json!("ada.admin@acme.example")));
    let some =
        get(&server, &format!("/services/data/v60.0/sobjects/User/{}?fields=Id,Name", &id[..15]), "").await.json();
    assert_eq!(some.as_object().unwrap().len(), 3);
    assert_eq!(get(&server, "/services/data/v60.0/sobjects/User/005000000000000", "").await.status, 404);
    let describe = |version: u16| format!("/services/data/v{version}.0/sobjects/permissionsetassignment/describe");
    let names = |body: &Value| {
        body["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let old = get(&server, &describe(50), "").await.json();
    assert_eq!(names(&old), ["Id", "PermissionSetId", "PermissionSetGroupId", "AssigneeId", "SystemModstamp"]);
    let new = get(&server, &describe(60), "").await.json();
    assert_eq!(names(&new)[4..], ["ExpirationDate", "IsActive", "SystemModstamp"]);
    assert_eq!((&new["keyPrefix"], &new["fields"][1]["relationshipName"]), (&json!("0Pa"), &json!("PermissionSet")));
    let mut org = Org::generate(Shape::Small, 1);
    org.without_field("User", "Department");
    org.without_object("UserLogin");
    let lean = Server::start(org, ServerOptions::default()).await.unwrap();
    let user = get(&lean, "/services/data/v60.0/sobjects/User/describe", "").await.json();
    assert!(!names(&user).contains(&"Department".to_owned()));
    assert_eq!(get(&lean, "/services/data/v60.0/sobjects/UserLogin/describe", "").await.status, 404);
    let global = get(&server, "/services/data/v60.0/sobjects", "").await.json();
    assert!(global["sobjects"].as_array().unwrap().iter().any(|object| object["name"] == "QueueSobject"));
    let limits = get(&server, "/services/data/v60.0/limits", "").await;
    let spent = server.api_used();
    assert_eq!(limits.json()["DailyApiRequests"], json!({"Max": 100_000, "Remaining": 100_000 - spent}));
    assert_eq!(get(&server, "/services/data/v60.0", "").await.json()["query"], "/services/data/v60.0/query");
}

#[tokio::test]
async fn query_all_and_the_log() {
    let server = start(ServerOptions { page_size: Some(150), ..ServerOptions::default() }).await;
    let got = get(&server, "/services/data/v60.0/queryAll/?q=select+Id+from+user", "").await.json();
    get(&server, got["nextRecordsUrl"].as_str().unwrap(), "").await;
    query(&server, "SELECT Id FROM Nope").await;
    let calls: Vec<_> = server.calls().into_iter().map(|call| (call.object, call.soql, call.status)).collect();
    assert_eq!(
        calls,
        [
            (Some("User".to_owned()), Some("select Id from user".to_owned()), Some(200)),
            (Some("User".to_owned()), None, Some(200)),
            (Some("Nope".to_owned()), Some("SELECT Id FROM Nope".to_owned()), Some(400)),
        ]
    );
}

#[tokio::test]
async fn a_recorded_org_offers_one_version() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/odd-org");
    let server = Server::start(Org::load_dir(&folder).unwrap(), ServerOptions::default()).await.unwrap();
    let versions = send(&server, "GET", "/services/data", "", "").await.json();
    assert_eq!(versions, json!([{"label": "Winter '21", "url": "/services/data/v50.0", "version": "50.0"}]));
    assert_eq!(query(&server, "SELECT Id FROM User").await.status, 404);
    let got = get(&server, "/services/data/v50.0/query?q=SELECT+Id+FROM+User", "").await.json();
    assert_eq!(got["totalSize"], 7);
}

#[tokio::test]
async fn dropping_the_server_closes_the_port() {
    let server = plain().await;
    let address = server.url().trim_start_matches("http://").to_owned();
    drop(server);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(TcpStream::connect(address).await.is_err());
}
