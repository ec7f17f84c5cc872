//! What is released stays: ids, names and shapes of the small org, in each format. A change of these is a change of the
//! format's number. After one that is meant: `UPDATE_GOLDEN=1 cargo test --test it golden`.

use std::collections::HashSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use super::{ALL, convert, database};
use crate::support::Run;

#[track_caller]
fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    for (line, (golden, now)) in golden.lines().zip(text.lines()).enumerate() {
        assert_eq!(now, golden, "{name}, line {}", line + 1);
    }
    assert_eq!(text.lines().count(), golden.lines().count(), "{name}");
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..8].iter().fold(String::new(), |all, byte| all + &format!("{byte:02x}"))
}

/// Lines by their keys: how many, a hash of them all, and the first one of each kind as it is.
fn lines(text: &str) -> String {
    let mut told = String::new();
    for key in ["resourceType", "resource", "entitlement", "grant", "inactiveAssignment"] {
        let start = format!("{{\"{key}\":");
        let lines: Vec<_> = text.lines().filter(|line| line.starts_with(&start)).collect();
        writeln!(told, "{key}: {} lines, {}", lines.len(), hash(lines.join("\n").as_bytes())).unwrap();
        let mut seen = Vec::new();
        for line in lines {
            // Of each kind, and of each shape of a grant.
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            let item = &value[key];
            let id = item["id"].as_str().or(item["entitlement"]["id"].as_str()).unwrap_or_default();
            let kind = item["id"]["resourceType"].as_str().or(id.split(':').next()).unwrap_or_default();
            let annotations = item["annotations"].as_array().map_or(0, Vec::len);
            let shape = (kind.to_owned(), item["sources"].is_object(), annotations);
            if !seen.contains(&shape) {
                seen.push(shape);
                writeln!(told, "  {line}").unwrap();
            }
        }
    }
    told
}

/// The schema, and of each table how many rows, a hash of them all, and the first one as it is.
fn tables(database: &Connection) -> String {
    let mut told = String::new();
    let schema = "SELECT sql FROM sqlite_schema ORDER BY rowid";
    let mut statement = database.prepare(schema).unwrap();
    let texts: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    writeln!(told, "{}", texts.join(";\n")).unwrap();
    for (table, but) in [
        ("v1_resource_types", ""),
        ("v1_resources", ""),
        ("v1_entitlements", ""),
        ("v1_grants", ""),
        ("v1_assets", ""),
        ("v1_connector_sessions", ""),
        ("baton_salesforce_parts", "WHERE part = 'inactiveAssignment'"),
    ] {
        let mut statement = database.prepare(&format!("SELECT * FROM {table} {but} ORDER BY id")).unwrap();
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).unwrap();
        let (mut count, mut all, mut first) = (0, String::new(), String::new());
        while let Some(row) = rows.next().unwrap() {
            let mut line = String::new();
            for (n, name) in
                names.iter().enumerate().filter(|(_, name)| !matches!(name.as_str(), "sync_id" | "discovered_at"))
            {
                match row.get_ref(n).unwrap() {
                    ValueRef::Null => write!(line, " {name}=NULL"),
                    ValueRef::Integer(number) => write!(line, " {name}={number}"),
                    ValueRef::Text(text) => write!(line, " {name}='{}'", String::from_utf8_lossy(text)),
                    ValueRef::Blob(bytes) => write!(line, " {name}={}", hash(bytes)),
                    ValueRef::Real(_) => panic!("a real number in {table}"),
                }
                .unwrap();
            }
            count += 1;
            if first.is_empty() {
                first.clone_from(&line);
            }
            all += &line;
        }
        writeln!(told, "{table}: {count} rows, {}\n {first}", hash(all.as_bytes())).unwrap();
    }
    told
}

#[test]
fn golden_documents_of_the_small_org() {
    let ran = Run::new().args(["--demo", "-f", "a.jsonl"]).args(ALL).output();
    assert_eq!(ran.code(), 0, "{}", ran.stderr());
    let text = fs::read_to_string(ran.path("a.jsonl")).unwrap();
    check("small.jsonl.txt", &lines(&text));
    convert(ran.folder.path(), "a.jsonl", "a.json", &[]);
    // The one form has the lines of the other.
    let json = fs::read_to_string(ran.path("a.json")).unwrap();
    let items: HashSet<_> = json.lines().map(|line| line.trim_end_matches(',')).collect();
    for line in text.lines().filter(|line| line.starts_with("{\"grant\":") || line.starts_with("{\"resource\":")) {
        let item = line.split_once(':').unwrap().1.strip_suffix('}').unwrap();
        assert!(items.contains(item), "{item}");
    }
    let outline = json.lines().filter(|line| !line.starts_with("{\"id\"") && !line.starts_with("{\"resource\""));
    let outline = outline.map(|line| line.split_once(':').map_or(line, |(key, _)| key));
    check("small.json.txt", &outline.filter(|line| !line.starts_with("{\"entitlement")).collect::<Vec<_>>().join("\n"));
    convert(ran.folder.path(), "a.jsonl", "a.c1z", &[]);
    check("small.c1z.txt", &tables(&database(&ran.path("a.c1z")).0));
}
