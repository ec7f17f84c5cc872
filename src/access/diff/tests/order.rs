//! Documents that cannot be compared, and what is said of those that can.

use serde_json::json;

use super::{Doc, diff};
use crate::access::diff::{DiffError, Settings, compare};
use crate::output::read::Reader;

fn refused(old: &str, new: &str) -> DiffError {
    compare(Reader::of(old.as_bytes()).unwrap(), Reader::of(new.as_bytes()).unwrap(), Settings::default())
        .err()
        .unwrap()
}

#[test]
fn a_document_that_is_not_sorted_is_refused() {
    let mut doc = Doc::new();
    doc.with(&["user:a", "user:b", "group:g"]).hold("group:g", "user:a").hold("group:g", "user:b");
    let right = doc.text();
    let swapped =
        right.replace("\"resource\":\"a\"", "\"resource\":\"_\"").replace("\"resource\":\"b\"", "\"resource\":\"a\"");
    let swapped = swapped.replace("\"resource\":\"_\"", "\"resource\":\"b\"");
    for (old, new) in [(&right, &swapped), (&swapped, &right), (&swapped, &swapped)] {
        let error = refused(old, new);
        assert!(matches!(&error, DiffError::Order { within: "resources", .. }), "{error}");
        assert!(error.to_string().contains("a stands after b"), "{error}");
    }
    let twice = right.replace("\"resource\":\"b\"", "\"resource\":\"a\"");
    assert!(refused(&twice, &twice).to_string().contains("twice"));
}

#[test]
fn documents_of_different_orgs_are_refused() {
    let mut other = Doc::new();
    other.sync["org"] = json!({"id": "00D2", "name": "Other"});
    let error = refused(&Doc::new().text(), &other.text()).to_string();
    assert!(error.contains("Acme (00D1)") && error.contains("Other (00D2)"), "{error}");
}

#[test]
fn an_org_that_is_not_told_is_compared_and_said() {
    let mut other = Doc::new();
    other.foreign();
    let seen = diff(&Doc::new(), &other);
    assert_eq!(seen.remarks.iter().filter(|remark| remark.code == "ORG_UNKNOWN").count(), 1);
}

#[test]
fn an_old_document_that_is_newer_is_said() {
    let mut later = Doc::new();
    later.sync["startedAt"] = "2026-02-01T00:00:00Z".into();
    later.sync["id"] = "l".into();
    let codes = |old: &Doc, new: &Doc| diff(old, new).remarks.iter().map(|remark| remark.code).collect::<Vec<_>>();
    assert_eq!(codes(&later, &Doc::new()), ["OLD_IS_NEWER"]);
    assert!(codes(&Doc::new(), &later).is_empty());
}

#[test]
fn a_cut_document_is_refused() {
    let text = Doc::new().text();
    for cut in [10, text.len() / 2, text.len() - 1] {
        assert!(matches!(refused(&text, &text[..cut]), DiffError::Read(_)), "{cut}");
    }
}
