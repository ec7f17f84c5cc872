//! The rows of a job and those of REST, side by side, for each object that the program reads.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashSet;
use std::fmt::Debug;
use std::time::Duration;

use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::json;

use super::{Bulk, Engine, Pauses, Results, Statement, run};
use crate::auth::Session;
use crate::demo::{Action, BulkFault, BulkOptions, Fault, Org, Server, ServerOptions, Shape, Target};
use crate::net::retry::Policy;
use crate::net::{Domain, http};
use crate::salesforce::objects::{
    ConnectedApplication, Group, GroupMember, MutingPermissionSet, Object, ObjectPermissions, Organization,
    PermissionSet, PermissionSetAssignment, PermissionSetGroup, PermissionSetGroupComponent, PermissionSetLicense,
    PermissionSetLicenseAssign, PermissionSetRights, Profile, QueueSobject, SetupEntityAccess, Territory2, User,
    UserLicense, UserLogin, UserRole, UserTerritory2Association,
};
use crate::salesforce::select::{Opened, Plan};
use crate::salesforce::soql::Name;
use crate::salesforce::{ApiVersion, Client, Error, RecordId};

fn at_once(file_rows: u64) -> Bulk {
    let pauses = Pauses { longest: Duration::ZERO, all: Duration::ZERO };
    Bulk { engine: Engine::Bulk, pauses, file_rows }
}

async fn connect(server: &Server, version: u16) -> Client {
    let domain = Domain::parse(server.url()).unwrap();
    let http = http::client(&http::Network::default(), &domain).unwrap();
    let session = Session::new(domain, SecretString::from(server.access_token()));
    Client::connect(http, session, Some(ApiVersion::new(version)), 4, Policy { retries: 1, pause: Duration::ZERO })
        .await
        .unwrap()
}

/// As a row shows itself; the zone is written in another way, and means the same.
fn shown(row: &impl Debug) -> String {
    format!("{row:?}").replace(".000+0000", ".000Z")
}

/// All rows by both ways, in the order of their texts.
async fn both<O: Object>(client: &Client, more: &[&str], file_rows: u64) -> [Vec<String>; 2]
where
    for<'a> O::Row<'a>: Debug,
{
    let more = more.iter().map(|name| Name::parse(name).unwrap());
    let plan = Plan::of::<O>(client.version()).unwrap().and_fields(more);
    let Opened { mut scan, soql, .. } = plan.open(client).await.unwrap();
    let mut rest = Vec::new();
    while let Some(page) = scan.next_page().await.unwrap() {
        rest.extend(scan.rows::<O>(&page).unwrap().iter().map(shown));
    }
    let statement = Statement::of(&soql).unwrap();
    let mut results = run(client, O::NAME, statement, rest.len() as u64, at_once(file_rows)).await.unwrap();
    let mut bulk = Vec::new();
    while let Some(page) = results.next_page().await.unwrap() {
        bulk.extend(page.rows::<O::Row<'_>>().unwrap().iter().map(shown));
    }
    assert_eq!(results.rows_read(), rest.len() as u64);
    rest.sort();
    bulk.sort();
    [rest, bulk]
}

async fn compare(server: &Server, version: u16, file_rows: u64) {
    let client = connect(server, version).await;
    macro_rules! compare {
        ($($object:ty $(, $more:literal)*;)*) => {$(
            let [rest, bulk] = both::<$object>(&client, &[$($more),*], file_rows).await;
            assert_eq!(rest, bulk, "{}", <$object>::NAME);
            assert!(!rest.is_empty(), "{}", <$object>::NAME);
        )*};
    }
    compare! {
        Organization;
        User;
        UserLogin;
        UserRole;
        UserLicense;
        Profile;
        PermissionSet, "PermissionsModifyAllData", "PermissionsForceTwoFactor";
        PermissionSetRights, "PermissionsViewSetup";
        PermissionSetAssignment;
        PermissionSetGroup;
        PermissionSetGroupComponent;
        MutingPermissionSet;
        PermissionSetLicense;
        PermissionSetLicenseAssign;
        Group;
        GroupMember;
        QueueSobject;
        Territory2;
        UserTerritory2Association;
        ConnectedApplication;
        SetupEntityAccess;
        ObjectPermissions;
    }
    assert!(server.jobs().is_empty(), "{:?}", server.jobs());
}

fn block_on(run: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run);
}

async fn small(bulk: BulkOptions) -> Server {
    let options = ServerOptions { bulk, ..ServerOptions::default() };
    Server::start(Org::generate(Shape::Small, 1), options).await.unwrap()
}

/// One file, several one by one, and several side by side.
#[test]
fn each_object_has_the_same_rows() {
    for (version, file_rows) in [(47, 37), (57, 37), (66, 37), (66, 200_000)] {
        block_on(async {
            let server = small(BulkOptions { file_rows: 37, ..BulkOptions::default() }).await;
            compare(&server, version, file_rows).await;
            let asked = server.calls().iter().any(|call| call.path.ends_with("/resultPages"));
            assert_eq!(asked, version == 66 && file_rows == 37);
        });
    }
}

