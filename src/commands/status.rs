//! `status`: the stored logins: who, where, how old, whether they still work, and what is left of the API allowance.

use std::sync::Arc;

use anyhow::Result;
use serde::Serialize;

use super::connect::{store, with};
use super::{ExitStatus, print};
use crate::auth::{self, Keep, Key, Login, Method, Renewer, Store, StoreError, TokenSource};
use crate::failure::{Class, Failure};
use crate::harmless;
use crate::net::error::plain;
use crate::net::{Domain, http};
use crate::salesforce::{self, Client};
use crate::settings::{self, Selection};
use crate::time::Timestamp;
use crate::ui::{self, Ui};

/// What is told of all logins.
#[derive(Debug, Serialize)]
struct Report {
    store: String,
    logins: Vec<Told>,
}

/// What is told of a login.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    host: String,
    client_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    /// `oauth`, `client-credentials`, …
    flow: String,
    org_id: Option<String>,
    org_name: Option<String>,
    user_id: Option<String>,
    username: Option<String>,
    instance_url: String,
    scopes: Vec<String>,
    logged_in_at: String,
    renewed_at: String,
    age_seconds: u64,
    works: bool,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// Calls that the org has left in 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_calls: Option<Calls>,
}

#[derive(Debug, Serialize)]
struct Calls {
    remaining: u64,
    limit: u64,
}

/// Stored logins.
pub(super) struct Found {
    pub(super) store: Store,
    pub(super) logins: Vec<Result<Login, StoreError>>,
}

/// The logins that are meant; files that are no logins, too.
pub(super) async fn find(selection: &Selection) -> Result<Found> {
    let Some(store) = store(&selection.logins.place).map_err(auth::Error::from)? else {
        return Err(settings::Error::Invalid("no logins are kept: --login-store is `none`".to_owned()).into());
    };
    let host = selection.domain.as_ref().map(Domain::host);
    let is_meant = |login: &Login| {
        host.as_ref().is_none_or(|host| login.host == *host)
            && selection.client_id.as_ref().is_none_or(|id| login.client_id == *id)
            && selection.logins.profile.as_ref().is_none_or(|name| login.profile.as_ref() == Some(name))
    };
    let logins = with(&store, Store::list).await?;
    let logins = logins.into_iter().filter(|login| login.as_ref().map_or(true, is_meant)).collect();
    Ok(Found { store, logins })
}

/// Where a login was made.
pub(super) fn domain_of(login: &Login, selection: &Selection) -> Result<Domain> {
    let refused = |source| settings::Error::Domain { place: "the stored login".to_owned(), source };
    // Loopback is `http` unless something else is said, and what was said is in the address of its data.
    let scheme = if login.instance_url.starts_with("http://") { "http://" } else { "https://" };
    Ok(Domain::parse_allowing(&format!("{scheme}{}", login.host), &selection.allowed).map_err(refused)?)
}

/// Runs it. The result goes to stdout, as text or as JSON.
pub async fn run(selection: Selection, json: bool, ui: Arc<Ui>) -> Result<ExitStatus> {
    for warning in &selection.warnings {
        ui.warn(warning);
    }
    let Found { store, logins } = find(&selection).await?;
    let mut report = Report { store: store.place(), logins: Vec::new() };
    let mut worst = None;
    for login in logins {
        match login {
            Ok(login) => {
                let (told, class) = look_at(&store, login, &selection, &ui).await;
                // A program that logs in by itself gets another token when it needs one.
                worst = worst.or(class.filter(|_| told.flow == Key::BROWSER));
                report.logins.push(told);
            }
            Err(error) => ui.warn(&error.to_string()),
        }
    }
    let text = if json {
        format!("{}\n", harmless::json(&serde_json::to_string_pretty(&report)?))
    } else {
        report.logins.iter().map(Told::text).collect::<Vec<_>>().join("\n")
    };
    print(text.as_bytes())?;
    if report.logins.is_empty() {
        return Err(auth::Error::NoneStored(store.place()).into());
    }
    Ok(worst.map_or(ExitStatus::Complete, ExitStatus::NotLoggedIn))
}

