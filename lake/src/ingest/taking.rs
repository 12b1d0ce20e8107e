//! A new capture becomes states, one for each of its windows.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Read};

use portscribe::capture::{CaptureReader, Error};
use portscribe::partial::{PartialState, TableFormat};
use portscribe::traffic::ReadSettings;
use tempfile::TempPath;

use super::folder::{Folder, failed};
use super::hashing::{Hashing, content_of};
use super::held::Room;
use super::manifest::{Known, Manifest, about};
use super::window::{LENGTH, Window};
use crate::captures::Capture;
use crate::failure::Failure;
use crate::store::ObjectStream;

/// Takes captures in.
pub(super) struct Taking<'t> {
    pub(super) settings: &'t ReadSettings,
    pub(super) folder: &'t Folder,
    pub(super) manifest: &'t Manifest,
    pub(super) room: Room,
}

/// A capture that was read.
pub(super) struct Taken {
    pub(super) known: Known,
    /// Its states where there is room for them, and their files, which have no names yet.
    pub(super) states: BTreeMap<Window, (Option<PartialState>, TempPath)>,
    /// The hash of a capture that it goes on: that had the same name, and it begins with all of it.
    pub(super) replaces: Option<String>,
}

/// Why a capture is not taken in.
#[derive(Debug)]
pub(super) enum Refused {
    Capture(Error),
    Changed(String),
    Timeless(String),
    Table(Failure),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Capture(error) => f.write_str(&error.with_cause()),
            Refused::Changed(name) => write!(f, "{name}: not taken in: it changed while it was read"),
            Refused::Timeless(name) => write!(f, "{name}: not taken in: no packet has a time"),
            Refused::Table(failure) => failure.fmt(f),
        }
    }
}

/// The octets of a capture.
fn stream_of(capture: &Capture) -> Result<Box<dyn Read + Send>, Refused> {
    let unopened = |error| Refused::Capture(Error::open(capture.name(), error));
    Ok(match capture {
        Capture::File(path) => Box::new(File::open(path).map_err(unopened)?),
        Capture::Object(object) => Box::new(ObjectStream::begin(object)),
        Capture::Missing(_, why) => return Err(unopened(std::io::Error::other(why.clone()))),
    })
}

fn has_a_packet(name: &str, stream: Box<dyn Read + Send>) -> bool {
    CaptureReader::from_stream(name, stream).is_ok_and(|mut reader| matches!(reader.next(), Ok(Some(_))))
}

impl Taking<'_> {
    /// Reads a capture, and hashes it meanwhile.
    pub(super) fn take(&self, capture: &Capture) -> Result<Taken, Refused> {
        let name = capture.name();
        let before = about(capture);
        let beginnings: Vec<(u64, String)> =
            self.manifest.called(&name).map(|known| (known.bytes, known.hash.clone())).collect();
        let (stream, content) = Hashing::of(stream_of(capture)?, beginnings.clone());
        let mut reader = CaptureReader::from_stream(&name, stream).map_err(Refused::Capture)?;
        content.is_wanted();
        reader.read_ahead();
        let (states, end) = PartialState::read_windows(self.settings, reader, LENGTH, |_| {});
        // Compressed content may be found out to be damaged before it was asked what it is.
        let content = match content.get() {
            Some(content) => content,
            None => {
                content_of(stream_of(capture)?, beginnings).ok_or_else(|| Refused::Changed(name.clone()))?
            }
        };
        if !content.is_whole {
            // What was read is not all: it is for a run that can read the rest.
            let why = end.err().map_or_else(|| Refused::Changed(name), Refused::Capture);
            return Err(why);
        }
        if before != about(capture) {
            return Err(Refused::Changed(name));
        }
        if states.is_empty() && has_a_packet(&name, stream_of(capture)?) {
            return Err(Refused::Timeless(name));
        }
        let mut known = Known {
            hash: content.hash,
            name,
            bytes: content.length,
            stamp: before.map(|(_, stamp)| stamp),
            first_seen: None,
            last_seen: None,
            packets: 0,
            fault: end.err().map(|error| error.with_cause()),
            windows: Vec::new(),
        };
        let mut files = BTreeMap::new();
        for (number, state) in states {
            let window = Window(number);
            for facts in state.captures().map(|capture| &capture.facts) {
                known.packets += facts.packets();
                known.first_seen = known.first_seen.into_iter().chain(facts.first_seen()).min();
                known.last_seen = known.last_seen.max(facts.last_seen());
            }
            known.windows.push(window);
            let file = self.written(&state).map_err(Refused::Table)?;
            files.insert(window, (self.room.for_state(state), file));
        }
        Ok(Taken { known, states: files, replaces: content.begins_as })
    }

    fn written(&self, state: &PartialState) -> Result<TempPath, Failure> {
        let begun = self.folder.begin()?;
        state
            .write(TableFormat::Arrow, BufWriter::with_capacity(1 << 16, begun.as_file()))
            .map_err(|error| failed(begun.path(), &error))?;
        Ok(begun.into_temp_path())
    }
}
