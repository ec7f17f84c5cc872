//! Ids as numbers, to divide what lies between two of them. Pure.
//!
//! Salesforce compares ids as base 62 with the digits `0`–`9`, `A`–`Z`, `a`–`z`, in this order: the boundaries in the
//! documentation of PK chunking (Bulk API Developer Guide) count so. It is the order of bytes, too.

use crate::salesforce::RecordId;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// An id in the middle between two: after the first, and before the second. `None` where there is none.
pub(super) fn between(one: RecordId, other: RecordId) -> Option<RecordId> {
    let (low, high) = (number(one), number(other));
    let half = high.checked_sub(low)? / 2;
    if half == 0 { None } else { id(low + half) }
}

/// 62 to the power of 15 is less than 2 to the power of 90.
fn number(id: RecordId) -> u128 {
    let digit = |byte: u8| DIGITS.iter().position(|digit| *digit == byte).unwrap_or_default();
    id.as_15().bytes().fold(0, |number, byte| number * 62 + digit(byte) as u128)
}

fn id(mut number: u128) -> Option<RecordId> {
    let mut text = [b'0'; 15];
    for byte in text.iter_mut().rev() {
        *byte = *DIGITS.get(usize::try_from(number % 62).ok()?)?;
        number /= 62;
    }
    RecordId::parse(std::str::from_utf8(&text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_those_of_the_documentation() {
        let at = |text| number(RecordId::parse(text).unwrap());
        let start = at("001300000000000");
        for (text, rows) in [("00130000000132G", 250_000), ("00130000000264W", 500_000), ("00130000000396m", 750_000)] {
            assert_eq!(at(text) - start, rows, "{text}");
        }
    }

    #[test]
    fn neighbours_have_nothing_between_them() {
        let id = |text| RecordId::parse(text).unwrap();
        assert_eq!(between(id("00530000000000Z"), id("00530000000000a")), None);
        assert_eq!(between(id("00530000000000Z"), id("00530000000000Z")), None);
        assert_eq!(between(id("00530000000000b"), id("00530000000000a")), None);
        assert_eq!(between(id("00530000000000Z"), id("00530000000000b")), Some(id("00530000000000a")));
    }

    proptest! {
        #[test]
        fn the_middle_is_between(one in "[0-9A-Za-z]{15}", other in "[0-9A-Za-z]{15}") {
            let (one, other) = (RecordId::parse(&one).unwrap(), RecordId::parse(&other).unwrap());
            prop_assert_eq!(id(number(one)), Some(one));
            prop_assert_eq!(number(one).cmp(&number(other)), one.cmp(&other));
            if let Some(middle) = between(one, other) {
                prop_assert!(one < middle && middle < other);
            }
        }
    }
}
