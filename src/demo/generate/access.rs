//! Permission sets, groups of sets, licences of sets, and the assignments.

use foldhash::{HashMap, HashSet, HashSetExt as _};

use super::names::{DEPARTMENTS, TASKS, developer_name};
use super::people::{Person, Profile};
use super::rows::{Writer, grant_last};
use super::{Maker, id};
use crate::demo::schema::PERMISSIONS;
use crate::demo::value::Cell;
use crate::salesforce::id::RecordId;

/// The everyday permissions start here in [`PERMISSIONS`].
const EVERYDAY: usize = 46;

/// Between 2019-01-01 and 2024-12-31.
const PAST: std::ops::Range<i64> = 1_546_300_800..1_735_603_200;
/// Between 2090-01-01 and 2099-01-01.
const FUTURE: std::ops::Range<i64> = 3_786_912_000..4_070_908_800;

const SET_LICENSES: [&str; 6] = [
    "Sales Console User",
    "Service Console User",
    "CRM Analytics Plus",
    "Field Service Standard",
    "Identity Connect",
    "Company Community",
];

/// What can be assigned.
#[expect(clippy::struct_field_names, reason = "a set is what Salesforce calls it")]
pub(super) struct Sets {
    pub(super) sets: Vec<RecordId>,
    pub(super) groups: Vec<SetGroup>,
    /// The licence that belongs to a set, for those that have one.
    licenses: HashMap<RecordId, RecordId>,
}

/// A group of sets, with the set that stands for it.
pub(super) struct SetGroup {
    id: RecordId,
    pub(super) aggregate: RecordId,
    pub(super) sets: Vec<RecordId>,
}

const SET_FIELDS: [&str; 12] = [
    "Name",
    "Label",
    "Description",
    "LicenseId",
    "ProfileId",
    "IsOwnedByProfile",
    "IsCustom",
    "NamespacePrefix",
    "HasActivationRequired",
    "PermissionSetGroupId",
    "Type",
    "CreatedDate",
];

/// Sets in the order of their ids: owned by profiles, assignable, standing for groups.
pub(super) fn permission_sets(maker: &mut Maker) -> Sets {
    let writer = Writer::new(&maker.org, "PermissionSet", &SET_FIELDS);
    owned_by_profiles(maker, &writer);
    set_licenses(maker);
    let profiles = maker.numbers.profiles;
    let mut rights: Vec<HashSet<&str>> = Vec::new();
    let (mut sets, mut licenses) = (Vec::new(), HashMap::default());
    for number in 0..maker.numbers.permission_sets {
        let set = id("0PS", profiles + number);
        let granted = rights_of_set(maker, number);
        if let Some(license) = assignable_set(maker, &writer, number, set) {
            licenses.insert(set, license);
        }
        grant_last(&mut maker.org, "PermissionSet", |permission| granted.contains(permission));
        rights.push(granted);
        sets.push(set);
    }
    let groups = set_groups(maker, &writer, &sets, &rights);
    Sets { sets, groups, licenses }
}

/// Each profile has a set with the same rights, under a name that says nothing. The administrator's is there already.
fn owned_by_profiles(maker: &mut Maker, writer: &Writer) {
    let Some(profiles) = maker.org.table("Profile").cloned() else { return };
    let license = profiles.object.position("UserLicenseId");
    for (number, (row, profile)) in (0..).zip(profiles.ids()).enumerate().skip(1) {
        let label = format!("{}_128_09_04_12_{number}", profile.as_15());
        let values = [
            format!("X{label}").into(),
            label.into(),
            Cell::Null,
            license.map_or(Cell::Null, |column| profiles.cell(row, column).into_owned()),
            (*profile).into(),
            true.into(),
            false.into(),
            Cell::Null,
            false.into(),
            Cell::Null,
            "Profile".into(),
            Cell::DateTime(crate::demo::defaults::CREATED),
        ];
        writer.add(&mut maker.org, id("0PS", number), values);
        let has = |name: &str| {
            let column = profiles.object.position(&format!("Permissions{name}"));
            column.is_some_and(|column| *profiles.cell(row, column) == Cell::Bool(true))
        };
        grant_last(&mut maker.org, "PermissionSet", has);
    }
}

