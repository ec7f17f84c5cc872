//! Documents made by hand: the demo org's, with other contents.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::support::{Ran, Run};

pub(crate) const U1: &str = "0055f000001AAAAAA4";
pub(crate) const U2: &str = "0055f000001AAABAA4";
pub(crate) const U3: &str = "0055f000001AAACAA4";
pub(crate) const DI: &str = "0055f000001AAADAA4";
pub(crate) const EVE: &str = "0055f000001AAAEAA4";
pub(crate) const CEO: &str = "role:00E5f000000AAAAEA4";
pub(crate) const P1: &str = "profile:00e5f000000AAAAAA4";
pub(crate) const DEALS: &str = "group:00G5f000004AAAAEA4";
pub(crate) const INNER: &str = "group:00G5f000004AAABEA4";
pub(crate) const CEO_GROUP: &str = "group:00G5f000004AAACEA4";
pub(crate) const QUEUE: &str = "group:00G5f000004AAADEA4";
pub(crate) const ALL: &str = "group:00G5f000004AAAEEA4";
pub(crate) const SET: &str = "permission:0PS5f000000AAAAGA4";
pub(crate) const BUNDLE: &str = "permission_set_group:0PG5f000000AAAAGA4";
pub(crate) const MODIFY: &str = "system_permission:ModifyAllData";

/// A document: Ada, Bo and Cy can log in, Di is deactivated, Eve is frozen. Nobody holds anything yet.
#[derive(Clone)]
pub(crate) struct Doc(pub(crate) Value);

impl Doc {
    pub(crate) fn new() -> Self {
        static BASE: OnceLock<Value> = OnceLock::new();
        let base = BASE.get_or_init(|| {
            let ran = Run::new().args(["--demo", "-q", "-f", "-"]).output();
            assert_eq!(ran.code(), 0, "{}", ran.stderr());
            serde_json::from_str(&ran.stdout()).unwrap()
        });
        let mut doc = Self(base.clone());
        for section in ["resources", "entitlements", "grants", "inactiveAssignments"] {
            doc.0[section] = json!([]);
        }
        for section in ["warnings", "leftOut", "notRead"] {
            doc.0["summary"][section] = json!([]);
        }
        doc.0["sync"]["options"]["syncNonStandardUsers"] = json!(true);
        for (id, name, status) in [
            (U1, "ada", Value::Null),
            (U2, "bo", Value::Null),
            (U3, "cy", Value::Null),
            (DI, "di", json!("inactive")),
            (EVE, "eve", json!("frozen")),
        ] {
            doc.user(id, name, &status);
        }
        for (id, name) in [(CEO, "CEO"), (P1, "Standard User"), (SET, "Deals Admin"), (BUNDLE, "Sales Bundle")] {
            doc.resource(id, name, json!({}));
        }
        for (id, name, group_type) in [
            (DEALS, "Deals", "Regular"),
            (INNER, "Inner", "Regular"),
            (CEO_GROUP, "CEO (Role)", "Role"),
            (QUEUE, "Desk", "Queue"),
        ] {
            doc.resource(id, name, json!({"type": group_type}));
        }
        let rule = json!({"type": "Organization", "membership_rule": "active_standard_users"});
        doc.resource(ALL, "All Internal Users", rule);
        doc
    }

    /// A document in which system permissions are resources.
    pub(crate) fn with_rights() -> Self {
        let mut doc = Self::new();
        doc.add_kind("system_permission");
        doc.resource(MODIFY, "Modify All Data", json!({}));
        doc
    }

    pub(crate) fn add_kind(&mut self, kind: &str) {
        self.0["sync"]["options"]["syncResourceTypes"].as_array_mut().unwrap().push(json!(kind));
    }

    pub(crate) fn remove_kind(&mut self, kind: &str) {
        self.0["sync"]["options"]["syncResourceTypes"].as_array_mut().unwrap().retain(|other| other != kind);
    }

    pub(crate) fn user(&mut self, id: &str, name: &str, details: &Value) {
        let status = if details.is_null() {
            json!({"status": "STATUS_ENABLED"})
        } else {
            json!({"status": "STATUS_DISABLED", "details": details})
        };
        let username = format!("{name}@acme.example");
        let profile = json!({"username": username, "email": format!("{name}@mail.example"), "user_type": "Standard"});
        let user = json!({
            "@type": "type.googleapis.com/c1.connector.v2.UserTrait",
            "emails": [{"address": format!("{name}@mail.example"), "isPrimary": true}],
            "status": status, "accountType": "ACCOUNT_TYPE_HUMAN", "login": username, "profile": profile,
        });
        let (first, rest) = name.split_at(1);
        let name = format!("{}{rest} Lee", first.to_uppercase());
        let id = json!({"resourceType": "user", "resource": id});
        self.list("resources").push(json!({"id": id, "displayName": name, "annotations": [user]}));
    }

