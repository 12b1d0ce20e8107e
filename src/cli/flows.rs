//! `portscribe flows`

use super::Failure;
use super::anonymizing;
use super::args::{Flows, Order};
use super::input::{self, Sources};
use super::naming;
use super::output::Output;
use super::registry_choice;
use super::sandbox::{self, Open};
use super::settings;
use crate::anonymize::Anonymizer;
use crate::registry::Registry;
use crate::report::{self, Format, Head, RowWriter, Rows, flows};
use crate::traffic::{Place, ReadSettings, Tally};

pub(super) fn run(command: &Flows) -> Result<(), Failure> {
    let by = anonymizing::anonymizer(&command.anonymizing)?;
    let by = by.as_ref();
    let registry = anonymizing::registry(registry_choice::registry(&command.common)?, by);
    let sources = Sources::find(&command.reading, &command.common)?;
    let (settings, selection) = settings::of_protocols(
        &command.reading,
        &command.selecting,
        (&command.protocols, &command.of_protocols),
    );
    let without = settings::without_payload(&command.reading, by);
    settings::warn_of_selection(without, &selection, &registry, &command.common);
    let settings = naming::settings(settings, &command.naming, &command.reading, by)?;
    let settings = anonymizing::settings(settings, by);
    let out = Output::open(&command.common, &registry)?;
    sandbox::confine(
        &command.reading,
        &Open { read: sources.files(), result: command.common.output.as_deref(), ..Open::default() },
    );
    let mut tally = Tally::new(&selection);
    let whole = match command.order {
        Order::Begin => by_begin(command, &sources, settings, (&registry, by), out, &mut tally)?,
        Order::End => by_end(command, &sources, settings, (&registry, by), out, &mut tally)?,
    };
    settings::say_what_was_selected(&selection, &tally, &command.common);
    settings::end(whole, tally.selected(), &command.when_empty)
}

/// Writes flows as they end. Says whether all captures were whole.
fn by_end(
    command: &Flows,
    sources: &Sources,
    settings: ReadSettings,
    (registry, by): (&Registry, Option<&Anonymizer>),
    mut out: Output,
    tally: &mut Tally,
) -> Result<bool, Failure> {
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
    let mut other_flags = false;
    if out.format().is_for_people() {
        let mut table = flows::table();
        let (traffic, whole) = sources.read_ending(settings, registry, |ended| {
            for (row, _) in ended {
                if tally.takes(&row) {
                    let row = anonymizing::row(&row, by);
                    table.row(flows::people(&row));
                    other_flags |= flows::has_other_flags(&row);
                }
            }
            Ok(())
        })?;
        input::say_what_was_read(traffic.log(), &command.common, out.format());
        table.below(format!("{}.", report::shown(tally.selected(), tally.left_out(), "flow")));
        if other_flags {
            table.below(report::OTHER_FLAGS);
        }
        out.write_table(table, &anonymizing::log(traffic.log(), by), registry)?;
        out.finish()?;
        return Ok(whole);
    }
    let (head, format) = (Head::of_registry(registry), out.format());
    let mut rows = RowWriter::new(format, &mut out, flows::COLUMNS, &head)?;
    let (traffic, whole) = sources.read_ending(settings, registry, |ended| {
        for (row, place) in ended {
            if tally.takes(&row) {
                let row = anonymizing::row(&row, by);
                let capture = by.map(|by| by.capture(place.capture));
                let capture = capture.as_deref().unwrap_or(place.capture);
                rows.row(&flows::values(&row, Place { capture, ..place }))?;
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
    settings: ReadSettings,
    (registry, by): (&Registry, Option<&Anonymizer>),
    mut out: Output,
    tally: &mut Tally,
) -> Result<bool, Failure> {
    let (traffic, whole) = sources.read_many(settings, &command.keeping, command.common.quiet)?;
    input::say_what_was_read(traffic.log(), &command.common, out.format());
    let missing = |error| input::flows_missing(&error);
    let labelled = traffic.label(registry).map_err(missing)?;
    // A JSON object begins with how much is left out.
    if out.format() == Format::Json {
        for row in labelled.rows() {
            tally.takes(&row.map_err(missing)?);
        }
    }
    let selection = tally.selection();
    let log = anonymizing::log(traffic.log(), by);
    if out.format().is_for_people() {
        if traffic.flows_in_files() > 0 {
            return Err(Failure::failed(format_args!(
                "{} flows are too many for a table: ask for --format csv, or for `summary`",
                traffic.flows_in_files()
            )));
        }
        let mut table = flows::table();
        let mut other_flags = false;
        for row in labelled.rows() {
            let row = row.map_err(missing)?;
            if tally.takes(&row) {
                let row = anonymizing::row(&row, by);
                table.row(flows::people(&row));
                other_flags |= flows::has_other_flags(&row);
            }
        }
        table.below(format!("{}.", report::shown(tally.selected(), tally.left_out(), "flow")));
        if other_flags {
            table.below(report::OTHER_FLAGS);
        }
        out.write_table(table, &log, registry)?;
    } else {
        let mut head = Head::of_traffic(registry, &log);
        if out.format() == Format::Json && !selection.is_everything() {
            head.put_left_out(tally.left_out(), tally.packets_left_out());
        }
        let is_counted = out.format() == Format::Json;
        let mut rows = RowWriter::new(out.format(), &mut out, flows::COLUMNS, &head)?;
        for row in labelled.rows() {
            let row = row.map_err(missing)?;
            let is_selected = if is_counted { selection.has(&row) } else { tally.takes(&row) };
            if is_selected {
                let row = anonymizing::row(&row, by);
                rows.row(&flows::values(&row, log.place(row.flow.first_packet())))?;
            }
        }
        rows.finish()?;
    }
    out.finish()?;
    Ok(whole)
}
