//! `portscribe packets`: two passes, since a flow's server may be known only at its end; one over a pipe whose rows are
//! read as they come.

use super::registry_choice;
use super::settings;
use std::io;

use super::anonymizing;
use super::args::Packets;
use super::arranging::Arrangement;
use super::input::{self, Sources};
use super::output::{self, Output};
use super::sandbox::{self, Open};
use super::timing::Clock;
use super::{Failure, naming, say};
use crate::anonymize::Anonymizer;
use crate::registry::Registry;
use crate::report::packets;
use crate::report::{self, Format, Head, Precision, RowWriter, Rows, Table};
use crate::traffic::{
    Come, CopyChoice, LabelledHeader, LabelledPackets, PacketsError, ReadLog, Selection, Tally, TellHeaders,
};

pub(super) fn run(command: &Packets) -> Result<(), Failure> {
    let by = anonymizing::anonymizer(&command.anonymizing, &command.common)?;
    let by = by.as_ref();
    let registry = anonymizing::registry(registry_choice::registry(&command.common)?, by);
    let arrangement = Arrangement::of(&command.arranging, packets::COLUMNS, &[])?;
    let columns = &arrangement.columns;
    let mut sources = Sources::find(&command.reading, &command.common)?;
    let selection = settings::selection(&command.selecting);
    naming::refuse_all(&selection, "packets")?;
    let without = settings::without_payload(&command.reading, by);
    settings::warn_of_selection(without, &selection, &registry, &command.common);
    let mut out = Output::open(&command.common, &registry)?;
    let clock = Clock::of(&command.timing, out.format())?;
    sandbox::confine(
        &command.reading,
        &Open { read: sources.files(), result: output::file(&command.common), ..Open::default() },
    );
    // A table, a JSON object and a file are there when all is read: then there is time for two passes.
    let comes_at_once = matches!(out.format(), Format::Csv | Format::Tsv | Format::Ndjson | Format::Arrow)
        && output::file(&command.common).is_none()
        && command.reading.copies == CopyChoice::Count
        && clock.times_at_once().is_ok();
    if comes_at_once && sources.are_live() {
        return as_they_come(command, &sources, (&registry, by), (out, &arrangement, &clock), &selection);
    }
    sources.keep_streams()?;
    let mut settings = anonymizing::settings(settings::settings(&command.reading), by);
    let window = (command.selecting.since, command.selecting.until);
    clock.cut(&mut settings.flow, window, &sources, command.common.quiet);
    let (traffic, whole) = sources.read(settings, &command.holding)?;
    input::say_what_was_read(traffic.log(), &command.common, out.format());
    let labelled = traffic.label(&registry);
    let mut tally = Tally::new(&selection);
    for row in labelled.rows() {
        tally.takes(&row);
    }
    let log = anonymizing::log(traffic.log(), by);
    let times = clock.times(&log);

    let mut pass = LabelledPackets::new(&labelled, selection.clone());
    let mut shown = 0;
    if out.format().is_for_people() {
        let mut table = if columns.is_chosen() { columns.table() } else { Table::new(packets::PEOPLE) };
        let mut of_rows = Vec::new();
        again(&mut pass, &sources, (traffic.log(), by), |one| {
            shown += 1;
            if shown > arrangement.most as u64 {
                return Ok(());
            }
            of_rows.push(one.packet.time);
            table.row(if columns.is_chosen() {
                columns.cells(&packets::values(one), &times)
            } else {
                packets::people(one)
            });
            Ok(())
        })?;
        table.below(format!("{}.", report::shown(shown, pass.left_out(), "header")));
        if let Some(line) = arrangement.in_words(shown, "header") {
            table.below(line);
        }
        if !columns.is_chosen() {
            table.put_times("time", &of_rows, (&times, Precision::Microseconds));
        }
        out.write_table(table, &log, &registry)?;
    } else {
        let head = Head::of_rows(out.format(), &registry, &log);
        let mut rows = RowWriter::by_time(out.format(), &mut out, columns.clone(), &head)?.with_times(&times);
        again(&mut pass, &sources, (traffic.log(), by), |one| {
            shown += 1;
            if shown > arrangement.most as u64 { Ok(()) } else { rows.row(&packets::values(one)) }
        })?;
        rows.finish()?;
        arrangement.say(shown, "header", command.common.quiet);
    }
    out.finish()?;
    settings::say_what_was_selected(&selection, &tally, &command.common);
    if shown == 0 && tally.selected() > 0 && !selection.is_everything() && !command.common.quiet {
        // The flows are there, and their packets came by other interfaces.
        say(format_args!("no header is selected"));
    }
    settings::end(whole, shown, &command.when_empty)
}

/// Writes headers while captures are made, with what is known of their flows then.
fn as_they_come(
    command: &Packets,
    sources: &Sources,
    (registry, by): (&Registry, Option<&Anonymizer>),
    (mut out, arrangement, clock): (Output, &Arrangement, &Clock),
    selection: &Selection,
) -> Result<(), Failure> {
    let mut settings = anonymizing::settings(settings::settings(&command.reading), by);
    let window = (command.selecting.since, command.selecting.until);
    clock.cut(&mut settings.flow, window, sources, command.common.quiet);
    let (head, format) = (Head::of_registry(registry), out.format());
    let mut rows = RowWriter::by_time(format, &mut out, arrangement.columns.clone(), &head)?
        .with_times(&clock.times_at_once()?);
    let mut shown = 0;
    let sink = TellHeaders::new(registry, selection.clone(), |come| match come {
        Come::Pause => rows.flush(),
        Come::Header(one) => {
            shown += 1;
            if shown > arrangement.most as u64 {
                return Ok(());
            }
            match by {
                Some(by) => one.anonymized(by, |one| rows.row(&packets::values(one))),
                None => rows.row(&packets::values(one)),
            }
        }
    })
    .at_most(command.holding.flows_in_memory());
    let (traffic, whole) = sources.read_as_it_comes(settings, sink)?;
    rows.finish()?;
    input::say_what_was_read(traffic.log(), &command.common, format);
    arrangement.say(shown, "header", command.common.quiet);
    out.finish()?;
    let mut tally = Tally::new(selection);
    for row in traffic.label(registry).rows() {
        tally.takes(&row);
    }
    settings::say_what_was_selected(selection, &tally, &command.common);
    settings::end(whole, shown, &command.when_empty)
}

/// Goes through all captures again, as far as the first pass did.
fn again(
    pass: &mut LabelledPackets<'_, '_>,
    sources: &Sources,
    (log, by): (&ReadLog, Option<&Anonymizer>),
    mut each: impl FnMut(LabelledHeader<'_, '_>) -> io::Result<()>,
) -> Result<(), Failure> {
    for reader in sources.again(log) {
        let shown = |one: LabelledHeader<'_, '_>| match by {
            Some(by) => one.anonymized(by, &mut each),
            None => each(one),
        };
        pass.capture(&mut reader?, shown).map_err(|error| match error {
            PacketsError::Sink(error) => Failure::from(error),
            other => Failure::failed(other),
        })?;
    }
    pass.finish().map_err(Failure::failed)
}
