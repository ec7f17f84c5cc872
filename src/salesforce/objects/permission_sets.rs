use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::Need::{Optional, Required, With};
use super::{Field, Named, Object};
use crate::salesforce::{RecordId, Text};

const PERMISSIONS: &str = "Permissions";

/// A permission set (key prefix `0PS`); needs *View Setup and Configuration*, *Assign Permission Sets* or the like.
///
/// Every profile owns one, and so does every permission set group (its aggregate).
#[derive(Debug)]
pub enum PermissionSet {}

impl Object for PermissionSet {
    const NAME: &'static str = "PermissionSet";
    const FIELDS: &'static [Field] = &[
        Field { name: "Id", since: 0, need: Required },
        Field { name: "Name", since: 0, need: Required },
        Field { name: "Label", since: 0, need: Optional },
        Field { name: "Description", since: 0, need: Optional },
        Field { name: "IsOwnedByProfile", since: 0, need: Required },
        Field { name: "ProfileId", since: 0, need: Required },
        Field { name: "PermissionSetGroupId", since: 45, need: Required },
        Field { name: "Type", since: 46, need: Optional },
        Field { name: "IsCustom", since: 0, need: Optional },
        Field { name: "NamespacePrefix", since: 0, need: Optional },
        Field { name: "HasActivationRequired", since: 0, need: Optional },
        Field { name: "LicenseId", since: 38, need: Optional },
        Field { name: "License.Name", since: 38, need: Optional },
        Field { name: "CreatedDate", since: 0, need: Optional },
        Field { name: "CreatedById", since: 0, need: Optional },
        Field { name: "LastModifiedDate", since: 0, need: Optional },
        Field { name: "LastModifiedById", since: 0, need: Optional },
    ];
    type Row<'a> = PermissionSetRow<'a>;

    fn id(row: &Self::Row<'_>) -> Option<RecordId> {
        row.id
    }
}

/// A row of [`PermissionSet`]. The `Permissions…` fields that were asked for are listed where they are true.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "named as the fields are")]
pub struct PermissionSetRow<'a> {
    pub id: Option<RecordId>,
    pub name: Option<Text<'a>>,
    pub label: Option<Text<'a>>,
    pub description: Option<Text<'a>>,
    pub is_owned_by_profile: bool,
    pub profile_id: Option<RecordId>,
    pub permission_set_group_id: Option<RecordId>,
    /// `Regular`, `Standard`, `Session`, `Group`, `Profile`.
    pub set_type: Option<Text<'a>>,
    pub is_custom: Option<bool>,
    pub namespace_prefix: Option<Text<'a>>,
    pub has_activation_required: Option<bool>,
    /// Of a user licence (`100`) or of a permission set licence (`0PL`).
    pub license_id: Option<RecordId>,
    /// `License.Name`: of a user licence or of a permission set licence.
    pub license: Option<Text<'a>>,
    pub created_date: Option<Text<'a>>,
    pub created_by_id: Option<Text<'a>>,
    pub last_modified_date: Option<Text<'a>>,
    pub last_modified_by_id: Option<Text<'a>>,
    /// `PermissionsForceTwoFactor`: whether logins need a second factor.
    pub force_two_factor: Option<bool>,
    /// API names of the others, without the `Permissions` prefix.
    pub permissions: Vec<Text<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for PermissionSetRow<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RowVisitor;
        impl<'de> Visitor<'de> for RowVisitor {
            type Value = PermissionSetRow<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a permission set")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut row = PermissionSetRow::default();
                let mut is_owned = None;
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    match &*key {
                        "Id" => row.id = map.next_value()?,
                        "Name" => row.name = map.next_value()?,
                        "Label" => row.label = map.next_value()?,
                        "Description" => row.description = map.next_value()?,
                        "IsOwnedByProfile" => is_owned = Some(map.next_value()?),
                        "ProfileId" => row.profile_id = map.next_value()?,
                        "PermissionSetGroupId" => row.permission_set_group_id = map.next_value()?,
                        "Type" => row.set_type = map.next_value()?,
                        "IsCustom" => row.is_custom = map.next_value()?,
                        "NamespacePrefix" => row.namespace_prefix = map.next_value()?,
                        "HasActivationRequired" => row.has_activation_required = map.next_value()?,
                        "LicenseId" => row.license_id = map.next_value()?,
                        "License" => row.license = map.next_value::<Option<Named<'de>>>()?.and_then(|named| named.name),
                        "CreatedDate" => row.created_date = map.next_value()?,
                        "CreatedById" => row.created_by_id = map.next_value()?,
                        "LastModifiedDate" => row.last_modified_date = map.next_value()?,
                        "LastModifiedById" => row.last_modified_by_id = map.next_value()?,
                        "PermissionsForceTwoFactor" => row.force_two_factor = map.next_value()?,
                        _ if key.starts_with(PERMISSIONS) => {
                            if map.next_value::<Option<bool>>()? == Some(true) {
                                row.permissions.push(key.without(PERMISSIONS));
                            }
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                if row.id.is_none() {
                    return Err(serde::de::Error::missing_field("Id"));
                }
                // Without it, what a profile carries would pass for a set of its own.
                row.is_owned_by_profile =
                    is_owned.ok_or_else(|| serde::de::Error::missing_field("IsOwnedByProfile"))?;
                Ok(row)
            }
        }
        deserializer.deserialize_map(RowVisitor)
    }
}

