//! The `.json` document: one object with its sections in a fixed order, the summary last. And the `.jsonl` document:
//! an object a line, with one key that says what it is.

use std::io::Read;
use std::ops::Range;

use super::scan::{Fault, Scanner};
use super::{Items, Place, ReadError, Section, Shown};
use crate::model::document::FORMAT;

/// The key that a `.json` document begins with.
const FORMAT_KEY: &str = "format";

/// What other files begin with that somebody may take for a document.
const OTHERS: [(&[u8], &str); 1] = [(b"SQLite format 3\0", "it is an SQLite database")];

/// Gives the items of a `.json` or `.jsonl` document.
#[derive(Debug)]
pub(super) struct JsonItems<R> {
    scanner: Scanner<R>,
    file: Shown,
    state: State,
    /// The section that is next, or open.
    section: Section,
    /// Where the item stands that was gone to last.
    item: Range<usize>,
    /// The id of the sync that it has to be.
    wanted: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Beginning,
    /// Between two sections.
    Between,
    /// In a section that is a list; whether an item was read in it.
    Within(bool),
    /// After the key of the first line.
    FirstLine,
    /// After the value of a line.
    Line,
    /// After the summary's value.
    After,
}

impl<R: Read> Items for JsonItems<R> {
    fn advance(&mut self) -> Result<Option<Section>, ReadError> {
        if self.state == State::Beginning {
            self.begin()?;
        }
        match self.next() {
            Ok(Some((section, item))) => {
                self.item = item;
                if let (Section::Header, Some(wanted)) = (section, self.wanted.take()) {
                    self.check_sync(wanted)?;
                }
                Ok(Some(section))
            }
            Ok(None) => Ok(None),
            Err(fault) => Err(self.failed(fault)),
        }
    }

    fn text(&self) -> &[u8] {
        self.scanner.text(self.item.clone())
    }

    fn place(&self) -> Place {
        Place::Byte(self.scanner.position() - self.item.len() as u64)
    }
}

impl<R: Read> JsonItems<R> {
    pub(super) fn new(input: R, file: Shown, wanted: Option<&str>) -> Self {
        let (scanner, wanted) = (Scanner::new(input), wanted.map(str::to_owned));
        Self { scanner, file, state: State::Beginning, section: Section::Header, item: 0..0, wanted }
    }

    fn check_sync(&self, wanted: String) -> Result<(), ReadError> {
        #[derive(serde::Deserialize)]
        struct Id {
            id: String,
        }
        match serde_json::from_slice::<Id>(self.text()) {
            Ok(Id { id }) if id != wanted => {
                Err(ReadError::NoSync { file: self.file.clone(), wanted, there: vec![id] })
            }
            _ => Ok(()),
        }
    }

    /// Whether this is a document at all, and in which of the two forms.
    fn begin(&mut self) -> Result<(), ReadError> {
        let file = self.file.clone();
        let cut = || ReadError::Cut { file: file.clone(), within: FORMAT_KEY };
        let foreign = |what: String| ReadError::Foreign { file: file.clone(), what };
        let beginning = self.scanner.beginning(16).map_err(|fault| match fault {
            Fault::Io(source) => ReadError::Io { file: file.clone(), source },
            Fault::End | Fault::Wrong(_) => cut(),
        })?;
        if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| beginning.starts_with(magic)) {
            return Err(foreign((*what).to_owned()));
        }
        if beginning.starts_with("\u{feff}".as_bytes()) {
            self.scanner.skip('\u{feff}'.len_utf8());
        }
        let format = match self.format() {
            Ok(Some(format)) => format,
            Ok(None) => {
                self.state = State::FirstLine;
                return Ok(());
            }
            Err(Fault::Io(source)) => return Err(ReadError::Io { file, source }),
            Err(Fault::End) if self.scanner.position() == 0 => return Err(foreign("it is empty".to_owned())),
            Err(Fault::End) => return Err(cut()),
            Err(Fault::Wrong(_)) => {
                return Err(foreign(format!("it does not begin with `{FORMAT_KEY}`, nor with a line of `sync`")));
            }
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
        Ok(())
    }

