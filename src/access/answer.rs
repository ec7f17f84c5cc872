//! The answers to questions about access.

use std::collections::HashSet;

use super::doubt::{self, Doubt};
use super::graph::{self, Hold, Limits, Toward};
use super::index::{Index, Row};
use super::paths::{Path, Paths};
use crate::model::Status;
use crate::time::Timestamp;

/// Whether a user holds something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// He does.
    Yes,
    /// He does not: everything that could give it to him was read.
    No,
    /// The document does not tell.
    Unknown,
    /// He does as soon as he activates it in a session.
    Conditional,
    /// He does, and cannot log in.
    Dormant,
}

impl Verdict {
    /// As it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
            Self::Conditional => "conditional",
            Self::Dormant => "dormant",
        }
    }
}

/// Somebody or something that a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A user, or an entitlement, by number.
    Listed(u32),
    /// It is not in the document, and known by what was typed.
    Unlisted(String),
}

/// Why somebody does not hold something, as far as the document knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// An assignment gives nothing.
    Inactive {
        /// Of what.
        node: u32,
        /// `EXPIRED`, …
        reason: String,
        /// When it ended.
        expires_at: Option<Timestamp>,
    },
    /// A permission set group that the user holds takes the right away.
    Muted {
        /// The permission set group, by its entitlement.
        node: u32,
    },
    /// He holds a set that gives it through a permission set group alone, whose own rights decide.
    ThroughGroupAlone {
        /// The permission set.
        node: u32,
    },
    /// He would belong to a group by its rule if he were active.
    Deactivated {
        /// The group.
        node: u32,
    },
}

/// A direct grant that has to go for the access to end.
#[derive(Debug, Clone)]
pub struct Removal {
    /// The grant.
    pub row: Row,
    /// Where it is a rule's: the edges that would have to go instead, since no row can.
    pub instead: Vec<u32>,
}

/// Whether a user holds something, and why.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Who.
    pub user: Subject,
    /// What.
    pub target: Subject,
    /// Whether.
    pub verdict: Verdict,
    /// How well; `None` where not at all, or where it is unknown.
    pub hold: Option<Hold>,
    /// The user's own grants that lead to it: without all of them the access ends.
    pub removals: Vec<Removal>,
    /// The shortest paths; their rows are places in `removals`.
    pub paths: Vec<Path>,
    /// Whether there are no other paths.
    pub is_all: bool,
    /// How many other paths were counted, before counting ended.
    pub others: usize,
    /// Why it is unknown.
    pub doubts: Vec<Doubt>,
    /// Why he does not hold it.
    pub reasons: Vec<Reason>,
}

impl Answer {
    /// A question about somebody or something that is not in the document.
    pub fn unknown(user: Subject, target: Subject, doubts: Vec<Doubt>) -> Self {
        Self {
            user,
            target,
            verdict: Verdict::Unknown,
            hold: None,
            removals: Vec::new(),
            paths: Vec::new(),
            is_all: true,
            others: 0,
            doubts,
            reasons: Vec::new(),
        }
    }
}

/// Paths are counted up to here.
const COUNTED: usize = 1000;

/// How many paths are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A shortest one, and no count of the others.
    Shortest,
    /// So many, and a count of the others.
    Most(usize),
}

/// Does a user hold an entitlement?
pub fn ask(index: &Index, user: u32, target: u32, wanted: Wanted) -> Answer {
    let rows = rows_of(index, user);
    answer(index, user, &index.graph.toward(target), &rows, wanted)
}

fn answer(index: &Index, user: u32, toward: &Toward, rows: &[Row], wanted: Wanted) -> Answer {
    let target = toward.target();
    let leading: Vec<Row> = rows.iter().filter(|row| toward.leads(row.row.node)).copied().collect();
    let edges: Vec<graph::Row> = leading.iter().map(|row| row.row).collect();
    let mut answer = Answer::unknown(Subject::Listed(user), Subject::Listed(target), Vec::new());
    answer.hold = toward.held(&edges);
    let Some(hold) = answer.hold else {
        answer.reasons = reasons(index, user, toward, rows);
        answer.doubts = doubt::of_target(index, toward, Some(user));
        if index.is_listed_as_derived(user, target) {
            answer.doubts.push(Doubt::WithoutRows);
        }
        if answer.doubts.is_empty() {
            answer.verdict = Verdict::No;
        }
        return answer;
    };
    let is_dormant = index.person(user).is_some_and(|person| person.status != Status::Enabled);
    answer.verdict = match hold {
        _ if is_dormant => Verdict::Dormant,
        Hold { unconditional: None, .. } => Verdict::Conditional,
        Hold { .. } => Verdict::Yes,
    };
    match wanted {
        Wanted::Shortest => {
            answer.paths.extend(toward.shortest(&index.graph, &edges));
            answer.is_all = false;
        }
        Wanted::Most(most) => {
            let Paths { mut found, is_all } = index.graph.paths(&edges, target, most.max(COUNTED));
            answer.others = found.len().saturating_sub(most);
            found.truncate(most);
            if found.is_empty() {
                found.extend(toward.shortest(&index.graph, &edges));
            }
            (answer.paths, answer.is_all) = (found, is_all);
        }
    }
    let removal = |row: &Row| {
        let out = index.graph.out(row.row.node).filter(|(_, edge)| row.by_rule && toward.leads_on(edge.to));
        let instead = if row.row.node == target { Vec::new() } else { out.map(|(number, _)| number).collect() };
        Removal { row: *row, instead }
    };
    answer.removals = leading.iter().map(removal).collect();
    answer
}

