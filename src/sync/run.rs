//! The run: who and where first, then the [steps](super::steps).

use std::collections::BTreeMap;
use std::time::Instant;

use svix_ksuid::{Ksuid, KsuidLike};

use super::ask::VIEW_SETUP;
use super::error::Error;
use super::events::{Event, Watch};
use super::read::{Need, Reader};
use super::steps::Steps;
use super::synced::Synced;
use crate::connector::{Options, organization};
use crate::model::ResourceKind;
use crate::model::document::{Connector, Header, Org, RunBy};
use crate::salesforce::bulk::Bulk;
use crate::salesforce::objects::{Object, Organization};
use crate::salesforce::select::Plan;
use crate::salesforce::{Client, RecordId, Timestamp};

/// What is to be read.
#[derive(Debug, Clone)]
pub struct Request {
    /// What the document and all messages call this sync.
    pub id: String,
    /// What is read and how.
    pub options: Options,
    /// How the login was made, for the document.
    pub auth_method: &'static str,
    /// The app's consumer key, for the document.
    pub client_id: Option<String>,
    /// How big objects are read.
    pub bulk: Bulk,
}

/// A new id for a sync: a KSUID, which tells when it was made.
pub fn new_id() -> String {
    Ksuid::from_seconds(Some(Timestamp::now().millis() / 1000), None).to_string()
}

/// Reads an org. `check_org` is asked whether this org is the right one, before anything else is read.
pub async fn run(
    client: Client,
    request: Request,
    watch: Watch,
    check_org: impl FnOnce(&Org) -> Result<(), Error>,
) -> Result<Synced, Error> {
    let started = Instant::now();
    let started_at = Timestamp::now();
    let reader = Reader::new(client, watch, request.bulk);
    let org = read_org(&reader).await?;
    // The clock of the answer that came from the data itself.
    let now = reader.client.server_time().unwrap_or(started_at);
    let run_by = who(&reader, &request, &org).await?;
    let version = reader.client.version().to_string();
    reader.watch.tell(Event::Connected { org: org.name.clone(), username: run_by.username.clone(), version });
    check_org(&org)?;
    let header = Header {
        id: request.id.clone(),
        started_at,
        connector: Connector::default(),
        org,
        run_by,
        api_version: reader.client.version().to_string(),
        options: shown(&request.options),
    };
    // Large, and held by all that waits for it.
    Box::pin(Steps::new(reader, request.options, now).run(header, started)).await
}

pub(super) async fn read_org(reader: &Reader) -> Result<Org, Error> {
    let client = reader.client.clone();
    let plan = Plan::of::<Organization>(client.version()).map_err(Error::read(Organization::NAME, None))?;
    let need = Need::required(None);
    let pending = reader.start(Organization::NAME, need, async move { plan.open(&client).await });
    let instance = reader.client.session().instance.to_string();
    let mut org = None;
    let facts = reader
        .take::<Organization>(pending, |row| {
            org = Some(organization::map(&row, &instance));
            Ok(())
        })
        .await?;
    if facts.is_some_and(|facts| facts.rows > 1) {
        return Err(Error::Inconsistent("Salesforce delivered more than one row of Organization".to_owned()));
    }
    org.ok_or(Error::NothingVisible { object: "Organization", right: VIEW_SETUP })
}

async fn who(reader: &Reader, request: &Request, org: &Org) -> Result<RunBy, Error> {
    let (user_id, username) = user_of(reader, org).await?;
    Ok(RunBy {
        user_id: user_id.map(|id| id.to_string()),
        username,
        auth_method: request.auth_method,
        client_id: request.client_id.clone(),
    })
}

/// Who is logged in, id and username: asked, or else read off the login's answer.
pub(super) async fn user_of(reader: &Reader, org: &Org) -> Result<(Option<RecordId>, Option<String>), Error> {
    let info = reader.client.user_info().await;
    if let Some(info) = info.as_ref().filter(|info| info.organization_id.to_string() != org.id) {
        return Err(Error::Inconsistent(format!(
            "the token is of org {}, and the data of org {}",
            info.organization_id, org.id
        )));
    }
    let by_login = || {
        let session = reader.client.session();
        RecordId::parse(session.user_id.as_deref()?).ok()
    };
    let id = info.as_ref().map(|info| info.user_id).or_else(by_login);
    Ok((id, info.and_then(|info| info.preferred_username)))
}

fn shown(options: &Options) -> BTreeMap<&'static str, serde_json::Value> {
    let kinds = ResourceKind::ALL.into_iter().filter(|kind| options.has(*kind)).map(ResourceKind::id);
    BTreeMap::from([
        ("usernameAsEmail", options.username_as_email.into()),
        ("syncDeactivatedUsers", options.sync_deactivated_users.into()),
        ("syncNonStandardUsers", options.sync_non_standard_users.into()),
        ("skipEntitlementsAndGrants", options.skip_entitlements_and_grants.into()),
        ("syncResourceTypes", kinds.collect::<Vec<_>>().into()),
        ("expand", options.expand.as_str().into()),
        ("managerGroups", options.manager_groups.into()),
    ])
}
