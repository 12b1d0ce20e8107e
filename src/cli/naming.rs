//! `--names` and `--hosts-file`: where names of hosts are taken from.

use std::path::Path;
use std::sync::Arc;

use super::args::{Naming, Reading};
use super::{Failure, input};
use crate::anonymize::Anonymizer;
use crate::evidence::{NameSource, NameSources};
use crate::traffic::{Expression, Hosts, ReadSettings, Selection, is_of_names};

/// How captures are read where these names are asked for.
pub(super) fn settings(
    mut settings: ReadSettings,
    naming: &Naming,
    reading: &Reading,
    by: Option<&Anonymizer>,
) -> Result<ReadSettings, Failure> {
    let sources: NameSources = naming.names.iter().flatten().copied().collect();
    refuse_hidden(by.is_some() && (!sources.is_empty() || naming.hosts_file.is_some()))?;
    if reading.no_payload && sources.asks_for_payload() {
        return Err(Failure::Usage(
            "names of hosts are in payload, which --no-payload does not look at: leave one of them out, or ask for \
             --names=nrb or --hosts-file alone"
                .into(),
        ));
    }
    if sources.has(NameSource::File) && naming.hosts_file.is_none() {
        return Err(Failure::Usage("--names=file needs --hosts-file FILE".into()));
    }
    settings.flow.names = sources;
    settings.hosts = hosts(naming.hosts_file.as_deref())?;
    Ok(settings)
}

/// Refuses names of hosts where addresses are hidden.
fn refuse_hidden(is_both: bool) -> Result<(), Failure> {
    if is_both {
        return Err(Failure::Usage(
            "names of hosts say what --anonymize hides: leave --names and --hosts-file out".into(),
        ));
    }
    Ok(())
}

/// The names of a hosts file, where addresses are not hidden.
#[cfg(feature = "tables")]
pub(super) fn hosts_unless_hidden(
    path: Option<&Path>,
    by: Option<&Anonymizer>,
) -> Result<Option<Arc<Hosts>>, Failure> {
    refuse_hidden(by.is_some() && path.is_some())?;
    hosts(path)
}

/// The names of a hosts file.
fn hosts(path: Option<&Path>) -> Result<Option<Arc<Hosts>>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let name = path.display();
    let octets = input::text(path)?;
    let hosts = Hosts::read(&String::from_utf8_lossy(&octets))
        .map_err(|error| Failure::failed(format_args!("{name}: {error}")))?;
    Ok(Some(Arc::new(hosts)))
}

/// Refuses what asks for names of hosts where none are looked for: it would find nothing, and not say why. `columns`
/// are those that options name, each with its option.
pub(super) fn refuse_unasked(
    naming: &Naming,
    selection: &Selection,
    columns: impl IntoIterator<Item = (&'static str, &'static str)>,
) -> Result<(), Failure> {
    if naming.names.is_some() || naming.hosts_file.is_some() {
        return Ok(());
    }
    refuse_names(selection, columns, "add --names or --hosts-file FILE")
}

/// Refuses what asks for names of hosts, of which none are known; `instead` says what to do.
pub(super) fn refuse_names(
    selection: &Selection,
    columns: impl IntoIterator<Item = (&'static str, &'static str)>,
    instead: &str,
) -> Result<(), Failure> {
    let mut asked = conditions(selection).chain(columns).filter(|(_, column)| is_of_names(column));
    match asked.next() {
        Some((option, column)) => Err(Failure::Usage(format!(
            "{option}: {column} is known only where names of hosts are asked for: {instead}"
        ))),
        None => Ok(()),
    }
}

/// Refuses conditions on names of hosts in a command that looks for none.
pub(super) fn refuse_all(selection: &Selection, command: &str) -> Result<(), Failure> {
    match conditions(selection).find(|(_, column)| is_of_names(column)) {
        Some((option, column)) => Err(Failure::Usage(format!(
            "{option}: {column} is not known here, since `{command}` looks for no names of hosts: `flows --names` lists \
             the flows"
        ))),
        None => Ok(()),
    }
}

/// The columns that conditions are about.
fn conditions(selection: &Selection) -> impl Iterator<Item = (&'static str, &'static str)> {
    selection.conditions().iter().flat_map(Expression::columns).map(|column| ("--where", column.name))
}