    /// `type:id`; with its entitlement.
    pub(crate) fn resource(&mut self, id: &str, name: &str, profile: Value) {
        let (kind, key) = id.split_once(':').unwrap();
        let id = json!({"resourceType": kind, "resource": key});
        let mut resource = json!({"id": id, "displayName": name});
        let of = match kind {
            "group" => "GroupTrait",
            "role" => "RoleTrait",
            "connected_application" => "AppTrait",
            _ => "",
        };
        if of.is_empty() {
            resource["profile"] = profile;
        } else {
            let of = format!("type.googleapis.com/c1.connector.v2.{of}");
            resource["annotations"] = json!([{"@type": of, "profile": profile}]);
        }
        self.list("resources").push(resource);
        self.entitlement(&format!("{kind}:{key}"), slug(kind));
    }

    pub(crate) fn entitlement(&mut self, id: &str, slug: &str) {
        let (kind, key) = id.split_once(':').unwrap();
        let purpose = if kind == "system_permission" { "PERMISSION" } else { "ASSIGNMENT" };
        self.list("entitlements").push(json!({
            "resource": {"id": {"resourceType": kind, "resource": key}},
            "id": format!("{id}:{slug}"), "displayName": format!("{id} held"), "grantableTo": [{"id": "user"}],
            "purpose": format!("PURPOSE_VALUE_{purpose}"), "slug": slug,
        }));
    }

    /// An attribute of a resource, `type:id`; `null` takes it away.
    pub(crate) fn set(&mut self, id: &str, name: &str, value: Value) -> &mut Self {
        let (kind, key) = id.split_once(':').unwrap_or(("user", id));
        let is_it = |resource: &&mut Value| resource["id"]["resource"] == key && resource["id"]["resourceType"] == kind;
        let resource = self.list("resources").iter_mut().find(is_it).unwrap();
        let of = if resource["annotations"].is_array() { &mut resource["annotations"][0] } else { resource };
        if value.is_null() {
            of["profile"].as_object_mut().unwrap().remove(name);
        } else {
            of["profile"][name] = value;
        }
        self
    }

    pub(crate) fn list(&mut self, section: &str) -> &mut Vec<Value> {
        self.0[section].as_array_mut().unwrap()
    }

    /// `principal` is a user's id or `type:id`; whoever is no user passes on to his members, directly or not.
    pub(crate) fn hold(&mut self, held: &str, principal: &str) -> &mut Self {
        self.hold_with(held, principal, json!({}))
    }

    #[expect(clippy::needless_pass_by_value, reason = "as it is written where it is called")]
    pub(crate) fn hold_with(&mut self, held: &str, principal: &str, metadata: Value) -> &mut Self {
        let (mut grant, kind, key) = grant(held, principal);
        let mut annotations = Vec::new();
        if kind != "user" {
            let source = format!("{kind}:{key}:{}", slug(&kind));
            let mut expandable = json!({
                "@type": "type.googleapis.com/c1.connector.v2.GrantExpandable",
                "entitlementIds": [source], "resourceTypeIds": ["user"],
            });
            if kind == "permission" {
                expandable["shallow"] = json!(true);
            }
            annotations.push(expandable);
        }
        if metadata["by_rule"] == true {
            annotations.push(json!({"@type": "type.googleapis.com/c1.connector.v2.GrantImmutable"}));
        }
        if metadata.as_object().is_some_and(|metadata| !metadata.is_empty()) {
            annotations
                .push(json!({"@type": "type.googleapis.com/c1.connector.v2.GrantMetadata", "metadata": metadata}));
        }
        if !annotations.is_empty() {
            grant["annotations"] = Value::Array(annotations);
        }
        self.list("grants").push(grant);
        self
    }

    /// A derived grant, as expansion writes it.
    pub(crate) fn derived(&mut self, held: &str, user: &str, source: &str) -> &mut Self {
        let (mut grant, ..) = grant(held, user);
        let source = format!("{source}:{}", slug(source.split(':').next().unwrap()));
        grant["sources"] = json!({"sources": {source: {"isDirect": true}}});
        grant["annotations"] = json!([{"@type": "type.googleapis.com/c1.connector.v2.GrantImmutable"}]);
        self.list("grants").push(grant);
        self
    }

