//! Direct grants, in the order of the access model's table.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{NOW, Rows, id, time};

/// A grant that a row or a rule gives.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) entitlement: String,
    /// `user:005…`, `group:00G…`, …
    pub(super) principal: String,
    /// Whose holders hold it too; and whether only those who hold that directly.
    pub(super) through: Option<(String, bool)>,
    pub(super) by_rule: bool,
    pub(super) session: bool,
    pub(super) expires: Option<String>,
    pub(super) assigned: Option<String>,
    pub(super) by_policy: bool,
    pub(super) muted: BTreeSet<String>,
}

/// All direct grants, and what else is said about them.
#[derive(Default)]
pub(super) struct Direct {
    pub(super) rows: Vec<Row>,
    pub(super) unknown: BTreeSet<String>,
    pub(super) rules: BTreeMap<String, (String, Option<usize>)>,
    pub(super) inactive: BTreeSet<(String, String, String, Option<String>)>,
    pub(super) stale: BTreeSet<String>,
    /// Type of each group in the document.
    pub(super) group_types: BTreeMap<String, String>,
}

/// The high-risk rights: read of every set, whatever is asked for.
const HIGH_RISK: &str = "ModifyAllData ViewAllData ManageUsers ManageInternalUsers AuthorApex CustomizeApplication \
    ModifyMetadata AssignPermissionSets ManageProfilesPermissionsets ManageRoles ManageSharing ManageSessionPermissionSets \
    ResetPasswords PasswordNeverExpires ManagePasswordPolicies ManageLoginAccessPolicies ManageIpAddresses ManageTwoFactor \
    DelegatedTwoFactor TwoFactorApi BypassMFAForUiLogins ManageAuthProviders ManageCertificates ManageEncryptionKeys \
    ViewEncryptedData ManageRemoteAccess ApproveUninstalledConnectedApps UseAnyApiClient ApiEnabled ApiUserOnly ExportReport \
    DataExport ViewAllUsers ViewAllProfiles ViewSetup";

fn ids(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().filter_map(|row| id(row, "Id")).collect()
}

impl Direct {
    pub(super) fn of(rows: &Rows<'_>) -> Self {
        let mut direct = Self::default();
        let users = rows.users();
        direct.roles_and_profiles(rows, &users);
        direct.assignments(rows, &users);
        direct.components(rows);
        direct.territories(rows, &users);
        direct.groups(rows, &users);
        direct.apps(rows);
        direct.licenses(rows, &users);
        direct.rights(rows);
        direct
    }

    fn add(&mut self, entitlement: String, principal: String) {
        self.rows.push(Row { entitlement, principal, ..Row::default() });
    }

    fn add_through(&mut self, entitlement: String, principal: String, source: String, shallow: bool) {
        self.rows.push(Row { entitlement, principal, through: Some((source, shallow)), ..Row::default() });
    }

    /// `User.UserRoleId`, `User.ProfileId`.
    fn roles_and_profiles(&mut self, rows: &Rows<'_>, users: &[Value]) {
        let (roles, profiles) = (ids(&rows.all("UserRole")), ids(&rows.all("Profile")));
        for user in users {
            let principal = format!("user:{}", user["Id"].as_str().unwrap());
            if let Some(role) = id(user, "UserRoleId").filter(|role| roles.contains(role)) {
                self.add(format!("role:{role}:assigned"), principal.clone());
            }
            if let Some(profile) = id(user, "ProfileId").filter(|profile| profiles.contains(profile)) {
                self.add(format!("profile:{profile}:assigned"), principal);
            }
        }
    }

