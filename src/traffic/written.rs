//! Captures that are read alone, written out, and put together as if one reading had read them.

use std::convert::Infallible;

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sample::Sample;
use super::{
    CaptureDigest, CaptureSummary, Fold, Listening, MergingSink, Progress, ReadSettings, Reading, SoFar,
    Unopened,
};
use crate::capture::{CaptureFormat, CaptureReader, Compression, Error, Timestamp, first_time};
use crate::flow::{Damaged, FlowTable, WrittenTable};

/// One capture, read alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenCapture {
    /// The capture, as it was named.
    pub name: String,
    /// The time of its first packet, whether or not that counts: by it captures are brought into their order.
    pub begins: Option<Timestamp>,
    /// What there is to say of it.
    pub facts: WrittenFacts,
    /// Its flows, and what it leaves open.
    pub table: WrittenTable,
}

/// What there is to say of a capture beside its flows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenFacts {
    /// `pcap` or `pcapng`.
    format: String,
    /// `gzip` or `zstd`.
    compression: Option<String>,
    packets: u64,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
    copies: u64,
    /// A sum over the datagrams that is the same for captures of the same ones.
    sum: u64,
    digest: Option<CaptureDigest>,
    /// Why it could not be read to its end.
    fault: Option<String>,
    listening: Listening,
    sample: Sample,
}

impl WrittenFacts {
    /// Why the capture could not be read to its end.
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// How many packets it gave.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Time of its first packet that has one.
    pub fn first_seen(&self) -> Option<Timestamp> {
        self.first_seen
    }

    /// The latest time of its packets.
    pub fn last_seen(&self) -> Option<Timestamp> {
        self.last_seen
    }

    pub(super) fn of(summary: CaptureSummary, digest: Option<CaptureDigest>) -> WrittenFacts {
        WrittenFacts {
            format: summary.format.to_string(),
            compression: summary.compression.map(|compression| compression.to_string()),
            packets: summary.packets,
            first_seen: summary.first_seen,
            last_seen: summary.last_seen,
            copies: summary.copies,
            sum: summary.sum,
            digest,
            fault: summary.fault,
            listening: summary.listening,
            sample: summary.sample,
        }
    }

    fn restored(self, name: String, frames_before: u64) -> Result<CaptureSummary, Damaged> {
        const UNKNOWN: Damaged = Damaged("a capture has a format that is not known");
        let format = [CaptureFormat::Pcap, CaptureFormat::Pcapng];
        let format = format.into_iter().find(|format| format.to_string() == self.format).ok_or(UNKNOWN)?;
        let compression = match &self.compression {
            None => None,
            Some(name) => {
                let all = [Compression::Gzip, Compression::Zstd];
                Some(all.into_iter().find(|one| one.to_string() == *name).ok_or(UNKNOWN)?)
            }
        };
        Ok(CaptureSummary {
            name,
            format,
            compression,
            frames_before,
            packets: self.packets,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            listening: self.listening,
            copies: self.copies,
            same_as: None,
            overlaps: Vec::new(),
            sum: self.sum,
            sample: self.sample,
            digest: self.digest,
            fault: self.fault,
        })
    }
}

impl WrittenCapture {
    /// Reads a capture alone, on this thread: so that what is written out of it does not depend on where it would be
    /// cut into pieces. `watch` is called after each 65,536 packets, and `digest` makes what captures of the same
    /// packets share; `None` where it cannot be read again. The second value says what is wrong with the capture: what
    /// came before the fault is in the first.
    pub fn read(
        capture: CaptureReader,
        settings: &ReadSettings,
        digest: impl FnOnce() -> Option<CaptureDigest>,
        watch: impl FnMut(Progress),
    ) -> (Option<WrittenCapture>, Result<(), Error>) {
        let mut reading = Reading {
            table: FlowTable::following(settings.flow.clone()),
            ..Reading::with_sink(settings.clone(), Fold)
        };
        let name = capture.name().to_owned();
        let is_file = Path::new(&name).is_file();
        let end = reading.read(capture, watch).map_err(Error::from);
        let table = reading.table.write_out();
        let written = reading.captures.pop().map(|summary| WrittenCapture {
            name,
            // Of a stream nobody knows before what it begins with.
            begins: if is_file { first_time(Path::new(&summary.name)) } else { summary.first_seen },
            // Without times nobody can tell whether captures are the same.
            facts: WrittenFacts::of(summary.clone(), summary.last_seen.and_then(|_| digest())),
            table,
        });
        (written, end)
    }
}

impl<S: MergingSink<Error = Infallible>> Reading<S> {
    /// Adds a capture that was read alone with the same settings, as if it had been read now.
    ///
    /// # Errors
    ///
    /// Where no capture has such a state. Nothing is added then.
    pub fn take_over(&mut self, capture: WrittenCapture) -> Result<(), Damaged> {
        let WrittenCapture { name, facts, table, .. } = capture;
        let table = FlowTable::restored(self.settings.flow.clone(), table)?;
        let frames_before = self.table.counters().frames();
        let mut summary = facts.restored(name, frames_before)?;
        if summary.packets != table.counters().read() {
            return Err(Damaged("a capture has not as many packets as were read"));
        }
        self.table.merge(table);
        let Ok(()) = self.sink.merged(&mut SoFar {
            table: &mut self.table,
            settings: &self.settings,
            captures: &self.captures,
            capture: &summary.name,
            frames_before,
        });
        summary.compare(&self.captures);
        self.captures.push(summary);
        Ok(())
    }

    /// Notes a capture that could not be opened elsewhere, and why.
    pub fn take_over_unopened(&mut self, name: String, fault: String) {
        self.unopened.push(Unopened { name, fault });
    }
}
