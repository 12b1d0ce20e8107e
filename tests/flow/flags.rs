//! How many flows have a flag that is to be looked at: where most have one, none is read.
//!
//! `cargo test --test flow most_flows -- --nocapture` prints the share of each flag.

#![allow(clippy::print_stdout, reason = "the figures are what this is run for")]

use std::collections::BTreeMap;

use portscribe::label::{Flag, FlagRank};
use portscribe::registry::Registry;
use portscribe::traffic::{ReadSettings, Reading};

/// Every flow of other projects' captures counts, each capture read alone.
#[test]
fn most_flows_have_no_flag_that_is_to_be_looked_at() {
    let Some(shared) = crate::support::shared() else { return };
    let registry = Registry::bundled();
    let mut with: BTreeMap<Flag, u64> = BTreeMap::new();
    let (mut all, mut plain) = (0_u64, 0_u64);
    for capture in crate::support::captures_below(&shared.join("captures")) {
        let mut reading = Reading::new(ReadSettings::default());
        // What was read before a fault counts.
        let _ = reading.read_file(&capture);
        for row in reading.finish().label(&registry).rows() {
            all += 1;
            plain += u64::from(row.label.flags.of_rank(FlagRank::Look).next().is_none());
            for flag in row.label.flags.iter() {
                *with.entry(flag).or_default() += 1;
            }
        }
    }
    let percent = |part: u64| 100.0 * part as f64 / all as f64;
    println!("{plain} of {all} flows without a flag to be looked at ({:.1} %)", percent(plain));
    for (flag, flows) in with {
        println!("{:24} {:8} {flows:6} {:5.1} %", flag.name(), flag.rank().name(), percent(flows));
    }
    assert!(plain * 2 >= all, "{plain} of {all} flows without a flag to be looked at");
}
