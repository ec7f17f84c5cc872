//! Licences, profiles, roles, users and their logins.

use foldhash::HashMap;

use super::names::{DEPARTMENTS, FIRST_NAMES, LAST_NAMES, ODD_NAMES, REGIONS, TITLES, developer_name};
use super::rows::{Writer, grant_last};
use super::{Maker, id};
use crate::demo::defaults::{is_admin_permission, slug};
use crate::demo::value::Cell;
use crate::salesforce::id::RecordId;

/// Name and definition key of each user licence.
const LICENSES: [(&str, &str); 8] = [
    ("Salesforce", "SFDC"),
    ("Salesforce Platform", "AUL"),
    ("Chatter Free", "PID_CHATTER"),
    ("Analytics Cloud Integration User", "PID_INSIGHTS_INTEGRATION_USER"),
    ("Partner Community", "PID_Partner_Community"),
    ("Customer Community", "PID_Customer_Community"),
    ("Customer Community Plus", "PID_Customer_Community_Plus"),
    ("Guest User License", "PID_Guest_User"),
];

/// Name, licence (by its place above) and user type of the profiles that come with an org.
const PROFILES: [(&str, usize, &str); 13] = [
    ("System Administrator", 0, "Standard"),
    ("Standard User", 0, "Standard"),
    ("Read Only", 0, "Standard"),
    ("Minimum Access - Salesforce", 0, "Standard"),
    ("Standard Platform User", 1, "Standard"),
    ("Chatter Free User", 2, "CsnOnly"),
    ("Analytics Cloud Integration User", 3, "Standard"),
    ("Partner Community User", 4, "PowerPartner"),
    ("Customer Community User", 5, "CspLitePortal"),
    ("Customer Community Plus User", 6, "PowerCustomerSuccess"),
    ("Authenticated Website", 7, "Guest"),
    ("Custom: Sales Profile", 0, "Standard"),
    // The second of this name, as in a new Developer Edition.
    ("Authenticated Website", 5, "CspLitePortal"),
];

pub(super) struct Profile {
    pub(super) id: RecordId,
    pub(super) license: RecordId,
    user_type: &'static str,
}

pub(super) struct Role {
    pub(super) id: RecordId,
    pub(super) developer_name: String,
    pub(super) portal: bool,
    account: Option<RecordId>,
}

#[expect(clippy::struct_excessive_bools, reason = "plain facts about a user")]
pub(super) struct Person {
    pub(super) id: RecordId,
    /// The place of the profile; none for a hidden one.
    pub(super) profile: Option<usize>,
    pub(super) external: bool,
    pub(super) active: bool,
    pub(super) system: bool,
    pub(super) guest: bool,
    pub(super) partner: bool,
}

/// Licences and profiles. The empty org has the first of each already.
pub(super) fn profiles(maker: &mut Maker) -> Vec<Profile> {
    let fields = ["Name", "MasterLabel", "LicenseDefinitionKey", "Status", "TotalLicenses", "UsedLicenses"];
    let licenses = Writer::new(&maker.org, "UserLicense", &fields);
    for (number, (name, key)) in LICENSES.iter().enumerate().skip(1) {
        let (total, used) = (Cell::Int(maker.rng.i64(10..900) * 10), Cell::Int(maker.rng.i64(0..100)));
        licenses.add(
            &mut maker.org,
            id("100", number),
            [(*name).into(), (*name).into(), (*key).into(), "Active".into(), total, used],
        );
    }
    let writer = Writer::new(&maker.org, "Profile", &["Name", "UserLicenseId", "UserType", "Description"]);
    let mut profiles = Vec::new();
    for number in 0..maker.numbers.profiles {
        let (name, license, user_type) = match PROFILES.get(number) {
            Some(&(name, license, user_type)) => (name.to_owned(), license, user_type),
            None => (custom_profile(number), 0, "Standard"),
        };
        let profile = Profile { id: id("00e", number), license: id("100", license), user_type };
        if number > 0 {
            let description: Cell =
                (number >= PROFILES.len()).then(|| format!("Cloned from Standard User\nfor {name}")).into();
            let values = [name.as_str().into(), profile.license.into(), user_type.into(), description];
            writer.add(&mut maker.org, profile.id, values);
            let powers = maker.rng.u32(0..20);
            grant_last(&mut maker.org, "Profile", |permission| profile_has(&name, user_type, permission, powers));
        }
        profiles.push(profile);
    }
    profiles
}

fn custom_profile(number: usize) -> String {
    let (department, region) = (DEPARTMENTS[number % 8], REGIONS[number / 8 % 8]);
    format!("{department} {region} Profile {}", number / 64 + 1)
}

