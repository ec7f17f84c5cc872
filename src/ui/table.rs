//! Tables: aligned, and on a terminal no wider than it is.
//!
//! Rows come without end, so the first of them decide how wide the columns are.

use std::borrow::Cow;
use std::io::{self, Write};

use super::text::{Palette, Tone, fit, plain, width};

/// So many rows decide how wide the columns are.
const SAMPLE: usize = 1000;
/// Between two columns.
const GAP: usize = 2;
/// A column that can be cut keeps so many columns of the terminal, before another column is left out.
const LEAST: usize = 16;

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// In small letters with underlines, as a header of CSV has it.
    pub(crate) name: &'static str,
    /// Where there is no room for all columns, that with the highest rank is left out first, and that with 0 never.
    /// `None`: it is in CSV alone.
    pub(crate) rank: Option<u8>,
    /// How it looks on a terminal.
    pub(crate) look: CellLook,
}

/// How the cells of a column look on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellLook {
    /// A text that can be cut.
    Text,
    /// An id or a word: of no use when it is cut.
    Whole,
    /// A number.
    Number,
}

impl Column {
    pub(crate) fn heading(&self) -> String {
        self.name.replace('_', " ").to_uppercase()
    }
}

/// A table that is written while its rows come.
pub(super) struct Table<W> {
    out: W,
    columns: &'static [Column],
    /// The columns of the terminal, if it is one.
    room: Option<usize>,
    palette: Palette,
    sample: Vec<Vec<String>>,
    layout: Option<Layout>,
    line: String,
}

impl<W: Write> Table<W> {
    pub(super) fn new(out: W, columns: &'static [Column], room: Option<usize>, palette: Palette) -> Self {
        Self { out, columns, room, palette, sample: Vec::new(), layout: None, line: String::new() }
    }

    /// Adds a row, with a cell for each column.
    pub(super) fn row(&mut self, cells: &[Cow<'_, str>]) -> io::Result<()> {
        if self.layout.is_some() {
            return self.write(cells);
        }
        self.sample.push(cells.iter().map(|cell| harmless(cell).into_owned()).collect());
        if self.sample.len() == SAMPLE { self.begin(false) } else { Ok(()) }
    }

    /// Ends the table: the columns for which there was no room.
    pub(super) fn end(&mut self) -> io::Result<Vec<&'static str>> {
        if self.layout.is_none() && !self.sample.is_empty() {
            self.begin(true)?;
        }
        let left_out = self.layout.iter().flat_map(|layout| &layout.left_out);
        Ok(left_out.map(|n| self.columns[*n].name).collect())
    }

    /// Where it is written to.
    pub(super) fn out(&mut self) -> &mut W {
        &mut self.out
    }

    /// The columns of the terminal, if it is one.
    pub(super) fn room(&self) -> Option<usize> {
        self.room
    }

    /// Writes what was kept to find out how wide columns are. `is_all`: whether no more rows come.
    fn begin(&mut self, is_all: bool) -> io::Result<()> {
        let sample = std::mem::take(&mut self.sample);
        let widest = |(n, column): (usize, &Column)| {
            let cells = sample.iter().map(|row| width(&row[n])).max().unwrap_or_default();
            // A column that is empty to the end takes no room.
            let is_empty = is_all && cells == 0;
            if is_empty && self.room.is_some() { 0 } else { cells.max(width(&column.heading())) }
        };
        let widths: Vec<usize> = self.columns.iter().enumerate().map(widest).collect();
        self.layout = Some(layout(self.columns, &widths, self.room));
        let headings: Vec<_> = self.columns.iter().map(|column| Cow::from(column.heading())).collect();
        self.line(&headings);
        let painted = self.palette.paint(Tone::Strong, &self.line);
        writeln!(self.out, "{painted}")?;
        for row in sample {
            let cells: Vec<_> = row.iter().map(|cell| Cow::from(cell.as_str())).collect();
            self.write(&cells)?;
        }
        Ok(())
    }

