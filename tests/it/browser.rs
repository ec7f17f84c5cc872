//! Logging in with a browser, played here by an HTTP client that does what a browser does: it opens the page, sends the
//! form, and follows where it is sent. `.ci/browser` does the same with a real one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Stdio};
use std::sync::OnceLock;

use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use url::Url;

use crate::support::{Demo, Ran, Run};

const TOKEN: &str = "/services/oauth2/token";

fn demo(options: ServerOptions) -> Demo {
    Demo::start(Org::generate(Shape::Small, 1), options)
}

/// `login` at this org, coming back to any free port.
pub(crate) fn login(demo: &Demo, store: &TempDir) -> Run {
    command(demo, "login", store).args(["--callback-url", "http://localhost:0/callback"])
}

pub(crate) fn command(demo: &Demo, name: &str, store: &TempDir) -> Run {
    let run = if name.is_empty() { Run::new() } else { Run::new().arg(name) };
    run.args(["--domain", demo.server.url(), "--salesforce-client-id", demo.server.client_id()]).store(store)
}

/// A login that waits for its browser.
pub(crate) struct Waiting {
    child: Child,
    folder: TempDir,
    stderr: BufReader<ChildStderr>,
    said: String,
    pub(crate) url: Url,
}

impl Waiting {
    pub(crate) fn start(run: Run) -> Self {
        let (mut command, folder) = run.command();
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let url = loop {
            let mut line = String::new();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "no address was told:\n{said}");
            said.push_str(&line);
            // In a line of its own, or in a line of JSON.
            let json: Option<Value> = serde_json::from_str(&line).ok();
            let line = json.as_ref().and_then(|json| json["message"].as_str()).unwrap_or(&line);
            if let Some(url) = line.strip_prefix("  ").and_then(|line| Url::parse(line.trim()).ok()) {
                break url;
            }
        };
        Self { child, folder, stderr, said, url }
    }

    fn parameter(&self, name: &str) -> String {
        self.url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
    }

    /// The callback with this query.
    fn callback(&self, query: &str) -> String {
        format!("{}?{query}", self.parameter("redirect_uri"))
    }

    fn type_line(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    pub(crate) fn finish(mut self) -> Ran {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let mut output = self.child.wait_with_output().unwrap();
        output.stderr = self.said.into_bytes();
        Ran { output, folder: self.folder }
    }
}

pub(crate) struct Browser {
    client: reqwest::Client,
}

pub(crate) struct Shown {
    status: u16,
    pub(crate) location: Option<String>,
    headers: reqwest::header::HeaderMap,
    text: String,
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap())
}

impl Browser {
    pub(crate) fn new() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        Self { client: client.tls_certs_only([]).build().unwrap() }
    }

    fn send(request: reqwest::RequestBuilder) -> Shown {
        runtime().block_on(async {
            let answer = request.send().await.unwrap();
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            let location = headers.get("location").map(|value| value.to_str().unwrap().to_owned());
            Shown { status, location, headers, text: answer.text().await.unwrap() }
        })
    }

    pub(crate) fn get(&self, url: &str) -> Shown {
        Self::send(self.client.get(url))
    }

    /// Opens the page and sends its form; where it leads.
    pub(crate) fn submit(&self, url: &Url, username: Option<&str>, answer: &str) -> Shown {
        let page = self.get(url.as_str());
        assert_eq!(page.status, 200, "{}", page.text);
        let mut form = vec![("answer".to_owned(), answer.to_owned())];
        for input in page.text.split("<input ").skip(1) {
            let tag = input.split('>').next().unwrap();
            let part = |name: &str| {
                let rest = tag.split(&format!("{name}=")).nth(1).unwrap_or_default().trim_start_matches('"');
                let value = rest.split(['"', ' ']).next().unwrap();
                value.replace("&amp;", "&")
            };
            let value = if part("name") == "username" { username.map(str::to_owned) } else { None };
            form.push((part("name"), value.unwrap_or_else(|| part("value"))));
        }
        Self::send(self.client.post(url.join("/services/oauth2/authorize").unwrap()).form(&form))
    }

    /// All of it: the page that the person sees at last.
    fn log_in(&self, waiting: &Waiting, username: Option<&str>, answer: &str) -> Shown {
        let sent = self.submit(&waiting.url, username, answer);
        let location = sent.location.unwrap_or_else(|| panic!("{}", sent.text));
        self.get(&location)
    }
}

