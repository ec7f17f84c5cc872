//! The words for rows, edges, doubts and reasons. Names are made harmless here.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::super::text::{GLUE, plain};
use crate::access::index::{Inactive, Resource, Row};
use crate::access::rule::Rule;
use crate::access::{Doubt, Index, Reason, Removal, Subject};
use crate::model::{ResourceKind, Status};
use crate::time::Timestamp;

/// Finds words for a document.
pub(super) struct Words<'i> {
    pub(super) index: &'i Index,
    /// How many resources of a kind have a name.
    named: HashMap<(&'i str, &'i str), u32, RandomState>,
}

impl<'i> Words<'i> {
    pub(super) fn new(index: &'i Index) -> Self {
        let mut named = HashMap::default();
        for resource in index.names().resources.iter().filter(|resource| resource.person().is_none()) {
            *named.entry((resource.kind.as_str(), &*resource.name)).or_default() += 1;
        }
        Self { index, named }
    }

    /// `the group “EMEA”`; where two have one name, with what tells them apart.
    pub(super) fn resource(&self, resource: &Resource) -> String {
        if resource.person().is_some() || resource.kind == "user" {
            return user(resource);
        }
        format!("the {} {}", noun(resource), self.name(resource))
    }

    /// `“EMEA”`
    pub(super) fn name(&self, resource: &Resource) -> String {
        let name = plain(&resource.name);
        let is_one = self.named.get(&(resource.kind.as_str(), &*resource.name)).copied().unwrap_or_default() < 2;
        match &resource.api_name {
            _ if is_one => format!("\u{201c}{name}\u{201d}"),
            Some(api_name) => format!("\u{201c}{name}\u{201d} ({}, {})", plain(api_name), resource.id),
            None => format!("\u{201c}{name}\u{201d} ({})", resource.id),
        }
    }

    /// The resource of an entitlement; for a role in a territory, that too.
    pub(super) fn node(&self, node: u32) -> String {
        let resource = self.resource(self.index.resource_of(node));
        match self.role_in_territory(node) {
            Some(role) => format!("the role \u{201c}{}\u{201d} in {resource}", plain(role)),
            None => resource,
        }
    }

