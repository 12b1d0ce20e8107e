//! Rulesets in the format that `RulesetFormat::NftJson` names, and flows that they judge.

#![no_main]

mod rules;

use libfuzzer_sys::fuzz_target;
use portscribe::rules::RulesetFormat;

fuzz_target!(|bytes: &[u8]| rules::read_and_judge(bytes, RulesetFormat::NftJson));