/// Logs in; what the program said.
fn logged_in(run: Run) -> Ran {
    let waiting = Waiting::start(run);
    let shown = Browser::new().log_in(&waiting, None, "allow");
    assert_eq!(shown.status, 200);
    let ran = waiting.finish();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert!(shown.text.contains("You are logged in"), "{}", shown.text);
    ran
}

pub(crate) fn stored(store: &TempDir) -> Value {
    let files = std::fs::read_dir(store.path()).unwrap().map(|entry| entry.unwrap().path());
    let json: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    assert_eq!(json.len(), 1, "{json:?}");
    serde_json::from_slice(&std::fs::read(&json[0]).unwrap()).unwrap()
}

#[test]
fn a_person_logs_in_once_and_every_run_after_it_is_logged_in() {
    for rotate_refresh_tokens in [false, true] {
        let store = tempfile::tempdir().unwrap();
        let demo = demo(ServerOptions { rotate_refresh_tokens, ..ServerOptions::default() });
        let waiting = Waiting::start(login(&demo, &store));
        let shown = Browser::new().log_in(&waiting, None, "allow");
        for text in ["You are logged in", "Acme Demo", &demo.server.org().id(), "ada.admin@acme.example"] {
            assert!(shown.text.contains(text), "{text}: {}", shown.text);
        }
        let policy = shown.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        let ran = waiting.finish();
        assert_eq!((ran.code(), ran.stdout().as_str()), (0, ""), "{}", ran.stderr());
        for text in ["logged in to Acme Demo", "as ada.admin@acme.example", &store.path().display().to_string()] {
            assert!(ran.stderr().contains(text), "{text}: {}", ran.stderr());
        }
        let login = stored(&store);
        assert_eq!(login["orgId"], demo.server.org().id());
        assert_eq!(
            (&login["username"], &login["scopes"]),
            (&json!("ada.admin@acme.example"), &json!(["refresh_token", "id", "api"]))
        );
        // The first runs do with the token that came with the login, the others get one each.
        for calls in [1, 1, 2, 3] {
            if calls > 1 {
                demo.server.expire_sessions();
            }
            let ran = command(&demo, "", &store).output();
            assert_eq!(ran.document().0["sync"]["runBy"]["authMethod"], "oauth");
            assert_eq!(demo.token_calls(), calls);
        }
        let after = stored(&store);
        assert_eq!(after["refreshToken"] == login["refreshToken"], !rotate_refresh_tokens);
        assert_eq!((&after["loggedInAt"], &after["username"]), (&login["loggedInAt"], &login["username"]));
    }
}

#[test]
fn the_user_of_the_page_is_the_one_who_is_logged_in() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    let users = demo.server.org().records("User");
    let is_other = |user: &&Value| user["IsActive"] == true && user["Id"] != *demo.server.org().user_id();
    let other = users.iter().find(is_other).unwrap();
    let username = other["Username"].as_str().unwrap();
    let waiting = Waiting::start(login(&demo, &store));
    let browser = Browser::new();
    let sent = browser.submit(&waiting.url, Some("nobody@acme.example"), "allow");
    assert!(sent.location.is_none() && sent.text.contains("check your username"), "{}", sent.text);
    assert!(browser.log_in(&waiting, Some(username), "allow").text.contains(username));
    assert!(waiting.finish().stderr().contains(username));
    let document = command(&demo, "", &store).output().document();
    assert_eq!(
        (&document.0["sync"]["runBy"]["userId"], &document.0["sync"]["runBy"]["username"]),
        (&other["Id"], &other["Username"])
    );
}

#[test]
fn apps_with_and_without_pkce_and_secret_are_logged_in_to() {
    for (require_pkce, require_secret) in [(true, false), (false, false), (true, true), (false, true)] {
        let store = tempfile::tempdir().unwrap();
        let demo = demo(ServerOptions { require_pkce, require_secret, ..ServerOptions::default() });
        let secret = || if require_secret { demo.server.client_secret().to_owned() } else { String::new() };
        logged_in(login(&demo, &store).env("BATON_SALESFORCE_CLIENT_SECRET", secret()));
        demo.server.expire_sessions();
        let run = command(&demo, "", &store).args(["--auth-method", "oauth"]);
        run.env("BATON_SALESFORCE_CLIENT_SECRET", secret()).output().document();
    }
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions { require_secret: true, ..ServerOptions::default() });
    let waiting = Waiting::start(login(&demo, &store));
    let shown = Browser::new().log_in(&waiting, None, "allow");
    assert!(
        shown.text.contains("Salesforce refused the login") && shown.text.contains("invalid_client"),
        "{}",
        shown.text
    );
    waiting.finish().failed(16, &["invalid_client: invalid client credentials"]);
    // That it could have been kept was found out before.
    let kept = std::fs::read_dir(store.path()).unwrap().map(|file| file.unwrap().path());
    let kept: Vec<_> = kept.filter(|path| path.extension().is_none_or(|ending| ending != "lock")).collect();
    assert!(kept.is_empty(), "{kept:?}");
}

