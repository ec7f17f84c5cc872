//! One field of one record, held typed and compact, and written straight to JSON.

use std::cmp::Ordering;
use std::io::Write as _;

use compact_str::CompactString;
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::schema::{Field, Kind};
use crate::salesforce::id::RecordId;

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Id(RecordId),
    Text(CompactString),
    /// Milliseconds since 1970 in UTC.
    DateTime(i64),
    Date(Date),
}

impl Cell {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(CompactString::new(text))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn as_id(&self) -> Option<RecordId> {
        if let Self::Id(id) = self { Some(*id) } else { None }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Reads a value of a record; the error says what the field wants.
    pub(crate) fn from_json(field: &Field, value: &Value) -> Result<Self, &'static str> {
        if value.is_null() {
            return Ok(Self::Null);
        }
        let text = value.as_str();
        match field.kind {
            Kind::Boolean => value.as_bool().map(Self::Bool).ok_or("true or false"),
            Kind::Int => value.as_i64().map(Self::Int).ok_or("a whole number"),
            Kind::Double => value.as_f64().map(Self::Double).ok_or("a number"),
            Kind::Id | Kind::Reference => {
                text.and_then(|text| RecordId::parse(text).ok()).map(Self::Id).ok_or("a record id")
            }
            Kind::DateTime => text
                .and_then(parse_datetime)
                .map(Self::DateTime)
                .ok_or("a datetime such as 2024-09-24T03:26:07.000+0000"),
            Kind::Date => text.and_then(|text| text.parse().ok()).map(Self::Date).ok_or("a date"),
            Kind::Text | Kind::Picklist | Kind::Email => text.map(Self::text).ok_or("a text"),
        }
    }

    /// Appends the JSON form.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            // Writing to a Vec cannot fail.
            Self::Int(number) => drop(write!(out, "{number}")),
            Self::Double(number) => write_json(out, number),
            Self::Id(id) => {
                out.push(b'"');
                out.extend_from_slice(&id.as_18());
                out.push(b'"');
            }
            Self::Text(text) => write_json(out, text.as_str()),
            Self::DateTime(millis) => {
                out.push(b'"');
                write_datetime(out, *millis);
                out.push(b'"');
            }
            Self::Date(date) => drop(write!(out, "\"{date}\"")),
        }
    }

    /// Salesforce's order of two values that are not null: ids bytewise, texts without regard to case, false before
    /// true. Values of different kinds are equal, for want of an order.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) | (Self::DateTime(a), Self::DateTime(b)) => a.cmp(b),
            (Self::Id(a), Self::Id(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => compare_text(a, b),
            _ => match (self.as_number(), other.as_number()) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => Ordering::Equal,
            },
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts in an org are far below 2^53")]
    pub(crate) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Double(number) => Some(*number),
            _ => None,
        }
    }
}

pub(crate) fn write_json<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // Neither a Vec nor a text or number can fail; an error would leave the buffer unchanged.
    drop(serde_json::to_writer(out, value));
}

/// Texts compare without regard to case.
pub(crate) fn compare_text(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        let (a, b) = (a.bytes(), b.bytes());
        return a.map(|byte| byte.to_ascii_lowercase()).cmp(b.map(|byte| byte.to_ascii_lowercase()));
    }
    a.chars().flat_map(char::to_lowercase).cmp(b.chars().flat_map(char::to_lowercase))
}

/// `2024-09-24T03:26:07.000+0000`: milliseconds, and an offset without a colon.
fn write_datetime(out: &mut Vec<u8>, millis: i64) {
    let Ok(timestamp) = Timestamp::from_millisecond(millis) else { return };
    let at = Offset::UTC.to_datetime(timestamp);
    let mut text = *b"0000-00-00T00:00:00.000+0000";
    let mut put = |end: usize, digits: usize, number: i16| {
        let mut rest = number.unsigned_abs();
        for place in text[end - digits..end].iter_mut().rev() {
            *place = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
    };
    put(4, 4, at.year());
    for (end, number) in [(7, at.month()), (10, at.day()), (13, at.hour()), (16, at.minute()), (19, at.second())] {
        put(end, 2, number.into());
    }
    put(23, 3, at.millisecond());
    out.extend_from_slice(&text);
}

/// Reads a datetime as the API writes it and as SOQL takes it (`Z`, `+02:00`, `+0200`; fractions optional).
pub(crate) fn parse_datetime(text: &str) -> Option<i64> {
    let (day, time) = text.split_once('T')?;
    let day: Date = day.parse().ok()?;
    let zone_at = time.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = time.split_at(zone_at);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 || clock.len() != 8 {
        return None;
    }
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let digits: String = zone[1..].chars().filter(|character| *character != ':').collect();
            if digits.len() != 4 {
                return None;
            }
            let minutes = digits[..2].parse::<i64>().ok()? * 60 + digits[2..].parse::<i64>().ok()?;
            if zone.starts_with('-') { -minutes } else { minutes }
        }
    };
    let midnight = Offset::UTC.to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).ok()?;
    let since = SignedDuration::from_secs(hour * 3600 + minute * 60 + second - offset * 60);
    let at = midnight.checked_add(since).ok()?;
    Some(at.as_millisecond() + millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(millis: i64) -> String {
        let mut out = Vec::new();
        Cell::DateTime(millis).write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn datetimes_come_back_in_the_api_form() {
        for text in ["2024-09-24T03:26:07.000+0000", "2024-09-24T03:26:07Z", "2024-09-24T05:26:07+02:00"] {
            assert_eq!(shown(parse_datetime(text).unwrap()), "\"2024-09-24T03:26:07.000+0000\"", "{text}");
        }
        assert_eq!(shown(parse_datetime("2091-01-02T03:04:05.678Z").unwrap()), "\"2091-01-02T03:04:05.678+0000\"");
        for text in ["2024-09-24", "24.09.2024", "2024-09-24T3:26:07Z", "2024-09-24T03:26:07", "2024-13-24T03:26:07Z"] {
            assert_eq!(parse_datetime(text), None, "{text}");
        }
    }

    #[test]
    fn texts_compare_without_case_and_ids_with() {
        assert_eq!(Cell::text("ÄB").compare(&Cell::text("äb")), Ordering::Equal);
        assert_eq!(Cell::text("Zoe").compare(&Cell::text("adam")), Ordering::Greater);
        let (upper, lower) = (RecordId::parse("00E5f000000AAAA").unwrap(), RecordId::parse("00e5f000000AAAA").unwrap());
        assert_eq!(Cell::Id(upper).compare(&Cell::Id(lower)), Ordering::Less);
    }

    #[test]
    fn numbers_keep_their_json_form() {
        let mut out = Vec::new();
        Cell::Double(300.0).write(&mut out);
        out.push(b' ');
        Cell::Int(400).write(&mut out);
        assert_eq!(out, b"300.0 400");
    }
}
