//! A small good file, written by hand from what is known of the format: plain SQL and bytes; and the document that it
//! should tell the same as.

use std::sync::OnceLock;

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::encode::{any, bytes, database, double, message, number, structure, text, texts};
use super::schema;

pub(crate) const SYNC: &str = "3MZtQNAUZIE4VHiBRfxdM2ESj4N";
const TIME: &str = "2026-11-25 01:25:00.495775875";
/// 2023-04-05T20:43:59Z
const CREATED: u64 = 1_680_727_439;

pub(crate) fn kind(id: &str) -> Vec<u8> {
    let (name, of) = match id {
        "user" => ("User", 1),
        "group" => ("Group", 2),
        "role" => ("Role", 3),
        _ => ("Permission Set", 0),
    };
    let traits = if of == 0 { Vec::new() } else { bytes(3, &[of]) };
    [text(1, id), text(2, name), traits].concat()
}

/// `ResourceId`, of an id `type:id`.
pub(crate) fn id(field: u32, id: &str) -> Vec<u8> {
    let (kind, id) = id.split_once(':').unwrap();
    message(field, &[text(1, kind), text(2, id)])
}

pub(crate) fn user_trait(profile: &[Vec<u8>], more: &[Vec<u8>]) -> Vec<u8> {
    let email = message(1, &[text(1, "ada@example.com"), number(2, 1)]);
    let status = message(2, &[number(1, 2), text(2, "frozen")]);
    let created = message(8, &[number(1, CREATED), number(2, 500_000_000)]);
    let name = message(12, &[text(1, "Ada"), text(2, "Admin")]);
    let account = number(5, 1);
    any(4, "UserTrait", &[vec![email, status], profile.to_vec(), vec![account, created, name], more.to_vec()].concat())
}

/// A resource, as its row holds it.
pub(crate) fn resource(full: &str) -> Vec<u8> {
    let rest = match full {
        "user:005A" => {
            let profile = structure(&[
                ("alias", text(3, "ada")),
                ("failed_logins", double(3.0)),
                ("is_frozen", number(4, 1)),
                ("rate", double(2.5)),
            ]);
            vec![text(3, "Ada Admin"), user_trait(&[bytes(3, &profile)], &[text(13, "E-1")])]
        }
        "user:005B" => vec![text(3, "Böb"), any(4, "UserTrait", &[bytes(3, b"")])],
        "role:00EA" => vec![text(3, "CEO"), any(4, "RoleTrait", &[])],
        "permission:0PSA" => {
            let profile = structure(&[("high_risk_permissions", texts(&["ApiEnabled", "ViewSetup"]))]);
            vec![text(3, "Export"), text(5, "High-risk rights: ApiEnabled"), bytes(9, &profile)]
        }
        group => {
            let profile = structure(&[("type", text(3, "Regular"))]);
            vec![text(3, &group.replace("group:", "Group ")), any(4, "GroupTrait", &[bytes(2, &profile)])]
        }
    };
    [id(1, full), rest.concat()].concat()
}

/// An entitlement of a resource, as its row holds it.
pub(crate) fn entitlement(of: &str) -> Vec<u8> {
    let slug = if of.starts_with("group") { "member" } else { "assigned" };
    let (description, second) = match of {
        "group:00GA" => (text(4, "High-risk"), bytes(5, &kind("group"))),
        of if of.starts_with("group") => (Vec::new(), bytes(5, &kind("group"))),
        // A kind that is not in the file.
        "permission:0PSA" => (Vec::new(), message(5, &[text(1, "permission_set_group"), text(2, "Group of Sets")])),
        _ => (Vec::new(), Vec::new()),
    };
    let name = [text(2, &format!("{of}:{slug}")), text(3, &format!("{of} Access")), description].concat();
    [bytes(1, &resource(of)), name, bytes(5, &kind("user")), second, number(7, 1), text(8, slug)].concat()
}

/// A grant of an entitlement (of a resource, and its slug) to a principal.
pub(crate) fn grant(of: &str, slug: &str, principal: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let held = message(1, &[message(1, &[id(1, of)]), text(2, &format!("{of}:{slug}"))]);
    let name = text(3, &format!("{of}:{slug}:{principal}"));
    [held, message(2, &[id(1, principal)]), name, more.concat()].concat()
}

/// The field of a grant's sources.
pub(crate) fn sources(all: &[(&str, bool)]) -> Vec<u8> {
    let source = |(id, is_direct): &(&str, bool)| {
        message(1, &[text(1, id), bytes(2, &if *is_direct { number(1, 1) } else { Vec::new() })])
    };
    message(5, &all.iter().map(source).collect::<Vec<_>>())
}

/// The annotation with what is known about a grant.
pub(crate) fn metadata(attributes: &[(&str, Vec<u8>)]) -> Vec<u8> {
    any(4, "GrantMetadata", &[bytes(1, &structure(attributes))])
}

