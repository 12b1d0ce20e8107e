//! Rulesets in the format that `RulesetFormat::NftJson` names.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portscribe::rules::{ReadOptions, Ruleset, RulesetFormat};

fuzz_target!(|bytes: &[u8]| {
    let _ = Ruleset::read(bytes, RulesetFormat::NftJson, "rules", &ReadOptions::default());
});
