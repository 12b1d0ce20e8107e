//! The answer that a summary begins with: what was read, how much has which status, and what catches the
//! eye. Everything on one screen.

mod bar;
mod eye;
mod people;
mod totals;

#[cfg(feature = "page")]
pub(super) use bar::{percent, share};
pub use eye::{Catch, CatchKind};
pub use people::{Shown, people};
pub use totals::{Amount, Overview};
