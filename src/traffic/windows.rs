//! Captures that are read alone in windows of time, as if each window had been captured by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use super::reading::Part;
use super::{CaptureSummary, Progress, ReadSettings, WrittenCapture, WrittenFacts};
use crate::capture::{CaptureReader, Error, Packet, Timestamp, nanoseconds};
use crate::decode::Layers;
use crate::flow::FlowTable;

/// The packets of one window.
struct OfWindow {
    table: FlowTable,
    first_seen: Option<Timestamp>,
    last_seen: Option<Timestamp>,
}

/// The windows of a capture that is being read.
struct Windows<'s> {
    settings: &'s ReadSettings,
    length: i64,
    /// The window that packets come of.
    number: Option<i64>,
    current: OfWindow,
    others: BTreeMap<i64, OfWindow>,
}

impl OfWindow {
    fn new(settings: &ReadSettings) -> OfWindow {
        let table = FlowTable::following(settings.flow.clone());
        OfWindow { table, first_seen: None, last_seen: None }
    }

    /// Counts frames that are not of this window, so that those behind them have their numbers.
    fn pass_to(&mut self, frames: u64) {
        let known = self.table.counters().frames();
        if frames > known {
            self.table.pass_frames(frames - known);
        }
    }
}

impl Windows<'_> {
    #[inline]
    fn packet(&mut self, packet: &Packet, layers: &Layers, is_left_out: bool) {
        let time = packet.believed_time();
        if let Some(time) = time {
            let number = time.nanoseconds().div_euclid(self.length);
            if self.number != Some(number) {
                self.turn_to(number);
            }
            let current = &mut self.current;
            current.first_seen = current.first_seen.or(Some(time));
            current.last_seen = current.last_seen.max(Some(time));
        }
        self.current.pass_to(packet.frame - 1);
        if is_left_out {
            self.current.table.leave_out_copy();
        } else {
            self.current.table.fold(packet, layers);
        }
    }

    #[cold]
    fn turn_to(&mut self, number: i64) {
        // What has no time before the first that has one is of its window.
        if let Some(before) = self.number {
            let next = self.others.remove(&number).unwrap_or_else(|| OfWindow::new(self.settings));
            self.others.insert(before, std::mem::replace(&mut self.current, next));
        }
        self.number = Some(number);
    }
}

impl WrittenCapture {
    /// Reads a capture alone, on this thread, and takes its packets apart by windows of time that are so long: each with its
    /// number, counted from 1970. Of a capture without times there is none. The second value says what is wrong with the
    /// capture: what came before the fault is in the first.
    pub fn read_windows(
        mut capture: CaptureReader,
        settings: &ReadSettings,
        length: Duration,
        watch: impl FnMut(Progress),
    ) -> (BTreeMap<i64, WrittenCapture>, Result<(), Error>) {
        let current = OfWindow::new(settings);
        let length = nanoseconds(length).max(1);
        let mut windows = Windows { settings, length, number: None, current, others: BTreeMap::new() };
        let mut begins = None;
        let mut part = Part::read(&mut capture, settings, watch, |packet, layers, is_left_out| {
            begins = begins.or(Some(packet.time));
            windows.packet(packet, layers, is_left_out);
        });
        let end = part.end_of(&capture, capture.packets());
        let Windows { number, current, mut others, .. } = windows;
        others.extend(number.map(|number| (number, current)));
        let names = std::mem::take(&mut part.resolved);
        let sample = part.copies.take_sample();
        let written = |(number, mut of): (i64, OfWindow)| {
            of.pass_to(capture.frames());
            for (address, name) in &names {
                of.table.resolve(*address, name);
            }
            let summary = CaptureSummary {
                name: capture.name().to_owned(),
                format: capture.format(),
                compression: capture.compression(),
                frames_before: 0,
                packets: of.table.counters().read(),
                first_seen: of.first_seen,
                last_seen: of.last_seen,
                listening: part.listening.clone(),
                copies: part.copies.count(),
                same_as: None,
                overlaps: Vec::new(),
                sum: part.copies.sum(),
                sample: sample.clone(),
                digest: None,
                fault: end.as_ref().err().map(Error::with_cause),
            };
            let table = of.table.write_out();
            let name = summary.name.clone();
            (
                number,
                WrittenCapture {
                    name,
                    begins: begins.flatten(),
                    facts: WrittenFacts::of(summary, None),
                    table,
                },
            )
        };
        (others.into_iter().map(written).collect(), end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = "samples/smtp.pcap";

    fn read(length: Duration) -> BTreeMap<i64, WrittenCapture> {
        let capture = CaptureReader::open(SAMPLE).expect("a sample");
        let (windows, end) = WrittenCapture::read_windows(capture, &ReadSettings::default(), length, |_| {});
        end.expect("a whole capture");
        windows
    }

    #[test]
    fn a_capture_within_one_window_is_as_if_it_had_been_read_alone() {
        let capture = CaptureReader::open(SAMPLE).expect("a sample");
        let (alone, _) = WrittenCapture::read(capture, &ReadSettings::default(), || None, |_| {});
        let windows = read(Duration::from_hours(24));
        assert_eq!(windows.into_values().collect::<Vec<_>>(), alone.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn each_packet_is_in_the_window_of_its_time() {
        let windows = read(Duration::from_secs(1));
        assert!(windows.len() > 1);
        let packets = |of: &WrittenCapture| of.table.flows.iter().flat_map(|flow| flow.packets).sum::<u64>();
        let whole: u64 = read(Duration::from_hours(24)).values().map(packets).sum();
        assert_eq!(windows.values().map(packets).sum::<u64>(), whole);
        for (number, one) in &windows {
            let seconds = |time: Timestamp| time.nanoseconds().div_euclid(1_000_000_000);
            assert_eq!(one.facts.first_seen().map(seconds), Some(*number));
            assert_eq!(one.facts.last_seen().map(seconds), Some(*number));
        }
        // Frames have the numbers that they have in the capture.
        let frames =
            |of: &WrittenCapture| of.table.flows.iter().map(|flow| flow.first_packet).collect::<Vec<_>>();
        let first = windows.values().next().map(frames).unwrap_or_default();
        let last = windows.values().next_back().map(frames).unwrap_or_default();
        assert!(first.iter().max() < last.iter().min(), "{first:?} {last:?}");
    }
}
