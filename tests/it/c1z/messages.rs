//! The messages of `c1.connector.v2`, as far as the `baton` CLI (SDK 0.7.27) can show them: what each field may hold.

/// The names of an enum's values.
pub(crate) type Names = &'static [(u64, &'static str)];

/// What a field holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Bool,
    Enum(Names),
    Message(&'static Shape),
    /// `google.protobuf.Struct`
    Struct,
    /// `google.protobuf.Timestamp`
    Timestamp,
    /// `google.protobuf.Any`
    Any,
    /// `map<string, GrantSource>`
    Sources,
}

/// A field of a message.
pub(crate) struct Member {
    pub(crate) number: u32,
    /// As it is called in protobuf's JSON.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) many: bool,
}

/// A message.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) members: &'static [Member],
}

const fn one(number: u32, name: &'static str, kind: Kind) -> Member {
    Member { number, name, kind, many: false }
}

const fn many(number: u32, name: &'static str, kind: Kind) -> Member {
    Member { number, name, kind, many: true }
}

macro_rules! shape {
    ($id:ident, $name:literal, [$($member:expr),* $(,)?]) => {
        pub(crate) static $id: Shape = Shape { name: $name, members: &[$($member),*] };
    };
}

/// A host of today knows more; the CLI shows those as numbers.
const TRAITS: Names = &[
    (1, "TRAIT_USER"),
    (2, "TRAIT_GROUP"),
    (3, "TRAIT_ROLE"),
    (4, "TRAIT_APP"),
    (5, "TRAIT_SECRET"),
    (6, "TRAIT_SECURITY_INSIGHT"),
    (7, "TRAIT_SCOPE_BINDING"),
    (8, "TRAIT_VENDOR"),
    (9, "TRAIT_VENDOR_AGREEMENT"),
];
const CREATION_SOURCES: Names =
    &[(1, "CREATION_SOURCE_CONNECTOR_LIST_RESOURCES"), (2, "CREATION_SOURCE_CONNECTOR_LIST_GRANTS_PRINCIPAL_JIT")];
const RESOURCE_STATUSES: Names =
    &[(1, "RESOURCE_STATUS_ENABLED"), (2, "RESOURCE_STATUS_DISABLED"), (3, "RESOURCE_STATUS_DELETED")];
const PURPOSES: Names =
    &[(1, "PURPOSE_VALUE_ASSIGNMENT"), (2, "PURPOSE_VALUE_PERMISSION"), (3, "PURPOSE_VALUE_OWNERSHIP")];
const USER_STATUSES: Names = &[(1, "STATUS_ENABLED"), (2, "STATUS_DISABLED"), (3, "STATUS_DELETED")];
const ACCOUNT_TYPES: Names = &[(1, "ACCOUNT_TYPE_HUMAN"), (2, "ACCOUNT_TYPE_SERVICE"), (3, "ACCOUNT_TYPE_SYSTEM")];
const APP_FLAGS: Names = &[
    (1, "APP_FLAG_HIDDEN"),
    (2, "APP_FLAG_INACTIVE"),
    (3, "APP_FLAG_SAML"),
    (4, "APP_FLAG_OIDC"),
    (5, "APP_FLAG_BOOKMARK"),
];
const CREDENTIAL_TYPES: Names =
    &[(1, "CREDENTIAL_TYPE_STATIC_SECRET"), (2, "CREDENTIAL_TYPE_ASYMMETRIC_KEY"), (3, "CREDENTIAL_TYPE_CERTIFICATE")];

