//! What a document does not tell, although the org may have it: never taken for removed, nor for added.

use std::collections::BTreeSet;

use super::Which;
use super::book::{Entry, Shape};
use super::key::parts;
use super::limit::{Code, Limit};
use crate::access::index::has_kind;
use crate::output::read::{Header, Options, Summary};
use crate::time::Timestamp;

/// A document, but for its resources and grants.
#[derive(Debug)]
pub struct Side {
    /// Its beginning.
    pub header: Header,
    /// Its end.
    pub summary: Summary,
    /// Kinds of which it has resources.
    pub(super) kinds: BTreeSet<String>,
    /// Kinds on which it has grants.
    pub(super) granted: BTreeSet<String>,
    /// Objects of which one of the documents lacks a field that decides who holds what.
    pub(super) fields_differ: Vec<&'static str>,
}

/// A direct grant that one document has and the other has not.
pub(super) struct Missing<'a> {
    pub(super) entitlement: &'a str,
    pub(super) held: Option<&'a Entry>,
    pub(super) principal: (&'a str, &'a str),
    pub(super) holder: Option<&'a Entry>,
    pub(super) by_rule: bool,
}

/// The objects without which not all resources of a kind are known.
fn objects_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "user" => &["User"],
        "group" => &["Group"],
        "role" => &["UserRole"],
        "permission" | "system_permission" => &["PermissionSet"],
        "profile" => &["Profile", "PermissionSet"],
        "permission_set_group" => &["PermissionSetGroup"],
        "territory" => &["Territory2", "Territory2Model"],
        "connected_application" => &["ConnectedApplication", "ExternalClientApplication"],
        "agent" => &["BotDefinition"],
        "permission_set_license" => &["PermissionSetLicense"],
        _ => &[],
    }
}

/// The object that tells who holds something of a kind, by the kind of the principal.
fn object_between(kind: &str, principal: &str) -> &'static [&'static str] {
    match (kind, principal) {
        ("group", "role") => &["UserRole"],
        ("group", "territory") => &["Territory2"],
        ("group", _) => &["GroupMember"],
        ("role" | "profile", _) => &["User"],
        ("permission", "permission_set_group") => &["PermissionSetGroupComponent"],
        ("permission" | "permission_set_group", _) => &["PermissionSetAssignment"],
        ("territory", _) => &["UserTerritory2Association"],
        ("connected_application", _) => &["SetupEntityAccess"],
        ("permission_set_license", _) => &["PermissionSetLicenseAssign"],
        _ => &[],
    }
}

/// Objects of which no resource and no grant is made.
const ATTRIBUTES_ALONE: [&str; 7] = [
    "QueueSobject",
    "UserLicense",
    "UserLogin",
    "MutingPermissionSet",
    "UserPermissionAccess",
    "EntityDefinition",
    "Organization",
];

/// All objects that are known here: of another one, nothing can be ruled out.
const KNOWN: [&str; 17] = [
    "User",
    "Group",
    "GroupMember",
    "UserRole",
    "Profile",
    "PermissionSet",
    "PermissionSetAssignment",
    "PermissionSetGroup",
    "PermissionSetGroupComponent",
    "SetupEntityAccess",
    "ConnectedApplication",
    "ExternalClientApplication",
    "ObjectPermissions",
    "PermissionSetLicense",
    "PermissionSetLicenseAssign",
    "Territory2",
    "UserTerritory2Association",
];
const KNOWN_TOO: [&str; 2] = ["Territory2Model", "BotDefinition"];

/// Why grants were left out whose principal may be in the other document.
const PRINCIPALS: [&str; 3] = ["PRINCIPAL_NOT_VISIBLE", "PRINCIPAL_NOT_LISTED", "CHANGED_DURING_READ"];

impl Side {
    pub(super) fn options(&self) -> Option<&Options> {
        self.header.options.as_ref()
    }

    /// Whether another program wrote it, which does not tell what it read.
    pub(super) fn is_foreign(&self) -> bool {
        self.header.options.is_none()
    }

    pub(super) fn was_not_read(&self, object: &str) -> bool {
        self.summary.not_read.iter().any(|not_read| not_read.object == object)
    }

    pub(super) fn warns(&self, code: &str) -> bool {
        self.summary.warnings.iter().any(|warning| warning.code == code)
    }

    /// Whether it has grants at all.
    pub(super) fn has_grants(&self) -> bool {
        self.options().is_none_or(|options| !options.skip_entitlements_and_grants)
    }

