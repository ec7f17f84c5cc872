//! From the parts of a document to an [`Index`]: what is kept of it, and what is not.

use std::collections::HashSet;

use compact_str::CompactString;
use foldhash::fast::RandomState;

use super::graph::{self, Edge, Graph, Limits, Until};
use super::index::{Inactive, Index, Note, Row, has_kind};
use super::names::Names;
use crate::connector::high_risk::HIGH_RISK;
use crate::output::read::{Grant, Header, Part, Summary};

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
            Part::Resource(resource) => {
                self.names.add(&resource);
            }
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
        let options = self.header.as_ref().and_then(|header| header.options.as_ref());
        if options.is_some_and(|options| options.skip_entitlements_and_grants) {
            self.names.add_own_nodes();
        }
        if !has_kind(options, "system_permission") {
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
        // Of a grant that is held in other ways too, the direct way counts here.
        let mut limits = Limits {
            until: Until::of(metadata.direct_expires_at.or(metadata.expires_at)),
            conditional: metadata.condition.is_some() || metadata.direct_condition.is_some(),
            partial: !metadata.muted_rights.is_empty(),
            stale: false,
        };
        if is_user {
            let held = self.names.nodes[node as usize].resource;
            limits.conditional |= self.names.carrier(held).is_some_and(|carrier| carrier.needs_activation);
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
