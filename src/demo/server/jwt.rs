//! The JWT bearer grant: the assertion is verified as Salesforce does.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::options::JwtApp;
use super::state::State;
use crate::salesforce::RecordId;

/// The longest that Salesforce lets an assertion be good for, in seconds.
const MOST: i64 = 180;

/// The user that an assertion is good for, or why it is not; `site` is the path of the one that was asked.
pub(super) fn user(
    state: &State,
    site: &str,
    assertion: &str,
    now: i64,
) -> Result<RecordId, (&'static str, &'static str)> {
    let invalid = ("invalid_grant", "invalid assertion");
    let app = state.options.jwt.as_ref().ok_or(("unsupported_grant_type", "grant type not supported"))?;
    let (signed, signature) = assertion.rsplit_once('.').ok_or(invalid)?;
    let (head, claims) = signed.split_once('.').ok_or(invalid)?;
    let read = |part: &str| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok() };
    let (head, claims) = (read(head).ok_or(invalid)?, read(claims).ok_or(invalid)?);
    if head["alg"] != "RS256" {
        return Err(invalid);
    }
    if claims["iss"] != *state.client_id {
        return Err(("invalid_client_id", "client identifier invalid"));
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| invalid)?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &app.public_key);
    key.verify(signed.as_bytes(), &signature).map_err(|_| invalid)?;
    let audience = claims["aud"].as_str().unwrap_or_default();
    if !site.is_empty() {
        if audience != format!("{}{site}", state.url) {
            return Err(("invalid_grant", "audience is invalid"));
        }
    } else if audience != state.url {
        if app.is_known_at_home_alone {
            return Err(("app_not_found", "External client app is not installed in this org"));
        }
        if audience != "https://login.salesforce.com" {
            return Err(("invalid_grant", "audience is invalid"));
        }
    }
    let ends_in = claims["exp"].as_i64().ok_or(invalid)? - now;
    if !(1..=MOST).contains(&ends_in) {
        return Err(("invalid_grant", "invalid assertion"));
    }
    let users = state.org.records("User");
    let user = users.iter().find(|user| user["Username"] == claims["sub"]);
    let id = user.and_then(|user| RecordId::parse(user["Id"].as_str()?).ok());
    match (id, user.map(|user| &user["IsActive"])) {
        (Some(_), _) if !app.is_approved => Err(("invalid_grant", "user hasn't approved this consumer")),
        (Some(_), Some(Value::Bool(false))) => Err(("invalid_grant", "inactive user")),
        (Some(id), _) => Ok(id),
        (None, _) => Err(("invalid_grant", "user hasn't approved this consumer")),
    }
}

/// A new key pair: the app's half, and the other one as PKCS#8 in PEM.
///
/// # Errors
/// Where the system has no random numbers.
pub fn key_pair() -> std::io::Result<(JwtApp, String)> {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
    use base64::engine::general_purpose::STANDARD;

    let failed = |_| std::io::Error::other("no key could be made");
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
    let text = STANDARD.encode(der.as_ref());
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    let public_key = pair.public_key().as_ref().to_vec();
    Ok((JwtApp { public_key, is_approved: true, is_known_at_home_alone: false, site: None }, pem))
}
