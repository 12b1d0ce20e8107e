//! Saved results, as `diff` reads them: compared with themselves nothing differs.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portscribe::report::comparison::{Inventory, SavedRow, compare, read_saved};

fuzz_target!(|bytes: &[u8]| {
    let mut inventory = Inventory::default();
    let looked = read_saved(bytes, |row| {
        if let SavedRow::Flow(fact) = row {
            inventory.look(&fact);
        }
    });
    inventory.found();
    let added = read_saved(bytes, |row| match row {
        SavedRow::Flow(fact) => inventory.add(&fact),
        SavedRow::Total(key, amount) => inventory.add_total(key, &amount),
    });
    assert_eq!(looked.is_ok(), added.is_ok());
    let difference = compare(&inventory, &inventory, 1.5);
    assert!(difference.changed.is_empty(), "nothing differs from itself");
});
