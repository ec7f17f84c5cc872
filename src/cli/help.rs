//! The texts of the help that are about more than one setting.

use clap::builder::styling::{AnsiColor, Styles};

/// The ways to start: what to type, in lines that fit a narrow terminal, and what it does.
const WAYS: &[(&[&str], &str)] = &[
    #[cfg(feature = "demo")]
    (&["baton-salesforce --demo"], "an org that comes with the program: nothing to set up"),
    (
        &["baton-salesforce --domain acme --salesforce-client-id ID"],
        "your org: your browser logs you in, by an External Client App",
    ),
    (
        &["baton-salesforce --domain acme --salesforce-client-id ID \\", "    --salesforce-client-secret-file FILE"],
        "your org, unattended: the app logs in by itself",
    ),
];

const EXAMPLES: &[(&[&str], &str)] = &[
    (
        &["baton-salesforce --domain acme --salesforce-access-token-file FILE"],
        "with a token from `sf org display` or from a host",
    ),
    (
        &["baton-salesforce --domain https://acme.lightning.force.com/lightning/n/x ..."],
        "an address copied from the browser names the org as well",
    ),
    (
        &["baton-salesforce ... --sync-resource-types user,role -f - | jq .summary"],
        "two kinds alone, to stdout, where the next program takes them",
    ),
    (
        &["BATON_DOMAIN=acme BATON_SALESFORCE_CLIENT_ID=... baton-salesforce -q"],
        "as a scheduled job: silent unless it fails, the login from the environment",
    ),
];

/// The colours of the help.
pub(super) const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// How to start, in lines.
pub fn how_to_start() -> String {
    list(WAYS)
}

/// `three ways`
pub fn ways() -> &'static str {
    if WAYS.len() == 3 { "three ways" } else { "two ways" }
}

/// The command that logs a person in.
pub fn login_command(host: &str, client_id: &str, profile: Option<&str>) -> String {
    let profile = profile.map(|name| format!(" --profile {name}")).unwrap_or_default();
    format!("baton-salesforce login --domain {host} --salesforce-client-id {client_id}{profile}")
}

fn list(commands: &[(&[&str], &str)]) -> String {
    let mut text = String::new();
    for (lines, what) in commands {
        for line in *lines {
            text = text + "  " + line + "\n";
        }
        text = text + "      " + what + "\n";
    }
    text
}

/// What stands after the settings.
pub(super) fn after() -> String {
    let header = STYLES.get_header();
    let ways = ways().replacen('t', "T", 1);
    format!(
        "{header}{ways} to start:{header:#}\n{}\n{header}More examples:{header:#}\n{}\n{header}Other places for settings:{header:#}\n  \
         A flag beats the environment (--domain is BATON_DOMAIN), the environment beats\n  \
         the file .baton.yaml (domain: acme), and the file beats the default.\n\n\
         The document alone goes to stdout or into the file, messages go to stderr.\n\
         `baton-salesforce man | man -l -` tells more, with all exit codes.",
        list(WAYS),
        list(EXAMPLES),
    )
}