/// A person logged in, and was told then that there was no place for it.
#[test]
fn a_login_that_cannot_be_kept_is_not_begun() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    let run = login(&demo, &store).file("full", "").env("BATON_LOGIN_STORE", "full").output();
    run.failed(2, &["cannot make the folder `full`", "--login-store"]);
    assert!(!run.stderr().contains("address"), "{}", run.stderr());
    assert!(demo.server.calls().is_empty());
}

#[test]
fn who_declines_is_told_so_and_the_exit_code_is_1() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    let waiting = Waiting::start(login(&demo, &store));
    assert!(Browser::new().log_in(&waiting, None, "deny").text.contains("You declined the login"));
    waiting.finish().failed(1, &["declined"]);
    assert_eq!(demo.token_calls(), 0);
}

#[test]
fn what_the_login_page_refuses_is_told_in_the_browser_and_in_the_terminal() {
    let store = tempfile::tempdir().unwrap();
    let blocked = ("OAUTH_APP_BLOCKED".to_owned(), "this app is blocked by admin".to_owned());
    let demo = demo(ServerOptions { authorization_error: Some(blocked), ..ServerOptions::default() });
    let waiting = Waiting::start(login(&demo, &store));
    let browser = Browser::new();
    let location = browser.get(waiting.url.as_str()).location.unwrap();
    let shown = browser.get(&location);
    assert!(shown.text.contains("Salesforce refused the login"), "{}", shown.text);
    assert!(shown.text.contains("this app is blocked by admin"), "{}", shown.text);
    waiting.finish().failed(16, &["OAUTH_APP_BLOCKED: this app is blocked by admin"]);
}

#[test]
fn only_the_answer_to_this_login_ends_it() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    let waiting = Waiting::start(login(&demo, &store));
    let browser = Browser::new();
    let other = waiting.callback("code=canary-of-another&state=another");
    let no_state = waiting.callback("code=canary-of-another");
    for url in [&other, &no_state, &waiting.callback("error=access_denied&state=another")] {
        let shown = browser.get(url);
        assert_eq!((shown.status, shown.text.contains("Not this login")), (400, true), "{url}");
    }
    let base = Url::parse(&waiting.parameter("redirect_uri")).unwrap();
    for path in ["/favicon.ico", "/", "/callback/x", "/callback"] {
        assert_eq!(browser.get(base.join(path).unwrap().as_str()).status, 404, "{path}");
    }
    let state = waiting.parameter("state");
    let head = Browser::send(browser.client.head(waiting.callback(&format!("code=x&state={state}"))));
    let post = Browser::send(browser.client.post(waiting.callback(&format!("code=x&state={state}"))));
    assert_eq!((head.status, post.status), (200, 405));
    // Chrome asks before a page of the internet may lead here.
    let ask = |origin: &str| {
        Browser::send(browser.client.request(reqwest::Method::OPTIONS, base.clone()).header("origin", origin))
    };
    assert_eq!(ask(demo.server.url()).headers["access-control-allow-private-network"], "true");
    assert!(!ask("https://evil.example").headers.contains_key("access-control-allow-private-network"));
    assert!(browser.log_in(&waiting, None, "allow").text.contains("You are logged in"));
    let ran = waiting.finish();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert_eq!(demo.token_calls(), 1);
}

