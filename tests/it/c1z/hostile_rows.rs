//! Rows that mean harm, or that are broken: values of wrong types, of giant sizes, and protobuf that is none.

use rusqlite::params;

use super::encode::{any, bytes, metadata_of, number, text};
use super::hostile::{Hostile, Outcome};
use super::{sample, schema};

/// What must not reach SQL, a path or a terminal as it is.
const TEXTS: [(&str, &str); 7] = [
    ("a quote", "x' or '1'='1"),
    ("a way out", "../../../../etc/passwd"),
    ("an absolute way", "/etc/passwd"),
    ("a NUL", "a\0b"),
    ("control characters", "\u{1b}[2J\u{1b}]0;x\u{7}\r\n"),
    ("letters from right to left", "\u{202e}nimda\u{2066}"),
    ("nothing", ""),
];

pub(crate) fn rows() -> Vec<Hostile> {
    let mut all = Vec::new();
    for (what, told) in TEXTS {
        let sync = ["v1_sync_runs", "v1_resource_types", "v1_resources", "v1_entitlements", "v1_grants"];
        all.push(Hostile::spoiled(format!("a sync's id with {what}"), Outcome::Strange, |connection| {
            for table in sync {
                connection.execute(&format!("update {table} set sync_id = ?"), [told]).unwrap();
            }
        }));
        all.push(Hostile::spoiled(format!("a grant's id with {what}"), Outcome::Strange, |connection| {
            let sql = "update v1_grants set external_id = ?1, entitlement_id = ?1, data = ?2 where id = 4";
            let held = [bytes(1, &text(2, told)), text(3, told)].concat();
            connection.execute(sql, params![told, held]).unwrap();
        }));
        all.push(Hostile::spoiled(format!("a resource's id and name with {what}"), Outcome::Strange, |connection| {
            let sql = "update v1_resources set external_id = ?1, resource_type_id = ?2, data = ?3 where id = 3";
            let data = [bytes(1, &[text(1, told), text(2, told)].concat()), text(3, told)].concat();
            connection.execute(sql, params![format!("{told}:{told}"), told, data]).unwrap();
        }));
        all.push(Hostile::spoiled(format!("an asset with {what}"), Outcome::Sample, |connection| {
            let sql = "insert into v1_assets values (1, ?1, ?1, x'00', ?1, ?1)";
            connection.execute(sql, [told]).unwrap();
        }));
    }
    // Each column with a value of each other type. Nothing but the SDK's own schema forbids them, so it is loosened.
    for (table, columns) in &schema::TABLES[..5] {
        for column in columns.iter().map(|declared| declared.split(' ').next().unwrap()).filter(|name| *name != "id") {
            for (what, value) in [
                ("an integer", "9007199254740993"),
                ("a real", "1e999"),
                ("null", "null"),
                ("a blob", "x'ff00'"),
                ("no UTF-8", "cast(x'ff' as text)"),
            ] {
                let sql = format!(
                    "pragma writable_schema = on;
                     update sqlite_schema set sql = replace(replace(sql, 'not null', ''), ' {column} text', ' {column}')
                     where name = '{table}';
                     pragma writable_schema = reset;
                     update {table} set {column} = {value} where id = 1"
                );
                all.push(Hostile::sql(format!("{table}.{column} is {what}"), Outcome::Strange, &sql));
            }
        }
    }
    let giant = |name: &str, sql: &str| Hostile::sql(format!("giant: {name}"), Outcome::Strange, sql);
    all.extend([
        giant("an id of 32 MB", "update v1_grants set external_id = hex(zeroblob(16000000)) where id = 1"),
        giant("data of 64 MB", "update v1_grants set data = zeroblob(64000000) where id = 1"),
        giant("an expansion of 64 MB", "update v1_grants set expansion = zeroblob(64000000) where id = 1"),
        giant("a token of 32 MB", "update v1_sync_runs set sync_token = hex(zeroblob(16000000))"),
        giant("a time of 32 MB", "update v1_sync_runs set ended_at = hex(zeroblob(16000000))"),
        Hostile::sql(
            "5,000 syncs",
            Outcome::Strange,
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
             insert into v1_sync_runs (sync_id, started_at, ended_at, sync_token, supports_diff)
             select 's' || i, '2026-11-25 01:25:00', '2026-11-25 01:25:01', '', 1 from n",
        ),
        Hostile::sql(
            "5,000 unfinished syncs",
            Outcome::Sample,
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
             insert into v1_sync_runs (sync_id, started_at, sync_token) select 's' || i, '2026-11-25 01:25:00', '' from n",
        ),
        Hostile::sql("no finished sync", Outcome::Strange, "update v1_sync_runs set ended_at = null"),
        Hostile::sql("a sync from another calendar", Outcome::Strange, "update v1_sync_runs set ended_at = '9999-99-99 99:99:99'"),
        Hostile::sql("a sync that is only part of one", Outcome::Strange, "update v1_sync_runs set sync_type = 'partial_deletions'"),
        Hostile::sql("needs_expansion is huge", Outcome::Sample, "update v1_grants set needs_expansion = 9223372036854775807 where id = 1"),
    ]);
    all
}

