//! Rows that are kept to be sorted.

use std::borrow::Cow;

use super::super::table::CellLook;
use super::Cells;

/// A row in little memory: there may be a million.
pub(super) struct Kept {
    /// All cells, one after the other.
    text: Box<str>,
    /// Where each of them ends.
    ends: Box<[u32]>,
    /// The item, where that is what is written.
    pub(super) item: Option<Box<[u8]>>,
}

impl Kept {
    /// Where the item is written, no more is kept of the cells than `column`, by which they are sorted.
    pub(super) fn new(cells: &Cells<'_>, item: Option<&[u8]>, column: usize) -> Self {
        let (mut text, mut ends) = (String::new(), Vec::with_capacity(cells.len()));
        for (n, cell) in cells.iter().enumerate() {
            if item.is_none() || n == column {
                text.push_str(cell);
            }
            // An item has an end long before.
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        Self { text: text.into(), ends: ends.into(), item: item.map(Box::from) }
    }

    pub(super) fn cells(&self) -> Cells<'_> {
        (0..self.ends.len()).map(|n| Cow::Borrowed(self.cell(n))).collect()
    }

    fn cell(&self, n: usize) -> &str {
        let start = n.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[n] as usize]
    }
}

/// Numbers as such, texts whatever their capitals; what is equal stays in its order.
pub(super) fn sort(rows: &mut [Kept], column: usize, look: CellLook) {
    if look == CellLook::Number {
        rows.sort_by_key(|row| row.cell(column).parse::<u64>().unwrap_or_default());
    } else {
        rows.sort_by_cached_key(|row| row.cell(column).to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(column: usize, look: CellLook) -> Vec<[String; 2]> {
        let rows = [["b", "10"], ["Ä", "9"], ["", "100"], ["A", "1"], ["a", "2"]];
        let mut rows: Vec<_> = rows.iter().map(|row| Kept::new(&row.map(Cow::from).to_vec(), None, column)).collect();
        sort(&mut rows, column, look);
        rows.iter().map(|row| [0, 1].map(|n| row.cells()[n].to_string())).collect()
    }

    #[test]
    fn numbers_are_sorted_as_such_and_texts_whatever_their_capitals() {
        let texts = [["", "100"], ["A", "1"], ["a", "2"], ["b", "10"], ["Ä", "9"]];
        assert_eq!(cells(0, CellLook::Text), texts);
        let numbers = [["A", "1"], ["a", "2"], ["Ä", "9"], ["b", "10"], ["", "100"]];
        assert_eq!(cells(1, CellLook::Number), numbers);
    }

    #[test]
    fn of_an_item_the_column_alone_is_kept() {
        let row = Kept::new(&vec![Cow::from("a"), Cow::from("b"), Cow::from("c")], Some(b"{}"), 1);
        assert_eq!(
            (row.cells(), row.item.as_deref()),
            (vec![Cow::from(""), Cow::from("b"), Cow::from("")], Some(&b"{}"[..]))
        );
    }
}
