//! `portscribe registry import` and `update`: taking another edition into use, and going back.

use super::super::registry_choice;
use std::fs;
use std::time::Duration;

use super::super::args::{Common, Import, Update};
use super::super::output::Output;
use super::super::{Failure, say, with_causes};
use crate::registry::fetch::{self, FetchError, Fetched, Request};
use crate::registry::store::{About, Store, StoreError};
use crate::registry::{self, ReadOptions, Reading, Registry};
use crate::report::registry::diff as report;

pub(super) fn import(command: &Import) -> Result<(), Failure> {
    let common = &command.place.common();
    let name = command.file.display().to_string();
    let bytes = registry_choice::bytes_of(&command.file, common)?;
    let about = About {
        source: fs::canonicalize(&command.file).map_or(name.clone(), |path| path.display().to_string()),
        edition: command.edition.clone(),
        lenient: common.lenient,
        ..About::default()
    };
    take(&name, &bytes, &about, common, command.force, command.dry_run)
}

pub(super) fn update(command: &Update) -> Result<(), Failure> {
    let common = &command.place.common();
    let store = registry_choice::store()?;
    if command.rollback {
        return roll_back(&store, common);
    }
    let at_hand = store.current_about().map_err(|error| store_failed(&error))?;
    let same_source = at_hand.filter(|about| about.source == command.url);
    let answer = fetch::fetch(&Request {
        url: &command.url,
        etag: same_source.as_ref().and_then(|about| about.etag.as_deref()),
        last_modified: same_source.as_ref().and_then(|about| about.last_modified.as_deref()),
        timeout: Duration::from_secs(command.timeout),
    });
    match answer {
        Err(error @ FetchError::Unprotected { .. }) => Err(Failure::Usage(error.to_string())),
        Err(error) => Err(Failure::failed(format_args!(
            "{}: {}; the registry in use is unchanged",
            command.url,
            with_causes(&error)
        ))),
        Ok(Fetched::NotModified) => {
            let in_use = registry_choice::registry(common)?;
            say(format_args!("the server has nothing newer than the edition in use, {}", dated(&in_use)));
            Ok(())
        }
        Ok(Fetched::New { bytes, etag, last_modified }) => {
            let edition = last_modified.as_deref().and_then(day);
            let about =
                About { source: command.url.clone(), edition, etag, last_modified, lenient: common.lenient };
            take(&command.url, &bytes, &about, common, command.force, command.dry_run)
        }
    }
}

/// Reads a registry, shows what changes, and takes it into use.
fn take(
    name: &str,
    bytes: &[u8],
    about: &About,
    common: &Common,
    force: bool,
    dry_run: bool,
) -> Result<(), Failure> {
    let options =
        ReadOptions { source: &about.source, edition: about.edition.as_deref(), lenient: about.lenient };
    let Reading { registry: new, passed_over, .. } = registry::read(bytes, &options).map_err(|error| {
        Failure::failed(format_args!("{name}: {error}; the registry in use is unchanged"))
    })?;
    for error in &passed_over {
        say(format_args!("{name}: row passed over: {error}"));
    }
    let old = registry_choice::registry_in_use()?;
    // A page of a table, or a file that was cut at the end of a line, is a registry as well, but
    // not one that should take the place of the whole.
    if new.len() * 10 < old.len() * 9 && !force {
        return Err(Failure::failed(format_args!(
            "{name}: has {} rows, the registry in use {}; a part of a registry is not taken into use \
             without --force",
            new.len(),
            old.len()
        )));
    }
    if let (Some(before), Some(after)) = (old.edition(), new.edition())
        && after < before
        && !common.quiet
    {
        say(format_args!("{name}: the edition of {after} is older than the one in use, of {before}"));
    }
    let mut out = Output::open(common, &new)?;
    let format = out.format();
    report::people(&registry::diff(&old, &new), &old, &new, format, &mut out)?;
    let faults = registry::check(&new).len();
    let mut lines = out.lines();
    lines.blank()?;
    lines.line(format_args!(
        "check: {faults} departures from RFC 6335's rules (see `portscribe registry check`)"
    ))?;
    out.finish()?;
    if dry_run {
        say(format_args!("nothing was taken into use (--dry-run)"));
        return Ok(());
    }
    registry_choice::store()?.put(bytes, about).map_err(|error| store_failed(&error))?;
    if !common.quiet {
        say(format_args!("in use now: {}; `portscribe registry update --rollback` goes back", dated(&new)));
    }
    Ok(())
}

fn roll_back(store: &Store, common: &Common) -> Result<(), Failure> {
    if !store.roll_back().map_err(|error| store_failed(&error))? {
        return Err(Failure::Failed(
            "there is nothing to go back to: the registry in use is the bundled one".into(),
        ));
    }
    let in_use = registry_choice::registry_in_use()?;
    if !common.quiet {
        say(format_args!("in use now: {}", dated(&in_use)));
    }
    Ok(())
}

/// `edition 2026-05-11 from …`
fn dated(registry: &Registry) -> String {
    format!("edition {} from {}", registry.edition().unwrap_or("not known"), registry.source())
}

/// The day of an HTTP date (RFC 9110 section 5.6.7).
fn day(date: &str) -> Option<String> {
    let time = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

pub(super) fn store_failed(error: &StoreError) -> Failure {
    Failure::Failed(with_causes(error))
}
