//! Messages, from their bytes to protobuf's JSON: strictly, so that whatever the CLI could stumble over is an error.

use serde_json::{Map, Value, json};

use super::messages::{self, Kind, Member, Shape};
use super::wire::{self, Message, Payload};

/// Protobuf's readers give up somewhere; nothing of ours is nested this deep.
const DEPTH: usize = 32;

/// A message in protobuf's JSON form, or why it is not as a deterministic writer writes it.
pub(crate) fn json(shape: &Shape, bytes: &[u8]) -> Result<Value, String> {
    fields(shape, bytes, DEPTH).map(Value::Object)
}

fn fields(shape: &Shape, bytes: &[u8], depth: usize) -> Result<Map<String, Value>, String> {
    let depth = depth.checked_sub(1).ok_or("nested too deep")?;
    let message = Message::read(bytes).map_err(|error| format!("{}: {error}", shape.name))?;
    if let Some((number, _)) =
        message.fields().iter().find(|(number, _)| !shape.members.iter().any(|member| member.number == *number))
    {
        return Err(format!("{} has no field {number}", shape.name));
    }
    let mut object = Map::new();
    for member in shape.members {
        let value = field(member, &message, depth);
        if let Some(value) = value.map_err(|error| format!("{}.{}: {error}", shape.name, member.name))? {
            object.insert(member.name.to_owned(), value);
        }
    }
    Ok(object)
}

fn field(member: &Member, message: &Message, depth: usize) -> Result<Option<Value>, String> {
    if let Kind::Sources = member.kind {
        return sources(message.list(member.number)?, depth);
    }
    if !member.many {
        return message.one(member.number)?.map(|payload| single(member.kind, payload, depth)).transpose();
    }
    let mut list = Vec::new();
    if let Kind::Enum(names) = member.kind {
        match message.one(member.number)? {
            None => {}
            Some(Payload::Bytes(bytes)) if !bytes.is_empty() => {
                list = wire::packed(bytes)?.into_iter().map(|value| named(names, value)).collect::<Result<_, _>>()?;
            }
            Some(other) => return Err(format!("not a packed list of values: {other:?}")),
        }
    } else {
        for payload in message.all(member.number) {
            // In a list an empty text is a text.
            list.push(if payload == Payload::Bytes(b"") && matches!(member.kind, Kind::Text) {
                json!("")
            } else {
                single(member.kind, payload, depth)?
            });
        }
    }
    Ok((!list.is_empty()).then_some(Value::Array(list)))
}

fn single(kind: Kind, payload: Payload, depth: usize) -> Result<Value, String> {
    match (kind, payload) {
        (Kind::Text, Payload::Bytes(b"")) | (Kind::Bool | Kind::Enum(_), Payload::Varint(0)) => {
            Err("a default value is written out".to_owned())
        }
        (Kind::Text, Payload::Bytes(bytes)) => Ok(json!(wire::text(bytes)?)),
        (Kind::Bool, Payload::Varint(1)) => Ok(json!(true)),
        (Kind::Enum(names), Payload::Varint(value)) => named(names, value),
        (Kind::Message(shape), Payload::Bytes(bytes)) => fields(shape, bytes, depth).map(Value::Object),
        (Kind::Struct, Payload::Bytes(bytes)) => structure(bytes, depth),
        (Kind::Timestamp, Payload::Bytes(bytes)) => timestamp(bytes),
        (Kind::Any, Payload::Bytes(bytes)) => any(bytes, depth),
        (_, payload) => Err(format!("of the wrong wire type: {payload:?}")),
    }
}

fn named(names: messages::Names, value: u64) -> Result<Value, String> {
    let name = names.iter().find(|(other, _)| *other == value).map(|(_, name)| *name);
    name.map(|name| json!(name)).ok_or_else(|| format!("the enum has no value {value}"))
}

fn any(bytes: &[u8], depth: usize) -> Result<Value, String> {
    let message = Message::read(bytes).map_err(|error| format!("Any: {error}"))?;
    if let Some((number, _)) = message.fields().iter().find(|(number, _)| *number > 2) {
        return Err(format!("Any has no field {number}"));
    }
    let url = message.text(1)?;
    let shape = messages::annotation(url).ok_or_else(|| format!("the CLI knows no annotation `{url}`"))?;
    if message.one(2)?.is_some() && message.bytes(2)?.is_empty() {
        return Err(format!("Any of {}: a default value is written out", shape.name));
    }
    let mut object = fields(shape, message.bytes(2)?, depth)?;
    object.insert("@type".to_owned(), json!(url));
    Ok(Value::Object(object))
}

