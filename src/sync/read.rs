//! Reading one object: its pages, what is noted about them, and what happens where it is refused.

use std::sync::{Mutex, PoisonError};

use tokio::task::JoinHandle;

use super::error::Error;
use super::events::{Event, Watch};
use super::source::Source;
use crate::model::document::{NotRead, Read};
use crate::panics;
use crate::salesforce::bulk::Bulk;
use crate::salesforce::error::Refusal;
use crate::salesforce::objects::Object;
use crate::salesforce::observe::Repeat;
use crate::salesforce::select::Opened;
use crate::salesforce::{self, Client, Timestamp};

/// Whether the run can go on without an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    /// The permission that reading it needs, where it is more than API access.
    pub(crate) right: Option<&'static str>,
    /// What the document lacks without it; `None` where there is no document without it.
    pub(crate) lack: Option<&'static str>,
}

impl Need {
    pub(crate) const fn required(right: Option<&'static str>) -> Self {
        Self { right, lack: None }
    }

    pub(crate) const fn optional(right: Option<&'static str>, lack: &'static str) -> Self {
        Self { right, lack: Some(lack) }
    }
}

/// An object that has been asked for.
pub(crate) struct Pending {
    object: String,
    need: Need,
    started_at: Timestamp,
    opened: JoinHandle<Result<Source, salesforce::Error>>,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.opened.abort();
    }
}

/// What is noted about an object that was read.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) rows: u64,
    pub(crate) fields_left_out: Vec<String>,
}

impl Facts {
    pub(crate) fn lacks(&self, field: &str) -> bool {
        self.fields_left_out.iter().any(|left_out| left_out == field)
    }
}

/// Reads objects and keeps the books.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) client: Client,
    pub(crate) watch: Watch,
    bulk: Bulk,
    books: Mutex<Books>,
}

#[derive(Debug, Default)]
pub(crate) struct Books {
    pub(crate) read: Vec<Read>,
    pub(crate) not_read: Vec<NotRead>,
}

impl Reader {
    pub(crate) fn new(client: Client, watch: Watch, bulk: Bulk) -> Self {
        let told = watch.clone();
        client.observe(move |object, repeat| {
            let object = object.to_owned();
            told.tell(match repeat {
                Repeat::Again { reason, pause } => Event::Repeating { object, reason: reason.to_owned(), pause },
                Repeat::Answered => Event::Recovered { object },
            });
        });
        Self { client, watch, bulk, books: Mutex::default() }
    }

    /// Asks for an object; its first page is on its way from now on.
    pub(crate) fn start(
        &self,
        object: &str,
        need: Need,
        open: impl Future<Output = Result<Opened, salesforce::Error>> + Send + 'static,
    ) -> Pending {
        self.watch.tell(Event::Started { object: object.to_owned() });
        let started_at = Timestamp::now();
        let (client, watch, bulk, name) = (self.client.clone(), self.watch.clone(), self.bulk, object.to_owned());
        let opened = async move { Ok(Source::choose(&client, bulk, &watch, &name, open.await?).await) };
        Pending { object: object.to_owned(), need, started_at, opened: tokio::spawn(opened) }
    }

    /// Takes the rows of an object; `None` where it was refused and can be done without.
    pub(crate) async fn take<O: Object>(
        &self,
        mut pending: Pending,
        mut each: impl FnMut(O::Row<'_>) -> Result<(), Error>,
    ) -> Result<Option<Facts>, Error> {
        let error = match Self::opened(&mut pending).await {
            Ok(opened) => return self.rows::<O>(&pending, opened, &mut each).await.map(Some),
            Err(error) => error,
        };
        let (Some(consequence), Some(reason)) = (pending.need.lack, error.refusal().and_then(reason)) else {
            return Err(Error::read(&pending.object, pending.need.right)(error));
        };
        self.watch.tell(Event::NotRead { object: pending.object.clone(), reason });
        self.books().not_read.push(NotRead {
            object: pending.object.clone(),
            reason,
            required: false,
            message: error.to_string(),
            consequence: consequence.to_owned(),
        });
        Ok(None)
    }

    async fn opened(pending: &mut Pending) -> Result<Source, salesforce::Error> {
        (&mut pending.opened).await.unwrap_or_else(|error| {
            Err(salesforce::Error::Protocol(format!("a request ended badly: {}", panics::ended(&error))))
        })
    }

    async fn rows<O: Object>(
        &self,
        pending: &Pending,
        mut source: Source,
        each: &mut impl FnMut(O::Row<'_>) -> Result<(), Error>,
    ) -> Result<Facts, Error> {
        let object = &pending.object;
        let failed = |error| Error::read(object, None)(error);
        while let Some(page) = source.next_page().await.map_err(failed)? {
            for row in source.rows::<O>(&page).map_err(failed)? {
                each(row)?;
            }
            let (rows, total) = (source.rows_read(), source.total_size());
            self.watch.tell(Event::Page { object: object.clone(), rows, total });
        }
        let (rows, pages) = (source.rows_read(), source.pages_read());
        let total_size = source.total_size();
        let (engine, engine_reason) = source.engine.unzip();
        self.watch.tell(Event::Read { object: object.clone(), rows, pages });
        self.books().read.push(Read {
            object: object.clone(),
            soql: source.soql,
            total_size,
            rows,
            pages,
            engine,
            engine_reason,
            fields_left_out: source.fields_left_out.clone(),
            started_at: pending.started_at,
            ended_at: Timestamp::now(),
        });
        Ok(Facts { rows, fields_left_out: source.fields_left_out })
    }

    /// An object that was done without turns out to be needed: what was read elsewhere proves that it holds something.
    pub(crate) fn is_needed_after_all(&self, object: &str) {
        for not_read in &mut self.books().not_read {
            if not_read.object == object {
                not_read.required = true;
            }
        }
    }

    pub(crate) fn books(&self) -> std::sync::MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forbidden, whatever is asked for.
const OF_THE_WHOLE_API: &[&str] = &["REQUEST_LIMIT_EXCEEDED", "API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"];

/// Why an object was refused, if it was the object that was refused, and not the request or the login.
///
/// `INVALID_TYPE` comes alike where a feature is off and where the user lacks a permission.
pub(super) fn reason(refusal: &Refusal) -> Option<&'static str> {
    if refusal.has(&["INVALID_TYPE", "INVALID_TYPE_FOR_OPERATION", "NOT_FOUND", "FUNCTIONALITY_NOT_ENABLED"]) {
        Some("FEATURE_OFF_OR_NO_RIGHT")
    } else if refusal.has(&["INVALID_FIELD"]) {
        Some("FIELD_NOT_VISIBLE")
    } else if refusal.has(&["INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY"])
        || refusal.status == 403 && !refusal.has(OF_THE_WHOLE_API)
    {
        Some("NO_RIGHT")
    } else {
        None
    }
}
