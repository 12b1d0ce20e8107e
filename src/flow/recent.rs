//! A map of the keys that were used last.

use std::hash::{BuildHasher, Hash};

use hashbrown::HashTable;

/// A map that holds at most a number of keys: a new one takes the place of the one that was not used for
/// longest. Each use takes constant time.
#[derive(Clone)]
pub(super) struct Recent<K, V> {
    most: usize,
    hasher: foldhash::fast::RandomState,
    /// Places by key.
    places: HashTable<u32>,
    entries: Vec<Entry<K, V>>,
    /// The place of the key used last, and of that not used for longest; [`NOWHERE`] while empty.
    newest: u32,
    oldest: u32,
}

#[derive(Clone)]
struct Entry<K, V> {
    key: K,
    value: V,
    /// The places of the keys used directly after and before this one.
    newer: u32,
    older: u32,
}

const NOWHERE: u32 = u32::MAX;

impl<K: Copy + Eq + Hash, V> Recent<K, V> {
    /// An empty map of at most `most` keys.
    pub(super) fn new(most: usize) -> Recent<K, V> {
        Recent {
            most,
            hasher: foldhash::fast::RandomState::default(),
            places: HashTable::new(),
            entries: Vec::new(),
            newest: NOWHERE,
            oldest: NOWHERE,
        }
    }

    pub(super) fn contains(&self, key: &K) -> bool {
        self.place_of(key).is_some()
    }

    /// Uses a key: what is held for it, or what `new` makes. `evicted` gets what had to go for a new
    /// key.
    pub(super) fn use_or_insert(
        &mut self,
        key: K,
        new: impl FnOnce() -> V,
        evicted: impl FnOnce(V),
    ) -> &mut V {
        let place = match self.place_of(&key) {
            Some(place) => {
                self.unlink(place);
                place
            }
            None if self.entries.len() < self.most.max(1) => {
                self.entries.push(Entry { key, value: new(), newer: NOWHERE, older: NOWHERE });
                self.note(&key, self.entries.len() as u32 - 1)
            }
            None => {
                let place = self.oldest;
                self.unlink(place);
                self.forget(place);
                let entry = &mut self.entries[place as usize];
                entry.key = key;
                evicted(std::mem::replace(&mut entry.value, new()));
                self.note(&key, place)
            }
        };
        self.link(place);
        &mut self.entries[place as usize].value
    }