/// The entries of a map: keys in order, none twice.
fn entries(list: Vec<&[u8]>) -> Result<Vec<(&str, Message<'_>)>, String> {
    let mut entries: Vec<(&str, Message)> = Vec::with_capacity(list.len());
    for bytes in list {
        let entry = Message::read(bytes)?;
        if let Some((number, _)) = entry.fields().iter().find(|(number, _)| *number > 2) {
            return Err(format!("an entry has no field {number}"));
        }
        let key = entry.text(1)?;
        if let Some((before, _)) = entries.last().filter(|(before, _)| *before >= key) {
            return Err(format!("the key `{key}` stands after `{before}`"));
        }
        entries.push((key, entry));
    }
    Ok(entries)
}

fn sources(list: Vec<&[u8]>, depth: usize) -> Result<Option<Value>, String> {
    let mut object = Map::new();
    for (key, entry) in entries(list)? {
        object.insert(key.to_owned(), Value::Object(fields(&messages::GRANT_SOURCE, entry.bytes(2)?, depth)?));
    }
    Ok((!object.is_empty()).then_some(Value::Object(object)))
}

fn structure(bytes: &[u8], depth: usize) -> Result<Value, String> {
    let depth = depth.checked_sub(1).ok_or("nested too deep")?;
    let message = Message::read(bytes)?;
    if let Some((number, _)) = message.fields().iter().find(|(number, _)| *number > 1) {
        return Err(format!("Struct has no field {number}"));
    }
    let mut object = Map::new();
    for (key, entry) in entries(message.list(1)?)? {
        let value = value(entry.bytes(2)?, depth).map_err(|error| format!("`{key}`: {error}"))?;
        object.insert(key.to_owned(), value);
    }
    Ok(Value::Object(object))
}

/// `google.protobuf.Value`: exactly one of its fields.
fn value(bytes: &[u8], depth: usize) -> Result<Value, String> {
    let depth = depth.checked_sub(1).ok_or("nested too deep")?;
    let message = Message::read(bytes)?;
    match message.fields() {
        [] => Err("a value of no kind, which has no JSON".to_owned()),
        [(1, Payload::Varint(0))] => Ok(Value::Null),
        [(2, Payload::Fixed64(bits))] => number(f64::from_bits(*bits)),
        [(3, Payload::Bytes(bytes))] => Ok(json!(wire::text(bytes)?)),
        [(4, Payload::Varint(bit @ 0..=1))] => Ok(json!(*bit == 1)),
        [(5, Payload::Bytes(bytes))] => structure(bytes, depth),
        [(6, Payload::Bytes(bytes))] => {
            let list = Message::read(bytes)?;
            if let Some((number, _)) = list.fields().iter().find(|(number, _)| *number > 1) {
                return Err(format!("ListValue has no field {number}"));
            }
            list.list(1)?.into_iter().map(|bytes| value(bytes, depth)).collect()
        }
        other => Err(format!("no value: {other:?}")),
    }
}

/// Whole numbers as such: JSON does not tell 5 from 5.0, but its readers do.
fn number(value: f64) -> Result<Value, String> {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return format!("{value:.0}").parse::<i64>().map(|value| json!(value)).map_err(|error| error.to_string());
    }
    if value.is_finite() { Ok(json!(value)) } else { Err(format!("{value} has no JSON")) }
}

fn timestamp(bytes: &[u8]) -> Result<Value, String> {
    let message = Message::read(bytes).map_err(|error| format!("Timestamp: {error}"))?;
    for (number, payload) in message.fields() {
        match payload {
            Payload::Varint(0) => return Err("a default value is written out".to_owned()),
            Payload::Varint(_) if *number <= 2 => {}
            _ => return Err(format!("Timestamp has no such field {number}")),
        }
    }
    let (seconds, nanos) = (message.number(1)?.cast_signed(), message.number(2)?);
    if !(-62_135_596_800..=253_402_300_799).contains(&seconds) || nanos > 999_999_999 {
        return Err(format!("no time: {seconds} s, {nanos} ns"));
    }
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let mut text =
        format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    if nanos > 0 {
        text.push_str(format!(".{nanos:09}").trim_end_matches('0'));
    }
    Ok(json!(text + "Z"))
}

