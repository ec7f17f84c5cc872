//! Files that mean harm, or that are broken: each small, and named by what it tries. First what is around the database.

use rusqlite::Connection;

use super::container::MAGIC;
use super::encode::{Packing, changed};
use super::{hostile_database, hostile_rows, sample};

/// What a reader may make of a hostile file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It must be refused: to go on would be to guess, or to run what a stranger wrote.
    Refused,
    /// It may be refused; whoever reads it must get what the sample holds.
    Sample,
    /// It may be refused; what it holds is read as it is, or told to be strange.
    Strange,
}

/// A hostile file.
pub(crate) struct Hostile {
    pub(crate) name: String,
    pub(crate) file: Vec<u8>,
    pub(crate) outcome: Outcome,
}

impl Hostile {
    pub(crate) fn new(name: impl Into<String>, file: Vec<u8>, outcome: Outcome) -> Self {
        Self { name: name.into(), file, outcome }
    }

    /// The sample, to which something has been done.
    pub(crate) fn spoiled(name: impl Into<String>, outcome: Outcome, spoil: impl FnOnce(&Connection)) -> Self {
        Self::new(name, Packing::GOOD.file(&changed(sample::good(), spoil)), outcome)
    }

    /// The sample, to which SQL has been done.
    pub(crate) fn sql(name: impl Into<String>, outcome: Outcome, sql: &str) -> Self {
        Self::spoiled(name, outcome, |connection| connection.execute_batch(sql).unwrap())
    }
}

/// All of them but the cut ones.
pub(crate) fn all() -> Vec<Hostile> {
    [containers(), hostile_database::schemas(), hostile_database::pages(), hostile_rows::rows(), hostile_rows::blobs()]
        .into_iter()
        .flatten()
        .collect()
}

/// The sample's file, cut at every byte.
pub(crate) fn cut() -> impl Iterator<Item = Hostile> {
    let file = Packing::GOOD.file(sample::good());
    (0..file.len())
        .map(move |length| Hostile::new(format!("cut after {length} bytes"), file[..length].to_vec(), Outcome::Refused))
}

/// A block of a frame: 128 KiB, the largest there is, from four bytes.
const BLOCK: usize = 128 << 10;

/// A frame made of a header, of bytes as they are, and of so many blocks of zeros.
fn frame(header: &[u8], plain: &[u8], blocks: usize) -> Vec<u8> {
    let block = |kind: usize, size: usize, is_last: bool| {
        let header = size << 3 | kind << 1 | usize::from(is_last);
        u32::try_from(header).unwrap().to_le_bytes()[..3].to_vec()
    };
    let mut bytes = [&[0x28, 0xb5, 0x2f, 0xfd], header].concat();
    let chunks: Vec<_> = plain.chunks(BLOCK).collect();
    for (at, chunk) in chunks.iter().enumerate() {
        bytes.extend(block(0, chunk.len(), blocks == 0 && at + 1 == chunks.len()));
        bytes.extend_from_slice(chunk);
    }
    for at in 1..=blocks {
        bytes.extend(block(1, BLOCK, at == blocks));
        bytes.push(0);
    }
    bytes
}

/// Says nothing of its size; a window of 1 MiB.
const UNSIZED: [u8; 2] = [0x00, 0x50];

fn sized(size: u64) -> Vec<u8> {
    [&[0xc0, 0x50u8] as &[u8], &size.to_le_bytes()].concat()
}

fn file(parts: &[&[u8]]) -> Vec<u8> {
    [MAGIC as &[u8], &parts.concat()].concat()
}

