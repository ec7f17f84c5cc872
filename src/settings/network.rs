//! How Salesforce is reached.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::values::within;
use super::{Error, Raw, duration};
use crate::net::http::Timeouts;
use crate::net::retry::Policy;
use crate::net::{Authorities, Network, Proxy};

/// Where other programs look for a proxy; the first that is there counts. Everything but this machine is talked to by
/// HTTPS, so that `HTTP_PROXY` has no meaning.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The variables that are nobody's own.
pub(super) fn variables() -> impl Iterator<Item = &'static str> {
    PROXIES.into_iter().chain(EXCEPTIONS)
}

impl Raw {
    /// How Salesforce is reached.
    pub(super) fn network(&self) -> Result<Network, Error> {
        let timeouts = Timeouts {
            connect: self.duration("connect-timeout", Timeouts::default().connect)?,
            read: self.duration("read-timeout", Timeouts::default().read)?,
            ..Timeouts::default()
        };
        let retry = Policy {
            retries: self.parsed("retries", within(0..=100))?.unwrap_or(Policy::default().retries),
            pause: self
                .parsed("retry-pause", |text| if text == "0" { Ok(Duration::ZERO) } else { duration(text) })?
                .unwrap_or(Policy::default().pause),
        };
        let authorities = self.parsed("ca-file", Authorities::read)?.unwrap_or_default();
        Ok(Network { timeouts, retry, proxy: self.proxy()?, authorities })
    }

    fn proxy(&self) -> Result<Option<Proxy>, Error> {
        let variable = |names: &[&'static str]| names.iter().find_map(|name| Some((*name, self.variables.get(name)?)));
        let own = self.secret("proxy")?;
        let (place, text) = match (&own, variable(&PROXIES)) {
            (Some(own), _) => {
                let given = ["proxy", "proxy-file"].iter().find_map(|name| self.given.get(name));
                (given.map_or_else(|| "--proxy".to_owned(), |given| given.place.to_string()), own.expose_secret())
            }
            (None, Some((name, text))) => (name.to_owned(), text.as_str()),
            (None, None) => return Ok(None),
        };
        let proxy = Proxy::parse(text).map_err(|why| Error::Invalid(format!("{place}: {why}")))?;
        Ok(Some(proxy.except(variable(&EXCEPTIONS).map(|(_, hosts)| hosts.clone()))))
    }
}
