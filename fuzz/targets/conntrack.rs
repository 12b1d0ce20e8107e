//! What `conntrack -L` prints.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portscribe::rules::Connection;

fuzz_target!(|text: &str| {
    let _ = Connection::read(text);
});
