//! A sorter with bounded memory: items go in as they come, and come out in order.
//!
//! What does not fit into memory goes, in sorted runs, to temporary files that have no name, so that nothing is left of
//! them however the program ends. The number of items that come out is checked against the number that went in: a file
//! that was cut short is an error, never a shorter document. (The sorting crates at hand take a cut run for its end, and
//! bound their memory by items, not bytes.)

use std::borrow::Borrow;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::vec;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{Entitlement, Grant, InactiveAssignment, Resource};

/// Runs that were merged equally often are merged into one when there are as many: open files and buffers stay few, and
/// no item is written more often than a number of digits tells.
const MOST_RUNS: usize = 64;
const BUFFER: usize = 64 << 10;

/// What can be spooled.
pub trait Spooled: Serialize + DeserializeOwned {
    /// The order in a document.
    fn order(&self, other: &Self) -> Ordering;
    /// About how many bytes it takes in memory.
    fn weight(&self) -> usize;
    /// What it is called in messages.
    fn name(&self) -> String;
}

impl Spooled for Resource {
    fn order(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id)
    }

    fn weight(&self) -> usize {
        let attributes: usize = self.profile.iter().map(|(name, _)| name.len() + 96).sum();
        size_of::<Self>() + self.display_name.len() + self.description.len() + attributes + 256
    }

    fn name(&self) -> String {
        self.id.to_string()
    }
}

impl Spooled for Entitlement {
    fn order(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id)
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.display_name.len() + self.description.len()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }
}

impl Spooled for Grant {
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn weight(&self) -> usize {
        size_of::<Self>()
    }

    fn name(&self) -> String {
        self.id().to_string()
    }
}

impl Spooled for InactiveAssignment {
    fn order(&self, other: &Self) -> Ordering {
        self.cmp(other)
    }

    fn weight(&self) -> usize {
        size_of::<Self>()
    }

    fn name(&self) -> String {
        format!("{} of {}", self.entitlement, self.principal)
    }
}

/// Takes items in any order.
#[derive(Debug)]
pub struct Spool<T> {
    limit: usize,
    buffer: Vec<T>,
    weight: usize,
    /// How often each was merged, and its file; the most often merged first.
    runs: Vec<(u32, File)>,
    count: u64,
}

impl<T: Spooled> Spool<T> {
    /// Holds about `limit` bytes in memory.
    pub fn new(limit: usize) -> Self {
        Self { limit, buffer: Vec::new(), weight: 0, runs: Vec::new(), count: 0 }
    }

    /// Adds an item.
    pub fn push(&mut self, item: T) -> io::Result<()> {
        self.weight += item.weight();
        self.count += 1;
        self.buffer.push(item);
        if self.weight >= self.limit { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        // Their places are sorted: the items are large to move.
        let mut places: Vec<usize> = (0..self.buffer.len()).collect();
        places.sort_unstable_by(|one, other| self.buffer[*one].order(&self.buffer[*other]));
        let run = write_run::<T, &T>(places.into_iter().map(|place| Ok(&self.buffer[place])))?;
        self.buffer.clear();
        self.weight = 0;
        self.runs.push((0, run));
        let mut merged = 0;
        while let start = self.runs.partition_point(|(times, _)| *times > merged)
            && self.runs.len() - start >= MOST_RUNS
        {
            let files = self.runs.drain(start..).map(|(_, file)| file).collect();
            merged += 1;
            self.runs.push((merged, write_run::<T, T>(Merge::<T>::new(files)?)?));
        }
        Ok(())
    }

    /// How many went in.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether none did.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All items, in order.
    pub fn finish(mut self) -> io::Result<Sorted<T>> {
        let source = if self.runs.is_empty() {
            self.buffer.sort_unstable_by(T::order);
            Source::Memory(self.buffer.into_iter())
        } else {
            if !self.buffer.is_empty() {
                self.spill()?;
            }
            Source::Files(Merge::new(self.runs.into_iter().map(|(_, file)| file).collect())?)
        };
        Ok(Sorted { source, left: self.count })
    }
}

fn write_run<T: Spooled, I: Borrow<T>>(items: impl Iterator<Item = io::Result<I>>) -> io::Result<File> {
    let mut file = BufWriter::with_capacity(BUFFER, tempfile::tempfile()?);
    let mut bytes = Vec::new();
    for item in items {
        bytes.clear();
        bytes = postcard::to_extend(item?.borrow(), bytes).map_err(io::Error::other)?;
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        file.write_all(&length.to_le_bytes())?;
        file.write_all(&bytes)?;
    }
    let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.rewind()?;
    Ok(file)
}

/// Items in order.
#[derive(Debug)]
pub struct Sorted<T: Spooled> {
    source: Source<T>,
    left: u64,
}

#[derive(Debug)]
enum Source<T: Spooled> {
    Memory(vec::IntoIter<T>),
    Files(Merge<T>),
}

impl<T: Spooled> Iterator for Sorted<T> {
    type Item = io::Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = match &mut self.source {
            Source::Memory(items) => items.next().map(Ok),
            Source::Files(merge) => merge.next(),
        };
        match item {
            Some(Ok(item)) => {
                self.left -= 1;
                Some(Ok(item))
            }
            None if self.left > 0 => {
                self.left = 0;
                Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a temporary file was cut short")))
            }
            other => other,
        }
    }
}

