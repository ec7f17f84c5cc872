//! The users in the document, as far as groups that have members by rule ask.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{IdMap, Options};
use crate::salesforce::RecordId;

/// What kind of user somebody is, by `UserType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `Standard`: an employee.
    Standard,
    /// `CsnOnly`: an employee who can use Chatter alone.
    ChatterOnly,
    /// `CustomerSuccess`, `PowerCustomerSuccess`: a customer. High-volume ones (`CspLitePortal`) are not among them.
    Customer,
    /// `PowerPartner`: a partner.
    Partner,
    /// `Guest`: whoever looks at a site without logging in.
    Guest,
    /// Anybody else.
    Other,
}

impl Class {
    /// Of a `UserType`; Salesforce spells them in more than one way.
    pub fn of(user_type: Option<&str>) -> Self {
        let is = |name: &str| user_type.is_some_and(|user_type| user_type.eq_ignore_ascii_case(name));
        if is("Standard") {
            Self::Standard
        } else if is("CsnOnly") {
            Self::ChatterOnly
        } else if is("CustomerSuccess") || is("PowerCustomerSuccess") {
            Self::Customer
        } else if is("PowerPartner") {
            Self::Partner
        } else if is("Guest") {
            Self::Guest
        } else {
            Self::Other
        }
    }
}

/// Who belongs to a group although no row says so. All rules are over active users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// All of a class.
    Every(Class),
    /// One user.
    One(RecordId),
    /// The managers of a user, and theirs.
    ManagersOf(RecordId),
    /// A user and all whose manager he is, directly or through others.
    Team(RecordId),
}