    /// `PermissionSetAssignment`, live or not.
    fn assignments(&mut self, rows: &Rows<'_>, users: &[Value]) {
        let users = ids(users);
        let by_id = |object: &str| -> BTreeMap<String, Value> {
            rows.all(object).into_iter().map(|row| (id(&row, "Id").unwrap(), row)).collect()
        };
        let (sets, groups) = (by_id("PermissionSet"), by_id("PermissionSetGroup"));
        for row in rows.all("PermissionSetAssignment") {
            let Some(user) = id(&row, "AssigneeId").filter(|user| users.contains(user)) else { continue };
            let Some(set) = id(&row, "PermissionSetId").and_then(|set| sets.get(&set)) else { continue };
            if set["IsOwnedByProfile"] == true {
                continue;
            }
            let set_id = set["Id"].as_str().unwrap();
            let group = id(&row, "PermissionSetGroupId").or_else(|| id(set, "PermissionSetGroupId"));
            let (entitlement, session) = match group.map(|group| groups.get(&group)) {
                Some(Some(group)) => (
                    format!("permission_set_group:{}:member", group["Id"].as_str().unwrap()),
                    group["HasActivationRequired"] == true,
                ),
                // A set of its own, or the aggregate of a group that is not shown.
                _ => (format!("permission:{set_id}:assigned"), set["HasActivationRequired"] == true),
            };
            let is_over = row["ExpirationDate"].as_str().is_some_and(|at| at <= NOW);
            let reason = match () {
                () if row["IsRevoked"] == true => Some("REVOKED"),
                () if is_over => Some("EXPIRED"),
                () if row["IsActive"] == false => Some("INACTIVE"),
                () => None,
            };
            let (expires, principal) = (time(&row, "ExpirationDate"), format!("user:{user}"));
            if let Some(reason) = reason {
                self.inactive.insert((entitlement, principal, reason.to_owned(), expires));
                continue;
            }
            let (assigned, by_policy) = (time(&row, "SystemModstamp"), row["LastCreatedByChangeId"].is_string());
            self.rows.push(Row { entitlement, principal, session, expires, assigned, by_policy, ..Row::default() });
        }
    }

    /// `PermissionSetGroupComponent`: what is in the groups, what they mute, and which of them are not up to date.
    fn components(&mut self, rows: &Rows<'_>) {
        let (sets, muting) = (rows.all("PermissionSet"), rows.all("MutingPermissionSet"));
        let parts = rows.all("PermissionSetGroupComponent");
        let high_risk: BTreeSet<&str> = HIGH_RISK.split_whitespace().collect();
        let all_are_read = rows.wants("system_permission");
        let read = |row: &Value| -> BTreeSet<String> {
            rights_of(row).into_iter().filter(|right| all_are_read || high_risk.contains(right.as_str())).collect()
        };
        for group in rows.all("PermissionSetGroup") {
            let group_id = group["Id"].as_str().unwrap();
            let of_group = || parts.iter().filter(|part| part["PermissionSetGroupId"] == *group_id);
            let found =
                |list: &'_ [Value], part: &Value| list.iter().find(|row| row["Id"] == part["PermissionSetId"]).cloned();
            let muted: BTreeSet<String> =
                of_group().filter_map(|part| found(&muting, part)).flat_map(|set| read(&set)).collect();
            let mut carried = BTreeSet::new();
            for set in of_group().filter_map(|part| found(&sets, part)) {
                let rights = read(&set);
                self.rows.push(Row {
                    entitlement: format!("permission:{}:assigned", set["Id"].as_str().unwrap()),
                    principal: format!("permission_set_group:{group_id}"),
                    through: Some((format!("permission_set_group:{group_id}:member"), false)),
                    muted: rights.intersection(&muted).cloned().collect(),
                    ..Row::default()
                });
                carried.extend(rights);
            }
            carried.retain(|right| !muted.contains(right));
            let aggregate = sets.iter().find(|set| set["PermissionSetGroupId"] == *group_id);
            if group["Status"] != "Updated" || aggregate.is_some_and(|set| read(set) != carried) {
                self.stale.insert(group_id.to_owned());
            }
        }
    }

    /// `UserTerritory2Association`, active models only. A row that is not live is kept, as everywhere.
    fn territories(&mut self, rows: &Rows<'_>, users: &[Value]) {
        if !rows.wants("territory") {
            return;
        }
        let (users, territories) = (ids(users), ids(&territories(rows)));
        for row in rows.all("UserTerritory2Association") {
            let (Some(user), Some(territory)) = (id(&row, "UserId"), id(&row, "Territory2Id")) else { continue };
            if !users.contains(&user) || !territories.contains(&territory) {
                continue;
            }
            let role = row["RoleInTerritory2"].as_str().map(|role| format!("role:{role}"));
            for slug in ["member".to_owned()].into_iter().chain(role) {
                let (entitlement, principal) = (format!("territory:{territory}:{slug}"), format!("user:{user}"));
                if row["IsActive"] == false {
                    self.inactive.insert((entitlement, principal, "INACTIVE".to_owned(), None));
                } else {
                    self.add(entitlement, principal);
                }
            }
        }
    }