shape!(
    RESOURCE_TYPE,
    "ResourceType",
    [
        one(1, "id", Kind::Text),
        one(2, "displayName", Kind::Text),
        many(3, "traits", Kind::Enum(TRAITS)),
        many(4, "annotations", Kind::Any),
        one(5, "description", Kind::Text),
        one(6, "sourcedExternally", Kind::Bool),
    ]
);
shape!(
    RESOURCE_ID,
    "ResourceId",
    [one(1, "resourceType", Kind::Text), one(2, "resource", Kind::Text), one(3, "batonResource", Kind::Bool),]
);
shape!(
    RESOURCE,
    "Resource",
    [
        one(1, "id", Kind::Message(&RESOURCE_ID)),
        one(2, "parentResourceId", Kind::Message(&RESOURCE_ID)),
        one(3, "displayName", Kind::Text),
        many(4, "annotations", Kind::Any),
        one(5, "description", Kind::Text),
        one(6, "batonResource", Kind::Bool),
        one(7, "externalId", Kind::Message(&EXTERNAL_ID)),
        one(8, "creationSource", Kind::Enum(CREATION_SOURCES)),
        // Newer than the CLI, which skips them.
        one(9, "profile", Kind::Struct),
        one(10, "icon", Kind::Message(&ID)),
        one(11, "status", Kind::Message(&RESOURCE_STATUS)),
        one(12, "createdAt", Kind::Timestamp),
    ]
);
shape!(
    EXTERNAL_ID,
    "ExternalId",
    [one(1, "id", Kind::Text), one(2, "link", Kind::Text), one(3, "description", Kind::Text),]
);
shape!(RESOURCE_STATUS, "Status", [one(1, "status", Kind::Enum(RESOURCE_STATUSES)), one(2, "details", Kind::Text),]);
shape!(
    ENTITLEMENT,
    "Entitlement",
    [
        one(1, "resource", Kind::Message(&RESOURCE)),
        one(2, "id", Kind::Text),
        one(3, "displayName", Kind::Text),
        one(4, "description", Kind::Text),
        many(5, "grantableTo", Kind::Message(&RESOURCE_TYPE)),
        many(6, "annotations", Kind::Any),
        one(7, "purpose", Kind::Enum(PURPOSES)),
        one(8, "slug", Kind::Text),
    ]
);
shape!(
    GRANT,
    "Grant",
    [
        one(1, "entitlement", Kind::Message(&ENTITLEMENT)),
        one(2, "principal", Kind::Message(&RESOURCE)),
        one(3, "id", Kind::Text),
        many(4, "annotations", Kind::Any),
        one(5, "sources", Kind::Message(&GRANT_SOURCES)),
    ]
);
shape!(GRANT_SOURCES, "GrantSources", [many(1, "sources", Kind::Sources)]);
shape!(GRANT_SOURCE, "GrantSource", [one(1, "isDirect", Kind::Bool)]);