impl Rule {
    /// Whether the users whom the options leave out cannot be among those.
    pub fn is_known(self, options: &Options) -> bool {
        match self {
            Self::Every(class) => class == Class::Standard || options.sync_non_standard_users,
            // A chain that is whole needs nobody else; who is missing from it is found out.
            Self::One(_) | Self::ManagersOf(_) => true,
            // Chatter-only users have managers, too.
            Self::Team(_) => options.sync_non_standard_users,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Person {
    class: Class,
    is_active: bool,
}

/// The users in the document. Each has a number, in the order in which they came.
#[derive(Debug, Default)]
pub struct People {
    numbers: IdMap<u32>,
    persons: Vec<Person>,
    /// The manager of each; empty where nobody asks.
    managers: Vec<Option<RecordId>>,
}

/// Who belongs to a group by its rule.
#[derive(Debug, PartialEq, Eq)]
pub struct ByRule {
    /// Their numbers.
    pub members: Vec<u32>,
    /// Whether a user whom the rule names is not in the document.
    pub is_missing_some: bool,
}

impl People {
    /// Adds a user.
    pub fn add(&mut self, id: RecordId, class: Class, is_active: bool) {
        let number = u32::try_from(self.persons.len()).unwrap_or(u32::MAX);
        self.numbers.insert(id, number);
        self.persons.push(Person { class, is_active });
    }

    /// Notes the manager of the user added last.
    pub fn set_manager(&mut self, manager: Option<RecordId>) {
        self.managers.resize(self.persons.len(), None);
        if let Some(last) = self.managers.last_mut() {
            *last = manager;
        }
    }

    /// A user's number.
    pub fn number(&self, id: RecordId) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    /// Whether a user is in the document.
    pub fn contains(&self, id: RecordId) -> bool {
        self.numbers.contains_key(&id)
    }

    /// The kind of a user.
    pub fn class(&self, id: RecordId) -> Option<Class> {
        Some(self.persons[self.number(id)? as usize].class)
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty()
    }

    /// All ids, each with its number.
    pub fn ids(&self) -> impl Iterator<Item = (RecordId, u32)> {
        self.numbers.iter().map(|(id, number)| (*id, *number))
    }

    /// Who reports to whom, by number.
    pub fn teams(&self) -> Teams {
        let mut teams = Teams::default();
        for (number, manager) in (0..).zip(&self.managers) {
            let Some(manager) = manager else { continue };
            match self.number(*manager) {
                Some(manager) => teams.reports.entry(manager).or_default().push(number),
                None => teams.has_unlisted_managers = true,
            }
        }
        teams
    }

    /// Who belongs to a group by its rule.
    pub fn by_rule(&self, rule: Rule, teams: &Teams) -> ByRule {
        let mut is_missing_some = false;
        let mut one = |id: RecordId| {
            let number = self.number(id);
            is_missing_some |= number.is_none();
            number
        };
        let mut members: Vec<u32> = match rule {
            Rule::Every(class) => {
                let of_class = (0..).zip(&self.persons).filter(|(_, person)| person.class == class);
                of_class.map(|(number, _)| number).collect()
            }
            Rule::One(id) => one(id).into_iter().collect(),
            Rule::ManagersOf(id) => {
                let mut chain = Vec::new();
                let start = one(id);
                let mut next = start.and_then(|start| self.manager(start)).and_then(&mut one);
                // Managers may manage each other; the user himself is not his own manager.
                while let Some(manager) = next.filter(|manager| Some(*manager) != start && !chain.contains(manager)) {
                    chain.push(manager);
                    next = self.manager(manager).and_then(&mut one);
                }
                chain
            }
            Rule::Team(id) => {
                let mut team: Vec<u32> = one(id).into_iter().collect();
                let mut known: std::collections::HashSet<u32, RandomState> = team.iter().copied().collect();
                let mut at = 0;
                while at < team.len() {
                    let reports = teams.reports.get(&team[at]).map(Vec::as_slice).unwrap_or_default();
                    team.extend(reports.iter().filter(|report| known.insert(**report)));
                    at += 1;
                }
                is_missing_some |= teams.has_unlisted_managers;
                team
            }
        };
        let is_internal = matches!(rule, Rule::ManagersOf(_) | Rule::Team(_));
        members.retain(|number| {
            let Person { class, is_active } = self.persons[*number as usize];
            is_active && (!is_internal || matches!(class, Class::Standard | Class::ChatterOnly))
        });
        ByRule { members, is_missing_some }
    }

    fn manager(&self, number: u32) -> Option<RecordId> {
        self.managers.get(number as usize).copied().flatten()
    }
}

/// Who reports to whom.
#[derive(Debug, Default)]
pub struct Teams {
    reports: HashMap<u32, Vec<u32>, RandomState>,
    /// Whether somebody's manager is not in the document: he may be in anybody's team, and so may be those below him.
    has_unlisted_managers: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: char) -> RecordId {
        RecordId::parse(&format!("0055f000001AAA{n}")).unwrap()
    }

    /// A manages B, who manages C and D; E manages himself through F. D cannot log in any more.
    fn people() -> People {
        let mut people = People::default();
        for (user, class, is_active, manager) in [
            ('A', Class::Standard, true, None),
            ('B', Class::Standard, true, Some('A')),
            ('C', Class::ChatterOnly, true, Some('B')),
            ('D', Class::Standard, false, Some('B')),
            ('E', Class::Standard, true, Some('F')),
            ('F', Class::Standard, true, Some('E')),
            ('G', Class::Partner, true, Some('A')),
            ('H', Class::Standard, true, Some('Z')),
        ] {
            people.add(id(user), class, is_active);
            people.set_manager(manager.map(id));
        }
        people
    }

    fn by_rule(rule: Rule) -> (String, bool) {
        let people = people();
        let ByRule { members, is_missing_some } = people.by_rule(rule, &people.teams());
        (members.iter().map(|number| char::from(b'A' + u8::try_from(*number).unwrap())).collect(), is_missing_some)
    }

    #[test]
    fn a_rule_names_active_users_alone() {
        assert_eq!(by_rule(Rule::Every(Class::Standard)).0, "ABEFH");
        assert_eq!(by_rule(Rule::Every(Class::Partner)).0, "G");
        assert_eq!(by_rule(Rule::Every(Class::Customer)).0, "");
        assert_eq!(by_rule(Rule::One(id('A'))), ("A".to_owned(), false));
        assert_eq!(by_rule(Rule::One(id('D'))), (String::new(), false));
        assert_eq!(by_rule(Rule::One(id('Z'))), (String::new(), true));
    }

    #[test]
    fn managers_are_above_and_teams_below_in_cycles_too() {
        assert_eq!(by_rule(Rule::ManagersOf(id('C'))).0, "BA");
        assert_eq!(by_rule(Rule::ManagersOf(id('E'))).0, "F");
        assert_eq!(by_rule(Rule::ManagersOf(id('H'))), (String::new(), true));
        assert_eq!(by_rule(Rule::Team(id('A'))), ("ABC".to_owned(), true));
        assert_eq!(by_rule(Rule::Team(id('E'))).0, "EF");
    }

    #[test]
    fn user_types_are_compared_without_case() {
        assert_eq!(Class::of(Some("STANDARD")), Class::Standard);
        assert_eq!(Class::of(Some("powerCustomerSuccess")), Class::Customer);
        assert_eq!(Class::of(Some("CSPLitePortal")), Class::Other);
        assert_eq!(Class::of(None), Class::Other);
    }
}