/// One has run out, one is disabled.
fn set_licenses(maker: &mut Maker) {
    let fields = [
        "MasterLabel",
        "DeveloperName",
        "PermissionSetLicenseKey",
        "Status",
        "ExpirationDate",
        "TotalLicenses",
        "UsedLicenses",
    ];
    let writer = Writer::new(&maker.org, "PermissionSetLicense", &fields);
    for (number, label) in SET_LICENSES.iter().enumerate() {
        let key = format!("{}Psl", label.replace(' ', ""));
        let (total, used) = (Cell::Int(maker.rng.i64(5..50) * 10), Cell::Int(0));
        let status = if number == 4 { "Disabled" } else { "Active" };
        let expires: Cell = match number {
            2 => Cell::Date(jiff::civil::date(2024, 6, 30)),
            3 => Cell::Date(jiff::civil::date(2098, 12, 31)),
            _ => Cell::Null,
        };
        let key: Cell = key.as_str().into();
        writer.add(
            &mut maker.org,
            id("0PL", number),
            [(*label).into(), key.clone(), key, status.into(), expires, total, used],
        );
    }
}

fn rights_of_set(maker: &mut Maker, number: usize) -> HashSet<&'static str> {
    let (sensitive, everyday) = PERMISSIONS.split_at(EVERYDAY);
    let mut granted = HashSet::new();
    for _ in 0..maker.rng.usize(0..6) {
        granted.extend(maker.pick(everyday));
    }
    if number.is_multiple_of(3) {
        granted.insert("ApiEnabled");
    }
    // One set in six carries something that a reviewer asks about.
    if number % 6 == 2 {
        granted.extend(maker.pick(sensitive));
        granted.extend(maker.pick(sensitive));
    }
    granted
}

/// Returns the licence of a set that belongs to one of its own.
fn assignable_set(maker: &mut Maker, writer: &Writer, number: usize, set: RecordId) -> Option<RecordId> {
    let kind = match number % 12 {
        1 => "Standard",
        7 => "Session",
        _ => "Regular",
    };
    let label = match number {
        4 => "Reports \"all\"\n(日本)".to_owned(),
        _ => format!("{} {} {}", DEPARTMENTS[number % 8], TASKS[number / 8 % 16], number / 128 + 1),
    };
    let name = developer_name(&label, number);
    // A standard set belongs to a licence of its own; a custom set to a user licence or to none.
    let license = match (kind, number % 3) {
        ("Standard", _) => Some(id("0PL", number / 12 % SET_LICENSES.len())),
        (_, 0) => Some(id("100", 0)),
        _ => None,
    };
    let created = maker.day(0, 500);
    let values = [
        name.into(),
        label.as_str().into(),
        number.is_multiple_of(2).then(|| format!("Lets people do: {label}")).into(),
        license.into(),
        Cell::Null,
        false.into(),
        (kind != "Standard").into(),
        (number % 15 == 6).then_some("acmepkg").into(),
        (kind == "Session").into(),
        Cell::Null,
        kind.into(),
        Cell::DateTime(created),
    ];
    writer.add(&mut maker.org, set, values);
    license.filter(|_| kind == "Standard")
}

