//! What is approved: the worksheet, a table that a review writes, that people fill in, and that the
//! next review reads back.
//!
//! Its columns come in two groups. The first belong to the program, which rewrites them every
//! time. The last belong to people and are kept byte for byte, also those that people added.

pub(super) mod disagreement;
mod identifier;
mod joined;
mod table;
mod worksheet;
mod xlsx;

pub use worksheet::{Place, Worksheet, WorksheetError, WorksheetRow};

use jiff::civil::Date;

use super::model::{Approval, DateOrder};
use crate::foreign;

/// The program's columns.
pub const MACHINE: [&str; 34] = [
    "row_id",
    "status",
    "src_zone",
    "sources",
    "widened",
    "dst_zone",
    "destination",
    "family",
    "proto",
    "ports",
    "service",
    "name_basis",
    "registry_note",
    "tags",
    "grade",
    "flows_in_use",
    "flows_refused",
    "flows_no_reply",
    "first_seen",
    "last_seen",
    "active_days",
    "coverage_days",
    "rules",
    "verdict",
    "findings",
    "sources_perhaps",
    "sources_refused",
    "sources_scanning",
    "approved_sources",
    "approved_servers",
    "approved_ports",
    "approved_as",
    DISAGREEMENT,
    "icmp_type",
];

/// The program's column for what copies of the worksheet disagree on.
pub(super) const DISAGREEMENT: &str = "disagreement";

/// The columns that people fill in.
pub const HUMAN: [&str; 11] = [
    "owner",
    "business_need",
    "security_features",
    "approved_by",
    "approved_on",
    "ticket",
    "expires_on",
    "decision",
    "reviewer",
    "reviewed_on",
    "notes",
];

/// The columns that hold dates people write.
const DATES: [&str; 3] = ["approved_on", "expires_on", "reviewed_on"];

/// What people decided on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Approved: the decision says so, or it is empty and someone is named who approved.
    Approved,
    /// Turned down, or to be removed.
    Rejected,
    /// Nothing yet, or a word that decides nothing.
    Open,
}

impl Decision {
    /// The words that decide, in any letter case.
    pub const WORDS: [(&str, Decision); 14] = [
        ("approve", Decision::Approved),
        ("reject", Decision::Rejected),
        ("keep", Decision::Approved),
        ("remove", Decision::Rejected),
        ("yes", Decision::Approved),
        ("no", Decision::Rejected),
        ("accept", Decision::Approved),
        ("deny", Decision::Rejected),
        ("revoke", Decision::Rejected),
        ("approved", Decision::Approved),
        ("rejected", Decision::Rejected),
        ("accepted", Decision::Approved),
        ("denied", Decision::Rejected),
        ("revoked", Decision::Rejected),
    ];

    /// What a word decides; none where it decides nothing.
    fn of(word: &str) -> Option<Decision> {
        let word = word.trim().to_lowercase();
        Decision::WORDS.iter().find(|(one, _)| *one == word).map(|&(_, decision)| decision)
    }
}

impl Approval {
    /// What stands in a column; empty where there is none of this name.
    pub fn cell(&self, column: &str) -> &str {
        self.cells.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell)
    }

    /// Whether people have written anything.
    pub fn is_empty(&self) -> bool {
        self.disagreements.is_empty() && self.cells.iter().all(|(_, cell)| cell.trim().is_empty())
    }

    /// What people decided by one of [`Decision::WORDS`], or by naming who approved. Where copies
    /// disagree, nothing is decided.
    pub fn decision(&self) -> Decision {
        if !self.disagreements.is_empty() {
            return Decision::Open;
        }
        match self.cell("decision").trim() {
            "" if !self.cell("approved_by").trim().is_empty() => Decision::Approved,
            word => Decision::of(word).unwrap_or(Decision::Open),
        }
    }

    /// Who approved it, and when: an approval with another mark was given again.
    pub(in crate::review) fn mark(&self) -> String {
        self.mark_with(self.dates)
    }

    /// Whether an earlier approval is this one. A date that is now read another way is not a new one.
    pub(in crate::review) fn is_marked(&self, before: &str) -> bool {
        let before = before.to_lowercase();
        DateOrder::ALL.into_iter().any(|dates| self.mark_with(dates).to_lowercase() == before)
    }

    fn mark_with(&self, dates: DateOrder) -> String {
        let by = self.cell("approved_by").trim();
        let on = self.cell("approved_on").trim();
        let on = dates.read(on).ok().flatten().map_or_else(|| on.to_owned(), |day| day.to_string());
        match (by, on.as_str()) {
            ("", "") => "approved".to_owned(),
            (by, "") => by.to_owned(),
            ("", on) => on.to_owned(),
            (by, on) => format!("{by}, {on}"),
        }
    }

    /// Whether it is approved.
    pub fn is_approved(&self) -> bool {
        self.decision() == Decision::Approved
    }

    /// The columns that an approval needs and that are empty: `owner`, `business_need`,
    /// `approved_by`.
    pub fn missing(&self) -> Vec<&'static str> {
        ["owner", "business_need", "approved_by"]
            .into_iter()
            .filter(|column| self.cell(column).trim().is_empty())
            .collect()
    }

    /// The last day on which the approval holds, if it says one.
    pub fn expires_on(&self) -> Option<Date> {
        self.dates.read(self.cell("expires_on")).ok().flatten()
    }
}

/// A cell as a message shows it.
fn short(cell: &str) -> String {
    const MOST: usize = 40;
    let line = foreign::line(cell);
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.into_owned(),
    }
}

#[cfg(test)]
#[path = "../../../tests/review/within/approved.rs"]
mod tests;
