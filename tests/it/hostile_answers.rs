//! Answers that no org of Salesforce's gives: each ends in a document that is true as far as it goes, or in an error that
//! says where, in few words.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use baton_salesforce::auth::{self, Method};
use baton_salesforce::connector::{Expand, Options};
use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};
use baton_salesforce::failure::{Class, Failure};
use baton_salesforce::model::ResourceKind;
use baton_salesforce::net::retry::Policy;
use baton_salesforce::net::{Domain, http};
use baton_salesforce::output::{self, Format};
use baton_salesforce::salesforce::Client;
use baton_salesforce::stop::Stop;
use baton_salesforce::sync::{self, Request, Watch};
use serde_json::{Value, json};

use crate::cast::cast;
use crate::support::{Demo, Document, Run, text};
use crate::truthful::everything;

/// What is nonsense stays nonsense.
const NONE_AGAIN: Policy = Policy { retries: 0, pause: Duration::ZERO };

/// Logs in, reads all, and makes a document.
fn attempt(demo: &Demo, options: &Options) -> Result<Document, Failure> {
    let run = async {
        let domain = Domain::parse(demo.server.url())?;
        let http = http::client(&http::Network::default(), &domain)?;
        let method = Method::ClientCredentials {
            client_id: demo.server.client_id().to_owned(),
            client_secret: demo.server.client_secret().into(),
        };
        let session = auth::login(&http, &domain, &method).await?;
        let client = Client::connect(http, session, None, 4, NONE_AGAIN).await?;
        let request = Request {
            id: sync::new_id(),
            bulk: baton_salesforce::salesforce::bulk::Bulk::default(),
            options: options.clone(),
            auth_method: "client-credentials",
            client_id: None,
        };
        let synced = sync::run(client, request, Watch::default(), |_| Ok(())).await?;
        let mut bytes = Vec::new();
        synced.write(output::Document::new(output::sink(&mut bytes, Format::JSON, None)?), &Stop::default())?;
        Ok::<_, anyhow::Error>(bytes)
    };
    let bytes = demo.runtime.block_on(run).map_err(|error| Failure::explain(&error))?;
    Ok(Document::parse(std::str::from_utf8(&bytes).unwrap()))
}

fn with(org: Org, on: Target, nth: Option<usize>, body: String) -> Demo {
    let faults = vec![Fault::new(on, nth, Action::Replace { body })];
    Demo::start(org, ServerOptions { faults, ..ServerOptions::default() })
}

/// An error is one line that a person can read, and no panic of ours.
#[track_caller]
fn assert_told(what: &str, failure: &Failure) {
    let message = &failure.message;
    assert!(!message.contains("ended badly") && failure.class != Class::Internal, "{what}: {message}");
    assert!(message.len() < 7000, "{what}: {} bytes", message.len());
    assert!(!message.contains(|c: char| c.is_control() || c == '\u{202e}'), "{what}: {message:?}");
}

