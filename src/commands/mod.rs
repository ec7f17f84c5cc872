//! The commands, a file each.

mod browser;
pub mod capabilities;
pub mod check;
pub mod completions;
pub mod config;
mod connect;
pub mod convert;
#[cfg(feature = "demo")]
pub mod demo_org;
pub mod diff;
pub mod dry_run;
pub mod explain;
pub mod login;
pub mod logout;
pub mod man;
pub mod schema;
pub mod show;
pub mod status;
pub mod sync;

use std::io::Write;

use anyhow::Result;
use clap::ArgMatches;

use crate::disk::stdout;
use crate::failure::Class;
use crate::ui::Ui;

/// The exit code of `diff` where there are differences. It is no failure.
pub const DIFFERENT: u8 = 20;

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// All is there.
    Complete,
    /// A partial document was written, as asked; or what differs is not all known.
    Partial,
    /// `diff` found differences.
    Different,
    /// `status` found a login that does not work, for this reason.
    NotLoggedIn(Class),
    /// `check` found that a sync would fail for a missing right.
    Lacking,
}

impl ExitStatus {
    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Complete => 0,
            Self::Partial => Class::DataLoss.code(),
            Self::Different => DIFFERENT,
            Self::NotLoggedIn(class) => class.code(),
            Self::Lacking => Class::PermissionDenied.code(),
        }
    }
}

/// Whether a command works on documents alone.
pub fn reads_documents(matches: &ArgMatches) -> bool {
    matches!(matches.subcommand_name(), Some("explain" | "show" | "diff"))
}

/// Runs a command that needs no settings, if it is one: a broken settings file does not stop it.
pub fn run_without_settings(matches: &ArgMatches, ui: &Ui) -> Option<Result<ExitStatus>> {
    let text = |matches: &ArgMatches, name: &str| matches.get_one::<String>(name).cloned();
    Some(match matches.subcommand()? {
        ("explain", matches) => explain::run(matches),
        ("show", matches) => show::run(matches, ui),
        ("diff", matches) => diff::run(matches),
        ("schema", matches) => schema::run(matches),
        ("capabilities", _) => capabilities::run(),
        ("config", _) => config::run(),
        ("completions", matches) => completions::run(&text(matches, "shell").unwrap_or_default()),
        ("man", matches) => man::run(text(matches, "command").as_deref()),
        _ => return None,
    })
}

/// Writes a result to stdout. Whoever closes the pipe has read enough.
fn print(text: &[u8]) -> Result<ExitStatus> {
    let mut out = stdout::open()?.lock();
    stdout::ended(out.write_all(text).and_then(|()| out.flush()))?;
    Ok(ExitStatus::Complete)
}
