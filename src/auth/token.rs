//! The token request.

use std::pin::Pin;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, HttpRequest, HttpResponse,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken, TokenResponse,
    TokenUrl,
};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use tracing::debug;

use super::refusals::Reason;
use super::{Error, Method, Session, jwt};
use crate::net::secret::keep_out;
use crate::net::{self, Domain, TokenHost};
use crate::time::Timestamp;

/// Salesforce's token answer. Unlike the standard one it may lack `token_type`, and it names the org.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    access_token: AccessToken,
    #[serde(default = "bearer")]
    token_type: BasicTokenType,
    refresh_token: Option<RefreshToken>,
    instance_url: String,
    id: Option<String>,
    scope: Option<String>,
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

pub(super) type Client = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

/// What is exchanged for an access token.
pub(super) enum Grant<'g> {
    /// The app itself.
    ClientCredentials,
    /// A refresh token.
    Refresh(&'g SecretString),
    /// What came back with the browser.
    Code { code: &'g SecretString, verifier: &'g SecretString, redirect: RedirectUrl },
}

/// The app that asks.
#[derive(Clone, Copy)]
pub(super) struct App<'a> {
    pub(super) client_id: &'a str,
    pub(super) client_secret: Option<&'a SecretString>,
}

/// Logs in at `domain`.
pub async fn login(http: &reqwest::Client, domain: &Domain, method: &Method) -> Result<Session, Error> {
    for secret in method.secrets() {
        keep_out(secret);
    }
    match method {
        Method::AccessToken(token) => session(domain.clone(), token.clone()),
        Method::ClientCredentials { client_id, client_secret } => {
            let app = App { client_id, client_secret: Some(client_secret) };
            exchange(http, domain, app, Grant::ClientCredentials).await
        }
        Method::RefreshToken { client_id, client_secret, refresh_token } => {
            let app = App { client_id, client_secret: client_secret.as_ref() };
            exchange(http, domain, app, Grant::Refresh(refresh_token)).await
        }
        Method::JwtBearer { client_id, subject, key, token_host, audience } => {
            let host = token_host.as_deref().cloned().unwrap_or_else(|| domain.clone().into());
            let audiences =
                audience.as_ref().map_or_else(|| jwt::audiences(domain, &host), |named| vec![named.clone()]);
            let mut refused = Error::Token;
            for audience in audiences {
                let now = Timestamp::now().millis() / 1000;
                let assertion = key.assertion(client_id, subject, &audience, now + jwt::LIFE)?;
                keep_out(&assertion);
                match by_assertion(http, domain, &host, &assertion).await {
                    Err(error) if is_of_another_audience(&error) => {
                        debug!(%error, audience, "the assertion was refused");
                        refused = error;
                    }
                    // A username leads to one org, wherever it is asked for: only the org's own address refuses others.
                    Ok(session) if !domain.is_answered_by(&session.instance) => {
                        return Err(Error::Elsewhere { asked: domain.host(), answered: session.instance.host() });
                    }
                    other => return other,
                }
            }
            Err(refused)
        }
        Method::Stored { .. } => Err(Error::NoLogin { key: None }),
    }
}

/// The grant type of JWT bearer (RFC 7523).
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Exchanges an assertion for a session. (The `oauth2` crate has no such grant, and would name its own one too.)
async fn by_assertion(
    http: &reqwest::Client,
    domain: &Domain,
    host: &TokenHost,
    assertion: &SecretString,
) -> Result<Session, Error> {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", JWT_BEARER)
        .append_pair("assertion", assertion.expose_secret())
        .finish();
    let request = oauth2::http::Request::post(host.endpoint())
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "application/json")
        .body(form.into_bytes())
        .map_err(|_| Error::Token)?;
    let (status, answer) = send(http, &host.host(), request).await?;
    if answer.status().is_success() {
        let answer = serde_json::from_slice(answer.body()).map_err(|error| Error::Answer(error.to_string()))?;
        return taken(domain, answer, None);
    }
    let error = match serde_json::from_slice::<BasicErrorResponse>(answer.body()) {
        Ok(error) => refused(RequestTokenError::ServerResponse(error), status),
        Err(error) => Error::Answer(error.to_string()),
    };
    let date =
        answer.headers().get(reqwest::header::DATE).and_then(|date| Timestamp::parse_http_date(date.to_str().ok()?));
    let ahead = date.map(|date| (Timestamp::now().millis() - date.millis()) / 1000);
    Err(match ahead.filter(|ahead| jwt::is_spoilt(*ahead) && may_be_the_clock(&error)) {
        Some(seconds) => Error::Clock { seconds, source: Box::new(error) },
        None => error,
    })
}

/// Whether an assertion may be taken when it is made out to somebody else. External Client Apps that know the org's own
/// address alone say that there is no such app.
fn is_of_another_audience(error: &Error) -> bool {
    matches!(error, Error::Refused { error, description, .. }
        if error == "app_not_found" || description.to_lowercase().contains("audience"))
}

/// Whether an assertion can have been refused for its time: another reason that is told stands.
fn may_be_the_clock(error: &Error) -> bool {
    let Error::Refused { error, description, status } = error else { return false };
    let reason = Reason::of(error, description);
    *status < 500
        && reason
            .is_none_or(|reason| reason.codes.iter().any(|code| ["invalid_assertion", "invalid_grant"].contains(code)))
}

