//! What is around the database: the magic, one frame of zstd, and the header of the database's file.

use std::io::{Read as _, Write as _};

use rusqlite::{Connection, OpenFlags};
use tempfile::NamedTempFile;

pub(crate) const MAGIC: &[u8; 5] = b"C1ZF\0";
/// Of the CLI's decoder.
const WINDOW: u64 = 128 << 20;
/// What a test is ready to unpack.
const UNPACKED: u64 = 1 << 30;

/// A database that has been unpacked.
pub(crate) struct Database {
    pub(crate) connection: Connection,
    _file: NamedTempFile,
}

/// What a frame of zstd says about itself.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    window: u64,
    content_size: Option<u64>,
    has_checksum: bool,
    has_dictionary: bool,
}

impl Frame {
    fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[0x28, 0xb5, 0x2f, 0xfd])?;
        let (descriptor, mut rest) = rest.split_first()?;
        let is_single_segment = descriptor & 0x20 != 0;
        let mut window = 0;
        if !is_single_segment {
            let (byte, left) = rest.split_first()?;
            let base = 1u64 << (10 + (byte >> 3));
            window = base + base / 8 * u64::from(byte & 7);
            rest = left;
        }
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let has_dictionary = rest.get(..dictionary)?.iter().any(|byte| *byte != 0);
        rest = &rest[dictionary..];
        let width = [usize::from(is_single_segment), 2, 4, 8][usize::from(descriptor >> 6)];
        let mut size = [0; 8];
        size[..width].copy_from_slice(rest.get(..width)?);
        let size = u64::from_le_bytes(size) + if width == 2 { 256 } else { 0 };
        let content_size = (width > 0).then_some(size);
        if is_single_segment {
            window = size;
        }
        Some(Self { window, content_size, has_checksum: descriptor & 4 != 0, has_dictionary })
    }
}

/// Unpacks and opens a file. What is wrong with what is around the database is told; `None` where there is none.
pub(crate) fn open(file: &[u8], complaints: &mut Vec<String>) -> Option<Database> {
    let Some(frame) = file.strip_prefix(MAGIC) else {
        complaints.push("container: the magic is not `C1ZF\\0`".to_owned());
        return None;
    };
    let bytes = unpack(frame, complaints).map_err(|error| complaints.push(format!("container: {error}"))).ok()?;
    header(&bytes, complaints);
    open_database(&bytes).map_err(|error| complaints.push(format!("container: {error}"))).ok()
}

fn unpack(bytes: &[u8], complaints: &mut Vec<String>) -> Result<Vec<u8>, String> {
    let frame = Frame::read(bytes).ok_or("no frame of zstd follows the magic")?;
    if frame.window > WINDOW {
        return Err(format!("the window is {} bytes; the CLI's decoder takes {WINDOW}", frame.window));
    }
    if frame.has_dictionary {
        return Err("a dictionary is needed".to_owned());
    }
    if !frame.has_checksum {
        complaints.push("container: the frame has no checksum".to_owned());
    }
    match zstd::zstd_safe::find_frame_compressed_size(bytes) {
        Ok(size) if size < bytes.len() => {
            complaints.push(format!("container: {} bytes follow the first frame", bytes.len() - size));
        }
        Ok(_) => {}
        Err(_) => return Err("the frame is cut or broken".to_owned()),
    }
    let mut decoder = zstd::stream::read::Decoder::new(bytes).map_err(|error| error.to_string())?;
    decoder.window_log_max(27).map_err(|error| error.to_string())?;
    let mut content = Vec::new();
    decoder.take(UNPACKED + 1).read_to_end(&mut content).map_err(|error| format!("the frame is broken: {error}"))?;
    let length = content.len() as u64;
    if length > UNPACKED {
        return Err(format!("more than {UNPACKED} bytes come out"));
    }
    match frame.content_size {
        Some(size) if size == length => {}
        Some(size) => complaints.push(format!("container: the frame tells {size} bytes, {length} come out")),
        None => complaints.push("container: the frame does not tell its content's size".to_owned()),
    }
    Ok(content)
}

/// The first 100 bytes of the database's file. All numbers are big-endian.
fn header(bytes: &[u8], complaints: &mut Vec<String>) {
    let mut complain = |text: String| complaints.push(format!("database: {text}"));
    if bytes.len() < 100 || !bytes.starts_with(b"SQLite format 3\0") {
        return complain("it is no SQLite database".to_owned());
    }
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap_or_default());
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    if page != 4096 {
        complain(format!("a page has {page} bytes, not 4096"));
    }
    if (bytes[18], bytes[19]) != (1, 1) {
        complain("the header asks for a write-ahead log".to_owned());
    }
    if page.saturating_mul(number(28) as usize) != bytes.len() {
        complain(format!("the header tells {} pages, there are {} bytes", number(28), bytes.len()));
    }
    for (at, name, wanted) in
        [(52, "auto_vacuum", 0), (56, "encoding", 1), (60, "user_version", 0), (68, "application_id", 0)]
    {
        if number(at) != wanted {
            complain(format!("{name} is {}, not {wanted}", number(at)));
        }
    }
}

fn open_database(bytes: &[u8]) -> Result<Database, String> {
    let mut file = tempfile::Builder::new().suffix(".db").tempfile().map_err(|error| error.to_string())?;
    file.write_all(bytes).map_err(|error| error.to_string())?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file.path(), flags).map_err(|error| error.to_string())?;
    // What stands in the file is not to be run: neither functions in views nor anything that writes.
    connection
        .execute_batch("pragma trusted_schema = off; pragma query_only = on")
        .map_err(|error| error.to_string())?;
    Ok(Database { connection, _file: file })
}

#[test]
fn the_header_of_a_frame_is_read() {
    let frame = |bytes: &[u8]| Frame::read(&[&[0x28, 0xb5, 0x2f, 0xfd], bytes].concat());
    let is =
        |window, content_size, has_checksum| Some(Frame { window, content_size, has_checksum, has_dictionary: false });
    assert_eq!(frame(&[0x24, 7]), is(7, Some(7), true));
    assert_eq!(frame(&[0x60, 0, 1]), is(512, Some(512), false));
    assert_eq!(frame(&[0x04, 0x88]), is(128 << 20, None, true));
    assert_eq!(frame(&[0x84, 0x89, 1, 0, 0, 0]), is(144 << 20, Some(1), true));
    assert!(frame(&[0x21, 5, 7]).unwrap().has_dictionary);
    assert_eq!((frame(&[0xe0, 1]), frame(&[0x24]), Frame::read(b"none")), (None, None, None));
}
