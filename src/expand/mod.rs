//! Expansion: who holds what through others. Pure: who holds what directly and which entitlements lead to which go in,
//! who holds what through which of them comes out.
//!
//! Entitlements are *nodes*, and an *edge* S → D says that every user who holds S holds D too (a grant on D whose
//! principal is the group, role or permission set group of S). A *shallow* edge passes on only those who hold S directly.
//!
//! What a user holds is the least set that is closed under the edges, so cycles end, and all members of a cycle hold the
//! same; there is no limit to the depth. Cycles are found first (Tarjan's strongly connected components); then each
//! component is computed once, after all that lead to it, as a sorted list of users. What is derived on a node is
//! produced when it is asked for and is never held: memory grows with the sets that lead somewhere, not with the grants.

mod components;
mod limits;

pub use limits::Limits;
use limits::{Interned, Interner};

/// A user who holds a node, with the limits of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    user: u32,
    limits: Interned,
}

/// What an edge tells about the grants that it gives. It does not reach further.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// Less than all that the target gives comes this way.
    pub partial: bool,
    /// What comes this way may be out of date.
    pub stale: bool,
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    from: u32,
    shallow: bool,
    marks: Marks,
}

/// Who holds what directly, and which nodes lead to which.
#[derive(Debug, Default)]
pub struct Graph {
    direct: Vec<Vec<Held>>,
    /// The edges into each node.
    into: Vec<Vec<Edge>>,
    interner: Interner,
}

impl Graph {
    /// Adds a node. They are numbered from 0.
    pub fn add_node(&mut self) -> u32 {
        self.direct.push(Vec::new());
        self.into.push(Vec::new());
        // As many nodes as that do not fit into memory.
        u32::try_from(self.into.len() - 1).unwrap_or(u32::MAX)
    }

    /// A user holds a node directly; where that is said twice, whichever is limited less counts.
    pub fn hold(&mut self, node: u32, user: u32, limits: Limits) {
        let limits = self.interner.intern(limits);
        self.direct[node as usize].push(Held { user, limits });
    }

    /// Whoever holds `from` holds `to` too. An edge from a node to itself gives nothing; of two between the same nodes, a
    /// deep one beats a shallow one.
    pub fn edge(&mut self, from: u32, to: u32, shallow: bool, marks: Marks) {
        if from != to {
            self.into[to as usize].push(Edge { from, shallow, marks });
        }
    }

    /// The same with other numbers: `nodes` and `users` hold the new one of each.
    #[must_use]
    pub fn renumbered(mut self, nodes: &[u32], users: &[u32]) -> Self {
        let mut moved = Self { interner: self.interner, ..Self::default() };
        moved.direct.resize(self.direct.len(), Vec::new());
        moved.into.resize(self.into.len(), Vec::new());
        for (node, to) in nodes.iter().enumerate() {
            let mut direct = std::mem::take(&mut self.direct[node]);
            for held in &mut direct {
                held.user = users[held.user as usize];
            }
            moved.direct[*to as usize] = direct;
            let mut into = std::mem::take(&mut self.into[node]);
            for edge in &mut into {
                edge.from = nodes[edge.from as usize];
            }
            moved.into[*to as usize] = into;
        }
        moved
    }

    /// The nodes that lead to any of `targets`, over any number of edges, and the targets themselves.
    pub fn leading_to(&self, targets: impl IntoIterator<Item = u32>) -> Vec<bool> {
        let mut leads = vec![false; self.into.len()];
        let mut open: Vec<u32> = targets.into_iter().collect();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut leads[node as usize], true) {
                open.extend(self.into[node as usize].iter().map(|edge| edge.from));
            }
        }
        leads
    }

    /// Finds out who holds the nodes that lead to `targets`. Others cannot be asked for afterwards.
    pub fn expand(mut self, targets: impl IntoIterator<Item = u32>) -> Expanded {
        let needed = self.leading_to(targets);
        for edges in &mut self.into {
            edges.sort_by_key(|edge| edge.from);
            edges.dedup_by(|next, kept| {
                let is_same = next.from == kept.from;
                if is_same {
                    kept.shallow &= next.shallow;
                    kept.marks.partial &= next.marks.partial;
                    kept.marks.stale &= next.marks.stale;
                }
                is_same
            });
        }
        for held in &mut self.direct {
            limits::sort_and_join(held, &mut self.interner);
            held.shrink_to_fit();
        }
        let components = components::find(&self.into, &needed);
        let mut component_of = vec![u32::MAX; self.into.len()];
        let mut sets: Vec<Set> = Vec::with_capacity(components.len());
        for (number, nodes) in (0_u32..).zip(&components) {
            for node in nodes {
                component_of[*node as usize] = number;
            }
            let set = self.holders(nodes, number, &component_of, &sets);
            sets.push(set);
        }
        Expanded { graph: self, component_of, sets }
    }

    /// Who holds the nodes of one component; all that lead to it from outside have been computed.
    fn holders(&mut self, nodes: &[u32], number: u32, component_of: &[u32], sets: &[Set]) -> Set {
        if let [node] = nodes
            && self.into[*node as usize].is_empty()
        {
            return Set::OfNode(*node);
        }
        let mut all = Vec::new();
        for node in nodes {
            all.extend_from_slice(&self.direct[*node as usize]);
            for edge in &self.into[*node as usize] {
                let component = component_of[edge.from as usize];
                if edge.shallow {
                    all.extend_from_slice(&self.direct[edge.from as usize]);
                } else if component != number {
                    all.extend_from_slice(sets[component as usize].users(&self.direct));
                }
            }
        }
        limits::sort_and_join(&mut all, &mut self.interner);
        all.shrink_to_fit();
        Set::Own(all)
    }
}

