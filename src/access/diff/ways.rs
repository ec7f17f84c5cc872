//! Why one document lacks what the other says that a user holds: by what it came or went, or because it is not told.

use std::collections::{HashMap, VecDeque};

use compact_str::CompactString;
use foldhash::fast::RandomState;

use super::Which;
use super::book::{Book, Entry};
use super::change::{Cause, Chapter, Name, Subject};
use super::edges::{Edges, Lacking};
use super::facts::{Dead, Facts};
use super::key::parts;
use super::limit::{Code, Limit};
use super::side::{Missing, Side};

/// What differs about one entitlement of one user.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) entitlement: CompactString,
    /// In the old and the new document.
    pub(super) facts: [Option<Facts>; 2],
    /// The assignments that give nothing which the other document does not have.
    pub(super) dead: [Vec<Dead>; 2],
}

/// Why a document lacks something.
#[derive(Debug, Clone)]
pub(super) enum Found {
    /// It came or went by this. `is_sure`: there was no other way that the document may not tell.
    Known { cause: Cause, is_sure: bool },
    /// The document does not tell.
    Unknown(Limit, Which),
    /// It is held all the same: the document does not follow this group to its users, since no other contains it.
    Unwritten,
}

/// All that differs about one user.
pub(super) struct Ways<'a> {
    pub(super) book: &'a Book,
    pub(super) sides: &'a [Side; 2],
    pub(super) edges: &'a Edges,
    pub(super) user: &'a Name,
    pub(super) holder: Option<&'a Entry>,
    pub(super) records: &'a [Record],
    /// Whether both documents follow grants equally far.
    pub(super) has_derived: bool,
    by_entitlement: HashMap<&'a str, usize, RandomState>,
}

impl<'a> Ways<'a> {
    pub(super) fn new(
        book: &'a Book,
        sides: &'a [Side; 2],
        edges: &'a Edges,
        user: &'a Name,
        records: &'a [Record],
        has_derived: bool,
    ) -> Self {
        let by_entitlement = records.iter().enumerate().map(|(n, record)| (record.entitlement.as_str(), n)).collect();
        let holder = book.get(&user.kind, &user.id);
        Self { book, sides, edges, user, holder, records, has_derived, by_entitlement }
    }

