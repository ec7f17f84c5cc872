//! Names that could do harm, or be cut at the wrong place.

use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::{column, items, printed, rows};
use crate::explain::document::{DEALS, Doc, SET, U1, U2};

const FORMULA: &str = "=HYPERLINK(\"http://x\")";
const GROUP: &str = "Deals, \"big\"\nones \u{202e}gnp\u{2066} 大久保\u{1b}[31m\u{9b}2J\t;";

/// A user whose name is a formula is in a group whose name has everything.
fn doc() -> Doc {
    let mut doc = Doc::new();
    doc.hold(DEALS, U1).hold(SET, U2);
    for resource in doc.list("resources") {
        if resource["id"]["resource"] == U1 {
            resource["displayName"] = json!(FORMULA);
        }
        if resource["id"]["resource"] == DEALS.split_once(':').unwrap().1 {
            resource["displayName"] = json!(GROUP);
        }
    }
    doc
}

#[test]
fn a_spreadsheet_gets_text_and_no_formulas() {
    let doc = doc();
    for (list, name) in [("users", "name"), ("resources", "name"), ("grants", "principal_name")] {
        let names = column(&printed(&doc, &[list, "--csv"]), name);
        assert!(names.contains(&format!("'{FORMULA}")), "{list}: {names:?}");
    }
    for (list, name) in [("resources", "name"), ("grants", "resource_name"), ("entitlements", "resource_name")] {
        let csv = printed(&doc, &[list, "--csv"]);
        assert!(column(&csv, name).iter().any(|name| name == GROUP), "{list}");
        let rows = rows(&csv);
        assert!(rows.iter().all(|row| row.len() == rows[0].len()));
        for cell in rows.iter().flatten() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
        }
    }
}

#[test]
fn json_keeps_names_as_they_are() {
    let users = items(&printed(&doc(), &["users", "--json"]));
    assert_eq!(users[0]["displayName"], FORMULA);
    let groups = items(&printed(&doc(), &["resources", "--json", "--resource", DEALS]));
    assert_eq!(groups[0]["displayName"], GROUP);
    let summary: serde_json::Value = serde_json::from_str(&printed(&doc(), &["--json"])).unwrap();
    assert_eq!(summary["largestGroups"][0]["displayName"], GROUP);
}

#[test]
fn a_terminal_is_not_taken_over_and_columns_stay_aligned() {
    for arguments in [&["grants"][..], &["resources"], &["users"], &["entitlements"], &[]] {
        let text = printed(&doc(), arguments);
        let bad = text.chars().find(|c| c.is_control() && *c != '\n' || ('\u{2028}'..='\u{2069}').contains(c));
        assert_eq!(bad, None, "{arguments:?}");
    }
    let text = printed(&doc(), &["grants"]);
    assert!(text.contains("Deals, \"big\" ones gnp 大久保[31m2J ;"), "{text}");
    let start = |line: &str, word: &str| line.split_once(word).map(|(before, _)| before.width());
    let lines: Vec<_> = text.lines().collect();
    let how = start(lines[0], "HOW");
    assert!(how.is_some());
    assert_eq!((start(lines[1], "direct"), start(lines[2], "direct")), (how, how), "{text}");
}

#[test]
fn names_are_asked_for_as_they_are() {
    let ids = column(&printed(&doc(), &["grants", "--csv", "--user", FORMULA]), "principal_id");
    assert_eq!(ids, [U1]);
    let ids = column(&printed(&doc(), &["grants", "--csv", "--search", "大久保"]), "principal_id");
    assert_eq!(ids, [U1]);
}
