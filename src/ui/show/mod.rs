//! Lists of what is in a document: as a table for people, as JSON, or as CSV. They go to stdout: they are the result.

mod columns;
mod overview;
mod rows;
mod sorted;

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use anstream::AutoStream;

use super::table::{Column, Table};
use super::text::{Palette, number, plain, wrap};
use crate::harmless;
use crate::output::csv::CsvWriter;
pub(crate) use columns::What;
pub(crate) use overview::Overview;
pub(crate) use rows::{Cells, Held, Holder, entitlement, grant, inactive, kind, resource, user};
use sorted::{Kept, sort};

/// Where a result goes.
type Out = BufWriter<AutoStream<Stdout>>;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// The items as they stand in the document.
    Json,
    /// For spreadsheets.
    Csv,
}

/// So many rows are sorted.
const SORTED: usize = 1_000_000;

/// Why a list cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListError {
    /// stdout refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// There are more rows than can be sorted.
    #[error("--sort: more than {} rows are left by the filters", number(SORTED as u64))]
    TooManyToSort,
}

/// A list that is written while its rows come. Nothing is written before the first row is known, or that there is none.
pub(crate) struct Listing {
    what: What,
    columns: &'static [Column],
    sheet: Sheet,
    written: u64,
    /// Rows that are kept to be sorted by a column.
    sorting: Option<(usize, Vec<Kept>)>,
}

enum Sheet {
    Text(Box<Table<Out>>),
    Json(harmless::Json<Out>),
    /// Whether a terminal shows it, which names must not take over.
    Csv(Box<CsvWriter<Out>>, bool),
}

impl Listing {
    /// Nothing yet. `sort` is the number of a column.
    pub(crate) fn new(what: What, form: Form, sort: Option<usize>) -> Self {
        let (columns, (out, room, palette)) = (what.columns(), stdout());
        let sheet = match form {
            Form::Text => Sheet::Text(Box::new(Table::new(out, columns, room, palette))),
            Form::Json => Sheet::Json(harmless::Json(out)),
            Form::Csv => Sheet::Csv(Box::new(CsvWriter::new(out)), room.is_some()),
        };
        Self { what, columns, sheet, written: 0, sorting: sort.map(|column| (column, Vec::new())) }
    }

    /// Adds a row: its item, and what makes its cells.
    pub(crate) fn row<'c>(&mut self, item: &[u8], cells: impl FnOnce() -> Cells<'c>) -> Result<(), ListError> {
        if let Some((column, kept)) = &mut self.sorting {
            if kept.len() == SORTED {
                return Err(ListError::TooManyToSort);
            }
            let item = matches!(self.sheet, Sheet::Json(_)).then_some(item);
            kept.push(Kept::new(&cells(), item, *column));
            return Ok(());
        }
        Ok(self.write(item, cells)?)
    }

    fn write<'c>(&mut self, item: &[u8], cells: impl FnOnce() -> Cells<'c>) -> io::Result<()> {
        let is_first = self.written == 0;
        self.written += 1;
        match &mut self.sheet {
            Sheet::Text(table) => table.row(&cells()),
            Sheet::Json(out) => {
                out.write_all(if is_first { b"[\n" } else { b",\n" })?;
                out.write_all(item)
            }
            Sheet::Csv(csv, is_terminal) => {
                if is_first {
                    csv.row(self.columns.iter().map(|column| column.name))?;
                }
                let mut cells = cells();
                if *is_terminal {
                    for cell in &mut cells {
                        *cell = Cow::Owned(plain(cell));
                    }
                }
                csv.row(cells.iter().map(|cell| &**cell))
            }
        }
    }

    /// Ends it well. `of`: how many there are, whatever the filters say.
    pub(crate) fn end(&mut self, of: u64) -> io::Result<()> {
        if let Some((column, mut kept)) = self.sorting.take() {
            sort(&mut kept, column, self.columns[column].look);
            for row in kept {
                self.write(row.item.as_deref().unwrap_or_default(), || row.cells())?;
            }
        }
        match &mut self.sheet {
            Sheet::Text(table) => {
                let left_out = table.end()?;
                let text = last_line(self.what, self.written, of, &left_out);
                let lines = wrap(&text, table.room());
                writeln!(table.out(), "{}", lines.join("\n"))?;
                table.out().flush()
            }
            Sheet::Json(out) => {
                out.write_all(if self.written == 0 { b"[]\n" } else { b"\n]\n" })?;
                out.flush()
            }
            Sheet::Csv(csv, _) => {
                if self.written == 0 {
                    csv.row(self.columns.iter().map(|column| column.name))?;
                }
                csv.flush()
            }
        }
    }

    /// Writes what has come, after a failure: it is not the end.
    pub(crate) fn give_up(&mut self) {
        let _ = match &mut self.sheet {
            Sheet::Text(table) => table.out().flush(),
            Sheet::Json(out) => out.flush(),
            Sheet::Csv(csv, _) => csv.flush(),
        };
    }

    /// Whether there was no row, and nobody was told: a table says so itself.
    pub(crate) fn is_silently_empty(&self) -> bool {
        self.written == 0 && !matches!(self.sheet, Sheet::Text(_))
    }
}

/// The last line of a table: one without it is cut.
fn last_line(what: What, written: u64, of: u64, left_out: &[&str]) -> String {
    let (one, more) = what.nouns();
    let mut text = match (written, of) {
        (0, 0) => format!("no {more}"),
        (0, _) => format!("none of {} {}", number(of), if of == 1 { one } else { more }),
        _ if written < of => format!("{} of {} {more}", number(written), number(of)),
        _ => format!("{} {}", number(written), if of == 1 { one } else { more }),
    };
    if !left_out.is_empty() {
        let names: Vec<_> = left_out.iter().map(|name| name.replace('_', " ")).collect();
        text = format!("{text} (no room for: {})", names.join(", "));
    }
    text
}

/// stdout, the columns that it has if it is a terminal, and whether it has colours.
fn stdout() -> (Out, Option<usize>, Palette) {
    let stdout = io::stdout();
    let is_terminal = stdout.is_terminal();
    // What goes elsewhere is not looked through for colours: there are none, and it is long.
    let stream = if is_terminal { AutoStream::auto(stdout) } else { AutoStream::always_ansi(stdout) };
    let room = is_terminal.then(|| {
        let size = terminal_size::terminal_size_of(io::stdout());
        size.map_or(80, |(columns, _)| usize::from(columns.0)).saturating_sub(1)
    });
    (BufWriter::with_capacity(64 * 1024, stream), room, Palette(is_terminal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts() {
        let line = |written, of| last_line(What::Users, written, of, &[]);
        assert_eq!(
            (line(0, 0), line(0, 1), line(0, 1234)),
            ("no users".into(), "none of 1 user".into(), "none of 1,234 users".into())
        );
        assert_eq!((line(1, 1), line(1, 7), line(7, 7)), ("1 user".into(), "1 of 7 users".into(), "7 users".into()));
        assert_eq!(last_line(What::Grants, 1, 1, &["expires_at", "how"]), "1 grant (no room for: expires at, how)");
    }
}
