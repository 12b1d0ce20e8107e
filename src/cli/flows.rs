//! `portscribe flows`

use super::Failure;
use super::args::{Flows, Order};
use super::input::{self, Sources};
use super::output::Output;
use super::registry_choice;
use super::settings;
use crate::registry::Registry;
use crate::report::{self, Format, Head, RowWriter, Rows, flows};

pub(super) fn run(command: &Flows) -> Result<(), Failure> {
    let registry = registry_choice::registry(&command.common)?;
    let sources = Sources::find(&command.reading, &command.common)?;
    registry_choice::warn_of_unknown_services(&command.selecting.service, &registry, &command.common);
    settings::warn_of_selection_without_payload(
        &command.reading,
        &settings::selection(&command.selecting),
        &command.common,
    );
    let out = Output::open(&command.common, &registry)?;
    let whole = match command.order {
        Order::Begin => by_begin(command, &sources, &registry, out)?,
        Order::End => by_end(command, &sources, &registry, out)?,
    };
    if whole { Ok(()) } else { Err(Failure::Incomplete) }
}

/// Writes flows as they end. Says whether all captures were whole.
fn by_end(command: &Flows, sources: &Sources, registry: &Registry, mut out: Output) -> Result<bool, Failure> {
    if out.format() == Format::Json {
        return Err(Failure::Usage(
            "a JSON object begins with totals, which are not known while flows end: use --format ndjson with \
             --order end"
                .into(),
        ));
    }
    if command.keeping.is_given() {
        return Err(Failure::Usage(
            "--flows-in-memory does not apply to --order end, which keeps only live flows: leave one of them \
             out"
            .into(),
        ));
    }
    let (settings, selection) = settings::of_protocols(
        &command.reading,
        &command.selecting,
        (&command.protocols, &command.of_protocols),
    );
    let (mut count, mut left_out, mut other_flags) = (0_u64, 0_u64, false);
    if out.format().is_for_people() {
        let mut table = flows::table();
        let (traffic, whole) = sources.read_ending(settings, registry, |ended| {
            for (row, _) in ended {
                if selection.has(&row) {
                    table.row(flows::people(&row));
                    other_flags |= flows::has_other_flags(&row);
                    count += 1;
                } else {
                    left_out += 1;
                }
            }
            Ok(())
        })?;
        input::say_what_was_read(traffic.log(), &command.common, out.format());
        table.below(format!("{}.", report::shown(count, left_out, "flow")));
        if other_flags {
            table.below(report::OTHER_FLAGS);
        }
        out.write_table(table, traffic.log(), registry)?;
        out.finish()?;
        return Ok(whole);
    }
    let (head, format) = (Head::of_registry(registry), out.format());
    let mut rows = RowWriter::new(format, &mut out, flows::COLUMNS, &head)?;
    let (traffic, whole) = sources.read_ending(settings, registry, |ended| {
        for (row, place) in ended {
            if selection.has(&row) {
                rows.row(&flows::values(&row, place))?;
            }
        }
        rows.flush()
    })?;
    rows.finish()?;
    input::say_what_was_read(traffic.log(), &command.common, format);
    out.finish()?;
    Ok(whole)
}

/// Writes flows when all is read. Says whether all captures were whole.
fn by_begin(
    command: &Flows,
    sources: &Sources,
    registry: &Registry,
    mut out: Output,
) -> Result<bool, Failure> {
    let (settings, selection) = settings::of_protocols(
        &command.reading,
        &command.selecting,
        (&command.protocols, &command.of_protocols),
    );
    let (traffic, whole) = sources.read_many(settings, &command.keeping, command.common.quiet)?;
    input::say_what_was_read(traffic.log(), &command.common, out.format());
    let missing = |error| input::flows_missing(&error);
    let labelled = traffic.label(registry).map_err(missing)?;
    let mut left_out = 0_u64;
    let mut selected = labelled.rows().filter(|row| {
        // A row that cannot be read is kept: the error is reported later.
        let selected = row.as_ref().map_or(true, |row| selection.has(row));
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
        let (mut count, mut other_flags) = (0_u64, false);
        for row in &mut selected {
            let row = row.map_err(missing)?;
            table.row(flows::people(&row));
            other_flags |= flows::has_other_flags(&row);
            count += 1;
        }
        table.below(format!("{}.", report::shown(count, left_out, "flow")));
        if other_flags {
            table.below(report::OTHER_FLAGS);
        }
        out.write_table(table, traffic.log(), registry)?;
    } else {
        let mut head = Head::of_traffic(registry, traffic.log());
        if out.format() == Format::Json && !selection.is_everything() {
            let left_out = labelled.rows().filter(|row| row.as_ref().map_or(true, |row| !selection.has(row)));
            head.put_left_out(left_out).map_err(missing)?;
        }
        let mut rows = RowWriter::new(out.format(), &mut out, flows::COLUMNS, &head)?;
        for row in &mut selected {
            let row = row.map_err(missing)?;
            rows.row(&flows::values(&row, traffic.log().place(row.flow.first_packet())))?;
        }
        rows.finish()?;
    }
    out.finish()?;
    Ok(whole)
}