#[test]
fn both_addresses_of_this_machine_are_served_and_a_repeated_visit_sees_the_same_page() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    // So that the first visit is still being answered when the second comes.
    let slow = Action::Delay(std::time::Duration::from_secs(1));
    demo.server.add_fault(Fault::new(Target::Path(TOKEN.to_owned()), 1, slow));
    let waiting = Waiting::start(login(&demo, &store));
    let location = Browser::new().submit(&waiting.url, None, "allow").location.unwrap();
    let location = Url::parse(&location).unwrap();
    let hosts: &[&str] = if TcpListener::bind("[::1]:0").is_ok() { &["127.0.0.1", "::1"] } else { &["127.0.0.1"] };
    let mut visits: Vec<_> =
        hosts.iter().map(|host| TcpStream::connect((*host, location.port().unwrap())).unwrap()).collect();
    for visit in &mut visits {
        let (path, query) = (location.path(), location.query().unwrap());
        write!(visit, "GET {path}?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    }
    for mut visit in visits {
        let mut answer = String::new();
        visit.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("You are logged in"), "{answer}");
    }
    assert_eq!(waiting.finish().code(), 0);
    assert_eq!(demo.token_calls(), 1);
}

#[test]
fn a_port_that_is_taken_is_told_with_who_has_it_before_anything_opens() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    for address in ["127.0.0.1", "::1"] {
        let Ok(taken) = TcpListener::bind((address, 0)) else { continue };
        let port = taken.local_addr().unwrap().port();
        let run =
            command(&demo, "login", &store).args(["--callback-url", &format!("http://localhost:{port}/callback")]);
        let ran = run.output();
        let next = format!("http://localhost:{}/callback", port + 1);
        ran.failed(9, &[&format!("port {port}"), &next, "--callback-url", "--no-browser"]);
        if cfg!(target_os = "linux") {
            assert!(ran.stderr().contains(&format!("(process {})", std::process::id())), "{}", ran.stderr());
        }
    }
    assert!(demo.server.calls().is_empty());
}

#[test]
fn without_a_browser_the_address_that_it_ended_at_is_pasted() {
    let demo =
        demo(ServerOptions { callback: Some("http://localhost:8499/callback".to_owned()), ..ServerOptions::default() });
    let browser = Browser::new();
    for whole in [true, false] {
        let store = tempfile::tempdir().unwrap();
        let mut waiting = Waiting::start(command(&demo, "login", &store).arg("--no-browser"));
        let location = browser.submit(&waiting.url, None, "allow").location.unwrap();
        let code = location.split("code=").nth(1).unwrap().split('&').next().unwrap();
        waiting.type_line(if whole { &location } else { code });
        let ran = waiting.finish();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        assert!(ran.stderr().contains("paste its address") && ran.stderr().contains("logged in to Acme Demo"));
        command(&demo, "", &store).output().document();
    }
    let store = tempfile::tempdir().unwrap();
    for (pasted, code, says) in [
        ("", 3, "nothing was pasted"),
        ("hello there", 3, "neither the address"),
        ("http://localhost:8499/callback?code=x&state=y", 3, "another login"),
        ("http://localhost:8499/callback?error=access_denied", 1, "declined"),
        ("made-up-code", 16, "expired authorization code"),
    ] {
        let mut waiting = Waiting::start(command(&demo, "login", &store).arg("--no-browser"));
        waiting.type_line(pasted);
        waiting.finish().failed(code, &[says]);
    }
}

#[test]
fn a_code_that_was_used_already_or_has_another_verifier_is_refused() {
    let demo = demo(ServerOptions::default());
    let store = tempfile::tempdir().unwrap();
    // The code of another attempt, pasted bare: its verifier is not this one's.
    let mut other = Waiting::start(login(&demo, &store));
    let mut waiting = Waiting::start(command(&demo, "login", &store).arg("--no-browser"));
    let mut url = other.url.clone();
    let callback = waiting.parameter("redirect_uri");
    let pairs: Vec<_> = other
        .url
        .query_pairs()
        .into_owned()
        .map(|(key, value)| if key == "redirect_uri" { (key, callback.clone()) } else { (key, value) })
        .collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    let location = Browser::new().submit(&url, None, "allow").location.unwrap();
    let code = location.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    waiting.type_line(&code);
    waiting.finish().failed(16, &["invalid code verifier"]);
    other.child.kill().unwrap();
    other.child.wait().unwrap();
}

