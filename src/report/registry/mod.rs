//! What the registry itself says: its rows, its counts, its faults, and what changed in it.

pub mod check;
pub mod diff;
pub mod info;
pub mod list;
