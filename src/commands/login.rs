//! `login`: a person logs in with a browser, once; from then on the program logs in by itself.

use std::sync::Arc;

use anyhow::Result;

use super::ExitStatus;
use super::browser::Wanted;
use super::connect::store;
use crate::auth;
use crate::net::http;
use crate::settings::{self, LoginSettings};
use crate::ui::Ui;

/// Runs it.
pub async fn run(settings: LoginSettings, ui: Arc<Ui>) -> Result<ExitStatus> {
    for warning in &settings.warnings {
        ui.warn(warning);
    }
    let Some(store) = store(&settings.logins.place).map_err(auth::Error::from)? else {
        let message = "a login that is kept nowhere is of no use: --login-store is `none`";
        return Err(settings::Error::Invalid(message.to_owned()).into());
    };
    let http = http::client(&settings.network, &settings.domain)?;
    let wanted = Wanted {
        http: &http,
        domain: &settings.domain,
        client_id: &settings.client_id,
        client_secret: settings.client_secret.as_ref(),
        logins: &settings.logins,
    };
    let made = wanted.log_in(&ui).await?;
    ui.note(&format!("logged in to {}", super::browser::told(&made.login)));
    ui.note(&format!("the login is kept in {}; `baton-salesforce logout` ends it", store.place()));
    Ok(ExitStatus::Complete)
}
