//! Conditions, resolved and tested.

use std::cmp::Ordering;

use foldhash::HashSet;

use super::Context;
use super::ast::{Condition, FieldPath, Literal, Operand, Operator, Set, Value};
use super::lexer::{Piece, pattern, unescape};
use super::path::{Found, Path};
use super::plan;
use crate::demo::error::ApiError;
use crate::demo::org::Org;
use crate::demo::schema::{Field, Kind};
use crate::demo::value::Cell;
use crate::salesforce::id::RecordId;

/// A resolved condition over operands of the type `S`: [`Path`]s of a row, or columns of a group.
#[derive(Debug, Clone)]
pub(super) enum Test<S> {
    All(Vec<Test<S>>),
    Any(Vec<Test<S>>),
    Not(Box<Test<S>>),
    Compare(S, Operator, Cell),
    Like(S, Vec<Piece>),
    /// Members and whether null is one; negated.
    In(S, Members, bool),
}

#[derive(Debug, Clone)]
pub(super) enum Members {
    Ids { ids: HashSet<RecordId>, null: bool },
    Cells(Vec<Cell>),
}

/// A condition on rows.
pub(super) type Filter = Test<Path>;

impl<S> Test<S> {
    pub(super) fn holds<'a>(&self, get: &impl Fn(&S) -> Found<'a>) -> bool {
        match self {
            Self::All(tests) => tests.iter().all(|test| test.holds(get)),
            Self::Any(tests) => tests.iter().any(|test| test.holds(get)),
            Self::Not(test) => !test.holds(get),
            Self::Compare(source, operator, value) => match get(source) {
                Found::Cell(cell) => compare(&cell, *operator, value),
                // Relationship queries are outer joins for `= null` alone; a record that is not shown equals nothing.
                Found::NoParent => *operator == Operator::Equal && value.is_null(),
                Found::Hidden => false,
            },
            Self::Like(source, pieces) => match get(source) {
                Found::Cell(cell) => cell.as_text().is_some_and(|text| like(text, pieces)),
                Found::NoParent | Found::Hidden => false,
            },
            Self::In(source, members, negated) => match get(source) {
                Found::Cell(cell) => members.have(&cell) != *negated,
                Found::NoParent | Found::Hidden => false,
            },
        }
    }
}

impl Members {
    fn have(&self, cell: &Cell) -> bool {
        match (self, cell) {
            (Self::Ids { ids, .. }, Cell::Id(id)) => ids.contains(id),
            (Self::Ids { null, .. }, _) => *null,
            (Self::Cells(cells), _) => cells.iter().any(|member| equal(cell, member)),
        }
    }
}

fn equal(a: &Cell, b: &Cell) -> bool {
    match (a.is_null(), b.is_null()) {
        (false, false) => a.compare(b) == Ordering::Equal,
        (a, b) => a && b,
    }
}

fn compare(cell: &Cell, operator: Operator, value: &Cell) -> bool {
    match operator {
        Operator::Equal => equal(cell, value),
        Operator::NotEqual => !equal(cell, value),
        _ if cell.is_null() => false,
        // `Id > ''` is the start of a walk through all ids.
        _ if value.is_null() => matches!(operator, Operator::Greater | Operator::GreaterOrEqual),
        Operator::Less => cell.compare(value).is_lt(),
        Operator::LessOrEqual => cell.compare(value).is_le(),
        Operator::Greater => cell.compare(value).is_gt(),
        Operator::GreaterOrEqual => cell.compare(value).is_ge(),
        Operator::Like => false,
    }
}

/// Whether the whole text fits the pattern; `%` backtracks to its last place only, which is enough.
fn like(text: &str, pieces: &[Piece]) -> bool {
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let (mut at, mut piece) = (0, 0);
    let mut retry = None;
    while at < text.len() {
        match pieces.get(piece) {
            Some(Piece::Many) => {
                retry = Some((at, piece));
                piece += 1;
            }
            Some(Piece::One) => (at, piece) = (at + 1, piece + 1),
            Some(Piece::Letter(letter)) if *letter == text[at] => (at, piece) = (at + 1, piece + 1),
            _ => {
                let Some((from, many)) = retry else { return false };
                retry = Some((from + 1, many));
                (at, piece) = (from + 1, many + 1);
            }
        }
    }
    pieces[piece..].iter().all(|piece| *piece == Piece::Many)
}

/// How the operands of a condition are found.
pub(super) trait Operands<S> {
    fn find(&self, context: Context<'_>, operand: &Operand) -> Result<(S, Field), ApiError>;
}

/// Operands of a `WHERE`: fields of the rows of a table, under the alias of the object or without.
pub(super) struct OfRows<'a> {
    pub(super) table: usize,
    pub(super) alias: Option<&'a str>,
}

impl OfRows<'_> {
    pub(super) fn path(&self, context: Context<'_>, path: &FieldPath) -> Result<Path, ApiError> {
        let object = context.org.tables[self.table].object.name;
        let mut path = path.clone();
        let first = path.parts.first().is_some_and(|first| {
            let is = |name: &str| name.eq_ignore_ascii_case(first);
            self.alias.is_some_and(is) || is(object)
        });
        if first && path.parts.len() > 1 {
            path.parts.remove(0);
        }
        Path::resolve(context, self.table, &path)
    }
}