/// JSON that is whole, and is nothing that is expected anywhere.
fn nonsense() -> Vec<String> {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    vec![
        "[]".to_owned(),
        "{}".to_owned(),
        "[null]".to_owned(),
        "[[[]]]".to_owned(),
        r#"[{"version":7}]"#.to_owned(),
        r#"{"records":{}}"#.to_owned(),
        r#"{"totalSize":-1,"done":true,"records":[]}"#.to_owned(),
        r#"{"totalSize":1e3,"done":true,"records":[]}"#.to_owned(),
        r#"{"totalSize":99999999999999999999999,"done":true,"records":[]}"#.to_owned(),
        r#"{"totalSize":"1","done":"true","records":"[]"}"#.to_owned(),
        r#"{"totalSize":1,"done":true,"records":[],"records":[]}"#.to_owned(),
        r#"{"totalSize":1,"done":true,"records":[null]}"#.to_owned(),
        r#"{"totalSize":1,"done":true,"records":[7,"x",[]]}"#.to_owned(),
        r#"{"totalSize":1,"done":false,"nextRecordsUrl":"https://evil.example/","records":[]}"#.to_owned(),
        r#"{"totalSize":1,"done":false,"nextRecordsUrl":"//evil.example/\u001b[2J","records":[]}"#.to_owned(),
        r#"{"totalSize":1,"done":true,"records":[{"Id":"\ud800"}]}"#.to_owned(),
        format!(r#"{{"{}":1}}"#, "k".repeat(1_000_000)),
        format!(r#"{{"totalSize":1,"done":true,"records":[{{"Id":"{}"}}]}}"#, "i".repeat(1_000_000)),
        format!(r#"{{"totalSize":1,"done":true,"records":[{{"Id":"0055f00{}"}}]}}"#, r"\u202e\u001b[2J' OR ''='"),
        deep("[", "]"),
        deep("{\"a\":", "}"),
        format!(r#"{{"totalSize":1,"done":true,"records":[{{"Id":{}}}]}}"#, deep("[", "]")),
    ]
}

#[test]
fn nonsense_is_an_error_wherever_something_is_needed() {
    let path = |path: &str| Target::Path(path.to_owned());
    for (on, nth, says) in [
        (path("/services/oauth2/token"), None, "login"),
        (path("/services/data/"), Some(1), "version"),
        (Target::Object("Organization".to_owned()), None, "Organization"),
        (Target::Object("GroupMember".to_owned()), None, "GroupMember"),
    ] {
        for body in nonsense() {
            let start: String = body.chars().take(60).collect();
            let what = format!("{on:?} {start}");
            let demo = with(Org::empty(), on.clone(), nth, body);
            let Err(failure) = attempt(&demo, &Options::default()) else { panic!("{what}: taken for an answer") };
            assert_told(&what, &failure);
            assert!(failure.message.contains(says), "{what}: {}", failure.message);
        }
    }
}

#[test]
fn nonsense_costs_nothing_but_itself_where_nothing_is_needed() {
    for on in ["/services/oauth2/userinfo", "/services/data/v66.0/sobjects/PermissionSet/describe"] {
        for body in nonsense() {
            let start: String = body.chars().take(60).collect();
            let demo = with(Org::empty(), Target::Path(on.to_owned()), None, body);
            let document = attempt(&demo, &Options::default()).unwrap_or_else(|f| panic!("{on} {start}: {f:?}"));
            assert_eq!(document.0["summary"]["complete"], true, "{on} {start}");
        }
    }
    for body in nonsense() {
        let demo = with(Org::empty(), Target::Path("/services/data/v66.0/limits".to_owned()), None, body);
        let client = demo.run().arg("--dry-run").output();
        assert_eq!(client.code(), 0, "{}", client.stderr());
    }
}

/// What stands in a field of a row where something else belongs. `@` is the field's own name.
fn values() -> Vec<String> {
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let texts = [
        "",
        "x",
        "0055f000001AAAA",
        "0055f000001AAAAA",
        "0055f000001AAAAAA5",
        "0055f00' OR '0'='0",
        "\u{0}\u{1b}[2J\u{202e}",
    ];
    let raw = [
        "null",
        "true",
        "7",
        "-1",
        "1.5",
        "1e999",
        "99999999999999999999",
        "[]",
        "{}",
        "{\"Id\":7}",
        r#""\ud800""#,
        "7,\"@\":8",
    ];
    let texts = texts.iter().map(|text| json!(text).to_string());
    texts
        .chain(raw.iter().map(|raw| (*raw).to_owned()))
        .chain([deep, json!("y".repeat(1_000_000)).to_string()])
        .collect()
}

/// Each field of each object once with something else in it; not with everything, which would take minutes.
#[test]
fn a_field_with_something_else_in_it_is_named_with_its_row_or_does_no_harm() {
    const MARK: &str = "@@@";
    let mut options = everything(Expand::Used);
    // Hundreds of fields, all of one kind.
    options.kinds.remove(&ResourceKind::SystemPermission);
    let healthy = Demo::start(cast(), ServerOptions::default());
    let read = attempt(&healthy, &options).unwrap().0["summary"]["read"].take();
    let (values, mut turn, mut refused, mut tolerated) = (values(), 0, 0, 0);
    for (object, soql) in read.as_array().unwrap().iter().map(|read| (text(&read["object"]), text(&read["soql"]))) {
        let answer = healthy.server.org().query(66, &soql).unwrap();
        let Some(row) = answer["records"].get(0).and_then(Value::as_object) else { continue };
        for field in row.keys().filter(|field| *field != "attributes" && !field.starts_with("Permissions")) {
            turn += 1;
            let value = values[turn * 7 % values.len()].replace('@', field);
            let mut answer = answer.clone();
            answer["records"][0][field.as_str()] = json!(MARK);
            let body = answer.to_string().replacen(&json!(MARK).to_string(), &value, 1);
            let demo = with(cast(), Target::Object(object.clone()), None, body);
            let what = format!("{object}.{field} = {}", value.chars().take(40).collect::<String>());
            match attempt(&demo, &options) {
                Ok(_) => tolerated += 1,
                Err(failure) => {
                    refused += 1;
                    assert_told(&what, &failure);
                    // Of an org and of who is logged in, some rows are asked for again, one by one.
                    assert!(failure.message.contains(&object), "{what}: {failure:?}");
                }
            }
        }
    }
    assert!(refused > 30 && tolerated > 30, "{refused} refused, {tolerated} tolerated");
}

/// A server that answers the login, the list of versions and everything else with these bytes.
fn serve(listener: TcpListener, token: Vec<u8>, versions: Vec<u8>, status: &'static str, other: Vec<u8>) {
    let answer = move |mut stream: TcpStream| -> std::io::Result<()> {
        loop {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") {
                if stream.read(&mut byte)? == 0 {
                    return Ok(());
                }
                head.push(byte[0]);
            }
            let head = String::from_utf8_lossy(&head).to_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            stream.read_exact(&mut vec![0; length.unwrap_or(0)])?;
            let (status, body) = match head.split(' ').nth(1) {
                Some("/services/oauth2/token") => ("200 OK", &token),
                Some("/services/data/") => ("200 OK", &versions),
                _ => (status, &other),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes())?;
            stream.write_all(body)?;
        }
    };
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || answer(stream));
        }
    });
}

