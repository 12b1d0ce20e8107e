//! `portscribe review`

mod files;
mod inputs;

use super::registry_choice;
use super::settings;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use super::args::{Review as Command, Selecting};
use super::input::Sources;
use super::output::Target;
use super::result_file::Readers;
use super::{Failure, say};
use crate::flow::ProtocolChoice;
use crate::report::Format;
use crate::review::{Hashing, Review, Settings, observed, summary, write_json};
use files::Folder;

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let format = command.common.format.unwrap_or(Format::Table);
    inputs::refuse_double_standard_input(command)?;
    let registry = registry_choice::registry(&command.common)?;
    let zones = inputs::zones(command.zones.as_deref())?;
    let insecure = inputs::insecure(&command.insecure)?;
    let worksheets = inputs::worksheets(command, &zones)?;
    let rules = inputs::rules(command)?;
    inputs::check_interfaces(&command.iface, &zones)?;
    let connections = inputs::connections(&command.conntrack)?;
    let sources = Sources::find(&command.reading, &command.common)?;
    let folder = Folder::open(command, &worksheets)?;

    let selecting = Selecting { since: command.since, until: command.until, ..Selecting::default() };
    let mut settings = settings::settings(&command.reading, &selecting);
    settings.max_gap = command.max_gap;
    // A firewall has rules for protocols without ports, too.
    settings.flow.protocols = ProtocolChoice::All;
    let hashing = Hashing::begin(sources.files());
    let (traffic, faults) = sources.read_with_faults(settings)?;
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

    let output = command.common.output.as_deref().filter(|path| *path != Path::new("-"));
    let mut out = Target::open(output, Readers::Guarded)?;
    let done = match format {
        Format::Json => write_json(&review, &mut out),
        _ => summary(&review, &written, &mut out),
    };
    done.and_then(|()| out.flush()).map_err(|error| out.failure(&error))?;
    out.finish()?;

    let asked = what_was_asked_for(command, &review);
    for line in &asked {
        say(format_args!("{line}"));
    }
    match (asked.is_empty(), faults.is_empty()) {
        (true, true) => Ok(()),
        (true, false) => Err(Failure::Incomplete),
        (false, true) => Err(Failure::Something),
        (false, false) => {
            say(format_args!("and not all captures could be read to their ends, which alone is status 3"));
            Err(Failure::Something)
        }
    }
}

/// Why the status is 1: what `--fail-on` and `--require-coverage` ask for.
fn what_was_asked_for(command: &Command, review: &Review) -> Vec<String> {
    let mut asked = Vec::new();
    if let Some(least) = command.fail_on {
        let kinds: BTreeSet<String> = review
            .findings
            .iter()
            .filter(|finding| finding.severity >= least)
            .map(|finding| finding.kind.to_string())
            .collect();
        let n = review.findings.iter().filter(|finding| finding.severity >= least).count();
        if n > 0 {
            asked.push(format!(
                "status 1: {n} {} of severity {} or more (--fail-on): {}",
                if n == 1 { "finding" } else { "findings" },
                least.name(),
                kinds.into_iter().collect::<Vec<_>>().join(", ")
            ));
        }
    }
    if let Some(least) = command.require_coverage
        && review.coverage.covered_seconds < least.as_secs_f64()
    {
        asked.push(format!(
            "status 1: less was covered than --require-coverage asks: {}",
            review.coverage.in_words()
        ));
    }
    asked
}
