use super::Need::{Optional, Required};
use crate::salesforce::{RecordId, Text};

object! {
    /// A public group, a queue, or one of the groups that Salesforce keeps for roles, portals and the org (key prefix
    /// `00G`).
    Group: GroupRow {
        id: RecordId = "Id", Required;
        /// Null for the groups of roles, although the describe says otherwise.
        name: Option<Text<'a>> = "Name", Required;
        developer_name: Option<Text<'a>> = "DeveloperName", Optional;
        /// `Regular`, `Queue`, `Role`, `RoleAndSubordinates`, `Organization`, …
        group_type: Option<Text<'a>> = "Type", Required;
        /// The role, territory or user that the group stands for.
        related_id: Option<RecordId> = "RelatedId", Required;
        /// Whether those above the members in the role hierarchy get their record access; not membership.
        does_include_bosses: Option<bool> = "DoesIncludeBosses", Optional;
        created_date: Option<Text<'a>> = "CreatedDate", Optional;
        created_by_id: Option<Text<'a>> = "CreatedById", Optional;
        last_modified_date: Option<Text<'a>> = "LastModifiedDate", Optional;
        last_modified_by_id: Option<Text<'a>> = "LastModifiedById", Optional;
    }
}

object! {
    /// A direct member of a public group or queue (key prefix `011`): a user or a group. The groups of roles, portals
    /// and the org have no rows.
    GroupMember: GroupMemberRow {
        id: RecordId = "Id", Required;
        group_id: RecordId = "GroupId", Required;
        user_or_group_id: RecordId = "UserOrGroupId", Required;
        /// When the membership was made: rows are never updated.
        system_modstamp: Option<Text<'a>> = "SystemModstamp", Optional;
    }
}

object! {
    /// An object whose records a queue can own.
    QueueSobject: QueueSobjectRow {
        id: RecordId = "Id", Required;
        queue_id: RecordId = "QueueId", Required;
        sobject_type: Option<Text<'a>> = "SobjectType", Required;
    }
}
