//! `show`: what is listed of a document, in each form, and what is said where that is not all.

mod asking;
mod broken;
mod demo;
mod names;
mod summary;

use serde_json::Value;

use crate::explain::document::Doc;
use crate::support::{Ran, Run};

/// Shows a document that was made by hand.
fn show(doc: &Doc, arguments: &[&str]) -> Ran {
    doc.valid();
    Run::new().file("doc.json", &doc.text()).args(["show", "doc.json"]).args(arguments).output()
}

/// What is printed of it, where all is well and there is nothing to be said besides.
#[track_caller]
fn printed(doc: &Doc, arguments: &[&str]) -> String {
    let ran = show(doc, arguments);
    assert_eq!((ran.code(), ran.stderr().as_str()), (0, ""), "{arguments:?}");
    ran.stdout()
}

/// The rows of a CSV, each with its cells; the first is the header.
#[track_caller]
fn rows(csv: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// The cells of one column, without its header.
#[track_caller]
fn column(csv: &str, name: &str) -> Vec<String> {
    let rows = rows(csv);
    let number = rows[0].iter().position(|column| column == name).unwrap();
    rows[1..].iter().map(|row| row[number].clone()).collect()
}

#[track_caller]
fn items(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap()
}
