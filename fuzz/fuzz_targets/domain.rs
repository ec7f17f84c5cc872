//! Any text as an address: what is taken is a host that an org's API can have, and no path leads away from it.
#![no_main]

use baton_salesforce::net::Domain;
use libfuzzer_sys::fuzz_target;

const ENDS: [&str; 5] =
    [".salesforce.com", ".salesforce.mil", ".sfcrmproducts.cn", ".my-salesforce.com", ".force.com"];

fn assert_ours(domain: &Domain) {
    let host = domain.host();
    let is_ours = ENDS.iter().any(|end| host.ends_with(end)) && domain.origin().starts_with("https://");
    assert!(domain.is_loopback() || is_ours, "{domain}");
}

fuzz_target!(|text: &str| {
    if let Ok(domain) = Domain::parse(text) {
        assert_ours(&domain);
        let again = Domain::parse(domain.origin()).expect("what was accepted is accepted");
        assert_eq!(again.origin(), domain.origin());
    }
    let org = Domain::parse("acme").expect("a name");
    if let Ok(instance) = org.instance(text) {
        assert_ours(&instance);
        assert!(!instance.is_loopback(), "{instance}");
    }
    if let Some(url) = org.join(text) {
        assert_eq!(url.host_str(), Some("acme.my.salesforce.com"));
        assert_eq!(url.scheme(), "https");
    }
});
