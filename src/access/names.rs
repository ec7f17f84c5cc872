//! Resources and entitlements, by number and by id: what grants name, and what people type.

use std::collections::HashMap;

use compact_str::{CompactString, format_compact};
use foldhash::fast::RandomState;

use super::index::{Carrier, Facts, Group, Node, Person, Resource};
use super::rule::Rule;
use crate::model::{ObjectId, ResourceKind, Status};
use crate::output::read::{self, Id};

/// The kinds whose resources carry rights.
const CARRIERS: [&str; 3] = ["permission", "profile", "permission_set_group"];

/// Resources and entitlements, by number and by id.
#[derive(Debug, Default)]
pub struct Names {
    /// By number.
    pub resources: Vec<Resource>,
    /// By number.
    pub nodes: Vec<Node>,
    resource_by_id: HashMap<CompactString, u32, RandomState>,
    node_by_id: HashMap<CompactString, u32, RandomState>,
    /// Whether the entitlements of system permissions were made up from what resources say of themselves.
    pub has_high_risk_alone: bool,
}

impl Names {
    /// Adds a resource: its number.
    pub fn add(&mut self, resource: &read::Resource<'_>) -> u32 {
        let number = self.resource_of(&resource.id);
        let profile = &resource.profile;
        let boxed = |name: &str| profile.text(name).map(Box::from);
        let kind = &*resource.id.kind;
        let facts = if let Some(user) = &resource.user {
            let mut emails: Vec<Box<str>> = user.emails.iter().map(|email| (&**email).into()).collect();
            // With usernames as emails, the address itself stands here.
            emails.extend(boxed("email").filter(|email| !emails.contains(email)));
            Facts::User(Box::new(Person {
                username: boxed("username").or_else(|| user.login.as_deref().map(Box::from)),
                emails,
                status: user.status.unwrap_or(Status::Enabled),
                is_status_known: user.status.is_some(),
                user_type: boxed("user_type"),
                manager: profile.text("manager_id").map(ObjectId::from),
                is_profile_known: profile.bool("rights_known") != Some(false),
            }))
        } else if kind == "group" {
            Facts::Group(Box::new(Group {
                group_type: boxed("type").unwrap_or_default(),
                related: profile.text("related_id").map(ObjectId::from),
                is_known: profile.bool("membership_known") != Some(false),
                rule: profile.text("membership_rule").map(Rule::parse),
            }))
        } else if CARRIERS.contains(&kind) {
            let list = |name: &str| profile.texts(name).into_iter().map(Box::from).collect();
            Facts::Carrier(Box::new(Carrier {
                is_stand_in: kind == "permission" && profile.text("type") == Some("Group"),
                high_risk: list("high_risk_permissions"),
                muted: list("muted_permissions"),
                is_stale: profile.bool("rights_stale") == Some(true),
                needs_activation: kind != "profile" && profile.bool("session_activation_required") == Some(true),
            }))
        } else if profile.bool("self_authorize") == Some(true) {
            Facts::SelfAuthorized
        } else {
            Facts::None
        };
        let api_name = boxed("api_name").or_else(|| boxed("developer_name"));
        let known = &mut self.resources[number as usize];
        (known.name, known.api_name, known.facts) = ((&*resource.display_name).into(), api_name, facts);
        number
    }

    /// The number of a resource; where it is not listed, it is known by its id from now on.
    pub fn resource_of(&mut self, id: &Id<'_>) -> u32 {
        let key = format_compact!("{}:{}", &*id.kind, &*id.id);
        if let Some(number) = self.resource_by_id.get(&key) {
            return *number;
        }
        let number = u32::try_from(self.resources.len()).unwrap_or(u32::MAX);
        self.resources.push(Resource {
            kind: CompactString::from(&*id.kind),
            id: ObjectId::from(&*id.id),
            name: (&*id.id).into(),
            api_name: None,
            facts: Facts::None,
        });
        self.resource_by_id.insert(key, number);
        number
    }

    /// The number of an entitlement, which is added where it is not listed.
    pub fn node(&mut self, id: &str, resource: &Id<'_>) -> u32 {
        if let Some(number) = self.node_by_id.get(id) {
            return *number;
        }
        let resource = self.resource_of(resource);
        let number = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node { id: CompactString::from(id), resource });
        self.node_by_id.insert(CompactString::from(id), number);
        number
    }

    /// The number of an entitlement; where it is not listed, it is known by its id from now on.
    pub fn node_of(&mut self, id: &str) -> u32 {
        if let Some(number) = self.node_by_id.get(id) {
            return *number;
        }
        let (kind, rest) = id.split_once(':').unwrap_or(("", id));
        // System permissions have colons in their ids, and roles in territories in their slugs.
        let end = if kind == "territory" { rest.find(':') } else { rest.rfind(':') };
        let resource = Id { kind: kind.into(), id: rest[..end.unwrap_or(rest.len())].into() };
        self.node(id, &resource)
    }

    /// Where a document leaves entitlements out: the one that each resource has by its kind.
    pub(super) fn add_own_nodes(&mut self) {
        for number in 0..self.resources.len() {
            let Resource { kind, id, .. } = &self.resources[number];
            let slug = ResourceKind::parse(kind).and_then(ResourceKind::slug);
            if let Some(slug) = slug {
                let id = format!("{kind}:{id}:{slug}");
                self.node_of(&id);
            }
        }
    }

    /// The entitlement that a resource has by its kind.
    pub(super) fn own_node(&self, resource: u32) -> Option<u32> {
        let Resource { kind, id, .. } = &self.resources[resource as usize];
        let slug = ResourceKind::parse(kind)?.slug()?;
        self.node_by_id.get(&*format_compact!("{kind}:{id}:{slug}")).copied()
    }

    /// A resource by its kind and id.
    pub fn find(&self, kind: &str, id: &str) -> Option<u32> {
        self.resource_by_id.get(&*format_compact!("{kind}:{id}")).copied()
    }

    /// An entitlement by its id.
    pub fn find_node(&self, id: &str) -> Option<u32> {
        self.node_by_id.get(id).copied()
    }

    pub(super) fn carrier(&self, resource: u32) -> Option<&Carrier> {
        match &self.resources[resource as usize].facts {
            Facts::Carrier(carrier) => Some(carrier),
            _ => None,
        }
    }
}
