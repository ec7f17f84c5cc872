//! The org's address: what a person pastes becomes the host that the API calls go to.
//!
//! Credentials are sent to a [`Domain`] only, and a [`Domain`] is a host of Salesforce's, this machine itself, or a host
//! that the person vouched for. It is made in three places: [`Domain::parse`] reads the setting, [`Domain::instance`] the
//! `instance_url` of a token answer, and [`TokenHost::parse`] the setting for logins that do not start at the org's host. Paths that answers name stay on their host ([`Domain::join`]), and redirects are
//! never followed ([`super::http`]).

mod address;
mod allowed;
mod error;
mod pages;
mod token_host;

use std::fmt;

use url::{Host, Url};

use address::{Address, shown};
pub use allowed::AllowedHosts;
pub use error::DomainError;
pub use token_host::TokenHost;

/// The origin of an org: `https://` and a host that may be talked to, or a loopback address.
#[derive(Clone, PartialEq, Eq)]
pub struct Domain {
    url: Url,
    /// Carried along, so that an `instance_url` is judged by the same permission as the setting.
    allowed: AllowedHosts,
}

impl Domain {
    /// Reads a bare My Domain name, a host, or a URL copied from the browser.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        Self::parse_allowing(text, &AllowedHosts::default())
    }

    /// The same, where more hosts are allowed than Salesforce's.
    ///
    /// The org's API host is worked out from whatever page was pasted. An instance (`na123.salesforce.com`) is refused:
    /// a person who gives one means an org, and an instance serves thousands.
    pub fn parse_allowing(text: &str, allowed: &AllowedHosts) -> Result<Self, DomainError> {
        Self::typed(&Address::split(text)?, allowed, pages::api_host)
    }

    /// What a person typed; see `from_address` for `judge`.
    fn typed(
        address: &Address<'_>,
        allowed: &AllowedHosts,
        judge: impl Fn(&str) -> Result<String, DomainError>,
    ) -> Result<Self, DomainError> {
        let typed = address.authority.to_ascii_lowercase();
        let named = match address.name() {
            Some(_) => Some(pages::of_name(&typed)),
            None if address.scheme.is_none() && !allowed.contains(&typed) => pages::of_partitioned_name(&typed),
            None => None,
        };
        match named {
            Some(host) => Self::https(&host, None, allowed),
            None => Self::from_address(address, allowed, true, judge),
        }
    }

    /// Reads the `instance_url` that a login at this host answered with.
    ///
    /// Unlike a person, Salesforce may name an instance: orgs without My Domain still have one as their API host, and
    /// the token says which org is meant. Nothing is worked out here, and a page is not an API host.
    /// This machine is accepted from this machine alone: the answer to a real login must not send the token to whoever
    /// listens here.
    pub fn instance(&self, text: &str) -> Result<Self, DomainError> {
        let address = Address::split(text)?;
        if address.scheme.is_none() {
            return Err(DomainError::Malformed(shown(text)));
        }
        Self::from_address(&address, &self.allowed, self.is_loopback(), |host| {
            let is_api = pages::is_api(host) || pages::is_login(host) || pages::is_pod(host);
            if is_api { Ok(host.to_owned()) } else { Err(DomainError::Foreign(host.to_owned())) }
        })
    }

    /// `judge` turns a host that is neither this machine nor allowed into an API host, or refuses it.
    fn from_address(
        address: &Address<'_>,
        allowed: &AllowedHosts,
        loopback: bool,
        judge: impl Fn(&str) -> Result<String, DomainError>,
    ) -> Result<Self, DomainError> {
        let malformed = || DomainError::Malformed(shown(address.authority));
        // The scheme is not that of the text: other schemes have other rules for hosts.
        let url = Url::parse(&format!("https://{}", address.authority)).map_err(|_| malformed())?;
        let scheme = address.scheme.as_deref();
        let host = match url.host().ok_or_else(malformed)? {
            Host::Domain(host) => host.strip_suffix('.').unwrap_or(host).to_owned(),
            Host::Ipv4(ip) => ip.to_string(),
            Host::Ipv6(ip) => format!("[{ip}]"),
        };
        if is_loopback(&url) {
            if !loopback {
                return Err(DomainError::Loopback(host));
            }
            return match scheme {
                Some("https") => Self::of(&format!("https://{}", address.authority), allowed),
                Some("http") | None => Self::of(&format!("http://{}", address.authority), allowed),
                Some(_) => Err(insecure(address)),
            };
        }
        if !matches!(url.host(), Some(Host::Domain(_))) {
            return Err(DomainError::IpAddress(host));
        }
        if !address::is_host_name(&host) {
            return Err(malformed());
        }
        if scheme.is_some_and(|scheme| scheme != "https") {
            return Err(insecure(address));
        }
        if allowed.contains(&host) {
            return Self::https(&host, url.port(), allowed);
        }
        // Salesforce serves its APIs on the usual port alone.
        Self::https(&judge(&host)?, None, allowed)
    }

    fn https(host: &str, port: Option<u16>, allowed: &AllowedHosts) -> Result<Self, DomainError> {
        if !address::is_host_name(host) {
            return Err(DomainError::Malformed(shown(host)));
        }
        Self::of(&format!("https://{host}{}", port.map(|port| format!(":{port}")).unwrap_or_default()), allowed)
    }

    fn of(origin: &str, allowed: &AllowedHosts) -> Result<Self, DomainError> {
        let url = Url::parse(origin).map_err(|_| DomainError::Malformed(shown(origin)))?;
        Ok(Self { url, allowed: allowed.clone() })
    }

    /// The origin, without a trailing slash.
    pub fn origin(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The host, with the port where it is not the usual one.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether this is where all orgs log in (`login.salesforce.com`), which serves no org's data.
    pub fn is_login_host(&self) -> bool {
        self.url.host_str().is_some_and(pages::is_login)
    }

    /// Whether a token that was got elsewhere, and whose answer names this instance, is one of the org at this address.
    /// A login host and a company's gateway do not tell which org they lead to.
    pub fn is_answered_by(&self, instance: &Self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        self.is_login_host() || self.allowed.contains(host) || self.host() == instance.host()
    }

    /// Whether this is the machine itself.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Whether it is talked to without TLS, as this machine alone may be.
    pub fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// The URL of an absolute path on this host; `None` for anything else (a full URL, `//other.host/…`).
    pub fn join(&self, path: &str) -> Option<Url> {
        // Two slashes (a backslash counts as one) begin a host in some places and a path in others.
        if !path.starts_with('/') || path[1..].starts_with(['/', '\\']) {
            return None;
        }
        let url = Url::parse(&format!("{}{path}", self.origin())).ok()?;
        (url.origin() == self.url.origin()).then_some(url)
    }
}

fn insecure(address: &Address<'_>) -> DomainError {
    let scheme = address.scheme.as_deref().unwrap_or_default();
    DomainError::Insecure(format!("{scheme}://{}", address.authority))
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
mod properties;
#[cfg(test)]
mod tests;
