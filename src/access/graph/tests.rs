//! The graph against a naive enumeration of all paths, and against a naive fixpoint.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::access::paths::Paths;

const NODES: u32 = 6;

fn limits() -> impl Strategy<Value = Limits> {
    let until = prop_oneof![3 => Just(Until::FOREVER), 1 => (1_i64..4).prop_map(Until)];
    let rarely = || prop::bool::weighted(0.2);
    (until, rarely(), rarely(), rarely()).prop_map(|(until, conditional, partial, stale)| Limits {
        until,
        conditional,
        partial,
        stale,
    })
}

fn edges() -> impl Strategy<Value = Vec<Edge>> {
    let edge = (0..NODES, 0..NODES, prop::bool::weighted(0.25), limits())
        .prop_map(|(from, to, shallow, limits)| Edge { from, to, shallow, limits });
    prop::collection::vec(edge, 0..14)
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((0..NODES, limits()).prop_map(|(node, limits)| Row { node, limits }), 0..4)
}

/// All paths on which nothing stands twice, found by trying everything.
fn all_paths(graph: &Graph, rows: &[Row], target: u32) -> Vec<Path> {
    fn go(graph: &Graph, target: u32, nodes: &mut Vec<u32>, path: &mut Path, found: &mut Vec<Path>) {
        let last = nodes[nodes.len() - 1];
        if last == target {
            return found.push(path.clone());
        }
        for (number, edge) in (0..).zip(&graph.edges) {
            let may_follow = !edge.shallow || path.edges.is_empty();
            if edge.from == last && may_follow && !nodes.contains(&edge.to) {
                nodes.push(edge.to);
                path.edges.push(number);
                go(graph, target, nodes, path, found);
                path.edges.pop();
                nodes.pop();
            }
        }
    }
    let mut found = Vec::new();
    for (row, start) in rows.iter().enumerate() {
        go(graph, target, &mut vec![start.node], &mut Path { row, edges: Vec::new() }, &mut found);
    }
    found.sort_by(|one, other| (one.edges.len(), one).cmp(&(other.edges.len(), other)));
    found
}

/// What somebody with these rows holds: edges are applied until nothing changes.
fn fixpoint(graph: &Graph, rows: &[Row]) -> BTreeSet<u32> {
    let direct: BTreeSet<u32> = rows.iter().map(|row| row.node).collect();
    let mut held = direct.clone();
    loop {
        let gives = |edge: &&Edge| if edge.shallow { direct.contains(&edge.from) } else { held.contains(&edge.from) };
        let next: BTreeSet<u32> = graph.edges.iter().filter(gives).map(|edge| edge.to).chain(held.clone()).collect();
        if next == held {
            return held;
        }
        held = next;
    }
}

