//! What can go wrong: in building an org ([`DemoError`]) and in answering a call ([`ApiError`]).

use std::path::PathBuf;

use serde_json::Value;

/// Why an org could not be built or changed.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder of recorded responses does not exist or cannot be listed.
    #[error("cannot read the folder {}: {source}", path.display())]
    Folder {
        /// The folder as given.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The folder has no file named `<Object>.json` or `<Object>_query_vNN.json` of an object we know.
    #[error("the folder {} holds no recorded query responses (<Object>_query_vNN.json or <Object>.json)", .0.display())]
    NoRecordings(PathBuf),
    /// A recorded file is not JSON, or not a query response.
    #[error("{} is not a recorded query response: {reason}", path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No such object in this org.
    #[error("the demo org has no object `{0}`")]
    NoObject(String),
    /// No such field on the object.
    #[error("`{object}` has no field `{field}`")]
    NoField {
        /// The object.
        object: String,
        /// The field that was named.
        field: String,
    },
    /// No record with this id.
    #[error("`{object}` has no record `{id}`")]
    NoRecord {
        /// The object.
        object: String,
        /// The id that was named.
        id: String,
    },
    /// A value that the field cannot hold.
    #[error("`{value}` is not a value for `{object}.{field}`: {reason}")]
    BadValue {
        /// The object.
        object: String,
        /// The field.
        field: String,
        /// The value as JSON.
        value: String,
        /// What the field wants.
        reason: String,
    },
    /// The record is not a JSON object.
    #[error("a record of `{0}` must be a JSON object")]
    NotARecord(String),
    /// A record whose id is null.
    #[error("a record of `{0}` needs an id")]
    NoId(String),
    /// Two records with one id.
    #[error("`{object}` already has a record `{id}`")]
    Duplicate {
        /// The object.
        object: String,
        /// The id that came twice.
        id: String,
    },
    /// `--demo` takes the name of a shape.
    #[error("unknown demo org `{0}`: use small, mid, large or huge")]
    Shape(String),
}

/// An error as the REST API words it: an HTTP status, an `errorCode` and a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// Salesforce's `errorCode`, for example `INVALID_FIELD`.
    pub code: &'static str,
    /// The message, with the caret text where Salesforce gives one.
    pub message: String,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// An unknown path or object name under `/services/data`.
    pub(crate) fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    /// A query error that points at its place: the line, a caret under the column, and `ERROR at Row:R:Column:C`
    /// (both from 1, in characters), as recorded for `INVALID_FIELD` and `INVALID_TYPE`.
    pub(crate) fn at(code: &'static str, soql: &str, offset: usize, message: &str) -> Self {
        // How a very long line is abridged is not recorded; we keep this many characters on either side.
        const CONTEXT: usize = 200;
        let before = soql.get(..offset).unwrap_or(soql);
        let row = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = soql[line_start..].lines().next().unwrap_or_default();
        let column = before[line_start..].chars().count();
        let skipped = column.saturating_sub(CONTEXT);
        let shown: String = line.chars().skip(skipped).take(2 * CONTEXT).collect();
        let caret = " ".repeat(column - skipped);
        let column = column + 1;
        Self::bad_request(code, format!("\n{shown}\n{caret}^\nERROR at Row:{row}:Column:{column}\n{message}"))
    }

    /// The body: an array of one error, its members in Salesforce's order.
    pub(crate) fn body(&self) -> String {
        error_body(self.code, &self.message)
    }
}

/// The body of an error answer.
pub(crate) fn error_body(code: &str, message: &str) -> String {
    let (code, message) = (Value::from(code), Value::from(message));
    format!(r#"[{{"message":{message},"errorCode":{code}}}]"#)
}
