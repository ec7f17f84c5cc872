//! What a reader makes of whole documents, cut ones, and files that are none.

use super::*;
use crate::model::Status;

const DOCUMENT: &str = r#"{"format":"baton-salesforce.sync/1",
"sync":{"id":"x","startedAt":"2026-11-25T00:00:00Z","org":{"id":"00D","name":"Acm\u00e9"},"later":{"a":[1]},
 "options":{"syncResourceTypes":["user","group"],"syncDeactivatedUsers":true,"syncNonStandardUsers":false,"skipEntitlementsAndGrants":false}},
"resourceTypes":[{"id":"user"}],
"resources":[
{"id":{"resourceType":"user","resource":"005A"},"displayName":"Bo \"B\" Lee","annotations":[{"@type":"type.googleapis.com/later.Trait","status":7},{"@type":"type.googleapis.com/c1.connector.v2.UserTrait","login":"bo@x","emails":[{"address":"bo@y","isPrimary":true}],"status":{"status":"STATUS_DISABLED","details":"frozen"},"profile":{"n":1.5,"no":null,"list":["a","b"],"deep":{"x":true},"username":"bo@x"}}]},
{"id":{"resourceType":"group","resource":"00GA"},"displayName":"G","later":1,"annotations":[{"@type":"type.googleapis.com/c1.connector.v2.GroupTrait","profile":{"membership_known":false}}]}],
"laterSection":[[1,"]"],{"x":"}"}],"laterText":"]","laterNumber":12,"laterEmpty":[],
"entitlements":[{"id":"group:00GA:member","resource":{"id":{"resourceType":"group","resource":"00GA"}},"displayName":"G Group Member"}],
"grants":[{"id":"i","entitlement":{"id":"group:00GA:member"},"principal":{"id":{"resourceType":"user","resource":"005A"}},"sources":{"sources":{"role:X:assigned":{"isDirect":true},"group:00GA:member":{}}},"annotations":[{"@type":"type.googleapis.com/c1.connector.v2.GrantExpandable","entitlementIds":["a"],"shallow":true},{"@type":"type.googleapis.com/c1.connector.v2.GrantMetadata","metadata":{"assigned_at":"2026-01-02T03:04:05Z","expires_at":"yesterday","condition":"session_activation","muted_rights":["R"],"later":[]}}]}],
"inactiveAssignments":[{"entitlement":{"id":"group:00GA:member"},"principal":{"id":{"resourceType":"user","resource":"005A"}},"reason":"EXPIRED","expiresAt":"2024-03-15T23:35:36Z"}],
"summary":{"endedAt":"2026-11-25T00:01:00Z","complete":true,"counts":{"resources":{"user":1,"group":1},"entitlements":1,"grants":1,"inactiveAssignments":1},"notRead":[],"leftOut":[],"warnings":[],"notCovered":["x"],"later":{}}}
"#;

/// The names of the parts, or the error.
fn read(text: &[u8]) -> Result<Vec<&'static str>, ReadError> {
    let mut reader = Reader::of(text).unwrap();
    let mut parts = Vec::new();
    while let Some(part) = reader.next_part()? {
        parts.push(match part {
            Part::Header(_) => "header",
            Part::ResourceType(_) => "resource type",
            Part::Resource(_) => "resource",
            Part::Entitlement(_) => "entitlement",
            Part::Grant(_) => "grant",
            Part::Inactive(_) => "inactive",
            Part::Summary(_) => "summary",
        });
    }
    assert!(reader.next_part()?.is_none(), "the end stays the end");
    Ok(parts)
}

/// The same document as lines.
fn lines() -> String {
    let mut reader = Reader::of(DOCUMENT.as_bytes()).unwrap();
    let mut lines = Vec::new();
    while let Some(item) = reader.next_item().unwrap() {
        let text = std::str::from_utf8(item.text).unwrap().replace('\n', "");
        lines.push(format!("{{\"{}\":{text}}}\n", item.section.item_name()));
    }
    lines.concat()
}

#[test]
fn lines_say_the_same() {
    let lines = lines();
    assert_eq!(lines.lines().count(), 8);
    assert_eq!(read(lines.as_bytes()).unwrap(), read(DOCUMENT.as_bytes()).unwrap());
    let later = lines.replacen("{\"grant\"", "{\"later\":[1,{}]}\n{\"later\":1}\n{\"grant\"", 1);
    assert_eq!(read(later.as_bytes()).unwrap(), read(DOCUMENT.as_bytes()).unwrap());
}

