//! `portscribe flows`

use super::Failure;
use super::anonymizing;
use super::args::{Flows, Order};
use super::arranging::Arrangement;
use super::input::{self, Sources};
use super::naming;
use super::output::{self, Output};
use super::registry_choice;
use super::sandbox::{self, Open};
use super::settings;
use crate::anonymize::Anonymizer;
use crate::registry::Registry;
use crate::report::{self, Format, Head, RowWriter, Rows, Sorted, Table, Value, flows};
use crate::traffic::{AnyLabelled, LabelledFlow, Place, ReadLog, ReadSettings, Tally};

pub(super) fn run(command: &Flows) -> Result<(), Failure> {
    let by = anonymizing::anonymizer(&command.anonymizing, &command.common)?;
    let by = by.as_ref();
    let arrangement = Arrangement::sorted(&command.sorting, flows::COLUMNS, flows::ON_REQUEST)?;
    let registry = anonymizing::registry(registry_choice::registry(&command.common)?, by);
    let sources = Sources::find(&command.reading, &command.common)?;
    let (settings, selection) = settings::of_protocols(
        &command.reading,
        &command.selecting,
        (&command.protocols, &command.of_protocols),
    );
    let without = settings::without_payload(&command.reading, by);
    settings::warn_of_selection(without, &selection, &registry, &command.common);
    naming::refuse_unasked(&command.naming, &selection, arrangement.named())?;
    let settings = naming::settings(settings, &command.naming, &command.reading, by)?;
    input::refuse_to_replace(&command.common, &command.naming.hosts_file, input::READ_BY_IT)?;
    let settings = anonymizing::settings(settings, by);
    let out = Output::open(&command.common, &registry)?;
    sandbox::confine(
        &command.reading,
        &Open { read: sources.files(), result: output::file(&command.common), ..Open::default() },
    );
    let mut tally = Tally::new(&selection);
    let whole = match command.order {
        Order::Begin => {
            by_begin(command, &sources, settings, (&registry, by), (out, &arrangement), &mut tally)?
        }
        Order::End => by_end(command, &sources, settings, (&registry, by), (out, &arrangement), &mut tally)?,
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
    (mut out, arrangement): (Output, &Arrangement),
    tally: &mut Tally,
) -> Result<bool, Failure> {
    if arrangement.order.is_some() {
        return Err(Failure::Usage(
            "--sort and --top need all flows, and --order end writes each as it ends: leave one of them out"
                .into(),
        ));
    }
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
    let mut left = arrangement.most;
    if out.format().is_for_people() {
        let mut page = Page::new(arrangement);
        let (traffic, whole) = sources.read_ending(settings, registry, |ended| {
            for (row, place) in ended {
                if tally.takes(&row) && left > 0 {
                    left -= 1;
                    page.add(&anonymizing::row(&row, by), place);
                }
            }
            Ok(())
        })?;
        input::say_what_was_read(traffic.log(), &command.common, out.format());
        out.write_table(page.end(tally), &anonymizing::log(traffic.log(), by), registry)?;
        out.finish()?;
        return Ok(whole);
    }
    let (head, format) = (Head::of_registry(registry), out.format());
    let mut rows = RowWriter::of(format, &mut out, arrangement.columns.clone(), &head)?;
    let (traffic, whole) = sources.read_ending(settings, registry, |ended| {
        for (row, place) in ended {
            if tally.takes(&row) && left > 0 {
                left -= 1;
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
    arrangement.say(tally.selected(), "flow", command.common.quiet);
    Ok(whole)
}

/// The table of flows in the making.
struct Page<'r> {
    arrangement: &'r Arrangement,
    table: Table,
    other_flags: bool,
}

impl Page<'_> {
    fn new(arrangement: &Arrangement) -> Page<'_> {
        let columns = &arrangement.columns;
        let table = if columns.is_chosen() { columns.table() } else { flows::table() };
        Page { arrangement, table, other_flags: false }
    }

    fn add(&mut self, row: &LabelledFlow, place: Place) {
        let columns = &self.arrangement.columns;
        if columns.is_chosen() {
            self.table.row(columns.cells(&flows::values(row, place)));
        } else {
            self.table.row(flows::people(row));
            self.other_flags |= flows::has_other_flags(row);
        }
    }

    fn end(mut self, tally: &Tally) -> Table {
        self.table.below(format!("{}.", report::shown(tally.selected(), tally.left_out(), "flow")));
        if let Some(line) = self.arrangement.in_words(tally.selected(), "flow") {
            self.table.below(line);
        }
        if self.other_flags {
            self.table.below(report::OTHER_FLAGS);
        }
        self.table
    }
}

/// Writes flows when all is read. Says whether all captures were whole.
fn by_begin(
    command: &Flows,
    sources: &Sources,
    settings: ReadSettings,
    (registry, by): (&Registry, Option<&Anonymizer>),
    (mut out, arrangement): (Output, &Arrangement),
    tally: &mut Tally,
) -> Result<bool, Failure> {
    let (traffic, whole) = sources.read_many(settings, &command.keeping, command.common.quiet)?;
    input::say_what_was_read(traffic.log(), &command.common, out.format());
    let missing = |error| input::flows_missing(&error);
    let labelled = traffic.label(registry).map_err(missing)?;
    // A JSON object begins with how much is left out.
    let is_counted = out.format() == Format::Json;
    if is_counted {
        for row in labelled.rows() {
            tally.takes(&row.map_err(missing)?);
        }
    }
    let log = anonymizing::log(traffic.log(), by);
    let in_files = traffic.flows_in_files();
    let too_many = |what: &str, instead: &str| {
        Failure::failed(format_args!(
            "{in_files} flows are too many {what}, since at most {} are in memory (--flows-in-memory): ask for {instead}, \
             for more in memory, or for `summary`",
            command.keeping.flows_in_memory()
        ))
    };
    let is_sorted_whole = arrangement.order.is_some() && arrangement.most == usize::MAX;
    if in_files > 0 && is_sorted_whole {
        return Err(too_many("to be sorted", "--top N"));
    }
    if out.format().is_for_people() {
        if in_files > 0 && arrangement.most == usize::MAX {
            return Err(too_many("for a table", "--format csv, --top N"));
        }
        let mut page = Page::new(arrangement);
        each_row(&labelled, arrangement, (&log, by), &mut |row| tally.takes(row), |row, place| {
            page.add(row, place);
            Ok(())
        })?;
        out.write_table(page.end(tally), &log, registry)?;
    } else {
        let mut head = Head::of_rows(out.format(), registry, &log);
        if is_counted && !tally.selection().is_everything() {
            head.put_left_out(tally.left_out(), tally.packets_left_out());
        }
        let mut rows = RowWriter::of(out.format(), &mut out, arrangement.columns.clone(), &head)?;
        let selection = tally.selection();
        let mut takes = |row: &LabelledFlow| if is_counted { selection.has(row) } else { tally.takes(row) };
        each_row(&labelled, arrangement, (&log, by), &mut takes, |row, place| {
            Ok(rows.row(&flows::values(row, place))?)
        })?;
        rows.finish()?;
        arrangement.say(tally.selected(), "flow", command.common.quiet);
    }
    out.finish()?;
    Ok(whole)
}

/// Hands on the rows that are shown, in their order; `takes` is asked for every flow whether it is selected.
fn each_row<'a>(
    labelled: &'a AnyLabelled<'a>,
    arrangement: &Arrangement,
    (log, by): (&'a ReadLog, Option<&'a Anonymizer>),
    takes: &mut dyn FnMut(&LabelledFlow) -> bool,
    mut each: impl FnMut(&LabelledFlow<'a>, Place<'a>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let place = |row: &LabelledFlow| log.place(row.flow.first_packet());
    let mut left = arrangement.most;
    let mut sorted =
        arrangement.order.clone().map(|order| (order.column, Sorted::new(order, arrangement.most)));
    for row in labelled.rows() {
        let row = row.map_err(|error| input::flows_missing(&error))?;
        if !takes(&row) {
            continue;
        }
        let row = anonymizing::row(&row, by);
        if let Some((column, sorted)) = &mut sorted {
            let value = flows::values(&row, place(&row)).into_iter().nth(*column);
            sorted.add(value.unwrap_or(Value::Unknown), row);
        } else if left > 0 {
            left -= 1;
            each(&row, place(&row))?;
        }
    }
    if let Some((_, sorted)) = sorted {
        sorted.finish().try_for_each(|row| each(&row, place(&row)))?;
    }
    Ok(())
}
