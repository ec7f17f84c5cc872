//! Rows of CSV, taken apart once; the rows of the program borrow from them.

use std::sync::Arc;

use serde::Deserialize;

use super::row::Object;
use crate::salesforce::error::Error;

/// What the columns mean: a tree, since the fields of a parent belong together.
#[derive(Debug)]
pub(super) struct Columns {
    members: Vec<Member>,
    count: usize,
}

/// A field, or a parent with fields of its own.
#[derive(Debug)]
pub(super) enum Member {
    Field { name: String, column: usize },
    Parent { name: String, members: Vec<Member> },
}

impl Member {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Field { name, .. } | Self::Parent { name, .. } => name,
        }
    }
}

impl Columns {
    /// Reads the header. It must name the fields that were asked for, each once: in any order, since each column is taken
    /// for what its header says (before API version 50 the order is not promised).
    pub(super) fn new<'h>(header: impl Iterator<Item = &'h str>, asked: &[String]) -> Result<Self, Error> {
        let mut columns = Self { members: Vec::new(), count: 0 };
        let mut is_there = vec![false; asked.len()];
        for (column, title) in header.enumerate() {
            let place = asked.iter().position(|name| name.eq_ignore_ascii_case(title));
            let Some(place) = place.filter(|place| !std::mem::replace(&mut is_there[*place], true)) else {
                let title: String = title.chars().take(80).collect();
                return Err(Error::Protocol(format!(
                    "the CSV has a column `{title}` that was not asked for, or twice"
                )));
            };
            columns.add(&asked[place], column);
        }
        match asked.iter().zip(is_there).find(|(_, is_there)| !is_there) {
            Some((name, _)) => Err(Error::Protocol(format!("the CSV has no column `{name}`"))),
            None => Ok(columns),
        }
    }

    fn add(&mut self, path: &str, column: usize) {
        let mut members = &mut self.members;
        let mut parts = path.split('.').peekable();
        while let Some(part) = parts.next() {
            let name = part.to_owned();
            if parts.peek().is_none() {
                members.push(Member::Field { name, column });
                break;
            }
            let known = members.iter().position(|member| matches!(member, Member::Parent { name, .. } if name == part));
            let at = known.unwrap_or_else(|| {
                members.push(Member::Parent { name, members: Vec::new() });
                members.len() - 1
            });
            let Member::Parent { members: below, .. } = &mut members[at] else { break };
            members = below;
        }
        self.count += 1;
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }
}

/// The fields of one row.
#[derive(Clone, Copy)]
pub(super) struct Fields<'t> {
    text: &'t str,
    ends: &'t [usize],
    start: usize,
}

impl<'t> Fields<'t> {
    pub(super) fn get(&self, column: usize) -> &'t str {
        let start = if column == 0 { self.start } else { self.ends[column - 1] };
        &self.text[start..self.ends[column]]
    }
}

/// Some rows of a result.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Arc<Columns>,
    /// All fields, one after the other, without quotes.
    text: String,
    /// Where each field ends.
    ends: Vec<usize>,
}

impl Table {
    /// Of whole rows: `ends` has a place for each column of each.
    pub(super) fn new(columns: Arc<Columns>, text: Vec<u8>, ends: Vec<usize>) -> Result<Self, Error> {
        let text = String::from_utf8(text).map_err(|error| Error::Protocol(format!("the CSV: {error}")))?;
        if ends.iter().any(|end| !text.is_char_boundary(*end)) {
            return Err(Error::Protocol("the CSV is no UTF-8".to_owned()));
        }
        Ok(Self { columns, text, ends })
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len() / self.columns.count.max(1)
    }

    /// The rows, borrowed from the table.
    pub(crate) fn rows<'t, T: Deserialize<'t>>(&'t self) -> Result<Vec<T>, Error> {
        let mut start = 0;
        let each = self.ends.chunks_exact(self.columns.count.max(1)).enumerate().map(|(n, ends)| {
            let fields = Fields { text: &self.text, ends, start };
            start = ends.last().copied().unwrap_or(start);
            let row = Object { members: &self.columns.members, fields };
            T::deserialize(row).map_err(|error| Error::Protocol(format!("row {} of the page: {error}", n + 1)))
        });
        each.collect()
    }
}
