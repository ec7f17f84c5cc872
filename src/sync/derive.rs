//! Derived grants: what the direct grants, the rules of groups and the [engine](crate::expand) make together.

use std::collections::HashMap;
use std::io;
use std::iter::Peekable;

use foldhash::fast::RandomState;

use crate::connector::groups::{Draft, Drafts, Membership};
use crate::connector::people::People;
use crate::connector::{Expand, Options, resource_id};
use crate::expand::{Expanded, Graph, Limits, Marks, Ways};
use crate::model::{EntitlementId, Grant, GrantMetadata, ResourceKind, Source};
use crate::output::Sorted;
use crate::salesforce::RecordId;

/// Who holds what, as far as others hold something through it; collected while the grants go to the spool.
#[derive(Debug)]
pub(crate) struct Memberships {
    graph: Graph,
    nodes: HashMap<EntitlementId, u32, RandomState>,
    expand: Expand,
    /// The kinds whose holders hold something else through them.
    passing_on: Vec<ResourceKind>,
}

impl Memberships {
    /// `None` where nothing is derived.
    pub(crate) fn new(options: &Options) -> Option<Self> {
        if options.expand == Expand::None || options.skip_entitlements_and_grants {
            return None;
        }
        let mut passing_on = Vec::new();
        if options.has(ResourceKind::Group) {
            passing_on.extend([ResourceKind::Group, ResourceKind::Role, ResourceKind::Territory]);
        }
        let by_sets = options.has(ResourceKind::SystemPermission) || options.has(ResourceKind::ConnectedApplication);
        if options.has(ResourceKind::Permission) || by_sets {
            passing_on.push(ResourceKind::PermissionSetGroup);
        }
        if by_sets {
            passing_on.extend([ResourceKind::Permission, ResourceKind::Profile]);
        }
        let (graph, nodes) = (Graph::default(), HashMap::default());
        Some(Self { graph, nodes, expand: options.expand, passing_on })
    }

    fn node(&mut self, entitlement: &EntitlementId) -> u32 {
        if let Some(node) = self.nodes.get(entitlement) {
            return *node;
        }
        let node = self.graph.add_node();
        self.nodes.insert(entitlement.clone(), node);
        node
    }

    /// Notes a direct grant. `is_stale` says that what comes by it may be out of date.
    pub(crate) fn note(&mut self, grant: &Grant, people: &People, is_stale: bool) {
        if let Some(expandable) = &grant.expandable {
            let marks = Marks { partial: !grant.metadata.muted_rights.is_empty(), stale: is_stale };
            let (from, to) = (self.node(&expandable.source), self.node(&grant.entitlement));
            self.graph.edge(from, to, expandable.shallow, marks);
        } else if grant.principal.kind == ResourceKind::User
            && self.passing_on.contains(&grant.entitlement.resource.kind)
            && let Some(user) = RecordId::parse(&grant.principal.id).ok().and_then(|id| people.number(id))
        {
            let node = self.node(&grant.entitlement);
            self.graph.hold(node, user, limits(&grant.metadata));
        }
    }

