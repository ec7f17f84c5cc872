//! The commands that print: what they print, and that stdout carries nothing else.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use baton_salesforce::cli::{Kind, LOGINS, Role, SETTINGS, SHELLS, Setting};
use baton_salesforce::model::ResourceKind;
use serde_json::Value;

use crate::support::{Ran, Run, text};

/// What a command printed, on stdout alone.
#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let ran = Run::new().args(arguments).output();
    assert_eq!((ran.code(), ran.stderr().as_str()), (0, ""), "{arguments:?}");
    assert!(std::fs::read_dir(ran.folder.path()).unwrap().next().is_none(), "it wrote a file");
    ran.stdout()
}

fn json(command: &str) -> Value {
    serde_json::from_str(&printed(&[command])).unwrap()
}

fn ours() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(|setting| setting.role == Role::Ours)
}

fn hidden() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().filter(|setting| setting.role != Role::Ours).flat_map(Setting::names)
}

/// Hands a text to another program, where there is one; whether it was content.
fn judged_by(program: &str, arguments: &[&str], input: &str) -> Option<bool> {
    let spawned = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let Ok(mut child) = spawned else {
        eprintln!("not judged by {program}: it is not here");
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Some(child.wait().unwrap().success())
}

#[test]
fn each_shell_gets_its_completions() {
    for shell in SHELLS {
        let script = printed(&["completions", shell]);
        for word in ["baton-salesforce", "domain", "capabilities"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        // PowerShell is offered names alone.
        assert!(script.contains("permission_set_group") || shell == "powershell", "{shell}");
        // What is refused or without meaning is not offered.
        for name in ["provisioning", "instance-url", "log-path"] {
            assert!(!script.contains(name), "{shell}: {name}");
        }
    }
    for (shell, arguments) in [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["-n"])] {
        assert_ne!(judged_by(shell, &arguments, &printed(&["completions", shell])), Some(false), "{shell}");
    }
    assert!(printed(&["completions", "bash"]).contains("--domain"));
    // The Go connectors' name for it.
    assert_eq!(printed(&["completion", "bash"]), printed(&["completions", "bash"]));
    Run::new().arg("completions").output().failed(3, &["bash|zsh|fish|powershell"]);
    Run::new().args(["completions", "csh"]).output().failed(3, &["csh", "bash", "powershell"]);
}

#[test]
fn bash_completes_what_is_begun() {
    let script = printed(&["completions", "bash"]);
    let function = script.split("complete -F ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap();
    let completed = |word: &str| {
        let begun = format!("COMP_WORDS=(baton-salesforce {word}); COMP_CWORD=1");
        let call = format!("{function} baton-salesforce {word} baton-salesforce");
        let show = "printf '%s ' \"${COMPREPLY[@]}\"";
        let output = Command::new("bash").args(["-c", &format!("{script}\n{begun}\n{call}\n{show}")]).output();
        output.ok().map(|output| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    };
    let Some(domain) = completed("--dom") else { return eprintln!("no bash here") };
    assert_eq!(domain, "--domain");
    assert_eq!(completed("capa").as_deref(), Some("capabilities"));
}

#[test]
fn the_manual_page_tells_all() {
    let page = printed(&["man"]);
    assert!(page.starts_with(".TH baton"), "{page}");
    for section in [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "SUBCOMMANDS",
        "EXAMPLES",
        "ENVIRONMENT",
        "FILES",
        "\"EXIT STATUS\"",
        "VERSION",
    ] {
        assert_eq!(page.lines().filter(|line| *line == format!(".SH {section}")).count(), 1, "{section}");
    }
    let plain = page.replace("\\-", "-");
    for setting in ours() {
        assert!(plain.contains(&format!("--{}", setting.name)), "{}", setting.name);
        assert!(setting.aliases.iter().all(|alias| plain.contains(&format!("--{alias}"))), "{}", setting.name);
    }
    assert!(hidden().all(|name| !plain.contains(&format!("--{name}\\fR"))));
    assert!(plain.contains("The login was refused."));
    let page = printed(&["man", "completions"]);
    assert!(page.starts_with(".TH baton") && page.contains("powershell"), "{page}");
    Run::new().args(["man", "capabilites"]).output().failed(3, &["`capabilities`?"]);
}

#[test]
fn the_capabilities_are_to_read_each_kind() {
    let capabilities = json("capabilities");
    assert_eq!(capabilities["@type"], "type.googleapis.com/c1.connector.v2.ConnectorCapabilities");
    assert_eq!(capabilities["connectorCapabilities"], serde_json::json!(["CAPABILITY_SYNC"]));
    let of_types = capabilities["resourceTypeCapabilities"].as_array().unwrap();
    let ids: Vec<_> = of_types.iter().map(|of| text(&of["resourceType"]["id"])).collect();
    assert_eq!(ids, ResourceKind::ALL.map(ResourceKind::id));
    for of in of_types {
        assert_eq!(of["capabilities"], serde_json::json!(["CAPABILITY_SYNC"]));
        let is_skipped = of["resourceType"]["annotations"][0]["@type"]
            == "type.googleapis.com/c1.connector.v2.SkipEntitlementsAndGrants";
        assert_eq!(is_skipped, of["resourceType"]["id"] == "user" || of["resourceType"]["id"] == "agent");
    }
    // As a document has them.
    let all = "territory,connected_application,agent,permission_set_license,system_permission";
    let document = Run::new().args(["--demo", "-q", "-f", "sync.json", "--sync-also", all]).output().document();
    assert_eq!(document.list("resourceTypes").len(), of_types.len());
    for (of, other) in of_types.iter().zip(document.list("resourceTypes")) {
        for name in ["id", "displayName", "traits"] {
            assert_eq!(of["resourceType"][name], other[name]);
        }
    }
}

#[test]
fn the_configuration_has_every_setting_and_no_secret() {
    let configuration = json("config");
    let fields = configuration["fields"].as_array().unwrap();
    let names: Vec<_> = fields.iter().map(|field| text(&field["name"])).collect();
    assert_eq!(names, ours().map(|setting| setting.name).collect::<Vec<_>>());
    for (field, setting) in fields.iter().zip(ours()) {
        let kind = match setting.kind {
            Kind::Switch => "boolField",
            Kind::Number => "intField",
            Kind::List => "stringSliceField",
            Kind::Text | Kind::Path | Kind::Maybe(_) | Kind::Secret => "stringField",
        };
        assert!(field[kind].is_object(), "{field}");
        assert_eq!(field["isSecret"] == true, setting.is_secret(), "{field}");
        assert!(!setting.is_secret() || field[kind] == serde_json::json!({}), "a secret has no default: {field}");
        assert!(!text(&field["displayName"]).is_empty(), "{field}");
        let description = text(&field["description"]);
        assert!(description.starts_with(setting.help), "{field}");
        assert!(setting.aliases.iter().all(|alias| description.contains(alias)), "{field}");
    }
    let field = |name: &str| fields.iter().find(|field| field["name"] == name).unwrap();
    assert_eq!(field("sync-deactivated-users")["boolField"]["defaultValue"], true);
    assert_eq!(field("concurrency")["intField"]["defaultValue"], "8");
    assert_eq!(field("file")["stringField"]["defaultValue"], "sync.json");
    assert_eq!(field("log-format")["stringField"]["rules"]["in"], serde_json::json!(["console", "json"]));
    let required: Vec<_> = fields.iter().filter(|f| f["isRequired"] == true).map(|f| text(&f["name"])).collect();
    // Each in the groups that it is in; of a secret, its file will do.
    assert_eq!(required, ["domain", "salesforce-client-id", "salesforce-jwt-subject"]);
}

#[test]
fn the_configuration_is_grouped_by_login() {
    let configuration = json("config");
    let groups = configuration["fieldGroups"].as_array().unwrap();
    let known: BTreeSet<_> = configuration["fields"].as_array().unwrap().iter().map(|f| text(&f["name"])).collect();
    assert_eq!(groups.iter().map(|g| text(&g["name"])).collect::<Vec<_>>(), LOGINS.map(|login| login.name));
    assert_eq!(groups.iter().filter(|group| group["default"] == true).count(), 1);
    for group in groups {
        let fields: BTreeSet<_> = group["fields"].as_array().unwrap().iter().map(text).collect();
        assert!(fields.is_subset(&known) && fields.contains("domain"), "{group}");
        assert!(!text(&group["displayName"]).is_empty() && !text(&group["helpText"]).is_empty(), "{group}");
    }
    for constraint in configuration["constraints"].as_array().unwrap() {
        assert_eq!(constraint["kind"], "CONSTRAINT_KIND_MUTUALLY_EXCLUSIVE");
        assert!(constraint["fieldNames"].as_array().unwrap().iter().map(text).all(|name| known.contains(&name)));
    }
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    for arguments in [&["completions", "zsh"][..], &["man"], &["capabilities"], &["config"], &["schema"], &["--help"]] {
        let (mut command, _folder) = Run::new().args(arguments).command();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_broken_settings_file_does_not_stop_what_needs_none() {
    for command in ["capabilities", "config", "schema", "man"] {
        let ran = Run::new().arg(command).file(".baton.yaml", "domain: [").env("BATON_CLIENT_ID", "x").output();
        assert_eq!(ran.code(), 0, "{}", ran.stderr());
    }
}

#[test]
fn the_help_is_grouped_and_ends_with_how_to_start() {
    let help = printed(&["--help"]);
    assert_eq!(help, printed(&["-h"]));
    for heading in ["Which org", "Log in", "What is read", "The document", "Network", "Messages", "Three ways to start"]
    {
        assert_eq!(help.lines().filter(|line| *line == format!("{heading}:")).count(), 1, "{heading}");
    }
    assert!(!help.contains('\u{1b}'));
    assert!(printed(&["demo-org", "--help"]).contains("--port"));
    assert!(printed(&["help", "completions"]).contains("source <("));
}

#[test]
fn a_mistake_is_answered_with_what_was_meant() {
    let run = |arguments: &[&str]| -> Ran { Run::new().args(arguments).output() };
    run(&["--domian", "acme"]).failed(3, &["--domian", "'--domain'"]);
    run(&["--fle=x"]).failed(3, &["'--file'"]);
    run(&["capabilites"]).failed(3, &["'capabilities'"]);
    run(&["--demo", "mid"]).failed(3, &["'--demo=mid'"]);
    run(&["--demo", "--log-format", "jason"]).failed(3, &["`json`?"]);
    let refused = run(&["--salesforce-usernam", "x"]);
    refused.failed(3, &["--salesforce-usernam"]);
    assert!(!refused.stderr().contains("tip"), "{}", refused.stderr());
    let yaml = Run::new().file(".baton.yaml", "provisionin: true\n").output();
    yaml.failed(3, &["`provisionin` is no setting"]);
    assert!(!yaml.stderr().contains("did you mean"), "{}", yaml.stderr());
}

#[test]
fn a_bare_call_shows_the_ways_to_start_in_lines() {
    let bare = Run::new().output();
    bare.failed(3, &["nothing says which org to read", "three ways", "\n      baton-salesforce --demo\n"]);
    assert!(bare.stderr().lines().all(|line| line.chars().count() <= 80), "{}", bare.stderr());
    let json = Run::new().env("BATON_LOG_FORMAT", "json").output();
    let line: Value = serde_json::from_str(json.stderr().trim()).unwrap();
    assert!(text(&line["advice"]).contains("--demo"));
}