#[test]
fn nobody_is_waited_for_without_end() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    for more in [&[][..], &["--no-browser"]] {
        let waiting = Waiting::start(login(&demo, &store).args(["--login-timeout", "200ms"]).args(more));
        waiting.finish().failed(4, &["nobody logged in within 0.2 seconds", "--login-timeout"]);
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_waiting() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    let ways = [&[][..], &["--no-browser"]];
    for (more, (signal, code)) in ways.iter().flat_map(|way| crate::support::signals().map(move |signal| (way, signal)))
    {
        let waiting = Waiting::start(login(&demo, &store).args(*more));
        let pid = waiting.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        let ran = waiting.finish();
        assert_eq!(ran.code(), code, "{}", ran.stderr());
        assert!(!ran.stderr().contains("document"), "{}", ran.stderr());
    }
}

#[test]
fn a_run_without_a_stored_login_and_without_a_person_says_what_to_do() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    let login = format!(
        "baton-salesforce login --domain {} --salesforce-client-id {}",
        demo.server.url().trim_start_matches("http://"),
        demo.server.client_id()
    );
    let says = ["no stored login", &login, "--salesforce-client-secret-file"];
    command(&demo, "", &store).output().failed(16, &says);
    command(&demo, "check", &store).output().failed(16, &says);
    assert!(demo.server.calls().is_empty());
}

#[test]
fn a_login_that_ended_is_told_with_the_command_that_makes_it_anew() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions { rotate_refresh_tokens: true, ..ServerOptions::default() });
    logged_in(login(&demo, &store).args(["--profile", "mine"]));
    // As after a run that was killed while Salesforce's answer was on its way.
    demo.server.expire_sessions();
    let cut = Action::Cut { after_bytes: 0, with_content_length: true };
    demo.server.add_fault(Fault::new(Target::Path(TOKEN.to_owned()), 1, cut));
    let run = || command(&demo, "", &store).args(["--profile", "mine"]).output();
    assert_ne!(run().code(), 0);
    let again = format!(
        "baton-salesforce login --domain {} --salesforce-client-id {} --profile mine",
        demo.server.url().trim_start_matches("http://"),
        demo.server.client_id()
    );
    run().failed(16, &["the stored login works no more", "expired access/refresh token", &again]);
    // Who does so is in again.
    logged_in(login(&demo, &store).args(["--profile", "mine"]));
    run().document();
}

#[test]
fn an_org_that_became_another_one_is_not_read_with_the_old_login() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    logged_in(login(&demo, &store));
    demo.server.expire_sessions();
    let body = json!({
        "access_token": demo.server.access_token(),
        "instance_url": demo.server.url(),
        "id": format!("{}/id/00D5f000000ZZZZEA4/0055f000000AABDAA4", demo.server.url()),
    });
    demo.server.add_fault(Fault::new(Target::Path(TOKEN.to_owned()), None, Action::Replace { body: body.to_string() }));
    let before = stored(&store);
    let ran = command(&demo, "", &store).output();
    ran.failed(9, &["00D5f000000ZZZZEA4", "log in again: baton-salesforce login"]);
    assert_eq!(stored(&store), before);
}

#[test]
fn logging_in_without_an_app_or_a_store_is_answered_with_what_is_missing() {
    let demo = demo(ServerOptions::default());
    let bare = || Run::new().arg("login");
    bare().args(["--domain", demo.server.url()]).output().failed(3, &["--salesforce-client-id", "External Client App"]);
    bare().args(["--salesforce-client-id", "x"]).output().failed(3, &["--domain"]);
    let store = tempfile::tempdir().unwrap();
    let nowhere = login(&demo, &store).env("BATON_LOGIN_STORE", "none").output();
    nowhere.failed(3, &["--login-store"]);
    let far = command(&demo, "login", &store).args(["--callback-url", "https://acme.example/callback"]).output();
    far.failed(3, &["not on this machine", "--no-browser"]);
    assert!(demo.server.calls().is_empty());
}

fn about_logins(name: &str, store: &TempDir) -> Run {
    Run::new().arg(name).store(store)
}

fn status(store: &TempDir) -> (Ran, Value) {
    let ran = about_logins("status", store).arg("--json").output();
    let told = serde_json::from_str(&ran.stdout()).unwrap();
    (ran, told)
}

