//! SCTP associations: chunks, paths that they name, and bundles, in both directions.

#![no_main]

mod support;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|segments: &[u8]| support::conversation(132, segments));
