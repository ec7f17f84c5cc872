use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::time::Timestamp;

/// A graph as a list of facts.
#[derive(Debug, Clone)]
struct Facts {
    nodes: u32,
    holds: Vec<(u32, u32, Limits)>,
    edges: Vec<(u32, u32, bool, Marks)>,
}

/// Node, user → what is derived: the ways (from, is direct), limits, marks.
type Found = BTreeMap<(u32, u32), (Vec<(u32, bool)>, Limits, Marks)>;

fn expanded(facts: &Facts, targets: &[u32]) -> Found {
    let mut graph = Graph::default();
    for node in 0..facts.nodes {
        assert_eq!(graph.add_node(), node);
    }
    for (node, user, limits) in &facts.holds {
        graph.hold(*node, *user, *limits);
    }
    for (from, to, shallow, marks) in &facts.edges {
        graph.edge(*from, *to, *shallow, *marks);
    }
    let expanded = graph.expand(targets.iter().copied());
    let mut found = Found::new();
    for node in targets {
        let mut ways = expanded.ways_to(*node);
        while let Some(Derived { user, ways, limits, marks }) = ways.next_user() {
            let ways = ways.iter().map(|way| (way.from, way.is_direct)).collect();
            assert_eq!(found.insert((*node, user), (ways, limits, marks)), None, "{node} {user} comes twice");
        }
    }
    found
}

/// The same, by the definition: what is held directly, and what follows over one edge, until nothing follows any more.
fn naive(facts: &Facts) -> Found {
    let mut direct: BTreeMap<(u32, u32), Limits> = BTreeMap::new();
    for (node, user, limits) in &facts.holds {
        direct.entry((*node, *user)).and_modify(|known| *known = known.or(*limits)).or_insert(*limits);
    }
    let mut held = direct.clone();
    loop {
        let before = held.clone();
        for (from, to, shallow, _) in &facts.edges {
            let passed_on = if *shallow { &direct } else { &before };
            for ((_, user), limits) in passed_on.iter().filter(|((node, _), _)| node == from) {
                held.entry((*to, *user)).and_modify(|known| *known = known.or(*limits)).or_insert(*limits);
            }
        }
        if held == before {
            break;
        }
    }
    let mut edges: BTreeMap<(u32, u32), (bool, Marks)> = BTreeMap::new();
    for (from, to, shallow, marks) in facts.edges.iter().filter(|(from, to, ..)| from != to) {
        let entry = edges.entry((*to, *from)).or_insert((*shallow, *marks));
        entry.0 &= shallow;
        entry.1 = Marks { partial: entry.1.partial && marks.partial, stale: entry.1.stale && marks.stale };
    }
    let mut found = Found::new();
    for ((to, from), (shallow, marks)) in edges {
        let passed_on = if shallow { &direct } else { &held };
        for ((_, user), limits) in passed_on.iter().filter(|((node, _), _)| *node == from) {
            let way = (from, direct.contains_key(&(from, *user)));
            let (ways, known, all) = found.entry((to, *user)).or_insert_with(|| (Vec::new(), *limits, marks));
            ways.push(way);
            *known = known.or(*limits);
            *all = Marks { partial: all.partial && marks.partial, stale: all.stale && marks.stale };
        }
    }
    found
}

fn facts() -> impl Strategy<Value = Facts> {
    let limits = (prop::option::of(0..4_i64), any::<bool>()).prop_map(|(expires, session_activation)| Limits {
        expires_at: expires.map(Timestamp::from_millis),
        session_activation,
    });
    let marks = (any::<bool>(), any::<bool>()).prop_map(|(partial, stale)| Marks { partial, stale });
    (2..9_u32).prop_flat_map(move |nodes| {
        let holds = prop::collection::vec((0..nodes, 0..6_u32, limits.clone()), 0..16);
        let edges = prop::collection::vec((0..nodes, 0..nodes, prop::bool::weighted(0.2), marks.clone()), 0..20);
        (holds, edges).prop_map(move |(holds, edges)| Facts { nodes, holds, edges })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]
    /// On any graph, with cycles and all, what is found is what the definition says.
    #[test]
    fn what_is_held_is_the_least_fixpoint(facts in facts(), order in any::<u64>()) {
        let all: Vec<u32> = (0..facts.nodes).collect();
        let expected = naive(&facts);
        prop_assert_eq!(&expanded(&facts, &all), &expected);
        // The order in which the facts come does not matter.
        let mut shuffled = facts.clone();
        let mut rng = fastrand::Rng::with_seed(order);
        rng.shuffle(&mut shuffled.holds);
        rng.shuffle(&mut shuffled.edges);
        prop_assert_eq!(&expanded(&shuffled, &all), &expected);
        // Asking for one node alone gives the same for it.
        let one = [facts.nodes - 1];
        let of_one: Found = expected.into_iter().filter(|((node, _), _)| *node == one[0]).collect();
        prop_assert_eq!(expanded(&facts, &one), of_one);
    }
}

fn edges(list: &[(u32, u32)]) -> Vec<(u32, u32, bool, Marks)> {
    list.iter().map(|(from, to)| (*from, *to, false, Marks::default())).collect()
}

#[test]
fn members_of_a_cycle_hold_what_the_others_hold() {
    let holds = vec![(0, 7, Limits::default()), (2, 9, Limits::default())];
    let facts = Facts { nodes: 4, holds, edges: edges(&[(0, 1), (1, 2), (2, 0), (2, 2), (2, 3)]) };
    let found = expanded(&facts, &[0, 1, 2, 3]);
    let keys: Vec<_> = found.keys().copied().collect();
    assert_eq!(keys, [(0, 7), (0, 9), (1, 7), (1, 9), (2, 7), (2, 9), (3, 7), (3, 9)]);
    assert_eq!(found[&(3, 9)].0, [(2, true)]);
    assert_eq!(found[&(3, 7)].0, [(2, false)]);
}

#[test]
fn a_chain_may_be_as_long_as_it_likes() {
    let nodes = 200_000;
    let chain: Vec<(u32, u32)> = (1..nodes).map(|node| (node - 1, node)).collect();
    let facts = Facts { nodes, holds: vec![(0, 1, Limits::default())], edges: edges(&chain) };
    assert_eq!(expanded(&facts, &[nodes - 1])[&(nodes - 1, 1)].0, [(nodes - 2, false)]);
}

#[test]
fn a_shallow_edge_passes_on_direct_holders_alone() {
    let holds = vec![(0, 7, Limits::default()), (1, 8, Limits::default())];
    let facts = Facts { nodes: 3, holds, edges: vec![(0, 1, false, Marks::default()), (1, 2, true, Marks::default())] };
    let found = expanded(&facts, &[1, 2]);
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), [(1, 7), (2, 8)]);
}

#[test]
fn it_lasts_as_long_as_any_way_does() {
    let limits = |expires: Option<i64>, session_activation| Limits {
        expires_at: expires.map(Timestamp::from_millis),
        session_activation,
    };
    let two = |one, other| {
        let holds = vec![(0, 7, one), (1, 7, other)];
        expanded(&Facts { nodes: 3, holds, edges: edges(&[(0, 2), (1, 2)]) }, &[2])[&(2, 7)].1
    };
    assert_eq!(two(limits(Some(5), true), limits(Some(9), true)), limits(Some(9), true));
    assert_eq!(two(limits(Some(5), true), limits(None, true)), limits(None, true));
    assert_eq!(two(limits(Some(5), true), limits(Some(9), false)), limits(Some(9), false));
}
