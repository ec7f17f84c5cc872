//! The real program in real networks: over TLS with an authority of one's own, through proxies, and past certificates
//! that are not to be believed.

use baton_salesforce::auth::{Login, Method, Store};
use baton_salesforce::demo::{self, Action, Fault, Org, ServerOptions, Shape, Target};
use baton_salesforce::net::{AllowedHosts, Domain};
use tempfile::TempDir;

use crate::browser::{Browser, Waiting};
use crate::support::{Demo, Run};
use crate::tls::{Authority, HOST, Proxy, Secured, socks};

const LOCAL: &[&str] = &["localhost", "127.0.0.1", "::1"];

/// A run that logs in to an org with client credentials.
fn run(org: &Secured) -> Run {
    let run = Run::new().args(["--domain", &org.url, "--salesforce-client-id", org.demo.server.client_id()]);
    run.args(["--allow-host", HOST]).env("BATON_SALESFORCE_CLIENT_SECRET", org.demo.server.client_secret())
}

fn trusting(run: Run, authority: &Authority) -> Run {
    run.file("ca.pem", &authority.pem()).args(["--ca-file", "ca.pem"])
}

#[test]
fn an_org_behind_a_private_authority_is_read_whole() {
    let authority = Authority::new("Acme Root");
    for name in LOCAL {
        let mut names = vec![*name];
        names.extend(LOCAL.iter().filter(|other| *other != name));
        // Not every machine has IPv6.
        if *name == "::1" && std::net::TcpListener::bind("[::1]:0").is_err() {
            continue;
        }
        let org = Secured::start(&authority, &names);
        let document = trusting(run(&org), &authority).output().document();
        assert_eq!(document.0["sync"]["org"]["instanceUrl"], org.url);
    }
    let org = Secured::start(&authority, LOCAL);
    run(&org).file("ca.pem", &authority.pem()).env("SSL_CERT_FILE", "ca.pem").output().document();
    run(&org).file("ca.pem", &authority.pem()).env("BATON_CA_FILE", "ca.pem").output().document();
    let yaml = "ca-file: ca.pem\n";
    run(&org).file("ca.pem", &authority.pem()).file(".baton.yaml", yaml).output().document();
    // A file with several, and text around them.
    let many = format!("# ours\n{}\n# theirs\n{}", Authority::new("Other").pem(), authority.pem());
    run(&org).file("ca.pem", &many).args(["--ca-file", "ca.pem"]).output().document();
    // Added to the system's, not in their place; and enough where the system has none.
    run(&org)
        .file("ca.pem", &authority.pem())
        .file("none.pem", "")
        .args(["--ca-file", "ca.pem"])
        .env("SSL_CERT_FILE", "none.pem")
        .output()
        .document();
}

#[test]
fn a_certificate_that_is_not_to_be_believed_is_told_with_its_host_and_issuer() {
    let (ours, theirs) = (Authority::new("Acme Root"), Authority::new("Acme Inspection CA"));
    let plain = ServerOptions::default;
    for (org, says) in [
        (
            Secured::start(&theirs, LOCAL),
            ["localhost", "issued by \u{201c}CN=Acme Inspection CA\u{201d}, comes from no authority", "--ca-file"],
        ),
        (
            Secured::with(&ours, LOCAL, true, plain()),
            [
                "localhost, issued by \u{201c}CN=Acme Root\u{201d}, expired at 2021-01-01",
                "cannot reach localhost",
                "clock",
            ],
        ),
        (
            Secured::known_as("localhost", &ours, &["other.example"], false, plain()),
            ["localhost, issued by \u{201c}CN=Acme Root\u{201d}, is one of another host", "other.example", "--domain"],
        ),
    ] {
        trusting(run(&org), &ours).output().failed(2, &says);
        // The secret has not left.
        assert!(org.demo.server.calls().is_empty());
    }
}

