//! Secrets are planted everywhere, everything is made to fail, and whatever was written is searched for them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use baton_salesforce::demo::{self, Action, Fault, Org, ServerOptions, Shape, Target};
use tempfile::TempDir;

use crate::browser::{self, Browser, Waiting};
use crate::support::{Demo, Ran, Run};

const TOKEN: &str = "/services/oauth2/token";
/// A session id that Salesforce sends back in its own texts.
const SESSION: &str = "00D5f000000AAAA!AQ0AQPcanary.session_7Zk0000000000000000000000000";

/// All ways to be loud.
const LOUD: [[&str; 4]; 3] = [
    ["--log-level", "trace", "--log-format", "console"],
    ["--log-level", "trace", "--log-format", "json"],
    ["--log-level", "trace", "--progress", "json"],
];

/// Where nothing goes wrong, all ways; else one after the other.
fn louds(n: usize) -> Vec<[&'static str; 4]> {
    if n == 0 { LOUD.to_vec() } else { vec![LOUD[n % LOUD.len()]] }
}

/// What goes wrong; the first one is nothing.
fn faults() -> Vec<Vec<Fault>> {
    let on = |object: &str| Target::Object(object.to_owned());
    let path = |path: &str| Target::Path(path.to_owned());
    let status = |status, content_type: &str, body: String| Action::Status {
        status,
        content_type: content_type.to_owned(),
        body,
        headers: Vec::new(),
    };
    let json = "application/json";
    vec![
        Vec::new(),
        vec![Fault::api_error(Target::Any, None, 401, "INVALID_SESSION_ID", &format!("expired: {SESSION}"))],
        vec![Fault::api_error(on("User"), None, 500, "UNKNOWN_EXCEPTION", &format!("Bearer {SESSION}"))],
        vec![Fault::new(on("Group"), None, status(503, "text/html", format!("<h1>{SESSION}</h1>")))],
        vec![Fault::new(
            on("Profile"),
            None,
            status(400, json, format!("[{{\"errorCode\":\"X\",\"message\":\"{SESSION}\"}}]")),
        )],
        vec![Fault::new(on("User"), None, Action::Reset)],
        vec![Fault::new(on("Group"), None, Action::Cut { after_bytes: 10, with_content_length: true })],
        vec![Fault::new(
            on("User"),
            None,
            Action::Redirect { status: 302, location: format!("https://evil.example/?sid={SESSION}") },
        )],
        vec![Fault::new(path(TOKEN), None, Action::Replace { body: format!("{{\"access_token\":\"{SESSION}\"}}") })],
        vec![Fault::new(path(TOKEN), None, Action::Replace { body: format!("{{{SESSION}") })],
        vec![Fault::new(
            path(TOKEN),
            None,
            status(400, json, format!("{{\"error\":\"invalid_grant\",\"error_description\":\"{SESSION}\"}}")),
        )],
        vec![Fault::new(path(TOKEN), None, status(502, "text/html", format!("<html>{SESSION}</html>")))],
        // A code is Salesforce's own word, until it is somebody else's.
        vec![Fault::new(
            path(TOKEN),
            None,
            status(400, json, format!("{{\"error\":\"x {SESSION}\",\"error_description\":\"no\"}}")),
        )],
        vec![Fault::new(
            path("/services/oauth2/revoke"),
            None,
            status(502, "text/html", format!("<p>token={}</p>", SESSION.replace('!', "%21"))),
        )],
        vec![Fault::new(path("/services/oauth2/userinfo"), None, status(403, "text/plain", SESSION.to_owned()))],
    ]
}

fn org(faults: &[Fault]) -> (Demo, String) {
    let (jwt, key) = demo::key_pair().unwrap();
    let options = ServerOptions { jwt: Some(jwt), faults: faults.to_vec(), ..ServerOptions::default() };
    (Demo::start(Org::generate(Shape::Small, 1), options), key)
}

/// No part of a run shows any of these, nor anything that looks like a session id or an assertion.
#[track_caller]
fn assert_shows_none<'s>(ran: &Ran, secrets: impl IntoIterator<Item = &'s str>) {
    let mut shown = ran.stderr() + &ran.stdout();
    for file in std::fs::read_dir(ran.folder.path()).unwrap() {
        let path = file.unwrap().path();
        // What the test itself has put there.
        if path.extension().is_none_or(|ending| ending != "secret") && path.is_file() {
            shown += &String::from_utf8_lossy(&std::fs::read(path).unwrap());
        }
    }
    // `{"alg":` in Base64, with which each assertion begins. Less of it comes about by chance in what is random.
    for secret in secrets.into_iter().chain(["canary", "eyJhbGciOi", "PRIVATE KEY"]) {
        assert!(!shown.contains(secret), "`{secret}` was shown in:\n{shown}");
    }
}

/// The tokens that a store holds.
fn tokens(store: &TempDir) -> Vec<String> {
    let login = browser::stored(store);
    ["access_token", "refresh_token", "accessToken", "refreshToken"]
        .iter()
        .filter_map(|name| login[*name].as_str().map(str::to_owned))
        .collect()
}

