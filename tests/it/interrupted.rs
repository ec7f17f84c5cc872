//! What ends a run before its time: signals, and the end of whoever waits for it.
#![cfg(unix)]

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};

use crate::support::{Demo, Run, signals, wait_for_text};

/// An org that does not answer one question.
fn hangs_at(what: Target) -> Demo {
    let fault = Fault::new(what, None, Action::Delay(Duration::from_hours(1)));
    Demo::start(Org::generate(Shape::Small, 1), ServerOptions { faults: vec![fault], ..ServerOptions::default() })
}

fn hangs_at_object(name: &str) -> Demo {
    hangs_at(Target::Object(name.to_owned()))
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

#[test]
fn a_second_signal_ends_what_the_first_one_waits_for() {
    let demo = hangs_at(Target::Path("/services/oauth2/token".to_owned()));
    let run = demo.run().env("BATON_SALESFORCE_REFRESH_TOKEN", "any").args(["--refresh-token-out", "token"]);
    let (mut command, folder) = run.command();
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    // It has asked for a token, which may be the only one that works from then on.
    let begun = |name: &str| name.ends_with(".token.tmp");
    while !fs::read_dir(folder.path()).unwrap().any(|entry| begun(&entry.unwrap().file_name().to_string_lossy())) {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    send("TERM", &child);
    let said = wait_for_text(&mut child, "one more signal ends it at once");
    assert!(!said.contains("stopped"), "{said}");
    send("TERM", &child);
    let mut rest = String::new();
    child.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!((child.wait().unwrap().code(), rest.as_str()), (Some(143), ""));
    assert!(!folder.path().join("sync.json").exists());
}

#[test]
fn a_run_ends_with_those_who_wait_for_it() {
    let demo = hangs_at_object("UserRole");
    // Nobody reads what it says: the next line that it says, that of a hang too, ends it.
    let (mut command, folder) = demo.run().args(["--progress", "json"]).command();
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    wait_for_text(&mut child, "connected");
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(141));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // The shell that started it ends; it says so on the stderr that it has from it.
    let (command, folder) = demo.run().args(["--exit-with-parent"]).command();
    let mut shell = Command::new("sh");
    // It goes on when the shell is told to end, by a line on stdin.
    shell.args(["-c", "\"$0\" \"$@\" & read line"]).arg(command.get_program()).args(command.get_args());
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(folder.path()).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    wait_for_text(&mut shell, "connected");
    drop(shell.stdin.take());
    let mut rest = String::new();
    // Its end is the end of stderr.
    shell.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
    shell.wait().unwrap();
    assert!(rest.ends_with("the program that started this one has ended; no whole document was written\n"), "{rest}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_pipe_that_nobody_reads_can_be_given_up() {
    let run = Run::new().args(["--demo", "-f", "pipe"]);
    assert!(Command::new("mkfifo").arg(run.path("pipe")).status().unwrap().success());
    let (mut command, _folder) = run.arg("--log-level=debug").command();
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut byte = [0; 1];
    // The log says that it waits; then the signal handlers are there.
    child.stderr.take().unwrap().read_exact(&mut byte).unwrap();
    send("TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
fn a_signal_stops_the_run_and_leaves_the_old_document() {
    let demo = hangs_at_object("User");
    for (signal, code) in signals() {
        let run = demo.run().file("sync.json", "");
        let (mut command, folder) = run.command();
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        // It says that it is connected once the org has answered; then the signal handlers have long been there.
        wait_for_text(&mut child, "connected");
        send(signal, &child);
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(fs::read_to_string(folder.path().join("sync.json")).unwrap(), "");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file is left");
    }
}

#[test]
fn a_run_that_takes_too_long_ends_and_leaves_the_old_document() {
    let demo = hangs_at_object("User");
    let ran = demo.run().file("sync.json", "").args(["--timeout", "1s"]).output();
    assert_eq!(ran.code(), 4, "{}", ran.stderr());
    for says in ["did not end within one second; it was waiting for ", "User", "--timeout"] {
        assert!(ran.stderr().contains(says), "{}", ran.stderr());
    }
    assert_eq!(fs::read_to_string(ran.path("sync.json")).unwrap(), "");
    assert_eq!(fs::read_dir(ran.folder.path()).unwrap().count(), 1);
}
