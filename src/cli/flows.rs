//! `portscribe flows`

use std::io;
use std::path::Path;

use super::anonymizing;
use super::args::{Common, Flows, Keeping, Order, TimeForm};
use super::arranging::Arrangement;
use super::flow_page::{Folding, Page};
use super::input::{self, Sources};
use super::naming;
use super::output::{self, Output};
#[cfg(feature = "tables")]
use super::partial;
use super::partitions::{Content, Partitions};
use super::registry_choice;
use super::sandbox::{self, Open};
use super::settings;
use super::timing::Clock;
use super::{Failure, say};
use crate::anonymize::Anonymizer;
use crate::foreign::Foreign;
use crate::registry::Registry;
use crate::report::{Format, Head, RowWriter, Rows, Sorted, Times, Value, flows};
use crate::traffic::{AnyLabelled, AnyTraffic, LabelledFlow, Place, ReadLog, ReadSettings, Tally};

pub(super) fn run(command: &Flows) -> Result<(), Failure> {
    if command.partial {
        #[cfg(feature = "tables")]
        return partial::run(command);
        #[cfg(not(feature = "tables"))]
        return Err(Failure::Usage(Format::Arrow.not_built_in()));
    }
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
    let mut settings = anonymizing::settings(settings, by);
    let out = open(command, &registry)?;
    let clock = Clock::of(&command.timing, out.format())?;
    let (result, folder) = match folder(command)? {
        Some(folder) => (None, Some(folder)),
        None => (output::file(&command.common), None),
    };
    sandbox::confine(&command.reading, &Open { read: sources.files(), result, folder });
    let window = (command.selecting.since, command.selecting.until);
    clock.cut(&mut settings.flow, window, &sources, command.common.quiet);
    let mut tally = Tally::new(&selection);
    let shown = Shown { arrangement: &arrangement, clock: &clock, command: Some(command), folder };
    let whole = match command.order {
        Order::Begin => by_begin(command, &sources, settings, (&registry, by), (out, shown), &mut tally)?,
        Order::End => by_end(command, &sources, settings, (&registry, by), (out, shown), &mut tally)?,
    };
    settings::say_what_was_selected(&selection, &tally, &command.common);
    settings::end(whole, tally.selected(), &command.when_empty)
}

/// What is shown of the rows.
#[derive(Clone, Copy)]
pub(super) struct Shown<'r> {
    pub(super) arrangement: &'r Arrangement,
    pub(super) clock: &'r Clock,
    /// What `flows` asks for beside: names of another program, files by day.
    pub(super) command: Option<&'r Flows>,
    /// The folder that files are written into by day.
    pub(super) folder: Option<&'r Path>,
}

/// Where rows for programs go.
enum Written<'o> {
    One(Box<RowWriter<&'o mut Output>>),
    ByDay(Box<Partitions>),
}

impl Written<'_> {
    fn row(&mut self, values: &[Value]) -> io::Result<()> {
        match self {
            Written::One(rows) => rows.row(values),
            Written::ByDay(days) => days.row(values),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Written::One(rows) => rows.flush(),
            Written::ByDay(_) => Ok(()),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Written::One(rows) => rows.finish(),
            Written::ByDay(days) => days.finish(),
        }
    }
}

impl Shown<'_> {
    /// Begins rows for programs.
    fn rows<'o>(
        &self,
        out: &'o mut Output,
        head: &Head,
        times: &Times,
        registry: &Registry,
    ) -> Result<Written<'o>, Failure> {
        let by_time = self.arrangement.order.is_none();
        let schema = self.command.and_then(|command| command.schema);
        let columns = self.arrangement.columns.clone();
        if let (Some(folder), Some(command)) = (self.folder, self.command) {
            let content = Content { schema, columns, head: Head::of_registry(registry), by_time };
            let first = command.reading.captures.first().and_then(|path| path.file_stem());
            let name = first.map_or("flows".into(), |name| name.to_string_lossy());
            let days = Partitions::new(folder, &command.partition, &name, content);
            return Ok(Written::ByDay(Box::new(days)));
        }
        let rows = if let Some(schema) = schema {
            RowWriter::of_schema(out.format(), out, schema, head, by_time)?
        } else {
            let begin = if by_time { RowWriter::by_time } else { RowWriter::of };
            begin(out.format(), out, columns, head)?.with_times(times)
        };
        Ok(Written::One(Box::new(rows)))
    }
}

