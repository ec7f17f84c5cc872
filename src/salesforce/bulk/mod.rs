//! Bulk API 2.0 queries: an object read by a job, whose results come as files of CSV, where that saves API calls.
//!
//! * [`choose`] decides by which API an object is read;
//! * [`job`] makes a query job, looks at it until it has ended, and deletes it whatever comes;
//! * [`results`] fetches its files, `csv` and `table` take them apart, `row` hands a row to serde as the object that REST
//!   would have sent.
//!
//! A job is the only thing that this program ever makes in an org.

mod choose;
mod csv;
mod job;
mod results;
mod row;
mod statement;
mod table;
#[cfg(all(test, feature = "demo"))]
mod tests;

use std::sync::Arc;

pub use choose::{Engine, FULL_PAGE, estimate};
pub use job::{Pauses, close_all};

pub(crate) use choose::{Choice, Known, choose};
pub(crate) use results::Results;
pub(crate) use statement::Statement;
pub(crate) use table::Table;

use self::job::Job;
use super::client::Client;
use super::error::Error;

/// How big objects are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulk {
    /// By which API.
    pub engine: Engine,
    /// How long to wait for a job.
    pub pauses: Pauses,
    /// Rows in a file of results. Where a job has more, its files are read side by side.
    pub file_rows: u64,
}

impl Default for Bulk {
    fn default() -> Self {
        Self { engine: Engine::default(), pauses: Pauses::default(), file_rows: choose::FILE_ROWS }
    }
}

/// Has a job read all rows that a statement asks for, and waits until it is complete. `rows` is how many there were according
/// to REST.
///
/// # Errors
/// Whatever keeps the job from giving all rows; none have been given then, and REST can give them.
pub(crate) async fn run(
    client: &Client,
    object: &str,
    statement: Statement<'_>,
    rows: u64,
    bulk: Bulk,
) -> Result<Results, Error> {
    let mut job = Job::make(client, object, &statement.unordered()).await?;
    let total = match job.wait(bulk.pauses).await {
        Ok(total) => total,
        Err(error) => {
            job.close().await;
            return Err(error);
        }
    };
    let asked: Arc<[String]> = statement.fields().map(str::to_owned).collect();
    let results = Results::new(job, asked, total, bulk.file_rows);
    // Rows come and go; but a job that sees less than REST does would leave out what is there.
    if total < rows {
        let counted = client.query(object, &statement.count()).count().await;
        if !matches!(counted, Ok(now) if now <= total) {
            results.close().await;
            return Err(Error::Job(format!("the job found {total} rows, and there are {}", counted.unwrap_or(rows))));
        }
    }
    Ok(results)
}
