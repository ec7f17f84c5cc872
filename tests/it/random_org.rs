//! Small orgs of random shapes: the same seed gives the same org.
//!
//! They are denser than any real org: roles and groups in rings, roles without some of their groups, groups deep in one
//! another, sets that need a session, assignments that end or have ended, rights that are muted, groups that are out of
//! date, users of every type, territories, apps.

use std::collections::BTreeSet;

use baton_salesforce::demo::Org;
use baton_salesforce::salesforce::RecordId;
use fastrand::Rng;
use serde_json::{Value, json};

const RIGHTS: [&str; 8] = [
    "ModifyAllData",
    "ViewAllData",
    "ManageUsers",
    "ApiEnabled",
    "ExportReport",
    "RunReports",
    "EmailMass",
    "EditTask",
];

const USER_TYPES: [&str; 10] = [
    "Standard",
    "Standard",
    "Standard",
    "Standard",
    "Standard",
    "CsnOnly",
    "PowerPartner",
    "PowerCustomerSuccess",
    "CspLitePortal",
    "Guest",
];

/// The n-th record of an object.
fn id(prefix: &str, number: usize) -> String {
    RecordId::parse(&format!("{prefix}7x{number:010}")).unwrap().to_string()
}

struct Maker {
    org: Org,
    rng: Rng,
    /// Numbers records without a name of their own.
    next: usize,
}

impl Maker {
    fn add(&mut self, object: &str, row: Value) {
        self.org.insert(object, row).unwrap_or_else(|error| panic!("{object}: {error}"));
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.next += 1;
        id(prefix, 1_000 + self.next)
    }

    /// True `in` so many of a hundred cases.
    fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(0..100) < percent
    }

    fn pick(&mut self, of: &[String]) -> Option<String> {
        if of.is_empty() { None } else { Some(of[self.rng.usize(0..of.len())].clone()) }
    }

    fn rights(&mut self) -> BTreeSet<&'static str> {
        let mut rights = BTreeSet::new();
        for right in RIGHTS {
            if self.chance(30) {
                rights.insert(right);
            }
        }
        rights
    }

    fn expiry(&mut self) -> Value {
        match self.rng.u32(0..8) {
            0 => json!("2024-05-06T07:08:09.000+0000"),
            1 => json!("2091-01-02T03:04:05.000+0000"),
            2 => json!("2095-01-02T03:04:05.000+0000"),
            3 => json!("2097-01-02T03:04:05.000+0000"),
            _ => Value::Null,
        }
    }
}

fn with_rights(mut row: Value, rights: &BTreeSet<&str>) -> Value {
    for right in rights {
        row[format!("Permissions{right}")] = json!(true);
    }
    row
}

/// An org.
pub(crate) fn random_org(seed: u64) -> Org {
    let mut maker = Maker { org: Org::empty(), rng: Rng::with_seed(seed), next: 0 };
    if maker.chance(50) {
        maker.org.with_user_access_policies();
    }
    let roles = roles(&mut maker);
    let profiles = profiles(&mut maker);
    let users = users(&mut maker, &roles, &profiles);
    let territories = territories(&mut maker, &users);
    groups(&mut maker, &users, &roles, &territories);
    let sets = sets(&mut maker, &profiles);
    assignments(&mut maker, &users, &sets);
    apps(&mut maker, &sets);
    maker.org
}

/// A forest, at times with a ring in it.
fn roles(maker: &mut Maker) -> Vec<String> {
    let count = maker.rng.usize(0..9);
    let roles: Vec<String> = (0..count).map(|number| id("00E", number)).collect();
    let has_ring = maker.chance(15);
    for number in 0..count {
        let parent = match number {
            0 if has_ring => maker.pick(&roles),
            0 => None,
            // Deep more often than wide.
            _ if maker.chance(60) => Some(roles[number - 1].clone()),
            _ => maker.pick(&roles[..number]),
        };
        let portal = match maker.rng.u32(0..8) {
            0 => json!("Partner"),
            1 => Value::Null,
            _ => json!("None"),
        };
        let row =
            json!({"Id": roles[number], "Name": format!("R{number}"), "ParentRoleId": parent, "PortalType": portal});
        maker.add("UserRole", row);
    }
    roles
}

