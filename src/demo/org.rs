//! The data of an org and its switches.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::defaults;
use super::error::{ApiError, DemoError};
use super::schema::{self, Field, Object};
use super::soql;
use super::table::Table;
use super::value::Cell;
use crate::salesforce::id::RecordId;

/// The API versions that a new org offers: v31.0 is the oldest that still answers, v66.0 is Spring '26.
pub(crate) const VERSIONS: RangeInclusive<u16> = 31..=66;

/// The number of the pod `5f`.
pub(crate) const POD: u64 = 5 * 62 + 41;

/// The id of an invented record: the object's prefix, the pod `5f` and a number in base 62.
pub(crate) fn numbered_id(prefix: &str, number: u64) -> RecordId {
    id_on(POD, prefix, number)
}

/// The id of a record that was made on a pod: the object's prefix, two digits of the pod, a zero, nine digits of the number.
pub(crate) fn id_on(pod: u64, prefix: &str, number: u64) -> RecordId {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = *b"000000000000000";
    for (to, from) in text.iter_mut().zip(prefix.bytes().take(3)) {
        *to = from;
    }
    let put = |digits: &mut [u8], number: u64| {
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[usize::try_from(rest % 62).unwrap_or_default()];
            rest /= 62;
        }
    };
    put(&mut text[3..5], pod);
    put(&mut text[6..], number);
    let text = String::from_utf8_lossy(&text);
    #[expect(clippy::expect_used, reason = "15 letters and digits are an id")]
    RecordId::parse(&text).expect("an id")
}

/// A Salesforce org: its records, and what is switched on in it.
#[derive(Debug, Clone)]
pub struct Org {
    pub(crate) tables: Vec<Table>,
    pub(crate) versions: RangeInclusive<u16>,
    pub(crate) policies: bool,
    pub(crate) id: RecordId,
    /// The user whom the API calls run as.
    pub(crate) user: RecordId,
}

impl Org {
    /// An org with its Organization row, the profile System Administrator (with its licence and its permission set)
    /// and one user who has it and whom the calls run as.
    pub fn empty() -> Self {
        let mut org = Self::bare();
        defaults::fill_empty(&mut org);
        org
    }

    /// The schema and no rows at all.
    pub(crate) fn bare() -> Self {
        Self {
            tables: schema::objects().into_iter().map(Table::new).collect(),
            versions: VERSIONS,
            policies: false,
            id: numbered_id("00D", defaults::FIRST),
            user: numbered_id("005", defaults::FIRST),
        }
    }

