//! From the items of a document to the rows of a list. Names are kept, rows are not.

use std::borrow::Cow;

use anyhow::Result;

use super::super::explain::{near, users_not_asked_for};
use super::asked::Asked;
use crate::access::index::has_kind;
use crate::access::{Filter, FindError, Names};
use crate::output::Section;
use crate::output::read::{Entitlement, Grant, Header, Id, InactiveAssignment, Item, Part, Resource, Summary};
use crate::ui::show::{self, Held, Holder, Listing, What};

/// A list that is made while a document is read.
pub(super) struct List {
    what: What,
    filter: Filter,
    reason: Option<String>,
    is_direct: Option<bool>,
    listing: Listing,
    header: Option<Header>,
    summary: Option<Summary>,
    names: Names,
    /// The types that the document lists.
    kinds: Vec<String>,
    /// How many there are of what is listed, whatever the filters say.
    of: u64,
    /// How many are what the filters name, whatever their other words say.
    named: u64,
    /// Whether the filters' names were found in the document.
    is_checked: bool,
    /// What is said of the entitlement of the last grant: they come one entitlement after the other.
    last: Option<(String, HeldSays)>,
    /// What is said of those who hold something, by their number.
    holders: Vec<Option<HolderSays>>,
}

/// What the filters say of something that is held.
#[derive(Debug, Clone, Copy)]
struct HeldSays {
    /// The number of its resource.
    resource: u32,
    fits: bool,
    is_found: bool,
}

/// What the filters say of somebody who holds something.
#[derive(Debug, Clone, Copy)]
struct HolderSays {
    fits: bool,
    is_found: bool,
}

/// A document that was read to its end.
pub(super) struct Ended {
    pub(super) header: Header,
    pub(super) summary: Summary,
    /// Something to be said of the list.
    pub(super) note: Option<String>,
}

impl List {
    pub(super) fn new(what: What, asked: Asked) -> Self {
        let Asked { what: _, form, filter, reason, is_direct, sort } = asked;
        Self {
            what,
            filter,
            reason,
            is_direct,
            listing: Listing::new(what, form, sort),
            header: None,
            summary: None,
            names: Names::default(),
            kinds: Vec::new(),
            of: 0,
            named: 0,
            is_checked: false,
            last: None,
            holders: Vec::new(),
        }
    }

    /// Takes the next item.
    pub(super) fn take(&mut self, item: &Item<'_>) -> Result<()> {
        let part = item.part()?;
        if item.section > Section::ResourceType {
            self.check_kind()?;
        }
        match part {
            Part::Header(header) => self.header = Some(header),
            Part::ResourceType(kind) => self.kinds.push(kind.id.to_string()),
            Part::Resource(resource) => self.resource(&resource, item.text)?,
            Part::Entitlement(entitlement) => self.entitlement(&entitlement, item.text)?,
            Part::Grant(grant) if self.what == What::Grants => self.grant(&grant, item.text)?,
            Part::Inactive(assignment) if self.what == What::Inactive => self.inactive(&assignment, item.text)?,
            Part::Grant(_) | Part::Inactive(_) => {}
            Part::Summary(summary) => self.summary = Some(summary),
        }
        Ok(())
    }

    fn is_of_holders(&self) -> bool {
        matches!(self.what, What::Grants | What::Inactive)
    }

    fn resource(&mut self, resource: &Resource<'_>, text: &[u8]) -> Result<()> {
        match self.what {
            What::Users if resource.user.is_none() => return Ok(()),
            What::Users | What::Resources => {}
            _ => {
                self.names.add(resource);
                return Ok(());
            }
        }
        self.of += 1;
        // Only of this one: there may be millions.
        let mut names = Names::default();
        let number = names.add(resource);
        let known = &names.resources[number as usize];
        self.named += u64::from(is_named(&self.filter, known));
        if self.filter.lists(known) {
            let is_user = self.what == What::Users;
            self.listing.row(text, || if is_user { show::user(resource) } else { show::resource(resource) })?;
        }
        Ok(())
    }

    fn entitlement(&mut self, entitlement: &Entitlement<'_>, text: &[u8]) -> Result<()> {
        if self.what != What::Entitlements {
            if self.is_of_holders() {
                self.names.node(&entitlement.id, &entitlement.resource);
            }
            return Ok(());
        }
        self.of += 1;
        let number = self.names.resource_of(&entitlement.resource);
        let resource = &self.names.resources[number as usize];
        let fits = self.filter.held(resource, Some(&entitlement.id));
        self.named += u64::from(self.filter.things.iter().all(|thing| thing.fits(resource, Some(&entitlement.id))));
        let is_found = || {
            self.filter.finds(resource)
                || [&entitlement.id, &entitlement.display_name].into_iter().any(|text| self.filter.finds_in(text))
        };
        if fits && is_found() {
            self.listing.row(text, || show::entitlement(entitlement, resource))?;
        }
        Ok(())
    }

    fn grant(&mut self, grant: &Grant<'_>, text: &[u8]) -> Result<()> {
        self.check_names()?;
        self.of += 1;
        if self.is_direct.is_some_and(|is_direct| is_direct != grant.is_direct()) {
            return Ok(());
        }
        let Some((holder, held)) = self.fitting(&grant.principal, &grant.entitlement) else { return Ok(()) };
        let names = &self.names;
        let holder = Holder { id: &grant.principal, resource: &names.resources[holder as usize] };
        let held = Held { entitlement: &grant.entitlement, resource: &names.resources[held as usize] };
        Ok(self.listing.row(text, || show::grant(grant, holder, held, names))?)
    }