#[test]
fn the_status_tells_who_where_and_whether_it_works() {
    let store = tempfile::tempdir().unwrap();
    about_logins("status", &store).output().failed(5, &["no such login", "baton-salesforce login"]);
    let demo = demo(ServerOptions { rotate_refresh_tokens: true, ..ServerOptions::default() });
    logged_in(login(&demo, &store).args(["--profile", "mine"]));
    let ran = about_logins("status", &store).output();
    assert_eq!((ran.code(), ran.stderr().as_str()), (0, ""));
    for line in [
        &format!("org         Acme Demo ({})", demo.server.org().id()),
        "user        ada.admin@acme.example",
        "profile     mine",
        "login       oauth, just now (",
        "works       yes",
        "API calls   99,99",
    ] {
        assert!(ran.stdout().contains(line), "{line}: {}", ran.stdout());
    }
    assert!(!ran.stdout().contains(stored(&store)["refreshToken"].as_str().unwrap()));
    // A session that has ended is renewed, as a run would do, and the new token is kept.
    let before = stored(&store)["refreshToken"].clone();
    demo.server.expire_sessions();
    let (ran, told) = status(&store);
    assert_eq!(ran.code(), 0);
    let told = &told["logins"][0];
    assert_eq!((&told["works"], &told["profile"], &told["flow"]), (&json!(true), &json!("mine"), &json!("oauth")));
    assert_eq!((&told["orgName"], &told["username"]), (&json!("Acme Demo"), &json!("ada.admin@acme.example")));
    assert_eq!(told["apiCalls"], json!({"remaining": 100_000 - demo.server.api_used(), "limit": 100_000}));
    assert_ne!(stored(&store)["refreshToken"], before);
    // One that nothing brings back is told with its reason.
    demo.server.expire_sessions();
    let body = r#"{"error":"invalid_grant","error_description":"inactive user"}"#.to_owned();
    let content_type = "application/json".to_owned();
    let refused = Action::Status { status: 400, content_type, body, headers: Vec::new() };
    demo.server.add_fault(Fault::new(Target::Path(TOKEN.to_owned()), None, refused));
    let (ran, told) = status(&store);
    assert_eq!((ran.code(), &told["logins"][0]["works"]), (16, &json!(false)));
    assert!(told["logins"][0]["message"].as_str().unwrap().contains("inactive user"), "{told}");
    assert!(about_logins("status", &store).output().stdout().contains("works       NO: "));
    let other = about_logins("status", &store).args(["--profile", "other", "--json"]).output();
    assert_eq!((other.code(), other.stdout().contains("\"logins\": []")), (5, true), "{}", other.stdout());
}

#[test]
fn a_token_that_an_unattended_run_has_kept_is_told_too() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    demo.run().store(&store).output().document();
    let (ran, told) = status(&store);
    let login = &told["logins"][0];
    assert_eq!((ran.code(), &login["flow"], &login["works"]), (0, &json!("client-credentials"), &json!(true)));
    assert_eq!(login["username"], "ada.admin@acme.example");
    demo.server.expire_sessions();
    let (ran, told) = status(&store);
    assert_eq!((ran.code(), &told["logins"][0]["works"]), (0, &json!(false)));
    assert!(about_logins("status", &store).output().stdout().contains("the next run gets a new one"));
    assert_eq!(demo.token_calls(), 1);
}

#[test]
fn logging_out_revokes_and_forgets() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    about_logins("logout", &store).output().failed(5, &["no such login"]);
    logged_in(login(&demo, &store));
    let tokens = ["refreshToken", "accessToken"].map(|name| stored(&store)[name].as_str().unwrap().to_owned());
    assert!(tokens.iter().all(|token| demo.server.knows(token)));
    let ran = about_logins("logout", &store).output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert!(ran.stderr().contains("logged out of Acme Demo"), "{}", ran.stderr());
    assert!(!tokens.iter().any(|token| demo.server.knows(token)));
    command(&demo, "", &store).output().failed(16, &["no stored login"]);
}

#[test]
fn of_several_logins_it_must_be_said_which_one_ends() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    logged_in(login(&demo, &store).args(["--profile", "one"]));
    logged_in(login(&demo, &store).args(["--profile", "two"]));
    demo.run().store(&store).output().document();
    let kept = || status(&store).1["logins"].as_array().unwrap().len();
    about_logins("logout", &store).output().failed(3, &["3 logins", "--profile", "--all"]);
    assert_eq!(kept(), 3);
    assert_eq!(about_logins("logout", &store).args(["--profile", "one"]).output().code(), 0);
    assert_eq!(kept(), 2);
    assert_eq!(about_logins("logout", &store).arg("--all").output().code(), 0);
    assert_eq!(kept(), 0);
}

