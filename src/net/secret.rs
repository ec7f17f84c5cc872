//! Keeping secrets out of messages: whatever a server echoes, it is not repeated.

use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};

/// Shorter secrets would take words out of messages.
const SHORTEST: usize = 6;
const MASK: &str = "(secret)";

/// The secrets of this run. Global, since a message can be made anywhere from anybody's text.
static KNOWN: Mutex<Vec<SecretString>> = Mutex::new(Vec::new());

/// Makes a secret known, so that no message shows it, neither as it is nor as a form or an address has it.
pub fn keep_out(secret: &SecretString) {
    let text = secret.expose_secret();
    if text.len() < SHORTEST {
        return;
    }
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if encoded != text {
        known.push(SecretString::from(encoded));
    }
    known.push(secret.clone());
}

/// A text without the secrets of this run, and without what looks like one: session ids, bearer tokens, the values of
/// the OAuth parameters that hold secrets.
pub fn redact(text: &str) -> String {
    let mut text = text.to_owned();
    for secret in KNOWN.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        text = text.replace(secret.expose_secret(), MASK);
    }
    for name in
        ["Bearer ", "Basic ", "access_token", "refresh_token", "client_secret", "assertion", "code_verifier", "sid="]
    {
        text = mask_after(&text, name);
    }
    mask_session_ids(&text)
}

/// Masks the value that follows a name, past `=`, `:`, quotes and blanks.
fn mask_after(text: &str, name: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, after) = rest.split_at(at + name.len());
        let value = after.trim_start_matches(['=', ':', '"', '\'', ' ', '[', '\\']);
        let separator = &after[..after.len() - value.len()];
        let end = value.find(|c: char| c.is_whitespace() || "\"'&<>,;)}".contains(c)).unwrap_or(value.len());
        out.push_str(before);
        out.push_str(separator);
        // `access_token is missing` holds no secret: a value is joined to its name.
        let is_value = end > 0 && (name.ends_with([' ', '=']) || separator.contains(['=', ':']));
        out.push_str(if is_value { MASK } else { &value[..end] });
        rest = &value[end..];
    }
    out + rest
}

/// Masks `00D…!…`, also as a form has it.
fn mask_session_ids(text: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!._-%".contains(c);
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("00D") {
        let (before, after) = rest.split_at(at);
        let end = after.find(|c| !is_token(c)).unwrap_or(after.len());
        out.push_str(before);
        out.push_str(if after[..end].contains('!') || after[..end].contains("%21") { MASK } else { &after[..end] });
        rest = &after[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_masked() {
        for (text, expected) in [
            ("GET /x Authorization: Bearer 00Dxx!canary.tok-en next", "GET /x Authorization: Bearer (secret) next"),
            ("client_id=cid&client_secret=canary&x=1", "client_id=cid&client_secret=(secret)&x=1"),
            (r#"{"refresh_token": "canary","a":1}"#, r#"{"refresh_token": "(secret)","a":1}"#),
            (
                "session 00D5f000000AAAA!AQ.canary_1 of org 00D5f000000AAAAEA4",
                "session (secret) of org 00D5f000000AAAAEA4",
            ),
            ("token=00D5f000000AAAA%21AQ.canary_1&x", "token=(secret)&x"),
            (r#"{"client_secret": ["canary"]}"#, r#"{"client_secret": ["(secret)"]}"#),
            ("expired access/refresh token", "expired access/refresh token"),
            ("refresh_token is missing", "refresh_token is missing"),
            ("frontdoor.jsp?sid=canary", "frontdoor.jsp?sid=(secret)"),
            ("Bearer", "Bearer"),
            ("Ōkubo 00D", "Ōkubo 00D"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn the_secrets_of_the_run_are_masked_wherever_they_stand() {
        keep_out(&SecretString::from("swordfish-9"));
        keep_out(&SecretString::from("a"));
        assert_eq!(redact("you sent <swordfish-9>, a fish"), "you sent <(secret)>, a fish");
        keep_out(&SecretString::from("sword/fish+9="));
        assert_eq!(redact("x=sword%2Ffish%2B9%3D, sword/fish+9="), "x=(secret), (secret)");
    }
}
