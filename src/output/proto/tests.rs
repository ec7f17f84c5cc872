//! What JSON and protobuf say is the same, whatever is said.

use std::fmt::Debug;

use proptest::prelude::*;
use prost::Message;
use serde_json::json;

use super::*;
use crate::model::{self, Expandable, GrantMetadata, Profile, ResourceId, ResourceKind, Source};
use crate::output::protojson::Proto;
use crate::time;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[ -~]{0,12}", Just("\"\\\u{0}\u{202e}\u{1F600}\n".to_owned())]
}

fn profile() -> impl Strategy<Value = Profile> {
    let value = prop_oneof![
        any::<bool>().prop_map(model::Value::from),
        (-(1i64 << 53)..(1i64 << 53)).prop_map(model::Value::from),
        text().prop_map(model::Value::from),
        prop::collection::vec(text(), 0..3).prop_map(model::Value::from),
    ];
    prop::collection::vec((text(), value), 0..4).prop_map(|attributes| {
        let mut profile = Profile::default();
        for (name, value) in attributes {
            profile.set(&name, value);
        }
        profile
    })
}

fn moment() -> impl Strategy<Value = Option<time::Timestamp>> {
    prop::option::of((-62_000_000_000_000i64..250_000_000_000_000).prop_map(time::Timestamp::from_millis))
}

fn id() -> impl Strategy<Value = ResourceId> {
    (prop::sample::select(&ResourceKind::ALL[..]), "[0-9A-Za-z]{1,18}").prop_map(|(kind, id)| ResourceId::new(kind, id))
}

fn entitlement() -> impl Strategy<Value = model::EntitlementId> {
    id().prop_filter_map("users have none", |id| id.entitlement())
}

fn user() -> impl Strategy<Value = model::Trait> {
    let texts = (prop::option::of(text()), text(), prop::option::of(text()), text(), text());
    let rest = (moment(), moment(), 0..3u8, 0..3u8);
    (texts, rest).prop_map(|((email, login, employee_id, given, family), (created_at, last_login, status, of))| {
        let name = |text: String| Some(text).filter(|text| !text.is_empty());
        model::Trait::User(Box::new(model::UserTrait {
            email: email.filter(|email| !email.is_empty()),
            status: [model::Status::Enabled, model::Status::Inactive, model::Status::Frozen][usize::from(status)],
            account_type: [model::AccountType::Human, model::AccountType::Service, model::AccountType::System]
                [usize::from(of)],
            login: format!("l{login}"),
            employee_id: employee_id.filter(|id| !id.is_empty()),
            created_at,
            last_login,
            name: model::StructuredName { given: name(given), family: name(family) },
        }))
    })
}

fn grant() -> impl Strategy<Value = model::Grant> {
    let metadata = (moment(), moment(), any::<[bool; 5]>(), prop::option::of((moment(), any::<bool>())));
    let rights = prop::collection::vec(text(), 0..3);
    let sources = prop::collection::btree_map(entitlement(), any::<bool>(), 0..4);
    let expandable = prop::option::of((entitlement(), any::<bool>()));
    (entitlement(), id(), metadata, rights, sources, expandable).prop_map(
        |(entitlement, principal, (assigned_at, expires_at, is, direct), muted_rights, sources, expandable)| {
            let metadata = GrantMetadata {
                assigned_at,
                expires_at,
                assigned_by_policy: is[0],
                by_rule: is[1],
                session_activation: is[2],
                direct,
                muted_rights,
                partial: is[3],
                stale: is[4],
            };
            model::Grant {
                entitlement,
                principal,
                expandable: expandable.map(|(source, shallow)| Expandable { source, shallow }),
                sources: sources
                    .into_iter()
                    .map(|(entitlement, is_direct)| Source { entitlement, is_direct })
                    .collect(),
                metadata,
            }
        },
    )
}

