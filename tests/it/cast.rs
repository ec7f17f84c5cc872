//! The cast: a small org, and by hand, line by line from the access model, what is to be said of it. The program is held
//! against the table, and so is the judge of the other orgs, since one hand may misread a rule twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use baton_salesforce::connector::{Expand, Options};
use baton_salesforce::demo::Org;

use crate::truth::{self, Told, Truth};
use crate::truthful::{Served, everything, expanding};

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cast")
}

/// The org of the cast.
pub(crate) fn cast() -> Org {
    Org::load_dir(&folder()).unwrap()
}

/// The table, read.
pub(crate) struct Table {
    names: BTreeMap<String, String>,
    /// Who, the rest of the line.
    lines: Vec<(String, String)>,
}

impl Table {
    pub(crate) fn read() -> Self {
        let text = std::fs::read_to_string(folder().join("expected.txt")).unwrap();
        let (mut names, mut lines) = (BTreeMap::new(), Vec::new());
        for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            if let Some((name, id)) = line.split_once(" = ") {
                names.insert(name.trim().to_owned(), id.to_owned());
                continue;
            }
            let (said, rule) = line.split_once('|').unwrap_or_else(|| panic!("no rule: {line}"));
            assert!(!rule.trim().is_empty(), "no rule: {line}");
            let (who, rest) = said.split_at(2);
            assert!(who.trim().chars().all(|c| "sx".contains(c)) && !who.trim().is_empty(), "{line}");
            lines.push((who.to_owned(), rest.trim().to_owned()));
        }
        Self { names, lines }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// `type:id` of a name.
    pub(crate) fn resource(&self, name: &str) -> &str {
        self.names.get(name).unwrap_or_else(|| panic!("no name {name}"))
    }

    /// The id alone.
    pub(crate) fn id(&self, name: &str) -> &str {
        self.resource(name).split_once(':').unwrap().1
    }

    /// The entitlement that a name stands for.
    pub(crate) fn entitlement(&self, name: &str) -> String {
        let resource = self.resource(name);
        if let Some(entitlement) = resource.strip_prefix('!') {
            return entitlement.to_owned();
        }
        let slug = match resource.split_once(':').unwrap().0 {
            "group" | "permission_set_group" | "territory" => "member",
            "connected_application" => "authorized",
            "system_permission" => "granted",
            _ => "assigned",
        };
        format!("{resource}:{slug}")
    }

    fn truth(&self, who: char, way: char) -> Truth {
        let mut truth = Truth::default();
        for (_, line) in self.lines.iter().filter(|(of, _)| of.contains(who)) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["unknown", group] => drop(truth.unknown.insert(self.id(group).to_owned())),
                ["out-of-date", group] => drop(truth.stale.insert(self.id(group).to_owned())),
                ["by-rule", group, rule, rest @ ..] => {
                    let count = rest.first().map(|count| count.parse().unwrap());
                    truth.rules.insert(self.id(group).to_owned(), ((*rule).to_owned(), count));
                }
                ["dead", held, "<-", by, reason, rest @ ..] => {
                    let expires = rest.first().map(|time| (*time).to_owned());
                    let (entitlement, principal) = (self.entitlement(held), self.resource(by).to_owned());
                    truth.inactive.insert((entitlement, principal, (*reason).to_owned(), expires));
                }
                [ways, held, "<-", by, rest @ ..] => {
                    assert!(ways.chars().all(|way| "nua".contains(way)), "{line}");
                    if ways.contains(way) {
                        let told = self.told(held, by, rest);
                        let grant = format!("{}:{}", self.entitlement(held), self.resource(by));
                        assert!(truth.grants.insert(grant, told).is_none(), "twice: {line}");
                    }
                }
                _ => panic!("not understood: {line}"),
            }
        }
        truth
    }

    fn told(&self, held: &str, by: &str, words: &[&str]) -> Told {
        let mut told = Told::default();
        let mut words = words.iter().copied().peekable();
        while let Some(word) = words.next() {
            let passed_on = |shallow| Some((self.entitlement(by), shallow));
            match word {
                "by" => {
                    while let Some(source) = words.next_if(|word| self.names.contains_key(word.trim_end_matches('+'))) {
                        let name = source.trim_end_matches('+');
                        told.sources.insert(self.entitlement(name), source.ends_with('+'));
                    }
                    assert!(!told.sources.is_empty(), "{held} <- {by}");
                }
                "passes-on" => told.expandable = passed_on(false),
                "passes-on-direct" => told.expandable = passed_on(true),
                "rule" => told.by_rule = true,
                "session" => told.session = true,
                "partial" => told.partial = true,
                "stale" => told.stale = true,
                "mutes" => drop(told.muted.insert(words.next().unwrap().to_owned())),
                "until" => told.expires = words.next().map(str::to_owned),
                "row-until" => told.row.get_or_insert_default().0 = words.next().map(str::to_owned),
                "row-session" => told.row.get_or_insert_default().1 = true,
                "since" => told.assigned = words.next().map(str::to_owned),
                _ => panic!("not understood: {held} <- {by} … {word}"),
            }
        }
        let is_derived = !told.sources.is_empty() && !told.sources.contains_key(&self.entitlement(held));
        told.immutable = told.by_rule || is_derived;
        told
    }
}

/// Who, the way, and the options for both.
fn all() -> impl Iterator<Item = (char, char, Options)> {
    [('n', Expand::None), ('u', Expand::Used), ('a', Expand::All)]
        .into_iter()
        .flat_map(|(way, expand)| [('s', way, expanding(expand)), ('x', way, everything(expand))])
}

#[test]
fn the_document_says_of_the_cast_what_the_table_says() {
    let (cast, table) = (Served::new(cast()), Table::read());
    for (who, way, options) in all() {
        let differences = truth::differences(&cast.document(&options), &table.truth(who, way));
        assert!(differences.is_empty(), "{who}{way}:\n{}", differences.join("\n"));
    }
}

#[test]
fn the_judge_says_of_the_cast_what_the_table_says() {
    let (org, table) = (cast(), Table::read());
    for (who, way, options) in all() {
        let (judged, wanted) = (truth::of(&org, &options), table.truth(who, way));
        for (id, told) in &wanted.grants {
            assert_eq!(judged.grants.get(id), Some(told), "{who}{way}: {id}");
        }
        assert_eq!(judged, wanted, "{who}{way}");
    }
}