/// The folder that files are written into by day, where that is asked for.
fn folder(command: &Flows) -> Result<Option<&Path>, Failure> {
    if command.partition.is_empty() {
        return Ok(None);
    }
    let format = command.common.format.unwrap_or(Format::Parquet);
    if format != Format::Parquet {
        return Err(Failure::Usage(format!("--partition writes parquet, not {}", format.name())));
    }
    if !format.is_built_in() {
        return Err(Failure::Usage(format.not_built_in()));
    }
    let Some(folder) = output::file(&command.common) else {
        return Err(Failure::Usage("--partition writes into a folder: name it with --output".to_owned()));
    };
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::failed(format_args!("{}: cannot be made: {error}", folder.display())))?;
    Ok(Some(folder))
}

/// Opens the result, in a format that has the names which are asked for.
fn open(command: &Flows, registry: &Registry) -> Result<Output, Failure> {
    if folder(command)?.is_some() {
        // Nothing is written beside the files.
        let common = Common { format: Some(Format::Csv), output: None, ..command.common.clone() };
        return Output::open(&common, registry);
    }
    let Some(schema) = command.schema else { return Output::open(&command.common, registry) };
    let format = output::asked_format(&command.common).unwrap_or(Format::Ndjson);
    if !schema.is_for(format) {
        let names = Format::ALL.into_iter().filter(|&format| schema.is_for(format)).map(Format::name);
        return Err(Failure::Usage(format!(
            "--schema {schema} is for --format {}",
            names.collect::<Vec<_>>().join(", ")
        )));
    }
    if !matches!(command.timing.time_form, TimeForm::Utc) {
        return Err(Failure::Usage(format!(
            "--time does not apply to --schema {schema}, which says how times are written: leave it out"
        )));
    }
    let common = Common { format: Some(format), ..command.common.clone() };
    Output::open(&common, registry)
}

/// Writes flows as they end. Says whether all captures were whole.
fn by_end(
    command: &Flows,
    sources: &Sources,
    settings: ReadSettings,
    (registry, by): (&Registry, Option<&Anonymizer>),
    (mut out, shown): (Output, Shown),
    tally: &mut Tally,
) -> Result<bool, Failure> {
    let arrangement = shown.arrangement;
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
    let times = shown.clock.times_at_once()?;
    let has_window = settings.flow.has_window();
    if out.format().is_for_people() {
        say_when_a_table_is_drawn(sources, &command.common);
        let mut page = Page::new(arrangement, (times, has_window), None);
        let (traffic, whole) = sources.read_ending(settings, registry, |ended| {
            for (row, place) in ended {
                if tally.takes(&row) {
                    page.add(&row, &anonymizing::row(&row, by), place);
                }
            }
            Ok(())
        })?;
        input::say_what_was_read(traffic.log(), &command.common, out.format());
        let log = anonymizing::log(traffic.log(), by);
        out.write_table(page.end(tally), &log, registry)?;
        out.finish()?;
        return Ok(whole);
    }
    let mut left = arrangement.most;
    let (head, format) = (Head::of_registry(registry), out.format());
    let mut rows = shown.rows(&mut out, &head, &times, registry)?;
    // Readers of a file want large batches.
    let is_handed_on = sources.are_live() || !format.is_binary();
    // The names of columns come at once, or it looks as if nothing did.
    if sources.are_live() {
        rows.flush()?;
    }
    let (traffic, whole) = sources.read_ending(settings, registry, |ended| {
        for (row, place) in ended {
            if tally.takes(&row) && left > 0 {
                left -= 1;
                let row = anonymizing::row(&row, by);
                let capture = by.map(|by| by.capture(place.capture.raw()));
                let capture = capture.as_deref().map_or(place.capture, Foreign::new);
                rows.row(&flows::values(&row, Place { capture, ..place }))?;
            }
        }
        if is_handed_on { rows.flush() } else { Ok(()) }
    })?;
    rows.finish()?;
    input::say_what_was_read(traffic.log(), &command.common, format);
    out.finish()?;
    arrangement.say(tally.selected(), "flow", command.common.quiet);
    Ok(whole)
}