    /// Whether it tells all rights, and not the high-risk ones alone.
    pub(super) fn tells_rights(&self) -> bool {
        has_kind(self.options(), "system_permission")
    }

    /// How far grants are followed.
    pub(super) fn expand(&self) -> Option<&str> {
        self.options().and_then(|options| options.expand.as_deref())
    }

    /// What keeps the document from telling of anything.
    pub(super) fn whole(&self) -> Option<Limit> {
        let is_unexplained =
            self.summary.complete == Some(false) && !self.summary.not_read.iter().any(|not_read| not_read.required);
        if is_unexplained {
            return Some(Limit::of(Code::Incomplete, ""));
        }
        let known =
            |object: &str| KNOWN.contains(&object) || KNOWN_TOO.contains(&object) || ATTRIBUTES_ALONE.contains(&object);
        self.summary
            .not_read
            .iter()
            .find(|not_read| !known(&not_read.object))
            .map(|not_read| self.not_read(&not_read.object))
    }

    pub(super) fn not_read(&self, object: &str) -> Limit {
        let found = self.summary.not_read.iter().find(|not_read| not_read.object == object);
        Limit { reason: found.map(|found| found.reason.clone()), ..Limit::of(Code::NotRead, object) }
    }

    fn any_not_read(&self, objects: &[&str]) -> Option<Limit> {
        objects.iter().find(|object| self.was_not_read(object)).map(|object| self.not_read(object))
    }

    /// Why it may lack resources of a kind.
    pub(super) fn lacks_kind(&self, kind: &str) -> Option<Limit> {
        if let Some(whole) = self.whole() {
            return Some(whole);
        }
        if !has_kind(self.options(), kind) {
            return Some(Limit::of(Code::KindNotSynced, kind));
        }
        // Another program's file that has none of a kind may not have asked for it.
        if self.is_foreign() && !self.kinds.contains(kind) {
            return Some(Limit::of(Code::KindAbsent, kind));
        }
        self.any_not_read(objects_of(kind))
    }

    /// Why it may lack a resource that the other document has.
    pub(super) fn lacks_resource(&self, kind: &str, id: &str, entry: Option<&Entry>, which: Which) -> Option<Limit> {
        if let Some(limit) = self.lacks_kind(kind) {
            return Some(limit);
        }
        if kind == "system_permission" && id.contains(':') && self.was_not_read("ObjectPermissions") {
            return Some(self.not_read("ObjectPermissions"));
        }
        if kind == "system_permission" && self.warns("RIGHTS_UNKNOWN") {
            return Some(Limit::of(Code::RightsUnknown, ""));
        }
        let entry = entry?;
        let other = entry.seen(which.other());
        match entry.shape {
            Shape::Managers if self.options().is_some_and(|options| !options.manager_groups) => {
                return Some(Limit::of(Code::ManagerGroupsLeftOut, ""));
            }
            // Its permission set group is in this document instead, if it is anywhere.
            Shape::StandIn => return Some(Limit::of(Code::GroupNotVisible, "")),
            _ => {}
        }
        if kind == "user"
            && !self.is_before(entry, which)
            && let Some(limit) = self.lacks_user(other.is_standard)
        {
            return Some(limit);
        }
        let is_principal = matches!(kind, "user" | "group" | "role" | "territory");
        let left_out = self.summary.left_out.iter().filter(|left_out| left_out.what == "grant");
        let is_left_out = left_out.into_iter().any(|left_out| PRINCIPALS.contains(&left_out.reason.as_str()));
        (is_principal && is_left_out && !self.is_before(entry, which)).then(|| Limit::of(Code::PrincipalsLeftOut, ""))
    }

    /// Why it may lack an entitlement whose resource it has.
    pub(super) fn lacks_entitlement(&self, entitlement: &str) -> Option<Limit> {
        let (kind, _, slug) = parts(entitlement);
        if !self.has_grants() {
            return Some(Limit::of(Code::NoGrants, ""));
        }
        let of_users = || {
            let limit = self.lacks_kind("user").or_else(|| self.any_not_read(&["UserTerritory2Association"]));
            limit.or_else(|| self.lacks_user(false))
        };
        // The roles in a territory are those that users have there.
        self.lacks_kind(kind).or_else(|| if slug.starts_with("role:") { of_users() } else { None })
    }

