//! Moments: read in Salesforce's forms, written as RFC 3339 in UTC.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment, in milliseconds since 1970-01-01 UTC. Shown as RFC 3339 in UTC.
///
/// Salesforce writes `2024-09-24T03:26:07.000+0000` (no colon in the offset) over REST and `…Z` over Bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970-01-01 UTC.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This machine's clock.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_millisecond())
    }

    /// Reads `+0000`, `+02:00` and `Z` forms; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|time| Self(time.as_millisecond()))
    }

    /// Reads the `Date` header of an answer: `Wed, 25 Nov 2026 03:26:07 GMT`.
    pub fn parse_http_date(text: &str) -> Option<Self> {
        jiff::fmt::rfc2822::parse(text).ok().map(|time| Self(time.timestamp().as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => fmt::Display::fmt(&time, f),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

/// A limit of time for people: `0.2 seconds`, `one minute`, `6 hours`.
pub fn limit(limit: Duration) -> String {
    let seconds = limit.as_secs();
    match (seconds / 3600, seconds / 60, seconds % 60) {
        (hours @ 2.., minutes, 0) if minutes % 60 == 0 => format!("{hours} hours"),
        (_, 1, 0) => "one minute".to_owned(),
        (_, minutes @ 2.., 0) => format!("{minutes} minutes"),
        _ if limit == Duration::from_secs(1) => "one second".to_owned(),
        _ => format!("{} seconds", limit.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_salesforce_writes_are_read() {
        for text in ["2024-09-24T03:26:07.000+0000", "2024-09-24T03:26:07.000Z", "2024-09-24T05:26:07+02:00"] {
            assert_eq!(
                Timestamp::parse(text).map(|t| t.to_string()).as_deref(),
                Some("2024-09-24T03:26:07Z"),
                "{text}"
            );
        }
        assert_eq!(Timestamp::parse("2024-09-24T03:26:07.123+0000").unwrap().to_string(), "2024-09-24T03:26:07.123Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "24.09.2024", "2024-09-24", "null"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_date_header_is_read() {
        let time = Timestamp::parse_http_date("Wed, 25 Nov 2026 03:26:07 GMT").unwrap();
        assert_eq!(time.to_string(), "2026-11-25T03:26:07Z");
        assert_eq!(Timestamp::parse_http_date("yesterday"), None);
    }

    #[test]
    fn limits_are_told_as_people_say_them() {
        for (seconds, text) in [
            (0.2, "0.2 seconds"),
            (1.0, "one second"),
            (60.0, "one minute"),
            (90.0, "90 seconds"),
            (300.0, "5 minutes"),
            (3600.0, "60 minutes"),
            (21_600.0, "6 hours"),
            (21_660.0, "361 minutes"),
        ] {
            assert_eq!(limit(Duration::from_secs_f64(seconds)), text);
        }
    }
}
