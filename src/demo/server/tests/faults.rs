//! Faults on demand.

use std::time::Instant;

use super::*;

#[tokio::test]
async fn faults_count_the_calls_they_are_about() {
    let server = start(ServerOptions { page_size: Some(100), ..ServerOptions::default() }).await;
    server.add_fault(Fault::api_error(
        Target::Object("user".to_owned()),
        2,
        503,
        "SERVER_UNAVAILABLE",
        "Server Unavailable",
    ));
    assert_eq!(query(&server, "SELECT Id FROM Group LIMIT 1").await.status, 200);
    let first = query(&server, "SELECT Id FROM User").await.json();
    let next = first["nextRecordsUrl"].as_str().unwrap();
    let failed = get(&server, next, "").await;
    assert_eq!((failed.status, failed.code().as_str()), (503, "SERVER_UNAVAILABLE"));
    assert!(failed.header("sforce-limit-info").is_some());
    assert_eq!(get(&server, next, "").await.status, 200);
}

#[tokio::test]
async fn faults_by_path_and_on_everything() {
    let action = Action::Status {
        status: 500,
        content_type: "text/html".into(),
        body: "<h1>no</h1>".into(),
        headers: vec![("retry-after".into(), "1".into())],
    };
    let server = faulty(Target::Path("/services/oauth2/token".into()), None, action).await;
    let got = token(&server, "").await;
    assert_eq!(
        (got.status, got.header("retry-after"), got.body.as_slice()),
        (500, Some("1"), b"<h1>no</h1>".as_slice())
    );
    assert_eq!(query(&server, "SELECT Id FROM User").await.status, 200);
    let server =
        faulty(Target::Any, 1, Action::Redirect { status: 302, location: "https://other.example/".into() }).await;
    let got = query(&server, "SELECT Id FROM User").await;
    assert_eq!((got.status, got.header("location")), (302, Some("https://other.example/")));
    let server = faulty(Target::Any, 1, Action::Replace { body: "{\"done\":false}".into() }).await;
    assert_eq!(query(&server, "SELECT Id FROM User").await.json(), json!({"done": false}));
}

#[tokio::test]
async fn answers_can_be_cut() {
    let whole = query(&plain().await, "SELECT Id FROM User").await.body;
    let server = faulty(Target::Any, None, Action::Cut { after_bytes: 100, with_content_length: true }).await;
    let cut = query(&server, "SELECT Id FROM User").await;
    assert_eq!(cut.header("content-length"), Some(whole.len().to_string().as_str()));
    assert_eq!(cut.body, whole[..100]);
    let server = faulty(Target::Any, None, Action::Cut { after_bytes: 100, with_content_length: false }).await;
    let cut = query(&server, "SELECT Id FROM User").await;
    assert_eq!((cut.header("content-length"), cut.header("transfer-encoding")), (None, Some("chunked")));
    assert_eq!(cut.body, [b"64\r\n", &whole[..100], b"\r\n"].concat());
    let server = faulty(Target::Any, None, Action::CutGzip).await;
    let cut = query(&server, "SELECT Id FROM User").await;
    assert_eq!(cut.header("content-length"), Some(cut.body.len().to_string().as_str()));
    assert!(flate2::read::GzDecoder::new(cut.body.as_slice()).read_to_end(&mut Vec::new()).is_err());
    let server = faulty(Target::Any, None, Action::Reset).await;
    assert_eq!(query(&server, "SELECT Id FROM User").await.status, 0);
    assert_eq!(server.calls()[0].status, None);
}

#[tokio::test]
async fn answers_can_be_slow() {
    let pause = Duration::from_millis(60);
    for options in [
        ServerOptions { latency: pause, ..ServerOptions::default() },
        ServerOptions { faults: vec![Fault::new(Target::Any, None, Action::Delay(pause))], ..ServerOptions::default() },
        ServerOptions {
            faults: vec![Fault::new(Target::Any, None, Action::Trickle { bytes: 10, every: pause / 4 })],
            ..ServerOptions::default()
        },
    ] {
        let server = start(options).await;
        let started = Instant::now();
        assert_eq!(query(&server, "SELECT COUNT() FROM User").await.json()["totalSize"], 200);
        assert!(started.elapsed() >= pause);
    }
}
