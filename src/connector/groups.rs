//! Groups: Group, QueueSobject → `group`, GroupMember → its direct members; and what stands in for rows that Salesforce
//! does not keep, by the group's type.

use super::hierarchy::{HierarchyGroups, Reach};
use super::people::{Class, People, Rule};
use super::roles::Roles;
use super::{IdMap, Missing, Notes, Options, WarningCode, first_known, history, resource_id};
use crate::model::{Grant, GrantMetadata, Profile, Resource, ResourceKind, Trait};
use crate::salesforce::RecordId;
use crate::salesforce::objects::{GroupMemberRow, GroupRow, QueueSobjectRow};

const USER: &str = "005";
const GROUP: &str = "00G";

/// Where the members of a group come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// Each has a row.
    Rows,
    /// Those who hold a role (or a role below it).
    Roles(Reach, Option<RecordId>),
    /// Those who are in a territory (or in one below it).
    Territories(Reach, Option<RecordId>),
    /// Those whom a rule names.
    Rule(Rule),
    /// Nobody here knows.
    Unknown,
}

impl Membership {
    /// By `Group.Type` (Object Reference, Group). `related` is what the group stands for.
    fn of(group_type: &str, related: Option<RecordId>) -> Self {
        let of = |rule: fn(RecordId) -> Rule| related.map_or(Self::Unknown, |id| Self::Rule(rule(id)));
        match group_type {
            "Regular" | "Queue" => Self::Rows,
            "Role" => Self::Roles(Reach::Own, related),
            "RoleAndSubordinates" => Self::Roles(Reach::Below, related),
            "RoleAndSubordinatesInternal" => Self::Roles(Reach::BelowInternal, related),
            "Territory" => Self::Territories(Reach::Own, related),
            "TerritoryAndSubordinates" => Self::Territories(Reach::Below, related),
            "Organization" => Self::Rule(Rule::Every(Class::Standard)),
            "AllCustomerPortal" => Self::Rule(Rule::Every(Class::Customer)),
            "PRMOrganization" => Self::Rule(Rule::Every(Class::Partner)),
            "GuestUserGroup" => of(Rule::One),
            "Manager" => of(Rule::ManagersOf),
            "ManagerAndSubordinatesInternal" => of(Rule::Team),
            _ => Self::Unknown,
        }
    }

    /// Whether the group is there for the hierarchy's or the platform's sake: it says something only where it is in
    /// another group.
    pub const fn is_technical(self) -> bool {
        matches!(self, Self::Roles(..) | Self::Territories(..) | Self::Rule(_))
    }
}

/// A rule's name in attributes, and what a description says of it.
const fn told(rule: Rule) -> (&'static str, &'static str) {
    match rule {
        Rule::Every(Class::Customer) => (
            "active_customer_portal_users",
            "All active users of type CustomerSuccess and PowerCustomerSuccess; high-volume portal users are in no group",
        ),
        Rule::Every(Class::Partner) => ("active_partner_users", "All active users of type PowerPartner"),
        Rule::Every(_) => (
            "active_standard_users",
            "All active users of type Standard; whether Chatter-only users (CsnOnly) belong to it is not documented, so \
             they are not counted",
        ),
        Rule::One(_) => ("related_user", "The site's guest user"),
        Rule::ManagersOf(_) => ("managers_of_related_user", "The managers of a user, and theirs"),
        Rule::Team(_) => ("related_user_and_subordinates", "A user, and all whose manager he is, directly or not"),
    }
}

/// A group whose members are still to come.
#[derive(Debug)]
pub struct Draft {
    resource: Resource,
    membership: Membership,
    /// Whether all of its direct members are known and in the document.
    is_known: bool,
    object_types: Vec<String>,
}

/// The groups that were listed, by id.
pub type Drafts = IdMap<Draft>;

/// Whether the options leave a group out: there are two groups for each manager, and few ask for them.
pub fn is_left_out(row: &GroupRow<'_>, options: &Options) -> bool {
    let group_type = row.group_type.as_deref().unwrap_or_default();
    matches!(group_type, "Manager" | "ManagerAndSubordinatesInternal") && !options.manager_groups
}

/// A group, as far as its own row tells it.
pub fn map(row: &GroupRow<'_>, roles: &Roles, notes: &mut Notes) -> Draft {
    let group_type = row.group_type.as_deref().unwrap_or_default();
    let membership = Membership::of(group_type, row.related_id);
    let mut profile = Profile::default();
    profile.set_known("type", row.group_type.as_deref());
    profile.set_known("developer_name", row.developer_name.as_deref());
    profile.set_known("related_id", row.related_id.map(|id| id.to_string()));
    profile.set_known("includes_bosses", row.does_include_bosses);
    let mut description = "";
    if let Membership::Rule(rule) = membership {
        let (name, text) = told(rule);
        profile.set("membership_rule", name);
        description = text;
    }
    history!(row).set(&mut profile, row.id, notes);
    let resource = Resource {
        id: resource_id(ResourceKind::Group, row.id),
        display_name: display_name(row, roles),
        description: description.to_owned(),
        profile,
        kind: Trait::Group,
    };
    Draft { resource, membership, is_known: membership == Membership::Rows, object_types: Vec::new() }
}

