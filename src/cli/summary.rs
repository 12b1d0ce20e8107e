//! `portscribe summary`

use super::Failure;
use super::args::Summary as Command;
use super::input::{self, Sources};
use super::output::Output;
use super::registry_choice;
use super::settings;
use crate::report::summary::{self, Summary, Total};
use crate::report::{self, Format, Head, RowWriter, Rows, Table};
use crate::traffic::Tally;

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let registry = registry_choice::registry(&command.common)?;
    let sources = Sources::find(&command.reading, &command.common)?;
    let (settings, selection) = settings::of_protocols(
        &command.reading,
        &command.selecting,
        (&command.protocols, &command.of_protocols),
    );
    settings::warn_of_selection(&command.reading, &selection, &registry, &command.common);
    let mut out = Output::open(&command.common, &registry)?;
    let (traffic, whole) = sources.read_many(settings, &command.keeping, command.common.quiet)?;
    input::say_what_was_read(traffic.log(), &command.common, out.format());
    let missing = |error| input::flows_missing(&error);
    let labelled = traffic.label(&registry).map_err(missing)?;

    let mut summary = Summary::new(command.by);
    let mut tally = Tally::new(&selection);
    for row in labelled.rows() {
        let row = row.map_err(missing)?;
        if tally.takes(&row) {
            summary.add(&row);
        }
    }
    let rows = summary.finish().map_err(|error| {
        Failure::failed(format_args!("a temporary file of addresses cannot be used: {error}"))
    })?;
    let bytes: u64 = rows.iter().map(Total::bytes).sum();

    if out.format().is_for_people() {
        let mut table = Table::new(summary::people_columns(command.by));
        for row in &rows {
            table.row(row.people(bytes));
        }
        let flows: u64 = rows.iter().map(Total::flows).sum();
        let packets: u64 = rows.iter().map(Total::packets).sum();
        table.below(format!(
            "{}, {}, {}.",
            report::shown(flows, tally.left_out(), "flow"),
            crate::text::count(packets, "packet"),
            crate::text::count(bytes, "byte")
        ));
        if rows.iter().any(Total::has_other_flags) {
            table.below(report::OTHER_FLAGS);
        }
        out.write_table(table, traffic.log(), &registry)?;
    } else {
        let mut head = Head::of_traffic(&registry, traffic.log());
        if out.format() == Format::Json && !selection.is_everything() {
            head.put_left_out(tally.left_out(), tally.packets_left_out());
        }
        let mut writer = RowWriter::new(out.format(), &mut out, summary::COLUMNS, &head)?;
        for row in &rows {
            writer.row(&row.values(bytes))?;
        }
        writer.finish()?;
    }
    out.finish()?;
    settings::say_what_was_selected(&selection, &tally, &command.common);
    settings::end(whole, tally.selected(), &command.when_empty)
}
