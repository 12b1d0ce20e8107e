//! `diff`: what came, went or changed between two captures, or saved results of them.

mod compare;
mod fact;
mod inventory;
mod rows;
mod saved;

pub use compare::{Change, Changed, Difference, NotCompared, compare};
pub use fact::Fact;
pub use inventory::{Amount, Inventory, Kind, Offered, Part, ServiceKey, Unknown};
pub use rows::{COLUMNS, head, table, values};
pub use saved::{SavedError, SavedRow, is_saved, read_saved};
