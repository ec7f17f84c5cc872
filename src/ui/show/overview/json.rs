//! The glance as JSON: `baton-salesforce.show/1`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Kind, Overview, Popular};
use crate::output::Section;

/// Its number changes when a meaning does.
const FORMAT: &str = "baton-salesforce.show/1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'o> {
    format: &'static str,
    sync: &'o RawValue,
    summary: &'o RawValue,
    types: Vec<KindItem<'o>>,
    users: Users,
    grants: Grants,
    inactive_assignments: &'o BTreeMap<String, u64>,
    largest_groups: Vec<PopularItem<'o>>,
    most_held_permission_sets: Vec<PopularItem<'o>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KindItem<'o> {
    id: &'o str,
    display_name: &'o str,
    resources: u64,
    entitlements: u64,
    grants: u64,
    inactive_assignments: u64,
}

#[derive(Serialize)]
struct Users {
    enabled: u64,
    inactive: u64,
    frozen: u64,
    unknown: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Grants {
    direct: u64,
    derived: u64,
    by_rule: u64,
    of_inactive_users: u64,
    of_frozen_users: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PopularItem<'o> {
    id: &'o str,
    display_name: &'o str,
    users: u64,
}

impl<'o> From<&'o Kind> for KindItem<'o> {
    fn from(kind: &'o Kind) -> Self {
        let [resources, entitlements, grants, inactive_assignments] = kind.counts;
        Self { id: &kind.id, display_name: &kind.name, resources, entitlements, grants, inactive_assignments }
    }
}

impl Kind {
    /// As JSON.
    pub(crate) fn json(&self) -> Vec<u8> {
        // Texts and numbers: nothing in it can fail.
        serde_json::to_vec(&KindItem::from(self)).unwrap_or_default()
    }
}

fn items<'o>(overview: &'o Overview, kind: &str) -> Vec<PopularItem<'o>> {
    let item = |Popular { users, name, id }| PopularItem { id, display_name: name, users };
    overview.most_held(kind).into_iter().map(item).collect()
}

pub(super) fn write(overview: &Overview, out: &mut impl Write) -> io::Result<()> {
    let [enabled, inactive, frozen, unknown] = overview.users;
    let grants = &overview.grants;
    let whole = Whole {
        format: FORMAT,
        sync: serde_json::from_slice(overview.text_of(Section::Header))?,
        summary: serde_json::from_slice(overview.text_of(Section::Summary))?,
        types: overview.kinds.iter().map(KindItem::from).collect(),
        users: Users { enabled, inactive, frozen, unknown },
        grants: Grants {
            direct: grants.direct,
            derived: grants.all - grants.direct,
            by_rule: grants.by_rule,
            of_inactive_users: grants.of_inactive_users,
            of_frozen_users: grants.of_frozen_users,
        },
        inactive_assignments: &overview.inactive,
        largest_groups: items(overview, "group"),
        most_held_permission_sets: items(overview, "permission"),
    };
    serde_json::to_writer_pretty(&mut *out, &whole)?;
    out.write_all(b"\n")
}
