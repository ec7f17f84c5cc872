//! A document, as far as questions about access need it: names, ids and direct grants, in little memory.
//!
//! Derived grants are not kept: they follow from the direct ones, and so the answers are the same whichever of them a
//! document has. Only those that are asked for are noted, to find out where they do *not* follow.

use std::collections::HashSet;

use compact_str::CompactString;
use foldhash::fast::RandomState;

use super::graph::{self, Graph};
use super::names::Names;
use super::rule::Rule;
use crate::model::{ObjectId, Status};
use crate::output::read::{self, Header, Summary};
use crate::time::Timestamp;

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
    pub(super) facts: Facts,
}

/// What is known of a resource beyond its names.
#[derive(Debug)]
pub(super) enum Facts {
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
    /// Whether the document tells that.
    pub is_status_known: bool,
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
    pub(super) needs_activation: bool,
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
    pub(super) notes: Vec<Note>,
    pub(super) rows: Vec<Row>,
    pub(super) inactive: Vec<Inactive>,
    /// Derived grants that the question is about.
    pub(super) derived: HashSet<(u32, u32), RandomState>,
    pub(super) names: Names,
}

/// Whether a kind of resource is in a document; where it does not tell, it may be.
pub fn has_kind(options: Option<&read::Options>, kind: &str) -> bool {
    options.is_none_or(|options| options.sync_resource_types.iter().any(|other| other == kind))
}

impl Resource {
    /// What is known of it if it is an account.
    pub fn person(&self) -> Option<&Person> {
        match &self.facts {
            Facts::User(person) => Some(person),
            _ => None,
        }
    }

    /// The state of an account, where the document tells it.
    pub fn status(&self) -> Option<Status> {
        self.person().filter(|person| person.is_status_known).map(|person| person.status)
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
    /// What decides what is in the document, where it tells.
    pub fn options(&self) -> Option<&read::Options> {
        self.header.options.as_ref()
    }

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
