//! Whether the `baton` CLI (SDK 0.7.27) gets right answers from a `.c1z` in every command, and whether it is what we
//! promise of ours. Nothing here knows the writer: magic, zstd, plain SQL, and protobuf's wire format.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::Connection;

use super::rows::{self, Row};
use super::{container, grants, objects, schema};

/// What is wrong with a file; nothing where it is good.
pub(crate) fn judge(path: &Path) -> Vec<String> {
    std::fs::read(path).map_or_else(|error| vec![error.to_string()], |file| judge_bytes(&file))
}

/// The same, of what a file holds.
pub(crate) fn judge_bytes(file: &[u8]) -> Vec<String> {
    let mut complaints = Vec::new();
    if let Some(database) = container::open(file, &mut complaints) {
        judge_database(&database.connection, &mut complaints);
    }
    complaints
}

/// What belongs to one sync, by its ids.
#[derive(Default)]
pub(crate) struct Sync {
    pub(crate) types: BTreeMap<String, objects::Type>,
    /// By `type:id`.
    pub(crate) resources: BTreeMap<String, Vec<u8>>,
    pub(crate) entitlements: BTreeMap<String, objects::Entitlement>,
}

/// The rows of the tables of objects.
pub(crate) struct Objects {
    pub(crate) types: Vec<Row>,
    pub(crate) resources: Vec<Row>,
    pub(crate) entitlements: Vec<Row>,
    pub(crate) grants: Vec<Row>,
}

impl Objects {
    pub(crate) fn read(connection: &Connection, complaints: &mut Vec<String>) -> Self {
        let mut rows = |table| rows::read(connection, table, complaints);
        Self {
            types: rows("v1_resource_types"),
            resources: rows("v1_resources"),
            entitlements: rows("v1_entitlements"),
            grants: rows("v1_grants"),
        }
    }

    /// Those of one sync.
    pub(crate) fn of(&self, sync: &str) -> Self {
        let of = |rows: &[Row]| rows.iter().filter(|row| row.text("sync_id") == sync).cloned().collect();
        Self {
            types: of(&self.types),
            resources: of(&self.resources),
            entitlements: of(&self.entitlements),
            grants: of(&self.grants),
        }
    }
}

fn judge_database(connection: &Connection, complaints: &mut Vec<String>) {
    // First what is there: to read a view is to run what a stranger wrote.
    if !schema::check(connection, complaints) {
        return;
    }
    match connection.query_row("pragma integrity_check", [], |row| row.get::<_, String>(0)) {
        Ok(answer) if answer == "ok" => {}
        Ok(answer) => return complaints.push(format!("database: integrity: {answer}")),
        Err(error) => return complaints.push(format!("database: integrity: {error}")),
    }
    let syncs = syncs(connection, complaints);
    let objects = Objects::read(connection, complaints);
    let assets = rows::read(connection, "v1_assets", complaints);
    if !rows::read(connection, "v1_connector_sessions", complaints).is_empty() {
        complaints.push("v1_connector_sessions: the scratch of a run is left behind".to_owned());
    }
    let all = objects.types.iter().chain(&objects.resources).chain(&objects.entitlements).chain(&objects.grants);
    for row in all.chain(&assets) {
        if !syncs.contains(row.text("sync_id")) {
            complaints.push(format!("{}: of no sync: `{}`", row.place, row.text("sync_id")));
        }
        if row.text("external_id").trim().is_empty() {
            complaints.push(format!("{}: external_id is empty", row.place));
        }
    }
    for sync in &syncs {
        let rows = objects.of(sync);
        let mut sync = Sync::default();
        objects::types(&rows.types, &mut sync, complaints);
        objects::resources(&rows.resources, &mut sync, complaints);
        objects::entitlements(&rows.entitlements, &mut sync, complaints);
        grants::grants(&rows.grants, &sync, complaints);
    }
}

/// The ids of the syncs. All are finished and full: then the CLI's commands agree which one is the newest.
fn syncs(connection: &Connection, complaints: &mut Vec<String>) -> BTreeSet<String> {
    let rows = rows::read(connection, "v1_sync_runs", complaints);
    let mut ends = BTreeSet::new();
    for row in &rows {
        let mut complain = |text: &str| complaints.push(format!("{}: {text}", row.place));
        let id = row.text("sync_id");
        if id.len() != 27 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            complain("sync_id is no KSUID");
        }
        if row.text("ended_at").is_empty() {
            complain("ended_at is empty: the sync is unfinished");
        } else if row.text("ended_at") < row.text("started_at") {
            complain("it ended before it started");
        } else if !ends.insert(row.text("ended_at").to_owned()) {
            complain("it ended when another did: neither is the newest");
        }
        if row.text("sync_type") != "full" {
            complain("sync_type is not `full`");
        }
        for column in ["sync_token", "parent_sync_id", "linked_sync_id"] {
            if !row.text(column).is_empty() {
                complain(&format!("{column} is not empty"));
            }
        }
        if row.integer("supports_diff") != 1 {
            complain("supports_diff is not 1: the CLI would look through all grants");
        }
    }
    if rows.is_empty() {
        complaints.push("v1_sync_runs: there is no sync that can be read".to_owned());
    }
    rows.iter().map(|row| row.text("sync_id").to_owned()).collect()
}

/// The order of kinds in a document.
const KINDS: [&str; 11] = [
    "user",
    "group",
    "role",
    "permission",
    "profile",
    "permission_set_group",
    "territory",
    "connected_application",
    "agent",
    "permission_set_license",
    "system_permission",
];

/// Where a kind stands in a document.
pub(crate) fn rank(kind: &str) -> Option<usize> {
    KINDS.iter().position(|other| *other == kind)
}

/// Complains about the first row that does not follow its predecessor, once.
pub(crate) fn in_order<K: Ord>(rows: &[Row], key: impl Fn(&Row) -> K, complaints: &mut Vec<String>) {
    if let Some(pair) = rows.windows(2).find(|pair| key(&pair[0]) >= key(&pair[1])) {
        let (before, after) = (pair[0].text("external_id"), pair[1].text("external_id"));
        complaints.push(format!("{}: out of order: `{after}` stands after `{before}`", pair[1].place));
    }
}