/// Profiles, the last of which nobody sees, with the set that each owns.
fn profiles(maker: &mut Maker) -> Vec<String> {
    let count = maker.rng.usize(1..4);
    let license = maker.org.records("UserLicense")[0]["Id"].clone();
    for number in 0..count {
        let rights = maker.rights();
        let profile = id("00e", number);
        maker.add("Profile", json!({"Id": profile, "Name": format!("P{number}"), "UserLicenseId": license}));
        let set = json!({
            "Id": id("0PS", 900 + number), "Name": format!("X{number}"), "ProfileId": profile, "IsOwnedByProfile": true,
            "Type": "Profile",
        });
        maker.add("PermissionSet", with_rights(set, &rights));
    }
    (0..=count).map(|number| id("00e", number)).collect()
}

fn users(maker: &mut Maker, roles: &[String], profiles: &[String]) -> Vec<String> {
    let count = maker.rng.usize(2..13);
    let users: Vec<String> = (0..count).map(|number| id("005", number)).collect();
    for number in 0..count {
        let kind = USER_TYPES[maker.rng.usize(0..USER_TYPES.len())];
        let role = if maker.chance(80) { maker.pick(roles) } else { None };
        // Rings of managers are refused by Salesforce today and are there in old orgs.
        let manager = if maker.chance(60) { maker.pick(&users) } else { None };
        let row = json!({
            "Id": users[number], "LastName": format!("U{number}"), "UserType": kind, "UserRoleId": role,
            "ProfileId": maker.pick(profiles), "ManagerId": manager, "IsActive": maker.chance(80),
        });
        maker.add("User", row);
    }
    users
}

fn territories(maker: &mut Maker, users: &[String]) -> Vec<String> {
    let count = maker.rng.usize(0..6);
    if maker.chance(20) {
        maker.org.without_territories();
        return Vec::new();
    }
    for (number, state) in ["Active", "Planning"].into_iter().enumerate() {
        maker.add("Territory2Model", json!({"Id": id("0MA", number), "Name": state, "State": state}));
    }
    let territories: Vec<String> = (0..count).map(|number| id("0MI", number)).collect();
    for number in 0..count {
        let parent = if maker.chance(80) { maker.pick(&territories[..number]) } else { None };
        let model = usize::from(number + 1 == count && number > 0);
        let row = json!({
            "Id": territories[number], "Name": format!("T{number}"), "Territory2ModelId": id("0MA", model),
            "ParentTerritory2Id": parent.filter(|_| model == 0),
        });
        maker.add("Territory2", row);
        for user in users {
            if maker.chance(25) {
                let roles = [Value::Null, json!("Account Manager"), json!("Owner: 100 %")];
                let role = roles[maker.rng.usize(0..3)].clone();
                let row = json!({
                    "Id": maker.fresh("0MT"), "UserId": user, "Territory2Id": territories[number],
                    "RoleInTerritory2": role, "IsActive": maker.chance(80),
                });
                maker.add("UserTerritory2Association", row);
            }
        }
    }
    territories
}

fn groups(maker: &mut Maker, users: &[String], roles: &[String], territories: &[String]) {
    let mut all = Vec::new();
    let add = |maker: &mut Maker, all: &mut Vec<String>, kind: &str, related: Option<&String>| {
        let group = id("00G", all.len());
        maker.add("Group", json!({"Id": group, "Name": null, "Type": kind, "RelatedId": related}));
        all.push(group);
    };
    // A role that nobody sees, at times.
    let ghost = id("00E", 99);
    for role in roles.iter().chain(std::iter::once(&ghost)) {
        for kind in ["Role", "RoleAndSubordinates", "RoleAndSubordinatesInternal"] {
            let is_portal =
                maker.org.records("UserRole").iter().any(|row| row["Id"] == *role && row["PortalType"] == "Partner");
            let impossible = is_portal && kind == "RoleAndSubordinatesInternal";
            if !impossible && maker.chance(if *role == ghost { 10 } else { 65 }) {
                add(maker, &mut all, kind, Some(role));
            }
        }
    }
    for territory in territories {
        for kind in ["Territory", "TerritoryAndSubordinates"] {
            if maker.chance(65) {
                add(maker, &mut all, kind, Some(territory));
            }
        }
    }
    for kind in ["Organization", "AllCustomerPortal", "PRMOrganization", "SomethingNew"] {
        if maker.chance(70) {
            add(maker, &mut all, kind, None);
        }
    }
    for user in users {
        for kind in ["Manager", "ManagerAndSubordinatesInternal"] {
            if maker.chance(20) {
                add(maker, &mut all, kind, Some(user));
            }
        }
        let is_guest = maker.org.records("User").iter().any(|row| row["Id"] == *user && row["UserType"] == "Guest");
        if is_guest {
            add(maker, &mut all, "GuestUserGroup", Some(user));
        }
    }
    let first = all.len();
    for _ in 0..maker.rng.usize(1..9) {
        let kind = if maker.chance(25) { "Queue" } else { "Regular" };
        add(maker, &mut all, kind, None);
    }
    members(maker, users, &all, first);
}

