//! What a record gets when its maker says nothing, and the rows that no org is without.

use serde_json::json;

use super::org::{Org, numbered_id};
use super::schema::{Field, Kind, Object};
use super::table::Table;
use super::value::Cell;
use crate::salesforce::id::RecordId;

/// The number of the first invented record of an object; reads as `…00000AAAA`.
pub(crate) const FIRST: u64 = ((10 * 62 + 10) * 62 + 10) * 62 + 10;

/// 2023-04-05T20:43:59Z, when the org was made.
pub(crate) const CREATED: i64 = 1_680_727_439_000;

/// Fills the gaps of a record.
pub(crate) fn complete(object: &Object, row: Vec<Option<Cell>>, user: RecordId, organization: RecordId) -> Box<[Cell]> {
    let name = name_of(object, &row);
    let fill = |(field, cell): (&Field, Option<Cell>)| {
        cell.unwrap_or_else(|| default(object, field, &name, user, organization))
    };
    object.fields.iter().zip(row).map(fill).collect()
}

/// What stands for the missing names of a record: another of its names, or its id.
fn name_of(object: &Object, row: &[Option<Cell>]) -> String {
    let text = |name: &str| Some(row[object.position(name)?].as_ref()?.as_text()?.to_owned());
    if object.name == "User" {
        let parts = [text("FirstName"), text("LastName")];
        if parts[1].is_some() {
            return parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        }
    }
    let names = ["Name", "MasterLabel", "Label", "DeveloperName", "Username"];
    let id = || row[0].as_ref().and_then(Cell::as_id).map(|id| id.to_string());
    names.into_iter().find_map(text).or_else(id).unwrap_or_default()
}

/// What a field gets; `name` stands for missing names.
pub(crate) fn default(object: &Object, field: &Field, name: &str, user: RecordId, organization: RecordId) -> Cell {
    match (object.name, field.name.as_ref()) {
        ("User" | "PermissionSetAssignment" | "UserTerritory2Association", "IsActive")
        | ("Group", "DoesIncludeBosses") => {
            return Cell::Bool(true);
        }
        ("User" | "Profile", "UserType") => return Cell::text("Standard"),
        ("PermissionSet", "IsCustom") => return Cell::Bool(true),
        ("PermissionSet" | "Group", "Type") => return Cell::text("Regular"),
        ("PermissionSetGroup", "Status") => return Cell::text("Updated"),
        ("BotDefinition", "Type") => return Cell::text("Bot"),
        ("ExternalClientApplication", "DistributionState") => return Cell::text("Local"),
        ("UserRole", "PortalType") => return Cell::text("None"),
        ("Group", "OwnerId") => return Cell::Id(organization),
        _ => {}
    }
    if field.nillable {
        return Cell::Null;
    }
    match field.kind {
        Kind::Boolean => Cell::Bool(false),
        Kind::Int => Cell::Int(0),
        Kind::Double => Cell::Double(0.0),
        Kind::DateTime => Cell::DateTime(CREATED),
        Kind::Reference if matches!(field.name.as_ref(), "CreatedById" | "LastModifiedById") => Cell::Id(user),
        Kind::Id | Kind::Reference | Kind::Date => Cell::Null,
        Kind::Picklist => Cell::text(picklist(&field.name)),
        Kind::Email => Cell::text(format!("{}@example.com", slug(name))),
        Kind::Text => match field.name.as_ref() {
            "Username" => Cell::text(format!("{}@acme.example", slug(name))),
            "Alias" => Cell::text(slug(name).chars().take(8).collect::<String>()),
            _ => Cell::text(name),
        },
    }
}

fn picklist(field: &str) -> &'static str {
    match field {
        "TimeZoneSidKey" => "America/Los_Angeles",
        "LocaleSidKey" | "LanguageLocaleKey" | "DefaultLocaleSidKey" | "Language" => "en_US",
        "Status" | "State" => "Active",
        "OrganizationType" => "Enterprise Edition",
        "OpportunityAccessForAccountOwner" => "Edit",
        _ => "None",
    }
}

