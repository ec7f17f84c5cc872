//! What the program writes: judged, and compared with the document that it writes of the same org.

use std::path::{Path, PathBuf};

use baton_salesforce::demo::{Org, ServerOptions, Shape};
use rusqlite::Connection;

use super::compare::compare;
use super::judge::judge;
use super::{container, rows};
use crate::random_org::random_org;
use crate::support::{Demo, Document, Ran, Run};

const EVERYTHING: [&str; 5] = [
    "--expand=all",
    "--sync-also=territory,connected_application,agent,manager_group,permission_set_license,system_permission",
    "--sync-non-standard-users",
    "--sync-deactivated-users",
    "--allow-partial",
];

/// Ways to run, each of which leaves something out or takes something in.
const WAYS: [&[&str]; 8] = [
    &[],
    &EVERYTHING,
    &["--expand=none"],
    &["--sync-resource-types=user,role"],
    &["--sync-resource-types=group"],
    &["--sync-resource-types=permission_set_license,user"],
    &["--skip-entitlements-and-grants"],
    &["--username-as-email", "--sync-deactivated-users=false"],
];

/// The file is good, and tells the same as the document.
#[track_caller]
fn assert_same(what: &str, document: &Document, path: &Path) {
    let complaints = judge(path);
    assert!(
        complaints.is_empty(),
        "{what}: {} complaints: {:#?}",
        complaints.len(),
        &complaints[..complaints.len().min(20)]
    );
    let differences = compare(&document.0, path);
    assert!(
        differences.is_empty(),
        "{what}: {} differences: {:#?}",
        differences.len(),
        &differences[..differences.len().min(20)]
    );
}

/// Two runs that end alike: one writes a document, the other a file.
#[track_caller]
fn both(what: &str, code: i32, run: impl Fn() -> Run) {
    let told = run().args(["-f", "sync.json"]).output();
    assert_eq!(told.code(), code, "{what}: {}", told.stderr());
    let document = Document::read(&told.path("sync.json"));
    let ran = run().args(["-f", "sync.c1z"]).output();
    assert_eq!(ran.code(), code, "{what}: {}", ran.stderr());
    assert_same(what, &document, &written(&ran));
}

/// The file that a run wrote, and nothing beside it.
#[track_caller]
fn written(ran: &Ran) -> PathBuf {
    let left: Vec<_> = std::fs::read_dir(ran.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["sync.c1z"]);
    ran.path("sync.c1z")
}

#[test]
fn the_small_org_is_written_in_every_way() {
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    for way in WAYS {
        both(&format!("{way:?}"), 0, || demo.run().args(way));
    }
}

