//! What changed between two documents of an org. What one of them does not tell is unknown, never removed or added.
//!
//! Both are read once, side by side: [`merge`] keeps what differs, sorted by who holds it. Then, when both ends are
//! known, [`held`] finds out for each user what is sure, and what caused it; and the changes come out in the order in
//! which they are told, those with one cause together. Neither step takes memory with the number of grants: what differs
//! goes through temporary files.

mod attributes;
mod beside;
mod book;
mod change;
mod cursor;
mod edges;
mod error;
mod facts;
mod held;
mod items;
mod key;
mod limit;
mod merge;
mod side;
#[cfg(test)]
mod tests;
mod ways;

use serde::{Deserialize, Serialize};

pub use attributes::Attribute;
pub use book::{Book, Entry};
pub use change::{Access, AccessTally, Act, Cause, Change, Chapter, Counts, GrantTally, Name, Subject, Tally};
pub use error::DiffError;
pub use facts::{Dead, Facts, Leave};
pub use limit::{Affected, Code, Limit};
pub use side::Side;

use crate::output::read::Reader;
use crate::output::{Sorted, Spool};
use crate::time::Timestamp;
use held::Explainer;
use limit::Limits;

/// One of the two documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Which {
    /// The first one.
    Old,
    /// The second one.
    New,
}

impl Which {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Old, Self::New];

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }

    /// `old`, `new`
    pub const fn name(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

/// How to compare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether noise is compared too: last logins, times of modification, and what is told elsewhere.
    pub all_attributes: bool,
}

/// Something to know about the two documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// For programs.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

/// What changed.
pub struct Difference {
    /// The documents, old and new.
    pub sides: [Side; 2],
    /// Their resources.
    pub book: Book,
    /// How much changed.
    pub counts: Counts,
    /// What is not known.
    pub limits: Vec<Limit>,
    /// What else to know.
    pub remarks: Vec<Remark>,
    /// All changes, in the order in which they are told.
    pub changes: Sorted<Box<Change>>,
}

impl Difference {
    /// Whether nothing changed, as far as both documents tell.
    pub fn is_same(&self) -> bool {
        self.counts.is_none()
    }

    /// Whether both documents tell all that the other one tells.
    pub fn is_all_known(&self) -> bool {
        self.limits.is_empty()
    }
}

/// About how many bytes of changes are held in memory.
const MEMORY: usize = 24 << 20;

/// Compares two documents.
///
/// # Errors
/// Where one of them cannot be read or is not sorted, or where they are of different orgs.
pub fn compare(old: Reader<'_>, new: Reader<'_>, settings: Settings) -> Result<Difference, DiffError> {
    let merge::Merged { book, items, held, mut sides } = merge::merge(old, new, settings)?;
    let fields_differ = sides[0].fields_differ(&sides[1]);
    for side in &mut sides {
        side.fields_differ.clone_from(&fields_differ);
    }
    let mut limits = Limits::default();
    for which in Which::BOTH {
        sides[which as usize].own_limits(&sides[which.other() as usize], &mut limits, which);
    }
    let remarks = remarks(&sides);
    let mut told = Told { changes: Spool::new(MEMORY), counts: Counts::default(), limits };
    items::tell(items, &book, &sides, settings, &mut told)?;
    let mut explainer = Explainer::new(&book, &sides, settings, &mut told);
    for record in held.finish()? {
        explainer.take(record?)?;
    }
    explainer.finish()?;
    let Told { changes, counts, limits } = told;
    Ok(Difference { sides, book, counts, limits: limits.finish(), remarks, changes: changes.finish()? })
}

/// Takes what is found out.
struct Told {
    changes: Spool<Box<Change>>,
    counts: Counts,
    limits: Limits,
}

impl Told {
    fn change(&mut self, change: Change) -> std::io::Result<()> {
        self.counts.count(&change);
        self.changes.push(Box::new(change))
    }
}

fn remarks(sides: &[Side; 2]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut remark = |code, message: String| remarks.push(Remark { code, message });
    let [old, new] = sides;
    let started = |side: &Side| Timestamp::parse(&side.header.started_at);
    if old.header.id == new.header.id {
        remark("SAME_SYNC", "both documents are of the same run".to_owned());
    } else if let (Some(first), Some(second)) = (started(old), started(new))
        && first > second
    {
        let text = format!(
            "the first document ({first}) is newer than the second one ({second}): what is told as added was removed"
        );
        remark("OLD_IS_NEWER", text);
    }
    for which in Which::BOTH {
        if sides[which as usize].header.org.is_none() {
            let text = format!(
                "the {} document does not tell of which org it is: whether both are of one is not known",
                which.name()
            );
            remark("ORG_UNKNOWN", text);
        }
    }
    let version = |side: &Side| side.header.connector.as_ref().map(|c| format!("{} {}", c.name, c.version));
    if let (Some(one), Some(other)) = (version(old), version(new))
        && one != other
    {
        remark(
            "VERSIONS_DIFFER",
            format!("{one} wrote the old document, {other} the new one: attributes may differ by that"),
        );
    }
    if let (Some(one), Some(other)) = (&old.header.api_version, &new.header.api_version)
        && one != other
    {
        remark("API_VERSIONS_DIFFER", format!("the old document was read with API {one}, the new one with {other}"));
    }
    remarks
}
