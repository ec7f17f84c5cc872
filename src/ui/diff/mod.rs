//! How a difference is told: to a person, to a ticket, or as JSON. It goes to stdout: it is the result.

mod json;
mod markdown;
mod tell;
mod text;
mod words;

use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::AutoStream;

use super::text::Palette;
use crate::access::diff::Difference;
use crate::disk::stdout;
use crate::harmless;

/// In which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For a person at a terminal.
    Text,
    /// For programs: `baton-salesforce.diff/1`.
    Json,
    /// For a ticket.
    Markdown,
}

/// Writes a difference to stdout. Whoever closes the pipe has read enough.
pub(crate) fn write(difference: Difference, form: Form, is_full: bool) -> io::Result<()> {
    let stdout = stdout::open()?;
    let is_terminal = stdout.is_terminal();
    let mut out = BufWriter::new(AutoStream::auto(stdout));
    let written = match form {
        Form::Json => json::write(difference, &mut harmless::Json(&mut out)),
        Form::Markdown => markdown::write(difference, is_full, &mut out),
        Form::Text => text::write(difference, is_full, Palette(is_terminal), is_terminal.then(columns), &mut out),
    };
    stdout::ended(written.and_then(|()| out.flush()))
}

fn columns() -> usize {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map_or(80, |(columns, _)| usize::from(columns.0)).saturating_sub(1)
}
