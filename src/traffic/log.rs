//! What was read.

use super::sample::{self, Sample};
use super::{CaptureDigest, Listening, Overlap, ReadSettings};
use crate::capture::{CaptureFormat, Compression, Timestamp, hold_the_same};
use crate::flow::Counters;
use crate::foreign::Foreign;

/// One capture that was read.
#[derive(Clone, Debug)]
pub struct CaptureSummary {
    /// The capture, as it was named.
    pub name: String,
    /// Its format.
    pub format: CaptureFormat,
    /// How it is compressed.
    pub compression: Option<Compression>,
    /// How many frames came from the captures before it, as Wireshark numbers them: packets, and pcapng
    /// blocks that [hold none](crate::capture::BlockType::is_numbered_without_packet).
    pub frames_before: u64,
    /// How many packets it gave.
    pub packets: u64,
    /// Time of its first packet.
    pub first_seen: Option<Timestamp>,
    /// The latest time of its packets.
    pub last_seen: Option<Timestamp>,
    /// When it was listening.
    pub listening: Listening,
    /// How many of its packets are copies of others: the same datagram, captured again within milliseconds.
    pub copies: u64,
    /// The name of a capture before it that holds the same packets; nothing where that cannot be known, as of a
    /// pipe.
    pub same_as: Option<String>,
    /// The captures before it that hold datagrams of it, where they are not the same.
    pub overlaps: Vec<Overlap>,
    /// The same for captures of the same packets.
    pub(super) sum: u64,
    /// By which it is known that captures overlap.
    pub(super) sample: Sample,
    /// What captures of the same packets share, where it was made when the capture could be read.
    pub(super) digest: Option<CaptureDigest>,
    /// Why it could not be read to its end.
    pub fault: Option<String>,
}

impl CaptureSummary {
    /// Notes which of the captures before it hold its packets.
    pub(super) fn compare(&mut self, before: &[CaptureSummary]) {
        self.same_as = before.iter().find(|one| one.holds_the_same_as(self)).map(|one| one.name.clone());
        if self.same_as.is_none() {
            let of = |one: &CaptureSummary| {
                let percent = self.is_near(one).then(|| self.sample.percent_in(&one.sample))??;
                Some(Overlap { name: one.name.clone(), percent })
            };
            self.overlaps = before.iter().filter_map(of).collect();
        }
    }

    fn is_near(&self, other: &CaptureSummary) -> bool {
        let span = |one: &CaptureSummary| Some((one.first_seen?.nanoseconds(), one.last_seen?.nanoseconds()));
        span(self).zip(span(other)).is_some_and(|(own, others)| sample::are_near(own, others))
    }

    /// Whether it holds the same packets as another. Datagrams have a sum that is theirs alone but for what they
    /// carry: captures with the same are read again. Without times, or where it is a pipe, that cannot be told.
    fn holds_the_same_as(&self, other: &CaptureSummary) -> bool {
        let extent = |one: &CaptureSummary| (one.packets, one.first_seen, one.last_seen, one.sum);
        self.last_seen.is_some()
            && extent(self) == extent(other)
            && match self.digest.zip(other.digest) {
                Some((own, others)) => own == others,
                None => hold_the_same(self.name.as_ref(), other.name.as_ref()) == Some(true),
            }
    }
}

/// One capture that could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unopened {
    /// The capture, as it was named.
    pub name: String,
    /// Why it could not be opened.
    pub fault: String,
}

/// Where a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The capture, as it was named.
    pub capture: Foreign<&'a str>,
    /// The packet's number in the capture, from 1, as Wireshark shows it.
    pub frame: u64,
}

impl<'a> Place<'a> {
    /// The place of a packet, by its number among all frames from 0.
    pub(super) fn among(captures: &'a [CaptureSummary], packet: u64) -> Place<'a> {
        let n = captures.partition_point(|capture| capture.frames_before <= packet);
        match n.checked_sub(1).and_then(|n| captures.get(n)) {
            Some(capture) => {
                let frame = packet - capture.frames_before + 1;
                Place { capture: Foreign::new(&capture.name), frame }
            }
            None => Place { capture: Foreign::default(), frame: packet + 1 },
        }
    }
}

/// What was read, and how: all that is known of traffic besides its flows.
#[derive(Clone, Debug)]
pub struct ReadLog {
    pub(super) settings: ReadSettings,
    pub(super) captures: Vec<CaptureSummary>,
    pub(super) unopened: Vec<Unopened>,
    pub(super) counters: Counters,
    pub(super) has_names_left_out: bool,
}

impl ReadLog {
    /// How captures were read.
    pub fn settings(&self) -> &ReadSettings {
        &self.settings
    }

    /// The same with other names of captures.
    #[must_use]
    pub fn renamed(&self, other: impl Fn(&str) -> String) -> ReadLog {
        let mut log = self.clone();
        // A fault begins with the name.
        let in_fault = |fault: &str, name: &str| match fault.strip_prefix(name) {
            Some(rest) => other(name) + rest,
            None => fault.to_owned(),
        };
        for capture in &mut log.captures {
            capture.fault = capture.fault.as_deref().map(|fault| in_fault(fault, &capture.name));
            capture.name = other(&capture.name);
            capture.same_as = capture.same_as.as_deref().map(&other);
            for overlap in &mut capture.overlaps {
                overlap.name = other(&overlap.name);
            }
        }
        for capture in &mut log.unopened {
            capture.fault = in_fault(&capture.fault, &capture.name);
            capture.name = other(&capture.name);
        }
        log
    }

    /// The captures, in the order they were read.
    pub fn captures(&self) -> &[CaptureSummary] {
        &self.captures
    }

    /// The captures that could not be opened.
    pub fn unopened(&self) -> &[Unopened] {
        &self.unopened
    }

    /// The times of the first and the latest packet of all captures.
    pub fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.captures.iter().filter_map(|capture| capture.first_seen).min();
        first.zip(self.captures.iter().filter_map(|capture| capture.last_seen).max())
    }

    /// The part of that extent that was asked for; `None` where all of it was, or where there is none of it.
    pub fn window(&self) -> Option<(Timestamp, Timestamp)> {
        let flow = &self.settings.flow;
        if !flow.has_window() {
            return None;
        }
        let (first, last) = self.extent()?;
        let (begin, end) = (flow.since.unwrap_or(first).max(first), flow.until.unwrap_or(last).min(last));
        (begin <= end).then_some((begin, end))
    }

    /// How many packets were read, and why some are in no flow.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Whether names of hosts were left out, since there was no room for them.
    pub fn has_names_left_out(&self) -> bool {
        self.has_names_left_out
    }

    /// How many packets are copies of others in their capture.
    pub fn copies(&self) -> u64 {
        self.captures.iter().map(|capture| capture.copies).sum()
    }

    /// The capture that holds a packet, and the packet's number in it from 1, by its number among all
    /// frames from 0 ([`Flow::first_packet`](crate::flow::Flow::first_packet)).
    pub fn place(&self, packet: u64) -> Place<'_> {
        Place::among(&self.captures, packet)
    }
}