    fn role_in_territory(&self, node: u32) -> Option<&'i str> {
        let resource = self.index.resource_of(node);
        let slug = self.index.node(node).id.strip_prefix(&*format!("{}:{}:", resource.kind, resource.id))?;
        slug.strip_prefix("role:")
    }

    pub(super) fn subject(&self, subject: &Subject, is_user: bool) -> String {
        match subject {
            Subject::Listed(number) if is_user => user(self.index.resource(*number)),
            Subject::Listed(number) => self.node(*number),
            Subject::Unlisted(text) => format!("`{}`", plain(text)),
        }
    }

    /// `by being a member of the group “EMEA”`
    pub(super) fn row(&self, row: &Row) -> String {
        let resource = self.index.resource_of(row.row.node);
        let it = self.node(row.row.node);
        if row.by_rule {
            let rule = resource.group().and_then(|group| group.rule);
            let rule = rule.map(|rule| format!(" ({})", rule.words())).unwrap_or_default();
            return format!("by belonging to {it} by its rule{rule}");
        }
        match ResourceKind::parse(&resource.kind) {
            Some(ResourceKind::Group) => format!("by being a member of {it}"),
            Some(ResourceKind::Territory) if self.role_in_territory(row.row.node).is_none() => {
                format!("by being a member of {it}")
            }
            Some(ResourceKind::Role | ResourceKind::Profile | ResourceKind::Territory) => format!("by having {it}"),
            Some(ResourceKind::Permission | ResourceKind::PermissionSetGroup | ResourceKind::PermissionSetLicense) => {
                format!("by being assigned {it}")
            }
            Some(ResourceKind::ConnectedApplication) => format!("by being authorized for {it}"),
            _ => format!("by holding {it}"),
        }
    }

    /// `which is in the group “Deals”`; with `target`, that one is `it`.
    pub(super) fn edge(&self, edge: u32, target: Option<u32>) -> String {
        let (from, to) = (self.index.graph.edge(edge).from, self.index.graph.edge(edge).to);
        let it = if Some(to) == target { "it".to_owned() } else { self.node(to) };
        let from = ResourceKind::parse(&self.index.resource_of(from).kind);
        match ResourceKind::parse(&self.index.resource_of(to).kind) {
            Some(ResourceKind::Group) if from == Some(ResourceKind::Role) => format!("whose holders are in {it}"),
            Some(ResourceKind::Group) if from == Some(ResourceKind::Territory) => format!("whose members are in {it}"),
            Some(ResourceKind::Group) => format!("which is in {it}"),
            Some(ResourceKind::Permission) => format!("which contains {it}"),
            Some(ResourceKind::SystemPermission) => format!("which gives {it}"),
            Some(ResourceKind::ConnectedApplication) => format!("which may use {it}"),
            _ => format!("which holds {it}"),
        }
    }

    /// What is known of an edge: `(since …, without ModifyAllData)`
    pub(super) fn about_edge(&self, edge: u32) -> String {
        let (note, limits) = (self.index.note(edge), &self.index.graph.edge(edge).limits);
        let mut about = about(note.assigned_at, limits.until.time(), note.by_policy, limits.conditional);
        about.extend(self.lacks(edge));
        in_brackets(&about)
    }

    /// What does not come over an edge: `(which mutes ModifyAllData)`
    pub(super) fn lacks_of_edge(&self, edge: u32) -> String {
        in_brackets(&self.lacks(edge))
    }

    fn lacks(&self, edge: u32) -> Vec<String> {
        let (note, limits) = (self.index.note(edge), &self.index.graph.edge(edge).limits);
        let mut about = Vec::new();
        if !note.muted.is_empty() {
            let rights: Vec<_> = note.muted.iter().map(|right| plain(right)).collect();
            about.push(format!("which mutes {}", rights.join(", ")));
        }
        if limits.stale {
            about.push("the group's rights are not up to date in Salesforce".to_owned());
        }
        about
    }

    /// What has to happen for a row to go.
    pub(super) fn removal(&self, removal: &Removal) -> String {
        let row = &removal.row;
        let it = self.node(row.row.node);
        let who = plain(&self.index.resource(row.user).name);
        let resource = self.index.resource_of(row.row.node);
        if row.by_rule {
            let instead: Vec<_> = removal.instead.iter().map(|edge| self.cut(*edge)).collect();
            let what = if instead.is_empty() { String::new() } else { format!("{}; or ", instead.join(", and ")) };
            let rule = resource.group().and_then(|group| group.rule);
            let managers = if rule.is_some_and(Rule::is_of_managers) { "change who manages whom, or " } else { "" };
            return format!(
                "{what}{managers}deactivate {who}, who belongs to {it} by its rule (there is no row to delete)"
            );
        }
        match ResourceKind::parse(&resource.kind) {
            Some(ResourceKind::Profile) => format!("give {who} another profile than {}", self.name(resource)),
            Some(ResourceKind::Group) => format!("take {who} out of {it}"),
            Some(ResourceKind::Territory) if self.role_in_territory(row.row.node).is_none() => {
                format!("take {who} out of {it}")
            }
            _ => format!("take {it} from {who}"),
        }
    }

    fn cut(&self, edge: u32) -> String {
        let principal = self.resource(self.index.resource(self.index.note(edge).principal));
        format!("take {principal} out of {}", self.node(self.index.graph.edge(edge).to))
    }

    pub(super) fn doubt(&self, doubt: &Doubt) -> String {
        match doubt {
            Doubt::NoGrants => "the document was made without grants".to_owned(),
            Doubt::Incomplete => "the document says that it is not complete".to_owned(),
            Doubt::SourceUnknown => {
                "another program wrote the document, and it does not say what that one did not read".to_owned()
            }
            Doubt::NotRead { object, reason, consequence } => {
                format!("{} was not read ({}). {}", plain(object), plain(reason), plain(consequence)).trim().to_owned()
            }
            Doubt::KindNotSynced(kind) => format!("resources of the type `{kind}` were not asked for"),
            Doubt::MembersUnknown(node) => format!("not all members of {} are known", self.node(*node)),
            Doubt::RuleUnknown(node) => {
                let rule = self.index.resource_of(*node).group().and_then(|group| group.rule);
                let rule = rule.map(|rule| format!(" ({})", rule.words())).unwrap_or_default();
                format!("who belongs to {} by its rule{rule} cannot be told from the document", self.node(*node))
            }
            Doubt::ProfileHidden => {
                "Salesforce does not show the user's profile, so what it gives is not known".to_owned()
            }
            Doubt::GroupNotVisible(resource) => format!(
                "the user holds {}, which stands in for a permission set group that was not listed; what is in that is \
                 not known",
                self.resource(self.index.resource(*resource))
            ),
            Doubt::SelfAuthorized => "every user may authorize this application himself; no grant says so".to_owned(),
            Doubt::RightsUnknown => "the rights of permission sets and profiles were not read".to_owned(),
            Doubt::WithoutRows => {
                "the document lists this as a derived grant, and not the direct grants that it follows from".to_owned()
            }
            Doubt::UserNotInDocument(why) | Doubt::UsersMayBeMissing(why) => plain(why),
        }
    }

    pub(super) fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::Inactive { node, reason, expires_at } => {
                let it = self.node(*node);
                match (reason.as_str(), expires_at) {
                    ("EXPIRED", Some(time)) => format!("the assignment of {it} expired on {time}"),
                    ("EXPIRED", None) => format!("the assignment of {it} has expired"),
                    ("REVOKED", _) => format!("the assignment of {it} was revoked"),
                    _ => format!("the assignment of {it} is not active"),
                }
            }
            Reason::Muted { node } => format!("it is muted in {}", self.node(*node)),
            Reason::ThroughGroupAlone { node } => format!(
                "{} gives it to those who are assigned that set directly; in a permission set group, the group's own \
                 rights decide",
                self.node(*node)
            ),
            Reason::Deactivated { node } => {
                format!("deactivated users do not belong to {}, whose rule names the user", self.node(*node))
            }
        }
    }
}

