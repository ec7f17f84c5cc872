//! A part of a scan: a range of ids, and the cursor that reads it.

use crate::salesforce::RecordId;
use crate::salesforce::page::Page;
use crate::salesforce::query::Query;

/// The ids above one and up to another; none = to the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::salesforce) struct Range {
    pub(in crate::salesforce) above: Option<RecordId>,
    pub(in crate::salesforce) upto: Option<RecordId>,
}

/// A range that one cursor reads.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) number: u32,
    pub(super) range: Range,
    pub(super) query: Query,
    /// A page that came while others were taken apart: its next one is on its way meanwhile.
    pub(super) ready: Option<Page>,
    /// The last id that came.
    pub(super) last: Option<RecordId>,
    /// Whether all ids came in their order so far.
    pub(super) is_ordered: bool,
    /// Whether there is nothing to divide in it.
    pub(super) is_narrow: bool,
    /// Whether the range is what holds it apart from others, so that order must be.
    pub(super) is_bounded: bool,
    /// The part that took over the end of this one, until its first page has come.
    pub(super) child: Option<u32>,
    /// The highest id that is there, on its way.
    pub(super) bound: Option<Query>,
    /// Whether the range ends at an id that is there, or in the midst of others.
    pub(super) is_tight: bool,
    /// Where its cursor was lost the last time.
    pub(super) lost_at: Option<RecordId>,
    /// How often its range was halved for time.
    pub(super) halved: u32,
}

impl Part {
    pub(super) fn new(number: u32, range: Range, query: Query) -> Self {
        Self {
            number,
            range,
            query,
            ready: None,
            last: None,
            is_ordered: true,
            is_narrow: false,
            is_bounded: range != Range::default(),
            child: None,
            bound: None,
            is_tight: false,
            lost_at: None,
            halved: 0,
        }
    }

    /// What is still to come of its range.
    pub(super) fn rest(&self) -> Range {
        Range { above: self.last.or(self.range.above), ..self.range }
    }
}
