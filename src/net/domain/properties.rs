//! What holds of every text, whoever made it.

use proptest::prelude::*;

use super::tests::{ACCEPTED, REFUSED};
use super::*;

/// Whether credentials may go to this URL, told without any of the code above.
fn may_be_contacted(url: &Url) -> bool {
    let host = url.host_str().unwrap();
    if matches!(host, "localhost" | "[::1]") || host.starts_with("127.") && host.parse::<std::net::Ipv4Addr>().is_ok() {
        return true;
    }
    let mut labels: Vec<_> = host.split('.').collect();
    labels.reverse();
    let is_ours = matches!(
        labels[..],
        ["com" | "mil", "salesforce", "my", _, ..]
            | ["com" | "mil", "salesforce", _, "my", _, ..]
            | ["com" | "mil", "salesforce", "login" | "test"]
            | ["cn", "sfcrmproducts", "my", _, ..]
            | ["cn", "sfcrmproducts", _, "my", _, ..]
            | ["cn", "sfcrmproducts", "login" | "test"]
            | ["com", "my-salesforce", _, ..]
    );
    is_ours
        && url.scheme() == "https"
        && url.port().is_none()
        && !labels.iter().any(|label| label.starts_with("xn--"))
        && host.is_ascii()
}

fn is_instance_host(url: &Url) -> bool {
    let name = url.host_str().unwrap().strip_suffix(".salesforce.com").unwrap_or_default();
    !name.contains('.') && name.contains(|c: char| c.is_ascii_digit()) && url.scheme() == "https"
}

/// Texts made of the pieces that matter: Salesforce's names, others', and all that joins or disguises them.
fn texts() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "acme",
        "acme--uat",
        "--c",
        "evil",
        "my",
        "login",
        "test",
        "na123",
        "sandbox",
        "lightning",
        "force",
        "salesforce",
        "salesforce-setup",
        "my-salesforce",
        "crmforce",
        "site",
        "vf",
        "visual",
        "com",
        "mil",
        "cn",
        "example",
        "mcas.ms",
        ".my.salesforce.com",
        ".lightning.force.com",
        "evil.example",
        "localhost",
        "127.0.0.1",
        "0.0.0.0",
        "[::1]",
        "2130706433",
        "xn--",
        "ѕ",
        "ａ",
        "。",
        ".",
        ".",
        ".",
        ".",
        ".",
        "-",
        ":",
        ":443",
        "/",
        "\\",
        "@",
        "?",
        "#",
        "%2e",
        "%",
        "\t",
        "\n",
        " ",
        "\0",
        "\u{200b}",
        "://",
        "https://",
        "http://",
        "//",
    ];
    let piece = prop_oneof![9 => proptest::sample::select(PIECES).prop_map(str::to_owned), 1 => "\\PC{0,3}"];
    let scheme = proptest::sample::select(&["", "https://", "https://", "http://", "//"][..]);
    let made = (scheme, proptest::collection::vec(piece.clone(), 0..9))
        .prop_map(|(scheme, pieces)| scheme.to_owned() + &pieces.concat());
    let known: Vec<_> = ACCEPTED.iter().chain(REFUSED).map(|(text, _)| *text).collect();
    let changed =
        (proptest::sample::select(known), piece, any::<proptest::sample::Index>()).prop_map(|(text, piece, at)| {
            let ends: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (before, after) = text.split_at(*at.get(&ends));
            format!("{before}{piece}{after}")
        });
    prop_oneof![made, changed]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Whatever is given, as a setting, as an `instance_url` or as a path: nothing but an allowed host comes of it.
    #[test]
    fn no_refused_host_is_ever_contacted(text in texts(), path in texts()) {
        for domain in [Domain::parse(&text), Domain::parse(&path)].into_iter().flatten() {
            prop_assert!(may_be_contacted(&domain.url), "{text} → {domain}");
            if let Ok(instance) = domain.instance(&path) {
                prop_assert!(domain.is_loopback() || !instance.is_loopback());
                let is_allowed = may_be_contacted(&instance.url) || is_instance_host(&instance.url);
                prop_assert!(is_allowed, "{path} → {instance}");
            }
            for path in [path.clone(), format!("/{path}")] {
                if let Some(url) = domain.join(&path) {
                    prop_assert_eq!(url.origin(), domain.url.origin());
                    prop_assert!(url.username().is_empty() && url.password().is_none());
                }
            }
        }
    }
}
