//! What is known of a run while it goes on: made of events alone, and of the times at which they came.

use std::time::{Duration, Instant};

use crate::sync::Event;

/// A run.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    pub(super) phase: Phase,
    pub(super) objects: Vec<Tracked>,
    /// A request that is repeated, and belongs to none of the objects that are under way.
    pub(super) aside: Option<(String, String)>,
    pub(super) repeats: u64,
    began: Option<Instant>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Before,
    LoggingIn(String),
    /// Who it is and which org.
    Asking,
    Reading,
    Writing,
}

/// An object.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) name: String,
    pub(super) state: State,
    /// Why its request is repeated, while it is.
    pub(super) repeating: Option<String>,
    asked: Instant,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    Asked,
    Reading(Pages),
    Read(u64),
    NotRead,
}

/// The pages of an object so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pages {
    pub(super) rows: u64,
    pub(super) total: u64,
    pub(super) count: u64,
    first: (Instant, u64),
    last: Instant,
}

impl Pages {
    /// Rows a second since the first page; nothing where that is all there is.
    pub(super) fn rate(&self) -> Option<u64> {
        rate(self.rows - self.first.1, self.last.duration_since(self.first.0))
    }

    /// How long the rest takes at this rate.
    pub(super) fn rest(&self) -> Option<Duration> {
        let rate = self.rate().filter(|rate| *rate > 0)?;
        Some(Duration::from_secs(self.total.saturating_sub(self.rows).div_ceil(rate)))
    }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "for people")]
fn rate(rows: u64, time: Duration) -> Option<u64> {
    // What comes within a moment says nothing.
    (rows > 0 && time >= Duration::from_millis(100)).then(|| (rows as f64 / time.as_secs_f64()) as u64)
}

impl Tracker {
    pub(super) fn see(&mut self, event: &Event, now: Instant) {
        self.began.get_or_insert(now);
        match event {
            Event::Begun { .. } | Event::Engine { .. } => {}
            Event::LoggingIn { host } => self.phase = Phase::LoggingIn(host.clone()),
            Event::Connected { .. } => {
                // Until here it was asked who and where; the reading begins now.
                *self = Self { phase: Phase::Reading, repeats: self.repeats, began: Some(now), ..Self::default() };
            }
            Event::Writing => self.phase = Phase::Writing,
            Event::Started { object } => {
                if matches!(self.phase, Phase::Before | Phase::LoggingIn(_)) {
                    self.phase = Phase::Asking;
                }
                let name = object.clone();
                self.objects.push(Tracked { name, state: State::Asked, repeating: None, asked: now });
            }
            Event::Repeating { object, reason, .. } => {
                self.repeats += 1;
                match self.under_way(object) {
                    Some(tracked) => tracked.repeating = Some(reason.clone()),
                    None => self.aside = Some((object.clone(), reason.clone())),
                }
            }
            Event::Recovered { object } => {
                if let Some(tracked) = self.under_way(object) {
                    tracked.repeating = None;
                }
                self.aside.take_if(|(name, _)| name == object);
            }
            Event::Page { object, rows, total } => {
                let Some(tracked) = self.under_way(object) else { return };
                tracked.state = State::Reading(match tracked.state {
                    State::Reading(before) => Pages { rows: *rows, count: before.count + 1, last: now, ..before },
                    _ => Pages { rows: *rows, total: *total, count: 1, first: (now, *rows), last: now },
                });
            }
            Event::Read { object, rows, .. } => {
                if let Some(tracked) = self.under_way(object) {
                    tracked.state = State::Read(*rows);
                }
            }
            Event::NotRead { object, .. } => {
                if let Some(tracked) = self.under_way(object) {
                    tracked.state = State::NotRead;
                }
            }
        }
    }

    fn under_way(&mut self, object: &str) -> Option<&mut Tracked> {
        self.objects.iter_mut().find(|tracked| tracked.name == object && !tracked.is_done())
    }

    /// Since the reading began, or the login.
    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        self.began.map(|began| now.duration_since(began)).unwrap_or_default()
    }

    /// Since an object was asked for.
    pub(super) fn elapsed_of(&self, object: &str, now: Instant) -> Option<Duration> {
        let tracked = self.objects.iter().rev().find(|tracked| tracked.name == object)?;
        Some(now.duration_since(tracked.asked))
    }

    pub(super) fn done(&self) -> usize {
        self.objects.iter().filter(|tracked| tracked.is_done()).count()
    }

    pub(super) fn rows(&self) -> u64 {
        let rows = |tracked: &Tracked| match tracked.state {
            State::Reading(pages) => pages.rows,
            State::Read(rows) => rows,
            State::Asked | State::NotRead => 0,
        };
        self.objects.iter().map(rows).sum()
    }

    /// Rows a second, of all objects.
    pub(super) fn rate(&self, now: Instant) -> Option<u64> {
        rate(self.rows(), self.elapsed(now))
    }

    /// The objects that have not been read to their end.
    pub(super) fn open(&self) -> impl Iterator<Item = &Tracked> {
        self.objects.iter().filter(|tracked| !tracked.is_done())
    }
}

impl Tracked {
    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Read(_) | State::NotRead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started(object: &str) -> Event {
        Event::Started { object: object.to_owned() }
    }

    fn page(rows: u64) -> Event {
        Event::Page { object: "User".to_owned(), rows, total: 10_000 }
    }

    #[test]
    fn the_rate_counts_from_the_first_page_on() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut tracker = Tracker::default();
        tracker.see(&started("User"), at(0));
        tracker.see(&page(2000), at(50));
        let pages = |tracker: &Tracker| match tracker.objects[0].state {
            State::Reading(pages) => pages,
            _ => panic!("not reading"),
        };
        assert_eq!(pages(&tracker).rate(), None);
        tracker.see(&page(4000), at(52));
        assert_eq!(pages(&tracker).rate(), Some(1000));
        assert_eq!(pages(&tracker).rest(), Some(Duration::from_secs(6)));
        assert_eq!((tracker.rows(), tracker.done()), (4000, 0));
        assert_eq!(tracker.elapsed_of("User", at(59)), Some(Duration::from_secs(59)));
    }

    #[test]
    fn a_repeated_request_belongs_to_its_object_until_it_is_answered() {
        let now = Instant::now();
        let mut tracker = Tracker::default();
        let repeating = |object: &str| Event::Repeating {
            object: object.to_owned(),
            reason: "HTTP 503".to_owned(),
            pause: Duration::ZERO,
        };
        tracker.see(&started("User"), now);
        tracker.see(&repeating("User"), now);
        tracker.see(&repeating("userinfo"), now);
        assert_eq!(tracker.objects[0].repeating.as_deref(), Some("HTTP 503"));
        assert!(tracker.aside.is_some());
        tracker.see(&Event::Recovered { object: "User".to_owned() }, now);
        tracker.see(&Event::Recovered { object: "userinfo".to_owned() }, now);
        assert_eq!((&tracker.objects[0].repeating, &tracker.aside, tracker.repeats), (&None, &None, 2));
    }

    #[test]
    fn what_was_read_or_refused_is_done() {
        let now = Instant::now();
        let mut tracker = Tracker::default();
        for object in ["A", "B", "C"] {
            tracker.see(&started(object), now);
        }
        tracker.see(&Event::Read { object: "A".to_owned(), rows: 1, pages: 1 }, now);
        tracker.see(&Event::NotRead { object: "B".to_owned(), reason: "NO_RIGHT" }, now);
        assert_eq!(tracker.open().map(|tracked| tracked.name.as_str()).collect::<Vec<_>>(), ["C"]);
        assert_eq!(tracker.done(), 2);
    }
}
