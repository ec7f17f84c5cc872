//! The tables and indexes of SDK 0.7.27, and whether a database has exactly these.

use rusqlite::Connection;

/// A table, and its columns as they are declared.
pub(crate) type Table = (&'static str, &'static [&'static str]);

const ID: &str = "id integer primary key";
const EXTERNAL_ID: &str = "external_id text not null";
const RESOURCE_TYPE_ID: &str = "resource_type_id text not null";
const RESOURCE_ID: &str = "resource_id text not null";
const DATA: &str = "data blob not null";
const SYNC_ID: &str = "sync_id text not null";
const DISCOVERED_AT: &str = "discovered_at datetime not null";

pub(crate) const TABLES: [Table; 7] = [
    ("v1_resource_types", &[ID, EXTERNAL_ID, DATA, SYNC_ID, DISCOVERED_AT]),
    (
        "v1_resources",
        &[
            ID,
            RESOURCE_TYPE_ID,
            EXTERNAL_ID,
            "parent_resource_type_id text",
            "parent_resource_id text",
            DATA,
            SYNC_ID,
            DISCOVERED_AT,
        ],
    ),
    ("v1_entitlements", &[ID, RESOURCE_TYPE_ID, RESOURCE_ID, EXTERNAL_ID, DATA, SYNC_ID, DISCOVERED_AT]),
    (
        "v1_grants",
        &[
            ID,
            RESOURCE_TYPE_ID,
            RESOURCE_ID,
            "entitlement_id text not null",
            "principal_resource_type_id text not null",
            "principal_resource_id text not null",
            EXTERNAL_ID,
            "expansion blob",
            "needs_expansion integer not null default 0",
            DATA,
            SYNC_ID,
            DISCOVERED_AT,
        ],
    ),
    (
        "v1_sync_runs",
        &[
            ID,
            SYNC_ID,
            "started_at datetime not null",
            "ended_at datetime",
            "sync_token text not null",
            "sync_type text not null default 'full'",
            "parent_sync_id text not null default ''",
            "linked_sync_id text not null default ''",
            "supports_diff integer not null default 0",
        ],
    ),
    ("v1_assets", &[ID, EXTERNAL_ID, "content_type text not null", DATA, SYNC_ID, DISCOVERED_AT]),
    ("v1_connector_sessions", &[ID, SYNC_ID, "key text not null", "value blob not null"]),
];

/// A unique index or not, its name, its table, and what follows. Two of `v1_resources` bear each other's names; so does
/// the SDK name them, and it creates an index of its own where a name is missing.
pub(crate) const INDEXES: [(bool, &str, &str, &str); 15] = [
    (true, "idx_resource_types_external_sync_v1", "v1_resource_types", "(external_id, sync_id)"),
    (false, "idx_resources_resource_type_id_v1", "v1_resources", "(resource_type_id)"),
    (false, "idx_resources_external_sync_v1", "v1_resources", "(parent_resource_type_id, parent_resource_id)"),
    (true, "idx_resources_parent_resource_id_v1", "v1_resources", "(external_id, sync_id)"),
    (false, "idx_entitlements_resource_id_v1", "v1_entitlements", "(resource_type_id, resource_id)"),
    (true, "idx_entitlements_external_sync_v1", "v1_entitlements", "(external_id, sync_id)"),
    (true, "idx_sync_runs_sync_id_v1", "v1_sync_runs", "(sync_id)"),
    (false, "idx_grants_resource_type_id_resource_id_v1", "v1_grants", "(resource_type_id, resource_id)"),
    (false, "idx_grants_principal_id_v1", "v1_grants", "(principal_resource_type_id, principal_resource_id)"),
    (
        false,
        "idx_grants_entitlement_id_principal_id_v1",
        "v1_grants",
        "(entitlement_id, principal_resource_type_id, principal_resource_id)",
    ),
    (true, "idx_grants_external_sync_v1", "v1_grants", "(external_id, sync_id)"),
    (false, "idx_grants_sync_expansion_v1", "v1_grants", "(sync_id) where expansion is not null"),
    (false, "idx_grants_sync_needs_expansion_v1", "v1_grants", "(sync_id) where needs_expansion = 1"),
    (true, "idx_assets_external_sync_v1", "v1_assets", "(external_id, sync_id)"),
    (true, "idx_session_store_sync_key_v1", "v1_connector_sessions", "(sync_id, key)"),
];

/// The statement that creates a table.
pub(crate) fn create_table((name, columns): Table) -> String {
    format!("create table {name} ({})", columns.join(", "))
}

/// The statement that creates an index.
pub(crate) fn create_index((is_unique, name, table, rest): (bool, &str, &str, &str)) -> String {
    format!("create {}index {name} on {table} {rest}", if is_unique { "unique " } else { "" })
}

/// What stands in the schema: its kind, name, table and text.
type Entry = (String, String, String, Option<String>);

/// Complains about all that is missing, other than it should be, or too much. Whether the tables can be read.
pub(crate) fn check(connection: &Connection, complaints: &mut Vec<String>) -> bool {
    let entries =
        connection.prepare("select type, name, tbl_name, sql from sqlite_schema order by rowid").and_then(|mut all| {
            all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
                .collect::<Result<Vec<Entry>, _>>()
        });
    let entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            complaints.push(format!("schema: {error}"));
            return false;
        }
    };
    let before = complaints.len();
    let mut complain = |text: String| complaints.push(format!("schema: {text}"));
    let wanted = TABLES.iter().map(|table| ("table", table.0, create_table(*table)));
    let wanted: Vec<_> = wanted.chain(INDEXES.iter().map(|index| ("index", index.1, create_index(*index)))).collect();
    for (kind, name, sql) in &wanted {
        match entries.iter().find(|entry| entry.1.eq_ignore_ascii_case(name)) {
            None => complain(format!("there is no {kind} {name}")),
            Some(entry) if entry.0 != *kind => complain(format!("{name} is a {}, not a {kind}", entry.0)),
            Some(entry) => {
                let (is, should_be) = (normal(entry.3.as_deref().unwrap_or_default()), normal(sql));
                if is != should_be {
                    complain(format!("{name} is `{is}`, not `{should_be}`"));
                }
            }
        }
    }
    for (kind, name, table, sql) in &entries {
        let is_known = wanted.iter().any(|(_, known, _)| name.eq_ignore_ascii_case(known));
        let of_the_sdk = table.to_ascii_lowercase().starts_with("v1_");
        let is_virtual = sql.as_deref().is_some_and(|sql| normal(sql).starts_with("create virtual"));
        if kind != "table" && kind != "index" || is_virtual {
            complain(format!("there is a {} {name}", if is_virtual { "virtual table" } else { kind }));
        } else if !is_known && of_the_sdk {
            complain(format!("the {kind} {name} is too much"));
        }
    }
    complaints.len() == before
}

/// A statement without what does not matter: comments, spaces, capitals, quotes around names, `if not exists`.
fn normal(sql: &str) -> String {
    let without_comments: Vec<_> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
    let mut text = String::new();
    for character in without_comments.join(" ").to_ascii_lowercase().chars() {
        match character {
            '"' | '`' | '[' | ']' => {}
            '(' | ')' | ',' | '=' => text.extend([' ', character, ' ']),
            _ => text.push(character),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" if not exists", "")
}

#[test]
fn statements_are_compared_by_what_they_say() {
    let is = normal("CREATE TABLE IF NOT EXISTS \"v1_x\" (\n\tid integer primary key, -- a, b\n data blob\n)");
    assert_eq!(is, normal("create table v1_x (id integer primary key, data blob)"));
    assert_ne!(is, normal("create table v1_x (id integer primary key, data text)"));
    assert_ne!(is, normal("create table v1_x (id integer primary key, data blob) strict"));
    assert_eq!(
        normal(&create_index(INDEXES[0])),
        "create unique index idx_resource_types_external_sync_v1 on v1_resource_types ( external_id , sync_id )"
    );
}