/// The groups of roles and the groups of territories, for looking up which one reaches how far.
pub fn of_hierarchies(groups: &Drafts) -> (HierarchyGroups, HierarchyGroups) {
    let (mut roles, mut territories) = (HierarchyGroups::default(), HierarchyGroups::default());
    for (id, group) in groups {
        match group.membership {
            Membership::Roles(reach, Some(of)) => roles.add(*id, of, reach),
            Membership::Territories(reach, Some(of)) => territories.add(*id, of, reach),
            _ => {}
        }
    }
    (roles, territories)
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
    people: &People,
    notes: &mut Notes,
) -> Result<Option<Grant>, Missing> {
    let principal = row.user_or_group_id;
    let kind = match principal.key_prefix() {
        USER if people.contains(principal) => Some(ResourceKind::User),
        GROUP if groups.contains_key(&principal) => Some(ResourceKind::Group),
        _ => None,
    };
    let is_everybody =
        groups.get(&principal).is_some_and(|group| group.membership == Membership::Rule(Rule::Every(Class::Standard)));
    let group = groups.get_mut(&row.group_id).ok_or(Missing::Entitlement(row.group_id))?;
    if group.membership == Membership::Rows {
        if is_everybody {
            notes.warn(WarningCode::GroupOpenToAllInternal, row.group_id);
        }
        if people.class(principal) == Some(Class::Guest) {
            notes.warn(WarningCode::GuestInGroup, row.group_id);
        }
    }
    let Some(kind) = kind else {
        group.is_known = false;
        return Err(Missing::Principal(principal));
    };
    let Some(entitlement) = group.resource.id.entitlement() else { return Ok(None) };
    let principal = resource_id(kind, principal);
    let assigned_at = super::time(row.system_modstamp.as_ref(), row.id, notes);
    let metadata = GrantMetadata { assigned_at, ..GrantMetadata::default() };
    Ok(Some(match kind {
        ResourceKind::Group => Grant { metadata, ..Grant::expandable(entitlement, principal, false) },
        _ => Grant::direct(entitlement, principal, metadata),
    }))
}

impl Draft {
    /// Where its members come from.
    pub fn membership(&self) -> Membership {
        self.membership
    }

    /// Says whether all of its members by role, territory or rule are known and in the document.
    pub fn set_known(&mut self, is_known: bool) {
        self.is_known = is_known;
    }

    /// Notes how many belong to it by its rule.
    pub fn count_members(&mut self, count: usize) {
        self.resource.profile.set("member_count", i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// The group with what is known of its members.
    ///
    /// `members_read` says whether members were asked for; where they were, a group whose members are not all in the
    /// document says so: unknown is not empty.
    pub fn finish(self, members_read: bool) -> Resource {
        let Self { mut resource, is_known, mut object_types, .. } = self;
        if members_read && !is_known {
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
        let (mut groups, people) = (groups(), People::default());
        let json = row("00G5f000004AAAA", "00G5f000004AAAB");
        let member = member(&serde_json::from_str(&json).unwrap(), &mut groups, &people, &mut Notes::default());
        let grant = member.unwrap().unwrap();
        assert_eq!(grant.id().to_string(), "group:00G5f000004AAAAEA4:member:group:00G5f000004AAABEA4");
        assert_eq!(grant.expandable.unwrap().source.to_string(), "group:00G5f000004AAABEA4:member");
    }

    #[test]
    fn a_group_with_a_member_who_is_not_listed_is_not_shown_as_known() {
        let (mut groups, mut people, mut notes) = (groups(), People::default(), Notes::default());
        people.add(id("0055f000001AAAA"), Class::Standard, true);
        for (group, user) in [("00G5f000004AAAA", "0055f000001AAAB"), ("00G5f000004AAAB", "0055f000001AAAA")] {
            let json = row(group, user);
            let _ = member(&serde_json::from_str(&json).unwrap(), &mut groups, &people, &mut notes);
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
        let (mut groups, people, mut notes) = (groups(), People::default(), Notes::default());
        let json = row("00G5f000004ZZZZ", "00G5f000004AAAB");
        let member = member(&serde_json::from_str(&json).unwrap(), &mut groups, &people, &mut notes);
        assert_eq!(member, Err(Missing::Entitlement(id("00G5f000004ZZZZ"))));
    }
}
