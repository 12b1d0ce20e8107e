//! `--anonymize`: the key, and what it is applied to.

use std::borrow::Cow;
use std::fs::{File, Metadata};
use std::io::Read;

use super::args::{Anonymizing, Common};
use super::{Failure, input};
use crate::anonymize::{Anonymizer, Key};
use crate::registry::Registry;
use crate::traffic::{LabelledFlow, ReadLog, ReadSettings};

/// How a key is made that nobody else can read.
const HOW_TO_MAKE: &str = "(umask 077; head -c 32 /dev/urandom >KEYFILE)";

/// What replaces addresses and names, where that is asked for.
pub(super) fn anonymizer(asked: &Anonymizing, common: &Common) -> Result<Option<Anonymizer>, Failure> {
    let Some(path) = &asked.anonymize else { return Ok(None) };
    input::refuse_to_replace(common, [path], "is the key")?;
    let name = path.display();
    let unreadable = |error| Failure::failed(format_args!("{name}: the key cannot be read: {error}"));
    let file = File::open(path).map_err(unreadable)?;
    if is_read_by_others(&file.metadata().map_err(unreadable)?) {
        return Err(Failure::failed(format_args!(
            "{name}: others can read the key, and with it the addresses: take that right away with chmod 600 {name}"
        )));
    }
    let mut content = Vec::new();
    file.take(Key::MOST_OCTETS as u64 + 1).read_to_end(&mut content).map_err(unreadable)?;
    let key = Key::read(&content).map_err(|error| {
        Failure::failed(format_args!("{name}: invalid key: {error}. Make one with {HOW_TO_MAKE}"))
    })?;
    Ok(Some(Anonymizer::new(&key)))
}

/// Whether the group or everybody can read a file. What is no file, as a pipe of the shell, is nobody else's.
#[cfg(unix)]
fn is_read_by_others(about: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.is_file() && about.permissions().mode() & 0o044 != 0
}

#[cfg(not(unix))]
fn is_read_by_others(_: &Metadata) -> bool {
    false
}

/// The registry without the name of its file, where names are replaced.
pub(super) fn registry(registry: Registry, by: Option<&Anonymizer>) -> Registry {
    if by.is_some() { registry.without_file_name() } else { registry }
}

/// How packets become flows: as they would in the capture that `annotate` writes, which has no payload.
pub(super) fn settings(mut settings: ReadSettings, by: Option<&Anonymizer>) -> ReadSettings {
    settings.decode.set_headers_alone(by.is_some());
    settings
}

/// A flow as it is shown.
pub(super) fn row<'a>(row: &LabelledFlow<'a>, by: Option<&'a Anonymizer>) -> LabelledFlow<'a> {
    match by {
        Some(by) => row.anonymized(by),
        None => *row,
    }
}

/// What was read, as it is shown.
pub(super) fn log<'a>(log: &'a ReadLog, by: Option<&Anonymizer>) -> Cow<'a, ReadLog> {
    match by {
        Some(by) => Cow::Owned(log.renamed(|name| by.capture(name))),
        None => Cow::Borrowed(log),
    }
}