    fn write(&mut self, cells: &[Cow<'_, str>]) -> io::Result<()> {
        self.line(cells);
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes())
    }

    /// Makes a line of cells.
    fn line(&mut self, cells: &[Cow<'_, str>]) {
        self.line.clear();
        let shown = self.layout.iter().flat_map(|layout| &layout.shown);
        for (place, (n, columns)) in shown.enumerate() {
            if place > 0 {
                self.line.extend(std::iter::repeat_n(' ', GAP));
            }
            let cell = harmless(&cells[*n]);
            let (cell, taken) = match columns_of(&cell) {
                taken if self.room.is_some() && taken > *columns => {
                    let cut = fit(&cell, *columns);
                    let taken = columns_of(&cut);
                    (Cow::Owned(cut), taken)
                }
                taken => (cell, taken),
            };
            let blanks = std::iter::repeat_n(' ', columns.saturating_sub(taken));
            if self.columns[*n].look == CellLook::Number {
                self.line.extend(blanks);
                self.line.push_str(&cell);
            } else {
                self.line.push_str(&cell);
                self.line.extend(blanks);
            }
        }
        self.line.truncate(self.line.trim_end().len());
    }
}

/// Which columns are shown.
struct Layout {
    /// Their numbers, and how wide they are.
    shown: Vec<(usize, usize)>,
    /// Those for which there is no room.
    left_out: Vec<usize>,
}

/// `widths` are those that the columns would need.
fn layout(columns: &[Column], widths: &[usize], room: Option<usize>) -> Layout {
    let is_shown = |n: &usize| columns[*n].rank.is_some() && (room.is_none() || widths[*n] > 0);
    let mut shown: Vec<usize> = (0..columns.len()).filter(is_shown).collect();
    let Some(room) = room else {
        return Layout { shown: shown.into_iter().map(|n| (n, widths[n])).collect(), left_out: Vec::new() };
    };
    let mut left_out = Vec::new();
    let least = |n: usize| if columns[n].look == CellLook::Text { widths[n].min(LEAST) } else { widths[n] };
    let taken = |shown: &[usize]| shown.iter().map(|n| least(*n) + GAP).sum::<usize>().saturating_sub(GAP);
    while taken(&shown) > room {
        let dispensable =
            shown.iter().filter(|n| columns[**n].rank > Some(0)).max_by_key(|n| columns[**n].rank).copied();
        let Some(dispensable) = dispensable else { break };
        shown.retain(|n| *n != dispensable);
        left_out.push(dispensable);
    }
    let mut fitted: Vec<(usize, usize)> = shown.iter().map(|n| (*n, least(*n))).collect();
    let total = |fitted: &[(usize, usize)]| fitted.iter().map(|(_, columns)| columns + GAP).sum::<usize>();
    // What is left goes to those that have the least and need more.
    while total(&fitted) < room + GAP {
        let Some(next) = fitted.iter_mut().filter(|(n, columns)| *columns < widths[*n]).min_by_key(|(_, c)| *c) else {
            break;
        };
        next.1 += 1;
    }
    // A number is never cut: it would be another one.
    let is_number = |n: usize| columns[n].look == CellLook::Number;
    while total(&fitted) > room + GAP {
        let widest = fitted.iter_mut().filter(|(n, c)| *c > 1 && !is_number(*n)).max_by_key(|(_, c)| *c);
        let Some(widest) = widest else { break };
        widest.1 -= 1;
    }
    left_out.sort_unstable();
    Layout { shown: fitted, left_out }
}

/// [`plain`], for the many texts that are so already.
fn harmless(text: &str) -> Cow<'_, str> {
    if is_simple(text) { Cow::Borrowed(text) } else { Cow::Owned(plain(text)) }
}

fn columns_of(text: &str) -> usize {
    if is_simple(text) { text.len() } else { width(text) }
}

