//! `portscribe review`

mod files;
mod inputs;

use super::registry_choice;
use super::sandbox::{self, Open};
use super::{naming, settings};
use std::collections::BTreeSet;
use std::io::Write;

use super::args::{Review as Command, ReviewFailOn, Written};
use super::input::{self, Sources};
use super::output::{self, Target};
use super::result_file::Readers;
use super::timing::Clock;
use super::{Failure, failure};
use crate::flow::ProtocolChoice;
use crate::report::Format;
use crate::review::{Finding, Hashing, Review, Settings, observed, summary, write_json};
use crate::text::count;
use files::Folder;

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let format = output::asked_format(&command.common).unwrap_or(Format::Table);
    inputs::refuse_double_standard_input(command)?;
    refuse_what_cannot_be_told(command)?;
    let read = [&command.rules, &command.rules_after, &command.conntrack, &command.ipset, &command.insecure];
    let read = read.into_iter().flatten().chain(&command.zones).chain(&command.naming.hosts_file);
    let all = read.clone().chain(&command.approved);
    input::refuse_to_replace(&command.common, all, input::READ_BY_IT)?;
    refuse_other_formats(command, format)?;
    refuse_what_is_not_built_in(command)?;
    let registry = registry_choice::registry(&command.common)?;
    let zones = inputs::zones(command.zones.as_deref())?;
    let insecure = inputs::insecure(&command.insecure)?;
    let worksheets = inputs::worksheets(command, &zones)?;
    let rules = inputs::rules(command)?;
    inputs::check_interfaces(&command.iface, &zones)?;
    let connections = inputs::connections(&command.conntrack)?;
    let sources = Sources::find(&command.reading, &command.common)?;
    let captures = sources.files();
    let read = read.chain(&command.common.registry).chain(&command.common.overlay).chain(&captures);
    let mut settings = settings::settings(&command.reading);
    settings = naming::settings(settings, &command.naming, &command.reading, None)?;
    // Nothing is made where an input cannot be read.
    let folder = Folder::open(command, &worksheets, read)?;
    let mut out = Target::open(output::file(&command.common), Readers::Guarded)?;
    let open =
        Open { read: sources.files(), result: output::file(&command.common), folder: Some(&command.out) };
    sandbox::confine(&command.reading, &open);
    let window = (command.since, command.until);
    Clock::utc().cut(&mut settings.flow, window, &sources, command.common.quiet);
    settings.max_gap = command.max_gap;
    // A firewall has rules for protocols without ports, too.
    settings.flow.protocols = ProtocolChoice::All;
    let hashing = Hashing::begin(sources.files());
    let (traffic, faults) = sources.read_with_faults(settings, &command.holding)?;
    super::input::say_what_was_read(traffic.log(), &command.common, format);
    let labelled = traffic.label(&registry);
    let mut review = Review::of(
        &labelled,
        Settings {
            inventory: observed::Settings {
                zones: &zones,
                window_seconds: command.window.as_secs_f64(),
                vantage: command.vantage,
                client_ports: false,
                legs: None,
                decided: &[],
            },
            insecure: &insecure,
            worksheets: &worksheets,
            rules,
            interfaces: &command.iface,
            connections: &connections,
            as_of: command.as_of,
            not_read: inputs::not_read(&traffic, &faults),
        },
    );
    hashing.finish(&mut review.coverage);
    let written = folder.write(&review, &command.write, command.approved_only)?;

    let done = match format {
        Format::Json => write_json(&review, &mut out),
        _ => summary(&review, &written, &mut out),
    };
    done.and_then(|()| out.flush()).map_err(|error| out.failure(&error))?;
    out.finish()?;

    failure::end(&what_was_asked_for(command, &review), faults.is_empty())
}

/// The summary is text or JSON: a file of another name would not hold what it says.
fn refuse_other_formats(command: &Command, format: Format) -> Result<(), Failure> {
    let Some(path) = output::file(&command.common).filter(|_| command.common.format.is_none()) else {
        return Ok(());
    };
    if !matches!(format, Format::Table | Format::Json | Format::Markdown) {
        return Err(Failure::Usage(format!(
            "{}: the summary of a review is text or JSON (.txt, .json); --write names the files of --out: worksheet \
             (CSV), xlsx, json, html …",
            path.display()
        )));
    }
    output::refuse_name(path)
}

/// Refuses files in formats that this build does not write.
fn refuse_what_is_not_built_in(command: &Command) -> Result<(), Failure> {
    for (written, format) in [(Written::Parquet, Format::Parquet), (Written::Arrow, Format::Arrow)] {
        if command.write.contains(&written) && !format.is_built_in() {
            return Err(Failure::Usage(format.not_built_in()));
        }
    }
    Ok(())
}

/// A check that cannot be made must not look as if it had been passed.
fn refuse_what_cannot_be_told(command: &Command) -> Result<(), Failure> {
    let change = command.fail_on.iter().find_map(|one| match one {
        ReviewFailOn::Change(change) => Some(change),
        ReviewFailOn::Severity(_) => None,
    });
    match change {
        Some(change) if command.approved.is_empty() => Err(Failure::Usage(format!(
            "--fail-on {}: nothing to compare with; name the last worksheet with --approved",
            change.name()
        ))),
        _ => Ok(()),
    }
}

/// Why the status is 1: what `--fail-on` and `--require-coverage` ask for.
fn what_was_asked_for(command: &Command, review: &Review) -> Vec<String> {
    let mut asked = Vec::new();
    for fail_on in &command.fail_on {
        let is_meant = |finding: &&Finding| match fail_on {
            ReviewFailOn::Severity(least) => finding.severity >= *least,
            ReviewFailOn::Change(change) => change.findings().contains(&finding.kind),
        };
        let meant: Vec<&Finding> = review.findings.iter().filter(is_meant).collect();
        if meant.is_empty() {
            continue;
        }
        let kinds: BTreeSet<String> = meant.iter().map(|finding| finding.kind.to_string()).collect();
        let what = match fail_on {
            ReviewFailOn::Severity(least) => format!("of severity {} or more", least.name()),
            ReviewFailOn::Change(change) => format!("of {}", change.name()),
        };
        asked.push(format!(
            "{} {what} (--fail-on): {}",
            count(meant.len() as u64, "finding"),
            kinds.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    if let Some(least) = command.require_coverage
        && review.coverage.covered_seconds < least.as_secs_f64()
    {
        asked.push(format!("less was covered than --require-coverage asks: {}", review.coverage.in_words()));
    }
    asked
}
