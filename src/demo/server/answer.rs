//! The bytes of an answer: headers, compression, and the ways of breaking it.

use std::convert::Infallible;
use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::Value;

use super::options::Action;
use crate::demo::error::ApiError;

/// Why a body or a connection breaks off: because it was told to.
#[derive(Debug, thiserror::Error)]
#[error("cut by a fault")]
pub(super) struct Cut;

pub(super) type Body = UnsyncBoxBody<Bytes, Cut>;

const JSON: &str = "application/json;charset=UTF-8";

/// An answer before it is sent.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
    pub(super) headers: Vec<(String, String)>,
}

impl Answer {
    pub(super) fn json_bytes(status: u16, body: Vec<u8>) -> Self {
        Self { status, content_type: JSON.to_owned(), body, headers: Vec::new() }
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::json_bytes(status, body.to_string().into_bytes())
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, content_type: "text/plain".to_owned(), body: Vec::new(), headers: Vec::new() }
    }

    pub(super) fn html(status: u16, body: &str) -> Self {
        let content_type = "text/html;charset=UTF-8".to_owned();
        Self { status, content_type, body: body.as_bytes().to_vec(), headers: Vec::new() }
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sends the answer, broken as the fault says.
    pub(super) fn send(mut self, gzip: bool, fault: Option<&Action>, date: Option<&str>) -> Response<Body> {
        let cut_gzip = matches!(fault, Some(Action::CutGzip));
        if (gzip || cut_gzip) && !self.body.is_empty() {
            self.body = compressed(&self.body);
            self.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
        }
        if cut_gzip {
            self.body.truncate(self.body.len() / 2);
        }
        let body = match fault {
            Some(&Action::Cut { after_bytes, with_content_length }) => {
                if with_content_length {
                    self.headers.push(("content-length".to_owned(), self.body.len().to_string()));
                }
                cut(&self.body, after_bytes)
            }
            Some(&Action::Trickle { bytes, every }) => {
                self.headers.push(("content-length".to_owned(), self.body.len().to_string()));
                trickle(self.body, bytes, every)
            }
            _ => Full::new(Bytes::from(self.body)).map_err(|never: Infallible| match never {}).boxed_unsync(),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = response.headers_mut();
        for (name, value) in [
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
            ("x-xss-protection", "1; mode=block"),
            ("x-robots-tag", "none"),
            ("cache-control", "no-cache,must-revalidate,max-age=0,no-store,private"),
            ("vary", "Accept-Encoding"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        if let Ok(value) = HeaderValue::from_str(&self.content_type) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        if let Some(date) = date.and_then(|date| HeaderValue::from_str(date).ok()) {
            headers.insert(header::DATE, date);
        }
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
        response
    }
}

impl From<ApiError> for Answer {
    fn from(error: ApiError) -> Self {
        let answer = Self::json_bytes(error.status, error.body().into_bytes());
        if error.status == 401 { answer.with("www-authenticate", "Token") } else { answer }
    }
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to a Vec cannot fail.
    drop(encoder.write_all(body));
    encoder.finish().unwrap_or_default()
}

/// The first bytes, then an error that closes the connection; the pause lets the bytes out first.
fn cut(body: &[u8], after_bytes: usize) -> Body {
    let kept = Bytes::copy_from_slice(&body[..after_bytes.min(body.len())]);
    let frames = stream::unfold(Some(kept), |kept| async move {
        match kept {
            Some(kept) if !kept.is_empty() => Some((Ok(Frame::data(kept)), Some(Bytes::new()))),
            Some(_) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Err(Cut), None))
            }
            None => None,
        }
    });
    StreamBody::new(frames).boxed_unsync()
}

fn trickle(body: Vec<u8>, bytes: usize, every: Duration) -> Body {
    let frames = stream::unfold(Bytes::from(body), move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(every).await;
        let piece = rest.split_to(bytes.clamp(1, rest.len()));
        Some((Ok(Frame::data(piece)), rest))
    });
    StreamBody::new(frames).boxed_unsync()
}
