//! Telling Salesforce that a token is to work no more.

use secrecy::{ExposeSecret, SecretString};

use super::Error;
use crate::net::{self, Domain};

/// Revokes a token; a refresh token takes with it all access tokens that came from it. False where it worked no more
/// already.
pub async fn revoke(http: &reqwest::Client, domain: &Domain, token: &SecretString) -> Result<bool, Error> {
    let host = domain.host();
    let failed = |error: reqwest::Error| net::Error::from_transport(&error, &host);
    let request = http.post(format!("{domain}/services/oauth2/revoke")).form(&[("token", token.expose_secret())]);
    let answer = request.send().await.map_err(failed)?;
    let status = answer.status();
    net::http::refuse_redirect(&answer, &host)?;
    let body = net::http::body(answer, &host).await?;
    match status.as_u16() {
        200 => Ok(true),
        // `unsupported_token_type` or `invalid_token`: it knows no such token.
        400 if body.trim_ascii_start().first() == Some(&b'{') => Ok(false),
        status => Err(net::Error::not_json(status, &body).into()),
    }
}
