//! The rows of a table, each value of the type that its column is declared with.

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::schema::{TABLES, Table};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// A row whose values are of the right types.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// For a person: the table, and the row in it.
    pub(crate) place: String,
    columns: &'static [&'static str],
    cells: Vec<Cell>,
}

impl Row {
    pub(crate) fn cell(&self, column: &str) -> &Cell {
        let at = self.columns.iter().position(|declared| name(declared) == column);
        at.map_or(&Cell::Null, |at| &self.cells[at])
    }

    /// A text; empty where it is null.
    pub(crate) fn text(&self, column: &str) -> &str {
        match self.cell(column) {
            Cell::Text(text) => text,
            _ => "",
        }
    }

    pub(crate) fn data(&self) -> &[u8] {
        self.blob("data").unwrap_or_default()
    }

    pub(crate) fn blob(&self, column: &str) -> Option<&[u8]> {
        match self.cell(column) {
            Cell::Blob(blob) => Some(blob),
            _ => None,
        }
    }

    pub(crate) fn integer(&self, column: &str) -> i64 {
        match self.cell(column) {
            Cell::Integer(value) => *value,
            _ => 0,
        }
    }
}

fn name(declared: &str) -> &str {
    declared.split(' ').next().unwrap_or_default()
}

/// All rows of a table in the order of their ids. Those with a value of the wrong type are complained about instead.
pub(crate) fn read(connection: &Connection, table: &str, complaints: &mut Vec<String>) -> Vec<Row> {
    let Some(table) = TABLES.iter().find(|(name, _)| *name == table) else {
        return Vec::new();
    };
    let rows = read_table(connection, *table, complaints);
    rows.unwrap_or_else(|error| {
        complaints.push(format!("{}: {error}", table.0));
        Vec::new()
    })
}

fn read_table(connection: &Connection, table: Table, complaints: &mut Vec<String>) -> rusqlite::Result<Vec<Row>> {
    let (table, columns) = table;
    let names: Vec<_> = columns.iter().map(|declared| name(declared)).collect();
    let mut statement = connection.prepare(&format!("select {} from {table} order by id", names.join(", ")))?;
    let mut found = statement.query([])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let place = format!("{table} row {}", row.get::<_, i64>(0)?);
        let mut cells = Vec::with_capacity(columns.len());
        for (at, declared) in columns.iter().enumerate() {
            match cell(declared, row.get_ref(at)?) {
                Ok(cell) => cells.push(cell),
                Err(error) => complaints.push(format!("{place}: {} {error}", name(declared))),
            }
        }
        if cells.len() == columns.len() {
            rows.push(Row { place, columns, cells });
        }
    }
    Ok(rows)
}

fn cell(declared: &str, value: ValueRef) -> Result<Cell, String> {
    let declared_type = declared.split(' ').nth(1).unwrap_or_default();
    match (declared_type, value) {
        ("text" | "datetime", ValueRef::Text(text)) => match String::from_utf8(text.to_vec()) {
            Ok(text) if declared_type == "datetime" && !is_time(&text) => Err(format!("is no time: `{text}`")),
            Ok(text) => Ok(Cell::Text(text)),
            Err(error) => Err(format!("is not UTF-8: {error}")),
        },
        ("integer", ValueRef::Integer(value)) => Ok(Cell::Integer(value)),
        ("blob", ValueRef::Blob(blob)) => Ok(Cell::Blob(blob.to_vec())),
        (_, ValueRef::Null) if !declared.contains("not null") => Ok(Cell::Null),
        (_, value) => Err(format!("is {}, not {declared_type}", value.data_type())),
    }
}

/// `YYYY-MM-DD HH:MM:SS`, and up to nine digits of a fraction that ends in no zero. The CLI takes it for UTC.
fn is_time(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let is_form = whole.len() == 19
        && whole
            .bytes()
            .zip(b"dddd-dd-dd dd:dd:dd")
            .all(|(byte, form)| if *form == b'd' { byte.is_ascii_digit() } else { byte == *form });
    let is_fraction = |text: &str| {
        (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.ends_with('0')
    };
    if !is_form || !fraction.is_none_or(is_fraction) {
        return false;
    }
    let part = |from: usize, to: usize| whole[from..to].parse::<u32>().unwrap_or(u32::MAX);
    let year = part(0, 4);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match part(5, 7) {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    (1..=days).contains(&part(8, 10)) && part(11, 13) < 24 && part(14, 16) < 60 && part(17, 19) < 60
}

#[test]
fn times_have_one_form() {
    for text in ["2026-11-25 01:25:00", "2024-02-29 23:59:59.123456789", "2026-11-25 01:25:00.5"] {
        assert!(is_time(text), "{text}");
    }
    for text in [
        "2026-11-25T01:25:00Z",
        "2026-11-25 01:25:00Z",
        "2026-11-25 01:25:00.50",
        "2026-11-25 01:25:00.",
        "2026-11-25 01:25:00.1234567891",
        "2023-02-29 01:25:00",
        "2026-13-01 01:25:00",
        "2026-11-25 24:00:00",
        "2026-11-25",
        "1764000000",
        "",
    ] {
        assert!(!is_time(text), "{text}");
    }
}
