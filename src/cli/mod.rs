//! What can be typed: the commands, and one table of all settings with their names in every place they can come from.
//!
//! A setting `sync-deactivated-users` is the flag `--sync-deactivated-users`, the environment variable
//! `BATON_SYNC_DEACTIVATED_USERS` and the key `sync-deactivated-users` of `.baton.yaml`.

mod help;
mod login;
mod show;
mod suggest;
mod table;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgGroup, Command, ValueHint};

pub use help::{how_to_start, login_command, ways};
pub use login::{LOGINS, Login, in_a_file};
pub use show::{LISTS, REASONS};
pub use suggest::{did_you_mean, nearest, nearest_setting, parse};
pub(crate) use table::ALSO;
pub use table::{Heading, Kind, Role, SETTINGS, Setting};

/// The program's name.
pub const NAME: &str = "baton-salesforce";
/// Prefix of the environment variables.
pub const ENV_PREFIX: &str = "BATON_";
/// Names the settings file, where it is another than the usual one.
pub const CONFIG_ENV: &str = "BATON_CONFIG_PATH";
/// The usual settings file, in the current folder.
pub const CONFIG_FILE: &str = ".baton.yaml";

/// The shells that `completions` knows.
pub const SHELLS: [&str; 4] = ["bash", "zsh", "fish", "powershell"];

/// The environment variable of a setting.
pub fn env_name(setting: &str) -> String {
    format!("{ENV_PREFIX}{}", setting.to_uppercase().replace('-', "_"))
}

/// The whole command line.
pub fn command() -> Command {
    build(|_, _| true)
}

/// The command line as it is shown: without names that are only accepted. Completions and manual pages would list them.
pub fn shown() -> Command {
    build(|setting, name| setting.role == Role::Ours && name == setting.name)
}

fn build(is_wanted: impl Fn(&Setting, &str) -> bool) -> Command {
    let mut command = Command::new(NAME)
        .version(env!("CARGO_PKG_VERSION"))
        .about("Who has access to what in a Salesforce org, and why: reads users, groups, roles, permission sets and their assignments, and writes one document")
        .after_help(help::after())
        .styles(help::STYLES)
        .args_conflicts_with_subcommands(true)
        // Ours, so that they stand under a heading with their kin instead of before everything else.
        .disable_help_flag(true)
        .disable_version_flag(true);
    command = with_settings(command, &is_wanted);
    command = command.arg(help_flag().help_heading(PROGRAM)).arg(
        Arg::new("version")
            .short('V')
            .long("version")
            .action(ArgAction::Version)
            .help("Print the version")
            .help_heading(PROGRAM),
    );
    for subcommand in subcommands(&is_wanted) {
        command = command.subcommand(subcommand.disable_help_flag(true).arg(help_flag()));
    }
    command
}

/// Adds all settings to a command that uses them.
fn with_settings(mut command: Command, is_wanted: &impl Fn(&Setting, &str) -> bool) -> Command {
    for setting in SETTINGS {
        for (n, name) in setting.names().enumerate().filter(|(_, name)| is_wanted(setting, name)) {
            command = command.arg(flag(setting, name, n == 0));
        }
    }
    command.arg(
        Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_hint(ValueHint::FilePath)
            .help("Settings file (default: .baton.yaml in this folder) [env: BATON_CONFIG_PATH]")
            .help_heading(PROGRAM),
    )
}

/// `login`, which has a use for settings that are about logging in.
fn login(is_wanted: &impl Fn(&Setting, &str) -> bool) -> Command {
    let about = "Log in with a browser, once; from then on the stored login is used";
    let login = with_settings(Command::new("login").about(about), &is_about_logins(is_wanted));
    without(login, NOT_FOR_LOGINS).after_help(
        "The app must have the callback http://localhost:8499/callback, and the scopes api and refresh_token.",
    )
}

fn logout(is_wanted: &impl Fn(&Setting, &str) -> bool) -> Command {
    let all = Arg::new("all").long("all").action(ArgAction::SetTrue).help("End all of them");
    let about = "Revoke a stored login and forget it";
    let logout = with_settings(Command::new("logout").about(about).arg(all), &is_about_logins(is_wanted));
    without(without(logout, NOT_FOR_LOGINS), NOT_FOR_STORED)
}

fn status(is_wanted: &impl Fn(&Setting, &str) -> bool) -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON instead of text");
    let about = "Say who is logged in where, how long, whether it still works, and how many API calls are left";
    let status = with_settings(Command::new("status").about(about).arg(json), &is_about_logins(is_wanted));
    without(without(status, NOT_FOR_LOGINS), NOT_FOR_STORED)
}

/// What a command of logins has no use for: taken, since somebody may have it in the line already, and not shown.
fn without(command: Command, useless: &'static [&'static str]) -> Command {
    command.mut_args(|arg| if useless.contains(&arg.get_id().as_str()) { arg.hide(true) } else { arg })
}

