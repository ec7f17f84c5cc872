//! `docs/from-the-go-connector.md`: what this program makes of the rows, line by line.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cast::{Table, folder};
use crate::support::{Run, id_of};

/// The ids that a cell names, with whether they are there; short names become ids.
fn ids(cell: &str, table: &Table) -> Vec<(bool, String)> {
    let mut ids = Vec::new();
    let parts: Vec<&str> = cell.split('`').collect();
    for (before, code) in parts.iter().step_by(2).zip(parts.iter().skip(1).step_by(2)) {
        let words: Vec<&str> = code.split(':').collect();
        let is_id = words.len() > 1
            && (table.has(words[1]) || words[0] == "system_permission")
            && words.iter().all(|word| !word.starts_with(' '));
        if is_id {
            let long = words.iter().map(|word| if table.has(word) { table.id(word) } else { word });
            ids.push((!before.trim_end().ends_with("no"), long.collect::<Vec<_>>().join(":")));
        }
    }
    ids
}

#[test]
fn each_line_is_true_of_this_program() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/from-the-go-connector.md")).unwrap();
    let table = Table::read();
    let lines: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| rows |"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(lines.len() > 30);
    let options: BTreeSet<&str> = lines.iter().map(|cells| cells[1]).collect();
    for option in options {
        let run = Run::new().arg(format!("--demo={}", folder().display())).args(["-f", "sync.json"]);
        let run = option.trim_matches('`').split_whitespace().fold(run, Run::arg);
        let document = run.output().document();
        let mut there = document.grant_ids();
        there.extend(document.list("resources").iter().map(|resource| id_of(&resource["id"])));
        for cells in lines.iter().filter(|cells| cells[1] == option) {
            let [rows, _, theirs, ours, _] = cells[..] else { panic!("{cells:?}") };
            let named = ids(ours, &table);
            for (is_there, id) in &named {
                assert_eq!(there.contains(id), *is_there, "{rows} {option}: {id}");
            }
            for (_, id) in ids(theirs, &table) {
                assert!(named.iter().any(|(_, ours)| *ours == id), "{rows} {option}: what becomes of {id}?");
            }
            assert!(!named.is_empty(), "{rows}: nothing to check");
        }
    }
}

/// The same ids, as recorded output of the Go connector forms them.
#[test]
fn ids_are_formed_as_the_go_connector_forms_them() {
    use baton_salesforce::model::{EntitlementId, ResourceId, ResourceKind, Slug};
    for (kind, id, slug, recorded) in [
        (ResourceKind::Group, "00G1X", Slug::Member, "group:00G1X:member"),
        (ResourceKind::Role, "199X", Slug::Assigned, "role:199X:assigned"),
        (ResourceKind::Permission, "345X", Slug::Assigned, "permission:345X:assigned"),
        (ResourceKind::Profile, "198X", Slug::Assigned, "profile:198X:assigned"),
        (ResourceKind::PermissionSetGroup, "PSG1X", Slug::Member, "permission_set_group:PSG1X:member"),
        (ResourceKind::Territory, "T1", Slug::Member, "territory:T1:member"),
        (ResourceKind::Territory, "T1", Slug::Role("Sales Rep".into()), "territory:T1:role:Sales Rep"),
    ] {
        let entitlement = EntitlementId { resource: ResourceId::new(kind, id), slug };
        assert_eq!(entitlement.to_string(), recorded);
    }
}
