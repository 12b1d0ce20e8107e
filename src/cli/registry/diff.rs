//! `portscribe registry diff`

use super::super::registry_choice;
use std::path::Path;

use super::super::Failure;
use super::super::args::Common;
use super::super::output::Output;
use crate::registry;
use crate::report::registry::diff as report;
use crate::report::{RowWriter, Rows};

pub(super) fn run(old: &Path, new: &Path, common: &Common) -> Result<(), Failure> {
    let old = registry_choice::registry_named(old, common)?;
    let new = registry_choice::registry_named(new, common)?;
    let diff = registry::diff(&old, &new);
    let mut out = Output::open(common, &new)?;
    let format = out.format();
    if format.is_for_people() {
        report::people(&diff, &old, &new, format, &mut out)?;
        let mut lines = out.lines();
        lines.blank()?;
        lines.line(super::super::output::note(&new))?;
    } else {
        let head = report::head(&diff, &old, &new);
        let mut writer = RowWriter::new(format, &mut out, report::COLUMNS, &head)?;
        for row in report::rows(&diff) {
            writer.row(&report::values(row))?;
        }
        writer.finish()?;
    }
    out.finish()?;
    if diff.is_empty() { Ok(()) } else { Err(Failure::Something) }
}
