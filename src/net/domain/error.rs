//! Why an address is refused, and what to give instead.

/// Where an org tells its address (Salesforce help, "View Your My Domain Details").
const MY_DOMAIN: &str = "give the org's My Domain, as `acme.my.salesforce.com`: Setup \u{2192} My Domain shows it as \
                         \u{201c}Current My Domain URL\u{201d}";

/// Why a text is not the address of an org.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// Nothing there.
    #[error("the domain is empty")]
    Empty,
    /// No URL, no host, no My Domain name.
    #[error("`{0}` is neither a My Domain name, a host nor a URL")]
    Malformed(String),
    /// User name or password in the URL. Not repeated: it may be a real one.
    #[error("the address carries a user name or password (something before an `@`)")]
    UserInfo,
    /// Letters of other scripts, punycode, escapes.
    #[error("`{0}` is not written in plain letters; it can look like Salesforce's name and be somebody else's")]
    Disguised(String),
    /// An IP address of another machine.
    #[error("`{0}` is an IP address; Salesforce is reached by name alone")]
    IpAddress(String),
    /// This machine, named by somebody else.
    #[error("`{0}` is this machine, to which no other sends a token")]
    Loopback(String),
    /// Plain `http`, or no HTTP at all, to another machine.
    #[error("`{0}` is not `https`; credentials are never sent in the clear")]
    Insecure(String),
    /// An instance of Salesforce, which serves many orgs.
    #[error("`{0}` is an instance of Salesforce, which does not say which org is meant")]
    Pod(String),
    /// Where everybody logs in.
    #[error("`{0}` is where all orgs log in; only a person's login can start there")]
    LoginHost(String),
    /// A page of Salesforce's that does not tell an org's API host.
    #[error("`{0}` is Salesforce's, but does not say which org's API is meant")]
    NotAnOrg(String),
    /// Somebody else's host.
    #[error("`{0}` is not a host of Salesforce's")]
    Foreign(String),
}

impl DomainError {
    /// What a person who gave this address does next.
    pub fn hint(&self) -> String {
        match self {
            Self::UserInfo => "give the address alone; credentials have settings of their own".to_owned(),
            Self::Insecure(_) => "give it with `https://`, or the host alone".to_owned(),
            Self::Foreign(host) => {
                format!("{MY_DOMAIN}; if this host is your company's own way to Salesforce, add --allow-host {host}")
            }
            Self::NotAnOrg(host) => match host.strip_suffix(".salesforce.com").filter(|name| is_perhaps_a_name(name)) {
                Some(name) => format!("perhaps `{name}.my.salesforce.com` is meant? If not, {MY_DOMAIN}"),
                None => MY_DOMAIN.to_owned(),
            },
            Self::Disguised(_) => format!("type it anew instead of copying it; {MY_DOMAIN}"),
            _ => MY_DOMAIN.to_owned(),
        }
    }

    /// What to do when it is a token answer that names this address.
    pub fn instance_hint(&self) -> String {
        const ELSE: &str = "the token went nowhere; find out who answers in Salesforce's place: check --domain and the \
                            proxies between";
        match self {
            Self::Foreign(host) => {
                format!("{ELSE}. If that host is your company's own way to Salesforce, add --allow-host {host}")
            }
            _ => ELSE.to_owned(),
        }
    }
}

/// Whether `<name>.salesforce.com` may be a My Domain that lacks its `.my`.
fn is_perhaps_a_name(name: &str) -> bool {
    !name.contains('.') && !["www", "my", "help", "developer", "trailhead"].contains(&name)
}
