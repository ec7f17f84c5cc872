//! What was given, and where: flag before environment before file, each name with its aliases.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgMatches;
use secrecy::SecretString;

use super::Error;
use super::network::variables;
use super::values::{duration, parse_bool, secret_in};
use crate::cli::{self, Kind, Role, SETTINGS, Setting};
use crate::config;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Flag(&'static str),
    Environment(&'static str),
    File(&'static str, PathBuf, u64),
}

impl Place {
    /// The lowest wins.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Flag(_) => 0,
            Self::Environment(_) => 1,
            Self::File(..) => 2,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "--{name}"),
            Self::Environment(name) => f.write_str(&cli::env_name(name)),
            Self::File(name, path, line) => write!(f, "`{name}` in {} line {line}", path.display()),
        }
    }
}

#[derive(Clone)]
pub(super) struct Given {
    pub(super) value: String,
    pub(super) place: Place,
}

impl Given {
    /// Whether it is in the command line, which other users of the machine can see.
    pub(super) fn is_flag(&self) -> bool {
        matches!(self.place, Place::Flag(_))
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(given by {})", self.place)
    }
}

/// All settings as they were given, before they are understood.
#[derive(Debug, Default)]
pub struct Raw {
    pub(super) given: BTreeMap<&'static str, Given>,
    /// What other programs heed too.
    pub(super) variables: BTreeMap<&'static str, String>,
    pub(super) warnings: Vec<String>,
}

impl Raw {
    /// Collects what was given. `environment` looks a variable up.
    pub fn collect(matches: &ArgMatches, environment: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let environment = |name: &str| environment(name).filter(|value| !value.is_empty());
        let named = matches.get_one::<String>("config").cloned().or_else(|| environment(cli::CONFIG_ENV));
        let path = PathBuf::from(named.as_deref().unwrap_or(cli::CONFIG_FILE));
        let file = if named.is_some() || path.exists() { config::read(&path)? } else { BTreeMap::new() };
        check_keys(&file, &path)?;
        let variables = variables().filter_map(|name| Some((name, environment(name)?))).collect();
        let mut raw = Self { variables, ..Self::default() };
        for setting in SETTINGS {
            let from_flags = setting.names().filter_map(|name| {
                // A command has those settings alone that it has a use for.
                let value = matches.try_get_one::<String>(name).ok().flatten()?;
                Some(Given { value: value.clone(), place: Place::Flag(name) })
            });
            let from_environment = setting.names().filter_map(|name| {
                Some(Given { value: environment(&cli::env_name(name))?, place: Place::Environment(name) })
            });
            let from_file = setting.names().filter_map(|name| {
                let entry = file.get(name)?;
                Some(Given { value: entry.values.join(","), place: Place::File(name, path.clone(), entry.line) })
            });
            let sources: [Vec<Given>; 3] = [from_flags.collect(), from_environment.collect(), from_file.collect()];
            let Some(given) = sources.into_iter().find(|given| !given.is_empty()) else { continue };
            raw.take(setting, &given)?;
        }
        Ok(raw)
    }

    fn take(&mut self, setting: &'static Setting, given: &[Given]) -> Result<(), Error> {
        let Some(first) = given.first().cloned() else { return Ok(()) };
        if let Some(other) = given.iter().find(|other| !same(setting, &other.value, &first.value)) {
            return Err(Error::Invalid(format!(
                "{} and {} mean the same and have different values",
                first.place, other.place
            )));
        }
        let is_off = parse_bool(&first.value) == Some(false);
        match setting.role {
            Role::Ours => {
                let is_open = match setting.name {
                    // Most proxies have no password.
                    "proxy" => !first.value.contains('@'),
                    // The path of a file; the key itself is refused there.
                    "salesforce-private-key" => true,
                    _ => false,
                };
                if setting.is_secret() && !is_open && first.is_flag() {
                    self.warnings.push(format!(
                        "{} puts a secret where other users of this machine can see it; use {}-file or the environment",
                        first.place, first.place
                    ));
                }
                self.given.insert(setting.name, first);
            }
            Role::Ignored | Role::Refused(_) if is_off => {}
            Role::Ignored => {
                self.warnings.push(format!("{} has no meaning in this program and is ignored", first.place));
            }
            Role::Refused(why) => return Err(Error::Invalid(format!("{} is not supported: {why}", first.place))),
        }
        Ok(())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(|given| given.value.as_str())
    }

    pub(super) fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Error> {
        let Some(given) = self.given.get(name) else { return Ok(None) };
        parse(&given.value).map(Some).map_err(|why| Error::Invalid(format!("{}: {why}", given.place)))
    }

    pub(super) fn switch(&self, name: &str, default: bool) -> Result<bool, Error> {
        let parse = |text: &str| parse_bool(text).ok_or_else(|| format!("`{text}` is neither `true` nor `false`"));
        Ok(self.parsed(name, parse)?.unwrap_or(default))
    }

    pub(super) fn duration(&self, name: &str, default: Duration) -> Result<Duration, Error> {
        Ok(self.parsed(name, duration)?.unwrap_or(default))
    }

    /// A secret, given or in a file that was named.
    pub(super) fn secret(&self, name: &'static str) -> Result<Option<SecretString>, Error> {
        match self.itself(name)? {
            Some(given) => Ok(Some(SecretString::from(given.value.as_str()))),
            None => self.parsed(&format!("{name}-file"), secret_in),
        }
    }

    /// The setting that takes a secret itself, unless the one that takes its file counts.
    pub(super) fn itself(&self, name: &'static str) -> Result<Option<&Given>, Error> {
        let file = format!("{name}-file");
        let mut own = self.given.get(name);
        if let (Some(one), Some(other)) = (own, self.given.get(file.as_str())) {
            // A flag beats the environment, and both beat the file, also where one names the secret and one a file.
            match one.place.rank().cmp(&other.place.rank()) {
                Ordering::Less => {}
                Ordering::Greater => own = None,
                Ordering::Equal => {
                    return Err(Error::Invalid(format!("{} and {} exclude each other", one.place, other.place)));
                }
            }
        }
        Ok(own)
    }
}

/// A key of the file that is no setting is a mistake, not something to pass over.
fn check_keys(file: &BTreeMap<String, config::Entry>, path: &Path) -> Result<(), Error> {
    let names = || SETTINGS.iter().flat_map(Setting::names);
    let Some((key, entry)) = file.iter().find(|(key, _)| !names().any(|name| name == key.as_str())) else {
        return Ok(());
    };
    let hint = cli::nearest_setting(key).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    Err(Error::Invalid(format!("{} line {}: `{key}` is no setting{hint}", path.display(), entry.line)))
}

fn same(setting: &Setting, one: &str, other: &str) -> bool {
    one == other || (setting.kind == Kind::Switch && parse_bool(one).is_some() && parse_bool(one) == parse_bool(other))
}
