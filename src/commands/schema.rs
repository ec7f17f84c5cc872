//! `schema`: the JSON Schema of the document, and those of the lines that tell of a run and of what other commands print as
//! JSON.

use anyhow::Result;
use clap::ArgMatches;

use super::{ExitStatus, print};
use crate::cli::PRINTED;

/// JSON Schema (2020-12) of a `.json` document.
pub const SCHEMA: &str = include_str!("../../schema/sync.schema.json");
/// Of the summary that `show --json` prints.
pub const SHOW: &str = include_str!("../../schema/show.schema.json");
/// Of what `explain --json` prints.
pub const EXPLAIN: &str = include_str!("../../schema/explain.schema.json");
/// Of what `diff --json` prints.
pub const DIFF: &str = include_str!("../../schema/diff.schema.json");

/// JSON Schema (2020-12) of a line on stderr with `--progress json`.
pub const EVENTS: &str = include_str!("../../schema/events.schema.json");

/// Prints the one that is asked for.
pub fn run(matches: &ArgMatches) -> Result<ExitStatus> {
    let asked = PRINTED.into_iter().find(|command| matches.get_flag(command));
    let schema = match asked {
        Some("show") => SHOW,
        Some("explain") => EXPLAIN,
        Some("diff") => DIFF,
        _ if matches.get_flag("events") => EVENTS,
        _ => SCHEMA,
    };
    print(schema.as_bytes())
}
