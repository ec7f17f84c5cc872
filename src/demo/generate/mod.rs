//! Invented orgs: the same seed gives the same org on every run and every day.
//!
//! The sizes are those of companies from a small one to one with a portal for a million. Real orgs hold oddities that invented data usually
//! misses; all of them are in here:
//!
//! * users whose profile no query of `Profile` returns, without a `UserType`, without an email, with an address that
//!   they share, with names in other scripts, with quotes and line breaks ([`people`]);
//! * groups of roles and of managers, which have no name, two groups with one name, groups in groups, queues whose
//!   members are roles, groups without members, groups that contain each other or themselves, a guest in a group, roles
//!   that lack a group and a group whose role nobody sees ([`groups`]);
//! * permission sets that are owned by profiles or stand for groups of sets, muting sets, assignments through groups,
//!   expired ones, ones that will expire, and a few that are inactive for no visible reason; groups whose rights are out
//!   of date, licences that holders lack or that have run out ([`access`]);
//! * territories of a model in force and of others ([`territories`]), apps that admins approve and apps that users
//!   authorize themselves, agents, rights over all records of an object ([`apps`]).

mod access;
mod apps;
mod groups;
mod names;
mod people;
mod rows;
mod territories;

use fastrand::Rng;

use super::defaults::{self, CREATED, FIRST};
use super::error::DemoError;
use super::org::{Org, POD, id_on, numbered_id};
use crate::salesforce::id::RecordId;

/// How big an invented org is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// 200 users.
    Small,
    /// 5,000 users.
    Mid,
    /// 100,000 users.
    Large,
    /// 1,000,000 users.
    Huge,
}

impl Shape {
    /// All of them, the smallest first.
    pub const ALL: [Self; 4] = [Self::Small, Self::Mid, Self::Large, Self::Huge];

    /// What `--demo` calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Mid => "mid",
            Self::Large => "large",
            Self::Huge => "huge",
        }
    }
}

impl std::str::FromStr for Shape {
    type Err = DemoError;

    fn from_str(text: &str) -> Result<Self, DemoError> {
        let found = Self::ALL.into_iter().find(|shape| shape.name() == text);
        found.ok_or_else(|| DemoError::Shape(text.to_owned()))
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// The numbers of a shape: how many rows of each object.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    users: usize,
    /// Portal and community users among them; one in five.
    external: usize,
    /// Users who cannot log in any more; three in twenty.
    inactive: usize,
    /// Roles, and the roles of portal accounts among them.
    roles: usize,
    portal_roles: usize,
    depth: usize,
    groups: usize,
    /// Public groups and queues among the groups.
    public_groups: usize,
    queues: usize,
    guest_groups: usize,
    group_members: usize,
    /// How deep groups are nested in groups.
    nesting: usize,
    /// Profiles that `Profile` returns, and those that it does not.
    profiles: usize,
    hidden_profiles: usize,
    /// Permission sets that are neither owned by a profile nor stand for a group.
    permission_sets: usize,
    set_groups: usize,
    components: usize,
    /// Assignments beside those of the sets that profiles own.
    assignments: usize,
    /// Territories of the model in force.
    territories: usize,
}

impl Shape {
    const fn numbers(self) -> Numbers {
        match self {
            Self::Small => Numbers {
                users: 200,
                external: 40,
                inactive: 30,
                roles: 30,
                portal_roles: 4,
                depth: 5,
                groups: 175,
                public_groups: 28,
                queues: 12,
                guest_groups: 2,
                group_members: 800,
                nesting: 4,
                profiles: 12,
                hidden_profiles: 2,
                permission_sets: 60,
                set_groups: 5,
                components: 30,
                assignments: 720,
                territories: 8,
            },
            Self::Mid => Numbers {
                users: 5_000,
                external: 1_000,
                inactive: 750,
                roles: 300,
                portal_roles: 30,
                depth: 8,
                groups: 1_850,
                public_groups: 700,
                queues: 200,
                guest_groups: 2,
                group_members: 20_000,
                nesting: 4,
                profiles: 120,
                hidden_profiles: 4,
                permission_sets: 600,
                set_groups: 80,
                components: 600,
                assignments: 35_000,
                territories: 60,
            },
            Self::Large => Numbers {
                users: 100_000,
                external: 20_000,
                inactive: 15_000,
                roles: 3_000,
                portal_roles: 300,
                depth: 12,
                groups: 16_800,
                public_groups: 7_000,
                queues: 1_000,
                guest_groups: 2,
                group_members: 400_000,
                nesting: 6,
                profiles: 300,
                hidden_profiles: 5,
                permission_sets: 1_500,
                set_groups: 300,
                components: 3_000,
                assignments: 890_000,
                territories: 300,
            },
            Self::Huge => Numbers {
                users: 1_000_000,
                external: 200_000,
                inactive: 150_000,
                roles: 5_000,
                portal_roles: 1_500,
                depth: 12,
                groups: 27_000,
                public_groups: 9_000,
                queues: 1_000,
                guest_groups: 2,
                group_members: 300_000,
                nesting: 4,
                profiles: 300,
                hidden_profiles: 5,
                permission_sets: 1_500,
                set_groups: 300,
                components: 3_000,
                assignments: 5_000_000,
                territories: 300,
            },
        }
    }
}

/// The org under construction.
struct Maker {
    org: Org,
    rng: Rng,
    numbers: Numbers,
}

impl Maker {
    /// A datetime between two days that are counted from the org's making.
    fn day(&mut self, from: i64, to: i64) -> i64 {
        const DAY: i64 = 86_400_000;
        CREATED + self.rng.i64(from..to) * DAY + self.rng.i64(0..86_400) * 1_000
    }

