//! From the items of a document to the rows of a file.

use std::collections::HashMap;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use prost::Message;

use crate::disk::Scratch;
use crate::model::{order_of_entitlement, order_of_kind};
use crate::output::Section;
use crate::output::proto::{Any, Entitlement, Grant, GrantExpandable, Resource, ResourceType, Struct, UserTrait};

/// A row, without what all rows of a sync have in common.
#[derive(Debug)]
pub(super) enum Row {
    ResourceType { id: String, data: Vec<u8> },
    Resource { kind: String, id: String, parent: Option<(String, String)>, data: Vec<u8> },
    Entitlement { resource: (String, String), id: String, data: Vec<u8> },
    Grant(Box<GrantRow>),
    Part { part: &'static str, data: Vec<u8> },
}

#[derive(Debug)]
pub(super) struct GrantRow {
    pub(super) resource: (String, String),
    pub(super) entitlement: String,
    pub(super) principal: (String, String),
    pub(super) id: String,
    pub(super) expansion: Option<Vec<u8>>,
    pub(super) needs_expansion: bool,
    pub(super) data: Vec<u8>,
}

/// Makes rows of items.
pub(super) struct Rows {
    kinds: HashMap<String, ResourceType>,
    resources: Resources,
    /// The resources of entitlements whose ids do not begin with them.
    others: HashMap<String, (String, String)>,
}

impl Rows {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { kinds: HashMap::new(), resources: Resources::new()?, others: HashMap::new() })
    }

    pub(super) fn resource_type(&mut self, text: &[u8]) -> io::Result<Row> {
        let kind: ResourceType = serde_json::from_slice(text)?;
        let row = Row::ResourceType { id: kind.id.clone(), data: kind.encode_to_vec() };
        self.kinds.insert(kind.id.clone(), kind);
        Ok(row)
    }

    pub(super) fn resource(&mut self, text: &[u8]) -> io::Result<Row> {
        let mut resource: Resource = serde_json::from_slice(text)?;
        for annotation in &mut resource.annotations {
            with_profile(annotation);
        }
        let data = resource.encode_to_vec();
        let id = resource.id.unwrap_or_default();
        self.resources.push(&id.resource_type, &id.resource, &data)?;
        let parent = resource.parent_resource_id.map(|parent| (parent.resource_type, parent.resource));
        Ok(Row::Resource { id: format!("{}:{}", id.resource_type, id.resource), kind: id.resource_type, parent, data })
    }

    /// Of an entitlement the whole resource is written, and the whole types, as the tools expect it.
    pub(super) fn entitlement(&mut self, text: &[u8]) -> io::Result<Row> {
        let mut entitlement: Entitlement = serde_json::from_slice(text)?;
        let of = entitlement.resource.take().unwrap_or_default();
        let id = of.id.clone().unwrap_or_default();
        let whole = self.resources.find(&id.resource_type, &id.resource)?;
        entitlement.resource = Some(match whole {
            Some(data) => Resource::decode(data).map_err(io::Error::other)?,
            None => of,
        });
        for kind in &mut entitlement.grantable_to {
            if let Some(whole) = self.kinds.get(&kind.id) {
                kind.clone_from(whole);
            }
        }
        let resource = (id.resource_type, id.resource);
        if resource_of(&entitlement.id) != (resource.0.as_str(), resource.1.as_str()) {
            self.others.insert(entitlement.id.clone(), resource.clone());
        }
        Ok(Row::Entitlement { resource, id: entitlement.id.clone(), data: entitlement.encode_to_vec() })
    }

    pub(super) fn grant(&mut self, text: &[u8]) -> io::Result<Row> {
        let mut grant: Grant = serde_json::from_slice(text)?;
        // The tools look for it in a column of its own, and nowhere else.
        let expandable = grant.annotations.iter().position(Any::is::<GrantExpandable>);
        let expansion = expandable.map(|at| grant.annotations.remove(at).value);
        let needs_expansion = match &expansion {
            Some(value) => {
                let GrantExpandable { entitlement_ids, .. } =
                    GrantExpandable::decode(value.as_slice()).map_err(io::Error::other)?;
                entitlement_ids.iter().any(|id| !id.trim().is_empty())
            }
            None => false,
        };
        let entitlement = grant.entitlement.get_or_insert_default();
        let (kind, id) = resource_of(&entitlement.id);
        let resource = self.others.get(&entitlement.id).cloned().unwrap_or_else(|| (kind.to_owned(), id.to_owned()));
        let of = entitlement.resource.get_or_insert_default().id.get_or_insert_default();
        of.resource_type.clone_from(&resource.0);
        of.resource.clone_from(&resource.1);
        let entitlement = entitlement.id.clone();
        let data = grant.encode_to_vec();
        let principal = grant.principal.and_then(|principal| principal.id).unwrap_or_default();
        let principal = (principal.resource_type, principal.resource);
        let id = grant.id;
        let row = GrantRow { resource, entitlement, principal, id, expansion, needs_expansion, data };
        Ok(Row::Grant(Box::new(row)))
    }

    pub(super) fn part(section: Section, text: &[u8]) -> Row {
        Row::Part { part: section.item_name(), data: text.to_vec() }
    }
}

