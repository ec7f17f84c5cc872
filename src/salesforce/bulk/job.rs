//! A query job: made, looked at until it has ended, and deleted in any case.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::RwLock;
use tracing::{debug, warn};

use crate::net::error::plain;
use crate::panics;
use crate::salesforce::client::Client;
use crate::salesforce::error::Error;

/// How long to wait between two looks at a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    /// The longest pause; the first is a tenth of it.
    pub longest: Duration,
    /// After so much waiting a job is given up.
    pub all: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { longest: Duration::from_secs(20), all: Duration::from_hours(1) }
    }
}

impl Pauses {
    /// One after the other, until it is time to give up.
    fn each(self) -> impl Iterator<Item = Duration> {
        let longer = move |pause: &Duration| Some((*pause * 3 / 2).min(self.longest));
        let pauses = std::iter::successors(Some(self.longest / 10), longer);
        pauses.scan(Duration::ZERO, move |waited, pause| {
            *waited += pause;
            (*waited <= self.all).then_some(pause)
        })
    }
}

/// All that a job tells of itself that we use.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    id: String,
    state: String,
    #[serde(default)]
    number_records_processed: Option<u64>,
    #[serde(default)]
    error_message: Option<String>,
}

/// What became of a job.
#[derive(Debug)]
enum State {
    UnderWay,
    Complete(u64),
    Ended(String),
}

impl Told {
    fn state(self) -> Result<State, Error> {
        match self.state.as_str() {
            "UploadComplete" | "InProgress" => Ok(State::UnderWay),
            "JobComplete" => {
                let missing = || Error::Protocol("a job without `numberRecordsProcessed`".to_owned());
                self.number_records_processed.map(State::Complete).ok_or_else(missing)
            }
            ended @ ("Failed" | "Aborted") => {
                let words = self.error_message.map(|words| format!(": {}", plain(&words))).unwrap_or_default();
                Ok(State::Ended(format!("the job ended as {ended}{words}")))
            }
            other => Err(Error::Protocol(format!("a job in a state that is not known: `{other}`"))),
        }
    }
}

/// A job of ours in the org. It must be [closed](Job::close); what is not closed when the program ends, [`close_all`]
/// closes.
#[derive(Debug)]
pub(super) struct Job {
    client: Client,
    object: String,
    path: String,
    is_complete: bool,
}

/// Jobs that have been made and not been deleted.
static OPEN: Mutex<Vec<Left>> = Mutex::new(Vec::new());
/// Held for reading while a job is made: until the answer has come, nobody knows its id.
static MAKING: RwLock<()> = RwLock::const_new(());

/// Whether the process is about to end: no further job is made.
static IS_OVER: AtomicBool = AtomicBool::new(false);

/// A job that somebody has to delete.
#[derive(Debug, Clone)]
struct Left {
    client: Client,
    object: String,
    path: String,
    is_complete: bool,
}

fn open() -> MutexGuard<'static, Vec<Left>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Aborts and deletes the jobs that are still there, as far as that can be done in so much time. For who is about to end
/// the process.
pub async fn close_all(limit: Duration) {
    let close = async {
        let _made = MAKING.write().await;
        IS_OVER.store(true, Ordering::Relaxed);
        let left = std::mem::take(&mut *open());
        futures_util::future::join_all(left.iter().map(Left::close)).await;
    };
    if tokio::time::timeout(limit, close).await.is_err() {
        warn!("query jobs were left in the org; Salesforce deletes them after seven days");
    }
}

impl Left {
    async fn close(&self) {
        let closed = async {
            if !self.is_complete {
                let state = json!({"state": "Aborted"});
                let aborted = self.client.call(&self.object, Method::PATCH, &self.path, Some(&state)).await;
                // It may have ended meanwhile.
                drop(aborted.inspect_err(|error| debug!(%error, "the job was not aborted")));
            }
            self.client.call(&self.object, Method::DELETE, &self.path, None).await
        };
        match closed.await {
            Ok(_) => debug!(object = self.object, "the job was deleted"),
            Err(error) => {
                debug!(object = self.object, %error, "the job was not deleted; Salesforce does it after seven days");
            }
        }
    }
}

