//! How a query's pages are fetched: one after the other, the next one on its way while this one is parsed.

use std::collections::HashSet;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::{self, TryStreamExt};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::task::JoinHandle;

use super::client::Client;
use super::error::Error;
use super::page::Page;
use crate::panics;

/// A running query. The first page is on its way from the moment it is made.
#[derive(Debug)]
pub struct Query {
    client: Client,
    object: String,
    in_flight: Option<Fetch>,
    /// Where the next page is, if it may turn out not to be needed.
    held: Option<String>,
    /// Rows that are needed, where they are not all.
    needed: Option<u64>,
    /// Rows of the latest page that was taken apart.
    page_rows: u64,
    locators: HashSet<String>,
    total_size: Option<u64>,
    rows: u64,
    pages: u64,
    parsed: u64,
}

impl Query {
    pub(crate) fn start(client: Client, object: &str, path: String) -> Self {
        let in_flight = Some(Fetch::start(&client, object, path));
        Self {
            client,
            object: object.to_owned(),
            in_flight,
            held: None,
            needed: None,
            page_rows: 0,
            locators: HashSet::new(),
            total_size: None,
            rows: 0,
            pages: 0,
            parsed: 0,
        }
    }

    /// The next page, or `None` after the last. Only `done` and `nextRecordsUrl` tell the end, never a page's length.
    ///
    /// # Errors
    /// Also where the rows taken with [`Query::rows`] are not as many as Salesforce announced.
    pub async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        poll_fn(|context| self.poll_page(context)).await
    }

    /// The same, for those who wait for several at a time.
    pub(super) fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Page>, Error>> {
        let Some(fetch) = &mut self.in_flight else {
            return Poll::Ready(self.finish());
        };
        let body = ready!(Pin::new(fetch).poll(context));
        self.in_flight = None;
        Poll::Ready(body.and_then(|body| self.came(body)).map(Some))
    }

    fn came(&mut self, body: Bytes) -> Result<Page, Error> {
        let page = Page::new(body)?;
        self.pages += 1;
        let header = &page.header;
        let total = header.total_size.ok_or_else(|| Error::Protocol("a page without `totalSize`".to_owned()))?;
        let announced = *self.total_size.get_or_insert(total);
        if announced != total {
            return Err(Error::Changed { announced, now: total });
        }
        match (header.done, &header.next_records_url) {
            (Some(true), _) => {}
            (_, Some(path)) => {
                if !self.locators.insert(path.clone()) {
                    return Err(Error::Protocol("the same page was announced twice as the next one".to_owned()));
                }
                // With pages like the one before, this would be the last that is needed.
                let rows = self.rows + (self.pages - self.parsed) * self.page_rows;
                let is_last = self.needed.is_some_and(|needed| rows >= needed);
                if is_last {
                    self.held = Some(path.clone());
                } else {
                    self.in_flight = Some(Fetch::start(&self.client, &self.object, path.clone()));
                }
            }
            (_, None) => {
                return Err(Error::Protocol("`done` is false and there is no `nextRecordsUrl`".to_owned()));
            }
        }
        Ok(page)
    }

    /// Does without so many of the last rows: nothing is asked for that is not needed for the others.
    pub(super) fn spare(&mut self, rows: u64) {
        self.needed = self.needed.or(self.total_size).map(|needed| needed.saturating_sub(rows));
    }

    /// Rows that are needed and still to come; `None` where that is not known yet.
    pub(super) fn left(&self) -> Option<u64> {
        Some(self.needed.or(self.total_size)?.saturating_sub(self.rows))
    }

    /// How many rows there are, where that is all that was asked for.
    pub(super) async fn count(mut self) -> Result<u64, Error> {
        self.next_page().await?;
        self.total_size().ok_or_else(|| Error::Protocol("a count without `totalSize`".to_owned()))
    }

    /// Asks for the page that may not have been needed, if there is one.
    pub(super) fn go_on(&mut self) {
        if let Some(path) = self.held.take() {
            self.in_flight = Some(Fetch::start(&self.client, &self.object, path));
        }
    }

    /// The rows of a page, counted.
    pub fn rows<'p, T: Deserialize<'p>>(&mut self, page: &'p Page) -> Result<Vec<T>, Error> {
        let rows = page.rows()?;
        self.parsed += 1;
        self.page_rows = rows.len() as u64;
        self.rows += self.page_rows;
        Ok(rows)
    }

    /// All rows, each owned, as a stream.
    pub fn into_rows<T: DeserializeOwned>(self) -> impl Stream<Item = Result<T, Error>> {
        let pages = stream::try_unfold(self, |mut query| async move {
            let Some(page) = query.next_page().await? else { return Ok::<_, Error>(None) };
            let rows: Vec<T> = query.rows(&page)?;
            Ok(Some((stream::iter(rows.into_iter().map(Ok::<_, Error>)), query)))
        });
        pages.try_flatten()
    }

    /// Rows of the whole query, known from the first page on.
    pub fn total_size(&self) -> Option<u64> {
        self.total_size
    }

    /// Rows taken so far.
    pub fn rows_read(&self) -> u64 {
        self.rows
    }

    /// Pages delivered so far.
    pub fn pages_read(&self) -> u64 {
        self.pages
    }

    fn finish(&self) -> Result<Option<Page>, Error> {
        let announced = self.total_size.unwrap_or_default();
        if self.parsed == self.pages && self.rows != announced {
            return Err(Error::Totals { announced, delivered: self.rows });
        }
        Ok(None)
    }
}

/// A page on its way; the request is given up when nobody waits for it any more.
#[derive(Debug)]
struct Fetch(JoinHandle<Result<Bytes, Error>>);

impl Fetch {
    fn start(client: &Client, object: &str, path: String) -> Self {
        let client = client.clone();
        let object = object.to_owned();
        Self(tokio::spawn(async move { client.get(&object, &path).await }))
    }
}

impl Future for Fetch {
    type Output = Result<Bytes, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|joined| {
            joined.unwrap_or_else(|error| {
                Err(Error::Protocol(format!("a request ended badly: {}", panics::ended(&error))))
            })
        })
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.0.abort();
    }
}
