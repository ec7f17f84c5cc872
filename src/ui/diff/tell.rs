//! Puts changes with one cause together: one entry each, with how much follows from it.

use std::io;

use super::super::text::count;
use super::words::{Words, heading};
use crate::access::diff::{Access, Act, Attribute, Cause, Change, Chapter, Dead, Name, Subject};
use crate::output::Sorted;

/// So many entries of a chapter are told, unless all are asked for.
const ENTRIES: u64 = 20;
/// So many of the things that follow from an entry are named.
const NAMED: usize = 4;
/// So many users to whom the same happened are told one by one.
const ALONE: usize = 3;

/// Where entries go.
pub(super) trait Page {
    /// A chapter begins.
    fn chapter(&mut self, heading: &str) -> io::Result<()>;
    /// Something that changed by itself, and what follows from it.
    fn entry(&mut self, mark: char, text: &str, follows: &[String]) -> io::Result<()>;
    /// One of the things that follow from the entry before.
    fn follows(&mut self, mark: char, text: &str) -> io::Result<()>;
    /// So many entries are left out.
    fn more(&mut self, entries: u64) -> io::Result<()>;
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    gained: u64,
    lost: u64,
    otherwise: u64,
    unknown: u64,
}

impl Sum {
    fn add(&mut self, access: Option<Access>) {
        match access {
            Some(Access::Gained) => self.gained += 1,
            Some(Access::Lost) => self.lost += 1,
            Some(Access::Kept) => self.otherwise += 1,
            Some(Access::Unknown) | None => self.unknown += 1,
        }
    }

    fn merge(&mut self, other: Self) {
        self.gained += other.gained;
        self.lost += other.lost;
        self.otherwise += other.otherwise;
        self.unknown += other.unknown;
    }

    fn told(self, each: impl Fn(u64, &str) -> String) -> Vec<String> {
        let parts = [
            (self.gained, "gained"),
            (self.lost, "lost"),
            (self.otherwise, "held otherwise"),
            (self.unknown, "not known whether gained or lost"),
        ];
        parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| each(n, what)).collect()
    }
}

/// What has one cause.
struct Group {
    cause: Cause,
    root: Option<Change>,
    /// Grants of what the cause is about.
    here: Sum,
    /// Grants that follow.
    beyond: Sum,
    /// Other things that follow.
    others: u64,
    named: Vec<String>,
}

/// The same happened to many users.
struct Run {
    /// What, in words.
    what: String,
    mark: char,
    count: u64,
    /// The first of them as they would be told alone.
    entries: Vec<(String, Vec<String>)>,
    named: Vec<String>,
    follows: Sum,
}

/// Tells all changes.
pub(super) fn tell(
    changes: Sorted<Box<Change>>,
    words: &Words<'_>,
    is_full: bool,
    page: &mut dyn Page,
) -> io::Result<()> {
    let mut teller = Teller { words, is_full, page, chapter: None, entries: 0, run: None };
    let mut group: Option<Group> = None;
    for change in changes {
        let change = change?;
        let is_other = group.as_ref().is_none_or(|group| group.cause.subject != change.cause.subject);
        if is_other {
            if let Some(group) = group.take() {
                teller.end(&group)?;
            }
            group = Some(teller.begin(&change)?);
        }
        if let Some(group) = &mut group {
            teller.add(group, *change)?;
        }
    }
    if let Some(group) = group {
        teller.end(&group)?;
    }
    teller.end_chapter()
}

struct Teller<'t, 'b> {
    words: &'t Words<'b>,
    is_full: bool,
    page: &'t mut dyn Page,
    chapter: Option<Chapter>,
    /// Of this chapter, those left out included.
    entries: u64,
    run: Option<Run>,
}

impl Teller<'_, '_> {
    fn begin(&mut self, first: &Change) -> io::Result<Group> {
        let chapter = first.cause.chapter;
        if self.chapter != Some(chapter) {
            self.end_chapter()?;
            self.chapter = Some(chapter);
            self.page.chapter(heading(chapter))?;
        }
        let (here, beyond) = (Sum::default(), Sum::default());
        Ok(Group { cause: first.cause.clone(), root: None, here, beyond, others: 0, named: Vec::new() })
    }

