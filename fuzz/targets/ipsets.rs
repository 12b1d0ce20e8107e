//! What `ipset save` prints, and a ruleset that asks the sets.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portscribe::rules::{Ipsets, ReadOptions, Ruleset, RulesetFormat};

const RULES: &[u8] = b"*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -m set --match-set a src -j DROP
-A FORWARD -m set --match-set a dst,dst -j DROP
-A FORWARD -m set ! --match-set b src,dst,src -j DROP
COMMIT
";

fuzz_target!(|text: &str| {
    let Ok(ipsets) = Ipsets::read(text) else { return };
    let options = ReadOptions { ipsets, ..ReadOptions::default() };
    let _ = Ruleset::read(RULES, RulesetFormat::IptablesSave, "rules", &options).expect("the rules are fine");
});