/// The holders of a component, by user.
#[derive(Debug)]
enum Set {
    /// Those who hold this node directly.
    OfNode(u32),
    Own(Vec<Held>),
}

impl Set {
    fn users<'a>(&'a self, direct: &'a [Vec<Held>]) -> &'a [Held] {
        match self {
            Self::OfNode(node) => &direct[*node as usize],
            Self::Own(held) => held,
        }
    }
}

/// A graph of which it is known who holds what.
#[derive(Debug)]
pub struct Expanded {
    graph: Graph,
    component_of: Vec<u32>,
    sets: Vec<Set>,
}

/// One way in which a user holds a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    user: u32,
    /// The node that leads there.
    pub from: u32,
    /// Whether the user holds that one directly.
    pub is_direct: bool,
    limits: Interned,
    marks: Marks,
}

/// What a user holds through others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived<'a> {
    /// Who.
    pub user: u32,
    /// Through what, by node. Never empty.
    pub ways: &'a [Way],
    /// Until when and under which condition: that of the way that is limited least.
    pub limits: Limits,
    /// What holds of all ways.
    pub marks: Marks,
}

impl Expanded {
    /// Who holds a node directly, by user.
    pub fn direct(&self, node: u32) -> impl Iterator<Item = (u32, Limits)> {
        let held = &self.graph.direct[node as usize];
        held.iter().map(|held| (held.user, self.graph.interner.get(held.limits)))
    }

    /// All ways in which a node is held through others, by user. `node` is a target, or leads to one.
    pub fn ways_to(&self, node: u32) -> Ways<'_> {
        let mut ways = Vec::new();
        for edge in &self.graph.into[node as usize] {
            let direct = &self.graph.direct[edge.from as usize];
            let way = |held: &Held, is_direct| {
                let Held { user, limits } = *held;
                Way { user, from: edge.from, is_direct, limits, marks: edge.marks }
            };
            if edge.shallow {
                ways.extend(direct.iter().map(|held| way(held, true)));
                continue;
            }
            let set = &self.sets[self.component_of[edge.from as usize] as usize];
            let mut direct = direct.iter().peekable();
            for held in set.users(&self.graph.direct) {
                // Both are sorted, and whoever holds the node directly is in the set.
                let is_direct = direct.next_if(|direct| direct.user == held.user).is_some();
                ways.push(way(held, is_direct));
            }
        }
        // The lists of the edges are sorted; a stable sort merges them and keeps the order of the edges.
        ways.sort_by_key(|way| way.user);
        Ways { expanded: self, all: ways, at: 0 }
    }
}

/// The ways to a node, one user after the other.
#[derive(Debug)]
pub struct Ways<'a> {
    expanded: &'a Expanded,
    all: Vec<Way>,
    at: usize,
}

impl Ways<'_> {
    /// Who the next user is.
    pub fn peek_user(&self) -> Option<u32> {
        self.all.get(self.at).map(|way| way.user)
    }

    /// The next user.
    pub fn next_user(&mut self) -> Option<Derived<'_>> {
        let rest = &self.all[self.at..];
        let user = rest.first()?.user;
        let count = rest.iter().take_while(|way| way.user == user).count();
        let ways = &rest[..count];
        self.at += count;
        let limits = |way: &Way| self.expanded.graph.interner.get(way.limits);
        let limits = ways.iter().map(limits).reduce(Limits::or).unwrap_or_default();
        let marks =
            Marks { partial: ways.iter().all(|way| way.marks.partial), stale: ways.iter().all(|way| way.marks.stale) };
        Some(Derived { user, ways, limits, marks })
    }
}

#[cfg(test)]
mod tests;
