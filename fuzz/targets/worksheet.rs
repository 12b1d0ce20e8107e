//! Worksheets, CSV and workbooks.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portscribe::review::DateOrder;
use portscribe::review::approved::Worksheet;

fuzz_target!(|bytes: &[u8]| {
    let _ = Worksheet::read("worksheet", bytes, DateOrder::default());
});
