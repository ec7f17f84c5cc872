//! The README says what is so: its tables, its names and its examples are held against the program. Its commands are
//! run by `.ci/readme`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use baton_salesforce::cli::{self, Role, SETTINGS, Setting};
use baton_salesforce::commands::DIFFERENT;
use baton_salesforce::demo::{Org, ServerOptions, Shape};
use baton_salesforce::failure::Class;
use serde_json::Value;

use crate::support::{Demo, Run};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn readme() -> String {
    // A checkout on Windows can have other line ends.
    std::fs::read_to_string(path()).unwrap().replace("\r\n", "\n")
}

/// The blocks of a language, each without its fences.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let start = format!("\n```{language}\n");
    text.split(&start).skip(1).map(|rest| rest.split("\n```\n").next().unwrap()).collect()
}

fn settings_table() -> String {
    let mut settings: Vec<&Setting> = SETTINGS.iter().filter(|setting| setting.role == Role::Ours).collect();
    settings.sort_by_key(|setting| setting.heading);
    let mut table = String::from("\n| setting | takes | default | for |\n|---|---|---|---|\n");
    let mut heading = None;
    for setting in settings {
        if heading.replace(setting.heading) != Some(setting.heading) {
            let _ = writeln!(table, "| **{}** | | | |", setting.heading.text());
        }
        let short = setting.short.map(|short| format!(", `-{short}`")).unwrap_or_default();
        let values: Vec<String> = setting.values.iter().map(|value| format!("`{value}`")).collect();
        let takes = if values.is_empty() { setting.value.replace('|', " or ") } else { values.join(", ") };
        let default = setting.default.map(|default| format!("`{default}` ")).unwrap_or_default();
        let _ = write!(table, "| `{}`{short} | {takes} | {default}| {}", setting.name, setting.help);
        for name in setting.aliases {
            let _ = write!(table, "; also `{name}`");
        }
        table.push_str(" |\n");
    }
    table
}

#[test]
fn the_table_of_settings_is_the_programs_own() {
    let (start, end) = ("<!-- settings -->\n", "<!-- /settings -->");
    let text = readme();
    let (before, rest) = text.split_once(start).unwrap();
    let (found, after) = rest.split_once(end).unwrap();
    let right = format!("{}\n", settings_table());
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path(), format!("{before}{start}{right}{end}{after}")).unwrap();
        return;
    }
    assert!(found == right, "the settings changed: run `UPDATE_README=1 cargo test --test it readme`");
}

#[test]
fn every_flag_and_variable_that_it_names_exists() {
    let text = readme();
    let command = cli::command();
    let mut flags: BTreeSet<String> = ["help", "version"].map(str::to_owned).into();
    for command in std::iter::once(&command).chain(command.get_subcommands()) {
        flags.extend(command.get_arguments().filter_map(|argument| argument.get_long()).map(str::to_owned));
    }
    let mut found = 0;
    // What stands in lines with the flags of other programs.
    let others = ["cargo ", "docker ", "jq --", "duckdb -", "--tmpfs"];
    for line in text.lines().filter(|line| !others.iter().any(|other| line.contains(other))) {
        for part in line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '…')) {
            if let Some(flag) =
                part.strip_prefix("--").filter(|flag| flag.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                assert!(flags.contains(flag), "there is no flag --{flag}: {line}");
                found += 1;
            }
            if let Some(name) = part.strip_prefix("BATON_").filter(|name| !name.is_empty() && !name.starts_with('…'))
            {
                let named = |setting: &Setting| setting.names().any(|one| cli::env_name(one) == part);
                assert!(part == cli::CONFIG_ENV || SETTINGS.iter().any(named), "there is no setting {name}: {line}");
                found += 1;
            }
        }
    }
    assert!(found > 40, "{found}");
}

#[test]
fn it_names_every_command() {
    let text = readme();
    let table = text.split_once("## Other commands").unwrap().1.split_once("\n## ").unwrap().0;
    let named = |name: &str| table.contains(&format!("\n| `{name}` |"));
    let missing: Vec<_> = cli::command().get_subcommands().map(|c| c.get_name().to_owned()).collect();
    let missing: Vec<_> = missing.iter().filter(|name| !named(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_exit_codes_are_the_programs_own() {
    let text = readme();
    let table = text.split_once("## Exit codes").unwrap().1.split_once("\n## ").unwrap().0;
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok());
    let told: BTreeSet<u8> = rows.collect();
    let classes = [
        Class::Cancelled,
        Class::Unknown,
        Class::InvalidArgument,
        Class::DeadlineExceeded,
        Class::NotFound,
        Class::PermissionDenied,
        Class::ResourceExhausted,
        Class::FailedPrecondition,
        Class::Internal,
        Class::Unavailable,
        Class::DataLoss,
        Class::Unauthenticated,
    ];
    let codes: BTreeSet<u8> = classes.map(Class::code).into_iter().chain([0, DIFFERENT]).collect();
    assert_eq!(told, codes);
    assert!(table.contains("\n| 129, 130, 143 |"));
}

/// Whether all of a part stands in the whole.
fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| holds(whole, part)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            part.iter().all(|part| whole.iter().any(|whole| holds(whole, part)))
        }
        _ => whole == part,
    }
}

