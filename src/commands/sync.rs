//! Without a command: read the org once, write the document.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;

use super::ExitStatus;
use super::connect::connect;
use crate::disk::{Holder, Waiting};
use crate::model::document::Org;
use crate::output::{self, Document, Earlier, Form, Target, TargetError, Written};
use crate::settings::SyncSettings;
use crate::stop::Stop;
use crate::sync::{self, Event, Request, Synced, Watch};
use crate::time::limit;
use crate::ui::Ui;

/// Runs it.
pub async fn run(settings: SyncSettings, ui: Arc<Ui>, stop: Stop) -> Result<ExitStatus> {
    let id = sync::new_id();
    ui.see(&Event::Begun { id: id.clone(), file: settings.file.display().to_string() });
    // Targets first: a bad path must not cost a login and a read.
    tracing::debug!(file = %settings.file.display(), "opening the target");
    // On a thread of its own: a pipe is open only when somebody reads it, and until then signals must be heard.
    let (file, force, limit) = (settings.file.clone(), settings.force, settings.wait);
    let (opener, opens) = (Arc::clone(&ui), stop.clone());
    let target = tokio::task::spawn_blocking(move || {
        let tell = |holder: Option<&Holder>| waits(&opener, &file, holder);
        Target::open(&file, force, &Waiting { limit, tell: &tell, stop: &opens })
    });
    let target = target.await??;
    let reading = Reading::default();
    let read = read(id, &settings, &target, &ui, &reading);
    let Ok(synced) = tokio::time::timeout(settings.timeout, read).await else {
        return Err(TimedOut { after: settings.timeout, reading: reading.now() }.into());
    };
    let synced = synced?;
    if let Some(incomplete) = synced.incomplete()
        && !settings.allow_partial
    {
        return Err(sync::Error::Incomplete(Box::new(incomplete)).into());
    }
    // On a thread of its own, so that signals are heard while it writes.
    tokio::task::spawn_blocking(move || write(synced, target, &settings, &ui, &stop)).await?
}

/// Logs in and reads the org.
async fn read(id: String, settings: &SyncSettings, target: &Target, ui: &Arc<Ui>, reading: &Reading) -> Result<Synced> {
    let connected = connect(settings, ui).await?;
    let request = Request {
        id,
        options: settings.options.clone(),
        auth_method: connected.method.name(),
        client_id: connected.method.client_id().map(str::to_owned),
        bulk: settings.bulk,
    };
    let watch = Watch::new({
        let (ui, reading) = (Arc::clone(ui), reading.clone());
        move |event| {
            reading.see(&event);
            ui.see(&event);
        }
    });
    let check_org = |org: &Org| target.check_org(&org.id).map_err(Into::into);
    Ok(sync::run(connected.client.clone(), request, watch, check_org).await?)
}

/// The run took longer than it may.
#[derive(Debug, thiserror::Error)]
#[error("the run did not end within {}{}", limit(*.after), within(.reading))]
pub struct TimedOut {
    /// How long it may take.
    pub after: Duration,
    /// What was being read then.
    pub reading: Vec<String>,
}

fn within(reading: &[String]) -> String {
    if reading.is_empty() { String::new() } else { format!("; it was waiting for {}", reading.join(", ")) }
}

/// The objects that have been asked for and not been read to their end.
#[derive(Debug, Clone, Default)]
struct Reading(Arc<Mutex<BTreeSet<String>>>);

impl Reading {
    fn see(&self, event: &Event) {
        let mut objects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started { object } => drop(objects.insert(object.clone())),
            Event::Read { object, .. } | Event::NotRead { object, .. } => drop(objects.remove(object)),
            _ => {}
        }
    }

    fn now(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// Whoever closes the pipe has read enough.
fn closed(error: TargetError, ui: &Ui) -> Result<ExitStatus> {
    if !error.is_closed_pipe() {
        return Err(error.into());
    }
    ui.closed();
    Ok(ExitStatus::Complete)
}

/// Says that another run is at the target.
pub(super) fn waits(ui: &Ui, target: &Path, holder: Option<&Holder>) {
    let who = holder.map(|holder| format!(" ({holder})")).unwrap_or_default();
    ui.note(&format!("waiting for another run, which is writing {}{who}", target.display()));
}

fn write(synced: Synced, target: Target, settings: &SyncSettings, ui: &Ui, stop: &Stop) -> Result<ExitStatus> {
    ui.see(&Event::Writing);
    let header = synced.header.clone();
    let earlier = (settings.format.form == Form::C1z).then(|| Earlier::of(settings.file.clone(), settings.keep));
    let mut summary = None;
    let result: Result<Written, sync::Error> = target.write(stop, |writer| {
        let sink = output::sink(writer, settings.format, earlier).map_err(sync::Error::Sink)?;
        summary = Some(synced.write(Document::new(sink), stop)?);
        Ok(())
    });
    let written = match result {
        Ok(written) => written,
        Err(sync::Error::Sink(source)) => {
            let error = TargetError::Io { path: settings.file.clone(), source };
            return closed(error, ui);
        }
        Err(sync::Error::Target(error)) => return closed(error, ui),
        Err(error) => return Err(error.into()),
    };
    let Some(summary) = summary else { return Ok(ExitStatus::Complete) };
    ui.summary(&header, &summary, &written);
    Ok(if summary.complete { ExitStatus::Complete } else { ExitStatus::Partial })
}
