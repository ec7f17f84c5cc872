//! What Salesforce says when it refuses a login, and what the program makes of it: every reason that it knows, as the
//! real program tells it.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Output, Stdio};

use baton_salesforce::auth::refusals::{REASONS, Reason};
use baton_salesforce::auth::{Login, Method, Store};
use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};
use baton_salesforce::net::Domain;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Demo, Run};

/// What the token endpoint says, and what is made of it: the exit code, and a part of the advice.
const TOKEN: &[(&str, &str, i32, &str)] = &[
    ("invalid_client_id", "client identifier invalid", 16, "--salesforce-client-id"),
    ("invalid_client", "invalid client credentials", 16, "Consumer Key and Secret"),
    ("invalid_grant", "no client credentials user enabled", 16, "run-as user"),
    ("invalid_grant", "request not supported on this domain", 16, "Current My Domain URL"),
    ("invalid_app_access", "user is not admin approved to access this app", 16, "Select Permission Sets"),
    ("invalid_grant", "user hasn't approved this consumer", 16, "Admin approved users are pre-authorized"),
    ("app_not_found", "External client app is not installed in this org", 16, "External Client App in this org"),
    ("unsupported_grant_type", "grant type not supported", 16, "Flow Enablement"),
    ("redirect_uri_mismatch", "redirect_uri must match configuration", 16, "Callback URL"),
    ("invalid_grant", "inactive user", 16, "Setup \u{2192} Users"),
    ("inactive_user", "user is inactive", 16, "Setup \u{2192} Users"),
    ("invalid_grant", "inactive organization", 16, "status.salesforce.com"),
    ("inactive_org", "organization is locked, closed, or suspended", 16, "status.salesforce.com"),
    ("invalid_grant", "ip restricted", 16, "Login IP Ranges"),
    ("invalid_grant", "Audience validation failed", 16, "https://test.salesforce.com"),
    ("invalid_grant", "audience is invalid", 16, "https://test.salesforce.com"),
    ("invalid_grant", "invalid assertion", 16, "Enable JWT Bearer Flow"),
    ("invalid_grant", "login rate exceeded", 8, "--login-store"),
    ("invalid_grant", "expired access/refresh token", 16, "--refresh-token-out"),
    ("invalid_grant", "expired authorization code", 16, "log in again"),
    ("invalid_grant", "invalid code verifier", 16, "log in again"),
    ("invalid_grant", "authentication failure", 16, "Login History"),
    ("invalid_grant", "authentication failure - Invalid Password", 16, "Login History"),
    ("invalid_grant", "something new", 16, "the app's policies"),
    ("unknown_error", "retry your request", 14, "run it again"),
];

/// The same of what the browser comes back with.
const BROWSER: &[(&str, &str, i32, &str)] = &[
    ("OAUTH_APP_BLOCKED", "this app is blocked by admin", 16, "API Access Control"),
    ("OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app", 16, "Select Permission Sets"),
    (
        "OAUTH_EC_APP_NOT_FOUND",
        "External client app is not installed in this org",
        16,
        "External Client App in this org",
    ),
    (
        "OAUTH_AUTHORIZATION_BLOCKED",
        "Cross-org OAuth flows are not supported for this external client app",
        16,
        "the app's own org",
    ),
    (
        "OAUTH_APPROVAL_ERROR_GENERIC",
        "An unexpected error has occured during authentication",
        16,
        "Connected Apps OAuth Usage",
    ),
    ("invalid_request", "missing required code challenge", 16, "the whole address"),
    ("redirect_uri_mismatch", "redirect_uri must match configuration", 16, "http://localhost:8499/callback"),
    ("invalid_client_id", "client identifier invalid", 16, "--salesforce-client-id"),
    ("unsupported_response_type", "response type not supported", 16, "Flow Enablement"),
    ("invalid_scope", "the requested scope is not allowed", 16, "refresh_token, offline_access"),
    ("access_denied", "end-user denied authorization", 1, ""),
];

fn refusing(error: &str, description: &str) -> Demo {
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    let body = json!({"error": error, "error_description": description}).to_string();
    let content_type = "application/json;charset=UTF-8".to_owned();
    let action = Action::Status { status: 400, content_type, body, headers: Vec::new() };
    demo.server.add_fault(Fault::new(Target::Path("/services/oauth2/token".to_owned()), None, action));
    demo
}