    /// `Group`, `GroupMember`, and the groups that Salesforce keeps no rows for.
    fn groups(&mut self, rows: &Rows<'_>, users: &[Value]) {
        let mut groups = rows.all("Group");
        groups.retain(|group| {
            let kind = group["Type"].as_str().unwrap_or_default();
            rows.wants("manager_group") || !matches!(kind, "Manager" | "ManagerAndSubordinatesInternal")
        });
        let user_ids = ids(users);
        for group in &groups {
            let kind = group["Type"].as_str().unwrap_or_default().to_owned();
            self.group_types.insert(id(group, "Id").unwrap(), kind);
        }
        for row in rows.all("GroupMember") {
            let (Some(group), Some(member)) = (id(&row, "GroupId"), id(&row, "UserOrGroupId")) else { continue };
            if !self.group_types.contains_key(&group) {
                continue;
            }
            let (kind, through) = match member.as_str() {
                user if user_ids.contains(user) => ("user", None),
                inner if self.group_types.contains_key(inner) => {
                    ("group", Some((format!("group:{inner}:member"), false)))
                }
                _ => {
                    self.unknown.insert(group);
                    continue;
                }
            };
            let assigned = time(&row, "SystemModstamp");
            let (entitlement, principal) = (format!("group:{group}:member"), format!("{kind}:{member}"));
            self.rows.push(Row { entitlement, principal, through, assigned, ..Row::default() });
        }
        let (roles, territories) = (rows.all("UserRole"), territories(rows));
        for group in &groups {
            self.group_without_rows(rows, group, &groups, users, (&roles, &territories));
        }
    }

    fn group_without_rows(
        &mut self,
        rows: &Rows<'_>,
        group: &Value,
        groups: &[Value],
        users: &[Value],
        (roles, territories): (&[Value], &[Value]),
    ) {
        let group_id = id(group, "Id").unwrap();
        let kind = group["Type"].as_str().unwrap_or_default();
        match kind {
            "Regular" | "Queue" => {}
            "Role" | "RoleAndSubordinates" | "RoleAndSubordinatesInternal" => {
                let below = kind != "Role";
                let passes = |role: &Value| {
                    kind != "RoleAndSubordinatesInternal" || role["PortalType"].as_str().unwrap_or("None") == "None"
                };
                let tree = Tree {
                    kind: "role",
                    slug: "assigned",
                    group_kind: kind,
                    parent: "ParentRoleId",
                    nodes: roles,
                    groups,
                };
                let nodes = self.tree(&tree, group, below, &passes);
                // Whoever holds the role of a portal is left out with all other users from outside.
                let is_filtered = |node: &&Value| node["PortalType"].as_str().unwrap_or("None") != "None";
                if !rows.options.sync_non_standard_users && nodes.iter().any(is_filtered) {
                    self.unknown.insert(group_id);
                }
            }
            "Territory" | "TerritoryAndSubordinates" if rows.wants("territory") => {
                let below = kind != "Territory";
                let tree = Tree {
                    kind: "territory",
                    slug: "member",
                    group_kind: kind,
                    parent: "ParentTerritory2Id",
                    nodes: territories,
                    groups,
                };
                self.tree(&tree, group, below, &|_| true);
            }
            "Organization"
            | "AllCustomerPortal"
            | "PRMOrganization"
            | "GuestUserGroup"
            | "Manager"
            | "ManagerAndSubordinatesInternal" => self.rule(rows, group, users),
            _ => {
                self.unknown.insert(group_id);
            }
        }
    }

