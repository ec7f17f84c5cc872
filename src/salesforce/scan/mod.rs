//! All rows of an object: by one cursor as a rule, by several side by side where there are many rows, and by a new one where
//! one is lost.
//!
//! Each part of a scan is a range of ids, above one and up to another, and reads it in the order of the ids. To divide
//! one, a new cursor is opened in its middle, and the old one reads on until it comes there: no call is lost by that but
//! the last page of each cursor, which is seldom full. A part whose cursor is lost goes on above the last id it saw.

mod between;
mod part;

use std::future::poll_fn;
use std::task::{Context, Poll};

use serde::de::IgnoredAny;
use tracing::debug;

use self::between::between;
use self::part::Part;
pub(super) use self::part::Range;
use super::RecordId;
use super::client::Client;
use super::error::Error;
use super::objects::Object;
use super::page::Page;
use super::query::Query;
use super::select::Plan;

/// Reads all rows of an object.
#[derive(Debug)]
pub struct Scan {
    client: Client,
    plan: Plan,
    parts: Vec<Part>,
    first: Option<Page>,
    /// Rows on the first page: as many as fit, where there are more.
    page_rows: u64,
    announced: Option<u64>,
    rows: u64,
    pages: u64,
    /// How many more calls may go into division.
    to_spend: u64,
    /// Which part is asked first whether its page has come.
    turn: usize,
    made: u32,
}

/// A page, and the part of the scan that it belongs to.
#[derive(Debug)]
pub struct Arrived {
    part: u32,
    page: Page,
}

/// What has come of waiting.
enum Came {
    Page(usize, Result<Option<Page>, Error>),
    Bound(usize, Result<Option<Page>, Error>),
}

/// A range with fewer pages is not worth dividing.
const FEWEST_PAGES: u64 = 4;
/// A range is not halved more often when queries time out.
const MOST_HALVINGS: u32 = 8;

/// How many calls may go into the division of a scan: none where there are few pages, and a few in a hundred where there are
/// many.
fn to_spend(pages: u64) -> u64 {
    if pages < 24 { 0 } else { (pages / 9).min(6 + pages / 50) }
}

impl Scan {
    pub(super) fn new(client: &Client, plan: Plan, query: Query, first: Option<Page>) -> Self {
        let announced = query.total_size();
        let part = Part::new(0, Range::default(), query);
        Self { first, announced, parts: vec![part], made: 1, ..Self::empty(client, plan) }
    }

    fn empty(client: &Client, plan: Plan) -> Self {
        Self {
            client: client.clone(),
            plan,
            parts: Vec::new(),
            first: None,
            page_rows: 0,
            announced: None,
            rows: 0,
            pages: 0,
            to_spend: 0,
            turn: 0,
            made: 0,
        }
    }

    /// A scan of an object of which Salesforce cannot give all rows at once in time.
    pub(super) async fn divided(client: &Client, plan: Plan, error: Error) -> Result<Self, Error> {
        let mut scan = Self::empty(client, plan);
        scan.halve(Range::default(), 0, error).await?;
        Ok(scan)
    }

