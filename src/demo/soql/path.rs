//! Field paths, resolved: from a row of the queried object through its parents to a value.

use std::borrow::Cow;

use super::Context;
use super::ast::FieldPath;
use crate::demo::error::ApiError;
use crate::demo::org::Org;
use crate::demo::schema::{Field, Kind};
use crate::demo::value::Cell;

/// How far up a path may go.
const MAX_LEVELS: usize = 5;

/// What the pseudo-object `Name`, which stands for a parent of any kind, can be asked for.
const NAME_FIELDS: [(&str, Kind); 12] = [
    ("Id", Kind::Id),
    ("Name", Kind::Text),
    ("Type", Kind::Text),
    ("FirstName", Kind::Text),
    ("LastName", Kind::Text),
    ("Username", Kind::Text),
    ("Alias", Kind::Text),
    ("Email", Kind::Email),
    ("Title", Kind::Text),
    ("IsActive", Kind::Boolean),
    ("ProfileId", Kind::Reference),
    ("UserRoleId", Kind::Reference),
];

/// One step up to a parent.
#[derive(Debug, Clone)]
pub(crate) struct Hop {
    /// The column of the reference.
    pub(crate) column: usize,
    /// The relationship name in the schema's spelling.
    pub(crate) name: &'static str,
    pub(crate) to: Parent,
}

#[derive(Debug, Clone)]
pub(crate) enum Parent {
    /// The one table whose records are read; a reference to a record of another object reads as no parent.
    Table(usize),
    /// The pseudo-object `Name` over any of these tables.
    Name(Vec<usize>),
}

/// The last step of a path.
#[derive(Debug, Clone)]
pub(crate) enum Leaf {
    Column(usize),
    /// A field of the pseudo-object `Name`.
    OfName(&'static str),
}

#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub(crate) hops: Vec<Hop>,
    pub(crate) leaf: Leaf,
    /// What the path ends in.
    pub(crate) field: Field,
}

/// What a path leads to for one row.
#[derive(Debug, Clone)]
pub(crate) enum Found<'a> {
    Cell(Cow<'a, Cell>),
    /// A reference on the way is null.
    NoParent,
    /// A reference on the way names a record that the org does not show.
    Hidden,
}

impl Found<'_> {
    /// The value as a result shows it; without a parent there is none.
    pub(crate) fn into_cell(self) -> Cell {
        match self {
            Self::Cell(cell) => cell.into_owned(),
            Self::NoParent | Self::Hidden => Cell::Null,
        }
    }
}

impl Path {
    /// Resolves the parts of a path (without the alias of the object) from the table `table`.
    pub(super) fn resolve(context: Context<'_>, table: usize, path: &FieldPath) -> Result<Self, ApiError> {
        let Some((last, parents)) = path.parts.split_last() else {
            return Err(context.malformed(path.at, "unexpected token: '.'"));
        };
        if parents.len() > MAX_LEVELS {
            let message = format!("The relationship path '{}' has more than {MAX_LEVELS} levels", path.parts.join("."));
            return Err(context.malformed(path.at, &message));
        }
        let mut hops = Vec::new();
        let mut here = Parent::Table(table);
        for part in parents {
            let hop = match here {
                Parent::Table(table) => Hop::find(context, table, part),
                Parent::Name(_) => None,
            };
            let hop = hop.ok_or_else(|| {
                let message = format!(
                    "Didn't understand relationship '{part}' in field path. If you are attempting to use a custom \
                     relationship, be sure to append the '__r' after the custom relationship name. Please reference \
                     your WSDL or the describe call for the appropriate names."
                );
                context.invalid_field(path.at, &message)
            })?;
            here = hop.to.clone();
            hops.push(hop);
        }
        let (object, found) = match &here {
            Parent::Table(table) => {
                let object = &context.org.tables[*table].object;
                let position = object.position(last);
                let shown = position.filter(|&at| context.org.shows(&object.fields[at], context.version));
                (object.name, shown.map(|at| (Leaf::Column(at), object.fields[at].clone())))
            }
            Parent::Name(_) => {
                let found = NAME_FIELDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(last));
                ("Name", found.map(|&(name, kind)| (Leaf::OfName(name), Field::new(name, kind))))
            }
        };
        let (leaf, field) = found.ok_or_else(|| context.invalid_field(path.at, &no_such_column(last, object)))?;
        Ok(Self { hops, leaf, field })
    }

    /// Follows the path from a row.
    pub(crate) fn follow<'a>(&self, org: &'a Org, table: usize, row: u32) -> Found<'a> {
        let (mut table, mut row) = (table, row);
        for hop in &self.hops {
            match hop.follow(org, table, row) {
                Ok(parent) => (table, row) = parent,
                Err(missing) => return missing,
            }
        }
        match self.leaf {
            Leaf::Column(column) => Found::Cell(org.tables[table].cell(row, column)),
            Leaf::OfName(name) => Found::Cell(name_value(org, table, row, name)),
        }
    }
}

impl Hop {
    fn find(context: Context<'_>, table: usize, relationship: &str) -> Option<Self> {
        let fields = context.org.tables[table].object.fields.iter().enumerate();
        let (column, field, name) = fields
            .filter(|(_, field)| context.org.shows(field, context.version))
            .filter_map(|(column, field)| Some((column, field, field.relationship?)))
            .find(|(_, _, name)| name.eq_ignore_ascii_case(relationship))?;
        let mut tables = field.to.iter().filter_map(|to| context.org.find(to));
        let to = if field.name_pointing { Parent::Name(tables.collect()) } else { Parent::Table(tables.next()?) };
        Some(Self { column, name, to })
    }

    /// The parent's table and row.
    pub(crate) fn follow<'a>(&self, org: &'a Org, table: usize, row: u32) -> Result<(usize, u32), Found<'a>> {
        let id = org.tables[table].cell(row, self.column).as_id().ok_or(Found::NoParent)?;
        let at = |table: usize| org.tables[table].row(id).map(|row| (table, row));
        match &self.to {
            Parent::Table(table) => at(*table),
            Parent::Name(tables) => tables.iter().find_map(|table| at(*table)),
        }
        .ok_or(Found::Hidden)
    }
}

/// A field of the pseudo-object `Name`, for the record that it stands for.
pub(crate) fn name_value<'a>(org: &'a Org, table: usize, row: u32, name: &str) -> Cow<'a, Cell> {
    let table = &org.tables[table];
    let column = match name {
        "Type" => return Cow::Owned(Cell::text(table.object.name)),
        "Name" => table.object.name_field(),
        _ => table.object.position(name),
    };
    column.map_or(Cow::Owned(Cell::Null), |column| table.cell(row, column))
}

fn no_such_column(column: &str, entity: &str) -> String {
    format!(
        "No such column '{column}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append \
         the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
    )
}
