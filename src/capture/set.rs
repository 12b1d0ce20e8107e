//! Several captures read one after the other: their files, and their order.

use std::io;
use std::path::{Path, PathBuf};

use super::{CaptureReader, Timestamp};

/// Files of a folder in the order of their names; with `recursive` also those of the folders in it.
/// Hidden files and folders are left out.
///
/// # Errors
///
/// When a folder cannot be read.
pub fn list_folder(folder: &Path, recursive: bool) -> io::Result<Vec<PathBuf>> {
    let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut files = Vec::new();
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // A link to a file counts as the file; a link to a folder is not followed, so that the
        // walk ends.
        let kind = entry.file_type()?;
        let path = entry.path();
        if kind.is_dir() {
            if recursive {
                files.extend(list_folder(&path, recursive)?);
            }
        } else if kind.is_file() || path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

/// Sorts captures by the time of their first packet. A capture without one (no packets, no times, not
/// readable) keeps its place after the capture before it.
pub fn sort_by_first_packet(captures: &mut Vec<PathBuf>) {
    let mut last = None;
    let mut keyed: Vec<(Option<Timestamp>, PathBuf)> = std::mem::take(captures)
        .into_iter()
        .map(|path| {
            last = first_time(&path).or(last);
            (last, path)
        })
        .collect();
    keyed.sort_by_key(|(time, _)| *time);
    captures.extend(keyed.into_iter().map(|(_, path)| path));
}

fn first_time(path: &Path) -> Option<Timestamp> {
    // A pipe can be read only once.
    if !path.is_file() {
        return None;
    }
    CaptureReader::open(path).ok()?.next().ok()??.time
}
