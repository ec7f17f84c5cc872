//! The org.

use crate::model::document::Org;
use crate::salesforce::objects::OrganizationRow;

/// The org, for the document's header.
pub fn map(row: &OrganizationRow<'_>, instance_url: &str) -> Org {
    Org {
        id: row.id.to_string(),
        name: row.name.as_deref().unwrap_or_default().to_owned(),
        edition: row.organization_type.as_deref().map(str::to_owned),
        is_sandbox: row.is_sandbox,
        instance_url: instance_url.to_owned(),
    }
}
