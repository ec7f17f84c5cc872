//! CSV as RFC 4180 has it, whose cells no spreadsheet takes for formulas.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{ErrorKind, Terminator, Writer, WriterBuilder};

/// Writes rows of CSV. It has a buffer of its own.
#[derive(Debug)]
pub struct CsvWriter<W: Write>(Writer<W>);

impl<W: Write> CsvWriter<W> {
    /// Nothing yet, not even a header.
    pub fn new(out: W) -> Self {
        let terminator = Terminator::CRLF;
        Self(WriterBuilder::new().terminator(terminator).buffer_capacity(64 * 1024).from_writer(out))
    }

    /// Writes a row. A cell that a spreadsheet would take for a formula is made harmless.
    pub fn row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) -> io::Result<()> {
        let written = cells.into_iter().try_for_each(|cell| self.0.write_field(harmless(cell).as_bytes()));
        // The end of a row, after its last cell.
        written.and_then(|()| self.0.write_record(None::<&[u8]>)).map_err(|error| match error.into_kind() {
            ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }

    /// Writes what is still in the buffer.
    pub fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A cell that spreadsheets take for text: one that they would take for a formula gets an apostrophe before it.
///
/// Blanks before the formula do not keep all of them from it, nor do the wide forms of the characters.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    let is_sign = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}');
    let is_blank = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}');
    let begins_a_cell = cell.starts_with(['\t', '\r', '\n']);
    if begins_a_cell || cell.trim_start_matches(is_blank).starts_with(is_sign) {
        return Cow::Owned(format!("'{cell}"));
    }
    Cow::Borrowed(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[&[&str]]) -> String {
        let mut out = Vec::new();
        let mut csv = CsvWriter::new(&mut out);
        for row in rows {
            csv.row(row.iter().copied()).unwrap();
        }
        csv.flush().unwrap();
        drop(csv);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_are_as_the_standard_has_them() {
        assert_eq!(written(&[&["id", "name"], &["1", "Ada Lee"]]), "id,name\r\n1,Ada Lee\r\n");
        assert_eq!(written(&[&["a,b", "say \"x\"", "one\ntwo"]]), "\"a,b\",\"say \"\"x\"\"\",\"one\ntwo\"\r\n");
        assert_eq!(written(&[&["", ""], &["x", ""]]), ",\r\nx,\r\n");
        // A line with nothing in it is no row.
        assert_eq!(written(&[&[""]]), "\"\"\r\n");
        assert_eq!(written(&[&["\u{202e}大久保"]]), "\u{202e}大久保\r\n");
    }

    #[test]
    fn formulas_become_text() {
        for cell in [
            "=HYPERLINK(\"http://x\")",
            "+1",
            "-1+cmd|'/c calc'!A1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\ttext",
            "\n=1",
            " =1",
            "\u{a0}=1",
            "\u{feff}=1",
            "\u{ff1d}1",
        ] {
            assert_eq!(harmless(cell), format!("'{cell}"), "{cell:?}");
        }
        for cell in ["", " ", "Ada = Bo", "a-b", "'=1", "ada@acme.example", "1-2", "Ōkubo 大久保"] {
            assert_eq!(harmless(cell), cell);
        }
        assert_eq!(written(&[&["=HYPERLINK(\"http://x\")"]]), "\"'=HYPERLINK(\"\"http://x\"\")\"\r\n");
    }

    #[test]
    fn a_closed_pipe_is_told_as_such() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut csv = CsvWriter::new(Closed);
        let long = "x".repeat(100_000);
        assert_eq!(csv.row([long.as_str()]).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