/// `GrantExpandable`, as its column holds it.
pub(crate) fn expansion(through: &str) -> Vec<u8> {
    [text(1, through), text(3, "user")].concat()
}

const TYPES: [&str; 4] = ["user", "group", "role", "permission"];
const RESOURCES: [&str; 7] =
    ["user:005A", "user:005B", "group:00GA", "group:00GB", "group:00GC", "role:00EA", "permission:0PSA"];

/// A grant's row: the entitlement's resource, its slug, the principal, its expansion, its further fields.
type Granted = (&'static str, &'static str, &'static str, Option<Vec<u8>>, Vec<Vec<u8>>);

fn granted() -> Vec<Granted> {
    let immutable = || any(4, "GrantImmutable", &[]);
    let (ga, gb, gc) = ("group:00GA", "group:00GB", "group:00GC");
    let (in_a, in_b, in_c) = ("group:00GA:member", "group:00GB:member", "group:00GC:member");
    let assigned = metadata(&[("assigned_at", text(3, "2023-04-05T20:43:59Z"))]);
    vec![
        (ga, "member", "user:005A", None, vec![assigned.clone(), sources(&[(in_a, true), (in_b, true)])]),
        (ga, "member", "user:005B", None, vec![immutable(), sources(&[(in_b, false)])]),
        (ga, "member", gb, Some(expansion(in_b)), vec![assigned]),
        (gb, "member", "user:005A", None, vec![]),
        (gb, "member", "user:005B", None, vec![immutable(), sources(&[(in_c, true)])]),
        (gb, "member", gc, Some(expansion(in_c)), vec![]),
        (gc, "member", "user:005B", None, vec![]),
        ("role:00EA", "assigned", "user:005A", None, vec![immutable(), metadata(&[("by_rule", number(4, 1))])]),
        ("permission:0PSA", "assigned", "user:005B", None, vec![metadata(&[("muted_rights", texts(&["A", "B"]))])]),
    ]
}

/// The bytes of a good database.
pub(crate) fn good() -> &'static [u8] {
    static GOOD: OnceLock<Vec<u8>> = OnceLock::new();
    GOOD.get_or_init(|| database(make))
}

/// Makes a good database: SDK 0.7.27's schema and one sync.
pub(crate) fn make(connection: &Connection) {
    for table in schema::TABLES {
        connection.execute_batch(&schema::create_table(table)).unwrap();
    }
    add_sync(connection, SYNC, "2026-11-25 01:25:01");
    for index in schema::INDEXES {
        connection.execute_batch(&schema::create_index(index)).unwrap();
    }
}

/// Adds a sync with all its rows.
pub(crate) fn add_sync(connection: &Connection, sync: &str, ended_at: &str) {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        connection.execute(sql, values).unwrap();
    };
    let sql =
        "insert into v1_sync_runs (sync_id, started_at, ended_at, sync_token, supports_diff) values (?, ?, ?, '', 1)";
    run(sql, params![sync, "2026-11-25 01:25:00", ended_at]);
    for id in TYPES {
        let sql = "insert into v1_resource_types (external_id, data, sync_id, discovered_at) values (?, ?, ?, ?)";
        run(sql, params![id, kind(id), sync, TIME]);
    }
    for id in RESOURCES {
        let sql = "insert into v1_resources (resource_type_id, external_id, data, sync_id, discovered_at) \
                   values (?, ?, ?, ?, ?)";
        run(sql, params![id.split_once(':').unwrap().0, id, resource(id), sync, TIME]);
    }
    for of in RESOURCES.into_iter().filter(|id| !id.starts_with("user")) {
        let (kind, id) = of.split_once(':').unwrap();
        let slug = if kind == "group" { "member" } else { "assigned" };
        let sql = "insert into v1_entitlements (resource_type_id, resource_id, external_id, data, sync_id, \
                   discovered_at) values (?, ?, ?, ?, ?, ?)";
        run(sql, params![kind, id, format!("{of}:{slug}"), entitlement(of), sync, TIME]);
    }
    for (of, slug, principal, expansion, more) in granted() {
        let ((kind, id), (principal_kind, principal_id)) =
            (of.split_once(':').unwrap(), principal.split_once(':').unwrap());
        let sql = "insert into v1_grants (resource_type_id, resource_id, entitlement_id, principal_resource_type_id, \
                   principal_resource_id, external_id, expansion, needs_expansion, data, sync_id, discovered_at) \
                   values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let (held, name) = (format!("{of}:{slug}"), format!("{of}:{slug}:{principal}"));
        let data = grant(of, slug, principal, &more);
        let needs = i64::from(expansion.is_some());
        run(sql, params![kind, id, held, principal_kind, principal_id, name, expansion, needs, data, sync, TIME]);
    }
}

