//! A document, as far as questions about access need it: names, ids and direct grants, in little memory.
//!
//! Derived grants are not kept: they follow from the direct ones, and so the answers are the same whichever of them a
//! document has. Only those that are asked for are noted, to find out where they do *not* follow.

use std::collections::{HashMap, HashSet};

use compact_str::{CompactString, format_compact};
use foldhash::fast::RandomState;

use super::graph::{self, Edge, Graph, Limits, Until};
use super::rule::Rule;
use crate::connector::high_risk::HIGH_RISK;
use crate::model::{ObjectId, ResourceKind, Status};
use crate::output::read::{self, Grant, Header, Id, Part, Summary};
use crate::time::Timestamp;

/// The kinds whose resources carry rights.
const CARRIERS: [&str; 3] = ["permission", "profile", "permission_set_group"];

/// A resource.
#[derive(Debug)]
pub struct Resource {
    /// `user`, …
    pub kind: CompactString,
    /// Its Salesforce id.
    pub id: ObjectId,
    /// Its name; never empty.
    pub name: Box<str>,
    /// The name that an administrator gave it for programs.
    pub api_name: Option<Box<str>>,
    facts: Facts,
}

#[derive(Debug)]
enum Facts {
    None,
    User(Box<Person>),
    Group(Box<Group>),
    Carrier(Box<Carrier>),
    /// An application that every user may authorize himself.
    SelfAuthorized,
}

/// An account.
#[derive(Debug)]
pub struct Person {
    /// What is typed to log in.
    pub username: Option<Box<str>>,
    /// Its email addresses.
    pub emails: Vec<Box<str>>,
    /// Whether it can be used.
    pub status: Status,
    /// `Standard`, …
    pub user_type: Option<Box<str>>,
    /// The user's manager.
    pub manager: Option<ObjectId>,
    /// Whether Salesforce shows the user's profile.
    pub is_profile_known: bool,
}

/// A group.
#[derive(Debug)]
pub struct Group {
    /// `Regular`, `Queue`, `Role`, …
    pub group_type: Box<str>,
    /// What it stands for.
    pub related: Option<ObjectId>,
    /// Whether its direct members are all in the document.
    pub is_known: bool,
    /// Who belongs to it although no row says so.
    pub rule: Option<Rule>,
}

/// A permission set, a profile or a permission set group.
#[derive(Debug)]
pub struct Carrier {
    /// Whether it stands in for a permission set group that is not in the document.
    pub is_stand_in: bool,
    /// Its high-risk rights.
    pub high_risk: Vec<Box<str>>,
    /// Rights that a permission set group takes away.
    pub muted: Vec<Box<str>>,
    /// Whether Salesforce has not brought its rights up to date.
    pub is_stale: bool,
    needs_activation: bool,
}

/// An entitlement.
#[derive(Debug)]
pub struct Node {
    /// `type:id:slug`
    pub id: CompactString,
    /// Whose it is.
    pub resource: u32,
}

/// What is known of a row or an edge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    /// When it was made.
    pub assigned_at: Option<Timestamp>,
    /// Whether a user access policy made it.
    pub by_policy: bool,
    /// Rights that do not come this way.
    pub muted: Vec<Box<str>>,
    /// Who is the principal.
    pub principal: u32,
}

/// Somebody holds something directly.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Who.
    pub user: u32,
    /// What, and what is taken away from it.
    pub row: graph::Row,
    /// When it was given.
    pub assigned_at: Option<Timestamp>,
    /// Whether a user access policy gave it.
    pub by_policy: bool,
    /// Whether the rule of the group says so, and no row.
    pub by_rule: bool,
}

/// An assignment that gives nothing.
#[derive(Debug)]
pub struct Inactive {
    /// Whose.
    pub user: u32,
    /// Of what.
    pub node: u32,
    /// `EXPIRED`, …
    pub reason: CompactString,
    /// When it ended.
    pub expires_at: Option<Timestamp>,
}

/// A document.
#[derive(Debug)]
pub struct Index {
    /// Its beginning.
    pub header: Header,
    /// Its end.
    pub summary: Summary,
    /// What leads to what.
    pub graph: Graph,
    notes: Vec<Note>,
    rows: Vec<Row>,
    inactive: Vec<Inactive>,
    /// Derived grants that the question is about.
    derived: HashSet<(u32, u32), RandomState>,
    names: Names,
}

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

/// What of a document is kept.
#[derive(Debug)]
pub enum Keep {
    /// All direct grants, and the derived ones of these entitlements.
    Holders(HashSet<u32>),
    /// The grants of these users, of both sorts.
    Users(HashSet<u32>),
}

