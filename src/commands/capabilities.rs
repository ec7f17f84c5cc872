//! `capabilities`: what this connector can do, as connector hosts read it.

use anyhow::Result;
use serde::Serialize;

use super::{ExitStatus, print};
use crate::model::ResourceKind;
use crate::output::protojson::{PACKAGE, Proto};

/// It reads, and nothing else.
const SYNC: [&str; 1] = ["CAPABILITY_SYNC"];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(rename = "@type")]
    type_url: String,
    resource_type_capabilities: Vec<OfResourceType<'a>>,
    connector_capabilities: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfResourceType<'a> {
    resource_type: ResourceType<'a>,
    capabilities: [&'static str; 1],
}

#[derive(Serialize)]
struct ResourceType<'a> {
    #[serde(flatten)]
    kind: Proto<'a, ResourceKind>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Annotation>,
}

#[derive(Serialize)]
struct Annotation {
    #[serde(rename = "@type")]
    type_url: String,
}

/// Prints it.
pub fn run() -> Result<ExitStatus> {
    fn of(kind: &ResourceKind) -> OfResourceType<'_> {
        // What gives nothing to anybody is marked so that a host does not ask for it.
        let annotations = match kind.slug() {
            None => vec![Annotation { type_url: format!("{PACKAGE}.SkipEntitlementsAndGrants") }],
            Some(_) => Vec::new(),
        };
        OfResourceType { resource_type: ResourceType { kind: Proto(kind), annotations }, capabilities: SYNC }
    }
    let capabilities = Message {
        type_url: format!("{PACKAGE}.ConnectorCapabilities"),
        resource_type_capabilities: ResourceKind::ALL.iter().map(of).collect(),
        connector_capabilities: SYNC,
    };
    let mut text = serde_json::to_vec_pretty(&capabilities)?;
    text.push(b'\n');
    print(&text)
}
