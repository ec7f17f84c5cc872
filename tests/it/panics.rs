//! A bug is told without a word of what was at hand when it was met.

use std::process::Command;
use std::sync::Arc;

use baton_salesforce::auth::{Keep, Method, Renewer, Store, TokenSource};
use baton_salesforce::failure::Failure;
use baton_salesforce::net::retry::Policy;
use baton_salesforce::net::{Domain, Network, http, secret};
use baton_salesforce::panics;
use baton_salesforce::settings::Messages;
use baton_salesforce::ui::Ui;
use secrecy::SecretString;

const CANARY: &str = "00D5f000000AAAA!AQ.canary-in-a-panic";

fn ui() -> Ui {
    let json = std::env::var_os("BATON_TEST_JSON").is_some();
    Ui::new(Messages { json, level: tracing::Level::TRACE, ..Messages::DEFAULT })
}

/// A login whose warning panics with a token in its words, in the middle of getting a session.
fn renewer(folder: &std::path::Path) -> Renewer {
    let domain = Domain::parse("http://127.0.0.1:1").unwrap();
    let http = http::client(&Network::default(), &domain).unwrap();
    let method = Method::ClientCredentials {
        client_id: "id".to_owned(),
        client_secret: SecretString::from(format!("{CANARY}-secret")),
    };
    // Where a folder belongs there is a file, of which the person is warned.
    let file = folder.join("file");
    std::fs::write(&file, "").unwrap();
    let key = method.key(&domain, None).unwrap();
    Renewer::new(http, domain, method, Keep::Store(Store::at(file), key), Policy::default(), |_| {
        panic!("Bearer {CANARY}")
    })
}

/// What the program does around everything, with a bug in it.
fn meet_a_bug(place: &str) -> u8 {
    panics::watch(ui);
    panics::exit_code(|| {
        let known = SecretString::from(CANARY);
        assert_ne!(place, "before the settings", "{CANARY}");
        let ui = panics::tell_by(ui());
        ui.start_log();
        secret::keep_out(&known);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let fail = |error: &anyhow::Error| {
            let failure = Failure::explain(error);
            // The program would not even say it.
            assert!(panics::have_told());
            ui.fail(&failure);
            failure.class.code()
        };
        match place {
            "the log" => {
                tracing::trace!(target: "baton_salesforce", token = CANARY, "Bearer {CANARY}");
                panic!("{CANARY}")
            }
            "a thread" => {
                let _ = std::thread::spawn(|| std::panic::panic_any(CANARY.to_owned())).join();
                0
            }
            "a login" => {
                let folder = tempfile::tempdir().unwrap();
                let error = runtime.block_on(TokenSource::open(renewer(folder.path()))).unwrap_err();
                fail(&error.into())
            }
            _ => panic!("{known:?} {CANARY} {}", Arc::new(CANARY)),
        }
    })
}

/// The test is run by itself once more, as a process that ends as the program does.
#[test]
#[expect(clippy::exit, reason = "the code of that process is what is tested")]
fn a_panic_tells_its_place_and_no_secret() {
    if let Ok(place) = std::env::var("BATON_TEST_PANIC") {
        std::process::exit(meet_a_bug(&place).into());
    }
    for place in ["before the settings", "the log", "a thread", "a login", "the run"] {
        for json in [false, true] {
            let mut child = Command::new(std::env::current_exe().unwrap());
            child.args(["--exact", "panics::a_panic_tells_its_place_and_no_secret", "--nocapture"]);
            child.env("BATON_TEST_PANIC", place).env("RUST_BACKTRACE", "full");
            if json {
                child.env("BATON_TEST_JSON", "1");
            }
            let output = child.output().unwrap();
            let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.code(), Some(13), "{place}: {stdout}{stderr}");
            assert!(!(stdout.into_owned() + &stderr).contains("canary"), "{place}: {stderr}");
            let bugs = stderr.matches("a bug in this program, at tests").count();
            assert_eq!((bugs, stderr.contains("stack backtrace")), (1, false), "{place}: {stderr}");
            assert_eq!(stderr.contains("(secret)"), place == "the log", "{stderr}");
        }
    }
}
