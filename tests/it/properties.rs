//! What holds of every text that comes from elsewhere, in whatever it is put into or taken apart by.

use std::sync::OnceLock;

use baton_salesforce::auth::browser::{Attempt, Callback};
use baton_salesforce::auth::refusals::Reason;
use baton_salesforce::demo::Org;
use baton_salesforce::net::Domain;
use baton_salesforce::output::read::Reader;
use baton_salesforce::salesforce::error::Refusal;
use baton_salesforce::salesforce::soql::{Condition, Literal, Name, Select};
use baton_salesforce::salesforce::{ApiUsage, ApiVersion, RecordId, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use crate::support::Run;

/// The demo org's document, as lines.
fn lines() -> &'static [u8] {
    static LINES: OnceLock<Vec<u8>> = OnceLock::new();
    LINES.get_or_init(|| {
        let ran = Run::new().args(["--demo", "-q", "--format", "jsonl", "-f", "-"]).output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
        // One of each is enough.
        let mut seen = std::collections::BTreeSet::new();
        let text = ran.stdout();
        let first = text.lines().filter(|line| seen.insert(line.split(':').next()));
        first.flat_map(|line| [line, "\n"]).collect::<String>().into_bytes()
    })
}

/// Reads to the end or to the first error.
fn read(bytes: &[u8]) {
    let Ok(mut reader) = Reader::of(bytes) else { return };
    for _ in 0..10_000 {
        match reader.next_part() {
            Ok(Some(_)) => {}
            Ok(None) => return,
            Err(error) => return assert!(error.to_string().len() < 10_000, "{}", error.to_string().len()),
        }
    }
    panic!("a document without end");
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Texts that are made to break out of where they stand.
fn texts() -> impl Strategy<Value = String> {
    let pieces =
        vec!["'", "\\", "\\'", "\n", " OR ", "Id != ''", "--", "%", "_", "\u{0}", "\u{202e}", "a", "大", "'')"];
    prop_oneof![
        proptest::collection::vec(proptest::sample::select(pieces), 1..8).prop_map(|all| all.concat()),
        ".{1,20}"
    ]
}

proptest! {
    #![proptest_config(config(128))]

    /// A statement with a text in it finds what has this text, and nothing that the text says.
    #[test]
    fn a_text_in_a_statement_is_a_text(name in texts()) {
        static BASE: OnceLock<Org> = OnceLock::new();
        let mut org = BASE.get_or_init(|| {
            let mut org = Org::empty();
            for at in 1..=3 {
                org.insert("Group", json!({"Name": format!("other {at}"), "Type": "Regular"})).unwrap();
            }
            org
        }).clone();
        org.insert("Group", json!({"Name": &name, "Type": "Regular"})).unwrap();
        let field = |text| Name::parse(text).unwrap();
        let is_it = Condition::Eq(field("Name"), Literal::Text(name.clone()));
        let one_of = Condition::In(field("Name"), vec![Literal::Text(name.clone()), Literal::Text("none".to_owned())]);
        for condition in [is_it, one_of] {
            let soql = Select::rows(field("Group"), vec![field("Id"), field("Name")]).filter(vec![condition]).to_string();
            let answer = org.query(66, &soql).map_err(|error| TestCaseError::fail(format!("{soql}: {error:?}")))?;
            prop_assert_eq!(&answer["totalSize"], 1, "{}", soql);
            prop_assert_eq!(&answer["records"][0]["Name"], name.as_str());
        }
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn no_text_does_harm_where_a_short_one_is_expected(text in any::<String>(), other in any::<String>()) {
        let _ = (Timestamp::parse(&text), Timestamp::parse_http_date(&text), ApiUsage::parse(&text));
        let _ = (ApiVersion::parse(&text), Callback::parse(&text), Reason::of(&text, &other));
        if let Ok(id) = RecordId::parse(&text) {
            prop_assert!(id.to_string().starts_with(&text[..15]));
        }
        if let Some(name) = Name::parse(&text) {
            prop_assert!(name.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.'));
        }
        let domain = Domain::parse("acme").unwrap();
        if let Some(url) = domain.join(&text) {
            prop_assert_eq!(url.host_str(), Some("acme.my.salesforce.com"));
        }
        let callback = Callback::parse(Callback::DEFAULT).unwrap();
        let attempt = Attempt::new(&domain, &other, &callback).unwrap();
        let _ = attempt.read(&text);
    }

    /// What is told of a refusal is one line of bounded length.
    #[test]
    fn what_refuses_is_told_in_one_line(code in any::<String>(), message in texts(), times in 1_usize..90) {
        let error = json!({"errorCode": code, "message": message.repeat(times), "fields": [message]});
        let body = json!(vec![error; 22]).to_string();
        let told = Refusal::decode(400, body.as_bytes()).unwrap().to_string();
        prop_assert!(!told.contains(char::is_control) && !told.contains('\u{202e}'), "{told:?}");
        prop_assert!(told.chars().count() < 60_000 * 3);
        prop_assert!(told.contains("and 2 more"));
    }

    #[test]
    fn no_error_body_does_harm(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Refusal::decode(500, &body);
    }
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn no_bytes_are_taken_for_a_document(start in proptest::sample::select(vec!["", "{", "{\"sync\":{}}\n", "C1ZF\0", "\u{1f}"]), rest in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = start.as_bytes().to_vec();
        bytes.extend(rest);
        read(&bytes);
    }

    /// Some bytes of a document are replaced, taken away, or stand there twice.
    #[test]
    fn a_document_that_was_tampered_with_does_no_harm(
        changes in proptest::collection::vec((any::<Index>(), any::<u8>(), 0_u8..3), 1..6),
        again in any::<(Index, Index)>(),
    ) {
        let mut bytes = lines().to_vec();
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        read(&bytes);
        let (from, to) = (again.0.index(bytes.len()), again.1.index(bytes.len()));
        let part = bytes[from.min(to)..from.max(to)].to_vec();
        bytes.splice(to..to, part);
        read(&bytes);
    }
}

/// What is nested without end is refused, and takes no more of the stack than anything else.
#[test]
fn depth_is_no_danger() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        let deep = format!("{}1{}", open.repeat(200_000), close.repeat(200_000));
        assert_eq!(Refusal::decode(400, deep.as_bytes()), None);
        read(deep.as_bytes());
        for line in ["{\"sync\":@}\n", "{\"later\":@}\n", "{\"resource\":{\"id\":@}}\n"] {
            let mut bytes = lines().split_inclusive(|byte| *byte == b'\n').next().unwrap().to_vec();
            bytes.extend(line.replace('@', &deep).into_bytes());
            read(&bytes);
        }
    }
}
