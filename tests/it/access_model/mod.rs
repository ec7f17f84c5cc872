//! The rules by which rows become grants, each with a test of its name, on the cast: a small org with a row for each rule
//! (`tests/data/cast`), changed where a rule asks for something else.

mod assignments;
mod expansion;
mod groups;
mod reading;
mod rights;

use baton_salesforce::connector::{Expand, Options};
use baton_salesforce::demo::Org;
use baton_salesforce::model::ResourceKind;
use serde_json::Value;

use crate::cast::{Table, cast};
use crate::support::{Document, attribute};
use crate::truthful::{Served, everything, expanding};

/// A document of the cast, read by the names of the table.
struct Told {
    document: Document,
    table: Table,
}

/// What is told of the cast after a change of its rows.
fn changed(options: &Options, change: impl FnOnce(&mut Org, &Table)) -> Told {
    let (mut org, table) = (cast(), Table::read());
    change(&mut org, &table);
    Told { document: Served::new(org).document(options), table }
}

fn told(options: &Options) -> Told {
    changed(options, |_, _| ())
}

fn used() -> Options {
    expanding(Expand::Used)
}

/// With a kind that is in a document only where it is asked for.
fn also(kind: ResourceKind) -> Options {
    let mut options = used();
    options.kinds.insert(kind);
    options
}

impl Told {
    /// The grant of something to somebody, if there is one.
    fn grant(&self, held: &str, by: &str) -> Option<&Value> {
        let id = format!("{}:{}", self.table.entitlement(held), self.table.resource(by));
        self.document.list("grants").iter().find(|grant| grant["id"] == *id)
    }

    fn holds(&self, held: &str, by: &str) -> bool {
        self.grant(held, by).is_some()
    }

    /// The names among these of whoever holds something.
    fn holders<'n>(&self, held: &str, among: &[&'n str]) -> Vec<&'n str> {
        among.iter().copied().filter(|by| self.holds(held, by)).collect()
    }

    /// A fact about a grant.
    fn of_grant(&self, held: &str, by: &str, name: &str) -> Value {
        let grant = self.grant(held, by).unwrap_or_else(|| panic!("no grant {held} <- {by}"));
        let annotations = grant["annotations"].as_array().into_iter().flatten();
        let mut metadata = annotations.filter(|annotation| annotation["metadata"].is_object());
        metadata.next().map(|annotation| annotation["metadata"][name].clone()).unwrap_or_default()
    }

    fn attribute(&self, of: &str, name: &str) -> Value {
        attribute(self.document.resource(self.table.id(of)), name).clone()
    }

    /// The names among these whom a warning is about; none where nothing is warned of.
    fn warned<'n>(&self, code: &str, among: &[&'n str]) -> Vec<&'n str> {
        let warnings = self.document.0["summary"]["warnings"].as_array().unwrap();
        let ids =
            warnings.iter().filter(|warning| warning["code"] == code).filter_map(|warning| warning["ids"].as_array());
        let ids: Vec<&Value> = ids.flatten().collect();
        among.iter().copied().filter(|name| ids.iter().any(|id| **id == *self.table.id(name))).collect()
    }

    fn is_complete(&self) -> bool {
        self.document.0["summary"]["complete"] == true
    }

    /// Why an object was not read, if so.
    fn not_read(&self, object: &str) -> Option<&Value> {
        self.document.0["summary"]["notRead"].as_array().unwrap().iter().find(|entry| entry["object"] == object)
    }
}

const USERS: [&str; 8] = ["U1", "U2", "U3", "U4", "U5", "U6", "U7", "U8"];
