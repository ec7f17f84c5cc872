//! Groups: Group, QueueSobject → `group`, GroupMember → its direct members.

use super::roles::Roles;
use super::{IdMap, IdSet, Missing, Notes, first_known, history, resource_id};
use crate::model::{Expandable, Grant, GrantMetadata, Profile, Resource, ResourceKind, Trait};
use crate::salesforce::Timestamp;
use crate::salesforce::objects::{GroupMemberRow, GroupRow, QueueSobjectRow};

const USER: &str = "005";
const GROUP: &str = "00G";

/// A group whose members are still to come.
#[derive(Debug)]
pub struct Draft {
    resource: Resource,
    /// Whether Salesforce keeps a row for each of its members.
    has_rows: bool,
    /// Whether a member is missing from the document.
    is_missing_members: bool,
    object_types: Vec<String>,
}

/// The groups that were listed, by id.
pub type Drafts = IdMap<Draft>;

/// A group, as far as its own row tells it.
pub fn map(row: &GroupRow<'_>, roles: &Roles, notes: &mut Notes) -> Draft {
    let group_type = row.group_type.as_deref().unwrap_or_default();
    let mut profile = Profile::default();
    profile.set_known("type", row.group_type.as_deref());
    profile.set_known("developer_name", row.developer_name.as_deref());
    profile.set_known("related_id", row.related_id.map(|id| id.to_string()));
    profile.set_known("includes_bosses", row.does_include_bosses);
    history!(row).set(&mut profile, row.id, notes);
    let resource = Resource {
        id: resource_id(ResourceKind::Group, row.id),
        display_name: display_name(row, roles),
        description: String::new(),
        profile,
        kind: Trait::Group,
    };
    let has_rows = matches!(group_type, "Regular" | "Queue");
    Draft { resource, has_rows, is_missing_members: false, object_types: Vec::new() }
}

/// Groups of roles, portals and the org have no name of their own.
fn display_name(row: &GroupRow<'_>, roles: &Roles) -> String {
    if let Some(name) = first_known([row.name.as_deref()]) {
        return name.to_owned();
    }
    let role = row.related_id.and_then(|id| roles.get(&id)).map(String::as_str);
    let stem = first_known([role, row.developer_name.as_deref()]).map(str::to_owned);
    let what = match row.group_type.as_deref().unwrap_or_default() {
        "Organization" => return "All Internal Users".to_owned(),
        "AllCustomerPortal" => return "All Customer Portal Users".to_owned(),
        "PRMOrganization" => return "All Partner Users".to_owned(),
        "Role" => "Role",
        "RoleAndSubordinates" => "Role and Subordinates",
        "RoleAndSubordinatesInternal" => "Role and Internal Subordinates",
        "GuestUserGroup" => "Guest User",
        "Regular" | "Queue" | "" => "",
        other => other,
    };
    let stem = stem.unwrap_or_else(|| row.related_id.unwrap_or(row.id).to_string());
    if what.is_empty() { stem } else { format!("{stem} ({what})") }
}

/// Adds what a queue can own.
pub fn queue_object(row: &QueueSobjectRow<'_>, groups: &mut Drafts) {
    if let (Some(group), Some(object)) = (groups.get_mut(&row.queue_id), row.sobject_type.as_deref()) {
        group.object_types.push(object.to_owned());
    }
}

/// A membership. A group that is a member makes its own members members too.
pub fn member(
    row: &GroupMemberRow<'_>,
    groups: &mut Drafts,
    users: &IdSet,
    notes: &mut Notes,
) -> Result<Option<Grant>, Missing> {
    let principal = row.user_or_group_id;
    let kind = match principal.key_prefix() {
        USER if users.contains(&principal) => Some(ResourceKind::User),
        GROUP if groups.contains_key(&principal) => Some(ResourceKind::Group),
        _ => None,
    };
    let group = groups.get_mut(&row.group_id).ok_or(Missing::Entitlement(row.group_id))?;
    let Some(kind) = kind else {
        group.is_missing_members = true;
        return Err(Missing::Principal(principal));
    };
    let Some(entitlement) = group.resource.id.entitlement() else { return Ok(None) };
    let principal = resource_id(kind, principal);
    let assigned_at = super::time(row.system_modstamp.as_ref(), row.id, notes);
    let source = if kind == ResourceKind::Group { principal.entitlement() } else { None };
    Ok(Some(Grant {
        entitlement,
        expandable: source.map(|source| Expandable { source, shallow: false }),
        principal,
        metadata: metadata(assigned_at),
    }))
}

fn metadata(assigned_at: Option<Timestamp>) -> GrantMetadata {
    GrantMetadata { assigned_at, ..GrantMetadata::default() }
}

impl Draft {
    /// The group with what is known of its members.
    ///
    /// `members_read` says whether members were asked for; where they were, a group whose members are not all in the
    /// document says so: unknown is not empty.
    pub fn finish(self, members_read: bool) -> Resource {
        let Self { mut resource, has_rows, is_missing_members, mut object_types } = self;
        if members_read && (!has_rows || is_missing_members) {
            resource.profile.set("membership_known", false);
        }
        object_types.sort_unstable();
        object_types.dedup();
        resource.profile.set_known("object_types", (!object_types.is_empty()).then_some(object_types));
        resource
    }

