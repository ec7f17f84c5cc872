//! All rows of an object, each of them once: divided among several cursors, and with cursors lost on the way.

use std::time::Duration;

use baton_salesforce::auth::Session;
use baton_salesforce::demo::{Action, Fault, Org, ServerOptions, Target};
use baton_salesforce::net::retry::Policy;
use baton_salesforce::net::{Domain, http};
use baton_salesforce::salesforce::objects::{GroupMember, Object};
use baton_salesforce::salesforce::select::Plan;
use baton_salesforce::salesforce::{Client, Error, RecordId};
use fastrand::Rng;
use futures_util::TryStreamExt;
use secrecy::SecretString;
use serde_json::json;

use crate::support::Demo;

const POLICY: Policy = Policy { retries: 2, pause: Duration::ZERO };

/// Ids in heaps, as years and moves between instances leave them: some close together, most of the space empty.
fn heaps(rng: &mut Rng, rows: usize) -> Vec<String> {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let heaps: Vec<(u64, u64)> = (0..rng.u64(1..6)).map(|_| (rng.u64(0..62_u64.pow(9)), rng.u64(2..2_000))).collect();
    let mut numbers = std::collections::BTreeSet::new();
    while numbers.len() < rows {
        let (start, step) = heaps[rng.usize(..heaps.len())];
        numbers.insert(start + rng.u64(..step * rows as u64));
    }
    let id = |mut number: u64| {
        let mut text = [b'0'; 10];
        for byte in text.iter_mut().rev() {
            *byte = DIGITS[usize::try_from(number % 62).unwrap()];
            number /= 62;
        }
        RecordId::parse(&format!("0115f{}", std::str::from_utf8(&text).unwrap())).unwrap().to_string()
    };
    numbers.into_iter().map(id).collect()
}

/// An org with these memberships.
fn org(ids: &[String]) -> Org {
    let mut org = Org::empty();
    for id in ids {
        let row = json!({ "Id": id, "GroupId": "00G5f000000AAAAEA4", "UserOrGroupId": "0055f000000AAAAAA4" });
        org.insert("GroupMember", row).unwrap();
    }
    org
}

fn demo(ids: &[String], page_size: usize, faults: Vec<Fault>) -> Demo {
    Demo::start(org(ids), ServerOptions { page_size: Some(page_size), faults, ..ServerOptions::default() })
}

struct Scanned {
    ids: Vec<String>,
    total: u64,
    calls: u64,
}

fn connect(demo: &Demo, concurrency: usize) -> Client {
    let domain = Domain::parse(demo.server.url()).unwrap();
    let http = http::client(&http::Network::default(), &domain).unwrap();
    let session = Session::new(domain, SecretString::from(demo.server.access_token()));
    demo.runtime.block_on(Client::connect(http, session, None, concurrency, POLICY)).unwrap()
}

fn scan(demo: &Demo, concurrency: usize) -> Result<Scanned, Error> {
    let client = connect(demo, concurrency);
    demo.runtime.block_on(async {
        let mut scan = Plan::of::<GroupMember>(client.version())?.open(&client).await?.scan;
        let mut ids = Vec::new();
        while let Some(page) = scan.next_page().await? {
            ids.extend(scan.rows::<GroupMember>(&page)?.iter().map(|row| row.id.to_string()));
        }
        assert_eq!(scan.rows_read(), ids.len() as u64);
        ids.sort_unstable();
        Ok(Scanned { ids, total: scan.total_size(), calls: client.cost().api_calls })
    })
}

fn on(nth: impl Into<Option<usize>>, code: &str) -> Fault {
    Fault::api_error(Target::Object(GroupMember::NAME.to_owned()), nth, 400, code, "in words")
}

#[test]
fn every_row_comes_once_however_the_ids_lie() {
    let mut divided = 0;
    for seed in 0..25 {
        let mut rng = Rng::with_seed(seed);
        let (rows, page_size, concurrency) = (rng.usize(0..3_000), rng.usize(10..60), rng.usize(1..12));
        let ids = heaps(&mut rng, rows);
        let demo = demo(&ids, page_size, Vec::new());
        let scanned = scan(&demo, concurrency).unwrap();
        assert_eq!(scanned.ids, ids, "seed {seed}");
        assert_eq!(scanned.total, ids.len() as u64, "seed {seed}");
        let pages = rows.div_ceil(page_size).max(1) as u64;
        let least = if pages < 24 || concurrency == 1 { pages } else { pages + pages / 10 + 20 };
        assert!(scanned.calls <= least, "seed {seed}: {} calls for {pages} pages", scanned.calls);
        divided += u32::from(demo.server.calls().iter().any(|call| soql(call).contains("AND Id <= ")));
    }
    assert!(divided > 8, "{divided}");
}

fn soql(call: &baton_salesforce::demo::Call) -> &str {
    call.soql.as_deref().unwrap_or_default()
}

/// A fault of further pages, never of the first one of a cursor.
fn later(nth: impl Into<Option<usize>>, code: &str) -> Fault {
    Fault::api_error(Target::Path("/services/data/v66.0/query/".to_owned()), nth, 400, code, "in words")
}

