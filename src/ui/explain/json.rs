//! Answers as JSON: `baton-salesforce.explain/1`.

use std::io::{self, Write};

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::words::Words;
use super::{Question, Report};
use crate::access::answer::Holders;
use crate::access::index::{Resource, Row};
use crate::access::{Answer, Doubt, Reason, Removal, Subject};
use crate::model::Status;
use crate::time::Timestamp;

/// Its number changes when a meaning does.
const FORMAT: &str = "baton-salesforce.explain/1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'a> {
    format: &'static str,
    document: Document<'a>,
    question: Asked<'a>,
    answers: Answers<'a>,
    /// Of a list: whether it is sure that nothing is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_all: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<DoubtItem<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<WarningItem<'a>>,
    not_covered: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    sync_id: &'a str,
    org: Option<Org<'a>>,
    started_at: &'a str,
    ended_at: Option<&'a str>,
    complete: Option<bool>,
}

#[derive(Serialize)]
struct Org<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Asked<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entitlement: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'a str>,
}

#[derive(Serialize)]
struct WarningItem<'a> {
    code: &'a str,
    message: &'a str,
}

/// Made one by one while they are written: there may be as many as users.
struct Answers<'a>(&'a Report<'a>, &'a Words<'a>);

impl Serialize for Answers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report, words) = self;
        let mut list = serializer.serialize_seq(None)?;
        for answer in &report.answers {
            list.serialize_element(&item(answer, words))?;
        }
        for answer in report.holders.iter().flat_map(Holders::answers) {
            list.serialize_element(&item(&answer, words))?;
        }
        list.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    answer: &'static str,
    user: User<'a>,
    entitlement: Entitlement<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<HoldItem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remove: Vec<RemovalItem>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paths: Vec<Vec<Step<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_paths: Option<OtherPaths>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<ReasonItem<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<DoubtItem<'a>>,
}

/// What is not known of it is absent.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct User<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entitlement<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Id<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Id<'a> {
    resource_type: &'a str,
    resource: &'a str,
}

impl<'a> Id<'a> {
    fn of(resource: &'a Resource) -> Self {
        Self { resource_type: &resource.kind, resource: &resource.id }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HoldItem {
    /// When the last way to it ends; absent if one never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// Set where all ways have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<&'static str>,
    /// Where the ways without that condition end before the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    conditional_from: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    partial: bool,
    #[serde(skip_serializing_if = "is_false")]
    stale: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RemovalItem {
    grant: String,
    /// No row says so: these grants would have to go instead, or the user has to be deactivated.
    #[serde(skip_serializing_if = "is_false")]
    by_rule: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    instead: Vec<String>,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Step<'a> {
    grant: String,
    entitlement: &'a str,
    principal: Id<'a>,
    /// Of the entitlement's resource.
    display_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<&'static str>,
    #[serde(skip_serializing_if = "is_false")]
    assigned_by_policy: bool,
    #[serde(skip_serializing_if = "is_false")]
    by_rule: bool,
    #[serde(skip_serializing_if = "is_false")]
    shallow: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    muted_rights: &'a [Box<str>],
    #[serde(skip_serializing_if = "is_false")]
    stale: bool,
    /// Where no grant of the document says so, but an attribute of the principal.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_attribute: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OtherPaths {
    count: usize,
    /// Otherwise there are more than that.
    is_exact: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReasonItem<'a> {
    code: &'a str,
    entitlement: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DoubtItem<'a> {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<&'a str>,
    message: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

fn text(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

const fn condition(is_conditional: bool) -> Option<&'static str> {
    if is_conditional { Some("session_activation") } else { None }
}

/// Writes a report.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let words = Words::new(report.index);
    let (header, summary) = (&report.index.header, &report.index.summary);
    let thing = |flag| report.thing.as_ref().filter(|(of, _)| *of == flag).map(|(_, text)| text.as_str());
    let warnings = super::warnings(report);
    let whole = Whole {
        format: FORMAT,
        document: Document {
            sync_id: &header.id,
            org: header.org.as_ref().map(|org| Org { id: &org.id, name: &org.name }),
            started_at: &header.started_at,
            ended_at: summary.ended_at.as_deref(),
            complete: summary.complete,
        },
        question: Asked {
            user: report.user.as_deref(),
            entitlement: thing("entitlement"),
            resource: thing("resource"),
        },
        answers: Answers(report, &words),
        is_all: (report.question != Question::Pair).then_some(report.doubts.is_empty()),
        doubts: report.doubts.iter().map(|item| doubt(item, &words)).collect(),
        warnings: warnings.iter().map(|(code, message)| WarningItem { code, message }).collect(),
        not_covered: &summary.not_covered,
    };
    serde_json::to_writer_pretty(&mut *out, &whole).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

fn item<'a>(answer: &'a Answer, words: &'a Words<'_>) -> Item<'a> {
    let index = words.index;
    let hold = answer.hold.map(|hold| HoldItem {
        expires_at: text(hold.until.time()),
        condition: condition(hold.unconditional.is_none()),
        conditional_from: hold.unconditional.filter(|first| *first != hold.until).and_then(|first| text(first.time())),
        partial: hold.partial,
        stale: hold.stale,
    });
    let paths = answer.paths.iter().map(|path| {
        let first = row(&answer.removals[path.row].row, words);
        std::iter::once(first).chain(path.edges.iter().map(|number| edge(*number, words))).collect()
    });
    Item {
        answer: answer.verdict.as_str(),
        user: user(&answer.user, words),
        entitlement: match &answer.target {
            Subject::Listed(node) => {
                let resource = index.resource_of(*node);
                let id = &index.node(*node).id;
                Entitlement { id, resource: Some(Id::of(resource)), display_name: Some(&resource.name) }
            }
            Subject::Unlisted(text) => Entitlement { id: text, resource: None, display_name: None },
        },
        hold,
        remove: answer.removals.iter().map(|one| removal(one, words)).collect(),
        paths: paths.collect(),
        other_paths: answer.hold.map(|_| OtherPaths { count: answer.others, is_exact: answer.is_all }),
        reasons: answer.reasons.iter().map(|one| reason(one, words)).collect(),
        doubts: answer.doubts.iter().map(|one| doubt(one, words)).collect(),
    }
}

fn user<'a>(subject: &'a Subject, words: &'a Words<'_>) -> User<'a> {
    let resource = match subject {
        Subject::Listed(number) => words.index.resource(*number),
        Subject::Unlisted(text) => return User { id: text, ..User::default() },
    };
    let person = resource.person();
    let status = |status| match status {
        Status::Enabled => "enabled",
        Status::Inactive => "inactive",
        Status::Frozen => "frozen",
    };
    User {
        id: &resource.id,
        display_name: Some(&resource.name),
        username: person.and_then(|person| person.username.as_deref()),
        status: person.map(|person| status(person.status)),
    }
}

