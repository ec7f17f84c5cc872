//! Without a command: read the org once, write the document.

use std::sync::Arc;

use anyhow::Result;

use super::ExitStatus;
use super::connect::connect;
use crate::output::{self, Document, Earlier, Form, Target, TargetError, Written};
use crate::settings::SyncSettings;
use crate::stop::Stop;
use crate::sync::{self, Event, Request, Synced, Watch};
use crate::ui::Ui;

/// Runs it.
pub async fn run(settings: SyncSettings, ui: Arc<Ui>, stop: Stop) -> Result<ExitStatus> {
    // Targets first: a bad path must not cost a login and a read.
    tracing::debug!(file = %settings.file.display(), "opening the target");
    // On a thread of its own: a pipe is open only when somebody reads it, and until then signals must be heard.
    let (file, force, wait) = (settings.file.clone(), settings.force, settings.wait);
    let target = tokio::task::spawn_blocking(move || Target::open(&file, force, wait)).await??;
    let connected = connect(&settings, &ui).await?;
    let request = Request {
        options: settings.options.clone(),
        auth_method: connected.method.name(),
        client_id: connected.method.client_id().map(str::to_owned),
    };
    let watch = Watch::new({
        let ui = Arc::clone(&ui);
        move |event| ui.see(&event)
    });
    let synced =
        sync::run(connected.client.clone(), request, watch, |org| target.check_org(&org.id).map_err(Into::into))
            .await?;
    if let Some(incomplete) = synced.incomplete()
        && !settings.allow_partial
    {
        return Err(sync::Error::Incomplete(Box::new(incomplete)).into());
    }
    stop.begin_writing();
    // On a thread of its own, so that signals are heard while it writes.
    tokio::task::spawn_blocking(move || write(synced, target, &settings, &ui, &stop)).await?
}

fn write(synced: Synced, target: Target, settings: &SyncSettings, ui: &Ui, stop: &Stop) -> Result<ExitStatus> {
    ui.see(&Event::Writing);
    let header = synced.header.clone();
    let earlier =
        (settings.format.form == Form::C1z).then(|| Earlier { path: settings.file.clone(), count: settings.keep });
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
            return if error.is_closed_pipe() { Ok(ExitStatus::Complete) } else { Err(error.into()) };
        }
        Err(sync::Error::Target(error)) if error.is_closed_pipe() => return Ok(ExitStatus::Complete),
        Err(error) => return Err(error.into()),
    };
    let Some(summary) = summary else { return Ok(ExitStatus::Complete) };
    ui.summary(&header, &summary, &written);
    Ok(if summary.complete { ExitStatus::Complete } else { ExitStatus::Partial })
}