#[test]
fn a_lost_cursor_costs_no_row() {
    const LOST: [&str; 5] = [
        "INVALID_QUERY_LOCATOR",
        "QUERY_LOCATOR_EXPIRED",
        "QUERY_LOCATOR_NOT_FOUND",
        "UNAUTHORIZED_USER_FOR_CURSOR",
        "QUERY_TIMEOUT",
    ];
    for seed in 0..15 {
        let mut rng = Rng::with_seed(seed);
        let ids = heaps(&mut rng, 2_000);
        let faults = (0..6).map(|_| later(rng.usize(1..60), LOST[rng.usize(..LOST.len())])).collect();
        let demo = demo(&ids, 25, faults);
        let scanned = scan(&demo, rng.usize(1..9)).unwrap();
        assert_eq!((scanned.ids, scanned.total), (ids, 2_000), "seed {seed}");
    }
    // Each and every one.
    let ids = heaps(&mut Rng::with_seed(0), 200);
    let demo = demo(&ids, 50, vec![later(None, "INVALID_QUERY_LOCATOR")]);
    assert_eq!(scan(&demo, 4).unwrap().ids, ids);
}

#[test]
fn a_query_that_takes_too_long_is_divided() {
    for seed in 0..5 {
        let mut rng = Rng::with_seed(seed);
        let ids = heaps(&mut rng, 500);
        // Each is tried twice: the whole, its lowest and highest id are asked for, then halves of it.
        let faults = [1, 2, 5, 6].map(|nth| on(nth, "QUERY_TIMEOUT")).to_vec();
        let demo = demo(&ids, 50, faults);
        let scanned = scan(&demo, 1).unwrap();
        assert_eq!((scanned.ids, scanned.total), (ids, 500), "seed {seed}");
    }
    let ids = heaps(&mut Rng::with_seed(0), 100);
    let always = demo(&ids, 50, vec![on(None, "QUERY_TIMEOUT")]);
    assert_eq!(scan(&always, 4).err().unwrap().refusal().unwrap().code(), "QUERY_TIMEOUT");
    assert!(always.server.calls().len() < 20);
}

fn page(total: usize, ids: &[String], next: Option<&str>) -> Action {
    let row = |id| json!({ "Id": id, "GroupId": "00G5f000000AAAAEA4", "UserOrGroupId": "0055f000000AAAAAA4" });
    let rows: Vec<_> = ids.iter().map(row).collect();
    let mut page = json!({ "totalSize": total, "done": next.is_none(), "records": rows });
    page["nextRecordsUrl"] = next.map_or(serde_json::Value::Null, Into::into);
    Action::Replace { body: page.to_string() }
}

#[test]
fn rows_that_go_while_they_are_read_are_told() {
    let ids = heaps(&mut Rng::with_seed(0), 90);
    let of_object = || Target::Object(GroupMember::NAME.to_owned());
    // The cursor is lost, and the next one finds fewer rows.
    let faults = vec![on(2, "INVALID_QUERY_LOCATOR"), Fault::new(of_object(), 3, page(1, &ids[31..32], None))];
    let scanned = scan(&demo(&ids, 30, faults), 1).unwrap();
    assert_eq!((scanned.total, scanned.ids.len()), (90, 31));
}

#[test]
fn a_page_that_goes_back_is_an_error() {
    let ids = heaps(&mut Rng::with_seed(0), 90);
    let next = "/services/data/v66.0/query/0r85f000000AAAAAA4-60";
    let fault = Fault::new(Target::Object(GroupMember::NAME.to_owned()), 2, page(90, &ids[..30], Some(next)));
    let error = scan(&demo(&ids, 30, vec![fault]), 1).err().unwrap().to_string();
    assert!(error.contains("the rows go back") && error.contains(&ids[0]) && error.contains(&ids[29]), "{error}");
}

#[test]
fn what_is_too_long_for_an_address_goes_in_a_body() {
    let ids = heaps(&mut Rng::with_seed(0), 500);
    let demo = demo(&ids, 200, Vec::new());
    let client = connect(&demo, 1);
    let read = |ids: &[String]| -> usize {
        let soql = format!("SELECT Id FROM GroupMember WHERE Id IN ('{}') ORDER BY Id", ids.join("','"));
        let rows = async { client.query("GroupMember", &soql).into_rows().try_collect().await };
        let rows: Vec<serde_json::Value> = demo.runtime.block_on(rows).unwrap();
        rows.len()
    };
    assert_eq!((read(&ids[..100]), read(&ids)), (100, 500));
    let paths: Vec<_> = demo.server.calls().into_iter().map(|call| (call.method, call.path)).collect();
    let posted = paths.iter().filter(|(method, _)| method == "POST").map(|(_, path)| path.as_str());
    assert_eq!(posted.collect::<Vec<_>>(), ["/services/data/v66.0/composite"]);
    // Where Salesforce takes less than we think.
    for (status, body) in [(414, "<h1>Bad Message 414</h1>"), (431, "")] {
        let (content_type, body) = ("text/html".to_owned(), body.to_owned());
        let action = Action::Status { status, content_type, body, headers: Vec::new() };
        demo.server.add_fault(Fault::new(Target::Object(GroupMember::NAME.to_owned()), 1, action));
        assert_eq!(read(&ids[..10]), 10);
    }
}
