//! The values of one field for all rows of an object, held in a few bytes each: an org of millions of rows fits in memory.

use std::borrow::Cow;
use std::hash::{BuildHasher as _, Hash as _, Hasher as _};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::value::Cell;
use crate::salesforce::id::RecordId;

/// From so many different values on, each row keeps its own.
const MANY: usize = 8_192;

/// Stands for null among times.
const NO_TIME: i64 = i64::MIN;

/// How the values are held. It begins with [`Column::Few`], and changes for good where that gets too small.
#[derive(Debug, Clone)]
pub(crate) enum Column {
    Few(Few),
    Ids(Vec<Option<RecordId>>),
    /// Milliseconds since 1970.
    Times(Vec<i64>),
    Texts(Texts),
    Cells(Vec<Cell>),
}

/// Each value once, and for each row the number of its value: none at all while all rows have the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Few {
    values: Vec<Cell>,
    numbers: Vec<u16>,
    known: HashTable<u16>,
    rows: usize,
}

/// Texts behind one another, and where each ends; the highest bit says that there is none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Default for Column {
    fn default() -> Self {
        Self::Few(Few::default())
    }
}

impl Column {
    pub(crate) fn get(&self, row: u32) -> Cow<'_, Cell> {
        let row = row as usize;
        match self {
            Self::Few(few) => Cow::Borrowed(few.get(row)),
            Self::Ids(ids) => Cow::Owned(ids[row].map_or(Cell::Null, Cell::Id)),
            Self::Times(times) if times[row] == NO_TIME => Cow::Owned(Cell::Null),
            Self::Times(times) => Cow::Owned(Cell::DateTime(times[row])),
            Self::Texts(texts) => Cow::Owned(texts.get(row).map_or(Cell::Null, Cell::text)),
            Self::Cells(cells) => Cow::Borrowed(&cells[row]),
        }
    }

    pub(crate) fn push(&mut self, cell: &Cell) {
        let done = match (&mut *self, cell) {
            (Self::Few(few), _) => few.push(cell),
            (Self::Ids(ids), Cell::Id(id)) => {
                ids.push(Some(*id));
                true
            }
            (Self::Ids(ids), Cell::Null) => {
                ids.push(None);
                true
            }
            (Self::Times(times), Cell::DateTime(millis)) => {
                times.push(*millis);
                true
            }
            (Self::Times(times), Cell::Null) => {
                times.push(NO_TIME);
                true
            }
            (Self::Texts(texts), Cell::Text(text)) => texts.push(Some(text)),
            (Self::Texts(texts), Cell::Null) => texts.push(None),
            (Self::Cells(cells), _) => {
                cells.push(cell.clone());
                true
            }
            _ => false,
        };
        if !done {
            self.change(cell);
            self.push(cell);
        }
    }

    pub(crate) fn set(&mut self, row: u32, cell: Cell) {
        let at = row as usize;
        if let Self::Few(few) = self
            && few.set(at, &cell)
        {
            return;
        }
        match (&mut *self, &cell) {
            (Self::Ids(ids), Cell::Id(id)) => ids[at] = Some(*id),
            (Self::Times(times), Cell::DateTime(millis)) => times[at] = *millis,
            (Self::Cells(cells), _) => cells[at] = cell,
            // What is packed is unpacked: it happens in tests alone, and to objects of few rows.
            _ => {
                let mut cells = self.cells();
                cells[at] = cell;
                *self = Self::default();
                self.extend(&cells);
            }
        }
    }

    /// Leaves the rows of which it is said so.
    pub(crate) fn keep(&mut self, kept: &[bool]) {
        let cells = self.cells();
        *self = Self::default();
        cells.iter().zip(kept).filter(|(_, kept)| **kept).for_each(|(cell, _)| self.push(cell));
    }

    fn len(&self) -> usize {
        match self {
            Self::Few(few) => few.rows,
            Self::Ids(ids) => ids.len(),
            Self::Times(times) => times.len(),
            Self::Texts(texts) => texts.ends.len(),
            Self::Cells(cells) => cells.len(),
        }
    }

    fn cells(&self) -> Vec<Cell> {
        (0..).take(self.len()).map(|row| self.get(row).into_owned()).collect()
    }

    /// Takes another way of holding values, one that a new value fits.
    fn change(&mut self, new: &Cell) {
        let cells = self.cells();
        let all = |fits: fn(&Cell) -> bool| cells.iter().all(|cell| cell.is_null() || fits(cell)) && fits(new);
        let is_few = matches!(self, Self::Few(_));
        *self = if is_few && all(|cell| matches!(cell, Cell::Id(_))) {
            Self::Ids(Vec::new())
        } else if is_few && all(|cell| matches!(cell, Cell::DateTime(millis) if *millis != NO_TIME)) {
            Self::Times(Vec::new())
        } else if is_few && all(|cell| matches!(cell, Cell::Text(_))) {
            Self::Texts(Texts::default())
        } else {
            *self = Self::Cells(cells);
            return;
        };
        self.extend(&cells);
    }

    fn extend(&mut self, cells: &[Cell]) {
        for cell in cells {
            self.push(cell);
        }
    }
}

impl Few {
    fn get(&self, row: usize) -> &Cell {
        &self.values[self.numbers.get(row).copied().map_or(0, usize::from)]
    }

