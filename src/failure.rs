//! What a person is told when a run fails, and with which exit code it ends: the one place that decides both.
//!
//! Decided by Salesforce's error code and the HTTP status, never by its text, which is in the user's language. Refused
//! logins have a table of their own ([`auth::refusals`](crate::auth::refusals)).

mod class;
mod logins;
mod network;

use std::sync::Arc;

use crate::access::FindError;
use crate::access::diff::DiffError;
use crate::auth;
use crate::auth::refusals::{Kind, Reason};
use crate::cli;
use crate::commands::convert::CsvError;
use crate::commands::sync::TimedOut;
use crate::disk::ScratchError;
use crate::net;
use crate::output::FormatError;
use crate::output::TargetError;
use crate::output::read::ReadError;
use crate::salesforce::Spent;
use crate::salesforce::error::Refusal;
use crate::salesforce::version::VersionError;
use crate::ui::show::ListError;
use crate::{salesforce, settings, sync};

pub use class::Class;
use network::{NOT_SALESFORCE, TOKEN, net_error, setup_error};

/// A failure, as a person is told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind it is.
    pub class: Class,
    /// What happened, in Salesforce's own words where it is Salesforce that refused.
    pub message: String,
    /// What that means, where it does not say so itself.
    pub meaning: Option<&'static str>,
    /// What to do.
    pub advice: Option<String>,
}

impl Failure {
    /// Explains an error.
    pub fn explain(error: &anyhow::Error) -> Self {
        let (class, advice) = judge(error);
        let message = match error.downcast_ref::<auth::Error>() {
            Some(refused @ (auth::Error::Refused { .. } | auth::Error::Clock { .. })) => {
                format!("the login was refused: {refused}")
            }
            Some(error) if error.speaks_for_itself() => error.to_string(),
            Some(_) => format!("the login failed: {error:#}"),
            None => whole_story(error),
        };
        let meaning = error.chain().find_map(refused_login).map(|reason| reason.meaning);
        Self { class, message, meaning, advice }
    }
}

