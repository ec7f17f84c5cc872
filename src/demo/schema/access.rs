//! Permission sets, their groups and licences, and who holds them.

use super::{Field, Kind, Object, field, flag, reference, text};

pub(super) fn objects() -> Vec<Object> {
    vec![
        permission_set(),
        permission_set_assignment(),
        permission_set_group(),
        permission_set_group_component(),
        muting_permission_set(),
        permission_set_license(),
        permission_set_license_assign(),
        setup_entity_access(),
        object_permissions(),
    ]
}

fn permission_set() -> Object {
    let fields = vec![
        text("Name", 80),
        text("Label", 80),
        text("Description", 255).nillable(),
        reference("LicenseId", &["PermissionSetLicense", "UserLicense"])
            .nillable()
            .relation("License")
            .by_name()
            .since(38),
        reference("ProfileId", &["Profile"]).nillable().relation("Profile"),
        flag("IsOwnedByProfile"),
        flag("IsCustom"),
        text("NamespacePrefix", 15).nillable(),
        flag("HasActivationRequired"),
        reference("PermissionSetGroupId", &["PermissionSetGroup"]).nillable().relation("PermissionSetGroup").since(45),
        field("Type", Kind::Picklist).nillable().since(46),
    ];
    Object::new("PermissionSet", "0PS", ("Permission Set", "Permission Sets"), fields)
        .with_permissions()
        .audited()
        .child("Assignments", "PermissionSetAssignment", "PermissionSetId")
        .child("PermissionSetGroupComponents", "PermissionSetGroupComponent", "PermissionSetId")
        .child("SetupEntityAccessItems", "SetupEntityAccess", "ParentId")
        .child("ObjectPerms", "ObjectPermissions", "ParentId")
}

fn permission_set_assignment() -> Object {
    let policies = |field: Field| Field { needs_policies: true, ..field };
    let fields = vec![
        reference("PermissionSetId", &["PermissionSet"]).nillable().relation("PermissionSet"),
        reference("PermissionSetGroupId", &["PermissionSetGroup"]).nillable().relation("PermissionSetGroup").since(45),
        reference("AssigneeId", &["User"]).relation("Assignee"),
        field("ExpirationDate", Kind::DateTime).nillable().since(52),
        flag("IsActive").since(52),
        policies(flag("IsRevoked").since(57)),
        policies(reference("LastCreatedByChangeId", &["UserAccessChange"]).nillable().since(57)),
    ];
    Object::new("PermissionSetAssignment", "0Pa", ("Permission Set Assignment", "Permission Set Assignments"), fields)
        .stamped()
}

fn permission_set_group() -> Object {
    let fields = vec![
        text("DeveloperName", 80),
        field("Language", Kind::Picklist),
        text("MasterLabel", 80),
        text("NamespacePrefix", 15).nillable(),
        text("Description", 255).nillable(),
        field("Status", Kind::Picklist),
        flag("HasActivationRequired").since(53),
    ];
    Object::new("PermissionSetGroup", "0PG", ("Permission Set Group", "Permission Set Groups"), fields)
        .audited()
        .since(45)
        .child("Assignments", "PermissionSetAssignment", "PermissionSetGroupId")
        .child("PermissionSetGroupComponents", "PermissionSetGroupComponent", "PermissionSetGroupId")
        .child("PermissionSets", "PermissionSet", "PermissionSetGroupId")
}

fn permission_set_group_component() -> Object {
    let fields = vec![
        reference("PermissionSetGroupId", &["PermissionSetGroup"]).relation("PermissionSetGroup"),
        // A muting set reads as no permission set at all: a filter on PermissionSet.X drops its row.
        reference("PermissionSetId", &["PermissionSet", "MutingPermissionSet"]).relation("PermissionSet"),
    ];
    let labels = ("Permission Set Group Component", "Permission Set Group Components");
    Object::new("PermissionSetGroupComponent", "0PM", labels, fields).audited().since(45)
}

/// It has no reference to its group in any API version: the component is the only way there.
fn muting_permission_set() -> Object {
    let fields = vec![
        text("DeveloperName", 80),
        field("Language", Kind::Picklist),
        text("MasterLabel", 80),
        text("NamespacePrefix", 15).nillable(),
    ];
    Object::new("MutingPermissionSet", "0QM", ("Muting Permission Set", "Muting Permission Set"), fields)
        .with_permissions()
        .audited()
        .since(46)
}

fn permission_set_license() -> Object {
    let fields = vec![
        text("DeveloperName", 80),
        field("Language", Kind::Picklist),
        text("MasterLabel", 80),
        text("PermissionSetLicenseKey", 80),
        field("Status", Kind::Picklist),
        field("ExpirationDate", Kind::Date).nillable(),
        field("TotalLicenses", Kind::Int),
        field("UsedLicenses", Kind::Int),
    ];
    Object::new("PermissionSetLicense", "0PL", ("Permission Set License", "Permission Set Licenses"), fields)
        .audited()
        .since(29)
        .child("PermissionSetLicenseAssignments", "PermissionSetLicenseAssign", "PermissionSetLicenseId")
}

fn permission_set_license_assign() -> Object {
    let fields = vec![
        reference("PermissionSetLicenseId", &["PermissionSetLicense"]).relation("PermissionSetLicense"),
        reference("AssigneeId", &["User"]).relation("Assignee"),
    ];
    let labels = ("Permission Set License Assignment", "Permission Set License Assignments");
    Object::new("PermissionSetLicenseAssign", "2LA", labels, fields).audited().since(29)
}

fn setup_entity_access() -> Object {
    let fields = vec![
        reference("ParentId", &["PermissionSet"]).relation("Parent"),
        reference("SetupEntityId", &["ApexClass", "ConnectedApplication", "ExternalClientApplication"]),
        field("SetupEntityType", Kind::Picklist),
    ];
    Object::new("SetupEntityAccess", "0J0", ("Setup Entity Access", "Setup Entity Access"), fields).stamped()
}

fn object_permissions() -> Object {
    let fields = vec![
        reference("ParentId", &["PermissionSet"]).relation("Parent"),
        field("SobjectType", Kind::Picklist),
        flag("PermissionsCreate"),
        flag("PermissionsRead"),
        flag("PermissionsEdit"),
        flag("PermissionsDelete"),
        flag("PermissionsViewAllRecords"),
        flag("PermissionsModifyAllRecords"),
    ];
    Object::new("ObjectPermissions", "110", ("Object Permissions", "Object Permissions"), fields).audited()
}
