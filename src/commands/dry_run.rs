//! `--dry-run`: what would a run read, and what would it take? Counts, and writes no document.

use std::sync::Arc;

use anyhow::Result;
use serde::Serialize;

use super::ExitStatus;
use super::connect::connect;
use crate::harmless;
use crate::model::document::Org;
use crate::salesforce::ApiUsage;
use crate::settings::{DryRun, SyncSettings};
use crate::sync::{self, Counted};
use crate::ui::{Ui, number, plain};

/// Calls beside those for pages: for the org, the user who is logged in, the rights of that user, who was left out, what is
/// named and was not listed, and fields that an org lacks.
const OTHER_CALLS: u64 = 8;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    org: Org,
    objects: Vec<Counted>,
    rows: u64,
    /// About so many, at full pages.
    calls: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowance: Option<Allowance>,
    /// What the counting took.
    calls_made: u64,
}

/// The org's daily API calls.
#[derive(Debug, Serialize)]
struct Allowance {
    used: u64,
    limit: u64,
    left: u64,
}

/// Runs it. The result goes to stdout.
pub async fn run(settings: SyncSettings, form: DryRun, ui: Arc<Ui>) -> Result<ExitStatus> {
    let connected = connect(&settings, &ui).await?;
    let client = &connected.client;
    let (org, _) = sync::identify(client).await?;
    let objects = sync::count(client, &settings.options, settings.bulk.engine).await?;
    let usage = client.allowance().await.ok().or(client.cost().usage);
    let allowance = usage.map(|ApiUsage { used, limit }| Allowance { used, limit, left: limit.saturating_sub(used) });
    let report = Report {
        org,
        rows: objects.iter().filter_map(|object| object.rows).sum(),
        calls: objects.iter().map(|object| object.calls).sum::<u64>() + OTHER_CALLS,
        objects,
        allowance,
        calls_made: client.cost().api_calls,
    };
    let text = match form {
        DryRun::Json => format!("{}\n", harmless::json(&serde_json::to_string_pretty(&report)?)),
        DryRun::Text => report.text(),
    };
    ui.print(text.as_bytes())?;
    Ok(ExitStatus::Complete)
}

impl Report {
    fn text(&self) -> String {
        let mut lines = vec![format!("{} ({})", plain(&self.org.name), self.org.id), String::new()];
        for Counted { object, rows, calls, by_job, .. } in &self.objects {
            let how = if *by_job { ", by a query job" } else { "" };
            lines.push(match rows {
                Some(rows) => format!("{object:<30}{:>12} rows{:>8} calls{how}", number(*rows), number(*calls)),
                None => format!("{object:<30}  cannot be read; `check` says why"),
            });
        }
        lines.push(String::new());
        lines.push(format!("A run takes about {} API calls for {} rows.", number(self.calls), number(self.rows)));
        if let Some(Allowance { used, limit, left }) = &self.allowance {
            let (used, limit, left) = (number(*used), number(*limit), number(*left));
            lines.push(format!("The org has used {used} of {limit} in 24 hours; {left} are left."));
        }
        lines.push(format!("Counting took {}. No document was written.", number(self.calls_made)));
        lines.join("\n") + "\n"
    }
}
