//! The answer to a query as the Bulk API gives it: CSV, every field in quotes.

use std::io::Write as _;

use super::answer::Rows;
use super::path::name_value;
use super::plan::Out;
use crate::demo::org::Org;
use crate::demo::value::Cell;

impl Rows {
    /// Whether all that is asked for fits into CSV.
    pub(crate) fn is_flat(&self) -> bool {
        self.shape.out.iter().all(|member| !matches!(member, Out::Children { .. }))
    }

    /// Some rows, with a header.
    pub(crate) fn write_csv(&self, org: &Org, from: usize, rows: usize) -> Vec<u8> {
        let end = from.saturating_add(rows).min(self.rows.len());
        let mut out = Vec::with_capacity(end.saturating_sub(from) * 160 + 64);
        header(&mut out, &self.shape.out, "");
        end_line(&mut out);
        for row in self.rows.slice(from.min(end)..end) {
            fields(&mut out, org, &self.shape.out, Some((self.shape.table, row)));
            end_line(&mut out);
        }
        out
    }
}

/// A comma stands after each field: the last one makes way for the line's end.
fn end_line(out: &mut Vec<u8>) {
    out.pop();
    out.push(b'\n');
}

fn header(out: &mut Vec<u8>, members: &[Out], path: &str) {
    for member in members {
        match member {
            Out::Field { key, .. } => put(out, format_args!("\"{path}{}\",", key.trim_matches(['"', ':']))),
            Out::OfName { name } => put(out, format_args!("\"{path}{name}\",")),
            Out::Parent { hop, out: members } => header(out, members, &format!("{path}{}.", hop.name)),
            Out::Children { .. } => {}
        }
    }
}

/// The fields of a row; all of them are empty where there is none, as with a parent that is not there.
fn fields(out: &mut Vec<u8>, org: &Org, members: &[Out], row: Option<(usize, u32)>) {
    for member in members {
        match (member, row) {
            (Out::Parent { hop, out: members }, _) => {
                let parent = row.and_then(|(table, row)| hop.follow(org, table, row).ok());
                fields(out, org, members, parent);
            }
            (Out::Field { column, .. }, Some((table, row))) => field(out, &org.tables[table].cell(row, *column)),
            (Out::OfName { name }, Some((table, row))) => field(out, &name_value(org, table, row, name)),
            (Out::Field { .. } | Out::OfName { .. }, None) => field(out, &Cell::Null),
            (Out::Children { .. }, _) => {}
        }
    }
}

fn field(out: &mut Vec<u8>, cell: &Cell) {
    out.push(b'"');
    match cell {
        Cell::Null => {}
        Cell::Text(text) => {
            for (n, part) in text.split('"').enumerate() {
                if n > 0 {
                    out.extend_from_slice(b"\"\"");
                }
                out.extend_from_slice(part.as_bytes());
            }
        }
        Cell::DateTime(_) => {
            let mut json = Vec::new();
            cell.write(&mut json);
            // Here the zone is written with a letter.
            let text = json.strip_prefix(b"\"").and_then(|json| json.strip_suffix(b"+0000\""));
            out.extend_from_slice(text.unwrap_or_default());
            out.push(b'Z');
        }
        Cell::Id(_) | Cell::Date(_) => {
            let mut json = Vec::new();
            cell.write(&mut json);
            out.extend_from_slice(json.trim_ascii().strip_prefix(b"\"").unwrap_or_default());
            out.pop();
        }
        Cell::Bool(_) | Cell::Int(_) | Cell::Double(_) => cell.write(out),
    }
    out.extend_from_slice(b"\",");
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a Vec cannot fail.
    drop(out.write_fmt(text));
}
