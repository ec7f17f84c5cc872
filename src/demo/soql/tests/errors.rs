//! What is refused, and in which words.

use super::{error, org};

#[test]
fn an_unknown_column_is_pointed_at() {
    let text = "\nSELECT Id, Bogus FROM User\n           ^\nERROR at Row:1:Column:12\nNo such column 'Bogus' on entity \
                'User'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field \
                name. Please reference your WSDL or the describe call for the appropriate names.";
    let error = error("SELECT Id, Bogus FROM User");
    assert_eq!((error.status, error.code, error.message.as_str()), (400, "INVALID_FIELD", text));
}

#[test]
fn rows_of_the_caret_text_count_lines() {
    let error = error("SELECT Id\nFROM User\nWHERE Nope = 1");
    assert!(error.message.starts_with("\nWHERE Nope = 1\n      ^\nERROR at Row:3:Column:7\n"), "{error}");
}

#[test]
fn an_unknown_object_is_pointed_at() {
    let text = "\nSELECT Id FROM NetworkMember\n               ^\nERROR at Row:1:Column:16\nsObject type 'NetworkMember' \
                is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the \
                entity name. Please reference your WSDL or the describe call for the appropriate names.";
    let error = error("SELECT Id FROM NetworkMember");
    assert_eq!((error.status, error.code, error.message.as_str()), (400, "INVALID_TYPE", text));
}

#[test]
fn an_unknown_relationship_is_named() {
    for soql in [
        "SELECT Boss.Name FROM User",
        "SELECT UserOrGroup.Name FROM GroupMember",
        "SELECT ParentRole.Name FROM UserRole",
    ] {
        let error = error(soql);
        assert_eq!(error.code, "INVALID_FIELD");
        assert!(error.message.contains("Didn't understand relationship '"), "{error}");
    }
}

#[test]
fn fields_appear_with_their_api_version() {
    let org = org();
    let soql = "SELECT IsActive FROM PermissionSetAssignment";
    assert_eq!(org.query(51, soql).unwrap_err().code, "INVALID_FIELD");
    assert_eq!(org.query(52, soql).unwrap()["totalSize"], 1);
    assert_eq!(org.query(44, "SELECT Id FROM PermissionSetGroup").unwrap_err().code, "INVALID_TYPE");
    let used = "SELECT Id FROM UserLicense WHERE UsedLicenses > 0";
    assert!(org.query(63, used).is_ok());
    let error = org.query(64, used).unwrap_err();
    assert!(error.message.ends_with("field 'UsedLicenses' can not be filtered in a query call"), "{error}");
    assert_eq!(error.code, "INVALID_FIELD");
}

#[test]
fn user_access_policies_bring_their_fields() {
    let mut org = org();
    let soql = "SELECT IsRevoked, LastCreatedByChangeId FROM PermissionSetAssignment";
    assert_eq!(org.query(60, soql).unwrap_err().code, "INVALID_FIELD");
    org.with_user_access_policies();
    assert_eq!(org.query(60, soql).unwrap()["records"][0]["IsRevoked"], false);
    assert_eq!(org.query(56, soql).unwrap_err().code, "INVALID_FIELD");
}

#[test]
fn objects_and_fields_can_be_switched_off() {
    let mut org = org();
    org.without_object("permissionsetgroup");
    org.without_field("User", "Department");
    assert_eq!(org.query(60, "SELECT Id FROM PermissionSetGroup").unwrap_err().code, "INVALID_TYPE");
    assert_eq!(org.query(60, "SELECT Department FROM User").unwrap_err().code, "INVALID_FIELD");
    assert!(org.query(60, "SELECT FIELDS(STANDARD) FROM User").unwrap()["records"][0].get("Department").is_none());
}