    /// The format that it says it has; `None` where its first line begins.
    fn format(&mut self) -> Result<Option<String>, Fault> {
        self.scanner.expect(b'{')?;
        let key = self.key()?;
        if key == Section::Header.item_name() {
            return Ok(None);
        }
        if key != FORMAT_KEY {
            return Err(Fault::Wrong(String::new()));
        }
        self.string().map(Some)
    }

    fn string(&mut self) -> Result<String, Fault> {
        let range = self.scanner.value()?;
        serde_json::from_slice(self.scanner.text(range)).map_err(|error| Fault::Wrong(error.to_string()))
    }

    fn key(&mut self) -> Result<String, Fault> {
        let key = self.string()?;
        self.scanner.expect(b':')?;
        Ok(key)
    }

    /// The next item.
    fn next(&mut self) -> Result<Option<(Section, Range<usize>)>, Fault> {
        loop {
            match self.state {
                State::Beginning => return Ok(None),
                State::After => {
                    self.scanner.expect(b'}')?;
                    return match self.scanner.peek()? {
                        None => Ok(None),
                        Some(_) => Err(Fault::Wrong("something follows the end".to_owned())),
                    };
                }
                State::Between => {
                    if let Some(value) = self.next_section()? {
                        return Ok(Some(value));
                    }
                }
                State::Within(has_item) => {
                    if self.scanner.take(b']')? {
                        self.state = State::Between;
                        self.section = after(self.section);
                        continue;
                    }
                    if has_item {
                        self.scanner.expect(b',')?;
                    }
                    self.state = State::Within(true);
                    return self.scanner.value().map(|item| Some((self.section, item)));
                }
                State::FirstLine => {
                    self.state = State::Line;
                    self.section = after(Section::Header);
                    return self.scanner.value().map(|item| Some((Section::Header, item)));
                }
                State::Line => {
                    self.scanner.expect(b'}')?;
                    if let Some(value) = self.next_line()? {
                        return Ok(Some(value));
                    }
                }
            }
        }
    }

    /// Begins the next section; its value where it is no list.
    fn next_section(&mut self) -> Result<Option<(Section, Range<usize>)>, Fault> {
        if self.scanner.peek()? == Some(b'}') {
            return Err(Fault::Wrong(format!("the section `{}` is missing", self.section.name())));
        }
        self.scanner.expect(b',')?;
        let key = self.key()?;
        match Section::ALL.into_iter().find(|section| section.name() == key) {
            // Of a later version; nothing here needs it.
            None => self.skip().map(|()| None),
            Some(section) if section != self.section => {
                let wanted = self.section.name();
                Err(Fault::Wrong(format!("the section `{key}` stands where `{wanted}` should")))
            }
            Some(Section::Summary) => {
                self.state = State::After;
                self.scanner.value().map(|value| Some((Section::Summary, value)))
            }
            Some(Section::Header) => {
                self.section = after(self.section);
                self.scanner.value().map(|value| Some((Section::Header, value)))
            }
            Some(_) => {
                self.scanner.expect(b'[')?;
                self.state = State::Within(false);
                Ok(None)
            }
        }
    }

    /// Begins the next line; its value, unless it is of a later version.
    fn next_line(&mut self) -> Result<Option<(Section, Range<usize>)>, Fault> {
        self.scanner.expect(b'{')?;
        let key = self.key()?;
        let Some(section) = Section::ALL.into_iter().find(|section| section.item_name() == key) else {
            return self.skip().map(|()| None);
        };
        if section < self.section {
            return Err(Fault::Wrong(format!("a line of `{key}` stands after the last one of them")));
        }
        self.section = section;
        if section == Section::Summary {
            self.state = State::After;
        }
        self.scanner.value().map(|item| Some((section, item)))
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

    fn failed(&self, fault: Fault) -> ReadError {
        let file = self.file.clone();
        let within = self.section.name();
        match fault {
            Fault::Io(source) => ReadError::Io { file, source },
            Fault::End => ReadError::Cut { file, within },
            Fault::Wrong(message) => {
                ReadError::Malformed { file, place: Place::Byte(self.scanner.position()), within, message }
            }
        }
    }
}

/// The section after this one.
fn after(section: Section) -> Section {
    Section::ALL.into_iter().find(|other| *other > section).unwrap_or(Section::Summary)
}
