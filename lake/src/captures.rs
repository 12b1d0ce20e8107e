//! Which captures a table is made of.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use portscribe::capture::{CaptureReader, Error, Listing, Timestamp, first_time, list_folder, sort_by_time};

use crate::failure::{Failure, Told};
use crate::store::{self, Found, Named, Object, ObjectStream, Stores};

/// What patterns match: as the shell has it, but for `**`.
pub(crate) const MATCHING: glob::MatchOptions = glob::MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// A capture, or another file that is read.
#[derive(Clone, Debug)]
pub(crate) enum Capture {
    /// A file, whether or not there is one.
    File(PathBuf),
    /// An object in a store.
    Object(Object),
    /// An object that cannot be had: its name, and why.
    Missing(String, String),
}

impl Capture {
    /// Its name.
    pub(crate) fn name(&self) -> String {
        match self {
            Capture::File(path) => path.to_string_lossy().into_owned(),
            Capture::Object(object) => object.name(),
            Capture::Missing(name, _) => name.clone(),
        }
    }

    /// Why it is known without opening it that it cannot be read.
    pub(crate) fn missing(&self) -> Option<Error> {
        match self {
            Capture::File(path) => Some(Error::open(self.name(), path.metadata().err()?)),
            Capture::Object(_) => None,
            Capture::Missing(name, why) => {
                Some(Error::open(name.clone(), std::io::Error::other(why.clone())))
            }
        }
    }

    /// Opens it; it is read until `stop` is set.
    pub(crate) fn open(&self, stop: &Arc<AtomicBool>) -> Result<CaptureReader, Error> {
        let mut reader = match self {
            Capture::File(path) => CaptureReader::open(path)?,
            Capture::Object(object) => {
                CaptureReader::from_stream(&object.name(), ObjectStream::begin(object))?
            }
            Capture::Missing(name, why) => {
                return Err(Error::open(name.clone(), std::io::Error::other(why.clone())));
            }
        };
        reader.stop_when(stop.clone());
        Ok(reader)
    }
}

/// The captures that names stand for, in the order in which they are read: names and patterns of files and objects, and folders.
///
/// A name that stands for nothing is an error: nobody would notice that it is wrong by a result without rows.
pub(crate) fn find(names: &[String], stores: &Stores, told: &Told) -> Result<Vec<Capture>, Failure> {
    let mut found = Vec::new();
    for name in names {
        found.extend(files(name, stores, told)?);
    }
    // A query may need no row, and then nothing is opened.
    let missing: Vec<Error> = found.iter().filter_map(Capture::missing).collect();
    if missing.len() == found.len() {
        for error in &missing {
            told.fault(&error.with_cause());
        }
        return Err(nothing_read(found.len()));
    }
    if found.len() > 1 {
        sort(&mut found);
    }
    Ok(found)
}

/// Sorts captures by the time of their first packet, as [`sort_by_time`] does.
fn sort(captures: &mut Vec<Capture>) {
    let of_objects: Vec<&Object> = captures
        .iter()
        .filter_map(|capture| match capture {
            Capture::Object(object) => Some(object),
            Capture::File(_) | Capture::Missing(..) => None,
        })
        .collect();
    let mut of_first =
        if of_objects.is_empty() { Vec::new() } else { store::first_times(&of_objects) }.into_iter();
    let time = |capture: Capture| -> (Option<Timestamp>, Capture) {
        let time = match &capture {
            Capture::File(path) => first_time(path),
            Capture::Object(_) => of_first.next().flatten(),
            Capture::Missing(..) => None,
        };
        (time, capture)
    };
    let mut timed: Vec<(Option<Timestamp>, Capture)> =
        std::mem::take(captures).into_iter().map(time).collect();
    sort_by_time(&mut timed, |(time, _)| *time);
    captures.extend(timed.into_iter().map(|(_, capture)| capture));
}

/// The failure where none of so many captures could be read.
pub(crate) fn nothing_read(captures: usize) -> Failure {
    match captures {
        1 => Failure::failed("nothing could be read"),
        n => Failure::failed(format_args!("none of the {n} captures could be read")),
    }
}

/// The files and objects that one name stands for.
pub(crate) fn files(name: &str, stores: &Stores, told: &Told) -> Result<Vec<Capture>, Failure> {
    match store::parse(name)? {
        None => of_path(name, told),
        Some(Named::File(path)) => of_path(&path, told),
        Some(Named::InStore(address)) => {
            let found = store::find(stores, &address)?;
            if found.is_empty() {
                return Err(Failure::failed(format_args!("{name}: no object has such a name")));
            }
            let capture = |one| match one {
                Found::Object(object) => Capture::Object(object),
                Found::Missing(name, why) => Capture::Missing(name, why),
            };
            Ok(found.into_iter().map(capture).collect())
        }
    }
}

/// The files that a path, or a pattern of paths, stands for.
fn of_path(name: &str, told: &Told) -> Result<Vec<Capture>, Failure> {
    let path = Path::new(name);
    // A file may be called as a pattern is.
    let is_pattern = name.contains(['*', '?', '[']) && !path.exists();
    let matching = if is_pattern { matching(name)? } else { vec![path.to_owned()] };
    let mut files = Vec::new();
    for path in matching {
        // Folders that a pattern matches are not looked into.
        if !path.is_dir() {
            files.push(path);
        } else if !is_pattern {
            let shown = path.display();
            let Listing { files: inner, others, .. } = list_folder(&path, false)
                .map_err(|error| Failure::failed(format_args!("{shown}: cannot be read: {error}")))?;
            for (other, what) in others {
                told.note(&format!("{}: passed over: {what}", other.display()));
            }
            if inner.is_empty() {
                return Err(Failure::failed(format_args!("{shown}: holds no files")));
            }
            files.extend(inner);
        }
    }
    if files.is_empty() {
        return Err(Failure::failed(format_args!("{name}: no file has such a name")));
    }
    Ok(files.into_iter().map(Capture::File).collect())
}

/// What a pattern matches, by name.
fn matching(pattern: &str) -> Result<Vec<PathBuf>, Failure> {
    let paths = glob::glob_with(pattern, MATCHING)
        .map_err(|error| Failure::Usage(format!("{pattern}: {error}: a pattern has *, ?, [abc] and **")))?;
    paths.map(|path| path.map_err(|error| Failure::failed(format_args!("{pattern}: {error}")))).collect()
}
