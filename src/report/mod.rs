//! Labelled flows as tables, CSV and JSON.
//!
//! Every report is rows of [`Value`]s under fixed column names, and a table for people with the
//! columns that fit ([`WhenNarrow`]). Machine formats hold all columns; a value that is not known is an empty cell
//! in CSV and `null` in JSON, never 0.

pub mod comparison;
pub mod explain;
pub mod flows;
pub mod glossary;
pub mod lookup;
pub mod overview;
pub mod packets;
#[cfg(feature = "page")]
pub mod page;
pub mod registry;
pub mod services;
pub mod summary;

mod arrange;
mod by_column;
mod color;
#[cfg(feature = "tables")]
mod columnar;
mod distinct;
mod field;
mod flags;
mod format;
mod head;
mod hint;
mod layout;
mod rows;
mod schema;
mod schemas;
mod table;
mod times;
mod value;

pub use arrange::{ArrangeError, Columns, Order, Sorted};
#[cfg(feature = "tables")]
pub use columnar::Batches;
pub use field::{Bits, Field, Holds};
pub use flags::OTHER_FLAGS;
pub use format::{Format, UnknownFormat};
pub use head::{
    Head, captures, copies, read, reservations, same_captures, shown, totals, uncounted, wild_times,
    without_ports,
};
pub use hint::{Hint, hints};
pub use layout::{Align, TableColumn, WhenNarrow};
pub use rows::{RowWriter, Rows};
pub use schema::{ResultKind, columns_page};
pub use schemas::{Schema, schemas_page};
pub use table::{Style, Table, wrapped};
pub use times::{Precision, Times};
pub use value::Value;
