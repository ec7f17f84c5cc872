//! Attributes of resources and entitlements, one by one, and which of them are noise.

use std::collections::BTreeMap;

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An attribute that differs: its values as JSON, where it has any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub name: CompactString,
    /// In the old document.
    pub old: Option<String>,
    /// In the new document.
    pub new: Option<String>,
}

impl Attribute {
    /// `None` where it is the same.
    pub fn changed(name: &str, old: Option<&Value>, new: Option<&Value>) -> Option<Self> {
        let text = |value: Option<&Value>| value.map(Value::to_string);
        (old != new).then(|| Self { name: name.into(), old: text(old), new: text(new) })
    }
}

/// What changes by itself, or says again what another attribute or a grant says.
const NOISE: [&str; 13] = [
    "lastLogin",
    "last_login",
    "failed_logins",
    "last_password_change",
    "modified_at",
    "modified_by_id",
    "member_count",
    "used_licenses",
    "grantableTo",
    "purpose",
    "role_id",
    "profile_id",
    "permission_set_ids",
];

/// What says again what another attribute says.
const ECHOES: [(&str, &str); 7] = [
    ("accountType", "account_type"),
    ("createdAt", "created_at"),
    ("structuredName", "last_name"),
    ("full_name", "displayName"),
    ("login", "username"),
    ("user_id", "displayName"),
    ("id", "displayName"),
];

/// What stands at the beginning of a description and is an attribute of its own.
const HIGH_RISK: &str = "High-risk rights: ";

/// Those that say what grants say; they are compared where grants are not.
const SAID_BY_GRANTS: [&str; 3] = ["role_id", "profile_id", "permission_set_ids"];

/// Whether an attribute is left out unless all are asked for.
pub(super) fn is_noise(name: &str, grants_are_known: bool) -> bool {
    NOISE.contains(&name) && (grants_are_known || !SAID_BY_GRANTS.contains(&name))
}

/// The attributes of a resource or an entitlement, by name.
pub(super) fn flat(item: Value) -> BTreeMap<String, Value> {
    let mut flat = BTreeMap::new();
    let Value::Object(item) = item else { return flat };
    for (name, value) in item {
        match (name.as_str(), value) {
            ("id" | "resource", _) => {}
            ("profile", Value::Object(profile)) => flat.extend(profile),
            ("annotations", Value::Array(annotations)) => {
                for annotation in annotations {
                    if let Value::Object(annotation) = annotation {
                        flatten(annotation, &mut flat);
                    }
                }
            }
            (_, value) => {
                flat.insert(name, value);
            }
        }
    }
    flat
}

fn flatten(mut annotation: Map<String, Value>, flat: &mut BTreeMap<String, Value>) {
    let kind = annotation.remove("@type");
    let kind = kind.as_ref().and_then(Value::as_str).and_then(|kind| kind.rsplit('.').next()).unwrap_or_default();
    if !kind.ends_with("Trait") {
        flat.insert(kind.to_owned(), Value::Object(annotation));
        return;
    }
    for (name, value) in annotation {
        match (name.as_str(), value) {
            ("profile", Value::Object(profile)) => flat.extend(profile),
            ("status", Value::Object(status)) => {
                let details = status.get("details").filter(|details| !details.is_null());
                let enabled = status.get("status").is_some_and(|status| status == "STATUS_ENABLED");
                let shown = match details {
                    Some(details) => details.clone(),
                    None if enabled => "enabled".into(),
                    None => status.get("status").cloned().unwrap_or_default(),
                };
                flat.insert(name, shown);
            }
            ("emails", Value::Array(emails)) => {
                let addresses: Vec<Value> = emails.iter().filter_map(|email| email.get("address").cloned()).collect();
                flat.insert(name, addresses.into());
            }
            (_, value) => {
                flat.insert(name, value);
            }
        }
    }
}

/// What differs between two items, by name. Without `with_echoes`, nothing is told twice.
pub(super) fn compare(old: Value, new: Value, with_echoes: bool) -> Vec<Attribute> {
    let (old, new) = (flat(old), flat(new));
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let is_echo = |name: &str| {
        let echo = ECHOES.iter().find(|(echo, _)| *echo == name);
        echo.is_some_and(|(_, of)| old.contains_key(*of) || new.contains_key(*of))
    };
    names.retain(|name| with_echoes || !is_echo(name));
    names.into_iter().filter_map(|name| Attribute::changed(name, old.get(name), new.get(name))).collect()
}

/// Whether two descriptions differ in what no attribute of its own says.
pub(super) fn is_description_noise(attribute: &Attribute) -> bool {
    let own = |text: &Option<String>| {
        let text: String = text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        match text.strip_prefix(HIGH_RISK) {
            Some(rest) => rest.split_once(". ").map(|(_, own)| own.to_owned()).unwrap_or_default(),
            None => text,
        }
    };
    attribute.name == "description" && own(&attribute.old) == own(&attribute.new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_users_attributes_are_compared_one_by_one() {
        let user = |status: Value, department: &str, email: &str| {
            json!({"id": {"resourceType": "user", "resource": "005"}, "displayName": "Ada", "annotations": [
                {"@type": "type.googleapis.com/c1.connector.v2.UserTrait", "status": status,
                 "emails": [{"address": email, "isPrimary": true}], "profile": {"department": department}}]})
        };
        let old = user(json!({"status": "STATUS_ENABLED"}), "Sales", "a@x");
        let new = user(json!({"status": "STATUS_DISABLED", "details": "inactive"}), "Legal", "b@x");
        let changed = compare(old.clone(), new, false);
        let told: Vec<_> =
            changed.iter().map(|a| (a.name.as_str(), a.old.as_deref().unwrap(), a.new.as_deref().unwrap())).collect();
        assert_eq!(
            told,
            [
                ("department", "\"Sales\"", "\"Legal\""),
                ("emails", "[\"a@x\"]", "[\"b@x\"]"),
                ("status", "\"enabled\"", "\"inactive\"")
            ]
        );
        assert!(compare(old.clone(), old, true).is_empty());
    }

    #[test]
    fn what_logins_change_is_noise_and_what_people_change_is_not() {
        for name in ["lastLogin", "failed_logins", "modified_at", "last_password_change"] {
            assert!(is_noise(name, true), "{name}");
        }
        for name in ["status", "department", "manager_id", "emails", "high_risk_permissions"] {
            assert!(!is_noise(name, true), "{name}");
        }
        assert!(is_noise("role_id", true) && !is_noise("role_id", false));
    }

    #[test]
    fn high_risk_rights_in_a_description_are_told_once() {
        let description = |old: &str, new: &str| {
            is_description_noise(&Attribute::changed("description", Some(&old.into()), Some(&new.into())).unwrap())
        };
        assert!(description("High-risk rights: ApiEnabled. For admins", "For admins"));
        assert!(description("High-risk rights: ApiEnabled", "High-risk rights: ViewSetup"));
        assert!(!description("High-risk rights: ApiEnabled. For admins", "For all"));
    }
}
