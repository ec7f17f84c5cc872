//! `schema`: the JSON Schema of the document.

use anyhow::Result;

use super::{ExitStatus, print};

/// JSON Schema (2020-12) of a `.json` document.
pub const SCHEMA: &str = include_str!("../../schema/sync.schema.json");

/// Prints it.
pub fn run() -> Result<ExitStatus> {
    print(SCHEMA.as_bytes())
}
