//! The answer that a summary begins with: what was read, how much has which status, and what catches the
//! eye. Everything on one screen.

mod bar;
mod eye;
mod people;
mod totals;

pub use eye::{Catch, CatchKind};
pub use people::{Shown, people};
pub use totals::{Amount, Overview};