/// Users and groups in the groups from `first` on; rings among these and groups in themselves are as likely as others.
fn members(maker: &mut Maker, users: &[String], all: &[String], first: usize) {
    let mut known = BTreeSet::new();
    let made = &all[first..];
    let mut rows: Vec<(String, String)> = Vec::new();
    // At times one long chain.
    if maker.chance(40) {
        rows.extend(made.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())));
    }
    for group in made {
        for _ in 0..maker.rng.usize(0..4) {
            let member = match maker.rng.u32(0..10) {
                0..4 => maker.pick(users),
                4..7 => maker.pick(all),
                7..9 => maker.pick(made),
                // Of whom nothing else is known.
                _ => Some(id(if maker.chance(50) { "005" } else { "00G" }, 999)),
            };
            rows.extend(member.map(|member| (group.clone(), member)));
        }
    }
    for (group, member) in rows {
        if known.insert((group.clone(), member.clone())) {
            let row = json!({"Id": maker.fresh("011"), "GroupId": group, "UserOrGroupId": member});
            maker.add("GroupMember", row);
        }
    }
}

/// What can be assigned: sets, and aggregates with their groups; and what profiles own.
struct Sets {
    assignable: Vec<String>,
    aggregates: Vec<(String, String)>,
    all: Vec<String>,
}

fn sets(maker: &mut Maker, profiles: &[String]) -> Sets {
    let count = maker.rng.usize(1..7);
    let assignable: Vec<String> = (0..count).map(|number| id("0PS", number)).collect();
    let mut carried: Vec<BTreeSet<&str>> = Vec::new();
    for (number, set) in assignable.iter().enumerate() {
        let rights = maker.rights();
        let session = maker.chance(25);
        let kind = if session { "Session" } else { "Regular" };
        let row = json!({"Id": set, "Name": format!("S{number}"), "Type": kind, "HasActivationRequired": session});
        maker.add("PermissionSet", with_rights(row, &rights));
        carried.push(rights);
    }
    let mut aggregates = Vec::new();
    for number in 0..maker.rng.usize(0..4) {
        let group = id("0PG", number);
        let status = if maker.chance(75) { "Updated" } else { "Outdated" };
        let session = maker.chance(25);
        let row = json!({
            "Id": group, "DeveloperName": format!("PG{number}"), "Status": status, "HasActivationRequired": session,
        });
        maker.add("PermissionSetGroup", row);
        let mut rights = BTreeSet::new();
        for (set, of_set) in assignable.iter().zip(&carried) {
            if maker.chance(50) {
                let id = maker.fresh("0PM");
                maker.add(
                    "PermissionSetGroupComponent",
                    json!({"Id": id, "PermissionSetGroupId": group, "PermissionSetId": set}),
                );
                rights.extend(of_set.iter().copied());
            }
        }
        if maker.chance(50) {
            let (muting, muted) = (id("0QM", number), maker.rights());
            let row = json!({"Id": muting, "DeveloperName": format!("M{number}")});
            maker.add("MutingPermissionSet", with_rights(row, &muted));
            let id = maker.fresh("0PM");
            maker.add(
                "PermissionSetGroupComponent",
                json!({"Id": id, "PermissionSetGroupId": group, "PermissionSetId": muting}),
            );
            rights.retain(|right| !muted.contains(right));
        }
        // Not brought up to date, whatever the status says.
        if maker.chance(25) {
            rights = maker.rights();
        }
        let aggregate = id("0PS", 500 + number);
        let row = json!({
            "Id": aggregate, "Name": format!("PG{number}"), "Type": "Group", "PermissionSetGroupId": group,
            "HasActivationRequired": session,
        });
        maker.add("PermissionSet", with_rights(row, &rights));
        aggregates.push((aggregate, group));
    }
    let owned = (0..profiles.len() - 1).map(|number| id("0PS", 900 + number));
    let all = assignable.iter().cloned().chain(aggregates.iter().map(|pair| pair.0.clone())).chain(owned).collect();
    Sets { assignable, aggregates, all }
}

