//! Logging in, and what becomes of secrets.

use baton_salesforce::demo::{Action, ClientCredentials, Fault, Org, ServerOptions, Shape, Target};

use crate::support::{Demo, Ran, Run};

fn demo(options: ServerOptions) -> Demo {
    Demo::start(Org::generate(Shape::Small, 1), options)
}

fn refresh(demo: &Demo, token: &str) -> Run {
    Run::new()
        .args(["--domain", demo.server.url(), "--salesforce-client-id", demo.server.client_id()])
        .env("BATON_SALESFORCE_CLIENT_SECRET", demo.server.client_secret())
        .env("BATON_SALESFORCE_REFRESH_TOKEN", token)
}

#[test]
fn client_credentials_log_in() {
    let demo = demo(ServerOptions::default());
    let document = demo.run().output().document();
    let run_by = &document.0["sync"]["runBy"];
    assert_eq!(run_by["authMethod"], "client-credentials");
    assert_eq!(run_by["clientId"], demo.server.client_id());
    assert_eq!(run_by["userId"], demo.server.org().user_id());
    assert!(run_by["username"].is_string());
}

#[test]
fn an_access_token_logs_in() {
    let demo = demo(ServerOptions::default());
    let run = Run::new().args(["--domain", demo.server.url(), "--salesforce-access-token-file", "token"]);
    let document = run.file("token", &format!("{}\n", demo.server.access_token())).output().document();
    assert_eq!(document.0["sync"]["runBy"]["authMethod"], "access-token");
    assert!(demo.server.calls().iter().all(|call| call.path != "/services/oauth2/token"));
}