impl Reason {
    /// As it stands in JSON.
    pub(super) fn code(&self) -> &str {
        match self {
            Self::Inactive { reason, .. } => reason,
            Self::Muted { .. } => "MUTED",
            Self::ThroughGroupAlone { .. } => "THROUGH_GROUP_ALONE",
            Self::Deactivated { .. } => "DEACTIVATED",
        }
    }

    /// What it is about.
    pub(super) const fn node(&self) -> u32 {
        match self {
            Self::Inactive { node, .. }
            | Self::Muted { node }
            | Self::ThroughGroupAlone { node }
            | Self::Deactivated { node } => *node,
        }
    }
}

/// `Bo Lee (bo@acme.example)`
pub(super) fn user(resource: &Resource) -> String {
    let name = plain(&resource.name);
    match resource.person().and_then(|person| person.username.as_deref()) {
        Some(username) => format!("{name} ({})", plain(username)),
        None if *resource.name == *resource.id => name,
        None => format!("{name} ({})", resource.id),
    }
}

/// What a resource is.
fn noun(resource: &Resource) -> String {
    if resource.group().is_some_and(|group| &*group.group_type == "Queue") {
        return "queue".to_owned();
    }
    match ResourceKind::parse(&resource.kind) {
        Some(kind) => kind.display_name().to_lowercase(),
        None => plain(&resource.kind),
    }
}

/// Why a user cannot log in.
pub(super) const fn state(status: Status) -> Option<&'static str> {
    match status {
        Status::Enabled => None,
        Status::Inactive => Some("deactivated"),
        Status::Frozen => Some("frozen"),
    }
}

pub(super) fn about_row(row: &Row) -> String {
    let limits = &row.row.limits;
    in_brackets(&about(row.assigned_at, limits.until.time(), row.by_policy, limits.conditional))
}

fn about(
    assigned_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    by_policy: bool,
    conditional: bool,
) -> Vec<String> {
    let mut about = Vec::new();
    about.extend(assigned_at.map(|time| format!("since{GLUE}{time}")));
    about.extend(expires_at.map(|time| format!("until{GLUE}{time}")));
    if by_policy {
        about.push("by a user access policy".to_owned());
    }
    if conditional {
        about.push("once activated in a session".to_owned());
    }
    about
}

fn in_brackets(about: &[String]) -> String {
    if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) }
}

/// Assignments that give nothing, counted.
pub(super) fn dead(inactive: &[Inactive]) -> Option<String> {
    match inactive.len() {
        0 => None,
        1 => Some("1 assignment gives nothing (expired, revoked or inactive)".to_owned()),
        many => Some(format!("{many} assignments give nothing (expired, revoked or inactive)")),
    }
}
