//! A query on rows, resolved: which rows, in which order, and the shape of a record.

use std::cmp::Ordering;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt as _};

use super::Context;
use super::ast::{FieldPath, FieldSet, Item, Name, Operand, Query};
use super::filter::{Filter, Members, OfRows, resolve};
use super::path::{Hop, Leaf, Path};
use super::pick::{Picked, pick};
use crate::demo::error::ApiError;
use crate::demo::org::Org;
use crate::demo::schema::{Child, Field};
use crate::demo::value::Cell;
use crate::salesforce::id::RecordId;

/// The most rows that `FIELDS(ALL)` and `FIELDS(CUSTOM)` may ask for.
const MAX_FIELDS_LIMIT: usize = 200;

/// What a record of the answer looks like.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) table: usize,
    pub(crate) out: Vec<Out>,
}

/// One member of a record.
#[derive(Debug)]
pub(crate) enum Out {
    Field {
        key: String,
        column: usize,
    },
    /// A parent with members of its own.
    Parent {
        hop: Hop,
        out: Vec<Out>,
    },
    /// A field of the pseudo-object `Name`.
    OfName {
        name: &'static str,
    },
    Children {
        key: &'static str,
        shape: Arc<Shape>,
        by_parent: HashMap<RecordId, Vec<u32>>,
    },
}

#[derive(Debug)]
struct Sort {
    path: Path,
    descending: bool,
    nulls_last: bool,
}

/// A resolved query on rows.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) shape: Arc<Shape>,
    filter: Option<Filter>,
    order: Vec<Sort>,
    limit: usize,
    offset: usize,
}

/// Finds the object of a query.
pub(super) fn table(context: Context<'_>, name: &Name) -> Result<usize, ApiError> {
    let found = context.org.find(&name.text);
    let known = |&table: &usize| context.org.tables[table].object.since <= context.version;
    found.filter(known).ok_or_else(|| {
        let message = format!(
            "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the \
             '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
            name.text
        );
        context.error("INVALID_TYPE", name.at, &message)
    })
}

/// Resolves a query on rows; a sub-select comes with the relationship that it reads.
pub(super) fn rows(context: Context<'_>, query: &Query, child: Option<Child>) -> Result<Plan, ApiError> {
    let from = match child {
        Some(child) => Name { text: child.object.to_owned(), at: query.from.at },
        None => query.from.clone(),
    };
    let table = table(context, &from)?;
    let rows = OfRows { table, alias: query.alias.as_deref() };
    if query.having.is_some() {
        return Err(context.malformed(query.from.at, "Having clause requires a grouped query"));
    }
    let mut out = Vec::new();
    for item in &query.items {
        match item {
            Item::Value { operand: Operand::Field(field), alias: None } => {
                let path = rows.path(context, field)?;
                if !add(&mut out, &path.hops, &path) {
                    let message = format!("duplicate field selected: {}", field.parts.join("."));
                    return Err(context.invalid_field(field.at, &message));
                }
            }
            Item::Value { operand, .. } => {
                let message = "only aggregate expressions use field aliasing";
                return Err(context.malformed(operand.at(), message));
            }
            Item::CountAll if query.is_count() && child.is_none() => {}
            Item::CountAll => return Err(context.malformed(query.from.at, "Grouped query cannot use COUNT()")),
            Item::Fields(set, at) => add_fields(context, query, table, *set, *at, &mut out)?,
            Item::Children(sub) if child.is_none() => out.push(children(context, table, sub)?),
            Item::Children(sub) => {
                return Err(context.malformed(sub.from.at, "sub-selects of sub-selects are not supported"));
            }
        }
    }
    let filter = query.condition.as_ref().map(|condition| resolve(context, &rows, condition)).transpose()?;
    let order = sorts(context, &rows, query)?;
    let limit = query.limit.unwrap_or(usize::MAX);
    Ok(Plan { shape: Arc::new(Shape { table, out }), filter, order, limit, offset: query.offset })
}

