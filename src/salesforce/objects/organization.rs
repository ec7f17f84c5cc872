use super::Need::{Optional, Required};
use crate::salesforce::{RecordId, Text};

object! {
    /// The org itself (key prefix `00D`), one row.
    Organization: OrganizationRow {
        id: RecordId = "Id", Required;
        name: Option<Text<'a>> = "Name", Required;
        /// The edition: `Enterprise Edition`, `Developer Edition`, …
        organization_type: Option<Text<'a>> = "OrganizationType", Optional;
        is_sandbox: Option<bool> = "IsSandbox", Optional;
    }
}
