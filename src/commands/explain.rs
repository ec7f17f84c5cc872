//! `explain`: does a user hold something, and why? Asks a document, offline.

use std::collections::HashSet;
use std::path::PathBuf;

use anyhow::Result;
use clap::ArgMatches;

use super::ExitStatus;
use crate::access::answer::{self, Holders, Wanted};
use crate::access::index::has_kind;
use crate::access::{Answer, Doubt, FindError, Index, Keep, Loader, Names, Subject, ThingQuery, UserQuery, doubt};
use crate::cli;
use crate::model::ResourceKind;
use crate::output::read::{Options, Reader};
use crate::ui::explain::{Question, Report, write};

/// What is asked.
struct Asked {
    user: Option<UserQuery>,
    thing: Option<ThingQuery>,
    paths: usize,
}

/// Runs it. The result goes to stdout, as text or as JSON.
pub fn run(matches: &ArgMatches) -> Result<ExitStatus> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let user = text("user").map(UserQuery::parse).transpose()?;
    let thing = text("entitlement").map(|value| ThingQuery::parse("entitlement", value));
    let thing = thing.or_else(|| text("resource").map(|value| ThingQuery::parse("resource", value))).transpose()?;
    let paths = matches.get_one::<u16>("paths").copied().unwrap_or(cli::PATHS).into();
    let path = matches.get_one::<PathBuf>("document").cloned().unwrap_or_default();
    let asked = Asked { user, thing, paths };
    let mut reader = Reader::open(&path, matches.get_one::<String>("sync-id").map(String::as_str))?;
    let mut loader = Loader::new(|names: &Names| asked.keep(names));
    while let Some(part) = reader.next_part()? {
        loader.take(part);
    }
    let index = loader.finish()?;
    write(&asked.report(&index)?, matches.get_flag("json"))?;
    Ok(ExitStatus::Complete)
}

/// The users or entitlements that a question is about; in the document, or known by what was typed.
enum Found {
    Listed(Vec<u32>),
    Unlisted(Doubt),
}

impl Asked {
    fn keep(&self, names: &Names) -> Keep {
        match (&self.user, &self.thing) {
            (Some(user), _) => Keep::Users(user.find(names).into_iter().collect()),
            (None, Some(thing)) => Keep::Holders(thing.find(names).into_iter().collect()),
            (None, None) => Keep::Holders(HashSet::new()),
        }
    }

    fn report<'i>(&self, index: &'i Index) -> Result<Report<'i>, FindError> {
        let user = self.user.as_ref().map(|user| find_user(index, user)).transpose()?;
        let things = self.thing.as_ref().map(|thing| find_things(index, thing)).transpose()?;
        let question = match (&user, &things) {
            (Some(_), Some(_)) => Question::Pair,
            (_, None) => Question::AllOf,
            (None, Some(_)) => Question::Holders,
        };
        let mut report = Report {
            index,
            question,
            user: self.user.as_ref().map(|user| user.text().to_owned()),
            thing: self.thing.as_ref().map(|thing| (thing.flag, thing.text().to_owned())),
            user_number: None,
            targets: Vec::new(),
            answers: Vec::new(),
            holders: Vec::new(),
            doubts: Vec::new(),
        };
        match &user {
            Some(Found::Listed(users)) => report.user_number = users.first().copied(),
            Some(Found::Unlisted(doubt)) => report.doubts.push(doubt.clone()),
            None => {}
        }
        match &things {
            Some(Found::Listed(nodes)) => report.targets.clone_from(nodes),
            Some(Found::Unlisted(doubt)) => report.doubts.push(doubt.clone()),
            None => {}
        }
        match report.question {
            Question::Pair => self.pairs(&mut report),
            Question::AllOf => {
                if let Some(user) = report.user_number {
                    report.answers = answer::all_of(index, user);
                    report.doubts = doubt::of_all(index, user);
                }
            }
            Question::Holders => {
                report.holders = report.targets.iter().map(|target| Holders::of(index, *target)).collect();
                for doubt in report.holders.iter().flat_map(Holders::doubts) {
                    // What several targets have in common is said once; of one, nothing comes twice.
                    if report.holders.len() == 1 || !report.doubts.contains(&doubt) {
                        report.doubts.push(doubt);
                    }
                }
                report.doubts.extend(users_left_out(index).map(Doubt::UsersMayBeMissing));
                let warnings = index.summary.warnings.iter();
                let invisible = warnings.filter(|warning| warning.code == "USERS_MAY_BE_INVISIBLE");
                report.doubts.extend(invisible.map(|warning| Doubt::UsersMayBeMissing(warning.message.clone())));
            }
        }
        Ok(report)
    }

    fn pairs(&self, report: &mut Report<'_>) {
        let (user, thing) = (report.user.clone().unwrap_or_default(), report.thing.clone().unwrap_or_default().1);
        let doubts = std::mem::take(&mut report.doubts);
        let who = report.user_number.map_or(Subject::Unlisted(user), Subject::Listed);
        if report.targets.is_empty() {
            report.answers.push(Answer::unknown(who, Subject::Unlisted(thing), doubts));
            return;
        }
        let answers = report.targets.iter().map(|target| match who {
            Subject::Listed(user) => answer::ask(report.index, user, *target, Wanted::Most(self.paths)),
            Subject::Unlisted(_) => Answer::unknown(who.clone(), Subject::Listed(*target), doubts.clone()),
        });
        report.answers = answers.collect();
    }
}

