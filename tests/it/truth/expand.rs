//! Who holds what through others.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use baton_salesforce::connector::Expand;

use super::direct::{Direct, Row};
use super::{Rows, Told};

/// What is true of the best of the ways in which somebody holds something: for each of these by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ways {
    /// When the last of them ends; `None` where one never ends.
    ends: Option<String>,
    /// Whether one needs no activated session.
    without_session: bool,
    /// Whether one leads through nothing that mutes a part.
    whole: bool,
    /// Whether one leads through no group that is out of date.
    fresh: bool,
}

impl Ways {
    fn row(row: &Row) -> Self {
        Self { ends: row.expires.clone(), without_session: !row.session, whole: true, fresh: true }
    }

    /// Adds other ways; whether that changes anything.
    fn join(&mut self, other: &Self) -> bool {
        let before = self.clone();
        self.ends = match (self.ends.take(), &other.ends) {
            (Some(one), Some(two)) => Some(if one >= *two { one } else { two.clone() }),
            _ => None,
        };
        self.without_session |= other.without_session;
        self.whole |= other.whole;
        self.fresh |= other.fresh;
        *self != before
    }
}

type Holders = HashMap<String, HashMap<String, Ways>>;

fn join(holders: &mut Holders, entitlement: &str, user: &str, ways: &Ways) -> bool {
    let users = holders.entry(entitlement.to_owned()).or_default();
    if let Some(known) = users.get_mut(user) {
        return known.join(ways);
    }
    users.insert(user.to_owned(), ways.clone());
    true
}

/// All grants, direct and derived.
pub(super) fn grants(direct: &Direct, expand: Expand, rows: &Rows<'_>) -> BTreeMap<String, Told> {
    let mut grants = BTreeMap::new();
    let used = used(direct);
    let is_shown = |entitlement: &str| expand == Expand::All || used(entitlement);
    for row in &direct.rows {
        if row.by_rule && !is_shown(&row.entitlement) {
            continue;
        }
        let told = Told {
            expandable: row.through.clone(),
            immutable: row.by_rule,
            by_rule: row.by_rule,
            session: row.session,
            muted: row.muted.clone(),
            expires: row.expires.clone(),
            assigned: row.assigned.clone(),
            by_policy: row.by_policy,
            ..Told::default()
        };
        let known = grants.insert(format!("{}:{}", row.entitlement, row.principal), told);
        assert!(known.is_none(), "two rows make one grant: {row:?}");
    }
    if !rows.expands() {
        return grants;
    }
    let mut held_directly = Holders::new();
    for row in direct.rows.iter().filter(|row| row.principal.starts_with("user:")) {
        join(&mut held_directly, &row.entitlement, &row.principal, &Ways::row(row));
    }
    let edges: Vec<(&Row, &str, bool)> = direct
        .rows
        .iter()
        .filter_map(|row| row.through.as_ref().map(|(from, shallow)| (row, from.as_str(), *shallow)))
        .collect();
    let held = holders(&held_directly, &edges, &direct.stale);
    let none = HashMap::new();
    let is_direct =
        |entitlement: &str, user: &str| held_directly.get(entitlement).is_some_and(|users| users.contains_key(user));
    for (row, source, shallow) in &edges {
        if *source == row.entitlement || !is_shown(&row.entitlement) {
            continue;
        }
        let from = if *shallow { &held_directly } else { &held };
        for user in from.get(*source).unwrap_or(&none).keys() {
            let told: &mut Told = grants.entry(format!("{}:{user}", row.entitlement)).or_default();
            told.sources.insert((*source).to_owned(), is_direct(source, user));
        }
    }
    for (entitlement, users) in held.iter().filter(|(entitlement, _)| is_shown(entitlement)) {
        for (user, ways) in users {
            let Some(told) = grants.get_mut(&format!("{entitlement}:{user}")) else { continue };
            let row = (told.expires.clone(), told.session);
            told.session = !ways.without_session;
            told.partial = !ways.whole;
            told.stale = !ways.fresh;
            told.expires.clone_from(&ways.ends);
            if !is_direct(entitlement, user) {
                told.immutable = true;
                continue;
            }
            // What is true of the row alone is said where the grant as a whole is limited less.
            if row != (told.expires.clone(), told.session) {
                told.row = Some(row);
            }
            if !told.sources.is_empty() {
                told.sources.insert(entitlement.clone(), true);
            }
        }
    }
    grants
}

/// Goes round until nothing is new; in each round by way of what was new in the one before.
fn holders(directly: &Holders, edges: &[(&Row, &str, bool)], stale: &BTreeSet<String>) -> Holders {
    let mut held = directly.clone();
    let mut new: BTreeSet<String> = directly.keys().cloned().collect();
    while !new.is_empty() {
        let before = std::mem::take(&mut new);
        for (row, source, shallow) in edges.iter().filter(|(_, source, _)| before.contains(*source)) {
            let from = if *shallow { directly } else { &held };
            let Some(users) = from.get(*source).cloned() else { continue };
            let group = source.strip_prefix("permission_set_group:").and_then(|rest| rest.strip_suffix(":member"));
            let is_stale = group.is_some_and(|group| stale.contains(group));
            for (user, mut ways) in users {
                ways.whole &= row.muted.is_empty();
                ways.fresh &= !is_stale;
                if join(&mut held, &row.entitlement, &user, &ways) {
                    new.insert(row.entitlement.clone());
                }
            }
        }
    }
    held
}

/// Whether users are written on something: on a group of roles, of territories or by rule only where it is in a group or
/// queue that somebody made, directly or through other groups.
fn used(direct: &Direct) -> impl Fn(&str) -> bool {
    let is_made = |group: &String| matches!(direct.group_types[group].as_str(), "Regular" | "Queue");
    let mut used: BTreeSet<String> = direct.group_types.keys().filter(|group| is_made(group)).cloned().collect();
    loop {
        let group_of =
            |entitlement: &str| Some(entitlement.strip_prefix("group:")?.strip_suffix(":member")?.to_owned());
        let is_in_used = |row: &&Row| group_of(&row.entitlement).is_some_and(|group| used.contains(&group));
        let inner = direct.rows.iter().filter(is_in_used).filter_map(|row| row.principal.strip_prefix("group:"));
        let more: BTreeSet<String> = inner.map(str::to_owned).filter(|group| !used.contains(group)).collect();
        if more.is_empty() {
            break;
        }
        used.extend(more);
    }
    let unused: BTreeSet<String> = direct.group_types.keys().filter(|group| !used.contains(*group)).cloned().collect();
    move |entitlement| {
        let group = entitlement.strip_prefix("group:").and_then(|rest| rest.strip_suffix(":member"));
        group.is_none_or(|group| !unused.contains(group))
    }
}