/// Groups of sets with their components, the muting sets of some, and the sets that stand for them.
fn set_groups(maker: &mut Maker, writer: &Writer, sets: &[RecordId], rights: &[HashSet<&str>]) -> Vec<SetGroup> {
    let fields = ["DeveloperName", "MasterLabel", "Description", "Status", "HasActivationRequired"];
    let groups = Writer::new(&maker.org, "PermissionSetGroup", &fields);
    let components =
        Writer::new(&maker.org, "PermissionSetGroupComponent", &["PermissionSetGroupId", "PermissionSetId"]);
    let muting = Writer::new(&maker.org, "MutingPermissionSet", &["DeveloperName", "MasterLabel"]);
    let count = maker.numbers.set_groups;
    let (first, mut component, mut made) = (maker.numbers.profiles + maker.numbers.permission_sets, 0, Vec::new());
    for number in 0..count {
        let group = id("0PG", number);
        let label = format!("{} Team {}", DEPARTMENTS[number % 8], number / 8 + 1);
        let name = label.replace(' ', "_");
        // Not every group has been recalculated, and a few need an active session.
        let status = match number % 40 {
            1 => "Outdated",
            2 => "Failed",
            _ => "Updated",
        };
        let session = number % 7 == 3;
        groups.add(
            &mut maker.org,
            group,
            [name.as_str().into(), label.as_str().into(), Cell::Null, status.into(), session.into()],
        );
        let mut granted: HashSet<&str> = HashSet::new();
        let mut chosen: HashSet<usize> = HashSet::new();
        let with_muting = number % 3 == 0;
        let end = maker.numbers.components * (number + 1) / count;
        while component + chosen.len() + usize::from(with_muting) < end {
            chosen.insert(maker.rng.usize(0..sets.len()));
        }
        let mut chosen: Vec<usize> = chosen.into_iter().collect();
        chosen.sort_unstable();
        for set in &chosen {
            components.add(&mut maker.org, id("0PM", component), [group.into(), sets[*set].into()]);
            granted.extend(&rights[*set]);
            component += 1;
        }
        if with_muting {
            let set = id("0QM", number);
            let mutes = muted(&granted);
            muting.add(&mut maker.org, set, [format!("{name}_Mutes").into(), format!("{label} Mutes").into()]);
            grant_last(&mut maker.org, "MutingPermissionSet", |permission| mutes.contains(&permission));
            components.add(&mut maker.org, id("0PM", component), [group.into(), set.into()]);
            component += 1;
            granted.retain(|permission| !mutes.contains(permission));
        }
        // What was calculated last is not always what the parts say.
        if let Some(right) = [(1, "DataExport"), (4, "ManageUsers")].into_iter().find(|(at, _)| number % 40 == *at)
            && !granted.insert(right.1)
        {
            granted.remove(right.1);
        }
        let aggregate = id("0PS", first + number);
        let created = Cell::DateTime(maker.day(0, 500));
        let values = [
            name.into(),
            label.into(),
            Cell::Null,
            Cell::Null,
            Cell::Null,
            false.into(),
            true.into(),
            Cell::Null,
            session.into(),
            group.into(),
            "Group".into(),
            created,
        ];
        writer.add(&mut maker.org, aggregate, values);
        grant_last(&mut maker.org, "PermissionSet", |permission| granted.contains(permission));
        made.push(SetGroup { id: group, aggregate, sets: chosen.into_iter().map(|set| sets[set]).collect() });
    }
    made
}

/// What a group mutes: its first right that a reviewer asks about, its first everyday one, and one that it has not.
fn muted(granted: &HashSet<&str>) -> Vec<&'static str> {
    let (sensitive, everyday) = PERMISSIONS.split_at(EVERYDAY);
    let first = |of: &[&'static str], has: bool| of.iter().copied().find(|right| granted.contains(right) == has);
    [first(sensitive, true), first(everyday, true), first(everyday, false)].into_iter().flatten().collect()
}