fn find_user(index: &Index, query: &UserQuery) -> Result<Found, FindError> {
    let found = query.find(index.names());
    match (&*found, query) {
        ([_], _) => Ok(Found::Listed(found)),
        ([], UserQuery::Id(id)) if may_lack_users(index) => {
            let why = users_left_out(index).map(|why| format!("; {why}")).unwrap_or_default();
            Ok(Found::Unlisted(Doubt::UserNotInDocument(format!("the user {id} is not in the document{why}"))))
        }
        ([], _) => {
            let hint = users_left_out(index).map(|why| format!(" ({why})")).unwrap_or_default();
            Err(FindError::NotFound { flag: "user", value: query.text().to_owned(), hint })
        }
        _ => Err(FindError::Ambiguous { flag: "user", value: query.text().to_owned(), all: told(index, &found) }),
    }
}

/// Whether a user of the org may not be in the document.
fn may_lack_users(index: &Index) -> bool {
    let options = index.options();
    options.is_none_or(|options| !options.sync_non_standard_users || !options.sync_deactivated_users)
        || !has_kind(options, "user")
        || index.summary.complete != Some(true)
}

/// Which users the document lacks.
fn users_left_out(index: &Index) -> Option<String> {
    let left_out = index.summary.left_out.iter().filter(|left_out| left_out.what == "user");
    let count: u64 = left_out.map(|left_out| left_out.count).sum();
    let which = users_not_asked_for(index.options())?;
    Some(if count > 0 {
        format!("its options left out {which}, {count} in all")
    } else {
        format!("its options leave out {which}")
    })
}

/// The users that a document's options leave out, if any.
pub(super) fn users_not_asked_for(options: Option<&Options>) -> Option<String> {
    let options = options?;
    let mut which = Vec::new();
    if !options.sync_non_standard_users {
        which.push("users of other types than Standard");
    }
    if !options.sync_deactivated_users {
        which.push("deactivated users");
    }
    (!which.is_empty()).then(|| which.join(" and "))
}

/// Why a document may have nothing of this name.
pub(super) fn near(names: &Names, options: Option<&Options>, value: &str) -> String {
    let of_things = names.resources.iter().filter(|resource| resource.person().is_none());
    let hint = cli::did_you_mean(value, of_things.map(|resource| &*resource.name));
    let missing = ResourceKind::ALL.into_iter().filter(|kind| !has_kind(options, kind.id()));
    let missing: Vec<_> = missing.filter(|kind| kind.slug().is_some()).map(ResourceKind::id).collect();
    if hint.is_empty() && !missing.is_empty() {
        return format!(" (of these types it has none, since they were not asked for: {})", missing.join(", "));
    }
    hint
}

fn find_things(index: &Index, query: &ThingQuery) -> Result<Found, FindError> {
    let (names, flag) = (index.names(), query.flag);
    let found = query.find(names);
    let resources: HashSet<u32> = found.iter().map(|node| index.node(*node).resource).collect();
    let value = query.text().to_owned();
    if found.is_empty() {
        let options = index.options();
        return match query.named_id() {
            Some((kind, _)) if !has_kind(options, kind.id()) => Ok(Found::Unlisted(Doubt::KindNotSynced(kind.id()))),
            _ => Err(query.bad_id().unwrap_or_else(|| {
                let hint = near(names, options, &value);
                FindError::NotFound { flag, value, hint }
            })),
        };
    }
    // All that one resource gives can be asked for; of entitlements, one.
    let is_one = if flag == "resource" { resources.len() == 1 } else { found.len() == 1 };
    if is_one {
        return Ok(Found::Listed(found));
    }
    let id_and_name = |node: &u32| {
        let (node, resource) = (index.node(*node), index.resource_of(*node));
        (node.id.to_string(), resource.api_name.as_deref().unwrap_or(&resource.name).to_owned())
    };
    Err(FindError::Ambiguous { flag, value, all: found.iter().map(id_and_name).collect() })
}

fn told(index: &Index, users: &[u32]) -> Vec<(String, String)> {
    let id_and_name = |user: &u32| {
        let resource = index.resource(*user);
        let username = resource.person().and_then(|person| person.username.as_deref()).unwrap_or_default();
        (resource.id.to_string(), format!("{} ({username})", resource.name))
    };
    users.iter().map(id_and_name).collect()
}