/// A further read of [`PermissionSet`]: rights alone, for there are more of them than fit into one query's address.
#[derive(Debug)]
pub enum PermissionSetRights {}

impl Object for PermissionSetRights {
    const NAME: &'static str = PermissionSet::NAME;
    const FIELDS: &'static [Field] = &[Field { name: "Id", since: 0, need: Required }];
    type Row<'a> = RightsRow<'a>;

    fn id(row: &Self::Row<'_>) -> Option<RecordId> {
        Some(row.id)
    }
}

/// A set that takes rights away from the other sets of a permission set group (key prefix `0QM`). It does not name its
/// group: the group's component names it.
#[derive(Debug)]
pub enum MutingPermissionSet {}

impl Object for MutingPermissionSet {
    const NAME: &'static str = "MutingPermissionSet";
    const FIELDS: &'static [Field] = &[Field { name: "Id", since: 0, need: Required }];
    type Row<'a> = RightsRow<'a>;

    fn id(row: &Self::Row<'_>) -> Option<RecordId> {
        Some(row.id)
    }
}

/// A set by its id, and the `Permissions…` fields among those asked for that are true.
#[derive(Debug)]
pub struct RightsRow<'a> {
    /// `Id`
    pub id: RecordId,
    /// API names without the `Permissions` prefix.
    pub permissions: Vec<Text<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for RightsRow<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RowVisitor;
        impl<'de> Visitor<'de> for RowVisitor {
            type Value = RightsRow<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the rights of a permission set")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut id, mut permissions) = (None, Vec::new());
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    if &*key == "Id" {
                        id = Some(map.next_value()?);
                    } else if key.starts_with(PERMISSIONS) {
                        if map.next_value::<Option<bool>>()? == Some(true) {
                            permissions.push(key.without(PERMISSIONS));
                        }
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                let id = id.ok_or_else(|| serde::de::Error::missing_field("Id"))?;
                Ok(RightsRow { id, permissions })
            }
        }
        deserializer.deserialize_map(RowVisitor)
    }
}

object! {
    /// Who holds which permission set or permission set group (key prefix `0Pa`).
    PermissionSetAssignment: PermissionSetAssignmentRow {
        id: RecordId = "Id", Required;
        assignee_id: RecordId = "AssigneeId", Required;
        /// The set, or the aggregate set of the group.
        permission_set_id: Option<RecordId> = "PermissionSetId", Required;
        permission_set_group_id: Option<RecordId> = "PermissionSetGroupId", Required, since 45;
        expiration_date: Option<Text<'a>> = "ExpirationDate", Optional, since 52;
        is_active: Option<bool> = "IsActive", Optional, since 52;
        /// There only where user access policies are on.
        is_revoked: Option<bool> = "IsRevoked", Optional, since 57;
        /// The change by a user access policy that made the assignment.
        last_created_by_change_id: Option<Text<'a>> = "LastCreatedByChangeId", With("IsRevoked"), since 57;
        /// When it was assigned.
        system_modstamp: Option<Text<'a>> = "SystemModstamp", Optional;
    }
}

object! {
    /// A bundle of permission sets (key prefix `0PG`).
    PermissionSetGroup: PermissionSetGroupRow {
        id: RecordId = "Id", Required;
        developer_name: Option<Text<'a>> = "DeveloperName", Required;
        master_label: Option<Text<'a>> = "MasterLabel", Optional;
        description: Option<Text<'a>> = "Description", Optional;
        namespace_prefix: Option<Text<'a>> = "NamespacePrefix", Optional;
        /// `Updated`, `Outdated`, `Updating` or `Failed`: whether its aggregate is up to date.
        status: Option<Text<'a>> = "Status", Optional;
        has_activation_required: Option<bool> = "HasActivationRequired", Optional, since 53;
        created_date: Option<Text<'a>> = "CreatedDate", Optional;
        created_by_id: Option<Text<'a>> = "CreatedById", Optional;
        last_modified_date: Option<Text<'a>> = "LastModifiedDate", Optional;
        last_modified_by_id: Option<Text<'a>> = "LastModifiedById", Optional;
    }
}

object! {
    /// What a permission set group is made of: permission sets, and sets that mute (`0QM`) some of their rights.
    PermissionSetGroupComponent: PermissionSetGroupComponentRow {
        id: RecordId = "Id", Required;
        permission_set_group_id: RecordId = "PermissionSetGroupId", Required;
        permission_set_id: RecordId = "PermissionSetId", Required;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_set_lists_the_rights_that_are_on() {
        let json = r#"{"attributes":{"type":"PermissionSet"},"Id":"0PS5f000000AAAAGA4","Name":"X","Label":null,
            "License":{"attributes":{"type":"Name"},"Name":"Salesforce"},"IsOwnedByProfile":false,"ProfileId":null,
            "PermissionsModifyAllData":true,"PermissionsViewSetup":false,"PermissionsApiEnabled":null}"#;
        let row: PermissionSetRow<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(row.permissions.iter().map(|p| &**p).collect::<Vec<_>>(), ["ModifyAllData"]);
        assert_eq!(row.license.as_deref(), Some("Salesforce"));
        assert!(row.set_type.is_none());
        for lacking in ["{}", r#"{"Id":"0PS5f000000AAAAGA4"}"#, r#"{"IsOwnedByProfile":false}"#] {
            assert!(serde_json::from_str::<PermissionSetRow<'_>>(lacking).is_err(), "{lacking}");
        }
    }
}
