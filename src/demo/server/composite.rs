//! `/composite`: several requests in the body of one, which is one API call. Queries are all that this org takes there.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Asked;
use super::answer::Answer;
use crate::demo::error::ApiError;

/// Parts of a request, and the queries among them.
const MOST_PARTS: usize = 25;
const MOST_QUERIES: usize = 5;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Composite {
    composite_request: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    method: String,
    url: String,
    reference_id: String,
}

impl Part {
    fn path(&self) -> &str {
        self.url.split('?').next().unwrap_or_default()
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }
}

impl Composite {
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// The text of the only query.
    pub(super) fn only_query(&self) -> Option<String> {
        let [part] = self.composite_request.as_slice() else { return None };
        part.parameters().into_iter().find(|(name, _)| name == "q").map(|(_, soql)| soql)
    }
}

/// Answers all parts with `one`.
pub(super) fn answer(asked: &Asked<'_>, one: impl Fn(&Asked<'_>) -> Answer) -> Result<Answer, ApiError> {
    let composite = Composite::parse(asked.body)
        .ok_or_else(|| ApiError::bad_request("JSON_PARSER_ERROR", "The body is no composite request"))?;
    let parts = &composite.composite_request;
    let queries = parts.iter().filter(|part| part.path().contains("/query")).count();
    if parts.len() > MOST_PARTS || queries > MOST_QUERIES {
        return Err(ApiError::bad_request("LIMIT_EXCEEDED", "The composite request has too many parts"));
    }
    let answers = parts.iter().map(|part| {
        let asked = Asked { method: &part.method, path: part.path(), query: part.parameters(), body: &[], ..*asked };
        let answer = one(&asked);
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        json!({ "body": body, "httpHeaders": {}, "httpStatusCode": answer.status, "referenceId": part.reference_id })
    });
    Ok(Answer::json(200, &json!({ "compositeResponse": answers.collect::<Vec<_>>() })))
}
