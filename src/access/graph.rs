//! Who holds what through what: a graph of entitlements, and the questions to it that need no names.
//!
//! A *row* says that a user holds an entitlement directly, an *edge* that whoever holds one entitlement holds another
//! too; a *shallow* edge passes on only those who hold the first directly. So a *path* is a row and then edges, of which
//! the first alone may be shallow.
//!
//! All answers are found without looking at single paths, of which there can be more than anybody could count: for each
//! entitlement the best way on, by a search that goes from the best to the worst (Dijkstra).

use std::collections::{BinaryHeap, HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::paths::Path;
use crate::time::Timestamp;

/// Until when something lasts. The later the greater; what never ends is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Until(i64);

impl Until {
    /// It does not end by itself.
    pub const FOREVER: Self = Self(i64::MAX);

    /// As a document says it.
    pub fn of(expires_at: Option<Timestamp>) -> Self {
        expires_at.map_or(Self::FOREVER, |time| Self(time.millis()))
    }

    /// When it ends; `None` if never.
    pub fn time(self) -> Option<Timestamp> {
        (self != Self::FOREVER).then(|| Timestamp::from_millis(self.0))
    }
}

/// What a row or an edge takes away from what it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until when it gives anything.
    pub until: Until,
    /// Whether it gives nothing until a session is activated.
    pub conditional: bool,
    /// Whether some of the rights do not come this way.
    pub partial: bool,
    /// Whether what comes this way may be out of date.
    pub stale: bool,
}

impl Limits {
    /// No limit at all.
    pub const NONE: Self = Self { until: Until::FOREVER, conditional: false, partial: false, stale: false };
}

/// Whoever holds `from` holds `to`.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// The entitlement that makes members.
    pub from: u32,
    /// The one that they hold too.
    pub to: u32,
    /// Whether only those count who hold `from` directly.
    pub shallow: bool,
    /// What it takes away.
    pub limits: Limits,
}

/// Somebody holds `node` directly.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What he holds.
    pub node: u32,
    /// What it takes away.
    pub limits: Limits,
}

/// How well something is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// The latest end of all ways.
    pub until: Until,
    /// The latest end of the ways that need no activation; `None` where all do.
    pub unconditional: Option<Until>,
    /// Whether all ways give less than all of it.
    pub partial: bool,
    /// Whether all ways may be out of date.
    pub stale: bool,
}

/// Entitlements, by number, and what leads to what.
#[derive(Debug, Default)]
pub struct Graph {
    edges: Vec<Edge>,
    into: Vec<Vec<u32>>,
    out: Vec<Vec<u32>>,
}

type Map<V> = HashMap<u32, V, RandomState>;

/// The entitlements that lead to a target, each with how well (how long, how far) it does.
///
/// Two kinds of start: with those who hold it directly, and with those who hold it in any way.
#[derive(Debug)]
struct Reach<V> {
    direct: Map<V>,
    any: Map<V>,
}

/// What leads to a target.
#[derive(Debug)]
pub struct Toward {
    target: u32,
    all: Reach<Until>,
    unconditional: Reach<Until>,
    whole: Reach<Until>,
    fresh: Reach<Until>,
    /// How many edges it is to the target.
    distance: Reach<u32>,
}

/// The limits that a way may be asked to be free of.
const FILTERS: [fn(&Limits) -> bool; 4] = [|_| true, |l| !l.conditional, |l| !l.partial, |l| !l.stale];

impl Graph {
    /// With so many entitlements, numbered from 0. An edge from an entitlement to itself gives nothing.
    pub fn new(nodes: usize, mut edges: Vec<Edge>) -> Self {
        edges.retain(|edge| edge.from != edge.to);
        let (mut into, mut out) = (vec![Vec::new(); nodes], vec![Vec::new(); nodes]);
        for (n, edge) in (0..).zip(&edges) {
            into[edge.to as usize].push(n);
            out[edge.from as usize].push(n);
        }
        Self { edges, into, out }
    }

    /// An edge, by its number.
    pub fn edge(&self, number: u32) -> &Edge {
        &self.edges[number as usize]
    }

    /// How many entitlements there are.
    pub fn nodes(&self) -> usize {
        self.into.len()
    }

    /// The edges into an entitlement.
    pub fn into(&self, node: u32) -> impl Iterator<Item = (u32, &Edge)> {
        self.into[node as usize].iter().map(|n| (*n, self.edge(*n)))
    }

    /// The edges out of an entitlement.
    pub fn out(&self, node: u32) -> impl Iterator<Item = (u32, &Edge)> {
        self.out[node as usize].iter().map(|n| (*n, self.edge(*n)))
    }

    /// What leads to a target.
    pub fn toward(&self, target: u32) -> Toward {
        let [all, unconditional, whole, fresh] = FILTERS.map(|allows| self.reach(target, allows));
        Toward { target, all, unconditional, whole, fresh, distance: self.distance(target) }
    }

