//! Writing rows without the detour through JSON.

use crate::demo::defaults::complete;
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

/// The columns of an object, looked up once.
pub(super) struct Writer {
    table: usize,
    columns: Vec<usize>,
}

impl Writer {
    /// For rows of these fields, after the id.
    pub(super) fn new(org: &Org, object: &str, fields: &[&str]) -> Self {
        let table = org.find(object).unwrap_or_default();
        let column = |field: &&str| org.tables[table].object.position(field);
        let columns: Vec<usize> = fields.iter().filter_map(column).collect();
        debug_assert_eq!(columns.len(), fields.len(), "{object} lacks one of {fields:?}");
        Self { table, columns }
    }

    /// Adds a row; the fields that are not named get their defaults.
    pub(super) fn add<const N: usize>(&self, org: &mut Org, id: RecordId, values: [Cell; N]) {
        let (user, organization) = (org.user, org.id);
        let table = &mut org.tables[self.table];
        let mut row = vec![None; table.object.fields.len()];
        row[0] = Some(Cell::Id(id));
        for (column, value) in self.columns.iter().zip(values) {
            row[*column] = Some(value);
        }
        let row = complete(&table.object, row, user, organization);
        let done = table.push(row);
        debug_assert!(done.is_ok(), "{done:?}");
    }
}

/// Sets the permissions of the last row of an object.
pub(super) fn grant_last(org: &mut Org, object: &str, has: impl Fn(&str) -> bool) {
    let Some(at) = org.find(object) else { return };
    let table = &mut org.tables[at];
    let Some(row) = table.rows.last_mut() else { return };
    for (field, cell) in table.object.fields.iter().zip(row) {
        if let Some(name) = field.name.strip_prefix("Permissions") {
            *cell = Cell::Bool(has(name));
        }
    }
}