/// Who holds what: each user the set of a visible profile; people inside most of the others, partners a few.
pub(super) fn assignments(maker: &mut Maker, people: &[Person], sets: &Sets, profiles: &[Profile]) {
    let fields =
        ["AssigneeId", "PermissionSetId", "PermissionSetGroupId", "ExpirationDate", "IsActive", "SystemModstamp"];
    let writer = Writer::new(&maker.org, "PermissionSetAssignment", &fields);
    let mut number = maker.org.rows("PermissionSetAssignment");
    for person in people.iter().skip(1) {
        let Some(profile) = person.profile else { continue };
        let stamp = Cell::DateTime(maker.day(0, 400));
        let values = [person.id.into(), id("0PS", profile).into(), Cell::Null, Cell::Null, true.into(), stamp];
        writer.add(&mut maker.org, id("0Pa", number), values);
        number += 1;
    }
    let some = |keep: &dyn Fn(&Person) -> bool| {
        (0..).zip(people).filter(|(_, person)| keep(person)).map(|(place, _)| place).collect::<Vec<u32>>()
    };
    // Users with a hidden profile have no assignment at all, as in a real org.
    let working = some(&|person| person.active && !person.external && !person.guest && person.profile.is_some());
    let left = some(&|person| !person.active && !person.external);
    let outside = some(&|person| person.external);
    let mut known: HashSet<Held> = HashSet::new();
    let total = maker.numbers.assignments;
    let mut made = 0;
    while made < total {
        let assignee = match maker.rng.u32(0..40) {
            0 => maker.pick(&outside),
            // Who has left keeps a little.
            1..3 => maker.pick(&left),
            _ => maker.pick(&working),
        };
        let Some(assignee) = assignee else { continue };
        // Groups come behind the sets.
        let (place, set, group) = if maker.rng.u32(0..4) == 0 {
            let place = maker.rng.usize(0..sets.groups.len());
            let group = &sets.groups[place];
            (sets.sets.len() + place, group.aggregate, Some(group.id))
        } else {
            // The lower of two draws: the first sets are the most popular.
            let (one, other) = (maker.rng.usize(0..sets.sets.len()), maker.rng.usize(0..sets.sets.len()));
            (one.min(other), sets.sets[one.min(other)], None)
        };
        if !known.insert((assignee, u16::try_from(place).unwrap_or_default())) {
            continue;
        }
        let (expires, active) = match made % 20 {
            3 => (Some(maker.rng.i64(PAST)), false),
            11 => (Some(maker.rng.i64(FUTURE)), true),
            // Three in all are inactive and nothing tells why.
            _ => (None, made % (total / 3) != 100),
        };
        let expires: Cell = expires.map(|second| Cell::DateTime(second * 1_000)).into();
        let stamp = Cell::DateTime(maker.day(0, 800));
        let assignee = people[assignee as usize].id;
        let values = [assignee.into(), set.into(), group.into(), expires, active.into(), stamp];
        writer.add(&mut maker.org, id("0Pa", number + made), values);
        made += 1;
    }
    let mut needed = Vec::new();
    for (person, set) in known {
        let license = sets.sets.get(usize::from(set)).and_then(|set| sets.licenses.get(set));
        needed.extend(license.map(|license| (*license, people[person as usize].id)));
    }
    let working: Vec<RecordId> = working.iter().step_by(9).map(|place| people[*place as usize].id).collect();
    licensed(maker, &working, needed);
    count_licenses(maker, people, profiles);
}

/// Who holds which set, by their places; groups of sets come behind the sets.
type Held = (u32, u16);

/// Most who hold a set with a licence of its own have the licence; some of the people inside have one for nothing.
fn licensed(maker: &mut Maker, idle: &[RecordId], mut needed: Vec<(RecordId, RecordId)>) {
    let fields = ["PermissionSetLicenseId", "AssigneeId"];
    let writer = Writer::new(&maker.org, "PermissionSetLicenseAssign", &fields);
    needed.sort_unstable();
    needed.dedup();
    let mut number = 0;
    needed.retain(|_| {
        number += 1;
        number % 5 != 3
    });
    let idle = idle.iter().enumerate();
    needed.extend(idle.map(|(number, person)| (id("0PL", number % SET_LICENSES.len()), *person)));
    needed.sort_unstable();
    needed.dedup();
    let mut used: HashMap<RecordId, i64> = HashMap::default();
    for (number, (license, person)) in needed.into_iter().enumerate() {
        writer.add(&mut maker.org, id("2LA", number), [license.into(), person.into()]);
        *used.entry(license).or_default() += 1;
    }
    let Some(at) = maker.org.find("PermissionSetLicense") else { return };
    let table = &mut maker.org.tables[at];
    let Some(column) = table.object.position("UsedLicenses") else { return };
    for row in (0..).take(table.len()) {
        let number = used.get(&table.id(row)).copied().unwrap_or_default();
        table.set(row, column, Cell::Int(number));
    }
}

/// `UsedLicenses` counts the active users of each licence.
fn count_licenses(maker: &mut Maker, people: &[Person], profiles: &[Profile]) {
    let mut used: HashMap<RecordId, i64> = HashMap::default();
    for person in people.iter().filter(|person| person.active) {
        if let Some(profile) = person.profile {
            *used.entry(profiles[profile].license).or_default() += 1;
        }
    }
    let Some(at) = maker.org.find("UserLicense") else { return };
    let table = &mut maker.org.tables[at];
    let columns = ["UsedLicenses", "TotalLicenses"].map(|name| table.object.position(name));
    let [Some(count), Some(total)] = columns else { return };
    for row in (0..).take(table.len()) {
        let number = used.get(&table.id(row)).copied().unwrap_or_default();
        table.set(row, count, Cell::Int(number));
        table.set(row, total, Cell::Int(number + number / 10 + 10));
    }
}
