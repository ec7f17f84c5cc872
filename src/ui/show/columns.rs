//! What can be listed, and which columns that has. The names of columns are those of CSV too: they stay as they are.

use super::super::table::{CellLook, Column};

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// Users.
    Users,
    /// Resources of all types.
    Resources,
    /// Entitlements.
    Entitlements,
    /// Grants.
    Grants,
    /// Assignments that give nothing.
    Inactive,
    /// Types of resources, with counts.
    Types,
}

impl What {
    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Users, Self::Resources, Self::Entitlements, Self::Grants, Self::Inactive, Self::Types];

    /// As it is typed.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Resources => "resources",
            Self::Entitlements => "entitlements",
            Self::Grants => "grants",
            Self::Inactive => "inactive",
            Self::Types => "types",
        }
    }

    /// The one with this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.name() == name)
    }

    /// What one and several of them are called.
    pub(crate) const fn nouns(self) -> (&'static str, &'static str) {
        match self {
            Self::Users => ("user", "users"),
            Self::Resources => ("resource", "resources"),
            Self::Entitlements => ("entitlement", "entitlements"),
            Self::Grants => ("grant", "grants"),
            Self::Inactive => ("inactive assignment", "inactive assignments"),
            Self::Types => ("type", "types"),
        }
    }

    /// The columns, in the order of a row's cells.
    pub(crate) const fn columns(self) -> &'static [Column] {
        match self {
            Self::Users => USERS,
            Self::Resources => RESOURCES,
            Self::Entitlements => ENTITLEMENTS,
            Self::Grants => GRANTS,
            Self::Inactive => INACTIVE,
            Self::Types => TYPES,
        }
    }
}

const fn text(name: &'static str, rank: u8) -> Column {
    Column { name, rank: Some(rank), look: CellLook::Text }
}

const fn whole(name: &'static str, rank: u8) -> Column {
    Column { name, rank: Some(rank), look: CellLook::Whole }
}

const fn count(name: &'static str) -> Column {
    Column { name, rank: Some(0), look: CellLook::Number }
}

const fn csv_alone(name: &'static str) -> Column {
    Column { name, rank: None, look: CellLook::Text }
}

const USERS: &[Column] = &[
    whole("id", 0),
    text("name", 0),
    text("username", 0),
    whole("status", 1),
    text("email", 3),
    whole("user_type", 2),
    whole("last_login", 4),
];

const RESOURCES: &[Column] = &[
    whole("type", 0),
    whole("id", 0),
    text("name", 0),
    text("api_name", 1),
    csv_alone("parent_type"),
    csv_alone("parent_id"),
    text("description", 2),
];

const ENTITLEMENTS: &[Column] = &[
    whole("id", 0),
    text("name", 0),
    csv_alone("slug"),
    csv_alone("resource_type"),
    csv_alone("resource_id"),
    csv_alone("resource_name"),
    text("description", 1),
];

const GRANTS: &[Column] = &[
    csv_alone("principal_type"),
    whole("principal_id", 1),
    text("principal_name", 0),
    text("username", 3),
    whole("status", 7),
    whole("resource_type", 4),
    whole("resource_id", 2),
    text("resource_name", 0),
    csv_alone("slug"),
    csv_alone("entitlement_id"),
    whole("how", 0),
    whole("expires_at", 5),
    whole("condition", 6),
    text("through", 8),
    csv_alone("through_ids"),
    csv_alone("assigned_at"),
    csv_alone("assigned_by_policy"),
    csv_alone("partial"),
    csv_alone("stale"),
    csv_alone("muted_rights"),
    csv_alone("direct_expires_at"),
    csv_alone("direct_condition"),
];

const INACTIVE: &[Column] = &[
    csv_alone("principal_type"),
    whole("principal_id", 1),
    text("principal_name", 0),
    text("username", 4),
    whole("status", 7),
    whole("resource_type", 5),
    whole("resource_id", 2),
    text("resource_name", 0),
    csv_alone("slug"),
    csv_alone("entitlement_id"),
    whole("reason", 0),
    whole("expired_at", 3),
    whole("assigned_at", 6),
];

const TYPES: &[Column] =
    &[whole("type", 0), text("name", 0), count("resources"), count("entitlements"), count("grants"), count("inactive")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_names_of_their_own_and_some_always_stay() {
        for what in What::ALL {
            assert_eq!(What::parse(what.name()), Some(what));
            let columns = what.columns();
            let mut names: Vec<_> = columns.iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), columns.len(), "{what:?}");
            assert!(columns.iter().any(|column| column.rank == Some(0)), "{what:?}");
        }
    }
}