    /// Whether it was read before the user was made: then nothing kept it from having him but that.
    fn is_before(&self, entry: &Entry, which: Which) -> bool {
        let ended = self.summary.ended_at.as_deref().and_then(Timestamp::parse);
        which == Which::Old && entry.created_at.zip(ended).is_some_and(|(created, ended)| created > ended)
    }

    fn lacks_user(&self, is_standard: bool) -> Option<Limit> {
        let options = self.options();
        if options.is_some_and(|options| !options.sync_non_standard_users) && !is_standard {
            return Some(Limit::of(Code::UserTypesLeftOut, ""));
        }
        // Whoever could log in when the other document was made may be deactivated in this one.
        if options.is_some_and(|options| !options.sync_deactivated_users) {
            return Some(Limit::of(Code::DeactivatedLeftOut, ""));
        }
        self.warns("USERS_MAY_BE_INVISIBLE").then(|| Limit::of(Code::UsersMayBeInvisible, ""))
    }

    /// Why it may lack a direct grant that the other document has.
    pub(super) fn lacks_grant(&self, missing: &Missing<'_>, which: Which) -> Option<Limit> {
        let (kind, id, _) = parts(missing.entitlement);
        let (principal_kind, principal) = missing.principal;
        if !self.has_grants() {
            return Some(Limit::of(Code::NoGrants, ""));
        }
        let is_there = |entry: Option<&Entry>| entry.is_some_and(|entry| entry.seen(which).is_there);
        for (kind, id, entry) in [(kind, id, missing.held), (principal_kind, principal, missing.holder)] {
            let lacks =
                if is_there(entry) { self.lacks_kind(kind) } else { self.lacks_resource(kind, id, entry, which) };
            if lacks.is_some() {
                return lacks;
            }
        }
        let both = is_there(missing.held) && is_there(missing.holder);
        if let Some(limit) = self.any_not_read(object_between(kind, principal_kind)) {
            return Some(limit);
        }
        let shape = missing.held.map(|held| held.shape).unwrap_or_default();
        let decided_by: &[&str] = match (kind, shape) {
            ("group", Shape::StandsFor) => &["Group", "UserRole", "Territory2"],
            ("group", Shape::Rule | Shape::Managers) => &["Group", "User"],
            ("role" | "profile", _) => &["User"],
            _ => &[],
        };
        if let Some(object) = decided_by.iter().find(|object| self.fields_differ.contains(object)) {
            return Some(Limit::of(Code::FieldsDiffer, object));
        }
        if self.is_foreign() && !self.granted.contains(kind) {
            return Some(Limit::of(Code::GrantsAbsent, kind));
        }
        if kind == "system_permission" && id.contains(':') && self.was_not_read("ObjectPermissions") {
            return Some(self.not_read("ObjectPermissions"));
        }
        if kind == "system_permission" && self.warns("RIGHTS_UNKNOWN") {
            return Some(Limit::of(Code::RightsUnknown, ""));
        }
        if missing.held.is_some_and(|held| held.shape == Shape::StandIn) {
            return Some(Limit::of(Code::GroupNotVisible, ""));
        }
        if !both {
            return None;
        }
        let (held, holder) = (missing.held?.seen(which), missing.holder?.seen(which));
        if kind == "profile" && holder.rights_hidden {
            return Some(Limit::of(Code::ProfileHidden, ""));
        }
        // Of a group that people made, all members are known who are listed.
        let is_made = missing.held.is_some_and(|held| held.shape == Shape::Plain);
        if kind == "group" && held.members_unknown && (missing.by_rule || !is_made) {
            return Some(Limit::of(Code::MembersUnknown, ""));
        }
        None
    }

    /// Why its users may hold something of a kind by a way that it does not tell of.
    pub(super) fn may_lack_ways(&self, kind: &str) -> bool {
        let before: &[&str] = match kind {
            "group" => &["group", "role"],
            "permission" => &["permission", "permission_set_group"],
            "connected_application" | "system_permission" => &["permission", "profile", "permission_set_group"],
            _ => return false,
        };
        let objects = ["GroupMember", "PermissionSetAssignment", "PermissionSetGroupComponent", "SetupEntityAccess"];
        let between = match kind {
            "group" => &objects[..1],
            "permission" => &objects[1..3],
            _ => &objects[1..],
        };
        before.iter().any(|kind| self.lacks_kind(kind).is_some())
            || self.any_not_read(between).is_some()
            || self.expand() == Some("none")
    }
}
