//! Any text as what a login is answered with: errors, what a browser comes back to and what a person pastes.
#![no_main]

use baton_salesforce::auth::browser::{Attempt, Callback};
use baton_salesforce::auth::refusals::Reason;
use baton_salesforce::net::Domain;
use baton_salesforce::salesforce::error::Refusal;
use baton_salesforce::salesforce::{ApiUsage, ApiVersion, RecordId, Timestamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(refusal) = Refusal::decode(400, text.as_bytes()) {
        let told = refusal.to_string();
        assert!(!told.contains(char::is_control), "{told:?}");
        assert!(told.chars().count() < 130_000);
    }
    let (error, description) = text.split_once('\n').unwrap_or((text, ""));
    let _ = Reason::of(error, description);
    if let Ok(callback) = Callback::parse(text) {
        assert_eq!(callback.to_string(), text);
    }
    let (domain, callback) = (Domain::parse("acme"), Callback::parse(Callback::DEFAULT));
    if let (Ok(domain), Ok(callback)) = (domain, callback) {
        let attempt = Attempt::new(&domain, "id", &callback).expect("an attempt");
        let _ = attempt.read(text);
    }
    let _ = (Timestamp::parse(text), Timestamp::parse_http_date(text), ApiUsage::parse(text), ApiVersion::parse(text));
    if let Ok(id) = RecordId::parse(text) {
        assert_eq!(id.as_15(), &text[..15]);
    }
});