#[test]
fn bytes_that_are_no_text_are_an_error_everywhere() {
    const VERSIONS: &[u8] = br#"[{"version":"66.0"}]"#;
    let bad = |text: &str| {
        text.replace('@', "\u{1}").into_bytes().iter().map(|b| if *b == 1 { 0xff } else { *b }).collect::<Vec<u8>>()
    };
    for (token, versions, status, other, code) in [
        (bad(r#"{"access_token":"x@"}"#), VERSIONS.to_vec(), "200 OK", Vec::new(), 14),
        (Vec::new(), bad(r#"[{"version":"66@.0"}]"#), "200 OK", Vec::new(), 2),
        (Vec::new(), VERSIONS.to_vec(), "200 OK", bad(r#"{"totalSize":1,"done":true,"records":[{"Id":"@"}]}"#), 2),
        (Vec::new(), VERSIONS.to_vec(), "400 Bad Request", bad(r#"[{"errorCode":"A","message":"@"}]"#), 14),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let given = json!({"access_token": "00D!x", "instance_url": url}).to_string().into_bytes();
        let has_token = token.is_empty();
        serve(listener, if has_token { given } else { token }, versions, status, other);
        let run = Run::new().args(["--domain", &url, "--salesforce-client-id", "id"]);
        let ran = run.env("BATON_SALESFORCE_CLIENT_SECRET", "secret-of-a-test").output();
        ran.failed(code, &["error: "]);
        assert!(!ran.stderr().contains('\u{fffd}') || status != "200 OK", "{}", ran.stderr());
    }
}

/// A describe names fields that are no names, and very many.
#[test]
fn a_describe_puts_nothing_into_a_statement() {
    let mut fields: Vec<_> = [
        "PermissionsX FROM User--",
        "PermissionsApiEnabled",
        "Permissions' OR '",
        "PermissionsA,Id",
        "Permissions\u{0}",
    ]
    .map(|name| json!({"name": name, "label": "\u{1b}[2J"}))
    .to_vec();
    fields.extend(fields.clone());
    fields.extend((0..3000).map(|n| json!({"name": format!("PermissionsInvented{n:04}"), "label": null})));
    let path = Target::Path("/services/data/v66.0/sobjects/PermissionSet/describe".to_owned());
    let demo = with(Org::generate(Shape::Small, 1), path, None, json!({"fields": fields}).to_string());
    // The org does not know what its describe names: that is an error where it cannot be left out.
    if let Err(failure) = attempt(&demo, &everything(Expand::Used)) {
        assert_told("describe", &failure);
    }
    for soql in demo.server.calls().into_iter().filter_map(|call| call.soql) {
        assert!(!soql.contains("--") && !soql.contains("OR '") && !soql.contains('\0'), "{soql}");
        assert!(soql.len() < 12_000, "{}", soql.len());
    }
}
