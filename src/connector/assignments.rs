//! Assignments: PermissionSetAssignment → who holds which permission set or permission set group, and who does no more.

use super::people::People;
use super::permission_sets::{SetKind, Sets};
use super::{IdSet, LeftOutReason, Missing, Notes, Options, WarningCode, name, resource_id, time, users};
use crate::model::{Grant, GrantMetadata, InactiveAssignment, InactiveReason, ResourceId, ResourceKind};
use crate::salesforce::objects::PermissionSetAssignmentRow;
use crate::salesforce::soql::{Condition, Literal};
use crate::salesforce::{RecordId, Timestamp};

/// Which rows are asked for: those of the users in the document, and none of the sets that profiles own (every user has
/// one, and his own row names the profile).
pub fn filter(options: &Options) -> Vec<Condition> {
    let mut conditions = vec![Condition::Eq(name("PermissionSet.IsOwnedByProfile"), Literal::Bool(false))];
    conditions.extend(users::filter(options, "Assignee."));
    conditions
}

/// Whether an assignment gives access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It does.
    Live,
    /// It does not; whether Salesforce's own mark contradicts that.
    Dead(InactiveReason, bool),
}

/// Judges an assignment. `now` is Salesforce's clock. A column that the org lacks (`None`) says nothing.
pub fn validity(
    is_revoked: Option<bool>,
    expires_at: Option<Timestamp>,
    is_active: Option<bool>,
    now: Timestamp,
) -> Validity {
    if is_revoked == Some(true) {
        return Validity::Dead(InactiveReason::Revoked, false);
    }
    if expires_at.is_some_and(|time| time <= now) {
        return Validity::Dead(InactiveReason::Expired, is_active == Some(true));
    }
    if is_active == Some(false) {
        return Validity::Dead(InactiveReason::Inactive, false);
    }
    Validity::Live
}

/// What is known before assignments are read.
#[derive(Debug)]
pub struct Around<'a> {
    /// Which kinds are in the document.
    pub options: &'a Options,
    /// The users in the document.
    pub people: &'a People,
    /// The permission sets that were listed.
    pub sets: &'a Sets,
    /// The permission set groups that were listed.
    pub groups: &'a IdSet,
    /// The sets and groups that give nothing until a session is activated.
    pub session: &'a IdSet,
    /// Salesforce's clock.
    pub now: Timestamp,
}

/// What an assignment is.
#[derive(Debug)]
pub enum Assignment {
    /// A grant.
    Grant(Grant),
    /// An assignment that gives nothing.
    Inactive(InactiveAssignment),
    /// Nothing that the options let into the document, or that gives nothing to somebody who is not in it.
    NotInDocument,
}

/// A grant on the aggregate of a group that was not listed needs that set as a resource.
pub type StandIn = Option<RecordId>;

/// An assignment.
pub fn map(
    row: &PermissionSetAssignmentRow<'_>,
    around: &Around<'_>,
    notes: &mut Notes,
) -> Result<(Assignment, StandIn), Missing> {
    let mut metadata = GrantMetadata {
        assigned_at: time(row.system_modstamp.as_ref(), row.id, notes),
        expires_at: time(row.expiration_date.as_ref(), row.id, notes),
        assigned_by_policy: row.last_created_by_change_id.is_some(),
        ..GrantMetadata::default()
    };
    let validity = validity(row.is_revoked, metadata.expires_at, row.is_active, around.now);
    let found = held(row, around).and_then(|held| {
        let is_listed = around.people.contains(row.assignee_id);
        if held.is_none() || is_listed { Ok(held) } else { Err(Missing::Principal(row.assignee_id)) }
    });
    let (resource, stand_in) = match found {
        Ok(Some(held)) => held,
        Err(missing) if validity == Validity::Live => return Err(missing),
        Ok(None) if validity == Validity::Live && is_left_out_group(row, around) => {
            notes.leave_out_grants(LeftOutReason::PrincipalExcludedByOption, 1);
            return Ok((Assignment::NotInDocument, None));
        }
        Ok(None) | Err(_) => return Ok((Assignment::NotInDocument, None)),
    };
    if let Some(set) = stand_in {
        notes.warn(WarningCode::GroupNotVisible, row.permission_set_group_id.unwrap_or(set));
    }
    let Some(entitlement) = resource.entitlement() else { return Ok((Assignment::NotInDocument, None)) };
    let principal = resource_id(ResourceKind::User, row.assignee_id);
    let assignment = match validity {
        Validity::Live => {
            let held = RecordId::parse(&entitlement.resource.id);
            metadata.session_activation = held.is_ok_and(|held| around.session.contains(&held));
            Assignment::Grant(Grant::direct(entitlement, principal, metadata))
        }
        Validity::Dead(reason, is_contradicted) => {
            if is_contradicted {
                notes.warn(WarningCode::AssignmentExpiredButActive, row.id);
            }
            if reason == InactiveReason::Inactive {
                notes.warn(WarningCode::AssignmentInactiveUnexplained, row.id);
            }
            Assignment::Inactive(InactiveAssignment { entitlement, principal, reason, metadata })
        }
    };
    Ok((assignment, stand_in))
}

