//! Any bytes as a page of each kind of rows, and cut: a page that is cut gives no rows.
#![no_main]

use baton_salesforce::salesforce::objects::{GroupRow, PermissionSetAssignmentRow, PermissionSetRow, UserRow};
use baton_salesforce::salesforce::page::Page;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fn rows(body: &[u8]) -> Option<usize> {
    let page = Page::new(Bytes::copy_from_slice(body)).ok()?;
    let _ = page.rows::<GroupRow<'_>>();
    let _ = page.rows::<PermissionSetRow<'_>>();
    let _ = page.rows::<PermissionSetAssignmentRow<'_>>();
    page.rows::<UserRow<'_>>().ok().map(|rows| rows.len())
}

fuzz_target!(|body: &[u8]| {
    if rows(body).is_some() {
        let whole = body.trim_ascii_end();
        assert_eq!(rows(&whole[..whole.len() - 1]), None, "a cut page is taken for a whole one");
    }
});
