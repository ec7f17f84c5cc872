//! Connected apps, external client apps and agents, and which sets may use them; what sets may do with all records of an
//! object.

use foldhash::HashMap;

use super::access::Sets;
use super::people::Person;
use super::rows::Writer;
use super::{Maker, id};
use crate::demo::value::Cell;
use crate::salesforce::id::RecordId;

/// Name, and whether admins say who may use it.
const CONNECTED: [(&str, bool); 8] = [
    ("Data Loader", true),
    ("Workbench", true),
    ("Salesforce CLI", false),
    ("Expense Sync", true),
    ("Salesforce for Outlook", false),
    ("Warehouse Export", true),
    ("Chat for Teams", true),
    ("Backup \"nightly\"", true),
];

const EXTERNAL: [&str; 3] = ["Access Review", "Invoice Bridge", "Partner Gateway"];

const OBJECTS: [&str; 5] = ["Account", "Case", "Contact", "Lead", "Opportunity"];

/// Apps, agents, and the rows that open apps and objects to sets.
pub(super) fn apps(maker: &mut Maker, people: &[Person], sets: &Sets) {
    let writer = Writer::new(&maker.org, "ConnectedApplication", &["Name", "OptionsAllowAdminApprovedUsersOnly"]);
    for (number, (name, by_admin)) in CONNECTED.iter().enumerate() {
        writer.add(&mut maker.org, id("0H4", number), [(*name).into(), (*by_admin).into()]);
    }
    let fields = ["DeveloperName", "MasterLabel", "DistributionState"];
    let writer = Writer::new(&maker.org, "ExternalClientApplication", &fields);
    for (number, label) in EXTERNAL.iter().enumerate() {
        let name = label.replace(' ', "_");
        writer.add(&mut maker.org, id("0xI", number), [name.into(), (*label).into(), "Local".into()]);
    }
    agents(maker, people);
    setup_access(maker, sets);
    object_permissions(maker, sets);
}

fn agents(maker: &mut Maker, people: &[Person]) {
    let fields = ["DeveloperName", "MasterLabel", "BotUserId", "Type", "AgentType"];
    let writer = Writer::new(&maker.org, "BotDefinition", &fields);
    let agents = [
        ("Help Desk", "Bot", None),
        ("Service Agent", "ExternalCopilot", Some("EinsteinServiceAgent")),
        ("Employee Agent", "InternalCopilot", Some("Employee")),
    ];
    let mut working = people.iter().filter(|person| person.active && !person.external && !person.system);
    for (number, (label, kind, agent)) in agents.into_iter().enumerate() {
        let user = if number == 0 { None } else { working.next().map(|person| person.id) };
        let name = label.replace(' ', "_");
        let values = [name.into(), label.into(), user.into(), kind.into(), agent.into()];
        writer.add(&mut maker.org, id("0Xx", number), values);
    }
}

/// All parents of such rows: sets that people hold, that profiles own, that stand for groups. What a group's sets open is
/// open to the group.
fn for_each_parent<T: Clone + Ord>(
    maker: &mut Maker,
    sets: &Sets,
    mut opens: impl FnMut(&mut Maker, usize) -> Vec<T>,
    mut write: impl FnMut(&mut Maker, RecordId, &[T]),
) {
    let mut by_set: HashMap<RecordId, Vec<T>> = HashMap::default();
    let profiles = maker.numbers.profiles;
    for number in 0..profiles + sets.sets.len() {
        let opened = opens(maker, number);
        write(maker, id("0PS", number), &opened);
        by_set.insert(id("0PS", number), opened);
    }
    for group in &sets.groups {
        let mut all: Vec<T> = group.sets.iter().filter_map(|set| by_set.get(set)).flatten().cloned().collect();
        all.sort_unstable();
        all.dedup();
        write(maker, group.aggregate, &all);
    }
}

/// Apex classes, connected apps and external client apps that some sets open.
fn setup_access(maker: &mut Maker, sets: &Sets) {
    let writer = Writer::new(&maker.org, "SetupEntityAccess", &["ParentId", "SetupEntityId", "SetupEntityType"]);
    let opens = |_: &mut Maker, number: usize| match number % 9 {
        0 => vec![(id("01p", number % 9), "ApexClass")],
        2 => vec![(id("0H4", number / 9 % CONNECTED.len()), "ConnectedApplication")],
        5 => vec![
            (id("0H4", number / 9 % CONNECTED.len()), "ConnectedApplication"),
            (id("0xI", number / 9 % EXTERNAL.len()), "ExternalClientApplication"),
        ],
        _ => Vec::new(),
    };
    let mut number = 0;
    for_each_parent(maker, sets, opens, |maker, set, opened| {
        for (entity, kind) in opened {
            writer.add(&mut maker.org, id("0J0", number), [set.into(), (*entity).into(), (*kind).into()]);
            number += 1;
        }
    });
}

/// What a set may do with an object: its place in [`OBJECTS`]; whether it may see all records, and change all.
type Power = (usize, bool, bool);

fn object_permissions(maker: &mut Maker, sets: &Sets) {
    let fields = [
        "ParentId",
        "SobjectType",
        "PermissionsRead",
        "PermissionsCreate",
        "PermissionsEdit",
        "PermissionsDelete",
        "PermissionsViewAllRecords",
        "PermissionsModifyAllRecords",
    ];
    let writer = Writer::new(&maker.org, "ObjectPermissions", &fields);
    let opens = |maker: &mut Maker, number: usize| -> Vec<Power> {
        // The administrator changes all; of the others, one in seven sees all of something and one in thirteen changes it.
        let powers = |object| {
            let modify = number == 0 || (number + 3 * object) % 13 == 5;
            (object, modify || (number + 2 * object) % 7 == 3, modify)
        };
        let wanted = |_: &usize| number == 0 || maker.rng.usize(0..5) < 2;
        (0..OBJECTS.len()).filter(wanted).map(powers).collect()
    };
    let mut number = 0;
    for_each_parent(maker, sets, opens, |maker, set, opened| {
        for (object, name) in OBJECTS.iter().enumerate() {
            let powers: Vec<&Power> = opened.iter().filter(|power| power.0 == object).collect();
            if powers.is_empty() {
                continue;
            }
            let (view, modify) = (powers.iter().any(|power| power.1), powers.iter().any(|power| power.2));
            let values: [Cell; 8] = [
                set.into(),
                (*name).into(),
                true.into(),
                (object % 2 == 0 || modify).into(),
                modify.into(),
                modify.into(),
                view.into(),
                modify.into(),
            ];
            writer.add(&mut maker.org, id("110", number), values);
            number += 1;
        }
    });
}
