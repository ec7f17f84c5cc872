//! Whether the user who reads the org sees all users, and who is left out although he can do much.

use std::collections::BTreeSet;

use super::super::ask::{Asked, VIEW_USERS};
use super::super::error::Error;
use super::super::probe;
use super::Steps;
use crate::connector::{self, WarningCode, users};
use crate::model::ResourceKind;
use crate::model::document::NotRead;
use crate::salesforce::RecordId;
use crate::salesforce::objects::{Object, PermissionSetAssignment};
use crate::salesforce::query::Query;
use crate::salesforce::soql::{Condition, Literal, Select};

/// Who can see a user: the default that the org sets for the User object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Default {
    Private,
    Public,
    Unknown,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    #[serde(default)]
    internal_sharing_model: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Held {
    assignee_id: RecordId,
}

impl Steps {
    /// Finds out whether users may be invisible: without View All Users, and where the org does not show all users to all.
    pub(super) async fn look_for_invisible_users(&self) -> Result<(), Error> {
        if !self.options.has(ResourceKind::User) {
            return Ok(());
        }
        let has_right = probe::rights(&self.reader.client).await.and_then(|rights| rights.view_all_users);
        if has_right == Some(true) {
            return Ok(());
        }
        match (has_right, self.default_of_users().await) {
            (_, Default::Public) => {}
            (Some(false), Default::Private) => self.reader.books().not_read.push(NotRead {
                object: "User".to_owned(),
                reason: "VISIBILITY_LIMITED",
                required: true,
                message: format!("the user lacks {VIEW_USERS}, and the org's default for User is private"),
                consequence: "Users that are not visible to the user are not in the document, nor is what they hold."
                    .to_owned(),
            }),
            _ => self.sections().notes.warn_once(WarningCode::UsersMayBeInvisible),
        }
        Ok(())
    }

    async fn default_of_users(&self) -> Default {
        let names = ["QualifiedApiName", "InternalSharingModel"].map(connector::name).to_vec();
        let is_user = Condition::Eq(connector::name("QualifiedApiName"), Literal::Text("User".to_owned()));
        let select = Select::rows(connector::name("EntityDefinition"), names).filter(vec![is_user]).one_row();
        let query = self.reader.client.query("EntityDefinition", &select.to_string());
        // What it tells is worth having, and no reason to fail.
        let rows = first_page::<Definition>(query).await.unwrap_or_default();
        match rows.first().and_then(|row| row.internal_sharing_model.as_deref()) {
            Some("Private") => Default::Private,
            Some(model) if model.starts_with("Read") || model == "FullAccess" => Default::Public,
            _ => Default::Unknown,
        }
    }

    /// Names users whose type the options leave out and who hold a set, or a profile, with a right that can do harm.
    pub(super) async fn look_for_privileged_users(&self, asked: &Asked) -> Result<(), Error> {
        let of_interest = [ResourceKind::Permission, ResourceKind::Profile, ResourceKind::PermissionSetGroup];
        let is_asked = self.makes_grants()
            && self.options.has(ResourceKind::User)
            && of_interest.into_iter().any(|kind| self.options.has(kind));
        if self.options.sync_non_standard_users || !is_asked {
            return Ok(());
        }
        let Some(conditions) = users::privileged_filter(asked.described(&self.reader).await) else {
            self.sections().notes.warn_once(WarningCode::ExcludedUsersNotChecked);
            return Ok(());
        };
        let object = PermissionSetAssignment::NAME;
        let names = ["Id", "AssigneeId"].map(connector::name).to_vec();
        let select = Select::rows(connector::name(object), names).filter(conditions);
        let query = self.reader.client.query(object, &select.to_string());
        match first_page::<Held>(query).await {
            Ok(rows) => {
                let ids: BTreeSet<RecordId> = rows.into_iter().map(|row| row.assignee_id).collect();
                let mut sections = self.sections();
                for id in ids {
                    sections.notes.warn(WarningCode::ExcludedUserPrivileged, id);
                }
            }
            Err(error) => {
                tracing::debug!(%error, "it cannot be told whether users left out have high-risk rights");
                self.sections().notes.warn_once(WarningCode::ExcludedUsersNotChecked);
            }
        }
        Ok(())
    }
}

/// The rows of the first page: enough to name some, and one call.
async fn first_page<T: serde::de::DeserializeOwned>(mut query: Query) -> Result<Vec<T>, crate::salesforce::Error> {
    match query.next_page().await? {
        Some(page) => query.rows(&page),
        None => Ok(Vec::new()),
    }
}
