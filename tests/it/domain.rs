//! Where the program connects to, seen from outside: by a proxy that writes down whom it is asked for, and by a second
//! server that must see nothing.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::{Demo, Ran, Run};

/// A proxy that refuses everybody and keeps the first line of each request.
struct Proxy {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&asked);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let mut bytes = [0; 4096];
                let length = connection.read(&mut bytes).unwrap_or(0);
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                lines.lock().unwrap().push(text.lines().next().unwrap_or_default().to_owned());
                let _ = connection.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
            }
        });
        Self { url, asked }
    }

    /// Runs with a domain and an access token; what was asked for.
    fn run(&self, domain: &str, more: &[&str]) -> (Ran, Vec<String>) {
        let run = Run::new().arg(format!("--domain={domain}")).args(more);
        self.watch(run.env("BATON_SALESFORCE_ACCESS_TOKEN", "canary"))
    }

    fn watch(&self, run: Run) -> (Ran, Vec<String>) {
        self.asked.lock().unwrap().clear();
        let names = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];
        let ran = names.iter().fold(run, |run, name| run.env(name, &self.url)).output();
        let mut asked = self.asked.lock().unwrap().clone();
        asked.dedup();
        (ran, asked)
    }
}

fn demo() -> Demo {
    Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default())
}

/// This machine under a name that is not loopback's, so that it needs a permission.
fn in_disguise(demo: &Demo) -> String {
    demo.server.url().replace("127.0.0.1", "0.0.0.0")
}

fn token_path() -> Target {
    Target::Path("/services/oauth2/token".to_owned())
}

#[test]
fn the_connection_goes_to_the_api_host() {
    let proxy = Proxy::start();
    for (domain, more, host) in [
        ("acme", &[][..], "acme.my.salesforce.com"),
        ("https://acme--uat.sandbox.lightning.force.com/x", &[], "acme--uat.sandbox.my.salesforce.com"),
        ("https://acme--uat--c.sandbox.vf.force.com/apex/x", &[], "acme--uat.sandbox.my.salesforce.com"),
        ("https://acme.lightning.force.com.mcas.ms/", &[], "acme.my.salesforce.com"),
        ("crm.acme.example", &["--allow-host", "other.example,crm.acme.example"], "crm.acme.example"),
    ] {
        let (ran, asked) = proxy.run(domain, more);
        ran.failed(14, &[host]);
        assert_eq!(asked, [format!("CONNECT {host}:443 HTTP/1.1")]);
    }
}

#[test]
fn a_refused_domain_is_told_with_its_place_and_what_to_do_and_nothing_is_sent() {
    let proxy = Proxy::start();
    for (domain, more, says) in [
        ("crm.acme.example", &[][..], ["crm.acme.example", "--allow-host crm.acme.example"]),
        ("crm.acme.example", &["--allow-host", "acme.example"], ["crm.acme.example", "--allow-host"]),
        ("https://na123.salesforce.com", &[], ["na123.salesforce.com", "Current My Domain URL"]),
        ("acme.salesforce.com", &[], ["acme.salesforce.com", "acme.my.salesforce.com"]),
        ("http://acme.my.salesforce.com", &[], ["in the clear", "https://"]),
        ("https://x:canary@acme.my.salesforce.com", &[], ["user name", "address alone"]),
        ("login.salesforce.com", &[], ["all orgs log in", "My Domain"]),
        ("acme", &["--allow-host", "*.example"], ["--allow-host: `*.example`", "whole name"]),
    ] {
        let (ran, asked) = proxy.run(domain, more);
        ran.failed(3, &says);
        assert!(ran.stderr().contains("--domain: ") || ran.stderr().contains("--allow-host: "), "{}", ran.stderr());
        assert!(asked.is_empty() && !ran.stderr().contains("canary"), "{asked:?} {}", ran.stderr());
    }
    let other = demo();
    let (ran, asked) = proxy.run(&in_disguise(&other), &[]);
    ran.failed(3, &["0.0.0.0", "--domain"]);
    assert!(asked.is_empty() && other.server.calls().is_empty());
}

#[test]
fn hosts_are_allowed_by_environment_and_file_too() {
    let run = || Run::new().args(["--domain", "crm.acme.invalid"]).env("BATON_SALESFORCE_ACCESS_TOKEN", "x");
    run().env("BATON_ALLOW_HOST", "crm.acme.invalid").output().failed(14, &["cannot reach crm.acme.invalid"]);
    let file = "allow-host: [other.invalid, CRM.acme.invalid]\n";
    run().file(".baton.yaml", file).output().failed(14, &["cannot reach crm.acme.invalid"]);
    let wrong = run().file(".baton.yaml", "domain: acme\nallow-host: [10.0.0.1]\n").output();
    wrong.failed(3, &["`allow-host` in .baton.yaml line 2", "10.0.0.1"]);
    run().env("BATON_ALLOW_HOST", "").output().failed(3, &["--domain: `crm.acme.invalid`", "--allow-host"]);
    // This machine needs none.
    let demo = demo();
    demo.run().output().document();
    demo.run().args(["--allow-host", "localhost"]).output().document();
}