    /// A group of what hangs below a node: the node itself, and for each child its own such group or, where there is none,
    /// the child and what is below it.
    /// Gives back the nodes that are members themselves.
    fn tree<'t>(
        &mut self,
        tree: &Tree<'t>,
        group: &Value,
        below: bool,
        passes: &dyn Fn(&Value) -> bool,
    ) -> Vec<&'t Value> {
        let group_id = id(group, "Id").unwrap();
        let Some(top) = tree.nodes.iter().find(|node| node["Id"] == group["RelatedId"]) else {
            self.unknown.insert(group_id);
            return Vec::new();
        };
        let entitlement = format!("group:{group_id}:member");
        let mut members = Vec::new();
        let (mut seen, mut inners) = (BTreeSet::new(), BTreeSet::new());
        let mut nodes = vec![top];
        while let Some(node) = nodes.pop() {
            let node_id = id(node, "Id").unwrap();
            if !seen.insert(node_id.clone()) || !passes(node) {
                continue;
            }
            members.push(node);
            let Tree { kind, slug, .. } = tree;
            self.add_through(
                entitlement.clone(),
                format!("{kind}:{node_id}"),
                format!("{kind}:{node_id}:{slug}"),
                false,
            );
            for child in tree.nodes.iter().filter(|child| below && child[tree.parent] == *node_id && passes(child)) {
                let is_of = |group: &&Value| group["Type"] == tree.group_kind && group["RelatedId"] == child["Id"];
                match tree.groups.iter().find(is_of).and_then(|group| id(group, "Id")) {
                    Some(inner) if inner == group_id => {}
                    Some(inner) => {
                        if inners.insert(inner.clone()) {
                            let (principal, source) = (format!("group:{inner}"), format!("group:{inner}:member"));
                            self.add_through(entitlement.clone(), principal, source, false);
                        }
                    }
                    None => nodes.push(child),
                }
            }
        }
        members
    }

    /// A group whose members a rule tells.
    fn rule(&mut self, rows: &Rows<'_>, group: &Value, users: &[Value]) {
        let group_id = id(group, "Id").unwrap();
        let of_types = |types: &[&str]| -> Vec<&Value> {
            users.iter().filter(|user| types.iter().any(|kind| user["UserType"] == *kind)).collect()
        };
        let user = |wanted: &Value| users.iter().find(|user| user["Id"] == *wanted);
        let related = user(&group["RelatedId"]);
        let all = rows.options.sync_non_standard_users;
        let has_listed_manager = |user_: &Value| user_["ManagerId"].is_null() || user(&user_["ManagerId"]).is_some();
        let (rule, known, members) = match group["Type"].as_str().unwrap_or_default() {
            "Organization" => ("active_standard_users", true, of_types(&["Standard"])),
            "AllCustomerPortal" => {
                ("active_customer_portal_users", all, of_types(&["CustomerSuccess", "PowerCustomerSuccess"]))
            }
            "PRMOrganization" => ("active_partner_users", all, of_types(&["PowerPartner"])),
            "GuestUserGroup" => ("related_user", related.is_some(), related.into_iter().collect()),
            "Manager" => {
                let mut above: Vec<&Value> = Vec::new();
                let mut next = related.and_then(|user_| user(&user_["ManagerId"]));
                while let Some(manager) = next.filter(|manager| !above.contains(manager)) {
                    above.push(manager);
                    next = user(&manager["ManagerId"]);
                }
                let known = related.into_iter().chain(above.iter().copied()).all(has_listed_manager);
                above.retain(|manager| manager["Id"] != group["RelatedId"]);
                ("managers_of_related_user", related.is_some() && known, above)
            }
            _ => {
                let mut below: Vec<&Value> = related.into_iter().collect();
                let mut at = 0;
                while at < below.len() {
                    let reports = users.iter().filter(|user| user["ManagerId"] == below[at]["Id"]);
                    let new: Vec<&Value> = reports.filter(|user| !below.contains(user)).collect();
                    below.extend(new);
                    at += 1;
                }
                // Anybody left out may be below him, or have somebody below him who is.
                let known = all && users.iter().all(has_listed_manager);
                ("related_user_and_subordinates", related.is_some() && known, below)
            }
        };
        let mut members = members;
        members.retain(|user| user["IsActive"] == true);
        if rule.contains("related_user") && rule != "related_user" {
            members.retain(|user| user["UserType"] == "Standard" || user["UserType"] == "CsnOnly");
        }
        if !known {
            self.unknown.insert(group_id.clone());
        }
        self.rules.insert(group_id.clone(), (rule.to_owned(), known.then_some(members.len())));
        if rows.expands() {
            for user in members {
                let (entitlement, principal) =
                    (format!("group:{group_id}:member"), format!("user:{}", user["Id"].as_str().unwrap()));
                self.rows.push(Row { entitlement, principal, by_rule: true, ..Row::default() });
            }
        }
    }

    /// `SetupEntityAccess` of apps that admins approve.
    fn apps(&mut self, rows: &Rows<'_>) {
        if !rows.wants("connected_application") {
            return;
        }
        let mut approved = rows.all("ConnectedApplication");
        approved.retain(|app| app["OptionsAllowAdminApprovedUsersOnly"] == true);
        approved.extend(rows.all("ExternalClientApplication"));
        let approved = ids(&approved);
        let parents = Parents::of(rows);
        for row in rows.all("SetupEntityAccess") {
            let Some(app) = id(&row, "SetupEntityId").filter(|app| approved.contains(app)) else { continue };
            if let Some((principal, source, shallow)) = parents.find(&row) {
                self.add_through(format!("connected_application:{app}:authorized"), principal, source, shallow);
            }
        }
    }

    /// `PermissionSetLicenseAssign`.
    fn licenses(&mut self, rows: &Rows<'_>, users: &[Value]) {
        if !rows.wants("permission_set_license") {
            return;
        }
        let (users, licenses) = (ids(users), ids(&rows.all("PermissionSetLicense")));
        for row in rows.all("PermissionSetLicenseAssign") {
            let (Some(user), Some(license)) = (id(&row, "AssigneeId"), id(&row, "PermissionSetLicenseId")) else {
                continue;
            };
            if users.contains(&user) && licenses.contains(&license) {
                self.add(format!("permission_set_license:{license}:assigned"), format!("user:{user}"));
            }
        }
    }

    /// `PermissionSet.Permissions*`, `ObjectPermissions`.
    fn rights(&mut self, rows: &Rows<'_>) {
        if !rows.wants("system_permission") {
            return;
        }
        let parents = Parents::of(rows);
        for set in rows.all("PermissionSet") {
            let of_set = serde_json::json!({ "ParentId": set["Id"] });
            let Some((principal, source, shallow)) = parents.find(&of_set) else { continue };
            for right in rights_of(&set) {
                let entitlement = format!("system_permission:{right}:granted");
                self.add_through(entitlement, principal.clone(), source.clone(), shallow);
            }
        }
        for row in rows.all("ObjectPermissions") {
            let Some((principal, source, shallow)) = parents.find(&row) else { continue };
            let object = row["SobjectType"].as_str().unwrap();
            for (flag, name) in [("PermissionsViewAllRecords", "ViewAll"), ("PermissionsModifyAllRecords", "ModifyAll")]
            {
                if row[flag] == true {
                    let entitlement = format!("system_permission:{name}:{object}:granted");
                    self.add_through(entitlement, principal.clone(), source.clone(), shallow);
                }
            }
        }
    }
}

