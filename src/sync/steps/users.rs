//! The second step: users.

use std::collections::HashSet;
use std::hash::BuildHasher;

use futures_util::TryStreamExt;

use super::super::ask::VIEW_USERS;
use super::super::error::Error;
use super::super::read::Pending;
use super::{Listed, Steps, must_have_rows};
use crate::connector::people::{Class, People};
use crate::connector::{IdSet, WarningCode, users};
use crate::model::{ResourceKind, Status};
use crate::salesforce::RecordId;
use crate::salesforce::objects::{User, UserCountRow};

/// The users in the document.
#[derive(Default)]
pub(super) struct Users {
    pub(super) people: People,
    pub(super) inactive: IdSet,
    pub(super) frozen: IdSet,
}

impl Steps {
    pub(super) async fn take_users(&self, asked: Option<Pending>, listed: &Listed) -> Result<Users, Error> {
        let Users { mut people, mut inactive, mut frozen } = Users::default();
        let around = users::Around {
            options: &self.options,
            licenses: &listed.licenses,
            profiles: &listed.profiles,
            roles: &listed.roles,
            logins: listed.logins.as_ref(),
        };
        // Emails by their hash: 8 bytes each.
        let hasher = foldhash::quality::RandomState::default();
        let mut emails: HashSet<u64, foldhash::fast::RandomState> = HashSet::default();
        let facts = self
            .take::<User>(asked, |row| {
                let mut sections = self.sections();
                let user = users::map(&row, &around, &mut sections.notes);
                if let Some(email) = row.email.as_deref().filter(|_| !self.options.username_as_email)
                    && !emails.insert(hasher.hash_one(email.to_lowercase()))
                {
                    sections.notes.warn(WarningCode::DuplicateEmail, row.id);
                }
                people.add(row.id, Class::of(row.user_type.as_deref()), row.is_active);
                if self.options.manager_groups {
                    people.set_manager(row.manager_id.as_deref().and_then(|id| RecordId::parse(id).ok()));
                }
                match user.status {
                    Status::Enabled => {}
                    Status::Inactive => {
                        inactive.insert(row.id);
                    }
                    Status::Frozen => {
                        frozen.insert(row.id);
                    }
                }
                for grant in user.grants {
                    sections.grant(grant, &people)?;
                }
                if let Some(missing) = user.missing {
                    self.miss(missing);
                }
                sections.resource(user.resource)
            })
            .await?;
        must_have_rows("User", facts.as_ref(), VIEW_USERS)?;
        Ok(Users { people, inactive, frozen })
    }

    /// Counts the users that the options leave out; a refusal costs the numbers alone.
    pub(super) fn count_left_out_users(&self) -> impl Future<Output = Result<(), Error>> {
        let query = users::left_out_query(&self.options)
            .filter(|_| self.options.has(ResourceKind::User))
            .map(|select| self.reader.client.query("User", &select.to_string()));
        async {
            let Some(query) = query else { return Ok(()) };
            let rows: Result<Vec<UserCountRow>, _> = query.into_rows().try_collect().await;
            let mut sections = self.sections();
            match rows {
                Ok(rows) => {
                    for row in rows {
                        users::left_out(&row, &self.options, &mut sections.notes);
                    }
                }
                // What it tells is worth having, and no reason to fail.
                Err(error) => {
                    tracing::debug!(%error, "the users left out could not be counted");
                    sections.notes.warn_once(WarningCode::LeftOutNotCounted);
                }
            }
            Ok(())
        }
    }
}
