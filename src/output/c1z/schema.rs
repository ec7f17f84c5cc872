//! The tables of a `.c1z` file, as version 0.7.27 of the Baton SDK makes them: what is newer, the `baton` CLI cannot
//! export. One table is ours; the CLI leaves it alone.

use crate::model::ResourceKind;

/// What a file begins with; a zstd frame follows, and in it is an SQLite database.
pub(super) const MAGIC: &[u8] = b"C1ZF\0";
/// What a file of the newer kind begins with, which is no SQLite database any more.
pub(super) const NEWER_MAGIC: &[u8] = b"C1Z3";

/// Tables without indexes. Their text, too, is the SDK's: what a tool shows of a file is alike.
pub(super) const TABLES: &str = "\
CREATE TABLE v1_resource_types (
    id integer primary key,
    external_id text not null,
    data blob not null,
    sync_id text not null,
    discovered_at datetime not null
);
CREATE TABLE v1_resources (
    id integer primary key,
    resource_type_id text not null,
    external_id text not null,
\tparent_resource_type_id text,
\tparent_resource_id text,
    data blob not null,
    sync_id text not null,
    discovered_at datetime not null
);
CREATE TABLE v1_entitlements (
    id integer primary key,
    resource_type_id text not null,
    resource_id text not null,
    external_id text not null,
    data blob not null,
    sync_id text not null,
    discovered_at datetime not null
);
CREATE TABLE v1_sync_runs (
    id integer primary key,
    sync_id text not null,
    started_at datetime not null,
    ended_at datetime,
    sync_token text not null,
    sync_type text not null default 'full',
    parent_sync_id text not null default '',
    linked_sync_id text not null default '',
    supports_diff integer not null default 0
);
CREATE TABLE v1_grants (
    id integer primary key,
\tresource_type_id text not null,
    resource_id text not null,
    entitlement_id text not null,
    principal_resource_type_id text not null,
    principal_resource_id text not null,
    external_id text not null,
    expansion blob,                             -- Serialized GrantExpandable proto; NULL if grant is not expandable.
    needs_expansion integer not null default 0, -- 1 if grant should be processed during expansion.
    data blob not null,
    sync_id text not null,
    discovered_at datetime not null
);
CREATE TABLE v1_assets (
    id integer primary key,
    external_id text not null,
    content_type text not null,
    data blob not null,
    sync_id text not null,
    discovered_at datetime not null
);
CREATE TABLE v1_connector_sessions (
    id integer primary key,
\tsync_id text NOT NULL,
\tkey TEXT NOT NULL,
\tvalue BLOB NOT NULL
);
CREATE TABLE baton_salesforce_parts (
    id integer primary key,
    sync_id text not null,
    part text not null,
    data blob not null
);
";

/// Indexes that are there from the beginning: rows come in their order, so that each of them only grows at its end. The two
/// names on resources that look swapped are so.
pub(super) const INDEXES: &str = "\
CREATE UNIQUE INDEX idx_resource_types_external_sync_v1 on v1_resource_types (external_id, sync_id);
CREATE INDEX idx_resources_resource_type_id_v1 on v1_resources (resource_type_id);
CREATE INDEX idx_resources_external_sync_v1 on v1_resources (parent_resource_type_id, parent_resource_id);
CREATE UNIQUE INDEX idx_resources_parent_resource_id_v1 on v1_resources (external_id, sync_id);
CREATE INDEX idx_entitlements_resource_id_v1 on v1_entitlements (resource_type_id, resource_id);
CREATE UNIQUE INDEX idx_entitlements_external_sync_v1 on v1_entitlements (external_id, sync_id);
CREATE UNIQUE INDEX idx_sync_runs_sync_id_v1 on v1_sync_runs (sync_id);
CREATE INDEX idx_grants_resource_type_id_resource_id_v1 on v1_grants (resource_type_id, resource_id);
CREATE INDEX idx_grants_entitlement_id_principal_id_v1 on v1_grants \
(entitlement_id, principal_resource_type_id, principal_resource_id);
CREATE UNIQUE INDEX idx_grants_external_sync_v1 on v1_grants (external_id, sync_id);
CREATE INDEX idx_grants_sync_expansion_v1 on v1_grants (sync_id) where expansion is not null;
CREATE INDEX idx_grants_sync_needs_expansion_v1 on v1_grants (sync_id) where needs_expansion = 1;
CREATE UNIQUE INDEX idx_assets_external_sync_v1 on v1_assets (external_id, sync_id);
CREATE UNIQUE INDEX idx_session_store_sync_key_v1 on v1_connector_sessions (sync_id, key);
";

/// The one index whose order is not that of the rows. Made at the end, it takes a third of the time.
pub(super) const LAST_INDEX: &str =
    "CREATE INDEX idx_grants_principal_id_v1 on v1_grants (principal_resource_type_id, principal_resource_id);";

/// The tables that a sync has rows in, and their columns but `id`.
pub(super) const ROWS: [(&str, &str); 6] = [
    (
        "v1_sync_runs",
        "sync_id, started_at, ended_at, sync_token, sync_type, parent_sync_id, linked_sync_id, supports_diff",
    ),
    ("v1_resource_types", "external_id, data, sync_id, discovered_at"),
    (
        "v1_resources",
        "resource_type_id, external_id, parent_resource_type_id, parent_resource_id, data, sync_id, discovered_at",
    ),
    ("v1_entitlements", "resource_type_id, resource_id, external_id, data, sync_id, discovered_at"),
    (
        "v1_grants",
        "resource_type_id, resource_id, entitlement_id, principal_resource_type_id, principal_resource_id, external_id, \
         expansion, needs_expansion, data, sync_id, discovered_at",
    ),
    (PARTS, "sync_id, part, data"),
];

/// Our table, and the parts in it: what Baton has no place for, each item as JSON text.
pub(super) const PARTS: &str = "baton_salesforce_parts";
pub(super) const FORMAT_PART: &str = "format";
pub(super) const HEADER_PART: &str = "sync";
pub(super) const INACTIVE_PART: &str = "inactiveAssignment";
pub(super) const SUMMARY_PART: &str = "summary";

/// An SQL expression: where a kind of resource stands in a document.
pub(super) fn rank(column: &str) -> String {
    let rank = |(n, kind): (usize, &ResourceKind)| format!("when '{}' then {n}", kind.id());
    let ranks: Vec<_> = ResourceKind::ALL.iter().enumerate().map(rank).collect();
    format!("case {column} {} else {} end", ranks.join(" "), ranks.len())
}
