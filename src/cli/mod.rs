//! What can be typed: the commands, and one table of all settings with their names in every place they can come from.
//!
//! A setting `sync-deactivated-users` is the flag `--sync-deactivated-users`, the environment variable
//! `BATON_SYNC_DEACTIVATED_USERS` and the key `sync-deactivated-users` of `.baton.yaml`.

mod table;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Arg, ArgAction, Command};

pub use table::{Kind, Role, SETTINGS, Setting};

/// Prefix of the environment variables.
pub const ENV_PREFIX: &str = "BATON_";
/// Names the settings file, where it is another than the usual one.
pub const CONFIG_ENV: &str = "BATON_CONFIG_PATH";
/// The usual settings file, in the current folder.
pub const CONFIG_FILE: &str = ".baton.yaml";

/// The environment variable of a setting.
pub fn env_name(setting: &str) -> String {
    format!("{ENV_PREFIX}{}", setting.to_uppercase().replace('-', "_"))
}

/// The whole command line.
pub fn command() -> Command {
    let styles = Styles::styled()
        .header(AnsiColor::Green.on_default().bold())
        .usage(AnsiColor::Green.on_default().bold())
        .literal(AnsiColor::Cyan.on_default().bold())
        .placeholder(AnsiColor::Cyan.on_default());
    let mut command = Command::new("baton-salesforce")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Who has access to what in a Salesforce org, and why: reads users, groups, roles, permission sets and their assignments, and writes one document")
        .after_help(EXAMPLES)
        .styles(styles)
        .args_conflicts_with_subcommands(true)
        .subcommand(check())
        .subcommand(Command::new("schema").about("Print the JSON Schema of the document"));
    command = with_settings(command);
    #[cfg(feature = "demo")]
    {
        command = command.subcommand(demo_org());
    }
    command
}

/// Adds all settings to a command that uses them.
fn with_settings(mut command: Command) -> Command {
    for setting in SETTINGS {
        for (n, name) in setting.names().enumerate() {
            command = command.arg(flag(setting, name, n == 0));
        }
    }
    command.arg(
        Arg::new("config")
            .long("config")
            .value_name("FILE")
            .help("Settings file (default: .baton.yaml in this folder) [env: BATON_CONFIG_PATH]"),
    )
}

fn check() -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON instead of a table");
    with_settings(
        Command::new("check")
            .about("Say whether this login can read all that a sync needs, and what to change")
            .arg(json),
    )
}

#[cfg(feature = "demo")]
fn demo_org() -> Command {
    Command::new("demo-org")
        .about("Serve the demo org on this machine, for other clients, until it is stopped")
        .arg(Arg::new("port").long("port").value_name("N").help("Port on 127.0.0.1 (default: any free one)"))
        .arg(
            Arg::new("demo")
                .long("demo")
                .value_name("SIZE|DIR")
                .help("`small`, `mid`, or a folder of recorded query answers (default: small)"),
        )
        .arg(Arg::new("latency").long("latency").value_name("DURATION").help("Wait before each answer, as `50ms`"))
}

fn flag(setting: &Setting, name: &'static str, is_main: bool) -> Arg {
    let mut arg = Arg::new(name)
        .long(name)
        .action(ArgAction::Set)
        .help(setting.help)
        .hide(!is_main || setting.role != Role::Ours);
    if let Some(short) = setting.short.filter(|_| is_main) {
        arg = arg.short(short);
    }
    arg = arg.value_name(setting.value);
    match setting.kind {
        Kind::Switch => {
            arg.num_args(0..=1).require_equals(true).default_missing_value("true").hide_possible_values(true)
        }
        Kind::Maybe(default) => arg.num_args(0..=1).require_equals(true).default_missing_value(default),
        Kind::Text | Kind::List | Kind::Secret => arg.allow_hyphen_values(name == "file"),
    }
}

const EXAMPLES: &str = "\
Three ways to start:
  baton-salesforce --demo
      an org that comes with the program: nothing to set up
  baton-salesforce --domain acme --salesforce-client-id ID --salesforce-client-secret-file FILE
      the External Client App logs in by itself (client credentials)
  baton-salesforce --domain acme --salesforce-access-token-file FILE
      a token from `sf org display` or from a host

Every setting can also be given as an environment variable (--domain is BATON_DOMAIN) or as a key of .baton.yaml.
The document goes to sync.json, messages go to stderr.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
        assert_eq!(env_name("sync-deactivated-users"), "BATON_SYNC_DEACTIVATED_USERS");
    }

    #[test]
    fn no_name_is_used_twice() {
        let mut names: Vec<_> = SETTINGS.iter().flat_map(Setting::names).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
