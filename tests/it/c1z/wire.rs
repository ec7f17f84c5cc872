//! Protobuf's wire format, read strictly: what a deterministic writer would not write is refused.

/// A field's value, as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payload<'b> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'b [u8]),
    Fixed32(u32),
}

/// A message whose fields stand in ascending order of their numbers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Message<'b>(Vec<(u32, Payload<'b>)>);

impl<'b> Message<'b> {
    pub(crate) fn read(bytes: &'b [u8]) -> Result<Self, String> {
        let mut rest = bytes;
        let mut fields: Vec<(u32, Payload)> = Vec::new();
        while !rest.is_empty() {
            let tag = varint(&mut rest)?;
            let number = u32::try_from(tag >> 3).unwrap_or(u32::MAX);
            if number == 0 || number >= 1 << 29 {
                return Err(format!("there is no field number {}", tag >> 3));
            }
            let payload = match tag & 7 {
                0 => Payload::Varint(varint(&mut rest)?),
                1 => Payload::Fixed64(u64::from_le_bytes(array(&mut rest)?)),
                2 => {
                    let length = usize::try_from(varint(&mut rest)?).unwrap_or(usize::MAX);
                    Payload::Bytes(take(&mut rest, length)?)
                }
                5 => Payload::Fixed32(u32::from_le_bytes(array(&mut rest)?)),
                3 | 4 => return Err(format!("field {number} is a group")),
                wire => return Err(format!("field {number} has the wire type {wire}, which does not exist")),
            };
            if let Some((before, _)) = fields.last().filter(|(before, _)| *before > number) {
                return Err(format!("field {number} stands after field {before}"));
            }
            fields.push((number, payload));
        }
        Ok(Self(fields))
    }

    /// All fields.
    pub(crate) fn fields(&self) -> &[(u32, Payload<'b>)] {
        &self.0
    }

    /// All values of a field.
    pub(crate) fn all(&self, number: u32) -> impl Iterator<Item = Payload<'b>> {
        self.0.iter().filter(move |(other, _)| *other == number).map(|(_, payload)| *payload)
    }

    /// The value of a field that may stand once.
    pub(crate) fn one(&self, number: u32) -> Result<Option<Payload<'b>>, String> {
        let mut all = self.all(number);
        let first = all.next();
        if all.next().is_some() { Err(format!("field {number} stands twice")) } else { Ok(first) }
    }

    /// A field of bytes, of a message or of text; empty where it is absent.
    pub(crate) fn bytes(&self, number: u32) -> Result<&'b [u8], String> {
        match self.one(number)? {
            None => Ok(&[]),
            Some(Payload::Bytes(bytes)) => Ok(bytes),
            Some(other) => Err(format!("field {number} is not bytes but {other:?}")),
        }
    }

    pub(crate) fn text(&self, number: u32) -> Result<&'b str, String> {
        text(self.bytes(number)?).map_err(|error| format!("field {number}: {error}"))
    }

    /// A message within; an absent one has no fields.
    pub(crate) fn message(&self, number: u32) -> Result<Message<'b>, String> {
        Message::read(self.bytes(number)?).map_err(|error| format!("field {number}: {error}"))
    }

    /// All bytes of a field.
    pub(crate) fn list(&self, number: u32) -> Result<Vec<&'b [u8]>, String> {
        let bytes = |payload| match payload {
            Payload::Bytes(bytes) => Ok(bytes),
            other => Err(format!("field {number} is not bytes but {other:?}")),
        };
        self.all(number).map(bytes).collect()
    }

    /// A number, an enum or a bool; 0 where it is absent.
    pub(crate) fn number(&self, number: u32) -> Result<u64, String> {
        match self.one(number)? {
            None => Ok(0),
            Some(Payload::Varint(value)) => Ok(value),
            Some(other) => Err(format!("field {number} is not a number but {other:?}")),
        }
    }
}

pub(crate) fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8: {error}"))
}

/// The numbers of a packed field.
pub(crate) fn packed(mut bytes: &[u8]) -> Result<Vec<u64>, String> {
    let mut values = Vec::new();
    while !bytes.is_empty() {
        values.push(varint(&mut bytes)?);
    }
    Ok(values)
}

fn varint(rest: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0u64;
    for at in 0..10 {
        let [byte] = array(rest)?;
        let bits = u64::from(byte & 0x7f);
        if at == 9 && bits > 1 {
            return Err("a varint has more than 64 bits".to_owned());
        }
        value |= bits << (7 * at);
        if byte & 0x80 == 0 {
            return if byte == 0 && at > 0 { Err("a varint is longer than it need be".to_owned()) } else { Ok(value) };
        }
    }
    Err("a varint has more than ten bytes".to_owned())
}

fn array<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], String> {
    let bytes = take(rest, N)?;
    Ok(bytes.try_into().unwrap_or([0; N]))
}

fn take<'b>(rest: &mut &'b [u8], length: usize) -> Result<&'b [u8], String> {
    let (taken, left) =
        rest.split_at_checked(length).ok_or_else(|| format!("{length} bytes are told, {} are there", rest.len()))?;
    *rest = left;
    Ok(taken)
}

#[test]
fn messages_are_read_strictly() {
    let bytes = b"\x08\x96\x01\x12\x03abc\x12\x00\x19\x01\0\0\0\0\0\0\0\x25\x02\0\0\0";
    let message = Message::read(bytes).unwrap();
    assert_eq!(message.number(1), Ok(150));
    assert_eq!(message.list(2).unwrap(), [b"abc" as &[u8], b""]);
    assert_eq!((message.one(3), message.one(4)), (Ok(Some(Payload::Fixed64(1))), Ok(Some(Payload::Fixed32(2)))));
    assert_eq!((message.number(9), message.text(9)), (Ok(0), Ok("")));
    assert!(message.text(2).unwrap_err().contains("twice") && message.number(3).is_err());
    assert_eq!(packed(b"\x01\xac\x02"), Ok(vec![1, 300]));
    for (bytes, says) in [
        (b"\x08" as &[u8], "1 bytes are told, 0 are there"),
        (b"\x08\x80\x00", "longer than it need be"),
        (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "more than 64 bits"),
        (b"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", "more than ten bytes"),
        (b"\x12\x05abc", "5 bytes are told, 3 are there"),
        (b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "are told, 0 are there"),
        (b"\x10\x01\x08\x01", "field 1 stands after field 2"),
        (b"\x0b\x0c", "a group"),
        (b"\x0e\x01", "wire type 6"),
        (b"\x00\x01", "no field number 0"),
        (b"\xf8\xff\xff\xff\x1f\x01", "no field number"),
        (b"\x11\x01\x02", "8 bytes are told, 2 are there"),
    ] {
        let error = Message::read(bytes).unwrap_err();
        assert!(error.contains(says), "{bytes:x?}: {error}");
    }
    assert!(Message::read(b"\x0a\x01\xff").unwrap().text(1).unwrap_err().contains("UTF-8"));
}
