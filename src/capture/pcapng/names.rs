//! Names of the interfaces of a section.

use std::sync::Arc;

/// How many octets all names of a section may take. An interface whose name has no room has none, and is called
/// by its number.
const MOST_OCTETS: usize = 16 * 1024 * 1024;

/// The names of a section's interfaces, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InterfaceNames {
    names: Vec<Option<Arc<str>>>,
    octets: usize,
}

impl InterfaceNames {
    /// Adds the name of the next interface.
    pub(super) fn push(&mut self, name: Option<Arc<str>>) {
        let name = name.filter(|name| self.octets + name.len() <= MOST_OCTETS);
        self.octets += name.as_ref().map_or(0, |name| name.len());
        self.names.push(name);
    }

    /// Name of an interface, where the section gives one.
    pub(crate) fn get(&self, interface: u32) -> Option<&str> {
        self.names.get(interface as usize)?.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_no_more_than_their_room() {
        let mut names = InterfaceNames::default();
        let long: Arc<str> = "x".repeat(MOST_OCTETS / 2).into();
        for name in [Some(&long), None, Some(&long), Some(&Arc::from("y")), Some(&Arc::from(""))] {
            names.push(name.cloned());
        }
        let lengths: Vec<Option<usize>> = (0..6).map(|n| names.get(n).map(str::len)).collect();
        assert_eq!(lengths, [Some(MOST_OCTETS / 2), None, Some(MOST_OCTETS / 2), None, Some(0), None]);
    }
}
