//! Agents: BotDefinition → `agent`.

use super::{first_known, resource_id};
use crate::model::{Profile, Resource, ResourceKind, Trait};
use crate::salesforce::objects::BotDefinitionRow;

/// An agent. What it may do is what the user may do that it acts as.
pub fn map(row: &BotDefinitionRow<'_>) -> Resource {
    let id = row.id.to_string();
    let mut profile = Profile::default();
    profile.set_known("developer_name", row.developer_name.as_deref());
    profile.set_known("bot_user_id", row.bot_user_id.map(|id| id.to_string()));
    profile.set_known("type", row.bot_type.as_deref());
    profile.set_known("agent_type", row.agent_type.as_deref());
    Resource {
        id: resource_id(ResourceKind::Agent, row.id),
        display_name: first_known([row.label.as_deref(), row.developer_name.as_deref()]).unwrap_or(&id).to_owned(),
        description: row.description.as_deref().unwrap_or_default().to_owned(),
        profile,
        kind: Trait::None,
    }
}