/// Says of a table of live flows why nothing comes, and what does.
fn say_when_a_table_is_drawn(sources: &Sources, common: &Common) {
    if sources.are_live() && !common.quiet {
        say(format_args!(
            "a table is drawn when all is read: --order end --format csv or ndjson write each flow as it ends"
        ));
    }
}

/// Writes flows when all is read. Says whether all captures were whole.
fn by_begin(
    command: &Flows,
    sources: &Sources,
    settings: ReadSettings,
    by: (&Registry, Option<&Anonymizer>),
    (out, shown): (Output, Shown),
    tally: &mut Tally,
) -> Result<bool, Failure> {
    if out.format().is_for_people() && output::is_terminal() {
        say_when_a_table_is_drawn(sources, &command.common);
    }
    let (traffic, whole) = sources.read_many(settings, &command.keeping, command.common.quiet)?;
    let asked = Asked { common: &command.common, keeping: &command.keeping, scans: command.scans };
    write(&traffic, &asked, by, (out, shown), tally)?;
    Ok(whole)
}

/// What is asked for of a result of all flows.
pub(super) struct Asked<'o> {
    pub(super) common: &'o Common,
    pub(super) keeping: &'o Keeping,
    pub(super) scans: bool,
}

/// Writes the flows of all that was read.
pub(super) fn write(
    traffic: &AnyTraffic,
    asked: &Asked,
    (registry, by): (&Registry, Option<&Anonymizer>),
    (mut out, shown): (Output, Shown),
    tally: &mut Tally,
) -> Result<(), Failure> {
    let arrangement = shown.arrangement;
    input::say_what_was_read(traffic.log(), asked.common, out.format());
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
            asked.keeping.flows_in_memory()
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
        let is_usual = arrangement.order.is_none() && !arrangement.columns.is_chosen();
        let folding = if asked.scans || !is_usual || in_files > 0 {
            None
        } else {
            let selection = tally.selection().clone();
            let selected = labelled.rows().filter(|row| row.as_ref().map_or(true, |row| selection.has(row)));
            Folding::of_flows(selected).map_err(missing)?
        };
        let times = (shown.clock.times(&log), log.settings().flow.has_window());
        let mut page = Page::new(arrangement, times, folding);
        let all =
            Arrangement { most: if is_usual { usize::MAX } else { arrangement.most }, ..arrangement.clone() };
        each_row(&labelled, &all, (&log, by), &mut |row| tally.takes(row), |read, row, place| {
            page.add(read, row, place);
            Ok(())
        })?;
        out.write_table(page.end(tally), &log, registry)?;
    } else {
        let mut head = Head::of_rows(out.format(), registry, &log);
        if is_counted && !tally.selection().is_everything() {
            head.put_left_out(tally.left_out(), tally.packets_left_out());
        }
        let mut rows = shown.rows(&mut out, &head, &shown.clock.times(&log), registry)?;
        let selection = tally.selection();
        let mut takes = |row: &LabelledFlow| if is_counted { selection.has(row) } else { tally.takes(row) };
        each_row(&labelled, arrangement, (&log, by), &mut takes, |_, row, place| {
            Ok(rows.row(&flows::values(row, place))?)
        })?;
        rows.finish()?;
        arrangement.say(tally.selected(), "flow", asked.common.quiet);
    }
    out.finish()
}

/// Hands on the rows that are shown, as they were read and as they are shown, in their order; `takes` is asked for every flow whether it is selected.
fn each_row<'a>(
    labelled: &'a AnyLabelled<'a>,
    arrangement: &Arrangement,
    (log, by): (&'a ReadLog, Option<&'a Anonymizer>),
    takes: &mut dyn FnMut(&LabelledFlow) -> bool,
    mut each: impl FnMut(&LabelledFlow<'a>, &LabelledFlow<'a>, Place<'a>) -> Result<(), Failure>,
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
        let shown = anonymizing::row(&row, by);
        if let Some((column, sorted)) = &mut sorted {
            let value = flows::values(&shown, place(&row)).into_iter().nth(*column);
            sorted.add(value.unwrap_or(Value::Unknown), (row, shown));
        } else if left > 0 {
            left -= 1;
            each(&row, &shown, place(&row))?;
        }
    }
    if let Some((_, sorted)) = sorted {
        sorted.finish().try_for_each(|(row, shown)| each(&row, &shown, place(&row)))?;
    }
    Ok(())
}
