//! The comparison, on documents of a few lines.

mod causes;
mod order;
mod properties;
mod unknown;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::key::{parts, push_entitlement, push_resource};
use super::{Access, Act, Change, Counts, Limit, Remark, Settings, Subject, compare};
use crate::output::read::Reader;

/// A document that is sorted whatever the order in which its items come.
#[derive(Debug, Clone)]
pub(super) struct Doc {
    pub(super) sync: Value,
    pub(super) summary: Value,
    resources: BTreeMap<Vec<u8>, Value>,
    entitlements: BTreeMap<Vec<u8>, Value>,
    grants: BTreeMap<Vec<u8>, Value>,
    inactive: BTreeMap<Vec<u8>, Value>,
}

fn slug(kind: &str) -> &'static str {
    match kind {
        "group" | "permission_set_group" | "territory" => "member",
        "system_permission" => "granted",
        "connected_application" => "authorized",
        _ => "assigned",
    }
}

/// `type:id:slug` of `type:id`.
fn entitlement(resource: &str) -> String {
    let (kind, _) = resource.split_once(':').unwrap();
    format!("{resource}:{}", slug(kind))
}

impl Doc {
    /// Everything was asked for and read, and there is nobody.
    pub(super) fn new() -> Self {
        let kinds = ["user", "group", "role", "permission", "profile", "permission_set_group"];
        Self {
            sync: json!({
                "id": "k", "startedAt": "2026-01-01T00:00:00Z",
                "org": {"id": "00D1", "name": "Acme"},
                "options": {
                    "expand": "used", "managerGroups": false, "skipEntitlementsAndGrants": false,
                    "syncDeactivatedUsers": true, "syncNonStandardUsers": true, "syncResourceTypes": kinds,
                    "usernameAsEmail": false,
                },
            }),
            summary: json!({
                "endedAt": "2026-01-01T01:00:00Z", "complete": true, "read": [], "notRead": [], "leftOut": [],
                "warnings": [], "notCovered": [],
            }),
            resources: BTreeMap::new(),
            entitlements: BTreeMap::new(),
            grants: BTreeMap::new(),
            inactive: BTreeMap::new(),
        }
    }

    pub(super) fn resource(&mut self, name: &str, profile: Value) -> &mut Self {
        let (kind, id) = name.split_once(':').unwrap();
        let mut key = Vec::new();
        push_resource(&mut key, kind, id);
        let of = match kind {
            "user" => Some("UserTrait"),
            "group" => Some("GroupTrait"),
            "role" => Some("RoleTrait"),
            _ => None,
        };
        let shown = profile.get("name").and_then(Value::as_str).unwrap_or(id).to_owned();
        let mut resource = json!({"id": {"resourceType": kind, "resource": id}, "displayName": shown});
        if let Some(of) = of {
            let status = if profile["inactive"] == true {
                json!({"status": "STATUS_DISABLED", "details": "inactive"})
            } else {
                json!({"status": "STATUS_ENABLED"})
            };
            let mut annotation =
                json!({"@type": format!("type.googleapis.com/c1.connector.v2.{of}"), "profile": profile});
            if kind == "user" {
                annotation["status"] = status;
            }
            resource["annotations"] = json!([annotation]);
        } else {
            resource["profile"] = profile;
        }
        self.resources.insert(key, resource);
        if kind != "user" {
            let id = entitlement(name);
            let mut key = Vec::new();
            push_entitlement(&mut key, &id);
            let item = json!({"id": id, "displayName": format!("{shown} held"), "slug": slug(kind),
                "resource": {"id": {"resourceType": kind, "resource": name.split_once(':').unwrap().1}}});
            self.entitlements.insert(key, item);
        }
        self
    }

    pub(super) fn without(&mut self, name: &str) -> &mut Self {
        let (kind, id) = name.split_once(':').unwrap();
        let mut key = Vec::new();
        push_resource(&mut key, kind, id);
        self.resources.remove(&key);
        self.entitlements.retain(|_, item| item["resource"]["id"] != json!({"resourceType": kind, "resource": id}));
        let is_of = |grant: &Value| {
            let (held_kind, held, _) = parts(grant["entitlement"]["id"].as_str().unwrap());
            let principal = &grant["principal"]["id"];
            (held_kind, held) == (kind, id) || principal["resourceType"] == kind && principal["resource"] == id
        };
        self.grants.retain(|_, grant| !is_of(grant));
        self.inactive.retain(|_, grant| !is_of(grant));
        self
    }

