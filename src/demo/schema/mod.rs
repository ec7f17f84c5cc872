//! The objects and fields of the org: types, nullability, what may be filtered, sorted and grouped, the API version
//! that brought a field, and the relationships.
//!
//! Facts are those of the Object Reference and of real `describe` results.

mod access;
mod further;
mod org;
mod people;
mod permissions;

use std::borrow::Cow;

pub(crate) use permissions::PERMISSIONS;

/// The type of a field, as far as its values differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Id,
    Reference,
    Text,
    Picklist,
    Email,
    Boolean,
    Int,
    Double,
    DateTime,
    Date,
}

impl Kind {
    /// The `type` of a field's describe.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Reference => "reference",
            Self::Text => "string",
            Self::Picklist => "picklist",
            Self::Email => "email",
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::Double => "double",
            Self::DateTime => "datetime",
            Self::Date => "date",
        }
    }

    /// The `soapType` of a field's describe.
    pub(crate) const fn soap(self) -> &'static str {
        match self {
            Self::Id | Self::Reference => "tns:ID",
            Self::Boolean => "xsd:boolean",
            Self::Int => "xsd:int",
            Self::Double => "xsd:double",
            Self::DateTime => "xsd:dateTime",
            Self::Date => "xsd:date",
            Self::Text | Self::Picklist | Self::Email => "xsd:string",
        }
    }

    pub(crate) const fn is_id(self) -> bool {
        matches!(self, Self::Id | Self::Reference)
    }

    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Picklist | Self::Email)
    }
}

/// A field of an object.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "a describe result is a list of flags")]
pub(crate) struct Field {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: Kind,
    /// The most characters of a text; 0 for the other types.
    pub(crate) length: u16,
    pub(crate) nillable: bool,
    pub(crate) sortable: bool,
    pub(crate) groupable: bool,
    /// The first API version that has the field.
    pub(crate) since: u16,
    /// The first API version in which the field can no longer be filtered.
    pub(crate) unfilterable_from: u16,
    /// The objects that a reference points to.
    pub(crate) to: &'static [&'static str],
    pub(crate) relationship: Option<&'static str>,
    /// The parent is read as the pseudo-object `Name`, whatever it is.
    pub(crate) name_pointing: bool,
    /// There only in an org with user access policies.
    pub(crate) needs_policies: bool,
    /// Switched off in this org.
    pub(crate) off: bool,
}

impl Field {
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, kind: Kind) -> Self {
        let groupable = !matches!(kind, Kind::DateTime | Kind::Double);
        let length = match kind {
            Kind::Id | Kind::Reference => 18,
            Kind::Text => 255,
            Kind::Picklist => 40,
            Kind::Email => 128,
            _ => 0,
        };
        Self {
            name: name.into(),
            kind,
            length,
            nillable: false,
            sortable: true,
            groupable,
            since: 0,
            unfilterable_from: u16::MAX,
            to: &[],
            relationship: None,
            name_pointing: false,
            needs_policies: false,
            off: false,
        }
    }

    /// A `Permissions…` flag: neither sortable nor groupable.
    pub(crate) fn permission(name: String) -> Self {
        Self { sortable: false, groupable: false, ..Self::new(name, Kind::Boolean) }
    }

    fn nillable(self) -> Self {
        Self { nillable: true, ..self }
    }

    fn since(self, version: u16) -> Self {
        Self { since: version, ..self }
    }

    fn length(self, length: u16) -> Self {
        Self { length, ..self }
    }

    fn relation(self, relationship: &'static str) -> Self {
        Self { relationship: Some(relationship), ..self }
    }

    /// Read through the pseudo-object `Name`.
    fn by_name(self) -> Self {
        Self { name_pointing: true, ..self }
    }

    /// Aggregates such as `MIN` take the field; booleans are refused.
    pub(crate) const fn aggregatable(&self) -> bool {
        !matches!(self.kind, Kind::Boolean)
    }
}

fn text(name: &'static str, length: u16) -> Field {
    Field::new(name, Kind::Text).length(length)
}

fn field(name: &'static str, kind: Kind) -> Field {
    Field::new(name, kind)
}

fn flag(name: &'static str) -> Field {
    Field::new(name, Kind::Boolean)
}