const NOT_FOR_LOGINS: &[&str] = &[
    "auth-method",
    "salesforce-refresh-token",
    "salesforce-refresh-token-file",
    "refresh-token-out",
    "salesforce-access-token",
    "salesforce-access-token-file",
    "api-version",
    "concurrency",
];
const NOT_FOR_STORED: &[&str] = &["callback-url", "no-browser", "login-timeout"];

fn is_about_logins(is_wanted: &impl Fn(&Setting, &str) -> bool) -> impl Fn(&Setting, &str) -> bool {
    move |setting, name| {
        let is_about = !matches!(setting.heading, Heading::Content | Heading::Document);
        is_about && setting.name != "demo" && is_wanted(setting, name)
    }
}

fn check(is_wanted: &impl Fn(&Setting, &str) -> bool) -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON instead of a table");
    let check =
        Command::new("check").about("Say whether this login can read all that a sync needs, and what to change");
    with_settings(check.arg(json), is_wanted)
}

const PROGRAM: &str = "Program";

fn help_flag() -> Arg {
    Arg::new("help").short('h').long("help").action(ArgAction::Help).help("Print this")
}

/// In the order in which a person may want them.
fn subcommands(is_wanted: &impl Fn(&Setting, &str) -> bool) -> Vec<Command> {
    vec![
        login(is_wanted),
        logout(is_wanted),
        status(is_wanted),
        check(is_wanted),
        #[cfg(feature = "demo")]
        demo_org(),
        show::command(),
        explain(),
        diff(),
        convert(),
        schema(),
        Command::new("capabilities").about("Print what this connector can do, as JSON for a connector host"),
        Command::new("config").about("Print all settings, as JSON for the form of a connector host"),
        Command::new("completions")
            // Its name in the Go connectors.
            .alias("completion")
            .about("Print what a shell needs to complete this command line")
            .after_help("For one session of bash:\n  source <(baton-salesforce completions bash)")
            .arg(
                Arg::new("shell")
                    .value_name("bash|zsh|fish|powershell")
                    .required(true)
                    .value_parser(SHELLS)
                    .hide_possible_values(true)
                    .help("The shell"),
            ),
        Command::new("man")
            .about("Print the manual page: `baton-salesforce man | man -l -`")
            .arg(Arg::new("command").value_name("COMMAND").help("The page of this command alone")),
    ]
}

/// The commands whose JSON has a schema of its own, each a flag of `schema`.
pub const PRINTED: [&str; 3] = ["show", "explain", "diff"];

fn schema() -> Command {
    let flag = |command: &'static str| {
        let help = format!("Of what `{command} --json` prints");
        Arg::new(command).long(command).action(ArgAction::SetTrue).help(help)
    };
    Command::new("schema")
        .about("Print the JSON Schema of the document, or of what a command prints as JSON")
        .arg(
            Arg::new("events")
                .long("events")
                .action(ArgAction::SetTrue)
                .help("Of the lines on stderr with `--progress json`"),
        )
        .args(PRINTED.map(flag))
        .group(ArgGroup::new("of").arg("events").args(PRINTED))
}

/// So many paths are shown, unless another number is asked for.
pub const PATHS: u16 = 10;

fn explain() -> Command {
    let named = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("explain")
        .about("Say from a document whether a user holds something, why, and what would have to go for that to end")
        .after_help(
            "Without --user: all who hold it. With --user alone: all that the user holds.\n\
             The first line is the answer: yes, no, unknown, conditional or dormant.",
        )
        .arg(document("document", "FILE", "The document (`-`: stdin)"))
        .arg(sync_id("sync-id"))
        .arg(named("user", "USER", "The user: id, username or email address"))
        .arg(named(
            "entitlement",
            "WHAT",
            "What may be held: id of an entitlement or a resource, `type:name`, a name, or a system permission's API name",
        ))
        .arg(named("resource", "WHAT", "The same, for all that a resource gives").conflicts_with("entitlement"))
        .arg(
            named("paths", "N", "Show so many paths")
                .value_parser(clap::value_parser!(u16).range(1..=1000))
                .default_value("10"),
        )
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON instead of text"))
        .group(clap::ArgGroup::new("question").args(["user", "entitlement", "resource"]).required(true).multiple(true))
}

/// A document that is read.
fn document(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .value_name(value)
        .required(true)
        .value_parser(clap::value_parser!(std::path::PathBuf))
        .value_hint(ValueHint::FilePath)
        .help(help)
}

fn sync_id(name: &'static str) -> Arg {
    let help = "Which sync of a `.c1z` file that has several (default: the latest full one that has ended)";
    Arg::new(name).long(name).value_name("ID").help(help)
}

