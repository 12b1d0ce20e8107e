//! Registry files of every format: what is read can be written in IANA's columns and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portscribe::registry::{self, ReadOptions, Target};

fuzz_target!(|bytes: &[u8]| {
    for lenient in [false, true] {
        let options = ReadOptions { lenient, ..ReadOptions::default() };
        let Ok(reading) = registry::read(bytes, &options) else { continue };
        let mut csv = Vec::new();
        registry::export(&reading.registry, Target::IanaCsv, &mut csv).expect("memory");
        let again = registry::read(&csv, &ReadOptions { lenient: true, ..ReadOptions::default() });
        assert_eq!(again.expect("what was written").registry.rows().count(), reading.registry.rows().count());
    }
});
