//! What values look like.

use std::collections::HashSet;
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use secrecy::SecretString;

use crate::auth::jwt::is_pem;
use crate::auth::{KeyError, PrivateKey};
use crate::cli;
use crate::model::ResourceKind;

pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "t" | "yes" | "on" => Some(true),
        "false" | "0" | "f" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// Reads a number that lies in a range.
pub(super) fn within<T: FromStr + PartialOrd + Display>(
    range: RangeInclusive<T>,
) -> impl FnOnce(&str) -> Result<T, String> {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("`{text}` is not a number from {} to {}", range.start(), range.end()))
    }
}

/// Reads `15s`, `50ms`, `2m`, `1h` or a number of seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a duration such as `15s`, `500ms` or `2m`");
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let millis = match &text[digits.len()..] {
        "ms" => 1,
        "" | "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    number.checked_mul(millis).filter(|millis| *millis > 0).map(Duration::from_millis).ok_or_else(wrong)
}

pub(super) fn kinds(text: &str) -> Result<HashSet<ResourceKind>, String> {
    let list: Result<HashSet<_>, _> = text
        .split(',')
        .map(str::trim)
        .filter(|kind| !kind.is_empty())
        .map(|kind| ResourceKind::parse(kind).ok_or_else(|| not_one_of("sync-resource-types", kind)))
        .collect();
    list.and_then(|list| {
        if list.is_empty() {
            Err(format!("the list is empty; there are {}", ResourceKind::ALL.map(ResourceKind::id).join(", ")))
        } else {
            Ok(list)
        }
    })
}

/// The kinds that are read only where they are asked for.
pub(super) fn also(text: &str) -> Result<Vec<&'static str>, String> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    let known = |name| cli::ALSO.iter().find(|known| **known == name).copied();
    names.map(|name| known(name).ok_or_else(|| not_one_of("sync-also", name))).collect()
}

/// Reads a private key: from a file, or where it is not a flag (which other users can see) the key itself.
pub(super) fn private_key(text: &str, is_flag: bool) -> Result<PrivateKey, String> {
    if !is_pem(text) {
        return match private_key_in(text) {
            // Not shown: it may be a key that lost its first line, or one in Base64.
            Err(_) if can_be_secret(text) && !Path::new(text).exists() => {
                Err("this is neither the path of a file nor a key in PEM (`-----BEGIN PRIVATE KEY-----`, or all of it in Base64)".to_owned())
            }
            read => read,
        };
    }
    if is_flag {
        return Err("it takes the path of the key's file; the key itself is taken from the environment".to_owned());
    }
    PrivateKey::parse(&SecretString::from(text)).map_err(|error| error.to_string())
}

/// Reads the private key in a file.
pub(super) fn private_key_in(path: &str) -> Result<PrivateKey, String> {
    let pem = String::from_utf8(read(path)?).map_err(|_| format!("{}: {}", shown(path), KeyError::Binary))?;
    PrivateKey::parse(&SecretString::from(pem)).map_err(|error| format!("{}: {error}", shown(path)))
}

/// Reads the secret in a file.
pub(super) fn secret_in(path: &str) -> Result<SecretString, String> {
    let text = String::from_utf8(read(path)?).map_err(|_| format!("{} is no text", shown(path)))?;
    if text.trim().is_empty() { Err(format!("{} is empty", shown(path))) } else { Ok(SecretString::from(text.trim())) }
}

/// The content of a file, or of stdin.
fn read(path: &str) -> Result<Vec<u8>, String> {
    /// As much as other programs of the ecosystem take.
    const MOST: u64 = 2 << 20;
    let mut content = Vec::new();
    let read = match path {
        "-" => std::io::stdin().take(MOST).read_to_end(&mut content),
        path => File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut content)),
    };
    read.map(|_| content).map_err(|error| format!("cannot read {}: {error}", shown(path)))
}

/// A path for a message, unless it can be a secret that stands where its file belongs.
fn shown(path: &str) -> String {
    if can_be_secret(path) {
        return "the file of that name (not shown, since it looks like a secret; a path is needed here)".to_owned();
    }
    format!("`{path}`")
}

/// Whether a text that should be a path can be a key in Base64 or a token: few paths hold so many letters and digits in
/// one piece.
fn can_be_secret(path: &str) -> bool {
    let is_token = |run: &str| run.len() >= 16 && run.contains(|c: char| c.is_ascii_digit());
    path.contains('\n') || path.split(|c: char| !c.is_ascii_alphanumeric()).any(is_token)
}

/// The audience of assertions: a login host, or a site of Experience Cloud. It is written into the assertion as it is, and
/// nothing is sent there.
pub(super) fn audience(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).map_err(|_| format!("`{text}` is no URL such as https://login.salesforce.com"))?;
    match url.host_str() {
        Some(_) if matches!(url.scheme(), "https" | "http") => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err(format!("`{text}` is no URL such as https://login.salesforce.com")),
    }
}

/// Says which values there are, and which one was probably meant.
pub(super) fn not_one_of(setting: &str, text: &str) -> String {
    let values = cli::SETTINGS.iter().find(|other| other.name == setting).map_or(&[][..], |setting| setting.values);
    let hint = cli::did_you_mean(text, values.iter().copied());
    format!("`{text}` is none of {}{hint}", values.join(", "))
}
