//! Files that are cut, damaged, or something else.

use baton_salesforce::output::Form;
use baton_salesforce::output::read::{ReadError, Reader};
use flate2::write::GzEncoder;
use std::io::Write;

use super::{as_json, packed, rewritten, small};

fn read(bytes: &[u8]) -> Result<usize, ReadError> {
    let mut reader = Reader::of(bytes)?;
    let mut items = 0;
    while let Some(item) = reader.next_item()? {
        item.part()?;
        items += 1;
    }
    Ok(items)
}

/// The small document in every format.
fn formats() -> Vec<(&'static str, Vec<u8>)> {
    let json = small();
    let lines = rewritten(&json, Form::JsonLines);
    let c1z = rewritten(&json, Form::C1z);
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&json).unwrap();
    let zstd = |bytes: &[u8]| {
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    vec![
        ("json", json.clone()),
        ("jsonl", lines.clone()),
        ("json.gz", gzip.finish().unwrap()),
        ("jsonl.zst", zstd(&lines)),
        ("c1z.zst", zstd(&c1z)),
        ("c1z", c1z),
    ]
}

#[test]
fn what_is_cut_anywhere_is_never_taken_for_a_whole_document() {
    for (name, bytes) in formats() {
        let whole = as_json(&bytes);
        for end in 0..bytes.len() {
            // The line's end may be missing.
            if let Ok(items) = read(&bytes[..end]) {
                assert!(items == 8 && as_json(&bytes[..end]) == whole, "{name} cut at {end} looks whole");
                assert_eq!(end, bytes.len() - 1, "{name} cut at {end}");
            }
        }
        assert_eq!(read(&bytes).unwrap(), 8, "{name}");
    }
}

#[test]
fn what_is_changed_anywhere_in_what_is_compressed_is_noticed_or_without_effect() {
    for (name, mut bytes) in formats().into_iter().skip(2) {
        let whole = as_json(&bytes);
        for at in 0..bytes.len() {
            bytes[at] ^= 0x20;
            if read(&bytes).is_ok() {
                assert!(as_json(&bytes) == whole, "{name}, changed at {at}, is another document");
            }
            bytes[at] ^= 0x20;
        }
    }
}

#[track_caller]
fn error(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

#[test]
fn files_of_other_kinds_are_told_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE t (x)").unwrap();
    drop(database);
    for (bytes, says) in [
        (b"C1Z3\0\0\0\0\0".to_vec(), "--storage-engine sqlite"),
        (std::fs::read(&path).unwrap(), "it is an SQLite database"),
        (packed(&path), "has no table `v1_sync_runs`"),
        ([b"C1ZF\0".to_vec(), zstd::encode_all(&b"text"[..], 1).unwrap()].concat(), "is no SQLite database"),
        (b"C1ZF\0".to_vec(), "cut"),
        (b"C1ZFtext".to_vec(), "does not begin with `format`"),
        (vec![0x1f, 0x8b, 8, 0], "cut"),
        (Vec::new(), "it is empty"),
        (b"name,email\n".to_vec(), "does not begin with `format`"),
    ] {
        assert!(error(&bytes).contains(says), "{says}: {}", error(&bytes));
    }
}
