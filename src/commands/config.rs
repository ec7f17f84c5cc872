//! `config`: all settings, as connector hosts read them to draw a form: `c1.config.v1.Configuration` as protobuf-JSON.

use anyhow::Result;
use serde::Serialize;

use super::{ExitStatus, print};
use crate::cli::{Heading, Kind, LOGINS, Login, Role, SETTINGS, Setting, in_a_file};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    fields: Vec<Field>,
    constraints: Vec<Constraint>,
    display_name: &'static str,
    field_groups: Vec<FieldGroup>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    name: &'static str,
    display_name: String,
    description: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    placeholder: &'static str,
    #[serde(skip_serializing_if = "is_false")]
    is_required: bool,
    #[serde(skip_serializing_if = "is_false")]
    is_ops: bool,
    #[serde(skip_serializing_if = "is_false")]
    is_secret: bool,
    #[serde(flatten)]
    kind: FieldKind,
}

#[derive(Serialize)]
enum FieldKind {
    #[serde(rename = "stringField")]
    Text(Of<&'static str, Rules>),
    /// A 64-bit number is a text in protobuf-JSON.
    #[serde(rename = "intField")]
    Number(Of<&'static str, Rules>),
    #[serde(rename = "boolField")]
    Switch(Of<bool, Rules>),
    #[serde(rename = "stringSliceField")]
    Texts(Of<Vec<&'static str>, ItemRules>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Of<T, R> {
    #[serde(skip_serializing_if = "Option::is_none")]
    default_value: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<R>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rules {
    #[serde(rename = "in", skip_serializing_if = "<[_]>::is_empty")]
    one_of: &'static [&'static str],
    #[serde(skip_serializing_if = "is_false")]
    is_required: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemRules {
    item_rules: Rules,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Constraint {
    kind: &'static str,
    field_names: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldGroup {
    name: &'static str,
    display_name: &'static str,
    help_text: &'static str,
    fields: Vec<&'static str>,
    #[serde(skip_serializing_if = "is_false")]
    default: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Prints it.
pub fn run() -> Result<ExitStatus> {
    let ours = || SETTINGS.iter().filter(|setting| setting.role == Role::Ours);
    let secrets = ours().filter_map(|setting| Some(vec![setting.name, in_a_file(setting.name)?]));
    let constraint = |field_names| Constraint { kind: "CONSTRAINT_KIND_MUTUALLY_EXCLUSIVE", field_names };
    let configuration = Configuration {
        fields: ours().map(field).collect(),
        constraints: secrets.map(constraint).collect(),
        display_name: "Salesforce",
        field_groups: LOGINS.iter().enumerate().map(|(n, login)| group(login, n == 0)).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&configuration)?;
    text.push(b'\n');
    print(&text)
}

fn field(setting: &'static Setting) -> Field {
    let is_required = is_required(setting.name);
    let rules = || (is_required || !setting.values.is_empty()).then_some(Rules { one_of: setting.values, is_required });
    let kind = match setting.kind {
        Kind::Switch => FieldKind::Switch(Of { default_value: setting.default.map(|d| d == "true"), rules: None }),
        Kind::List => {
            let rules = rules().map(|item_rules| ItemRules { item_rules });
            FieldKind::Texts(Of { default_value: setting.default.map(|d| d.split(',').collect()), rules })
        }
        Kind::Number => FieldKind::Number(Of { default_value: setting.default, rules: rules() }),
        Kind::Text | Kind::Path | Kind::Maybe(_) | Kind::Secret => {
            FieldKind::Text(Of { default_value: setting.default, rules: rules() })
        }
    };
    let placeholder = if matches!(setting.kind, Kind::Switch | Kind::Secret) { "" } else { setting.value };
    Field {
        name: setting.name,
        display_name: title(setting.name),
        description: description(setting),
        placeholder,
        is_required,
        // A path names a file of the machine that the program runs on; a form cannot know it.
        is_ops: setting.heading.is_for_operators() || setting.kind == Kind::Path || is_demo(setting),
        is_secret: setting.is_secret(),
        kind,
    }
}

fn is_demo(setting: &Setting) -> bool {
    setting.heading == Heading::Org && matches!(setting.kind, Kind::Maybe(_))
}

/// Whether no way to log in that takes the setting works without it. A secret can also come in a file.
fn is_required(name: &str) -> bool {
    let mut taking = LOGINS.iter().filter(|login| login.settings().any(|other| other == name)).peekable();
    taking.peek().is_some() && in_a_file(name).is_none() && taking.all(|login| login.needs.contains(&name))
}

fn group(login: &'static Login, default: bool) -> FieldGroup {
    let (name, display_name, help_text) = (login.name, login.title, login.help);
    FieldGroup { name, display_name, help_text, fields: login.settings().collect(), default }
}

fn description(setting: &Setting) -> String {
    // There is no place for other names in the message, and who comes from the Go connector looks for them.
    match setting.aliases {
        [] => format!("{}.", setting.help),
        names => format!("{}. Also taken as: {}.", setting.help, names.join(", ")),
    }
}

/// `salesforce-client-id` → `Salesforce Client ID`
fn title(name: &str) -> String {
    let word = |word: &str| match word {
        "id" | "api" => word.to_uppercase(),
        _ => word[..1].to_uppercase() + &word[1..],
    };
    name.split('-').map(word).collect::<Vec<_>>().join(" ")
}