    /// False if there are too many values already.
    fn push(&mut self, cell: &Cell) -> bool {
        let last = self.numbers.last().copied().unwrap_or_default();
        if self.values.get(usize::from(last)).is_none_or(|value| !is_same(value, cell)) {
            let Some(number) = self.number(cell) else { return false };
            if self.numbers.is_empty() && number > 0 {
                self.numbers.resize(self.rows, 0);
            }
            if number > 0 || !self.numbers.is_empty() {
                self.numbers.push(number);
            }
        } else if !self.numbers.is_empty() {
            self.numbers.push(last);
        }
        self.rows += 1;
        true
    }

    /// False if there are too many values already.
    fn set(&mut self, row: usize, cell: &Cell) -> bool {
        let Some(number) = self.number(cell) else { return false };
        self.numbers.resize(self.rows, 0);
        self.numbers[row] = number;
        true
    }

    fn number(&mut self, cell: &Cell) -> Option<u16> {
        let hash = hash_of(cell);
        let values = &self.values;
        if let Some(number) = self.known.find(hash, |number| is_same(&values[usize::from(*number)], cell)) {
            return Some(*number);
        }
        let number = u16::try_from(self.values.len()).ok().filter(|number| usize::from(*number) < MANY)?;
        self.values.push(cell.clone());
        let values = &self.values;
        self.known.insert_unique(hash, number, |number| hash_of(&values[usize::from(*number)]));
        Some(number)
    }
}

impl Texts {
    const NONE: u32 = 1 << 31;

    fn get(&self, row: usize) -> Option<&str> {
        let end = self.ends[row];
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before] & !Self::NONE);
        if end & Self::NONE != 0 { None } else { self.text.get(start as usize..end as usize) }
    }

    /// False if there is no room.
    fn push(&mut self, text: Option<&str>) -> bool {
        let end = self.text.len() + text.map_or(0, str::len);
        let Some(end) = u32::try_from(end).ok().filter(|end| end & Self::NONE == 0) else { return false };
        self.text.push_str(text.unwrap_or_default());
        self.ends.push(if text.is_some() { end } else { end | Self::NONE });
        true
    }
}

/// Whether two values are written alike: another zero is another value.
fn is_same(a: &Cell, b: &Cell) -> bool {
    match (a, b) {
        (Cell::Double(a), Cell::Double(b)) => a.to_bits() == b.to_bits(),
        _ => a == b,
    }
}

fn hash_of(cell: &Cell) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    std::mem::discriminant(cell).hash(&mut hasher);
    match cell {
        Cell::Null => {}
        Cell::Bool(flag) => flag.hash(&mut hasher),
        Cell::Int(number) | Cell::DateTime(number) => number.hash(&mut hasher),
        Cell::Double(number) => number.to_bits().hash(&mut hasher),
        Cell::Id(id) => id.hash(&mut hasher),
        Cell::Text(text) => text.hash(&mut hasher),
        Cell::Date(date) => date.hash(&mut hasher),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::org::numbered_id;

    fn column(cells: &[Cell]) -> Column {
        let mut column = Column::default();
        column.extend(cells);
        for (row, cell) in (0..).zip(cells) {
            assert_eq!(*column.get(row), *cell, "{row}");
        }
        column
    }

    fn many(make: impl Fn(u32) -> Cell) -> Vec<Cell> {
        // Null comes first, twice and last; each tenth value comes again.
        let mut cells = vec![Cell::Null, Cell::Null];
        cells.extend((0..20_000).map(|number| make(number - number % 10 / 9)));
        cells.push(Cell::Null);
        cells
    }

    #[test]
    fn values_come_back_however_they_are_held() {
        let id = |number: u32| Cell::Id(numbered_id("005", number.into()));
        assert!(matches!(column(&many(id)), Column::Ids(_)));
        assert!(matches!(column(&many(|number| Cell::DateTime(number.into()))), Column::Times(_)));
        assert!(matches!(column(&many(|number| Cell::text(number.to_string()))), Column::Texts(_)));
        assert!(matches!(column(&many(|number| Cell::Int(number.into()))), Column::Cells(_)));
        assert!(matches!(column(&many(|number| Cell::Bool(number % 3 == 0))), Column::Few(_)));
        let mixed = |number| if number == 12_345 { Cell::text("x") } else { id(number) };
        assert!(matches!(column(&many(mixed)), Column::Cells(_)));
        let one = column(&[const { Cell::Bool(true) }; 9]);
        assert!(matches!(&one, Column::Few(few) if few.numbers.is_empty() && few.rows == 9), "{one:?}");
        column(&[Cell::Double(0.0), Cell::Double(-0.0), Cell::Null, Cell::text("")]);
    }

    #[test]
    fn values_change_and_go() {
        let id = |number: u32| Cell::Id(numbered_id("005", number.into()));
        for cells in [many(id), many(|n| Cell::DateTime(n.into())), many(|n| Cell::text(n.to_string()))] {
            for new in [Cell::Null, cells[77].clone(), Cell::Bool(true)] {
                let (mut column, mut expected) = (column(&cells), cells.clone());
                column.set(5, new.clone());
                expected[5] = new;
                let kept: Vec<bool> = (0..expected.len()).map(|row| row % 1000 == 5).collect();
                column.keep(&kept);
                let expected: Vec<Cell> = expected.into_iter().skip(5).step_by(1000).collect();
                assert_eq!(column.cells(), expected);
            }
        }
    }
}
