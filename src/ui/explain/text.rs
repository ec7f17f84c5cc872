//! Answers for a person: the first line says it, what follows says why and how it would end.

use std::io::{self, Write};

use super::super::text::{Palette, Tone, count, hang, number, plain};
use super::words::{Words, about_row, dead, state, user};
use super::{Question, Report};
use crate::access::answer::Holders;
use crate::access::index::has_kind;
use crate::access::{Answer, Doubt, Subject, Verdict};
use crate::connector::high_risk::HIGH_RISK;
use crate::model::{ResourceKind, Status};

/// So many doubts are told.
const DOUBTS: usize = 8;
/// So many of the groups whose members are not known are named.
const GROUPS: usize = 3;

struct Page<'p, 'i> {
    words: Words<'i>,
    palette: Palette,
    columns: Option<usize>,
    out: &'p mut dyn Write,
}

/// Writes a report.
pub(super) fn write(
    report: &Report<'_>,
    palette: Palette,
    columns: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page { words: Words::new(report.index), palette, columns, out };
    match report.question {
        Question::Pair => {
            for (n, answer) in report.answers.iter().enumerate() {
                if n > 0 {
                    writeln!(page.out)?;
                }
                page.answer(answer)?;
            }
        }
        Question::AllOf => page.all_of(report)?,
        Question::Holders => {
            for (n, holders) in report.holders.iter().enumerate() {
                if n > 0 {
                    writeln!(page.out)?;
                }
                page.holders(report, holders)?;
            }
            if let ([], Some((_, thing))) = (&*report.targets, &report.thing) {
                let lead = page.palette.paint(Tone::Caution, "Unknown.");
                page.line(
                    &format!("{lead} "),
                    0,
                    &format!("Who holds `{}` cannot be told from this document.", plain(thing)),
                )?;
                page.doubts("Why not", &report.doubts)?;
            }
        }
    }
    page.footer(report)
}

impl Page<'_, '_> {
    fn line(&mut self, label: &str, indent: usize, text: &str) -> io::Result<()> {
        self.out.write_all(hang(label, indent, text, self.columns).as_bytes())
    }

    fn heading(&mut self, text: &str) -> io::Result<()> {
        let painted = self.palette.paint(Tone::Strong, &format!("{text}:"));
        writeln!(self.out, "\n{painted}")
    }

    fn item(&mut self, number: usize, text: &str) -> io::Result<()> {
        let label = format!("  {number}. ");
        self.line(&label, label.len(), text)
    }