/// Takes all users by a job.
async fn users(server: &Server, file_rows: u64) -> Result<u64, Error> {
    let client = connect(server, 66).await;
    let statement = Statement::of("SELECT Id, Name, IsActive FROM User ORDER BY Id").unwrap();
    let mut results: Results = run(&client, "User", statement, 200, at_once(file_rows)).await?;
    while results.next_page().await?.is_some() {}
    Ok(results.rows_read())
}

#[test]
fn results_that_cannot_be_all_are_refused() {
    for (fault, one_by_one, side_by_side) in [
        (BulkFault::ShortFile, "a file of 15 rows came with 14", "a file of 15 rows came with 14"),
        (BulkFault::LostRow, "announced 200 rows and delivered 199", "announced 200 rows and delivered 199"),
        (BulkFault::TooManyAnnounced, "announced 201 rows and delivered 200", "announced 201 rows and delivered 200"),
        (BulkFault::SameLocator, "announced twice as the next one", ""),
        (BulkFault::NoLastColumn, "has no column `IsActive`", "has no column `IsActive`"),
        (
            BulkFault::HalfOfAll,
            "the job found 100 rows, and there are 200",
            "the job found 100 rows, and there are 200",
        ),
        (BulkFault::OtherOrder, "", ""),
        (BulkFault::ForeignAddress, "", "is no address of the job's results"),
    ] {
        for (file_rows, says) in [(200_000, one_by_one), (37, side_by_side)] {
            block_on(async {
                let server = small(BulkOptions { file_rows: 37, fault: Some(fault), ..BulkOptions::default() }).await;
                match users(&server, file_rows).await {
                    Ok(rows) => assert_eq!((rows, says), (200, ""), "{fault:?}"),
                    Err(error) => assert!(!says.is_empty() && error.to_string().contains(says), "{fault:?}: {error}"),
                }
                assert!(server.jobs().is_empty(), "{fault:?}");
            });
        }
    }
}

/// Where the addresses of the files are not told, each file tells where the next one is.
#[test]
fn files_are_found_without_their_addresses() {
    block_on(async {
        let server = small(BulkOptions { file_rows: 37, ..BulkOptions::default() }).await;
        // After the three looks at the job.
        let on = Target::Path("/services/data/v66.0/jobs/query/750".to_owned());
        server.add_fault(Fault::api_error(on, 4, 404, "NOT_FOUND", "The requested resource does not exist"));
        assert_eq!(users(&server, 37).await.unwrap(), 200);
    });
}

/// A file that is cut in its midst is read again, and no row of it comes twice.
#[test]
fn a_file_that_is_cut_is_read_again() {
    block_on(async {
        let server = Server::start(Org::generate(Shape::Mid, 1), ServerOptions::default()).await.unwrap();
        let count = server.org().rows("PermissionSetAssignment") as u64;
        let results = Target::Path("/services/data/v66.0/jobs/query/750".to_owned());
        // After the three looks at the job.
        let cut = Action::Cut { after_bytes: 120_000, with_content_length: false };
        server.add_fault(Fault::new(results, 4, cut));
        let client = connect(&server, 66).await;
        let statement = Statement::of("SELECT Id, AssigneeId FROM PermissionSetAssignment ORDER BY Id").unwrap();
        let mut results = run(&client, "PermissionSetAssignment", statement, count, at_once(200_000)).await.unwrap();
        let mut ids = HashSet::new();
        while let Some(page) = results.next_page().await.unwrap() {
            ids.extend(page.rows::<Row>().unwrap().into_iter().map(|row| row.id));
        }
        assert_eq!((ids.len() as u64, results.rows_read(), client.cost().retries), (count, count, 1));
    });
}

#[derive(serde::Deserialize)]
struct Row {
    #[serde(rename = "Id")]
    id: RecordId,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever stands in the texts of an org.
    #[test]
    fn any_text_comes_alike(texts in proptest::collection::vec(any::<String>(), 1..8)) {
        block_on(async {
            let mut org = Org::empty();
            let user = org.user_id();
            for (n, text) in texts.iter().filter(|text| !text.is_empty()).enumerate() {
                org.insert("Group", json!({"Type": "Regular", "Name": text, "DeveloperName": format!("G{n}")})).unwrap();
                org.update("User", &user, "Title", json!(text)).unwrap();
            }
            let server = Server::start(org, ServerOptions::default()).await.unwrap();
            let client = connect(&server, 66).await;
            for [rest, bulk] in [both::<Group>(&client, &[], 200_000).await, both::<User>(&client, &[], 200_000).await] {
                assert_eq!(rest, bulk);
            }
        });
    }
}
