//! The file: replaced whole, or left as it was.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use crate::support::{Document, Run};

const SMALL: [&str; 2] = ["--demo", "--sync-resource-types=role"];

fn run(file: &str) -> Run {
    Run::new().args(SMALL).args(["-f", file])
}

#[test]
fn the_document_can_go_to_stdout() {
    let ran = run("-").output();
    assert_eq!(ran.code(), 0);
    Document::parse(&ran.stdout());
    assert_eq!(fs::read_dir(ran.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let (mut command, _folder) = run("-").command();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("error"));
}

#[test]
fn a_document_of_the_same_org_is_replaced() {
    let first = run("sync.json").output();
    let before = fs::read_to_string(first.path("sync.json")).unwrap();
    let ran = run("sync.json").file("sync.json", &before).output();
    ran.document();
    assert_ne!(fs::read_to_string(ran.path("sync.json")).unwrap(), before);
    // Its beginning is enough: a cut document of this org is one too.
    run("sync.json").file("sync.json", &before[..before.len() / 2]).output().document();
    run("sync.json").file("sync.json", "").output().document();
}

#[test]
fn what_is_no_document_of_this_org_stays() {
    let first = run("sync.json").output();
    let document = fs::read_to_string(first.path("sync.json")).unwrap();
    let id = Document::parse(&document).0["sync"]["org"]["id"].as_str().unwrap().to_owned();
    let other_org = document.replacen(&id, "00D5f000000ZZZZEA4", 1);
    for there in ["my thesis", "{\"format\":\"other\"}", "\u{feff}{}", "[1,2]", &other_org] {
        let ran = run("sync.json").file("sync.json", there).output();
        assert_eq!(ran.code(), 9, "{}", ran.stderr());
        assert!(ran.stderr().contains("--force"), "{}", ran.stderr());
        assert_eq!(fs::read_to_string(ran.path("sync.json")).unwrap(), there);
        assert_eq!(fs::read_dir(ran.folder.path()).unwrap().count(), 1, "a temporary file is left");
        run("sync.json").arg("--force").file("sync.json", there).output().document();
    }
}

#[test]
fn a_path_that_cannot_be_written_is_told_before_anything_is_read() {
    let ran = run("nowhere/sync.json").output();
    ran.failed(2, &["nowhere"]);
    assert!(!ran.stderr().contains("connected"));
    for folder in [".", "new/"] {
        run(folder).output().failed(2, &["folder"]);
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_new_document_is_private_and_an_old_one_keeps_its_mode() {
        let ran = run("sync.json").output();
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&ran.path("sync.json")), 0o600);
        let again = run("sync.json").file("sync.json", "");
        fs::set_permissions(again.path("sync.json"), fs::Permissions::from_mode(0o640)).unwrap();
        let again = again.output();
        again.document();
        assert_eq!(mode(&again.path("sync.json")), 0o640);
    }

    #[test]
    fn the_target_of_a_link_is_replaced_and_not_the_link() {
        for existing in [true, false] {
            let run = run("sync.json");
            fs::create_dir(run.path("there")).unwrap();
            if existing {
                fs::write(run.path("there/real.json"), "").unwrap();
            }
            symlink("there/real.json", run.path("sync.json")).unwrap();
            let ran = run.output();
            ran.document();
            assert!(fs::symlink_metadata(ran.path("sync.json")).unwrap().is_symlink());
            Document::read(&ran.path("there/real.json"));
        }
    }

    #[test]
    fn what_leads_to_a_pipe_is_written() {
        if !std::path::Path::new("/dev/stdout").exists() {
            return;
        }
        let ran = run("/dev/stdout").output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        Document::parse(&ran.stdout());
    }

    #[test]
    fn a_full_disk_is_told() {
        if !std::path::Path::new("/dev/full").exists() {
            return;
        }
        run("/dev/full").output().failed(2, &["/dev/full", "No space left"]);
    }

    #[test]
    fn a_disk_that_fills_up_leaves_the_old_document() {
        let earlier = run("sync.json").output();
        let earlier = fs::read_to_string(earlier.path("sync.json")).unwrap();
        let run = run("sync.json").file("sync.json", &earlier);
        let (command, folder) = run.command();
        // No file may grow beyond 4 kB; the signal that says so is ignored, so that writing fails as on a full disk.
        let line = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
        let mut shell = std::process::Command::new("sh");
        shell.arg("-c").arg(line).arg(command.get_program()).args(command.get_args()).env_clear();
        let output = shell.env("PATH", "/usr/bin:/bin").current_dir(folder.path()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("sync.json") && stderr.contains("File too large"), "{stderr}");
        assert_eq!(fs::read_to_string(folder.path().join("sync.json")).unwrap(), earlier);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file is left");
    }

    #[test]
    fn a_pipe_that_nobody_reads_can_be_given_up() {
        let run = run("pipe");
        assert!(std::process::Command::new("mkfifo").arg(run.path("pipe")).status().unwrap().success());
        let (mut command, _folder) = run.arg("--log-level=debug").command();
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut byte = [0; 1];
        // The log says that it waits; then the signal handlers are there.
        child.stderr.take().unwrap().read_exact(&mut byte).unwrap();
        let kill = std::process::Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(143));
    }

    #[test]
    fn a_device_is_written_and_not_replaced() {
        let before = fs::metadata("/dev/null").unwrap().ino();
        assert_eq!(run("/dev/null").output().code(), 0);
        assert_eq!(fs::metadata("/dev/null").unwrap().ino(), before);
    }

    #[test]
    fn a_signal_stops_the_run_and_leaves_the_old_document() {
        use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};
        let hour = std::time::Duration::from_hours(1);
        let fault = Fault::new(Target::Object("User".to_owned()), None, Action::Delay(hour));
        let options = ServerOptions { faults: vec![fault], ..ServerOptions::default() };
        let demo = crate::support::Demo::start(Org::generate(Shape::Small, 1), options);
        for (signal, code) in crate::support::signals() {
            let run = demo.run().file("sync.json", "");
            let (mut command, folder) = run.command();
            let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
            // It says that it is connected once the org has answered; then the signal handlers have long been there.
            let mut said = String::new();
            let mut stderr = child.stderr.take().unwrap();
            while !said.contains("connected") {
                let mut bytes = [0; 256];
                let count = stderr.read(&mut bytes).unwrap();
                assert!(count > 0, "{said}");
                said.push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
            let kill = std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
            assert!(kill.unwrap().success());
            assert_eq!(child.wait().unwrap().code(), Some(code));
            assert_eq!(fs::read_to_string(folder.path().join("sync.json")).unwrap(), "");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file is left");
        }
    }
}