// What may stand in an `Any`.
shape!(
    USER_TRAIT,
    "UserTrait",
    [
        many(1, "emails", Kind::Message(&EMAIL)),
        one(2, "status", Kind::Message(&USER_STATUS)),
        one(3, "profile", Kind::Struct),
        one(4, "icon", Kind::Message(&ID)),
        one(5, "accountType", Kind::Enum(ACCOUNT_TYPES)),
        one(6, "login", Kind::Text),
        many(7, "loginAliases", Kind::Text),
        one(8, "createdAt", Kind::Timestamp),
        one(9, "lastLogin", Kind::Timestamp),
        one(10, "mfaStatus", Kind::Message(&MFA_STATUS)),
        one(11, "ssoStatus", Kind::Message(&SSO_STATUS)),
        one(12, "structuredName", Kind::Message(&STRUCTURED_NAME)),
        many(13, "employeeIds", Kind::Text),
    ]
);
shape!(EMAIL, "Email", [one(1, "address", Kind::Text), one(2, "isPrimary", Kind::Bool)]);
shape!(USER_STATUS, "Status", [one(1, "status", Kind::Enum(USER_STATUSES)), one(2, "details", Kind::Text)]);
shape!(MFA_STATUS, "MFAStatus", [one(1, "mfaEnabled", Kind::Bool)]);
shape!(SSO_STATUS, "SSOStatus", [one(1, "ssoEnabled", Kind::Bool)]);
shape!(
    STRUCTURED_NAME,
    "StructuredName",
    [
        one(1, "givenName", Kind::Text),
        one(2, "familyName", Kind::Text),
        many(3, "middleNames", Kind::Text),
        one(4, "prefix", Kind::Text),
        one(5, "suffix", Kind::Text),
    ]
);
shape!(
    GROUP_TRAIT,
    "GroupTrait",
    [
        one(1, "icon", Kind::Message(&ID)),
        one(2, "profile", Kind::Struct),
        one(3, "groupSourceType", Kind::Text),
        one(4, "rawGroupSourceType", Kind::Text),
    ]
);
shape!(
    ROLE_TRAIT,
    "RoleTrait",
    [one(1, "profile", Kind::Struct), one(2, "roleScopeConditions", Kind::Message(&SCOPE_CONDITIONS)),]
);
shape!(
    SCOPE_CONDITIONS,
    "RoleScopeConditions",
    [one(1, "type", Kind::Text), many(3, "conditions", Kind::Message(&SCOPE_CONDITION)),]
);
shape!(SCOPE_CONDITION, "RoleScopeCondition", [one(1, "expression", Kind::Text)]);
shape!(
    APP_TRAIT,
    "AppTrait",
    [
        one(1, "helpUrl", Kind::Text),
        one(2, "icon", Kind::Message(&ID)),
        one(3, "logo", Kind::Message(&ID)),
        one(4, "profile", Kind::Struct),
        many(5, "flags", Kind::Enum(APP_FLAGS)),
        one(6, "appSourceType", Kind::Text),
        one(7, "rawAppSourceType", Kind::Text),
    ]
);
shape!(
    SECRET_TRAIT,
    "SecretTrait",
    [
        one(1, "profile", Kind::Struct),
        one(2, "createdAt", Kind::Timestamp),
        one(3, "expiresAt", Kind::Timestamp),
        one(4, "lastUsedAt", Kind::Timestamp),
        one(5, "createdById", Kind::Message(&RESOURCE_ID)),
        one(6, "identityId", Kind::Message(&RESOURCE_ID)),
        one(7, "credentialType", Kind::Enum(CREDENTIAL_TYPES)),
        one(8, "credentialDetail", Kind::Text),
    ]
);
shape!(
    SCOPE_BINDING_TRAIT,
    "ScopeBindingTrait",
    [one(1, "roleId", Kind::Message(&RESOURCE_ID)), one(2, "scopeResourceId", Kind::Message(&RESOURCE_ID)),]
);
shape!(GRANT_METADATA, "GrantMetadata", [one(1, "metadata", Kind::Struct)]);
shape!(
    GRANT_EXPANDABLE,
    "GrantExpandable",
    [many(1, "entitlementIds", Kind::Text), one(2, "shallow", Kind::Bool), many(3, "resourceTypeIds", Kind::Text),]
);
shape!(GRANT_IMMUTABLE, "GrantImmutable", [one(1, "sourceId", Kind::Text), one(2, "metadata", Kind::Struct)]);
shape!(
    ENTITLEMENT_IMMUTABLE,
    "EntitlementImmutable",
    [one(1, "sourceId", Kind::Text), one(2, "metadata", Kind::Struct),]
);
shape!(EXTERNAL_LINK, "ExternalLink", [one(1, "url", Kind::Text)]);
shape!(ALIASES, "Aliases", [many(1, "ids", Kind::Text)]);
shape!(RAW_ID, "RawId", [one(1, "id", Kind::Text)]);
shape!(V1_IDENTIFIER, "V1Identifier", [one(1, "id", Kind::Text)]);
shape!(ID, "AssetRef", [one(1, "id", Kind::Text)]);
shape!(CHILD_RESOURCE_TYPE, "ChildResourceType", [one(1, "resourceTypeId", Kind::Text)]);
shape!(SKIP_GRANTS, "SkipGrants", []);
shape!(SKIP_ENTITLEMENTS, "SkipEntitlements", []);
shape!(SKIP_BOTH, "SkipEntitlementsAndGrants", []);
shape!(
    EXTERNAL_MATCH,
    "ExternalResourceMatch",
    [one(1, "resourceType", Kind::Enum(TRAITS)), one(2, "key", Kind::Text), one(3, "value", Kind::Text),]
);
shape!(EXTERNAL_MATCH_ALL, "ExternalResourceMatchAll", [one(1, "resourceType", Kind::Enum(TRAITS))]);
shape!(EXTERNAL_MATCH_ID, "ExternalResourceMatchID", [one(1, "id", Kind::Text)]);

/// What all annotations are called before their names.
pub(crate) const PACKAGE: &str = "type.googleapis.com/c1.connector.v2.";

/// The annotations that the CLI knows: with any other it refuses to write JSON at all.
static KNOWN: [&Shape; 21] = [
    &USER_TRAIT,
    &GROUP_TRAIT,
    &ROLE_TRAIT,
    &APP_TRAIT,
    &SECRET_TRAIT,
    &SCOPE_BINDING_TRAIT,
    &GRANT_METADATA,
    &GRANT_EXPANDABLE,
    &GRANT_IMMUTABLE,
    &ENTITLEMENT_IMMUTABLE,
    &EXTERNAL_LINK,
    &ALIASES,
    &RAW_ID,
    &V1_IDENTIFIER,
    &CHILD_RESOURCE_TYPE,
    &SKIP_GRANTS,
    &SKIP_ENTITLEMENTS,
    &SKIP_BOTH,
    &EXTERNAL_MATCH,
    &EXTERNAL_MATCH_ALL,
    &EXTERNAL_MATCH_ID,
];

/// The annotation with this type URL.
pub(crate) fn annotation(url: &str) -> Option<&'static Shape> {
    let name = url.strip_prefix(PACKAGE)?;
    KNOWN.iter().find(|shape| shape.name == name).copied()
}
