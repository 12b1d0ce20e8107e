//! `portscribe flows`

use super::Failure;
use super::args::Flows;
use super::input::{self, Sources};
use super::output::Output;
use crate::report::{self, Format, Head, RowWriter, Rows, flows};

pub(super) fn run(command: &Flows) -> Result<(), Failure> {
    let registry = input::registry(&command.common)?;
    let sources = Sources::find(&command.reading, &command.common)?;
    let mut out = Output::open(&command.common, &registry)?;
    let settings = input::settings(&command.reading, &command.selecting);
    let (traffic, whole) = sources.read_many(settings, &command.keeping, command.common.quiet)?;
    let labelled = traffic.label(&registry);
    let selection = input::selection(&command.selecting);
    let mut left_out = 0_u64;
    let mut selected = labelled.rows().filter(|row| {
        let selected = selection.has(row);
        left_out += u64::from(!selected);
        selected
    });

    if out.format().is_for_people() {
        if traffic.flows_in_files() > 0 {
            return Err(Failure::failed(format_args!(
                "{} flows are too many for a table: ask for --format csv, or for `summary`",
                traffic.flows_in_files()
            )));
        }
        let mut table = flows::table();
        let mut count = 0_u64;
        for row in &mut selected {
            table.row(flows::people(&row));
            count += 1;
        }
        table.below(format!("{}.", report::shown(count, left_out, "flow")));
        out.write_table(table, &traffic, &registry)?;
    } else {
        let mut head = Head::of_traffic(&registry, &traffic);
        if out.format() == Format::Json && !selection.is_everything() {
            head.put_left_out(labelled.rows().filter(|row| !selection.has(row)));
        }
        let mut rows = RowWriter::new(out.format(), &mut out, flows::COLUMNS, &head)?;
        for row in &mut selected {
            rows.row(&flows::values(&row, traffic.place(row.flow.first_packet())))?;
        }
        rows.finish()?;
    }
    input::all_flows(&traffic)?;
    out.finish()?;
    if whole { Ok(()) } else { Err(Failure::Incomplete) }
}
