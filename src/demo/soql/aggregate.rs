//! Grouped queries: `COUNT`, `COUNT_DISTINCT`, `MIN`, `MAX`, `SUM`, `AVG`, `GROUP BY`, `HAVING`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Context;
use super::ast::{FieldPath, Function, Item, Operand, Query};
use super::filter::{OfRows, Operands, Test, resolve};
use super::path::{Found, Path};
use super::pick::pick;
use super::plan::{compare_sorted, json_key, table};
use crate::demo::error::ApiError;
use crate::demo::schema::{Field, Kind};
use crate::demo::value::Cell;

/// The most groups that an answer can have: there is no second page.
const MAX_GROUPS: usize = 2_000;

/// The groups of an answer.
#[derive(Debug)]
pub(crate) struct Groups {
    keys: Vec<String>,
    groups: Vec<Vec<Cell>>,
}

impl Groups {
    /// The one page, as JSON.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = format!(r#"{{"totalSize":{},"done":true,"records":["#, self.groups.len()).into_bytes();
        for (number, group) in self.groups.iter().enumerate() {
            if number > 0 {
                out.push(b',');
            }
            out.extend_from_slice(br#"{"attributes":{"type":"AggregateResult"}"#);
            for (key, cell) in self.keys.iter().zip(group) {
                out.push(b',');
                out.extend_from_slice(key.as_bytes());
                cell.write(&mut out);
            }
            out.push(b'}');
        }
        out.extend_from_slice(b"]}");
        out
    }
}

/// A value that each group has: one of its keys, or an aggregate over its rows.
#[derive(Debug, Clone)]
enum Column {
    Key(usize),
    Aggregate(Function, Path),
}

struct Grouping<'a> {
    rows: OfRows<'a>,
    keys: Vec<Path>,
}

impl Grouping<'_> {
    fn column(&self, context: Context<'_>, operand: &Operand) -> Result<(Column, Field), ApiError> {
        match operand {
            Operand::Field(field) => {
                let path = self.rows.path(context, field)?;
                let key = self.keys.iter().position(|key| is_same(key, &path)).ok_or_else(|| {
                    let message = format!("Field must be grouped or aggregated: {}", field.parts.join("."));
                    context.malformed(field.at, &message)
                })?;
                Ok((Column::Key(key), path.field))
            }
            Operand::Aggregate { function, path, at } => {
                let path = self.rows.path(context, path)?;
                let allowed = match function {
                    Function::Count | Function::CountDistinct | Function::Min | Function::Max => {
                        path.field.aggregatable()
                    }
                    Function::Sum | Function::Avg => matches!(path.field.kind, Kind::Int | Kind::Double),
                };
                if !allowed {
                    let message =
                        format!("field {} does not support aggregate operator {}", path.field.name, function.name());
                    return Err(context.malformed(*at, &message));
                }
                let kind = match function {
                    Function::Count | Function::CountDistinct => Kind::Int,
                    Function::Avg => Kind::Double,
                    Function::Min | Function::Max | Function::Sum => path.field.kind,
                };
                let field = Field::new(path.field.name.clone(), kind);
                Ok((Column::Aggregate(*function, path), field))
            }
        }
    }
}

impl Operands<Column> for Grouping<'_> {
    fn find(&self, context: Context<'_>, operand: &Operand) -> Result<(Column, Field), ApiError> {
        self.column(context, operand)
    }
}

fn is_same(a: &Path, b: &Path) -> bool {
    let hops = |path: &Path| path.hops.iter().map(|hop| hop.column).collect::<Vec<_>>();
    a.field.name == b.field.name && hops(a) == hops(b)
}

