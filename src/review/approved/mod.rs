//! What is approved: the worksheet, a table that a review writes, that people fill in, and that the
//! next review reads back.
//!
//! Its columns come in two groups. The first belong to the program, which rewrites them every
//! time. The last belong to people and are kept byte for byte, also those that people added.

mod worksheet;

pub use worksheet::{Worksheet, WorksheetError, WorksheetRow};

use jiff::civil::Date;

use super::model::Approval;

/// The program's columns.
pub const MACHINE: [&str; 32] = [
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
];

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

impl Approval {
    /// What stands in a column; empty where there is none of this name.
    pub fn cell(&self, column: &str) -> &str {
        self.cells.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell)
    }

    /// Whether people have written anything.
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(|(_, cell)| cell.trim().is_empty())
    }

    /// What people decided. `approve`, `approved`, `accept`, `accepted`, `keep` and `yes` approve;
    /// `reject`, `rejected`, `deny`, `denied`, `remove`, `revoke`, `revoked` and `no` turn down, in
    /// any letter case.
    pub fn decision(&self) -> Decision {
        match self.cell("decision").trim().to_lowercase().as_str() {
            "approve" | "approved" | "accept" | "accepted" | "keep" | "yes" => Decision::Approved,
            "reject" | "rejected" | "deny" | "denied" | "remove" | "revoke" | "revoked" | "no" => {
                Decision::Rejected
            }
            "" if !self.cell("approved_by").trim().is_empty() => Decision::Approved,
            _ => Decision::Open,
        }
    }

    /// Who approved it, and when: an approval with another mark was given again.
    pub(in crate::review) fn mark(&self) -> String {
        let by = self.cell("approved_by").trim();
        let on = self.cell("approved_on").trim();
        let on = date(on).ok().flatten().map_or_else(|| on.to_owned(), |day| day.to_string());
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
        date(self.cell("expires_on")).ok().flatten()
    }
}

/// A date as people and spreadsheets write it without a doubt: `2027-01-31`, `2027/01/31`,
/// `31.01.2027`, or with strokes where one number alone can be the month: `1/31/2027`, `31/1/2027`; none
/// for an empty cell.
fn date(text: &str) -> Result<Option<Date>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = |text: &str| text.parse::<u8>().ok().and_then(|number| i8::try_from(number).ok());
    let is_month = |number| (1..=12).contains(&number);
    let by_dots: Vec<&str> = text.split('.').collect();
    let (year, month, day) = match (text.split(['-', '/']).collect::<Vec<_>>().as_slice(), by_dots.as_slice())
    {
        (&[year, month, day], _) if year.len() == 4 => (year, month, day),
        (_, &[day, month, year]) if year.len() == 4 => (year, month, day),
        (&[first, second, year], _) if year.len() == 4 => {
            match (number(first).is_some_and(is_month), number(second).is_some_and(is_month)) {
                (true, false) => (year, first, second),
                (false, true) => (year, second, first),
                (true, true) if number(first) == number(second) => (year, first, second),
                _ => return Err(()),
            }
        }
        _ => return Err(()),
    };
    match (year.parse::<i16>(), number(month), number(day)) {
        (Ok(year), Some(month), Some(day)) => Date::new(year, month, day).map(Some).map_err(|_| ()),
        _ => Err(()),
    }
}

/// What makes a spreadsheet take a cell for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell from outside, so that no spreadsheet takes it for a formula. One that begins with the
/// guard itself gets another, so that [`unguarded`] gives back what was there.
pub(super) fn guarded(cell: &str) -> String {
    if cell.starts_with(FORMULA) || cell.starts_with('\'') { format!("'{cell}") } else { cell.to_owned() }
}

/// The cell that [`guarded`] was given.
fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(FORMULA) || rest.starts_with('\'') => rest,
        _ => cell,
    }
}

#[cfg(test)]
#[path = "../../../tests/review/within/approved.rs"]
mod tests;