#[test]
fn lines_cut_anywhere_are_never_taken_for_a_whole_document() {
    let lines = lines();
    let whole = lines.trim_end().len();
    for end in 1..whole {
        let cut = read(&lines.as_bytes()[..end]);
        assert!(matches!(cut, Err(ReadError::Cut { .. })), "cut at {end}: {cut:?}");
    }
    assert!(read(&lines.as_bytes()[..whole]).is_ok());
    for (line, says) in [(1, "not whole"), (4, "not whole"), (7, "cut"), (0, "does not begin")] {
        let without: String = lines.lines().enumerate().filter(|(n, _)| *n != line).map(|(_, line)| line).collect();
        // Kinds of resources are not counted.
        let read = read(without.as_bytes());
        assert!(line == 1 || read.unwrap_err().to_string().contains(says), "without line {line}");
    }
    let turned: Vec<_> = lines.lines().collect();
    let turned = [turned[0], turned[4], turned[2], turned[3]].join("\n");
    assert!(read(turned.as_bytes()).unwrap_err().to_string().contains("stands after the last one"));
    assert!(read(format!("{lines}{{}}").as_bytes()).unwrap_err().to_string().contains("something follows"));
}

/// Gives one byte at a time, and is interrupted now and then.
struct Slow<'a>(&'a [u8], bool);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let [first, rest @ ..] = self.0 else { return Ok(0) };
        buffer[0] = *first;
        self.0 = rest;
        Ok(1)
    }
}

#[test]
fn every_part_comes_in_order_and_what_is_not_known_is_passed_over() {
    let expected = ["header", "resource type", "resource", "resource", "entitlement", "grant", "inactive", "summary"];
    assert_eq!(read(DOCUMENT.as_bytes()).unwrap(), expected);
    assert_eq!(read(format!("\u{feff}{DOCUMENT}").as_bytes()).unwrap(), expected);
}

#[test]
fn a_slow_input_is_read_alike() {
    let mut reader = Reader::of(Slow(DOCUMENT.as_bytes(), false)).unwrap();
    let mut parts = 0;
    while let Some(part) = reader.next_part().unwrap() {
        parts += 1;
        match part {
            Part::Header(header) => assert_eq!(header.org.unwrap().name, "Acmé"),
            Part::Resource(resource) if &*resource.id.kind == "user" => {
                assert_eq!(&*resource.display_name, "Bo \"B\" Lee");
                let user = resource.user.unwrap();
                assert_eq!(
                    (user.status.unwrap(), user.login.as_deref(), &*user.emails[0]),
                    (Status::Frozen, Some("bo@x"), "bo@y")
                );
                assert_eq!(resource.profile.texts("list"), ["a", "b"]);
                assert_eq!(resource.profile.get("n"), Some(&Value::Number(1.5)));
                assert_eq!(resource.profile.get("no"), Some(&Value::Null));
            }
            Part::Resource(resource) => assert_eq!(resource.profile.bool("membership_known"), Some(false)),
            Part::Grant(grant) => {
                assert!(grant.is_direct() && grant.sources[0].is_direct && !grant.sources[1].is_direct);
                let expandable = grant.expandable.unwrap();
                assert!(expandable.shallow && &*expandable.entitlement_ids[0] == "a");
                let metadata = grant.metadata;
                // A time that cannot be read costs that attribute alone.
                assert_eq!(metadata.expires_at, None);
                assert_eq!(metadata.assigned_at.unwrap().to_string(), "2026-01-02T03:04:05Z");
                assert_eq!(metadata.condition.as_deref(), Some("session_activation"));
                assert_eq!(&*metadata.muted_rights[0], "R");
            }
            Part::Inactive(inactive) => assert_eq!(inactive.expires_at.unwrap().to_string(), "2024-03-15T23:35:36Z"),
            Part::ResourceType(_) | Part::Entitlement(_) | Part::Summary(_) => {}
        }
    }
    assert_eq!(parts, 8);
}

#[test]
fn a_document_cut_anywhere_is_never_taken_for_a_whole_one() {
    let whole = DOCUMENT.trim_end().len();
    for end in 0..whole {
        let cut = &DOCUMENT.as_bytes()[..end];
        match read(cut) {
            Err(ReadError::Cut { .. }) => {}
            Err(ReadError::Foreign { what, .. }) if end == 0 => assert_eq!(what, "it is empty"),
            other => panic!("cut at {end}: {other:?}"),
        }
    }
    assert!(read(&DOCUMENT.as_bytes()[..whole]).is_ok());
}

