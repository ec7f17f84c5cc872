//! Groups whose members no row names: the rule, asked of one user.

use super::index::{Index, Person};
use crate::model::Status;

/// Who belongs to a group by its rule. All rules are over active users; those who are frozen are active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// All users of these types.
    Types(&'static [&'static str]),
    /// The user that the group is related to.
    Related,
    /// The managers of that user, and theirs.
    Managers,
    /// That user and all whose manager he is, directly or through others.
    Team,
    /// A rule that this version does not know.
    Other,
}

impl Rule {
    /// By the attribute `membership_rule`.
    pub fn parse(name: &str) -> Self {
        match name {
            "active_standard_users" => Self::Types(&["Standard"]),
            "active_customer_portal_users" => Self::Types(&["CustomerSuccess", "PowerCustomerSuccess"]),
            "active_partner_users" => Self::Types(&["PowerPartner"]),
            "related_user" => Self::Related,
            "managers_of_related_user" => Self::Managers,
            "related_user_and_subordinates" => Self::Team,
            _ => Self::Other,
        }
    }

    /// Whether it follows from who manages whom.
    pub const fn is_of_managers(self) -> bool {
        matches!(self, Self::Managers | Self::Team)
    }

    /// What it says, after “all” or “by its rule:”.
    pub fn words(self) -> String {
        match self {
            Self::Types(types) => format!("active users of type {}", types.join(" or ")),
            Self::Related => "the site's guest user".to_owned(),
            Self::Managers => "the managers of a user, and theirs".to_owned(),
            Self::Team => "a user, and all whose manager he is, directly or not".to_owned(),
            Self::Other => "a rule that this version does not know".to_owned(),
        }
    }

    /// Whether a user belongs to a group that is related to another; `None` where the document does not tell.
    pub fn includes(self, index: &Index, user: u32, related: Option<&str>) -> Option<bool> {
        if index.person(user)?.status == Status::Inactive {
            return Some(false);
        }
        self.would_include(index, user, related)
    }

    /// The same, if he were active.
    pub fn would_include(self, index: &Index, user: u32, related: Option<&str>) -> Option<bool> {
        let person = index.person(user)?;
        let is_of = |types: &[&str]| {
            let user_type = person.user_type.as_deref()?;
            Some(types.iter().any(|of| of.eq_ignore_ascii_case(user_type)))
        };
        let id = &*index.resource(user).id;
        match self {
            // Whether Chatter-only users are among all internal users is not documented: no grant, and no *no* either.
            Self::Types(["Standard"]) if is_of(&["CsnOnly"]) == Some(true) => None,
            Self::Types(types) => is_of(types),
            Self::Related => Some(related? == id),
            Self::Managers | Self::Team => {
                // Few belong to other types; whoever does is no member, whoever manages him.
                if !is_of(&["Standard", "CsnOnly"])? {
                    return Some(false);
                }
                let related = related?;
                if self == Self::Managers {
                    if related == id { Some(false) } else { is_above(index, id, related) }
                } else if related == id {
                    Some(true)
                } else {
                    is_above(index, related, id)
                }
            }
            Self::Other => None,
        }
    }
}

/// Whether `manager` is above `user`; `None` where somebody between them is not in the document.
fn is_above(index: &Index, manager: &str, user: &str) -> Option<bool> {
    let mut seen: Vec<u32> = Vec::new();
    let mut at = index.find("user", user)?;
    loop {
        let Some(Person { manager: Some(next), .. }) = index.person(at) else { return Some(false) };
        if **next == *manager {
            return Some(true);
        }
        seen.push(at);
        at = index.find("user", next)?;
        if seen.contains(&at) {
            return Some(false);
        }
    }
}
