//! Which rows of an object a condition picks.
//!
//! Big objects are read in many queries that differ in nothing but the range of ids that they ask for. The rest of their
//! condition is tested once for all of them, and the range is cut out of what it picks.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::Context;
use super::ast::Operator;
use super::filter::{Filter, Test, of_row};
use super::path::Leaf;
use crate::demo::org::Org;
use crate::demo::table::Table;
use crate::demo::value::Cell;
use crate::salesforce::id::RecordId;

/// From so many rows on, what a condition picks is kept.
const BIG: usize = 10_000;

/// How many of the picks are kept.
const KEPT: usize = 16;

/// Rows of a table, in an order.
#[derive(Debug, Clone)]
pub(crate) enum Picked {
    All(Range<u32>),
    Some(Arc<Vec<u32>>, Range<usize>),
}

impl Picked {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::All(rows) => rows.len(),
            Self::Some(_, range) => range.len(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.slice(0..self.len())
    }

    /// The rows of these places.
    pub(crate) fn slice(&self, places: Range<usize>) -> impl Iterator<Item = u32> + '_ {
        let (all, some) = match self {
            Self::All(rows) => (rows.clone(), &[][..]),
            Self::Some(rows, range) => (0..0, &rows[range.clone()]),
        };
        let count = places.len();
        all.chain(some.iter().copied()).skip(places.start).take(count)
    }

    /// Leaves out the first, and all but so many of the others.
    pub(super) fn limit(self, offset: usize, limit: usize) -> Self {
        let (start, end) = (offset.min(self.len()), offset.saturating_add(limit).min(self.len()));
        self.part(start..end)
    }

    fn part(self, places: Range<usize>) -> Self {
        match self {
            Self::All(rows) => {
                let at = |place: usize| rows.start + u32::try_from(place).unwrap_or_default();
                Self::All(at(places.start)..at(places.end))
            }
            Self::Some(rows, range) => Self::Some(rows, range.start + places.start..range.start + places.end),
        }
    }

    /// The rows that lie in a range, of rows that are in ascending order.
    fn within(self, wanted: &Range<u32>) -> Self {
        match self {
            Self::All(rows) => Self::All(rows.start.max(wanted.start)..rows.end.min(wanted.end)),
            Self::Some(rows, range) => {
                let of = &rows[range.clone()];
                let (start, end) =
                    (of.partition_point(|row| *row < wanted.start), of.partition_point(|row| *row < wanted.end));
                let part = range.start + start..range.start + end.max(start);
                Self::Some(rows, part)
            }
        }
    }
}

impl From<Vec<u32>> for Picked {
    fn from(rows: Vec<u32>) -> Self {
        let all = 0..rows.len();
        Self::Some(Arc::new(rows), all)
    }
}

/// What conditions picked of the big objects of an org that does not change.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<VecDeque<(String, Picked)>>);

impl Kept {
    fn find(&self, key: &str) -> Option<Picked> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| known == key).map(|(_, picked)| picked.clone())
    }

    fn keep(&self, key: String, picked: &Picked) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back((key, picked.clone()));
    }
}

/// The rows that match, as they are stored.
pub(super) fn pick(context: Context<'_>, table: usize, filter: Option<&Filter>) -> Picked {
    let rows = &context.org.tables[table];
    let (mut range, mut rest) = (Picked::All(0..count(rows)), Vec::new());
    let mut wanted = 0..count(rows);
    if let Some(filter) = filter {
        split(rows, filter, &mut wanted, &mut rest);
    }
    if rest.is_empty() {
        return range.within(&wanted);
    }
    let Some(kept) = context.kept.filter(|_| rows.len() >= BIG) else {
        range = range.within(&wanted);
        return test(context.org, table, &rest, &range);
    };
    let key = format!("{table} {rest:?}");
    let picked = kept.find(&key).unwrap_or_else(|| {
        let picked = test(context.org, table, &rest, &range);
        kept.keep(key, &picked);
        picked
    });
    picked.within(&wanted)
}

fn count(table: &Table) -> u32 {
    u32::try_from(table.len()).unwrap_or(u32::MAX)
}

fn test(org: &Org, table: usize, tests: &[&Filter], rows: &Picked) -> Picked {
    let holds = |row: &u32| {
        let get = of_row(org, table, *row);
        tests.iter().all(|test| test.holds(&get))
    };
    rows.iter().filter(holds).collect::<Vec<u32>>().into()
}

/// Splits a condition: into the range of rows that its ids span, and the rest.
fn split<'a>(table: &Table, filter: &'a Filter, wanted: &mut Range<u32>, rest: &mut Vec<&'a Filter>) {
    match filter {
        Test::All(tests) => tests.iter().for_each(|test| split(table, test, wanted, rest)),
        Test::Compare(path, operator, Cell::Id(id))
            if table.sorted && path.hops.is_empty() && matches!(path.leaf, Leaf::Column(0)) =>
        {
            let before = |is: &dyn Fn(&RecordId) -> bool| {
                u32::try_from(table.ids().partition_point(|other| is(other))).unwrap_or(u32::MAX)
            };
            let (start, end) = (|| before(&|other| other < id), || before(&|other| other <= id));
            match operator {
                Operator::Equal => *wanted = wanted.start.max(start())..wanted.end.min(end()),
                Operator::Less => wanted.end = wanted.end.min(start()),
                Operator::LessOrEqual => wanted.end = wanted.end.min(end()),
                Operator::Greater => wanted.start = wanted.start.max(end()),
                Operator::GreaterOrEqual => wanted.start = wanted.start.max(start()),
                Operator::NotEqual | Operator::Like => rest.push(filter),
            }
            wanted.end = wanted.end.max(wanted.start);
        }
        _ => rest.push(filter),
    }
}