impl Job {
    /// Makes a job. It is not sent again where it fails for now: it could be made twice.
    pub(super) async fn make(client: &Client, object: &str, soql: &str) -> Result<Self, Error> {
        let jobs = format!("/services/data/v{}/jobs/query", client.version());
        let body = json!({"operation": "query", "query": soql});
        let (client, object) = (client.clone(), object.to_owned());
        // On a task of its own: who gives up waiting must not leave a job that nobody knows.
        let made = tokio::spawn(async move {
            let _making = MAKING.read().await;
            if IS_OVER.load(Ordering::Relaxed) {
                return Err(Error::Job("the run has ended".to_owned()));
            }
            let answer = client.call(&object, Method::POST, &jobs, Some(&body)).await?;
            let told: Told = answer.json().await?;
            if told.id.is_empty() || !told.id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(Error::Protocol("a job without an id".to_owned()));
            }
            let job = Self { path: format!("{jobs}/{}", told.id), client, object, is_complete: false };
            debug!(object = job.object, job = told.id, "a query job was made");
            open().push(job.left());
            Ok(job)
        });
        made.await
            .unwrap_or_else(|error| Err(Error::Protocol(format!("a request ended badly: {}", panics::ended(&error)))))
    }

    /// Waits until it has ended, and tells how many rows it has.
    pub(super) async fn wait(&mut self, pauses: Pauses) -> Result<u64, Error> {
        for pause in pauses.each() {
            tokio::time::sleep(pause).await;
            let body = self.client.get(&self.object, &self.path).await?;
            let told: Told = serde_json::from_slice(&body).map_err(|error| Error::Protocol(error.to_string()))?;
            match told.state()? {
                State::UnderWay => {}
                State::Complete(rows) => {
                    self.ended();
                    return Ok(rows);
                }
                State::Ended(why) => {
                    self.ended();
                    return Err(Error::Job(why));
                }
            }
        }
        Err(Error::Job(format!("the job did not end within {}", crate::time::limit(pauses.all))))
    }

    fn ended(&mut self) {
        self.is_complete = true;
        for left in open().iter_mut().filter(|left| left.path == self.path) {
            left.is_complete = true;
        }
    }

    fn left(&self) -> Left {
        let Self { client, object, path, is_complete } = self;
        Left { client: client.clone(), object: object.clone(), path: path.clone(), is_complete: *is_complete }
    }

    /// Deletes it, best effort.
    pub(super) async fn close(&self) {
        self.left().close().await;
        open().retain(|left| left.path != self.path);
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn object(&self) -> &str {
        &self.object
    }

    /// Its path in the org.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let pauses = Pauses { longest: Duration::from_secs(20), all: Duration::from_mins(1) };
        let seconds: Vec<_> = pauses.each().map(|pause| pause.as_secs_f64()).collect();
        assert_eq!(seconds, [2.0, 3.0, 4.5, 6.75, 10.125, 15.1875]);
        assert_eq!(Pauses { longest: Duration::ZERO, all: Duration::ZERO }.each().take(100).count(), 100);
    }

    #[test]
    fn states_are_told() {
        let state = |text: &str| serde_json::from_str::<Told>(text).unwrap().state();
        assert!(matches!(state(r#"{"id":"750","state":"UploadComplete"}"#), Ok(State::UnderWay)));
        let complete = r#"{"id":"750","state":"JobComplete","numberRecordsProcessed":3,"retries":0}"#;
        assert!(matches!(state(complete), Ok(State::Complete(3))));
        assert!(state(r#"{"id":"750","state":"JobComplete"}"#).is_err());
        assert!(state(r#"{"id":"750","state":"Open"}"#).is_err());
        let failed = state(r#"{"id":"750","state":"Failed","errorMessage":"QUERY_TIMEOUT"}"#);
        assert!(matches!(failed, Ok(State::Ended(why)) if why == "the job ended as Failed: QUERY_TIMEOUT"));
    }
}
