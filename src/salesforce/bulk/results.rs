//! The results of a job: files of CSV, one after the other or side by side, as pages of rows.
//!
//! Rows are passed on while they come. What is checked at the end of a file (its number of rows) and at the end of all (the
//! job's number of rows) fails the run: there is no way to take back what was passed on.

use std::collections::HashSet;
use std::sync::Arc;

use reqwest::Method;
use serde::Deserialize;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tracing::debug;

use super::csv::{Parser, cut};
use super::job::Job;
use super::table::Table;
use crate::panics;
use crate::salesforce::ApiVersion;
use crate::salesforce::client::Client;
use crate::salesforce::error::Error;
use crate::salesforce::page::Page;
use crate::salesforce::retry::Attempt;

/// Files that are read side by side.
const SIDE_BY_SIDE: usize = 4;
/// Tables that wait to be taken.
const WAITING: usize = 4;
/// The first version that tells the addresses of several files at once.
const ADDRESSES_SINCE: ApiVersion = ApiVersion::new(58);

/// The rows of a job that is complete.
#[derive(Debug)]
pub(crate) struct Results {
    job: Job,
    asked: Arc<[String]>,
    total: u64,
    file_rows: u64,
    rows: u64,
    files: u64,
    running: Option<Running>,
}

/// Reading, on tasks of its own; it ends when this is dropped.
#[derive(Debug)]
struct Running {
    tables: mpsc::Receiver<Came>,
    _reader: JoinSet<()>,
}

/// What comes of reading.
enum Came {
    Table(Table),
    File,
    Failed(Error),
}

impl Results {
    pub(super) fn new(job: Job, asked: Arc<[String]>, total: u64, file_rows: u64) -> Self {
        Self { job, asked, total, file_rows, rows: 0, files: 0, running: None }
    }

    /// The next rows, or `None` after the last; then the job is deleted. Nothing is fetched before the first ones are asked for:
    /// what waits to be taken would keep others from being read.
    ///
    /// # Errors
    /// Also where the rows are not as many as the job has.
    pub(crate) async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        loop {
            let running = self
                .running
                .get_or_insert_with(|| read(&self.job, Arc::clone(&self.asked), self.total, self.file_rows));
            match running.tables.recv().await {
                Some(Came::Table(table)) => {
                    self.rows += table.len() as u64;
                    return Ok(Some(table.into()));
                }
                Some(Came::File) => self.files += 1,
                Some(Came::Failed(error)) => {
                    self.job.close().await;
                    return Err(match error {
                        Error::Protocol(what) => Error::Protocol(format!(
                            "the results of a query job: {what}; with --query-engine rest there are no jobs"
                        )),
                        error => error,
                    });
                }
                None => {
                    self.job.close().await;
                    let totals = Error::Totals { announced: self.total, delivered: self.rows };
                    return if self.rows == self.total { Ok(None) } else { Err(totals) };
                }
            }
        }
    }

    /// Rows delivered so far.
    pub(crate) fn rows_read(&self) -> u64 {
        self.rows
    }

    /// Files read so far.
    pub(crate) fn files_read(&self) -> u64 {
        self.files
    }

    /// Gives the results up.
    pub(super) async fn close(&self) {
        self.job.close().await;
    }
}

fn read(job: &Job, asked: Arc<[String]>, total: u64, file_rows: u64) -> Running {
    let (sender, tables) = mpsc::channel(WAITING);
    let files = Files {
        client: job.client().clone(),
        object: job.object().to_owned(),
        path: job.path().to_owned(),
        file_rows,
        asked,
        sender,
    };
    let mut reader = JoinSet::new();
    reader.spawn(async move {
        let read = async {
            if total > file_rows && files.client.version() >= ADDRESSES_SINCE {
                files.side_by_side().await
            } else {
                files.one_by_one().await
            }
        };
        if let Err(error) = read.await {
            // Nobody waits for it any more.
            let _ = files.sender.send(Came::Failed(error)).await;
        }
    });
    Running { tables, _reader: reader }
}

/// The files of a job.
#[derive(Clone)]
struct Files {
    client: Client,
    object: String,
    /// Of the job.
    path: String,
    file_rows: u64,
    asked: Arc<[String]>,
    sender: mpsc::Sender<Came>,
}

impl Files {
    /// Each file tells where the next one is.
    async fn one_by_one(&self) -> Result<(), Error> {
        let mut locators = HashSet::new();
        let mut path = format!("{}/results?maxRecords={}", self.path, self.file_rows);
        while let Some(locator) = self.file(&path).await? {
            let encoded: String = url::form_urlencoded::byte_serialize(locator.as_bytes()).collect();
            path = format!("{}/results?locator={encoded}&maxRecords={}", self.path, self.file_rows);
            if !locators.insert(locator) {
                return Err(Error::Protocol("the same file of results was announced twice as the next one".to_owned()));
            }
        }
        Ok(())
    }

