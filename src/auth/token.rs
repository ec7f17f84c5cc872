//! The token request.

use std::time::Duration;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, TokenResponse, TokenUrl,
};
use reqwest::header::{HeaderValue, LOCATION};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{Error, Method, Session};
use crate::net::secret::keep_out;
use crate::net::{self, Domain};

/// Salesforce's token answer. Unlike the standard one it may lack `token_type`, and it names the org.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    access_token: AccessToken,
    #[serde(default = "bearer")]
    token_type: BasicTokenType,
    refresh_token: Option<RefreshToken>,
    instance_url: String,
    id: Option<String>,
}

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

impl TokenResponse for Answer {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        // Salesforce never says; the org's session policy decides.
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

type Client = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

/// Logs in at `domain`.
pub async fn login(http: &reqwest::Client, domain: &Domain, method: &Method) -> Result<Session, Error> {
    for secret in method.secrets() {
        keep_out(secret);
    }
    let (client_id, client_secret) = match method {
        Method::AccessToken(token) => return session(domain.clone(), token.clone()),
        Method::ClientCredentials { client_id, client_secret } => (client_id, Some(client_secret)),
        Method::RefreshToken { client_id, client_secret, .. } => (client_id, client_secret.as_ref()),
    };
    let mut client = Client::new(ClientId::new(client_id.clone()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::new(format!("{domain}/services/oauth2/token")).map_err(|_| Error::Token)?);
    if let Some(secret) = client_secret {
        client = client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()));
    }
    let host = domain.host();
    // The crate's errors carry no status; the last answer's is kept for the message.
    let status = std::sync::atomic::AtomicU16::new(0);
    let send = |request: HttpRequest| async {
        let (code, answer) = send(http, &host, request).await?;
        status.store(code, std::sync::atomic::Ordering::Relaxed);
        Ok::<_, net::Error>(answer)
    };
    let answer = match method {
        Method::RefreshToken { refresh_token, .. } => {
            let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
            client.exchange_refresh_token(&token).request_async(&send).await
        }
        _ => client.exchange_client_credentials().request_async(&send).await,
    };
    let answer = answer.map_err(|error| refused(error, status.into_inner()))?;
    let instance = domain.instance(&answer.instance_url).map_err(Error::Instance)?;
    let mut session = session(instance, SecretString::from(answer.access_token.secret().as_str()))?;
    session.identity = answer.id;
    if let (Method::RefreshToken { refresh_token: old, .. }, Some(new)) = (method, &answer.refresh_token)
        && new.secret() != old.expose_secret()
    {
        let new = SecretString::from(new.secret().as_str());
        keep_out(&new);
        session.rotated = Some(new);
    }
    Ok(session)
}

fn session(instance: Domain, token: SecretString) -> Result<Session, Error> {
    let header = format!("Bearer {}", token.expose_secret());
    if token.expose_secret().is_empty() || HeaderValue::try_from(header).is_err() {
        return Err(Error::Token);
    }
    keep_out(&token);
    Ok(Session::new(instance, token))
}

async fn send(http: &reqwest::Client, host: &str, request: HttpRequest) -> Result<(u16, HttpResponse), net::Error> {
    let failed = |error: reqwest::Error| net::Error::from_transport(&error, host);
    let request = reqwest::Request::try_from(request).map_err(failed)?;
    let answer = http.execute(request).await.map_err(failed)?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    if status.is_redirection() {
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        return Err(net::Error::redirect(status.as_u16(), host, location));
    }
    let body = net::http::body(answer, host).await?;
    if !matches!(body.trim_ascii_start().first(), Some(b'{')) {
        return Err(net::Error::not_json(status.as_u16(), &body));
    }
    let mut response = HttpResponse::new(body.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok((status.as_u16(), response))
}

fn refused(error: RequestTokenError<net::Error, BasicErrorResponse>, status: u16) -> Error {
    match error {
        RequestTokenError::ServerResponse(answer) => Error::Refused {
            error: answer.error().to_string(),
            description: answer.error_description().map(|text| net::error::plain(text)).unwrap_or_default(),
            status,
        },
        RequestTokenError::Request(error) => Error::Transport(error),
        RequestTokenError::Parse(error, _) => Error::Answer(error.to_string()),
        RequestTokenError::Other(error) => Error::Answer(error),
    }
}
