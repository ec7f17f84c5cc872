//! Before a sync: who is logged in, with which rights, and whether one row of each object can be read.

use std::fmt;

use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};

use super::ask::{self, Want};
use super::error::Error;
use super::events::Watch;
use super::read::{Reader, reason};
use super::run;
use crate::connector::{self, Options};
use crate::model::document::Org;
use crate::salesforce::Client;
use crate::salesforce::bulk::{self, Bulk, Engine};
use crate::salesforce::objects::UserPermissionAccess;
use crate::salesforce::select::Plan;
use crate::salesforce::soql::{Condition, Literal, Select};

/// What became of the attempt to read an object.
#[derive(Debug, Clone)]
pub struct Probe {
    /// The object.
    pub object: &'static str,
    /// The permission that reading it needs, where it is more than API access.
    pub right: Option<&'static str>,
    /// What a document lacks without it; `None` where there is no document without it.
    pub lack: Option<&'static str>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an attempt.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It can be read; fields that this version or this org lacks, or that the user may not see.
    Readable(Vec<String>),
    /// It can be read, and not one row came although there cannot be none.
    NothingVisible,
    /// It cannot be read.
    Refused {
        /// `FEATURE_OFF_OR_NO_RIGHT`, …
        reason: &'static str,
        /// In Salesforce's words.
        message: String,
    },
}

impl Probe {
    /// Whether there would be no document.
    pub fn stops_a_sync(&self) -> bool {
        self.lack.is_none() && !matches!(self.outcome, Outcome::Readable(_))
    }
}

/// Tries all objects, some at a time.
///
/// # Errors
/// What is not about one object: the login, the network, an org without API.
pub async fn probe(client: &Client, options: &Options) -> Result<Vec<Probe>, Error> {
    let wants = ask::wants(client.version(), options)?;
    futures_util::future::try_join_all(wants.into_iter().map(|want| attempt(client, want))).await
}

async fn attempt(client: &Client, Want { object, need, plan }: Want) -> Result<Probe, Error> {
    let outcome = match plan.one_row().open(client).await {
        Ok(opened) if opened.scan.total_size() == 0 && ask::cannot_be_empty(object) => Outcome::NothingVisible,
        Ok(opened) => Outcome::Readable(opened.fields_left_out),
        Err(error) => match error.refusal().and_then(reason) {
            Some(reason) => Outcome::Refused { reason, message: error.to_string() },
            None => return Err(Error::read(object, need.right)(error)),
        },
    };
    let right = match outcome {
        Outcome::NothingVisible => Some(ask::right(object)),
        _ => need.right,
    };
    Ok(Probe { object, right, lack: need.lack, outcome })
}

/// How many rows of an object a run would read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// The object.
    pub object: &'static str,
    /// Rows; `None` where it cannot be read.
    pub rows: Option<u64>,
    /// Pages that they come on, at 2,000 rows a page. An object without rows has one, too.
    pub pages: u64,
    /// About how many API calls they take.
    pub calls: u64,
    /// Whether a query job would read them.
    pub by_job: bool,
}

/// Counts the rows of all objects that a run would read.
///
/// # Errors
/// What is not about one object: the login, the network, an org without API.
pub async fn count(client: &Client, options: &Options, engine: Engine) -> Result<Vec<Counted>, Error> {
    let wants = ask::wants(client.version(), options)?;
    let counted = wants.into_iter().map(|Want { object, need, plan }| async move {
        let rows = match plan.count(client).await {
            Ok(rows) => Some(rows),
            Err(error) if error.refusal().and_then(reason).is_some() => None,
            Err(error) => return Err(Error::read(object, need.right)(error)),
        };
        let many = rows.unwrap_or_default();
        let (calls, by_job) = bulk::estimate(engine, client.version(), many, client.calls_left());
        Ok(Counted { object, rows, pages: many.div_ceil(bulk::FULL_PAGE).max(1), calls, by_job })
    });
    futures_util::future::try_join_all(counted).await
}

/// Who is logged in.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The user's id, where the login may ask that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The username.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// `Standard`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
    /// The profile's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.username.as_deref().or(self.id.as_deref()).unwrap_or("somebody whom the login does not tell");
        f.write_str(name)?;
        match (&self.user_type, &self.profile) {
            (Some(user_type), Some(profile)) => write!(f, " ({user_type}, profile {profile})"),
            (Some(one), None) | (None, Some(one)) => write!(f, " ({one})"),
            (None, None) => Ok(()),
        }
    }
}

/// The org, and who is logged in to it.
pub async fn identify(client: &Client) -> Result<(Org, Identity), Error> {
    let reader = Reader::new(client.clone(), Watch::default(), Bulk::default());
    let org = run::read_org(&reader).await?;
    let id = run::user_of(&reader, &org).await?;
    let mut identity = Identity { id: id.0.map(|id| id.to_string()), username: id.1, ..Identity::default() };
    let Some(id) = id.0 else { return Ok((org, identity)) };
    let fields = ["Username", "UserType", "Profile.Name"].map(connector::name).to_vec();
    let is_he = Condition::Eq(connector::name("Id"), Literal::Id(id));
    let select = Select::rows(connector::name("User"), fields).filter(vec![is_he]);
    // What it tells is worth having, and no reason to fail.
    let rows: Result<Vec<Himself>, _> = client.query("User", &select.to_string()).into_rows().try_collect().await;
    if let Some(row) = rows.ok().and_then(|mut rows| rows.pop()) {
        identity.username = row.username.or(identity.username);
        identity.user_type = row.user_type;
        identity.profile = row.profile.and_then(|profile| profile.name);
    }
    Ok((org, identity))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Himself {
    username: Option<String>,
    user_type: Option<String>,
    profile: Option<ProfileName>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProfileName {
    name: Option<String>,
}

/// Permissions of the user who is logged in; what the org does not tell is `None`.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named as the permissions are")]
pub struct Rights {
    pub api_enabled: Option<bool>,
    pub view_setup: Option<bool>,
    pub view_roles: Option<bool>,
    pub view_all_users: Option<bool>,
    pub manage_users: Option<bool>,
    pub modify_all_data: Option<bool>,
}

impl Rights {
    /// By the names in Setup.
    pub const fn list(&self) -> [(&'static str, Option<bool>); 6] {
        [
            ("API Enabled", self.api_enabled),
            (ask::VIEW_SETUP, self.view_setup),
            (ask::VIEW_ROLES, self.view_roles),
            (ask::VIEW_USERS, self.view_all_users),
            (ask::MANAGE_USERS, self.manage_users),
            ("Modify All Data", self.modify_all_data),
        ]
    }

    /// Whether the user has a permission, by its name in Setup.
    pub fn has(&self, permission: &str) -> Option<bool> {
        self.list().into_iter().find(|(name, _)| *name == permission)?.1
    }
}

/// The permissions of the user who is logged in, where the org tells them.
pub async fn rights(client: &Client) -> Option<Rights> {
    let plan = Plan::of::<UserPermissionAccess>(client.version()).ok()?.one_row();
    let mut scan = plan.open(client).await.ok()?.scan;
    let page = scan.next_page().await.ok()??;
    let row = scan.rows::<UserPermissionAccess>(&page).ok()?.pop()?;
    Some(Rights {
        api_enabled: row.api_enabled,
        view_setup: row.view_setup,
        view_roles: row.view_roles,
        view_all_users: row.view_all_users,
        manage_users: row.manage_users,
        modify_all_data: row.modify_all_data,
    })
}