#[test]
fn a_login_that_cannot_be_revoked_stays_and_a_dead_one_goes() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    logged_in(login(&demo, &store));
    let action = Action::Status {
        status: 503,
        content_type: "text/html".to_owned(),
        body: "Wartung".to_owned(),
        headers: Vec::new(),
    };
    demo.server.add_fault(Fault::new(Target::Path("/services/oauth2/revoke".to_owned()), 1, action));
    about_logins("logout", &store).output().failed(14, &["Wartung"]);
    let token = stored(&store)["refreshToken"].as_str().unwrap().to_owned();
    assert!(demo.server.knows(&token));
    let revoked = Browser::send(
        Browser::new().client.post(format!("{}/services/oauth2/revoke", demo.server.url())).form(&[("token", &token)]),
    );
    assert_eq!(revoked.status, 200);
    let ran = about_logins("logout", &store).output();
    assert_eq!(ran.code(), 0);
    assert!(ran.stderr().contains("worked no more"), "{}", ran.stderr());
    assert_eq!(
        std::fs::read_dir(store.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().extension().unwrap() == "json")
            .count(),
        0
    );
}

#[test]
fn a_profile_is_not_taken_away_from_another_org() {
    let store = tempfile::tempdir().unwrap();
    let (demo, other) = (demo(ServerOptions::default()), demo(ServerOptions::default()));
    logged_in(login(&demo, &store).args(["--profile", "prod"]));
    let ran = login(&other, &store).args(["--profile", "prod"]).output();
    ran.failed(3, &["the profile `prod` is a login at 127.0.0.1", "logout --profile prod"]);
    // A run without a person goes on, and keeps nothing.
    let unattended = other.run().store(&store).args(["--profile", "prod"]).output();
    unattended.document();
    assert!(unattended.stderr().contains("the profile `prod` is a login at"), "{}", unattended.stderr());
    command(&demo, "", &store).args(["--profile", "prod"]).output().document();
    assert!(other.server.calls().iter().all(|call| !call.path.ends_with("authorize")));
}

#[test]
fn who_takes_the_place_of_another_user_is_told() {
    let store = tempfile::tempdir().unwrap();
    let demo = demo(ServerOptions::default());
    let users = demo.server.org().records("User");
    let is_other = |user: &&Value| user["IsActive"] == true && user["Id"] != *demo.server.org().user_id();
    let other = users.iter().find(is_other).unwrap()["Username"].as_str().unwrap();
    logged_in(login(&demo, &store));
    let waiting = Waiting::start(login(&demo, &store));
    Browser::new().log_in(&waiting, Some(other), "allow");
    let ran = waiting.finish();
    assert!(ran.stderr().contains("replaces Acme Demo") && ran.stderr().contains("--profile"), "{}", ran.stderr());
    assert!(!logged_in(login(&demo, &store).args(["--profile", "mine"])).stderr().contains("replaces"));
}

/// The address that is printed holds the challenge and the state, and nothing that gets anybody in.
#[test]
fn no_secret_of_a_login_is_shown_at_any_level() {
    for format in ["console", "json"] {
        for slow in [false, true] {
            let store = tempfile::tempdir().unwrap();
            let demo = demo(ServerOptions::default());
            if slow {
                let body = "<p>canary code_verifier=canary</p>".to_owned();
                let action =
                    Action::Status { status: 502, content_type: "text/html".to_owned(), body, headers: Vec::new() };
                demo.server.add_fault(Fault::new(Target::Path(TOKEN.to_owned()), 1, action));
            }
            let mut waiting = Waiting::start(
                command(&demo, "login", &store)
                    .args(["--no-browser", "--log-level", "trace"])
                    .env("BATON_LOG_FORMAT", format),
            );
            let location = Browser::new().submit(&waiting.url, None, "allow").location.unwrap();
            waiting.type_line(&location);
            let ran = waiting.finish();
            assert_eq!(ran.code() == 0, !slow, "{}", ran.stderr());
            let code = location.split("code=").nth(1).unwrap().split('&').next().unwrap();
            let mut secrets = vec![code.to_owned(), code.replace("%3D", "="), "code_verifier=canary".to_owned()];
            if !slow {
                let login = stored(&store);
                secrets.extend(["refreshToken", "accessToken"].map(|name| login[name].as_str().unwrap().to_owned()));
            }
            for secret in secrets {
                assert!(!ran.stderr().contains(&secret), "{secret} was shown in:\n{}", ran.stderr());
            }
        }
    }
}
