//! The `.json` document: one object with its sections in a fixed order, the summary last.

use std::io::Read;
use std::ops::Range;

use serde::Deserialize;

use super::item::Summary;
use super::scan::{Fault, Scanner};
use super::{Part, ReadError, Shown};
use crate::model::document::FORMAT;

/// The sections, in order.
const SECTIONS: [&str; 8] =
    ["format", "sync", "resourceTypes", "resources", "entitlements", "grants", "inactiveAssignments", "summary"];
const FORMAT_SECTION: usize = 0;
const SYNC: usize = 1;
const SUMMARY: usize = 7;

/// What other files begin with that somebody may take for a document.
const OTHERS: [(&[u8], &str); 5] = [
    (b"C1ZF", "it is a `.c1z` file, which this version does not read"),
    (b"C1Z", "it is a Baton file of a newer kind, which this version does not read"),
    (b"SQLite format 3\0", "it is an SQLite database"),
    (&[0x1f, 0x8b], "it is compressed with gzip: `gunzip` it first"),
    (&[0x28, 0xb5, 0x2f, 0xfd], "it is compressed with zstd: decompress it first"),
];

/// Reads a document, part by part.
#[derive(Debug)]
pub struct JsonReader<R> {
    scanner: Scanner<R>,
    file: Shown,
    state: State,
    /// The section that is next, or open.
    section: usize,
    counts: [u64; SECTIONS.len()],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Beginning,
    /// Between two sections.
    Between,
    /// In a section that is a list; whether an item was read in it.
    Within(bool),
    End,
}

impl<R: Read> JsonReader<R> {
    pub(super) fn new(input: R, file: Shown) -> Self {
        Self { scanner: Scanner::new(input), file, state: State::Beginning, section: 0, counts: [0; SECTIONS.len()] }
    }

