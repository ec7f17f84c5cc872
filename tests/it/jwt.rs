//! Logging in by JWT bearer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use baton_salesforce::demo::{self, Action, Fault, JwtApp, Org, ServerOptions, Shape, Target};

use crate::support::{Demo, Run};

const SUBJECT: &str = "ada.admin@acme.example";

/// An org whose app has a certificate, and the key that belongs to it.
fn org(change: impl FnOnce(&mut ServerOptions)) -> (Demo, String) {
    let (app, key) = demo::key_pair().unwrap();
    let mut options = ServerOptions { jwt: Some(app), ..ServerOptions::default() };
    change(&mut options);
    (Demo::start(Org::generate(Shape::Small, 1), options), key)
}

/// A run with this key in a file.
fn run(demo: &Demo, key: &str) -> Run {
    run_as(demo, key, SUBJECT)
}

fn run_as(demo: &Demo, key: &str, subject: &str) -> Run {
    let run = Run::new().file("key.pem", key);
    let path = run.path("key.pem");
    run.args(["--domain", demo.server.url(), "--salesforce-client-id", demo.server.client_id(), "-f", "sync.json"])
        .args(["--salesforce-jwt-subject", subject, "--salesforce-private-key"])
        .arg(path)
}

#[test]
fn a_key_logs_in_without_a_person_and_its_token_is_kept() {
    let (demo, key) = org(|_| ());
    let store = tempfile::tempdir().unwrap();
    for _ in 0..3 {
        let document = run(&demo, &key).store(&store).output().document();
        assert_eq!(document.0["sync"]["runBy"]["authMethod"], "jwt-bearer");
        assert_eq!(document.0["sync"]["runBy"]["username"], SUBJECT);
    }
    assert_eq!(demo.token_calls(), 1);
    // Another user's token is not his.
    run_as(&demo, &key, "nobody@acme.example").store(&store).output().failed(16, &["user hasn't approved"]);
    assert_eq!(demo.token_calls(), 2);
    let store_files: Vec<_> = std::fs::read_dir(store.path()).unwrap().map(|file| file.unwrap().path()).collect();
    for file in store_files.iter().filter(|path| path.is_file()) {
        assert!(!std::fs::read_to_string(file).unwrap_or_default().contains("PRIVATE KEY"));
    }
}

#[test]
fn the_key_may_come_from_the_environment() {
    let (demo, key) = org(|_| ());
    let packed = STANDARD.encode(&key);
    // As stores of secrets and hosts hand it over.
    for form in [&key, &packed, &format!("data:application/json;base64,{packed}")] {
        let run = Run::new()
            .args(["--domain", demo.server.url(), "--salesforce-client-id", demo.server.client_id(), "-f", "sync.json"])
            .env("BATON_SALESFORCE_JWT_SUBJECT", SUBJECT)
            .env("BATON_SALESFORCE_PRIVATE_KEY", form);
        assert_eq!(run.output().document().0["sync"]["runBy"]["authMethod"], "jwt-bearer");
        run_as(&demo, form, SUBJECT).output().document();
    }
}

/// A key beside a token was passed over without a word, and the document was of the token's user.
#[test]
fn a_key_beside_another_login_is_refused_unless_one_of_them_is_named() {
    let (demo, key) = org(|_| ());
    let token = || run(&demo, &key).env("BATON_SALESFORCE_ACCESS_TOKEN", demo.server.access_token());
    token().output().failed(3, &["BATON_SALESFORCE_ACCESS_TOKEN", "--salesforce-private-key", "--auth-method"]);
    run(&demo, &key).env("BATON_SALESFORCE_REFRESH_TOKEN", "x").output().failed(3, &["BATON_SALESFORCE_REFRESH_TOKEN"]);
    run(&demo, &key).arg("--demo").output().failed(3, &["--demo", "exclude each other"]);
    assert!(demo.server.calls().is_empty());
    let named = token().args(["--auth-method", "access-token"]).output();
    assert_eq!(named.document().0["sync"]["runBy"]["authMethod"], "access-token");
    assert!(named.stderr().contains("--salesforce-private-key are not used"), "{}", named.stderr());
    let named = token().args(["--auth-method", "jwt-bearer"]).output();
    assert_eq!(named.document().0["sync"]["runBy"]["username"], SUBJECT);
    assert!(named.stderr().contains("BATON_SALESFORCE_ACCESS_TOKEN is not used"), "{}", named.stderr());
}

#[test]
fn each_refusal_is_told_with_its_reason() {
    let (demo, key) = org(|_| ());
    let (_, other) = demo::key_pair().unwrap();
    run(&demo, &other).output().failed(16, &["invalid assertion", "certificate"]);
    run(&demo, &key)
        .args(["--salesforce-login-url", "https://test.salesforce.com"])
        .output()
        .failed(16, &["audience is invalid", "--salesforce-login-url"]);
    let own = run(&demo, &key).args(["--salesforce-login-url", demo.server.url()]).output();
    assert_eq!(own.code(), 0, "{}", own.stderr());
    let (strict, key) = org(|options| options.jwt = options.jwt.take().map(|app| JwtApp { is_approved: false, ..app }));
    run(&strict, &key).output().failed(16, &["user hasn't approved this consumer"]);
    let (without, key) = org(|options| options.jwt = None);
    run(&without, &key).output().failed(16, &["unsupported_grant_type"]);
}

