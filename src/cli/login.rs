//! The ways to log in, and which settings each of them is told by.

use super::SETTINGS;

/// A way to log in.
#[derive(Debug)]
pub struct Login {
    /// As `--auth-method` takes it.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// When it is the right one, and what it takes.
    pub help: &'static str,
    /// Settings that it does not work without. Of a secret, the setting with `-file` after its name will do as well.
    pub needs: &'static [&'static str],
    /// Settings that it makes use of where they are given.
    pub takes: &'static [&'static str],
}

impl Login {
    /// All settings that it is told by, those with a secret in a file too.
    pub fn settings(&self) -> impl Iterator<Item = &'static str> {
        let named = self.needs.iter().chain(self.takes).copied();
        named.flat_map(|name| std::iter::once(name).chain(in_a_file(name)))
    }
}

/// The setting that takes the path of a file with this secret in it.
pub fn in_a_file(secret: &str) -> Option<&'static str> {
    SETTINGS.iter().map(|setting| setting.name).find(|name| name.strip_suffix("-file") == Some(secret))
}

/// All of them, the usual one first.
pub const LOGINS: [Login; 4] = [
    Login {
        name: "client-credentials",
        title: "Client credentials",
        help: "For runs without a person: an External Client App logs in by itself, as its Run As user. Needs the \
               app's consumer key and its consumer secret, or a file with the secret.",
        needs: &["domain", "salesforce-client-id", "salesforce-client-secret"],
        takes: &[],
    },
    Login {
        name: "jwt-bearer",
        title: "JWT bearer",
        help: "For runs without a person and without a shared secret: the app's private key signs that it may act as a \
               user. Needs the app's consumer key, the private key and the username.",
        needs: &["domain", "salesforce-client-id", "salesforce-private-key", "salesforce-jwt-subject"],
        takes: &["salesforce-token-url", "salesforce-login-url"],
    },
    Login {
        name: "oauth",
        title: "A person's login",
        help: "With a browser, once, by `baton-salesforce login`; or with a refresh token that somebody has obtained. \
               Needs the app's consumer key; the consumer secret only if the app demands one.",
        needs: &["domain", "salesforce-client-id"],
        takes: &["salesforce-client-secret", "salesforce-refresh-token", "refresh-token-out"],
    },
    Login {
        name: "access-token",
        title: "Access token",
        help: "With a token that is valid now, from `sf org display` or from a program that starts this one. Needs \
               the token, or a file with it.",
        needs: &["domain", "salesforce-access-token"],
        takes: &[],
    },
];

/// Their names.
pub(super) const NAMES: [&str; LOGINS.len()] = {
    let mut names = [""; LOGINS.len()];
    let mut n = 0;
    while n < names.len() {
        names[n] = LOGINS[n].name;
        n += 1;
    }
    names
};
