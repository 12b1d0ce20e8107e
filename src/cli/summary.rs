//! `portscribe summary`

use super::anonymizing;
use super::args::Summary as Command;
use super::arranging::Arrangement;
use super::input::{self, Sources};
use super::output::{self, Output};
use super::sandbox::{self, Open};
use super::timing::Clock;
use super::{Failure, again, naming, registry_choice, settings};
use crate::report::overview::{self, Overview, Shown};
use crate::report::summary::{self, By, Summary, Total};
use crate::report::{self, Format, Head, RowWriter, Rows, Sorted, Table, Times, Value};
use crate::traffic::Tally;

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let anonymizer = anonymizing::anonymizer(&command.anonymizing, &command.common)?;
    let anonymizer = anonymizer.as_ref();
    let arrangement = Arrangement::sorted(&command.sorting, summary::COLUMNS, &[])?;
    let registry = anonymizing::registry(registry_choice::registry(&command.common)?, anonymizer);
    let sources = Sources::find(&command.reading, &command.common)?;
    let (settings, selection) = settings::of_protocols(
        &command.reading,
        &command.selecting,
        (&command.protocols, &command.of_protocols),
    );
    let without = settings::without_payload(&command.reading, anonymizer);
    settings::warn_of_selection(without, &selection, &registry, &command.common);
    refuse_twice(&command.by)?;
    let by_name = command.by.contains(&By::Name).then_some(("--by", "name"));
    naming::refuse_unasked(&command.naming, &selection, arrangement.named().chain(by_name))?;
    let settings = naming::settings(settings, &command.naming, &command.reading, anonymizer)?;
    input::refuse_to_replace(&command.common, &command.naming.hosts_file, input::READ_BY_IT)?;
    let mut out = Output::open(&command.common, &registry)?;
    let clock = Clock::of(&command.timing, out.format())?;
    sandbox::confine(
        &command.reading,
        &Open { read: sources.files(), result: output::file(&command.common), ..Open::default() },
    );
    let mut settings = anonymizing::settings(settings, anonymizer);
    let window = (command.selecting.since, command.selecting.until);
    clock.cut(&mut settings.flow, window, &sources, command.common.quiet);
    let (traffic, whole) = sources.read_many(settings, &command.keeping, command.common.quiet)?;
    input::say_what_was_read(traffic.log(), &command.common, out.format());
    let missing = |error| input::flows_missing(&error);
    let labelled = traffic.label(&registry).map_err(missing)?;
    let log = anonymizing::log(traffic.log(), anonymizer);
    let times = clock.times(&log);

    let by = if command.by.is_empty() { &[By::Service][..] } else { &command.by };
    // Who asks for totals of his own has them alone. The overview names captures in its commands.
    let has_overview = out.format() == Format::Table
        && command.by.is_empty()
        && anonymizer.is_none()
        && arrangement.is_usual();
    let mut overview = has_overview.then(Overview::default);
    let mut summary = Summary::new(by);
    let mut tally = Tally::new(&selection);
    for row in labelled.rows() {
        let row = row.map_err(missing)?;
        if tally.takes(&row) {
            let row = anonymizing::row(&row, anonymizer);
            summary.add(&row);
            if let Some(overview) = &mut overview {
                overview.add(&row);
            }
        }
    }
    let rows = summary.finish().map_err(|error| {
        Failure::failed(format_args!("a temporary file of addresses cannot be used: {error}"))
    })?;
    let bytes: u64 = rows.iter().map(Total::bytes).sum();
    let rows = in_order(rows, bytes, &arrangement);

    if let Some(mut overview) = overview {
        let selected = labelled.rows().filter(|row| row.as_ref().map_or(true, |row| selection.has(row)));
        overview.look_at_scans(selected).map_err(missing)?;
        let (command_line, given) = again::as_flows(anonymizer.is_some());
        let style = out.style();
        let note = report::wrapped(&output::note(&registry), style.width);
        let shown = Shown {
            command: &command_line,
            given: &given,
            left_out: tally.left_out(),
            all: command.all,
            behind: note.len() + 1,
            times: &times,
        };
        let mut lines = out.lines();
        for line in overview::people(&overview, &rows, &log, style, shown) {
            lines.line(line)?;
        }
        lines.blank()?;
        if command.all {
            out.write_table(table_of(by, &rows, (&arrangement, &times), tally.left_out()), &log, &registry)?;
        } else {
            for line in note {
                lines.line(line)?;
            }
        }
    } else if out.format().is_for_people() {
        out.write_table(table_of(by, &rows, (&arrangement, &times), tally.left_out()), &log, &registry)?;
    } else {
        let mut head = Head::of_rows(out.format(), &registry, &log);
        if out.format() == Format::Json && !selection.is_everything() {
            head.put_left_out(tally.left_out(), tally.packets_left_out());
        }
        let mut writer =
            RowWriter::of(out.format(), &mut out, arrangement.columns.clone(), &head)?.with_times(&times);
        for row in rows.iter().take(arrangement.most) {
            writer.row(&row.values(bytes))?;
        }
        writer.finish()?;
        arrangement.say(rows.len() as u64, "row", command.common.quiet);
    }
    out.finish()?;
    settings::say_what_was_selected(&selection, &tally, &command.common);
    settings::end(whole, tally.selected(), &command.when_empty)
}

/// Refuses keys that are named twice.
fn refuse_twice(by: &[By]) -> Result<(), Failure> {
    let twice = by.iter().enumerate().any(|(n, key)| by[..n].contains(key));
    if twice { Err(Failure::Usage("--by: a key is named twice".to_owned())) } else { Ok(()) }
}

/// The rows in the order that is asked for; `bytes` are those of all rows.
fn in_order<'a>(rows: Vec<Total<'a>>, bytes: u64, arrangement: &Arrangement) -> Vec<Total<'a>> {
    let Some(order) = arrangement.order.clone() else { return rows };
    let column = order.column;
    let mut sorted = Sorted::new(order, rows.len());
    for row in rows {
        let value = row.values(bytes).into_iter().nth(column).unwrap_or(Value::Unknown);
        sorted.add(value, row);
    }
    sorted.finish().collect()
}

/// The rows that are shown as a table, with the totals of all below.
fn table_of(by: &[By], rows: &[Total], (arrangement, times): (&Arrangement, &Times), left_out: u64) -> Table {
    let bytes: u64 = rows.iter().map(Total::bytes).sum();
    let columns = &arrangement.columns;
    let shown = &rows[..rows.len().min(arrangement.most)];
    let common = summary::common_flags(shown);
    let mut table =
        if columns.is_chosen() { columns.table() } else { Table::new(summary::people_columns(by)) };
    for row in shown {
        table.row(if columns.is_chosen() {
            columns.cells(&row.values(bytes), times)
        } else {
            row.people(bytes, common)
        });
    }
    let flows: u64 = rows.iter().map(Total::flows).sum();
    let packets: u64 = rows.iter().map(Total::packets).sum();
    table.below(format!(
        "{}, {}, {}.",
        report::shown(flows, left_out, "flow"),
        crate::text::count(packets, "packet"),
        crate::text::count(bytes, "byte")
    ));
    if let Some(line) = arrangement.in_words(rows.len() as u64, "row") {
        table.below(line);
    }
    if by.iter().any(|by| by.is_time()) {
        table.below(summary::COUNTED_AT_FIRST);
    }
    if columns.is_chosen() {
        return table;
    }
    if let Some(line) = summary::common_in_words(shown, common) {
        table.below(line);
    }
    if shown.iter().any(|row| row.has_other_flags(common)) {
        table.below(report::OTHER_FLAGS);
    }
    table
}
