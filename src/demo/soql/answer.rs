//! The answer to a query, written as JSON straight from the rows.

use std::io::Write as _;
use std::sync::Arc;

use foldhash::HashMap;

use super::aggregate::Groups;
use super::path::{Hop, Parent, name_value};
use super::pick::Picked;
use super::plan::{Out, Shape};
use crate::demo::org::Org;
use crate::salesforce::id::RecordId;

/// The rows of an answer and the shape of its records; a cursor holds them between two pages.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(super) shape: Arc<Shape>,
    pub(super) rows: Picked,
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
                let mut out = Vec::with_capacity(rows.len().saturating_sub(page.from).min(page.rows) * 256 + 64);
                write_rows(&mut out, org, rows, &Members::of(org, &rows.shape, page.api_version), page);
                out
            }
        }
    }
}

/// How the records of a shape are written: what is the same in all of them is made once.
struct Members<'a> {
    table: usize,
    /// `{"attributes":{"type":…,"url":…` up to the id.
    head: String,
    each: Vec<Member<'a>>,
}

/// A member of a record; its key has a comma, quotes and a colon.
struct Member<'a> {
    key: String,
    value: Value<'a>,
}

enum Value<'a> {
    Column(usize),
    OfName(&'static str),
    /// A parent in one of these tables.
    Parent(&'a Hop, Vec<Members<'a>>),
    Children(Members<'a>, &'a Arc<Shape>, &'a HashMap<RecordId, Vec<u32>>),
}

impl<'a> Members<'a> {
    fn of(org: &Org, shape: &'a Shape, version: u16) -> Self {
        Self::new(org, shape.table, None, &shape.out, version)
    }

    fn new(org: &Org, table: usize, kind: Option<&str>, out: &'a [Out], version: u16) -> Self {
        let object = org.tables[table].object.name;
        let kind = kind.unwrap_or(object);
        let head = format!(r#"{{"attributes":{{"type":"{kind}","url":"/services/data/v{version}.0/sobjects/{object}/"#);
        let members = out.iter().map(|out| match out {
            Out::Field { key, column } => Member { key: format!(",{key}"), value: Value::Column(*column) },
            Out::OfName { name } => Member { key: format!(",\"{name}\":"), value: Value::OfName(name) },
            Out::Parent { hop, out } => {
                let parents = match &hop.to {
                    Parent::Table(table) => vec![Self::new(org, *table, None, out, version)],
                    Parent::Name(tables) => {
                        tables.iter().map(|table| Self::new(org, *table, Some("Name"), out, version)).collect()
                    }
                };
                Member { key: format!(",\"{}\":", hop.name), value: Value::Parent(hop, parents) }
            }
            Out::Children { key, shape, by_parent } => {
                let value = Value::Children(Self::of(org, shape, version), shape, by_parent);
                Member { key: format!(",\"{key}\":"), value }
            }
        });
        Self { table, head, each: members.collect() }
    }

    fn write(&self, out: &mut Vec<u8>, org: &Org, row: u32, page: &Page<'_>) {
        let table = &org.tables[self.table];
        let id = table.id(row);
        out.extend_from_slice(self.head.as_bytes());
        out.extend_from_slice(&id.as_18());
        out.extend_from_slice(b"\"}");
        for Member { key, value } in &self.each {
            out.extend_from_slice(key.as_bytes());
            match value {
                Value::Column(column) => table.cell(row, *column).write(out),
                Value::OfName(name) => name_value(org, self.table, row, name).write(out),
                Value::Parent(hop, parents) => {
                    let found = hop.follow(org, self.table, row).ok();
                    let of = found
                        .and_then(|(table, row)| Some((parents.iter().find(|parent| parent.table == table)?, row)));
                    match of {
                        Some((parent, row)) => parent.write(out, org, row, page),
                        None => out.extend_from_slice(b"null"),
                    }
                }
                Value::Children(members, shape, by_parent) => match by_parent.get(&id) {
                    Some(rows) => {
                        let rows = Arc::new(Rows { shape: Arc::clone(shape), rows: rows.clone().into() });
                        write_rows(out, org, &rows, members, &Page { from: 0, ..*page });
                    }
                    None => out.extend_from_slice(b"null"),
                },
            }
        }
        out.push(b'}');
    }
}

/// `{"totalSize":…,"done":…,"nextRecordsUrl":…,"records":[…]}`.
fn write_rows(out: &mut Vec<u8>, org: &Org, rows: &Arc<Rows>, members: &Members<'_>, page: &Page<'_>) {
    let total = rows.len();
    let end = page.from.saturating_add(page.rows).min(total);
    put(out, format_args!(r#"{{"totalSize":{total},"done":{},"#, end == total));
    if end < total {
        let (version, locator) = (page.api_version, (page.locator)(rows, end));
        put(out, format_args!(r#""nextRecordsUrl":"/services/data/v{version}.0/query/{locator}","#));
    }
    out.extend_from_slice(b"\"records\":[");
    for (number, row) in rows.rows.slice(page.from.min(end)..end).enumerate() {
        if number > 0 {
            out.push(b',');
        }
        members.write(out, org, row, page);
    }
    out.extend_from_slice(b"]}");
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a Vec cannot fail.
    drop(out.write_fmt(text));
}