fn grant_id(node: u32, principal: &Resource, words: &Words<'_>) -> String {
    format!("{}:{}:{}", words.index.node(node).id, principal.kind, principal.id)
}

fn row<'a>(row: &Row, words: &'a Words<'_>) -> Step<'a> {
    let (node, principal) = (row.row.node, words.index.resource(row.user));
    Step {
        grant: grant_id(node, principal, words),
        entitlement: &words.index.node(node).id,
        principal: Id::of(principal),
        display_name: &words.index.resource_of(node).name,
        assigned_at: text(row.assigned_at),
        expires_at: text(row.row.limits.until.time()),
        condition: condition(row.row.limits.conditional),
        assigned_by_policy: row.by_policy,
        by_rule: row.by_rule,
        shallow: false,
        muted_rights: &[],
        stale: false,
        by_attribute: None,
    }
}

fn edge<'a>(number: u32, words: &'a Words<'_>) -> Step<'a> {
    let index = words.index;
    let (edge, note) = (index.graph.edge(number), index.note(number));
    Step {
        grant: edge_id(number, words),
        entitlement: &index.node(edge.to).id,
        principal: Id::of(index.resource(note.principal)),
        display_name: &index.resource_of(edge.to).name,
        assigned_at: text(note.assigned_at),
        expires_at: text(edge.limits.until.time()),
        condition: condition(edge.limits.conditional),
        assigned_by_policy: note.by_policy,
        by_rule: false,
        shallow: edge.shallow,
        muted_rights: &note.muted,
        stale: edge.limits.stale,
        by_attribute: (index.names().has_high_risk_alone && index.resource_of(edge.to).kind == "system_permission")
            .then_some("high_risk_permissions"),
    }
}

fn edge_id(number: u32, words: &Words<'_>) -> String {
    let index = words.index;
    grant_id(index.graph.edge(number).to, index.resource(index.note(number).principal), words)
}

fn removal(removal: &Removal, words: &Words<'_>) -> RemovalItem {
    RemovalItem {
        grant: grant_id(removal.row.row.node, words.index.resource(removal.row.user), words),
        by_rule: removal.row.by_rule,
        instead: removal.instead.iter().map(|edge| edge_id(*edge, words)).collect(),
        message: words.removal(removal),
    }
}

fn reason<'a>(reason: &'a Reason, words: &'a Words<'_>) -> ReasonItem<'a> {
    let expires_at = match reason {
        Reason::Inactive { expires_at, .. } => text(*expires_at),
        _ => None,
    };
    let entitlement = &words.index.node(reason.node()).id;
    ReasonItem { code: reason.code(), entitlement, expires_at, message: words.reason(reason) }
}

fn doubt<'a>(doubt: &'a Doubt, words: &'a Words<'_>) -> DoubtItem<'a> {
    let about = match doubt {
        Doubt::NotRead { object, .. } => Some(object.as_str()),
        Doubt::KindNotSynced(kind) => Some(*kind),
        Doubt::MembersUnknown(node) | Doubt::RuleUnknown(node) => Some(words.index.resource_of(*node).id.as_str()),
        Doubt::GroupNotVisible(resource) => Some(words.index.resource(*resource).id.as_str()),
        _ => None,
    };
    DoubtItem { code: doubt.code(), about, message: words.doubt(doubt) }
}
