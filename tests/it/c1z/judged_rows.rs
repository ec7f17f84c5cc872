//! The judge, judged: what is wrong with the blobs of each of many bad files.

use rusqlite::params;

use super::encode::{any, bytes, message, number, structure, text};
use super::judged::{after, says};
use super::sample::{self, grant, id, metadata, resource, sources};

/// Each of these rows of a table with other data must be complained about in these words.
#[track_caller]
fn each_data(table: &str, spoiled: Vec<(&str, Vec<u8>, &str)>) {
    for (row, data, wanted) in spoiled {
        let sql = format!("update {table} set data = ? where external_id = ?");
        let complaints = after(|connection| assert_eq!(connection.execute(&sql, params![data, row]), Ok(1), "{row}"));
        says(&format!("{row}: {}", data.escape_ascii()), &complaints, wanted);
    }
}

#[test]
fn what_is_wrong_with_resources_is_told() {
    let named = |full: &str, rest: &[Vec<u8>]| [id(1, full), text(3, "Name"), rest.concat()].concat();
    let user = |rest: &[Vec<u8>]| named("user:005A", rest);
    let profile = |bytes_: &[u8]| sample::user_trait(&[bytes(3, bytes_)], &[]);
    let role = |rest: &[Vec<u8>]| named("role:00EA", rest);
    let role_trait = || any(4, "RoleTrait", &[]);
    each_data(
        "v1_resources",
        vec![
            ("user:005A", user(&[sample::user_trait(&[], &[])]), "UserTrait without profile"),
            ("user:005A", user(&[]), "no UserTrait, which its type has"),
            (
                "user:005A",
                user(&[profile(b""), any(4, "AgentTrait", &[])]),
                "knows no annotation `type.googleapis.com/c1.connector.v2.AgentTrait`",
            ),
            ("user:005A", user(&[profile(b""), profile(b"")]), "two annotations UserTrait"),
            (
                "user:005A",
                user(&[profile(b""), any(4, "GrantImmutable", &[])]),
                "a resource cannot carry GrantImmutable",
            ),
            (
                "user:005A",
                user(&[any(4, "UserTrait", &[message(2, &[number(1, 9)]), bytes(3, b"")])]),
                "the enum has no value 9",
            ),
            ("user:005A", user(&[any(4, "UserTrait", &[bytes(3, b""), number(99, 1)])]), "UserTrait has no field 99"),
            (
                "user:005A",
                user(&[profile(&structure(&[("b", text(3, "")), ("a", text(3, ""))]))]),
                "the key `a` stands after `b`",
            ),
            ("user:005A", user(&[profile(&structure(&[("a", Vec::new())]))]), "a value of no kind"),
            ("user:005A", user(&[profile(b""), message(9, &[bytes(1, &text(1, "a"))])]), "Resource.profile"),
            (
                "user:005A",
                user(&[profile(b""), bytes(9, &structure(&[("a", number(4, 1))]))]),
                "profile of the resource is not its trait's",
            ),
            (
                "user:005A",
                user(&[profile(b""), message(11, &[number(1, 1)])]),
                "status of the resource is not its trait's",
            ),
            ("role:00EA", role(&[]), "no RoleTrait"),
            ("role:00EA", role(&[role_trait(), any(4, "GroupTrait", &[])]), "GroupTrait, which its type has not"),
            ("role:00EA", role(&[role_trait()]), "its resource is not what the resource's row holds"),
            ("role:00EA", [id(1, "role:00EA"), role_trait()].concat(), "no display name"),
            (
                "role:00EA",
                [id(1, "role:00EB"), text(3, "N"), role_trait()].concat(),
                "external_id is `role:00EA`, its data say `role:00EB`",
            ),
            (
                "role:00EA",
                [id(1, "role:00EA"), id(2, "role:00EB"), text(3, "N"), role_trait()].concat(),
                "its parent has no row: `role:00EB`",
            ),
            ("role:00EA", [text(3, "N"), id(1, "role:00EA"), role_trait()].concat(), "field 1 stands after field 3"),
            ("role:00EA", [resource("role:00EA"), number(13, 1)].concat(), "Resource has no field 13"),
            ("role:00EA", [resource("role:00EA"), number(6, 0)].concat(), "a default value is written out"),
        ],
    );
    let kind = |id: &str, name: &str, rest: Vec<u8>| [text(1, id), text(2, name), rest].concat();
    each_data(
        "v1_resource_types",
        vec![
            ("role", kind("rolle", "Role", bytes(3, b"\x03")), "external_id is `role`, its data say `rolle`"),
            ("role", kind("rolle", "Role", bytes(3, b"\x03")), "no kind of ours: `rolle`"),
            ("role", kind("role", " ", bytes(3, b"\x03")), "no display name"),
            ("role", kind("role", "Role", bytes(3, b"\x0b")), "the enum has no value 11"),
            ("role", kind("role", "Role", number(3, 3)), "not a packed list"),
            ("role", kind("role", "Role", any(4, "OptInRequired", &[])), "knows no annotation"),
            ("role", kind("role", "Role", any(4, "GrantImmutable", &[])), "a type cannot carry GrantImmutable"),
            (
                "group",
                kind("group", "Groups", bytes(3, b"\x02")),
                "grantable to `group`, which is not what the type's row holds",
            ),
            ("role", kind("role", "Role", Vec::new()), "RoleTrait, which its type has not"),
        ],
    );
}

