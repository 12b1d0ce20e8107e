//! Files of local names.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portscribe::registry::Overlay;

fuzz_target!(|bytes: &[u8]| {
    for lenient in [false, true] {
        let _ = Overlay::read(bytes, lenient);
    }
});
