//! Resources and entitlements: which of what differs is sure, and which of it is worth telling.

use std::collections::HashSet;

use super::attributes::{Attribute, is_description_noise, is_noise};
use super::book::{Book, Entry, Shape};
use super::change::{Act, Cause, Change, Chapter, Name, Subject};
use super::error::DiffError;
use super::limit::{Code, Limit};
use super::merge::ItemRecord;
use super::side::Side;
use super::{Settings, Told, Which};
use crate::output::Spool;

/// Tells of all of them.
pub(super) fn tell(
    items: Spool<ItemRecord>,
    book: &Book,
    sides: &[Side; 2],
    settings: Settings,
    told: &mut Told,
) -> Result<(), DiffError> {
    let grants_are_known = sides.iter().all(Side::has_grants);
    let mut renamed: HashSet<Name> = HashSet::new();
    for item in items.finish()? {
        let ItemRecord { name, entitlement, is_in, attributes, .. } = item?;
        let entry = book.get(&name.kind, &name.id);
        let is_resource = entitlement.is_none();
        let subject = entitlement.map_or(Subject::Resource(name.clone()), Subject::Entitlement);
        if let Some(lacking) = Which::BOTH.into_iter().find(|which| !is_in[*which as usize]) {
            let side = &sides[lacking as usize];
            let is_there = entry.is_some_and(|entry| entry.seen(lacking).is_there);
            let limit = match &subject {
                Subject::Entitlement(id) if is_there || !side.has_grants() => side.lacks_entitlement(id),
                _ => side.lacks_resource(&name.kind, &name.id, entry, lacking),
            };
            if let Some(limit) = limit {
                let affected = told.limits.note(limit, lacking);
                *if is_resource { &mut affected.resources } else { &mut affected.entitlements } += 1;
                continue;
            }
            let act = if lacking == Which::Old { Act::Added } else { Act::Removed };
            let cause = if is_resource || !is_there {
                Cause::resource(name)
            } else {
                Cause { chapter: Chapter::Entitlements, subject: subject.clone() }
            };
            told.change(Change::new(cause, subject, act))?;
            continue;
        }
        let is_echo = !is_resource && entry.is_some_and(|entry| entry.is_renamed);
        let is_told = renamed.contains(&name);
        let mut kept = Vec::new();
        for attribute in attributes {
            let is_name = ["displayName", "description"].contains(&attribute.name.as_str());
            let is_left_out = !settings.all_attributes
                && (is_noise(&attribute.name, grants_are_known) || is_description_noise(&attribute));
            if is_left_out || is_name && is_echo && !is_told {
                continue;
            }
            match unknown(&name, entry, &attribute, !is_resource, sides) {
                Some((limit, which)) => told.limits.note(limit, which).attributes += 1,
                None => kept.push(attribute),
            }
        }
        if kept.is_empty() {
            continue;
        }
        let are_names = kept.iter().all(|one| ["displayName", "description"].contains(&one.name.as_str()));
        let cause = if is_resource || (is_echo && are_names) {
            Cause::resource(name.clone())
        } else {
            Cause { chapter: Chapter::Entitlements, subject: subject.clone() }
        };
        if is_resource && entry.is_some_and(|entry| entry.is_renamed) {
            renamed.insert(name);
        }
        told.change(Change { attributes: kept, ..Change::new(cause, subject, Act::Changed) })?;
    }
    Ok(())
}

/// The objects that tell an attribute, beside the one that its resource is made of.
fn told_by(kind: &str, attribute: &str, entry: Option<&Entry>) -> &'static [&'static str] {
    match (kind, attribute) {
        ("user", "is_frozen" | "is_password_locked") => &["UserLogin"],
        ("user" | "profile", "license" | "license_key" | "account_type" | "accountType") => &["UserLicense"],
        ("group", "object_types") => &["QueueSobject"],
        ("group", "displayName" | "description") if entry.is_some_and(|entry| entry.shape == Shape::StandsFor) => {
            &["UserRole", "Territory2"]
        }
        ("group", "membership_known" | "member_count") => &["GroupMember", "User", "UserRole", "Territory2"],
        ("permission_set_group", "permission_set_ids" | "muting_permission_set_id") => &["PermissionSetGroupComponent"],
        ("permission_set_group", "muted_permissions" | "rights_stale") => {
            &["MutingPermissionSet", "PermissionSetGroupComponent"]
        }
        ("profile" | "permission" | "permission_set_group", "high_risk_permissions") => &["PermissionSet"],
        _ => &[],
    }
}

