//! Logins that are kept between runs, tokens that end in the middle of one, and what is left by a run that is killed.

use std::process::{Child, Stdio};
use std::time::Duration;

use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};
use tempfile::TempDir;

use crate::support::{Demo, Document, Ran, Run};

const TOKEN: &str = "/services/oauth2/token";

fn demo(options: ServerOptions) -> Demo {
    Demo::start(Org::generate(Shape::Small, 1), options)
}

fn rotating() -> Demo {
    demo(ServerOptions { rotate_refresh_tokens: true, ..ServerOptions::default() })
}

/// A run with a refresh token that somebody obtained.
fn refresh(demo: &Demo, token: &str, store: &TempDir) -> Run {
    let run = Run::new().args(["--domain", demo.server.url(), "--salesforce-client-id", demo.server.client_id()]);
    run.env("BATON_SALESFORCE_REFRESH_TOKEN", token).store(store)
}

fn spawn(run: Run) -> (Child, TempDir) {
    let (mut command, folder) = run.command();
    (command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(), folder)
}

fn finish((child, folder): (Child, TempDir)) -> Ran {
    Ran { output: child.wait_with_output().unwrap(), folder }
}

fn names(store: &TempDir, ending: &str) -> Vec<String> {
    let entries = std::fs::read_dir(store.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(ending)).collect()
}

#[test]
fn ten_runs_make_one_token_call() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    for _ in 0..10 {
        let ran = demo.run().store(&store).output();
        ran.document();
        assert!(!ran.stderr().contains("warning:"), "{}", ran.stderr());
    }
    assert_eq!(demo.token_calls(), 1);
    // A refused token is replaced, and the new one is kept in its turn.
    demo.server.expire_sessions();
    demo.run().store(&store).output().document();
    demo.run().store(&store).output().document();
    assert_eq!(demo.token_calls(), 2);
    assert_eq!(names(&store, ".json").len(), 1);
}

#[test]
fn a_token_of_one_secret_is_not_used_for_another() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    demo.run().store(&store).output().document();
    let wrong = demo.run_without_secret().env("BATON_SALESFORCE_CLIENT_SECRET", "wrong");
    wrong.store(&store).output().failed(16, &["invalid_client"]);
}

#[test]
fn a_rotating_refresh_token_is_given_once_and_works_every_night() {
    let store = tempfile::tempdir().unwrap();
    let demo = rotating();
    let given = demo.server.refresh_token();
    for night in 1..=3 {
        let ran = refresh(&demo, &given, &store).output();
        assert_eq!(ran.document().0["sync"]["runBy"]["authMethod"], "oauth");
        assert!(!ran.stderr().contains("warning:"), "{}", ran.stderr());
        assert_eq!(demo.token_calls(), night);
        assert_ne!(demo.server.refresh_token(), given);
        demo.server.expire_sessions();
    }
}

#[test]
fn runs_that_start_together_share_one_rotating_login() {
    let store = tempfile::tempdir().unwrap();
    let demo = rotating();
    let given = demo.server.refresh_token();
    // The first time from the token that was given, then from the stored one that another run may use up.
    for round in 1..=3 {
        let running: Vec<_> = (0..4).map(|_| spawn(refresh(&demo, &given, &store))).collect();
        for ran in running.into_iter().map(finish) {
            ran.document();
        }
        assert_eq!(demo.token_calls(), round, "two runs used a refresh token");
        demo.server.expire_sessions();
    }
}

/// Both without the store: what two runs read then is the same.
fn assert_same(one: &Document, other: &Document) {
    for section in ["resources", "entitlements", "grants", "inactiveAssignments"] {
        assert_eq!(one.0[section], other.0[section], "{section}");
    }
}

#[test]
fn a_session_that_ends_in_the_middle_is_renewed_once_and_the_same_page_read_again() {
    let whole = demo(ServerOptions { page_size: Some(20), ..ServerOptions::default() });
    let expected = whole.run().output().document();
    // More than there are requests under way: one that waits long must not find the new token used up by the others.
    for calls in [25, 30, 45] {
        let demo = demo(ServerOptions { page_size: Some(20), session_calls: Some(calls), ..ServerOptions::default() });
        let ran = demo.run().output();
        assert_same(&ran.document(), &expected);
        assert!(demo.token_calls() > 2);
    }
    let demo = demo(ServerOptions { page_size: Some(20), rotate_refresh_tokens: true, ..ServerOptions::default() });
    demo.server.add_fault(Fault::api_error(
        Target::Object("User".to_owned()),
        3,
        401,
        "INVALID_SESSION_ID",
        "Session expired or invalid",
    ));
    let store = tempfile::tempdir().unwrap();
    let ran = refresh(&demo, &demo.server.refresh_token(), &store).output();
    let document = ran.document();
    assert_same(&document, &expected);
    assert_eq!((document.0["summary"]["cost"]["retries"].as_u64(), demo.token_calls()), (Some(1), 2));
}

