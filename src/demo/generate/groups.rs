//! Public groups, queues, the groups of roles and managers, and who is in them.

use foldhash::HashSet;

use super::names::{DEPARTMENTS, REGIONS, TASKS, developer_name};
use super::people::{Person, Role};
use super::rows::Writer;
use super::territories::Territory;
use super::{Maker, id};
use crate::demo::value::Cell;
use crate::salesforce::id::RecordId;

/// Groups and their members. The order of the ids: roles, the org's own, territories, managers, public groups, queues.
pub(super) fn groups(maker: &mut Maker, people: &[Person], roles: &[Role], territories: &[Territory]) {
    let technical = technical(maker, people, roles, territories);
    let first = maker.org.rows("Group");
    let public = maker.numbers.public_groups;
    named(maker, first);
    let all: Vec<RecordId> = (first..first + public + maker.numbers.queues).map(|number| id("00G", number)).collect();
    let (public, queues) = all.split_at(public);
    members(maker, people, &technical, public, queues);
    let writer = Writer::new(&maker.org, "QueueSobject", &["QueueId", "SobjectType"]);
    for (number, queue) in queues.iter().enumerate() {
        writer.add(&mut maker.org, id("03g", 2 * number), [(*queue).into(), "Case".into()]);
        if number % 3 == 0 {
            writer.add(&mut maker.org, id("03g", 2 * number + 1), [(*queue).into(), "Lead".into()]);
        }
    }
}

/// The groups that nobody made and that others may contain.
#[derive(Default)]
struct Technical {
    roles: Vec<RecordId>,
    /// All employees, customers, partners; guests.
    rules: Vec<RecordId>,
    territories: Vec<RecordId>,
    managers: Vec<RecordId>,
}

/// The groups that nobody made. None but a developer name tells them apart, and some have not even that.
fn technical(maker: &mut Maker, people: &[Person], roles: &[Role], territories: &[Territory]) -> Technical {
    let writer = Writer::new(&maker.org, "Group", &["Name", "DeveloperName", "Type", "RelatedId"]);
    let mut number = 0;
    let mut add = |maker: &mut Maker, developer_name: Option<&str>, kind: &str, related: Option<RecordId>| {
        let group = id("00G", number);
        writer.add(&mut maker.org, group, [Cell::Null, developer_name.into(), kind.into(), related.into()]);
        number += 1;
        group
    };
    let mut made = Technical::default();
    for (at, role) in roles.iter().enumerate() {
        let name = Some(role.developer_name.as_str());
        // Which of the three there are depends on an org's age and settings: a few roles lack one.
        let kinds = ["Role", "RoleAndSubordinates", "RoleAndSubordinatesInternal"];
        for (place, kind) in kinds.into_iter().enumerate().take(if role.portal { 2 } else { 3 }) {
            if at % 9 != 4 + place {
                made.roles.push(add(maker, name, kind, Some(role.id)));
            }
        }
    }
    // A role that nobody sees.
    add(maker, Some("Ghost"), "Role", Some(id("00E", roles.len())));
    made.rules.push(add(maker, Some("AllInternalUsers"), "Organization", None));
    made.rules.push(add(maker, Some("AllCustomerPortalUsers"), "AllCustomerPortal", None));
    made.rules.push(add(maker, Some("AllPartnerUsers"), "PRMOrganization", None));
    for guest in people.iter().filter(|person| person.guest).take(maker.numbers.guest_groups) {
        made.rules.push(add(maker, None, "GuestUserGroup", Some(guest.id)));
    }
    for (at, territory) in territories.iter().enumerate() {
        let name = Some(territory.developer_name.as_str());
        made.territories.push(add(maker, name, "Territory", Some(territory.id)));
        if at != 2 {
            made.territories.push(add(maker, name, "TerritoryAndSubordinates", Some(territory.id)));
        }
    }
    let mut managers = people.iter().filter(|person| person.active && !person.external && !person.system);
    let others = maker.numbers.public_groups + maker.numbers.queues;
    while maker.org.rows("Group") + others < maker.numbers.groups {
        let Some(manager) = managers.next() else { break };
        made.managers.push(add(maker, None, "Manager", Some(manager.id)));
        if maker.org.rows("Group") + others < maker.numbers.groups {
            made.managers.push(add(maker, None, "ManagerAndSubordinatesInternal", Some(manager.id)));
        }
    }
    made
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

/// Groups in a ring and one in itself; groups of the org, of roles, territories and managers in groups and queues; a guest
/// and a partner.
fn odd_members(
    members: &mut Members,
    people: &[Person],
    technical: &Technical,
    public: &[RecordId],
    queues: &[RecordId],
) {
    for (group, member) in [(15, 16), (16, 17), (17, 15), (18, 18)] {
        members.add(public[group], public[member]);
    }
    let first = |of: &[RecordId], at: usize| of.get(at.min(of.len().saturating_sub(1))).copied();
    let (roles, by_rule) = (&technical.roles, &technical.rules);
    let contained = [
        // A queue of a role and its subordinates; of a role and the people below inside.
        (queues[0], first(roles, 1)),
        (queues[2], first(roles, 5)),
        (public[8], first(roles, 4)),
        (public[6], first(by_rule, 0)),
        (queues[1], first(by_rule, 0)),
        (public[7], first(by_rule, 1)),
        (public[9], first(by_rule, 2)),
        (public[11], first(by_rule, 3)),
        (public[14], first(&technical.territories, 0)),
        (queues[3], first(&technical.territories, 1)),
        (public[13], first(&technical.managers, 2)),
        (queues[4], first(&technical.managers, 5)),
    ];
    for (group, member) in contained {
        if let Some(member) = member {
            members.add(group, member);
        }
    }
    let guests = people.iter().filter(|person| person.guest).map(|person| (public[5], person.id)).take(1);
    let partners = people.iter().filter(|person| person.partner).map(|person| (public[4], person.id)).take(3);
    for (group, member) in guests.chain(partners) {
        members.add(group, member);
    }
}

/// Exactly as many rows as the shape has: chains of groups in groups first, then what is odd, then roles, then people.
fn members(maker: &mut Maker, people: &[Person], technical: &Technical, public: &[RecordId], queues: &[RecordId]) {
    let mut members = Members::default();
    let depth = maker.numbers.nesting;
    // The first groups form a chain of the full depth, each tenth group starts another.
    for start in (0..public.len().saturating_sub(depth)).step_by(10) {
        for link in public[start..start + depth].windows(2) {
            members.add(link[0], link[1]);
        }
    }
    odd_members(&mut members, people, technical, public, queues);
    // Roles in one group or queue of eight.
    for group in public.iter().chain(queues).skip(4).step_by(8) {
        if let Some(role) = maker.pick(&technical.roles) {
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
