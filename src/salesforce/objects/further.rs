//! What is read only where it is asked for.

use super::Named;
use super::Need::{Optional, Required};
use crate::salesforce::{RecordId, Text};

object! {
    /// A sales territory (key prefix `0MI`); there only where Sales Territories are on.
    Territory2: Territory2Row {
        id: RecordId = "Id", Required;
        name: Option<Text<'a>> = "Name", Required;
        developer_name: Option<Text<'a>> = "DeveloperName", Optional;
        description: Option<Text<'a>> = "Description", Optional;
        parent_id: Option<RecordId> = "ParentTerritory2Id", Required;
        model_id: Option<RecordId> = "Territory2ModelId", Optional;
        model: Option<Named<'a>> = "Territory2Model"."Name", Optional;
        created_date: Option<Text<'a>> = "CreatedDate", Optional;
        created_by_id: Option<Text<'a>> = "CreatedById", Optional;
        last_modified_date: Option<Text<'a>> = "LastModifiedDate", Optional;
        last_modified_by_id: Option<Text<'a>> = "LastModifiedById", Optional;
    }
}

object! {
    /// Who is in which territory.
    UserTerritory2Association: UserTerritory2AssociationRow {
        id: RecordId = "Id", Required;
        user_id: RecordId = "UserId", Required;
        territory_id: RecordId = "Territory2Id", Required;
        /// A value of a picklist that each org makes for itself.
        role: Option<Text<'a>> = "RoleInTerritory2", Optional;
        is_active: Option<bool> = "IsActive", Optional;
    }
}

object! {
    /// A connected app (key prefix `0H4`); needs *Customize Application*.
    ConnectedApplication: ConnectedApplicationRow {
        id: RecordId = "Id", Required;
        name: Option<Text<'a>> = "Name", Required;
        /// Whether only those may use it whom an admin let in; else every user may let himself in.
        admin_approved_only: Option<bool> = "OptionsAllowAdminApprovedUsersOnly", Required;
        created_date: Option<Text<'a>> = "CreatedDate", Optional;
        created_by_id: Option<Text<'a>> = "CreatedById", Optional;
        last_modified_date: Option<Text<'a>> = "LastModifiedDate", Optional;
        last_modified_by_id: Option<Text<'a>> = "LastModifiedById", Optional;
    }
}

object! {
    /// An External Client App: what replaces connected apps.
    ExternalClientApplication: ExternalClientApplicationRow {
        id: RecordId = "Id", Required;
        label: Option<Text<'a>> = "MasterLabel", Optional;
        developer_name: Option<Text<'a>> = "DeveloperName", Required;
        description: Option<Text<'a>> = "Description", Optional;
        namespace_prefix: Option<Text<'a>> = "NamespacePrefix", Optional;
    }
}

object! {
    /// What a permission set, a profile's or a permission set group's lets its holders use (key prefix `0J0`).
    SetupEntityAccess: SetupEntityAccessRow {
        id: RecordId = "Id", Required;
        parent_id: RecordId = "ParentId", Required;
        setup_entity_id: RecordId = "SetupEntityId", Required;
    }
}

object! {
    /// A bot or an agent; there only where Agents are on.
    BotDefinition: BotDefinitionRow {
        id: RecordId = "Id", Required;
        label: Option<Text<'a>> = "MasterLabel", Optional;
        developer_name: Option<Text<'a>> = "DeveloperName", Required;
        description: Option<Text<'a>> = "Description", Optional;
        /// The user it acts as.
        bot_user_id: Option<RecordId> = "BotUserId", Optional;
        bot_type: Option<Text<'a>> = "Type", Optional;
        agent_type: Option<Text<'a>> = "AgentType", Optional, since 60;
    }
}

object! {
    /// A licence that some permission sets need (key prefix `0PL`).
    PermissionSetLicense: PermissionSetLicenseRow {
        id: RecordId = "Id", Required;
        label: Option<Text<'a>> = "MasterLabel", Optional;
        developer_name: Option<Text<'a>> = "DeveloperName", Required;
        /// `Active`, `Disabled`
        status: Option<Text<'a>> = "Status", Optional;
        /// A day, not a time.
        expiration_date: Option<Text<'a>> = "ExpirationDate", Optional;
        total: Option<f64> = "TotalLicenses", Optional;
        used: Option<f64> = "UsedLicenses", Optional;
    }
}

object! {
    /// Who has which permission set licence (key prefix `2LA`).
    PermissionSetLicenseAssign: PermissionSetLicenseAssignRow {
        id: RecordId = "Id", Required;
        assignee_id: RecordId = "AssigneeId", Required;
        license_id: RecordId = "PermissionSetLicenseId", Required;
        system_modstamp: Option<Text<'a>> = "SystemModstamp", Optional;
    }
}

object! {
    /// What a permission set lets its holders do with an object (key prefix `110`).
    ObjectPermissions: ObjectPermissionsRow {
        id: RecordId = "Id", Required;
        parent_id: RecordId = "ParentId", Required;
        object: Option<Text<'a>> = "SobjectType", Required;
        view_all: Option<bool> = "PermissionsViewAllRecords", Required;
        modify_all: Option<bool> = "PermissionsModifyAllRecords", Required;
    }
}
