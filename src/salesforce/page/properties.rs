//! What holds of every page, whoever made it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::tests::Row;
use super::*;
use crate::salesforce::objects::UserRow;

/// Any JSON, also with the names that a page has, in places where they do not belong.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("0055f000001AAAAAA4")),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let key = prop_oneof![
            proptest::sample::select(vec!["records", "totalSize", "done", "nextRecordsUrl", "Id", "IsActive", "Name"])
                .prop_map(str::to_owned),
            any::<String>(),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Names of rows, and the members of a page in some order.
fn pages() -> impl Strategy<Value = (Vec<String>, String)> {
    let order = Just([0, 1, 2, 3, 4]).prop_shuffle();
    (proptest::collection::vec(any::<String>(), 0..6), order, values()).prop_map(|(names, order, other)| {
        let row = |name: &String| json!({"attributes": {"type": "User"}, "Id": "0055f000001AAAAAA4", "Name": name});
        let records: Vec<_> = names.iter().map(row).collect();
        let members = [
            ("totalSize", json!(names.len())),
            ("done", json!(false)),
            ("nextRecordsUrl", json!("/services/data/v66.0/query/0r8-1")),
            ("records", json!(records)),
            ("later", other),
        ];
        let members: Vec<_> = order.iter().map(|at| format!("{:?}:{}", members[*at].0, members[*at].1)).collect();
        (names, format!("{{{}}}", members.join(",")))
    })
}

fn take(body: &[u8]) -> Result<usize, Error> {
    Page::new(Bytes::copy_from_slice(body))?.rows::<Row<'_>>().map(|rows| rows.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_do_harm(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = take(&body);
        let _ = is_whole(&body);
    }

    #[test]
    fn no_json_does_harm(value in values()) {
        let body = value.to_string();
        let _ = take(body.as_bytes());
        if let Ok(page) = Page::new(Bytes::from(format!("{{\"totalSize\":1,\"done\":true,\"records\":{body}}}"))) {
            let _ = page.rows::<UserRow<'_>>();
        }
    }

    #[test]
    fn members_come_in_any_order((names, body) in pages()) {
        let page = Page::new(Bytes::from(body)).unwrap();
        prop_assert_eq!(page.header.total_size, Some(names.len() as u64));
        prop_assert_eq!(page.header.done, Some(false));
        prop_assert!(page.header.next_records_url.is_some());
        let rows: Vec<Row<'_>> = page.rows().unwrap();
        let read: Vec<_> = rows.iter().map(|row| row.name.as_deref().unwrap()).collect();
        prop_assert_eq!(read, names.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert!(rows.iter().all(|row| row.id.to_string() == "0055f000001AAAAAA4"));
    }

    /// A page that is cut gives no row at all, wherever it is cut, and never fewer than it has.
    #[test]
    fn a_cut_page_gives_nothing((_, body) in pages(), at in any::<prop::sample::Index>()) {
        let cut = &body.as_bytes()[..at.index(body.len())];
        prop_assert!(take(cut).is_err());
    }

    /// A byte that is changed changes what is read, or is an error; it takes nothing away.
    #[test]
    fn a_changed_byte_takes_no_row_away((names, body) in pages(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut body = body.into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        if let Ok(rows) = take(&body) {
            prop_assert_eq!(rows, names.len());
        }
    }
}