#[test]
fn malformed_queries_name_the_token() {
    let cases = [
        ("SELECT FROM User", "'FROM'"),
        ("SELECT Id FROM User WHERE", "'<EOF>'"),
        ("SELECT Id Name FROM User x y", "'y'"),
        ("SELECT Id FROM User WHERE Id = '1' AND Name = 'a' OR Name = 'b'", "'OR'"),
        ("SELECT Id FROM User WHERE Name = 'a' OR Name = 'b' AND Id = '1'", "'AND'"),
        ("SELECT Id FROM User LIMIT x", "'x'"),
        ("SELECT Id FROM User FOR VIEW", "'FOR'"),
        ("SELECT Id FROM User WHERE Name INCLUDES ('a')", "'INCLUDES'"),
        ("SELECT Id; FROM User", "';'"),
        ("", "'<EOF>'"),
        ("DELETE FROM User", "'DELETE'"),
    ];
    for (soql, token) in cases {
        let error = error(soql);
        assert_eq!(error.code, "MALFORMED_QUERY", "{soql}");
        assert!(error.message.ends_with(&format!("unexpected token: {token}")), "{soql}: {error}");
    }
}

#[test]
fn aggregates_where_they_do_not_belong() {
    let cases = [
        ("SELECT COUNT() FROM User GROUP BY ProfileId", "Grouped query cannot use COUNT(), use COUNT(Id)"),
        ("SELECT Id FROM User WHERE COUNT(Id) > 1", "Aggregate functions are not allowed in a WHERE clause"),
        ("SELECT Id FROM User HAVING Id != null", "Having clause requires a grouped query"),
        ("SELECT Id FROM User ORDER BY COUNT(Id)", "Ordered by an aggregate in a query that is not grouped"),
        ("SELECT COUNT(Id) n, MIN(Name) n FROM User", "duplicate alias: n"),
    ];
    for (soql, message) in cases {
        let error = error(soql);
        assert_eq!(error.code, "MALFORMED_QUERY", "{soql}");
        assert!(error.message.ends_with(message), "{soql}: {error}");
    }
}

#[test]
fn wrong_values_and_operators() {
    let bad_id = error("SELECT Id FROM User WHERE ManagerId = 'Bo'");
    assert_eq!(bad_id.code, "INVALID_QUERY_FILTER_OPERATOR");
    assert!(bad_id.message.ends_with("invalid ID field: Bo"), "{bad_id}");
    let like = error("SELECT Id FROM User WHERE Id LIKE '005%'");
    assert!(like.message.ends_with("invalid operator on id field"), "{like}");
    let flag = error("SELECT Id FROM User WHERE IsActive = 'true'");
    assert_eq!(flag.code, "INVALID_FIELD");
    assert!(
        flag.message.ends_with("'IsActive' must be of type boolean and should not be enclosed in quotes"),
        "{flag}"
    );
    let text = error("SELECT Id FROM User WHERE Name = 5");
    assert!(text.message.ends_with("'Name' must be of type string and should be enclosed in quotes"), "{text}");
    let sort = error("SELECT Id FROM PermissionSet ORDER BY PermissionsApiEnabled");
    assert!(sort.message.ends_with("field 'PermissionsApiEnabled' can not be sorted in a query call"), "{sort}");
    let sum = error("SELECT SUM(Name) FROM User");
    assert!(sum.message.ends_with("field Name does not support aggregate operator SUM"), "{sum}");
    assert!(error("SELECT Id, id FROM User").message.ends_with("duplicate field selected: id"));
}

#[test]
fn very_long_and_very_deep_queries_are_refused() {
    let long = format!("SELECT Id FROM User WHERE Name = '{}'", "x".repeat(crate::demo::soql::MAX_CHARS));
    assert_eq!(error(&long).message, "SOQL statements cannot be longer than 100000 characters.");
    let deep = format!("SELECT Id FROM User WHERE {}Name = 'x'{}", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(error(&deep).code, "QUERY_TOO_COMPLICATED");
    let nots = format!("SELECT Id FROM User WHERE {} Name = 'x'", "NOT ".repeat(5_000));
    assert_eq!(error(&nots).code, "QUERY_TOO_COMPLICATED");
}

proptest::proptest! {
    /// No text makes the parser or the caret text panic.
    #[test]
    fn no_text_panics(soql in "(SELECT |FROM |Id|User|WHERE |[(),.']|LIKE '%|= |\\\\|-|[0-9T:]|é|\n| ){0,40}") {
        let _ = crate::demo::Org::bare().query(60, &soql);
    }
}
