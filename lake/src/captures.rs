//! Which captures a table is made of.

use std::path::{Path, PathBuf};

use portscribe::capture::{Error, Listing, list_folder, sort_by_first_packet};

use crate::failure::{Failure, Told};

/// The files that names stand for, in the order in which they are read: names and patterns of files, and folders.
///
/// A name that stands for nothing is an error: nobody would notice that it is wrong by a result without rows.
pub(crate) fn find(names: &[String], told: &Told) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for name in names {
        found.extend(files(name, told)?);
    }
    // A query may need no row, and then nothing is opened.
    let missing: Vec<Error> = found
        .iter()
        .filter_map(|path| Some(Error::open(path.to_string_lossy(), path.metadata().err()?)))
        .collect();
    if missing.len() == found.len() {
        for error in &missing {
            told.fault(&error.with_cause());
        }
        return Err(nothing_read(found.len()));
    }
    if found.len() > 1 {
        sort_by_first_packet(&mut found);
    }
    Ok(found)
}

/// The failure where none of so many captures could be read.
pub(crate) fn nothing_read(captures: usize) -> Failure {
    match captures {
        1 => Failure::failed("nothing could be read"),
        n => Failure::failed(format_args!("none of the {n} captures could be read")),
    }
}

/// The files that one name stands for.
pub(crate) fn files(name: &str, told: &Told) -> Result<Vec<PathBuf>, Failure> {
    if let Some((scheme, _)) = name.split_once("://") {
        return Err(Failure::Usage(format!(
            "{name}: there is nothing to read {scheme} with: name files, a folder or a pattern such as captures/*.pcap"
        )));
    }
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
    Ok(files)
}

/// What a pattern matches, by name.
fn matching(pattern: &str) -> Result<Vec<PathBuf>, Failure> {
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let paths = glob::glob_with(pattern, options)
        .map_err(|error| Failure::Usage(format!("{pattern}: {error}: a pattern has *, ?, [abc] and **")))?;
    paths.map(|path| path.map_err(|error| Failure::failed(format_args!("{pattern}: {error}")))).collect()
}
