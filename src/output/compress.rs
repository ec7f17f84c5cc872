//! Compression around a document: written by its ending, read by its content.

use std::io::{self, BufReader, Read, Write};

use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use super::format::Compression;

/// More than this is not unpacked: the limit that the Baton tools have, and the variable that they raise it with.
const MOST_UNPACKED_MB: u64 = 10 << 10;
const LIMIT_VARIABLE: &str = "BATON_DECODER_MAX_DECODED_SIZE_MB";
/// As the Baton tools: a frame may ask for so much memory, as a power of two.
const WINDOW_LOG_MAX: u32 = 27;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Compresses what it passes on.
pub(super) enum Compressor<'w> {
    Plain(&'w mut dyn Write),
    Gzip(GzEncoder<&'w mut dyn Write>),
    Zstd(zstd::Encoder<'static, &'w mut dyn Write>),
}

impl<'w> Compressor<'w> {
    pub(super) fn new(writer: &'w mut dyn Write, compression: Option<Compression>) -> io::Result<Self> {
        Ok(match compression {
            None => Self::Plain(writer),
            Some(Compression::Gzip) => Self::Gzip(GzEncoder::new(writer, flate2::Compression::default())),
            Some(Compression::Zstd) => {
                let mut encoder = zstd::Encoder::new(writer, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                encoder.include_checksum(true)?;
                Self::Zstd(encoder)
            }
        })
    }

    /// Writes what is still to be written.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Gzip(encoder) => encoder.finish().map(drop),
            Self::Zstd(encoder) => encoder.finish().map(drop),
        }
    }
}

impl Write for Compressor<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(writer) => writer.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(writer) => writer.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.flush(),
        }
    }
}

/// Unpacks what is compressed, and passes on what is not; and what it begins with.
pub(super) fn unpack<'r>(input: Box<dyn Read + 'r>) -> io::Result<(Vec<u8>, Box<dyn Read + 'r>)> {
    let (beginning, input) = peek(input)?;
    if beginning.starts_with(GZIP) {
        let input = MultiGzDecoder::new(BufReader::new(input));
        peek(Box::new(Limited::new(input)))
    } else if beginning.starts_with(ZSTD) {
        peek(Box::new(unzstd(input)?))
    } else {
        Ok((beginning, input))
    }
}

/// Unpacks zstd, with bounds on memory and size.
pub(super) fn unzstd<'r>(input: impl Read + 'r) -> io::Result<impl Read + 'r> {
    let mut decoder = zstd::Decoder::new(input)?;
    decoder.window_log_max(WINDOW_LOG_MAX)?;
    Ok(Limited::new(decoder))
}

/// The first bytes of an input, not taken.
fn peek<'r>(mut input: Box<dyn Read + 'r>) -> io::Result<(Vec<u8>, Box<dyn Read + 'r>)> {
    let mut beginning = Vec::new();
    input.by_ref().take(16).read_to_end(&mut beginning)?;
    let again = io::Cursor::new(beginning.clone());
    Ok((beginning, Box::new(again.chain(input))))
}

/// Ends with an error where too much comes out.
struct Limited<R> {
    input: R,
    left: u64,
}

impl<R: Read> Limited<R> {
    fn new(input: R) -> Self {
        let megabytes = std::env::var(LIMIT_VARIABLE).ok().and_then(|value| value.parse().ok());
        Self { input, left: megabytes.unwrap_or(MOST_UNPACKED_MB).saturating_mul(1 << 20) }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(format!(
                "it unpacks to more than is allowed; if it is to be trusted, raise {LIMIT_VARIABLE}"
            ))
        })?;
        Ok(read)
    }
}