/// The program's only line, which is the error.
fn error_of(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn assert_told(told: &Value, (error, description, code, advice): (&str, &str, i32, &str)) -> &'static Reason {
    assert_eq!(told["code"], code, "{told}");
    // Salesforce's own words first, then what they mean, then what to do.
    assert!(told["message"].as_str().unwrap().contains(&format!("{error}: {description}")), "{told}");
    let reason = Reason::of(error, description).unwrap();
    assert_eq!(told["meaning"], reason.meaning, "{told}");
    assert!(told["advice"].as_str().unwrap().contains(advice), "`{advice}` is not in {told}");
    reason
}

#[test]
fn every_refusal_is_told_with_its_meaning_and_what_to_change() {
    let mut told = BTreeSet::new();
    for case in TOKEN {
        let demo = refusing(case.0, case.1);
        let output = demo.run().args(["--log-format", "json"]).output().output;
        assert_eq!(output.status.code(), Some(case.2), "{case:?}");
        told.insert(assert_told(&error_of(&output), *case).meaning);
        // Nothing is asked twice: some of these count towards locking the user.
        assert_eq!(demo.token_calls(), 1, "{case:?}");
    }
    for case in BROWSER {
        let output = come_back_with(case.0, case.1);
        assert_eq!(output.status.code(), Some(case.2), "{case:?}");
        if case.2 == 1 {
            assert!(error_of(&output)["message"].as_str().unwrap().contains("declined"));
        } else {
            told.insert(assert_told(&error_of(&output), *case).meaning);
        }
    }
    let untold: Vec<_> = REASONS.iter().filter(|reason| !told.contains(reason.meaning)).collect();
    assert!(untold.is_empty(), "no test tells {untold:?}");
}

/// A login whose browser ends at such an address, which a person pastes.
fn come_back_with(error: &str, description: &str) -> Output {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("error", error), ("error_description", description)])
        .finish();
    let store = tempfile::tempdir().unwrap();
    let run = Run::new().args(["login", "--domain", "acme", "--salesforce-client-id", "id", "--no-browser"]);
    let (mut command, _folder) = run.args(["--log-format", "json"]).store(&store).command();
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "http://localhost:8499/callback?{query}").unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_person_reads_what_it_means_and_what_to_do_below_what_salesforce_says() {
    let ran = refusing("invalid_grant", "ip restricted").run().output();
    ran.failed(
        16,
        &["error: the login was refused: invalid_grant: ip restricted (HTTP 400)\n  why: ", "\n  do: add the"],
    );
}

#[test]
fn an_unknown_refusal_is_told_in_salesforces_own_words() {
    let ran = refusing("brand_new", "So geht das nicht").run().output();
    ran.failed(16, &["the login was refused: brand_new: So geht das nicht (HTTP 400)"]);
    assert!(!ran.stderr().contains("why:") && !ran.stderr().contains("do:"), "{}", ran.stderr());
    let ran = refusing("invalid_grant", "").run().output();
    ran.failed(16, &["the login was refused: invalid_grant", "Login History"]);
}

/// A refusal that is not about the token leaves a person's login as it is.
#[test]
fn a_login_is_not_given_up_for_a_refusal_that_is_about_something_else() {
    for (description, says, must_log_in_again) in [
        ("expired access/refresh token", "log in again", true),
        ("ip restricted", "Login IP Ranges", false),
        ("inactive user", "Setup \u{2192} Users", false),
    ] {
        let store = tempfile::tempdir().unwrap();
        let demo = refusing("invalid_grant", description);
        keep_login(&demo, &store);
        let method = ["--domain", demo.server.url(), "--salesforce-client-id", demo.server.client_id()];
        let ran = Run::new().args(method).store(&store).output();
        ran.failed(16, &[description, says, "why: "]);
        assert_eq!(ran.stderr().contains("baton-salesforce login --domain"), must_log_in_again, "{}", ran.stderr());
    }
}

/// Puts a person's login into the store, whose access token has ended.
fn keep_login(demo: &Demo, store: &TempDir) {
    let domain = Domain::parse(demo.server.url()).unwrap();
    let method = Method::Stored { client_id: demo.server.client_id().to_owned(), client_secret: None };
    let key = method.key(&domain, None).unwrap();
    let mut login = Login::new(&key, demo.server.url().to_owned());
    login.refresh_token = Some(demo.server.refresh_token().into());
    let store = Store::at(store.path().to_owned());
    store.begin(&key, &store.lock(&key).unwrap()).unwrap().commit(&login).unwrap();
}