/// The objects that resources of a kind are made of.
fn made_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "user" => &["User", "UserLogin"],
        "group" => &["Group"],
        "role" => &["UserRole"],
        "permission" => &["PermissionSet"],
        "profile" => &["Profile", "PermissionSet"],
        "permission_set_group" => &["PermissionSetGroup", "PermissionSet", "MutingPermissionSet"],
        "territory" => &["Territory2"],
        "connected_application" => &["ConnectedApplication", "ExternalClientApplication"],
        "agent" => &["BotDefinition"],
        "permission_set_license" => &["PermissionSetLicense"],
        _ => &[],
    }
}

/// Why it cannot be told whether an attribute changed, and by which document.
fn unknown(
    name: &Name,
    entry: Option<&Entry>,
    attribute: &Attribute,
    is_entitlement: bool,
    sides: &[Side; 2],
) -> Option<(Limit, Which)> {
    let attribute_name = attribute.name.as_str();
    let differ = |of: fn(&Side) -> Option<bool>| of(&sides[0]) != of(&sides[1]);
    if attribute_name == "emails" && differ(|side| side.options().map(|options| options.username_as_email)) {
        return Some((Limit::of(Code::EmailsDiffer, ""), Which::New));
    }
    for which in Which::BOTH {
        let (side, other) = (&sides[which as usize], &sides[which.other() as usize]);
        let value = if which == Which::Old { &attribute.old } else { &attribute.new };
        // Another program's file has other attributes, and other names for entitlements.
        let is_one_alone = attribute.old.is_none() || attribute.new.is_none();
        if side.is_foreign() && !other.is_foreign() && (is_one_alone || is_entitlement) {
            return Some((Limit::of(Code::SourceUnknown, ""), which));
        }
        let objects = told_by(&name.kind, attribute_name, entry);
        if let Some(object) = objects.iter().find(|object| side.was_not_read(object) && !other.was_not_read(object)) {
            return Some((side.not_read(object), which));
        }
        let is_frozen =
            entry.is_some_and(|entry| entry.seen(which.other()).status == Some(crate::model::Status::Frozen));
        if attribute_name == "status"
            && is_frozen
            && value.as_deref() == Some("\"enabled\"")
            && side.was_not_read("UserLogin")
        {
            return Some((side.not_read("UserLogin"), which));
        }
        let is_rights = ["high_risk_permissions", "description", "muted_permissions"].contains(&attribute_name);
        if is_rights && side.warns("RIGHTS_UNKNOWN") && !other.warns("RIGHTS_UNKNOWN") {
            return Some((Limit::of(Code::RightsUnknown, ""), which));
        }
        // These tell what the document knows, and not what the org has.
        if value.is_some() && attribute_name == "rights_known" {
            return Some((Limit::of(Code::ProfileHidden, ""), which));
        }
        if value.is_some() && attribute_name == "membership_known" {
            return Some((Limit::of(Code::MembersUnknown, ""), which));
        }
        // Of muted rights, all are told where all rights are, and otherwise the high-risk ones.
        let is_muting = ["muted_permissions", "rights_stale"].contains(&attribute_name);
        if is_muting && !side.tells_rights() && other.tells_rights() {
            return Some((Limit::of(Code::KindNotSynced, "system_permission"), which));
        }
        if value.is_none() {
            let (fields, others) = (side.fields_left_out(), other.fields_left_out());
            for object in made_of(&name.kind) {
                let (Some(left_out), others) = (fields.get(object), others.get(object)) else { continue };
                if left_out.iter().any(|field| others.is_none_or(|others| !others.contains(field))) {
                    return Some((Limit::of(Code::FieldsLeftOut, object), which));
                }
            }
        }
    }
    None
}
