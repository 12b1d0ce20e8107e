//! Flows and labels: which packets belong together, who is the server, what the registry says.

#[path = "../support/mod.rs"]
mod support;

mod asked;
mod cases;
mod continuation;
mod copies;
mod ending;
mod flags;
mod fragments;
mod in_the_clear;
mod labels;
mod monoid;
mod observed;
mod openings;
mod portless;
mod promises;
mod samples;
mod servers;
mod tally;
mod truth_by_hiding;
mod zeek;
