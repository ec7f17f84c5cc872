//! What `show` is asked for, and what makes no sense.

use clap::ArgMatches;

use crate::access::filter::{Standing, Who};
use crate::access::{Filter, FindError, ThingQuery};
use crate::cli;
use crate::ui::show::{Form, What};

/// What is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    /// What is listed; `None`: the summary.
    pub(super) what: Option<What>,
    pub(super) form: Form,
    pub(super) filter: Filter,
    /// Of inactive assignments.
    pub(super) reason: Option<String>,
    /// Of grants: whether they are direct.
    pub(super) is_direct: Option<bool>,
    /// The number of a column.
    pub(super) sort: Option<usize>,
}

/// The filters that each list has a use for.
const fn filters(what: Option<What>) -> &'static [&'static str] {
    match what {
        None => &[],
        Some(What::Types) => &["sort"],
        Some(What::Users) => &["user", "status", "search", "sort"],
        Some(What::Resources) => &["type", "resource", "search", "sort"],
        Some(What::Entitlements) => &["type", "resource", "entitlement", "search", "sort"],
        Some(What::Grants) => {
            &["type", "user", "resource", "entitlement", "status", "direct", "derived", "search", "sort"]
        }
        Some(What::Inactive) => &["type", "user", "resource", "entitlement", "status", "search", "sort"],
    }
}

const FILTERS: [&str; 9] = ["type", "user", "resource", "entitlement", "status", "direct", "derived", "search", "sort"];

impl Asked {
    pub(super) fn parse(matches: &ArgMatches) -> Result<Self, FindError> {
        let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
        let name = text("list").unwrap_or(cli::LISTS[0]);
        let what = What::parse(name);
        let is_given = |flag: &&str| matches.value_source(flag) == Some(clap::parser::ValueSource::CommandLine);
        let csv_is_useless = what.is_none() && matches.get_flag("csv");
        let useless = FILTERS.into_iter().filter(is_given).find(|flag| !filters(what).contains(flag));
        if let Some(flag) = useless.or(csv_is_useless.then_some("csv")) {
            return Err(FindError::Invalid { flag, message: of_no_use(what, name, flag) });
        }
        let status = text("status").map(str::to_owned);
        let (reason, standing) = match (what, status) {
            (Some(What::Inactive), Some(status)) => (Some(reason(&status)?), None),
            (_, Some(status)) => (None, Some(standing(&status)?)),
            (_, None) => (None, None),
        };
        let thing = |flag: &'static str| text(flag).map(|value| ThingQuery::parse(flag, value)).transpose();
        let things = [thing("resource")?, thing("entitlement")?].into_iter().flatten().collect();
        let filter = Filter {
            kind: text("type").map(str::to_owned),
            user: text("user").map(Who::parse).transpose()?,
            things,
            standing,
            search: text("search").map(str::to_lowercase),
        };
        let form = match (matches.get_flag("json"), matches.get_flag("csv")) {
            (true, _) => Form::Json,
            (_, true) => Form::Csv,
            _ => Form::Text,
        };
        let is_direct = (matches.get_flag("direct") || matches.get_flag("derived")).then(|| matches.get_flag("direct"));
        let sort = what.zip(text("sort")).map(|(what, name)| column(what, name)).transpose()?;
        Ok(Self { what, form, filter, reason, is_direct, sort })
    }
}

/// Why a flag is refused, and where it would do.
fn of_no_use(what: Option<What>, name: &str, flag: &str) -> String {
    let lists = What::ALL.into_iter().filter(|what| filters(Some(*what)).contains(&flag) || flag == "csv");
    let lists: Vec<_> = lists.map(What::name).collect();
    let other = if what.is_none() && flag == "csv" { "; --json prints it for programs" } else { "" };
    format!("`{name}` has no use for it{other}; these have: {}", lists.join(", "))
}

fn standing(status: &str) -> Result<Standing, FindError> {
    Standing::parse(status).ok_or_else(|| FindError::Invalid {
        flag: "status",
        message: format!(
            "no user is `{status}`; of users it is one of {}",
            Standing::ALL.map(|(name, _)| name).join(", ")
        ),
    })
}

/// As it stands in documents.
fn reason(status: &str) -> Result<String, FindError> {
    if cli::REASONS.contains(&status) {
        return Ok(status.to_uppercase());
    }
    let message = format!("no assignment is `{status}`; of these it is one of {}", cli::REASONS.join(", "));
    Err(FindError::Invalid { flag: "status", message })
}

/// The number of a column.
fn column(what: What, name: &str) -> Result<usize, FindError> {
    let typed = name.trim().to_lowercase().replace([' ', '-'], "_");
    let names = || what.columns().iter().map(|column| column.name);
    names().position(|name| name == typed).ok_or_else(|| {
        let hint = cli::did_you_mean(&typed, names());
        let names: Vec<_> = names().collect();
        let message = format!("`{}` has no column `{name}`{hint} It has: {}", what.name(), names.join(", "));
        FindError::Invalid {
            flag: "sort",
            message: if hint.is_empty() { message.replacen("` It", "`. It", 1) } else { message },
        }
    })
}