fn containers() -> Vec<Hostile> {
    let good = sample::good();
    let packed = Packing::GOOD.frame(good);
    let gigabyte = (1 << 30) / BLOCK;
    let small_bomb = frame(&UNSIZED, b"", 64);
    let skippable = [b"\x50\x2a\x4d\x18\x04\0\0\0" as &[u8], b"skip"].concat();
    let refused = [
        ("nothing", Vec::new()),
        ("half of the magic", b"C1Z".to_vec()),
        ("the magic alone", file(&[])),
        ("the newer container", [b"C1Z3\0\0\0\0\x04" as &[u8], b"\x08\x01\x12\0", &packed].concat()),
        ("the newer container, with a manifest of 4 GiB", b"C1Z3\0\xff\xff\xff\xff".to_vec()),
        ("a gigabyte of zeros", file(&[&frame(&UNSIZED, b"", gigabyte)])),
        ("a gigabyte of zeros, as it says", file(&[&frame(&sized(1 << 30), b"", gigabyte)])),
        ("a gigabyte of zeros that says it is 100 bytes", file(&[&frame(&sized(100), b"", gigabyte)])),
        ("512 frames of zeros", file(&[&small_bomb.repeat(512)])),
        ("four bytes that say they are an exabyte", file(&[&frame(&sized(1 << 60), b"tiny", 0)])),
        ("a window of two terabytes", file(&[&frame(&[0x00, 0xf8], good, 0)])),
        ("a window of 256 MiB", file(&[&frame(&[0x00, 0x90], good, 0)])),
        ("a frame that needs a dictionary", file(&[&frame(&[0x01, 0x50, 7], good, 0)])),
        ("a block of a kind that does not exist", file(&[b"\x28\xb5\x2f\xfd\x00\x50\x0f\0\0"])),
        ("a frame without blocks", file(&[b"\x28\xb5\x2f\xfd\x00\x50"])),
        ("a file in a file", Packing::GOOD.file(&Packing::GOOD.file(good))),
        ("nothing in a frame", Packing::GOOD.file(b"")),
        ("no database", Packing::GOOD.file(b"{\"format\": \"baton-salesforce.sync/1\"}")),
        ("the header of a database alone", Packing::GOOD.file(&good[..100])),
        ("the first page of a database alone", Packing::GOOD.file(&good[..4096])),
        ("a database without compression", file(&[good])),
        ("gzip in the magic", file(&[b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0"])),
        ("a wrong checksum", file(&[&packed[..packed.len() - 4], b"none"])),
    ];
    // The CLI reads what stands in several frames.
    let (first, second) = good.split_at(5000);
    let sample = [
        ("two frames", file(&[&Packing::GOOD.frame(first), &Packing::GOOD.frame(second)])),
        ("frames that are skipped", file(&[&skippable, &packed, &skippable])),
        ("neither size nor checksum", file(&[&frame(&UNSIZED, good, 0)])),
        ("rubbish behind the frame", file(&[&packed, b"rubbish"])),
        ("a gigabyte of zeros behind the frame", file(&[&packed, &frame(&UNSIZED, b"", gigabyte)])),
        ("a gigabyte of zeros behind the last page", file(&[&frame(&UNSIZED, good, gigabyte)])),
    ];
    let refused = refused.into_iter().map(|(name, file)| Hostile::new(name, file, Outcome::Refused));
    refused.chain(sample.into_iter().map(|(name, file)| Hostile::new(name, file, Outcome::Sample))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::judge::judge_bytes;
    use super::*;

    #[test]
    fn hostile_files_are_small_and_none_is_good() {
        let mut names = BTreeSet::new();
        let mut good = Vec::new();
        let mut refused = 0;
        for hostile in all() {
            refused += usize::from(hostile.outcome == Outcome::Refused);
            assert!(hostile.file.len() < 1 << 20, "{}: {} bytes", hostile.name, hostile.file.len());
            if judge_bytes(&hostile.file).is_empty() {
                good.push(hostile.name.clone());
            }
            assert!(names.insert(hostile.name.clone()), "{} stands twice", hostile.name);
        }
        // Not every byte of a page means something.
        good.retain(|name| !name.starts_with("page "));
        assert_eq!(good, ["a table of a name with quotes"]);
        assert!(names.len() > 400 && refused > 40, "{} files, {refused} of them never to be read", names.len());
    }

    #[test]
    fn a_cut_file_is_never_good() {
        let mut count = 0;
        for hostile in cut() {
            assert!(!judge_bytes(&hostile.file).is_empty(), "{}", hostile.name);
            count += 1;
        }
        assert!(count > 1000, "{count}");
    }

    #[test]
    fn frames_that_are_made_by_hand_are_frames() {
        let decoded = |header: &[u8], plain: &[u8], blocks| zstd::stream::decode_all(&*frame(header, plain, blocks));
        let long = vec![7; BLOCK + 1];
        assert_eq!(decoded(&UNSIZED, &long, 0).unwrap(), long);
        assert_eq!(decoded(&UNSIZED, b"ab", 2).unwrap(), [b"ab" as &[u8], &vec![0; 2 * BLOCK]].concat());
        assert_eq!(decoded(&sized(4), b"tiny", 0).unwrap(), b"tiny");
    }
}
