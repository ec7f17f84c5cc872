//! Who gained and lost what, user by user.

use std::io;

use compact_str::CompactString;
use serde_json::Value;

use super::attributes::Attribute;
use super::book::{Book, Entry};
use super::change::{Access, Act, Cause, Change, Chapter, Name, Subject};
use super::edges::{Edges, Lacking};
use super::facts::{Dead, Facts, Leave};
use super::key::parts;
use super::limit::{Code, Limit};
use super::merge::{Held, HeldRecord};
use super::side::{Missing, Side};
use super::ways::{Found, Record, Ways};
use super::{Settings, Told, Which};

/// Takes what differs, principal by principal: groups and the like first.
pub(super) struct Explainer<'a> {
    book: &'a Book,
    sides: &'a [Side; 2],
    told: &'a mut Told,
    leave: Leave,
    edges: Edges,
    principal: Option<Name>,
    records: Vec<Record>,
}

impl<'a> Explainer<'a> {
    pub(super) fn new(book: &'a Book, sides: &'a [Side; 2], settings: Settings, told: &'a mut Told) -> Self {
        let [old, new] = sides;
        let leave = Leave {
            with_noise: settings.all_attributes,
            derived: old.expand() != new.expand(),
            validity: old.tells_validity() != new.tells_validity(),
            conditions: sides_differ(sides, Side::tells_conditions),
            policies: sides_differ(sides, Side::tells_policies),
            muting: old.is_foreign() != new.is_foreign()
                || old.tells_rights() != new.tells_rights()
                || ["MutingPermissionSet", "PermissionSetGroupComponent"]
                    .iter()
                    .any(|object| old.was_not_read(object) != new.was_not_read(object)),
        };
        Self { book, sides, told, leave, edges: Edges::default(), principal: None, records: Vec::new() }
    }

