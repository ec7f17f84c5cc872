//! `/services/oauth2/{authorize,token,revoke,userinfo}` and the identity address.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Value, json};

use super::Asked;
use super::answer::Answer;
use super::options::ClientCredentials;
use super::state::{Refresh, State, secret};
use super::{authorize, jwt};
use crate::salesforce::RecordId;

pub(super) fn answer(state: &State, asked: &Asked<'_>) -> Answer {
    match (asked.method, asked.path) {
        ("GET" | "POST", "/services/oauth2/authorize") => authorize::answer(state, asked),
        ("POST", "/services/oauth2/token") => token(state, asked, ""),
        (_, "/services/oauth2/token") => refused("invalid_request", "must use HTTP POST"),
        ("POST" | "GET", "/services/oauth2/revoke") => revoke(state, asked),
        ("POST" | "GET", "/services/oauth2/userinfo") => person(state, asked, userinfo),
        ("POST" | "GET", path) if path.starts_with("/id/") => person(state, asked, identity),
        _ => Answer::html(404, "<html><body>URL No Longer Exists</body></html>"),
    }
}

fn refused(error: &str, description: &str) -> Answer {
    Answer::json(400, &json!({ "error": error, "error_description": description }))
}

/// The parameters of the body, with the credentials of `Authorization: Basic` behind them.
fn form(asked: &Asked<'_>) -> Vec<(String, String)> {
    let mut form: Vec<(String, String)> = url::form_urlencoded::parse(asked.body).into_owned().collect();
    form.extend(asked.query.iter().cloned());
    let basic = asked.header("authorization").and_then(|value| value.strip_prefix("Basic ")).and_then(from_base64);
    if let Some((id, secret)) = basic.as_deref().and_then(|pair| pair.split_once(':')) {
        for (name, value) in [("client_id", id), ("client_secret", secret)] {
            // RFC 6749 section 2.3.1: both are form-encoded before they are joined.
            let decoded = url::form_urlencoded::parse(value.as_bytes()).next().map(|(key, _)| key.into_owned());
            form.push((name.to_owned(), decoded.unwrap_or_default()));
        }
    }
    form
}

fn from_base64(text: &str) -> Option<String> {
    String::from_utf8(STANDARD_NO_PAD.decode(text.trim().trim_end_matches('=')).ok()?).ok()
}

/// What a person's login may do.
const PERSON: &str = "refresh_token id api";

/// Answers the token endpoint of the org, or that of the site at a path.
pub(super) fn token(state: &State, asked: &Asked<'_>, site: &str) -> Answer {
    let form = form(asked);
    let get = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let grant = get("grant_type");
    if grant == "urn:ietf:params:oauth:grant-type:jwt-bearer" {
        return match jwt::user(state, site, get("assertion"), state.now()) {
            Ok(user) => granted(state, user, "api", None),
            Err((error, description)) => refused(error, description),
        };
    }
    if !["client_credentials", "refresh_token", "authorization_code"].contains(&grant) {
        return refused("unsupported_grant_type", "grant type not supported");
    }
    if get("client_id") != state.client_id {
        return refused("invalid_client_id", "client identifier invalid");
    }
    if grant != "client_credentials" {
        // A public client sends no secret; a wrong one is refused.
        let is_public = !state.options.require_secret && get("client_secret").is_empty();
        if !is_public && get("client_secret") != state.client_secret {
            return refused("invalid_client", "invalid client credentials");
        }
    }
    if grant == "authorization_code" {
        return match authorize::redeem(state, get("code"), get("redirect_uri"), get("code_verifier")) {
            Ok(user) => granted(state, user, PERSON, Some(state.open_refresh_token(user))),
            Err((error, description)) => refused(error, description),
        };
    }
    if grant == "refresh_token" {
        return match state.refresh(get("refresh_token")) {
            Refresh::Same(user) => granted(state, user, PERSON, None),
            Refresh::Rotated(user, token) => granted(state, user, PERSON, Some(token)),
            Refresh::Refused => refused("invalid_grant", "expired access/refresh token"),
        };
    }
    if get("client_secret") != state.client_secret {
        return refused("invalid_client", "invalid client credentials");
    }
    match state.options.client_credentials {
        ClientCredentials::Allowed => granted(state, state.org.user, "api", None),
        ClientCredentials::WrongDomain => refused("invalid_grant", "request not supported on this domain"),
        ClientCredentials::NoRunAsUser => refused("invalid_grant", "no client credentials user enabled"),
        ClientCredentials::NotApproved => {
            refused("invalid_app_access", "user is not admin approved to access this app")
        }
    }
}

