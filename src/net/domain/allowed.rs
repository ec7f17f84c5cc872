//! Hosts that a person vouches for: gateways of companies through which Salesforce is reached.

use std::net::IpAddr;
use std::sync::Arc;

use super::address;

/// Hosts that may be talked to although they are not Salesforce's: exact names, no patterns. A pattern would have to
/// trust whoever can make a name under it; a company has one gateway or two, and can name them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts(Arc<[String]>);

impl AllowedHosts {
    /// Reads names with commas between them.
    pub fn parse(list: &str) -> Result<Self, String> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        // This machine needs no permission; to give it one is no mistake.
        let names = entries.filter(|entry| !is_loopback(entry)).map(name).collect::<Result<Vec<_>, _>>()?;
        Ok(Self(names.into()))
    }

    /// Whether this host (lower case, no trailing dot) is one of them.
    pub fn contains(&self, host: &str) -> bool {
        self.0.iter().any(|allowed| allowed == host)
    }
}

fn is_loopback(entry: &str) -> bool {
    let ip = entry.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    entry.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

fn name(entry: &str) -> Result<String, String> {
    let host = entry.strip_suffix('.').unwrap_or(entry).to_ascii_lowercase();
    if entry.contains('*') {
        return Err(format!("`{entry}` is a pattern; give each host's whole name"));
    }
    if host.parse::<IpAddr>().is_ok() {
        return Err(format!("`{entry}` is an IP address; give the host's name, which its certificate can prove"));
    }
    let last_is_number = host.rsplit('.').next().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
    if !address::is_host_name(&host) || address::is_punycode(&host) || last_is_number {
        return Err(format!("`{entry}` is not a host name; give the name alone, without `https://`, port or path"));
    }
    // A single label would be read as a My Domain name elsewhere.
    if !host.contains('.') {
        return Err(format!("`{entry}` is not a whole host name; give it with its domain, as `{entry}.example.com`"));
    }
    Ok(host)
}
