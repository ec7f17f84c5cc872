//! Which of many things are wanted.

use super::find::{FindError, ThingQuery, UserQuery, looks_like_an_id};
use super::index::Resource;
use crate::model::Status;

/// Users as a person typed them: one by his id, or all whose username, email address or name it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    text: String,
    query: WhoQuery,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum WhoQuery {
    Id(String),
    /// In small letters.
    Name(String),
}

impl Who {
    /// Reads it.
    ///
    /// # Errors
    /// Where it is an id that cannot be, or nothing.
    pub fn parse(text: &str) -> Result<Self, FindError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FindError::Invalid { flag: "user", message: "a name or an id is missing".to_owned() });
        }
        let query = if text.starts_with("user:") || looks_like_an_id(text) {
            WhoQuery::Id(UserQuery::parse(text)?.text().to_owned())
        } else {
            WhoQuery::Name(text.to_lowercase())
        };
        Ok(Self { text: text.to_owned(), query })
    }

    /// Whether it means this resource.
    pub fn fits(&self, resource: &Resource) -> bool {
        let Some(person) = resource.person() else { return false };
        match &self.query {
            WhoQuery::Id(id) => resource.id == id,
            WhoQuery::Name(name) => {
                let is_it = |other: &str| other.to_lowercase() == *name;
                is_it(&resource.name) || person.username.iter().chain(&person.emails).any(|other| is_it(other))
            }
        }
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The state of a user, as far as a document tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The account can be used.
    Enabled,
    /// It cannot, for whatever reason.
    Disabled,
    /// It was deactivated.
    Inactive,
    /// Its logins are frozen.
    Frozen,
    /// The document does not tell.
    Unknown,
}

impl Standing {
    /// All of them, by name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("enabled", Self::Enabled),
        ("disabled", Self::Disabled),
        ("inactive", Self::Inactive),
        ("frozen", Self::Frozen),
        ("unknown", Self::Unknown),
    ];

    /// The one with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(other, _)| *other == name).map(|(_, standing)| standing)
    }

    fn fits(self, status: Option<Status>) -> bool {
        match status {
            None => self == Self::Unknown,
            Some(Status::Enabled) => self == Self::Enabled,
            Some(Status::Inactive) => matches!(self, Self::Inactive | Self::Disabled),
            Some(Status::Frozen) => matches!(self, Self::Frozen | Self::Disabled),
        }
    }
}

/// What is wanted; what is not set does not matter.
#[derive(Debug, Default)]
pub struct Filter {
    /// Of what is held, or of what is listed: its type.
    pub kind: Option<String>,
    /// Who holds it, or is listed.
    pub user: Option<Who>,
    /// What is held or listed: all of these.
    pub things: Vec<ThingQuery>,
    /// Of who holds it or is listed: the state.
    pub standing: Option<Standing>,
    /// What stands in a name or an id, in small letters.
    pub search: Option<String>,
}

impl Filter {
    /// Whether a resource is to be listed.
    pub fn lists(&self, resource: &Resource) -> bool {
        self.holder(resource) && self.held(resource, None) && self.finds(resource)
    }

    /// Whether a resource may be who holds something. What is searched for is another question.
    pub fn holder(&self, resource: &Resource) -> bool {
        self.user.as_ref().is_none_or(|user| user.fits(resource))
            && self.standing.is_none_or(|standing| resource.person().is_some_and(|_| standing.fits(resource.status())))
    }

    /// Whether a resource may be what is held, or its entitlement with this id.
    pub fn held(&self, resource: &Resource, entitlement: Option<&str>) -> bool {
        self.kind.as_ref().is_none_or(|kind| resource.kind == kind)
            && self.things.iter().all(|thing| thing.fits(resource, entitlement))
    }

    /// Whether what is searched for stands in a name or in the id of a resource; also where nothing is searched for.
    pub fn finds(&self, resource: &Resource) -> bool {
        if self.search.is_none() {
            return true;
        }
        let person = resource.person();
        let names = person.into_iter().flat_map(|person| person.username.iter().chain(&person.emails));
        [&*resource.name, &*resource.id].into_iter().any(|text| self.finds_in(text))
            || resource.api_name.iter().chain(names).any(|text| self.finds_in(text))
    }