/// The letters and digits of a name in lower case, with dots for spaces.
pub(crate) fn slug(name: &str) -> String {
    let kept = name.chars().filter(|character| character.is_ascii_alphanumeric() || *character == ' ');
    kept.map(|character| if character == ' ' { '.' } else { character.to_ascii_lowercase() }).collect()
}

/// The rows of [`Org::empty`].
pub(crate) fn fill_empty(org: &mut Org) {
    let id = |prefix| numbered_id(prefix, FIRST).to_string();
    let license = id("100");
    let rows = [
        (
            "Organization",
            json!({
                "Id": org.id(), "Name": "Acme Demo", "OrganizationType": "Enterprise Edition", "InstanceName": "DEMO1",
                "IsSandbox": false, "Country": "US", "PrimaryContact": "Ada Admin",
            }),
        ),
        (
            "UserLicense",
            json!({
                "Id": license, "Name": "Salesforce", "MasterLabel": "Salesforce", "LicenseDefinitionKey": "SFDC",
                "Status": "Active", "TotalLicenses": 100, "UsedLicenses": 1,
            }),
        ),
        ("Profile", json!({ "Id": id("00e"), "Name": "System Administrator", "UserLicenseId": license })),
        (
            "PermissionSet",
            json!({
                "Id": id("0PS"), "Name": "X00e_Administrator", "Label": "00e_Administrator", "LicenseId": license,
                "ProfileId": id("00e"), "IsOwnedByProfile": true, "IsCustom": false, "Type": "Profile",
            }),
        ),
        (
            "User",
            json!({
                "Id": org.user_id(), "Username": "ada.admin@acme.example", "FirstName": "Ada", "LastName": "Admin",
                "Email": "ada.admin@example.com", "ProfileId": id("00e"), "UserType": "Standard",
            }),
        ),
        (
            "PermissionSetAssignment",
            json!({
                "Id": id("0Pa"), "AssigneeId": org.user_id(), "PermissionSetId": id("0PS"),
            }),
        ),
        ("UserPermissionAccess", json!({ "Id": id("0up") })),
        (
            "EntityDefinition",
            json!({
                "Id": id("4ie"), "DurableId": "User", "QualifiedApiName": "User", "DeveloperName": "User", "Label": "User",
                "KeyPrefix": "005", "InternalSharingModel": "Read", "ExternalSharingModel": "Private",
            }),
        ),
    ];
    for (object, row) in rows {
        let done = org.insert(object, row);
        debug_assert!(done.is_ok(), "{done:?}");
    }
    for object in ["Profile", "PermissionSet", "UserPermissionAccess"] {
        grant_everything(org, object);
    }
}

/// Gives the first row of an object every permission that an administrator has.
fn grant_everything(org: &mut Org, object: &str) {
    let Some(at) = org.find(object) else { return };
    grant(&mut org.tables[at], 0, is_admin_permission);
}

/// Sets the permissions of a row.
pub(crate) fn grant(table: &mut Table, row: u32, has: impl Fn(&str) -> bool) {
    for column in 0..table.object.fields.len() {
        if let Some(name) = table.object.fields[column].name.strip_prefix("Permissions") {
            let has = Cell::Bool(has(name));
            table.set(row, column, has);
        }
    }
}

/// Whether the standard profile System Administrator has the permission.
pub(crate) fn is_admin_permission(name: &str) -> bool {
    !matches!(
        name,
        "ApiUserOnly"
            | "PasswordNeverExpires"
            | "ForceTwoFactor"
            | "BypassMFAForUiLogins"
            | "ViewEncryptedData"
            | "ManageEncryptionKeys"
            | "BulkApiHardDelete"
            | "QueryAllFiles"
            | "UseAnyApiClient"
            | "DelegatedTwoFactor"
    )
}
