//! `portscribe registry info`

use super::super::registry_choice;
use std::io::Write;

use super::super::Failure;
use super::super::args::Common;
use super::super::output::Output;
use crate::foreign;
use crate::report::registry::info::{self, Info};
use crate::report::{Format, Head, RowWriter, Rows};

pub(super) fn run(common: &Common) -> Result<(), Failure> {
    let registry = registry_choice::registry(common)?;
    let mut out = Output::open(common, &registry)?;
    let about = Info::of(&registry);
    match out.format() {
        Format::Json => {
            foreign::json(&mut out, &about.json())?;
            out.write_all(b"\n")?;
        }
        format @ (Format::Table | Format::Markdown) => about.people(format, &mut out)?,
        format => {
            let mut rows = RowWriter::new(format, &mut out, info::COLUMNS, &Head::of_registry(&registry))?;
            for row in about.rows() {
                rows.row(&info::values(row))?;
            }
            rows.finish()?;
        }
    }
    out.finish()
}