    fn held(&self, entitlement: &str) -> Option<&'a Entry> {
        let (kind, id, _) = parts(entitlement);
        self.book.get(kind, id)
    }

    /// The change of a record itself, as a cause.
    pub(super) fn itself(&self, record: &Record) -> Cause {
        let chapter = match &record.facts {
            _ if Self::moves_to(record).is_some() => Chapter::Moved,
            [None, _] => Chapter::Given,
            [_, None] => Chapter::Taken,
            [Some(_), Some(_)] => Chapter::Otherwise,
        };
        Cause { chapter, subject: self.subject(record) }
    }

    /// The grant.
    pub(super) fn subject(&self, record: &Record) -> Subject {
        Subject::Grant { entitlement: record.entitlement.clone(), principal: self.user.clone() }
    }

    /// Where the direct grant became an assignment that gives nothing: the new document; the other way round: the old one.
    pub(super) fn moves_to(record: &Record) -> Option<Which> {
        let is_direct = |which: Which| record.facts[which as usize].as_ref().is_some_and(|facts| facts.is_direct);
        let moves = |to: Which| is_direct(to.other()) && !is_direct(to) && !record.dead[to as usize].is_empty();
        Which::BOTH.into_iter().find(|to| moves(*to))
    }

    /// Whether a document writes users on what they reach.
    fn is_written(&self, held: Option<&Entry>, which: Which) -> bool {
        let is_used = |entry: &Entry| !entry.shape.is_technical() || entry.seen(which).is_used;
        self.sides[which as usize].expand() != Some("used") || held.is_none_or(is_used)
    }

    /// What differs about another entitlement of the same user.
    pub(super) fn of(&self, entitlement: &str) -> Option<&'a Record> {
        self.by_entitlement.get(entitlement).map(|number| &self.records[*number])
    }

    /// Of some ways only those count who hold the source directly: why a document lacks that, where it has the source.
    fn not_directly(&self, source: &str, lacking: Which) -> Option<Found> {
        let of = self.of(source)?;
        let (has, lacks) = (of.facts[lacking.other() as usize].as_ref()?, of.facts[lacking as usize].as_ref()?);
        (has.is_direct && !lacks.is_direct).then(|| self.own(of, lacking))
    }

    fn is_missing(&self, entitlement: &str, lacking: Which) -> Option<usize> {
        let number = *self.by_entitlement.get(entitlement)?;
        let facts = &self.records[number].facts;
        (facts[lacking as usize].is_none() && facts[lacking.other() as usize].is_some()).then_some(number)
    }

    /// Why a document lacks the direct way.
    pub(super) fn own(&self, record: &Record, lacking: Which) -> Found {
        let by_rule = record.facts[lacking.other() as usize].as_ref().is_some_and(|facts| facts.by_rule);
        let held = self.held(&record.entitlement);
        if by_rule && !self.has_derived {
            return Found::Unknown(Limit::of(Code::ExpandDiffers, ""), Which::New);
        }
        let missing = Missing {
            entitlement: &record.entitlement,
            held,
            principal: (&self.user.kind, &self.user.id),
            holder: self.holder,
            by_rule,
        };
        if let Some(limit) = self.sides[lacking as usize].lacks_grant(&missing, lacking) {
            return Found::Unknown(limit, lacking);
        }
        let is_dead = !record.dead[lacking as usize].is_empty();
        // It may have given nothing in the other document either.
        if is_dead && let Some(limit) = self.sides[lacking.other() as usize].lacks_validity() {
            return Found::Unknown(limit, lacking.other());
        }
        let is_there = |entry: Option<&Entry>| entry.is_some_and(|entry| entry.seen(lacking).is_there);
        let is_moved = self.holder.is_some_and(|holder| holder.is_moved);
        if by_rule && !is_moved && is_there(self.holder) && is_there(held) && !self.is_written(held, lacking) {
            return Found::Unwritten;
        }
        let cause = if self.holder.is_some() && (!is_there(self.holder) || by_rule && is_moved) {
            Cause::resource(self.user.clone())
        } else if held.is_some() && !is_there(held) {
            Cause::resource(Name::of_entitlement(&record.entitlement))
        } else {
            self.itself(record)
        };
        Found::Known { cause, is_sure: true }
    }

    /// Why a document lacks a way through another entitlement to one that it has all the same.
    pub(super) fn through(&self, record: &Record, source: &str, lacking: Which, solved: &[Option<Found>]) -> Found {
        match self.edges.lacking(source, &record.entitlement, lacking) {
            Some(Lacking::Known(cause)) => return Found::Known { cause: cause.clone(), is_sure: true },
            Some(Lacking::Unknown(limit, which)) => return Found::Unknown(limit.clone(), *which),
            None => {}
        }
        if let Some(found) = self.is_missing(source, lacking).and_then(|number| solved[number].clone()) {
            return found;
        }
        if let Some(found) = self.not_directly(source, lacking) {
            return found;
        }
        match self.sides[lacking as usize].lacks_kind(parts(source).0) {
            Some(limit) => Found::Unknown(limit, lacking),
            None => Found::Known { cause: self.itself(record), is_sure: true },
        }
    }

    /// Why a document lacks each of the records that only the other one has.
    pub(super) fn solve(&self, lacking: Which) -> Vec<Option<Found>> {
        let mut found: Vec<Option<Found>> = vec![None; self.records.len()];
        let have = lacking.other() as usize;
        let missing: Vec<(usize, &Record, &Facts)> = (0..)
            .zip(self.records)
            .filter(|(_, record)| record.facts[lacking as usize].is_none())
            .filter_map(|(number, record)| Some((number, record, record.facts[have].as_ref()?)))
            .collect();
        let mut followers: HashMap<&str, Vec<usize>, RandomState> = HashMap::default();
        let mut own: Vec<Option<Found>> = vec![None; self.records.len()];
        let mut open = VecDeque::new();
        for (number, record, facts) in &missing {
            own[*number] = facts.is_direct.then(|| self.own(record, lacking));
            for (source, _) in &facts.through {
                followers.entry(source).or_default().push(*number);
            }
            if let Some(unknown) = self.unknown(record, facts, own[*number].as_ref(), lacking) {
                found[*number] = Some(unknown);
                open.push_back(*number);
            }
        }
        // What follows from something unknown is unknown.
        while let Some(number) = open.pop_front() {
            let source = self.records[number].entitlement.as_str();
            let why = match &found[number] {
                Some(Found::Unknown(limit, which)) => (limit.clone(), *which),
                _ => (Limit::of(Code::Incomplete, ""), lacking),
            };
            for follower in followers.get(source).into_iter().flatten() {
                let record = &self.records[*follower];
                if found[*follower].is_none() && self.edges.lacking(source, &record.entitlement, lacking).is_none() {
                    found[*follower] = Some(doubtful(own[*follower].as_ref(), why.0.clone(), why.1));
                    open.push_back(*follower);
                }
            }
        }
        if self.has_derived {
            self.find_unwritten(&missing, &own, &mut found, lacking);
        }
        self.find_causes(&missing, &own, &followers, &mut found, lacking);
        found
    }

    /// Of what both documents have: why its limits cannot be compared, where one does not tell of all ways to it, or to
    /// what it follows from.
    pub(super) fn uncertain(&self, solved: &[Vec<Option<Found>>; 2]) -> Vec<Option<(Limit, Which)>> {
        let mut uncertain: Vec<Option<(Limit, Which)>> = vec![None; self.records.len()];
        let mut followers: HashMap<&str, Vec<usize>, RandomState> = HashMap::default();
        let mut open = VecDeque::new();
        for (number, record) in self.records.iter().enumerate() {
            let [Some(old), Some(new)] = &record.facts else { continue };
            if old.is_direct != new.is_direct {
                let lacking = if old.is_direct { Which::New } else { Which::Old };
                if let Found::Unknown(limit, which) = self.own(record, lacking) {
                    uncertain[number] = Some((limit, which));
                    open.push_back(number);
                }
            }
            for (facts, other, lacking) in [(old, new, Which::New), (new, old, Which::Old)] {
                for (source, _) in &facts.through {
                    followers.entry(source).or_default().push(number);
                    if uncertain[number].is_none()
                        && !other.is_through(source)
                        && let Found::Unknown(limit, which) =
                            self.through(record, source, lacking, &solved[lacking as usize])
                    {
                        uncertain[number] = Some((limit, which));
                        open.push_back(number);
                    }
                }
            }
        }
        while let Some(number) = open.pop_front() {
            for follower in followers.get(self.records[number].entitlement.as_str()).into_iter().flatten() {
                if uncertain[*follower].is_none() {
                    let of = uncertain[number].clone();
                    uncertain[*follower] = of;
                    open.push_back(*follower);
                }
            }
        }
        uncertain
    }

    /// Whether some way to a record cannot be told.
    fn unknown(&self, record: &Record, facts: &Facts, own: Option<&Found>, lacking: Which) -> Option<Found> {
        if let Some(Found::Unknown(limit, which)) = own {
            return Some(Found::Unknown(limit.clone(), *which));
        }
        if !self.has_derived {
            let limit = Limit::of(Code::ExpandDiffers, "");
            return if own.is_none() { Some(Found::Unknown(limit, Which::New)) } else { None };
        }
        for (source, _) in &facts.through {
            let limit = match self.edges.lacking(source, &record.entitlement, lacking) {
                Some(Lacking::Unknown(limit, which)) => Some((limit.clone(), *which)),
                Some(Lacking::Known(_)) => None,
                None if self.is_missing(source, lacking).is_some() => None,
                None => match self.not_directly(source, lacking) {
                    Some(Found::Unknown(limit, which)) => Some((limit, which)),
                    Some(_) => None,
                    None => self.sides[lacking as usize].lacks_kind(parts(source).0).map(|limit| (limit, lacking)),
                },
            };
            if let Some((limit, which)) = limit {
                return Some(doubtful(own, limit, which));
            }
        }
        None
    }

    fn find_unwritten(
        &self,
        missing: &[(usize, &Record, &Facts)],
        own: &[Option<Found>],
        found: &mut [Option<Found>],
        lacking: Which,
    ) {
        loop {
            let mut is_done = true;
            for (number, record, facts) in missing {
                let held = self.held(&record.entitlement);
                let is_there = held.is_some_and(|held| held.seen(lacking).is_there);
                if found[*number].is_some() || !is_there || self.is_written(held, lacking) {
                    continue;
                }
                let is_old_way = |source: &str| {
                    self.edges.lacking(source, &record.entitlement, lacking).is_none()
                        && self
                            .is_missing(source, lacking)
                            .is_none_or(|source| matches!(found[source], Some(Found::Unwritten)))
                };
                let by_rule = matches!(own[*number], Some(Found::Unwritten));
                if by_rule || facts.through.iter().any(|(source, _)| is_old_way(source)) {
                    found[*number] = Some(Found::Unwritten);
                    is_done = false;
                }
            }
            if is_done {
                return;
            }
        }
    }

    fn find_causes(
        &self,
        missing: &[(usize, &Record, &Facts)],
        own: &[Option<Found>],
        followers: &HashMap<&str, Vec<usize>, RandomState>,
        found: &mut [Option<Found>],
        lacking: Which,
    ) {
        let mut open = VecDeque::new();
        for (number, record, facts) in missing {
            if matches!(found[*number], Some(Found::Known { .. })) {
                open.push_back(*number);
            }
            if found[*number].is_some() {
                continue;
            }
            let edge = |source: &str| match self.edges.lacking(source, &record.entitlement, lacking) {
                Some(Lacking::Known(cause)) => Some(Found::Known { cause: cause.clone(), is_sure: true }),
                Some(Lacking::Unknown(..)) => None,
                None => self.not_directly(source, lacking).filter(|found| matches!(found, Found::Known { .. })),
            };
            let first = own[*number].clone().filter(|own| matches!(own, Found::Known { .. }));
            found[*number] = first.or_else(|| facts.through.iter().find_map(|(source, _)| edge(source)));
            if found[*number].is_some() {
                open.push_back(*number);
            }
        }
        while let Some(number) = open.pop_front() {
            for follower in followers.get(self.records[number].entitlement.as_str()).into_iter().flatten() {
                if found[*follower].is_none() {
                    let of = found[number].clone();
                    found[*follower] = of;
                    open.push_back(*follower);
                }
            }
        }
        for (number, record, _) in missing {
            if found[*number].is_none() {
                found[*number] = Some(Found::Known { cause: self.itself(record), is_sure: true });
            }
        }
    }
}

/// The direct way is gone, or new; whether there was another one is not told.
fn doubtful(own: Option<&Found>, limit: Limit, which: Which) -> Found {
    match own {
        Some(Found::Known { cause, .. }) => Found::Known { cause: cause.clone(), is_sure: false },
        _ => Found::Unknown(limit, which),
    }
}
