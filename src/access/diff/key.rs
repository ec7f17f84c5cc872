//! The order of a document, as bytes that can be compared: kinds in their order, then ids.

use crate::model::{ResourceKind, order_of_entitlement};

/// The place of kinds that this version does not know: after all others, by their names.
pub(super) const UNKNOWN_KIND: u8 = 0xfe;

/// The place of a kind.
pub(super) fn rank(kind: &str) -> u8 {
    ResourceKind::parse(kind).map_or(UNKNOWN_KIND, |kind| kind as u8)
}

/// The kind, the id and the slug of `type:id:slug`.
pub(super) fn parts(entitlement: &str) -> (&str, &str, &str) {
    let ((_, kind), id, slug) = order_of_entitlement(entitlement);
    (kind, id, slug)
}

/// Adds a resource.
pub(super) fn push_resource(key: &mut Vec<u8>, kind: &str, id: &str) {
    let rank = rank(kind);
    key.push(rank);
    if rank == UNKNOWN_KIND {
        key.extend_from_slice(kind.as_bytes());
        key.push(0);
    }
    key.extend_from_slice(id.as_bytes());
    key.push(0);
}

/// Adds an entitlement.
pub(super) fn push_entitlement(key: &mut Vec<u8>, entitlement: &str) {
    let (kind, id, slug) = parts(entitlement);
    push_resource(key, kind, id);
    key.extend_from_slice(slug.as_bytes());
    key.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entitlements_are_taken_apart() {
        assert_eq!(parts("group:00G:member"), ("group", "00G", "member"));
        assert_eq!(
            parts("system_permission:ViewAll:Account:granted"),
            ("system_permission", "ViewAll:Account", "granted")
        );
        assert_eq!(parts("territory:0MI:role:Account: Manager"), ("territory", "0MI", "role:Account: Manager"));
        assert_eq!(parts("odd"), ("odd", "", ""));
    }

    #[test]
    fn keys_are_in_the_order_of_a_document() {
        let ids = [
            "group:00Ga:member",
            "role:00EA:assigned",
            "role:00Ea:assigned",
            "permission:0PS:assigned",
            "profile:00e:assigned",
            "territory:0MI:member",
            "territory:0MI:role:A",
            "system_permission:ModifyAll:A:granted",
            "system_permission:ModifyAllData:granted",
            "future:1:x",
        ];
        let key = |id: &str| {
            let mut key = Vec::new();
            push_entitlement(&mut key, id);
            key
        };
        assert!(ids.map(key).is_sorted());
    }
}