#[test]
fn no_unattended_login_shows_a_secret_whatever_goes_wrong() {
    for (n, faults) in faults().into_iter().enumerate() {
        for loud in louds(n) {
            let (demo, key) = org(&faults);
            let server = &demo.server;
            let base = || Run::new().args(["--domain", server.url(), "-f", "sync.json"]).args(loud);
            let app = || base().args(["--salesforce-client-id", server.client_id()]);
            let (secret, refresh, access) =
                (server.client_secret().to_owned(), server.refresh_token(), server.access_token());
            let line: String = key.lines().nth(1).unwrap().to_owned();
            let runs = [
                app().env("BATON_SALESFORCE_CLIENT_SECRET", &secret),
                app().file("a.secret", &secret).args(["--salesforce-client-secret-file", "a.secret"]),
                app().arg("--salesforce-client-secret").arg(&secret),
                app().env("BATON_SALESFORCE_REFRESH_TOKEN", &refresh).args(["--refresh-token-out", "new.secret"]),
                app().file("key.secret", &key).args([
                    "--salesforce-private-key",
                    "key.secret",
                    "--salesforce-jwt-subject",
                    "ada.admin@acme.example",
                ]),
                app()
                    .env("BATON_SALESFORCE_PRIVATE_KEY", &key)
                    .env("BATON_SALESFORCE_JWT_SUBJECT", "ada.admin@acme.example"),
                base().env("BATON_SALESFORCE_ACCESS_TOKEN", &access),
                base().env("BATON_SALESFORCE_ACCESS_TOKEN", "canary with a blank"),
            ];
            // What fails after the login fails alike for all.
            let few = faults.iter().any(|fault| !matches!(&fault.on, Target::Path(path) if path == TOKEN));
            for run in runs.into_iter().skip(if few { n % 4 } else { 0 }).step_by(if few { 4 } else { 1 }) {
                assert_shows_none(&run.output(), [&*secret, &*refresh, &*access, &*line]);
            }
        }
    }
}

#[test]
fn no_login_of_a_person_shows_a_secret_whatever_goes_wrong() {
    for (n, faults) in faults().into_iter().enumerate() {
        for loud in louds(n) {
            let (demo, _) = org(&[]);
            let store = tempfile::tempdir().unwrap();
            let run = browser::login(&demo, &store).args(loud).env("BATON_SALESFORCE_CLIENT_SECRET", "canary");
            let waiting = Waiting::start(run);
            let location = Browser::new().submit(&waiting.url, None, "allow").location.unwrap();
            let code = location.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
            Browser::new().get(&location);
            // The app's secret is wrong.
            assert_shows_none(&waiting.finish(), [&*code]);

            let waiting = Waiting::start(browser::login(&demo, &store).args(loud));
            let location = Browser::new().submit(&waiting.url, None, "allow").location.unwrap();
            let code = location.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
            Browser::new().get(&location);
            let ran = waiting.finish();
            assert_eq!(ran.code(), 0, "{}", ran.stderr());
            let kept = tokens(&store);
            assert_eq!(kept.len(), 2);
            let secrets = || kept.iter().map(String::as_str).chain([&*code]);
            assert_shows_none(&ran, secrets());
            for fault in &faults {
                demo.server.add_fault(fault.clone());
            }
            demo.server.expire_sessions();
            for name in ["", "check", "status", "logout"] {
                let run = browser::command(&demo, name, &store).args(loud);
                let run = if name.is_empty() { run.args(["-f", "sync.json"]) } else { run };
                assert_shows_none(&run.output(), secrets());
            }
        }
    }
}

#[test]
fn what_is_searched_for_would_have_been_shown() {
    let (demo, _) = org(&faults()[1]);
    let ran = demo.run().output();
    assert!(ran.stderr().contains("expired: (secret)"), "{}", ran.stderr());
}

#[test]
fn no_mistake_in_the_settings_shows_a_secret() {
    let packed = STANDARD.encode("-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n");
    for loud in LOUD {
        for wrong in [
            vec!["--salesforce-private-key", "-----BEGIN RSA PRIVATE KEY-----canary"],
            vec!["--salesforce-private-key", "MIIEvAIBADANBgkqhkiG9w0BAQEFAASC1canary/KYwggSi+AgEAAoIBAQDE"],
            vec!["--salesforce-private-key-file", "MIIEvAIBADANBgkqhkiG9w0BAQEFAASC1canary/KYwggSi+AgEAAoIBAQDE"],
            // A whole key, in Base64.
            vec!["--salesforce-private-key", &packed],
            vec!["--salesforce-private-key-file", &packed],
            vec!["--salesforce-client-secret-file", "canaryC0FFEE0123456789"],
            vec!["--salesforce-refresh-token-file", "5Aep861canary.0123456789abcdef_x"],
            vec!["--salesforce-client-secret", "-canary"],
            vec!["--salesforce-client-secret", "--canary"],
            vec!["--salesforce-client-secret=canary", "--salesforce-client-secret-file", "nowhere"],
            vec!["--salesforce-password", "canary"],
            vec!["--proxy", "http://ada:canary@127.0.0.1:1", "--salesforce-access-token", "x"],
            vec!["--proxy", "ada:canary@127.0.0.1:1", "--salesforce-access-token", "x"],
            vec!["--proxy", "http://ada:canary@[", "--salesforce-access-token", "x"],
            vec!["--domain", "https://ada:canary@acme.my.salesforce.com"],
            vec!["--domain", "https://acme.my.salesforce.com/?sid=canary"],
        ] {
            let ran = Run::new().args(["--domain", "acme", "-f", "sync.json"]).args(&wrong).args(loud).output();
            assert_ne!(ran.code(), 0, "{wrong:?}");
            let shown = ran.stderr() + &ran.stdout();
            assert!(!shown.contains("canary") && !shown.contains(&*packed), "{wrong:?} was shown in:\n{shown}");
        }
    }
}
