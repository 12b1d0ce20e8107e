//! `portscribe report`: one page to read and to hand on.

use std::path::Path;

use super::args::Report as Command;
use super::input::{self, Sources};
use super::output::{self, Target};
use super::result_file::Readers;
use super::sandbox::{self, Open};
use super::timing::Clock;
use super::{Failure, again, anonymizing, file_name, naming, registry_choice, say, settings};
use crate::report::page::{self, Facts, Made, Places};
use crate::review::zones::Zones;
use crate::traffic::Tally;

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let result = output::file(&command.common);
    refuse_other_results(command, result)?;
    let anonymizer = anonymizing::anonymizer(&command.anonymizing, &command.common)?;
    let anonymizer = anonymizer.as_ref();
    let registry = anonymizing::registry(registry_choice::registry(&command.common)?, anonymizer);
    let sources = Sources::find(&command.reading, &command.common)?;
    let (settings, selection) = settings::of_protocols(
        &command.reading,
        &command.selecting,
        (&command.protocols, &command.of_protocols),
    );
    let without = settings::without_payload(&command.reading, anonymizer);
    settings::warn_of_selection(without, &selection, &registry, &command.common);
    naming::refuse_unasked(&command.naming, &selection, [])?;
    let zones = zones(command)?;
    let settings = naming::settings(settings, &command.naming, &command.reading, anonymizer)?;
    let read = command.naming.hosts_file.iter().chain(&command.zones);
    input::refuse_to_replace(&command.common, read, input::READ_BY_IT)?;
    let mut out = Target::open(result, Readers::Usual)?;
    sandbox::confine(&command.reading, &Open { read: sources.files(), result, ..Open::default() });
    let mut settings = anonymizing::settings(settings, anonymizer);
    let window = (command.selecting.since, command.selecting.until);
    Clock::utc().cut(&mut settings.flow, window, &sources, command.common.quiet);
    let (traffic, whole) = sources.read_many(settings, &command.keeping, command.common.quiet)?;
    input::say_what_was_read(traffic.log(), &command.common, crate::report::Format::Csv);
    let missing = |error| input::flows_missing(&error);
    let labelled = traffic.label(&registry).map_err(missing)?;
    let log = anonymizing::log(traffic.log(), anonymizer);

    let zone = |address| zones.as_ref().map_or("", |zones| zones.name(zones.of(address)));
    let places = if zones.is_some() { Places::Zones(&zone) } else { Places::Networks };
    let mut facts = Facts::new(&log, places);
    let mut tally = Tally::new(&selection);
    for row in labelled.rows() {
        let row = row.map_err(missing)?;
        if tally.takes(&row) {
            facts.add(&anonymizing::row(&row, anonymizer));
        }
    }
    let selected = labelled.rows().filter(|row| row.as_ref().map_or(true, |row| selection.has(row)));
    facts
        .look_at_scans(selected.map(|row| row.map(|row| anonymizing::row(&row, anonymizer))))
        .map_err(missing)?;
    // Names of captures are hidden, too.
    let typed = again::as_flows(anonymizer.is_some()).0;
    let made = Made { command: &typed, left_out: tally.left_out() };
    page::write(facts, &log, &registry, made, &mut out).map_err(|error| out.failure(&error))?;
    out.finish()?;
    settings::say_what_was_selected(&selection, &tally, &command.common);
    settings::end(whole, tally.selected(), &command.when_empty)
}

/// The zones that the page is about, where there are any.
fn zones(command: &Command) -> Result<Option<Zones>, Failure> {
    let Some(path) = &command.zones else { return Ok(None) };
    let zones = Zones::read_file(path).map_err(Failure::failed)?;
    if zones.interfaces().next().is_some() && !command.common.quiet {
        say(format_args!(
            "{}: zones by interface are for `review`; here an address lies in the zone of its network alone",
            path.display()
        ));
    }
    Ok(Some(zones))
}

/// A report is a page: a name that says something else would not hold what it says, and no terminal shows it.
fn refuse_other_results(command: &Command, result: Option<&Path>) -> Result<(), Failure> {
    if let Some(format) = command.common.format {
        return Err(Failure::Usage(format!(
            "a report is a page of HTML: leave --format {} out, or ask for `summary` or `flows`",
            format.name()
        )));
    }
    match result {
        Some(path) if file_name::is_page(path) || output::is_no_file(path) => Ok(()),
        Some(path) => Err(Failure::Usage(format!(
            "{}: a report is a page of HTML: name it .html or .htm, also with .gz or .zst behind",
            path.display()
        ))),
        None if command.common.output.is_none() && output::is_terminal() => {
            Err(Failure::Usage("a report is a page of HTML: name its file with -o FILE.html".to_owned()))
        }
        None => Ok(()),
    }
}
