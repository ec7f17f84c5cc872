//! The proxy between this machine and Salesforce: an address, and perhaps a user and a password, which is a secret.

use std::fmt;
use std::sync::{PoisonError, RwLock};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::secret::keep_out;

/// The proxy that the latest client was made with. Global, since a connection can fail far from where it was chosen.
static IN_USE: RwLock<Option<String>> = RwLock::new(None);

/// What messages call the proxy in use.
pub(super) fn in_use() -> String {
    let name = IN_USE.read().unwrap_or_else(PoisonError::into_inner).clone();
    name.map_or_else(|| "the proxy".to_owned(), |name| format!("the proxy {name}"))
}

/// A proxy that takes `CONNECT`, or speaks SOCKS.
#[derive(Clone)]
pub struct Proxy {
    /// Without the credentials.
    url: Url,
    user: Option<(String, SecretString)>,
    /// The hosts to be reached without it, in the form of `NO_PROXY`.
    except: Option<String>,
}

impl Proxy {
    /// Reads `[scheme://][user:password@]host[:port]`. `http` is meant where there is no scheme. User and password may
    /// be percent-encoded, and need not be: the last `@` ends them, and a `%` that begins no code is one.
    ///
    /// No message repeats the text: it may hold the password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https" | "socks5" | "socks5h") {
            return Err(
                "a proxy's address begins with `http://`, `https://`, `socks5://` or `socks5h://`, or has no scheme"
                    .to_owned(),
            );
        }
        let (credentials, host) = rest.rsplit_once('@').map_or((None, rest), |(user, host)| (Some(user), host));
        let host = host.split('/').next().unwrap_or_default();
        let wrong = || format!("`{host}` is not the address of a proxy, such as `proxy.example.com:8080`");
        // `8080` would be read as an address in one number.
        if host.chars().all(|c| c.is_ascii_digit()) {
            return Err(wrong());
        }
        let url = Url::parse(&format!("{scheme}://{host}")).map_err(|_| wrong())?;
        if !url.has_host() || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong());
        }
        let user = credentials.map(|credentials| {
            let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
            let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            // In all the ways in which it can be written.
            for form in [password, &decoded(password), &encoded(&decoded(password))] {
                keep_out(&SecretString::from(form));
            }
            (decoded(user), SecretString::from(decoded(password)))
        });
        Ok(Self { url, user, except: None })
    }

    /// The same for all hosts but these, in the form of `NO_PROXY`.
    #[must_use]
    pub fn except(self, hosts: Option<String>) -> Self {
        Self { except: hosts, ..self }
    }

    /// For the HTTP client.
    pub(super) fn build(&self) -> reqwest::Result<reqwest::Proxy> {
        let mut url = self.url.to_string();
        if let Some((user, password)) = &self.user {
            let credentials = format!("://{}:{}@", encoded(user), encoded(password.expose_secret()));
            url = url.replacen("://", &credentials, 1);
        }
        *IN_USE.write().unwrap_or_else(PoisonError::into_inner) = Some(self.to_string());
        let except = self.except.as_deref().and_then(reqwest::NoProxy::from_string);
        Ok(reqwest::Proxy::all(url)?.no_proxy(except))
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, Option<(String, String)>) {
        let proxy = Proxy::parse(text).unwrap();
        let user = proxy.user.as_ref().map(|(user, password)| (user.clone(), password.expose_secret().to_owned()));
        (proxy.to_string(), user)
    }

    #[test]
    fn an_address_is_read_in_all_its_forms() {
        let user = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        for (text, url, credentials) in [
            ("10.0.0.1:10590", "http://10.0.0.1:10590", None),
            ("proxy.acme.example", "http://proxy.acme.example", None),
            (" http://proxy.acme.example:8080/ ", "http://proxy.acme.example:8080", None),
            ("HTTPS://proxy.acme.example:8443/x", "https://proxy.acme.example:8443", None),
            ("[::1]:3128", "http://[::1]:3128", None),
            ("http://ada@[fe80::1]:3128", "http://[fe80::1]:3128", user("ada", "")),
            ("socks5h://127.0.0.1:1080", "socks5h://127.0.0.1:1080", None),
            ("http://ada:secret-1@proxy:1", "http://proxy:1", user("ada", "secret-1")),
            ("ada:p@ss/w:rd%@proxy:1", "http://proxy:1", user("ada", "p@ss/w:rd%")),
            ("acme%5Cada:p%40ss%25w%C3%B6rd@proxy:1", "http://proxy:1", user("acme\\ada", "p@ss%w\u{f6}rd")),
        ] {
            assert_eq!(parts(text), (url.to_owned(), credentials), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_the_password() {
        for text in
            ["", "8080", "http://", "socks4://x:canary-5@h:1", "ftp://x:canary-5@h", "x:canary-5@", "x:canary-5@h:p"]
        {
            let error = Proxy::parse(text).unwrap_err();
            assert!(!error.contains("canary"), "{text}: {error}");
        }
    }

    #[test]
    fn the_password_is_shown_nowhere() {
        let proxy = Proxy::parse("http://ada:c%40nary-77@proxy:1").unwrap();
        assert_eq!(format!("{proxy} {proxy:?}"), "http://proxy:1 http://proxy:1");
        let echoed = super::super::secret::redact("c@nary-77 c%40nary-77 c%40nary%2D77");
        assert_eq!(echoed, "(secret) (secret) (secret)");
    }
}