    /// The next part; `None` after the last one.
    ///
    /// # Errors
    /// Where the file is cut, or is no document. Nothing can be read after that.
    pub fn next_part(&mut self) -> Result<Option<Part<'_>>, ReadError> {
        if self.state == State::Beginning {
            self.begin()?;
        }
        let Some(range) = self.next_value().map_err(|fault| self.failed(fault))? else { return Ok(None) };
        let section = self.section;
        if section == SUMMARY {
            let summary = self.summary(range)?;
            return Ok(Some(Part::Summary(summary)));
        }
        if section == SYNC {
            self.section += 1;
        }
        self.counts[section] += 1;
        let at = self.scanner.position() - range.len() as u64;
        let text = self.scanner.text(range);
        let part = match section {
            SYNC => parse(text).map(Part::Header),
            2 => parse(text).map(Part::ResourceType),
            3 => parse(text).map(Part::Resource),
            4 => parse(text).map(Part::Entitlement),
            5 => parse(text).map(Part::Grant),
            _ => parse(text).map(Part::Inactive),
        };
        part.map(Some).map_err(|error| ReadError::Malformed {
            file: self.file.clone(),
            at,
            within: SECTIONS[section],
            message: without_place(&error),
        })
    }

    /// Whether this is a document at all.
    fn begin(&mut self) -> Result<(), ReadError> {
        let file = self.file.clone();
        let foreign = |what: String| ReadError::Foreign { file, what };
        let beginning = self.scanner.beginning(16).map_err(|fault| match fault {
            Fault::Io(source) => ReadError::Io { file: self.file.clone(), source },
            Fault::End | Fault::Wrong(_) => ReadError::Cut { file: self.file.clone(), within: SECTIONS[0] },
        })?;
        if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| beginning.starts_with(magic)) {
            return Err(foreign((*what).to_owned()));
        }
        if beginning.starts_with("\u{feff}".as_bytes()) {
            self.scanner.skip('\u{feff}'.len_utf8());
        }
        let format = match self.format() {
            Ok(format) => format,
            Err(Fault::Io(source)) => return Err(ReadError::Io { file: self.file.clone(), source }),
            Err(Fault::End) if self.scanner.position() == 0 => return Err(foreign("it is empty".to_owned())),
            Err(Fault::End) => return Err(ReadError::Cut { file: self.file.clone(), within: SECTIONS[0] }),
            Err(Fault::Wrong(_)) => return Err(foreign("it does not begin with `format`".to_owned())),
        };
        if format != FORMAT {
            let ours = FORMAT.split('/').next().unwrap_or_default();
            return Err(foreign(match format.split('/').next() {
                Some(name) if name == ours => {
                    format!("its format is `{format}`, and this version knows `{FORMAT}` alone")
                }
                _ => format!("its format is `{format}`"),
            }));
        }
        self.state = State::Between;
        self.section = SYNC;
        Ok(())
    }

    fn format(&mut self) -> Result<String, Fault> {
        self.scanner.expect(b'{')?;
        if self.key()? != SECTIONS[FORMAT_SECTION] {
            return Err(Fault::Wrong(String::new()));
        }
        self.string()
    }

    fn string(&mut self) -> Result<String, Fault> {
        let range = self.scanner.value()?;
        parse(self.scanner.text(range)).map_err(|error| Fault::Wrong(error.to_string()))
    }

    fn key(&mut self) -> Result<String, Fault> {
        let key = self.string()?;
        self.scanner.expect(b':')?;
        Ok(key)
    }

    /// The next item, or the value of the next section that is no list.
    fn next_value(&mut self) -> Result<Option<Range<usize>>, Fault> {
        loop {
            match self.state {
                State::Beginning | State::End => return Ok(None),
                State::Between => {
                    if self.section > SUMMARY {
                        self.scanner.expect(b'}')?;
                        self.state = State::End;
                        return match self.scanner.peek()? {
                            None => Ok(None),
                            Some(_) => Err(Fault::Wrong("something follows the end".to_owned())),
                        };
                    }
                    if let Some(value) = self.next_section()? {
                        return Ok(Some(value));
                    }
                }
                State::Within(has_item) => {
                    if self.scanner.take(b']')? {
                        self.state = State::Between;
                        self.section += 1;
                        continue;
                    }
                    if has_item {
                        self.scanner.expect(b',')?;
                    }
                    self.state = State::Within(true);
                    return self.scanner.value().map(Some);
                }
            }
        }
    }

    /// Begins the next section; its value where it is no list.
    fn next_section(&mut self) -> Result<Option<Range<usize>>, Fault> {
        if self.scanner.peek()? == Some(b'}') {
            return Err(Fault::Wrong(format!("the section `{}` is missing", SECTIONS[self.section])));
        }
        self.scanner.expect(b',')?;
        let key = self.key()?;
        match SECTIONS.iter().position(|section| *section == key) {
            // Of a later version; nothing here needs it.
            None => self.skip().map(|()| None),
            Some(section) if section != self.section => {
                let wanted = SECTIONS[self.section];
                Err(Fault::Wrong(format!("the section `{key}` stands where `{wanted}` should")))
            }
            Some(SYNC | SUMMARY) => self.scanner.value().map(Some),
            Some(_) => {
                self.scanner.expect(b'[')?;
                self.state = State::Within(false);
                Ok(None)
            }
        }
    }

    /// Leaves out a value; a list item by item, since it may be long.
    fn skip(&mut self) -> Result<(), Fault> {
        if !self.scanner.take(b'[')? {
            return self.scanner.value().map(drop);
        }
        if self.scanner.take(b']')? {
            return Ok(());
        }
        loop {
            self.scanner.value()?;
            if self.scanner.take(b']')? {
                return Ok(());
            }
            self.scanner.expect(b',')?;
        }
    }

    /// The summary: whether all is there that it counts, and nothing stands after it.
    fn summary(&mut self, range: Range<usize>) -> Result<Summary, ReadError> {
        let at = self.scanner.position() - range.len() as u64;
        let summary: Summary = parse(self.scanner.text(range)).map_err(|error| ReadError::Malformed {
            file: self.file.clone(),
            at,
            within: SECTIONS[SUMMARY],
            message: without_place(&error),
        })?;
        self.section += 1;
        self.state = State::Between;
        self.next_value().map_err(|fault| self.failed(fault))?;
        let resources = summary.counts.resources.values().sum();
        for (section, said, what) in [
            (3, resources, "resources"),
            (4, summary.counts.entitlements, "entitlements"),
            (5, summary.counts.grants, "grants"),
            (6, summary.counts.inactive_assignments, "inactive assignments"),
        ] {
            if self.counts[section] != said {
                let file = self.file.clone();
                return Err(ReadError::Totals { file, what, found: self.counts[section], said });
            }
        }
        Ok(summary)
    }

    fn failed(&self, fault: Fault) -> ReadError {
        let file = self.file.clone();
        let within = SECTIONS[self.section.min(SUMMARY)];
        match fault {
            Fault::Io(source) => ReadError::Io { file, source },
            Fault::End => ReadError::Cut { file, within },
            Fault::Wrong(message) => ReadError::Malformed { file, at: self.scanner.position(), within, message },
        }
    }
}

/// Where it is within an item is no help: the item's own place is told.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

fn parse<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(text)
}