#[test]
fn its_examples_are_parts_of_the_demo_orgs_document() {
    let text = readme();
    let document = Run::new().args(["--demo", "-f", "sync.json"]).output().document();
    let examples = blocks(&text, "json");
    assert!(examples.len() >= 4);
    for example in examples {
        let example: Value = serde_json::from_str(example).unwrap();
        let sections = ["resources", "entitlements", "grants", "inactiveAssignments"];
        let found = sections.iter().any(|section| document.list(section).iter().any(|whole| holds(whole, &example)));
        assert!(found, "the demo org's document does not hold {example}");
    }
    for (section, _) in document.0.as_object().unwrap() {
        assert!(text.contains(&format!("\n| `{section}` |")), "the section {section} is not explained");
    }
}

#[test]
fn what_it_says_a_run_says_is_said() {
    let text = readme();
    let texts = blocks(&text, "text");
    let said = Run::new().arg("--demo").output().stderr();
    let table = texts.iter().find(|block| block.starts_with("org ")).unwrap();
    for line in table.lines() {
        let line = line.split('…').next().unwrap();
        assert!(said.contains(&format!("\n{line}")), "`{line}` is not in:\n{said}");
    }
    let demo = Demo::start(Org::generate(Shape::Small, 1), ServerOptions::default());
    let wrong = Run::new().args(["--domain", demo.server.url(), "--salesforce-client-id", "wrong"]);
    let said = wrong.env("BATON_SALESFORCE_CLIENT_SECRET", "wrong").output().stderr();
    let error = texts.iter().find(|block| block.starts_with("error: ")).unwrap();
    assert!(said.trim_end().ends_with(*error), "{said}");
}

/// What a command prints on the demo org's document, where it prints something.
fn said_of_the_demo(command: &str) -> String {
    // A shell's words: of those between quotes, one.
    let words = command.replace("\\\n", " ");
    let words = words.split('\'').enumerate().flat_map(|(n, part)| match n % 2 {
        0 => part.split_whitespace().collect::<Vec<_>>(),
        _ => vec![part],
    });
    let document = Run::new().args(["--demo", "-q"]).output();
    let path = document.path("demo.json");
    let place = |word| if word == "demo.json" { path.clone() } else { PathBuf::from(word) };
    let ran = Run::new().args(words.map(place)).output();
    assert_eq!((ran.code(), ran.stderr().as_str()), (0, ""), "{command}");
    ran.stdout()
}

/// The command that begins like this, what its output is piped through, and what that prints.
fn example<'t>(text: &'t str, start: &str) -> (&'t str, &'t str, &'t str) {
    let place = text.find(&format!("\n```sh\nbaton-salesforce {start}")).unwrap() + "\n```sh\nbaton-salesforce ".len();
    let (command, rest) = text[place..].split_once("\n```\n\n```text\n").unwrap();
    let (command, pipe) = command.split_once(" | ").unwrap_or((command, ""));
    (command, pipe, rest.split("\n```\n").next().unwrap())
}

#[test]
fn what_it_says_explain_says_is_said() {
    let text = readme();
    let (command, pipe, said) = example(&text, "explain demo.json ");
    let lines = pipe.strip_prefix("head -n ").unwrap();
    let output = said_of_the_demo(command);
    let first: Vec<_> = output.lines().take(lines.parse().unwrap()).collect();
    assert_eq!(first.join("\n"), said);
}

#[test]
fn what_it_says_show_says_is_said() {
    let text = readme();
    let (command, _, said) = example(&text, "show demo.json users ");
    assert_eq!(said_of_the_demo(command).trim_end(), said);
    let (command, pipe, said) = example(&text, "show demo.json grants ");
    let fields: Vec<usize> =
        pipe.strip_prefix("cut -d , -f ").unwrap().split(',').map(|n| n.parse().unwrap()).collect();
    let output = said_of_the_demo(command);
    let cut = output.lines().map(|line| {
        let cells: Vec<_> = line.split(',').collect();
        fields.iter().map(|n| cells[n - 1]).collect::<Vec<_>>().join(",")
    });
    assert_eq!(cut.collect::<Vec<_>>().join("\n"), said);
}