    fn inactive(&mut self, assignment: &InactiveAssignment<'_>, text: &[u8]) -> Result<()> {
        self.check_names()?;
        self.of += 1;
        if self.reason.as_ref().is_some_and(|reason| *reason != *assignment.reason) {
            return Ok(());
        }
        let Some((holder, held)) = self.fitting(&assignment.principal, &assignment.entitlement) else { return Ok(()) };
        let names = &self.names;
        let holder = Holder { id: &assignment.principal, resource: &names.resources[holder as usize] };
        let held = Held { entitlement: &assignment.entitlement, resource: &names.resources[held as usize] };
        Ok(self.listing.row(text, || show::inactive(assignment, holder, held))?)
    }

    /// The numbers of who holds something and of what is held, where that is to be listed.
    fn fitting(&mut self, principal: &Id<'_>, entitlement: &str) -> Option<(u32, u32)> {
        let held = match &self.last {
            Some((last, held)) if last == entitlement => *held,
            _ => {
                let held = self.held(entitlement);
                self.last = Some((entitlement.to_owned(), held));
                held
            }
        };
        if !held.fits {
            return None;
        }
        let number = self.names.resource_of(principal);
        let place = number as usize;
        if self.holders.len() <= place {
            self.holders.resize(self.names.resources.len(), None);
        }
        let resource = &self.names.resources[place];
        let holder = *self.holders[place].get_or_insert_with(|| HolderSays {
            fits: self.filter.holder(resource),
            is_found: self.filter.finds(resource),
        });
        (holder.fits && (holder.is_found || held.is_found)).then_some((number, held.resource))
    }

    fn held(&mut self, entitlement: &str) -> HeldSays {
        let node = self.names.node_of(entitlement);
        let number = self.names.nodes[node as usize].resource;
        let resource = &self.names.resources[number as usize];
        HeldSays {
            resource: number,
            fits: self.filter.held(resource, Some(entitlement)),
            is_found: self.filter.finds(resource) || self.filter.finds_in(entitlement),
        }
    }

    /// Whether the type that is asked for is in the document.
    fn check_kind(&mut self) -> Result<(), FindError> {
        let Some(kind) = self.filter.kind.as_ref().filter(|_| !self.kinds.is_empty()) else { return Ok(()) };
        if self.kinds.contains(kind) {
            return Ok(());
        }
        let hint = format!("; it has the types {}", self.kinds.join(", "));
        Err(FindError::NotFound { flag: "type", value: kind.clone(), hint })
    }

    /// Whether who and what is asked for is in the document: all names are known now.
    fn check_names(&mut self) -> Result<(), FindError> {
        if std::mem::replace(&mut self.is_checked, true) {
            return Ok(());
        }
        let options = self.header.as_ref().and_then(|header| header.options.as_ref());
        let names = &self.names;
        if let Some(user) = &self.filter.user {
            let is_there = self.named > 0 || names.resources.iter().any(|resource| user.fits(resource));
            if !is_there {
                let which = users_not_asked_for(options);
                let which = which.map(|which| format!("; its options leave out {which}")).unwrap_or_default();
                let hint = format!(" (--search finds parts of names{which})");
                return Err(FindError::NotFound { flag: "user", value: user.text().to_owned(), hint });
            }
        }
        for thing in &self.filter.things {
            let resource = |number: u32| &names.resources[number as usize];
            let is_there = self.named > 0
                || names.resources.iter().any(|resource| thing.fits(resource, None))
                || names.nodes.iter().any(|node| thing.fits(resource(node.resource), Some(&node.id)));
            if is_there {
                continue;
            }
            let (flag, value) = (thing.flag, thing.text().to_owned());
            return Err(thing.bad_id().unwrap_or_else(|| {
                let not_asked_for = thing.named_id().filter(|(kind, _)| !has_kind(options, kind.id()));
                let hint = match not_asked_for {
                    Some((kind, _)) => format!(" (it was made without the type {})", kind.id()),
                    None => near(names, options, &value),
                };
                FindError::NotFound { flag, value, hint }
            }));
        }
        Ok(())
    }

    /// Ends the list well.
    pub(super) fn end(mut self) -> Result<Ended> {
        self.check_names()?;
        self.listing.end(self.of)?;
        let note = self.note();
        let (Some(header), Some(summary)) = (self.header, self.summary) else {
            anyhow::bail!("the document has no beginning or no end");
        };
        Ok(Ended { header, summary, note: note.map(Cow::into_owned) })
    }

    /// Writes what has come, after a failure.
    pub(super) fn give_up(&mut self) {
        self.listing.give_up();
    }

    /// Why there is nothing, where that is not the filters' doing.
    fn note(&self) -> Option<Cow<'static, str>> {
        let options = self.header.as_ref().and_then(|header| header.options.as_ref());
        let (_, nouns) = self.what.nouns();
        let is_of_grants = matches!(self.what, What::Entitlements | What::Grants | What::Inactive);
        if is_of_grants && options.is_some_and(|options| options.skip_entitlements_and_grants) {
            return Some(format!("the document was made without {nouns} (--skip-entitlements-and-grants)").into());
        }
        let is_of_derived = self.what == What::Grants && self.is_direct != Some(true);
        if is_of_derived && options.is_some_and(|options| options.expand.as_deref() == Some("none")) {
            return Some("the document was made without what is held through others (--expand none)".into());
        }
        self.listing.is_silently_empty().then(|| format!("there are no such {nouns} in the document").into())
    }
}

/// Whether a resource is one that the filters name.
fn is_named(filter: &Filter, resource: &crate::access::index::Resource) -> bool {
    filter.user.as_ref().is_none_or(|user| user.fits(resource))
        && filter.things.iter().all(|thing| thing.fits(resource, None))
}
