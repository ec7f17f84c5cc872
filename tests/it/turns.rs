//! One run at a time on a target, and nothing left of those that were killed.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};
use tempfile::TempDir;

use crate::support::{Demo, Document, Ran, Run, wait_for_text};

/// An org that does not answer when it is asked for roles.
fn hanging() -> Demo {
    let fault = Fault::new(Target::Object("UserRole".to_owned()), None, Action::Delay(Duration::from_hours(1)));
    Demo::start(Org::generate(Shape::Small, 1), ServerOptions { faults: vec![fault], ..ServerOptions::default() })
}

/// A run that has come as far as the org, and goes on for as long as the value lives.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        wait_for_text(&mut child, "connected");
        Self(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // On Unix this is SIGKILL.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A run in a folder where others have been.
fn again(folder: &TempDir, run: Run) -> Ran {
    let (mut command, own) = run.command();
    let output = command.current_dir(folder.path()).output().unwrap();
    Ran { output, folder: own }
}

#[test]
fn the_second_run_on_a_target_is_refused_and_told_whose_turn_it_is() {
    let demo = hanging();
    let (mut command, folder) = demo.run().args(["-f", "sync.json"]).command();
    let running = Running::start(&mut command);
    let logins = demo.token_calls();
    for flags in [&["-f", "sync.json"][..], &["-f", "./sync.json", "--wait=1ms"], &["-f", "sync.json", "--force"]] {
        let second = again(&folder, demo.run().args(flags));
        assert_eq!(second.code(), 9, "{}", second.stderr());
        assert!(second.stderr().contains("another run is writing `") && second.stderr().contains("--wait"));
        if cfg!(unix) {
            let who = format!("process {} on ", running.0.id());
            assert!(second.stderr().contains(&who), "{}", second.stderr());
        }
    }
    assert_eq!(demo.token_calls(), logins, "it logged in although it was not its turn");
    // Another target, and what is no file, are free.
    let quick = |file: &str| Run::new().args(["--demo", "-f", file]);
    assert_eq!(again(&folder, quick("other.json")).code(), 0);
    assert_eq!(again(&folder, quick("-")).code(), 0);
}

#[test]
fn convert_takes_turns_too() {
    let demo = hanging();
    let (mut command, folder) = demo.run().args(["-f", "out.jsonl"]).command();
    assert_eq!(again(&folder, Run::new().args(["--demo", "-f", "in.json"])).code(), 0);
    let running = Running::start(&mut command);
    let convert = |flags: &[&str]| again(&folder, Run::new().args(["convert", "in.json"]).args(flags));
    let refused = convert(&["out.jsonl", "--wait=1ms"]);
    assert_eq!(refused.code(), 9, "{}", refused.stderr());
    drop(running);
    assert_eq!(convert(&["out.jsonl"]).code(), 0);
    assert_eq!(names(folder.path()), ["in.json", "out.jsonl"]);
}

#[cfg(unix)]
#[test]
fn a_link_and_its_target_are_one() {
    let demo = hanging();
    let (mut command, folder) = demo.run().args(["-f", "sync.json"]).command();
    fs::create_dir(folder.path().join("there")).unwrap();
    std::os::unix::fs::symlink("there/real.json", folder.path().join("sync.json")).unwrap();
    let _running = Running::start(&mut command);
    let second = again(&folder, demo.run().args(["-f", "there/real.json"]));
    assert_eq!(second.code(), 9, "{}", second.stderr());
}

#[test]
fn a_killed_run_does_not_block_and_the_next_one_clears_up_after_it() {
    let demo = hanging();
    let (mut command, folder) = demo.run().args(["-f", "sync.json"]).command();
    let running = Running::start(&mut command);
    drop(running);
    // Its lock file and its temporary one.
    let left = names(folder.path());
    assert_eq!(left.len(), 2, "{left:?}");
    fs::write(folder.path().join(".sync.json.mine.tmp"), "mine").unwrap();
    let next = again(&folder, Run::new().args(["--demo", "-f", "sync.json"]));
    assert_eq!(next.code(), 0, "{}", next.stderr());
    assert!(next.stderr().contains("removed what a run left that was killed (process "), "{}", next.stderr());
    Document::read(&folder.path().join("sync.json"));
    assert_eq!(names(folder.path()), [".sync.json.mine.tmp", "sync.json"]);
}

/// A run that says all that it does, and is killed when it has said so many lines; how many it has said.
fn kill_after(lines: usize, folder: &TempDir, file: &str) -> usize {
    let run =
        Run::new().args(["--demo", "--sync-resource-types=role", "--progress=json", "--log-level=trace", "-f", file]);
    let (mut command, _own) = run.command();
    let mut child = command.current_dir(folder.path()).stderr(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(child.stderr.as_mut().unwrap()).lines().take(lines).count();
    drop(Running(child));
    said
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_a_whole_document_and_nothing_for_long() {
    for file in ["sync.json", "sync.c1z"] {
        let folder = tempfile::tempdir().unwrap();
        let all = kill_after(usize::MAX, &folder, file);
        assert!(all > 10, "it has said {all} lines");
        for lines in 0..all {
            kill_after(lines, &folder, file);
            // What cannot be read to its end is refused.
            let read = again(&folder, Run::new().args(["convert", file, "-", "--format", "json"]));
            assert_eq!(read.code(), 0, "killed after {lines} lines: {}", read.stderr());
            Document::parse(&read.stdout());
        }
        kill_after(usize::MAX, &folder, file);
        assert_eq!(names(folder.path()), [file]);
    }
}

#[test]
fn whoever_waits_gets_the_turn_when_the_other_run_has_ended() {
    let demo = hanging();
    let (mut command, folder) = demo.run().args(["-f", "sync.json"]).command();
    let running = Running::start(&mut command);
    let (mut command, _folder) = Run::new().args(["--demo", "-f", "sync.json", "--wait"]).command();
    let mut waiting = command.current_dir(folder.path()).stderr(Stdio::piped()).spawn().unwrap();
    let stderr = wait_for_text(&mut waiting, "waiting for another run, which is writing sync.json");
    drop(running);
    assert_eq!(waiting.wait_with_output().unwrap().status.code(), Some(0), "{stderr}");
    Document::read(&folder.path().join("sync.json"));
    assert_eq!(names(folder.path()), ["sync.json"]);
}

#[test]
fn what_stands_where_the_lock_would_be_is_left_alone() {
    let foreign = Run::new().args(["--demo", "-f", "sync.json"]).file(".sync.json.lock", "my notes").output();
    assert_eq!(foreign.code(), 9, "{}", foreign.stderr());
    assert!(foreign.stderr().contains(".sync.json.lock` is in the way"), "{}", foreign.stderr());
    assert_eq!(names(foreign.folder.path()), [".sync.json.lock"]);
    assert_eq!(fs::read_to_string(foreign.path(".sync.json.lock")).unwrap(), "my notes");
    // As a power cut can leave it.
    let cut = Run::new().args(["--demo", "-f", "sync.json"]).file(".sync.json.lock", "\0\0\0\0").output();
    cut.document();
    assert_eq!(names(cut.folder.path()), ["sync.json"]);
    #[cfg(unix)]
    {
        let link = Run::new().args(["--demo", "-f", "sync.json"]).file("precious", "");
        std::os::unix::fs::symlink("precious", link.path(".sync.json.lock")).unwrap();
        let link = link.output();
        assert_eq!(link.code(), 9, "{}", link.stderr());
        assert_eq!(fs::read_to_string(link.path("precious")).unwrap(), "");
    }
}

#[test]
fn names_as_long_as_they_can_be_are_fine() {
    let name = format!("{}.json", "ü".repeat(125));
    let ran = Run::new().args(["--demo", "-f", &name]).output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    assert_eq!(names(ran.folder.path()), [name]);
}

#[test]
fn a_folder_that_was_moved_aside_by_a_killed_run_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("out.csv");
    let run = |args: &[&str]| again(&folder, Run::new().args(args));
    assert_eq!(run(&["--demo", "-f", "in.json"]).code(), 0);
    assert_eq!(run(&["convert", "in.json", "out.csv"]).code(), 0);
    let whole = names(&csv);
    fs::write(csv.join("about.csv"), "the old one").unwrap();
    // As a run leaves it that is killed between its two steps, where a file system cannot do both at once.
    let lock = r#"{"pid":1,"host":"there","since":"2026-11-25T00:00:00Z","temporary":".out.csv.abc123.tmp"}"#;
    let killed = || {
        fs::rename(&csv, folder.path().join(".out.csv.abc123.old")).unwrap();
        fs::create_dir(folder.path().join(".out.csv.abc123.tmp")).unwrap();
        fs::write(folder.path().join(".out.csv.abc123.tmp/about.csv"), "the new one").unwrap();
        fs::write(folder.path().join(".out.csv.lock"), lock).unwrap();
    };
    killed();
    let refused = run(&["convert", "in.json", "out.csv"]);
    assert_eq!(refused.code(), 9, "{}", refused.stderr());
    assert!(refused.stderr().contains("what stood there is back"), "{}", refused.stderr());
    assert_eq!(fs::read_to_string(csv.join("about.csv")).unwrap(), "the old one");
    assert_eq!(names(folder.path()), ["in.json", "out.csv"]);
    killed();
    let replaced = run(&["convert", "in.json", "out.csv", "--force"]);
    assert_eq!(replaced.code(), 0, "{}", replaced.stderr());
    assert_eq!(names(&csv), whole);
    assert_eq!(names(folder.path()), ["in.json", "out.csv"]);
    assert_ne!(fs::read_to_string(csv.join("about.csv")).unwrap(), "the old one");
}

#[test]
fn a_lock_names_nothing_that_is_not_a_runs_own() {
    for name in ["../precious", "precious", ".sync.json.a/../../precious.tmp", ".sync.json..tmp"] {
        let lock = format!(r#"{{"pid":1,"host":"there","since":"","temporary":"{name}"}}"#);
        let run = Run::new().args(["--demo", "-f", "sync.json"]).file(".sync.json.lock", &lock).file("precious", "");
        let ran = run.output();
        ran.document();
        assert_eq!(names(ran.folder.path()), ["precious", "sync.json"]);
    }
}
