//! Databases that mean harm, or that are broken: what their schemas run, and what their pages hold.

use super::encode::{Packing, database};
use super::hostile::{Hostile, Outcome};
use super::{sample, schema};

/// Rows without an end, with the columns of a table.
fn endless(table: &str) -> String {
    let (_, columns) = schema::TABLES.iter().find(|(name, _)| *name == table).unwrap();
    let value = |declared: &&str| {
        let (name, rest) = declared.split_once(' ').unwrap();
        match rest.split(' ').next().unwrap() {
            _ if name == "id" => "i as id".to_owned(),
            "integer" => format!("1 as {name}"),
            "blob" => format!("x'0a0161' as {name}"),
            "datetime" => format!("'2026-11-25 01:25:00' as {name}"),
            _ => format!("'a' || i as {name}"),
        }
    };
    let values: Vec<_> = columns.iter().map(value).collect();
    format!("with recursive n(i) as (select 1 union all select i + 1 from n) select {} from n", values.join(", "))
}

/// Changes the text of a part of the schema, whatever the database thinks of it.
fn declared(name: &str, from: &str, to: &str) -> String {
    format!(
        "pragma writable_schema = on;
         update sqlite_schema set sql = replace(sql, '{from}', '{to}') where name = '{name}'"
    )
}

pub(crate) fn schemas() -> Vec<Hostile> {
    let views = schema::TABLES.iter().map(|(table, _)| {
        let view = endless(table);
        let sql = format!("drop table {table}; create view {table} as {view}");
        // What holds nothing that is shown may be passed over.
        let is_needed = !["v1_assets", "v1_connector_sessions"].contains(table);
        let outcome = if is_needed { Outcome::Refused } else { Outcome::Sample };
        Hostile::sql(format!("{table} is a view without an end"), outcome, &sql)
    });
    let missing = schema::TABLES.iter().map(|(table, _)| {
        let is_needed = !["v1_assets", "v1_connector_sessions"].contains(table);
        // To take it for an empty one is to take access away.
        let outcome = if is_needed { Outcome::Refused } else { Outcome::Sample };
        Hostile::sql(format!("there is no {table}"), outcome, &format!("drop table {table}"))
    });
    let heavy =
        "drop table v1_grants; create view v1_grants as select r.*, zeroblob(1000000000) as more from v1_resources r";
    let generated = declared("v1_grants", "data blob not null", "data blob as (zeroblob(900000000))");
    let stored = "create table spare as select * from v1_grants; drop table v1_grants;
        create table v1_grants (id integer primary key, external_id text, entitlement_id text, sync_id text,
        resource_type_id text, resource_id text, principal_resource_type_id text, principal_resource_id text,
        expansion blob, needs_expansion integer, discovered_at datetime, plain blob,
        data blob as (case when id then zeroblob(900000000) end) virtual);
        insert into v1_grants (external_id, entitlement_id, sync_id) select external_id, entitlement_id, sync_id from spare";
    let trigger =
        |act| format!("create trigger act_{act} after {act} on v1_sync_runs begin delete from v1_grants; end");
    let triggers = ["insert", "update", "delete"].map(trigger).join(";");
    let unknown_module = "pragma writable_schema = on;
        update sqlite_schema set sql = 'CREATE VIRTUAL TABLE v1_grants USING nothing(id)', rootpage = 0 where name = 'v1_grants'";
    let found = "drop table v1_grants; create virtual table v1_grants using fts5(id, external_id, data, sync_id)";
    let calls = "drop table v1_resources; create view v1_resources as select load_extension('/tmp/x.so') as id, * from v1_entitlements";
    let reads = "drop table v1_resources; create view v1_resources as select readfile('/etc/passwd') as data, * from v1_entitlements";
    let wide: Vec<_> = (0..1900).map(|at| format!("c{at} text")).collect();
    let wide = format!("drop table v1_assets; create table v1_assets ({})", wide.join(", "));
    let cases = [
        ("a view with a gigabyte in each row", Outcome::Refused, heavy),
        ("a column that is computed: nearly a gigabyte", Outcome::Refused, &generated),
        ("a column of an own table that is computed: nearly a gigabyte", Outcome::Refused, stored),
        ("triggers that delete", Outcome::Sample, &triggers),
        ("a virtual table of no module", Outcome::Refused, unknown_module),
        ("a virtual table that searches texts", Outcome::Refused, found),
        ("a view that loads a library", Outcome::Refused, calls),
        ("a view that reads a file", Outcome::Refused, reads),
        ("1,900 columns", Outcome::Sample, &wide),
        (
            "a collation that does not exist",
            Outcome::Sample,
            &declared("v1_grants", "entitlement_id text", "entitlement_id text collate none"),
        ),
        ("a schema that is no SQL", Outcome::Refused, &declared("v1_grants", "CREATE TABLE", "MAKE TABLE")),
        (
            "a table of a name with quotes",
            Outcome::Sample,
            "create table \"x'); drop table v1_grants; --\" (\"a\"\"b\" text)",
        ),
        (
            "a second table of a name in capitals",
            Outcome::Sample,
            "alter table v1_grants rename to spare; create view V1_GRANTS as select * from spare",
        ),
        (
            "no rows at all",
            Outcome::Strange,
            "delete from v1_resources; delete from v1_grants; delete from v1_sync_runs",
        ),
        (
            "a table lies where another one does",
            Outcome::Strange,
            "pragma writable_schema = on; update sqlite_schema set rootpage = (select rootpage from sqlite_schema where name = 'v1_resources') where name = 'v1_grants'",
        ),
        (
            "a table lies in the schema",
            Outcome::Strange,
            "pragma writable_schema = on; update sqlite_schema set rootpage = 1 where name = 'v1_grants'",
        ),
        (
            "a table lies behind the end",
            Outcome::Refused,
            "pragma writable_schema = on; update sqlite_schema set rootpage = 4000000000 where name = 'v1_grants'",
        ),
        (
            "a table lies at a negative place",
            Outcome::Refused,
            "pragma writable_schema = on; update sqlite_schema set rootpage = -5 where name = 'v1_grants'",
        ),
    ];
    let cases = cases.into_iter().map(|(name, outcome, sql)| Hostile::sql(name, outcome, sql));
    views.chain(missing).chain(cases).collect()
}

