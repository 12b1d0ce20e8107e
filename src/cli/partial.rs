//! `portscribe flows --partial`, and the tables that it writes.

use std::path::Path;

use super::args::{Common, Flows, Order};
use super::arranging::Arrangement;
use super::input::{Sources, refuse_to_replace};
use super::output::{self, Target};
use super::result_file::Readers;
use super::sandbox::{self, Open};
use super::timing::Clock;
use super::{Failure, naming, settings};
use crate::partial::{PartialState, TableFormat};
use crate::report::{Format, flows};

pub(super) fn run(command: &Flows) -> Result<(), Failure> {
    let arrangement = Arrangement::sorted(&command.sorting, flows::COLUMNS, flows::ON_REQUEST)?;
    let (read, selection) = settings::of_protocols(
        &command.reading,
        &command.selecting,
        (&command.protocols, &command.of_protocols),
    );
    let of_result = [
        (!selection.is_everything(), "a selection of flows"),
        (!arrangement.is_usual(), "--columns, --sort, --top or --head"),
        (command.order == Order::End, "--order end"),
        (command.keeping.is_given(), "--flows-in-memory"),
        (command.naming.hosts_file.is_some(), "--hosts-file"),
        (command.anonymizing.anonymize.is_some(), "--anonymize"),
        (command.scans, "--scans"),
        (command.when_empty.fail_if_empty, "--fail-if-empty"),
    ];
    if let Some((_, option)) = of_result.iter().find(|(is_given, _)| *is_given) {
        return Err(Failure::Usage(format!(
            "--partial writes all that is known, and {option} is about the result: leave it out here, and give it to \
             `portscribe merge` where that has it"
        )));
    }
    let mut read = naming::settings(read, &command.naming, &command.reading, None)?;
    let format = format(&command.common)?;
    let sources = Sources::find(&command.reading, &command.common)?;
    let out = Target::open(output::file(&command.common), Readers::Usual)?;
    sandbox::confine(
        &command.reading,
        &Open { read: sources.files(), result: output::file(&command.common), ..Open::default() },
    );
    let window = (command.selecting.since, command.selecting.until);
    Clock::of(&command.timing, Format::Csv)?.cut(&mut read.flow, window, &sources, command.common.quiet);
    let mut state = sources.read_apart(&read);
    if !command.reading.keep_order {
        state.sort();
    }
    write(&state, format, out)?;
    end(&state)
}

/// The format that a table is written in.
pub(super) fn format(common: &Common) -> Result<TableFormat, Failure> {
    let known = |word: &str| TableFormat::ALL.into_iter().find(|format| format.name() == word);
    let by_option = common.format.map(Format::name);
    let ending = output::file(common).and_then(Path::extension).and_then(|ending| ending.to_str());
    let format = match (by_option, ending) {
        (Some(word), _) => known(word).ok_or_else(|| {
            Failure::Usage(format!(
                "--partial writes tables as arrow or parquet, not as {word}: leave --format out"
            ))
        })?,
        (None, Some(ending @ ("gz" | "zst"))) => {
            return Err(Failure::Usage(format!("tables are compressed within: leave .{ending} out")));
        }
        (None, ending) => ending.and_then(known).unwrap_or(TableFormat::Arrow),
    };
    if output::is_on_a_terminal(common) {
        return Err(Failure::Usage(
            "a table is binary, and standard output is a terminal: name a file with --output".into(),
        ));
    }
    Ok(format)
}

/// Writes a table.
pub(super) fn write(state: &PartialState, format: TableFormat, mut out: Target) -> Result<(), Failure> {
    state.write(format, &mut out).map_err(|error| out.failure(&error))?;
    out.finish()
}

/// How a command ends that has captures with these faults, which it has said.
pub(super) fn end(state: &PartialState) -> Result<(), Failure> {
    if !state.is_usable() {
        return Err(Sources::nothing_read(state.names().count()));
    }
    if state.faults().next().is_some() { Err(Failure::Incomplete) } else { Ok(()) }
}

/// The result must not take the place of a table.
pub(super) fn refuse_tables(common: &Common, tables: &[std::path::PathBuf]) -> Result<(), Failure> {
    refuse_to_replace(common, tables, "is one of the tables")
}
