//! An org made of recorded responses: a folder with one query response for each object.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::defaults;
use super::error::DemoError;
use super::org::Org;
use super::schema::Field;
use super::table::Table;
use super::value::Cell;
use crate::salesforce::id::RecordId;

/// The version that a recorded org offers where no file name tells one.
const VERSION: u16 = 50;

impl Org {
    /// Loads a folder of query responses (`{"records":[…]}`) named `<Object>_query_vNN.json` or `<Object>.json`; other
    /// files are left alone.
    ///
    /// The org offers one API version alone: the newest that a file name tells, or v50.0. It has the objects that have a file, each with the fields that occur in its
    /// records, as far as our schema knows them; any `Permissions…` flag is known. The row of Organization is made up
    /// if there is none.
    pub fn load_dir(path: &Path) -> Result<Self, DemoError> {
        let mut org = Self::bare();
        let (mut loaded, mut newest) = (Vec::new(), None);
        for (object, version, file) in recordings(path, &org)? {
            load(&mut org, &object, &file)?;
            loaded.push(object);
            newest = newest.max(version);
        }
        let version = newest.unwrap_or(VERSION);
        org.versions = version..=version;
        org.policies =
            org.table("PermissionSetAssignment").is_some_and(|table| table.object.position("IsRevoked").is_some());
        if loaded.is_empty() {
            return Err(DemoError::NoRecordings(path.to_owned()));
        }
        loaded.push("Organization".to_owned());
        org.tables.retain(|table| loaded.iter().any(|object| object == table.object.name));
        org.user = running_user(&org).unwrap_or(org.user);
        make_organization(&mut org);
        Ok(org)
    }
}

