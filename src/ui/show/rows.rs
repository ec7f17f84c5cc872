//! The cells of rows: one for each of [`What`](super::What)'s columns, in their order.

use std::borrow::Cow;

use crate::access::Names;
use crate::access::index::Resource;
use crate::model::Status;
use crate::output::read;

/// The cells of a row.
pub(crate) type Cells<'c> = Vec<Cow<'c, str>>;

/// Who holds something, by name where the document has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Holder<'n> {
    /// What a grant names.
    pub(crate) id: &'n read::Id<'n>,
    /// What the document says of it.
    pub(crate) resource: &'n Resource,
}

/// What is held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held<'n> {
    /// The entitlement's id.
    pub(crate) entitlement: &'n str,
    /// Whose it is.
    pub(crate) resource: &'n Resource,
}

/// A state in a word; `unknown` where the document does not tell.
pub(super) const fn status(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Enabled) => "enabled",
        Some(Status::Inactive) => "inactive",
        Some(Status::Frozen) => "frozen",
        None => "unknown",
    }
}

/// A user.
pub(crate) fn user<'c>(resource: &'c read::Resource<'_>) -> Cells<'c> {
    let (profile, user) = (&resource.profile, resource.user.as_ref());
    let login = user.and_then(|user| user.login.as_deref());
    let email = user.and_then(|user| user.emails.first()).map(|email| &**email);
    vec![
        Cow::from(&*resource.id.id),
        Cow::from(&*resource.display_name),
        Cow::from(profile.text("username").or(login).unwrap_or_default()),
        Cow::from(status(user.and_then(|user| user.status))),
        Cow::from(email.or_else(|| profile.text("email")).unwrap_or_default()),
        Cow::from(profile.text("user_type").unwrap_or_default()),
        Cow::from(user.and_then(|user| user.last_login.as_deref()).unwrap_or_default()),
    ]
}

/// A resource of any type.
pub(crate) fn resource<'c>(resource: &'c read::Resource<'_>) -> Cells<'c> {
    let (profile, parent) = (&resource.profile, resource.parent.as_ref());
    let api_name = profile.text("api_name").or_else(|| profile.text("developer_name"));
    vec![
        Cow::from(&*resource.id.kind),
        Cow::from(&*resource.id.id),
        Cow::from(&*resource.display_name),
        Cow::from(api_name.unwrap_or_default()),
        Cow::from(parent.map(|parent| &*parent.kind).unwrap_or_default()),
        Cow::from(parent.map(|parent| &*parent.id).unwrap_or_default()),
        Cow::from(resource.description.as_deref().unwrap_or_default()),
    ]
}

/// An entitlement; `of` is whose it is.
pub(crate) fn entitlement<'c>(entitlement: &'c read::Entitlement<'_>, of: &'c Resource) -> Cells<'c> {
    vec![
        Cow::from(&*entitlement.id),
        Cow::from(&*entitlement.display_name),
        Cow::from(entitlement.slug.as_deref().unwrap_or_default()),
        Cow::from(&*of.kind),
        Cow::from(&*of.id),
        Cow::from(&*of.name),
        Cow::from(entitlement.description.as_deref().unwrap_or_default()),
    ]
}

/// Who holds what: the columns that grants and inactive assignments begin with.
fn pair<'c>(holder: Holder<'c>, held: Held<'c>) -> Cells<'c> {
    let person = holder.resource.person();
    let slug = held.entitlement.strip_prefix(&*held.resource.kind).and_then(|rest| rest.strip_prefix(':'));
    let slug = slug.and_then(|rest| rest.strip_prefix(&*held.resource.id)).and_then(|rest| rest.strip_prefix(':'));
    let mut cells = Vec::with_capacity(22);
    cells.extend([
        Cow::from(&*holder.id.kind),
        Cow::from(&*holder.id.id),
        Cow::from(&*holder.resource.name),
        Cow::from(person.and_then(|person| person.username.as_deref()).unwrap_or_default()),
        Cow::from(person.map(|_| status(holder.resource.status())).unwrap_or_default()),
        Cow::from(&*held.resource.kind),
        Cow::from(&*held.resource.id),
        Cow::from(&*held.resource.name),
        Cow::from(slug.unwrap_or_default()),
        Cow::from(held.entitlement),
    ]);
    cells
}

fn time<'c>(time: Option<crate::time::Timestamp>) -> Cow<'c, str> {
    time.map_or(Cow::Borrowed(""), |time| Cow::Owned(time.to_string()))
}

fn yes<'c>(is_so: bool) -> Cow<'c, str> {
    Cow::Borrowed(if is_so { "true" } else { "" })
}

/// A grant.
pub(crate) fn grant<'c>(grant: &'c read::Grant<'_>, holder: Holder<'c>, held: Held<'c>, names: &'c Names) -> Cells<'c> {
    let metadata = &grant.metadata;
    let through = || grant.sources.iter().map(|source| &*source.entitlement).filter(|id| *id != held.entitlement);
    let how = match (grant.is_direct(), metadata.by_rule, through().next().is_some()) {
        (false, _, _) => "derived",
        (true, false, false) => "direct",
        (true, true, false) => "rule",
        (true, false, true) => "direct+derived",
        (true, true, true) => "rule+derived",
    };
    let name_of = |id: &'c str| {
        let node = names.find_node(id).map(|node| names.nodes[node as usize].resource);
        node.map_or(id, |resource| &*names.resources[resource as usize].name)
    };
    let mut cells = pair(holder, held);
    cells.extend([
        Cow::from(how),
        time(metadata.expires_at),
        Cow::from(metadata.condition.as_deref().unwrap_or_default()),
        joined(through().map(name_of)),
        joined(through()),
        time(metadata.assigned_at),
        yes(metadata.assigned_by_policy),
        yes(metadata.partial),
        yes(metadata.stale),
        joined(metadata.muted_rights.iter().map(|right| &**right)),
        time(metadata.direct_expires_at),
        Cow::from(metadata.direct_condition.as_deref().unwrap_or_default()),
    ]);
    cells
}

/// Several in one cell.
fn joined<'c>(mut texts: impl Iterator<Item = &'c str>) -> Cow<'c, str> {
    let Some(first) = texts.next() else { return Cow::Borrowed("") };
    let Some(second) = texts.next() else { return Cow::Borrowed(first) };
    let mut all = format!("{first}; {second}");
    texts.for_each(|text| all.extend(["; ", text]));
    Cow::Owned(all)
}

/// An assignment that gives nothing.
pub(crate) fn inactive<'c>(
    assignment: &'c read::InactiveAssignment<'_>,
    holder: Holder<'c>,
    held: Held<'c>,
) -> Cells<'c> {
    let mut cells = pair(holder, held);
    cells.extend([Cow::from(&*assignment.reason), time(assignment.expires_at), time(assignment.assigned_at)]);
    cells
}

/// A type of resources, with how many resources, entitlements, grants and inactive assignments it has.
pub(crate) fn kind<'c>(id: &'c str, name: &'c str, counts: [u64; 4]) -> Cells<'c> {
    [Cow::from(id), Cow::from(name)].into_iter().chain(counts.map(|count| Cow::Owned(count.to_string()))).collect()
}