    pub(crate) fn dead(&mut self, held: &str, user: &str, reason: &str, expires_at: Option<&str>) -> &mut Self {
        let (grant, ..) = grant(held, user);
        let mut dead = json!({"entitlement": grant["entitlement"], "principal": grant["principal"], "reason": reason});
        if let Some(time) = expires_at {
            dead["expiresAt"] = json!(time);
        }
        self.list("inactiveAssignments").push(dead);
        self
    }

    pub(crate) fn not_read(&mut self, object: &str, required: bool) -> &mut Self {
        let entry = json!({
            "object": object, "reason": "FEATURE_OFF_OR_NO_RIGHT", "required": required, "message": "m",
            "consequence": "Something is missing.",
        });
        self.0["summary"]["notRead"].as_array_mut().unwrap().push(entry);
        self.0["summary"]["complete"] = json!(!required);
        self
    }

    /// The document's text, its counts made right.
    pub(crate) fn text(&self) -> String {
        let mut value = self.0.clone();
        let mut resources: BTreeMap<String, u64> = BTreeMap::new();
        for resource in value["resources"].as_array().unwrap() {
            *resources.entry(resource["id"]["resourceType"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        value["summary"]["counts"]["resources"] = json!(resources);
        for section in ["entitlements", "grants", "inactiveAssignments"] {
            value["summary"]["counts"][section] = json!(value[section].as_array().unwrap().len());
        }
        // In the order of a document, which a map does not keep.
        let whole = value.as_object().unwrap();
        let mut text = String::new();
        for section in
            ["format", "sync", "resourceTypes", "resources", "entitlements", "grants", "inactiveAssignments", "summary"]
        {
            let start = if text.is_empty() { '{' } else { ',' };
            let _ = write!(text, "{start}\"{section}\":{}", whole[section]);
        }
        text + "}\n"
    }

    /// It is as the schema says.
    #[track_caller]
    pub(crate) fn valid(&self) -> &Self {
        static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
        let validator = SCHEMA.get_or_init(|| {
            let schema = serde_json::from_str(baton_salesforce::commands::schema::SCHEMA).unwrap();
            jsonschema::validator_for(&schema).unwrap()
        });
        let value: Value = serde_json::from_str(&self.text()).unwrap();
        let errors: Vec<_> =
            validator.iter_errors(&value).take(3).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:?}");
        self
    }

    /// Asks it.
    pub(crate) fn explain(&self, arguments: &[&str]) -> Ran {
        self.valid();
        Run::new().file("doc.json", &self.text()).args(["explain", "doc.json"]).args(arguments).output()
    }

    /// The first line of the answer, and the rest.
    #[track_caller]
    pub(crate) fn told(&self, arguments: &[&str]) -> (String, String) {
        let ran = self.explain(arguments);
        assert_eq!((ran.code(), ran.stderr().as_str()), (0, ""));
        let text = ran.stdout();
        let (first, rest) = text.split_once('\n').unwrap();
        (first.to_owned(), rest.to_owned())
    }

    /// What is said of a pair, as JSON.
    #[track_caller]
    pub(crate) fn asked(&self, user: &str, what: &str) -> Value {
        self.json(&["--user", user, "--entitlement", what])["answers"][0].clone()
    }

    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Map<String, Value> {
        let ran = self.explain(&[arguments, &["--json"]].concat());
        assert_eq!((ran.code(), ran.stderr().as_str()), (0, ""));
        serde_json::from_str(&ran.stdout()).unwrap()
    }
}

fn grant(held: &str, principal: &str) -> (Value, String, String) {
    let entitlement = match held.split(':').collect::<Vec<_>>()[..] {
        [kind, _] => format!("{held}:{}", slug(kind)),
        _ => held.to_owned(),
    };
    let (kind, key) = principal.split_once(':').unwrap_or(("user", principal));
    let grant = json!({
        "id": format!("{entitlement}:{kind}:{key}"),
        "entitlement": {"id": entitlement},
        "principal": {"id": {"resourceType": kind, "resource": key}},
    });
    (grant, kind.to_owned(), key.to_owned())
}

fn slug(kind: &str) -> &str {
    match kind {
        "group" | "permission_set_group" | "territory" => "member",
        "connected_application" => "authorized",
        "system_permission" => "granted",
        _ => "assigned",
    }
}

/// The codes of reasons or doubts.
pub(crate) fn codes<'v>(answer: &'v Value, of: &str) -> Vec<&'v str> {
    let list = answer[of].as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|item| item["code"].as_str().unwrap()).collect()
}
