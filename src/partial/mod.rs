//! Flows that are not finished: what is known of captures that were read alone, as a table.
//!
//! A flow table is a monoid (see [`flow`](crate::flow)): captures can be read apart, by other processes, on other
//! machines, at other times, and put together. [`PartialState`] is what each of them gives, and
//! [`PartialState::into_reading`] makes of all of them what one reading of all captures would have made. A state keeps
//! its captures apart, since others may come between them: so states can be merged in any grouping and in any order.
//!
//! The registry has no part in it: labels are made when all is together, by who makes them. How captures are read has,
//! and states that were read in other ways are not merged.
//!
//! ```
//! use portscribe::capture::CaptureReader;
//! use portscribe::partial::PartialState;
//! use portscribe::traffic::{Fold, ReadSettings};
//!
//! let settings = ReadSettings::default();
//! let mut all = PartialState::new(settings.clone());
//! for name in ["samples/http.pcap", "samples/dns.pcap"] {
//!     let mut one = PartialState::new(settings.clone());
//!     one.read(CaptureReader::open(name)?, |_| {})?;
//!     all.merge(one)?;
//! }
//! let traffic = all.into_reading(Fold)?.finish();
//! assert_eq!(traffic.captures().len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod digest;
mod lengths;
mod page;
mod read;
mod row;
mod rows;
mod settings;
#[cfg(test)]
mod shapes;
mod table;

pub use digest::digest;
pub use page::page;
pub use read::RowsError;
pub use row::{COLUMNS, Column};
pub use rows::{PARTS, VERSION};
pub use settings::{hash, settings_of, settings_text};
pub use table::{TableError, TableFormat};

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

use crate::capture::{CaptureReader, Error, sort_by_time};
use crate::flow::Damaged;
use crate::traffic::{MergingSink, Progress, ReadSettings, Reading, WrittenCapture};

/// What is known of captures that were read alone.
#[derive(Clone, Debug)]
pub struct PartialState {
    settings: ReadSettings,
    entries: Vec<Entry>,
}

/// One capture.
#[derive(Clone, Debug)]
enum Entry {
    Read(Box<WrittenCapture>),
    Unopened { name: String, fault: String },
}

impl Entry {
    fn name(&self) -> &str {
        match self {
            Entry::Read(capture) => &capture.name,
            Entry::Unopened { name, .. } => name,
        }
    }
}

/// Why states cannot be merged: they were read with other settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was made with other settings ({0})")]
pub struct OtherSettings(String);

/// A capture whose state no capture has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{capture}: what the table holds of it is damaged: {what}")]
pub struct DamagedCapture {
    capture: String,
    what: Damaged,
}

impl PartialState {
    /// Nothing is known yet of captures that are read with these settings. Those of the hosts file are for who labels.
    pub fn new(settings: ReadSettings) -> PartialState {
        PartialState { settings: ReadSettings { hosts: None, ..settings }, entries: Vec::new() }
    }

    /// How captures are read.
    pub fn settings(&self) -> &ReadSettings {
        &self.settings
    }

    /// Reads a capture. `watch` is called after each 65,536 packets.
    ///
    /// # Errors
    ///
    /// When the capture is damaged or cut short. What came before is kept, and so is what is wrong.
    pub fn read(&mut self, capture: CaptureReader, watch: impl FnMut(Progress)) -> Result<(), Error> {
        let name = capture.name().to_owned();
        let (written, end) =
            WrittenCapture::read(capture, &self.settings, || digest(Path::new(&name)), watch);
        self.entries.extend(written.map(|written| Entry::Read(Box::new(written))));
        end
    }

    /// Reads a capture once, and makes of the packets of each window of time a state of its own. Windows are so long, and
    /// numbered from 1970; a packet without a time that can be right is in that of the packet before it. Flows end with their
    /// window, so that what is known of one never changes when another comes. It is not compared with other captures: that
    /// takes another reading. `watch` is called after each 65,536 packets.
    ///
    /// The second value says what is wrong with the capture: what came before the fault is in the first.
    pub fn read_windows(
        settings: &ReadSettings,
        capture: CaptureReader,
        length: Duration,
        watch: impl FnMut(Progress),
    ) -> (BTreeMap<i64, PartialState>, Result<(), Error>) {
        let empty = PartialState::new(settings.clone());
        let (written, end) = WrittenCapture::read_windows(capture, &empty.settings, length, watch);
        let state = |(window, written)| {
            let entries = vec![Entry::Read(Box::new(written))];
            (window, PartialState { settings: empty.settings.clone(), entries })
        };
        (written.into_iter().map(state).collect(), end)
    }

    /// Notes a capture that could not be opened.
    pub fn note_unopened(&mut self, error: &Error) {
        self.entries.push(Entry::Unopened { name: error.capture.clone(), fault: error.with_cause() });
    }

    /// Adds the captures of another state, behind those of this one.
    ///
    /// # Errors
    ///
    /// Where they were read with other settings.
    pub fn merge(&mut self, other: PartialState) -> Result<(), OtherSettings> {
        let (own, others) = (settings_text(&self.settings), settings_text(&other.settings));
        if own != others {
            return Err(OtherSettings(settings::difference(&own, &others).unwrap_or_default()));
        }
        self.entries.extend(other.entries);
        Ok(())
    }

    /// Brings the captures into the order in which one run over a folder of them reads them: by the time of their first
    /// packets, those of one time by their names. A capture without a time keeps its place behind the one whose name
    /// comes before.
    pub fn sort(&mut self) {
        self.entries.sort_by(|one, other| Path::new(one.name()).cmp(Path::new(other.name())));
        sort_by_time(&mut self.entries, |entry| match entry {
            Entry::Read(capture) => capture.begins,
            Entry::Unopened { .. } => None,
        });
    }

    /// The names of the captures, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(Entry::name)
    }

    /// What is wrong with captures, in their order.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Read(capture) => capture.facts.fault(),
            Entry::Unopened { fault, .. } => Some(fault),
        })
    }

    /// The captures that were read, in their order.
    pub fn captures(&self) -> impl Iterator<Item = &WrittenCapture> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Read(capture) => Some(&**capture),
            Entry::Unopened { .. } => None,
        })
    }

    /// Whether any capture could be read, if only in part.
    pub fn is_usable(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry, Entry::Read(_)))
    }

    /// What one reading of all captures in their order would have come to.
    ///
    /// # Errors
    ///
    /// Where a capture has a state that none has.
    pub fn into_reading<S: MergingSink<Error = Infallible>>(
        self,
        sink: S,
    ) -> Result<Reading<S>, DamagedCapture> {
        let mut reading = Reading::with_sink(self.settings, sink);
        for entry in self.entries {
            match entry {
                Entry::Read(capture) => {
                    let name = capture.name.clone();
                    reading.take_over(*capture).map_err(|what| DamagedCapture { capture: name, what })?;
                }
                Entry::Unopened { name, fault } => reading.take_over_unopened(name, fault),
            }
        }
        Ok(reading)
    }

    /// Sets the hosts file whose names are shown for addresses.
    #[must_use]
    pub fn with_hosts(mut self, hosts: Option<std::sync::Arc<crate::traffic::Hosts>>) -> PartialState {
        self.settings.hosts = hosts;
        self
    }
}
