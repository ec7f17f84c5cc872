//! What an org's rows mean, worked out by the words of the access model, row by row and as plainly as can be: the judge
//! of the program, which shares no code with it.
//!
//! * [`direct`]: which grants the rows and the rules give;
//! * [`expand`]: who holds what through them, by going round until nothing is new;
//! * [`told`]: the same, read off a document.

mod direct;
mod expand;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use baton_salesforce::connector::{Expand, Options};
use baton_salesforce::demo::Org;
use baton_salesforce::model::ResourceKind;
use serde_json::Value;

pub(crate) use told::differences;

/// The time at which these orgs are read, as rows and as the `Date` header have it.
pub(crate) const NOW: &str = "2026-11-25T08:00:00.000+0000";
pub(crate) const DATE: &str = "Wed, 25 Nov 2026 08:00:00 GMT";

/// What the document is to say of a grant.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Through what it is held, and whether that is held directly.
    pub(crate) sources: BTreeMap<String, bool>,
    /// Whose holders hold it too, and whether those alone who hold that directly.
    pub(crate) expandable: Option<(String, bool)>,
    pub(crate) immutable: bool,
    pub(crate) by_rule: bool,
    pub(crate) session: bool,
    pub(crate) partial: bool,
    pub(crate) stale: bool,
    pub(crate) muted: BTreeSet<String>,
    pub(crate) expires: Option<String>,
    /// When the direct way ends and whether it needs a session, where another way is limited less.
    pub(crate) row: Option<(Option<String>, bool)>,
    pub(crate) assigned: Option<String>,
    pub(crate) by_policy: bool,
}

/// What differs from a grant of which nothing more is said.
impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        let flags = [
            ("immutable", self.immutable),
            ("by_rule", self.by_rule),
            ("session", self.session),
            ("partial", self.partial),
            ("stale", self.stale),
            ("by_policy", self.by_policy),
        ];
        map.entries(flags.into_iter().filter(|(_, is_set)| *is_set));
        map.entries(self.sources.iter().map(|(source, is_direct)| (source, if *is_direct { "direct" } else { "" })));
        if let Some((source, shallow)) = &self.expandable {
            map.entry(&if *shallow { "expandable, shallow" } else { "expandable" }, source);
        }
        map.entries(self.muted.iter().map(|right| ("muted", right)));
        map.entries(self.expires.iter().map(|time| ("expires", time)));
        map.entries(self.row.iter().map(|row| ("direct", row)));
        map.entries(self.assigned.iter().map(|time| ("assigned", time)));
        map.finish()
    }
}

/// All that a document is to say about who holds what.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) grants: BTreeMap<String, Told>,
    /// Groups whose direct members are not all known.
    pub(crate) unknown: BTreeSet<String>,
    /// The rule of each group that has one, and how many it lets in where that is known.
    pub(crate) rules: BTreeMap<String, (String, Option<usize>)>,
    /// Entitlement, user, reason and expiry of assignments that give nothing.
    pub(crate) inactive: BTreeSet<(String, String, String, Option<String>)>,
    /// Permission set groups whose aggregate is not what their parts say.
    pub(crate) stale: BTreeSet<String>,
}

/// What the rows mean, for these options.
pub(crate) fn of(org: &Org, options: &Options) -> Truth {
    let rows = Rows { org, options };
    let direct = direct::Direct::of(&rows);
    Truth {
        grants: expand::grants(&direct, options.expand, &rows),
        unknown: direct.unknown,
        rules: direct.rules,
        inactive: direct.inactive,
        stale: direct.stale,
    }
}

/// The rows of an org, and which of them the options let into a document.
struct Rows<'o> {
    org: &'o Org,
    options: &'o Options,
}

impl Rows<'_> {
    fn all(&self, object: &str) -> Vec<Value> {
        self.org.records(object)
    }

    fn wants(&self, kind: &str) -> bool {
        match kind {
            "manager_group" => self.options.manager_groups,
            _ => ResourceKind::parse(kind).is_some_and(|kind| self.options.kinds.contains(&kind)),
        }
    }

    fn expands(&self) -> bool {
        self.options.expand != Expand::None
    }

    /// The users in the document.
    fn users(&self) -> Vec<Value> {
        let mut users = self.all("User");
        users.retain(|user| {
            (self.options.sync_non_standard_users || user["UserType"] == "Standard")
                && (self.options.sync_deactivated_users || user["IsActive"] == true)
        });
        users
    }
}

/// The id in a field; none where it is null or there is no such field.
fn id(row: &Value, field: &str) -> Option<String> {
    row[field].as_str().map(str::to_owned)
}

/// A time as documents have it.
fn time(row: &Value, field: &str) -> Option<String> {
    row[field].as_str().map(|time| time.replace(".000+0000", "Z"))
}
