//! `schema`: the JSON Schema of the document, or of the lines that tell of a run.

use anyhow::Result;

use super::{ExitStatus, print};

/// JSON Schema (2020-12) of a `.json` document.
pub const SCHEMA: &str = include_str!("../../schema/sync.schema.json");

/// JSON Schema (2020-12) of a line on stderr with `--progress json`.
pub const EVENTS: &str = include_str!("../../schema/events.schema.json");

/// Prints it.
pub fn run(of_events: bool) -> Result<ExitStatus> {
    print(if of_events { EVENTS } else { SCHEMA }.as_bytes())
}