#[test]
fn a_rotated_refresh_token_is_kept_or_its_loss_is_told() {
    let demo = demo(ServerOptions { rotate_refresh_tokens: true, ..ServerOptions::default() });
    let old = demo.server.refresh_token();
    let ran = refresh(&demo, &old).args(["--refresh-token-out", "new-token"]).output();
    assert_eq!(ran.document().0["sync"]["runBy"]["authMethod"], "oauth");
    let new = std::fs::read_to_string(ran.path("new-token")).unwrap().trim().to_owned();
    assert_ne!(new, old);
    assert!(!ran.stderr().contains("--refresh-token-out"), "{}", ran.stderr());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(ran.path("new-token")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The old one is dead, the new one works, and without a place for the next one its loss is told.
    refresh(&demo, &old).output().failed(16, &["expired access/refresh token", "--refresh-token-out"]);
    let ran = refresh(&demo, &new).output();
    ran.document();
    assert!(ran.stderr().contains("is lost"), "{}", ran.stderr());
}

#[test]
fn a_place_for_the_new_token_that_cannot_be_written_costs_no_login() {
    let demo = demo(ServerOptions { rotate_refresh_tokens: true, ..ServerOptions::default() });
    let token = demo.server.refresh_token();
    refresh(&demo, &token).args(["--refresh-token-out", "nowhere/token"]).output().failed(2, &["nowhere/token"]);
    assert!(demo.server.calls().is_empty());
}

#[test]
fn a_refused_login_is_explained() {
    let allowed = demo(ServerOptions::default());
    let secret = |run: Run, secret: &str| run.env("BATON_SALESFORCE_CLIENT_SECRET", secret).output();
    secret(allowed.run_without_secret(), "wrong").failed(16, &["invalid_client", "External Client App Manager"]);
    let unknown = Run::new().args(["--domain", allowed.server.url(), "--salesforce-client-id", "nobody"]);
    secret(unknown, "x").failed(16, &["invalid_client_id", "--salesforce-client-id"]);
    for (state, says) in [
        (ClientCredentials::WrongDomain, ["request not supported on this domain", "My Domain"]),
        (ClientCredentials::NoRunAsUser, ["no client credentials user enabled", "run-as user"]),
        (ClientCredentials::NotApproved, ["user is not admin approved", "Policies"]),
    ] {
        let demo = demo(ServerOptions { client_credentials: state, ..ServerOptions::default() });
        demo.run().output().failed(16, &says);
    }
    let run = Run::new().args(["--domain", allowed.server.url()]).env("BATON_SALESFORCE_ACCESS_TOKEN", "00Dx!nobody");
    run.output().failed(16, &["INVALID_SESSION_ID", "Session expired or invalid"]);
}

#[test]
fn an_answer_that_points_elsewhere_is_refused() {
    for instance in
        ["https://evil.example", "http://acme.my.salesforce.com", "https://acme.my.salesforce.com.evil.example"]
    {
        let demo = demo(ServerOptions::default());
        let body = format!(r#"{{"access_token":"canary-token","instance_url":"{instance}","token_type":"Bearer"}}"#);
        demo.server.add_fault(Fault::new(
            Target::Path("/services/oauth2/token".to_owned()),
            None,
            Action::Replace { body },
        ));
        demo.run().output().failed(16, &["instance_url"]);
        assert_eq!(demo.server.calls().len(), 1);
    }
}

#[test]
fn a_token_endpoint_that_is_none_is_told() {
    let demo = demo(ServerOptions::default());
    let action = Action::Status {
        status: 200,
        content_type: "text/html".to_owned(),
        body: "<html><body>Wartung</body></html>".to_owned(),
        headers: Vec::new(),
    };
    demo.server.add_fault(Fault::new(Target::Path("/services/oauth2/token".to_owned()), None, action));
    demo.run().output().failed(14, &["Wartung", "--domain"]);
}

/// Whatever happens, at the loudest level, in both formats: no secret is shown.
#[test]
fn no_secret_is_ever_shown() {
    let any = |status| Fault::api_error(Target::Any, None, status, "INVALID_SESSION_ID", "no");
    let token_path = || Target::Path("/services/oauth2/token".to_owned());
    let faults = [
        None,
        Some(any(401)),
        Some(any(500)),
        Some(Fault::new(Target::Any, None, Action::Reset)),
        Some(Fault::new(
            Target::Object("User".to_owned()),
            None,
            Action::Redirect { status: 302, location: "https://evil.example/x".to_owned() },
        )),
        Some(Fault::new(token_path(), None, Action::Replace { body: "{\"access_token\":\"canary-a\"}".to_owned() })),
        Some(Fault::new(token_path(), None, Action::Replace { body: "{canary-a".to_owned() })),
        Some(Fault::new(
            Target::Object("Group".to_owned()),
            None,
            Action::Cut { after_bytes: 10, with_content_length: true },
        )),
    ];
    for fault in faults {
        for format in ["console", "json"] {
            let demo = demo(ServerOptions { faults: fault.clone().into_iter().collect(), ..ServerOptions::default() });
            let loud = ["--log-level", "trace", "--log-format", format];
            let secrets =
                [demo.server.client_secret().to_owned(), demo.server.access_token(), demo.server.refresh_token()];
            let with_file = demo.run_without_secret().args(["--salesforce-client-secret-file", "secret"]).args(loud);
            let with_file = with_file.file("secret", &secrets[0]).output();
            let with_token = Run::new()
                .args(["--domain", demo.server.url()])
                .args(loud)
                .env("BATON_SALESFORCE_ACCESS_TOKEN", &secrets[1])
                .output();
            let with_refresh = refresh(&demo, &secrets[2]).args(loud).output();
            for ran in [with_file, with_token, with_refresh] {
                assert_shows_none(&ran, &secrets);
            }
        }
    }
}

fn assert_shows_none(ran: &Ran, secrets: &[String]) {
    let mut shown = ran.stderr() + &ran.stdout();
    if let Ok(document) = std::fs::read_to_string(ran.path("sync.json")) {
        shown += &document;
    }
    for secret in secrets.iter().map(String::as_str).chain(["canary"]) {
        assert!(!shown.contains(secret), "a secret was shown in:\n{}", ran.stderr());
    }
}

#[test]
fn an_echoed_secret_is_not_repeated() {
    for (status, body) in [
        (502, "<html>you sent client_id=x&amp;client_secret=SECRET and SECRET</html>"),
        (400, r#"{"error":"invalid_grant","error_description":"bad secret SECRET"}"#),
    ] {
        let demo = demo(ServerOptions::default());
        let secret = demo.server.client_secret();
        let body = body.replace("SECRET", secret);
        let action = Action::Status { status, content_type: "text/html".to_owned(), body, headers: Vec::new() };
        demo.server.add_fault(Fault::new(Target::Path("/services/oauth2/token".to_owned()), None, action));
        let ran = demo.run().output();
        assert_ne!(ran.code(), 0);
        assert!(ran.stderr().contains("(secret)") && !ran.stderr().contains(secret), "{}", ran.stderr());
    }
}

#[test]
fn a_place_for_the_new_token_that_is_no_file_is_refused_before_the_login() {
    let demo = demo(ServerOptions { rotate_refresh_tokens: true, ..ServerOptions::default() });
    let token = demo.server.refresh_token();
    for (place, file) in [("folder", "x.json"), ("folder/", "x.json"), ("new/", "x.json"), ("x.json", "x.json")] {
        let run = refresh(&demo, &token).args(["--refresh-token-out", place, "--file", file]);
        std::fs::create_dir(run.path("folder")).unwrap();
        assert_eq!(run.output().code(), 3, "{place}");
    }
    assert!(demo.server.calls().is_empty());
}
