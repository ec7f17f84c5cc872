//! `check`: can this login read all that a sync needs? Reads one row of each object, and writes no document.

use std::sync::Arc;

use anyhow::Result;
use serde::Serialize;

use super::ExitStatus;
use super::connect::connect;
use crate::harmless;
use crate::model::document::Org;
use crate::settings::SyncSettings;
use crate::sync::{self, Identity, Outcome, Probe, Rights};
use crate::ui::{Ui, plain};

/// What `check` found out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    org: Org,
    user: Identity,
    api_version: String,
    /// `None` where the org does not tell.
    rights: Option<Rights>,
    objects: Vec<Seen>,
    /// Permissions that would show more, as Setup calls them; what a sync cannot do without first.
    permissions_to_give: Vec<&'static str>,
    /// Whether a sync would write a document.
    can_sync: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    object: &'static str,
    readable: bool,
    required: bool,
    fields_left_out: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// In Salesforce's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The permission that reading it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<&'static str>,
    /// What a document lacks without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    consequence: Option<&'static str>,
}

/// Runs it. The result goes to stdout, as a table or as JSON.
pub async fn run(settings: SyncSettings, json: bool, ui: Arc<Ui>) -> Result<ExitStatus> {
    let connected = connect(&settings, &ui).await?;
    let client = &connected.client;
    let (org, user) = sync::identify(client).await?;
    let rights = sync::rights(client).await;
    let probes = sync::probe(client, &settings.options).await?;
    let can_sync = !probes.iter().any(Probe::stops_a_sync);
    let report = Report {
        org,
        user,
        api_version: client.version().to_string(),
        permissions_to_give: permissions_to_give(&probes, rights.as_ref()),
        rights,
        objects: probes.iter().map(seen).collect(),
        can_sync,
    };
    let text =
        if json { format!("{}\n", harmless::json(&serde_json::to_string_pretty(&report)?)) } else { report.text() };
    ui.print(text.as_bytes())?;
    Ok(if can_sync { ExitStatus::Complete } else { ExitStatus::Lacking })
}

fn permissions_to_give(probes: &[Probe], rights: Option<&Rights>) -> Vec<&'static str> {
    let lacking = |required: bool| {
        probes
            .iter()
            .filter(move |probe| probe.lack.is_none() == required && !matches!(probe.outcome, Outcome::Readable(_)))
            .filter_map(|probe| probe.right)
    };
    let mut permissions: Vec<_> = lacking(true).collect();
    if rights.is_some_and(|rights| rights.view_all_users == Some(false)) {
        permissions.push("View All Users");
    }
    permissions.extend(lacking(false));
    let mut given = Vec::new();
    permissions.retain(|permission| {
        let has = rights.is_some_and(|rights| rights.has(permission) == Some(true));
        let is_new = !has && !given.contains(permission);
        given.push(*permission);
        is_new
    });
    permissions
}

fn seen(probe: &Probe) -> Seen {
    let mut object = Seen {
        object: probe.object,
        readable: false,
        required: probe.lack.is_none(),
        fields_left_out: Vec::new(),
        reason: None,
        message: None,
        permission: None,
        consequence: None,
    };
    match &probe.outcome {
        Outcome::Readable(fields) => {
            object.readable = true;
            object.fields_left_out.clone_from(fields);
            return object;
        }
        Outcome::NothingVisible => object.reason = Some("NOTHING_VISIBLE"),
        Outcome::Refused { reason, message } => {
            object.reason = Some(reason);
            object.message = Some(message.clone());
        }
    }
    object.permission = probe.right;
    object.consequence = Some(probe.lack.unwrap_or("Without it there is no document."));
    object
}

impl Report {
    fn text(&self) -> String {
        let mut lines = Vec::new();
        let mut row = |name: &str, value: String| lines.push(format!("{name:<30}{value}"));
        let org = &self.org;
        let edition = org.edition.as_deref().unwrap_or("edition unknown");
        let place = if org.is_sandbox == Some(true) { "sandbox" } else { "production" };
        row("org", format!("{} ({}, {place}) {}", plain(&org.name), plain(edition), org.id));
        row("logged in as", plain(&self.user.to_string()));
        row("API version", self.api_version.clone());
        if let Some(rights) = &self.rights {
            let has = |has: &Option<bool>| if *has == Some(true) { "yes" } else { "no" };
            for (name, right) in rights.list().iter().filter(|(_, right)| right.is_some()) {
                row(name, has(right).to_owned());
            }
        }
        lines.push(String::new());
        for object in &self.objects {
            let mut told = if object.readable { "readable".to_owned() } else { "NOT READABLE".to_owned() };
            if !object.fields_left_out.is_empty() {
                told = format!("{told}, without {}", object.fields_left_out.join(", "));
            }
            if !object.readable {
                let needs = object.permission.map(|p| format!(" It needs \u{201c}{p}\u{201d}.")).unwrap_or_default();
                told = format!("{told}. {}{needs}", object.consequence.unwrap_or_default());
            }
            lines.push(format!("{:<30}{told}", object.object));
            if let Some(message) = &object.message {
                lines.push(format!("{:<30}{}", "", plain(message)));
            }
        }
        lines.push(String::new());
        lines.push(if self.can_sync { "A sync can be done." } else { "A sync would fail." }.to_owned());
        if !self.permissions_to_give.is_empty() {
            lines.push("To show more, give the user these permissions:".to_owned());
            lines.extend(self.permissions_to_give.iter().map(|permission| format!("  {permission}")));
            lines.push(
                "Setup \u{2192} Permission Sets \u{2192} New (or one that the user has) \u{2192} System Permissions; \
                 then Manage Assignments"
                    .to_owned(),
            );
            lines.push(
                "The least that a sync needs: API Enabled, View Setup and Configuration, View Roles and Role"
                    .to_owned(),
            );
            lines.push("Hierarchy, View All Users; Manage Users for the frozen state alone.".to_owned());
        }
        if self.rights.as_ref().is_some_and(|rights| rights.modify_all_data == Some(true)) {
            lines.push("The user has \u{201c}Modify All Data\u{201d}, which is never needed here.".to_owned());
        }
        lines.join("\n") + "\n"
    }
}
