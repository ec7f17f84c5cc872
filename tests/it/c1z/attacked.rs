//! Hostile files, read by the program: it ends in bounded time and memory, with one clear message or with a right
//! answer, and leaves nothing behind.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::hostile::{Hostile, Outcome, all, cut};
use super::sample;

/// Address space, in KiB. What is given out is less; a file in memory counts.
const MEMORY: usize = 1 << 20;
/// Seconds of the processor, in a build for tests.
const SECONDS: usize = 20;

/// A folder with a hostile file, and one for what the program puts aside.
struct Attack {
    folder: TempDir,
}

impl Attack {
    fn new(file: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("hostile.c1z"), file).unwrap();
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        Self { folder }
    }

    /// Runs the program within bounds. Whoever exceeds them is killed, and has no exit code.
    fn run(&self, arguments: &[&str]) -> Output {
        let bounds = format!("ulimit -v {MEMORY}; ulimit -t {SECONDS}; ulimit -c 0; exec \"$0\" \"$@\"");
        Command::new("/bin/sh")
            .args(["-c", &bounds, env!("CARGO_BIN_EXE_baton-salesforce")])
            .args(arguments)
            .env_clear()
            .env("BATON_LOGIN_STORE", "none")
            .env("TMPDIR", self.folder.path().join("tmp"))
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    fn names(folder: &Path) -> BTreeSet<String> {
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    /// What is wrong with how a run ended.
    fn faults(&self, output: &Output, written: Option<&str>) -> Vec<String> {
        let mut faults = Vec::new();
        let (stdout, stderr) = (&output.stdout, String::from_utf8_lossy(&output.stderr));
        match output.status.code() {
            None => faults.push(format!("it was killed: {}", output.status)),
            Some(13) => faults.push(format!("it panicked: {stderr}")),
            Some(0) => {}
            Some(_) => {
                let errors = stderr.lines().filter(|line| line.starts_with("error:")).count();
                if errors != 1 {
                    faults.push(format!("{errors} messages, not one: {stderr}"));
                }
                if stderr.len() > 4000 {
                    faults.push(format!("a message of {} bytes", stderr.len()));
                }
            }
        }
        for (what, bytes) in [("stdout", stdout), ("stderr", &output.stderr)] {
            let is_control = |byte: &u8| *byte < b' ' && !b"\n\r\t".contains(byte) || *byte == 0x7f;
            if bytes.iter().any(is_control) || String::from_utf8_lossy(bytes).contains(['\u{202e}', '\u{2066}']) {
                faults.push(format!("{what} carries control characters"));
            }
        }
        if stderr.contains("panicked") || stderr.contains("a bug in this program") {
            faults.push(format!("it panicked: {stderr}"));
        }
        let left = Self::names(&self.folder.path().join("tmp"));
        if !left.is_empty() {
            faults.push(format!("left behind: {left:?}"));
        }
        let mut allowed = BTreeSet::from(["hostile.c1z".to_owned(), "tmp".to_owned()]);
        allowed.extend(written.filter(|_| output.status.success()).map(str::to_owned));
        let there = Self::names(self.folder.path());
        if !there.is_subset(&allowed) {
            faults.push(format!("written: {:?}", there.difference(&allowed).collect::<Vec<_>>()));
        }
        faults
    }
}

/// The grants' ids, however a document of a foreign file is made.
fn grants(document: &Value) -> BTreeSet<String> {
    let all = document["grants"].as_array().into_iter().flatten();
    all.filter_map(|grant| grant["id"].as_str()).map(str::to_owned).collect()
}

/// What is wrong with how the program takes a file; by all commands that read it, or by the one that reads all of it.
fn faults(hostile: &Hostile, by_all: bool) -> Vec<String> {
    let attack = Attack::new(&hostile.file);
    let mut faults = Vec::new();
    let commands = [
        &["show", "hostile.c1z"] as &[&str],
        &["show", "hostile.c1z", "grants"],
        &["show", "hostile.c1z", "resources", "--json"],
        &["diff", "hostile.c1z", "hostile.c1z"],
        &["show", "hostile.c1z", "--sync-id", "x' or '1'='1"],
    ];
    for arguments in commands.into_iter().filter(|_| by_all) {
        let output = attack.run(arguments);
        let found = attack.faults(&output, None);
        faults.extend(found.into_iter().map(|fault| format!("{arguments:?}: {fault}")));
    }
    let output = attack.run(&["convert", "hostile.c1z", "told.json"]);
    faults.extend(attack.faults(&output, Some("told.json")).into_iter().map(|fault| format!("convert: {fault}")));
    if output.status.success() {
        let told = std::fs::read(attack.folder.path().join("told.json")).unwrap_or_default();
        match serde_json::from_slice::<Value>(&told) {
            Err(error) => faults.push(format!("convert ended well with what is no document: {error}")),
            Ok(_) if hostile.outcome == Outcome::Refused => faults.push("it was read, and must not be".to_owned()),
            Ok(document) if hostile.outcome == Outcome::Sample && grants(&document) != grants(&sample::document()) => {
                faults.push(format!("another answer than the right one: {:?}", grants(&document)));
            }
            Ok(_) => {}
        }
    }
    faults
}

#[track_caller]
fn assert_harmless(files: impl Iterator<Item = Hostile>) {
    let mut report = Vec::new();
    for (at, hostile) in files.enumerate() {
        let found = faults(&hostile, at.is_multiple_of(8));
        report.extend(found.into_iter().map(|fault| format!("{}: {fault}", hostile.name)));
    }
    assert!(report.is_empty(), "{} faults:\n{}", report.len(), report[..report.len().min(40)].join("\n"));
}

#[test]
fn hostile_files_harm_nothing() {
    assert_harmless(all().into_iter());
}

/// Every byte of the header, of the first block's and of the end; of what is between, some.
#[test]
fn a_cut_file_is_recognised() {
    let count = cut().count();
    let is_told = |at: usize| at < 64 || at + 24 > count || at.is_multiple_of(149);
    assert_harmless(cut().enumerate().filter(|(at, _)| is_told(*at)).map(|(_, hostile)| hostile));
}

/// The sample itself is read, and rightly: otherwise the tests above would say little.
#[test]
fn the_sample_is_read() {
    let good = super::encode::Packing::GOOD.file(sample::good());
    let attack = Attack::new(&good);
    let output = attack.run(&["convert", "hostile.c1z", "told.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(attack.faults(&output, Some("told.json")), [""; 0]);
    let told = std::fs::read(attack.folder.path().join("told.json")).unwrap();
    assert_eq!(grants(&serde_json::from_slice(&told).unwrap()), grants(&sample::document()));
    for arguments in [["show", "hostile.c1z", "grants"], ["diff", "hostile.c1z", "hostile.c1z"]] {
        let output = attack.run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
