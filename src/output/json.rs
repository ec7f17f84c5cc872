//! The `.json` document: one object, its sections in a fixed order, an item a line, the summary last. And the `.jsonl`
//! document: an object a line, with one key that says what it is.

use std::io::{self, Write};

use super::compress::Compressor;
use super::{Section, Sink};
use crate::model::document::FORMAT;

/// Writes a document as JSON.
pub(super) struct JsonSink<'w> {
    writer: Compressor<'w>,
    /// The section that is open.
    open: Section,
    /// Whether it has an item.
    has_item: bool,
}

impl<'w> JsonSink<'w> {
    pub(super) fn new(writer: Compressor<'w>) -> Self {
        Self { writer, open: Section::Header, has_item: false }
    }

    /// Ends the open section, and begins those up to this one.
    fn advance(&mut self, section: Section) -> io::Result<()> {
        let open = self.open;
        for next in Section::ALL.into_iter().filter(|next| *next > open && *next <= section) {
            if !self.open.is_single() {
                self.writer.write_all(if self.has_item { b"\n]" } else { b"]" })?;
            }
            write!(self.writer, ",\n\"{}\":{}", next.name(), if next.is_single() { "" } else { "[" })?;
            self.open = next;
            self.has_item = false;
        }
        Ok(())
    }
}

impl Sink for JsonSink<'_> {
    fn item(&mut self, section: Section, text: &[u8]) -> io::Result<()> {
        if section == Section::Header {
            write!(self.writer, "{{\"format\":\"{FORMAT}\",\n\"{}\":", section.name())?;
        }
        self.advance(section)?;
        if !section.is_single() {
            self.writer.write_all(if self.has_item { b",\n" } else { b"\n" })?;
        }
        self.has_item = true;
        write_compact(&mut self.writer, text)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.writer.write_all(b"}\n")?;
        self.writer.finish()
    }
}

/// Writes a document as lines of JSON.
pub(super) struct LinesSink<'w>(Compressor<'w>);

impl<'w> LinesSink<'w> {
    pub(super) fn new(writer: Compressor<'w>) -> Self {
        Self(writer)
    }
}

impl Sink for LinesSink<'_> {
    fn item(&mut self, section: Section, text: &[u8]) -> io::Result<()> {
        write!(self.0, "{{\"{}\":", section.item_name())?;
        write_compact(&mut self.0, text)?;
        self.0.write_all(b"}\n")
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.0.finish()
    }
}

/// Writes JSON that may have come with white space around its parts; each item has one line.
fn write_compact(writer: &mut impl Write, text: &[u8]) -> io::Result<()> {
    if memchr::memchr2(b'\n', b'\r', text).is_none() {
        return writer.write_all(text);
    }
    let (mut compact, mut in_string, mut is_escaped) = (Vec::with_capacity(text.len()), false, false);
    for byte in text {
        if in_string || !byte.is_ascii_whitespace() {
            compact.push(*byte);
        }
        in_string ^= *byte == b'"' && !is_escaped;
        is_escaped = in_string && *byte == b'\\' && !is_escaped;
    }
    writer.write_all(&compact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_has_one_line() {
        let mut out = Vec::new();
        write_compact(&mut out, b"{ \"a\" :\r\n [1,\t\"x \\\" \\\\\" , \" y\"] }").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"a":[1,"x \" \\"," y"]}"#);
        let mut out = Vec::new();
        write_compact(&mut out, b"{\"a\": 1}").unwrap();
        assert_eq!(out, b"{\"a\": 1}");
    }
}
