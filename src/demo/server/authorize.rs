//! `/services/oauth2/authorize`: the page that a person logs in on and allows the app, and what its code is good for.

use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use url::Url;

use super::Asked;
use super::answer::Answer;
use super::state::{Code, State};
use crate::salesforce::RecordId;

/// What an app may ask with; the page's form carries it all on.
const CARRIED: [&str; 7] =
    ["response_type", "client_id", "redirect_uri", "state", "scope", "code_challenge", "code_challenge_method"];

pub(super) fn answer(state: &State, asked: &Asked<'_>) -> Answer {
    let mut sent = asked.query.clone();
    sent.extend(url::form_urlencoded::parse(asked.body).into_owned());
    let get = |name: &str| sent.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    // To an address that is not the app's nothing is sent, not even an error.
    if get("client_id") != state.client_id {
        return told(400, "error=invalid_client_id&error_description=client%20identifier%20invalid");
    }
    let Some(redirect) = redirect(state, get("redirect_uri")) else {
        return told(400, "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration");
    };
    let back = |answer: &[(&str, &str)]| {
        let mut redirect = redirect.clone();
        redirect.query_pairs_mut().extend_pairs(answer).extend_pairs(sent.iter().filter(|(key, _)| key == "state"));
        Answer::html(302, "").with("location", redirect)
    };
    let refused = |error: &str, text: &str| back(&[("error", error), ("error_description", text)]);
    if let Some((error, description)) = &state.options.authorization_error {
        return refused(error, description);
    }
    if get("response_type") != "code" {
        return refused("unsupported_response_type", "response type not supported");
    }
    match (get("code_challenge"), get("code_challenge_method")) {
        ("", _) if state.options.require_pkce => return refused("invalid_request", "missing required code challenge"),
        ("", _) | (_, "S256") => {}
        _ => return refused("invalid_request", "invalid code challenge method"),
    }
    match (asked.method, get("answer")) {
        ("POST", "deny") => refused("access_denied", "end-user denied authorization"),
        ("POST", "allow") => match user(state, get("username")) {
            Some(user) => {
                let challenge = Some(get("code_challenge").to_owned()).filter(|challenge| !challenge.is_empty());
                let code = state.open_code(Code { user, redirect_uri: get("redirect_uri").to_owned(), challenge });
                back(&[("code", &code)])
            }
            None => page(state, &sent, "Please check your username. If you still can't log in, contact your admin."),
        },
        _ => page(state, &sent, ""),
    }
}

/// The user of a code, which is used up; or why it is good for nothing.
pub(super) fn redeem(
    state: &State,
    code: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Result<RecordId, (&'static str, &'static str)> {
    let code = state.take_code(code).ok_or(("invalid_grant", "expired authorization code"))?;
    if code.redirect_uri != redirect_uri {
        return Err(("redirect_uri_mismatch", "redirect_uri must match configuration"));
    }
    let is_verified = match &code.challenge {
        None => verifier.is_empty(),
        Some(challenge) => {
            // RFC 7636 section 4.1; the crate panics on other lengths.
            (43..=128).contains(&verifier.len())
                && PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier.to_owned())).as_str()
                    == challenge
        }
    };
    if is_verified { Ok(code.user) } else { Err(("invalid_grant", "invalid code verifier")) }
}

/// The address to send the browser back to, if the app is registered with it.
fn redirect(state: &State, uri: &str) -> Option<Url> {
    let url = Url::parse(uri).ok()?;
    let is_registered = match &state.options.callback {
        Some(registered) => registered == uri,
        None => url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
    };
    is_registered.then_some(url)
}

fn user(state: &State, username: &str) -> Option<RecordId> {
    let users = state.org.records("User");
    let is_it = |user: &&serde_json::Value| user["Username"] == *username && user["IsActive"] == true;
    RecordId::parse(users.iter().find(is_it)?["Id"].as_str()?).ok()
}

fn told(status: u16, text: &str) -> Answer {
    Answer::html(status, &format!("<!doctype html><title>Error</title><p>{}</p>", escaped(text)))
}

fn page(state: &State, sent: &[(String, String)], problem: &str) -> Answer {
    let carried = sent.iter().filter(|(name, _)| CARRIED.contains(&name.as_str()));
    let hidden = carried.fold(String::new(), |hidden, (name, value)| {
        hidden + &format!("<input type=hidden name={name} value=\"{}\">\n", escaped(value))
    });
    let first = state.org.record("User", state.org.user);
    let first = first.as_ref().and_then(|user| user["Username"].as_str());
    let problem = if problem.is_empty() { String::new() } else { format!("<p class=problem>{}</p>", escaped(problem)) };
    let html = include_str!("login.html")
        .replace("{hidden}", &hidden)
        .replace("{username}", &escaped(first.unwrap_or_default()))
        .replace("{problem}", &problem);
    Answer::html(200, &html)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