fn sorts(context: Context<'_>, rows: &OfRows<'_>, query: &Query) -> Result<Vec<Sort>, ApiError> {
    let mut order = Vec::new();
    for sort in &query.order_by {
        let Operand::Field(field) = &sort.operand else {
            return Err(context.malformed(sort.operand.at(), "Ordered by an aggregate in a query that is not grouped"));
        };
        let path = rows.path(context, field)?;
        if !path.field.sortable {
            let message = format!("field '{}' can not be sorted in a query call", path.field.name);
            return Err(context.invalid_field(field.at, &message));
        }
        order.push(Sort { path, descending: sort.descending, nulls_last: sort.nulls_last });
    }
    Ok(order)
}

/// Adds a path to a record's members, below its parents; false if it is there already.
fn add(out: &mut Vec<Out>, hops: &[Hop], path: &Path) -> bool {
    let Some((hop, rest)) = hops.split_first() else {
        let same = |member: &Out| match (member, &path.leaf) {
            (Out::Field { column, .. }, Leaf::Column(new)) => column == new,
            (Out::OfName { name }, Leaf::OfName(new)) => name == new,
            _ => false,
        };
        if out.iter().any(same) {
            return false;
        }
        out.push(match path.leaf {
            Leaf::Column(column) => Out::Field { key: json_key(&path.field.name), column },
            Leaf::OfName(name) => Out::OfName { name },
        });
        return true;
    };
    let parent = out.iter_mut().find_map(|member| match member {
        Out::Parent { hop: known, out } if known.column == hop.column => Some(out),
        _ => None,
    });
    if let Some(members) = parent {
        return add(members, rest, path);
    }
    let mut members = Vec::new();
    let added = add(&mut members, rest, path);
    out.push(Out::Parent { hop: hop.clone(), out: members });
    added
}

/// A member's key with its quotes and colon, ready to be written.
pub(super) fn json_key(name: &str) -> String {
    format!("\"{name}\":")
}

fn add_fields(
    context: Context<'_>,
    query: &Query,
    table: usize,
    set: FieldSet,
    at: usize,
    out: &mut Vec<Out>,
) -> Result<(), ApiError> {
    if set != FieldSet::Standard && query.limit.is_none_or(|limit| limit > MAX_FIELDS_LIMIT) {
        let message = "The SOQL FIELDS function must have a LIMIT of at most 200";
        return Err(ApiError::bad_request("MALFORMED_QUERY", message));
    }
    // The org has no custom fields.
    if set == FieldSet::Custom {
        return Ok(());
    }
    for (column, field) in context.org.tables[table].object.fields.iter().enumerate() {
        if !context.org.shows(field, context.version) {
            continue;
        }
        if out.iter().any(|member| matches!(member, Out::Field { column: known, .. } if *known == column)) {
            return Err(context.invalid_field(at, &format!("duplicate field selected: {}", field.name)));
        }
        out.push(Out::Field { key: json_key(&field.name), column });
    }
    Ok(())
}

/// Resolves a sub-select, and sorts its rows by their parent.
fn children(context: Context<'_>, table: usize, query: &Query) -> Result<Out, ApiError> {
    let object = &context.org.tables[table].object;
    let name = &query.from.text;
    let child = object.children.iter().find(|child| child.relationship.eq_ignore_ascii_case(name));
    let found = child.and_then(|child| {
        let children = &context.org.tables[context.org.find(child.object)?];
        let column = children.object.position(child.field)?;
        context.org.shows(&children.object.fields[column], context.version).then_some((child, children, column))
    });
    let Some((child, children, column)) = found else {
        let message = format!(
            "Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom \
             relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL \
             or the describe call for the appropriate names."
        );
        return Err(context.error("INVALID_TYPE", query.from.at, &message));
    };
    if query.is_grouped() || query.is_count() {
        return Err(context.malformed(query.from.at, "Aggregate functions are not supported in sub-selects"));
    }
    let mut plan = rows(context, query, Some(*child))?;
    // A limit of a sub-select is one for each parent.
    let (limit, offset) = (std::mem::replace(&mut plan.limit, usize::MAX), std::mem::take(&mut plan.offset));
    let mut by_parent: HashMap<RecordId, Vec<u32>> = HashMap::new();
    for row in plan.matching(context).iter() {
        if let Some(parent) = children.cell(row, column).as_id() {
            by_parent.entry(parent).or_default().push(row);
        }
    }
    for rows in by_parent.values_mut() {
        rows.drain(..offset.min(rows.len()));
        rows.truncate(limit);
    }
    by_parent.retain(|_, rows| !rows.is_empty());
    Ok(Out::Children { key: child.relationship, shape: plan.shape, by_parent })
}

