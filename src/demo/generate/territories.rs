//! Territories: a model that is in force, one that is planned, one of last year, and who works where.

use super::names::{REGIONS, developer_name};
use super::people::Person;
use super::rows::Writer;
use super::{Maker, id};
use crate::demo::value::Cell;
use crate::salesforce::id::RecordId;

/// Name and state of the models; users are at work in the first.
const MODELS: [(&str, &str); 3] = [("FY26", "Active"), ("FY27", "Planning"), ("FY25", "Archived")];

const ROLES: [Option<&str>; 3] = [None, Some("Account Manager"), Some("Sales Representative")];

pub(super) struct Territory {
    pub(super) id: RecordId,
    pub(super) developer_name: String,
}

/// Models, territories and who is in them. Returns the territories of the model in force.
pub(super) fn territories(maker: &mut Maker, people: &[Person]) -> Vec<Territory> {
    let writer = Writer::new(&maker.org, "Territory2Model", &["Name", "DeveloperName", "State"]);
    for (number, (name, state)) in MODELS.iter().enumerate() {
        writer.add(&mut maker.org, id("0MA", number), [(*name).into(), (*name).into(), (*state).into()]);
    }
    let fields = ["Name", "DeveloperName", "Territory2ModelId", "ParentTerritory2Id"];
    let writer = Writer::new(&maker.org, "Territory2", &fields);
    let (active, other) = (maker.numbers.territories, maker.numbers.territories.div_ceil(2));
    let mut territories = Vec::new();
    for number in 0..active + 2 * other {
        let model = if number < active { 0 } else { 1 + (number - active) / other };
        let first = if model == 0 { 0 } else { active + (model - 1) * other };
        // The first four of a model form a chain, the others hang below one of them.
        let parent = match number - first {
            0 => None,
            at @ 1..4 => Some(first + at - 1),
            at => Some(first + at % 4),
        };
        let name = format!("{} {} {}", MODELS[model].0, REGIONS[number % 8], number - first + 1);
        let developer_name = developer_name(&name, number);
        let parent: Cell = parent.map(|parent| id("0MI", parent)).into();
        let values = [name.into(), developer_name.as_str().into(), id("0MA", model).into(), parent];
        writer.add(&mut maker.org, id("0MI", number), values);
        if model == 0 {
            territories.push(Territory { id: id("0MI", number), developer_name });
        }
    }
    associations(maker, people, active, active + 2 * other);
    territories
}

/// Sellers work in one territory or two; one in nine no more; the planned ones have people already.
fn associations(maker: &mut Maker, people: &[Person], active: usize, all: usize) {
    let fields = ["UserId", "Territory2Id", "RoleInTerritory2", "IsActive"];
    let writer = Writer::new(&maker.org, "UserTerritory2Association", &fields);
    let sellers = people.iter().filter(|person| !person.external && !person.system).step_by(4);
    let mut number = 0;
    for (at, person) in sellers.enumerate() {
        let second = active + at % (all - active);
        let wanted = [Some(at % active), (at % 3 == 0).then_some((at + 1) % active), (at % 5 == 0).then_some(second)];
        for territory in wanted.into_iter().flatten() {
            let role: Cell = ROLES[number % 3].into();
            let values = [person.id.into(), id("0MI", territory).into(), role, (number % 9 != 4).into()];
            writer.add(&mut maker.org, id("0MT", number), values);
            number += 1;
        }
    }
}
