//! The registry and the local names that functions and labels ask.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use portscribe::registry::store::Store;
use portscribe::registry::{self, NOTE, Overlay, ReadOptions, Registry};

use crate::failure::Failure;

/// The registry of a file; without, the one that was taken into use by `portscribe registry update`, or else the bundled
/// one. The overlays lie over it.
pub(crate) fn registry(file: Option<&Path>, overlays: &[PathBuf]) -> Result<Registry, Failure> {
    let registry = match file {
        Some(path) if path == Path::new("bundled") => Registry::bundled(),
        Some(path) => of_file(path)?,
        None => in_use()?,
    };
    let mut all: Option<Overlay> = None;
    for path in overlays {
        all.get_or_insert_default().extend(overlay(path)?);
    }
    Ok(match all {
        Some(overlay) => registry.with_overlay(overlay),
        None => registry,
    })
}

fn of_file(path: &Path) -> Result<Registry, Failure> {
    let name = path.display().to_string();
    let failed = |error: &dyn std::fmt::Display| Failure::failed(format_args!("{name}: {error}"));
    let file = File::open(path).map_err(|error| failed(&error))?;
    let options = ReadOptions { source: &name, ..ReadOptions::default() };
    let reading = registry::read_stream(file, &options).map_err(|error| failed(&error))?;
    Ok(reading.map_err(|error| failed(&error))?.registry)
}

fn in_use() -> Result<Registry, Failure> {
    let current = Store::of_user().map(|store| store.current()).transpose();
    match current.map(Option::flatten) {
        Ok(Some((reading, _))) => Ok(reading.registry),
        Ok(None) => Ok(Registry::bundled()),
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            Err(Failure::failed(format_args!("{error}{}", cause.unwrap_or_default())))
        }
    }
}

fn overlay(path: &Path) -> Result<Overlay, Failure> {
    if path == Path::new("common") {
        return Ok(Overlay::common());
    }
    let failed = |error: &dyn std::fmt::Display| Failure::failed(format_args!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(registry::MOST_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| failed(&error))?;
    let (overlay, _) = Overlay::read(&bytes, false).map_err(|error| failed(&error))?;
    Ok(overlay)
}

/// Which registry was asked, and what its rows do not say.
pub(crate) fn note(registry: &Registry) -> String {
    match registry.edition() {
        Some(edition) => format!("IANA registry of {edition}. {NOTE}"),
        None => format!("registry from {}. {NOTE}", registry.source()),
    }
}
