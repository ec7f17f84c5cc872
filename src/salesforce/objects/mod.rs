//! The objects that are read: for each a wire struct, borrowed from the page, and the fields that fill it.
//!
//! Field names, versions and rights are those of the Object Reference for the Salesforce Platform. A field that is
//! missing from a row is `None`: the org lacks it, or the user may not see it.

use serde::Deserialize;

use super::RecordId;

/// An object of Salesforce's, and how a row of it is read.
pub trait Object {
    /// API name.
    const NAME: &'static str;
    /// What is asked for.
    const FIELDS: &'static [Field];
    /// A row.
    type Row<'a>: Deserialize<'a>;

    /// The row's own id, if it came.
    fn id(row: &Self::Row<'_>) -> Option<RecordId>;
}

/// A field that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// API name, perhaps over a parent.
    pub name: &'static str,
    /// The first API version (its whole number) that has it; 0 where it is older than any that still works.
    pub since: u16,
    /// Whether the object can be read without it.
    pub need: Need,
}

/// Whether an object can be read without a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It cannot.
    Required,
    /// It can.
    Optional,
    /// It can, and where the other field is missing this one is too.
    With(&'static str),
}

/// Declares an object, its row and its fields in one place. Its row has a field `id`, unless it says `(without id)`.
macro_rules! object {
    (@id $row:ident) => {
        $row.id.into()
    };
    (@id $row:ident without) => {{
        let _ = $row;
        None
    }};
    (
        $(#[$doc:meta])*
        $object:ident: $row:ident $(($without:ident id))? {
            $( $(#[$field_doc:meta])* $field:ident: $type:ty = $key:literal $(. $sub:literal)?, $need:expr $(, since $since:literal)?; )*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $object {}

        impl $crate::salesforce::objects::Object for $object {
            const NAME: &'static str = stringify!($object);
            const FIELDS: &'static [$crate::salesforce::objects::Field] = &[$(
                $crate::salesforce::objects::Field {
                    name: concat!($key $(, ".", $sub)?),
                    since: 0 $(+ $since)?,
                    need: $need,
                },
            )*];
            type Row<'a> = $row<'a>;

            fn id(row: &Self::Row<'_>) -> Option<$crate::salesforce::RecordId> {
                object!(@id row $($without)?)
            }
        }

        #[doc = concat!("A row of [`", stringify!($object), "`].")]
        #[derive(Debug, serde::Deserialize)]
        #[serde(bound(deserialize = "'de: 'a"))]
        pub struct $row<'a> {
            $( $(#[$field_doc])* #[doc = concat!("`", $key, "`")] #[serde(rename = $key)] pub $field: $type, )*
            #[serde(skip)]
            page: std::marker::PhantomData<&'a ()>,
        }
    };
}

mod further;
mod groups;
mod organization;
mod permission_sets;
mod profiles;
mod rights;
mod users;

pub use further::{
    BotDefinition, BotDefinitionRow, ConnectedApplication, ConnectedApplicationRow, ExternalClientApplication,
    ExternalClientApplicationRow, ObjectPermissions, ObjectPermissionsRow, PermissionSetLicense,
    PermissionSetLicenseAssign, PermissionSetLicenseAssignRow, PermissionSetLicenseRow, SetupEntityAccess,
    SetupEntityAccessRow, Territory2, Territory2Row, UserTerritory2Association, UserTerritory2AssociationRow,
};
pub use groups::{Group, GroupMember, GroupMemberRow, GroupRow, QueueSobject, QueueSobjectRow};
pub use organization::{Organization, OrganizationRow};
pub use permission_sets::{
    MutingPermissionSet, PermissionSet, PermissionSetAssignment, PermissionSetAssignmentRow, PermissionSetGroup,
    PermissionSetGroupComponent, PermissionSetGroupComponentRow, PermissionSetGroupRow, PermissionSetRights,
    PermissionSetRow, RightsRow,
};
pub use profiles::{Profile, ProfileRow, UserLicense, UserLicenseRow, UserRole, UserRoleRow};
pub use rights::{UserPermissionAccess, UserPermissionAccessRow};
pub use users::{User, UserCountRow, UserLogin, UserLoginRow, UserRow};

/// A parent of whom the name alone is asked.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub struct Named<'a> {
    /// `Name`
    #[serde(rename = "Name")]
    pub name: Option<super::Text<'a>>,
}