/// Lists in lists in lists, as a `google.protobuf.Value`. Made from the inside out.
fn nested(depth: usize) -> Vec<u8> {
    let mut reversed = vec![b'x', 1, 0x1a];
    for at in 0..2 * depth {
        // `bytes` with nothing in it, but with the length of what is.
        let length = reversed.len() as u64;
        let tag = if at % 2 == 0 { 1u8 } else { 6 } << 3 | 2;
        let length = number(1, length);
        reversed.extend(length[1..].iter().rev());
        reversed.push(tag);
    }
    reversed.reverse();
    reversed
}

pub(crate) fn blobs() -> Vec<Hostile> {
    let long = |length: &[u8]| [b"\x1a", length, b"abc"].concat();
    let cases = [
        ("nested 100 deep", metadata_of(&nested(100))),
        ("nested 10,000 deep", metadata_of(&nested(10_000))),
        ("10,000 groups in each other", vec![0x33; 10_000]),
        ("10,000 groups in each other, all closed", [vec![0x33; 10_000], vec![0x34; 10_000]].concat()),
        ("a length of 2^64 - 1", long(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")),
        ("a length of 2^63", long(b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")),
        ("a length of 2^32 - 1", long(b"\xff\xff\xff\xff\x0f")),
        ("a length of 2^31", long(b"\x80\x80\x80\x80\x08")),
        ("a length of one too many", long(b"\x04")),
        ("a number of eleven bytes", b"\x38\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01".to_vec()),
        ("field 0", b"\x02\x00".to_vec()),
        ("a field of the largest number", b"\xfa\xff\xff\xff\x0f\x00".to_vec()),
        ("a wire type that does not exist", b"\x0f\x00".to_vec()),
        ("a text that is no UTF-8", bytes(3, b"\xff\xfe\xc0\x80")),
        ("a number where a message should be", number(1, 7)),
        ("an annotation nobody knows", any(4, "Nothing", &[bytes(1, &[0xff; 100])])),
        ("an annotation of no type", bytes(4, b"")),
        ("an annotation of a type with a way out", bytes(4, &text(1, "type.googleapis.com/../../etc/passwd"))),
        ("a known annotation that is broken", any(4, "GrantMetadata", &[b"\xff".to_vec()])),
        ("100,000 annotations", bytes(4, b"").repeat(100_000)),
        ("100,000 sources", bytes(5, &bytes(1, &text(1, "x")).repeat(100_000))),
        ("random bytes", (0..4096u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0]).collect()),
        ("nothing", Vec::new()),
    ];
    let mut all = Vec::new();
    for (what, blob) in cases {
        all.push(Hostile::spoiled(format!("a grant's data: {what}"), Outcome::Strange, |connection| {
            connection.execute("update v1_grants set data = ? where id = 4", [&blob]).unwrap();
        }));
        if !blob.is_empty() {
            all.push(Hostile::spoiled(format!("a grant's data, and then: {what}"), Outcome::Strange, |connection| {
                let data = [sample::grant("group:00GB", "member", "user:005A", &[]), blob.clone()].concat();
                connection.execute("update v1_grants set data = ? where id = 4", [data]).unwrap();
            }));
        }
        for table in ["v1_resource_types", "v1_resources", "v1_entitlements"] {
            all.push(Hostile::spoiled(format!("{table}: {what}"), Outcome::Strange, |connection| {
                connection.execute(&format!("update {table} set data = ? where id = 1"), [&blob]).unwrap();
            }));
        }
        all.push(Hostile::spoiled(format!("an expansion: {what}"), Outcome::Strange, |connection| {
            connection.execute("update v1_grants set expansion = ? where id = 3", [&blob]).unwrap();
        }));
    }
    all
}