/// The date so many days after 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    // Counted in years that begin in March, so that the leap day is the last one.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::super::encode::{any, bytes, number as field, structure as attributes, text};
    use super::*;

    #[test]
    fn times_and_numbers_become_json() {
        let at = |seconds: i64, nanos: u64| timestamp(&[field(1, seconds.cast_unsigned()), field(2, nanos)].concat());
        let second = |seconds: i64| timestamp(&field(1, seconds.cast_unsigned()));
        assert_eq!(timestamp(b""), Ok(json!("1970-01-01T00:00:00Z")));
        assert_eq!(at(1_709_251_199, 500_000_000), Ok(json!("2024-02-29T23:59:59.5Z")));
        assert_eq!(at(1_709_251_199, 1), Ok(json!("2024-02-29T23:59:59.000000001Z")));
        assert_eq!(second(-1), Ok(json!("1969-12-31T23:59:59Z")));
        assert_eq!(second(-62_135_596_800), Ok(json!("0001-01-01T00:00:00Z")));
        assert_eq!(second(253_402_300_799), Ok(json!("9999-12-31T23:59:59Z")));
        for wrong in [second(-62_135_596_801), second(253_402_300_800), at(1, 1_000_000_000), at(1, 0)] {
            assert!(wrong.is_err());
        }
        assert_eq!((number(5.0), number(-0.0), number(2.5)), (Ok(json!(5)), Ok(json!(0)), Ok(json!(2.5))));
        assert_eq!(number(1e300), Ok(json!(1e300)));
        assert!(number(f64::NAN).is_err() && number(f64::INFINITY).is_err());
    }

    #[test]
    fn what_no_deterministic_writer_writes_is_an_error() {
        let of_type = &messages::RESOURCE_TYPE;
        let sources = |ids: &[&str]| bytes(5, &ids.iter().flat_map(|id| bytes(1, &text(1, id))).collect::<Vec<_>>());
        let metadata = |value: Vec<u8>| bytes(1, &attributes(&[("a", value)]));
        for (shape, bytes, says) in [
            (of_type, text(1, ""), "ResourceType.id: a default value"),
            (of_type, bytes(1, b"\xff"), "not UTF-8"),
            (of_type, field(3, 1), "not a packed list"),
            (of_type, bytes(3, b""), "not a packed list"),
            (of_type, bytes(3, b"\x0b"), "no value 11"),
            (of_type, [text(1, "a"), text(1, "b")].concat(), "field 1 stands twice"),
            (of_type, field(6, 2), "wrong wire type"),
            (of_type, text(7, ""), "has no field 7"),
            (of_type, bytes(4, &text(1, "x")), "no annotation `x`"),
            (of_type, any(4, "SkipGrants", &[field(1, 1)]), "SkipGrants has no field 1"),
            (
                of_type,
                bytes(4, &[text(1, &format!("{}SkipGrants", messages::PACKAGE)), text(2, "")].concat()),
                "default",
            ),
            (&messages::GRANT, sources(&["b", "a"]), "`a` stands after `b`"),
            (&messages::GRANT, sources(&["a", "a"]), "`a` stands after `a`"),
            (&messages::GRANT_METADATA, metadata(Vec::new()), "a value of no kind"),
            (&messages::GRANT_METADATA, metadata(field(4, 2)), "no value"),
            (&messages::GRANT_METADATA, metadata([field(4, 1), text(3, "")].concat()), "after field 4"),
            (&messages::GRANT_METADATA, metadata([text(3, ""), field(4, 1)].concat()), "no value"),
        ] {
            let error = json(shape, &bytes).unwrap_err();
            assert!(error.contains(says), "{bytes:x?}: {error}");
        }
        let list = |value: &[u8]| bytes(6, &bytes(1, value));
        let nested = |depth: usize| (0..depth).fold(text(3, "x"), |value, _| list(&value));
        assert!(json(&messages::GRANT_METADATA, &metadata(nested(20))).is_ok());
        assert!(json(&messages::GRANT_METADATA, &metadata(nested(40))).unwrap_err().contains("nested too deep"));
    }
}
