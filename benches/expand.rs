//! Following grants in an org of 100,000 users: 8,000 groups nested 6 deep, 3,000 roles 12 deep, 300 permission set groups;
//! about two million derived grants.
//!
//! `cargo bench --bench expand` says how long each derived grant takes, with twice the users too: it must not grow.

use std::hint::black_box;
use std::time::Instant;

use baton_salesforce::expand::{Graph, Limits, Marks};

const GROUPS: u32 = 8_000;
const NESTING: u32 = 6;
const ROLES: u32 = 3_000;
const DEPTH: u32 = 12;
const SETS: u32 = 1_000;
const SET_GROUPS: u32 = 300;

/// The graph, and the nodes on which derived grants are wanted.
fn org(users: u32, seed: u64) -> (Graph, Vec<u32>) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut graph = Graph::default();
    let mut nodes = |count: u32| -> Vec<u32> { (0..count).map(|_| graph.add_node()).collect() };
    let (groups, roles, role_groups) = (nodes(GROUPS), nodes(ROLES), nodes(ROLES));
    let (set_groups, sets) = (nodes(SET_GROUPS), nodes(SETS));
    let deep = |graph: &mut Graph, from, to| graph.edge(from, to, false, Marks::default());
    // Chains of groups, the outer one in front.
    for chain in groups.chunks(NESTING as usize) {
        chain.windows(2).for_each(|pair| deep(&mut graph, pair[1], pair[0]));
    }
    for group in &groups {
        (0..users / GROUPS).for_each(|_| graph.hold(*group, rng.u32(0..users), Limits::default()));
    }
    // A role in twenty groups, and each role group in that of the role above: twelve levels of 250 roles.
    let level = ROLES / DEPTH;
    for number in 0..ROLES {
        deep(&mut graph, roles[number as usize], role_groups[number as usize]);
        if number >= level {
            let above = (number / level - 1) * level + rng.u32(0..level);
            deep(&mut graph, role_groups[number as usize], role_groups[above as usize]);
        }
    }
    for user in 0..users {
        // More people below than above.
        let depth = rng.u32(0..DEPTH).max(rng.u32(0..DEPTH));
        let role = depth * level + rng.u32(0..level);
        graph.hold(roles[role as usize], user, Limits::default());
        graph.hold(set_groups[rng.usize(0..set_groups.len())], user, Limits::default());
    }
    for set_group in &set_groups {
        (0..9).for_each(|_| deep(&mut graph, *set_group, sets[rng.usize(0..sets.len())]));
    }
    let targets = groups.into_iter().chain(role_groups).chain(sets).collect();
    (graph, targets)
}

/// How many grants are derived, and how long that takes.
fn derive(users: u32) -> (u64, f64) {
    let (graph, targets) = org(users, 1);
    let start = Instant::now();
    let expanded = graph.expand(targets.iter().copied());
    let mut count = 0;
    for target in targets {
        let mut ways = expanded.ways_to(target);
        while let Some(derived) = ways.next_user() {
            count += u64::from(!black_box(derived).ways.is_empty());
        }
    }
    (count, start.elapsed().as_secs_f64())
}

#[expect(clippy::print_stdout, reason = "a benchmark says what it found")]
fn main() {
    // Under `cargo test`, benchmarks are only to be seen to run.
    let sizes: &[u32] = if std::env::args().any(|argument| argument == "--bench") {
        &[100_000, 200_000, 100_000, 200_000]
    } else {
        &[8_000]
    };
    for users in sizes {
        let (count, seconds) = derive(*users);
        #[expect(clippy::cast_precision_loss, reason = "it is shown with two digits")]
        let each = seconds * 1e9 / count as f64;
        println!("{users} users: {count} derived grants in {seconds:.3} s, {each:.0} ns each");
    }
}