    pub(super) fn take(&mut self, record: HeldRecord) -> io::Result<()> {
        let HeldRecord { principal, entitlement, held, .. } = record;
        if self.principal.as_ref() != Some(&principal) {
            self.tell()?;
            self.principal = Some(principal);
        }
        let is_same = self.records.last().is_some_and(|last| last.entitlement == entitlement);
        if !is_same {
            self.records.push(Record { entitlement, facts: [None, None], dead: [Vec::new(), Vec::new()] });
        }
        let Some(last) = self.records.last_mut() else { return Ok(()) };
        match held {
            Held::Grant(facts) => last.facts = *facts,
            Held::Inactive(which, dead) => {
                // What both have is no difference.
                let others = &mut last.dead[which.other() as usize];
                match others.iter().position(|other| *other == dead) {
                    Some(at) => drop(others.remove(at)),
                    None => last.dead[which as usize].push(dead),
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.tell()
    }

    fn tell(&mut self) -> io::Result<()> {
        let Some(principal) = self.principal.take() else { return Ok(()) };
        let records = std::mem::take(&mut self.records);
        if principal.is_user() {
            self.user(&principal, &records)
        } else {
            records.iter().try_for_each(|record| self.group(&principal, record))
        }
    }

    /// A grant to something whose members hold it too.
    fn group(&mut self, principal: &Name, record: &Record) -> io::Result<()> {
        let target = &record.entitlement;
        let subject = Subject::Grant { entitlement: target.clone(), principal: principal.clone() };
        let (held, holder) = (entry_of(self.book, target), self.book.get(&principal.kind, &principal.id));
        let [old, new] = &record.facts;
        let lacking = match (old, new) {
            (None, None) => return Ok(()),
            (Some(_), None) => Which::New,
            (None, Some(_)) => Which::Old,
            (Some(old), Some(new)) => {
                let attributes = old.limits_changed(new, self.leave);
                if attributes.is_empty() {
                    return Ok(());
                }
                let cause = Cause { chapter: Chapter::Otherwise, subject: subject.clone() };
                for source in &new.expandable {
                    self.edges.change(source, target, cause.clone());
                }
                let change = Change::new(cause, subject, Act::Changed);
                return self.told.change(Change {
                    attributes,
                    old: old.clone().into(),
                    new: new.clone().into(),
                    ..change
                });
            }
        };
        let missing =
            Missing { entitlement: target, held, principal: (&principal.kind, &principal.id), holder, by_rule: false };
        let sources = old.iter().chain(new).flat_map(|facts| &facts.expandable);
        if let Some(limit) = self.sides[lacking as usize].lacks_grant(&missing, lacking) {
            self.told.limits.note(limit.clone(), lacking).grants += 1;
            for source in sources {
                self.edges.lack(source, target, lacking, Lacking::Unknown(limit.clone(), lacking));
            }
            return Ok(());
        }
        let is_gone = |entry: Option<&Entry>| entry.is_some_and(|entry| !entry.seen(lacking).is_there);
        let (act, chapter) = match lacking {
            Which::Old => (Act::Added, Chapter::Given),
            Which::New => (Act::Removed, Chapter::Taken),
        };
        let cause = if is_gone(held) {
            Cause::resource(Name::of_entitlement(target))
        } else if is_gone(holder) {
            Cause::resource(principal.clone())
        } else {
            Cause { chapter, subject: subject.clone() }
        };
        for source in sources {
            self.edges.lack(source, target, lacking, Lacking::Known(cause.clone()));
        }
        let change = Change::new(cause, subject, act);
        self.told.change(Change { old: old.clone(), new: new.clone(), ..change })
    }

    fn user(&mut self, user: &Name, records: &[Record]) -> io::Result<()> {
        let ways = Ways::new(self.book, self.sides, &self.edges, user, records, !self.leave.derived);
        let solved = [ways.solve(Which::Old), ways.solve(Which::New)];
        let uncertain = ways.uncertain(&solved);
        let (mut gained, mut lost) = (false, false);
        for (number, record) in records.iter().enumerate() {
            let change = match &record.facts {
                [None, None] => None,
                [Some(_), Some(_)] => {
                    let uncertain = uncertain[number].as_ref();
                    changed(&ways, record, &solved, uncertain, self.leave, self.told)
                }
                [old, _] => {
                    let lacking = if old.is_some() { Which::New } else { Which::Old };
                    came_or_went(&ways, record, lacking, solved[lacking as usize][number].as_ref(), self.told)
                }
            };
            gained |= change.as_ref().is_some_and(|change| change.access == Some(Access::Gained));
            lost |= change.as_ref().is_some_and(|change| change.access == Some(Access::Lost));
            let is_moved = change.as_ref().is_some_and(|change| change.act == Act::Moved);
            if let Some(change) = change {
                self.told.change(change)?;
            }
            if !is_moved && let Some(change) = inactive(&ways, record, self.told) {
                self.told.change(change)?;
            }
        }
        self.told.counts.access.users_who_gained += u64::from(gained);
        self.told.counts.access.users_who_lost += u64::from(lost);
        Ok(())
    }
}

fn sides_differ(sides: &[Side; 2], tells: fn(&Side) -> bool) -> bool {
    tells(&sides[0]) != tells(&sides[1])
}

fn entry_of<'b>(book: &'b Book, entitlement: &str) -> Option<&'b Entry> {
    let (kind, id, _) = parts(entitlement);
    book.get(kind, id)
}

/// A grant that one of the documents has.
fn came_or_went(
    ways: &Ways<'_>,
    record: &Record,
    lacking: Which,
    found: Option<&Found>,
    told: &mut Told,
) -> Option<Change> {
    let (cause, is_sure) = match found? {
        Found::Known { cause, is_sure } => (cause.clone(), *is_sure),
        Found::Unknown(limit, which) => {
            told.limits.note(limit.clone(), *which).grants += 1;
            return None;
        }
        Found::Unwritten => {
            told.counts.written_once += 1;
            return None;
        }
    };
    let kind = parts(&record.entitlement).0;
    let is_sure = is_sure && !ways.sides[lacking as usize].may_lack_ways(kind);
    let access = match lacking {
        _ if !is_sure => Access::Unknown,
        Which::Old => Access::Gained,
        Which::New => Access::Lost,
    };
    let act = match lacking {
        _ if Ways::moves_to(record).is_some() => Act::Moved,
        Which::Old => Act::Added,
        Which::New => Act::Removed,
    };
    Some(of_record(Change::new(cause, ways.subject(record), act), record, access))
}

fn of_record(change: Change, record: &Record, access: Access) -> Change {
    let [old, new] = record.facts.clone();
    let is_moved = change.act == Act::Moved;
    let [old_inactive, new_inactive] = if is_moved { record.dead.clone() } else { [Vec::new(), Vec::new()] };
    Change { access: Some(access), old, new, old_inactive, new_inactive, ..change }
}

/// A grant that both documents have.
fn changed(
    ways: &Ways<'_>,
    record: &Record,
    solved: &[Vec<Option<Found>>; 2],
    uncertain: Option<&(Limit, Which)>,
    leave: Leave,
    told: &mut Told,
) -> Option<Change> {
    let [Some(old), Some(new)] = &record.facts else { return None };
    let (mut attributes, mut cause) = (Vec::new(), None);
    let mut sure = |found: Found, told: &mut Told| match found {
        Found::Known { cause: found, .. } => {
            cause.get_or_insert(found);
            true
        }
        Found::Unknown(limit, which) => {
            // That derived grants are not compared is said once, and is no single difference.
            if limit.code != Code::ExpandDiffers {
                told.limits.note(limit, which).attributes += 1;
            }
            false
        }
        Found::Unwritten => false,
    };
    if old.is_direct != new.is_direct {
        let lacking = if old.is_direct { Which::New } else { Which::Old };
        if sure(ways.own(record, lacking), told) {
            attributes.extend(Attribute::changed("isDirect", Some(&old.is_direct.into()), Some(&new.is_direct.into())));
        }
    }
    if !leave.derived {
        let mut lists: [Vec<&str>; 2] = [Vec::new(), Vec::new()];
        let mut flags = false;
        for (facts, other, lacking) in [(old, new, Which::New), (new, old, Which::Old)] {
            for (source, is_direct) in &facts.through {
                let is_common = other.is_through(source);
                flags |= is_common && !other.through.contains(&(source.clone(), *is_direct));
                if is_common || sure(ways.through(record, source, lacking, &solved[lacking as usize]), told) {
                    lists[lacking.other() as usize].push(source);
                }
            }
        }
        let [one, other] = lists.map(Value::from);
        attributes.extend(Attribute::changed("through", Some(&one), Some(&other)));
        if leave.with_noise && flags {
            let list = |facts: &Facts| {
                let direct = facts.through.iter().filter(|(_, is_direct)| *is_direct);
                Value::from(direct.map(|(source, _)| source.as_str()).collect::<Vec<_>>())
            };
            attributes.extend(Attribute::changed("throughDirectly", Some(&list(old)), Some(&list(new))));
        }
    }
    let mut limits = old.limits_changed(new, leave);
    if let Some((limit, which)) = uncertain
        && !limits.is_empty()
    {
        // The limits of the whole are those of all ways to it.
        told.limits.note(limit.clone(), *which).attributes += 1;
        limits = Vec::new();
        if old.is_direct && new.is_direct {
            limits = old.limits_changed(new, Leave { derived: true, ..leave });
        }
    }
    if cause.is_none() && !limits.is_empty() && !(old.is_direct && new.is_direct) {
        cause = limits_cause(ways, record, leave, 0);
    }
    attributes.extend(limits);
    if attributes.is_empty() {
        return None;
    }
    let is_moved = Ways::moves_to(record).is_some() && attributes.iter().any(|one| one.name == "isDirect");
    let act = if is_moved { Act::Moved } else { Act::Changed };
    let cause = cause.unwrap_or_else(|| ways.itself(record));
    let change = of_record(Change::new(cause, ways.subject(record), act), record, Access::Kept);
    Some(Change { attributes, ..change })
}

/// Ways are not longer than that, unless they go round in circles.
const LONGEST_WAY: usize = 40;

/// What changed the limits of a grant that is not direct in both: those of a way to it. Where several did, the first.
fn limits_cause(ways: &Ways<'_>, record: &Record, leave: Leave, depth: usize) -> Option<Cause> {
    let new = record.facts[Which::New as usize].as_ref()?;
    for (source, _) in &new.through {
        if let Some(cause) = ways.edges.changed(source, &record.entitlement) {
            return Some(cause.clone());
        }
        let Some(of) = ways.of(source) else { continue };
        let [Some(old), Some(new)] = &of.facts else { continue };
        // A cause changed by itself: what changed in its ways as well has another one.
        let is_same_way = old.is_direct == new.is_direct && old.through == new.through;
        if !is_same_way || old.limits_changed(new, leave).is_empty() {
            continue;
        }
        if old.is_direct {
            return Some(ways.itself(of));
        }
        if depth < LONGEST_WAY
            && let Some(cause) = limits_cause(ways, of, leave, depth + 1)
        {
            return Some(cause);
        }
    }
    None
}

/// Assignments that give nothing, and did not become grants, nor were any.
fn inactive(ways: &Ways<'_>, record: &Record, told: &mut Told) -> Option<Change> {
    let [old, new] = &record.dead;
    let (act, lacking) = match (old.is_empty(), new.is_empty()) {
        (true, true) => return None,
        (false, true) => (Act::Removed, Some(Which::New)),
        (true, false) => (Act::Added, Some(Which::Old)),
        (false, false) => (Act::Changed, None),
    };
    // Why it gives nothing is told by fields that one document may lack.
    let reason = Which::BOTH.into_iter().find_map(|which| {
        let (side, other) = (&ways.sides[which as usize], &ways.sides[which.other() as usize]);
        Some((side.lacks_reasons(other)?, which))
    });
    if let (None, Some((limit, which))) = (lacking, reason) {
        told.limits.note(limit, which).inactive_assignments += 1;
        return None;
    }
    let (held, subject) = (entry_of(ways.book, &record.entitlement), ways.user.clone());
    let mut cause = None;
    if let Some(lacking) = lacking {
        let side = &ways.sides[lacking as usize];
        let missing = Missing {
            entitlement: &record.entitlement,
            held,
            principal: (&ways.user.kind, &ways.user.id),
            holder: ways.holder,
            by_rule: false,
        };
        let limit = side.lacks_grant(&missing, lacking).or_else(|| {
            // Where validity is not known, or nobody says so, what had expired stands among the grants.
            side.lacks_validity()
        });
        if let Some(limit) = limit {
            told.limits.note(limit, lacking).inactive_assignments += 1;
            return None;
        }
        let is_gone = |entry: Option<&Entry>| entry.is_some_and(|entry| !entry.seen(lacking).is_there);
        if is_gone(ways.holder) {
            cause = Some(Cause::resource(ways.user.clone()));
        } else if is_gone(held) {
            cause = Some(Cause::resource(Name::of_entitlement(&record.entitlement)));
        }
    }
    let subject = Subject::Inactive { entitlement: CompactString::clone(&record.entitlement), principal: subject };
    let cause = cause.unwrap_or_else(|| Cause { chapter: Chapter::Inactive, subject: subject.clone() });
    let change = Change::new(cause, subject, act);
    let (old_inactive, new_inactive): (Vec<Dead>, Vec<Dead>) = (old.clone(), new.clone());
    Some(Change { old_inactive, new_inactive, ..change })
}
