//! Queries that are too long for an address: they go in the body of a composite request, which is one API call
//! (REST API Developer Guide, "Composite"). Further pages come as ever.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::error::Error;
use super::version::ApiVersion;

/// Longer addresses are not sent: Salesforce takes 16,384 bytes of address and headers ("API Request Limits"), and a
/// token can have some thousands.
pub(super) const LONGEST_PATH: usize = 12_000;

/// Where it is sent.
pub(super) fn path(version: ApiVersion) -> String {
    format!("/services/data/v{version}/composite")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    all_or_none: bool,
    composite_request: [Part<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    method: &'static str,
    url: &'a str,
    reference_id: &'static str,
}

/// The request for a path.
pub(super) fn request(path: &str) -> Result<Vec<u8>, Error> {
    let part = Part { method: "GET", url: path, reference_id: "query" };
    let asked = Asked { all_or_none: false, composite_request: [part] };
    serde_json::to_vec(&asked).map_err(|error| Error::Protocol(error.to_string()))
}

/// What the path would have answered.
pub(super) fn answer(body: &Bytes) -> Result<Bytes, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer<'a> {
        #[serde(borrow)]
        composite_response: Vec<Answered<'a>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answered<'a> {
        #[serde(borrow)]
        body: &'a RawValue,
        http_status_code: u16,
    }
    let odd = |why: String| Error::Protocol(format!("the answer to a composite request: {why}"));
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|error| odd(error.to_string()))?;
    let [Answered { body: part, http_status_code }] = answer.composite_response.as_slice() else {
        return Err(odd(format!("{} parts, and one was asked for", answer.composite_response.len())));
    };
    match http_status_code {
        200 => Ok(body.slice_ref(part.get().as_bytes())),
        status => Err(Error::from_answer(*status, part.get().as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_part_is_taken_out() {
        let sent: serde_json::Value = serde_json::from_slice(&request("/a?q=b").unwrap()).unwrap();
        assert_eq!(sent["compositeRequest"][0]["url"], "/a?q=b");
        let whole = Bytes::from_static(
            br#"{"compositeResponse":[{"body":{"totalSize":0},"httpHeaders":{},"httpStatusCode":200,"referenceId":"query"}]}"#,
        );
        assert_eq!(answer(&whole).unwrap(), r#"{"totalSize":0}"#);
        let refused = Bytes::from_static(
            br#"{"compositeResponse":[{"body":[{"errorCode":"INVALID_FIELD","message":"m"}],"httpStatusCode":400}]}"#,
        );
        assert_eq!(answer(&refused).unwrap_err().refusal().unwrap().code(), "INVALID_FIELD");
        for odd in [&br#"{"compositeResponse":[]}"#[..], b"[]", br#"{"compositeResponse":[{"httpStatusCode":200}]}"#] {
            assert!(matches!(answer(&Bytes::from_static(odd)), Err(Error::Protocol(_))));
        }
    }
}