fn identity_url(state: &State, user: RecordId) -> String {
    format!("{}/id/{}/{user}", state.url, state.org.id)
}

fn granted(state: &State, user: RecordId, scope: &str, refresh_token: Option<String>) -> Answer {
    let mut body = json!({
        "access_token": state.open_session(user),
        "signature": format!("{}=", secret(43)),
        "scope": scope,
        "instance_url": state.url,
        "id": identity_url(state, user),
        "token_type": "Bearer",
        "issued_at": jiff::Timestamp::now().as_millisecond().to_string(),
    });
    if let Some(token) = refresh_token {
        body["refresh_token"] = token.into();
    }
    Answer::json(200, &body)
}

fn revoke(state: &State, asked: &Asked<'_>) -> Answer {
    let form = form(asked);
    let token = form.iter().find(|(key, _)| key == "token").map_or("", |(_, value)| value.as_str());
    if state.revoke(token) {
        Answer::html(200, "")
    } else {
        refused("unsupported_token_type", "this token type is not supported")
    }
}

/// Answers about the running user; a bad token gets a text, not JSON.
fn person(state: &State, asked: &Asked<'_>, tell: fn(&State, RecordId, &Value) -> Value) -> Answer {
    let form = form(asked);
    let sent = form.iter().find(|(key, _)| key == "access_token" || key == "oauth_token");
    let token = asked.bearer().or(sent.map(|(_, value)| value.as_str()));
    let Some(user) = token.and_then(|token| state.use_session(token)) else {
        return Answer::html(403, "Bad_OAuth_Token");
    };
    Answer::json(200, &tell(state, user, &state.org.record("User", user).unwrap_or_default()))
}

fn urls(state: &State, user: RecordId) -> Value {
    let (url, organization) = (&state.url, state.org.id.as_15());
    let soap = |kind: &str| format!("{url}/services/Soap/{kind}/{{version}}/{organization}");
    let rest = |rest: &str| format!("{url}/services/data/v{{version}}/{rest}");
    json!({
        "enterprise": soap("c"),
        "metadata": soap("m"),
        "partner": soap("u"),
        "rest": rest(""),
        "sobjects": rest("sobjects/"),
        "query": rest("query/"),
        "profile": format!("{url}/{user}"),
        "custom_domain": url,
    })
}

fn user_type(user: &Value) -> String {
    user["UserType"].as_str().unwrap_or_default().to_uppercase()
}

fn userinfo(state: &State, id: RecordId, user: &Value) -> Value {
    let picture = format!("{}/profilephoto/005/F", state.url);
    json!({
        "sub": identity_url(state, id),
        "user_id": id.to_string(),
        "organization_id": state.org.id(),
        "preferred_username": user["Username"],
        "nickname": user["CommunityNickname"],
        "name": user["Name"],
        "email": user["Email"],
        "email_verified": true,
        "given_name": user["FirstName"],
        "family_name": user["LastName"],
        "zoneinfo": user["TimeZoneSidKey"],
        "photos": { "picture": picture, "thumbnail": format!("{}/profilephoto/005/T", state.url) },
        "profile": format!("{}/{id}", state.url),
        "picture": picture,
        "address": {},
        "is_salesforce_integration_user": false,
        "urls": urls(state, id),
        "active": user["IsActive"],
        "user_type": user_type(user),
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": -28_800_000,
        "updated_at": "2023-04-05T20:43:59Z",
    })
}

fn identity(state: &State, id: RecordId, user: &Value) -> Value {
    json!({
        "id": identity_url(state, id),
        "asserted_user": true,
        "user_id": id.to_string(),
        "organization_id": state.org.id(),
        "username": user["Username"],
        "nick_name": user["CommunityNickname"],
        "display_name": user["Name"],
        "email": user["Email"],
        "email_verified": true,
        "first_name": user["FirstName"],
        "last_name": user["LastName"],
        "timezone": user["TimeZoneSidKey"],
        "urls": urls(state, id),
        "active": user["IsActive"],
        "user_type": user_type(user),
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": -28_800_000,
        "last_modified_date": "2023-04-05T20:43:59Z",
        "is_app_installed": true,
    })
}