/// How well something is held, from all paths.
fn hold_of(graph: &Graph, rows: &[Row], paths: &[Path]) -> Option<Hold> {
    let limits = |path: &Path| {
        let edges = path.edges.iter().map(|number| graph.edge(*number).limits);
        std::iter::once(rows[path.row].limits).chain(edges).collect::<Vec<_>>()
    };
    let until = |path: &&Path| limits(path).iter().map(|limits| limits.until).min();
    let free = |of: fn(&Limits) -> bool| paths.iter().filter(move |path| !limits(path).iter().any(of));
    Some(Hold {
        until: paths.iter().filter_map(|path| until(&path)).max()?,
        unconditional: free(|limits| limits.conditional).filter_map(|path| until(&path)).max(),
        partial: free(|limits| limits.partial).next().is_none(),
        stale: free(|limits| limits.stale).next().is_none(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_answer_is_that_of_all_paths_and_of_the_fixpoint(edges in edges(), rows in rows(), target in 0..NODES) {
        let graph = Graph::new(NODES as usize, edges);
        let (toward, paths) = (graph.toward(target), all_paths(&graph, &rows, target));
        let expected = hold_of(&graph, &rows, &paths);
        prop_assert_eq!(toward.held(&rows), expected);
        prop_assert_eq!(graph.held(&rows)[target as usize], expected);
        prop_assert_eq!(expected.is_some(), fixpoint(&graph, &rows).contains(&target));
        let shortest = toward.shortest(&graph, &rows);
        prop_assert_eq!(shortest.as_ref().map(|path| path.edges.len()), paths.first().map(|path| path.edges.len()));
        prop_assert!(shortest.is_none_or(|path| paths.contains(&path)));
    }

    #[test]
    fn every_path_is_told_the_shortest_first(edges in edges(), rows in rows(), target in 0..NODES, most in 0_usize..5) {
        let graph = Graph::new(NODES as usize, edges);
        let mut expected = all_paths(&graph, &rows, target);
        let all = graph.paths(&rows, target, usize::MAX);
        prop_assert_eq!(&all, &Paths { found: expected.clone(), is_all: true });
        let is_all = expected.len() <= most;
        expected.truncate(most);
        prop_assert_eq!(graph.paths(&rows, target, most), Paths { found: expected, is_all });
    }

    #[test]
    fn the_rows_to_remove_are_all_that_are_needed_and_no_more(edges in edges(), rows in rows(), target in 0..NODES) {
        let graph = Graph::new(NODES as usize, edges);
        let toward = graph.toward(target);
        let keep = |test: &dyn Fn(usize, &Row) -> bool| -> Vec<Row> {
            rows.iter().enumerate().filter(|(n, row)| test(*n, row)).map(|(_, row)| *row).collect()
        };
        prop_assert!(!fixpoint(&graph, &keep(&|_, row| !toward.leads(row.node))).contains(&target));
        for (kept, _) in rows.iter().enumerate().filter(|(_, row)| toward.leads(row.node)) {
            let others = keep(&|n, row| n == kept || !toward.leads(row.node));
            prop_assert!(fixpoint(&graph, &others).contains(&target));
        }
        // Instead of a row that nobody can delete: the edges that lead on from there.
        for (n, row) in rows.iter().enumerate().filter(|(_, row)| row.node != target && toward.leads(row.node)) {
            let kept = graph.edges.iter().filter(|edge| edge.from != row.node || !toward.leads_on(edge.to));
            let cut = Graph::new(NODES as usize, kept.copied().collect());
            prop_assert!(!fixpoint(&cut, &keep(&|other, row| other == n || !toward.leads(row.node))).contains(&target));
        }
    }
}

fn chain(nodes: u32, width: u32) -> Graph {
    // Layers of `width` entitlements, each leading to each of the next layer.
    let layers = nodes / width;
    let mut edges = Vec::new();
    for layer in 1..layers {
        for from in 0..width {
            for to in 0..width {
                let (from, to) = ((layer - 1) * width + from, layer * width + to);
                edges.push(Edge { from, to, shallow: false, limits: Limits::NONE });
            }
        }
    }
    Graph::new(nodes as usize, edges)
}

#[test]
fn paths_beyond_number_change_no_answer_and_take_no_time() {
    // 3^39 paths.
    let graph = chain(120, 3);
    let rows = [Row { node: 0, limits: Limits::NONE }];
    let paths = graph.paths(&rows, 119, 100);
    assert_eq!((paths.found.len(), paths.is_all), (100, false));
    assert!(paths.found.iter().all(|path| path.edges.len() == 39));
    let toward = graph.toward(119);
    assert!(toward.held(&rows).is_some() && toward.leads(0) && !toward.leads(118));
}

#[test]
fn paths_through_very_many_edges_are_not_looked_for_without_end() {
    // Of 41 layers, each with 50 entitlements that lead to each of the next.
    let graph = chain(2050, 50);
    let rows = [Row { node: 0, limits: Limits::NONE }];
    let paths = graph.paths(&rows, 2049, 1000);
    assert!(!paths.is_all && paths.found.len() < 1000, "{}", paths.found.len());
    assert_eq!(graph.toward(2049).shortest(&graph, &rows).unwrap().edges.len(), 40);
}

#[test]
fn cycles_end_and_their_members_hold_the_same() {
    let edge = |from, to| Edge { from, to, shallow: false, limits: Limits::NONE };
    let graph = Graph::new(4, vec![edge(0, 1), edge(1, 2), edge(2, 0), edge(2, 2), edge(2, 3)]);
    let rows = [Row { node: 1, limits: Limits::NONE }];
    assert!(graph.held(&rows).iter().all(Option::is_some));
    assert_eq!(graph.paths(&rows, 3, 9).found.len(), 1);
}

#[test]
fn a_shallow_edge_passes_on_direct_holders_alone() {
    let edge = |from, to, shallow| Edge { from, to, shallow, limits: Limits::NONE };
    // 0 is a permission set group, 1 a set in it, 2 a right of the set.
    let graph = Graph::new(3, vec![edge(0, 1, false), edge(1, 2, true)]);
    let row = |node| Row { node, limits: Limits::NONE };
    assert_eq!(graph.held(&[row(0)]).iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(graph.held(&[row(1)]).iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, true]);
}
