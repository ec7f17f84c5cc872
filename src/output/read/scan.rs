//! Finds where JSON values begin and end, in no more memory than the longest of them takes.

use std::io::{self, Read};
use std::ops::Range;

/// A value that is longer is no part of a document: the longest that are written are a few kilobytes.
const LONGEST: usize = 16 << 20;
/// How much is held at least.
const CHUNK: usize = 128 << 10;

/// Why there is no value.
#[derive(Debug)]
pub(super) enum Fault {
    Io(io::Error),
    /// The input ends here.
    End,
    /// Something else stands here.
    Wrong(String),
}

/// A window on the input.
#[derive(Debug)]
pub(super) struct Scanner<R> {
    input: R,
    /// Filled up to `end`.
    buffer: Vec<u8>,
    end: usize,
    /// What stands before it in the buffer is done with.
    at: usize,
    /// How many bytes were done with before the buffer begins.
    before: u64,
    is_at_end: bool,
}

impl<R: Read> Scanner<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, buffer: vec![0; CHUNK], end: 0, at: 0, before: 0, is_at_end: false }
    }

    /// Where in the input the next byte stands.
    pub(super) fn position(&self) -> u64 {
        self.before + self.at as u64
    }

    /// The first bytes of the input.
    pub(super) fn beginning(&mut self, bytes: usize) -> Result<&[u8], Fault> {
        while self.end < bytes && self.fill()? {}
        Ok(&self.buffer[..bytes.min(self.end)])
    }

    /// Leaves out bytes that were looked at.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    pub(super) fn text(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    /// The next byte that is no white space, not taken; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let rest = &self.buffer[self.at..self.end];
            if let Some(blanks) = rest.iter().position(|byte| !byte.is_ascii_whitespace()) {
                self.at += blanks;
                return Ok(Some(self.buffer[self.at]));
            }
            self.at = self.end;
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Takes this byte.
    pub(super) fn expect(&mut self, expected: u8) -> Result<(), Fault> {
        match self.peek()? {
            Some(byte) if byte == expected => {
                self.at += 1;
                Ok(())
            }
            Some(byte) => Err(Fault::Wrong(format!("`{}` expected, not `{}`", char::from(expected), shown(byte)))),
            None => Err(Fault::End),
        }
    }

    /// Takes this byte if it is the next.
    pub(super) fn take(&mut self, wanted: u8) -> Result<bool, Fault> {
        let is_it = self.peek()? == Some(wanted);
        self.at += usize::from(is_it);
        Ok(is_it)
    }

    /// Takes a value: where it stands in the buffer, until the next one is asked for.
    pub(super) fn value(&mut self) -> Result<Range<usize>, Fault> {
        let Some(first) = self.peek()? else { return Err(Fault::End) };
        let mut extent = Extent::new(first);
        // Counted from `at`: where the buffer begins changes when it is filled.
        let mut seen = 0;
        loop {
            if let Some(length) = extent.find(&self.buffer[self.at..self.end], &mut seen) {
                if length == 0 {
                    return Err(Fault::Wrong(format!("a value expected, not `{}`", shown(first))));
                }
                let start = self.at;
                self.at += length;
                return Ok(start..self.at);
            }
            if self.end - self.at > LONGEST {
                return Err(Fault::Wrong(format!("a value of more than {} MB", LONGEST >> 20)));
            }
            if !self.fill()? {
                return Err(Fault::End);
            }
        }
    }

    /// Reads on; whether something came.
    fn fill(&mut self) -> Result<bool, Fault> {
        if self.is_at_end {
            return Ok(false);
        }
        self.buffer.copy_within(self.at..self.end, 0);
        self.before += self.at as u64;
        self.end -= self.at;
        self.at = 0;
        if self.end == self.buffer.len() {
            self.buffer.resize(2 * self.end, 0);
        }
        let read = loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The end of what is compressed is missing.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(Fault::End),
                other => break other.map_err(Fault::Io)?,
            }
        };
        self.end += read;
        self.is_at_end = read == 0;
        Ok(read > 0)
    }
}

fn shown(byte: u8) -> String {
    std::ascii::escape_default(byte).to_string()
}

/// Where a value ends. Whether it is one is for the parser to say.
struct Extent {
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    is_scalar: bool,
}

impl Extent {
    fn new(first: u8) -> Self {
        let is_scalar = !matches!(first, b'{' | b'[' | b'"');
        Self { depth: 0, in_string: false, is_escaped: false, is_scalar }
    }

    /// The length of the value that `text` begins with; `None` where it goes on after `text`, of which the first `seen`
    /// bytes have been looked at.
    fn find(&mut self, text: &[u8], seen: &mut usize) -> Option<usize> {
        let mut at = *seen;
        while at < text.len() {
            let rest = &text[at..];
            if self.is_escaped {
                self.is_escaped = false;
                at += 1;
            } else if self.in_string {
                let Some(found) = memchr::memchr2(b'"', b'\\', rest) else { break };
                at += found + 1;
                self.in_string = rest[found] != b'"';
                self.is_escaped = self.in_string;
                if !self.in_string && self.depth == 0 {
                    return Some(at);
                }
            } else {
                let is_end = |byte: &u8| matches!(byte, b',' | b':') || byte.is_ascii_whitespace();
                let found = rest.iter().position(|byte| match byte {
                    b'"' | b'{' | b'[' | b'}' | b']' => true,
                    other => self.is_scalar && is_end(other),
                });
                let Some(found) = found else { break };
                if self.is_scalar {
                    return Some(at + found);
                }
                at += found + 1;
                match rest[found] {
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.depth += 1,
                    _ => {
                        self.depth -= 1;
                        if self.depth == 0 {
                            return Some(at);
                        }
                    }
                }
            }
        }
        *seen = text.len();
        None
    }
}