/// What a profile other than the administrator's allows. A few custom profiles carry more than they should.
fn profile_has(name: &str, user_type: &str, permission: &str, powers: u32) -> bool {
    let everyday =
        crate::demo::schema::PERMISSIONS.iter().position(|known| *known == permission).is_some_and(|at| at >= 46);
    match (name, user_type) {
        ("Minimum Access - Salesforce", _) => {
            matches!(permission, "ApiEnabled" | "ChatterInternalUser" | "LightningExperienceUser")
        }
        ("Analytics Cloud Integration User", _) => {
            matches!(permission, "ApiEnabled" | "ViewAllData" | "PasswordNeverExpires")
        }
        ("Read Only", _) => everyday && !permission.starts_with("Manage") && !permission.starts_with("Edit"),
        (_, "Standard") => {
            let base = everyday || matches!(permission, "ApiEnabled" | "ViewSetup" | "ExportReport");
            let odd = match powers {
                0 => matches!(permission, "ViewAllData" | "ManageUsers" | "ResetPasswords"),
                1 => matches!(permission, "ModifyAllData" | "DataExport" | "PasswordNeverExpires"),
                2 => matches!(permission, "AuthorApex" | "CustomizeApplication" | "ViewRoles"),
                _ => false,
            };
            base || (name.contains(" Profile ") && odd && is_admin_permission(permission))
        }
        (_, "Guest") => false,
        _ => matches!(
            permission,
            "ChatterFileLink" | "AllowUniversalSearch" | "SelectFilesFromSalesforce" | "ViewHelpLink"
        ),
    }
}

/// A hierarchy of exactly the shape's depth; the roles of portal accounts hang below roles of its own people.
pub(super) fn roles(maker: &mut Maker) -> Vec<Role> {
    let fields =
        ["Name", "DeveloperName", "ParentRoleId", "RollupDescription", "PortalType", "PortalRole", "PortalAccountId"];
    let writer = Writer::new(&maker.org, "UserRole", &fields);
    let internal = maker.numbers.roles - maker.numbers.portal_roles;
    let mut roles: Vec<Role> = Vec::new();
    let mut depths: Vec<usize> = Vec::new();
    for number in 0..maker.numbers.roles {
        let portal = number >= internal;
        // The first roles form a chain of the full depth, the others hang where they do not deepen it.
        let parent = match number {
            0 => None,
            _ if number < maker.numbers.depth => Some(number - 1),
            // Two of the three roles of a portal account hang below the one before.
            _ if portal && !(number - internal).is_multiple_of(3) && depths[number - 1] < maker.numbers.depth => {
                Some(number - 1)
            }
            _ => loop {
                let parent = maker.rng.usize(0..number.min(internal));
                if depths[parent] < maker.numbers.depth {
                    break Some(parent);
                }
            },
        };
        let name = match number {
            0 => "CEO".to_owned(),
            _ if portal => {
                format!("Partner {} {}", number - internal + 1, ["Executive", "Manager", "User"][number % 3])
            }
            // The name of a role is not its key.
            _ if number % 29 == 7 => "Regional \"Sales\" & Sérvice".to_owned(),
            _ => format!("{} {} {}", REGIONS[number % 8], DEPARTMENTS[number / 8 % 8], TITLES[number % 6]),
        };
        let developer_name = developer_name(&name, number);
        let (kind, role, account): (&str, Option<&str>, Option<RecordId>) = if portal {
            ("Partner", Some(["Executive", "Manager", "User"][number % 3]), Some(id("001", number - internal)))
        } else {
            ("None", None, None)
        };
        let parent_id = parent.map(|parent: usize| roles[parent].id);
        let values = [
            name.as_str().into(),
            developer_name.as_str().into(),
            parent_id.into(),
            name.into(),
            kind.into(),
            role.into(),
            account.into(),
        ];
        let role = Role { id: id("00E", number), developer_name, portal, account };
        writer.add(&mut maker.org, role.id, values);
        depths.push(parent.map_or(1, |parent| depths[parent] + 1));
        roles.push(role);
    }
    roles
}

/// First name, last name, user name before the `@`, user type, profile by place (or hidden profile by place).
type System = (Option<&'static str>, &'static str, &'static str, &'static str, Result<usize, usize>);

/// Users that an org has from its making. Most share one address.
const SYSTEM_USERS: [System; 11] = [
    (Some("Integration"), "User", "integration", "Standard", Ok(6)),
    (Some("Automated"), "Process", "autoproc", "AutomatedProcess", Err(0)),
    (None, "Data.com Clean", "automatedclean", "AutomatedProcess", Err(0)),
    (None, "Platform Integration User", "cloud", "CloudIntegrationUser", Err(1)),
    (None, "Chatter Expert", "chatty", "CsnOnly", Ok(5)),
    (Some("Security"), "User", "insightssecurity", "Standard", Ok(6)),
    (None, "Help Center Site Guest User", "help_center", "Guest", Ok(10)),
    (None, "Partner Portal Site Guest User", "partner_portal", "Guest", Ok(10)),
    (Some("Einstein"), "Insights", "einstein", "AutomatedProcess", Err(2)),
    (None, "Flow Integration", "flowproc", "CloudIntegrationUser", Err(3)),
    (Some("License"), "Manager", "licensemanager", "AutomatedProcess", Err(4)),
];