    /// Whether what is searched for stands in a text; also where nothing is searched for.
    pub fn finds_in(&self, text: &str) -> bool {
        self.search.as_ref().is_none_or(|wanted| text.to_lowercase().contains(wanted.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Names;
    use super::*;

    const ID: &str = "0055f000000AAALAA4";

    fn names() -> Names {
        let mut names = Names::default();
        for text in [
            r#"{"id":{"resourceType":"user","resource":"0055f000000AAALAA4"},"displayName":"Ōkubo Ida","annotations":[
                {"@type":"x.UserTrait","emails":[{"address":"Ida@mail.example"}],"login":"ida@acme.example",
                "status":{"status":"STATUS_DISABLED","details":"frozen"}}]}"#,
            r#"{"id":{"resourceType":"user","resource":"0055f000000AAAMAA4"},"displayName":"Bo","annotations":[
                {"@type":"x.UserTrait"}]}"#,
            r#"{"id":{"resourceType":"group","resource":"00G5f000000AAABEA4"},"displayName":"Ōkubo Ida","annotations":[
                {"@type":"x.GroupTrait","profile":{"developer_name":"Okubo_Fans"}}]}"#,
        ] {
            names.add(&serde_json::from_str(text).unwrap());
        }
        names
    }

    fn listed(filter: &Filter) -> Vec<u32> {
        (0..).zip(&names().resources).filter(|(_, resource)| filter.lists(resource)).map(|(n, _)| n).collect()
    }

    #[test]
    fn users_are_meant_by_id_username_email_and_name() {
        for text in [ID, &ID[..15], "user:0055f000000AAAL", " IDA@acme.example", "ida@MAIL.example", "ōkubo ida"] {
            let filter = Filter { user: Some(Who::parse(text).unwrap()), ..Filter::default() };
            assert_eq!(listed(&filter), [0], "{text}");
        }
        for text in ["", "  ", "0055f000000AAALAA5", "00G5f000000AAABEA4", "user:ida"] {
            assert!(matches!(Who::parse(text), Err(FindError::Invalid { flag: "user", .. })), "{text}");
        }
        assert_eq!(listed(&Filter { user: Some(Who::parse("Ida").unwrap()), ..Filter::default() }), [0; 0]);
    }

    #[test]
    fn what_is_not_set_does_not_matter_and_all_that_is_set_must_fit() {
        assert_eq!(listed(&Filter::default()), [0, 1, 2]);
        let kind = |kind: &str| Filter { kind: Some(kind.to_owned()), ..Filter::default() };
        assert_eq!(
            (listed(&kind("user")), listed(&kind("group")), listed(&kind("role"))),
            (vec![0, 1], vec![2], vec![])
        );
        let standing = |standing| listed(&Filter { standing: Some(standing), ..Filter::default() });
        assert_eq!((standing(Standing::Frozen), standing(Standing::Disabled)), (vec![0], vec![0]));
        assert_eq!((standing(Standing::Unknown), standing(Standing::Enabled)), (vec![1], vec![]));
        let search = |text: &str| Filter { search: Some(text.to_owned()), ..Filter::default() };
        assert_eq!(listed(&search("ōkubo")), [0, 2]);
        assert_eq!(
            (listed(&search("_fans")), listed(&search("aaam")), listed(&search("mail.ex"))),
            (vec![2], vec![1], vec![0])
        );
        assert_eq!(listed(&Filter { kind: Some("group".to_owned()), ..search("ōkubo") }), [2]);
        let thing = |text: &str| ThingQuery::parse("resource", text).unwrap();
        let things = |texts: &[&str]| Filter { things: texts.iter().map(|t| thing(t)).collect(), ..Filter::default() };
        assert_eq!(listed(&things(&["okubo_fans"])), [2]);
        assert_eq!(listed(&things(&["00G5f000000AAAB", "group:ŌKUBO IDA"])), [2]);
        assert_eq!(listed(&things(&["okubo_fans", "role:Okubo_Fans"])), [0; 0]);
    }

    #[test]
    fn entitlements_are_meant_by_their_id() {
        let thing = ThingQuery::parse("entitlement", "group:00G5f000000AAABEA4:member").unwrap();
        let (names, filter) = (names(), Filter { things: vec![thing], ..Filter::default() });
        assert!(filter.held(&names.resources[2], Some("group:00G5f000000AAABEA4:member")));
        assert!(!filter.held(&names.resources[2], Some("group:00G5f000000AAABEA4:owner")));
        assert!(!filter.held(&names.resources[2], None));
    }
}
