//! The firewall review: what was observed, approved and configured.

#[path = "../support/mod.rs"]
mod support;

mod approvals;
mod captures;
mod cases;
mod copies;
mod counters;
mod findings;
mod grades;
mod inventory;
mod legs;
mod page;
mod portless;
mod proposed;
mod services;
mod spreadsheets;
mod whole;
mod zones;