/// Why a login was refused, if that is the cause and known.
fn refused_login(cause: &(dyn std::error::Error + 'static)) -> Option<&'static Reason> {
    let error = cause.downcast_ref::<auth::Error>();
    let error = error.or_else(|| cause.downcast_ref::<Arc<auth::Error>>().map(AsRef::as_ref));
    match error.or_else(|| cause.downcast_ref::<Box<auth::Error>>().map(AsRef::as_ref)) {
        Some(auth::Error::Refused { error, description, status: ..500 }) => Reason::of(error, description),
        _ => None,
    }
}

/// The error and its causes, each said once.
fn whole_story(error: &anyhow::Error) -> String {
    let mut story = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !story.contains(&cause) {
            story = if story.is_empty() { cause } else { format!("{story}: {cause}") };
        }
    }
    story
}

type Judgement = (Class, Option<String>);

fn judge(error: &anyhow::Error) -> Judgement {
    if let Some(error) = error.downcast_ref::<settings::Error>() {
        return settings_error(error);
    }
    if let Some(error) = error.downcast_ref::<sync::Error>() {
        return sync_error(error);
    }
    if let Some(error) = error.downcast_ref::<auth::Error>() {
        return auth_error(error);
    }
    if let Some(error) = error.downcast_ref::<salesforce::Error>() {
        return salesforce_error(error, None);
    }
    if let Some(error) = error.downcast_ref::<net::SetupError>() {
        return setup_error(error);
    }
    if let Some(error) = error.downcast_ref::<TargetError>() {
        return target_error(error);
    }
    if let Some(error) = error.downcast_ref::<ReadError>() {
        return read_error(error);
    }
    if error.downcast_ref::<TimedOut>().is_some() {
        return (Class::DeadlineExceeded, Some("run it again; --timeout lets it take longer".to_owned()));
    }
    if let Some(error) = error.downcast_ref::<CsvError>() {
        return match error {
            CsvError::Exists(_) => {
                (Class::FailedPrecondition, Some("name another folder, or replace it with --force".to_owned()))
            }
            CsvError::Foreign(..) => (Class::FailedPrecondition, Some("name another folder".to_owned())),
            CsvError::Io { .. } => (Class::Unknown, None),
            CsvError::Read(error) => read_error(error),
            CsvError::Target(error) => target_error(error),
        };
    }
    if error.downcast_ref::<FormatError>().is_some() {
        return (Class::InvalidArgument, None);
    }
    if let Some(error) = error.downcast_ref::<DiffError>() {
        return diff_error(error);
    }
    if let Some(error) = error.downcast_ref::<FindError>() {
        let class = match error {
            FindError::Invalid { .. } | FindError::Ambiguous { .. } => Class::InvalidArgument,
            FindError::NotFound { .. } => Class::NotFound,
        };
        return (class, error.advice());
    }
    if matches!(error.downcast_ref::<ListError>(), Some(ListError::TooManyToSort)) {
        return (Class::InvalidArgument, Some("name less with the filters, or sort what --csv prints".to_owned()));
    }
    #[cfg(feature = "demo")]
    if error.downcast_ref::<crate::demo::DemoError>().is_some() {
        return (Class::InvalidArgument, None);
    }
    (Class::Unknown, None)
}

fn settings_error(error: &settings::Error) -> Judgement {
    let advice = match error {
        settings::Error::NoOrg => {
            Some(format!("start in one of {} (--help tells more):\n{}", cli::ways(), cli::how_to_start().trim_end()))
        }
        settings::Error::Domain { source, .. } => Some(source.hint()),
        settings::Error::Config(_) | settings::Error::Invalid(_) => None,
    };
    (Class::InvalidArgument, advice)
}

fn sync_error(error: &sync::Error) -> Judgement {
    match error {
        sync::Error::Read { source, right, .. } => salesforce_error(source, *right),
        sync::Error::NothingVisible { right, .. } => (Class::PermissionDenied, Some(grant(right))),
        sync::Error::Incomplete(incomplete) => (
            Class::PermissionDenied,
            Some(format!("{}; or have the incomplete document written with --allow-partial", grant(incomplete.right))),
        ),
        sync::Error::Inconsistent(_) => (Class::DataLoss, None),
        sync::Error::Spool(_) => scratch_error(),
        sync::Error::Sink(_) | sync::Error::Stopped => (Class::Unknown, None),
        sync::Error::Target(error) => target_error(error),
    }
}

fn target_error(error: &TargetError) -> Judgement {
    match error {
        TargetError::Foreign(_) | TargetError::OtherOrg { .. } => {
            (Class::FailedPrecondition, Some("name another file, or replace this one with --force".to_owned()))
        }
        TargetError::NoFolder(..) => {
            (Class::Unknown, Some("make the folder, or name another file with --file".to_owned()))
        }
        TargetError::Busy { .. } => (
            Class::FailedPrecondition,
            Some("run it when the other one has ended, wait for that with --wait, or name another file".to_owned()),
        ),
        TargetError::Lock(..) => (Class::FailedPrecondition, Some("take it away, or name another file".to_owned())),
        TargetError::Io { source, .. } if ScratchError::is_in(source) => scratch_error(),
        TargetError::NoStdout => (
            Class::Unknown,
            Some(
                "name a file with --file, or open stdout; to have the document thrown away, name /dev/null".to_owned(),
            ),
        ),
        TargetError::IsFolder(_) | TargetError::Io { .. } => (Class::Unknown, None),
    }
}

fn scratch_error() -> Judgement {
    (Class::Unknown, Some(ScratchError::ADVICE.to_owned()))
}

fn read_error(error: &ReadError) -> Judgement {
    match error {
        ReadError::Io { source, .. } if ScratchError::is_in(source) => scratch_error(),
        ReadError::Io { .. } | ReadError::Foreign { .. } => (Class::Unknown, None),
        ReadError::NoSync { .. } | ReadError::Unfinished { .. } => (Class::NotFound, None),
        ReadError::Cut { .. }
        | ReadError::Truncated { .. }
        | ReadError::Database { .. }
        | ReadError::Malformed { .. } => {
            (Class::Unknown, Some("make the document anew, or copy it anew from where it was made".to_owned()))
        }
        ReadError::Totals { .. } => (Class::DataLoss, Some("make the document anew".to_owned())),
    }
}

fn diff_error(error: &DiffError) -> Judgement {
    match error {
        DiffError::Read(error) => read_error(error),
        DiffError::OtherOrg { .. } => (
            Class::FailedPrecondition,
            Some("compare documents of one org; a sandbox that was refreshed is another one".to_owned()),
        ),
        DiffError::Order { .. } => {
            (Class::DataLoss, Some("make the document anew, and change nothing in it by hand".to_owned()))
        }
        DiffError::BothFromStdin => (Class::InvalidArgument, None),
        DiffError::Spool(_) => scratch_error(),
    }
}

fn grant(right: &str) -> String {
    format!(
        "give the user \u{201c}{right}\u{201d}: Setup \u{2192} Permission Sets \u{2192} (a set of the user's) \u{2192} System Permissions"
    )
}

fn auth_error(error: &auth::Error) -> Judgement {
    match error {
        auth::Error::Refused { error, description, status } => {
            if *status >= 500 {
                return (Class::Unavailable, None);
            }
            let Some(reason) = Reason::of(error, description) else { return (Class::Unauthenticated, None) };
            let class = match reason.kind {
                Kind::Setup | Kind::Ended => Class::Unauthenticated,
                Kind::TooMany => Class::ResourceExhausted,
                Kind::Passing => Class::Unavailable,
            };
            (class, Some(reason.advice.to_owned()))
        }
        auth::Error::Transport(error) => net_error(error),
        auth::Error::Answer(_) => (Class::Unavailable, Some(NOT_SALESFORCE.to_owned())),
        auth::Error::Instance(source) => (Class::Unauthenticated, Some(source.instance_hint())),
        auth::Error::Token => (Class::Unauthenticated, None),
        other => logins::judge(other),
    }
}

/// The likely causes, since Salesforce does not say which it is.
const STILL_REFUSED: &str = "the login is good and the session is not, so a policy stands in the way: API Access Control \
                             (Setup \u{2192} API Access Control) admits only apps that were approved; Session Settings or the \
                             profile can demand a High Assurance session; the profile's Login IP Ranges or the app's \
                             policies (IP Relaxation) can forbid this address";

/// `right` is the permission that the object in question needs.
fn salesforce_error(error: &salesforce::Error, right: Option<&str>) -> Judgement {
    match error {
        salesforce::Error::Api(refusal) => refused(refusal, right),
        salesforce::Error::Net(error) => net_error(error),
        salesforce::Error::Totals { .. } | salesforce::Error::Changed { .. } => {
            (Class::DataLoss, Some("run it again; nothing was written".to_owned()))
        }
        salesforce::Error::Job(_) => (Class::Unavailable, Some("run it again with --query-engine rest".to_owned())),
        salesforce::Error::Login(error) => auth_error(error),
        salesforce::Error::StillRefused(_) => (Class::Unauthenticated, Some(STILL_REFUSED.to_owned())),
        salesforce::Error::Protocol(_) => {
            (Class::Unknown, Some("run it again; if it stays, it is worth a report".to_owned()))
        }
        salesforce::Error::Spent(Spent::Calls(_)) => (
            Class::ResourceExhausted,
            Some("raise --max-api-calls; --dry-run tells how many calls a run takes".to_owned()),
        ),
        salesforce::Error::Spent(Spent::Reserve { .. }) => {
            (Class::ResourceExhausted, Some("run it when fewer calls are used, or lower --api-reserve".to_owned()))
        }
        salesforce::Error::Version(VersionError::NoneKnown(_)) => {
            (Class::FailedPrecondition, Some("use a newer version of this program".to_owned()))
        }
        salesforce::Error::Version(_) => {
            (Class::InvalidArgument, Some("leave --api-version out: the newest version is chosen".to_owned()))
        }
    }
}

/// What shows most objects of Setup.
const VIEW_SETUP: &str = "View Setup and Configuration";

fn refused(refusal: &Refusal, right: Option<&str>) -> Judgement {
    let needs = |right: Option<&str>| right.map(grant);
    match (refusal.code(), refusal.status) {
        ("API_DISABLED_FOR_ORG", _) => (
            Class::FailedPrecondition,
            Some(format!(
                "two causes look alike here: the edition has no API (Enterprise, Unlimited, Performance and Developer \
                 have it, Professional with the API add-on: Setup \u{2192} Company Information \u{2192} Organization Edition), or the \
                 user lacks it: {}",
                grant("API Enabled")
            )),
        ),
        ("FUNCTIONALITY_NOT_ENABLED" | "API_CURRENTLY_DISABLED", _) => {
            (Class::PermissionDenied, Some(grant("API Enabled")))
        }
        ("REQUEST_LIMIT_EXCEEDED", _) => (
            Class::ResourceExhausted,
            Some("the org's API calls are used up (Setup \u{2192} Company Information \u{2192} API Requests, Last 24 Hours), or too many run at a time (--concurrency)".to_owned()),
        ),
        ("QUERY_TIMEOUT", _) => (
            Class::DeadlineExceeded,
            Some("run it again when the org has less to do; --sync-resource-types reads less at a time".to_owned()),
        ),
        (
            "INVALID_TYPE"
            | "INVALID_TYPE_FOR_OPERATION"
            | "INVALID_FIELD"
            | "INSUFFICIENT_ACCESS"
            | "INSUFFICIENT_ACCESS_OR_READONLY",
            _,
        ) => (Class::PermissionDenied, needs(right.or(Some(VIEW_SETUP)))),
        ("INVALID_SESSION_ID" | "INVALID_AUTH_HEADER", _) | (_, 401) => (
            Class::Unauthenticated,
            Some(TOKEN.to_owned()),
        ),
        (_, 410) => (Class::InvalidArgument, Some("this API version is retired; leave --api-version out".to_owned())),
        ("NOT_FOUND", _) | (_, 404) => (Class::NotFound, None),
        _ if refusal.is_lost_cursor() => (Class::Unavailable, Some("run it again".to_owned())),
        ("SERVER_UNAVAILABLE" | "UNABLE_TO_LOCK_ROW" | "TXN_SECURITY_METERING_ERROR", _) | (_, 500..) => {
            (Class::Unavailable, Some("run it again; see status.salesforce.com".to_owned()))
        }
        (_, 403) => (Class::PermissionDenied, needs(right.or(Some(VIEW_SETUP)))),
        _ => (Class::Unknown, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::error::ApiError;

    fn api(status: u16, code: &str) -> anyhow::Error {
        let errors = vec![ApiError { code: code.to_owned(), message: "Nachricht".to_owned(), fields: Vec::new() }];
        let source = salesforce::Error::Api(Box::new(Refusal { status, errors }));
        sync::Error::Read { object: "UserRole".to_owned(), right: Some("View Roles and Role Hierarchy"), source }.into()
    }

    #[test]
    fn the_class_follows_code_and_status() {
        for (status, code, class) in [
            (401, "INVALID_SESSION_ID", 16),
            (403, "API_DISABLED_FOR_ORG", 9),
            (403, "FUNCTIONALITY_NOT_ENABLED", 7),
            (403, "API_CURRENTLY_DISABLED", 7),
            (403, "REQUEST_LIMIT_EXCEEDED", 8),
            (400, "INVALID_TYPE", 7),
            (400, "QUERY_TIMEOUT", 4),
            (404, "NOT_FOUND", 5),
            (503, "SERVER_UNAVAILABLE", 14),
            (500, "UNKNOWN_EXCEPTION", 14),
            (400, "MALFORMED_QUERY", 2),
        ] {
            assert_eq!(Failure::explain(&api(status, code)).class.code(), class, "{code}");
        }
    }

    #[test]
    fn a_missing_right_is_named_with_its_place_in_setup() {
        let failure = Failure::explain(&api(400, "INVALID_TYPE"));
        assert!(
            failure.message.starts_with("UserRole could not be read: INVALID_TYPE: Nachricht"),
            "{}",
            failure.message
        );
        let advice = failure.advice.unwrap();
        assert!(advice.contains("View Roles and Role Hierarchy") && advice.contains("Setup"), "{advice}");
    }

    #[test]
    fn both_causes_of_a_disabled_api_are_told() {
        let advice = Failure::explain(&api(403, "API_DISABLED_FOR_ORG")).advice.unwrap();
        assert!(advice.contains("edition") && advice.contains("API Enabled"), "{advice}");
    }
}
