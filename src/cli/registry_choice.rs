//! The registry and the local names that a command asks.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::args::Common;
use super::{Failure, input, say};
use crate::registry::store::Store;
use crate::registry::{self, Overlay, Registry};

/// The registry that the options ask for.
pub(super) fn registry(common: &Common) -> Result<Registry, Failure> {
    let registry = match &common.registry {
        None => registry_in_use()?,
        Some(path) if path == Path::new("bundled") => Registry::bundled(),
        Some(path) => registry_file(path, common)?.registry,
    };
    if common.verbose {
        say(format_args!("{} rows from {}", registry.len(), registry.source()));
    }
    Ok(match overlay(common)? {
        Some(overlay) => {
            if common.verbose {
                say(format_args!("{} local names on top", overlay.entries().len()));
            }
            registry.with_overlay(overlay)
        }
        None => registry,
    })
}

/// A registry or an overlay, no more of it than shows that it is too large. The result must not take its place.
pub(super) fn bytes_of(path: &Path, common: &Common) -> Result<Vec<u8>, Failure> {
    input::refuse_to_replace(common, [&path.to_owned()], input::READ_BY_IT)?;
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(registry::MOST_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::failed(format_args!("{}: {error}", path.display())))?;
    Ok(bytes)
}

/// The local names that the options ask for.
fn overlay(common: &Common) -> Result<Option<Overlay>, Failure> {
    let mut all: Option<Overlay> = None;
    for path in &common.overlay {
        let overlay = if path == Path::new("common") {
            Overlay::common()
        } else {
            let name = path.display();
            let failed = |error: &dyn std::fmt::Display| Failure::failed(format_args!("{name}: {error}"));
            let bytes = bytes_of(path, common)?;
            let (overlay, passed_over) =
                Overlay::read(&bytes, common.lenient).map_err(|error| failed(&error))?;
            if !common.quiet {
                for error in &passed_over {
                    say(format_args!("{name}: passed over: {error}"));
                }
            }
            overlay
        };
        all.get_or_insert_default().extend(overlay);
    }
    Ok(all)
}

/// The registry that was taken into use; the bundled one where none was.
pub(super) fn registry_in_use() -> Result<Registry, Failure> {
    let Ok(store) = store() else { return Ok(Registry::bundled()) };
    match store.current() {
        Ok(Some((reading, _))) => Ok(reading.registry),
        Ok(None) => Ok(Registry::bundled()),
        Err(error) => Err(Failure::Failed(super::with_causes(&error))),
    }
}

/// Where editions are kept.
pub(super) fn store() -> Result<Store, Failure> {
    Store::of_user().ok_or_else(|| {
        Failure::Failed("cannot find a folder for the registry: set XDG_DATA_HOME or HOME".into())
    })
}

/// The registry that a word or a file names: `bundled`, `in-use`, or a registry file.
pub(super) fn registry_named(name: &Path, common: &Common) -> Result<Registry, Failure> {
    if name == Path::new("bundled") {
        Ok(Registry::bundled())
    } else if name == Path::new("in-use") {
        registry(common)
    } else {
        Ok(registry_file(name, common)?.registry)
    }
}

/// A registry file, in any of its formats. Rows that are passed over are named.
pub(super) fn registry_file(path: &Path, common: &Common) -> Result<registry::Reading, Failure> {
    input::refuse_to_replace(common, [&path.to_owned()], input::READ_BY_IT)?;
    let name = path.display().to_string();
    let failed = |error: &dyn std::fmt::Display| Failure::failed(format_args!("{name}: {error}"));
    let file = File::open(path).map_err(|error| failed(&error))?;
    let options = registry::ReadOptions { source: &name, edition: None, lenient: common.lenient };
    let reading = registry::read_stream(file, &options)
        .map_err(|error| failed(&error))?
        .map_err(|error| failed(&error))?;
    for error in &reading.passed_over {
        say(format_args!("{name}: row passed over: {error}"));
    }
    Ok(reading)
}

/// What there is to say of a service's name that nobody has registered, and no overlay gives.
pub(super) fn unknown_service(name: &str, registry: &Registry) -> Option<String> {
    let local = registry.overlay().map_or(&[][..], Overlay::entries);
    let is_known = registry.named(name).next().is_some()
        || local.iter().any(|entry| entry.name.raw().eq_ignore_ascii_case(name));
    (!is_known).then(|| unknown_name(name, registry))
}

/// What there is to say of a name that is not registered.
pub(super) fn unknown_name(name: &str, registry: &Registry) -> String {
    let hint = nearest_spellings(name.split('/').next().unwrap_or(name), registry);
    format!("no service is registered under the name `{name}`{hint}")
}

/// The names that are spelled most like a word, as the end of a sentence; nothing where none is.
pub(super) fn nearest_spellings(word: &str, registry: &Registry) -> String {
    match registry.nearest(word).as_slice() {
        [] => String::new(),
        [near] => format!("; the nearest name is {near}"),
        near => format!("; the nearest names are {}", near.join(", ")),
    }
}
