//! Single paths, the shortest first: what a person reads as the reason.
//!
//! Their number can be beyond all bounds, so they are found one by one, each with work that is bounded by the size of
//! the part of the graph that lies between the user and the target (best first, with the exact length of the shortest
//! way on from each beginning; a beginning that cannot be completed is never followed). All the work is bounded as well.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};

use foldhash::fast::RandomState;

use super::graph::{Graph, Row};

/// A path: a row, by its place among the rows, and the edges that follow, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// Which row it starts with.
    pub row: usize,
    /// The edges from there.
    pub edges: Vec<u32>,
}

/// The paths that were looked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Paths {
    /// The shortest ones; of the same length, in the order of rows and edges.
    pub found: Vec<Path>,
    /// Whether there are no others.
    pub is_all: bool,
}

/// So many edges are looked at in search of paths: a second's work at most.
const WORK: usize = 5_000_000;

/// The part of the graph that lies between some rows and a target.
struct Between {
    target: u32,
    /// For each of its nodes, the edges from others of them that may stand anywhere on a path.
    into: HashMap<u32, Vec<u32>, RandomState>,
}

impl Graph {
    /// The shortest paths from rows to a target on which nothing stands twice: `most` at most, and fewer where finding
    /// them takes too long.
    pub fn paths(&self, rows: &[Row], target: u32, most: usize) -> Paths {
        let between = self.between(rows, target);
        let all = self.distances(&between, &[]);
        let mut searches = WORK / between.into.values().map(Vec::len).sum::<usize>().max(1);
        // By length when completed, then by what they are made of.
        let mut open: BinaryHeap<Reverse<(usize, Path)>> = BinaryHeap::new();
        for (row, Row { node, .. }) in rows.iter().enumerate() {
            let mut shallow = self.out(*node).filter(|(_, edge)| edge.shallow).peekable();
            if shallow.peek().is_some() {
                let rest = self.distances(&between, &[*node]);
                open.extend(shallow.filter_map(|(number, edge)| {
                    Some(Reverse((rest.get(&edge.to)? + 1, Path { row, edges: vec![number] })))
                }));
            }
            if let Some(rest) = all.get(node) {
                open.push(Reverse((*rest, Path { row, edges: Vec::new() })));
            }
        }
        let mut found = Vec::new();
        while let Some(Reverse((_, path))) = open.pop() {
            if found.len() == most {
                return Paths { found, is_all: false };
            }
            let mut nodes = vec![rows[path.row].node];
            nodes.extend(path.edges.iter().map(|number| self.edge(*number).to));
            let Some(last) = nodes.last().copied() else { continue };
            if last == target {
                found.push(path);
                continue;
            }
            let Some(left) = searches.checked_sub(1) else { return Paths { found, is_all: false } };
            searches = left;
            let rest = self.distances(&between, &nodes);
            for (number, edge) in self.out(last).filter(|(_, edge)| !edge.shallow) {
                if let Some(rest) = rest.get(&edge.to) {
                    let mut edges = path.edges.clone();
                    edges.push(number);
                    open.push(Reverse((edges.len() + rest, Path { row: path.row, edges })));
                }
            }
        }
        Paths { found, is_all: true }
    }

    fn between(&self, rows: &[Row], target: u32) -> Between {
        let mut after = vec![false; self.nodes()];
        let mut open: Vec<u32> = Vec::new();
        for Row { node, .. } in rows {
            open.push(*node);
            open.extend(self.out(*node).map(|(_, edge)| edge.to));
        }
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut after[node as usize], true) {
                open.extend(self.out(node).filter(|(_, edge)| !edge.shallow).map(|(_, edge)| edge.to));
            }
        }
        let mut into: HashMap<u32, Vec<u32>, RandomState> = HashMap::default();
        let mut open = vec![target];
        while let Some(node) = open.pop() {
            if into.contains_key(&node) {
                continue;
            }
            let edges = self.into(node).filter(|(_, edge)| !edge.shallow && after[edge.from as usize]);
            let edges: Vec<u32> = edges.map(|(number, _)| number).collect();
            open.extend(edges.iter().map(|number| self.edge(*number).from));
            into.insert(node, edges);
        }
        Between { target, into }
    }

    /// How many edges it is to the target without passing through `taken`.
    fn distances(&self, between: &Between, taken: &[u32]) -> HashMap<u32, usize, RandomState> {
        let mut distances = HashMap::default();
        if taken.contains(&between.target) {
            return distances;
        }
        distances.insert(between.target, 0);
        let mut open = VecDeque::from([(between.target, 0)]);
        while let Some((node, distance)) = open.pop_front() {
            for number in between.into.get(&node).map(Vec::as_slice).unwrap_or_default() {
                let from = self.edge(*number).from;
                if !taken.contains(&from) && !distances.contains_key(&from) {
                    distances.insert(from, distance + 1);
                    open.push_back((from, distance + 1));
                }
            }
        }
        distances
    }
}