const USER_FIELDS: [&str; 24] = [
    "FirstName",
    "LastName",
    "Name",
    "Username",
    "Email",
    "Alias",
    "CommunityNickname",
    "IsActive",
    "UserType",
    "ProfileId",
    "UserRoleId",
    "ManagerId",
    "ContactId",
    "AccountId",
    "FederationIdentifier",
    "EmployeeNumber",
    "Department",
    "Title",
    "CompanyName",
    "CreatedDate",
    "LastLoginDate",
    "LastPasswordChangeDate",
    "NumberOfFailedLogins",
    "Division",
];

/// Users: the administrator (already there), the system's own, people inside, people outside.
pub(super) fn users(maker: &mut Maker, profiles: &[Profile], roles: &[Role]) -> Vec<Person> {
    let mut people = vec![Person {
        id: id("005", 0),
        profile: Some(0),
        external: false,
        active: true,
        system: false,
        guest: false,
        partner: false,
    }];
    let writer = Writer::new(&maker.org, "User", &USER_FIELDS);
    let hidden = maker.numbers.hidden_profiles;
    let system = SYSTEM_USERS.into_iter().filter(|user| user.4.err().is_none_or(|profile| profile < hidden));
    for (first, last, login, user_type, profile) in system {
        let number = people.len();
        let email = match login {
            "autoproc" => Cell::Null,
            _ => "noreply@example.invalid".into(),
        };
        let name = first.map_or(last.to_owned(), |first| format!("{first} {last}"));
        let profile_id = profile.map_or_else(|place| hidden_profile(place, maker), |place| profiles[place].id);
        let mut values = [const { Cell::Null }; 24];
        let set = [
            first.into(),
            last.into(),
            name.into(),
            format!("{login}@00d5f000000aaaaeac.example.invalid").into(),
            email,
        ];
        for (to, value) in values.iter_mut().zip(set) {
            *to = value;
        }
        values[5] = login.chars().take(8).collect::<String>().into();
        values[6] = format!("{login}{}", 1_580_000 + number * 7).into();
        values[7] = true.into();
        values[8] = user_type.into();
        values[9] = profile_id.into();
        values[19] = Cell::DateTime(crate::demo::defaults::CREATED);
        writer.add(&mut maker.org, id("005", number), values);
        let guest = user_type == "Guest";
        people.push(Person {
            id: id("005", number),
            profile: profile.ok(),
            external: false,
            active: true,
            system: true,
            guest,
            partner: false,
        });
    }
    let rest = maker.numbers.users - people.len();
    // Every so-many-th of the rest is external or inactive, in exact numbers.
    let spread = |at: usize, count: usize| (at + 1) * count / rest > at * count / rest;
    // Who may manage others: the administrator, and people inside who came before.
    let mut bosses = vec![people[0].id];
    let places = Places::new(profiles, roles);
    for at in 0..rest {
        let external = spread(at, maker.numbers.external);
        // Reversed, so that the two do not fall together.
        let active = !spread(rest - 1 - at, maker.numbers.inactive);
        let person =
            person(maker, &writer, (people.len(), at), (external, active), (profiles, roles, &places, &bosses));
        if !external && active {
            bosses.push(person.id);
        }
        people.push(person);
    }
    logins(maker, &people);
    people
}

/// The id of a profile that has no row.
fn hidden_profile(place: usize, maker: &Maker) -> RecordId {
    id("00e", maker.numbers.profiles + place)
}

/// The profiles of each user type but the administrator's and the integrations', and the roles inside and of portals, by
/// their places.
struct Places {
    profiles: HashMap<&'static str, Vec<usize>>,
    inside: Vec<usize>,
    portal: Vec<usize>,
}

impl Places {
    fn new(profiles: &[Profile], roles: &[Role]) -> Self {
        let mut of_type: HashMap<&'static str, Vec<usize>> = HashMap::default();
        for (at, profile) in profiles.iter().enumerate().filter(|(at, _)| *at != 0 && *at != 6) {
            of_type.entry(profile.user_type).or_default().push(at);
        }
        let (portal, inside) = (0..roles.len()).partition(|at| roles[*at].portal);
        Self { profiles: of_type, inside, portal }
    }
}

