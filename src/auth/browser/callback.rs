//! The address that the browser comes back to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The address that the browser comes back to. Salesforce compares it, letter by letter, with those that the app is
/// registered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    text: String,
    url: Url,
}

impl Callback {
    /// What the guide says to register.
    pub const DEFAULT: &'static str = "http://localhost:8499/callback";

    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(format!("`{text}` is not an `http://` or `https://` URL"));
        }
        if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err(format!("`{text}` must be a plain URL, without user, query and fragment"));
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// Where to listen for it: of the addresses the first must be had. Nowhere, if it is on another machine.
    pub(super) fn addresses(&self) -> &'static [IpAddr] {
        const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
        const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
        if self.url.scheme() != "http" {
            return &[];
        }
        match self.url.host() {
            // A browser asks at either, whichever its system names first.
            Some(Host::Domain("localhost")) => &[V4, V6],
            Some(Host::Ipv4(ip)) if ip == Ipv4Addr::LOCALHOST => &[V4],
            Some(Host::Ipv6(ip)) if ip == Ipv6Addr::LOCALHOST => &[V6],
            _ => &[],
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    pub(super) fn path(&self) -> &str {
        self.url.path()
    }

    /// The same at another port: the one that was given out where any (`0`) was asked for.
    pub(super) fn at(mut self, port: u16) -> Self {
        if self.port() != port && self.url.set_port(Some(port)).is_ok() {
            self.text = self.url.to_string();
        }
        self
    }
}

impl fmt::Display for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
