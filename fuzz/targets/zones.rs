//! Files of zones.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portscribe::review::zones::Zones;

fuzz_target!(|input: (bool, &str)| {
    let (is_toml, text) = input;
    if let Ok(zones) = Zones::read(text, if is_toml { "zones.toml" } else { "zones.csv" }) {
        for address in ["10.0.0.1", "192.0.2.1", "2001:db8::1"] {
            let _ = zones.name(zones.of(address.parse().expect("an address")));
        }
    }
});