    /// Whether it is a queue.
    pub fn is_queue(&self) -> bool {
        self.resource.profile.get("type") == Some(&"Queue".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::RecordId;

    fn draft(json: &str) -> Draft {
        let roles = [(RecordId::parse("00E5f000000AAAB").unwrap(), "Sales".to_owned())].into_iter().collect();
        map(&serde_json::from_str(json).unwrap(), &roles, &mut Notes::default())
    }

    #[test]
    fn no_group_is_without_a_name() {
        for (json, expected) in [
            (r#"{"Id":"00G5f000004AAAA","Name":"Deals","Type":"Regular"}"#, "Deals"),
            (r#"{"Id":"00G5f000004AAAA","Name":null,"Type":"Role","RelatedId":"00E5f000000AAAB"}"#, "Sales (Role)"),
            (
                r#"{"Id":"00G5f000004AAAA","Type":"RoleAndSubordinates","RelatedId":"00E5f000000ZZZZ","DeveloperName":"EMEA"}"#,
                "EMEA (Role and Subordinates)",
            ),
            (
                r#"{"Id":"00G5f000004AAAA","Name":null,"DeveloperName":null,"Type":"AllCustomerPortal"}"#,
                "All Customer Portal Users",
            ),
            (
                r#"{"Id":"00G5f000004AAAA","Name":" ","Type":"Organization","DeveloperName":"AllInternalUsers"}"#,
                "All Internal Users",
            ),
            (
                r#"{"Id":"00G5f000004AAAA","Name":null,"Type":"Role","RelatedId":"00E5f000000ZZZZ"}"#,
                "00E5f000000ZZZZEA4 (Role)",
            ),
            (r#"{"Id":"00G5f000004AAAA","Name":null,"Type":null}"#, "00G5f000004AAAAEA4"),
            (r#"{"Id":"00G5f000004AAAA","Name":null,"Type":"FutureKind","DeveloperName":"X"}"#, "X (FutureKind)"),
        ] {
            assert_eq!(draft(json).resource.display_name, expected, "{json}");
        }
    }

    fn id(text: &str) -> RecordId {
        RecordId::parse(text).unwrap()
    }

    fn groups() -> Drafts {
        ["00G5f000004AAAA", "00G5f000004AAAB"]
            .map(|group| (id(group), draft(&format!(r#"{{"Id":"{group}","Name":"{group}","Type":"Regular"}}"#))))
            .into_iter()
            .collect()
    }

    fn row(group: &str, member: &str) -> String {
        format!(r#"{{"Id":"0115f000000AAAA","GroupId":"{group}","UserOrGroupId":"{member}","SystemModstamp":null}}"#)
    }

    #[test]
    fn a_group_in_a_group_passes_its_members_on() {
        let (mut groups, users) = (groups(), IdSet::default());
        let json = row("00G5f000004AAAA", "00G5f000004AAAB");
        let member = member(&serde_json::from_str(&json).unwrap(), &mut groups, &users, &mut Notes::default());
        let grant = member.unwrap().unwrap();
        assert_eq!(grant.id().to_string(), "group:00G5f000004AAAAEA4:member:group:00G5f000004AAABEA4");
        assert_eq!(grant.expandable.unwrap().source.to_string(), "group:00G5f000004AAABEA4:member");
    }

    #[test]
    fn a_group_with_a_member_who_is_not_listed_is_not_shown_as_known() {
        let (mut groups, mut users, mut notes) = (groups(), IdSet::default(), Notes::default());
        users.insert(id("0055f000001AAAA"));
        for (group, user) in [("00G5f000004AAAA", "0055f000001AAAB"), ("00G5f000004AAAB", "0055f000001AAAA")] {
            let json = row(group, user);
            let _ = member(&serde_json::from_str(&json).unwrap(), &mut groups, &users, &mut notes);
        }
        let known = |group: &str, groups: &mut Drafts| {
            groups.remove(&id(group)).unwrap().finish(true).profile.get("membership_known").cloned()
        };
        assert_eq!(known("00G5f000004AAAA", &mut groups), Some(false.into()));
        assert_eq!(known("00G5f000004AAAB", &mut groups), None);
    }

    #[test]
    fn members_by_rule_are_unknown_not_none() {
        let group = draft(r#"{"Id":"00G5f000004AAAA","Type":"Organization"}"#);
        assert_eq!(group.finish(true).profile.get("membership_known"), Some(&false.into()));
    }

    #[test]
    fn a_membership_of_a_group_that_is_not_listed_is_missed() {
        let (mut groups, users, mut notes) = (groups(), IdSet::default(), Notes::default());
        let json = row("00G5f000004ZZZZ", "00G5f000004AAAB");
        let member = member(&serde_json::from_str(&json).unwrap(), &mut groups, &users, &mut notes);
        assert_eq!(member, Err(Missing::Entitlement(id("00G5f000004ZZZZ"))));
    }
}