/// Whether sets are in the document, and not the group through which this user holds some of them.
fn is_left_out_group(row: &PermissionSetAssignmentRow<'_>, around: &Around<'_>) -> bool {
    let aggregated = row.permission_set_id.and_then(|set| around.sets.get(&set));
    let is_group = row.permission_set_group_id.is_some() || matches!(aggregated, Some(SetKind::AggregateOf(_)));
    is_group && around.options.has(ResourceKind::Permission) && !around.options.has(ResourceKind::PermissionSetGroup)
}

/// What the row is about: the group where it names one, else the set; `None` where the options leave that out. Each
/// thing once: the aggregate of a group is the group, and the set of a profile is the profile, which the user's own row
/// names.
fn held(row: &PermissionSetAssignmentRow<'_>, around: &Around<'_>) -> Result<Option<(ResourceId, StandIn)>, Missing> {
    let set = row.permission_set_id;
    let kind = set.and_then(|set| around.sets.get(&set).copied());
    let aggregated = match kind {
        Some(SetKind::AggregateOf(group)) => Some(group),
        _ => None,
    };
    let has = |kind| around.options.has(kind);
    let permission = |set| resource_id(ResourceKind::Permission, set);
    if let Some(group) = row.permission_set_group_id.or(aggregated) {
        if !has(ResourceKind::PermissionSetGroup) {
            return Ok(None);
        }
        if around.groups.contains(&group) {
            return Ok(Some((resource_id(ResourceKind::PermissionSetGroup, group), None)));
        }
        return match set {
            Some(set) if aggregated == Some(group) && has(ResourceKind::Permission) => {
                Ok(Some((permission(set), Some(set))))
            }
            _ => Err(Missing::Entitlement(group)),
        };
    }
    match (set, kind) {
        (_, Some(SetKind::OwnedBy(_))) => Ok(None),
        _ if !has(ResourceKind::Permission) => Ok(None),
        (Some(set), Some(_)) => Ok(Some((permission(set), None))),
        (set, _) => Err(Missing::Entitlement(set.unwrap_or(row.id))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::people::Class;
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn dead_assignments_are_told_apart() {
        let (past, future) = (Some(NOW), Some(Timestamp::from_millis(1_000_001)));
        let dead = |reason, contradicted| Validity::Dead(reason, contradicted);
        for (revoked, expires, active, expected) in [
            (None, None, None, Validity::Live),
            (Some(false), future, Some(true), Validity::Live),
            (None, None, Some(true), Validity::Live),
            (Some(true), future, Some(true), dead(InactiveReason::Revoked, false)),
            (Some(true), past, Some(false), dead(InactiveReason::Revoked, false)),
            (None, past, Some(false), dead(InactiveReason::Expired, false)),
            (None, past, None, dead(InactiveReason::Expired, false)),
            (None, past, Some(true), dead(InactiveReason::Expired, true)),
            (Some(false), future, Some(false), dead(InactiveReason::Inactive, false)),
            (None, None, Some(false), dead(InactiveReason::Inactive, false)),
        ] {
            assert_eq!(validity(revoked, expires, active, NOW), expected, "{revoked:?} {expires:?} {active:?}");
        }
    }

    fn id(text: &str) -> RecordId {
        RecordId::parse(text).unwrap()
    }

    /// S1 a set, S2 owned by a profile, S3 the aggregate of PG1 (listed), S4 the aggregate of PG2 (not listed).
    fn assign(set: &str, group: Option<&str>, user: &str) -> (String, StandIn, Notes) {
        let json = format!(
            r#"{{"Id":"0Pa5f000000AAAA","AssigneeId":"{user}","PermissionSetId":"{set}","PermissionSetGroupId":{},"IsActive":true}}"#,
            group.map_or("null".to_owned(), |group| format!("\"{group}\""))
        );
        let sets: Sets = [
            (id("0PS5f000000AAAA"), SetKind::Assignable),
            (id("0PS5f000000AAAB"), SetKind::OwnedBy(Some(id("00e5f000000AAAA")))),
            (id("0PS5f000000AAAC"), SetKind::AggregateOf(id("0PG5f000000AAAA"))),
            (id("0PS5f000000AAAD"), SetKind::AggregateOf(id("0PG5f000000AAAB"))),
        ]
        .into_iter()
        .collect();
        let mut people = People::default();
        people.add(id("0055f000001AAAA"), Class::Standard, true);
        let around = Around {
            options: &Options::default(),
            people: &people,
            sets: &sets,
            groups: &[id("0PG5f000000AAAA")].into_iter().collect(),
            session: &IdSet::default(),
            now: NOW,
        };
        let mut notes = Notes::default();
        match map(&serde_json::from_str(&json).unwrap(), &around, &mut notes) {
            Ok((Assignment::Grant(grant), stand_in)) => (grant.entitlement.to_string(), stand_in, notes),
            Ok((other, stand_in)) => (format!("{other:?}"), stand_in, notes),
            Err(missing) => (format!("{missing:?}"), None, notes),
        }
    }

    const U1: &str = "0055f000001AAAA";

    #[test]
    fn sets_and_groups_are_held_once_and_owned_sets_not_at_all() {
        assert_eq!(assign("0PS5f000000AAAA", None, U1).0, "permission:0PS5f000000AAAAGA4:assigned");
        let group = "permission_set_group:0PG5f000000AAAAGA4:member";
        assert_eq!(assign("0PS5f000000AAAC", Some("0PG5f000000AAAA"), U1).0, group);
        assert_eq!(assign("0PS5f000000AAAC", None, U1).0, group);
        assert_eq!(assign("0PS5f000000AAAB", None, U1).0, "NotInDocument");
    }

    #[test]
    fn the_aggregate_stands_in_for_a_group_that_is_not_listed() {
        let (shown, stand_in, notes) = assign("0PS5f000000AAAD", Some("0PG5f000000AAAB"), U1);
        assert_eq!(shown, "permission:0PS5f000000AAADGA4:assigned");
        assert_eq!(stand_in, Some(id("0PS5f000000AAAD")));
        assert_eq!(notes.warnings()[0].code, "GROUP_NOT_VISIBLE");
    }

    #[test]
    fn nothing_dangles() {
        for (set, group, user, missing) in [
            ("0PS5f000000ZZZZ", None, U1, "Entitlement(0PS5f000000ZZZZGA0)"),
            ("0PS5f000000AAAA", None, "0055f000001AAAB", "Principal(0055f000001AAABAA4)"),
            // The group is not listed, and the set is no aggregate of it.
            ("0PS5f000000AAAA", Some("0PG5f000000AAAB"), U1, "Entitlement(0PG5f000000AAABGA4)"),
            ("0PS5f000000AAAB", Some("0PG5f000000AAAB"), U1, "Entitlement(0PG5f000000AAABGA4)"),
            ("0PS5f000000AAAC", Some("0PG5f000000AAAB"), U1, "Entitlement(0PG5f000000AAABGA4)"),
        ] {
            let missing = missing.split('(').next().unwrap();
            assert!(assign(set, group, user).0.starts_with(missing), "{set} {group:?} {user}");
            assert_eq!(assign(set, group, user).1, None);
        }
    }

    #[test]
    fn the_filter_is_the_users_filter() {
        let soql: Vec<_> = filter(&Options::default()).iter().map(ToString::to_string).collect();
        assert_eq!(soql, ["PermissionSet.IsOwnedByProfile = FALSE", "Assignee.UserType = 'Standard'"]);
    }
}