async fn look_at(store: &Store, login: Login, selection: &Selection, ui: &Arc<Ui>) -> (Told, Option<Class>) {
    let looked = ask(store, &login, selection, ui).await;
    // It may have been renewed just now.
    let key = login.key();
    let login = with(store, move |store| store.read(&key)).await.ok().flatten().unwrap_or(login);
    let age = Timestamp::now().millis().saturating_sub(login.logged_in_at.millis());
    let mut told = Told {
        flow: login.flow().to_owned(),
        host: login.host,
        client_id: login.client_id,
        profile: login.profile,
        org_id: login.org_id,
        org_name: login.org_name,
        user_id: login.user_id,
        username: login.username,
        instance_url: login.instance_url,
        scopes: login.scopes,
        logged_in_at: login.logged_in_at.to_string(),
        renewed_at: login.renewed_at.to_string(),
        age_seconds: u64::try_from(age).unwrap_or_default() / 1000,
        works: looked.is_ok(),
        message: None,
        api_calls: None,
    };
    match looked {
        Ok((calls, username)) => {
            told.api_calls = calls;
            told.username = told.username.or(username);
            (told, None)
        }
        Err(error) => {
            told.message = Some(plain(&error.to_string()));
            (told, Some(Failure::explain(&error).class))
        }
    }
}

/// Uses the login, and renews it if need be, as a run would. One call of the API.
async fn ask(
    store: &Store,
    login: &Login,
    selection: &Selection,
    ui: &Arc<Ui>,
) -> Result<(Option<Calls>, Option<String>)> {
    let domain = domain_of(login, selection)?;
    let policy = selection.network.retry;
    let http = http::client(&selection.network, &domain)?;
    let tokens = if login.is_of_a_person() {
        let method =
            Method::Stored { client_id: login.client_id.clone(), client_secret: selection.client_secret.clone() };
        let keep = Keep::Store(store.clone(), login.key());
        let warn = {
            let ui = Arc::clone(ui);
            move |message: &str| ui.warn(message)
        };
        TokenSource::open(Renewer::new(http.clone(), domain, method, keep, policy, warn)).await?
    } else {
        login.session(&domain).ok_or(auth::Error::Token)?.into()
    };
    let client = Client::connect(http, tokens, None, 1, policy).await?;
    let usage = match client.allowance().await {
        Ok(usage) => Some(usage),
        // Who may not see the limits is told what is used with every answer.
        Err(salesforce::Error::Api(refusal)) if refusal.status == 403 && client.cost().usage.is_some() => {
            client.cost().usage
        }
        Err(error) => return Err(error.into()),
    };
    let username = if login.username.is_none() { client.user_info().await } else { None };
    let calls = usage.map(|usage| Calls { remaining: usage.limit.saturating_sub(usage.used), limit: usage.limit });
    Ok((calls, username.and_then(|info| info.preferred_username)))
}

impl Told {
    fn text(&self) -> String {
        let mut text = String::new();
        let mut row = |name: &str, value: String| text.extend([&format!("{name:<12}"), &*ui::plain(&value), "\n"]);
        let org_id = self.org_id.as_deref().unwrap_or("id unknown");
        row("org", self.org_name.as_ref().map_or_else(|| org_id.to_owned(), |name| format!("{name} ({org_id})")));
        row("address", self.host.clone());
        let user = self.username.as_ref().or(self.user_id.as_ref());
        row("user", user.map_or("not told by the login", String::as_str).to_owned());
        if let Some(profile) = &self.profile {
            row("profile", profile.clone());
        }
        row("login", format!("{}, {} ({})", self.flow, ago(self.age_seconds), self.logged_in_at));
        row("app", self.client_id.clone());
        match &self.message {
            None => row("works", "yes".to_owned()),
            Some(message) if self.flow == Key::BROWSER => row("works", format!("NO: {message}")),
            Some(message) => row("works", format!("not its token, so the next run gets a new one: {message}")),
        }
        if let Some(calls) = &self.api_calls {
            let Calls { remaining, limit } = calls;
            row("API calls", format!("{} of {} left in 24 hours", ui::number(*remaining), ui::number(*limit)));
        }
        text
    }
}

/// `3 days ago`
fn ago(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let ages = [0, 59, 60, 7_199, 86_399, 86_400, 3 * 86_400].map(ago);
        assert_eq!(
            ages,
            ["just now", "just now", "1 minute ago", "1 hour ago", "23 hours ago", "1 day ago", "3 days ago"]
        );
    }
}
