use std::collections::BTreeSet;

use super::*;

fn ours() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(|setting| setting.role == Role::Ours)
}

#[test]
fn the_command_line_is_sound() {
    command().debug_assert();
    shown().debug_assert();
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

#[test]
fn every_setting_stands_under_a_heading_and_headings_are_in_order() {
    assert!(ours().all(|setting| setting.heading != Heading::Other));
    assert!(ours().is_sorted_by_key(|setting| setting.heading));
}

#[test]
fn the_help_lists_each_setting_once_and_fits_a_narrow_terminal() {
    let help = command().term_width(80).render_help().to_string();
    for setting in SETTINGS {
        for name in setting.names() {
            let is_it = |line: &&str| {
                let line = line.trim_start();
                let line = line.split_once(", ").filter(|(short, _)| short.len() == 2).map_or(line, |(_, long)| long);
                line.strip_prefix("--").is_some_and(|rest| {
                    rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '[', '=']))
                })
            };
            let expected = usize::from(setting.role == Role::Ours && name == setting.name);
            let before_examples = help.lines().take_while(|line| !line.ends_with(" to start:"));
            assert_eq!(before_examples.filter(is_it).count(), expected, "{name}");
        }
    }
    for heading in ours().map(|setting| setting.heading.text()).collect::<BTreeSet<_>>() {
        assert_eq!(help.matches(&format!("\n{heading}:\n")).count(), 1, "{heading}");
    }
    for line in help.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    assert!(help.contains(&how_to_start()), "the ways to start are broken into other lines");
}

#[test]
fn ways_to_log_in_name_settings_that_exist() {
    let is_ours = |name: &str| ours().any(|setting| setting.name == name);
    for login in LOGINS {
        assert!(login.settings().all(is_ours), "{}", login.name);
        for secret in login.needs.iter().filter(|name| ours().any(|s| s.name == **name && s.is_secret())) {
            assert!(login.settings().any(|name| Some(name) == in_a_file(secret)), "{secret}");
        }
    }
}

fn tip(line: &[&str]) -> String {
    let line: Vec<_> = std::iter::once(NAME).chain(line.iter().copied()).map(std::ffi::OsString::from).collect();
    parse(line).unwrap_err().to_string()
}

#[test]
fn what_is_typed_wrong_is_answered_with_what_is_near() {
    for (line, near) in [
        (&["--domian", "acme"][..], "--domain"),
        (&["--fle=x"], "--file"),
        (&["--Domain", "acme"], "--domain"),
        (&["-domain", "acme"], "--domain"),
        (&["--instance-ur", "x"], "--instance-url"),
        (&["--sync_deactivated_users=false"], "--sync-deactivated-users"),
        (&["--refresh-token-file", "x"], "--salesforce-refresh-token-file"),
        (&["--user-username-for-emal"], "--user-username-for-email"),
        (&["--log-pth", "x"], "--log-path"),
        (&["--output", "x"], "--file"),
        (&["--versoin"], "--version"),
        (&["shcema"], "schema"),
        (&["complete"], "completions"),
        (&["capabilites"], "capabilities"),
        (&["completions", "fihs"], "fish"),
        (&["--sync-deactivated-users", "false"], "--sync-deactivated-users=false"),
        (&["-q", "true"], "-q=true"),
    ] {
        let text = tip(line);
        assert!(text.contains(&format!("'{near}'")), "{line:?}: {text}");
    }
}

#[cfg(feature = "demo")]
#[test]
fn the_size_of_the_demo_org_follows_an_equals_sign() {
    assert!(tip(&["--demo", "mid"]).contains("'--demo=mid'"));
    // A command is no size.
    assert!(!tip(&["--demo", "schema"]).contains("--demo=schema"));
    assert!(tip(&["demo-org", "--prot", "1"]).contains("'--port'"));
}

#[test]
fn what_is_refused_is_never_suggested() {
    let refused = SETTINGS.iter().filter(|setting| matches!(setting.role, Role::Refused(_)));
    for name in refused.flat_map(Setting::names) {
        for typed in [name[..name.len() - 1].to_owned(), format!("{name}s"), name.replacen('-', "_", 1)] {
            if SETTINGS.iter().flat_map(Setting::names).any(|other| other == typed) {
                continue;
            }
            let text = tip(&[&format!("--{typed}"), "x"]);
            assert!(!text.contains(&format!("'--{name}'")), "{text}");
        }
    }
    assert!(!tip(&["--nothing-like-it"]).contains("tip:"));
}