impl Operands<Path> for OfRows<'_> {
    fn find(&self, context: Context<'_>, operand: &Operand) -> Result<(Path, Field), ApiError> {
        let Operand::Field(field) = operand else {
            return Err(context.malformed(operand.at(), "Aggregate functions are not allowed in a WHERE clause"));
        };
        let path = self.path(context, field)?;
        if path.field.unfilterable_from <= context.version {
            let message = format!("field '{}' can not be filtered in a query call", path.field.name);
            return Err(context.invalid_field(field.at, &message));
        }
        let field = path.field.clone();
        Ok((path, field))
    }
}

/// Resolves a condition.
pub(super) fn resolve<S>(
    context: Context<'_>,
    operands: &impl Operands<S>,
    condition: &Condition,
) -> Result<Test<S>, ApiError> {
    let each =
        |terms: &[Condition]| terms.iter().map(|term| resolve(context, operands, term)).collect::<Result<Vec<_>, _>>();
    Ok(match condition {
        Condition::And(terms) => Test::All(each(terms)?),
        Condition::Or(terms) => Test::Any(each(terms)?),
        Condition::Not(term) => Test::Not(Box::new(resolve(context, operands, term)?)),
        Condition::Compare { operand, operator, value } => {
            let (source, field) = operands.find(context, operand)?;
            check_operator(context, &field, *operator, operand.at())?;
            match (&value.literal, operator) {
                (Literal::Text(raw), Operator::Like) => Test::Like(source, pattern(raw)),
                _ => Test::Compare(source, *operator, read(context, &field, value)?),
            }
        }
        Condition::In { path, negated, set } => {
            let (source, field) = operands.find(context, &Operand::Field(path.clone()))?;
            Test::In(source, members(context, &field, path.at, set)?, *negated)
        }
    })
}

fn check_operator(context: Context<'_>, field: &Field, operator: Operator, at: usize) -> Result<(), ApiError> {
    let allowed = match operator {
        Operator::Equal | Operator::NotEqual => true,
        Operator::Like => field.kind.is_text(),
        _ => field.kind != Kind::Boolean,
    };
    if allowed {
        return Ok(());
    }
    let kind = if field.kind.is_id() { "id" } else { field.kind.name() };
    Err(context.error("INVALID_QUERY_FILTER_OPERATOR", at, &format!("invalid operator on {kind} field")))
}

fn members(context: Context<'_>, field: &Field, at: usize, set: &Set) -> Result<Members, ApiError> {
    let cells = match set {
        Set::Query(query) => return plan::semi_join(context, field, at, query),
        Set::Values(values) => values.iter().map(|value| read(context, field, value)).collect::<Result<Vec<_>, _>>()?,
    };
    if field.kind.is_id() {
        let null = cells.iter().any(Cell::is_null);
        return Ok(Members::Ids { ids: cells.iter().filter_map(Cell::as_id).collect(), null });
    }
    Ok(Members::Cells(cells))
}

/// Reads a literal as a value of the field.
fn read(context: Context<'_>, field: &Field, value: &Value) -> Result<Cell, ApiError> {
    let cell = match (&value.literal, field.kind) {
        (Literal::Null, _) => Some(Cell::Null),
        (Literal::Text(raw), kind) if kind.is_id() => return read_id(context, &unescape(raw), value.at),
        // An empty text is null.
        (Literal::Text(raw), kind) if kind.is_text() => {
            Some(if raw.is_empty() { Cell::Null } else { Cell::text(unescape(raw)) })
        }
        (Literal::Bool(flag), Kind::Boolean) => Some(Cell::Bool(*flag)),
        (Literal::Int(number), Kind::Int | Kind::Double) => Some(Cell::Int(*number)),
        (Literal::Double(number), Kind::Int | Kind::Double) => Some(Cell::Double(*number)),
        (Literal::DateTime(millis), Kind::DateTime) => Some(Cell::DateTime(*millis)),
        (Literal::Date(date), Kind::Date) => Some(Cell::Date(*date)),
        _ => None,
    };
    cell.ok_or_else(|| {
        let quotes = if matches!(value.literal, Literal::Text(_)) || !field.kind.is_text() && !field.kind.is_id() {
            "should not be enclosed in quotes"
        } else {
            "should be enclosed in quotes"
        };
        let kind = if field.kind.is_text() || field.kind.is_id() { "string" } else { field.kind.name() };
        let kind = if field.kind == Kind::DateTime { "dateTime" } else { kind };
        let message =
            format!("value of filter criterion for field '{}' must be of type {kind} and {quotes}", field.name);
        context.invalid_field(value.at, &message)
    })
}

fn read_id(context: Context<'_>, text: &str, at: usize) -> Result<Cell, ApiError> {
    // The Object Reference uses fifteen zeros as the id of no record.
    if text.is_empty() || text.starts_with("000000000000000") {
        return Ok(Cell::Null);
    }
    let wrong = |_| context.error("INVALID_QUERY_FILTER_OPERATOR", at, &format!("invalid ID field: {text}"));
    RecordId::parse(text).map(Cell::Id).map_err(wrong)
}

/// The value that a path leads to from a row, for [`Test::holds`].
pub(super) fn of_row<'a>(org: &'a Org, table: usize, row: u32) -> impl Fn(&Path) -> Found<'a> {
    move |path| path.follow(org, table, row)
}
