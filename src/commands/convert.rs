//! `convert`: a document in another format. Nothing is lost between documents; what is, is told.

mod csv;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::ArgMatches;

use super::ExitStatus;
use super::sync::waits;
use crate::disk::{Holder, Waiting};
use crate::output::read::{Part, ReadError, Reader, Summary};
use crate::output::{self, Form, Format, FormatError, Section, Target, TargetError, proto};
use crate::stop::Stop;
use crate::ui::Ui;

/// What is asked for.
#[derive(Debug)]
struct Asked {
    input: PathBuf,
    output: PathBuf,
    /// `None` for CSV.
    format: Option<Format>,
    sync: Option<String>,
    force: bool,
    wait: Duration,
}

impl Asked {
    fn of(matches: &ArgMatches) -> Result<Self, FormatError> {
        let path = |name: &str| matches.get_one::<PathBuf>(name).cloned().unwrap_or_default();
        let asked = matches.get_one::<String>("format").map(String::as_str);
        let output = path("output");
        let is_csv = asked.map_or_else(|| ends_in_csv(&output), |asked| asked == "csv");
        let format = if is_csv { None } else { Some(Format::of(&output, asked.and_then(Form::parse))?) };
        Ok(Self {
            format,
            input: path("document"),
            output,
            sync: matches.get_one::<String>("sync-id").cloned(),
            force: matches.get_flag("force"),
            wait: matches.get_one::<Duration>("wait").copied().unwrap_or_default(),
        })
    }
}

fn ends_in_csv(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

/// Runs it.
pub async fn run(matches: &ArgMatches, ui: Arc<Ui>, stop: Stop) -> Result<ExitStatus> {
    let asked = Asked::of(matches)?;
    // On a thread of its own, so that signals are heard while it writes.
    tokio::task::spawn_blocking(move || match asked.format {
        Some(format) => convert(&asked, format, &ui, &stop),
        None => to_csv(&asked, &ui, &stop),
    })
    .await?
}

pub use csv::CsvError;

/// Why a document is not converted.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Target(#[from] TargetError),
}

fn convert(asked: &Asked, format: Format, ui: &Ui, stop: &Stop) -> Result<ExitStatus> {
    let mut reader = Reader::open(&asked.input, asked.sync.as_deref())?;
    // Before the target is touched: whether there is a document at all, and of which org.
    let Some(first) = reader.next_item()? else { return Ok(ExitStatus::Complete) };
    let (header, org) = match first.part()? {
        Part::Header(header) => (first.text.to_vec(), header.org),
        _ => return Ok(ExitStatus::Complete),
    };
    let tell = |holder: Option<&Holder>| waits(ui, &asked.output, holder);
    let target = Target::open(&asked.output, asked.force, &Waiting { limit: asked.wait, tell: &tell, stop })?;
    if let Some(org) = &org {
        target.check_org(&org.id)?;
    }
    let mut told = Told::default();
    let written = target.write(stop, |writer| {
        let io = |source| Error::Target(TargetError::Io { path: asked.output.clone(), source });
        let mut sink = output::sink(writer, format, None).map_err(io)?;
        sink.item(Section::Header, &header).map_err(io)?;
        while let Some(item) = reader.next_item()? {
            if stop.is_stopped() {
                return Err(io(std::io::ErrorKind::Interrupted.into()));
            }
            // What cannot be understood must not go on in another form.
            let part = item.part()?;
            told.note(item.section, item.text, format.form);
            sink.item(item.section, item.text).map_err(io)?;
            if let Part::Summary(summary) = part {
                told.summary = Some(summary);
            }
        }
        sink.finish().map_err(io)
    });
    let written = match written {
        Ok(written) => written,
        Err(Error::Target(error)) if error.is_closed_pipe() => return Ok(ExitStatus::Complete),
        Err(Error::Target(error)) => return Err(error.into()),
        Err(Error::Read(error)) => return Err(error.into()),
    };
    for note in told.notes() {
        ui.note(&note);
    }
    if let Some(path) = &written.path {
        ui.note(&format!("wrote {} ({} bytes, SHA-256 {})", path.display(), written.bytes, written.sha256));
    }
    Ok(ExitStatus::Complete)
}

fn to_csv(asked: &Asked, ui: &Ui, stop: &Stop) -> Result<ExitStatus> {
    let mut reader = Reader::open(&asked.input, asked.sync.as_deref())?;
    // Before a folder is made: whether there is a document at all.
    let mut folder = None;
    let tell = |holder: Option<&Holder>| waits(ui, &asked.output, holder);
    let waiting = Waiting { limit: asked.wait, tell: &tell, stop };
    let mut told = Told::default();
    while let Some(item) = reader.next_item()? {
        if stop.is_stopped() {
            return Ok(ExitStatus::Complete);
        }
        let folder = match &mut folder {
            Some(folder) => folder,
            none => none.insert(csv::Folder::new(&asked.output, asked.force, &waiting)?),
        };
        folder.item(&item)?;
        if let (Section::Summary, Part::Summary(summary)) = (item.section, item.part()?) {
            told.summary = Some(summary);
        }
    }
    if let Some(folder) = folder {
        folder.finish(stop)?;
        for note in told.notes() {
            ui.note(&note);
        }
        ui.note(&format!("wrote CSV into the folder {}", asked.output.display()));
    }
    Ok(ExitStatus::Complete)
}

/// What a person should know of the conversion.
#[derive(Debug, Default)]
struct Told {
    /// Fields that the other form has no place for, and how often.
    left_out: BTreeMap<String, u64>,
    /// Annotations that are kept as they are, and how often.
    opaque: BTreeMap<String, u64>,
    summary: Option<Summary>,
}

impl Told {
    fn note(&mut self, section: Section, text: &[u8], form: Form) {
        if form != Form::C1z {
            return;
        }
        for field in proto::left_out(section, text) {
            *self.left_out.entry(format!("{}: {field}", section.name())).or_default() += 1;
        }
        for name in proto::opaque(section, text) {
            *self.opaque.entry(name).or_default() += 1;
        }
    }

    fn notes(&self) -> Vec<String> {
        let list = |counts: &BTreeMap<String, u64>| {
            let items: Vec<_> = counts.iter().map(|(what, count)| format!("{what} ({count})")).collect();
            items.join(", ")
        };
        let mut notes = Vec::new();
        if !self.left_out.is_empty() {
            notes.push(format!("a `.c1z` file has no place for these, which are left out: {}", list(&self.left_out)));
        }
        if !self.opaque.is_empty() {
            notes.push(format!(
                "kept as they are, though the `baton` CLI may not know them and then prints no JSON: {}",
                list(&self.opaque)
            ));
        }
        match self.summary.as_ref().map(|summary| summary.complete) {
            Some(Some(false)) => notes.push("the document is not complete".to_owned()),
            Some(None) => notes.push(
                "another program wrote the document: it does not say of which org it is and whether it is complete"
                    .to_owned(),
            ),
            _ => {}
        }
        notes
    }
}