    fn reach(&self, target: u32, allows: fn(&Limits) -> bool) -> Reach<Until> {
        let (mut direct, mut any) = (Map::default(), Map::default());
        direct.insert(target, Until::FOREVER);
        let mut open = BinaryHeap::from([(Until::FOREVER, target)]);
        while let Some((until, node)) = open.pop() {
            if any.contains_key(&node) {
                continue;
            }
            any.insert(node, until);
            for (_, edge) in self.into(node).filter(|(_, edge)| allows(&edge.limits)) {
                let until = until.min(edge.limits.until);
                let direct = direct.entry(edge.from).or_insert(until);
                *direct = until.max(*direct);
                if !edge.shallow {
                    open.push((until, edge.from));
                }
            }
        }
        Reach { direct, any }
    }

    fn distance(&self, target: u32) -> Reach<u32> {
        let (mut direct, mut any) = (Map::default(), Map::default());
        direct.insert(target, 0);
        let mut open = VecDeque::from([(target, 0)]);
        while let Some((node, distance)) = open.pop_front() {
            if any.contains_key(&node) {
                continue;
            }
            any.insert(node, distance);
            for (_, edge) in self.into(node) {
                direct.entry(edge.from).or_insert(distance + 1);
                if !edge.shallow {
                    open.push_back((edge.from, distance + 1));
                }
            }
        }
        Reach { direct, any }
    }

    /// What somebody with these rows holds: for each entitlement how well, `None` where not at all.
    pub fn held(&self, rows: &[Row]) -> Vec<Option<Hold>> {
        let [all, unconditional, whole, fresh] = FILTERS.map(|allows| self.held_by(rows, allows));
        let hold = |(n, until): (usize, &Option<Until>)| {
            until.map(|until| Hold {
                until,
                unconditional: unconditional[n],
                partial: whole[n].is_none(),
                stale: fresh[n].is_none(),
            })
        };
        all.iter().enumerate().map(hold).collect()
    }

    fn held_by(&self, rows: &[Row], allows: fn(&Limits) -> bool) -> Vec<Option<Until>> {
        let mut held = vec![None; self.nodes()];
        let mut open = BinaryHeap::new();
        for Row { node, limits } in rows.iter().filter(|row| allows(&row.limits)) {
            open.push((limits.until, *node));
            // What passes on direct holders alone starts here; where both start, this is the longer way.
            for (_, edge) in self.out(*node).filter(|(_, edge)| edge.shallow && allows(&edge.limits)) {
                open.push((limits.until.min(edge.limits.until), edge.to));
            }
        }
        while let Some((until, node)) = open.pop() {
            if held[node as usize].is_some() {
                continue;
            }
            held[node as usize] = Some(until);
            for (_, edge) in self.out(node).filter(|(_, edge)| !edge.shallow && allows(&edge.limits)) {
                open.push((until.min(edge.limits.until), edge.to));
            }
        }
        held
    }
}

impl Toward {
    /// The target.
    pub fn target(&self) -> u32 {
        self.target
    }

    /// The entitlements whose direct holders hold the target, in order.
    pub fn starts(&self) -> Vec<u32> {
        let mut starts: Vec<u32> = self.all.direct.keys().copied().collect();
        starts.sort_unstable();
        starts
    }

    /// Whether those who hold an entitlement directly hold the target.
    pub fn leads(&self, node: u32) -> bool {
        self.all.direct.contains_key(&node)
    }

    /// Whether those who hold an entitlement in any way hold the target.
    pub fn leads_on(&self, node: u32) -> bool {
        self.all.any.contains_key(&node)
    }

    /// How well somebody with these rows holds the target; `None` where not at all.
    pub fn held(&self, rows: &[Row]) -> Option<Hold> {
        let best = |reach: &Reach<Until>, allows: fn(&Limits) -> bool| {
            let through = |row: &Row| Some(row.limits.until.min(*reach.direct.get(&row.node)?));
            rows.iter().filter(|row| allows(&row.limits)).filter_map(through).max()
        };
        let [any, unconditional, whole, fresh] = FILTERS;
        Some(Hold {
            until: best(&self.all, any)?,
            unconditional: best(&self.unconditional, unconditional),
            partial: best(&self.whole, whole).is_none(),
            stale: best(&self.fresh, fresh).is_none(),
        })
    }

    /// A shortest path that starts with one of these rows.
    pub fn shortest(&self, graph: &Graph, rows: &[Row]) -> Option<Path> {
        let distance = |row: &Row| self.distance.direct.get(&row.node).copied();
        let (row, first) =
            rows.iter().enumerate().filter(|(_, row)| distance(row).is_some()).min_by_key(|(_, row)| distance(row))?;
        let (mut node, mut left) = (first.node, distance(first)?);
        let mut edges = Vec::new();
        while left > 0 {
            let leads = |edge: &Edge| {
                (!edge.shallow || edges.is_empty()) && self.distance.any.get(&edge.to) == Some(&(left - 1))
            };
            let (number, edge) = graph.out(node).find(|(_, edge)| leads(edge))?;
            edges.push(number);
            (node, left) = (edge.to, left - 1);
        }
        Some(Path { row, edges })
    }
}

#[cfg(test)]
mod tests;
