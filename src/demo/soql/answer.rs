//! The answer to a query, written as JSON straight from the rows.

use std::io::Write as _;
use std::sync::Arc;

use super::aggregate::Groups;
use super::path::name_value;
use super::plan::{Out, Shape, is_name};
use crate::demo::org::Org;

/// The rows of an answer and the shape of its records; a cursor holds them between two pages.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(super) shape: Arc<Shape>,
    pub(super) rows: Vec<u32>,
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

/// What a query comes to.
#[derive(Debug)]
pub(crate) enum Answer {
    /// `SELECT COUNT() …`: the number alone.
    Count(usize),
    Groups(Groups),
    Rows(Arc<Rows>),
}

/// Which part of an answer is written.
pub(crate) struct Page<'a> {
    /// For the addresses of the records.
    pub(crate) api_version: u16,
    /// The first row.
    pub(crate) from: usize,
    /// How many rows at most.
    pub(crate) rows: usize,
    /// Keeps the rows and tells the locator of those from the given number on.
    pub(crate) locator: &'a dyn Fn(&Arc<Rows>, usize) -> String,
}

impl Answer {
    /// One page as JSON, without white space.
    pub(crate) fn write(&self, org: &Org, page: &Page<'_>) -> Vec<u8> {
        match self {
            Self::Count(count) => format!(r#"{{"totalSize":{count},"done":true,"records":[]}}"#).into_bytes(),
            Self::Groups(groups) => groups.write(),
            Self::Rows(rows) => {
                let mut out = Vec::with_capacity(rows.rows.len().saturating_sub(page.from).min(page.rows) * 256 + 64);
                write_rows(&mut out, org, rows, page);
                out
            }
        }
    }
}

/// `{"totalSize":…,"done":…,"nextRecordsUrl":…,"records":[…]}`.
fn write_rows(out: &mut Vec<u8>, org: &Org, rows: &Arc<Rows>, page: &Page<'_>) {
    let total = rows.rows.len();
    let end = page.from.saturating_add(page.rows).min(total);
    put(out, format_args!(r#"{{"totalSize":{total},"done":{},"#, end == total));
    if end < total {
        let (version, locator) = (page.api_version, (page.locator)(rows, end));
        put(out, format_args!(r#""nextRecordsUrl":"/services/data/v{version}.0/query/{locator}","#));
    }
    out.extend_from_slice(b"\"records\":[");
    for (number, &row) in rows.rows[page.from.min(end)..end].iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        write_record(out, org, &rows.shape.out, (rows.shape.table, row), page);
    }
    out.extend_from_slice(b"]}");
}

fn write_record(out: &mut Vec<u8>, org: &Org, members: &[Out], row: (usize, u32), page: &Page<'_>) {
    write_attributes(out, org, org.tables[row.0].object.name, row, page.api_version);
    write_members(out, org, members, row, page);
    out.push(b'}');
}

/// `{"attributes":{"type":…,"url":…}` and no closing brace.
fn write_attributes(out: &mut Vec<u8>, org: &Org, kind: &str, (table, row): (usize, u32), version: u16) {
    let object = org.tables[table].object.name;
    put(out, format_args!(r#"{{"attributes":{{"type":"{kind}","url":"/services/data/v{version}.0/sobjects/{object}/"#));
    if let Some(id) = org.tables[table].cell(row, 0).as_id() {
        out.extend_from_slice(&id.as_18());
    }
    out.extend_from_slice(b"\"}");
}

fn write_members(out: &mut Vec<u8>, org: &Org, members: &[Out], (table, row): (usize, u32), page: &Page<'_>) {
    for member in members {
        out.push(b',');
        match member {
            Out::Field { key, column } => {
                out.extend_from_slice(key.as_bytes());
                org.tables[table].cell(row, *column).write(out);
            }
            Out::OfName { name } => {
                put(out, format_args!("\"{name}\":"));
                name_value(org, table, row, name).write(out);
            }
            Out::Parent { hop, out: members } => {
                put(out, format_args!("\"{}\":", hop.name));
                match hop.follow(org, table, row) {
                    Ok(parent) => {
                        let kind = if is_name(hop) { "Name" } else { org.tables[parent.0].object.name };
                        write_attributes(out, org, kind, parent, page.api_version);
                        write_members(out, org, members, parent, page);
                        out.push(b'}');
                    }
                    Err(_) => out.extend_from_slice(b"null"),
                }
            }
            Out::Children { key, shape, by_parent } => {
                put(out, format_args!("\"{key}\":"));
                let id = org.tables[table].cell(row, 0).as_id();
                match id.and_then(|id| by_parent.get(&id)) {
                    Some(rows) => {
                        let rows = Arc::new(Rows { shape: Arc::clone(shape), rows: rows.clone() });
                        write_rows(out, org, &rows, &Page { from: 0, ..*page });
                    }
                    None => out.extend_from_slice(b"null"),
                }
            }
        }
    }
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a Vec cannot fail.
    drop(out.write_fmt(text));
}
