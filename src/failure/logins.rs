//! A person's login and the store: what a failure means, and what to do.

use super::{Class, Judgement};
use crate::auth::browser::BrowserError;
use crate::auth::{Error, Key, StoreError};
use crate::cli;

/// Judges what is not about the token endpoint.
pub(super) fn judge(error: &Error) -> Judgement {
    match error {
        Error::NoLogin { key } => {
            let command = key.as_deref().map_or_else(|| "baton-salesforce login".to_owned(), again);
            let advice = format!("log in first: {command}; unattended, give --salesforce-client-secret-file instead");
            (Class::Unauthenticated, Some(advice))
        }
        Error::Clock { source, .. } => (
            super::auth_error(source).0,
            Some("set this machine's clock: an assertion is good for three minutes".to_owned()),
        ),
        Error::NoneStored(_) => (Class::NotFound, Some("`baton-salesforce login` makes one".to_owned())),
        Error::Ended { key, source } => (
            super::auth_error(source).0,
            Some(format!(
                "log in again: {} (where Salesforce replaces refresh tokens, a run that was killed in the middle of \
                 that, or a copy of the login elsewhere, uses the stored one up)",
                again(key)
            )),
        ),
        Error::OtherOrg { key, .. } => (
            Class::FailedPrecondition,
            Some(format!("a sandbox that was refreshed is a new org; if that is so, log in again: {}", again(key))),
        ),
        Error::Elsewhere { answered, .. } => (
            Class::FailedPrecondition,
            Some(format!(
                "a username belongs to one org: check --salesforce-jwt-subject; if that org is meant, give --domain {answered}"
            )),
        ),
        Error::Browser(error) => browser_error(error),
        Error::Store(StoreError::Malformed { .. }) => {
            (Class::Unknown, Some("remove the file and log in again".to_owned()))
        }
        Error::Store(StoreError::Taken { profile, .. }) => (
            Class::InvalidArgument,
            Some(format!("choose another name, or end that login: baton-salesforce logout --profile {profile}")),
        ),
        Error::Store(StoreError::NoFolder) | Error::Key(_) => (Class::InvalidArgument, None),
        Error::Store(StoreError::Io { .. }) | Error::Keep { .. } => (
            Class::Unknown,
            Some("the login was left as it is; make room there, or name another folder with --login-store".to_owned()),
        ),
        Error::Store(StoreError::Keyring { .. }) => (
            Class::Unknown,
            Some("unlock the keyring, or start its service; without one, name a folder with --login-store".to_owned()),
        ),
        Error::Lost(_) => (
            Class::Unknown,
            Some(
                "a file that is named holds it: put it in the place of the other; if none is, log in again".to_owned(),
            ),
        ),
        Error::Interrupted(_) => (Class::Internal, None),
        Error::Refused { .. } | Error::Transport(_) | Error::Answer(_) | Error::Instance(_) | Error::Token => {
            (Class::Unauthenticated, None)
        }
    }
}

fn again(key: &Key) -> String {
    cli::login_command(&key.host, &key.client_id, key.profile.as_deref())
}

fn browser_error(error: &BrowserError) -> Judgement {
    match error {
        BrowserError::Declined => (Class::Cancelled, None),
        BrowserError::TimedOut(_) => (
            Class::DeadlineExceeded,
            Some(
                "run it again; if Salesforce's page said `redirect_uri_mismatch`, register the callback in the app exactly \
                 as --callback-url has it; --login-timeout waits longer, --no-browser needs no browser on this machine"
                    .to_owned(),
            ),
        ),
        BrowserError::Busy { port, .. } => (
            Class::FailedPrecondition,
            Some(format!(
                "end that program, or register another callback in the app, such as http://localhost:{}/callback, and \
                 give it as --callback-url; --no-browser needs no port",
                port.checked_add(1).unwrap_or(8498)
            )),
        ),
        BrowserError::Listen { .. } => (
            Class::Unknown,
            Some(
                "register a callback with another port in the app and give it as --callback-url, or use --no-browser"
                    .to_owned(),
            ),
        ),
        BrowserError::Elsewhere(_) => {
            (Class::InvalidArgument, Some("paste the address that the browser ends at: --no-browser".to_owned()))
        }
        BrowserError::NotPasted | BrowserError::OtherLogin | BrowserError::NoInput => (
            Class::InvalidArgument,
            Some(
                "run it again, open the address that it prints, log in, and paste the whole address that the browser \
                  ends at"
                    .to_owned(),
            ),
        ),
    }
}
