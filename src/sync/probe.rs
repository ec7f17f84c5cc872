//! Trying one row of each object that a sync reads.

use super::ask::{self, Want};
use super::error::Error;
use super::read::reason;
use crate::connector::Options;
use crate::salesforce::Client;

/// What became of the attempt to read an object.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The object.
    pub object: &'static str,
    /// The permission that reading it needs, where it is more than API access.
    pub right: Option<&'static str>,
    /// What a document lacks without it; `None` where there is no document without it.
    pub lack: Option<&'static str>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an attempt.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It can be read; fields that this version or this org lacks, or that the user may not see.
    Readable(Vec<String>),
    /// It can be read, and not one row came although there cannot be none.
    NothingVisible,
    /// It cannot be read.
    Refused {
        /// `FEATURE_OFF_OR_NO_RIGHT`, …
        reason: &'static str,
        /// In Salesforce's words.
        message: String,
    },
}

impl Probe {
    /// Whether there would be no document.
    pub fn stops_a_sync(&self) -> bool {
        self.lack.is_none() && !matches!(self.outcome, Outcome::Readable(_))
    }
}

/// Tries all objects, some at a time.
///
/// # Errors
/// What is not about one object: the login, the network, an org without API.
pub async fn probe(client: &Client, options: &Options) -> Result<Vec<Probe>, Error> {
    let wants = ask::wants(client.version(), options)?;
    futures_util::future::try_join_all(wants.into_iter().map(|want| attempt(client, want))).await
}

async fn attempt(client: &Client, Want { object, need, plan }: Want) -> Result<Probe, Error> {
    let outcome = match plan.one_row().open(client).await {
        Ok(opened) if opened.query.total_size() == Some(0) && ask::cannot_be_empty(object) => Outcome::NothingVisible,
        Ok(opened) => Outcome::Readable(opened.fields_left_out),
        Err(error) => match error.refusal().and_then(reason) {
            Some(reason) => Outcome::Refused { reason, message: error.to_string() },
            None => return Err(Error::read(object, need.right)(error)),
        },
    };
    Ok(Probe { object, right: need.right, lack: need.lack, outcome })
}
