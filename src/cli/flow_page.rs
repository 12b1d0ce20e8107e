//! The table of flows in the making, with one row for each scan.

use std::io;

use super::arranging::Arrangement;
use crate::capture::Timestamp;
use crate::report::flows::{self, ScanRow};
use crate::report::{self, Columns, Precision, Table, Times};
use crate::text::count;
use crate::traffic::{LabelledFlow, Place, Scanner, Scans, Tally};

/// The table of flows in the making.
pub(super) struct Page<'r> {
    arrangement: &'r Arrangement,
    times: Times,
    table: Table,
    /// The times of the rows.
    of_rows: Vec<Option<Timestamp>>,
    other_flags: bool,
    folding: Option<Folding>,
    /// How many rows there are, also those that are not shown.
    rows: u64,
    /// Whether flows of some time alone are counted, and numbered.
    has_window: bool,
}

impl Page<'_> {
    pub(super) fn new(
        arrangement: &Arrangement,
        (times, has_window): (Times, bool),
        folding: Option<Folding>,
    ) -> Page<'_> {
        let columns = &arrangement.columns;
        let table = if columns.is_chosen() { columns.table() } else { flows::table() };
        let (of_rows, other_flags, rows) = (Vec::new(), false, 0);
        Page { arrangement, times, table, of_rows, other_flags, folding, rows, has_window }
    }

    /// Adds a flow as it was read, which is shown as `shown`.
    pub(super) fn add(&mut self, read: &LabelledFlow, shown: &LabelledFlow, place: Place) {
        let has_room = self.table.len() < self.arrangement.most;
        if let Some(folding) = &mut self.folding
            && let Some(fold) = folding.of(read)
        {
            if let Some(scan) = &mut fold.scan {
                scan.add(shown);
                return;
            }
            let row = has_room.then_some(self.table.len());
            fold.scan = Some(ScanRow::new(shown, row));
        } else if has_room && !self.arrangement.columns.is_chosen() {
            self.other_flags |= flows::has_other_flags(shown);
        }
        self.rows += 1;
        if has_room {
            self.row(shown, place);
        }
    }

    fn row(&mut self, row: &LabelledFlow, place: Place) {
        let columns = &self.arrangement.columns;
        if columns.is_chosen() {
            self.table.row(columns.cells(&flows::values(row, place), &self.times));
        } else {
            self.table.row(flows::people(row));
            self.of_rows.push(row.flow.first_seen());
        }
    }

    pub(super) fn end(mut self, tally: &Tally) -> Table {
        let folds = self.folding.as_ref().map_or(&[][..], |folding| &folding.folds);
        let folded: Vec<(&Scanner, &ScanRow)> =
            folds.iter().filter_map(|fold| Some((&fold.scanner, fold.scan.as_ref()?))).collect();
        for (scanner, scan) in &folded {
            if let Some(row) = scan.row() {
                self.table.put_row(row, scan.people(scanner));
            }
        }
        let is_chosen = self.arrangement.columns.is_chosen();
        self.table.below(format!("{}.", report::shown(tally.selected(), tally.left_out(), "flow")));
        if !folded.is_empty() {
            let flows = folded.iter().map(|(_, scan)| scan.flows()).sum();
            let (stands, scans) = match folded.len() {
                1 => ("stands", "what looks like a scan"),
                _ => ("stand", "what look like scans"),
            };
            self.table.below(format!(
                "{} {stands} for {} of {scans}; --scans shows each.",
                count(folded.len() as u64, "row"),
                count(flows, "flow")
            ));
        }
        let left = if folded.is_empty() {
            self.arrangement.in_words(tally.selected(), "flow")
        } else {
            self.arrangement.in_words(self.rows, "row")
        };
        if let Some(line) = left {
            self.table.below(line);
        }
        if !is_chosen && !self.table.is_empty() {
            self.table.put_times("time", &self.of_rows, (&self.times, Precision::Milliseconds));
        }
        if self.has_window && !self.table.is_empty() {
            self.table.below_about("flow", NUMBERED_WITHIN);
        }
        if is_chosen && has_addresses_alone(&self.arrangement.columns) {
            self.table
                .below("Addresses are without ports: the columns client_port and server_port have them.");
        }
        if self.other_flags {
            self.table.below_about("more", report::OTHER_FLAGS);
        }
        self.table
    }
}

/// What the numbers of flows count where a time was cut out.
const NUMBERED_WITHIN: &str =
    "Flows are numbered within --since and --until: `explain --flow` takes the same of them.";

/// Whether columns show who talked to whom, and no port.
fn has_addresses_alone(columns: &Columns) -> bool {
    let has = |names: [&str; 2]| columns.fields().iter().any(|field| names.contains(&field.name));
    has(["client_address", "server_address"]) && !has(["client_port", "server_port"])
}

/// The scans among the flows of a table.
pub(super) struct Folding {
    scans: Scans,
    folds: Vec<Fold>,
}

/// A scan, and the row that stands for it once there is one.
struct Fold {
    scanner: Scanner,
    scan: Option<ScanRow>,
}

impl Folding {
    /// Looks for scans among these flows; `None` where there are none.
    pub(super) fn of_flows<'a>(
        rows: impl Iterator<Item = io::Result<LabelledFlow<'a>>>,
    ) -> io::Result<Option<Folding>> {
        let mut scans = Scans::default();
        for row in rows {
            scans.add(&row?);
        }
        let folds: Vec<Fold> =
            scans.scanners().into_iter().map(|scanner| Fold { scanner, scan: None }).collect();
        Ok((!folds.is_empty()).then_some(Folding { scans, folds }))
    }

    /// The scan that a flow is a try of.
    fn of(&mut self, row: &LabelledFlow) -> Option<&mut Fold> {
        let client = row.client().address;
        let fold = self.folds.iter_mut().find(|fold| fold.scanner.client == client)?;
        self.scans.is_try_of(row, std::slice::from_ref(&fold.scanner)).then_some(fold)
    }
}