#[test]
fn a_machine_without_authorities_is_told_what_to_install() {
    let org = Secured::start(&Authority::new("Acme Root"), LOCAL);
    let empty = || run(&org).file("none.pem", "");
    empty().env("SSL_CERT_FILE", "none.pem").output().failed(2, &["SSL_CERT_FILE (`none.pem`) holds none", "PEM"]);
    empty().env("SSL_CERT_FILE", "missing.pem").output().failed(2, &["SSL_CERT_FILE (`missing.pem`)"]);
    // The org on this machine needs none.
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    demo.run().env("SSL_CERT_FILE", "missing.pem").output().document();
}

#[test]
fn a_file_of_authorities_that_is_none_is_refused_with_its_place() {
    let org = Secured::start(&Authority::new("Acme Root"), LOCAL);
    for (name, bytes, says) in [
        ("missing.pem", None, "cannot read `missing.pem`"),
        ("x.pem", Some(b"nothing".to_vec()), "holds no certificate"),
        ("x.der", Some(Authority::new("Acme Root").der()), "openssl x509 -inform der -in x.der"),
        ("x.pem", Some(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec()), "cannot be used"),
        ("x.pem", Some(b"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n".to_vec()), "is malformed"),
    ] {
        let run = run(&org).args(["--ca-file", name]);
        if let Some(bytes) = bytes {
            std::fs::write(run.path(name), bytes).unwrap();
        }
        run.output().failed(3, &["--ca-file: ", says]);
    }
    assert!(org.demo.server.calls().is_empty());
}

#[test]
fn what_does_not_speak_tls_is_told() {
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    let url = demo.server.url().replace("http:", "https:");
    let run = Run::new().args(["--domain", &url]).env("BATON_SALESFORCE_ACCESS_TOKEN", "canary");
    run.output().failed(14, &["does not speak TLS"]);
    assert!(demo.server.calls().is_empty());
}

/// Password as a person chose it, and the header that a proxy must get for it (RFC 7617).
const PASSWORD: &str = "p@ss%w\u{f6}rd:1/";
const BASIC: &str = "Basic YWRhOnBAc3Mld8O2cmQ6MS8=";

fn proxied(address: &str, demands: Option<&str>) -> (Authority, Secured, Proxy) {
    let authority = Authority::new("Acme Root");
    let org = Secured::start(&authority, &[HOST]);
    (authority, org, Proxy::start(address, demands.map(str::to_owned)))
}

#[test]
fn a_proxy_is_named_in_every_place_and_with_or_without_a_scheme() {
    let (authority, org, proxy) = proxied("127.0.0.1:0", None);
    let (address, url) = (proxy.address.to_string(), format!("http://{}/", proxy.address));
    let run = || trusting(run(&org), &authority);
    for run in [
        run().args(["--proxy", &address]),
        run().args(["--proxy", &url]),
        run().env("BATON_PROXY", &address),
        run().file("proxy", &format!("{url}\n")).args(["--proxy-file", "proxy"]),
        run().file(".baton.yaml", &format!("proxy: {address}\n")),
        run().env("HTTPS_PROXY", &address),
        run().env("https_proxy", &url),
        run().env("ALL_PROXY", &address),
        // Ours counts before everybody's.
        run().env("HTTPS_PROXY", "127.0.0.1:1").args(["--proxy", &address]),
        run().env("HTTPS_PROXY", &address).env("NO_PROXY", "other.example,10.0.0.0/8"),
    ] {
        let before = proxy.heads().len();
        let ran = run.output();
        ran.document();
        assert!(!ran.stderr().contains("where other users"), "{}", ran.stderr());
        // Login, API and all: every connection goes through it, and to the org alone.
        let heads = proxy.heads().split_off(before);
        let to_the_org = format!("CONNECT {HOST}:{} HTTP/1.1\r\n", org.port);
        assert!(!heads.is_empty() && heads.iter().all(|head| head.starts_with(&to_the_org)), "{heads:?}");
    }
}