    /// Evaluates the rules of groups, and finds out who holds what.
    pub(crate) fn finish(mut self, groups: &Drafts, people: &People) -> Derivation {
        let membership = |entitlement: &EntitlementId, groups: &Drafts| {
            let id = RecordId::parse(&entitlement.resource.id).ok()?;
            groups.get(&id).filter(|_| entitlement.resource.kind == ResourceKind::Group).map(Draft::membership)
        };
        // Roles and the like are nobody's target: nothing leads to them.
        let (mut targets, mut technical, mut public) = (Vec::new(), Vec::new(), Vec::new());
        for (entitlement, node) in &self.nodes {
            match membership(entitlement, groups) {
                Some(membership) if membership.is_technical() => technical.push(*node),
                Some(_) => public.push(*node),
                None => targets.push(*node),
            }
        }
        targets.extend_from_slice(&public);
        if self.expand == Expand::All {
            targets.append(&mut technical);
            let all: Vec<RecordId> = groups.keys().copied().collect();
            for id in all {
                let group = resource_id(ResourceKind::Group, id).entitlement();
                targets.extend(group.map(|group| self.node(&group)));
            }
        } else {
            let leads = self.graph.leading_to(public);
            targets.extend(technical.into_iter().filter(|node| leads[*node as usize]));
        }
        let mut is_target = vec![false; self.nodes.len()];
        for node in &targets {
            is_target[*node as usize] = true;
        }
        let by_rule = self.hold_by_rules(&is_target, groups, people);

        let mut names: Vec<(EntitlementId, u32)> = self.nodes.into_iter().collect();
        names.sort_unstable();
        let mut numbers = vec![0; names.len()];
        for (number, (_, node)) in (0..).zip(&names) {
            numbers[*node as usize] = number;
        }
        let mut users: Vec<(RecordId, u32)> = people.ids().collect();
        users.sort_unstable();
        let mut ranks = vec![0; users.len()];
        for (rank, (_, user)) in (0..).zip(&users) {
            ranks[*user as usize] = rank;
        }
        let mut targets: Vec<u32> = targets.into_iter().map(|node| numbers[node as usize]).collect();
        targets.sort_unstable();
        targets.dedup();
        let mut is_by_rule = vec![false; names.len()];
        for node in by_rule {
            is_by_rule[numbers[node as usize] as usize] = true;
        }
        Derivation {
            expanded: self.graph.renumbered(&numbers, &ranks).expand(targets.iter().copied()),
            names: names.into_iter().map(|(entitlement, _)| entitlement).collect(),
            targets,
            is_by_rule,
            users: users.into_iter().map(|(id, _)| id).collect(),
        }
    }

    /// Lets those hold a group whom its rule names, where it is a target. Gives back these groups' nodes.
    fn hold_by_rules(&mut self, is_target: &[bool], groups: &Drafts, people: &People) -> Vec<u32> {
        let teams = people.teams();
        let mut by_rule = Vec::new();
        for (id, group) in groups {
            let Membership::Rule(rule) = group.membership() else { continue };
            let Some(entitlement) = resource_id(ResourceKind::Group, *id).entitlement() else { continue };
            let node = self.nodes.get(&entitlement).copied().filter(|node| is_target[*node as usize]);
            let Some(node) = node else { continue };
            for user in people.by_rule(rule, &teams).members {
                self.graph.hold(node, user, Limits::default());
            }
            by_rule.push(node);
        }
        by_rule
    }
}

/// Counts who belongs to groups by their rules, and says whether all of them are in the document.
pub(crate) fn count_by_rules(groups: &mut Drafts, people: &People, options: &Options) {
    let teams = people.teams();
    for group in groups.values_mut() {
        let Membership::Rule(rule) = group.membership() else { continue };
        let found = people.by_rule(rule, &teams);
        let is_known = options.has(ResourceKind::User) && rule.is_known(options) && !found.is_missing_some;
        group.set_known(is_known);
        if is_known {
            group.count_members(found.members.len());
        }
    }
}

fn limits(metadata: &GrantMetadata) -> Limits {
    Limits { expires_at: metadata.expires_at, session_activation: metadata.session_activation }
}

/// Who holds what through others.
#[derive(Debug)]
pub(crate) struct Derivation {
    expanded: Expanded,
    /// The entitlements, in order; the nodes are numbered alike.
    names: Vec<EntitlementId>,
    /// On which of them derived grants are written, in order.
    targets: Vec<u32>,
    is_by_rule: Vec<bool>,
    /// The users, in order; they are numbered alike.
    users: Vec<RecordId>,
}

/// Direct and derived grants, in order.
pub(crate) struct Merged<'a> {
    direct: Peekable<Sorted<Grant>>,
    derived: Peekable<Derived<'a>>,
}

impl<'a> Merged<'a> {
    pub(crate) fn new(direct: Sorted<Grant>, derivation: Option<&'a Derivation>) -> Self {
        let derived = Derived { derivation, next_target: 0, ways: None, by_rule: None };
        Self { direct: direct.peekable(), derived: derived.peekable() }
    }
}

