//! `logout`: revokes what is stored of a login, and forgets it.

use std::sync::Arc;

use anyhow::Result;

use super::ExitStatus;
use super::browser::told;
use super::connect::with;
use super::status::{Found, domain_of, find};
use crate::auth::{self, Login, Store};
use crate::net::http;
use crate::settings::{self, Selection};
use crate::ui::Ui;

/// Runs it. Without a word about which login is meant, there must be no more than one, or all must be meant.
pub async fn run(selection: Selection, all: bool, ui: Arc<Ui>) -> Result<ExitStatus> {
    for warning in &selection.warnings {
        ui.warn(warning);
    }
    let Found { store, logins } = find(&selection).await?;
    let logins: Vec<_> =
        logins.into_iter().filter_map(|login| login.map_err(|error| ui.warn(&error.to_string())).ok()).collect();
    if logins.is_empty() {
        return Err(auth::Error::NoneStored(store.place()).into());
    }
    let says_which = selection.domain.is_some() || selection.client_id.is_some() || selection.logins.profile.is_some();
    if logins.len() > 1 && !says_which && !all {
        let list: Vec<_> = logins.iter().map(|login| format!("{} (app {})", told(login), login.client_id)).collect();
        return Err(settings::Error::Invalid(format!(
            "{} logins are kept: {}; say which one with --domain, --salesforce-client-id or --profile, or end them --all",
            list.len(),
            list.join(", ")
        ))
        .into());
    }
    for login in &logins {
        end(&store, login, &selection, &ui).await?;
    }
    Ok(ExitStatus::Complete)
}

async fn end(store: &Store, login: &Login, selection: &Selection, ui: &Ui) -> Result<()> {
    let key = login.key();
    let read = {
        let key = key.clone();
        move |store: &Store| Ok((store.lock(&key)?, store.read(&key)?))
    };
    // Another process may have renewed it since it was listed.
    let (lock, Some(login)) = with(store, read).await? else { return Ok(()) };
    let mut was_alive = false;
    if let Some(token) = login.refresh_token.as_ref().or(login.access_token.as_ref()) {
        let domain = domain_of(&login, selection)?;
        let http = http::client(&selection.network, &domain)?;
        // A login that could not be revoked stays, so that this can be tried again.
        was_alive = auth::revoke(&http, &domain, token).await?;
    }
    with(store, move |store| store.remove(&key, &lock)).await?;
    let what = if was_alive { "logged out of" } else { "forgot a login that worked no more:" };
    ui.note(&format!("{what} {}", told(&login)));
    Ok(())
}