    /// What is held, in the order of use: the key that was not used for longest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        std::iter::successors(self.entries.get(self.oldest as usize), |entry| {
            self.entries.get(entry.newer as usize)
        })
        .map(|entry| (&entry.key, &entry.value))
    }

    /// What is held, in the order of [`Recent::iter`].
    pub(super) fn into_ordered(self) -> impl Iterator<Item = (K, V)> {
        let mut place = self.oldest;
        let mut entries: Vec<_> = self.entries.into_iter().map(Some).collect();
        std::iter::from_fn(move || {
            let Entry { key, value, newer, .. } = entries.get_mut(place as usize)?.take()?;
            place = newer;
            Some((key, value))
        })
    }

    /// Takes out a key.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.place_of(key)?;
        self.unlink(place);
        self.forget(place);
        let last = self.entries.len() as u32 - 1;
        let Entry { value, .. } = self.entries.swap_remove(place as usize);
        // The last entry has moved to this place.
        if let Some(&Entry { ref key, newer, older, .. }) = self.entries.get(place as usize) {
            let hash = self.hasher.hash_one(key);
            if let Some(known) = self.places.find_mut(hash, |&known| known == last) {
                *known = place;
            }
            match self.entries.get_mut(newer as usize) {
                Some(entry) => entry.older = place,
                None => self.newest = place,
            }
            match self.entries.get_mut(older as usize) {
                Some(entry) => entry.newer = place,
                None => self.oldest = place,
            }
        }
        Some(value)
    }

    /// What is held, in no order.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|entry| &mut entry.value)
    }

    /// Keeps only what `keep` says yes to, in the same order. Takes as long as there are keys.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&V) -> bool) {
        let kept = Recent { hasher: self.hasher.clone(), ..Recent::new(self.most) };
        for (key, value) in std::mem::replace(self, kept).into_ordered().filter(|(_, value)| keep(value)) {
            self.use_or_insert(key, || value, |_| {});
        }
    }

    fn place_of(&self, key: &K) -> Option<u32> {
        let is_it = |&place: &u32| self.entries[place as usize].key == *key;
        self.places.find(self.hasher.hash_one(key), is_it).copied()
    }

    /// Notes that a key is at a place.
    fn note(&mut self, key: &K, place: u32) -> u32 {
        let (entries, hasher) = (&self.entries, &self.hasher);
        let hash = |&place: &u32| hasher.hash_one(entries[place as usize].key);
        self.places.insert_unique(self.hasher.hash_one(key), place, hash);
        place
    }

    /// Notes that the key at a place is there no more.
    fn forget(&mut self, place: u32) {
        let hash = self.hasher.hash_one(self.entries[place as usize].key);
        if let Ok(known) = self.places.find_entry(hash, |&known| known == place) {
            known.remove();
        }
    }

    fn unlink(&mut self, place: u32) {
        let Entry { newer, older, .. } = self.entries[place as usize];
        match self.entries.get_mut(newer as usize) {
            Some(entry) => entry.older = older,
            None => self.newest = older,
        }
        match self.entries.get_mut(older as usize) {
            Some(entry) => entry.newer = newer,
            None => self.oldest = newer,
        }
    }

    /// Puts an entry that is not linked before all others.
    fn link(&mut self, place: u32) {
        let older = std::mem::replace(&mut self.newest, place);
        match self.entries.get_mut(older as usize) {
            Some(entry) => entry.newer = place,
            None => self.oldest = place,
        }
        let entry = &mut self.entries[place as usize];
        (entry.newer, entry.older) = (NOWHERE, older);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_takes_the_place_of_the_one_not_used_for_longest() {
        let mut recent = Recent::new(3);
        let mut gone = Vec::new();
        for key in ["a", "b", "c", "a", "d", "a", "e"] {
            *recent.use_or_insert(key, || 0, |value| gone.push(value)) += 1;
        }
        assert_eq!(recent.iter().collect::<Vec<_>>(), [(&"d", &1), (&"a", &3), (&"e", &1)]);
        assert_eq!(gone, [1, 1], "b and c");
        assert!(recent.contains(&"d") && !recent.contains(&"b"));
        recent.retain(|&uses| uses == 1);
        assert_eq!(recent.iter().collect::<Vec<_>>(), [(&"d", &1), (&"e", &1)]);
        for value in recent.values_mut() {
            *value += 1;
        }
        recent.use_or_insert("d", || 0, |_| {});
        assert_eq!(recent.iter().collect::<Vec<_>>(), [(&"e", &2), (&"d", &2)]);
    }

    #[test]
    fn it_does_what_a_list_in_the_order_of_use_does() {
        let mut number = 5_u64;
        let mut recent = Recent::new(7);
        let mut list: Vec<(u64, u64)> = Vec::new();
        for round in 0..20_000 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = (number >> 33) % 12;
            if round % 5 == 0 {
                let known = list.iter().position(|(known, _)| *known == key).map(|at| list.remove(at));
                assert_eq!(recent.remove(&key), known.map(|(_, value)| value));
                continue;
            }
            let mut gone = None;
            *recent.use_or_insert(key, || round, |value| gone = Some(value)) += 1;
            let known = list.iter().position(|(known, _)| *known == key).map(|at| list.remove(at));
            let should_go = (known.is_none() && list.len() == 7).then(|| list.remove(0).1);
            list.push((key, known.map_or(round, |(_, value)| value) + 1));
            assert_eq!(gone, should_go);
            assert_eq!(recent.iter().map(|(&key, &value)| (key, value)).collect::<Vec<_>>(), list);
        }
    }
}