/// The objects that have a file, with the API version that its name tells, in the order of the file names.
fn recordings(folder: &Path, org: &Org) -> Result<Vec<(String, Option<u16>, PathBuf)>, DemoError> {
    let unreadable = |source| DemoError::Folder { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let mut paths =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    paths.sort();
    let recording = |path: PathBuf| {
        let stem = path.file_name()?.to_str()?.strip_suffix(".json")?;
        let named = stem.split_once("_query_v").and_then(|(object, version)| Some((object, version.parse().ok()?)));
        let (object, version) = named.map_or((stem, None), |(object, version)| (object, Some(version)));
        let object = org.table(object)?.object.name.to_owned();
        Some((object, version, path))
    };
    Ok(paths.into_iter().filter_map(recording).collect())
}

fn load(org: &mut Org, object: &str, file: &Path) -> Result<(), DemoError> {
    let wrong = |reason: String| DemoError::Recording { path: file.to_owned(), reason };
    let bytes = fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let response: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    let records = response["records"].as_array().ok_or_else(|| wrong("it has no list `records`".to_owned()))?;
    let records: Option<Vec<&Map<String, Value>>> = records.iter().map(Value::as_object).collect();
    let records = records.ok_or_else(|| wrong("one of its records is not an object".to_owned()))?;
    let Some(at) = org.find(object) else { return Ok(()) };
    let table = &mut org.tables[at];
    fit_schema(table, &records);
    for (number, record) in records.into_iter().enumerate() {
        let row = read(table, record).map_err(|reason| wrong(format!("record {number}: {reason}")))?;
        table.push(&row).map_err(|error| wrong(error.to_string()))?;
    }
    Ok(())
}

/// Leaves the fields that occur, and adds the permissions that we did not know.
fn fit_schema(table: &mut Table, records: &[&Map<String, Value>]) {
    let object = &mut table.object;
    for (name, value) in records.iter().copied().flatten() {
        if name.starts_with("Permissions") && value.is_boolean() && object.position(name).is_none() {
            object.fields.push(Field::permission(name.clone()));
        }
    }
    if !records.is_empty() {
        for field in &mut object.fields[1..] {
            field.off = !records.iter().any(|record| record.contains_key(field.name.as_ref()));
        }
    }
}

fn read(table: &Table, record: &Map<String, Value>) -> Result<Box<[Cell]>, String> {
    let fields = &table.object.fields;
    let cell = |field: &Field| match record.get(field.name.as_ref()) {
        Some(value) => Cell::from_json(field, value).map_err(|want| format!("{} is not {want}: {value}", field.name)),
        None => Ok(Cell::Null),
    };
    let row = fields.iter().map(cell).collect::<Result<Box<[Cell]>, _>>()?;
    if row[0].is_null() { Err("it has no Id".to_owned()) } else { Ok(row) }
}

/// An active administrator, or an active standard user, or anybody.
fn running_user(org: &Org) -> Option<RecordId> {
    let first = |condition: &str| {
        let users = org.query(*org.versions.end(), &format!("SELECT Id FROM User {condition} LIMIT 1")).ok()?;
        RecordId::parse(users["records"][0]["Id"].as_str()?).ok()
    };
    first("WHERE IsActive = true AND UserType = 'Standard' AND Profile.Name = 'System Administrator'")
        .or_else(|| first("WHERE IsActive = true AND UserType = 'Standard'"))
        .or_else(|| first(""))
}

/// The row of Organization: recorded, or made up around the id that owns the groups.
fn make_organization(org: &mut Org) {
    let recorded = org.table("Organization").and_then(|table| table.ids().first().copied());
    let owner = org.table("Group").and_then(|groups| {
        let column = groups.object.position("OwnerId")?;
        (0..).take(groups.len()).find_map(|row| groups.cell(row, column).as_id().filter(|id| id.key_prefix() == "00D"))
    });
    org.id = recorded.or(owner).unwrap_or(org.id);
    let (id, user) = (org.id, org.user);
    let Some(at) = org.find("Organization").filter(|_| recorded.is_none()) else { return };
    let table = &mut org.tables[at];
    let mut row = vec![None; table.object.fields.len()];
    row[0] = Some(Cell::Id(id));
    if let Some(name) = table.object.position("Name") {
        row[name] = Some(Cell::text("Recorded org"));
    }
    let row = defaults::complete(&table.object, row, user, id);
    let done = table.push(&row);
    debug_assert!(done.is_ok(), "{done:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odd_org() -> Org {
        Org::load_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/odd-org")).unwrap()
    }

    fn total(org: &Org, soql: &str) -> u64 {
        org.query(VERSION, soql).unwrap_or_else(|error| panic!("{soql}: {error}"))["totalSize"].as_u64().unwrap()
    }

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn the_odd_org_has_its_oddities() {
        let org = odd_org();
        assert_eq!(total(&org, "SELECT Id FROM User"), 7);
        assert_eq!(total(&org, "SELECT Id FROM User WHERE ProfileId NOT IN (SELECT Id FROM Profile)"), 3);
        assert_eq!(total(&org, "SELECT Id FROM User WHERE Email = 'noreply@example.invalid'"), 3);
        assert!(total(&org, "SELECT Id FROM Group WHERE Name = null AND RelatedId != null") >= 4);
        assert_eq!(total(&org, "SELECT Id FROM GroupMember WHERE UserOrGroupId IN (SELECT Id FROM Group)"), 1);
        assert_eq!(total(&org, "SELECT Id FROM PermissionSet WHERE Type = 'Group'"), 2);
        assert_eq!(total(&org, "SELECT Id FROM PermissionSet WHERE Type = 'Session'"), 1);
        assert!(total(&org, "SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = true") >= 2);
        assert!(total(&org, "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.IsOwnedByProfile = true") >= 1);
        let name = org.query(VERSION, "SELECT Name FROM Organization").unwrap();
        assert_eq!(name["records"][0]["Name"], "Recorded org");
        assert_eq!(org.versions, 50..=50);
    }

    #[test]
    fn objects_without_a_file_and_fields_without_a_value_are_not_there() {
        let org = odd_org();
        assert_eq!(org.query(VERSION, "SELECT Id FROM UserLogin").unwrap_err().code, "INVALID_TYPE");
        for soql in ["SELECT IsActive FROM PermissionSetAssignment", "SELECT FederationIdentifier FROM User"] {
            assert_eq!(org.query(VERSION, soql).unwrap_err().code, "INVALID_FIELD", "{soql}");
        }
    }

    #[test]
    fn unknown_permissions_are_flags() {
        let file = r#"{"records":[{"Id":"0PS5f000000AAAA","Name":"a","PermissionsOdd":true,"Street":"x"}]}"#;
        let folder =
            folder(&[("PermissionSet_query_v50.json", file), ("User_query_v50.meta.json", "?"), ("x.txt", "?")]);
        let org = Org::load_dir(folder.path()).unwrap();
        assert_eq!(total(&org, "SELECT Id FROM PermissionSet WHERE PermissionsOdd = true"), 1);
        assert_eq!(org.query(50, "SELECT PermissionsApiEnabled FROM PermissionSet").unwrap_err().code, "INVALID_FIELD");
    }

    #[test]
    fn the_newest_version_that_a_name_tells_is_the_one_on_offer() {
        let user = r#"{"records":[{"Id":"0055f000000AAAA","UserType":"Standard","IsActive":true}]}"#;
        let held = r#"{"records":[{"Id":"0Pa5f000000AAAA","AssigneeId":"0055f000000AAAA","IsRevoked":true}]}"#;
        let of = |name: &str| Org::load_dir(folder(&[("User_query_v50.json", user), (name, held)]).path()).unwrap();
        let org = of("PermissionSetAssignment_query_v66.json");
        assert_eq!(org.versions, 66..=66);
        let revoked = "SELECT Id FROM PermissionSetAssignment WHERE IsRevoked = true";
        assert_eq!(org.query(66, revoked).unwrap()["totalSize"], 1);
        assert_eq!(of("PermissionSetAssignment.json").versions, 50..=50);
    }

    #[test]
    fn a_folder_that_is_none_says_why() {
        let missing = Org::load_dir(Path::new("/no/such/folder")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot read the folder /no/such/folder: "), "{missing}");
        let empty = folder(&[("readme.json", "{}")]);
        assert!(matches!(Org::load_dir(empty.path()), Err(DemoError::NoRecordings(_))));
        let cases = [
            ("{", "EOF while parsing"),
            ("[]", "it has no list `records`"),
            (r#"{"records":[1]}"#, "one of its records is not an object"),
            (r#"{"records":[{"Name":"x"}]}"#, "record 0: it has no Id"),
            (r#"{"records":[{"Id":"x"}]}"#, "record 0: Id is not a record id: \"x\""),
        ];
        for (text, reason) in cases {
            let folder = folder(&[("User.json", text)]);
            let error = Org::load_dir(folder.path()).unwrap_err().to_string();
            assert!(
                error.contains("User.json is not a recorded query response: ") && error.contains(reason),
                "{error}"
            );
        }
    }
}