    /// The addresses come first, some at a time.
    async fn side_by_side(&self) -> Result<(), Error> {
        let places = Arc::new(Semaphore::new(SIDE_BY_SIDE));
        let (mut files, mut known, mut lists) = (JoinSet::new(), HashSet::new(), HashSet::new());
        let mut next = Some(format!("{}/resultPages", self.path));
        while let Some(list) = next {
            let body = match self.client.get(&self.object, &list).await {
                Err(Error::Api(refusal)) if known.is_empty() => {
                    debug!(object = self.object, %refusal, "there are no addresses; reading one file after the other");
                    return self.one_by_one().await;
                }
                answered => answered?,
            };
            let Lists { pages, next_records_url, done } =
                serde_json::from_slice(&body).map_err(|error| Error::Protocol(error.to_string()))?;
            for Listed { result_url } in pages {
                self.is_ours(&result_url, "results")?;
                if !known.insert(result_url.clone()) {
                    return Err(Error::Protocol("the same file of results was announced twice".to_owned()));
                }
                let (files_of, places) = (self.clone(), Arc::clone(&places));
                files.spawn(async move {
                    let _place = places.acquire().await;
                    files_of.file(&result_url).await
                });
            }
            next = match (done, next_records_url) {
                (true, _) => None,
                (false, Some(url)) => {
                    self.is_ours(&url, "resultPages")?;
                    if !lists.insert(url.clone()) {
                        return Err(Error::Protocol("the same list of results was announced twice".to_owned()));
                    }
                    Some(url)
                }
                (false, None) => {
                    return Err(Error::Protocol("`done` is false and there is no `nextRecordsUrl`".to_owned()));
                }
            };
        }
        while let Some(read) = files.join_next().await {
            read.unwrap_or_else(|error| {
                Err(Error::Protocol(format!("a request ended badly: {}", panics::ended(&error))))
            })?;
        }
        Ok(())
    }

    /// Nothing but what is under the job's own path is asked for.
    fn is_ours(&self, url: &str, resource: &str) -> Result<(), Error> {
        let rest = url.strip_prefix(&self.path).and_then(|rest| rest.strip_prefix('/')?.strip_prefix(resource));
        match rest {
            Some(rest) if rest.is_empty() || rest.starts_with('?') => Ok(()),
            _ => Err(Error::Protocol(format!(
                "`{}` is no address of the job's results",
                url.chars().take(120).collect::<String>()
            ))),
        }
    }

    /// Reads a file, again where it fails for now; gives back where the next one is.
    async fn file(&self, path: &str) -> Result<Option<String>, Error> {
        let (mut passed, mut is_again) = (0, false);
        let mut attempt = Attempt { tries: 1, ..Attempt::default() };
        loop {
            let error = match self.attempt(path, &mut passed).await {
                Ok(next) => {
                    if is_again {
                        self.client.was_answered(&self.object);
                    }
                    self.pass(Came::File).await;
                    return Ok(next);
                }
                Err(error) => error,
            };
            let Some(pause) = self.client.pause(&self.object, &error, &mut attempt) else { return Err(error) };
            is_again = true;
            tokio::time::sleep(pause).await;
        }
    }

    /// Reads a file once. So many of its rows were passed on before: as long as there is the job, the file is the same.
    async fn attempt(&self, path: &str, passed: &mut u64) -> Result<Option<String>, Error> {
        let mut answer = self.client.call(&self.object, Method::GET, path, None).await?;
        let announced = answer.header("sforce-numberofrecords").and_then(|number| number.parse::<u64>().ok());
        let Some(announced) = announced else { return Err(answer.not_results().await?) };
        let locator = answer.header("sforce-locator").filter(|locator| !matches!(*locator, "null" | ""));
        let locator = locator.map(str::to_owned);
        let mut parser = Parser::new(Arc::clone(&self.asked));
        let (mut seen, mut is_empty) = (0, true);
        while let Some(bytes) = answer.chunk().await? {
            is_empty &= bytes.is_empty();
            for table in parser.feed(&bytes)? {
                self.pass_new(table, &mut seen, passed).await;
            }
        }
        if announced == 0 && is_empty {
            return Ok(locator);
        }
        let (table, rows) = parser.finish()?;
        if announced != rows {
            return Err(cut(&format!("a file of {announced} rows came with {rows}")));
        }
        if let Some(table) = table {
            self.pass_new(table, &mut seen, passed).await;
        }
        Ok(locator)
    }

    async fn pass_new(&self, table: Table, seen: &mut u64, passed: &mut u64) {
        *seen += table.len() as u64;
        if *seen > *passed {
            *passed = *seen;
            self.pass(Came::Table(table)).await;
        }
    }

    async fn pass(&self, came: Came) {
        if self.sender.send(came).await.is_err() {
            debug!(object = self.object, "nobody waits for the results any more");
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lists {
    #[serde(rename = "resultPages")]
    pages: Vec<Listed>,
    #[serde(default, alias = "nextRecordUrl")]
    next_records_url: Option<String>,
    done: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    result_url: String,
}