/// Nodes that hang below one another, and the groups made of them.
struct Tree<'a> {
    kind: &'a str,
    slug: &'a str,
    group_kind: &'a str,
    parent: &'a str,
    nodes: &'a [Value],
    groups: &'a [Value],
}

/// The territories of active models.
fn territories(rows: &Rows<'_>) -> Vec<Value> {
    let mut models = rows.all("Territory2Model");
    models.retain(|model| model["State"] == "Active");
    let (models, mut territories) = (ids(&models), rows.all("Territory2"));
    territories.retain(|territory| id(territory, "Territory2ModelId").is_some_and(|model| models.contains(&model)));
    territories
}

/// The rights that a set carries, by their API names without `Permissions`.
fn rights_of(set: &Value) -> BTreeSet<String> {
    let fields = set.as_object().unwrap().iter().filter(|(_, value)| **value == true);
    fields.filter_map(|(name, _)| name.strip_prefix("Permissions").map(str::to_owned)).collect()
}

/// Whom a set stands for: a profile, itself, a permission set group.
struct Parents {
    sets: BTreeMap<String, Value>,
    profiles: BTreeSet<String>,
    groups: BTreeSet<String>,
}

impl Parents {
    fn of(rows: &Rows<'_>) -> Self {
        let sets = rows.all("PermissionSet").into_iter().map(|set| (id(&set, "Id").unwrap(), set)).collect();
        Self { sets, profiles: ids(&rows.all("Profile")), groups: ids(&rows.all("PermissionSetGroup")) }
    }

    /// The principal of the row's parent, what makes its holders members, and whether they must hold that directly.
    fn find(&self, row: &Value) -> Option<(String, String, bool)> {
        let set = self.sets.get(&id(row, "ParentId")?)?;
        if set["IsOwnedByProfile"] == true {
            let profile = id(set, "ProfileId").filter(|profile| self.profiles.contains(profile))?;
            return Some((format!("profile:{profile}"), format!("profile:{profile}:assigned"), false));
        }
        if let Some(group) = id(set, "PermissionSetGroupId") {
            let group = self.groups.contains(&group).then_some(group)?;
            let source = format!("permission_set_group:{group}:member");
            return Some((format!("permission_set_group:{group}"), source, false));
        }
        let set = id(set, "Id")?;
        Some((format!("permission:{set}"), format!("permission:{set}:assigned"), true))
    }
}