/// The members of `field IN (SELECT …)`.
pub(super) fn semi_join(context: Context<'_>, field: &Field, at: usize, query: &Query) -> Result<Members, ApiError> {
    if !field.kind.is_id() {
        let message = format!(
            "The inner and outer selects should not be on the same object type, field '{}' is not an ID",
            field.name
        );
        return Err(context.malformed(at, &message));
    }
    let [Item::Value { operand: Operand::Field(selected), .. }] = query.items.as_slice() else {
        return Err(context.malformed(query.from.at, "semi join sub-selects can only query id fields"));
    };
    let plan = rows(context, query, None)?;
    let path = OfRows { table: plan.shape.table, alias: query.alias.as_deref() }.path(context, selected)?;
    if !path.field.kind.is_id() {
        return Err(not_an_id(context, selected));
    }
    let rows = plan.matching(context);
    let ids = rows.iter();
    let ids = ids.filter_map(|row| path.follow(context.org, plan.shape.table, row).into_cell().as_id()).collect();
    Ok(Members::Ids { ids, null: false })
}

fn not_an_id(context: Context<'_>, selected: &FieldPath) -> ApiError {
    context.malformed(selected.at, "semi join sub-selects can only query id fields")
}

impl Plan {
    /// The rows that match, in order, after `OFFSET` and `LIMIT`. Without `ORDER BY`, they come as they are stored.
    pub(super) fn matching(&self, context: Context<'_>) -> Picked {
        let picked = pick(context, self.shape.table, self.filter.as_ref());
        match self.is_stored_order(context.org) {
            Some(true) => picked.limit(self.offset, self.limit),
            Some(false) => {
                // The same from the end.
                let end = picked.len().saturating_sub(self.offset);
                let start = end.saturating_sub(self.limit);
                let mut rows: Vec<u32> = picked.slice(start..end).collect();
                rows.reverse();
                rows.into()
            }
            None => {
                let mut rows: Vec<u32> = picked.iter().collect();
                self.sort(context.org, &mut rows);
                Picked::from(rows).limit(self.offset, self.limit)
            }
        }
    }

    /// Whether the rows are wanted as they are stored, `ORDER BY Id` over a table that is kept in that order; or the other
    /// way round.
    fn is_stored_order(&self, org: &Org) -> Option<bool> {
        match self.order.as_slice() {
            [] => Some(true),
            [sort] => {
                let id = sort.path.hops.is_empty() && matches!(sort.path.leaf, Leaf::Column(0));
                (id && org.tables[self.shape.table].sorted).then_some(!sort.descending)
            }
            _ => None,
        }
    }

    fn sort(&self, org: &Org, rows: &mut [u32]) {
        let table = self.shape.table;
        let key = |row: u32| -> Vec<Cell> {
            self.order.iter().map(|sort| sort.path.follow(org, table, row).into_cell()).collect()
        };
        let mut keyed: Vec<(Vec<Cell>, u32)> = rows.iter().map(|&row| (key(row), row)).collect();
        // Stable: rows that are alike keep the order in which they are stored.
        keyed.sort_by(|(a, _), (b, _)| {
            let each = self.order.iter().zip(a.iter().zip(b));
            each.map(|(sort, (a, b))| compare_sorted(a, b, sort.descending, sort.nulls_last))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        });
        for (to, (_, row)) in rows.iter_mut().zip(keyed) {
            *to = row;
        }
    }
}

/// The order of two values under an `ORDER BY`; where nulls go does not depend on the direction.
pub(super) fn compare_sorted(a: &Cell, b: &Cell, descending: bool, nulls_last: bool) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => {
            if nulls_last {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (false, true) => {
            if nulls_last {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (false, false) if descending => b.compare(a),
        (false, false) => a.compare(b),
    }
}