/// The item as JSON, from there to protobuf, over its bytes and back: the same JSON.
#[track_caller]
fn there_and_back<M, T>(section: Section, item: &T)
where
    M: Message + Default + DeserializeOwned + Serialize,
    for<'a> Proto<'a, T>: Serialize,
    T: Debug,
{
    let json = serde_json::to_vec(&Proto(item)).unwrap();
    let message: M = serde_json::from_slice(&json).unwrap();
    let again = M::decode(message.encode_to_vec().as_slice()).unwrap();
    assert_eq!(
        String::from_utf8(serde_json::to_vec(&again).unwrap()).unwrap(),
        String::from_utf8(json.clone()).unwrap(),
        "{item:?}"
    );
    assert!(left_out(section, &json).is_empty() && opaque(section, &json).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn resources_are_the_same_in_both_forms(
        id in id(), display_name in text(), description in text(), profile in profile(), user in user(), of in 0..5u8,
    ) {
        let kind = match of {
            0 => user,
            1 => model::Trait::Group,
            2 => model::Trait::Role,
            3 => model::Trait::App,
            _ => model::Trait::None,
        };
        let display_name = format!("n{display_name}");
        let resource = model::Resource { id, display_name, description, profile, kind };
        there_and_back::<Resource, _>(Section::Resource, &resource);
        if let Some(entitlement) = model::Entitlement::of(&resource) {
            there_and_back::<Entitlement, _>(Section::Entitlement, &entitlement);
        }
    }

    #[test]
    fn grants_are_the_same_in_both_forms(grant in grant()) {
        there_and_back::<Grant, _>(Section::Grant, &grant);
    }
}

#[test]
fn types_are_the_same_in_both_forms() {
    for kind in ResourceKind::ALL {
        there_and_back::<ResourceType, _>(Section::ResourceType, &kind);
    }
}

#[test]
fn what_is_not_known_is_kept_as_it_is() {
    // A known message with a field that is not.
    let value = [GroupTrait::default().encode_to_vec(), vec![0x78, 1]].concat();
    for (name, value) in [("c1.connector.v2.GroupTrait", value), ("later.Trait", vec![0, 1, 255])] {
        let any = Any { type_url: format!("type.googleapis.com/{name}"), value };
        let json = serde_json::to_string(&any).unwrap();
        assert!(json.contains("\"value\":\""), "{json}");
        assert_eq!(serde_json::from_str::<Any>(&json).unwrap(), any);
    }
    let resource =
        br#"{"id":{"resourceType":"a","resource":"b"},"annotations":[{"@type":"x/later.Trait","value":"AAH/"}]}"#;
    assert_eq!(opaque(Section::Resource, resource), ["later.Trait"]);
    assert!(left_out(Section::Resource, resource).is_empty());
    assert!(
        serde_json::from_str::<Any>(r#"{"@type":"x/later.Trait","a":1}"#)
            .unwrap_err()
            .to_string()
            .contains("later.Trait")
    );
}

#[test]
fn what_the_other_form_has_no_place_for_is_told() {
    let resource = json!({
        "id": {"resourceType": "a", "resource": "b", "later": 1}, "displayName": "", "more": {"x": [1]},
        "annotations": [{"@type": "type.googleapis.com/c1.connector.v2.RoleTrait", "profile": {"n": 1.0, "no": null}, "deep": {"y": 1}}],
    });
    let text = serde_json::to_vec(&resource).unwrap();
    assert_eq!(left_out(Section::Resource, &text), ["annotations.deep", "id.later", "more"]);
}

#[test]
fn numbers_and_enums_are_as_protobuf_writes_them() {
    let values = json!([1, -2, 1.5, null, true, "x", {"a": []}, 9_007_199_254_740_992_i64]);
    let value: Value = serde_json::from_value(values.clone()).unwrap();
    assert_eq!(serde_json::to_value(Value::decode(value.encode_to_vec().as_slice()).unwrap()).unwrap(), values);
    let not_a_number = Value { kind: Some(well_known::Kind::Number(f64::NAN)) };
    assert_eq!(serde_json::to_string(&not_a_number).unwrap(), "\"NaN\"");
    let later = ResourceType { traits: vec![1, 99], ..ResourceType::default() };
    let json = serde_json::to_string(&later).unwrap();
    assert_eq!(json, r#"{"traits":["TRAIT_USER",99]}"#);
    assert_eq!(serde_json::from_str::<ResourceType>(&json).unwrap(), later);
    assert!(serde_json::from_str::<ResourceType>(r#"{"traits":["TRAIT_LATER"]}"#).is_err());
}
