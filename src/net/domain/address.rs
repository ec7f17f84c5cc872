//! Taking apart what was pasted.
//!
//! Everything that URL parsers are known to disagree on (user names, backslashes, escapes, other scripts, controls) is
//! refused here, before a parser sees it: what is checked must be what is connected to, whoever reads it.

use super::DomainError;

/// Scheme, authority and path of a text; query and fragment are of no interest.
pub(super) struct Address<'t> {
    /// In lower case, where there is one.
    pub(super) scheme: Option<String>,
    /// Host, with the port where there is one.
    pub(super) authority: &'t str,
    /// As it stands there, unchecked.
    pub(super) path: &'t str,
}

impl<'t> Address<'t> {
    pub(super) fn split(text: &'t str) -> Result<Self, DomainError> {
        // Quotes come from environment files, angle brackets from mails, invisible characters from chats.
        let text =
            text.trim_matches(|c: char| c.is_whitespace() || "\"'`<>\u{200b}\u{200e}\u{2060}\u{feff}".contains(c));
        if text.is_empty() {
            return Err(DomainError::Empty);
        }
        let is_scheme = |scheme: &str| !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric());
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme.to_ascii_lowercase()), rest),
            _ => (None, text.strip_prefix("//").unwrap_or(text)),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(DomainError::UserInfo);
        }
        if !authority.is_ascii() || authority.contains('%') || is_punycode(authority) {
            return Err(DomainError::Disguised(shown(authority)));
        }
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b);
        if authority.is_empty() || !authority.bytes().all(is_plain) {
            // What follows may be a session id.
            return Err(DomainError::Malformed(shown(text.split(['?', '#']).next().unwrap_or_default())));
        }
        let path = rest[authority.len()..].split(['?', '#']).next().unwrap_or_default();
        Ok(Self { scheme, authority, path })
    }

    /// A bare name, as a person types it: no scheme, no dot, no port.
    pub(super) fn name(&self) -> Option<&'t str> {
        let is_name = self.scheme.is_none() && is_label(self.authority);
        (is_name && !self.authority.eq_ignore_ascii_case("localhost")).then_some(self.authority)
    }
}

/// A text of unknown origin, fit for a line of a message.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(100).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Whether this is a label of a host name (RFC 1123).
pub(super) fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Whether this is a host name (RFC 1123).
pub(super) fn is_host_name(host: &str) -> bool {
    host.len() <= 253 && host.split('.').all(is_label)
}

/// Whether a label is punycode (RFC 3492): it can look like Salesforce's name in a browser and be somebody else's.
pub(super) fn is_punycode(host: &str) -> bool {
    host.split('.').any(|label| label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--")))
}
