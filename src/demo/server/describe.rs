//! What the API tells about the schema.

use serde_json::{Value, json};

use crate::demo::error::ApiError;
use crate::demo::org::Org;
use crate::demo::schema::{Child, Field, Kind, Object};
use crate::demo::table::Table;

/// The object of a path, if this version has it.
pub(super) fn table<'a>(org: &'a Org, version: u16, name: &str) -> Result<&'a Table, ApiError> {
    org.table(name).filter(|table| table.object.since <= version).ok_or_else(ApiError::not_found)
}

/// `/sobjects`.
pub(super) fn global(org: &Org, version: u16) -> Value {
    let shown = org.tables.iter().filter(|table| table.object.since <= version);
    let objects: Vec<Value> = shown.map(|table| summary(&table.object, version)).collect();
    json!({ "encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects })
}

/// `/sobjects/X`.
pub(super) fn basic(org: &Org, version: u16, name: &str) -> Result<Value, ApiError> {
    let table = table(org, version, name)?;
    Ok(json!({ "objectDescribe": summary(&table.object, version), "recentItems": [] }))
}

/// `/sobjects/X/describe`.
pub(super) fn object(org: &Org, version: u16, name: &str) -> Result<Value, ApiError> {
    let object = &table(org, version, name)?.object;
    let mut body = summary(object, version);
    let fields = object.fields.iter().filter(|field| org.shows(field, version));
    body["fields"] = fields.map(|field| describe_field(org, object, field, version)).collect();
    body["childRelationships"] =
        object.children.iter().filter(|child| org.find(child.object).is_some()).map(describe_child).collect();
    body["recordTypeInfos"] = json!([]);
    body["supportedScopes"] = json!([{ "label": "All", "name": "everything" }]);
    Ok(body)
}

fn summary(object: &Object, version: u16) -> Value {
    let url = format!("/services/data/v{version}.0/sobjects/{}", object.name);
    json!({
        "activateable": false,
        "createable": true,
        "custom": false,
        "customSetting": false,
        "deletable": true,
        "deprecatedAndHidden": false,
        "feedEnabled": false,
        "keyPrefix": object.prefix,
        "label": object.label,
        "labelPlural": object.plural,
        "layoutable": false,
        "mergeable": false,
        "mruEnabled": false,
        "name": object.name,
        "queryable": true,
        "replicateable": true,
        "retrieveable": true,
        "searchable": false,
        "triggerable": false,
        "undeletable": false,
        "updateable": true,
        "urls": { "sobject": url, "describe": format!("{url}/describe"), "rowTemplate": format!("{url}/{{ID}}") },
    })
}

fn describe_child(child: &Child) -> Value {
    json!({
        "cascadeDelete": false,
        "childSObject": child.object,
        "deprecatedAndHidden": false,
        "field": child.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child.relationship,
        "restrictedDelete": false,
    })
}

fn describe_field(org: &Org, object: &Object, field: &Field, version: u16) -> Value {
    let is_name = object.name_field().is_some_and(|name| object.fields[name].name == field.name);
    let to: Vec<&str> = field.to.iter().copied().filter(|to| org.find(to).is_some()).collect();
    json!({
        "aggregatable": field.aggregatable(),
        "autoNumber": false,
        "byteLength": field.length * if field.kind.is_text() { 3 } else { 1 },
        "calculated": false,
        "caseSensitive": false,
        "createable": field.kind != Kind::Id,
        "custom": false,
        "defaultedOnCreate": false,
        "deprecatedAndHidden": false,
        "digits": if field.kind == Kind::Int { 9 } else { 0 },
        "filterable": version < field.unfilterable_from,
        "groupable": field.groupable,
        "idLookup": field.kind == Kind::Id,
        "label": field.name,
        "length": field.length,
        "name": field.name,
        "nameField": is_name,
        "namePointing": field.name_pointing,
        "nillable": field.nillable,
        "permissionable": false,
        "picklistValues": [],
        "polymorphicForeignKey": field.to.len() > 1,
        "precision": 0,
        "referenceTo": to,
        "relationshipName": field.relationship,
        "restrictedPicklist": field.kind == Kind::Picklist,
        "scale": 0,
        "soapType": field.kind.soap(),
        "sortable": field.sortable,
        "type": field.kind.name(),
        "unique": false,
        "updateable": field.kind != Kind::Id,
    })
}
