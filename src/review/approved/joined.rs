//! Copies of a worksheet that several people filled in, as one.

use std::collections::HashMap;

use ipnet::IpNet;

use super::super::model::{Approval, Disagreement, Extent, RowId};
use super::identifier::in_other_zones;
use super::{DATES, Decision, Worksheet, WorksheetRow};
use crate::net::Ports;

impl Worksheet {
    /// The worksheet with zones under other names, `(old, new)`: its rows are those of the new ones.
    /// Rows that become the same one stay apart until they are [joined](Worksheet::joined).
    #[must_use]
    pub fn with_zones(&self, renamed: &[(String, String)]) -> Worksheet {
        let name = |old: &str| renamed.iter().find(|(one, _)| one == old).map(|(_, new)| new.clone());
        let mut worksheet = Worksheet::default();
        worksheet.as_csv = self.as_csv;
        worksheet.files.clone_from(&self.files);
        worksheet.human_columns.clone_from(&self.human_columns);
        for row in &self.rows {
            let mut row = row.clone();
            let cells = row.cells.with_zones(name);
            if let Some(row_id) = in_other_zones(row.row_id, &row.cells, &cells) {
                (row.row_id, row.approval.row_id, row.cells) = (row_id, row_id, cells);
            }
            worksheet.push(row);
        }
        worksheet
    }

    /// All worksheets as one. Where one has written something and the others have not, it counts.
    /// Where they have written different things, the row is not approved, whatever they say, and the
    /// cell is empty: its [`Disagreement`] has every value. What several approve is what each of them
    /// approves.
    ///
    /// None of none.
    pub fn joined(worksheets: &[Worksheet]) -> Option<Worksheet> {
        let mut joined = Worksheet::default();
        for worksheet in worksheets {
            joined.files.extend(worksheet.files.iter().cloned());
            for column in &worksheet.human_columns {
                if !joined.human_columns.contains(column) {
                    joined.human_columns.push(column.clone());
                }
            }
        }
        let mut order: Vec<RowId> = Vec::new();
        let mut copies: HashMap<RowId, Vec<&WorksheetRow>> = HashMap::new();
        for row in worksheets.iter().flat_map(|worksheet| &worksheet.rows) {
            let copies = copies.entry(row.row_id).or_default();
            if copies.is_empty() {
                order.push(row.row_id);
            }
            copies.push(row);
        }
        for row_id in order {
            let copies = copies.remove(&row_id).unwrap_or_default();
            let written: Vec<_> = copies.iter().copied().filter(|row| !row.approval.is_empty()).collect();
            if let Some(row) = join(if written.is_empty() { &copies[..1] } else { &written }, &joined) {
                joined.push(row);
            }
        }
        (!worksheets.is_empty()).then_some(joined)
    }
}

/// Copies of one row.
fn join(copies: &[&WorksheetRow], worksheet: &Worksheet) -> Option<WorksheetRow> {
    let mut row = (*copies.first()?).clone();
    let mut approval = Approval { cells: Vec::new(), disagreements: Vec::new(), ..row.approval.clone() };
    for column in &worksheet.human_columns {
        let mut cell = row.approval.cell(column);
        for copy in &copies[1..] {
            let other = copy.approval.cell(column);
            if cell.trim().is_empty() {
                cell = other;
            }
        }
        let differs = |copy: &&WorksheetRow| {
            let other = &copy.approval;
            !other.cell(column).trim().is_empty()
                && !is_same(column, (&row.approval, cell), (other, other.cell(column)))
        };
        if copies.iter().any(differs) {
            let said = |copy: &&WorksheetRow| Some((copy.approval.cell(column).to_owned(), copy.place()));
            let filled_in = copies.iter().filter(|copy| !copy.approval.cell(column).trim().is_empty());
            approval.disagreements.push(disagreement(column, filled_in.filter_map(said)));
            cell = "";
        }
        approval.cells.push((column.clone(), cell.to_owned()));
    }
    // Those that earlier reviews have told of, and that nobody has settled.
    for open in copies.iter().flat_map(|copy| &copy.approval.disagreements) {
        if !approval.disagreements.iter().any(|one| one.column == open.column) {
            clear(&mut approval, &open.column);
            approval.disagreements.push(open.clone());
        }
    }
    // An approver's name in one, and a refusal in the other.
    let decided = |decision| copies.iter().any(|copy| copy.approval.decision() == decision);
    if decided(Decision::Approved)
        && decided(Decision::Rejected)
        && !approval.disagreements.iter().any(|one| one.column == "decision")
    {
        let said = |copy: &&WorksheetRow| {
            let said = match copy.approval.decision() {
                Decision::Approved if copy.approval.cell("decision").trim().is_empty() => {
                    format!("approved by {}", copy.approval.cell("approved_by").trim())
                }
                Decision::Open => return None,
                _ => copy.approval.cell("decision").to_owned(),
            };
            Some((said, copy.place()))
        };
        approval.disagreements.push(disagreement("decision", copies.iter().filter_map(said)));
        clear(&mut approval, "decision");
    }
    let mut extents = copies.iter().filter_map(|copy| copy.approval.extent.clone());
    let extent = extents.next().map(|first| extents.fold(first, |both, one| common(&both, &one)));
    approval.extent = extent.filter(|_| approval.is_approved() || !approval.disagreements.is_empty());
    row.places = copies.iter().flat_map(|copy| copy.places.iter().cloned()).collect();
    row.approval = approval;
    Some(row)
}

fn clear(approval: &mut Approval, column: &str) {
    for (_, cell) in approval.cells.iter_mut().filter(|(name, _)| name == column) {
        cell.clear();
    }
}

fn disagreement(column: &str, said: impl Iterator<Item = (String, String)>) -> Disagreement {
    let said: Vec<String> = said.map(|(value, place)| format!("`{value}` in {place}")).collect();
    Disagreement { column: column.to_owned(), said: said.join(", ") }
}

/// Whether two cells mean the same: spreadsheets write dates and line ends their own way.
fn is_same(column: &str, (one, cell): (&Approval, &str), (other, other_cell): (&Approval, &str)) -> bool {
    if DATES.contains(&column) {
        return one.dates.read(cell) == other.dates.read(other_cell);
    }
    if column == "decision" {
        let (one, other) = (Decision::of(cell), Decision::of(other_cell));
        if one.is_some() && one == other {
            return true;
        }
    }
    cell.trim().replace("\r\n", "\n") == other_cell.trim().replace("\r\n", "\n")
}

/// What is in both.
fn common(one: &Extent, other: &Extent) -> Extent {
    let within = |some: &[IpNet], all: &[IpNet]| -> Vec<IpNet> {
        some.iter().filter(|network| all.iter().any(|one| one.contains(*network))).copied().collect()
    };
    // Networks lie within each other, or apart.
    let sources = match (&one.sources, &other.sources) {
        (None, sources) | (sources, None) => sources.clone(),
        (Some(one), Some(other)) => {
            let mut both = [within(one, other), within(other, one)].concat();
            both.sort_unstable();
            both.dedup();
            Some(both)
        }
    };
    let ports = one.ports.zip(other.ports).and_then(|(one, other)| {
        let ports = Ports { first: one.first.max(other.first), last: one.last.min(other.last) };
        (ports.first <= ports.last).then_some(ports)
    });
    let servers = match (&one.servers, &other.servers) {
        (None, servers) | (servers, None) => servers.clone(),
        (Some(one), Some(other)) => {
            Some(one.iter().filter(|server| other.contains(server)).copied().collect())
        }
    };
    Extent { sources, servers, ports }
}
