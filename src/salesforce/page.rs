//! A page of a query's answer, taken apart without copying it.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::bulk::Table;
use super::error::Error;
use crate::net;

/// What stands around the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Rows of the whole query, on every page.
    pub total_size: Option<u64>,
    /// Whether this is the last page.
    pub done: Option<bool>,
    /// Path of the next page.
    pub next_records_url: Option<String>,
}

impl Header {
    fn is_known(&self) -> bool {
        let has_end = match self.done {
            Some(true) => true,
            Some(false) => self.next_records_url.is_some(),
            // It may stand behind the rows, and decides whether the next page counts.
            None => false,
        };
        self.total_size.is_some() && has_end
    }

    /// Reads the header, and stops at the rows where Salesforce puts the header first, as it does: the next page can
    /// be on its way before this one is parsed. Key order is not promised, so any order is read.
    pub fn peek(body: &[u8]) -> Result<Self, Error> {
        let mut header = Self::default();
        let mut json = serde_json::Deserializer::from_slice(body);
        let seed = Peek(&mut header);
        match json.deserialize_map(seed) {
            Ok(()) => Ok(header),
            Err(_) if header.is_known() => Ok(header),
            Err(error) => Err(parse_error(&error)),
        }
    }
}

struct Peek<'h>(&'h mut Header);

impl<'de> Visitor<'de> for Peek<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a query result")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "totalSize" => self.0.total_size = Some(map.next_value()?),
                "done" => self.0.done = Some(map.next_value()?),
                "nextRecordsUrl" => self.0.next_records_url = map.next_value()?,
                "records" if self.0.is_known() => return Ok(()),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// One page.
#[derive(Debug)]
pub struct Page {
    body: Body,
    /// What stands around the rows.
    pub header: Header,
}

#[derive(Debug)]
enum Body {
    /// A query's answer over REST.
    Json(Bytes),
    /// Rows of a query job's results.
    Csv(Table),
}

impl Page {
    /// Reads the header of a body.
    pub fn new(body: Bytes) -> Result<Self, Error> {
        let header = Header::peek(&body)?;
        Ok(Self { body: Body::Json(body), header })
    }

    /// The rows, borrowed from the page.
    pub fn rows<'p, T: Deserialize<'p>>(&'p self) -> Result<Vec<T>, Error> {
        let body = match &self.body {
            Body::Json(body) => body,
            Body::Csv(table) => return table.rows(),
        };
        let text = std::str::from_utf8(body).map_err(|error| Error::Protocol(error.to_string()))?;
        match serde_json::from_str::<Records<T>>(text) {
            Ok(records) => Ok(records.records),
            Err(error) => Err(diagnose::<T>(text, &error)),
        }
    }
}

impl From<Table> for Page {
    fn from(table: Table) -> Self {
        Self { body: Body::Csv(table), header: Header::default() }
    }
}

#[derive(serde::Deserialize)]
struct Records<T> {
    records: Vec<T>,
}

/// Parsing failed: finds the row that did it, so that the message can name it.
fn diagnose<'p, T: Deserialize<'p>>(text: &'p str, error: &serde_json::Error) -> Error {
    #[derive(serde::Deserialize)]
    struct Raw<'a> {
        #[serde(borrow)]
        records: Vec<&'a RawValue>,
    }
    let rows = serde_json::from_str::<Raw<'_>>(text).map(|raw| raw.records).unwrap_or_default();
    let bad = rows.iter().enumerate().find_map(|(n, row)| {
        let error = serde_json::from_str::<T>(row.get()).err()?;
        Some(Error::Protocol(format!("row {} of the page: {error}", n + 1)))
    });
    bad.unwrap_or_else(|| parse_error(error))
}

fn parse_error(error: &serde_json::Error) -> Error {
    if error.is_eof() {
        Error::Net(net::Error::Cut { detail: error.to_string() })
    } else {
        Error::Protocol(error.to_string())
    }
}

/// Whether a body is whole JSON. Cheap where it ends as a query result does.
pub(crate) fn is_whole(body: &[u8]) -> bool {
    let end = body.trim_ascii_end();
    end.ends_with(b"]}") || serde_json::from_slice::<IgnoredAny>(end).is_ok()
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salesforce::{RecordId, Text};

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub(super) struct Row<'a> {
        pub(super) id: RecordId,
        #[serde(borrow)]
        pub(super) name: Option<Text<'a>>,
    }

    const BODY: &str = r#"{"totalSize":3,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/0r8xx-2",
        "records":[{"attributes":{"type":"User"},"Id":"0055f000001AAAAAA4","Name":"Ada \"A\" Ōkubo"},{"Id":"0055f000001AAABAA4","Name":null}]}"#;

    fn page(text: &str) -> Page {
        Page::new(Bytes::copy_from_slice(text.as_bytes())).unwrap()
    }

    #[test]
    fn header_and_rows_are_read() {
        let page = page(BODY);
        assert_eq!(page.header.total_size, Some(3));
        assert_eq!(page.header.next_records_url.as_deref(), Some("/services/data/v66.0/query/0r8xx-2"));
        let rows: Vec<Row<'_>> = page.rows().unwrap();
        assert_eq!(rows[0].name.as_deref(), Some("Ada \"A\" Ōkubo"));
        assert!(rows[1].name.is_none());
        assert_eq!(rows[1].id.to_string(), "0055f000001AAABAA4");
    }

    #[test]
    fn the_header_may_come_last() {
        let page = page(r#"{"records":[{"Id":"0055f000001AAAAAA4"}],"done":true,"totalSize":1}"#);
        assert_eq!(page.header, Header { total_size: Some(1), done: Some(true), next_records_url: None });
        assert_eq!(page.rows::<Row<'_>>().unwrap().len(), 1);
    }

    #[test]
    fn the_header_is_known_before_the_rows_are_there() {
        let half = &BODY[..BODY.find("Ada").unwrap()];
        assert_eq!(Header::peek(half.as_bytes()).unwrap().total_size, Some(3));
        assert!(!is_whole(half.as_bytes()) && is_whole(BODY.as_bytes()) && is_whole(b" {\"a\":1}\n"));
        assert!(matches!(page(half).rows::<Row<'_>>(), Err(Error::Net(net::Error::Cut { .. }))));
    }

    #[test]
    fn a_bad_row_is_named() {
        let body = BODY.replace("0055f000001AAABAA4", "0055f000001AAABAA5");
        let error = page(&body).rows::<Row<'_>>().unwrap_err().to_string();
        assert!(error.contains("row 2 of the page") && error.contains("0055f000001AAABAA5"), "{error}");
    }

    #[test]
    fn nonsense_is_an_error() {
        for body in ["[]", "3", "{", "", "<html>", r#"{"totalSize":"x"}"#] {
            assert!(Header::peek(body.as_bytes()).is_err(), "{body}");
        }
    }
}