/// What the file tells, as a document.
pub(crate) fn document() -> Value {
    let at = |name: &str| format!("type.googleapis.com/c1.connector.v2.{name}");
    let named = |id: &str| {
        let (kind, id) = id.split_once(':').unwrap();
        json!({"resourceType": kind, "resource": id})
    };
    let group = |id: &str, name: &str| {
        json!({"id": named(id), "displayName": name,
               "annotations": [{"@type": at("GroupTrait"), "profile": {"type": "Regular"}}]})
    };
    let entitlement = |of: &str, slug: &str, kinds: &[&str]| {
        let kinds: Vec<_> = kinds.iter().map(|kind| json!({"id": kind})).collect();
        json!({"resource": {"id": named(of)}, "id": format!("{of}:{slug}"), "displayName": format!("{of} Access"),
               "grantableTo": kinds, "purpose": "PURPOSE_VALUE_ASSIGNMENT", "slug": slug})
    };
    let mut first = entitlement("group:00GA", "member", &["user", "group"]);
    first["description"] = json!("High-risk");
    let grant = |held: &str, principal: &str, sources: Value, annotations: Value| {
        let mut grant = json!({"id": format!("{held}:{principal}"), "entitlement": {"id": held},
                               "principal": {"id": named(principal)}});
        if sources != json!({}) {
            grant["sources"] = json!({"sources": sources});
        }
        if annotations != json!([]) {
            grant["annotations"] = annotations;
        }
        grant
    };
    let immutable = json!({"@type": at("GrantImmutable")});
    let metadata = |attributes: Value| json!({"@type": at("GrantMetadata"), "metadata": attributes});
    let expandable = |through: &str| json!({"@type": at("GrantExpandable"), "entitlementIds": [through], "resourceTypeIds": ["user"]});
    let assigned = || metadata(json!({"assigned_at": "2023-04-05T20:43:59Z"}));
    let (a, b, c) = ("group:00GA:member", "group:00GB:member", "group:00GC:member");
    json!({
        "sync": {"id": SYNC},
        "resourceTypes": [
            {"id": "user", "displayName": "User", "traits": ["TRAIT_USER"]},
            {"id": "group", "displayName": "Group", "traits": ["TRAIT_GROUP"]},
            {"id": "role", "displayName": "Role", "traits": ["TRAIT_ROLE"]},
            {"id": "permission", "displayName": "Permission Set"},
        ],
        "resources": [
            {"id": named("user:005A"), "displayName": "Ada Admin", "annotations": [{
                "@type": at("UserTrait"), "emails": [{"address": "ada@example.com", "isPrimary": true}],
                "status": {"status": "STATUS_DISABLED", "details": "frozen"}, "accountType": "ACCOUNT_TYPE_HUMAN",
                "createdAt": "2023-04-05T20:43:59.500Z", "employeeIds": ["E-1"],
                "structuredName": {"givenName": "Ada", "familyName": "Admin"},
                "profile": {"alias": "ada", "failed_logins": 3, "is_frozen": true, "rate": 2.5}}]},
            {"id": named("user:005B"), "displayName": "Böb", "annotations": [{"@type": at("UserTrait")}]},
            group("group:00GA", "Group 00GA"), group("group:00GB", "Group 00GB"), group("group:00GC", "Group 00GC"),
            {"id": named("role:00EA"), "displayName": "CEO", "annotations": [{"@type": at("RoleTrait")}]},
            {"id": named("permission:0PSA"), "displayName": "Export", "description": "High-risk rights: ApiEnabled",
             "profile": {"high_risk_permissions": ["ApiEnabled", "ViewSetup"]}},
        ],
        "entitlements": [
            first, entitlement("group:00GB", "member", &["user", "group"]),
            entitlement("group:00GC", "member", &["user", "group"]), entitlement("role:00EA", "assigned", &["user"]),
            entitlement("permission:0PSA", "assigned", &["user", "permission_set_group"]),
        ],
        "grants": [
            grant(a, "user:005A", json!({a: {"isDirect": true}, b: {"isDirect": true}}), json!([assigned()])),
            grant(a, "user:005B", json!({b: {}}), json!([immutable])),
            grant(a, "group:00GB", json!({}), json!([expandable(b), assigned()])),
            grant(b, "user:005A", json!({}), json!([])),
            grant(b, "user:005B", json!({c: {"isDirect": true}}), json!([immutable])),
            grant(b, "group:00GC", json!({}), json!([expandable(c)])),
            grant(c, "user:005B", json!({}), json!([])),
            grant("role:00EA:assigned", "user:005A", json!({}), json!([immutable, metadata(json!({"by_rule": true}))])),
            grant("permission:0PSA:assigned", "user:005B", json!({}),
                  json!([metadata(json!({"muted_rights": ["A", "B"]}))])),
        ],
    })
}