fn reference(name: &'static str, to: &'static [&'static str]) -> Field {
    Field { to, ..Field::new(name, Kind::Reference) }
}

/// A parent-to-child relationship, for sub-selects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Child {
    pub(crate) relationship: &'static str,
    pub(crate) object: &'static str,
    pub(crate) field: &'static str,
}

/// An object of the org.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) plural: &'static str,
    /// The first three characters of its records' ids.
    pub(crate) prefix: &'static str,
    /// The first API version that has the object.
    pub(crate) since: u16,
    /// `Id` comes first.
    pub(crate) fields: Vec<Field>,
    pub(crate) children: Vec<Child>,
}

impl Object {
    fn new(name: &'static str, prefix: &'static str, labels: (&'static str, &'static str), fields: Vec<Field>) -> Self {
        let mut all = vec![field("Id", Kind::Id)];
        all.extend(fields);
        Self { name, label: labels.0, plural: labels.1, prefix, since: 0, fields: all, children: Vec::new() }
    }

    /// Adds `Created…`, `LastModified…` and `SystemModstamp`.
    fn audited(mut self) -> Self {
        self.fields
            .extend([field("CreatedDate", Kind::DateTime), reference("CreatedById", &["User"]).relation("CreatedBy")]);
        self.modified()
    }

    /// Adds `LastModified…` and `SystemModstamp`.
    fn modified(mut self) -> Self {
        self.fields.extend([
            field("LastModifiedDate", Kind::DateTime),
            reference("LastModifiedById", &["User"]).relation("LastModifiedBy"),
        ]);
        self.stamped()
    }

    fn stamped(mut self) -> Self {
        self.fields.push(field("SystemModstamp", Kind::DateTime));
        self
    }

    /// Adds the permission flags.
    fn with_permissions(mut self) -> Self {
        self.fields.extend(PERMISSIONS.iter().map(|name| Field::permission(format!("Permissions{name}"))));
        self
    }

    fn since(self, version: u16) -> Self {
        Self { since: version, ..self }
    }

    fn child(mut self, relationship: &'static str, object: &'static str, field: &'static str) -> Self {
        self.children.push(Child { relationship, object, field });
        self
    }

    /// The position of a field, by its name in any case, if the org has it.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| !field.off && field.name.eq_ignore_ascii_case(name))
    }

    /// The field whose value names a record.
    pub(crate) fn name_field(&self) -> Option<usize> {
        ["Name", "MasterLabel", "DeveloperName"].iter().find_map(|name| self.position(name))
    }
}

/// Every object, in the order of the global describe.
pub(crate) fn objects() -> Vec<Object> {
    let mut objects = people::objects();
    objects.extend(access::objects());
    objects.extend(org::objects());
    objects.extend(further::objects());
    objects.sort_by_key(|object| object.name);
    objects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_children_name_objects_and_fields_that_exist() {
        let objects = objects();
        let find = |name: &str| objects.iter().find(|object| object.name == name);
        // Objects that are named in references and that we do not hold.
        let outside = ["Account", "Contact", "ApexClass", "UserAccessChange"];
        for object in &objects {
            for field in &object.fields {
                for to in field.to {
                    assert!(find(to).is_some() || outside.contains(to), "{}.{} -> {to}", object.name, field.name);
                }
            }
            for child in &object.children {
                let target = find(child.object).unwrap_or_else(|| panic!("{}", child.object));
                let position = target.position(child.field).unwrap_or_else(|| panic!("{}", child.field));
                assert!(target.fields[position].to.contains(&object.name), "{}", child.relationship);
            }
        }
    }

    #[test]
    fn names_and_prefixes_are_unique() {
        let objects = objects();
        for (index, object) in objects.iter().enumerate() {
            assert_eq!(object.fields[0].name, "Id");
            for other in &objects[index + 1..] {
                assert_ne!(object.name, other.name);
                assert_ne!(object.prefix, other.prefix);
            }
            for (at, field) in object.fields.iter().enumerate() {
                assert_eq!(object.position(&field.name.to_lowercase()), Some(at), "{}.{}", object.name, field.name);
            }
        }
    }

    #[test]
    fn the_permission_flags_have_their_api_names() {
        assert!(PERMISSIONS.len() > 60);
        for name in ["ModifyAllData", "ManageProfilesPermissionsets", "BypassMFAForUiLogins", "ForceTwoFactor"] {
            assert!(PERMISSIONS.contains(&name), "{name}");
        }
    }
}
