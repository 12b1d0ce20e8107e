//! Several captures read one after the other: their files, and their order.

use std::io;
use std::path::{Path, PathBuf};

use super::{CaptureReader, Timestamp};

/// What a folder holds, in the order of the names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listing {
    /// Files, and what cannot be opened: links that lead nowhere, folders that cannot be read.
    pub files: Vec<PathBuf>,
    /// What is neither a file nor a folder, and what it is: to open a named pipe may wait for ever.
    pub others: Vec<(PathBuf, &'static str)>,
}

/// Files of a folder in the order of their names; with `recursive` also those of the folders in it.
/// Hidden files and folders are left out.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn list_folder(folder: &Path, recursive: bool) -> io::Result<Listing> {
    let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    let mut listing = Listing::default();
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        let is_link = entry.file_type()?.is_symlink();
        match std::fs::metadata(&path) {
            // A link to a file counts as the file; a link to a folder is not followed, so that the walk
            // ends.
            Ok(target) if target.is_dir() && is_link => listing.others.push((path, "a link to a folder")),
            Ok(target) if target.is_dir() && !recursive => {}
            Ok(target) if target.is_dir() => match list_folder(&path, recursive) {
                Ok(inner) => {
                    listing.files.extend(inner.files);
                    listing.others.extend(inner.others);
                }
                Err(_) => listing.files.push(path),
            },
            Ok(target) if !target.is_file() => listing.others.push((path, "neither a file nor a folder")),
            Ok(_) | Err(_) => listing.files.push(path),
        }
    }
    Ok(listing)
}

/// Sorts captures by the time of their first packet. A capture without one (no packets, no times, not
/// readable) keeps its place after the capture before it.
pub fn sort_by_first_packet(captures: &mut Vec<PathBuf>) {
    sort_by_time(captures, |path| first_time(path));
}

/// Sorts what has times as captures are sorted. What has none keeps its place after what comes before it.
pub fn sort_by_time<T>(all: &mut Vec<T>, time_of: impl Fn(&T) -> Option<Timestamp>) {
    let mut last = None;
    let mut keyed: Vec<(Option<Timestamp>, T)> = std::mem::take(all)
        .into_iter()
        .map(|one| {
            last = time_of(&one).or(last);
            (last, one)
        })
        .collect();
    keyed.sort_by_key(|(time, _)| *time);
    all.extend(keyed.into_iter().map(|(_, one)| one));
}

/// The time of the first packet of a capture file; `None` where there is none, and of a pipe.
pub fn first_time(path: &Path) -> Option<Timestamp> {
    // A pipe can be read only once.
    if !path.is_file() {
        return None;
    }
    CaptureReader::open(path).ok()?.next().ok()??.time
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    #[cfg(unix)]
    fn what_cannot_be_opened_is_listed_and_what_is_no_file_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("c/d")).expect("made");
        for name in ["b.pcap", "c/d/e.pcap", ".hidden"] {
            fs::write(at(name), "").expect("written");
        }
        for (to, name) in [("nowhere", "a.pcap"), ("b.pcap", "f.pcap"), ("c", "g"), ("h", "h")] {
            std::os::unix::fs::symlink(to, at(name)).expect("linked");
        }
        let _socket = std::os::unix::net::UnixListener::bind(at("s")).expect("bound");
        let others = vec![(at("g"), "a link to a folder"), (at("s"), "neither a file nor a folder")];
        let files = |names: &[&str]| names.iter().map(|name| at(name)).collect();
        assert_eq!(
            list_folder(folder.path(), true).expect("read"),
            Listing {
                files: files(&["a.pcap", "b.pcap", "c/d/e.pcap", "f.pcap", "h"]),
                others: others.clone()
            }
        );
        assert_eq!(
            list_folder(folder.path(), false).expect("read"),
            Listing { files: files(&["a.pcap", "b.pcap", "f.pcap", "h"]), others }
        );
    }
}