#[test]
fn a_proxy_gets_its_password_and_no_message_shows_it() {
    let (authority, org, proxy) = proxied("127.0.0.1:0", Some(BASIC));
    let run = || trusting(run(&org), &authority).args(["--log-level", "trace"]);
    let raw = format!("http://ada:{PASSWORD}@{}", proxy.address);
    let encoded = format!("http://ada:p%40ss%25w%C3%B6rd%3A1%2F@{}", proxy.address);
    for run in [
        run().args(["--proxy", &raw]),
        run().env("BATON_PROXY", &encoded),
        run().env("HTTPS_PROXY", &raw),
        run().file("proxy", &encoded).args(["--proxy-file", "proxy"]),
    ] {
        let ran = run.output();
        ran.document();
        assert!(!shows_password(&ran.stderr()), "{}", ran.stderr());
    }
    let ran = run().args(["--proxy", &raw]).output();
    assert!(ran.stderr().contains("--proxy puts a secret where other users"), "{}", ran.stderr());
}

fn shows_password(text: &str) -> bool {
    ["w\u{f6}rd", "w%C3%B6rd", "YWRhOnBAc3", "p@ss", "p%40ss"].iter().any(|part| text.contains(part))
}

#[test]
fn a_proxy_that_lets_nobody_through_is_told_by_its_address() {
    let (authority, org, proxy) = proxied("127.0.0.1:0", Some(BASIC));
    let address = proxy.address.to_string();
    let run = |proxy: &str| trusting(run(&org), &authority).args(["--proxy", proxy]).output();
    let told = format!("the proxy http://{address} demands a user and a password");
    run(&address).failed(14, &[&format!("cannot reach {HOST}:{}", org.port), &told, "(407)", "--proxy-file"]);
    let wrong = run(&format!("ada:{PASSWORD}x@{address}"));
    wrong.failed(14, &[&told, "refuses those given"]);
    assert!(!shows_password(&wrong.stderr()), "{}", wrong.stderr());
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    run(&closed.to_string()).failed(14, &[&format!("the proxy http://{closed} cannot be reached"), "refused"]);
    // TLS to a proxy that speaks none.
    let plain = org.demo.server.address();
    run(&format!("https://{plain}")).failed(14, &["does not speak TLS"]);
    for wrong in ["8080", "socks4://127.0.0.1:1080", "ftp://127.0.0.1", "http://"] {
        run(wrong).failed(3, &["--proxy: "]);
    }
    assert!(org.demo.server.calls().is_empty());
}

#[test]
fn a_socks_proxy_works_with_and_without_a_password() {
    let authority = Authority::new("Acme Root");
    let org = Secured::start(&authority, &[HOST]);
    let run = |proxy: &str| trusting(run(&org), &authority).env("ALL_PROXY", proxy).output();
    let open = org.demo.runtime.block_on(socks(None));
    run(&format!("socks5h://{open}")).document();
    let closed = org.demo.runtime.block_on(socks(Some(("ada", PASSWORD))));
    run(&format!("socks5h://ada:{PASSWORD}@{closed}")).document();
    let before = org.demo.server.calls().len();
    let told = format!("the proxy socks5h://{closed} does not lead there");
    run(&format!("socks5h://ada:canary-9@{closed}")).failed(14, &[HOST, &told, "--proxy"]);
    assert_eq!(org.demo.server.calls().len(), before);
}

#[test]
fn hosts_in_no_proxy_and_this_machine_are_reached_without_one() {
    let (authority, org, proxy) = proxied("127.0.0.1:0", None);
    let run = trusting(run(&org), &authority).env("HTTPS_PROXY", proxy.address.to_string());
    // Nobody else knows the name.
    run.env("NO_PROXY", ".acme.test").output().failed(14, &["cannot reach crm.acme.test"]);
    let local = Secured::start(&authority, LOCAL);
    let run = trusting(self::run(&local), &authority);
    run.args(["--proxy", &proxy.address.to_string()]).output().document();
    assert!(proxy.heads().is_empty(), "{:?}", proxy.heads());
}

#[test]
fn a_proxy_that_opens_tls_is_told_by_its_issuer_until_its_authority_is_given() {
    // What it shows the program is a certificate of its own for the org's name.
    let inspection = Authority::new("Acme Inspection CA");
    let org = Secured::start(&inspection, &[HOST]);
    let proxy = Proxy::start("127.0.0.1:0", None);
    let run = || run(&org).args(["--proxy", &proxy.address.to_string()]);
    run().output().failed(2, &[HOST, "CN=Acme Inspection CA", "if a proxy of your company opens TLS", "--ca-file"]);
    assert!(org.demo.server.calls().is_empty());
    trusting(run(), &inspection).output().document();
}

