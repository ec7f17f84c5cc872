//! SOQL: text → [`lexer`] → [`parser`] → [`ast`] → [`plan`] (names resolved against the schema) → [`run`](self::run())
//! → [`answer`] (written as JSON, page by page).
//!
//! Errors come in Salesforce's words, with the caret under the place. What is not understood (`TYPEOF`, `USING SCOPE`,
//! `FOR VIEW`, `INCLUDES`, …) is refused as a malformed query and never ignored.

mod aggregate;
mod answer;
mod ast;
mod csv;
mod filter;
mod lexer;
mod parser;
mod path;
mod pick;
mod plan;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub(crate) use answer::{Answer, Page, Rows};
pub(crate) use pick::Kept;

use super::error::ApiError;
use super::org::Org;

/// The longest query that Salesforce takes, in characters.
pub(crate) const MAX_CHARS: usize = 100_000;

/// A query under resolution: what every error and every name needs.
#[derive(Clone, Copy)]
struct Context<'a> {
    org: &'a Org,
    version: u16,
    soql: &'a str,
    /// Where the org does not change between queries.
    kept: Option<&'a Kept>,
}

impl Context<'_> {
    fn error(&self, code: &'static str, offset: usize, message: &str) -> ApiError {
        ApiError::at(code, self.soql, offset, message)
    }

    fn malformed(&self, offset: usize, message: &str) -> ApiError {
        self.error("MALFORMED_QUERY", offset, message)
    }

    fn invalid_field(&self, offset: usize, message: &str) -> ApiError {
        self.error("INVALID_FIELD", offset, message)
    }
}

/// Runs a query to the end; the answer is then written in pages.
pub(crate) fn run(org: &Org, kept: Option<&Kept>, version: u16, soql: &str) -> Result<Answer, ApiError> {
    if soql.len() > MAX_CHARS && soql.chars().count() > MAX_CHARS {
        let message = "SOQL statements cannot be longer than 100000 characters.";
        return Err(ApiError::bad_request("MALFORMED_QUERY", message));
    }
    let query = parser::parse(soql)?;
    let context = Context { org, version, soql, kept };
    if query.is_count() {
        let plan = plan::rows(context, &query, None)?;
        return Ok(Answer::Count(plan.matching(context).len()));
    }
    if query.is_grouped() {
        return aggregate::run(context, &query).map(Answer::Groups);
    }
    let plan = plan::rows(context, &query, None)?;
    let rows = plan.matching(context);
    Ok(Answer::Rows(Arc::new(Rows { shape: plan.shape, rows })))
}

/// The object that a query reads, in the schema's spelling, if it can be told.
pub(crate) fn object_of(org: &Org, soql: &str) -> Option<String> {
    let query = parser::parse(soql).ok()?;
    let name = query.from.text;
    Some(org.table(&name).map_or(name, |table| table.object.name.to_owned()))
}
