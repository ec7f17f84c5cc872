//! Writing and reading documents: what a grant costs in each format.
//!
//! `cargo bench --bench formats` writes a million grants to permission sets, as a sync does when the last page has come,
//! and reads them again; what counts is how the formats compare within one run.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use baton_salesforce::model::document::{Connector, Cost, Counts, Header, Org, RunBy, Summary};
use baton_salesforce::model::{Entitlement, Grant, GrantMetadata, Profile, Resource, ResourceId, ResourceKind, Trait};
use baton_salesforce::output::read::Reader;
use baton_salesforce::output::{self, Document, Form, Format};
use baton_salesforce::time::Timestamp;

const HOLDERS: u32 = 2_000;
const USERS: u32 = 20_000;

fn id(kind: ResourceKind, prefix: &str, number: u32) -> ResourceId {
    ResourceId::new(kind, format!("{prefix}5f0{number:09}AAA"))
}

fn resource(id: ResourceId) -> Resource {
    let mut profile = Profile::default();
    profile.set("api_name", &*id.id);
    let display_name = format!("Named {}", id.id);
    Resource { id, display_name, description: String::new(), profile, kind: Trait::None }
}

/// Writes a document with so many grants.
fn write(grants: u32, format: Format, writer: &mut dyn Write) -> io::Result<()> {
    let sets = grants / HOLDERS;
    let now = Timestamp::from_millis(1_764_000_000_000);
    let org = Org {
        id: "00D5f000000AAAAEA4".to_owned(),
        name: "Acme".to_owned(),
        edition: None,
        is_sandbox: None,
        instance_url: "https://acme.my.salesforce.com".to_owned(),
    };
    let header = Header {
        id: "3Mb15zQ81CVyNlrLMhPXYXLNQfZ".to_owned(),
        started_at: now,
        connector: Connector::default(),
        org,
        run_by: RunBy { user_id: None, username: None, auth_method: "oauth", client_id: None },
        api_version: "66.0".to_owned(),
        options: [
            ("syncResourceTypes", serde_json::json!(["user", "permission"])),
            ("syncDeactivatedUsers", true.into()),
            ("syncNonStandardUsers", false.into()),
            ("skipEntitlementsAndGrants", false.into()),
        ]
        .into(),
    };
    let mut counts = Counts { grants: u64::from(sets * HOLDERS), entitlements: u64::from(sets), ..Counts::default() };
    counts.resources = [("user", u64::from(USERS)), ("permission", u64::from(sets))].into();
    let mut document = Document::new(output::sink(writer, format, None)?);
    document.begin(&header)?;
    document.resource_type(ResourceKind::User)?;
    document.resource_type(ResourceKind::Permission)?;
    for user in 0..USERS {
        document.resource(&resource(id(ResourceKind::User, "005", user)))?;
    }
    let all: Vec<_> = (0..sets).map(|set| resource(id(ResourceKind::Permission, "0PS", set))).collect();
    all.iter().try_for_each(|set| document.resource(set))?;
    all.iter().filter_map(Entitlement::of).try_for_each(|entitlement| document.entitlement(&entitlement))?;
    for set in &all {
        let Some(entitlement) = set.id.entitlement() else { continue };
        for holder in 0..HOLDERS {
            let metadata = GrantMetadata { assigned_at: Some(now), ..GrantMetadata::default() };
            let user = id(ResourceKind::User, "005", holder * (USERS / HOLDERS));
            document.grant(&Grant::direct(entitlement.clone(), user, metadata))?;
        }
    }
    let cost = Cost { api_calls: 1, api_usage: None, bytes_received: 1, retries: 0, seconds: 1.0 };
    document.end(&Summary {
        ended_at: now,
        complete: true,
        counts,
        read: Vec::new(),
        not_read: Vec::new(),
        left_out: Vec::new(),
        warnings: Vec::new(),
        not_covered: &[],
        cost,
    })
}

/// How many items a document has.
fn read(document: &[u8]) -> Result<u64, output::read::ReadError> {
    let (mut reader, mut count) = (Reader::of(document)?, 0);
    while let Some(part) = reader.next_part()? {
        black_box(&part);
        count += 1;
    }
    Ok(count)
}

#[expect(clippy::print_stdout, reason = "a benchmark says what it found")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Under `cargo test`, benchmarks are only to be seen to run.
    let grants = if std::env::args().any(|argument| argument == "--bench") { 1_000_000 } else { 4_000 };
    for form in Form::ALL {
        let mut bytes = Vec::new();
        let start = Instant::now();
        write(grants, Format { form, compression: None }, &mut bytes)?;
        let written = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let count = read(&bytes)?;
        let (seconds, megabytes) = (start.elapsed().as_secs_f64(), bytes.len() / 1_000_000);
        let name = form.name();
        println!(
            "{name}: {grants} grants written in {written:.2} s ({megabytes} MB), {count} items read in {seconds:.2} s"
        );
    }
    Ok(())
}