#[derive(Debug)]
struct Merge<T: Spooled> {
    runs: Vec<BufReader<File>>,
    heads: BinaryHeap<Reverse<Head<T>>>,
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct Head<T> {
    /// Large to move, and moved about in the heap.
    item: Box<T>,
    run: usize,
}

impl<T: Spooled> Ord for Head<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.item.order(&other.item).then(self.run.cmp(&other.run))
    }
}

impl<T: Spooled> PartialOrd for Head<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Spooled> PartialEq for Head<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T: Spooled> Eq for Head<T> {}

impl<T: Spooled> Merge<T> {
    fn new(files: Vec<File>) -> io::Result<Self> {
        let runs = files.into_iter().map(|file| BufReader::with_capacity(BUFFER, file)).collect();
        let mut merge = Self { runs, heads: BinaryHeap::new(), bytes: Vec::new() };
        for run in 0..merge.runs.len() {
            if let Some(item) = merge.read(run)? {
                merge.heads.push(Reverse(Head { item: Box::new(item), run }));
            }
        }
        Ok(merge)
    }

    /// The next item of a run.
    fn read(&mut self, run: usize) -> io::Result<Option<T>> {
        let reader = &mut self.runs[run];
        let mut length = [0; 4];
        match reader.read_exact(&mut length) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        self.bytes.resize(u32::from_le_bytes(length) as usize, 0);
        reader.read_exact(&mut self.bytes)?;
        postcard::from_bytes(&self.bytes).map(Some).map_err(io::Error::other)
    }
}

impl<T: Spooled> Iterator for Merge<T> {
    type Item = io::Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let run = self.heads.peek()?.0.run;
        let next = self.read(run);
        // The next of the same run takes its place, and sinks no deeper than it must.
        let mut head = self.heads.peek_mut()?;
        Some(match next {
            Ok(Some(item)) => Ok(std::mem::replace(&mut *head.0.item, item)),
            Ok(None) => Ok(*PeekMut::pop(head).0.item),
            Err(error) => Err(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{GrantMetadata, ResourceId, ResourceKind};
    use crate::time::Timestamp;

    fn grant(set: u32, user: u32) -> Grant {
        let id = |kind, n: u32| ResourceId::new(kind, format!("{n:05}"));
        let metadata =
            GrantMetadata { expires_at: Some(Timestamp::from_millis(i64::from(user))), ..Default::default() };
        Grant::direct(id(ResourceKind::Permission, set).entitlement().unwrap(), id(ResourceKind::User, user), metadata)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Whatever the memory allowed, what comes out is what went in, in order.
        #[test]
        fn items_come_out_in_order(pairs in prop::collection::vec((0u32..50, 0u32..50), 0..400), limit in 1usize..20_000) {
            let mut expected: Vec<_> = pairs.iter().map(|&(set, user)| grant(set, user)).collect();
            let mut spool = Spool::new(limit);
            for item in &expected {
                spool.push(item.clone()).unwrap();
            }
            expected.sort();
            let sorted: Vec<_> = spool.finish().unwrap().map(Result::unwrap).collect();
            prop_assert_eq!(sorted, expected);
        }
    }

    #[test]
    fn runs_of_runs_come_out_in_order() {
        let most = u32::try_from(MOST_RUNS).unwrap();
        let mut spool = Spool::new(1);
        let items = most * most + most + 2;
        for n in 0..items {
            // No neighbour of the one before.
            spool.push(grant(n * 1_009 % items, n)).unwrap();
        }
        let times: Vec<u32> = spool.runs.iter().map(|(times, _)| *times).collect();
        assert_eq!(times, [2, 1, 0, 0]);
        let sorted: Vec<Grant> = spool.finish().unwrap().map(Result::unwrap).collect();
        assert!(sorted.is_sorted() && sorted.len() == items as usize);
    }

    #[test]
    fn a_cut_temporary_file_is_an_error() {
        let mut spool = Spool::new(1);
        for n in 0..10 {
            spool.push(grant(1, n)).unwrap();
        }
        spool.runs[3].1.set_len(0).unwrap();
        assert!(spool.finish().unwrap().any(|item| item.is_err()));
    }
}
