//! The file: replaced whole, or left as it was.

use std::fs;
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
        in_shell(">/dev/full", run("-")).failed(2, &["cannot write `-`: No space left"]);
        let document = run("other.json").output();
        let path = document.path("other.json").to_string_lossy().into_owned();
        for command in [&["show", &path][..], &["show", &path, "users"], &["diff", &path, &path], &["schema"]] {
            in_shell(">/dev/full", Run::new().args(command)).failed(2, &["cannot write to stdout: No space left"]);
        }
    }

    #[test]
    fn a_disk_that_fills_up_leaves_the_old_document() {
        let earlier = run("sync.json").output();
        let earlier = fs::read_to_string(earlier.path("sync.json")).unwrap();
        let full = in_shell(FULL, run("sync.json").file("sync.json", &earlier));
        assert_eq!(full.code(), 2, "{}", full.stderr());
        assert!(full.stderr().contains("sync.json") && full.stderr().contains("File too large"), "{}", full.stderr());
        assert_eq!(fs::read_to_string(full.path("sync.json")).unwrap(), earlier);
        assert_eq!(fs::read_dir(full.folder.path()).unwrap().count(), 1, "a temporary file is left");
        // Where the signal is not ignored it ends the program, as any other way to die.
        let killed = in_shell("ulimit -c 0; ulimit -f 8; exec", run("sync.json").file("sync.json", &earlier));
        assert_eq!(killed.output.status.code(), None, "{}", killed.stderr());
        assert_eq!(fs::read_to_string(killed.path("sync.json")).unwrap(), earlier);
    }

    /// No file may grow beyond 4 kB; the signal that says so is ignored, so that writing fails as on a full disk.
    const FULL: &str = "trap '' XFSZ; ulimit -f 8; exec";

    /// A run that a shell starts, with something before and after it.
    fn in_shell(before: &str, run: Run) -> crate::support::Ran {
        let (command, folder) = run.command();
        let mut shell = std::process::Command::new("sh");
        let line =
            if before.contains("exec") { format!("{before} \"$0\" \"$@\"") } else { format!("\"$0\" \"$@\" {before}") };
        shell.arg("-c").arg(line).arg(command.get_program()).args(command.get_args()).env_clear();
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", "/usr/bin:/bin");
        let output = shell.current_dir(folder.path()).stdin(Stdio::null()).output().unwrap();
        crate::support::Ran { output, folder }
    }

    #[test]
    fn a_full_folder_for_temporary_files_is_told_with_the_way_to_another() {
        let earlier = run("sync.c1z").output();
        let before = fs::read(earlier.path("sync.c1z")).unwrap();
        let full = run("sync.c1z");
        let temporary = tempfile::tempdir().unwrap();
        fs::write(full.path("sync.c1z"), &before).unwrap();
        let ran = in_shell(FULL, full.env("TMPDIR", temporary.path()));
        let place = format!("temporary file in `{}`", temporary.path().display());
        ran.failed(2, &["cannot write `sync.c1z`", &place, "set TMPDIR to another folder"]);
        assert_eq!(fs::read(ran.path("sync.c1z")).unwrap(), before);
        assert_eq!(fs::read_dir(ran.folder.path()).unwrap().count(), 1, "a temporary file is left");
        run("sync.c1z").env("TMPDIR", "/nowhere").output().failed(2, &["temporary file in `/nowhere`", "TMPDIR"]);
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0, "a temporary file is left");
    }

    #[test]
    fn a_stdout_that_is_closed_is_no_place_for_a_document() {
        let closed = in_shell(">&-", run("-"));
        closed.failed(2, &["stdout, which is closed", "--file"]);
        assert!(!closed.stderr().contains("connected"), "{}", closed.stderr());
        let earlier = run("sync.json").output();
        let document = earlier.path("sync.json").to_string_lossy().into_owned();
        in_shell(">&-", Run::new().args(["convert", &document, "-"])).failed(2, &["stdout, which is closed"]);
        // Nor for other results.
        for command in
            [&["show", &document][..], &["diff", &document, &document], &["schema"], &["check", "--demo", "-q"]]
        {
            in_shell(">&-", Run::new().args(command)).failed(2, &["cannot write to stdout: it is closed"]);
        }
        // What somebody wants thrown away.
        assert_eq!(in_shell(">/dev/null", run("-")).code(), 0);
        // A document that goes elsewhere needs none; nor does a run need stdin.
        in_shell(">&- <&-", run("sync.json")).document();
        // Nor anybody who listens.
        in_shell("2>&-", run("sync.json")).document();
    }

    #[test]
    fn a_folder_that_cannot_be_written_leaves_the_old_document() {
        let earlier = run("sync.json").output();
        let earlier = fs::read_to_string(earlier.path("sync.json")).unwrap();
        let run = run("sync.json").file("sync.json", &earlier);
        let folder = run.folder.path().to_owned();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
        let may_all = fs::write(folder.join("probe"), "").is_ok();
        let ran = run.output();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        if may_all {
            // The administrator, whom modes do not stop.
            return;
        }
        assert_eq!(ran.code(), 2, "{}", ran.stderr());
        assert!(ran.stderr().contains("Permission denied") && !ran.stderr().contains("connected"), "{}", ran.stderr());
        assert_eq!(fs::read_to_string(ran.path("sync.json")).unwrap(), earlier);
    }

    #[test]
    fn a_device_is_written_and_not_replaced() {
        let before = fs::metadata("/dev/null").unwrap().ino();
        assert_eq!(run("/dev/null").output().code(), 0);
        assert_eq!(fs::metadata("/dev/null").unwrap().ino(), before);
    }

    /// Files may have so many blocks of 512 bytes, and whoever writes more is told: as a disk that is full.
    #[test]
    fn a_disk_that_fills_up_later_leaves_the_old_document_and_nothing_else() {
        for (file, blocks, says) in [
            ("sync.json", 600, "cannot write `sync.json`"),
            ("sync.c1z", 300, "a temporary file in"),
            ("sync.c1z", 1500, "a temporary file in"),
            ("sync.json.gz", 40, "cannot write `sync.json.gz`"),
        ] {
            let run = Run::new().args(["--demo", "--force", "-f", file]).file(file, "old");
            let ran = in_shell(&format!("trap '' XFSZ; ulimit -f {blocks}; exec"), run);
            assert_eq!(ran.code(), 2, "{file}: {}", ran.stderr());
            assert!(ran.stderr().contains(says), "{file}: {}", ran.stderr());
            assert_eq!(fs::read_to_string(ran.path(file)).unwrap(), "old", "{file}");
            assert_eq!(fs::read_dir(ran.folder.path()).unwrap().count(), 1, "{file}");
        }
    }
}