#[test]
fn everybodys_login_host_needs_a_refresh_token() {
    let proxy = Proxy::start();
    let run = || {
        let run = Run::new().args(["--domain", "test", "--salesforce-client-id", "id"]);
        run.env("BATON_SALESFORCE_CLIENT_SECRET", "canary")
    };
    let (ran, asked) = proxy.watch(run());
    ran.failed(3, &["--domain: `test.salesforce.com`", "My Domain"]);
    assert!(asked.is_empty());
    let (ran, asked) = proxy.watch(run().env("BATON_SALESFORCE_REFRESH_TOKEN", "canary"));
    ran.failed(14, &["cannot reach test.salesforce.com"]);
    assert_eq!(asked, ["CONNECT test.salesforce.com:443 HTTP/1.1"]);
}

#[test]
fn no_token_goes_where_an_answer_points() {
    let other = demo();
    // The other server can be reached under this name, so that silence proves something.
    #[cfg(target_os = "linux")]
    std::net::TcpStream::connect(in_disguise(&other).trim_start_matches("http://")).unwrap();
    let plain = other.server.url();
    let instance = |url: &str| Action::Replace {
        body: format!(r#"{{"access_token":"canary","instance_url":"{url}","token_type":"Bearer"}}"#),
    };
    let next = |url: &str| Action::Replace {
        body: format!(r#"{{"totalSize":9,"done":false,"nextRecordsUrl":"{url}","records":[]}}"#),
    };
    let redirect = |status| Action::Redirect { status, location: format!("{plain}/services/data") };
    let users = || Target::Object("User".to_owned());
    let disguised = in_disguise(&other);
    let tls = disguised.replace("http:", "https:");
    for (target, action, code, says) in [
        (token_path(), instance(&disguised), 16, ["instance_url", "--domain"]),
        (token_path(), instance(&tls), 16, ["instance_url", "IP address"]),
        (token_path(), instance("https://evil.example"), 16, ["instance_url", "--allow-host evil.example"]),
        (token_path(), redirect(307), 9, ["redirect", "never followed"]),
        (token_path(), redirect(308), 9, ["redirect", plain]),
        (Target::Path("/services/data".to_owned()), redirect(301), 9, ["redirect", plain]),
        (users(), redirect(302), 9, ["redirect", plain]),
        (users(), redirect(307), 9, ["redirect", plain]),
        (users(), next(&format!("{plain}/services/data/v66.0/query/x")), 2, ["User", "not a path of the org"]),
        (users(), next(&plain.replace("http:", "")), 2, ["User", "not a path of the org"]),
    ] {
        let demo = demo();
        demo.server.add_fault(Fault::new(target, None, action.clone()));
        demo.run().output().failed(code, &says);
        assert!(other.server.calls().is_empty(), "{action:?}: the token went elsewhere");
    }
}

#[test]
fn a_redirect_to_a_strangers_host_is_not_given_as_advice() {
    let moved = |location: &str| {
        let demo = demo();
        let action = Action::Redirect { status: 301, location: location.to_owned() };
        demo.server.add_fault(Fault::new(token_path(), None, action));
        demo.run().output()
    };
    moved("https://new.my.salesforce.com/x").failed(9, &["give --domain new.my.salesforce.com"]);
    let ran = moved("https://evil.example/x");
    ran.failed(9, &["https://evil.example", "no host of Salesforce's"]);
    assert!(!ran.stderr().contains("--domain evil") && !ran.stderr().contains("--domain https"), "{}", ran.stderr());
}

/// The same as the library's property, with the whole program: whoever is asked for is Salesforce.
#[test]
fn no_refused_host_is_ever_contacted() {
    const JOINTS: &[&str] = &[".", ".", "@", "\\", "#", "/", "%2e", "。", ":443", "-", "\t", "//", "?"];
    const NAMES: &[&str] = &[
        "acme",
        "acme.my.salesforce.com",
        "acme.lightning.force.com",
        "my.salesforce.com",
        "salesforce.com",
        "evil.example",
        "evil",
        "example",
        "10.1.2.3",
        "mcas.ms",
        "na1.salesforce.com",
        "xn--salesforce-x.com",
    ];
    let scheme = proptest::sample::select(&["", "https://", "http://"][..]);
    let name = || proptest::sample::select(NAMES);
    let strategy = (scheme, name(), proptest::sample::select(JOINTS), name())
        .prop_map(|(scheme, one, joint, other)| format!("{scheme}{one}{joint}{other}"));
    let proxy = Proxy::start();
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&strategy, |domain| {
            let (ran, asked) = proxy.run(&domain, &[]);
            let is_ours = |line: &String| {
                let host = line.strip_prefix("CONNECT ").and_then(|line| line.strip_suffix(":443 HTTP/1.1"));
                let mut labels: Vec<_> = host.unwrap_or_default().split('.').collect();
                labels.reverse();
                labels.len() > 3
                    && (labels[..3] == ["com", "salesforce", "my"]
                        || labels[..2] == ["com", "salesforce"] && labels[3] == "my")
            };
            prop_assert!(asked.iter().all(is_ours), "{domain}: {asked:?}");
            prop_assert_eq!(ran.code(), if asked.is_empty() { 3 } else { 14 }, "{}: {}", domain, ran.stderr());
            Ok(())
        })
        .unwrap();
}