/// The rows of a user, and what the rules of groups give him where the document does not spell that out.
fn rows_of(index: &Index, user: u32) -> Vec<Row> {
    let mut rows = index.rows_of(user).to_vec();
    let written: HashSet<u32> = rows.iter().map(|row| row.row.node).collect();
    for (node, group, rule) in index.rule_groups() {
        if !written.contains(&node) && rule.includes(index, user, group.related.as_deref()) == Some(true) {
            rows.push(by_rule(user, node));
        }
    }
    // As they stand where the document spells the rules out.
    rows.sort_by_key(|row| row.row.node);
    rows
}

const fn by_rule(user: u32, node: u32) -> Row {
    let row = graph::Row { node, limits: Limits::NONE };
    Row { user, row, assigned_at: None, by_policy: false, by_rule: true }
}

/// All that a user holds. What the document lists and does not explain is unknown.
pub fn all_of(index: &Index, user: u32) -> Vec<Answer> {
    let rows = rows_of(index, user);
    let edges: Vec<graph::Row> = rows.iter().map(|row| row.row).collect();
    let held = index.graph.held(&edges);
    let is_told = |node: &u32| held[*node as usize].is_some() || index.is_listed_as_derived(user, *node);
    let nodes = (0..u32::try_from(held.len()).unwrap_or(u32::MAX)).filter(is_told);
    nodes.map(|node| answer(index, user, &index.graph.toward(node), &rows, Wanted::Shortest)).collect()
}

/// All who hold an entitlement. Their answers are made when they are asked for: there may be very many.
#[derive(Debug)]
pub struct Holders<'i> {
    index: &'i Index,
    toward: Toward,
    /// Those with a row or a rule that leads to it, and those whom the document lists without explaining it.
    users: Vec<u32>,
    /// What rules give them, where the document does not spell it out: user and group.
    by_rule: Vec<(u32, u32)>,
}

impl<'i> Holders<'i> {
    /// All who hold it.
    pub fn of(index: &'i Index, target: u32) -> Self {
        let toward = index.graph.toward(target);
        let leading = index.rows().iter().filter(|row| toward.leads(row.row.node));
        let mut users: Vec<u32> = leading.map(|row| row.user).collect();
        users.dedup();
        let mut by_rule = Vec::new();
        for (node, group, rule) in index.rule_groups().filter(|(node, ..)| toward.leads(*node)) {
            for user in 0..u32::try_from(index.names().resources.len()).unwrap_or(u32::MAX) {
                if rule.includes(index, user, group.related.as_deref()) == Some(true) {
                    users.push(user);
                    by_rule.push((user, node));
                }
            }
        }
        users.extend(index.derived().filter(|(_, node)| *node == target).map(|(user, _)| user));
        users.sort_unstable();
        users.dedup();
        by_rule.sort_unstable();
        Self { index, toward, users, by_rule }
    }

    /// What they hold.
    pub fn target(&self) -> u32 {
        self.toward.target()
    }

    /// User by user, in the document's order. Whom the document lists without explaining it is unknown.
    pub fn answers(&self) -> impl Iterator<Item = Answer> {
        self.users.iter().map(|user| {
            let mut rows = self.index.rows_of(*user).to_vec();
            let start = self.by_rule.partition_point(|(other, _)| other < user);
            for (_, node) in self.by_rule[start..].iter().take_while(|(other, _)| other == user) {
                if !rows.iter().any(|row| row.row.node == *node) {
                    rows.push(by_rule(*user, *node));
                }
            }
            rows.sort_by_key(|row| row.row.node);
            answer(self.index, *user, &self.toward, &rows, Wanted::Shortest)
        })
    }

    /// Why somebody else may hold it.
    pub fn doubts(&self) -> Vec<Doubt> {
        doubt::of_target(self.index, &self.toward, None)
    }
}

/// Why somebody does not hold a target.
fn reasons(index: &Index, user: u32, toward: &Toward, rows: &[Row]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for dead in index.inactive().iter().filter(|dead| dead.user == user && toward.leads(dead.node)) {
        let (node, reason, expires_at) = (dead.node, dead.reason.to_string(), dead.expires_at);
        reasons.push(Reason::Inactive { node, reason, expires_at });
    }
    let target = index.resource_of(toward.target());
    if target.kind == "system_permission" {
        for row in rows {
            let carrier = index.carrier(index.node(row.row.node).resource);
            if carrier.is_some_and(|carrier| carrier.muted.iter().any(|right| **right == *target.id)) {
                reasons.push(Reason::Muted { node: row.row.node });
            }
        }
        // What he holds through others, and what would give the target to whoever holds it directly.
        let held = index.graph.held(&rows.iter().map(|row| row.row).collect::<Vec<_>>());
        let mut through = toward.starts();
        through.retain(|node| held[*node as usize].is_some());
        if !reasons.iter().any(|reason| matches!(reason, Reason::Muted { .. })) {
            reasons.extend(through.into_iter().map(|node| Reason::ThroughGroupAlone { node }));
        }
    }
    let is_inactive = index.person(user).is_some_and(|person| person.status == Status::Inactive);
    for (node, group, rule) in index.rule_groups().filter(|(node, ..)| is_inactive && toward.leads(*node)) {
        if rule.would_include(index, user, group.related.as_deref()) == Some(true) {
            reasons.push(Reason::Deactivated { node });
        }
    }
    reasons
}