#[test]
fn the_embedded_orgs_are_written() {
    let odd = format!("--demo={}", Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/odd-org").display());
    for org in ["--demo", &odd] {
        both(org, 0, || Run::new().arg(org).arg("--sync-non-standard-users"));
    }
}

#[test]
fn random_orgs_are_written() {
    for seed in 0..8 {
        let demo = Demo::start(random_org(seed), ServerOptions::default());
        let told = demo.run().args(EVERYTHING).args(["-f", "sync.json"]).output();
        // Some are not to be read whole, and say so.
        both(&format!("org {seed}"), told.code(), || demo.run().args(EVERYTHING));
    }
}

#[test]
fn an_incomplete_run_is_written_as_such_alone() {
    let mut org = Org::generate(Shape::Small, 1);
    org.without_object("PermissionSetGroup");
    let demo = Demo::start(org, ServerOptions::default());
    let refused = demo.run().args(["-f", "sync.c1z"]).output();
    refused.failed(7, &["--allow-partial"]);
    assert_eq!(std::fs::read_dir(refused.folder.path()).unwrap().count(), 0, "a file is left");
    let ran = demo.run().args(["-f", "sync.c1z", "--allow-partial"]).output();
    assert_eq!(ran.code(), 15, "{}", ran.stderr());
    let path = written(&ran);
    // What is not whole must not be the sync that the tools look at first.
    assert_eq!(judge(&path), ["v1_sync_runs row 1: sync_type is not `full`"]);
    let told = demo.run().args(["-f", "sync.json", "--allow-partial"]).output();
    let differences = compare(&Document::read(&told.path("sync.json")).0, &path);
    assert!(differences.is_empty(), "{differences:#?}");
}

/// The runs that a file holds, oldest first, each with when it started and ended.
fn syncs(path: &Path) -> Vec<(String, String, String)> {
    let database = container::open(&std::fs::read(path).unwrap(), &mut Vec::new()).unwrap();
    let text = |row: &rows::Row, column| row.text(column).to_owned();
    let mut syncs: Vec<_> = rows::read(&database.connection, "v1_sync_runs", &mut Vec::new())
        .iter()
        .map(|row| (text(row, "sync_id"), text(row, "started_at"), text(row, "ended_at")))
        .collect();
    syncs.sort_by(|a, b| a.2.cmp(&b.2));
    syncs
}

/// Now, as the file writes it; all times of one second begin with it.
fn now() -> String {
    jiff::Timestamp::now().to_string()[..19].replace('T', " ")
}

#[test]
fn times_are_utc_wherever_the_program_runs() {
    for zone in ["Asia/Kathmandu", "America/St_Johns", "XYZ-14"] {
        let before = now();
        let ran = Run::new().arg("--demo").args(["-f", "sync.c1z"]).env("TZ", zone).output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        let after = now();
        let [(_, started, ended)] = &syncs(&ran.path("sync.c1z"))[..] else { panic!("not one sync") };
        assert!(
            before[..] <= started[..19] && started <= ended && ended[..19] <= after[..],
            "{zone}: {started}, {ended}"
        );
    }
}

#[test]
fn earlier_syncs_of_the_org_stay_as_long_as_asked_for() {
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    let document = demo.run().output().document();
    let mut before = Vec::new();
    let mut file = Vec::new();
    for (keep, kept) in [(None, 1), (None, 2), (None, 2), (Some("3"), 3), (Some("3"), 4), (Some("0"), 1)] {
        let mut run = demo.run().args(["-f", "sync.c1z"]);
        if !file.is_empty() {
            std::fs::write(run.path("sync.c1z"), &file).unwrap();
        }
        if let Some(keep) = keep {
            run = run.args(["--keep", keep]);
        }
        let ran = run.output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        let path = written(&ran);
        assert_same(&format!("--keep {keep:?}"), &document, &path);
        let syncs: Vec<_> = syncs(&path).into_iter().map(|(id, ..)| id).collect();
        assert_eq!(syncs.len(), kept, "--keep {keep:?}: {syncs:?}");
        // The newest ones are those that stay, in their order.
        before.extend(syncs.last().cloned());
        assert_eq!(syncs, before[before.len() - kept..], "--keep {keep:?}");
        file = std::fs::read(path).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_new_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let ran = Run::new().arg("--demo").args(["-f", "sync.c1z"]).output();
    let mode = std::fs::metadata(written(&ran)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// What a host does on opening: it writes. The judge only reads.
#[test]
fn a_host_can_go_on_writing_into_the_database() {
    let ran = Run::new().arg("--demo").args(["-f", "sync.c1z"]).output();
    let file = std::fs::read(written(&ran)).unwrap();
    let database = zstd::stream::decode_all(&file[5..]).unwrap();
    let path = ran.path("host.db");
    std::fs::write(&path, database).unwrap();
    let connection = Connection::open(&path).unwrap();
    // As the SDK opens it, migrates it, and sweeps it.
    let sql = "pragma synchronous = normal; pragma journal_mode = truncate; pragma journal_mode = wal;
               pragma locking_mode = exclusive;
               alter table v1_sync_runs add column grants_backfilled integer not null default 0;
               create index if not exists idx_grants_entitlement_sync_grant_v1 on v1_grants (entitlement_id, sync_id, id);
               update v1_sync_runs set supports_diff = 1; vacuum";
    connection.execute_batch(sql).unwrap();
    let answer: String = connection.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(answer, "ok");
}