    pub(crate) fn find(&self, object: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.object.name.eq_ignore_ascii_case(object))
    }

    pub(crate) fn table(&self, object: &str) -> Option<&Table> {
        self.find(object).map(|at| &self.tables[at])
    }

    fn table_mut(&mut self, object: &str) -> Result<&mut Table, DemoError> {
        match self.find(object) {
            Some(at) => Ok(&mut self.tables[at]),
            None => Err(DemoError::NoObject(object.to_owned())),
        }
    }

    /// Whether an API version shows the field in this org.
    pub(crate) fn shows(&self, field: &Field, version: u16) -> bool {
        !field.off && field.since <= version && (self.policies || !field.needs_policies)
    }

    /// How many rows the object has; 0 for an object that is not there.
    pub fn rows(&self, object: &str) -> usize {
        self.table(object).map_or(0, Table::len)
    }

    /// The 18-character id of the org.
    pub fn id(&self) -> String {
        self.id.to_string()
    }

    /// The 18-character id of the user whom the API calls run as.
    pub fn user_id(&self) -> String {
        self.user.to_string()
    }

    /// Every row of an object as JSON, without `attributes`; empty for an object that is not there.
    pub fn records(&self, object: &str) -> Vec<Value> {
        let rows = |table: &Table| (0..).take(table.len()).map(|row| table.record(row)).collect();
        self.table(object).map(rows).unwrap_or_default()
    }

    /// The record with this id.
    pub(crate) fn record(&self, object: &str, id: RecordId) -> Option<Value> {
        let table = self.table(object)?;
        table.row(id).map(|row| table.record(row))
    }

    /// Adds a record, given as a JSON object of fields.
    ///
    /// Unknown fields and values of a wrong type are refused. `attributes` and parents (`"Related": …`) are ignored, a
    /// missing `Id` is made up. What
    /// is left out becomes null where the field may be null, and a plausible value where it may not; an explicit null
    /// is kept in either case, as real orgs break their own describe.
    #[expect(clippy::needless_pass_by_value, reason = "callers write json!({…}) in place")]
    pub fn insert(&mut self, object: &str, record: Value) -> Result<(), DemoError> {
        let Some(fields) = record.as_object() else {
            return Err(DemoError::NotARecord(object.to_owned()));
        };
        let user = self.user;
        let organization = self.id;
        let table = self.table_mut(object)?;
        let row = read_record(table, fields, user, organization)?;
        table.push(&row)
    }

    /// Removes the rows for which `keep` (given the record as JSON) is false.
    pub fn remove_rows(&mut self, object: &str, keep: impl Fn(&Value) -> bool) -> Result<(), DemoError> {
        self.table_mut(object)?.keep(|table, row| keep(&table.record(row)));
        Ok(())
    }

    /// Sets one field of one record (id of 15 or 18 characters).
    #[expect(clippy::needless_pass_by_value, reason = "callers write json!(…) in place")]
    pub fn update(&mut self, object: &str, id: &str, field: &str, value: Value) -> Result<(), DemoError> {
        let table = self.table_mut(object)?;
        let no_record = || DemoError::NoRecord { object: object.to_owned(), id: id.to_owned() };
        let row = RecordId::parse(id).ok().and_then(|id| table.row(id)).ok_or_else(no_record)?;
        let column = table.object.position(field).filter(|column| *column > 0);
        let column = column.ok_or_else(|| no_field(object, field))?;
        let cell = read_value(&table.object, column, &value)?;
        table.set(row, column, cell);
        Ok(())
    }

    /// Switches an object off: queries of it answer `INVALID_TYPE`, and the global describe leaves it out.
    pub fn without_object(&mut self, name: &str) {
        self.tables.retain(|table| !table.object.name.eq_ignore_ascii_case(name));
    }

    /// Switches a field off: queries of it answer `INVALID_FIELD`, and the describe leaves it out.
    pub fn without_field(&mut self, object: &str, field: &str) {
        if let Ok(table) = self.table_mut(object)
            && let Some(position) = table.object.position(field)
        {
            table.object.fields[position].off = true;
        }
    }

    /// Switches Sales Territories off: no territories, and no groups of them.
    pub fn without_territories(&mut self) {
        for object in ["Territory2Model", "Territory2", "UserTerritory2Association"] {
            self.without_object(object);
        }
        let is_of_territory = |group: &Value| group["Type"].as_str().is_some_and(|kind| kind.starts_with("Territory"));
        let gone: Vec<Value> =
            self.records("Group").into_iter().filter(is_of_territory).map(|group| group["Id"].clone()).collect();
        for (object, field) in [("Group", "Id"), ("GroupMember", "UserOrGroupId")] {
            // An object that the org lacks has no rows to remove.
            drop(self.remove_rows(object, |row| !gone.contains(&row[field])));
        }
    }

    /// Turns user access policies on: assignments have `IsRevoked` and `LastCreatedByChangeId` from v57.0, and one
    /// assignment in a hundred is revoked.
    pub fn with_user_access_policies(&mut self) {
        self.policies = true;
        let Some(at) = self.find("PermissionSetAssignment") else { return };
        let table = &mut self.tables[at];
        let columns = ["IsRevoked", "IsActive", "LastCreatedByChangeId"].map(|name| table.object.position(name));
        let [Some(revoked), Some(active), Some(change)] = columns else { return };
        let changed = Cell::Id(numbered_id("0Wm", defaults::FIRST));
        for row in (0..).take(table.len()) {
            match row % 100 {
                41 => {
                    table.set(row, revoked, Cell::Bool(true));
                    table.set(row, active, Cell::Bool(false));
                    table.set(row, change, changed.clone());
                }
                7 => table.set(row, change, changed.clone()),
                _ => {}
            }
        }
    }

    /// Answers a SOQL query as the API of that version would, all rows in one page.
    pub fn query(&self, api_version: u16, soql: &str) -> Result<Value, ApiError> {
        let answer = soql::run(self, None, api_version, soql)?;
        let page = soql::Page { api_version, from: 0, rows: usize::MAX, locator: &|_, _| String::new() };
        Ok(serde_json::from_slice(&answer.write(self, &page)).unwrap_or_default())
    }
}

fn no_field(object: &str, field: &str) -> DemoError {
    DemoError::NoField { object: object.to_owned(), field: field.to_owned() }
}

fn read_value(object: &Object, column: usize, value: &Value) -> Result<Cell, DemoError> {
    let field = &object.fields[column];
    Cell::from_json(field, value).map_err(|reason| DemoError::BadValue {
        object: object.name.to_owned(),
        field: field.name.to_string(),
        value: value.to_string(),
        reason: format!("it should be {reason}"),
    })
}

