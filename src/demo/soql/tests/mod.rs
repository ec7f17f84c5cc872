//! Each feature of the language, on a small org; [`errors`] has what is refused, [`ranges`] what big objects are read by.

mod errors;
mod ranges;

use serde_json::{Value, json};

use crate::demo::{ApiError, Org};

const P1: &str = "00e5f000000AAAAAA4";
const HIDDEN: &str = "00e5f000000ZZZZAA4";
const R1: &str = "00E5f000000AAAAEA4";
const R2: &str = "00E5f000000AAABEA4";
const G1: &str = "00G5f000004AAAAEA4";
const S1: &str = "0PS5f000000AAAAGA4";

/// Ada manages Bo, Bo manages Cy; Zoë has a hidden profile and no role.
fn org() -> Org {
    let mut org = Org::bare();
    let mut add = |object: &str, record: Value| org.insert(object, record).unwrap();
    add("Organization", json!({"Id": "00D5f000000AAAAEA4", "Name": "Acme"}));
    add("UserLicense", json!({"Id": "1005f000000AAAAAA4", "Name": "Salesforce", "LicenseDefinitionKey": "SFDC"}));
    add(
        "Profile",
        json!({"Id": P1, "Name": "Standard User", "UserLicenseId": "1005f000000AAAAAA4", "PermissionsApiEnabled": true}),
    );
    add("UserRole", json!({"Id": R1, "Name": "CEO"}));
    add("UserRole", json!({"Id": R2, "Name": "Sales", "ParentRoleId": R1}));
    add(
        "User",
        json!({"Id": "0055f000001AAAAAA4", "Username": "ada@example.com", "FirstName": "Ada", "LastName": "Able",
        "ProfileId": P1, "UserRoleId": R1, "NumberOfFailedLogins": 2, "LastLoginDate": "2024-09-24T03:26:07.000+0000"}),
    );
    add(
        "User",
        json!({"Id": "0055f000001AAABAA4", "Username": "bo@example.com", "FirstName": "bo", "LastName": "O'Brien",
        "ProfileId": P1, "UserRoleId": R2, "ManagerId": "0055f000001AAAAAA4", "NumberOfFailedLogins": 5}),
    );
    add(
        "User",
        json!({"Id": "0055f000001AAACAA4", "Username": "cy@example.com", "LastName": "100%_Cy", "IsActive": false,
        "ProfileId": P1, "UserRoleId": R2, "ManagerId": "0055f000001AAABAA4"}),
    );
    add(
        "User",
        json!({"Id": "0055f000001AAADAA4", "Username": "zoe@example.com", "FirstName": "Zoë", "LastName": "日本\n\"x\"",
        "ProfileId": HIDDEN, "UserType": "AutomatedProcess", "Email": null}),
    );
    add("Group", json!({"Id": G1, "Name": "Deals", "DeveloperName": "Deals"}));
    add(
        "Group",
        json!({"Id": "00G5f000004AAACEA4", "Name": null, "DeveloperName": "Sales", "Type": "Role", "RelatedId": R2}),
    );
    add("GroupMember", json!({"GroupId": G1, "UserOrGroupId": "0055f000001AAABAA4"}));
    add("GroupMember", json!({"GroupId": G1, "UserOrGroupId": "00G5f000004AAACEA4"}));
    add("PermissionSet", json!({"Id": S1, "Name": "Extra", "LicenseId": "1005f000000AAAAAA4"}));
    add("PermissionSetAssignment", json!({"AssigneeId": "0055f000001AAABAA4", "PermissionSetId": S1}));
    org
}

fn answer(soql: &str) -> Value {
    org().query(60, soql).unwrap_or_else(|error| panic!("{soql}: {error}"))
}

fn error(soql: &str) -> ApiError {
    org().query(60, soql).expect_err(soql)
}