/// Why a document cannot be asked.
#[derive(Debug, thiserror::Error)]
#[error("the document has no {0}")]
pub struct Missing(&'static str);

/// Takes a document, part by part. `choose` is asked what to keep when all resources and entitlements are known.
pub struct Loader<F> {
    choose: Option<F>,
    keep: Keep,
    header: Option<Header>,
    summary: Option<Summary>,
    names: Names,
    edges: Vec<Edge>,
    notes: Vec<Note>,
    rows: Vec<Row>,
    inactive: Vec<Inactive>,
    derived: HashSet<(u32, u32), RandomState>,
}

impl<F: FnOnce(&Names) -> Keep> Loader<F> {
    /// Nothing yet.
    pub fn new(choose: F) -> Self {
        Self {
            choose: Some(choose),
            keep: Keep::Holders(HashSet::new()),
            header: None,
            summary: None,
            names: Names::default(),
            edges: Vec::new(),
            notes: Vec::new(),
            rows: Vec::new(),
            inactive: Vec::new(),
            derived: HashSet::default(),
        }
    }

    /// Takes the next part.
    pub fn take(&mut self, part: Part<'_>) {
        match part {
            Part::Header(header) => self.header = Some(header),
            Part::ResourceType(_) => {}
            Part::Resource(resource) => self.names.add(&resource),
            Part::Entitlement(entitlement) => {
                self.names.node(&entitlement.id, &entitlement.resource);
            }
            Part::Grant(grant) => {
                self.choose();
                self.grant(&grant);
            }
            Part::Inactive(assignment) => {
                self.choose();
                let user = self.names.resource_of(&assignment.principal);
                if matches!(&self.keep, Keep::Users(users) if !users.contains(&user)) {
                    return;
                }
                let node = self.names.node_of(&assignment.entitlement);
                let (reason, expires_at) = (CompactString::from(&*assignment.reason), assignment.expires_at);
                self.inactive.push(Inactive { user, node, reason, expires_at });
            }
            Part::Summary(summary) => {
                self.choose();
                self.summary = Some(summary);
            }
        }
    }

    fn choose(&mut self) {
        let Some(choose) = self.choose.take() else { return };
        let options = self.header.as_ref().map(|header| &header.options);
        if options.is_some_and(|options| options.skip_entitlements_and_grants) {
            self.names.add_own_nodes();
        }
        if options.is_some_and(|options| !has_kind(options, "system_permission")) {
            self.add_high_risk();
        }
        self.keep = choose(&self.names);
    }

    fn grant(&mut self, grant: &Grant<'_>) {
        let is_user = &*grant.principal.kind == "user";
        let user = if is_user { self.names.resource_of(&grant.principal) } else { 0 };
        if is_user && matches!(&self.keep, Keep::Users(users) if !users.contains(&user)) {
            return;
        }
        if !grant.is_direct() {
            let node = self.names.node_of(&grant.entitlement);
            let is_asked_for = match &self.keep {
                Keep::Users(_) => true,
                Keep::Holders(nodes) => nodes.contains(&node),
            };
            if is_user && is_asked_for {
                self.derived.insert((user, node));
            }
            return;
        }
        let node = self.names.node_of(&grant.entitlement);
        let metadata = &grant.metadata;
        let mut limits = Limits {
            until: Until::of(metadata.expires_at),
            conditional: metadata.condition.is_some(),
            partial: !metadata.muted_rights.is_empty(),
            stale: false,
        };
        if is_user {
            let held = &self.names.resources[self.names.nodes[node as usize].resource as usize];
            limits.conditional |= matches!(&held.facts, Facts::Carrier(carrier) if carrier.needs_activation);
            self.rows.push(Row {
                user,
                row: graph::Row { node, limits },
                assigned_at: metadata.assigned_at,
                by_policy: metadata.assigned_by_policy,
                by_rule: metadata.by_rule,
            });
            return;
        }
        let Some(expandable) = &grant.expandable else { return };
        let principal = self.names.resource_of(&grant.principal);
        limits.stale = self.names.carrier(principal).is_some_and(|carrier| carrier.is_stale);
        for source in &expandable.entitlement_ids {
            let from = self.names.node_of(source);
            let muted = metadata.muted_rights.iter().map(|right| (&**right).into()).collect();
            self.edges.push(Edge { from, to: node, shallow: expandable.shallow, limits });
            self.notes.push(Note {
                assigned_at: metadata.assigned_at,
                by_policy: metadata.assigned_by_policy,
                muted,
                principal,
            });
        }
    }

    /// Where system permissions are no resources of their own, the high-risk ones are known all the same: profiles,
    /// permission sets and permission set groups name theirs.
    fn add_high_risk(&mut self) {
        self.names.has_high_risk_alone = true;
        for (right, _) in HIGH_RISK {
            self.names.node_of(&format!("system_permission:{right}:granted"));
        }
        for number in 0..u32::try_from(self.names.resources.len()).unwrap_or(u32::MAX) {
            let resource = &self.names.resources[number as usize];
            let Some(carrier) = self.names.carrier(number) else { continue };
            let (rights, stale) = (carrier.high_risk.clone(), carrier.is_stale);
            let shallow = resource.kind == "permission";
            let Some(from) = self.names.own_node(number) else { continue };
            for right in rights {
                let to = self.names.node_of(&format!("system_permission:{right}:granted"));
                self.edges.push(Edge { from, to, shallow, limits: Limits { stale, ..Limits::NONE } });
                self.notes.push(Note { principal: number, ..Note::default() });
            }
        }
    }

    /// The document.
    ///
    /// # Errors
    /// Where it has no beginning or no end; a reader does not let that happen.
    pub fn finish(mut self) -> Result<Index, Missing> {
        let mut notes = Vec::with_capacity(self.notes.len());
        // The graph leaves these out, and numbers the others.
        for (edge, note) in self.edges.iter().zip(self.notes) {
            if edge.from != edge.to {
                notes.push(note);
            }
        }
        self.rows.sort_by_key(|row| (row.user, row.row.node));
        self.rows.shrink_to_fit();
        let mut index = Index {
            header: self.header.ok_or(Missing("header"))?,
            summary: self.summary.ok_or(Missing("summary"))?,
            graph: Graph::new(self.names.nodes.len(), self.edges),
            notes,
            rows: self.rows,
            inactive: self.inactive,
            derived: self.derived,
            names: self.names,
        };
        index.derived.shrink_to_fit();
        Ok(index)
    }
}

/// Whether a kind of resource is in a document.
pub fn has_kind(options: &read::Options, kind: &str) -> bool {
    options.sync_resource_types.iter().any(|other| other == kind)
}

impl Names {
    fn add(&mut self, resource: &read::Resource<'_>) {
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
                status: user.status,
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
    }

    /// The number of a resource; where it is not listed, it is known by its id from now on.
    fn resource_of(&mut self, id: &Id<'_>) -> u32 {
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

    fn node(&mut self, id: &str, resource: &Id<'_>) -> u32 {
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
    fn node_of(&mut self, id: &str) -> u32 {
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
    fn add_own_nodes(&mut self) {
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
    fn own_node(&self, resource: u32) -> Option<u32> {
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

    fn carrier(&self, resource: u32) -> Option<&Carrier> {
        match &self.resources[resource as usize].facts {
            Facts::Carrier(carrier) => Some(carrier),
            _ => None,
        }
    }
}

impl Resource {
    /// What is known of it if it is an account.
    pub fn person(&self) -> Option<&Person> {
        match &self.facts {
            Facts::User(person) => Some(person),
            _ => None,
        }
    }

    /// What is known of it if it is a group.
    pub fn group(&self) -> Option<&Group> {
        match &self.facts {
            Facts::Group(group) => Some(group),
            _ => None,
        }
    }

    /// Whether it is an application that every user may authorize himself.
    pub fn is_self_authorized(&self) -> bool {
        matches!(self.facts, Facts::SelfAuthorized)
    }
}

impl Index {
    /// Resources and entitlements.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// A resource.
    pub fn resource(&self, number: u32) -> &Resource {
        &self.names.resources[number as usize]
    }

    /// An entitlement.
    pub fn node(&self, number: u32) -> &Node {
        &self.names.nodes[number as usize]
    }

    /// The resource of an entitlement.
    pub fn resource_of(&self, node: u32) -> &Resource {
        self.resource(self.node(node).resource)
    }

    /// What is known of an account.
    pub fn person(&self, resource: u32) -> Option<&Person> {
        self.resource(resource).person()
    }

    /// What is known of a permission set, a profile or a permission set group.
    pub fn carrier(&self, resource: u32) -> Option<&Carrier> {
        self.names.carrier(resource)
    }

    /// A resource by its kind and id.
    pub fn find(&self, kind: &str, id: &str) -> Option<u32> {
        self.names.find(kind, id)
    }

    /// What is known of an edge.
    pub fn note(&self, edge: u32) -> &Note {
        &self.notes[edge as usize]
    }

    /// The rows that were kept, user by user.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows of a user.
    pub fn rows_of(&self, user: u32) -> &[Row] {
        let start = self.rows.partition_point(|row| row.user < user);
        let end = self.rows.partition_point(|row| row.user <= user);
        &self.rows[start..end]
    }

    /// The assignments that give nothing, as far as they were kept.
    pub fn inactive(&self) -> &[Inactive] {
        &self.inactive
    }

    /// Whether the document lists this as a derived grant, as far as those were kept.
    pub fn is_listed_as_derived(&self, user: u32, node: u32) -> bool {
        self.derived.contains(&(user, node))
    }

    /// The derived grants that were kept: user and entitlement.
    pub fn derived(&self) -> impl Iterator<Item = (u32, u32)> {
        self.derived.iter().copied()
    }

    /// The groups that have members by a rule: the entitlement and the group.
    pub fn rule_groups(&self) -> impl Iterator<Item = (u32, &Group, Rule)> {
        (0..).zip(&self.names.nodes).filter_map(|(number, node)| {
            let group = self.resource(node.resource).group()?;
            Some((number, group, group.rule?))
        })
    }
}
