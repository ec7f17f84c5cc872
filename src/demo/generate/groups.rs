//! Public groups, queues, the groups of roles and managers, and who is in them.

use foldhash::HashSet;

use super::names::{DEPARTMENTS, REGIONS, TASKS, developer_name};
use super::people::{Person, Role};
use super::rows::Writer;
use super::{Maker, id};
use crate::demo::value::Cell;
use crate::salesforce::id::RecordId;

/// Groups and their members. The order of the ids: roles, the org's own, managers, public groups, queues.
pub(super) fn groups(maker: &mut Maker, people: &[Person], roles: &[Role]) {
    let role_groups = technical(maker, people, roles);
    let first = maker.org.rows("Group");
    let public = maker.numbers.public_groups;
    named(maker, first);
    let all: Vec<RecordId> = (first..first + public + maker.numbers.queues).map(|number| id("00G", number)).collect();
    let (public, queues) = all.split_at(public);
    members(maker, people, &role_groups, public, queues);
    let writer = Writer::new(&maker.org, "QueueSobject", &["QueueId", "SobjectType"]);
    for (number, queue) in queues.iter().enumerate() {
        writer.add(&mut maker.org, id("03g", 2 * number), [(*queue).into(), "Case".into()]);
        if number % 3 == 0 {
            writer.add(&mut maker.org, id("03g", 2 * number + 1), [(*queue).into(), "Lead".into()]);
        }
    }
}

/// The groups that nobody made. None but a developer name tells them apart, and some have not even that. Returns those
/// of roles that may be members of others.
fn technical(maker: &mut Maker, people: &[Person], roles: &[Role]) -> Vec<RecordId> {
    let writer = Writer::new(&maker.org, "Group", &["Name", "DeveloperName", "Type", "RelatedId"]);
    let mut number = 0;
    let mut add = |maker: &mut Maker, developer_name: Option<&str>, kind: &str, related: Option<RecordId>| {
        let group = id("00G", number);
        writer.add(&mut maker.org, group, [Cell::Null, developer_name.into(), kind.into(), related.into()]);
        number += 1;
        group
    };
    let mut usable = Vec::new();
    for role in roles {
        let name = Some(role.developer_name.as_str());
        usable.push(add(maker, name, "Role", Some(role.id)));
        usable.push(add(maker, name, "RoleAndSubordinates", Some(role.id)));
        if !role.portal {
            usable.push(add(maker, name, "RoleAndSubordinatesInternal", Some(role.id)));
        }
    }
    add(maker, Some("AllInternalUsers"), "Organization", None);
    add(maker, Some("AllCustomerPortalUsers"), "AllCustomerPortal", None);
    add(maker, Some("AllPartnerUsers"), "PRMOrganization", None);
    for guest in people.iter().filter(|person| person.guest).take(maker.numbers.guest_groups) {
        add(maker, None, "GuestUserGroup", Some(guest.id));
    }
    let mut managers = people.iter().filter(|person| person.active && !person.external && !person.system);
    let made = maker.numbers.public_groups + maker.numbers.queues;
    while maker.org.rows("Group") + made < maker.numbers.groups {
        let Some(manager) = managers.next() else { break };
        add(maker, None, "Manager", Some(manager.id));
        if maker.org.rows("Group") + made < maker.numbers.groups {
            add(maker, None, "ManagerAndSubordinatesInternal", Some(manager.id));
        }
    }
    usable
}

fn named(maker: &mut Maker, first: usize) {
    let fields = [
        "Name",
        "DeveloperName",
        "Type",
        "OwnerId",
        "Email",
        "DoesSendEmailToMembers",
        "DoesIncludeBosses",
        "Description",
    ];
    let writer = Writer::new(&maker.org, "Group", &fields);
    let public = maker.numbers.public_groups;
    for number in 0..public + maker.numbers.queues {
        let queue = number >= public;
        let name = match number {
            // Two groups with one name, and one that needs care.
            1 | 2 => "Deals".to_owned(),
            3 => "Ops, \"night\"\nshift 夜勤".to_owned(),
            _ if queue => {
                format!("{} {} Queue {}", REGIONS[number % 8], DEPARTMENTS[number / 8 % 8], number - public + 1)
            }
            _ => format!("{} {} {}", REGIONS[number % 8], TASKS[number / 8 % 16], number / 128 + 1),
        };
        let developer_name = developer_name(&name, number);
        let owner = if number % 3 == 0 { maker.org.id } else { maker.org.user };
        let email: Option<String> = (queue && number % 2 == 0).then(|| format!("queue.{number}@example.com"));
        let description = (number % 5 == 0).then(|| format!("For {name}"));
        let kind = if queue { "Queue" } else { "Regular" };
        let values = [
            name.into(),
            developer_name.into(),
            kind.into(),
            owner.into(),
            email.into(),
            false.into(),
            (number % 4 != 1).into(),
            description.into(),
        ];
        writer.add(&mut maker.org, id("00G", first + number), values);
    }
}

/// The rows of `GroupMember`, without repetitions.
#[derive(Default)]
struct Members {
    rows: Vec<(RecordId, RecordId)>,
    known: HashSet<(RecordId, RecordId)>,
}

impl Members {
    fn add(&mut self, group: RecordId, member: RecordId) {
        if self.known.insert((group, member)) {
            self.rows.push((group, member));
        }
    }
}

/// Exactly as many rows as the shape has: chains of groups in groups first, then roles, then people.
fn members(maker: &mut Maker, people: &[Person], role_groups: &[RecordId], public: &[RecordId], queues: &[RecordId]) {
    let mut members = Members::default();
    let depth = maker.numbers.nesting;
    // The first groups form a chain of the full depth, each tenth group starts another.
    for start in (0..public.len().saturating_sub(depth)).step_by(10) {
        for link in public[start..start + depth].windows(2) {
            members.add(link[0], link[1]);
        }
    }
    // A queue of a role and its subordinates, and roles in one group or queue of eight.
    if let (Some(queue), Some(role)) = (queues.first(), role_groups.get(1)) {
        members.add(*queue, *role);
    }
    for group in public.iter().chain(queues).skip(4).step_by(8) {
        if let Some(role) = maker.pick(role_groups) {
            members.add(*group, role);
        }
    }
    // One group or queue in twenty stays without members.
    let filled = public.iter().chain(queues).enumerate().filter(|(at, _)| at % 20 != 19);
    let filled: Vec<RecordId> = filled.map(|(_, group)| *group).collect();
    // People inside, active or not; high-volume users of portals cannot be in a group.
    let inside = people.iter().filter(|person| !person.external && !person.system);
    let inside: Vec<RecordId> = inside.map(|person| person.id).collect();
    while members.rows.len() < maker.numbers.group_members {
        // The lower of two draws: the first groups are the biggest.
        let (one, other) = (maker.rng.usize(0..filled.len()), maker.rng.usize(0..filled.len()));
        let member = inside[maker.rng.usize(0..inside.len())];
        members.add(filled[one.min(other)], member);
    }
    let writer = Writer::new(&maker.org, "GroupMember", &["GroupId", "UserOrGroupId"]);
    for (number, (group, member)) in members.rows.into_iter().enumerate() {
        writer.add(&mut maker.org, id("011", number), [group.into(), member.into()]);
    }
}
