//! `portscribe merge`

use std::io;
use std::path::{Path, PathBuf};

use super::anonymizing;
use super::args::Merge;
use super::arranging::Arrangement;
use super::flows::{self as list, Asked, Shown};
use super::output::{self, Output, Target};
use super::result_file::Readers;
use super::sandbox::{self, Open};
use super::timing::Clock;
use super::{Failure, input, naming, partial, registry_choice, say, settings};
use crate::anonymize::Anonymizer;
use crate::flow::ProtocolChoice;
use crate::partial::{PartialState, TableError};
use crate::report::flows;
use crate::traffic::{Expression, FoldWithin, ReadSettings, Tally};

/// The table that comes by standard input.
const STANDARD_INPUT: &str = "-";

pub(super) fn run(command: &Merge) -> Result<(), Failure> {
    let common = &command.common;
    if command.selecting.since.is_some() || command.selecting.until.is_some() {
        return Err(Failure::Usage(
            "--since and --until cut packets, of which a table has none: give them to `portscribe flows --partial`"
                .into(),
        ));
    }
    partial::refuse_tables(common, &command.tables)?;
    if command.tables.iter().filter(|path| is_standard_input(path)).count() > 1 {
        return Err(Failure::Usage("standard input holds one table: name - once".into()));
    }
    if command.partial {
        return merge_tables(command);
    }
    let by = anonymizing::anonymizer(&command.anonymizing, common)?;
    let by = by.as_ref();
    let arrangement = Arrangement::sorted(&command.sorting, flows::COLUMNS, flows::ON_REQUEST)?;
    let registry = anonymizing::registry(registry_choice::registry(common)?, by);
    let selection = settings::selection_of_protocols(&command.selecting, &command.of_protocols);
    input::refuse_to_replace(common, &command.hosts_file, input::READ_BY_IT)?;
    let hosts = naming::hosts_unless_hidden(command.hosts_file.as_deref(), by)?;
    let out = Output::open(common, &registry)?;
    let clock = Clock::of(&command.timing, out.format())?;
    confine(command);
    let state = read(command)?;
    let read = state.settings();
    refuse_what_is_hidden(read, by)?;
    settings::warn_of_selection(
        (!read.flow.payload).then_some("--no-payload"),
        &selection,
        &registry,
        common,
    );
    if read.flow.names.is_empty() && hosts.is_none() {
        let instead = "add --hosts-file FILE, or --names to `portscribe flows --partial`";
        naming::refuse_names(&selection, arrangement.named(), instead)?;
    }
    if read.flow.protocols == ProtocolChoice::Ports
        && selection.conditions().iter().any(Expression::asks_for_portless)
    {
        return Err(Failure::failed(
            "the tables hold no flows of protocols without ports: they were made without --protocols all",
        ));
    }
    let ended = partial::end(&state);
    if let Err(Failure::Failed(_)) = ended {
        return ended;
    }
    let sink = FoldWithin::new(command.keeping.flows_in_memory());
    let reading = state
        .with_hosts(hosts)
        .into_reading(sink)
        .map_err(|error| Failure::failed(format_args!("{error}")))?;
    let traffic = input::finish(reading, &command.keeping, common.quiet)?;
    let mut tally = Tally::new(&selection);
    let asked = Asked { common, keeping: &command.keeping, scans: command.scans };
    let shown = Shown { arrangement: &arrangement, clock: &clock, command: None, folder: None };
    list::write(&traffic, &asked, (&registry, by), (out, shown), &mut tally)?;
    settings::say_what_was_selected(&selection, &tally, common);
    settings::end(ended.is_ok(), tally.selected(), &command.when_empty)
}

/// Writes one table of all.
fn merge_tables(command: &Merge) -> Result<(), Failure> {
    let common = &command.common;
    let selection = settings::selection_of_protocols(&command.selecting, &command.of_protocols);
    let arrangement = Arrangement::sorted(&command.sorting, flows::COLUMNS, flows::ON_REQUEST)?;
    let of_result = [
        (!selection.is_everything(), "a selection of flows"),
        (!arrangement.is_usual(), "--columns, --sort, --top or --head"),
        (command.keeping.is_given(), "--flows-in-memory"),
        (command.hosts_file.is_some(), "--hosts-file"),
        (command.anonymizing.anonymize.is_some(), "--anonymize"),
        (command.scans, "--scans"),
        (command.when_empty.fail_if_empty, "--fail-if-empty"),
    ];
    if let Some((_, option)) = of_result.iter().find(|(is_given, _)| *is_given) {
        return Err(Failure::Usage(format!(
            "--partial writes all that is known, and {option} is about flows: leave one of them out"
        )));
    }
    let format = partial::format(common)?;
    let out = Target::open(output::file(common), Readers::Usual)?;
    confine(command);
    let state = read(command)?;
    partial::write(&state, format, out)?;
    partial::end(&state)
}

/// Refuses tables that hold what --anonymize hides, and who has the shared capture could not see.
fn refuse_what_is_hidden(read: &ReadSettings, by: Option<&Anonymizer>) -> Result<(), Failure> {
    let holds = if !read.flow.names.is_empty() {
        "names of hosts"
    } else if read.flow.payload {
        "what payload shows"
    } else {
        return Ok(());
    };
    match by {
        Some(_) => Err(Failure::failed(format_args!(
            "the tables hold {holds}, which --anonymize leaves out: make them with `portscribe flows --partial --no-payload`, \
             and without --names"
        ))),
        None => Ok(()),
    }
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new(STANDARD_INPUT)
}

fn confine(command: &Merge) {
    let files: Vec<PathBuf> =
        command.tables.iter().filter(|path| !is_standard_input(path)).cloned().collect();
    let open = Open { read: files, result: output::file(&command.common), ..Open::default() };
    sandbox::confine_unless(command.no_sandbox, &open);
}

/// Reads a table. What its readers panic at is said as other damage is.
fn open(path: &Path) -> Result<PartialState, TableError> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let opened = if is_standard_input(path) { standard_input() } else { PartialState::open(path) };
    std::panic::set_hook(hook);
    opened
}

/// Reads the table that standard input holds, by way of a file: both formats begin at their end.
fn standard_input() -> Result<PartialState, TableError> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut io::stdin().lock(), &mut file)?;
    PartialState::read_table(file)
}

/// Reads all tables, and says what is wrong with their captures.
fn read(command: &Merge) -> Result<PartialState, Failure> {
    let mut all: Option<PartialState> = None;
    for path in &command.tables {
        let name = path.display();
        let one = open(path).map_err(|error| Failure::failed(format_args!("{name}: {error}")))?;
        match &mut all {
            None => all = Some(one),
            Some(all) => all.merge(one).map_err(|error| {
                Failure::failed(format_args!(
                    "{name}: {error}; make all tables with the same options of `portscribe flows --partial`"
                ))
            })?,
        }
    }
    let mut all = all.ok_or_else(|| Failure::Usage("name a table".into()))?;
    if !command.keep_order {
        all.sort();
    }
    for fault in all.faults() {
        say(format_args!("{fault}"));
    }
    if !command.common.quiet {
        let mut seen = std::collections::HashSet::new();
        for name in all.names().filter(|name| !seen.insert(*name)) {
            say(format_args!("{name}: is in the tables twice, and its packets count twice"));
        }
    }
    Ok(all)
}
