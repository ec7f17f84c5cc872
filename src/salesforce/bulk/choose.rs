//! By which API an object is read. Pure: what is known after the first page in, a choice with its reason out.

use std::fmt;

use crate::salesforce::ApiVersion;

/// What the settings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// The Bulk API where it saves calls that are scarce.
    #[default]
    Auto,
    /// Never the Bulk API.
    Rest,
    /// The Bulk API for all objects of more than one page.
    Bulk,
}

impl Engine {
    /// By its name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            "rest" => Some(Self::Rest),
            "bulk" => Some(Self::Bulk),
            _ => None,
        }
    }
}

/// What is known of an object once its first page has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) version: ApiVersion,
    /// Rows of the whole object.
    pub(crate) rows: u64,
    /// Rows on the first page.
    pub(crate) page: u64,
    /// API calls that may still be made, where that is known.
    pub(crate) calls_left: Option<u64>,
}

/// Why the Bulk API was chosen, or why it was not although it was wished for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    Rest(Option<&'static str>),
    Bulk(Reason),
}

/// Why the Bulk API was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Asked,
    Scarce {
        /// API calls for the pages that are left.
        rest: u64,
        /// About so many for a job.
        bulk: u64,
        left: u64,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("asked for with --query-engine"),
            Self::Scarce { rest, bulk, left } => write!(
                f,
                "{rest} more pages would take {} of the {left} API calls that are left; a job takes about {bulk}",
                share(*rest, *left)
            ),
        }
    }
}

fn share(part: u64, whole: u64) -> String {
    if part >= whole { "all".to_owned() } else { format!("{} %", part.saturating_mul(100) / whole) }
}

/// Salesforce gives so many rows a page, where they are not very wide.
pub const FULL_PAGE: u64 = 2000;
/// The first API version of Bulk API 2.0 query.
const SINCE: ApiVersion = ApiVersion::new(47);
/// Rows in one file of results: that many are asked for.
pub(super) const FILE_ROWS: u64 = 200_000;
/// A job is looked at about so often; it takes longer where there are more rows.
const LOOKS: u64 = 10;
const ROWS_A_LOOK: u64 = 500_000;
/// One object may take one in so many of the calls that are left, before the Bulk API is the better way. It is slower:
/// a job waits for its turn, and cursors side by side do not.
const SHARE: u64 = 20;

/// About how many calls a job of so many rows takes: to make it, to look at it, to get its results and to delete it.
fn calls(rows: u64) -> u64 {
    let files = rows.div_ceil(FILE_ROWS);
    // Where there are several files, their addresses come five at a time.
    let addresses = if files > 1 { files.div_ceil(5) } else { 0 };
    2 + LOOKS + rows / ROWS_A_LOOK + addresses + files
}

/// About how many calls an object of so many rows takes, at full pages, and whether a job reads it.
pub fn estimate(engine: Engine, version: ApiVersion, rows: u64, calls_left: Option<u64>) -> (u64, bool) {
    let page = rows.min(FULL_PAGE);
    match choose(engine, Known { version, rows, page, calls_left }) {
        // The first page is there before it is chosen, and the second one on its way.
        Choice::Bulk(_) => (calls(rows) + 2, true),
        Choice::Rest(_) => (rows.div_ceil(FULL_PAGE).max(1), false),
    }
}

/// Chooses.
pub(crate) fn choose(engine: Engine, known: Known) -> Choice {
    let Known { version, rows, page, calls_left } = known;
    if engine == Engine::Rest || rows <= page {
        return Choice::Rest(None);
    }
    if version < SINCE {
        let why = "the Bulk API has queries since API version 47.0";
        return Choice::Rest((engine == Engine::Bulk).then_some(why));
    }
    if engine == Engine::Bulk {
        return Choice::Bulk(Reason::Asked);
    }
    let rest = (rows - page).div_ceil(page.max(1));
    let bulk = calls(rows);
    match calls_left {
        Some(left) if bulk < rest && rest.saturating_mul(SHARE) > left => {
            Choice::Bulk(Reason::Scarce { rest, bulk, left })
        }
        _ => Choice::Rest(None),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NEW: ApiVersion = ApiVersion::new(66);

    fn known(rows: u64, calls_left: Option<u64>) -> Known {
        Known { version: NEW, rows, page: rows.min(2000), calls_left }
    }

    fn is_bulk(engine: Engine, known: Known) -> bool {
        matches!(choose(engine, known), Choice::Bulk(_))
    }

    #[test]
    fn calls_are_saved_where_they_are_scarce() {
        let chosen = |rows, left| is_bulk(Engine::Auto, known(rows, Some(left)));
        // 499 more pages.
        assert!(chosen(1_000_000, 9_979) && !chosen(1_000_000, 9_980) && !chosen(1_000_000, 98_000));
        // 18,000 pages of 36 million assignments.
        assert!(chosen(36_000_000, 300_000));
        // A job takes more calls than the pages do.
        assert!(!chosen(24_000, 10) && chosen(40_000, 100));
        assert!(!is_bulk(Engine::Auto, known(1_000_000, None)));
        let choice = choose(Engine::Auto, known(1_000_000, Some(4_000)));
        let Choice::Bulk(reason) = choice else { panic!("{choice:?}") };
        assert_eq!(
            reason.to_string(),
            "499 more pages would take 12 % of the 4000 API calls that are left; a job takes about 20"
        );
        let none = Reason::Scarce { rest: 499, bulk: 20, left: 0 };
        assert!(none.to_string().contains("would take all of the 0 API calls"));
    }

    #[test]
    fn what_a_run_takes_is_estimated() {
        let take = |engine, rows, left| estimate(engine, NEW, rows, Some(left));
        assert_eq!(take(Engine::Auto, 0, 9), (1, false));
        assert_eq!(take(Engine::Auto, 1_000_000, 98_000), (500, false));
        assert_eq!(take(Engine::Auto, 1_000_000, 4_000), (22, true));
        assert_eq!(take(Engine::Bulk, 2_001, 98_000), (15, true));
    }

    #[test]
    fn small_pages_make_more_calls() {
        let wide = Known { page: 200, ..known(20_000, Some(1_000)) };
        assert!(is_bulk(Engine::Auto, wide) && !is_bulk(Engine::Auto, Known { page: 2_000, ..wide }));
    }

    #[test]
    fn it_is_done_as_asked_where_it_can_be() {
        assert_eq!(choose(Engine::Bulk, known(2_001, None)), Choice::Bulk(Reason::Asked));
        assert_eq!(choose(Engine::Bulk, known(2_000, Some(1))), Choice::Rest(None));
        assert_eq!(choose(Engine::Rest, known(9_000_000, Some(1))), Choice::Rest(None));
        let old = Known { version: ApiVersion::new(46), ..known(50_000, Some(10)) };
        assert!(matches!(choose(Engine::Bulk, old), Choice::Rest(Some(_))));
        assert_eq!(choose(Engine::Auto, old), Choice::Rest(None));
    }

    proptest! {
        /// By itself it never chooses the way that takes more calls, nor leaves REST while there are plenty.
        #[test]
        fn it_never_costs_calls(rows in 0..100_000_000_u64, page in 1..=2000_u64, left in 0..10_000_000_u64) {
            let known = Known { version: NEW, rows, page: page.min(rows), calls_left: Some(left) };
            if is_bulk(Engine::Auto, known) {
                let rest = (rows - known.page).div_ceil(known.page);
                prop_assert!(calls(rows) < rest && rest * SHARE > left);
            }
        }
    }
}
