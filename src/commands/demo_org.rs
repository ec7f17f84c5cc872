//! `demo-org`: serves the demo org alone, for other clients.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::ArgMatches;

use super::ExitStatus;
use crate::cli;
use crate::demo::{self, Org, Server, ServerOptions, Shape};
use crate::settings;
use crate::ui::Ui;

/// The generated org is the same on every machine.
const SEED: u64 = 1;

/// Starts the demo org of a size with so many times as many assignments, or of a folder of recorded answers.
pub async fn start(size: &str, times: usize, mut options: ServerOptions) -> Result<Server> {
    let org = match size.parse::<Shape>() {
        Ok(shape) => {
            if matches!(shape, Shape::Large | Shape::Huge) {
                options.gzip = false;
                options.api_limit *= 100;
            }
            Org::generate_with(shape, SEED, times)
        }
        Err(_) => Org::load_dir(Path::new(size)).with_context(|| {
            let sizes = Shape::ALL.map(|shape| format!("`{shape}`")).join(", ");
            format!("`{size}` is neither a size ({sizes}) nor a folder of recorded query answers")
        })?,
    };
    Ok(Server::start(org, options).await?)
}

/// Writes a new file that its owner alone can read.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// Serves until the program is stopped.
pub async fn run(matches: &ArgMatches, ui: Arc<Ui>) -> Result<ExitStatus> {
    let invalid = |error: String| settings::Error::Invalid(error);
    let mut options = ServerOptions::default();
    if let Some(port) = matches.get_one::<String>("port") {
        options.port = port.parse().map_err(|_| invalid(format!("--port: `{port}` is not a port")))?;
    }
    if let Some(latency) = matches.get_one::<String>("latency") {
        options.latency = settings::duration(latency).map_err(|why| invalid(format!("--latency: {why}")))?;
    }
    options.callback = matches.get_one::<String>("callback-url").cloned();
    options.rotate_refresh_tokens = matches.get_flag("rotate-refresh-tokens");
    options.require_pkce = !matches.get_flag("pkce-optional");
    options.require_secret = matches.get_flag("require-secret");
    let key_file = matches.get_one::<String>("jwt-key");
    if let Some(path) = key_file {
        let (app, pem) = demo::key_pair()?;
        write_private(Path::new(path), &pem).with_context(|| format!("cannot write `{path}`"))?;
        options.jwt = Some(app);
    }
    let size = matches.get_one::<String>("demo").map_or("small", String::as_str);
    let times = matches.get_one::<String>("assignments").map_or("1", String::as_str);
    let times = times.parse().ok().filter(|times| (1..=100).contains(times));
    let times = times.ok_or_else(|| invalid("--assignments: it takes a number from 1 to 100".to_owned()))?;
    let server = start(size, times, options).await?;
    ui.note(&format!("the demo org is served on {} until this program is stopped", server.url()));
    ui.note(&format!(
        "  baton-salesforce --domain {} --salesforce-client-id {} --salesforce-client-secret {}",
        server.url(),
        server.client_id(),
        server.client_secret()
    ));
    ui.note(&format!("  {}", cli::login_command(server.url(), server.client_id(), None)));
    if let Some(path) = key_file {
        ui.note(&format!(
            "  baton-salesforce --domain {} --salesforce-client-id {} --salesforce-private-key {path} \
             --salesforce-jwt-subject ada.admin@acme.example",
            server.url(),
            server.client_id(),
        ));
    }
    std::future::pending().await
}
