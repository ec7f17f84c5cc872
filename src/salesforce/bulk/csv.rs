//! CSV as it comes over the wire: bytes in, in pieces of any length; tables of whole rows out.

use std::sync::Arc;

use csv_core::ReadRecordResult;

use super::table::{Columns, Table};
use crate::net;
use crate::salesforce::error::Error;

/// Rows of a table: as many as a page of REST has.
const ROWS: usize = 2000;
/// No row is longer.
const LONGEST_ROW: usize = 16 << 20;
/// No query has more fields.
const MOST_COLUMNS: usize = 2000;

/// Takes one result apart.
pub(super) struct Parser {
    core: csv_core::Reader,
    asked: Arc<[String]>,
    columns: Option<Arc<Columns>>,
    /// The fields of the rows so far, the one that is not whole yet too; longer than what is in use.
    text: Vec<u8>,
    used: usize,
    /// Where the row that is not whole yet begins.
    row_start: usize,
    /// The ends of the fields of whole rows.
    ends: Vec<usize>,
    /// Those of the row that is not whole yet, from its beginning; longer than what is in use.
    row_ends: Vec<usize>,
    row_fields: usize,
    rows: u64,
    quotes: usize,
    last: u8,
}

impl Parser {
    /// For an answer to a query of these fields.
    pub(super) fn new(asked: Arc<[String]>) -> Self {
        let columns = asked.len();
        Self {
            core: csv_core::Reader::new(),
            asked,
            columns: None,
            text: vec![0; 4096],
            used: 0,
            row_start: 0,
            ends: Vec::new(),
            row_ends: vec![0; columns + 1],
            row_fields: 0,
            rows: 0,
            quotes: 0,
            last: b'\n',
        }
    }

    /// Takes the next bytes; gives back the tables that they make whole.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) -> Result<Vec<Table>, Error> {
        let mut tables = Vec::new();
        self.quotes += memchr::memchr_iter(b'"', bytes).count();
        self.last = bytes.last().copied().unwrap_or(self.last);
        while !bytes.is_empty() {
            let read = self.step(bytes)?;
            bytes = &bytes[read.bytes..];
            if read.row {
                tables.extend(self.end_row()?);
            }
        }
        Ok(tables)
    }

    /// The end of the bytes: the last rows. Fails where they do not end as CSV does.
    pub(super) fn finish(mut self) -> Result<(Option<Table>, u64), Error> {
        let is_closed = self.quotes.is_multiple_of(2) && matches!(self.last, b'\n' | b'\r' | b'"');
        if !is_closed {
            return Err(cut(&format!("the CSV ends within row {}", self.rows + 1)));
        }
        // Without bytes, it ends the row that has begun.
        let mut full = None;
        loop {
            let read = self.step(&[])?;
            if read.end {
                break;
            }
            if read.row {
                full = self.end_row()?;
            }
        }
        let Some(columns) = self.columns.clone() else {
            return Err(cut("the CSV has no header"));
        };
        let table = if self.ends.is_empty() { full } else { Some(self.table(columns)?) };
        Ok((table, self.rows))
    }

    fn step(&mut self, bytes: &[u8]) -> Result<Step, Error> {
        let output = self.text.get_mut(self.used..).unwrap_or_default();
        let ends = self.row_ends.get_mut(self.row_fields..).unwrap_or_default();
        let (result, bytes, used, fields) = self.core.read_record(bytes, output, ends);
        self.used += used;
        self.row_fields += fields;
        match result {
            ReadRecordResult::OutputFull => {
                if self.used - self.row_start > LONGEST_ROW {
                    return Err(Error::Protocol(format!("row {} of the CSV has no end", self.rows + 1)));
                }
                self.text.resize(self.text.len() * 2, 0);
            }
            ReadRecordResult::OutputEndsFull if self.columns.is_none() && self.row_ends.len() <= MOST_COLUMNS => {
                self.row_ends.resize(self.row_ends.len() * 2, 0);
            }
            ReadRecordResult::OutputEndsFull => return Err(self.uneven("more")),
            ReadRecordResult::InputEmpty | ReadRecordResult::Record | ReadRecordResult::End => {}
        }
        Ok(Step { bytes, row: result == ReadRecordResult::Record, end: result == ReadRecordResult::End })
    }

    fn end_row(&mut self) -> Result<Option<Table>, Error> {
        let fields = std::mem::take(&mut self.row_fields);
        let start = std::mem::replace(&mut self.row_start, self.used);
        let Some(columns) = &self.columns else {
            self.header(fields, start)?;
            return Ok(None);
        };
        if fields != columns.count() {
            return Err(self.uneven(if fields < columns.count() { "fewer" } else { "more" }));
        }
        self.ends.extend(self.row_ends[..fields].iter().map(|end| start + end));
        self.rows += 1;
        let is_full = self.ends.len() >= ROWS * columns.count();
        if is_full { self.table(Arc::clone(columns)).map(Some) } else { Ok(None) }
    }

    fn header(&mut self, fields: usize, start: usize) -> Result<(), Error> {
        let text = std::str::from_utf8(&self.text[start..self.used])
            .map_err(|error| Error::Protocol(format!("the CSV's header: {error}")))?;
        let mut begin = 0;
        let titles = self.row_ends[..fields].iter().map(|end| text.get(std::mem::replace(&mut begin, *end)..*end));
        let columns = Columns::new(titles.map(Option::unwrap_or_default), &self.asked)?;
        self.columns = Some(Arc::new(columns));
        (self.used, self.row_start) = (0, 0);
        Ok(())
    }

    /// The whole rows so far; called where a row ends.
    fn table(&mut self, columns: Arc<Columns>) -> Result<Table, Error> {
        let room = vec![0; self.used + self.used / 8 + 1024];
        let mut text = std::mem::replace(&mut self.text, room);
        text.truncate(self.used);
        (self.used, self.row_start) = (0, 0);
        let ends = Vec::with_capacity(self.ends.len());
        Table::new(columns, text, std::mem::replace(&mut self.ends, ends))
    }

    fn uneven(&self, how: &str) -> Error {
        Error::Protocol(format!("row {} of the CSV has {how} fields than its header", self.rows + 1))
    }
}