impl Iterator for Merged<'_> {
    type Item = io::Result<Grant>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(derived) = self.derived.peek() else { return self.direct.next() };
        let order = match self.direct.peek() {
            None => std::cmp::Ordering::Greater,
            Some(Err(_)) => std::cmp::Ordering::Less,
            Some(Ok(direct)) => {
                (&direct.entitlement, &direct.principal).cmp(&(&derived.entitlement, &derived.principal))
            }
        };
        match order {
            std::cmp::Ordering::Less => self.direct.next(),
            std::cmp::Ordering::Greater => self.derived.next().map(Ok),
            std::cmp::Ordering::Equal => {
                let direct = self.direct.next()?;
                // Where a row comes twice, the second one meets no derived grant any more, and is found out.
                let derived = self.derived.next()?;
                Some(direct.map(|direct| both(direct, derived)))
            }
        }
    }
}

/// A direct grant that is held through others, too. It lasts as long as any of the ways to it.
fn both(mut direct: Grant, derived: Grant) -> Grant {
    let row = limits(&direct.metadata);
    if !derived.sources.is_empty() {
        let own = Source { entitlement: direct.entitlement.clone(), is_direct: true };
        direct.sources = derived.sources;
        if !direct.sources.iter().any(|source| source.entitlement == own.entitlement) {
            let at = direct.sources.partition_point(|source| source.entitlement < own.entitlement);
            direct.sources.insert(at, own);
        }
    }
    let all = row.or(limits(&derived.metadata));
    if all != row {
        direct.metadata.direct = Some((row.expires_at, row.session_activation));
        direct.metadata.expires_at = all.expires_at;
        direct.metadata.session_activation = all.session_activation;
    }
    direct
}

/// Users by their numbers.
type Holders<'a> = Peekable<Box<dyn Iterator<Item = (u32, Limits)> + 'a>>;

/// Derived grants, in order.
struct Derived<'a> {
    derivation: Option<&'a Derivation>,
    next_target: usize,
    ways: Option<Ways<'a>>,
    by_rule: Option<Holders<'a>>,
}

impl Iterator for Derived<'_> {
    type Item = Grant;

    fn next(&mut self) -> Option<Grant> {
        let derivation = self.derivation?;
        loop {
            if let Some(grant) = self.next_on_target(derivation) {
                return Some(grant);
            }
            let node = *derivation.targets.get(self.next_target)?;
            self.next_target += 1;
            self.ways = Some(derivation.expanded.ways_to(node));
            let direct = derivation.expanded.direct(node);
            self.by_rule = derivation.is_by_rule[node as usize]
                .then(|| (Box::new(direct) as Box<dyn Iterator<Item = (u32, Limits)>>).peekable());
        }
    }
}

impl<'a> Derived<'a> {
    fn next_on_target(&mut self, derivation: &'a Derivation) -> Option<Grant> {
        let target = *derivation.targets.get(self.next_target.checked_sub(1)?)?;
        let entitlement = &derivation.names[target as usize];
        let ways = self.ways.as_mut()?;
        let by_rule = self.by_rule.as_mut().and_then(|by_rule| by_rule.peek().copied());
        let through = ways.peek_user();
        let user = by_rule.map(|(user, _)| user).into_iter().chain(through).min()?;
        let principal = resource_id(ResourceKind::User, derivation.users[user as usize]);
        let mut grant = Grant::direct(entitlement.clone(), principal, GrantMetadata::default());
        let mut all = None;
        if through == Some(user)
            && let Some(derived) = ways.next_user()
        {
            grant.sources = derived
                .ways
                .iter()
                .map(|way| Source {
                    entitlement: derivation.names[way.from as usize].clone(),
                    is_direct: way.is_direct,
                })
                .collect();
            grant.metadata.partial = derived.marks.partial;
            grant.metadata.stale = derived.marks.stale;
            all = Some(derived.limits);
        }
        if let Some((_, limits)) = by_rule.filter(|(of, _)| *of == user) {
            self.by_rule.as_mut()?.next();
            grant.metadata.by_rule = true;
            if !grant.sources.is_empty() {
                let at = grant.sources.partition_point(|source| source.entitlement < *entitlement);
                grant.sources.insert(at, Source { entitlement: entitlement.clone(), is_direct: true });
            }
            all = Some(all.map_or(limits, |all| all.or(limits)));
        }
        let all = all.unwrap_or_default();
        grant.metadata.expires_at = all.expires_at;
        grant.metadata.session_activation = all.session_activation;
        Some(grant)
    }
}