    fn bullets(&mut self, heading: &str, items: &[String]) -> io::Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        self.heading(heading)?;
        items.iter().try_for_each(|item| self.line("  - ", 4, item))
    }

    fn answer(&mut self, answer: &Answer) -> io::Result<()> {
        let (who, what) = (self.words.subject(&answer.user, true), self.words.subject(&answer.target, false));
        let limits = answer.hold.map(|hold| {
            let until = hold.until.time().map(|time| format!(", until {time}")).unwrap_or_default();
            let part = if hold.partial { ", without some of its rights" } else { "" };
            // Where the ways that need no activation end before the others do.
            let first =
                hold.unconditional.filter(|first| *first != hold.until).and_then(crate::access::graph::Until::time);
            let first = first.map(|time| format!("; from {time} on only after activating it in a session"));
            format!("{until}{part}{}", first.unwrap_or_default())
        });
        let limits = limits.unwrap_or_default();
        let (lead, tone, text) = match answer.verdict {
            Verdict::Yes => ("Yes.", Tone::Strong, format!("{who} holds {what}{limits}.")),
            Verdict::No => ("No.", Tone::Strong, format!("{who} does not hold {what}.")),
            Verdict::Unknown => {
                ("Unknown.", Tone::Caution, format!("Whether {who} holds {what} cannot be told from this document."))
            }
            Verdict::Conditional => (
                "Conditional.",
                Tone::Caution,
                format!("{who} holds {what} only after activating it in a session{limits}."),
            ),
            Verdict::Dormant => {
                let status = match &answer.user {
                    Subject::Listed(user) => self.words.index.person(*user).map(|person| person.status),
                    Subject::Unlisted(_) => None,
                };
                let state = status.and_then(state).unwrap_or("not able to log in");
                let conditional = answer.hold.is_some_and(|hold| hold.unconditional.is_none());
                let after = if conditional { " (and needs activating in a session)" } else { "" };
                (
                    "Dormant.",
                    Tone::Caution,
                    format!("{who} is {state}, and holds {what} again when that ends{after}{limits}."),
                )
            }
        };
        let lead = self.palette.paint(tone, lead);
        self.line(&format!("{lead} "), 0, &text)?;
        self.removals(answer)?;
        self.paths(answer)?;
        let reasons: Vec<_> = answer.reasons.iter().map(|reason| self.words.reason(reason)).collect();
        self.bullets("What the document knows", &reasons)?;
        self.doubts("What it does not know", &answer.doubts)
    }

    fn removals(&mut self, answer: &Answer) -> io::Result<()> {
        if answer.removals.is_empty() {
            return Ok(());
        }
        self.heading(if answer.removals.len() == 1 { "To end it" } else { "To end it, do all of this" })?;
        for (n, removal) in answer.removals.iter().enumerate() {
            let text = self.words.removal(removal);
            self.item(n + 1, &text)?;
        }
        Ok(())
    }

    fn paths(&mut self, answer: &Answer) -> io::Result<()> {
        if answer.paths.is_empty() {
            return Ok(());
        }
        let what = self.words.subject(&answer.target, false);
        self.heading(&format!("Holds {what}"))?;
        for (n, path) in answer.paths.iter().enumerate() {
            let row = &answer.removals[path.row].row;
            let mut text = self.words.row(row) + &about_row(row);
            let mut label = if n == 0 { format!("  {}. ", n + 1) } else { format!("  {}. and ", n + 1) };
            for (depth, edge) in path.edges.iter().enumerate() {
                self.line(&label, 5 + 2 * depth, &(text + ","))?;
                label = " ".repeat(7 + 2 * depth);
                text = self.words.edge(*edge, None) + &self.words.about_edge(*edge);
            }
            self.line(&label, 5 + 2 * path.edges.len(), &text)?;
        }
        let others = u64::try_from(answer.others).unwrap_or(u64::MAX);
        match (others, answer.is_all) {
            (0, true) => Ok(()),
            (_, true) => self.line("  ", 2, &format!("and in {}", count(others, "other way", "other ways"))),
            (_, false) => self.line("  ", 2, &format!("and in more than {}", count(others, "other way", "other ways"))),
        }
    }

    fn doubts(&mut self, heading: &str, doubts: &[Doubt]) -> io::Result<()> {
        let mut groups = Vec::new();
        let mut told = Vec::new();
        for doubt in doubts {
            match doubt {
                Doubt::MembersUnknown(node) => groups.push(self.words.node(*node)),
                _ => told.push(self.words.doubt(doubt)),
            }
        }
        let others = told.len().saturating_sub(DOUBTS);
        told.truncate(DOUBTS);
        if others > 0 {
            told.push(format!("and {others} more (--json tells all)"));
        }
        // There may be thousands, and they are all alike.
        if !groups.is_empty() {
            let all = count(groups.len() as u64, "group", "groups");
            let among = if groups.len() > GROUPS { "among them " } else { "" };
            groups.truncate(GROUPS);
            told.insert(0, format!("not all members of {all} are known: {among}{}", groups.join(", ")));
        }
        self.bullets(heading, &told)
    }

    fn all_of(&mut self, report: &Report<'_>) -> io::Result<()> {
        let Some(number) = report.user_number else {
            let who = report.user.as_deref().map(plain).unwrap_or_default();
            let lead = self.palette.paint(Tone::Caution, "Unknown.");
            self.line(&format!("{lead} "), 0, &format!("What `{who}` holds cannot be told from this document."))?;
            return self.doubts("Why not", &report.doubts);
        };
        let held: Vec<&Answer> = report.answers.iter().filter(|answer| answer.hold.is_some()).collect();
        let who = user(report.index.resource(number));
        let is_dormant = report.index.person(number).and_then(|person| state(person.status));
        let is_dormant = is_dormant.map(|state| format!(", who is {state},")).unwrap_or_default();
        let things = count(held.len() as u64, "entitlement", "entitlements");
        self.line("", 0, &format!("{who}{is_dormant} holds {things}."))?;
        self.by_kind(report, &held)?;
        let unexplained: Vec<_> = report.answers.iter().filter(|answer| answer.hold.is_none()).collect();
        let unexplained: Vec<_> = unexplained.iter().map(|answer| self.words.subject(&answer.target, false)).collect();
        self.bullets("Listed as derived, without the direct grants that it follows from", &unexplained)?;
        self.bullets("What gives nothing", &dead(report.index.inactive()).into_iter().collect::<Vec<_>>())?;
        self.doubts("There may be more", &report.doubts)
    }

    /// What a user holds, kind by kind: system permissions first, the worst of them before the others.
    fn by_kind(&mut self, report: &Report<'_>, held: &[&Answer]) -> io::Result<()> {
        let mut all = Vec::new();
        for answer in held {
            let Subject::Listed(node) = answer.target else { continue };
            let resource = report.index.resource_of(node);
            // Kinds that this version does not know come last.
            let kind = ResourceKind::ALL.iter().position(|kind| kind.id() == resource.kind);
            let is_right = kind.map(|kind| ResourceKind::ALL[kind]) == Some(ResourceKind::SystemPermission);
            let risk = HIGH_RISK.iter().position(|(right, _)| *right == resource.id).unwrap_or(usize::MAX);
            all.push(((!is_right, kind.unwrap_or(usize::MAX), risk, self.words.node(node)), *answer));
        }
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut heading = None;
        for ((_, kind, _, what), answer) in all {
            if heading.replace(kind) != Some(kind) {
                let kind = ResourceKind::ALL.get(kind);
                self.heading(&kind.map_or("Others".to_owned(), |kind| format!("{}s", kind.display_name())))?;
            }
            let text = format!("{}: {}", what.strip_prefix("the ").unwrap_or(&what), self.in_short(answer));
            self.line("  - ", 4, &text)?;
        }
        Ok(())
    }

    fn holders(&mut self, report: &Report<'_>, holders: &Holders<'_>) -> io::Result<()> {
        let (mut all, mut conditional, mut dormant) = (0, 0, 0);
        let mut unexplained = Vec::new();
        for answer in holders.answers() {
            match answer.verdict {
                Verdict::Yes => {}
                Verdict::Conditional => conditional += 1,
                Verdict::Dormant => dormant += 1,
                Verdict::No | Verdict::Unknown => {
                    unexplained.push(self.words.subject(&answer.user, true));
                    continue;
                }
            }
            all += 1;
        }
        let what = self.words.node(holders.target());
        let verb = if all == 1 { "holds" } else { "hold" };
        let mut parts = vec![format!("{} {verb} {what}", count(all, "user", "users"))];
        for (some, words) in
            [(conditional, "only after activating it in a session"), (dormant, "deactivated or frozen")]
        {
            if some > 0 {
                parts.push(format!("{} of them {words}", number(some)));
            }
        }
        self.line("", 0, &format!("{}.", parts.join(", ")))?;
        if all > 0 {
            writeln!(self.out)?;
        }
        for answer in holders.answers().filter(|answer| answer.hold.is_some()) {
            let Subject::Listed(number) = answer.user else { continue };
            let status = report.index.person(number).map_or(Status::Enabled, |person| person.status);
            let state = state(status).map(|state| format!(" ({state})")).unwrap_or_default();
            let text = format!("{}{state}: {}", user(report.index.resource(number)), self.in_short(&answer));
            self.line("  - ", 4, &text)?;
        }
        self.bullets("Listed as derived, without the direct grants that it follows from", &unexplained)?;
        self.doubts("There may be more", &report.doubts)
    }

    /// A shortest path in one sentence, and how many others begin otherwise.
    fn in_short(&self, answer: &Answer) -> String {
        let (Some(path), Some(hold)) = (answer.paths.first(), answer.hold) else { return String::new() };
        let Subject::Listed(target) = answer.target else { return String::new() };
        let row = &answer.removals[path.row].row;
        let mut text = match (path.edges.is_empty(), row.by_rule) {
            (true, true) => "by its rule".to_owned(),
            (true, false) => "directly".to_owned(),
            (false, _) => self.words.row(row),
        };
        text += &about_row(row);
        for edge in &path.edges {
            text = format!("{text}, {}{}", self.words.edge(*edge, Some(target)), self.words.lacks_of_edge(*edge));
        }
        let others = answer.removals.len().saturating_sub(1) as u64;
        if others > 0 {
            text = format!("{text}; and in {}", count(others, "other way", "other ways"));
        }
        if hold.unconditional.is_none() && !text.contains("once activated") {
            text.push_str("; only after activating it in a session");
        }
        if hold.partial {
            text.push_str("; without some of its rights");
        }
        text
    }

    /// Of when this is, and what nobody looked at.
    fn footer(&mut self, report: &Report<'_>) -> io::Result<()> {
        let (header, summary) = (&report.index.header, &report.index.summary);
        let mut limits = Vec::new();
        limits.extend(super::warnings(report).iter().map(|(_, message)| plain(message)));
        if report.index.names().has_high_risk_alone
            && report.targets.iter().any(|node| report.index.resource_of(*node).kind == "system_permission")
            && !has_kind(report.index.options(), "system_permission")
        {
            limits.push("of system permissions, this document knows the high-risk ones alone".to_owned());
        }
        self.bullets("To be kept in mind", &limits)?;
        let complete = match summary.complete {
            Some(true) => "",
            Some(false) => ". The document is not complete",
            None => ". Another program wrote it, and does not say whether it is complete",
        };
        let org = header
            .org
            .as_ref()
            .map_or("org unknown".to_owned(), |org| format!("{} ({})", plain(&org.name), plain(&org.id)));
        writeln!(self.out)?;
        self.line("As of: ", 7, &format!("{}, {org}{complete}", plain(&header.started_at)))?;
        let not_covered: Vec<_> = summary.not_covered.iter().map(|what| plain(what)).collect();
        if not_covered.is_empty() { Ok(()) } else { self.line("Not covered: ", 13, &not_covered.join("; ")) }
    }
}
