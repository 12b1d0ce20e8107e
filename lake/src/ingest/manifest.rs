//! Which captures are in a table.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use portscribe::capture::Timestamp;
use portscribe::partial::{hash, settings_text};
use portscribe::traffic::ReadSettings;
use serde::{Deserialize, Serialize};

use super::folder::{Folder, failed, put_if_other};
use super::window::Window;
use crate::args::By;
use crate::captures::Capture;
use crate::failure::Failure;

const FILE: &str = "captures.json";
const VERSION: u32 = 2;

/// What a table is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    version: u32,
    by: By,
    /// The SHA-256 of how captures are read, as tables of partial flows have it.
    settings: String,
    /// What hashes of captures are.
    hash: HashName,
    /// Windows before this one are as they will stay.
    settled_before: Option<Window>,
    /// Windows whose rows may not be those of all captures: a run that ends too soon leaves them.
    pub(super) pending: BTreeSet<Window>,
    /// The captures, by their first packets.
    captures: Vec<Known>,
}

/// What is known of a manifest whatever wrote it.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// How a content is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum HashName {
    Blake3,
}

/// A capture in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// The hash of its content.
    pub(super) hash: String,
    /// What it was called when it was taken in.
    pub(super) name: String,
    /// Its length in octets.
    pub(super) bytes: u64,
    /// What another content under that name would not have.
    pub(super) stamp: Option<String>,
    pub(super) first_seen: Option<Timestamp>,
    pub(super) last_seen: Option<Timestamp>,
    pub(super) packets: u64,
    /// Why it could not be read to its end.
    pub(super) fault: Option<String>,
    /// The windows of which it has packets.
    pub(super) windows: Vec<Window>,
}

impl Known {
    /// The name of the state of a window.
    pub(super) fn state(&self, window: Window) -> String {
        format!("{}-{window}.arrow", self.hash)
    }
}

impl Manifest {
    /// That of a table, or of a new one.
    pub(super) fn open(folder: &Folder, by: By, settings: &ReadSettings) -> Result<Manifest, Failure> {
        let path = folder.state(FILE);
        let unreadable = |error: &dyn std::fmt::Display| {
            Failure::failed(format_args!("{}: cannot be read: {error}", path.display()))
        };
        let settings = hash(&settings_text(settings));
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                // Rows are made of what stands in it: without it, days would lose theirs.
                if folder.has_rows()? {
                    return Err(Failure::failed(format_args!(
                        "{} is missing, which says what is in the table: put it back, or make the table anew in \
                         another folder",
                        path.display()
                    )));
                }
                let (pending, captures) = (BTreeSet::new(), Vec::new());
                return Ok(Manifest {
                    version: VERSION,
                    by,
                    settings,
                    hash: HashName::Blake3,
                    settled_before: None,
                    pending,
                    captures,
                });
            }
            Err(error) => return Err(unreadable(&error)),
        };
        let of_other = "another version of this program wrote it: make the table anew";
        let Versioned { version } = serde_json::from_slice(&text).map_err(|error| unreadable(&error))?;
        if version != VERSION {
            return Err(unreadable(&of_other));
        }
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| unreadable(&error))?;
        if manifest.settings != settings {
            return Err(unreadable(&of_other));
        }
        if manifest.by != by {
            return Err(Failure::Usage(format!(
                "{}: its files are by {}: give --by {}, or another table",
                folder.path.display(),
                manifest.by,
                manifest.by
            )));
        }
        Ok(manifest)
    }

    /// Writes it, where it has changed.
    pub(super) fn save(&self, folder: &Folder) -> Result<(), Failure> {
        let path = folder.state(FILE);
        let of_file = |error: &dyn std::fmt::Display| failed(&path, error);
        let mut begun = folder.begin()?;
        serde_json::to_writer_pretty(&mut begun, self).map_err(|error| of_file(&error))?;
        begun.write_all(b"\n").map_err(|error| of_file(&error))?;
        put_if_other(begun.into_temp_path(), &path).map(drop)
    }

    /// The capture of a content.
    pub(super) fn known(&self, hash: &str) -> Option<&Known> {
        self.captures.iter().find(|known| known.hash == hash)
    }

    /// The captures that have had this name.
    pub(super) fn called<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m Known> {
        self.captures.iter().filter(move |known| known.name == name)
    }

    /// A capture that is in the table, and as it was when it was taken in as far as can be told without reading it.
    pub(super) fn unchanged(&self, capture: &Capture) -> Option<&Known> {
        let (bytes, stamp) = about(capture)?;
        let name = capture.name();
        let is_it = |known: &&Known| {
            known.bytes == bytes && known.name == name && known.stamp.as_ref() == Some(&stamp)
        };
        self.captures.iter().find(is_it)
    }

    /// Whether a window is as it will stay.
    pub(super) fn is_settled(&self, window: Window) -> bool {
        self.settled_before.is_some_and(|before| window < before)
    }

    /// Adds a capture, in the place of the one that it is the continuation of.
    pub(super) fn add(&mut self, known: Known, replaces: Option<&str>) {
        if let Some(hash) = replaces
            && let Some(place) = self.captures.iter().position(|other| other.hash == hash)
        {
            self.pending.extend(self.captures.remove(place).windows);
        }
        self.pending.extend(&known.windows);
        let key = |known: &Known| (known.first_seen, known.name.clone(), known.hash.clone());
        let place = self.captures.partition_point(|other| key(other) < key(&known));
        self.captures.insert(place, known);
    }

    /// The captures that have packets of a window.
    pub(super) fn of_window(&self, window: Window) -> Vec<&Known> {
        self.captures.iter().filter(|known| known.windows.contains(&window)).collect()
    }

    /// The captures and windows whose states are kept.
    pub(super) fn open_states(&self) -> impl Iterator<Item = (&Known, Window)> {
        let of = |known| move |&window: &Window| (known, window);
        self.captures
            .iter()
            .flat_map(move |known: &Known| known.windows.iter().map(of(known)))
            .filter(|(_, window)| !self.is_settled(*window))
    }

    /// Settles the windows that were over so long before the latest packet.
    pub(super) fn settle(&mut self, behind: Duration) {
        let Some(latest) = self.captures.iter().filter_map(|known| known.last_seen).max() else { return };
        let behind = i64::try_from(behind.as_nanos()).unwrap_or(i64::MAX);
        // A window is over at its end.
        let before = Window::of(latest.nanoseconds().saturating_sub(behind));
        if self.settled_before.is_none_or(|known| known < before)
            && self.captures.iter().any(|known| known.windows.iter().any(|window| *window < before))
        {
            self.settled_before = Some(before);
        }
    }
}

/// The length of a capture, and what another content under its name would not have.
pub(super) fn about(capture: &Capture) -> Option<(u64, String)> {
    match capture {
        Capture::File(path) => {
            let about = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
            let modified = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
            Some((about.len(), format!("{}.{:09}", modified.as_secs(), modified.subsec_nanos())))
        }
        Capture::Object(object) => Some((object.length(), object.stamp())),
        Capture::Missing(..) => None,
    }
}