/// Exchanges a grant for a session.
pub(super) async fn exchange(
    http: &reqwest::Client,
    domain: &Domain,
    app: App<'_>,
    grant: Grant<'_>,
) -> Result<Session, Error> {
    let mut client = Client::new(ClientId::new(app.client_id.to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::new(format!("{domain}/services/oauth2/token")).map_err(|_| Error::Token)?);
    if let Some(secret) = app.client_secret {
        client = client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()));
    }
    let send = Sender { http: http.clone(), host: domain.host(), status: AtomicU16::new(0) };
    let text = |secret: &SecretString| secret.expose_secret().to_owned();
    let mut old = None;
    let answer = match grant {
        Grant::ClientCredentials => client.exchange_client_credentials().request_async(&send).await,
        Grant::Refresh(token) => {
            old = Some(token);
            client.exchange_refresh_token(&RefreshToken::new(text(token))).request_async(&send).await
        }
        Grant::Code { code, verifier, redirect } => {
            let verifier = PkceCodeVerifier::new(text(verifier));
            let client = client.set_redirect_uri(redirect);
            let exchange = client.exchange_code(AuthorizationCode::new(text(code))).set_pkce_verifier(verifier);
            exchange.request_async(&send).await
        }
    };
    let answer = answer.map_err(|error| refused(error, send.status.into_inner()))?;
    taken(domain, answer, old)
}

/// The session that an answer gives. `old` is the refresh token that was used up for it.
fn taken(domain: &Domain, answer: Answer, old: Option<&SecretString>) -> Result<Session, Error> {
    let instance = domain.instance(&answer.instance_url).map_err(Error::Instance)?;
    let mut session = session(instance, SecretString::from(answer.access_token.secret().as_str()))?;
    session.identify(answer.id.as_deref());
    session.scopes = answer.scope.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if let Some(new) = &answer.refresh_token
        && old.is_none_or(|old| new.secret() != old.expose_secret())
    {
        let new = SecretString::from(new.secret().as_str());
        keep_out(&new);
        session.rotated = Some(new);
    }
    Ok(session)
}

pub(super) fn session(instance: Domain, token: SecretString) -> Result<Session, Error> {
    let header = format!("Bearer {}", token.expose_secret());
    if token.expose_secret().is_empty() || HeaderValue::try_from(header).is_err() {
        return Err(Error::Token);
    }
    keep_out(&token);
    Ok(Session::new(instance, token))
}

/// Our HTTP client in the shape that the crate takes.
struct Sender {
    http: reqwest::Client,
    host: String,
    /// The crate's errors carry no status; the last answer's is kept for the message.
    status: AtomicU16,
}

impl<'c> AsyncHttpClient<'c> for Sender {
    type Error = net::Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, net::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async {
            let (status, answer) = send(&self.http, &self.host, request).await?;
            self.status.store(status, Ordering::Relaxed);
            Ok(answer)
        })
    }
}

async fn send(http: &reqwest::Client, host: &str, request: HttpRequest) -> Result<(u16, HttpResponse), net::Error> {
    let failed = |error: reqwest::Error| net::Error::from_transport(&error, host);
    let request = reqwest::Request::try_from(request).map_err(failed)?;
    let answer = http.execute(request).await.map_err(failed)?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    net::http::refuse_redirect(&answer, host)?;
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
            error: net::error::plain(answer.error().as_ref()),
            description: answer.error_description().map(|text| net::error::plain(text)).unwrap_or_default(),
            status,
        },
        RequestTokenError::Request(error) => Error::Transport(error),
        RequestTokenError::Parse(error, _) => Error::Answer(net::error::plain(&error.to_string())),
        RequestTokenError::Other(error) => Error::Answer(net::error::plain(&error)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn another_reason_is_not_blamed_on_the_clock() {
        for (error, description, status, expected) in [
            ("invalid_grant", "invalid assertion", 400, true),
            ("invalid_grant", "Ungültige Assertion", 400, true),
            ("invalid_grant", "user hasn't approved this consumer", 400, false),
            ("invalid_grant", "audience is invalid", 400, false),
            ("invalid_client_id", "client identifier invalid", 400, false),
            ("invalid_grant", "invalid assertion", 503, false),
        ] {
            let refused = Error::Refused { error: error.to_owned(), description: description.to_owned(), status };
            assert_eq!(may_be_the_clock(&refused), expected, "{error}: {description}");
        }
        assert!(!may_be_the_clock(&Error::Token));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever a login is answered with: what becomes a session can be sent, and goes to a host of Salesforce's alone.
        #[test]
        fn no_answer_sends_a_token_astray(
            token in prop_oneof!["00D[A-Za-z0-9]{12}![!-~]{1,40}", any::<String>()],
            host in prop_oneof![
                "https://[a-z]{1,8}(\\.(my|evil|sandbox)){0,2}\\.(salesforce\\.com|example)(:[0-9]{1,4})?(/[a-z]{0,4})?",
                any::<String>(),
            ],
            id in any::<Option<String>>(),
            scope in any::<Option<String>>(),
        ) {
            let text = serde_json::json!({
                "access_token": token, "instance_url": host, "id": id, "scope": scope, "later": [1]
            });
            let Ok(answer) = serde_json::from_value::<Answer>(text) else { return Ok(()) };
            let domain = Domain::parse("acme").unwrap();
            if let Ok(session) = taken(&domain, answer, None) {
                prop_assert!(session.instance.host().ends_with(".salesforce.com"), "{}", session.instance);
                prop_assert!(session.instance.origin().starts_with("https://"));
                prop_assert!(session.bearer().as_bytes().len() > "Bearer ".len());
                for id in session.org_id.iter().chain(&session.user_id) {
                    prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
                }
            }
        }

        #[test]
        fn no_bytes_are_more_than_an_error(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(serde_json::from_slice::<Answer>(&body).is_err());
        }
    }
}
