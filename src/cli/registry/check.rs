//! `portscribe registry check`

use super::super::registry_choice;
use std::path::Path;

use super::super::Failure;
use super::super::args::Common;
use super::super::output::{self, Output};
use crate::registry::{self, Finding};
use crate::report::registry::check as report;
use crate::report::{Head, RowWriter, Rows};

pub(super) fn run(file: Option<&Path>, common: &Common) -> Result<(), Failure> {
    let (registry, lines) = match file {
        None => (registry_choice::registry(common)?, Vec::new()),
        Some(file) => {
            let reading = registry_choice::registry_file(file, common)?;
            (reading.registry, reading.lines)
        }
    };
    let findings = registry::check(&registry);
    let line = |finding: &Finding| lines.get(finding.row.number() as usize - 1).copied();
    let mut out = Output::open(common, &registry)?;
    let format = out.format();
    if format.is_for_people() {
        let mut table = report::table(&registry, &findings, line);
        table.below(output::note(&registry));
        let style = out.style();
        table.write(format, style, &mut out)?;
    } else {
        let mut writer = RowWriter::new(format, &mut out, report::COLUMNS, &Head::of_registry(&registry))?;
        for finding in &findings {
            writer.row(&report::values(finding, line(finding)))?;
        }
        writer.finish()?;
    }
    out.finish()?;
    if findings.is_empty() { Ok(()) } else { Err(Failure::Something) }
}