#[test]
fn the_readme_shows_what_is_said_of_it() {
    let org = Secured::start(&Authority::new("Acme Inspection CA"), &["acme.my.salesforce.com"]);
    let proxy = Proxy::leading_to(Some(org.port), "127.0.0.1:0", None);
    let run = Run::new().args(["--domain", "acme", "--salesforce-client-id", "id"]);
    let run = run.args(["--proxy", &proxy.address.to_string()]).env("BATON_SALESFORCE_CLIENT_SECRET", "canary");
    let said = run.output().stderr();
    let readme = include_str!("../../README.md").replace("\r\n", "\n");
    let shown = readme.split("```text\n").find(|block| block.starts_with("error: the login failed")).unwrap();
    let shown = shown.split("```").next().unwrap();
    assert!(said.ends_with(shown), "{said}");
    assert!(org.demo.server.calls().is_empty());
}

#[test]
fn ipv6_literals_work_for_orgs_and_proxies() {
    let Ok(listener) = std::net::TcpListener::bind("[::1]:0") else { return };
    drop(listener);
    let (authority, org, proxy) = proxied("[::1]:0", None);
    trusting(run(&org), &authority).args(["--proxy", &proxy.address.to_string()]).output().document();
    assert!(!proxy.heads().is_empty());
}

/// Every way to log in, through the proxy and with a private authority, and out again.
#[test]
fn every_call_takes_the_same_way() {
    let authority = Authority::new("Acme Root");
    for rotate_refresh_tokens in [false, true] {
        let options = ServerOptions { rotate_refresh_tokens, ..ServerOptions::default() };
        let org = Secured::with(&authority, &[HOST], false, options);
        let proxy = Proxy::start("127.0.0.1:0", None);
        let (store, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, authority.pem()).unwrap();
        let run = |command: Option<&str>| {
            let run = command.map_or_else(Run::new, |command| Run::new().arg(command));
            let run = run.args(["--domain", &org.url, "--allow-host", HOST]).arg("--ca-file").arg(&ca);
            run.args(["--proxy", &proxy.address.to_string()]).store(&store)
        };
        run(None).env("BATON_SALESFORCE_ACCESS_TOKEN", org.demo.server.access_token()).output().document();
        keep_login(&org, &store);
        let app = ["--salesforce-client-id", org.demo.server.client_id()];
        run(None).args(app).output().document();
        let status = run(Some("status")).args(app).output();
        assert_eq!(status.code(), 0, "{}{}", status.stdout(), status.stderr());
        let logout = run(Some("logout")).args(app).output();
        assert_eq!(logout.code(), 0, "{}", logout.stderr());
        let paths: Vec<_> = org.demo.server.calls().into_iter().map(|call| call.path).collect();
        for path in ["/services/oauth2/token", "/services/oauth2/userinfo", "/services/oauth2/revoke"] {
            assert!(paths.iter().any(|called| called == path), "{path}: {paths:?}");
        }
    }
}

/// Puts a person's login into the store, whose access token has ended.
fn keep_login(org: &Secured, store: &TempDir) {
    let allowed = AllowedHosts::parse(HOST).unwrap();
    let domain = Domain::parse_allowing(&org.url, &allowed).unwrap();
    let method = Method::Stored { client_id: org.demo.server.client_id().to_owned(), client_secret: None };
    let key = method.key(&domain, None).unwrap();
    let mut login = Login::new(&key, org.url.clone());
    login.refresh_token = Some(org.demo.server.refresh_token().into());
    let store = Store::at(store.path().to_owned());
    store.begin(&key, &store.lock(&key).unwrap()).unwrap().commit(&login).unwrap();
}

