//! Bytes of protobuf, written by hand.

use rusqlite::Connection;

use super::container::MAGIC;

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
    bytes
}

/// A field with a number.
pub(crate) fn number(field: u32, value: u64) -> Vec<u8> {
    [varint(u64::from(field) << 3), varint(value)].concat()
}

/// A field of bytes.
pub(crate) fn bytes(field: u32, value: &[u8]) -> Vec<u8> {
    [varint(u64::from(field) << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

/// A field with a text.
pub(crate) fn text(field: u32, value: &str) -> Vec<u8> {
    bytes(field, value.as_bytes())
}

/// A field with a message.
pub(crate) fn message(field: u32, parts: &[Vec<u8>]) -> Vec<u8> {
    bytes(field, &parts.concat())
}

/// A field with an `Any`.
pub(crate) fn any(field: u32, name: &str, value: &[Vec<u8>]) -> Vec<u8> {
    let url = text(1, &format!("type.googleapis.com/c1.connector.v2.{name}"));
    let value = value.concat();
    let value = if value.is_empty() { Vec::new() } else { bytes(2, &value) };
    message(field, &[url, value])
}

/// The bytes of a `google.protobuf.Struct` with these attributes, each a `google.protobuf.Value`.
pub(crate) fn structure(attributes: &[(&str, Vec<u8>)]) -> Vec<u8> {
    attributes.iter().flat_map(|(name, value)| message(1, &[text(1, name), bytes(2, value)])).collect()
}

/// A `google.protobuf.Value`: a number.
pub(crate) fn double(value: f64) -> Vec<u8> {
    [vec![2 << 3 | 1], value.to_le_bytes().to_vec()].concat()
}

/// A `google.protobuf.Value`: a list of texts.
pub(crate) fn texts(values: &[&str]) -> Vec<u8> {
    message(6, &values.iter().map(|value| message(1, &[text(3, value)])).collect::<Vec<_>>())
}

/// How a database is packed.
#[derive(Clone, Copy)]
pub(crate) struct Packing {
    pub(crate) has_checksum: bool,
    pub(crate) tells_size: bool,
    pub(crate) window_log: u32,
}

impl Packing {
    pub(crate) const GOOD: Self = Self { has_checksum: true, tells_size: true, window_log: 20 };

    /// A frame of zstd.
    pub(crate) fn frame(self, content: &[u8]) -> Vec<u8> {
        use std::io::Write as _;
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.include_checksum(self.has_checksum).unwrap();
        encoder.window_log(self.window_log).unwrap();
        if self.tells_size {
            encoder.set_pledged_src_size(Some(content.len() as u64)).unwrap();
        }
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// A whole file.
    pub(crate) fn file(self, content: &[u8]) -> Vec<u8> {
        [MAGIC as &[u8], &self.frame(content)].concat()
    }
}

/// The bytes of a database that was made by these steps.
pub(crate) fn database(make: impl FnOnce(&Connection)) -> Vec<u8> {
    changed(b"", make)
}

/// The bytes of a database after these steps.
pub(crate) fn changed(database: &[u8], change: impl FnOnce(&Connection)) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.db");
    std::fs::write(&path, database).unwrap();
    let connection = Connection::open(&path).unwrap();
    // A database that lies in a file for a moment alone need not reach the disk.
    connection.execute_batch("pragma synchronous = off; pragma journal_mode = memory").unwrap();
    change(&connection);
    connection.close().unwrap();
    std::fs::read(path).unwrap()
}

/// The annotation with one attribute of a grant: a `google.protobuf.Value`.
pub(crate) fn metadata_of(value: &[u8]) -> Vec<u8> {
    any(4, "GrantMetadata", &[bytes(1, &structure(&[("a", value.to_vec())]))])
}
