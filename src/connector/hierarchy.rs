//! Roles and territories: what is below what, and what the groups of them contain.
//!
//! Salesforce keeps no rows for the members of these groups: `Role(R)` contains those who hold the role R,
//! `RoleAndSubordinates(R)` also those of all roles below it, `RoleAndSubordinatesInternal(R)` of those but the portal
//! ones; `Territory` and `TerritoryAndSubordinates` likewise (Object Reference, Group). A group with subordinates is told
//! by its own role and by the same group of each role right below, so that all of them together are as many grants as
//! there are roles.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::{IdMap, resource_id};
use crate::model::{Grant, ResourceKind};
use crate::salesforce::RecordId;

/// How far a group of a role or territory reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// It alone.
    Own,
    /// It and all below.
    Below,
    /// It and all below, but no portal role and nothing below one.
    BelowInternal,
}

#[derive(Debug)]
struct Place {
    parent: Option<RecordId>,
    is_portal: bool,
}

/// What is below what.
#[derive(Debug)]
pub struct Hierarchy {
    kind: ResourceKind,
    places: IdMap<Place>,
    children: IdMap<Vec<RecordId>>,
}

/// What a group contains.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Roles or territories whose holders are members.
    pub places: Vec<RecordId>,
    /// Groups whose members are members.
    pub groups: Vec<RecordId>,
    /// Whether the role of a portal is among `places`.
    pub has_portal: bool,
}

/// The groups of roles or territories: which one reaches how far from where.
#[derive(Debug, Default)]
pub struct HierarchyGroups(HashMap<(Reach, RecordId), RecordId, RandomState>);

impl HierarchyGroups {
    /// Adds a group.
    pub fn add(&mut self, group: RecordId, of: RecordId, reach: Reach) {
        // There is one of each; should there be two, the same one is taken on every run.
        self.0.entry((reach, of)).and_modify(|known| *known = group.min(*known)).or_insert(group);
    }
}

impl Hierarchy {
    /// An empty one, of roles or of territories.
    pub fn new(kind: ResourceKind) -> Self {
        Self { kind, places: IdMap::default(), children: IdMap::default() }
    }

    /// Adds a role or a territory.
    pub fn add(&mut self, id: RecordId, parent: Option<RecordId>, is_portal: bool) {
        self.places.insert(id, Place { parent, is_portal });
        if let Some(parent) = parent {
            self.children.entry(parent).or_default().push(id);
        }
    }

    /// Whether it was listed.
    pub fn contains(&self, id: RecordId) -> bool {
        self.places.contains_key(&id)
    }

    /// Those that are their own superiors, sorted. Salesforce lets no cycle in; a read that the org changes under may.
    pub fn in_cycles(&self) -> Vec<RecordId> {
        // Where the walk upwards began that came by first.
        let mut seen: IdMap<RecordId> = IdMap::default();
        let mut found = Vec::new();
        for start in self.places.keys() {
            let mut next = Some(*start);
            while let Some(id) = next {
                match seen.get(&id) {
                    Some(other) if other == start => {
                        let mut at = id;
                        loop {
                            found.push(at);
                            match self.places.get(&at).and_then(|place| place.parent) {
                                Some(parent) if parent != id => at = parent,
                                _ => break,
                            }
                        }
                        break;
                    }
                    Some(_) => break,
                    None => {
                        seen.insert(id, *start);
                        next = self.places.get(&id).and_then(|place| place.parent);
                    }
                }
            }
        }
        found.sort_unstable();
        found
    }

    /// What the group of a role or territory contains; `None` where that was not listed.
    pub fn contents(&self, of: RecordId, reach: Reach, groups: &HierarchyGroups) -> Option<Contents> {
        let own = self.places.get(&of)?;
        let mut contents = Contents::default();
        if reach == Reach::Own {
            contents.places.push(of);
            contents.has_portal = own.is_portal;
            return Some(contents);
        }
        let is_left_out =
            |id: &RecordId| reach == Reach::BelowInternal && self.places.get(id).is_some_and(|place| place.is_portal);
        let mut known: HashSet<RecordId, RandomState> = std::iter::once(of).collect();
        let mut open = if is_left_out(&of) { Vec::new() } else { vec![of] };
        while let Some(id) = open.pop() {
            contents.places.push(id);
            contents.has_portal |= self.places.get(&id).is_some_and(|place| place.is_portal);
            for child in self.children.get(&id).into_iter().flatten() {
                if is_left_out(child) || !known.insert(*child) {
                    continue;
                }
                match groups.0.get(&(reach, *child)) {
                    Some(group) => contents.groups.push(*group),
                    None => open.push(*child),
                }
            }
        }
        Some(contents)
    }

