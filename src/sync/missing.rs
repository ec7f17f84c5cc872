//! What rows name and its own query did not list: looked up at the end, so that it can be said why.
//!
//! A principal that is not there leaves out a grant, which is counted with its reason. Something held that is not there
//! and cannot be found either proves that the user does not see all of an object: the document is not complete.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;

use super::error::Error;
use super::read::reason;
use crate::connector::people::Class;
use crate::connector::{self, LeftOutReason, Missing, Notes, Options, WarningCode, users};
use crate::model::ResourceKind;
use crate::model::document::NotRead;
use crate::salesforce::soql::{Condition, Literal, Name, Select};
use crate::salesforce::{self, Client, RecordId};

/// No more are looked up.
const MOST: usize = 1000;
/// Ids in one query: about 10 kB of URL, of the 16 kB that Salesforce takes.
const BATCH: usize = 350;

/// The objects that ids lead to, by their key prefix.
const OBJECTS: [(&str, ResourceKind, &str); 9] = [
    ("005", ResourceKind::User, "User"),
    ("00G", ResourceKind::Group, "Group"),
    ("00E", ResourceKind::Role, "UserRole"),
    ("0PS", ResourceKind::Permission, "PermissionSet"),
    ("0PG", ResourceKind::PermissionSetGroup, "PermissionSetGroup"),
    ("00e", ResourceKind::Profile, "Profile"),
    ("0MI", ResourceKind::Territory, "Territory2"),
    ("0H4", ResourceKind::ConnectedApplication, "ConnectedApplication"),
    ("0PL", ResourceKind::PermissionSetLicense, "PermissionSetLicense"),
];

/// Collects what was not listed, with the number of grants that each costs.
#[derive(Debug)]
pub(crate) struct Book {
    kinds: Vec<ResourceKind>,
    grants: BTreeMap<Missing, u64>,
    excluded: u64,
    beyond: u64,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    id: RecordId,
    #[serde(default)]
    user_type: Option<String>,
    #[serde(default)]
    is_active: Option<bool>,
}

impl Book {
    pub(crate) fn new(options: &Options) -> Self {
        let kinds = options.kinds.iter().copied().collect();
        Self { kinds, grants: BTreeMap::new(), excluded: 0, beyond: 0 }
    }

    /// Notes that a grant is left out for this.
    pub(crate) fn add(&mut self, missing: Missing) {
        let object = object_of(missing);
        if object.is_some_and(|(_, kind, _)| !self.kinds.contains(kind)) {
            self.excluded += 1;
            return;
        }
        *self.grants.entry(missing).or_default() += 1;
        // The smallest ids are kept, so that two runs over the same org say the same.
        if self.grants.len() > MOST
            && let Some((_, count)) = self.grants.pop_last()
        {
            self.beyond += count;
        }
    }

    /// Looks all up, counts the grants that are left out by the reason for it, and gives back what that proves to be
    /// missing from the document.
    pub(crate) async fn resolve(
        self,
        client: &Client,
        options: &Options,
        notes: &mut Notes,
    ) -> Result<Vec<NotRead>, Error> {
        if self.beyond > 0 {
            notes.warn_once(WarningCode::PrincipalsNotLookedUp);
            notes.leave_out_grants(LeftOutReason::PrincipalNotListed, self.beyond);
        }
        notes.leave_out_grants(LeftOutReason::PrincipalExcludedByOption, self.excluded);
        let mut not_read = Vec::new();
        for entry @ (_, _, object) in &OBJECTS {
            let mut ids: Vec<_> =
                self.grants.keys().filter(|missing| object_of(**missing) == Some(entry)).map(|m| id_of(*m)).collect();
            ids.dedup();
            let mut found = Vec::new();
            for batch in ids.chunks(BATCH) {
                found.extend(look_up(client, object, batch).await?);
            }
            let mut invisible = 0;
            for (missing, count) in self.grants.iter().filter(|(missing, _)| object_of(**missing) == Some(entry)) {
                let id = id_of(*missing);
                let user_type = found.iter().find(|found| found.id == id).and_then(|user| user.user_type.as_deref());
                if Class::of(user_type) == Class::Guest {
                    notes.warn(WarningCode::GuestInGroup, id);
                }
                let reason = match (missing, found.iter().find(|found| found.id == id)) {
                    (_, Some(user)) if *object == "User" && !is_wanted(user, options) => {
                        LeftOutReason::PrincipalExcludedByOption
                    }
                    (_, Some(_)) => LeftOutReason::ChangedDuringRead,
                    (Missing::Principal(_), None) => LeftOutReason::PrincipalNotVisible,
                    (Missing::Entitlement(_), None) => {
                        notes.warn(WarningCode::EntitlementNotVisible, id);
                        invisible += count;
                        LeftOutReason::EntitlementNotVisible
                    }
                };
                notes.leave_out_grants(reason, *count);
            }
            if invisible > 0 {
                not_read.push(NotRead {
                    object: (*object).to_owned(),
                    reason: "VISIBILITY_LIMITED",
                    required: true,
                    message: format!("rows of other objects name records of {object} that are not visible to the user"),
                    consequence: format!("{invisible} grants are not in the document."),
                });
            }
        }
        for (missing, count) in self.grants.iter().filter(|(missing, _)| object_of(**missing).is_none()) {
            notes.leave_out_grants(
                match missing {
                    Missing::Principal(_) => LeftOutReason::PrincipalNotVisible,
                    Missing::Entitlement(_) => LeftOutReason::EntitlementNotVisible,
                },
                *count,
            );
        }
        Ok(not_read)
    }
}

fn id_of(missing: Missing) -> RecordId {
    match missing {
        Missing::Principal(id) | Missing::Entitlement(id) => id,
    }
}

fn object_of(missing: Missing) -> Option<&'static (&'static str, ResourceKind, &'static str)> {
    let id = id_of(missing);
    OBJECTS.iter().find(|(prefix, ..)| *prefix == id.key_prefix())
}

fn is_wanted(user: &Found, options: &Options) -> bool {
    users::is_wanted(options, user.user_type.as_deref(), user.is_active.unwrap_or(true))
}

async fn look_up(client: &Client, object: &str, ids: &[RecordId]) -> Result<Vec<Found>, Error> {
    let fields: &[&str] = if object == "User" { &["Id", "UserType", "IsActive"] } else { &["Id"] };
    let names: Vec<Name> = fields.iter().map(|field| connector::name(field)).collect();
    let ids = ids.iter().map(|id| Literal::Id(*id)).collect();
    let select = Select::rows(connector::name(object), names).filter(vec![Condition::In(connector::name("Id"), ids)]);
    match client.query(object, &select.to_string()).into_rows().try_collect().await {
        // An object that cannot be read shows nothing.
        Err(salesforce::Error::Api(refusal)) if reason(&refusal).is_some() => Ok(Vec::new()),
        other => other.map_err(Error::read(object, None)),
    }
}