/// The kind and the id of the resource whose entitlement this is, as ids are made.
fn resource_of(entitlement: &str) -> (&str, &str) {
    let ((_, kind), id, _) = order_of_entitlement(entitlement);
    (kind, id)
}

/// The exports of the `baton` CLI end in a crash at a user without attributes.
fn with_profile(annotation: &mut Any) {
    if let Some(mut user) = annotation.message::<UserTrait>()
        && user.profile.is_none()
    {
        user.profile = Some(Struct::default());
        annotation.value = user.encode_to_vec();
    }
}

/// The resources written so far, in order, on disk: entitlements follow in the same order.
struct Resources {
    writer: Option<BufWriter<Scratch>>,
    reader: Option<BufReader<Scratch>>,
    last: Option<(String, String)>,
    /// The resource that was read last.
    current: Option<(String, String)>,
    data: Vec<u8>,
}

impl Resources {
    fn new() -> io::Result<Self> {
        let writer = Some(BufWriter::with_capacity(64 << 10, Scratch::new()?));
        Ok(Self { writer, reader: None, last: None, current: None, data: Vec::new() })
    }

    fn push(&mut self, kind: &str, id: &str, data: &[u8]) -> io::Result<()> {
        if let Some((last_kind, last_id)) = &self.last
            && (order_of_kind(last_kind), last_id.as_str()) >= (order_of_kind(kind), id)
        {
            return Err(out_of_order(&format!("{kind}:{id}")));
        }
        self.last = Some((kind.to_owned(), id.to_owned()));
        let Some(writer) = &mut self.writer else { return Err(out_of_order(&format!("{kind}:{id}"))) };
        for part in [kind.as_bytes(), id.as_bytes(), data] {
            let length = u32::try_from(part.len()).map_err(io::Error::other)?;
            writer.write_all(&length.to_le_bytes())?;
            writer.write_all(part)?;
        }
        Ok(())
    }

    /// The bytes of a resource; those before it cannot be found any more.
    fn find(&mut self, kind: &str, id: &str) -> io::Result<Option<&[u8]>> {
        if let Some(writer) = self.writer.take() {
            let mut file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            self.reader = Some(BufReader::with_capacity(64 << 10, file));
        }
        let wanted = (order_of_kind(kind), id);
        loop {
            if let Some((current_kind, current)) = &self.current {
                match (order_of_kind(current_kind), current.as_str()).cmp(&wanted) {
                    std::cmp::Ordering::Less => {}
                    std::cmp::Ordering::Equal => return Ok(Some(&self.data)),
                    std::cmp::Ordering::Greater => return Ok(None),
                }
            }
            let Some(reader) = &mut self.reader else { return Ok(None) };
            let Some(kind) = record(reader)? else {
                self.reader = None;
                return Ok(None);
            };
            let id = record(reader)?.unwrap_or_default();
            self.data = record(reader)?.unwrap_or_default();
            let text = |bytes| String::from_utf8(bytes).map_err(io::Error::other);
            self.current = Some((text(kind)?, text(id)?));
        }
    }
}

fn record(reader: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match reader.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    reader.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

fn out_of_order(what: &str) -> io::Error {
    io::Error::other(format!("the document is not in its order: `{what}` stands in the wrong place"))
}
