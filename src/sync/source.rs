//! Where the rows of an object come from: pages of REST, or the results of a query job of the Bulk API.

use std::fmt;

use tracing::debug;

use super::events::{Event, Watch};
use crate::model::document::Engine;
use crate::salesforce::bulk::{self, Bulk, Choice, Known, Results, Statement};
use crate::salesforce::objects::Object;
use crate::salesforce::page::Page;
use crate::salesforce::scan::{Arrived, Scan};
use crate::salesforce::select::Opened;
use crate::salesforce::{Client, Error};

/// An object whose rows can be taken.
pub(super) struct Source {
    rows: Rows,
    /// The statement that was answered.
    pub(super) soql: String,
    pub(super) fields_left_out: Vec<String>,
    /// By which API, and why, where there is something to tell.
    pub(super) engine: Option<(Engine, String)>,
}

enum Rows {
    Rest(Box<Scan>),
    Bulk {
        results: Results,
        /// Rows that there were according to REST.
        total: u64,
    },
}

/// Some rows.
pub(super) enum Part {
    Rest(Arrived),
    Bulk(Page),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("soql", &self.soql).field("engine", &self.engine).finish_non_exhaustive()
    }
}

impl Source {
    /// Chooses once the first page is there. A job runs from now on, while other objects are taken; where none gives the
    /// rows, REST goes on after its first page.
    pub(super) async fn choose(client: &Client, bulk: Bulk, watch: &Watch, object: &str, opened: Opened) -> Self {
        let tell = |engine: Engine, why: &str| {
            watch.tell(Event::Engine { object: object.to_owned(), engine, why: why.to_owned() });
        };
        let total = opened.scan.total_size();
        let page = opened.scan.rows_on_first_page();
        let known = Known { version: client.version(), rows: total, page, calls_left: client.calls_left() };
        let why = match (bulk::choose(bulk.engine, known), Statement::of(&opened.soql)) {
            (Choice::Bulk(reason), Some(statement)) => {
                let reason = reason.to_string();
                tell(Engine::Bulk, &reason);
                match bulk::run(client, object, statement, total, bulk).await {
                    Ok(results) => {
                        let soql = statement.unordered();
                        let engine = Some((Engine::Bulk, reason));
                        let fields_left_out = opened.fields_left_out;
                        return Self { rows: Rows::Bulk { results, total }, soql, fields_left_out, engine };
                    }
                    Err(error) => Some(error.to_string()),
                }
            }
            (Choice::Rest(why), _) => why.map(str::to_owned),
            (Choice::Bulk(_), None) => None,
        };
        if let Some(why) = &why {
            tell(Engine::Rest, why);
        } else {
            debug!(object, rows = known.rows, page, calls_left = known.calls_left, "read by REST");
        }
        let Opened { scan, soql, fields_left_out } = opened;
        Self { rows: Rows::Rest(scan), soql, fields_left_out, engine: why.map(|why| (Engine::Rest, why)) }
    }

    /// The next rows, or `None` after the last.
    pub(super) async fn next_page(&mut self) -> Result<Option<Part>, Error> {
        match &mut self.rows {
            Rows::Rest(scan) => Ok(scan.next_page().await?.map(Part::Rest)),
            Rows::Bulk { results, .. } => Ok(results.next_page().await?.map(Part::Bulk)),
        }
    }

    /// The rows of a part.
    pub(super) fn rows<'p, O: Object>(&mut self, part: &'p Part) -> Result<Vec<O::Row<'p>>, Error> {
        match (&mut self.rows, part) {
            (Rows::Rest(scan), Part::Rest(arrived)) => scan.rows::<O>(arrived),
            (_, Part::Bulk(page)) => page.rows(),
            (Rows::Bulk { .. }, Part::Rest(_)) => Err(Error::Protocol("a page of REST in a job's results".to_owned())),
        }
    }

    /// Rows of the whole object, as they were announced at first.
    pub(super) fn total_size(&self) -> u64 {
        match &self.rows {
            Rows::Rest(scan) => scan.total_size(),
            Rows::Bulk { total, .. } => *total,
        }
    }

    /// Rows taken so far.
    pub(super) fn rows_read(&self) -> u64 {
        match &self.rows {
            Rows::Rest(scan) => scan.rows_read(),
            Rows::Bulk { results, .. } => results.rows_read(),
        }
    }

    /// Pages, or files of results, that came so far.
    pub(super) fn pages_read(&self) -> u64 {
        match &self.rows {
            Rows::Rest(scan) => scan.pages_read(),
            Rows::Bulk { results, .. } => results.files_read(),
        }
    }
}