    /// Users, groups, roles, sets by `type:id`.
    pub(super) fn with(&mut self, names: &[&str]) -> &mut Self {
        for name in names {
            let profile =
                if name.starts_with("user") { json!({"user_type": "Standard"}) } else { json!({"type": "Regular"}) };
            self.resource(name, profile);
        }
        self
    }

    fn key(held: &str, principal: &str) -> Vec<u8> {
        let (kind, id) = principal.split_once(':').unwrap();
        let mut key = Vec::new();
        push_entitlement(&mut key, &entitlement(held));
        push_resource(&mut key, kind, id);
        key
    }

    pub(super) fn grant(&mut self, held: &str, principal: &str, through: &[&str], metadata: &Value) -> &mut Self {
        let (kind, id) = principal.split_once(':').unwrap();
        let mut grant = json!({"id": "x", "entitlement": {"id": entitlement(held)},
            "principal": {"id": {"resourceType": kind, "resource": id}}});
        let mut annotations = Vec::new();
        if kind != "user" {
            annotations.push(
                json!({"@type": "t/c1.connector.v2.GrantExpandable", "entitlementIds": [entitlement(principal)]}),
            );
        }
        if metadata.as_object().is_some_and(|metadata| !metadata.is_empty()) {
            annotations.push(json!({"@type": "t/c1.connector.v2.GrantMetadata", "metadata": metadata}));
        }
        grant["annotations"] = annotations.into();
        for source in through {
            grant["sources"]["sources"][entitlement(source)] = json!({});
        }
        self.grants.insert(Self::key(held, principal), grant);
        self
    }

    /// A row.
    pub(super) fn hold(&mut self, held: &str, principal: &str) -> &mut Self {
        self.grant(held, principal, &[], &json!({}))
    }

    /// A derived grant; with its own source it is direct as well.
    pub(super) fn derive(&mut self, held: &str, user: &str, through: &[&str]) -> &mut Self {
        self.grant(held, user, through, &json!({}))
    }

    pub(super) fn drop(&mut self, held: &str, principal: &str) -> &mut Self {
        self.grants.remove(&Self::key(held, principal)).unwrap();
        self
    }

    pub(super) fn dead(&mut self, held: &str, user: &str, reason: &str) -> &mut Self {
        let (kind, id) = user.split_once(':').unwrap();
        let item = json!({"entitlement": {"id": entitlement(held)}, "reason": reason,
            "principal": {"id": {"resourceType": kind, "resource": id}}});
        self.inactive.insert(Self::key(held, user), item);
        self
    }

    pub(super) fn option(&mut self, name: &str, value: Value) -> &mut Self {
        self.sync["options"][name] = value;
        self
    }

    pub(super) fn not_read(&mut self, object: &str, required: bool) -> &mut Self {
        let entry = json!({"object": object, "reason": "NO_RIGHT", "required": required});
        self.summary["notRead"].as_array_mut().unwrap().push(entry);
        if required {
            self.summary["complete"] = false.into();
        }
        self
    }

    pub(super) fn warn(&mut self, code: &str) -> &mut Self {
        let entry = json!({"code": code, "message": "m"});
        self.summary["warnings"].as_array_mut().unwrap().push(entry);
        self
    }

    /// As another program writes it.
    pub(super) fn foreign(&mut self) -> &mut Self {
        (self.sync["org"], self.sync["options"]) = (Value::Null, Value::Null);
        self.summary["complete"] = Value::Null;
        self
    }

    pub(super) fn without_kind(&mut self, kind: &str) -> &mut Self {
        self.sync["options"]["syncResourceTypes"].as_array_mut().unwrap().retain(|other| other != kind);
        self.without_all(kind);
        self
    }

