//! Big objects, read range by range of their ids.

use serde_json::Value;

use crate::demo::soql::{Kept, Page, run};
use crate::demo::{Org, Shape};

const FROM: &str = "SELECT Id, AssigneeId FROM PermissionSetAssignment WHERE";

fn rows(org: &Org, kept: Option<&Kept>, soql: &str) -> Vec<Value> {
    let answer = run(org, kept, 66, soql).unwrap_or_else(|error| panic!("{soql}: {error}"));
    let page = Page { api_version: 66, from: 0, rows: usize::MAX, locator: &|_, _| String::new() };
    let answer: Value = serde_json::from_slice(&answer.write(org, &page)).unwrap();
    let rows = answer["records"].as_array().unwrap().clone();
    assert_eq!(answer["totalSize"], rows.len());
    rows
}

#[test]
fn ranges_of_ids_are_the_whole_in_parts() {
    let org = Org::generate(Shape::Mid, 1);
    let kept = Kept::default();
    for condition in ["Id != null", "(PermissionSet.IsOwnedByProfile = FALSE AND Assignee.UserType = 'Standard')"] {
        let whole = rows(&org, None, &format!("{FROM} {condition} ORDER BY Id"));
        assert!(whole.len() > 25_000);
        assert_eq!(rows(&org, Some(&kept), &format!("{FROM} {condition}")), whole);
        let id = |at: usize| whole[at]["Id"].as_str().unwrap();
        let (a, b) = (id(9_999), id(20_000));
        let parts = [format!("Id <= '{a}'"), format!("Id > '{a}' AND Id < '{b}'"), format!("Id >= '{b}'")];
        for kept in [None, Some(&kept)] {
            let part = |range: &String| rows(&org, kept, &format!("{FROM} {condition} AND {range} ORDER BY Id"));
            assert_eq!(parts.iter().map(|range| part(range).len()).collect::<Vec<_>>()[..2], [10_000, 10_000]);
            assert_eq!(parts.iter().flat_map(part).collect::<Vec<_>>(), whole);
            let some = |rest: &str| rows(&org, kept, &format!("{FROM} {condition} AND {rest}"));
            assert_eq!(some(&format!("Id > '{b}' ORDER BY Id DESC LIMIT 2 OFFSET 1"))[1], whole[whole.len() - 3]);
            assert_eq!(some(&format!("Id = '{b}'")), [whole[20_000].clone()]);
            assert_eq!(some(&format!("Id > '{b}' AND Id < '{a}'")), [] as [Value; 0]);
            let either = some(&format!("(Id = '{b}' OR Id = '{a}') ORDER BY Id"));
            assert_eq!(either, [whole[9_999].clone(), whole[20_000].clone()]);
        }
    }
}