fn assignments(maker: &mut Maker, users: &[String], sets: &Sets) {
    let policies = maker.org.query(66, "SELECT IsRevoked FROM PermissionSetAssignment").is_ok();
    for user in users {
        let profile =
            maker.org.records("User").into_iter().find(|row| row["Id"] == *user).unwrap()["ProfileId"].clone();
        let owned = maker.org.records("PermissionSet").into_iter().find(|set| set["ProfileId"] == profile);
        if let Some(owned) = owned {
            let row = json!({"Id": maker.fresh("0Pa"), "AssigneeId": user, "PermissionSetId": owned["Id"]});
            maker.add("PermissionSetAssignment", row);
        }
        let plain = sets.assignable.iter().map(|set| (set, Value::Null));
        let groups = sets.aggregates.iter().map(|(aggregate, group)| (aggregate, json!(group)));
        for (set, group) in plain.chain(groups) {
            if !maker.chance(35) {
                continue;
            }
            let expires = maker.expiry();
            let is_over = expires.as_str().is_some_and(|at| at < "2026");
            let mut row = json!({
                "Id": maker.fresh("0Pa"), "AssigneeId": user, "PermissionSetId": set, "PermissionSetGroupId": group,
                "ExpirationDate": expires,
                // At times Salesforce's mark is behind, and at times nothing tells why it is there.
                "IsActive": if maker.chance(95) { !is_over } else { is_over },
            });
            if policies && maker.chance(10) {
                row["IsRevoked"] = json!(true);
                row["IsActive"] = json!(false);
            }
            maker.add("PermissionSetAssignment", row);
        }
    }
    for number in 0..2 {
        maker.add("PermissionSetLicense", json!({"Id": id("0PL", number), "MasterLabel": format!("L{number}")}));
        for user in users {
            if maker.chance(20) {
                let row =
                    json!({"Id": maker.fresh("2LA"), "AssigneeId": user, "PermissionSetLicenseId": id("0PL", number)});
                maker.add("PermissionSetLicenseAssign", row);
            }
        }
    }
}

fn apps(maker: &mut Maker, sets: &Sets) {
    for number in 0..3 {
        let by_admin = maker.chance(70);
        let row = json!({"Id": id("0H4", number), "Name": format!("A{number}"), "OptionsAllowAdminApprovedUsersOnly": by_admin});
        maker.add("ConnectedApplication", row);
    }
    maker.add("ExternalClientApplication", json!({"Id": id("0xI", 0), "MasterLabel": "E0"}));
    for set in &sets.all {
        for app in [id("0H4", 0), id("0H4", 1), id("0H4", 2), id("0xI", 0), id("01p", 0)] {
            if maker.chance(20) {
                let kind = match &app[..3] {
                    "0H4" => "ConnectedApplication",
                    "0xI" => "ExternalClientApplication",
                    _ => "ApexClass",
                };
                let row =
                    json!({"Id": maker.fresh("0J0"), "ParentId": set, "SetupEntityId": app, "SetupEntityType": kind});
                maker.add("SetupEntityAccess", row);
            }
        }
        for object in ["Account", "Case"] {
            let (view, modify) = (maker.chance(25), maker.chance(15));
            if view || modify || maker.chance(20) {
                let row = json!({
                    "Id": maker.fresh("110"), "ParentId": set, "SobjectType": object, "PermissionsRead": true,
                    "PermissionsViewAllRecords": view || modify, "PermissionsModifyAllRecords": modify,
                });
                maker.add("ObjectPermissions", row);
            }
        }
    }
}
