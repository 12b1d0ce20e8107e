//! Every name once.

use hashbrown::HashTable;
use std::hash::BuildHasher;

use crate::foreign::Foreign;

/// The number of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NameId(u32);

/// Every distinct name, in the order in which they were met first.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    all: Vec<Foreign>,
    known: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
}

impl Texts {
    /// The number of a name; `None` for a new one where there are `most` already.
    pub(super) fn intern(&mut self, text: &str, most: usize) -> Option<NameId> {
        let hash = self.hasher.hash_one(text);
        let (all, hasher) = (&self.all, &self.hasher);
        let is_it = |&id: &u32| all.get(id as usize).is_some_and(|known| *known == *text);
        if let Some(&id) = self.known.find(hash, is_it) {
            return Some(NameId(id));
        }
        if self.all.len() >= most {
            return None;
        }
        let id = self.all.len() as u32;
        self.known.insert_unique(hash, id, |&id| {
            all.get(id as usize).map_or(0, |known| hasher.hash_one(known.raw()))
        });
        self.all.push(Foreign::new(text.into()));
        Some(NameId(id))
    }

    /// The name of a number.
    pub(super) fn get(&self, id: NameId) -> Foreign<&str> {
        self.all.get(id.0 as usize).map(Foreign::borrowed).unwrap_or_default()
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The names with their numbers, in the order of these.
    pub(super) fn iter(&self) -> impl Iterator<Item = (NameId, Foreign<&str>)> {
        (0..).map(NameId).zip(self.all.iter().map(Foreign::borrowed))
    }
}