/// Since Spring '26 many External Client Apps refuse assertions for the login host, and say that there is no such app.
#[test]
fn an_app_that_is_known_at_its_own_address_alone_is_logged_in_to() {
    let home = |options: &mut ServerOptions| {
        options.jwt = options.jwt.take().map(|app| JwtApp { is_known_at_home_alone: true, ..app });
    };
    let (demo, key) = org(home);
    run(&demo, &key).output().document();
    assert_eq!(demo.token_calls(), 2);
    // Whom a person names is the only one.
    let (demo, key) = org(home);
    let named = run(&demo, &key).args(["--salesforce-login-url", "https://login.salesforce.com"]);
    named.output().failed(16, &["app_not_found", "My Domain"]);
    assert_eq!(demo.token_calls(), 1);
    // What is refused for another reason is not tried again.
    let (demo, _) = org(home);
    let (_, other) = demo::key_pair().unwrap();
    run(&demo, &other).output().failed(16, &["invalid assertion"]);
    assert_eq!(demo.token_calls(), 1);
}

/// Users of a site of Experience Cloud are known there alone: tokens are asked for at the site, and assertions made out to
/// it, while the org stays where it is.
#[test]
fn a_site_gives_tokens_for_its_users() {
    let site = |options: &mut ServerOptions| {
        options.jwt = options.jwt.take().map(|app| JwtApp { site: Some("/partners".to_owned()), ..app });
    };
    let (demo, key) = org(site);
    let at = |url: &str| run(&demo, &key).args(["--salesforce-token-url", url]);
    let url = format!("{}/partners", demo.server.url());
    at(&url).output().document();
    let asked = || demo.server.calls().iter().map(|call| call.path.clone()).collect::<Vec<_>>();
    assert_eq!(asked()[0], "/partners/services/oauth2/token");
    assert_eq!(demo.token_calls(), 0);
    // The endpoint itself is as good.
    at(&format!("{url}/services/oauth2/token")).output().document();
    // The audience is a setting of its own.
    let other = at(&url).args(["--salesforce-login-url", "https://login.salesforce.com"]).output();
    other.failed(16, &["audience is invalid", "--salesforce-login-url"]);
    let both = run(&demo, &key).args(["--salesforce-login-url", &url]).output();
    both.failed(16, &["audience is invalid"]);
    let elsewhere = at(&format!("{}/customers", demo.server.url()));
    elsewhere.output().failed(5, &["HTTP 404", "--salesforce-token-url"]);
}

#[test]
fn a_token_that_is_asked_for_elsewhere_is_one_of_the_same_org() {
    let (demo, key) = org(|_| ());
    let (other, _) = org(|_| ());
    // It answers for the org that is meant.
    let token = demo.server.access_token();
    let answer = |url: &str| Action::Replace {
        body: format!(r#"{{"access_token": "{token}", "instance_url": "{url}", "token_type": "Bearer"}}"#),
    };
    let fault = |url| Fault::new(Target::Path("/services/oauth2/token".to_owned()), Some(1), answer(url));
    let at_other = || run(&demo, &key).args(["--salesforce-token-url", other.server.url()]);
    other.server.add_fault(fault(demo.server.url()));
    at_other().output().document();
    assert_eq!((demo.token_calls(), other.token_calls()), (0, 1));
    // Then for another one.
    other.server.add_fault(fault(other.server.url()));
    let calls = demo.server.calls().len();
    let host = |demo: &Demo| demo.server.url().trim_start_matches("http://").to_owned();
    at_other()
        .output()
        .failed(9, &["the login leads to the org at", &host(&other), &host(&demo), "--salesforce-jwt-subject"]);
    assert_eq!((demo.server.calls().len(), other.server.calls().len()), (calls, 2));
}

#[test]
fn an_assertion_goes_to_hosts_of_salesforce_alone() {
    let (demo, key) = org(|_| ());
    for (url, says) in [
        ("https://evil.example/partners", "`evil.example` is not a host of Salesforce's"),
        ("https://acme.my.site.com.evil.example", "evil.example"),
        ("http://acme.my.site.com", "not `https`"),
        ("https://acme.my.site.com", "this machine and others do not go together"),
    ] {
        let ran = run(&demo, &key).args(["--salesforce-token-url", url]).output();
        ran.failed(3, &["--salesforce-token-url", says]);
    }
    assert!(demo.server.calls().is_empty());
}

#[test]
fn a_clock_that_is_wrong_is_told() {
    for (date, says) in [("Wed, 01 Jan 2020 00:00:00 GMT", "ahead of"), ("Thu, 01 Jan 2099 00:00:00 GMT", "behind")] {
        let (demo, key) = org(|options| options.date = Some(date.to_owned()));
        run(&demo, &key)
            .output()
            .failed(16, &["invalid assertion", "this machine's clock is", says, "set this machine's clock"]);
    }
}

#[test]
fn a_key_that_cannot_be_used_is_refused_before_anything_is_sent() {
    let (demo, key) = org(|_| ());
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    run(&demo, &encrypted).output().failed(3, &["is encrypted", "openssl rsa"]);
    run(&demo, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n").output().failed(3, &["public key"]);
    run(&demo, "").output().failed(3, &["no private key"]);
    let cut = &key[..key.len() / 2];
    run(&demo, cut).output().failed(3, &[]);
    assert!(demo.server.calls().is_empty());
}
