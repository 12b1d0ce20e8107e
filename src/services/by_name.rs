//! Rows by their names, found without going through them: they are asked for every flow.

/// Which row of a list has a name: at the slot of the name, or at the next one that was free.
pub(super) struct ByName([u8; SLOTS]);

const SLOTS: usize = 256;
const NO_ROW: u8 = u8::MAX;

impl ByName {
    /// The rows of these names, each of which is another.
    pub(super) const fn new(names: &[&str]) -> ByName {
        // A name that has no row ends at a slot that has none.
        assert!(names.len() < NO_ROW as usize);
        let mut slots = [NO_ROW; SLOTS];
        let mut row = 0;
        while row < names.len() {
            let mut slot = slot_of(names[row]);
            while slots[slot] != NO_ROW {
                slot = (slot + 1) % SLOTS;
            }
            slots[slot] = row as u8;
            row += 1;
        }
        ByName(slots)
    }

    /// The row of a name; `name_of` has the name of a row.
    pub(super) fn find(&self, name: &str, name_of: impl Fn(usize) -> Option<&'static str>) -> Option<usize> {
        let mut slot = slot_of(name);
        while self.0[slot] != NO_ROW {
            let row = usize::from(self.0[slot]);
            if name_of(row)? == name {
                return Some(row);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }
}

/// Names of services differ in their length, their first, middle and last letters.
const fn slot_of(name: &str) -> usize {
    let octets = name.as_bytes();
    let [.., last] = octets else { return 0 };
    let (first, middle) = (octets[0] as usize, octets[octets.len() / 2] as usize);
    (first * 7 + middle * 31 + *last as usize * 3 + octets.len() * 61) % SLOTS
}