    /// The next page of any part, or `None` after the last.
    pub async fn next_page(&mut self) -> Result<Option<Arrived>, Error> {
        if let Some(page) = self.first.take() {
            self.pages += 1;
            return Ok(Some(Arrived { part: 0, page }));
        }
        loop {
            self.divide();
            if self.parts.is_empty() {
                return Ok(None);
            }
            match poll_fn(|context| self.poll(context)).await {
                Came::Page(at, Ok(Some(page))) => {
                    self.pages += 1;
                    return Ok(Some(Arrived { part: self.parts[at].number, page }));
                }
                Came::Page(at, Ok(None)) => {
                    self.parts.swap_remove(at);
                }
                Came::Page(at, Err(error)) => self.mend(at, error).await?,
                Came::Bound(at, answer) => self.bounded(at, answer)?,
            }
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Came> {
        // All that has come, first: what comes after it is asked for at that.
        for (at, part) in self.parts.iter_mut().enumerate() {
            if let Some(bound) = &mut part.bound
                && let Poll::Ready(page) = bound.poll_page(context)
            {
                return Poll::Ready(Came::Bound(at, page));
            }
            if part.ready.is_none()
                && let Poll::Ready(page) = part.query.poll_page(context)
            {
                match page {
                    Ok(Some(page)) => part.ready = Some(page),
                    other => return Poll::Ready(Came::Page(at, other)),
                }
            }
        }
        let count = self.parts.len();
        for step in 0..count {
            let at = (self.turn + step) % count;
            if let Some(page) = self.parts[at].ready.take() {
                self.turn = at + 1;
                return Poll::Ready(Came::Page(at, Ok(Some(page))));
            }
        }
        Poll::Pending
    }

    /// The rows of a page that are of its part.
    pub fn rows<'p, O: Object>(&mut self, arrived: &'p Arrived) -> Result<Vec<O::Row<'p>>, Error> {
        let Some(at) = self.parts.iter().position(|part| part.number == arrived.part) else {
            return Err(Error::Protocol("a page of a part that has ended".to_owned()));
        };
        let part = &mut self.parts[at];
        let mut rows: Vec<O::Row<'p>> = part.query.rows(&arrived.page)?;
        self.page_rows = self.page_rows.max(rows.len() as u64);
        let mut end = None;
        for (row, id) in rows.iter().map(O::id).enumerate() {
            let before = part.rest().above;
            let is_next = id.is_some_and(|id| before.is_none_or(|before| id > before));
            // Orders that are none are tolerated where nothing depends on them, but not a page of what has come before.
            if !is_next && (part.is_bounded || row == 0 && part.is_ordered && before.is_some()) {
                return Err(out_of_order(id, before));
            }
            part.is_ordered &= is_next;
            if end.is_none() && part.range.upto.zip(id).is_some_and(|(upto, id)| id > upto) {
                end = Some(row);
            }
            part.last = id.or(part.last);
        }
        if part.query.pages_read() == 1 {
            self.opened(at);
        }
        if let Some(end) = end {
            rows.truncate(end);
            self.parts.swap_remove(at);
        } else {
            self.parts[at].query.go_on();
        }
        self.rows += rows.len() as u64;
        Ok(rows)
    }

    /// The first page of a part has come.
    fn opened(&mut self, at: usize) {
        let part = &self.parts[at];
        let (number, total) = (part.number, part.query.total_size().unwrap_or_default());
        if number == 0 && self.pages == 1 {
            self.to_spend = to_spend(total.div_ceil(self.page_rows.max(1)));
            return;
        }
        let Some(parent) = self.parts.iter_mut().find(|part| part.child == Some(number)) else { return };
        parent.child = None;
        parent.query.spare(total);
        // The middle of the ids is not that of the rows: they are in heaps, and the end of this one is to be looked for.
        parent.is_tight = parent.query.left().is_some_and(|left| left / 3 <= total);
    }

    /// Opens further cursors, as many as there are places for requests.
    fn divide(&mut self) {
        let mut idle = if self.client.is_parallel() { self.client.idle() } else { 0 };
        while idle > 0 && self.to_spend > 0 {
            let is_worth_it = |part: &Part| {
                part.is_ordered
                    && !part.is_narrow
                    && part.last.is_some()
                    && part.child.is_none()
                    && part.bound.is_none()
                    && part.query.left().is_some_and(|left| left >= FEWEST_PAGES * self.page_rows)
            };
            let worth = self.parts.iter_mut().filter(|part| is_worth_it(part));
            let Some(part) = worth.max_by_key(|part| part.query.left()) else { return };
            idle -= 1;
            self.to_spend -= 1;
            let (Some(last), Some(upto), true) = (part.last, part.range.upto, part.is_tight) else {
                let soql = self.plan.soql_outermost(part.rest(), true);
                part.bound = Some(self.client.query(self.plan.object(), &soql));
                continue;
            };
            let Some(middle) = between(last, upto) else {
                part.is_narrow = true;
                continue;
            };
            let upper = Range { above: Some(middle), upto: Some(upto) };
            part.range.upto = Some(middle);
            part.is_bounded = true;
            part.is_tight = false;
            part.child = Some(self.made);
            debug!(object = self.plan.object(), at = %middle, "a further cursor");
            self.start(upper, 0).is_tight = true;
        }
    }

    fn start(&mut self, range: Range, halved: u32) -> &mut Part {
        let query = self.client.query(self.plan.object(), &self.plan.soql_within(range));
        let part = Part { halved, ..Part::new(self.made, range, query) };
        self.made += 1;
        let at = self.parts.len();
        self.parts.push(part);
        &mut self.parts[at]
    }