    /// The grants that say what `group` contains.
    pub fn grants(&self, group: RecordId, contents: &Contents) -> impl Iterator<Item = Grant> {
        let entitlement = resource_id(ResourceKind::Group, group).entitlement();
        let places = contents.places.iter().map(|id| resource_id(self.kind, *id));
        let groups = contents.groups.iter().map(|id| resource_id(ResourceKind::Group, *id));
        let principals = places.chain(groups);
        principals.filter_map(move |principal| Some(Grant::expandable(entitlement.clone()?, principal, false)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(n: char) -> RecordId {
        RecordId::parse(&format!("00E5f000000AAA{n}")).unwrap()
    }

    fn group(n: char) -> RecordId {
        RecordId::parse(&format!("00G5f000000AAA{n}")).unwrap()
    }

    /// A ← B ← C, A ← D, and P, the role of a portal, below B, with Q below it.
    fn roles() -> Hierarchy {
        let mut roles = Hierarchy::new(ResourceKind::Role);
        for (id, parent, is_portal) in [
            ('A', None, false),
            ('B', Some('A'), false),
            ('C', Some('B'), false),
            ('D', Some('A'), false),
            ('P', Some('B'), true),
            ('Q', Some('P'), false),
        ] {
            roles.add(role(id), parent.map(role), is_portal);
        }
        roles
    }

    fn contents(roles: &Hierarchy, of: char, reach: Reach, groups: &[char]) -> (String, String, bool) {
        let mut known = HierarchyGroups::default();
        for of in groups {
            known.add(group(*of), role(*of), reach);
        }
        let Contents { places, groups, has_portal } = roles.contents(role(of), reach, &known).unwrap();
        let letters = |ids: Vec<RecordId>| {
            let mut letters: Vec<_> = ids.iter().map(|id| id.as_15().chars().last().unwrap()).collect();
            letters.sort_unstable();
            letters.into_iter().collect::<String>()
        };
        (letters(places), letters(groups), has_portal)
    }

    fn is(places: &str, groups: &str, has_portal: bool) -> (String, String, bool) {
        (places.to_owned(), groups.to_owned(), has_portal)
    }

    #[test]
    fn a_role_group_contains_its_role() {
        assert_eq!(contents(&roles(), 'B', Reach::Own, &[]), is("B", "", false));
        assert_eq!(contents(&roles(), 'P', Reach::Own, &[]), is("P", "", true));
    }

    #[test]
    fn subordinates_come_by_the_groups_of_the_roles_below() {
        assert_eq!(contents(&roles(), 'A', Reach::Below, &['A', 'B', 'C', 'D', 'P', 'Q']), is("A", "BD", false));
        assert_eq!(contents(&roles(), 'B', Reach::Below, &['A', 'B', 'C', 'D', 'P', 'Q']), is("B", "CP", false));
    }

    #[test]
    fn where_such_a_group_is_missing_the_role_and_what_is_below_it_stand_in() {
        assert_eq!(contents(&roles(), 'A', Reach::Below, &['A', 'C', 'Q']), is("ABDP", "CQ", true));
        assert_eq!(contents(&roles(), 'A', Reach::Below, &[]), is("ABCDPQ", "", true));
    }

    #[test]
    fn internal_subordinates_are_without_portal_roles_and_all_below_them() {
        assert_eq!(contents(&roles(), 'B', Reach::BelowInternal, &['C', 'P', 'Q']), is("B", "C", false));
        assert_eq!(contents(&roles(), 'A', Reach::BelowInternal, &[]), is("ABCD", "", false));
        assert_eq!(contents(&roles(), 'P', Reach::BelowInternal, &[]), is("", "", false));
    }

    #[test]
    fn a_role_that_was_not_listed_contains_nobody_knows_what() {
        assert_eq!(roles().contents(role('Z'), Reach::Below, &HierarchyGroups::default()), None);
    }

    #[test]
    fn a_cycle_ends_and_is_told() {
        let mut roles = roles();
        assert!(roles.in_cycles().is_empty());
        for (id, parent) in [('X', 'Z'), ('Y', 'X'), ('Z', 'Y'), ('W', 'Z'), ('V', 'V')] {
            roles.add(role(id), Some(role(parent)), false);
        }
        assert_eq!(roles.in_cycles(), ['V', 'X', 'Y', 'Z'].map(role));
        assert_eq!(contents(&roles, 'X', Reach::Below, &[]), is("WXYZ", "", false));
        assert_eq!(contents(&roles, 'X', Reach::Below, &['X', 'Y', 'Z']), is("X", "Y", false));
    }
}