/// The value of the one selected field beside the id of each record; of several, the last by the alphabet.
fn values(soql: &str) -> Vec<Value> {
    let records = answer(soql)["records"].clone();
    let value = |record: &Value| {
        let mut members = record.as_object().unwrap().iter().filter(|(name, _)| *name != "attributes" && *name != "Id");
        members.next_back().unwrap().1.clone()
    };
    records.as_array().unwrap().iter().map(value).collect()
}

/// The user names (without the domain) that a condition leaves.
fn users(condition: &str) -> String {
    let soql = format!("SELECT Id, Username FROM User WHERE {condition} ORDER BY Username");
    let names = values(&soql);
    names.iter().map(|name| name.as_str().unwrap().split('@').next().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn only_selected_fields_come_back_in_canonical_case_and_order() {
    let mut bytes = Vec::new();
    let answer = super::run(&org(), None, 50, "select username, ID from user limit 1").unwrap();
    let page = super::Page { api_version: 50, from: 0, rows: 2000, locator: &|_, _| String::new() };
    bytes.extend(answer.write(&org(), &page));
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        r#"{"totalSize":1,"done":true,"records":[{"attributes":{"type":"User","url":"/services/data/v50.0/sobjects/User/0055f000001AAAAAA4"},"Username":"ada@example.com","Id":"0055f000001AAAAAA4"}]}"#
    );
}

#[test]
fn texts_are_escaped_and_datetimes_have_the_api_form() {
    let records = values("SELECT LastName FROM User WHERE FirstName = 'zoë'");
    assert_eq!(records, [json!("日本\n\"x\"")]);
    let records = values("SELECT LastLoginDate FROM User ORDER BY Id LIMIT 2");
    assert_eq!(records, [json!("2024-09-24T03:26:07.000+0000"), Value::Null]);
}

#[test]
fn parents_are_nested_and_null_where_nothing_is_shown() {
    let answer = answer(
        "SELECT Id, Profile.Name, UserRole.Name, profile.userlicense.LicenseDefinitionKey FROM User ORDER BY Id",
    );
    let records = answer["records"].as_array().unwrap();
    assert_eq!(
        records[0]["Profile"],
        json!({
            "attributes": {"type": "Profile", "url": format!("/services/data/v60.0/sobjects/Profile/{P1}")},
            "Name": "Standard User",
            "UserLicense": {
                "attributes": {"type": "UserLicense", "url": "/services/data/v60.0/sobjects/UserLicense/1005f000000AAAAAA4"},
                "LicenseDefinitionKey": "SFDC",
            },
        })
    );
    // Zoë's profile id is set, its profile is hidden; she has no role.
    assert_eq!((&records[3]["Profile"], &records[3]["UserRole"]), (&Value::Null, &Value::Null));
    assert_eq!(records[3].as_object().unwrap().len(), 4);
}

#[test]
fn five_levels_up_and_not_six() {
    let up = |levels: usize| format!("SELECT {}Name FROM User", "Manager.".repeat(levels));
    assert_eq!(answer(&up(5))["totalSize"], 4);
    assert_eq!(error(&up(6)).code, "MALFORMED_QUERY");
    let names = answer("SELECT Manager.Manager.Name FROM User WHERE LastName = '100%_Cy'");
    assert_eq!(names["records"][0]["Manager"]["Manager"]["Name"], "Ada Able");
}

#[test]
fn polymorphic_parents_are_read_as_name() {
    let found = answer("SELECT Related.Name, Related.Type, Owner.Name FROM Group WHERE Type = 'Role'");
    let related = &found["records"][0]["Related"];
    assert_eq!(
        related["attributes"],
        json!({"type": "Name", "url": format!("/services/data/v60.0/sobjects/UserRole/{R2}")})
    );
    assert_eq!((&related["Name"], &related["Type"]), (&json!("Sales"), &json!("UserRole")));
    let license = answer("SELECT License.Name FROM PermissionSet");
    assert_eq!(license["records"][0]["License"]["Name"], "Salesforce");
    let error = error("SELECT License.LicenseDefinitionKey FROM PermissionSet");
    assert!(error.message.contains("No such column 'LicenseDefinitionKey' on entity 'Name'"), "{error}");
}

#[test]
fn equality_ignores_case_and_empty_text_is_null() {
    assert_eq!(users("FirstName = 'ADA'"), "ada");
    assert_eq!(users("FirstName = 'ZOË'"), "zoe");
    assert_eq!(users("FirstName = null"), "cy");
    assert_eq!(users("FirstName = ''"), "cy");
    assert_eq!(users("FirstName != 'ada'"), "bo cy zoe");
    assert_eq!(users("FirstName <> null"), "ada bo zoe");
}

#[test]
fn ids_match_in_both_forms_and_with_their_case() {
    assert_eq!(users("Id = '0055f000001AAAB'"), "bo");
    assert_eq!(users("Id = '0055f000001AAABAA4'"), "bo");
    assert_eq!(users("Id IN ('0055f000001AAAB', '0055f000001AAACAA4')"), "bo cy");
    assert_eq!(users(&format!("UserRoleId = '{R1}'")), "ada");
    // The same letters in the other case are a profile's id.
    assert_eq!(users("UserRoleId = '00e5f000000AAAA'"), "");
    assert_eq!(users("UserRoleId = null"), "zoe");
    assert_eq!(users("UserRoleId = '000000000000000'"), "zoe");
    assert_eq!(users("Id > '0055f000001AAAB'"), "cy zoe");
    assert_eq!(users("Id > ''"), "ada bo cy zoe");
}

#[test]
fn and_or_not_and_parentheses() {
    assert_eq!(users("IsActive = true AND FirstName = 'bo'"), "bo");
    assert_eq!(users("FirstName = 'bo' OR FirstName = 'ada'"), "ada bo");
    assert_eq!(users("(FirstName = 'bo' OR FirstName = 'ada') AND NumberOfFailedLogins > 2"), "bo");
    assert_eq!(users("NOT IsActive = true"), "cy");
    assert_eq!(users("NOT (FirstName = 'bo' OR FirstName = 'ada')"), "cy zoe");
    assert_eq!(users("IsActive = true AND NOT FirstName IN ('bo')"), "ada zoe");
}

#[test]
fn numbers_and_datetimes_compare_and_null_does_not() {
    assert_eq!(users("NumberOfFailedLogins >= 2"), "ada bo");
    assert_eq!(users("NumberOfFailedLogins < 5"), "ada");
    assert_eq!(users("NumberOfFailedLogins <= 5.0"), "ada bo");
    assert_eq!(users("NumberOfFailedLogins != 5"), "ada cy zoe");
    assert_eq!(users("NumberOfFailedLogins > -1"), "ada bo");
    assert_eq!(users("LastLoginDate = 2024-09-24T05:26:07+02:00"), "ada");
    assert_eq!(users("LastLoginDate < 2024-09-25T00:00:00Z"), "ada");
    assert_eq!(users("LastLoginDate = null"), "bo cy zoe");
}

#[test]
fn in_and_not_in_take_null() {
    assert_eq!(users("FirstName IN ('ADA', null)"), "ada cy");
    assert_eq!(users("FirstName NOT IN ('ada')"), "bo cy zoe");
    assert_eq!(users("NumberOfFailedLogins IN (2, 5)"), "ada bo");
}

#[test]
fn like_knows_wildcards_and_escapes() {
    assert_eq!(users("Username LIKE '%@EXAMPLE.com'"), "ada bo cy zoe");
    assert_eq!(users("Username LIKE '__@example.com'"), "bo cy");
    assert_eq!(users(r"LastName LIKE '100\%\_%'"), "cy");
    assert_eq!(users(r"LastName LIKE '10\_%'"), "");
    assert_eq!(users("LastName LIKE '%b%e%'"), "ada bo");
    assert_eq!(users("LastName LIKE 'able_'"), "");
    assert_eq!(users("FirstName LIKE '%'"), "ada bo zoe");
}

#[test]
fn escapes_in_texts() {
    assert_eq!(users(r"LastName = 'O\'Brien'"), "bo");
    assert_eq!(users("LastName = '日本\\n\\\"x\\\"'"), "zoe");
    assert_eq!(error(r"SELECT Id FROM User WHERE LastName = 'a\q'").code, "MALFORMED_QUERY");
    assert_eq!(error("SELECT Id FROM User WHERE LastName = 'a").code, "MALFORMED_QUERY");
}

#[test]
fn a_filter_on_a_parent_drops_rows_without_it() {
    assert_eq!(users("Profile.Name = 'Standard User'"), "ada bo cy");
    assert_eq!(users("Profile.Name != 'Other'"), "ada bo cy");
    assert_eq!(users("Profile.Id != null"), "ada bo cy");
    // A null reference counts as null, a hidden record does not.
    assert_eq!(users("UserRole.Name = null"), "zoe");
    assert_eq!(users("Profile.Name = null"), "");
}

#[test]
fn semi_joins() {
    assert_eq!(
        users("Id IN (SELECT AssigneeId FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Extra')"),
        "bo"
    );
    assert_eq!(users("Id NOT IN (SELECT AssigneeId FROM PermissionSetAssignment)"), "ada cy zoe");
    assert_eq!(users("Id IN (SELECT ManagerId FROM User)"), "ada bo");
    let error = error("SELECT Id FROM User WHERE Id IN (SELECT Name FROM User)");
    assert!(error.message.ends_with("semi join sub-selects can only query id fields"), "{error}");
}

#[test]
fn sub_selects_are_nested_and_null_without_children() {
    let found = answer("SELECT Id, (SELECT UserOrGroupId FROM GroupMembers) FROM Group ORDER BY Id");
    let members = &found["records"][0]["GroupMembers"];
    assert_eq!((&members["totalSize"], &members["done"]), (&json!(2), &json!(true)));
    assert_eq!(members["records"][0]["attributes"]["type"], "GroupMember");
    assert_eq!(members["records"][1]["UserOrGroupId"], "00G5f000004AAACEA4");
    assert_eq!(found["records"][1]["GroupMembers"], Value::Null);
    let one = answer("SELECT (SELECT Id FROM groupmembers LIMIT 1) FROM Group ORDER BY Id LIMIT 1");
    assert_eq!(one["records"][0]["GroupMembers"]["totalSize"], 1);
    let wrong = error("SELECT Id, (SELECT Id FROM Members) FROM Group");
    assert_eq!(wrong.code, "INVALID_TYPE");
    assert!(wrong.message.contains("Didn't understand relationship 'Members' in FROM part of query call"), "{wrong}");
}

#[test]
fn order_limit_and_offset() {
    let names = |tail: &str| {
        let names = values(&format!("SELECT FirstName FROM User {tail}"));
        names.iter().map(|name| name.as_str().unwrap_or("-").to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("ORDER BY FirstName"), "- Ada bo Zoë");
    assert_eq!(names("ORDER BY FirstName DESC"), "- Zoë bo Ada");
    assert_eq!(names("ORDER BY FirstName NULLS LAST"), "Ada bo Zoë -");
    assert_eq!(names("ORDER BY FirstName DESC NULLS LAST"), "Zoë bo Ada -");
    assert_eq!(names("ORDER BY IsActive, UserRole.Name DESC, Id"), "- Zoë bo Ada");
    assert_eq!(names("ORDER BY Id DESC LIMIT 1 OFFSET 1"), "-");
    assert_eq!(names("LIMIT 0"), "");
    assert_eq!(names("ORDER BY Id OFFSET 9"), "");
    assert_eq!(error("SELECT Id FROM User OFFSET 2001").code, "NUMBER_OUTSIDE_VALID_RANGE");
}

#[test]
fn counts() {
    assert_eq!(answer("SELECT COUNT() FROM User"), json!({"totalSize": 4, "done": true, "records": []}));
    assert_eq!(answer("select count() from User where IsActive = false")["totalSize"], 1);
    assert_eq!(
        answer(
            "SELECT COUNT(FirstName), COUNT_DISTINCT(ProfileId) profiles, MIN(NumberOfFailedLogins), \
                MAX(Username), SUM(NumberOfFailedLogins), AVG(NumberOfFailedLogins) FROM User"
        )["records"],
        json!([{"attributes": {"type": "AggregateResult"}, "expr0": 3, "profiles": 2, "expr1": 2,
            "expr2": "zoe@example.com", "expr3": 7, "expr4": 3.5}])
    );
}

#[test]
fn groups() {
    assert_eq!(
        answer("SELECT UserRoleId, COUNT(Id) n FROM User GROUP BY UserRoleId ORDER BY COUNT(Id) DESC, UserRoleId")["records"],
        json!([
            {"attributes": {"type": "AggregateResult"}, "UserRoleId": R2, "n": 2},
            {"attributes": {"type": "AggregateResult"}, "UserRoleId": null, "n": 1},
            {"attributes": {"type": "AggregateResult"}, "UserRoleId": R1, "n": 1},
        ])
    );
    let having = values("SELECT UserRole.Name, COUNT(Id) FROM User GROUP BY UserRole.Name HAVING COUNT(Id) > 1");
    assert_eq!(having, [json!(2)]);
    // The key of a path is its last part.
    let key = answer("SELECT Assignee.ProfileId FROM PermissionSetAssignment GROUP BY Assignee.ProfileId");
    assert_eq!(key["records"][0]["ProfileId"], P1);
    let ungrouped = error("SELECT Name, COUNT(Id) FROM User GROUP BY ProfileId");
    assert!(ungrouped.message.ends_with("Field must be grouped or aggregated: Name"), "{ungrouped}");
    let flag = error("SELECT LastLoginDate FROM User GROUP BY LastLoginDate");
    assert!(flag.message.ends_with("field 'LastLoginDate' can not be grouped in a query call"), "{flag}");
}

#[test]
fn more_than_2000_groups_have_no_second_page() {
    let mut org = Org::empty();
    for number in 0..2_000 {
        org.insert("User", json!({"LastName": format!("U{number}"), "ProfileId": P1})).unwrap();
    }
    let soql = "SELECT Username, COUNT(Id) FROM User GROUP BY Username";
    let error = org.query(60, soql).unwrap_err();
    assert_eq!(error.code, "EXCEEDED_ID_LIMIT");
    let text = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch";
    assert_eq!(error.message, text);
    assert_eq!(org.query(60, &format!("{soql} LIMIT 2000")).unwrap()["totalSize"], 2_000);
}

#[test]
fn fields_function() {
    let all = answer("SELECT FIELDS(ALL) FROM Group LIMIT 200");
    let standard = answer("SELECT FIELDS(STANDARD) FROM Group");
    assert_eq!(all, standard);
    assert!(all["records"][0].get("DoesIncludeBosses").is_some());
    assert!(all["records"][0].get("Description").is_none(), "since v62.0");
    for soql in ["SELECT FIELDS(ALL) FROM User", "SELECT FIELDS(CUSTOM) FROM User LIMIT 201"] {
        let error = error(soql);
        assert_eq!(error.code, "MALFORMED_QUERY");
        assert_eq!(error.message, "The SOQL FIELDS function must have a LIMIT of at most 200");
    }
    assert!(error("SELECT Id, FIELDS(STANDARD) FROM User").message.ends_with("duplicate field selected: Id"));
}

#[test]
fn aliases_and_all_rows() {
    assert_eq!(answer("SELECT u.Id, User.Name FROM User u WHERE u.FirstName = 'bo'")["totalSize"], 1);
    assert_eq!(answer("SELECT Id FROM User LIMIT 2 ALL ROWS")["totalSize"], 2);
    let refused = error("SELECT Name n FROM User");
    assert!(refused.message.ends_with("only aggregate expressions use field aliasing"), "{refused}");
}