#[test]
fn what_is_wrong_with_entitlements_and_grants_is_told() {
    let role = resource("role:00EA");
    let held = |id: &str, rest: &[Vec<u8>]| [bytes(1, &role), text(2, id), text(3, "Name"), rest.concat()].concat();
    let (to, purpose) = (bytes(5, &sample::kind("user")), number(7, 1));
    let (good, slug) = ("role:00EA:assigned", text(8, "assigned"));
    each_data(
        "v1_entitlements",
        vec![
            (
                good,
                held("role:00EA:x", &[to.clone(), purpose.clone(), text(8, "x")]),
                "external_id is `role:00EA:assigned`",
            ),
            (good, held(good, &[to.clone(), purpose.clone()]), "the id is not `role:00EA:`"),
            (good, held(good, &[purpose.clone(), slug.clone()]), "grantable to nobody"),
            (
                good,
                held(good, &[to.clone(), to.clone(), purpose.clone(), slug.clone()]),
                "which is empty or stands twice",
            ),
            (good, held(good, &[to.clone(), slug.clone()]), "no purpose"),
            (
                good,
                held(good, &[to.clone(), any(6, "GrantImmutable", &[]), purpose.clone(), slug.clone()]),
                "an entitlement cannot carry",
            ),
            (
                good,
                held(good, &[bytes(5, &sample::kind("group")), purpose.clone(), slug.clone()]),
                "cannot be granted to a `user`",
            ),
            (good, held(good, &[to, number(7, 4), slug]), "the enum has no value 4"),
        ],
    );
    let direct = |more: &[Vec<u8>]| grant("group:00GA", "member", "user:005A", more);
    let (row, through) = ("group:00GA:member:user:005A", "group:00GB:member");
    let derived = "group:00GA:member:user:005B";
    let follows = |more: &[Vec<u8>]| grant("group:00GA", "member", "user:005B", more);
    let immutable = || any(4, "GrantImmutable", &[]);
    let bare = |held: Vec<u8>| [held, message(2, &[id(1, "user:005A")]), text(3, row)].concat();
    let full = |resource: Vec<u8>| bare(message(1, &[resource, text(2, "group:00GA:member")]));
    each_data(
        "v1_grants",
        vec![
            (row, Vec::new(), "entitlement_id is empty: the CLI panics"),
            (row, bare(message(1, &[text(2, "group:00GA:member")])), "resource_id is empty: the CLI panics"),
            (row, full(message(1, &[id(1, "group:00GC")])), "its entitlement is of another resource"),
            (
                row,
                full(message(1, &[id(1, "group:00GA"), text(3, "Old")])),
                "its resource is not what the resource's row holds",
            ),
            (
                row,
                bare(message(1, &[message(1, &[id(1, "group:00GA")]), text(2, "group:00GA:member"), text(3, "Old")])),
                "its entitlement is not what",
            ),
            (row, direct(&[any(4, "GrantExpandable", &[text(1, through)])]), "GrantExpandable is left in data"),
            (row, direct(&[any(4, "GrantReplaced", &[])]), "knows no annotation"),
            (row, direct(&[any(4, "UserTrait", &[])]), "a grant cannot carry UserTrait"),
            (row, direct(&[immutable()]), "it follows neither from others nor from a rule"),
            (row, direct(&[metadata(&[]), metadata(&[])]), "two annotations GrantMetadata"),
            (row, direct(&[bytes(5, b"")]), "sources without a source"),
            (
                row,
                direct(&[sources(&[("group:00GA:member", false), (through, true)])]),
                "it holds itself, but not directly",
            ),
            (
                row,
                direct(&[sources(&[("group:00GA:member", true), (through, false)])]),
                "is direct or not, and it says otherwise",
            ),
            (
                row,
                direct(&[sources(&[(through, true), ("group:00GA:member", true)])]),
                "stands after `group:00GB:member`",
            ),
            (derived, follows(&[sources(&[(through, false)])]), "carries no GrantImmutable"),
            (derived, follows(&[immutable(), sources(&[(through, true)])]), "is direct or not, and it says otherwise"),
            (
                derived,
                follows(&[immutable(), sources(&[("group:00GC:member", true)])]),
                "no expandable grant leads here from `group:00GC:member`",
            ),
            (
                "group:00GA:member:group:00GB",
                grant("group:00GA", "member", "group:00GB", &[sources(&[("group:00GA:member", true)])]),
                "it is expandable and follows from others",
            ),
            (row, [direct(&[]), b"\x33\x34".to_vec()].concat(), "is a group"),
            (row, direct(&[text(6, "more")]), "Grant has no field 6"),
        ],
    );
}