fn convert() -> Command {
    let format = Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .value_parser(["json", "jsonl", "c1z", "csv"])
        .hide_possible_values(true)
        .help("json, jsonl, c1z or csv (default: by the ending of OUT; `.gz` and `.zst` compress it)");
    let force = Arg::new("force").long("force").action(ArgAction::SetTrue).help("Replace whatever stands at OUT");
    let wait = Arg::new("wait")
        .long("wait")
        .value_name("DURATION")
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("1h")
        .value_parser(crate::settings::duration)
        .help("Wait so long for another run that writes OUT (alone: 1h)");
    Command::new("convert")
        .about("Write a document in another format: JSON, JSON Lines, Baton's `.c1z`, CSV")
        .after_help(
            "What IN is, its content tells, compressed or not. Between JSON, JSON Lines and `.c1z`, documents of this \
             program lose nothing.\n\
             CSV is a folder: users, resources, entitlements, grants, inactive assignments, and `about.csv`, which says \
             what the document lacks. Cells that a spreadsheet would take for formulas begin with an apostrophe.",
        )
        .arg(document("document", "IN", "The document (`-`: stdin)"))
        .arg(document("output", "OUT", "Where it goes (`-`: stdout)"))
        .arg(format)
        .arg(sync_id("sync-id"))
        .arg(force)
        .arg(wait)
}

fn diff() -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("diff")
        .about("Say what changed between two documents of an org: who gained and lost what, and by what")
        .after_help(
            "What one of the documents does not tell is unknown, never removed or added.\n\
             Exit code with --exit-code: 0 nothing differs and all is known; 20 something differs; 15 nothing differs in \
             what both documents tell, and one of them does not tell all.",
        )
        .arg(document("old", "OLD", "The older document (`-`: stdin)"))
        .arg(document("new", "NEW", "The newer document (`-`: stdin)"))
        .arg(sync_id("old-sync-id"))
        .arg(sync_id("new-sync-id"))
        .arg(flag("full", "Tell all changes one by one, each below what caused it"))
        .arg(flag("all-attributes", "Compare last logins, times of modification and the like, too"))
        .arg(flag("json", "Print JSON instead of text"))
        .arg(flag("markdown", "Print Markdown instead of text, for a ticket").conflicts_with("json"))
        .arg(flag("exit-code", "Say by the exit code whether something differs"))
}

#[cfg(feature = "demo")]
fn demo_org() -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("demo-org")
        .about("Serve the demo org on this machine, for other clients")
        .arg(Arg::new("port").long("port").value_name("N").help("Port on 127.0.0.1 (default: any free one)"))
        .arg(
            Arg::new("demo")
                .long("demo")
                .value_name("SIZE|DIR")
                .help("`small`, `mid`, `large`, `huge`, or a folder of recorded query answers (default: small)"),
        )
        .arg(
            Arg::new("assignments")
                .long("assignments")
                .value_name("TIMES")
                .help("How many times as many permission sets are assigned as in that size, 1 to 100 (default: 1)"),
        )
        .arg(
            Arg::new("callback-url")
                .long("callback-url")
                .value_name("URL")
                .help("The callback that the app is registered with (default: any on this machine)"),
        )
        .arg(flag("rotate-refresh-tokens", "Replace the refresh token at each use, as apps made since 2026 do"))
        .arg(flag("pkce-optional", "Let in who sends no PKCE challenge, as old apps do"))
        .arg(flag("require-secret", "Refuse who does not send the consumer secret"))
        .arg(
            Arg::new("jwt-key")
                .long("jwt-key")
                .value_name("FILE")
                .help("Write a private key to this file, and let in who signs with it (JWT bearer)"),
        )
        .arg(Arg::new("latency").long("latency").value_name("DURATION").help("Wait before each answer, as `50ms`"))
}

fn flag(setting: &Setting, name: &'static str, is_main: bool) -> Arg {
    let help =
        setting.default.map_or(setting.help.to_owned(), |default| format!("{} [default: {default}]", setting.help));
    let mut arg = Arg::new(name)
        .long(name)
        .action(ArgAction::Set)
        .help(help)
        .help_heading(setting.heading.text())
        // Names are long here: one layout for all headings, and no narrow column on a narrow terminal.
        .next_line_help(true)
        .value_name(setting.value)
        .hide(!is_main || setting.role != Role::Ours);
    if let Some(short) = setting.short.filter(|_| is_main) {
        arg = arg.short(short);
    }
    if setting.kind == Kind::Path || name == "salesforce-private-key" {
        arg = arg.value_hint(ValueHint::FilePath);
    }
    if !setting.values.is_empty() {
        arg = arg.value_parser(Shown(setting.values));
    }
    match setting.kind {
        Kind::Switch => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
        Kind::Maybe(default) => arg.num_args(0..=1).require_equals(true).default_missing_value(default),
        // A secret that begins with a dash is no flag, to be shown as an unknown one; and `-` is a file.
        Kind::Text | Kind::Number | Kind::Path | Kind::List | Kind::Secret => {
            arg.allow_hyphen_values(setting.is_secret() || name == "file")
        }
    }
}

/// Values that help and completions show; judged later, together with those of the environment and the file.
#[derive(Clone)]
struct Shown(&'static [&'static str]);

impl TypedValueParser for Shown {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &std::ffi::OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(PossibleValue::new)))
    }
}

#[cfg(test)]
mod tests;
