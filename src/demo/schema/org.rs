//! The org itself, its public groups and queues.

use super::{Kind, Object, field, flag, reference, text};

pub(super) fn objects() -> Vec<Object> {
    vec![organization(), group(), group_member(), queue_sobject()]
}

fn organization() -> Object {
    let fields = vec![
        text("Name", 80),
        text("Division", 80).nillable(),
        text("Country", 80).nillable(),
        text("PrimaryContact", 80).nillable(),
        field("DefaultLocaleSidKey", Kind::Picklist),
        field("TimeZoneSidKey", Kind::Picklist),
        field("LanguageLocaleKey", Kind::Picklist),
        field("TrialExpirationDate", Kind::DateTime).nillable(),
        field("OrganizationType", Kind::Picklist),
        text("NamespacePrefix", 15).nillable(),
        text("InstanceName", 5).nillable(),
        flag("IsSandbox"),
        flag("IsReadOnly"),
    ];
    Object::new("Organization", "00D", ("Organization", "Organizations"), fields).audited()
}

fn group() -> Object {
    let fields = vec![
        // Null for role groups and the like, although the describe says it is not nillable.
        text("Name", 40),
        text("DeveloperName", 80).nillable(),
        reference("RelatedId", &["User", "UserRole", "Territory2"]).nillable().relation("Related").by_name(),
        field("Type", Kind::Picklist),
        field("Email", Kind::Email).nillable(),
        reference("OwnerId", &["Organization", "User"]).relation("Owner").by_name(),
        flag("DoesSendEmailToMembers"),
        flag("DoesIncludeBosses"),
        text("Description", 255).nillable().since(62),
    ];
    Object::new("Group", "00G", ("Group", "Group"), fields)
        .audited()
        .child("GroupMembers", "GroupMember", "GroupId")
        .child("QueueSobjects", "QueueSobject", "QueueId")
}

fn group_member() -> Object {
    let fields = vec![
        reference("GroupId", &["Group"]).relation("Group"),
        // Polymorphic and without a relationship name.
        reference("UserOrGroupId", &["Group", "User"]),
    ];
    Object::new("GroupMember", "011", ("Group Member", "Group Member"), fields).stamped()
}

fn queue_sobject() -> Object {
    let fields = vec![
        reference("QueueId", &["Group"]).relation("Queue"),
        field("SobjectType", Kind::Picklist),
        reference("CreatedById", &["User"]).relation("CreatedBy"),
    ];
    Object::new("QueueSobject", "03g", ("Queue sObject", "Queue sObjects"), fields).stamped()
}
