//! Where tokens are asked for, where that is not the org's own host.

use std::fmt;

use url::Url;

use super::address::{Address, shown};
use super::{AllowedHosts, Domain, DomainError, pages};

/// What follows the host, and the path of a site.
const ENDPOINT: &str = "/services/oauth2/token";

/// A host that gives tokens: a login host, an org's, or a site of Experience Cloud, which can have a path.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHost {
    domain: Domain,
    /// Empty, or with a slash before it and none after it.
    path: String,
    is_site: bool,
}

impl TokenHost {
    /// Reads a host or a URL, also that of the token endpoint itself. The same hosts may be named as for an org, and
    /// sites besides.
    pub fn parse(text: &str, allowed: &AllowedHosts) -> Result<Self, DomainError> {
        let address = Address::split(text)?;
        let domain = Domain::typed(&address, allowed, |host| {
            if pages::is_site(host) { Ok(host.to_owned()) } else { pages::api_host(host) }
        })?;
        let path = address.path.trim_end_matches('/');
        let path = path.strip_suffix(ENDPOINT).unwrap_or(path);
        let host = domain.url.host_str().unwrap_or_default();
        // Of an org's own pages only the host is of interest, as where the org is named.
        let path = if pages::is_api(host) || pages::is_login(host) { "" } else { path };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.~/".contains(c);
        // What a parser would take for another path (`..`, `//`) is none of a site's.
        let read = Url::parse(&format!("{domain}{path}")).ok();
        let is_path = path.chars().all(is_plain) && !path.contains("//");
        if !is_path || read.is_none_or(|url| url.path().trim_end_matches('/') != path) {
            return Err(DomainError::Malformed(shown(text.split(['?', '#']).next().unwrap_or_default())));
        }
        let is_site = pages::is_site(host) || !path.is_empty();
        Ok(Self { path: path.to_owned(), is_site, domain })
    }

    /// The host, with the port where it is not the usual one.
    pub fn host(&self) -> String {
        self.domain.host()
    }

    /// Its origin.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Whether this is a site of Experience Cloud, whose users are known there alone.
    pub fn is_site(&self) -> bool {
        self.is_site
    }

    /// The address that token requests go to.
    pub fn endpoint(&self) -> String {
        format!("{self}{ENDPOINT}")
    }
}

impl From<Domain> for TokenHost {
    fn from(domain: Domain) -> Self {
        Self { domain, path: String::new(), is_site: false }
    }
}

impl fmt::Display for TokenHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.domain, self.path)
    }
}

impl fmt::Debug for TokenHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<TokenHost, DomainError> {
        TokenHost::parse(text, &AllowedHosts::parse("community.acme.example").unwrap())
    }

    #[test]
    fn orgs_login_hosts_and_sites_give_tokens() {
        for (text, expected, is_site) in [
            ("https://login.salesforce.com", "https://login.salesforce.com", false),
            ("test.salesforce.com/", "https://test.salesforce.com", false),
            ("acme", "https://acme.my.salesforce.com", false),
            ("https://acme.lightning.force.com/lightning/page/home", "https://acme.my.salesforce.com", false),
            ("https://acme.my.salesforce.com/services/oauth2/token", "https://acme.my.salesforce.com", false),
            ("https://login.salesforce.mil", "https://login.salesforce.mil", false),
            ("https://acme.my.site.com", "https://acme.my.site.com", true),
            ("https://Acme.my.site.com/Partners/", "https://acme.my.site.com/Partners", true),
            ("acme--uat.sandbox.my.site.com/p/services/oauth2/token", "https://acme--uat.sandbox.my.site.com/p", true),
            ("https://acme.my.site.com/partners?x=1#y", "https://acme.my.site.com/partners", true),
            ("https://community.acme.example/partners", "https://community.acme.example/partners", true),
            ("https://community.acme.example", "https://community.acme.example", false),
            ("http://127.0.0.1:8080/partners", "http://127.0.0.1:8080/partners", true),
        ] {
            let host = parse(text).unwrap();
            assert_eq!((host.to_string().as_str(), host.is_site()), (expected, is_site), "{text}");
            assert_eq!(host.endpoint(), format!("{expected}/services/oauth2/token"));
        }
    }

    #[test]
    fn no_other_host_is_sent_an_assertion() {
        for text in [
            "",
            "https://evil.example",
            "https://evil.example/acme.my.site.com",
            "https://acme.my.site.com.evil.example",
            "https://my.site.com",
            "https://acme.site.com",
            "http://acme.my.site.com",
            "https://ada@acme.my.site.com",
            "https://acme.my.site.com\\@evil.example",
            "https://other.acme.example",
            "https://na1.salesforce.com",
            "https://acme.my.site.com/../x",
            "https://acme.my.site.com/x/..",
            "https://acme.my.site.com//evil.example",
            "https://acme.my.site.com/x%2f",
            "https://acme.my.site.com/x y",
            "https://10.0.0.1",
        ] {
            assert!(parse(text).is_err(), "{text}: {:?}", parse(text));
        }
    }

    #[test]
    fn a_token_is_of_the_org_that_was_meant() {
        let domain =
            |text: &str| Domain::parse_allowing(text, &AllowedHosts::parse("crm.acme.example").unwrap()).unwrap();
        let instance = domain("acme");
        for (asked, expected) in [
            ("acme", true),
            ("other", false),
            ("login", true),
            ("https://crm.acme.example", true),
            ("acme--uat", false),
        ] {
            assert_eq!(domain(asked).is_answered_by(&instance), expected, "{asked}");
        }
    }
}