    /// One of a list; the lists here are never empty.
    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        if from.is_empty() { None } else { from.get(self.rng.usize(0..from.len())).copied() }
    }
}

/// So many ids of an object follow each other.
const TOGETHER: u64 = 65_536;

/// How the further ids lie: so many in a block, and every so-many-th is in use. Orgs grow in leaps, move to other
/// instances, and delete.
const BLOCKS: [(u64, u64); 8] =
    [(40_000, 1), (7_000, 5), (180_000, 1), (25_000, 2), (1_000, 1_000), (300_000, 1), (60_000, 3), (387_000, 1)];

/// The id of the n-th invented record of an object, from 0. Ids grow with the number.
fn id(prefix: &str, number: usize) -> RecordId {
    let number = number as u64;
    let Some(mut rest) = number.checked_sub(TOGETHER) else { return numbered_id(prefix, FIRST + number) };
    let mut place = 0;
    let (length, step) = loop {
        let (length, step) = BLOCKS[place % BLOCKS.len()];
        if rest < length {
            break (length, step);
        }
        rest -= length;
        place += 1;
    };
    // Which of its neighbours is in use differs.
    let within = rest * step + rest * 7 % step;
    debug_assert!(within < length * step, "{number}");
    let (years, block) = (place / BLOCKS.len(), place % BLOCKS.len());
    id_on(POD + 97 * (years as u64 + 1), prefix, FIRST + 40_000_000 * block as u64 + within)
}

impl Org {
    /// Invents an org of the shape. The run-as user is an active standard user with the profile System Administrator.
    pub fn generate(shape: Shape, seed: u64) -> Self {
        Self::generate_with(shape, seed, 1)
    }

    /// Invents an org of the shape that has so many times as many assignments of permission sets.
    pub fn generate_with(shape: Shape, seed: u64, times: usize) -> Self {
        let mut org = Self::bare();
        defaults::fill_empty(&mut org);
        let mut numbers = shape.numbers();
        numbers.assignments *= times;
        let mut maker = Maker { org, rng: Rng::with_seed(seed), numbers };
        let profiles = people::profiles(&mut maker);
        let roles = people::roles(&mut maker);
        let people = people::users(&mut maker, &profiles, &roles);
        let territories = territories::territories(&mut maker, &people);
        groups::groups(&mut maker, &people, &roles, &territories);
        let sets = access::permission_sets(&mut maker);
        access::assignments(&mut maker, &people, &sets, &profiles);
        apps::apps(&mut maker, &people, &sets);
        maker.org
    }
}

#[cfg(test)]
mod tests;