#[test]
fn a_private_key_logs_in_over_tls_and_through_a_proxy() {
    let authority = Authority::new("Acme Root");
    let (app, key) = demo::key_pair().unwrap();
    let options = ServerOptions { jwt: Some(app), ..ServerOptions::default() };
    let org = Secured::with(&authority, &[HOST], false, options);
    let proxy = Proxy::start("127.0.0.1:0", None);
    let app = Run::new().args(["--domain", &org.url, "--salesforce-client-id", org.demo.server.client_id()]);
    let run = trusting(app, &authority)
        .args(["--allow-host", HOST, "--proxy", &proxy.address.to_string()])
        .args(["--salesforce-jwt-subject", "ada.admin@acme.example", "--salesforce-private-key", "key.pem"])
        .file("key.pem", &key);
    assert_eq!(run.output().document().0["sync"]["runBy"]["authMethod"], "jwt-bearer");
    assert!(!proxy.heads().is_empty());
}

#[test]
fn a_person_logs_in_over_tls_and_through_a_proxy() {
    for (require_pkce, require_secret) in [(true, false), (false, true)] {
        let authority = Authority::new("Acme Root");
        let options = ServerOptions { require_pkce, require_secret, ..ServerOptions::default() };
        let org = Secured::with(&authority, &[HOST], false, options);
        let (proxy, store) = (Proxy::start("127.0.0.1:0", None), tempfile::tempdir().unwrap());
        let run = |command: &str| {
            let run = if command.is_empty() { Run::new() } else { Run::new().arg(command) };
            let run = trusting(run, &authority).store(&store);
            let run = if require_secret {
                run.env("BATON_SALESFORCE_CLIENT_SECRET", org.demo.server.client_secret())
            } else {
                run
            };
            run.args(["--domain", &org.url, "--salesforce-client-id", org.demo.server.client_id()]).args([
                "--allow-host",
                HOST,
                "--proxy",
                &proxy.address.to_string(),
            ])
        };
        let waiting = Waiting::start(run("login").args(["--callback-url", "http://localhost:0/callback"]));
        // The browser has its own way there.
        let plain = format!("http://{}", org.demo.server.address());
        let url = waiting.url.as_str().replace(&org.url, &plain).parse().unwrap();
        let location = Browser::new().submit(&url, None, "allow").location.unwrap();
        Browser::new().get(&location);
        let ran = waiting.finish();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        let before = proxy.heads().len();
        assert!(before > 0);
        run("").args(["-f", "sync.json", "--auth-method", "oauth"]).output().document();
        assert!(proxy.heads().len() > before);
    }
}

/// The token and the refresh token are not sent where a redirect points to, be it from the token endpoint, from
/// `userinfo` or from `revoke`; `domain.rs` has the API's calls.
#[test]
fn no_redirect_takes_a_credential_along() {
    let other = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    for status in [302, 307, 308] {
        for path in ["/services/oauth2/token", "/services/oauth2/userinfo", "/services/oauth2/revoke"] {
            let authority = Authority::new("Acme Root");
            let org = Secured::start(&authority, LOCAL);
            let location = format!("{}{path}", other.server.url());
            let action = Action::Redirect { status, location };
            org.demo.server.add_fault(Fault::new(Target::Path(path.to_owned()), None, action));
            let store = tempfile::tempdir().unwrap();
            keep_login(&org, &store);
            let ca = org_ca(&authority);
            let app = ["--domain", &org.url, "--salesforce-client-id", org.demo.server.client_id()];
            let run = |command: Option<&str>| {
                let run = command.map_or_else(Run::new, |command| Run::new().arg(command));
                run.args(app).arg("--ca-file").arg(ca.path()).store(&store)
            };
            if path.ends_with("revoke") {
                let ran = run(Some("logout")).output();
                ran.failed(9, &["redirect", "never followed"]);
                assert!(std::fs::read_dir(store.path()).unwrap().count() > 0, "the login is lost");
            } else if path.ends_with("token") {
                run(None).output().failed(9, &["redirect", "never followed"]);
            } else {
                // Who the user is can be done without.
                run(None).output().document();
            }
            assert!(other.server.calls().is_empty(), "{status} {path}: {:?}", other.server.calls());
        }
    }
}

fn org_ca(authority: &Authority) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), authority.pem()).unwrap();
    file
}
