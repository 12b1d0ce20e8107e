//! Files of names of addresses, and of keys.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portscribe::anonymize::Key;
use portscribe::traffic::Hosts;

fuzz_target!(|bytes: &[u8]| {
    let _ = Key::read(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(hosts) = Hosts::read(text) {
        assert_eq!(hosts.is_empty(), hosts.len() == 0);
    }
});
