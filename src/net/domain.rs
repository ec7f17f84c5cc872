//! The org's address: what a person pastes becomes the host that the API calls go to.
//!
//! Credentials are sent to a [`Domain`] only, and a [`Domain`] is a host of Salesforce's or this machine itself. The
//! setting passes through here, and so does every `instance_url` that a token answer names.

use std::fmt;

use url::{Host, Url};

/// Registrable names under which Salesforce serves its APIs; compared by whole labels.
const SALESFORCE: [&str; 4] = ["salesforce.com", "salesforce.mil", "sfcrmproducts.cn", "my-salesforce.com"];

/// What an address bar shows → what serves the API for the same org.
/// (Salesforce help, "My Domain URL Formats".)
const PAGES: [(&str, &str); 5] = [
    (".lightning.force.com", ".my.salesforce.com"),
    (".my.salesforce-setup.com", ".my.salesforce.com"),
    (".salesforce-setup.com", ".my.salesforce.com"),
    (".lightning.crmforce.mil", ".my.salesforce.mil"),
    (".lightning.sfcrmapps.cn", ".my.sfcrmproducts.cn"),
];

/// The origin of an org: `https://` and a host of Salesforce's, or a loopback address.
#[derive(Clone, PartialEq, Eq)]
pub struct Domain(Url);

/// Why a text is not the address of an org.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// Nothing there.
    #[error("the domain is empty")]
    Empty,
    /// No URL, no host, no My Domain name.
    #[error("`{0}` is neither a My Domain name, a host nor a URL")]
    Malformed(String),
    /// User name or password in the URL.
    #[error("the URL carries a user name or password; give the address alone")]
    UserInfo,
    /// Plain `http` to another machine.
    #[error("`{0}` is not `https`; credentials are never sent in the clear")]
    Insecure(String),
    /// Somebody else's host.
    #[error("`{0}` is not a host of Salesforce's")]
    Foreign(String),
}

impl Domain {
    /// Reads a bare My Domain name, a host, or a URL copied from the browser.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(DomainError::Empty);
        }
        let malformed = || DomainError::Malformed(text.to_owned());
        let is_name = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let url = if text.contains("://") {
            Url::parse(text)
        } else if is_name && !text.eq_ignore_ascii_case("localhost") {
            Url::parse(&format!("https://{text}.my.salesforce.com"))
        } else {
            let url = Url::parse(&format!("https://{text}"));
            match url {
                Ok(url) if is_loopback(&url) => Url::parse(&format!("http://{text}")),
                other => other,
            }
        }
        .map_err(|_| malformed())?;
        Self::from_url(&url).map_err(|error| match error {
            DomainError::Malformed(_) => malformed(),
            other => other,
        })
    }

    fn from_url(url: &Url) -> Result<Self, DomainError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(DomainError::UserInfo);
        }
        let host = url.host_str().ok_or_else(|| DomainError::Malformed(url.to_string()))?;
        if is_loopback(url) {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            let scheme = if url.scheme() == "https" { "https" } else { "http" };
            return origin(&format!("{scheme}://{host}{port}"));
        }
        if url.scheme() != "https" {
            return Err(DomainError::Insecure(format!("{}://{host}", url.scheme())));
        }
        let mut host = host.trim_end_matches('.').to_owned();
        for (page, api) in PAGES {
            if let Some(name) = host.strip_suffix(page).filter(|name| !name.is_empty()) {
                host = format!("{name}{api}");
                break;
            }
        }
        let ours = SALESFORCE.iter().any(|suffix| {
            host.strip_suffix(suffix).and_then(|name| name.strip_suffix('.')).is_some_and(|name| !name.is_empty())
        });
        // A punycode label can look like Salesforce's name in a browser and be somebody else's.
        if !ours || host.split('.').any(|label| label.starts_with("xn--")) {
            return Err(DomainError::Foreign(host));
        }
        origin(&format!("https://{host}"))
    }

    /// The origin, without a trailing slash.
    pub fn origin(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The host, with the port where it is not the usual one.
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether this is the machine itself.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// The URL of an absolute path on this host; `None` for anything else (a full URL, `//other.host/…`).
    pub fn join(&self, path: &str) -> Option<Url> {
        if !path.starts_with('/') {
            return None;
        }
        let url = Url::parse(&format!("{}{path}", self.origin())).ok()?;
        (url.origin() == self.0.origin()).then_some(url)
    }
}

fn origin(text: &str) -> Result<Domain, DomainError> {
    Url::parse(text).map(Domain).map_err(|_| DomainError::Malformed(text.to_owned()))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.origin())
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_paste_becomes_the_api_host() {
        for (text, expected) in [
            ("acme", "https://acme.my.salesforce.com"),
            ("acme--uat", "https://acme--uat.my.salesforce.com"),
            (" ACME.my.salesforce.com ", "https://acme.my.salesforce.com"),
            ("acme.my.salesforce.com/", "https://acme.my.salesforce.com"),
            ("https://acme.lightning.force.com/lightning/page/home", "https://acme.my.salesforce.com"),
            ("acme--uat.sandbox.lightning.force.com", "https://acme--uat.sandbox.my.salesforce.com"),
            ("https://acme.my.salesforce-setup.com/lightning/setup", "https://acme.my.salesforce.com"),
            (
                "https://acme-dev-ed.develop.my.salesforce.com:443/x?y#z",
                "https://acme-dev-ed.develop.my.salesforce.com",
            ),
            ("acme-lightning", "https://acme-lightning.my.salesforce.com"),
            ("https://acme.my.salesforce.com./", "https://acme.my.salesforce.com"),
            ("login.salesforce.com", "https://login.salesforce.com"),
            ("http://127.0.0.1:8080/services", "http://127.0.0.1:8080"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(Domain::parse(text).map(|d| d.to_string()).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_hosts_are_refused() {
        for text in [
            "https://evil-salesforce.com",
            "https://salesforce.com.evil.example",
            "https://acme.my.salesforce.com@evil.example/",
            "https://evil.example#acme.my.salesforce.com",
            "https://evil.example\\@acme.my.salesforce.com",
            "https://acme.my.ѕalesforce.com",
            "http://acme.my.salesforce.com",
            "ftp://acme.my.salesforce.com",
            "https://salesforce.com",
            "https://acme.my.site.com",
            "10.0.0.1",
            "https://",
            "",
            "a b",
        ] {
            assert!(Domain::parse(text).is_err(), "{text} → {:?}", Domain::parse(text));
        }
    }

    #[test]
    fn a_path_stays_on_the_host() {
        let domain = Domain::parse("acme").unwrap();
        assert_eq!(domain.join("/services/data").unwrap().as_str(), "https://acme.my.salesforce.com/services/data");
        for path in ["https://evil.example/x", "//evil.example/x", "services", "/\\evil.example"] {
            assert!(domain.join(path).is_none_or(|url| url.host_str() == Some("acme.my.salesforce.com")), "{path}");
        }
    }
}
