//! What a review is handed on as: a page, proposed rules, machine formats.
//!
//! | function | writes |
//! |---|---|
//! | [`summary`] | what a terminal shows: the review in short |
//! | [`write_json`] | `review.json`: the whole review |
//! | [`worksheet`](fn@worksheet) | `worksheet.csv`: a row for each service, for people to fill in |
//! | [`xlsx`](fn@xlsx) | `worksheet.xlsx`: the same as a workbook |
//! | [`typed`] | `worksheet.parquet`, `worksheet.arrow`: its rows with types, for programs |
//! | [`html`] | `review.html`: the whole review, to read and to print |
//! | [`nft`] | `review.nft`: proposed rules for nftables |
//! | [`aerleon`] | definitions and policies that Aerleon renders for other firewalls |
//! | [`oscal`] | an OSCAL component definition of the services |
//!
//! Proposed rules are what was observed, written as rules: nobody has approved them, and each file
//! says so in its head. Which rows become rules is the same in all of them: services
//! in use by their grade, that nobody turned down. No rule is wider than its row.

mod aerleon;
mod html;
mod json;
mod nft;
mod oscal;
mod proposal;
mod standing;
mod summary;
mod text;
mod tried;
mod typed;
mod worksheet;
mod xlsx;

#[cfg(test)]
#[path = "../../../tests/review/within/fixture.rs"]
mod fixture;

pub use aerleon::{OutputFile, aerleon};
pub use html::html;
pub use json::write_json;
pub use nft::nft;
pub use oscal::oscal;
pub use summary::summary;
pub use typed::typed;
pub use worksheet::worksheet;
pub use xlsx::xlsx;

use super::model::{Review, Vantage};

/// What stands over every proposed rule.
const NOT_APPROVED: &str = "NOT APPROVED: an observation to decide on, not advice.";

/// The traffic that proposed rules are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// What a firewall forwards.
    Forward,
    /// What a host receives itself.
    Input,
}

impl Hook {
    /// The word that rulesets use.
    pub const fn name(self) -> &'static str {
        match self {
            Hook::Forward => "forward",
            Hook::Input => "input",
        }
    }
}

/// How proposed rules are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteOptions {
    /// Whether rows without an approval are left out (`--approved-only`).
    pub approved_only: bool,
    /// The traffic that the rules are for.
    pub hook: Hook,
}

impl WriteOptions {
    /// Every row in use; rules for what a host receives where the sensor stood on a host, for
    /// what a firewall forwards otherwise.
    pub fn of(review: &Review) -> WriteOptions {
        let hook = if review.coverage.vantage == Some(Vantage::Host) { Hook::Input } else { Hook::Forward };
        WriteOptions { approved_only: false, hook }
    }
}
