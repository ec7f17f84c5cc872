//! Writing rows without the detour through JSON.

use crate::demo::defaults::{complete, default, grant};
use crate::demo::org::Org;
use crate::demo::value::Cell;
use crate::salesforce::id::RecordId;

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<RecordId> for Cell {
    fn from(id: RecordId) -> Self {
        Self::Id(id)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The columns of an object, and what the others get, looked up once.
pub(super) struct Writer {
    table: usize,
    columns: Vec<usize>,
    /// A row of defaults.
    row: Vec<Cell>,
    /// The columns whose default is made of the names in the row.
    named: Vec<usize>,
}

impl Writer {
    /// For rows of these fields, after the id.
    pub(super) fn new(org: &Org, object: &str, fields: &[&str]) -> Self {
        let table = org.find(object).unwrap_or_default();
        let object = &org.tables[table].object;
        let column = |field: &&str| object.position(field);
        let columns: Vec<usize> = fields.iter().filter_map(column).collect();
        debug_assert_eq!(columns.len(), fields.len(), "{} lacks one of {fields:?}", object.name);
        let default = |name: &str| -> Vec<Cell> {
            object.fields.iter().map(|field| default(object, field, name, org.user, org.id)).collect()
        };
        let (row, other) = (default(""), default("other"));
        let named = (1..row.len()).filter(|at| row[*at] != other[*at] && !columns.contains(at)).collect();
        Self { table, columns, row, named }
    }

    /// Adds a row; the fields that are not named get their defaults.
    pub(super) fn add<const N: usize>(&self, org: &mut Org, id: RecordId, values: [Cell; N]) {
        let (user, organization) = (org.user, org.id);
        let table = &mut org.tables[self.table];
        let mut row = self.row.clone();
        row[0] = Cell::Id(id);
        for (column, value) in self.columns.iter().zip(values) {
            row[*column] = value;
        }
        if !self.named.is_empty() {
            let is_given = |column: &usize| *column == 0 || self.columns.contains(column);
            let given = (0..).zip(&row).map(|(column, cell)| is_given(&column).then(|| cell.clone()));
            row = complete(&table.object, given.collect(), user, organization).into_vec();
        }
        let done = table.push(&row);
        debug_assert!(done.is_ok(), "{done:?}");
    }
}

/// Sets the permissions of the last row of an object.
pub(super) fn grant_last(org: &mut Org, object: &str, has: impl Fn(&str) -> bool) {
    let Some(at) = org.find(object) else { return };
    let table = &mut org.tables[at];
    if let Some(last) = u32::try_from(table.len()).ok().and_then(|rows| rows.checked_sub(1)) {
        grant(table, last, has);
    }
}
