//! Requests of other kinds than queries, and answers that are read while they come: for query jobs.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use tokio::sync::SemaphorePermit;

use super::{Client, Inner, parse};
use crate::auth::Session;
use crate::net;
use crate::salesforce::error::Error;
use crate::salesforce::observe::Repeat;
use crate::salesforce::retry::Attempt;

impl Client {
    /// Sends a request that is not a plain [`get`](Self::get) of JSON, once, and gives back the answer before its body
    /// has come. A session that is refused is renewed; all else is the caller's matter.
    pub(crate) async fn call(
        &self,
        object: &str,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<Answer<'_>, Error> {
        let mut is_renewed = false;
        loop {
            let place = self.0.gate.enter().await;
            let session = self.0.tokens.current();
            match self.0.call(&session, method.clone(), path, body).await {
                Ok((response, host)) => return Ok(Answer { client: &self.0, response, host, _place: place }),
                Err(error) if error.is_session_refused() => {
                    drop(place);
                    self.0.renew(object, &session, error, is_renewed).await?;
                    is_renewed = true;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// How long to wait before a request that failed is sent again, if it is: for those who use [`call`](Self::call).
    pub(crate) fn pause(&self, object: &str, error: &Error, attempt: &mut Attempt) -> Option<Duration> {
        self.0.pause(object, error, None, attempt, None)
    }

    /// A request that was sent again has been answered.
    pub(crate) fn was_answered(&self, object: &str) {
        self.0.observer.tell(object, Repeat::Answered);
    }
}

/// An answer whose body is still to come. As long as it lives, it counts among the requests under way.
#[derive(Debug)]
pub(crate) struct Answer<'c> {
    client: &'c Inner,
    response: reqwest::Response,
    host: String,
    _place: Option<SemaphorePermit<'c>>,
}

impl Answer<'_> {
    /// A header, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The next bytes of the body.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let chunk = self.response.chunk().await.map_err(|error| net::Error::from_transport(&error, &self.host))?;
        let bytes = chunk.as_ref().map_or(0, Bytes::len) as u64;
        self.client.bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(chunk)
    }

    /// What to say of an answer that is none of Salesforce's API.
    pub(crate) async fn not_results(mut self) -> Result<Error, Error> {
        let status = self.response.status().as_u16();
        let beginning = self.chunk().await?.unwrap_or_default();
        Ok(net::Error::not_json(status, &beginning).into())
    }

    /// The whole body, which is small.
    pub(crate) async fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        let body = net::http::body(self.response, &self.host).await?;
        self.client.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        parse(&body)
    }
}

/// How long an answer may come in, whose end nobody can tell. That it goes on coming is looked after elsewhere.
const LONGEST_ANSWER: Duration = Duration::from_hours(6);

impl Inner {
    async fn call(
        &self,
        session: &Session,
        method: Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<(reqwest::Response, String), Error> {
        let host = session.instance.host();
        let mut request = self.request(session, method, path)?.timeout(LONGEST_ANSWER);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json; charset=UTF-8").body(body.to_string());
        }
        let response = self.exchange(self.counted(session, request)?, &host).await?;
        let status = response.status();
        if status.is_success() {
            self.gate.answered();
            return Ok((response, host));
        }
        let body = net::http::body(response, &host).await?;
        self.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        Err(Error::from_answer(status.as_u16(), &body))
    }
}