    fn end_chapter(&mut self) -> io::Result<()> {
        self.end_run()?;
        let more = self.entries.saturating_sub(ENTRIES);
        self.entries = 0;
        if more > 0 { self.page.more(more) } else { Ok(()) }
    }

    fn add(&mut self, group: &mut Group, change: Change) -> io::Result<()> {
        if self.is_full {
            let (mark, text) = (mark(&change), self.root(&change));
            return if change.is_cause() { self.page.entry(mark, &text, &[]) } else { self.page.follows(mark, &text) };
        }
        if change.is_cause() {
            group.root = Some(change);
            return Ok(());
        }
        match &change.subject {
            Subject::Grant { entitlement, principal } if principal.is_user() => {
                let is_here = match &group.cause.subject {
                    Subject::Grant { entitlement: of, .. } => of == entitlement,
                    Subject::Resource(name) if name.is_user() => change.is_direct(),
                    Subject::Resource(name) => *name == Name::of_entitlement(entitlement),
                    _ => false,
                };
                if is_here { &mut group.here } else { &mut group.beyond }.add(change.access);
                if is_here && change.access != Some(Access::Kept) && group.named.len() < NAMED {
                    let is_user = matches!(&group.cause.subject, Subject::Resource(name) if name.is_user());
                    let named = if is_user { self.words.held(entitlement) } else { self.words.name(principal) };
                    group.named.push(named);
                }
            }
            // The entitlement of a resource comes and goes with it.
            Subject::Entitlement(_) => {}
            _ => group.others += 1,
        }
        Ok(())
    }

    fn end(&mut self, group: &Group) -> io::Result<()> {
        let Some(root) = &group.root else {
            // What caused it is not told itself.
            self.end_run()?;
            let text = self.subject(&group.cause.subject);
            return self.entry('~', &text, &consequences(group));
        };
        let (text, follows) = (self.root(root), consequences(group));
        let (Subject::Grant { principal, .. }, Some(what)) = (&root.subject, self.of_many(root)) else {
            self.end_run()?;
            return self.entry(mark(root), &text, &follows);
        };
        if self.run.as_ref().is_some_and(|run| run.what != what || run.mark != mark(root)) {
            self.end_run()?;
        }
        let run = self.run.get_or_insert_with(|| Run {
            what,
            mark: mark(root),
            count: 0,
            entries: Vec::new(),
            named: Vec::new(),
            follows: Sum::default(),
        });
        run.count += 1;
        run.follows.merge(group.here);
        run.follows.merge(group.beyond);
        if run.entries.len() < ALONE {
            run.entries.push((text, follows));
        }
        if run.named.len() < NAMED {
            run.named.push(self.words.name(principal));
        }
        Ok(())
    }

    /// What was given to a user, or taken: the same for all to whom it was in the same way.
    fn of_many(&self, change: &Change) -> Option<String> {
        let Subject::Grant { entitlement, principal } = &change.subject else { return None };
        let facts = change.new.as_ref().or(change.old.as_ref())?;
        let is_simple = principal.is_user() && matches!(change.act, Act::Added | Act::Removed);
        is_simple.then(|| format!("{}{}{}", self.words.held(entitlement), self.words.way(facts), doubt(change)))
    }

    fn end_run(&mut self) -> io::Result<()> {
        let Some(run) = self.run.take() else { return Ok(()) };
        if run.count <= ALONE as u64 {
            return run.entries.iter().try_for_each(|(text, follows)| self.entry(run.mark, text, follows));
        }
        let more = run.count - run.named.len() as u64;
        let mut follows = vec![format!("{} and {} more", run.named.join(", "), super::super::number(more))];
        let beyond = run.follows.told(|n, what| format!("{} {what}", count(n, "grant", "grants")));
        if !beyond.is_empty() {
            follows.push(format!("with it: {}", beyond.join(", ")));
        }
        self.entry(run.mark, &format!("{}: {}", count(run.count, "user", "users"), run.what), &follows)
    }

    fn entry(&mut self, mark: char, text: &str, follows: &[String]) -> io::Result<()> {
        self.entries += 1;
        if self.entries > ENTRIES { Ok(()) } else { self.page.entry(mark, text, follows) }
    }

