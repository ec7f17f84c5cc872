//! Territories, applications, agents and what the org says of its own objects.

use super::{Kind, Object, field, flag, reference, text};

pub(super) fn objects() -> Vec<Object> {
    vec![
        territory_model(),
        territory(),
        user_territory(),
        connected_application(),
        external_client_application(),
        bot_definition(),
        entity_definition(),
    ]
}

fn territory_model() -> Object {
    let fields = vec![
        text("Name", 80),
        text("DeveloperName", 80),
        text("Description", 1000).nillable(),
        // Planning, Activating, Active, Archiving, Archived, Deleting and the failures between them.
        field("State", Kind::Picklist),
        field("ActivatedDate", Kind::DateTime).nillable(),
        field("DeactivatedDate", Kind::DateTime).nillable(),
    ];
    Object::new("Territory2Model", "0MA", ("Territory Model", "Territory Models"), fields).audited().since(32)
}

fn territory() -> Object {
    let fields = vec![
        text("Name", 80),
        text("DeveloperName", 80),
        text("Description", 1000).nillable(),
        reference("Territory2ModelId", &["Territory2Model"]).relation("Territory2Model"),
        reference("ParentTerritory2Id", &["Territory2"]).nillable().relation("ParentTerritory2"),
        reference("ForecastUserId", &["User"]).nillable().relation("ForecastUser"),
        field("AccountAccessLevel", Kind::Picklist),
        field("OpportunityAccessLevel", Kind::Picklist),
        field("CaseAccessLevel", Kind::Picklist),
        field("ContactAccessLevel", Kind::Picklist),
    ];
    Object::new("Territory2", "0MI", ("Territory", "Territories"), fields).modified().since(32)
}

fn user_territory() -> Object {
    let fields = vec![
        reference("UserId", &["User"]).relation("User"),
        reference("Territory2Id", &["Territory2"]).relation("Territory2"),
        flag("IsActive"),
        field("RoleInTerritory2", Kind::Picklist).nillable(),
    ];
    let labels = ("User Territory Association", "User Territory Associations");
    Object::new("UserTerritory2Association", "0MT", labels, fields).modified().since(32)
}

fn connected_application() -> Object {
    let fields = vec![
        text("Name", 80),
        // Otherwise every user may authorize the app himself.
        flag("OptionsAllowAdminApprovedUsersOnly"),
        flag("OptionsHasSessionLevelPolicy"),
        flag("OptionsIsInternal"),
        flag("OptionsRefreshTokenValidityMetric"),
        field("RefreshTokenValidityPeriod", Kind::Int).nillable(),
        text("MobileStartUrl", 1300).nillable(),
        text("StartUrl", 1300).nillable(),
    ];
    Object::new("ConnectedApplication", "0H4", ("Connected App", "Connected Apps"), fields).audited().since(31)
}

fn external_client_application() -> Object {
    let fields = vec![
        text("DeveloperName", 80),
        field("Language", Kind::Picklist),
        text("MasterLabel", 80),
        text("NamespacePrefix", 15).nillable(),
        text("Description", 255).nillable(),
        field("ContactEmail", Kind::Email).nillable(),
        // Local or Managed.
        field("DistributionState", Kind::Picklist),
    ];
    let labels = ("External Client App", "External Client Apps");
    Object::new("ExternalClientApplication", "0xI", labels, fields).audited().since(59)
}

fn bot_definition() -> Object {
    let fields = vec![
        text("DeveloperName", 80),
        field("Language", Kind::Picklist),
        text("MasterLabel", 80),
        text("NamespacePrefix", 15).nillable(),
        text("Description", 255).nillable(),
        reference("BotUserId", &["User"]).nillable().relation("BotUser"),
        // Bot, ExternalCopilot, InternalCopilot.
        field("Type", Kind::Picklist),
        field("AgentType", Kind::Picklist).nillable(),
    ];
    Object::new("BotDefinition", "0Xx", ("Bot", "Bots"), fields).audited().since(60)
}

/// What the org says of an object: of all its fields, the sharing defaults.
fn entity_definition() -> Object {
    let fields = vec![
        text("DurableId", 255),
        text("QualifiedApiName", 70),
        text("DeveloperName", 80),
        text("Label", 80),
        text("KeyPrefix", 3).nillable(),
        // Private, Read, ReadWrite, ControlledByParent, …
        field("InternalSharingModel", Kind::Picklist).nillable().since(46),
        field("ExternalSharingModel", Kind::Picklist).nillable().since(46),
        flag("IsCustomizable"),
    ];
    Object::new("EntityDefinition", "4ie", ("Entity Definition", "Entity Definitions"), fields).since(32)
}