#[test]
fn many_requests_that_are_refused_together_make_one_renewal() {
    let demo = demo(ServerOptions { page_size: Some(20), ..ServerOptions::default() });
    let refused = |nth| Fault::api_error(Target::Object("User".to_owned()), nth, 401, "INVALID_SESSION_ID", "expired");
    demo.server.add_fault(refused(2));
    demo.server.add_fault(Fault::api_error(
        Target::Object("GroupMember".to_owned()),
        2,
        401,
        "INVALID_SESSION_ID",
        "expired",
    ));
    demo.run().output().document();
    assert!((2..=3).contains(&demo.token_calls()), "{}", demo.token_calls());
}

#[test]
fn a_session_that_no_renewal_cures_stops_the_run_after_three_calls() {
    for (code, message) in [
        ("INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
        ("INVALID_SESSION_ID", "Session expired or invalid"),
        ("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
    ] {
        let demo = demo(ServerOptions::default());
        demo.server.add_fault(Fault::api_error(Target::Path("/services/data/v".to_owned()), None, 401, code, message));
        let store = tempfile::tempdir().unwrap();
        // The token of an earlier run, so that what is counted is what the refusal costs.
        let ran = refresh(&demo, &demo.server.refresh_token(), &store).output();
        ran.failed(16, &[message, "API Access Control", "High Assurance", "IP"]);
        let calls = demo.server.calls();
        let api = calls.iter().filter(|call| call.path.starts_with("/services/data/v")).count();
        assert_eq!((api, demo.token_calls()), (2, 2), "{calls:?}");
        // The next run begins with the stored token: one renewal, three calls in all.
        refresh(&demo, "", &store).env("BATON_SALESFORCE_REFRESH_TOKEN", demo.server.refresh_token()).output();
        assert_eq!(demo.token_calls(), 3);
    }
}

#[test]
fn a_renewal_that_fails_is_the_error_that_is_shown() {
    let demo = demo(ServerOptions::default());
    let expired = |nth| Fault::api_error(Target::Object("User".to_owned()), nth, 401, "INVALID_SESSION_ID", "expired");
    demo.server.add_fault(expired(None));
    let body = r#"{"error":"invalid_grant","error_description":"inactive user"}"#.to_owned();
    let content_type = "application/json".to_owned();
    let action = Action::Status { status: 400, content_type, body, headers: Vec::new() };
    demo.server.add_fault(Fault::new(Target::Path(TOKEN.to_owned()), 2, action));
    let ran = demo.run().output();
    ran.failed(16, &["User could not be read", "invalid_grant: inactive user", "activate or unfreeze"]);
    // One that failed is not tried again by the others.
    assert_eq!(demo.token_calls(), 2);
}

#[test]
fn an_access_token_that_ends_cannot_be_renewed_and_that_is_said() {
    let demo = demo(ServerOptions { session_calls: Some(3), ..ServerOptions::default() });
    let run = Run::new().args(["--domain", demo.server.url()]);
    let ran = run.env("BATON_SALESFORCE_ACCESS_TOKEN", demo.server.access_token()).output();
    ran.failed(16, &["INVALID_SESSION_ID", "the token has expired"]);
    assert_eq!(demo.token_calls(), 0);
}

#[test]
fn a_store_that_cannot_be_written_warns_once_and_the_run_goes_on() {
    let demo = rotating();
    let given = demo.server.refresh_token();
    let run = || refresh(&demo, &given, &tempfile::tempdir().unwrap()).file("taken", "");
    let run = run();
    let store = run.path("taken").join("logins");
    let ran = run.env("BATON_LOGIN_STORE", &store).output();
    ran.document();
    let said = ran.stderr();
    assert_eq!(said.matches("the login is not kept").count(), 1, "{said}");
    assert!(said.contains("--login-store") && said.contains("the new one is lost"), "{said}");
    let unattended = demo.run().file("taken", "");
    let store = unattended.path("taken").join("logins");
    let ran = unattended.env("BATON_LOGIN_STORE", &store).output();
    ran.document();
    assert_eq!(ran.stderr().matches("warning:").count(), 1, "{}", ran.stderr());
    // Who wants nothing kept is told nothing.
    let ran = demo.run().env("BATON_LOGIN_STORE", "none").output();
    ran.document();
    assert!(!ran.stderr().contains("warning:"), "{}", ran.stderr());
}

/// Writing fails where the folder takes no new file; for root it takes them all.
#[cfg(unix)]
#[test]
fn a_rotating_login_is_not_used_up_where_the_new_token_cannot_be_kept() {
    use std::os::unix::fs::PermissionsExt;
    let store = tempfile::tempdir().unwrap();
    let demo = rotating();
    let given = demo.server.refresh_token();
    refresh(&demo, &given, &store).output().document();
    demo.server.expire_sessions();
    let now = demo.server.refresh_token();
    // A folder in the place of the temporary file cannot be removed as one, nor can the file be made.
    let json = names(&store, ".json").pop().unwrap();
    std::fs::create_dir_all(store.path().join(format!("{json}.tmp/x"))).unwrap();
    refresh(&demo, &given, &store).output().failed(2, &["cannot write", "the login was left as it is"]);
    assert_eq!(demo.server.refresh_token(), now);
    std::fs::remove_dir_all(store.path().join(format!("{json}.tmp"))).unwrap();
    refresh(&demo, &given, &store).output().document();
    let mode = std::fs::metadata(store.path().join(&json)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_run_killed_after_the_new_token_is_stored_leaves_a_login_that_works() {
    let store = tempfile::tempdir().unwrap();
    let demo = rotating();
    let given = demo.server.refresh_token();
    demo.server.add_fault(Fault::new(
        Target::Object("Organization".to_owned()),
        1,
        Action::Trickle { bytes: 1, every: Duration::from_mins(1) },
    ));
    let (mut child, _folder) = spawn(refresh(&demo, &given, &store));
    demo.wait_for("/services/data/v");
    child.kill().unwrap();
    child.wait().unwrap();
    demo.server.expire_sessions();
    refresh(&demo, &given, &store).output().document();
    assert_eq!(demo.token_calls(), 2);
    assert!(names(&store, ".tmp").is_empty());
}

#[test]
fn a_run_killed_before_the_new_token_came_is_explained_by_the_next() {
    let store = tempfile::tempdir().unwrap();
    let demo = rotating();
    let given = demo.server.refresh_token();
    // Salesforce has replaced the token, and the answer is on its way.
    let slow = Action::Trickle { bytes: 1, every: Duration::from_mins(1) };
    demo.server.add_fault(Fault::new(Target::Path(TOKEN.to_owned()), 1, slow));
    let (mut child, _folder) = spawn(refresh(&demo, &given, &store));
    demo.wait_for(TOKEN);
    child.kill().unwrap();
    child.wait().unwrap();
    let ran = refresh(&demo, &given, &store).output();
    ran.failed(16, &["expired access/refresh token", "log in anew"]);
    // What the killed run had begun is gone.
    assert!(names(&store, ".tmp").is_empty(), "{:?}", names(&store, ""));
}

#[test]
fn a_file_that_is_no_login_costs_an_unattended_run_a_token_call_and_nothing_else() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    demo.run().store(&store).output().document();
    let json = names(&store, ".json").pop().unwrap();
    std::fs::write(store.path().join(&json), "{").unwrap();
    let ran = demo.run().store(&store).output();
    ran.document();
    assert!(ran.stderr().contains(&json), "{}", ran.stderr());
    let ran = demo.run().store(&store).output();
    ran.document();
    assert!(!ran.stderr().contains("warning:"), "{}", ran.stderr());
    assert_eq!(demo.token_calls(), 2);
}

/// On macOS and Windows the folder is another one, and the variable that names the home too.
#[cfg(target_os = "linux")]
#[test]
fn logins_are_kept_with_the_users_data() {
    let demo = demo(ServerOptions::default());
    for (variable, below) in [("HOME", "here/.local/share"), ("XDG_DATA_HOME", "here")] {
        let run = demo.run();
        let home = run.path("here");
        let ran = run.env("BATON_LOGIN_STORE", "").env("HOME", "/nowhere").env(variable, &home).output();
        ran.document();
        let folder = ran.path(below).join("baton-salesforce/logins");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2, "{}", folder.display());
    }
}

#[test]
fn nothing_is_kept_of_the_org_that_comes_with_the_program() {
    let store = tempfile::tempdir().unwrap();
    Run::new().args(["--demo", "-f", "sync.json"]).store(&store).output().document();
    assert!(names(&store, "").is_empty());
}

/// The server replaces the token after the pause, so the run is stopped before it, and goes on until it has the new one.
#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_while_it_gets_a_token_keeps_it() {
    let store = tempfile::tempdir().unwrap();
    let demo = rotating();
    let given = demo.server.refresh_token();
    refresh(&demo, &given, &store).output().document();
    demo.server.expire_sessions();
    // Its answer is on its way for half a second.
    let slow = Action::Trickle { bytes: 40, every: Duration::from_millis(30) };
    demo.server.add_fault(Fault::new(Target::Path(TOKEN.to_owned()), 1, slow));
    let (child, folder) = spawn(refresh(&demo, &given, &store));
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while demo.token_calls() < 2 {
        assert!(std::time::Instant::now() < deadline);
        std::thread::yield_now();
    }
    let signal = std::process::Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status();
    assert!(signal.unwrap().success());
    assert_eq!(finish((child, folder)).code(), 143);
    demo.server.expire_sessions();
    refresh(&demo, &given, &store).output().document();
    assert_eq!(demo.token_calls(), 3);
}