    /// What it is that changed.
    fn subject(&self, subject: &Subject) -> String {
        let words = self.words;
        match subject {
            Subject::Resource(name) => {
                let is_user = name.is_user();
                let id = if is_user { format!(" {}", words.bare(&name.id)) } else { String::new() };
                format!("{}{id}", words.name(name))
            }
            Subject::Entitlement(id) => format!("the entitlement {}", words.bare(id)),
            Subject::Grant { entitlement, principal } | Subject::Inactive { entitlement, principal } => {
                format!("{}: {}", words.name(principal), words.held(entitlement))
            }
        }
    }

    /// What changed, in one sentence.
    fn root(&self, change: &Change) -> String {
        let words = self.words;
        let mut text = self.subject(&change.subject);
        let (names, others): (Vec<&Attribute>, Vec<_>) =
            change.attributes.iter().partition(|attribute| attribute.name == "displayName");
        let attributes: Vec<_> = names.into_iter().chain(others).map(|attribute| words.attribute(attribute)).collect();
        match change.act {
            Act::Added | Act::Removed => {
                let facts = change.new.as_ref().or(change.old.as_ref());
                text.push_str(&facts.map(|facts| words.way(facts)).unwrap_or_default());
            }
            Act::Changed if !attributes.is_empty() => text = format!("{text}: {}", attributes.join("; ")),
            Act::Changed => {}
            Act::Moved => {
                let was = |dead: &[Dead]| dead.iter().map(|dead| words.dead(dead)).collect::<Vec<_>>().join(", ");
                let now = if change.new_inactive.is_empty() {
                    format!("given again (was {})", was(&change.old_inactive))
                } else {
                    was(&change.new_inactive)
                };
                text = format!("{text}: {now}");
                if change.access == Some(Access::Kept)
                    && let Some(facts) = &change.new
                {
                    text = text + ", still held" + &words.way(facts);
                }
            }
        }
        if let Subject::Inactive { .. } = change.subject {
            let told = |dead: &[Dead]| match dead {
                [] => "(none)".to_owned(),
                dead => dead.iter().map(|dead| words.dead(dead)).collect::<Vec<_>>().join(", "),
            };
            text = format!("{text}: {} \u{2192} {}", told(&change.old_inactive), told(&change.new_inactive));
        }
        text + doubt(change)
    }
}

/// What follows, in a line or two.
fn consequences(group: &Group) -> Vec<String> {
    let mut lines = Vec::new();
    let is_user = matches!(&group.cause.subject, Subject::Resource(name) if name.is_user());
    let of_user = is_user || matches!(&group.cause.subject, Subject::Grant { principal, .. } if principal.is_user());
    let here = group.here.told(|n, what| match (is_user, what) {
        (true, _) => format!("{} {what} directly", count(n, "thing", "things")),
        (false, "held otherwise") => format!("{} it otherwise", count(n, "user holds", "users hold")),
        (false, "gained" | "lost") => format!("{} {what} it", count(n, "user", "users")),
        (false, _) => format!("{}: {what}", count(n, "user", "users")),
    });
    if !here.is_empty() {
        let all = group.here.gained + group.here.lost + group.here.unknown;
        let more = all.saturating_sub(group.named.len() as u64);
        let more = if more > 0 { format!(" and {} more", super::super::number(more)) } else { String::new() };
        let named = if group.named.is_empty() { String::new() } else { format!(": {}", group.named.join(", ")) };
        lines.push(format!("{}{named}{more}", here.join(", ")));
    }
    let beyond = group.beyond.told(|n, what| {
        let through = if is_user { " through others" } else { "" };
        format!(
            "{} {what}{through}",
            count(n, if of_user { "thing" } else { "grant" }, if of_user { "things" } else { "grants" })
        )
    });
    if !beyond.is_empty() {
        lines.push(format!("{}: {}", if is_user { "and" } else { "with it" }, beyond.join(", ")));
    }
    if group.others > 0 {
        lines.push(format!("with it: {}", count(group.others, "other change", "other changes")));
    }
    lines
}

/// Where a document does not tell of all ways.
fn doubt(change: &Change) -> &'static str {
    if change.access == Some(Access::Unknown) { "; whether it is held in another way is not known" } else { "" }
}

fn mark(change: &Change) -> char {
    match change.act {
        Act::Added => '+',
        Act::Removed => '-',
        Act::Changed | Act::Moved => '~',
    }
}