    /// The same for another program's document, which has no options.
    pub(super) fn without_all(&mut self, kind: &str) -> &mut Self {
        let names: Vec<String> = self
            .resources
            .values()
            .map(|one| &one["id"])
            .filter(|id| id["resourceType"] == kind)
            .map(|id| format!("{kind}:{}", id["resource"].as_str().unwrap()))
            .collect();
        for name in &names {
            self.without(name);
        }
        self
    }

    pub(super) fn text(&self) -> String {
        let list = |items: &BTreeMap<Vec<u8>, Value>| Value::from(items.values().cloned().collect::<Vec<_>>());
        let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
        for resource in self.resources.values() {
            *kinds.entry(resource["id"]["resourceType"].as_str().unwrap()).or_default() += 1;
        }
        let mut summary = self.summary.clone();
        summary["counts"] = json!({"resources": kinds, "entitlements": self.entitlements.len(),
            "grants": self.grants.len(), "inactiveAssignments": self.inactive.len()});
        format!(
            r#"{{"format":"baton-salesforce.sync/1","sync":{},"resourceTypes":[],"resources":{},"entitlements":{},"grants":{},"inactiveAssignments":{},"summary":{summary}}}"#,
            self.sync,
            list(&self.resources),
            list(&self.entitlements),
            list(&self.grants),
            list(&self.inactive),
        )
    }
}

/// A comparison, all of it in memory.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) changes: Vec<Change>,
    pub(super) counts: Counts,
    pub(super) limits: Vec<Limit>,
    pub(super) remarks: Vec<Remark>,
}

impl Seen {
    /// `added group:g:member user:ada gained`, one a line, without what causes them.
    pub(super) fn told(&self) -> Vec<String> {
        self.changes.iter().map(|change| format!("{}{}", told(change), access(change))).collect()
    }

    /// The same, with the cause where that is something else.
    pub(super) fn causes(&self) -> Vec<String> {
        let cause = |change: &Change| match &change.cause.subject {
            _ if change.is_cause() => String::new(),
            subject => format!(" by {}", named(subject)),
        };
        self.changes.iter().map(|change| format!("{}{}{}", told(change), access(change), cause(change))).collect()
    }

    pub(super) fn codes(&self) -> Vec<&'static str> {
        self.limits.iter().map(|limit| limit.code.as_str()).collect()
    }

    /// Nothing is told, since it is not known.
    #[track_caller]
    pub(super) fn is_unknown(&self, codes: &[&str]) {
        assert!(self.changes.is_empty(), "{:#?}", self.causes());
        let mut found = self.codes();
        found.sort_unstable();
        assert_eq!(found, codes);
        assert!(self.limits.iter().any(|limit| limit.affected.is_any()), "{:#?}", self.limits);
    }
}

fn named(subject: &Subject) -> String {
    match subject {
        Subject::Resource(name) => format!("{}:{}", name.kind, name.id),
        Subject::Entitlement(id) => id.to_string(),
        Subject::Grant { entitlement, principal } => format!("{entitlement} {}:{}", principal.kind, principal.id),
        Subject::Inactive { entitlement, principal } => {
            format!("inactive {entitlement} {}:{}", principal.kind, principal.id)
        }
    }
}

fn told(change: &Change) -> String {
    let act = match change.act {
        Act::Added => "added",
        Act::Removed => "removed",
        Act::Moved => "moved",
        Act::Changed => "changed",
    };
    let attributes: Vec<_> = change.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    let attributes = if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(",")) };
    format!("{act} {}{attributes}", named(&change.subject))
}

fn access(change: &Change) -> &'static str {
    match change.access {
        Some(Access::Gained) => " gained",
        Some(Access::Lost) => " lost",
        Some(Access::Kept) => " kept",
        Some(Access::Unknown) => " unknown",
        None => "",
    }
}

pub(super) fn diff(old: &Doc, new: &Doc) -> Seen {
    diff_with(old, new, Settings::default())
}

pub(super) fn diff_with(old: &Doc, new: &Doc, settings: Settings) -> Seen {
    let (old, new) = (old.text(), new.text());
    let found = compare(Reader::of(old.as_bytes()).unwrap(), Reader::of(new.as_bytes()).unwrap(), settings).unwrap();
    let changes = found.changes.map(|change| *change.unwrap()).collect();
    Seen { changes, counts: found.counts, limits: found.limits, remarks: found.remarks }
}