struct Step {
    bytes: usize,
    row: bool,
    end: bool,
}

pub(super) fn cut(detail: &str) -> Error {
    net::Error::Cut { detail: detail.to_owned() }.into()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::salesforce::objects::Named;
    use crate::salesforce::{RecordId, Text};

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Row {
        id: Option<String>,
        name: Option<String>,
        is_active: Option<bool>,
        number: Option<f64>,
        license: Option<License>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct License {
        name: Option<String>,
    }

    fn asked(names: &[&str]) -> Arc<[String]> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    const NAMES: &[&str] = &["Id", "Name", "IsActive", "Number", "License.Name"];

    /// All rows of a text that comes in pieces of so many bytes.
    fn read(text: &[u8], piece: usize) -> Result<Vec<Row>, Error> {
        let mut parser = Parser::new(asked(NAMES));
        let mut rows = Vec::new();
        for bytes in text.chunks(piece) {
            for table in parser.feed(bytes)? {
                rows.extend(table.rows::<Row>()?);
            }
        }
        let (table, count) = parser.finish()?;
        if let Some(table) = table {
            rows.extend(table.rows::<Row>()?);
        }
        assert_eq!(rows.len() as u64, count);
        Ok(rows)
    }

    #[test]
    fn rows_are_what_rest_would_have_sent() {
        let text = "\"Id\",\"Name\",\"IsActive\",\"Number\",\"License.Name\"\n\
            \"1\",\"Ada \"\"A\"\"\nŌkubo, \0\",\"true\",\"2.0\",\"Salesforce\"\n\
            \"2\",\"\",\"false\",\"\",\"\"\n";
        for piece in [1, 2, 3, 7, 1000] {
            let rows = read(text.as_bytes(), piece).unwrap();
            assert_eq!(rows[0].name.as_deref(), Some("Ada \"A\"\nŌkubo, \0"));
            assert_eq!((rows[0].is_active, rows[0].number), (Some(true), Some(2.0)));
            assert_eq!(rows[0].license, Some(License { name: Some("Salesforce".to_owned()) }));
            assert_eq!((rows[1].is_active, rows[1].number, &rows[1].license), (Some(false), None, &None));
            assert_eq!((rows.len(), rows[1].name.as_deref()), (2, None));
        }
    }

    #[test]
    fn columns_are_taken_for_what_their_header_says() {
        let text = "license.name,Number,Id,Name,IsActive\r\nX,5,1,N,true";
        let rows = read(format!("{text}\r\n").as_bytes(), 4).unwrap();
        let license = Some(License { name: Some("X".to_owned()) });
        let row =
            Row { id: Some("1".into()), name: Some("N".into()), is_active: Some(true), number: Some(5.0), license };
        assert_eq!(rows, [row]);
        // Nothing tells a whole last field from a cut one.
        assert!(matches!(read(text.as_bytes(), 9), Err(Error::Net(net::Error::Cut { .. }))));
    }

    #[test]
    fn what_is_not_the_answer_is_refused() {
        let header = "Id,Name,IsActive,Number,License.Name\n";
        for (text, says) in [
            (String::new(), "no header"),
            ("Records not found for this query\n".to_owned(), "not asked for"),
            ("Id,Name,IsActive,Number\n".to_owned(), "no column `License.Name`"),
            ("Id,Id,Name,IsActive,Number,License.Name\n".to_owned(), "column `Id`"),
            ("Id,Name,IsActive,Number,License.Name,Secret\n".to_owned(), "column `Secret`"),
            (format!("{header}1,2,true,3\n"), "row 1 of the CSV has fewer fields"),
            (format!("{header}1,2,true,3,4\n1,2,true,3,4,5\n"), "row 2 of the CSV has more fields"),
            (format!("{header}1,2,yes,3,4\n"), "row 1 of the page: IsActive"),
            (format!("{header}1,2,true,three,4\n"), "expected a number"),
            (format!("{header}\"1\",\"2\",\"true\",\"3\",\"4"), "ends within row 1"),
            (format!("{header}\"1\",\"2\",\"true\",\"3"), "ends within row 1"),
            (format!("{header}1,2,true,3,4\n1,2"), "ends within row 2"),
        ] {
            let error = read(text.as_bytes(), 5).unwrap_err().to_string();
            assert!(error.contains(says), "{error:?} for {text:?}");
        }
        assert!(read(b"Id,Name,IsActive,Number,License.Name\n1,\xff,true,3,4\n", 3).is_err());
        // A letter that is halved by a comma.
        assert!(read(b"Id,Name,IsActive,Number,License.Name\n\xc3,\xa4,true,3,4\n", 3).is_err());
        assert!(read(header.as_bytes(), 5).unwrap().is_empty());
    }

    #[test]
    fn rows_borrow_from_the_table() {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Borrowed<'a> {
            id: RecordId,
            #[serde(borrow)]
            name: Option<Text<'a>>,
            #[serde(borrow)]
            license: Option<Named<'a>>,
        }
        let mut parser = Parser::new(asked(&["Id", "Name", "License.Name"]));
        parser.feed(b"Id,Name,License.Name\n0055f000001AAAAAA4,\"a \"\"b\"\"\",SFDC\n").unwrap();
        let table = parser.finish().unwrap().0.unwrap();
        let rows: Vec<Borrowed<'_>> = table.rows().unwrap();
        assert_eq!((rows[0].id.to_string().as_str(), rows[0].name.as_deref()), ("0055f000001AAAAAA4", Some("a \"b\"")));
        assert_eq!(rows[0].license.as_ref().and_then(|license| license.name.as_deref()), Some("SFDC"));
        let mut parser = Parser::new(asked(&["Id", "Name", "License.Name"]));
        parser.feed(b"Id,Name,License.Name\n,N,L\n").unwrap();
        // An id that is not there is refused as null is.
        let error = parser.finish().unwrap().0.unwrap().rows::<Borrowed<'_>>().err().unwrap().to_string();
        assert!(error.contains("expected a Salesforce id"), "{error}");
    }

    proptest! {
        /// Whatever is in the fields, however the bytes are cut into pieces.
        #[test]
        fn any_text_survives(
            names in proptest::collection::vec("[^\r]{0,12}", 1..40),
            piece in 1_usize..64,
        ) {
            let mut text = "\"Id\",\"Name\",\"IsActive\",\"Number\",\"License.Name\"\n".to_owned();
            for (n, name) in names.iter().enumerate() {
                let name = name.replace('"', "\"\"");
                writeln!(text, "\"{n}\",\"{name}\",\"true\",\"{n}\",\"{name}\"").unwrap();
            }
            let rows = read(text.as_bytes(), piece).unwrap();
            prop_assert_eq!(rows.len(), names.len());
            for (row, name) in rows.iter().zip(&names) {
                prop_assert_eq!(row.name.as_deref().unwrap_or_default(), name.as_str());
            }
        }

        /// Wherever the bytes end too early, it is noticed, or nothing is missing but the last line's end.
        #[test]
        fn a_cut_is_noticed(rows in 1_usize..6, at in 0.0..1.0) {
            let mut text = "\"Id\",\"Name\",\"IsActive\",\"Number\",\"License.Name\"\n".to_owned();
            for n in 0..rows {
                writeln!(text, "\"{n}\",\"a \"\"b\"\"\",\"true\",\"{n}\",\"Salesforce, Inc\"").unwrap();
            }
            #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short text")]
            let at = (text.len() as f64 * at) as usize;
            if let Ok(read) = read(&text.as_bytes()[..at], 11) {
                // Whole rows, and fewer than the answer's header announces; or all of them.
                let whole = text[..at].matches('\n').count() + usize::from(text[at..].starts_with('\n')) - 1;
                prop_assert_eq!(read.len(), whole);
            }
        }
    }
}
