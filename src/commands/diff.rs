//! `diff`: what changed between two documents of an org. Offline.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::ArgMatches;

use super::ExitStatus;
use crate::access::diff::{DiffError, Settings, compare};
use crate::output::read::Reader;
use crate::ui::diff::{Form, write};

/// Runs it. The result goes to stdout.
pub fn run(matches: &ArgMatches) -> Result<ExitStatus> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).cloned().unwrap_or_default();
    let (old, new) = (path("old"), path("new"));
    if [&old, &new].iter().all(|path| *path == Path::new("-")) {
        return Err(DiffError::BothFromStdin.into());
    }
    let settings = Settings { all_attributes: matches.get_flag("all-attributes") };
    let sync = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let (old, new) = (Reader::open(&old, sync("old-sync-id"))?, Reader::open(&new, sync("new-sync-id"))?);
    let difference = compare(old, new, settings)?;
    let (is_same, is_all_known) = (difference.is_same(), difference.is_all_known());
    let form = match (matches.get_flag("json"), matches.get_flag("markdown")) {
        (true, _) => Form::Json,
        (_, true) => Form::Markdown,
        _ => Form::Text,
    };
    write(difference, form, matches.get_flag("full"))?;
    Ok(match (matches.get_flag("exit-code"), is_same, is_all_known) {
        (false, ..) | (true, true, true) => ExitStatus::Complete,
        // What is sure is said, whatever else there may be.
        (true, false, _) => ExitStatus::Different,
        (true, true, false) => ExitStatus::Partial,
    })
}