/// A grouping key that orders as Salesforce compares: texts without regard to case, null first.
#[derive(Debug, PartialEq)]
struct Key(Vec<Cell>);

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let each = self.0.iter().zip(&other.0);
        each.map(|(a, b)| compare_sorted(a, b, false, false)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// Runs a grouped query.
pub(super) fn run(context: Context<'_>, query: &Query) -> Result<Groups, ApiError> {
    let table = table(context, &query.from)?;
    let rows = OfRows { table, alias: query.alias.as_deref() };
    let keys = query.group_by.iter().map(|field| group_key(context, &rows, field)).collect::<Result<Vec<_>, _>>()?;
    let grouping = Grouping { rows, keys };
    let (names, columns) = columns(context, query, &grouping)?;
    let filter = query.condition.as_ref().map(|condition| resolve(context, &grouping.rows, condition)).transpose()?;
    let having = query.having.as_ref().map(|condition| resolve(context, &grouping, condition)).transpose()?;
    let order = query.order_by.iter().map(|sort| Ok((grouping.column(context, &sort.operand)?.0, sort)));
    let order = order.collect::<Result<Vec<_>, ApiError>>()?;

    let mut groups: BTreeMap<Key, Vec<u32>> = BTreeMap::new();
    if grouping.keys.is_empty() {
        // Without GROUP BY there is one group, even of no rows.
        groups.insert(Key(Vec::new()), Vec::new());
    }
    for row in pick(context, table, filter.as_ref()).iter() {
        let key = grouping.keys.iter().map(|key| key.follow(context.org, table, row).into_cell()).collect();
        groups.entry(Key(key)).or_default().push(row);
    }

    let value = |column: &Column, key: &Key, rows: &[u32]| match column {
        Column::Key(at) => key.0[*at].clone(),
        Column::Aggregate(function, path) => {
            aggregate(*function, rows.iter().map(|&row| path.follow(context.org, table, row).into_cell()))
        }
    };
    let keep = |key: &Key, rows: &[u32], having: &Test<Column>| {
        having.holds(&|column: &Column| Found::Cell(Cow::Owned(value(column, key, rows))))
    };
    let mut kept: Vec<(Key, Vec<u32>)> =
        groups.into_iter().filter(|(key, rows)| having.as_ref().is_none_or(|having| keep(key, rows, having))).collect();
    if !order.is_empty() {
        kept.sort_by_cached_key(|(key, rows)| {
            let cells =
                order.iter().map(|(column, sort)| Sorted(value(column, key, rows), sort.descending, sort.nulls_last));
            cells.collect::<Vec<_>>()
        });
    }
    let kept = kept.into_iter().skip(query.offset).take(query.limit.unwrap_or(usize::MAX));
    let groups: Vec<Vec<Cell>> =
        kept.map(|(key, rows)| columns.iter().map(|column| value(column, &key, &rows)).collect()).collect();
    if groups.len() > MAX_GROUPS {
        let message =
            "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch";
        return Err(ApiError::bad_request("EXCEEDED_ID_LIMIT", message));
    }
    Ok(Groups { keys: names, groups })
}

/// A value that orders by its direction.
#[derive(PartialEq)]
struct Sorted(Cell, bool, bool);

impl Eq for Sorted {}

impl PartialOrd for Sorted {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sorted {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_sorted(&self.0, &other.0, self.1, self.2)
    }
}

fn group_key(context: Context<'_>, rows: &OfRows<'_>, field: &FieldPath) -> Result<Path, ApiError> {
    let path = rows.path(context, field)?;
    if !path.field.groupable {
        let message = format!("field '{}' can not be grouped in a query call", path.field.name);
        return Err(context.invalid_field(field.at, &message));
    }
    Ok(path)
}

/// The selected columns and their keys: the alias, the last part of a path, or `expr0`, `expr1`, ….
fn columns(
    context: Context<'_>,
    query: &Query,
    grouping: &Grouping<'_>,
) -> Result<(Vec<String>, Vec<Column>), ApiError> {
    let (mut names, mut columns, mut unnamed) = (Vec::new(), Vec::new(), 0);
    for item in &query.items {
        let (operand, alias) = match item {
            Item::Value { operand, alias } => (operand, alias),
            Item::CountAll => {
                return Err(context.malformed(query.from.at, "Grouped query cannot use COUNT(), use COUNT(Id)"));
            }
            Item::Children(_) | Item::Fields(..) => {
                return Err(
                    context.malformed(query.from.at, "Only fields and aggregates are allowed in a grouped query")
                );
            }
        };
        let (column, field) = grouping.column(context, operand)?;
        let name = match (alias, &column) {
            (Some(alias), _) => alias.clone(),
            (None, Column::Key(_)) => field.name.to_string(),
            (None, Column::Aggregate(..)) => {
                unnamed += 1;
                format!("expr{}", unnamed - 1)
            }
        };
        let name = json_key(&name);
        if names.contains(&name) {
            let alias = name.trim_matches(['"', ':']);
            return Err(context.malformed(operand.at(), &format!("duplicate alias: {alias}")));
        }
        names.push(name);
        columns.push(column);
    }
    Ok((names, columns))
}

#[expect(clippy::cast_precision_loss, reason = "counts in an org are far below 2^53")]
fn aggregate(function: Function, cells: impl Iterator<Item = Cell>) -> Cell {
    let mut cells: Vec<Cell> = cells.filter(|cell| !cell.is_null()).collect();
    let count = |cells: &[Cell]| Cell::Int(i64::try_from(cells.len()).unwrap_or(i64::MAX));
    match function {
        Function::Count => count(&cells),
        Function::CountDistinct => {
            cells.sort_by(Cell::compare);
            cells.dedup_by(|a, b| a.compare(b).is_eq());
            count(&cells)
        }
        Function::Min => cells.into_iter().min_by(Cell::compare).unwrap_or(Cell::Null),
        Function::Max => cells.into_iter().max_by(Cell::compare).unwrap_or(Cell::Null),
        Function::Sum | Function::Avg if cells.is_empty() => Cell::Null,
        Function::Sum => {
            let whole = cells
                .iter()
                .try_fold(0_i64, |sum, cell| if let Cell::Int(n) = cell { sum.checked_add(*n) } else { None });
            whole.map_or_else(|| Cell::Double(cells.iter().filter_map(Cell::as_number).sum()), Cell::Int)
        }
        Function::Avg => Cell::Double(cells.iter().filter_map(Cell::as_number).sum::<f64>() / cells.len() as f64),
    }
}