#[test]
fn bytes_that_are_changed_do_no_harm() {
    let mut bytes = DOCUMENT.as_bytes().to_vec();
    for at in 0..bytes.len() {
        for other in [b'"', b'}', 0xff] {
            let was = std::mem::replace(&mut bytes[at], other);
            // Whether it is still a document is not the question here.
            let _ = read(&bytes);
            bytes[at] = was;
        }
    }
}

#[track_caller]
fn error(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn files_that_are_no_documents_are_told_what_they_are() {
    for (text, says) in [
        ("", "it is empty"),
        ("  \n", "cut"),
        (r#"{"a":1}"#, "does not begin with `format`, nor"),
        ("[1,2]", "does not begin with `format`, nor"),
        ("null", "does not begin with `format`, nor"),
        ("name,email\n", "does not begin with `format`, nor"),
        (r#"{"format":"other/1","sync":1}"#, "its format is `other/1`"),
        (r#"{"format":"baton-salesforce.sync/2","sync":1}"#, "knows `baton-salesforce.sync/1` alone"),
    ] {
        assert!(error(text).contains(says), "{text}: {}", error(text));
    }
}

#[test]
fn what_a_reader_needs_must_be_there() {
    for (part, other, says) in [
        ("\"resourceTypes\":[{\"id\":\"user\"}],", "", "`resources` stands where `resourceTypes` should"),
        (
            "\"principal\":{\"id\":{\"resourceType\":\"user\",\"resource\":\"005A\"}},\"sources\"",
            "\"sources\"",
            "principal",
        ),
        ("\"displayName\":\"G\",", "", "displayName"),
        ("\"reason\":\"EXPIRED\",", "", "reason"),
        ("\"complete\":true,", "", "complete"),
        ("\"shallow\":true", "\"shallow\":\"no\"", "a boolean"),
        ("\"later\":{}}}", "\"later\":{}},\"more\":1}", "`}` expected"),
        ("\"later\":{}}}", "\"later\":{}}}{", "something follows the end"),
        ("\"inactiveAssignments\":[", "\"inactiveAssignments\":[1 ", "expected an assignment"),
        ("\"reason\":\"EXPIRED\",\"expiresAt\":\"2024-03-15T23:35:36Z\"}", "\"reason\":\"EXPIRED\"} 1", "`,` expected"),
        ("\"inactiveAssignments\":[", "\"inactiveAssignments\":{", "`[` expected"),
    ] {
        let changed = DOCUMENT.replacen(part, other, 1);
        assert_ne!(changed, DOCUMENT, "{part}");
        assert!(error(&changed).contains(says), "{part}: {}", error(&changed));
    }
    let end = DOCUMENT.find(",\n\"summary\"").unwrap();
    assert!(error(&format!("{}}}", &DOCUMENT[..end])).contains("the section `summary` is missing"));
}

#[test]
fn a_section_that_lost_an_item_is_noticed() {
    for (name, what) in [
        ("entitlements\":1", "1 entitlements, and its summary says 2"),
        ("grants\":1", "1 grants"),
        ("inactiveAssignments\":1", "1 inactive assignments"),
        ("\"user\":1", "2 resources, and its summary says 3"),
    ] {
        let more = name.replace(":1", ":2");
        let text = error(&DOCUMENT.replacen(name, &more, 1));
        assert!(text.contains(what), "{text}");
    }
}

#[test]
fn a_value_without_end_takes_no_memory_without_end() {
    let start = br#"{"format":"baton-salesforce.sync/1","sync":{"id":""#;
    let endless = start.chain(io::repeat(b'x'));
    let error = Reader::of(endless).unwrap().next_part().unwrap_err().to_string();
    assert!(error.contains("more than 16 MB"), "{error}");
}

#[test]
fn errors_of_the_system_are_passed_on() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is on fire"))
        }
    }
    assert!(matches!(Reader::of(Broken), Err(ReadError::Io { .. })));
    assert!(matches!(Reader::open(Path::new("/nowhere/at/all"), None), Err(ReadError::Io { .. })));
    assert!(matches!(Reader::open(&std::env::temp_dir(), None), Err(ReadError::Io { .. })));
}