    /// The highest id of a part is known.
    fn bounded(&mut self, at: usize, answer: Result<Option<Page>, Error>) -> Result<(), Error> {
        let part = &mut self.parts[at];
        part.bound = None;
        let highest = match answer {
            Ok(page) => outermost(page)?,
            // It only helps.
            Err(error) if error.is_query_timeout() => None,
            Err(error) => return Err(error),
        };
        match highest.filter(|highest| part.last.is_none_or(|last| last < *highest)) {
            Some(highest) => {
                // Rows that come into being from now on are of another time.
                part.range.upto = Some(part.range.upto.map_or(highest, |upto| upto.min(highest)));
                part.is_tight = true;
            }
            // Nothing is left, or nothing that can be divided.
            None => part.is_narrow = true,
        }
        Ok(())
    }

    /// Goes on where a cursor was lost, or took too long.
    async fn mend(&mut self, at: usize, error: Error) -> Result<(), Error> {
        let part = &mut self.parts[at];
        let (has_come, is_slow) = (part.query.pages_read() > 0, error.is_query_timeout());
        if !part.is_ordered {
            return Err(error);
        }
        if is_slow && !has_come {
            let part = self.parts.swap_remove(at);
            return self.halve(part.rest(), part.halved, error).await;
        }
        let has_advanced = has_come && part.last.is_some() && part.lost_at != part.last;
        if !has_advanced || !is_slow && !error.is_lost_cursor() {
            return Err(error);
        }
        debug!(object = self.plan.object(), %error, "a new cursor takes the place of one");
        let rest = part.rest();
        let query = self.client.query(self.plan.object(), &self.plan.soql_within(rest));
        *part = Part {
            last: part.last,
            lost_at: part.last,
            is_tight: part.is_tight,
            halved: part.halved,
            ..Part::new(part.number, rest, query)
        };
        Ok(())
    }

    /// Two parts in the place of one that takes Salesforce too long.
    async fn halve(&mut self, range: Range, halved: u32, error: Error) -> Result<(), Error> {
        if halved >= MOST_HALVINGS {
            return Err(error);
        }
        let lowest = self.outermost(range, false).await?;
        let highest = self.outermost(range, true).await?;
        let (Some(lowest), Some(highest)) = (lowest, highest) else {
            // None is left of the rows that took so long.
            self.start(range, MOST_HALVINGS);
            return Ok(());
        };
        let Some(middle) = between(lowest, highest) else { return Err(error) };
        debug!(object = self.plan.object(), at = %middle, "a query that timed out is divided");
        self.start(Range { above: range.above, upto: Some(middle) }, halved + 1);
        self.start(Range { above: Some(middle), upto: range.upto }, halved + 1);
        Ok(())
    }

    async fn outermost(&self, range: Range, highest: bool) -> Result<Option<RecordId>, Error> {
        let soql = self.plan.soql_outermost(range, highest);
        outermost(self.client.query(self.plan.object(), &soql).next_page().await?)
    }

    /// Rows on the first page, before it was taken; all of them where there is no further one.
    pub(crate) fn rows_on_first_page(&self) -> u64 {
        match &self.first {
            Some(first) if first.header.done != Some(true) => {
                first.rows::<IgnoredAny>().map_or(0, |rows| rows.len() as u64)
            }
            _ => self.total_size(),
        }
    }

    /// Rows that there are, as far as it is known. At the end: rows that were announced at first. Where these are not those
    /// that were read, rows came or went meanwhile: each cursor gave all that it announced.
    pub fn total_size(&self) -> u64 {
        let left = || self.parts.iter().map(|part| part.query.left().unwrap_or_default()).sum::<u64>();
        self.announced.unwrap_or_else(|| self.rows + left())
    }

    /// Rows taken so far.
    pub fn rows_read(&self) -> u64 {
        self.rows
    }

    /// Pages delivered so far.
    pub fn pages_read(&self) -> u64 {
        self.pages
    }
}

fn out_of_order(id: Option<RecordId>, before: Option<RecordId>) -> Error {
    let shown = |id: Option<RecordId>| id.map_or_else(|| "one without an id".to_owned(), |id| id.to_string());
    let (id, before) = (shown(id), shown(before));
    Error::Protocol(format!(
        "the rows go back: {id} came after {before}, and the order of their ids was asked for; with --concurrency 1 no object \
         is read in parts"
    ))
}

/// The id on a page of at most one row.
fn outermost(page: Option<Page>) -> Result<Option<RecordId>, Error> {
    #[derive(serde::Deserialize)]
    struct Row {
        #[serde(rename = "Id")]
        id: RecordId,
    }
    let Some(page) = page else { return Ok(None) };
    Ok(page.rows::<Row>()?.pop().map(|row| row.id))
}
