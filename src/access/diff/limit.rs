//! Why something is unknown, and how much of a comparison that affects.

use serde::Serialize;

use super::Which;

/// Why something is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is explained by its message")]
pub enum Code {
    Incomplete,
    SourceUnknown,
    NotRead,
    KindNotSynced,
    KindAbsent,
    NoGrants,
    GrantsAbsent,
    ExpandDiffers,
    DeactivatedLeftOut,
    UserTypesLeftOut,
    ManagerGroupsLeftOut,
    UsersMayBeInvisible,
    PrincipalsLeftOut,
    GroupNotVisible,
    ProfileHidden,
    MembersUnknown,
    RightsUnknown,
    ValidityUnknown,
    EmailsDiffer,
    FieldsLeftOut,
    FieldsDiffer,
}

impl Code {
    /// As it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "INCOMPLETE",
            Self::SourceUnknown => "SOURCE_UNKNOWN",
            Self::NotRead => "OBJECT_NOT_READ",
            Self::KindNotSynced => "KIND_NOT_SYNCED",
            Self::KindAbsent => "KIND_ABSENT",
            Self::NoGrants => "NO_GRANTS",
            Self::GrantsAbsent => "GRANTS_ABSENT",
            Self::ExpandDiffers => "EXPAND_DIFFERS",
            Self::DeactivatedLeftOut => "DEACTIVATED_USERS_LEFT_OUT",
            Self::UserTypesLeftOut => "USER_TYPES_LEFT_OUT",
            Self::ManagerGroupsLeftOut => "MANAGER_GROUPS_LEFT_OUT",
            Self::UsersMayBeInvisible => "USERS_MAY_BE_INVISIBLE",
            Self::PrincipalsLeftOut => "PRINCIPALS_LEFT_OUT",
            Self::GroupNotVisible => "PERMISSION_SET_GROUP_NOT_VISIBLE",
            Self::ProfileHidden => "PROFILE_HIDDEN",
            Self::MembersUnknown => "MEMBERS_UNKNOWN",
            Self::RightsUnknown => "RIGHTS_UNKNOWN",
            Self::ValidityUnknown => "VALIDITY_UNKNOWN",
            Self::EmailsDiffer => "USERNAME_AS_EMAIL_DIFFERS",
            Self::FieldsLeftOut => "FIELDS_LEFT_OUT",
            Self::FieldsDiffer => "FIELDS_DIFFER",
        }
    }
}

/// What was found in one document alone, or differently, and does not count as a difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Affected {
    /// Resources.
    pub resources: u64,
    /// Attributes of resources and grants.
    pub attributes: u64,
    /// Entitlements.
    pub entitlements: u64,
    /// Grants.
    pub grants: u64,
    /// Assignments that give nothing.
    pub inactive_assignments: u64,
}

impl Affected {
    /// Whether anything is.
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }
}

/// Something that a document does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Why.
    pub code: Code,
    /// The object or the kind.
    pub about: String,
    /// Why an object was not read.
    pub reason: Option<String>,
    /// Which document.
    pub which: Which,
    /// What it affects.
    pub affected: Affected,
}

impl Limit {
    pub(super) fn of(code: Code, about: &str) -> Self {
        Self { code, about: about.to_owned(), reason: None, which: Which::New, affected: Affected::default() }
    }

    /// For a person.
    pub fn message(&self) -> String {
        let (which, about) = (self.which.name(), &self.about);
        match self.code {
            Code::Incomplete => format!("the {which} document says that it is not complete, and not why"),
            Code::SourceUnknown => {
                format!("the {which} document is another program's, which does not tell what it did not read")
            }
            Code::NotRead => {
                let reason = self.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
                format!("the {which} document was made without reading {about}{reason}")
            }
            Code::KindNotSynced => format!("resources of type {about} were not asked for in the {which} document"),
            Code::KindAbsent => format!("the {which} document, another program's, has no resources of type {about}"),
            Code::NoGrants => format!("the {which} document was made without entitlements and grants"),
            Code::GrantsAbsent => {
                format!("the {which} document, another program's, has no grants on resources of type {about}")
            }
            Code::ExpandDiffers => "the documents do not follow grants equally far to the users who hold them through \
                                    others (--expand): direct grants alone are compared"
                .to_owned(),
            Code::DeactivatedLeftOut => format!("the {which} document leaves out deactivated users"),
            Code::UserTypesLeftOut => format!("the {which} document leaves out users of other types than Standard"),
            Code::ManagerGroupsLeftOut => format!("the {which} document leaves out the groups of managers"),
            Code::UsersMayBeInvisible => {
                format!("users may have been invisible to the user who read the {which} document")
            }
            Code::PrincipalsLeftOut => {
                format!("the {which} document leaves out grants to users or groups that it could not list")
            }
            Code::GroupNotVisible => {
                "permission set groups that Salesforce did not show stand in a document as permission sets".to_owned()
            }
            Code::ProfileHidden => format!("Salesforce did not show the profiles of users in the {which} document"),
            Code::MembersUnknown => format!("not all members of groups are known in the {which} document"),
            Code::RightsUnknown => {
                format!("the rights of permission sets and profiles are not known in the {which} document")
            }
            Code::ValidityUnknown => {
                format!("which assignments had expired is not known in the {which} document")
            }
            Code::EmailsDiffer => "only one of the documents has usernames in the place of emails \
                                   (--username-as-email): the accounts' emails are not compared"
                .to_owned(),
            Code::FieldsDiffer => {
                format!("fields of {about} that decide who holds what could be read for one of the documents alone")
            }
            Code::FieldsLeftOut => format!("fields of {about} could not be read for the {which} document"),
        }
    }
}

/// All that is not told, each once.
#[derive(Debug, Default)]
pub(super) struct Limits(Vec<Limit>);

impl Limits {
    /// Adds one; what it affects can be counted on what comes back.
    pub(super) fn note(&mut self, limit: Limit, which: Which) -> &mut Affected {
        let is_it = |other: &Limit| (other.code, &*other.about, other.which) == (limit.code, &*limit.about, which);
        let at = self.0.iter().position(is_it).unwrap_or(self.0.len());
        if at == self.0.len() {
            self.0.push(Limit { which, ..limit });
        }
        &mut self.0[at].affected
    }

    /// All of them, those of the old document first.
    pub(super) fn finish(mut self) -> Vec<Limit> {
        self.0.sort_by(|one, other| (one.which, one.code, &one.about).cmp(&(other.which, other.code, &other.about)));
        self.0
    }
}
