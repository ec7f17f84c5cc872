//! System permissions: what permission sets carry, as sets of rights.

use std::collections::HashMap;

use foldhash::fast::RandomState;

/// The rights that are known, each with a number. A right is called by its API name without the `Permissions` prefix.
#[derive(Debug, Default)]
pub struct RightNames {
    names: Vec<String>,
    numbers: HashMap<String, usize, RandomState>,
}

impl RightNames {
    /// The number of a right, which it is given where it is new.
    pub fn number(&mut self, name: &str) -> usize {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }

    /// The names of some rights, sorted.
    pub fn names(&self, rights: &RightSet) -> Vec<String> {
        let mut names: Vec<_> = rights.numbers().map(|number| self.names[number].clone()).collect();
        names.sort_unstable();
        names
    }

    /// The set of these.
    pub fn set<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> RightSet {
        let mut set = RightSet::default();
        for name in names {
            set.insert(self.number(name));
        }
        set
    }
}

/// Some rights; a bit each.
#[derive(Debug, Clone, Default)]
pub struct RightSet(Vec<u64>);

impl RightSet {
    /// Adds one.
    pub fn insert(&mut self, number: usize) {
        let (word, bit) = (number / 64, number % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    /// Adds those of another set.
    pub fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    /// Takes those of another set away.
    pub fn remove(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= !other;
        }
    }

    /// Those that are in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one & other).collect())
    }

    /// Their numbers.
    pub fn numbers(&self) -> impl Iterator<Item = usize> {
        self.0
            .iter()
            .enumerate()
            .flat_map(|(at, word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

impl PartialEq for RightSet {
    fn eq(&self, other: &Self) -> bool {
        self.numbers().eq(other.numbers())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_rights_are_added_and_taken_away() {
        let mut names = RightNames::default();
        for number in 0..100 {
            names.number(&format!("Right{number}"));
        }
        let mut all = names.set(["ViewSetup", "Right1", "ApiEnabled"]);
        let muted = names.set(["Right1", "Right2"]);
        assert_eq!(names.names(&all.and(&muted)), ["Right1"]);
        all.remove(&muted);
        assert_eq!(names.names(&all), ["ApiEnabled", "ViewSetup"]);
        let mut other = names.set(["Right2"]);
        other.add(&all);
        assert_eq!(names.names(&other), ["ApiEnabled", "Right2", "ViewSetup"]);
        other.remove(&all);
        // Trailing zeros make no difference.
        assert_eq!(other, names.set(["Right2"]));
        assert!(!other.is_empty() && RightSet::default().is_empty());
    }
}