/// What the database's own structures hold: its header, and bytes in their pages.
pub(crate) fn pages() -> Vec<Hostile> {
    let good = sample::good();
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = good.to_vec();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        Packing::GOOD.file(&changed)
    };
    let headers = [
        ("a write-ahead log that is not there", Outcome::Sample, 18, b"\x02\x02" as &[u8]),
        ("a format of the future", Outcome::Strange, 18, b"\x09\x09"),
        ("pages of no size", Outcome::Refused, 16, b"\0\0"),
        ("pages of a size that is none", Outcome::Refused, 16, b"\x10\x01"),
        ("pages of another size than there are", Outcome::Refused, 16, b"\x02\x00"),
        ("pages that are all reserved", Outcome::Refused, 20, b"\xff"),
        ("four billion pages", Outcome::Strange, 28, b"\xff\xff\xff\xff"),
        ("free pages behind the end", Outcome::Strange, 32, b"\x7f\xff\xff\xff\x00\x00\x00\x07"),
        ("a schema of the future", Outcome::Refused, 44, b"\x00\x00\x00\x63"),
        ("texts in another encoding than they are", Outcome::Strange, 56, b"\x00\x00\x00\x02"),
        ("texts in no encoding", Outcome::Strange, 56, b"\x00\x00\x00\x09"),
        ("a schema of no page type", Outcome::Refused, 100, b"\x07"),
        ("a schema of 65,535 entries", Outcome::Refused, 103, b"\xff\xff"),
    ];
    let headers = headers.into_iter().map(|(name, outcome, at, bytes)| Hostile::new(name, with(at, bytes), outcome));
    // Page by page: what kind it is, how many cells it has, where they lie, and where the next page is.
    let mut flipped = Vec::new();
    for page in 1..good.len() / 4096 {
        for (at, bytes) in
            [(0, b"\x05" as &[u8]), (3, b"\xff\xff"), (5, b"\0\x01"), (8, b"\xff\xff\xff\xff"), (4080, &[0xff; 16])]
        {
            let name = format!("page {} has other bytes at {at}", page + 1);
            // An index that is not used may be passed over, broken or not.
            flipped.push(Hostile::new(name, with(page * 4096 + at, bytes), Outcome::Strange));
        }
    }
    let sizes = [512, 65_536].map(|size| {
        let made = database(|connection| {
            connection.execute_batch(&format!("pragma page_size = {size}")).unwrap();
            sample::make(connection);
        });
        Hostile::new(format!("pages of {size} bytes"), Packing::GOOD.file(&made), Outcome::Sample)
    });
    let wide = database(|connection| {
        connection.execute_batch("pragma encoding = 'UTF-16be'").unwrap();
        sample::make(connection);
    });
    let wide = Hostile::new("texts in UTF-16", Packing::GOOD.file(&wide), Outcome::Sample);
    headers.chain(flipped).chain(sizes).chain([wide]).collect()
}