/// Runs that meet at one target.
#[cfg(unix)]
mod turns {
    use std::process::{Child, Command};
    use std::time::Duration;

    use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Shape, Target};

    use super::*;
    use crate::support::{Demo, Document};

    /// An org that takes its time to tell its users.
    fn slow(delay: Duration) -> Demo {
        let fault = Fault::new(Target::Object("User".to_owned()), None, Action::Delay(delay));
        let options = ServerOptions { faults: vec![fault], ..ServerOptions::default() };
        Demo::start(Org::generate(Shape::Small, 1), options)
    }

    /// A run that has begun to read, and its folder.
    fn begun(demo: &Demo) -> (Child, tempfile::TempDir) {
        let (mut command, folder) = demo.run().command();
        let child = command.stderr(Stdio::null()).spawn().unwrap();
        demo.wait_for("/services/data/v");
        (child, folder)
    }

    fn left(folder: &std::path::Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.to_string_lossy().into_owned()).filter(|name| name != "sync.json").collect()
    }

    #[test]
    fn a_second_run_is_told_whose_turn_it_is() {
        let demo = slow(Duration::from_hours(1));
        let (mut child, folder) = begun(&demo);
        let target = folder.path().join("sync.json");
        let other = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
        let ran = other.run().arg("-f").arg(&target).output();
        let turn = format!("another run is writing `{}` (process {}", target.display(), child.id());
        ran.failed(9, &[&turn, "--wait"]);
        assert!(other.server.calls().is_empty(), "nobody was asked");
        let link = folder.path().join("link.json");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        other.run().arg("-f").arg(&link).output().failed(9, &["another run is writing"]);
        fs::remove_file(link).unwrap();
        // Another file in the same folder is nobody's turn.
        assert_eq!(other.run().arg("-f").arg(folder.path().join("other.json")).output().code(), 0);
        fs::remove_file(folder.path().join("other.json")).unwrap();

        // Killed, it leaves its temporary file; the next run takes that away, and its turn.
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(left(folder.path()).len(), 1);
        let ran = other.run().arg("-f").arg(&target).output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        assert_eq!(left(folder.path()), Vec::<String>::new());
        Document::read(&target);
    }

    #[test]
    fn a_run_that_waits_comes_next() {
        let demo = slow(Duration::from_millis(700));
        let (mut child, folder) = begun(&demo);
        let target = folder.path().join("sync.json");
        let other = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
        let ran = other.run().arg("--wait=60s").arg("-f").arg(&target).output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        assert!(child.wait().unwrap().success());
        assert_eq!(left(folder.path()), Vec::<String>::new());
        Document::read(&target);
    }

    #[test]
    fn a_run_that_takes_too_long_ends_and_leaves_the_old_document() {
        let demo = slow(Duration::from_hours(1));
        let ran = demo.run().file("sync.json", "").args(["--timeout", "1s"]).output();
        assert_eq!(ran.code(), 4, "{}", ran.stderr());
        for says in ["did not end within one second; it was waiting for ", "User", "--timeout"] {
            assert!(ran.stderr().contains(says), "{}", ran.stderr());
        }
        assert_eq!(fs::read_to_string(ran.path("sync.json")).unwrap(), "");
        assert_eq!(left(ran.folder.path()), Vec::<String>::new());
    }

    /// Files may have so many blocks of 512 bytes, and whoever writes more is told: as a disk that is full.
    #[test]
    fn a_disk_that_fills_up_leaves_the_old_document_and_nothing_else() {
        for (file, blocks, says) in [
            ("sync.json", 600, "cannot write `sync.json`"),
            ("sync.c1z", 300, "a temporary file in"),
            ("sync.c1z", 1500, "a temporary file in"),
            ("sync.json.gz", 40, "cannot write `sync.json.gz`"),
        ] {
            let (command, folder) = Run::new().args(["--demo", "--force", "-f", file]).file(file, "old").command();
            let bounds = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
            let ran = Command::new("/bin/sh")
                .args(["-c", &bounds])
                .arg(command.get_program())
                .args(command.get_args())
                .env_clear()
                .current_dir(folder.path())
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&ran.stderr).into_owned();
            assert_eq!(ran.status.code(), Some(2), "{file}: {stderr}");
            assert!(stderr.contains(says), "{file}: {stderr}");
            assert_eq!(fs::read_to_string(folder.path().join(file)).unwrap(), "old", "{file}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{file}");
        }
    }

    #[test]
    fn a_folder_of_csv_that_lost_its_name_is_brought_back() {
        let ran = Run::new().arg("--demo").output();
        let folder = ran.folder.path();
        let convert = |more: &[&str]| {
            let (from, to) = (folder.join("demo.json"), folder.join("out.csv"));
            let mut command = Command::new(env!("CARGO_BIN_EXE_baton-salesforce"));
            command.arg("convert").args([from, to]).args(more).output().unwrap().status.code()
        };
        assert_eq!(convert(&[]), Some(0));
        // As if it had been killed between its two steps.
        fs::rename(folder.join("out.csv"), folder.join(".out.csv.old")).unwrap();
        fs::create_dir(folder.join(".out.csv.1-dead00.tmp")).unwrap();
        fs::write(folder.join(".out.csv.1-dead00.tmp/about.csv"), "half").unwrap();
        assert_eq!(convert(&[]), Some(9), "it is there again");
        let mut names = left(folder);
        names.sort();
        assert_eq!(names, ["demo.json", "out.csv"]);
        assert_eq!(convert(&["--force"]), Some(0));
    }
}
