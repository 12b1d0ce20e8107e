//! Names of the interfaces of a section.

use std::sync::Arc;

use crate::foreign::Foreign;

/// How many octets all names of a section may take. An interface whose name has no room has none, and is called
/// by its number.
const MOST_OCTETS: usize = 16 * 1024 * 1024;

/// The names of a section's interfaces, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InterfaceNames {
    names: Vec<Option<Foreign<Arc<str>>>>,
    octets: usize,
}

impl InterfaceNames {
    /// Adds the name of the next interface.
    pub(super) fn push(&mut self, name: Option<Foreign<Arc<str>>>) {
        let name = name.filter(|name| self.octets + name.raw().len() <= MOST_OCTETS);
        self.octets += name.as_ref().map_or(0, |name| name.raw().len());
        self.names.push(name);
    }

    /// Name of an interface, where the section gives one.
    pub(crate) fn get(&self, interface: u32) -> Option<Foreign<&str>> {
        Some(self.names.get(interface as usize)?.as_ref()?.borrowed())
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
            names.push(name.cloned().map(Foreign::new));
        }
        let lengths: Vec<Option<usize>> = (0..6).map(|n| names.get(n).map(|name| name.raw().len())).collect();
        assert_eq!(lengths, [Some(MOST_OCTETS / 2), None, Some(MOST_OCTETS / 2), None, Some(0), None]);
    }
}
