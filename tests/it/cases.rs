//! `tests/cases.md`: each case stands there once, and the tests that it names exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The last number of the catalogue.
const LAST: u32 = 70;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn table() -> String {
    std::fs::read_to_string(root().join("tests/cases.md")).unwrap()
}

/// The number of a line of the table, what went wrong, and what keeps it right.
fn cases(table: &str) -> Vec<(u32, &str, &str)> {
    table
        .lines()
        .filter_map(|line| {
            let mut cells = line.trim_matches('|').split(" | ").map(str::trim);
            let number = cells.next()?.parse().ok()?;
            let (what, kept) = (cells.next().unwrap(), cells.next().unwrap());
            assert_eq!(cells.next(), None, "{line}");
            Some((number, what, kept))
        })
        .collect()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The source file of a test's name, and its function.
fn place(test: &str) -> (PathBuf, &str) {
    let (file, function) = test.split_once("::").unwrap_or_else(|| panic!("`{test}` names no test"));
    let file = if file.starts_with("src/") { format!("{file}.rs") } else { format!("tests/it/{file}.rs") };
    (root().join(file), function)
}

#[test]
fn every_number_stands_in_the_table_once() {
    let table = table();
    let (_, rest) = table.split_once("these have no case: ").unwrap();
    let without = rest.split_once('.').unwrap().0.split(", ").map(|number| number.parse::<u32>().unwrap());
    let mut numbers: Vec<_> = cases(&table).iter().map(|(number, ..)| *number).chain(without).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=LAST).collect::<Vec<_>>());
}

#[test]
fn every_case_is_described_and_names_tests_that_exist() {
    let table = table();
    for (number, what, kept) in cases(&table) {
        assert!(what.len() > 20 && what.ends_with('.'), "{number}: {what}");
        let tests: BTreeSet<_> = quoted(kept).collect();
        assert!(!tests.is_empty(), "{number} names no test");
        if !kept.starts_with('\u{2013}') {
            let listed: Vec<_> = kept.split(", ").collect();
            assert_eq!(listed.len(), tests.len(), "{number}: {kept}");
        }
        for test in tests {
            let (file, function) = place(test);
            let source = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{number}: {test}: {error}"));
            let (before, _) = source
                .split_once(&format!("fn {function}("))
                .unwrap_or_else(|| panic!("{number}: no `{function}` in {}", file.display()));
            let attributes: Vec<_> = before.lines().rev().take(4).collect();
            assert!(attributes.iter().any(|line| line.trim() == "#[test]"), "{number}: `{function}` is no test");
        }
    }
}