fn read_record(
    table: &mut Table,
    fields: &Map<String, Value>,
    user: RecordId,
    organization: RecordId,
) -> Result<Box<[Cell]>, DemoError> {
    let named = fields.keys().any(|name| name.eq_ignore_ascii_case("Id"));
    let free_id = if named { None } else { Some(table.free_id()) };
    let object = &table.object;
    let mut row: Vec<Option<Cell>> = vec![None; object.fields.len()];
    for (name, value) in fields {
        // A record as an answer shows it: the parents come by their references.
        let is_parent = |field: &Field| field.relationship.is_some_and(|parent| parent.eq_ignore_ascii_case(name));
        if name == "attributes" || object.fields.iter().any(is_parent) {
            continue;
        }
        let column = object.position(name).ok_or_else(|| no_field(object.name, name))?;
        row[column] = Some(read_value(object, column, value)?);
    }
    if let Some(id) = free_id {
        row[0] = Some(Cell::Id(id));
    }
    Ok(defaults::complete(object, row, user, organization))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BO: &str = "0055f000001AAABAA4";

    fn org() -> Org {
        let mut org = Org::empty();
        org.insert("user", json!({ "Id": BO, "LastName": "Brown", "FirstName": "Bo" })).unwrap();
        org
    }

    fn bo(org: &Org, field: &str) -> Value {
        let soql = format!("SELECT {field} FROM User WHERE Id = '{BO}'");
        org.query(60, &soql).unwrap()["records"][0][field].clone()
    }

    #[test]
    fn an_empty_org_has_its_administrator() {
        let org = Org::empty();
        let rows = ["Organization", "UserLicense", "Profile", "PermissionSet", "User", "PermissionSetAssignment"];
        assert_eq!(rows.map(|object| org.rows(object)), [1; 6]);
        let soql = "SELECT Id FROM User WHERE Profile.PermissionsModifyAllData = true";
        assert_eq!(org.query(60, soql).unwrap()["totalSize"], 1);
    }

    #[test]
    fn gaps_of_a_record_are_filled() {
        let org = org();
        assert_eq!(bo(&org, "Name"), "Bo Brown");
        assert_eq!(bo(&org, "Username"), "bo.brown@acme.example");
        assert_eq!(bo(&org, "IsActive"), true);
        assert_eq!(bo(&org, "Department"), Value::Null);
        assert_eq!(bo(&org, "CreatedById"), org.user_id());
        assert_eq!(bo(&org, "CreatedDate"), "2023-04-05T20:43:59.000+0000");
    }

    #[test]
    fn a_record_can_be_one_of_an_answer() {
        let mut org = org();
        let role = json!({
            "attributes": { "type": "Group" }, "Name": null, "Type": "Role", "RelatedId": "00E5f000000ZZZZEA4", "Related": null,
        });
        org.insert("Group", role).unwrap();
        let group = org.query(60, "SELECT RelatedId, Related.Name, Name FROM Group").unwrap();
        assert_eq!(group["records"][0]["Related"], Value::Null);
        assert_eq!(group["records"][0]["RelatedId"], "00E5f000000ZZZZEA4");
    }

    #[test]
    fn records_are_checked() {
        let mut org = org();
        let mut error = |object: &str, record: Value| org.insert(object, record).unwrap_err().to_string();
        assert_eq!(error("Nope", json!({})), "the demo org has no object `Nope`");
        assert_eq!(error("User", json!([])), "a record of `User` must be a JSON object");
        assert_eq!(error("User", json!({ "Nope": 1 })), "`User` has no field `Nope`");
        assert_eq!(error("User", json!({ "Id": BO })), format!("`User` already has a record `{BO}`"));
        assert_eq!(error("User", json!({ "Id": null })), "a record of `User` needs an id");
        let wrong = error("User", json!({ "IsActive": "yes" }));
        assert_eq!(wrong, "`\"yes\"` is not a value for `User.IsActive`: it should be true or false");
    }

    #[test]
    fn records_change_and_go() {
        let mut org = org();
        org.update("User", &BO[..15], "isactive", json!(false)).unwrap();
        assert_eq!(bo(&org, "IsActive"), false);
        assert!(matches!(org.update("User", "005000000000000", "Name", json!("x")), Err(DemoError::NoRecord { .. })));
        assert!(matches!(org.update("User", BO, "Id", json!(BO)), Err(DemoError::NoField { .. })));
        org.remove_rows("User", |user| user["LastName"] != "Admin").unwrap();
        assert_eq!(org.rows("User"), 1);
        assert_eq!(bo(&org, "LastName"), "Brown");
        org.insert("User", json!({ "LastName": "New" })).unwrap();
        assert_eq!(org.records("User").len(), 2);
    }
}
