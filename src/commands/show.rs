//! `show`: what is in a document, at a glance or as a list. Offline.

mod asked;
mod list;

use std::io;
use std::path::PathBuf;

use anyhow::Result;
use clap::ArgMatches;

use super::ExitStatus;
use crate::disk::stdout;
use crate::output::read::{Header, Reader, Summary};
use crate::ui::Ui;
use crate::ui::show::{Form, ListError, Listing, Overview, What, kind};
use asked::Asked;
use list::List;

/// Runs it. The result goes to stdout; what a reader should know besides, to stderr.
pub fn run(matches: &ArgMatches, ui: &Ui) -> Result<ExitStatus> {
    let path = matches.get_one::<PathBuf>("document").cloned().unwrap_or_default();
    let asked = Asked::parse(matches)?;
    stdout::open()?;
    let mut reader = Reader::open(&path, matches.get_one::<String>("sync-id").map(String::as_str))?;
    let shown = match asked.what {
        None => summary(&mut reader, asked.form),
        Some(What::Types) => types(&mut reader, &asked, ui),
        Some(what) => list(&mut reader, what, asked, ui),
    };
    let of_stdout = |error: anyhow::Error| match error.downcast::<ListError>() {
        Ok(ListError::Io(error)) => Ok(error),
        Ok(other) => Err(other.into()),
        Err(other) => other.downcast::<io::Error>(),
    };
    match shown.map_err(of_stdout) {
        Ok(()) => {}
        Err(Ok(error)) => stdout::ended(Err(error))?,
        Err(Err(other)) => return Err(other),
    }
    Ok(ExitStatus::Complete)
}

fn overview(reader: &mut Reader<'_>) -> Result<Overview> {
    let mut overview = Overview::default();
    while let Some(item) = reader.next_item()? {
        overview.take(&item)?;
    }
    Ok(overview)
}

fn summary(reader: &mut Reader<'_>, form: Form) -> Result<()> {
    Ok(overview(reader)?.write(form)?)
}

fn types(reader: &mut Reader<'_>, asked: &Asked, ui: &Ui) -> Result<()> {
    let overview = overview(reader)?;
    let mut listing = Listing::new(What::Types, asked.form, asked.sort);
    for of in overview.kinds() {
        listing.row(&of.json(), || kind(&of.id, &of.name, of.counts))?;
    }
    listing.end(overview.kinds().len() as u64)?;
    if let (Some(header), Some(summary)) = overview.ends() {
        caution(header, summary, ui);
    }
    Ok(())
}

fn list(reader: &mut Reader<'_>, what: What, asked: Asked, ui: &Ui) -> Result<()> {
    let mut list = List::new(what, asked);
    let taken = loop {
        match reader.next_item() {
            Ok(Some(item)) => {
                if let Err(error) = list.take(&item) {
                    break Err(error);
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error.into()),
        }
    };
    if let Err(error) = taken {
        list.give_up();
        return Err(error);
    }
    let ended = list.end()?;
    if let Some(note) = &ended.note {
        ui.note(note);
    }
    caution(&ended.header, &ended.summary, ui);
    Ok(())
}

/// Says where a list may not be all that there is.
fn caution(header: &Header, summary: &Summary, ui: &Ui) {
    match summary.complete {
        Some(true) => {}
        Some(false) => {
            let not_read = summary.not_read.iter().filter(|not_read| not_read.required);
            let parts: Vec<_> =
                not_read.map(|not_read| format!("{}: {}", not_read.object, not_read.consequence)).collect();
            ui.warn(&format!("the document is not complete. Not read: {}", parts.join(" ")));
        }
        None if header.org.is_none() => {
            ui.warn("the program that wrote the file tells neither which org it is of nor whether all was read");
        }
        None => ui.warn("the document does not tell whether all was read"),
    }
}
