//! The interfaces that flows show, each once.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use crate::net::Interface;

/// Number of an interface; 0 is an unknown one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct InterfaceId(u32);

/// The interfaces of first packets, each once. Those that no flow shows take no room.
#[derive(Clone, Debug, Default)]
pub(super) struct Interfaces {
    all: Vec<Interface<'static>>,
    known: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    /// The one that was asked for last: mostly that of the next first packet, too.
    last: u32,
}

impl Interfaces {
    /// The number of an interface.
    pub(super) fn intern(&mut self, interface: Option<&Interface>) -> InterfaceId {
        let Some(interface) = interface else { return InterfaceId(0) };
        let (all, hasher) = (&self.all, &self.hasher);
        let is_it = |n: u32| all.get(n as usize).is_some_and(|known| known == interface);
        if !is_it(self.last) {
            let hash = hasher.hash_one(interface);
            self.last = if let Some(&n) = self.known.find(hash, |&n| is_it(n)) {
                n
            } else {
                let n = all.len() as u32;
                let hash_of = |&n: &u32| all.get(n as usize).map_or(0, |known| hasher.hash_one(known));
                self.known.insert_unique(hash, n, hash_of);
                self.all.push(interface.clone().into_owned());
                n
            };
        }
        InterfaceId(self.last + 1)
    }

    /// The interface of a number.
    pub(super) fn get(&self, id: InterfaceId) -> Option<&Interface<'static>> {
        self.all.get(id.0.checked_sub(1)? as usize)
    }
}