fn is_simple(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..0x7f).contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[
        Column { name: "id", rank: Some(0), look: CellLook::Whole },
        Column { name: "name", rank: Some(0), look: CellLook::Text },
        Column { name: "last_login", rank: Some(2), look: CellLook::Text },
        Column { name: "count", rank: Some(1), look: CellLook::Number },
        Column { name: "raw", rank: None, look: CellLook::Text },
    ];

    fn written(rows: &[[&str; 5]], room: Option<usize>) -> (String, Vec<&'static str>) {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out, COLUMNS, room, Palette(false));
        for row in rows {
            table.row(&row.map(Cow::from)).unwrap();
        }
        let left_out = table.end().unwrap();
        (String::from_utf8(out).unwrap(), left_out)
    }

    const ROWS: [[&str; 5]; 2] = [
        ["0055f000000AAAL", "Ada Lovelace of London", "2026-01-02", "7", "x"],
        ["0055f000000AAAM", "大久保\u{1b}[31m\u{202e}\n利通", "", "1234", "x"],
    ];

    #[test]
    fn columns_are_aligned_and_names_harmless() {
        assert_eq!(
            written(&ROWS, None).0,
            "\
ID               NAME                    LAST LOGIN  COUNT
0055f000000AAAL  Ada Lovelace of London  2026-01-02      7
0055f000000AAAM  大久保[31m 利通                      1234
"
        );
    }

    #[test]
    fn a_terminal_is_filled_and_not_overrun() {
        let (text, left_out) = written(&ROWS, Some(52));
        assert_eq!(
            text,
            "\
ID               NAME              LAST LOGIN  COUNT
0055f000000AAAL  Ada Lovelace of…  2026-01-02      7
0055f000000AAAM  大久保[31m 利通                1234
"
        );
        assert!(left_out.is_empty());
        let (text, left_out) = written(&ROWS, Some(40));
        assert_eq!(
            (text.lines().next().unwrap(), &*left_out),
            ("ID               NAME              COUNT", &["last_login"][..])
        );
        assert_eq!(written(&ROWS, Some(30)).1, ["last_login", "count"]);
        for room in [1, 5, 12, 20, 30, 35, 40, 45, 50, 60, 200] {
            let (text, _) = written(&ROWS, Some(room));
            let widest = text.lines().map(width).max().unwrap();
            // Of two columns that stay, each has one at least.
            assert!(widest <= room.max(4), "{room}: {text}");
        }
    }

    #[test]
    fn a_number_is_never_cut() {
        let columns = [COLUMNS[1], COLUMNS[3]].map(|column| Column { rank: Some(0), ..column });
        assert_eq!(layout(&columns, &[20, 6], Some(10)).shown, [(0, 2), (1, 6)]);
    }

    #[test]
    fn what_is_empty_to_the_end_takes_no_room_on_a_terminal() {
        let row = ["1", "Ada", "", "2", ""];
        assert_eq!(written(&[row], Some(60)).0, "ID  NAME  COUNT\n1   Ada       2\n");
        assert!(written(&[row], None).0.contains("LAST LOGIN"));
        // More rows may come here.
        let rows = vec![row; SAMPLE];
        assert!(written(&rows, Some(60)).0.contains("LAST LOGIN"));
        assert_eq!(written(&[], Some(60)), (String::new(), Vec::new()));
    }

    #[test]
    fn the_first_rows_decide_and_later_ones_are_whole_where_there_is_no_terminal() {
        let mut rows = vec![["1", "Ada", "", "2", ""]; SAMPLE + 1];
        let name = "x".repeat(40);
        rows[SAMPLE][1] = &name;
        let line = |room| written(&rows, room).0.lines().last().unwrap().to_owned();
        assert_eq!(line(None), format!("1   {name}{:>19}", 2));
        assert_eq!(line(Some(30)), format!("1   xxx…{:>19}", 2));
    }
}
