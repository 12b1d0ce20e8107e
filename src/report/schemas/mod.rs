//! `flows` under the names that other programs use.
//!
//! Each schema is one table, which says for each of its names the column that it is made from and where the name is
//! from. Columns without a counterpart follow as `portscribe.NAME`, unchanged.

mod ecs;
mod eve;
mod ipfix;
mod json;
mod mapping;
mod name;
mod ocsf;
mod page;
mod schema;
mod zeek;

pub(super) use json::object;
pub(super) use mapping::Mapping;
pub use page::schemas_page;
pub use schema::Schema;
pub(super) use zeek::header;
