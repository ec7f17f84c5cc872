//! How answers about access are told: to a person, or as JSON. They go to stdout: they are the result.

mod json;
mod text;
mod words;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::AutoStream;

use super::text::Palette;
use crate::access::answer::Holders;
use crate::access::{Answer, Doubt, Index};
use crate::disk::stdout;
use crate::harmless;
use crate::output::read::Warning;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// Does a user hold this?
    Pair,
    /// What does a user hold?
    AllOf,
    /// Who holds this?
    Holders,
}

/// What was asked, and what the answers are.
#[derive(Debug)]
pub(crate) struct Report<'i> {
    /// The document.
    pub(crate) index: &'i Index,
    /// What was asked.
    pub(crate) question: Question,
    /// The user, as he was typed.
    pub(crate) user: Option<String>,
    /// The flag that named what is held, and what was typed there.
    pub(crate) thing: Option<(&'static str, String)>,
    /// The user that the question is about: his number.
    pub(crate) user_number: Option<u32>,
    /// The entitlements that the question is about.
    pub(crate) targets: Vec<u32>,
    /// One for each pair of a user and an entitlement that is to be told of.
    pub(crate) answers: Vec<Answer>,
    /// One for each of `targets`, where the question is who holds them.
    pub(crate) holders: Vec<Holders<'i>>,
    /// Of a list: why it may not be all.
    pub(crate) doubts: Vec<Doubt>,
}

/// Writes a report to stdout. Whoever closes the pipe has read enough.
pub(crate) fn write(report: &Report<'_>, as_json: bool) -> io::Result<()> {
    let stdout = stdout::open()?;
    let is_terminal = stdout.is_terminal();
    let mut out = BufWriter::new(AutoStream::auto(stdout));
    let palette = Palette(is_terminal);
    let written = if as_json {
        json::write(report, &mut harmless::Json(&mut out))
    } else {
        text::write(report, palette, is_terminal.then(columns), &mut out)
    };
    stdout::ended(written.and_then(|()| out.flush()))
}

fn columns() -> usize {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map_or(80, |(columns, _)| usize::from(columns.0)).saturating_sub(1)
}

/// A warning that bears on what was asked: its code, and what it says.
type Bearing<'r> = (&'r str, Cow<'r, str>);

/// The document's warnings that bear on what was asked: on all answers, or on something that stands on a path.
fn warnings<'r>(report: &'r Report<'_>) -> Vec<Bearing<'r>> {
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    let index = report.index;
    ids.extend(report.user_number.map(|user| index.resource(user).id.as_str()));
    let mut is_held = true;
    if report.question == Question::Pair {
        is_held = report.answers.iter().any(|answer| answer.hold.is_some());
        ids.extend(report.targets.iter().map(|node| index.resource_of(*node).id.as_str()));
        for answer in &report.answers {
            for path in &answer.paths {
                ids.insert(&index.resource_of(answer.removals[path.row].row.row.node).id);
                ids.extend(path.edges.iter().map(|edge| index.resource_of(index.graph.edge(*edge).to).id.as_str()));
            }
        }
    }
    let bears = |warning: &&Warning| match warning.code.as_str() {
        "VALIDITY_UNKNOWN" | "FROZEN_UNKNOWN" => is_held,
        "EXCLUDED_USER_PRIVILEGED" => report.question == Question::Holders,
        _ => warning.ids.iter().any(|id| ids.contains(id.as_str())),
    };
    let told = index.summary.warnings.iter().filter(bears);
    let mut told: Vec<Bearing<'_>> =
        told.map(|warning| (warning.code.as_str(), warning.message.as_str().into())).collect();
    let left_out = index.summary.left_out.iter();
    let changed = left_out.filter(|left_out| left_out.what == "grant" && left_out.reason == "CHANGED_DURING_READ");
    let changed: u64 = changed.map(|left_out| left_out.count).sum();
    if changed > 0 {
        let grants = super::text::count(changed, "grant is", "grants are");
        let text = format!("{grants} not in the document because they name what came or went while the org was read");
        told.push(("CHANGED_DURING_READ", text.into()));
    }
    told
}
