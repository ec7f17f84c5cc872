//! The rows of one object.

use std::borrow::Cow;
use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use serde_json::Value;

use super::column::Column;
use super::defaults;
use super::error::DemoError;
use super::org::numbered_id;
use super::schema::Object;
use super::value::Cell;
use crate::salesforce::id::RecordId;

/// The rows of one object. Column 0 is the id.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) object: Object,
    ids: Vec<RecordId>,
    /// The fields after the id.
    columns: Vec<Column>,
    /// Rows by their ids.
    index: HashTable<u32>,
    /// Whether the rows are in the order of their ids.
    pub(crate) sorted: bool,
    next_id: u64,
}

fn hash_of(id: RecordId) -> u64 {
    FixedState::default().hash_one(id)
}

impl Table {
    pub(crate) fn new(object: Object) -> Self {
        Self {
            object,
            ids: Vec::new(),
            columns: Vec::new(),
            index: HashTable::new(),
            sorted: true,
            next_id: defaults::FIRST,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The ids, in the order in which the rows are stored.
    pub(crate) fn ids(&self) -> &[RecordId] {
        &self.ids
    }

    pub(crate) fn row(&self, id: RecordId) -> Option<u32> {
        self.index.find(hash_of(id), |row| self.ids[*row as usize] == id).copied()
    }

    pub(crate) fn id(&self, row: u32) -> RecordId {
        self.ids[row as usize]
    }

    pub(crate) fn cell(&self, row: u32, column: usize) -> Cow<'_, Cell> {
        match column.checked_sub(1) {
            Some(column) => self.columns[column].get(row),
            None => Cow::Owned(Cell::Id(self.id(row))),
        }
    }

    /// Sets a field that is not the id.
    pub(crate) fn set(&mut self, row: u32, column: usize, cell: Cell) {
        if let Some(column) = column.checked_sub(1) {
            self.columns[column].set(row, cell);
        }
    }

    /// Adds a row that has one cell for each field, the id first.
    pub(crate) fn push(&mut self, row: &[Cell]) -> Result<(), DemoError> {
        let (Some(id), Ok(at)) = (row[0].as_id(), u32::try_from(self.ids.len())) else {
            return Err(DemoError::NoId(self.object.name.to_owned()));
        };
        let follows = self.ids.last().is_none_or(|last| *last < id);
        // A row behind all others of a table in order cannot be there yet.
        if !(self.sorted && follows) && self.row(id).is_some() {
            return Err(DemoError::Duplicate { object: self.object.name.to_owned(), id: id.to_string() });
        }
        self.sorted &= follows;
        self.ids.push(id);
        let ids = &self.ids;
        self.index.insert_unique(hash_of(id), at, |row| hash_of(ids[*row as usize]));
        while self.columns.len() + 1 < row.len() {
            let mut column = Column::default();
            (0..at).for_each(|_| column.push(&Cell::Null));
            self.columns.push(column);
        }
        for (column, cell) in self.columns.iter_mut().zip(&row[1..]) {
            column.push(cell);
        }
        Ok(())
    }

    /// An id that no row has yet.
    pub(crate) fn free_id(&mut self) -> RecordId {
        loop {
            let id = numbered_id(self.object.prefix, self.next_id);
            self.next_id += 1;
            if self.row(id).is_none() {
                return id;
            }
        }
    }

    pub(crate) fn keep(&mut self, keep: impl Fn(&Self, u32) -> bool) {
        let kept: Vec<bool> = (0..).take(self.len()).map(|row| keep(self, row)).collect();
        let mut of_ids = kept.iter();
        self.ids.retain(|_| of_ids.next().is_some_and(|kept| *kept));
        self.columns.iter_mut().for_each(|column| column.keep(&kept));
        self.index.clear();
        for (row, id) in (0..).zip(&self.ids) {
            self.index.insert_unique(hash_of(*id), row, |row| hash_of(self.ids[*row as usize]));
        }
    }

    pub(crate) fn record(&self, row: u32) -> Value {
        let fields = self.object.fields.iter().enumerate().filter(|(_, field)| !field.off);
        let fields = fields.map(|(column, field)| {
            let mut json = Vec::new();
            self.cell(row, column).write(&mut json);
            (field.name.to_string(), serde_json::from_slice(&json).unwrap_or_default())
        });
        Value::Object(fields.collect())
    }
}
