//! What a document is made of: the Baton messages `ResourceType`, `Resource`, `Entitlement` and `Grant` as plain
//! structs, ordered as they stand in a document.
//!
//! Nothing here knows Salesforce or a file format; `derive(Serialize)` is for the spool alone.

pub mod document;
mod grant;
mod ids;
mod resource;
mod value;

pub use grant::{Expandable, Grant, GrantMetadata, InactiveAssignment, InactiveReason, Source};
pub use ids::{EntitlementId, ObjectId, ResourceId, ResourceKind, Slug, order_of_entitlement, order_of_kind};
pub use resource::{AccountType, Entitlement, Resource, Status, StructuredName, Trait, UserTrait};
pub use value::{Profile, Value};
