//! Reading the command line, and what was probably meant where it cannot be read.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Command, Error};
use strsim::damerau_levenshtein;

use super::{Kind, Role, SETTINGS, Setting, command};

/// What other programs call it.
const ELSEWHERE: &[(&str, &str)] = &[
    ("access-token", "salesforce-access-token-file"),
    ("debug", "verbose"),
    ("host", "domain"),
    ("org", "domain"),
    ("out", "file"),
    ("output", "file"),
    ("silent", "quiet"),
    ("token", "salesforce-access-token-file"),
    ("url", "domain"),
];

/// Reads the command line.
pub fn parse(line: impl IntoIterator<Item = OsString>) -> Result<ArgMatches, Error> {
    let line: Vec<OsString> = line.into_iter().collect();
    command().try_get_matches_from(&line).map_err(|error| explain(error, &line))
}

/// The one of these that was probably meant.
pub fn nearest<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let plain = |name: &str| name.to_lowercase().replace('_', "-");
    let typed = plain(typed);
    // A third of a long word may be wrong, but a short word with two wrong letters is another word.
    let limit = (typed.chars().count() / 3).clamp(1, 3);
    let distances = names.into_iter().map(|name| (damerau_levenshtein(&typed, &plain(name)), name));
    distances.filter(|(distance, _)| *distance <= limit).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// `; did you mean …?`, or nothing.
pub fn did_you_mean<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    nearest(typed, names).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// The setting's name that was probably meant; never one that is refused: that would be advice to fail.
pub fn nearest_setting(typed: &str) -> Option<&'static str> {
    if let Some(name) = nearest(typed, SETTINGS.iter().flat_map(Setting::names)) {
        return Some(name).filter(|name| !is_refused(name));
    }
    let other = ELSEWHERE.iter().find(|(name, _)| *name == typed).map(|(_, ours)| *ours);
    other.or_else(|| SETTINGS.iter().map(|s| s.name).find(|name| name.strip_prefix("salesforce-") == Some(typed)))
}

fn is_refused(name: &str) -> bool {
    SETTINGS.iter().any(|setting| matches!(setting.role, Role::Refused(_)) && setting.names().any(|n| n == name))
}

fn explain(mut error: Error, line: &[OsString]) -> Error {
    if !matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand | ErrorKind::ArgumentConflict)
    {
        return error;
    }
    let words: Vec<_> = line.iter().skip(1).map(|word| word.to_string_lossy()).collect();
    let root = command();
    let mut pairs = words.iter().zip(words.iter().skip(1));
    if let Some((flag, value)) = pairs.find(|(flag, value)| is_value_apart(&root, flag, value)) {
        let message = format!("a value of '{flag}' follows an equals sign: '{flag}={value}'");
        return command().error(ErrorKind::InvalidValue, message);
    }
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg).cloned() else { return error };
    let is_of_root = !words.iter().any(|word| root.find_subcommand(word.as_ref()).is_some());
    // Clap's own tip is right for a command's few flags; it does not know which of ours are refused.
    let clap = match error.get(ContextKind::SuggestedArg) {
        Some(ContextValue::String(name)) if !is_of_root => Some(name.clone()),
        _ => None,
    };
    let suggested = if is_of_root {
        let whole = words.iter().find(|word| is_long_with_one_dash(word, &unknown));
        let typed =
            whole.map_or(unknown.trim_start_matches('-'), |word| word[1..].split('=').next().unwrap_or_default());
        if let Some(word) = whole {
            error.insert(ContextKind::InvalidArg, ContextValue::String(word.to_string()));
        }
        nearest_setting(typed).or_else(|| nearest(typed, ["config", "help", "version"])).map(|name| format!("--{name}"))
    } else {
        clap.filter(|name| !is_refused(name.trim_start_matches('-')))
    };
    // A usage line that was made for another suggestion.
    let usage = command().render_usage();
    if is_of_root {
        error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
    }
    match suggested {
        Some(name) => drop(error.insert(ContextKind::SuggestedArg, ContextValue::String(name))),
        None => drop(error.remove(ContextKind::SuggestedArg)),
    }
    error
}

/// `-domain`: clap takes it for `-d` and more.
fn is_long_with_one_dash(word: &str, unknown: &str) -> bool {
    let is_short = unknown.len() == 2 && unknown.starts_with('-');
    is_short && word.len() > 3 && word.starts_with(unknown) && !word.starts_with("--")
}

/// `--demo mid`, `--force false`: these take their value after an equals sign, since they can stand alone.
fn is_value_apart(root: &Command, flag: &str, value: &str) -> bool {
    let is_it = |setting: &&Setting| {
        let short = setting.short.map(|short| format!("-{short}"));
        let long = flag.strip_prefix("--");
        short.as_deref() == Some(flag) || setting.names().any(|name| long == Some(name))
    };
    let Some(setting) = SETTINGS.iter().filter(|setting| setting.role == Role::Ours).find(is_it) else { return false };
    match setting.kind {
        Kind::Maybe(_) => !value.starts_with('-') && root.find_subcommand(value).is_none(),
        Kind::Switch => ["true", "false", "yes", "no", "on", "off", "1", "0"].contains(&value),
        Kind::Text | Kind::Number | Kind::Path | Kind::List | Kind::Secret => false,
    }
}
