//! `schema`: the JSON Schema of the document.

use std::io::{self, Write};

use anyhow::Result;

use super::ExitStatus;

/// JSON Schema (2020-12) of a `.json` document.
pub const SCHEMA: &str = include_str!("../../schema/sync.schema.json");

/// Prints it.
pub fn run() -> Result<ExitStatus> {
    match io::stdout().lock().write_all(SCHEMA.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitStatus::Complete),
    }
}