fn person(
    maker: &mut Maker,
    writer: &Writer,
    (number, at): (usize, usize),
    (external, active): (bool, bool),
    (profiles, roles, places, bosses): (&[Profile], &[Role], &Places, &[RecordId]),
) -> Person {
    let odd = (at % 16 == 3).then(|| ODD_NAMES[at / 16 % ODD_NAMES.len()]);
    let (first, last) = match odd {
        Some(odd) => odd,
        None => (maker.pick(&FIRST_NAMES), LAST_NAMES[maker.rng.usize(0..LAST_NAMES.len())]),
    };
    let name = first.map_or(last.to_owned(), |first| format!("{first} {last}"));
    let login = match slug(&name) {
        plain if odd.is_none() => plain,
        _ => "user".to_owned(),
    };
    let user_type = match (external, at % 10) {
        // One user has no type at all.
        _ if at == 11 => None,
        (false, 9) => Some("CsnOnly"),
        (false, _) => Some("Standard"),
        (true, 0..4) => Some("PowerPartner"),
        (true, 4..6) => Some("PowerCustomerSuccess"),
        (true, _) => Some("CspLitePortal"),
    };
    let profile = choose_profile(maker, places, user_type.unwrap_or("Standard"));
    // High-volume users and Chatter users have no role, a few others neither.
    let role = match user_type {
        Some("PowerPartner" | "PowerCustomerSuccess") => maker.pick(&places.portal),
        Some("Standard") if at % 17 != 5 => maker.pick(&places.inside),
        _ => None,
    };
    // One manager for about eight people; one in seven has none.
    let manager = (!external && at % 7 != 0).then(|| bosses[maker.rng.usize(0..=bosses.len() / 8)]);
    // Who has a portal role belongs to its account.
    let account = external.then(|| role.and_then(|role| roles[role].account).unwrap_or(id("001", 100 + at % 40)));
    let department = DEPARTMENTS[at % 8];
    let created = maker.day(0, 400);
    let login_day = active && at % 9 != 4;
    let last_login: Cell = login_day.then(|| Cell::DateTime(maker.day(420, 780))).into();
    let email: Cell = match at % 40 {
        // A sandbox copy leaves such addresses, and services share one.
        13 => format!("{login}.{number}@example.com.invalid").into(),
        26 => "noreply@example.invalid".into(),
        _ => format!("{login}.{number}@example.com").into(),
    };
    let domain = if external { "partner.example" } else { "acme.example" };
    let values = [
        first.into(),
        last.into(),
        name.as_str().into(),
        format!("{login}.{number}@{domain}").into(),
        email,
        login.chars().filter(char::is_ascii_alphanumeric).take(8).collect::<String>().into(),
        format!("{login}.{number}").into(),
        active.into(),
        user_type.into(),
        profiles[profile].id.into(),
        role.map(|role| roles[role].id).into(),
        manager.into(),
        external.then(|| id("003", at)).into(),
        account.into(),
        (!external && at % 3 != 0).then(|| format!("{login}.{number}@idp.example")).into(),
        (!external && at % 5 != 0).then(|| format!("E{:05}", 10_000 + number)).into(),
        (!external).then_some(department).into(),
        (!external).then_some(TITLES[at % 6]).into(),
        if external { format!("Partner {}", at % 40).into() } else { "Acme".into() },
        Cell::DateTime(created),
        last_login,
        active.then_some(Cell::DateTime(created + 90_000_000)).into(),
        Cell::Int(i64::from(maker.rng.u8(0..3))),
        (!external && at % 4 == 0).then_some(REGIONS[at % 8]).into(),
    ];
    writer.add(&mut maker.org, id("005", number), values);
    let partner = user_type == Some("PowerPartner");
    Person { id: id("005", number), profile: Some(profile), external, active, system: false, guest: false, partner }
}

fn choose_profile(maker: &mut Maker, places: &Places, user_type: &str) -> usize {
    // One in fifty of the people inside administers; the profile of integrations is no person's.
    if user_type == "Standard" && maker.rng.usize(0..50) == 0 {
        return 0;
    }
    places.profiles.get(user_type).and_then(|fitting| maker.pick(fitting)).unwrap_or(1)
}

/// Most users have a login row; guests and the system's own have none, and a few others neither.
fn logins(maker: &mut Maker, people: &[Person]) {
    let writer = Writer::new(&maker.org, "UserLogin", &["UserId", "IsFrozen", "IsPasswordLocked"]);
    for (number, person) in people.iter().enumerate() {
        if person.system || number % 33 == 17 {
            continue;
        }
        let (frozen, locked) = (number % 67 == 30, number % 151 == 45);
        writer.add(&mut maker.org, id("0Yw", number), [person.id.into(), frozen.into(), locked.into()]);
    }
}
