//! Any text as a value in a statement: the demo org's own parser finds the row that has it, and no other.
#![no_main]

use std::sync::LazyLock;

use baton_salesforce::demo::Org;
use baton_salesforce::salesforce::soql::{Condition, Literal, Name, Select};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

static EMPTY: LazyLock<Org> = LazyLock::new(|| {
    let mut org = Org::empty();
    org.insert("Group", json!({"Name": "another one", "Type": "Regular"})).expect("a group");
    org
});

fuzz_target!(|text: &str| {
    if let Some(name) = Name::parse(text) {
        assert!(name.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')));
    }
    // An empty text is null, and 255 characters are the most that a name has.
    if text.is_empty() || text.chars().count() > 40 || text.eq_ignore_ascii_case("another one") {
        return;
    }
    let mut org = EMPTY.clone();
    if org.insert("Group", json!({"Name": text, "Type": "Regular"})).is_err() {
        return;
    }
    let field = |name| Name::parse(name).expect("a name");
    let is_it = Condition::Eq(field("Name"), Literal::Text(text.to_owned()));
    let soql = Select::rows(field("Group"), vec![field("Name")]).filter(vec![is_it]).to_string();
    let answer = org.query(66, &soql).unwrap_or_else(|error| panic!("{soql}: {error:?}"));
    assert_eq!(answer["totalSize"], 1, "{soql}");
    assert_eq!(answer["records"][0]["Name"], text, "{soql}");
});
