//! Names of the interfaces of a section.

use std::sync::Arc;

/// The names of a section's interfaces, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InterfaceNames(Vec<Option<Arc<str>>>);

impl InterfaceNames {
    /// Adds the name of the next interface.
    pub(super) fn push(&mut self, name: Option<Arc<str>>) {
        self.0.push(name);
    }

    /// Name of an interface, where the section gives one.
    pub(crate) fn get(&self, interface: u32) -> Option<&str> {
        self.0.get(interface as usize)?.as_deref()
    }
}
