//! Taking a page of 2,000 users apart, measured against walking over the same bytes without keeping anything.
//!
//! `cargo bench` shows both, and their ratio from rounds that take turns: these are what to compare between machines.

use std::hint::black_box;
use std::time::{Duration, Instant};

use baton_salesforce::demo::{Org, Shape};
use baton_salesforce::salesforce::objects::{Object, User, UserRow};
use baton_salesforce::salesforce::page::{Header, Page};
use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::json;

/// A page as Salesforce sends it.
fn body() -> Bytes {
    let fields: Vec<_> = User::FIELDS.iter().map(|field| field.name).collect();
    let soql = format!("SELECT {} FROM User LIMIT 2000", fields.join(", "));
    let Ok(mut page) = Org::generate(Shape::Mid, 1).query(66, &soql) else { return Bytes::new() };
    let records = page["records"].take();
    let head = r#"{"totalSize":5000,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/0r85f000000AAAAAA4-2000","records":"#;
    let text = format!("{head}{records}}}");
    assert_eq!(records.as_array().map(Vec::len), Some(2000), "{}", json!(fields));
    Bytes::from(text)
}

fn walk(body: &Bytes) {
    black_box(serde_json::from_slice::<IgnoredAny>(black_box(body)).is_ok());
}

fn parse(body: &Bytes) {
    let rows = Page::new(black_box(body.clone())).and_then(|page| page.rows::<UserRow<'_>>().map(|rows| rows.len()));
    black_box(rows.is_ok());
}

#[divan::bench]
fn walk_with_ignored_any(bencher: divan::Bencher<'_, '_>) {
    let body = body();
    bencher.counter(divan::counter::BytesCount::new(body.len())).bench(|| walk(&body));
}

#[divan::bench]
fn parse_user_rows(bencher: divan::Bencher<'_, '_>) {
    let body = body();
    bencher.counter(divan::counter::BytesCount::new(body.len())).bench(|| parse(&body));
}

#[divan::bench]
fn peek_at_the_header(bencher: divan::Bencher<'_, '_>) {
    let body = body();
    bencher.bench(|| black_box(Header::peek(&body).is_ok()));
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

#[expect(clippy::print_stdout, reason = "a benchmark says what it found")]
fn main() {
    divan::main();
    let body = body();
    let time = |run: fn(&Bytes)| {
        let start = Instant::now();
        run(&body);
        start.elapsed()
    };
    let (walked, parsed): (Vec<_>, Vec<_>) = (0..200).map(|_| (time(walk), time(parse))).unzip();
    println!("\nparse ÷ walk, median of 200 rounds: {:.2}", median(parsed) / median(walked));
}
