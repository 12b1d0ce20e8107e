//! Reading on behind damage.
//!
//! A record of pcap says its length once, at its start. Damage may have changed that, or the octets of
//! the packet may be too few or too many. So a record is believed where what follows it begins a
//! record, too, or where the lengths of all that follow lead to the octet to the end; otherwise the place is searched where records make sense again. A block of pcapng
//! says its length twice, and proves itself.
//!
//! Each octet is looked at a constant number of times: what was searched is either passed over, or is
//! a record that is read next.

use std::io;

use super::chain::{DAY, Octets, RESUMED};
use super::gap::Gap;
use super::input::Input;
use super::pcap::RECORD_HEADER;
use super::pcapng::Section;
use super::reader::Parser;
use super::record::Record;
use super::{CaptureReader, Error, Fault, Timestamp};

/// How far behind a record that nothing confirms the next is searched before it is judged, in octets.
const REACH: usize = 1024 * 1024;
/// Octets searched at a time.
const STRIDE: usize = 64 * 1024;

/// The octets at hand and those that follow, as far as they are asked for.
struct Window<'a> {
    input: &'a mut Input,
    failed: Option<io::Error>,
}

impl<'a> Window<'a> {
    fn of(input: &'a mut Input) -> Window<'a> {
        Window { input, failed: None }
    }

    fn offset(&self, place: u64) -> Option<usize> {
        usize::try_from(place.checked_sub(self.input.position())?).ok()
    }

    fn has(&mut self, octets: usize) -> bool {
        self.failed.is_none()
            && self.input.fetch(octets).unwrap_or_else(|error| {
                self.failed = Some(error);
                false
            })
    }
}

impl Octets for Window<'_> {
    fn at<const N: usize>(&mut self, place: u64) -> Option<[u8; N]> {
        let start = self.offset(place)?;
        // Most are at hand: damage is looked through octet by octet.
        if self.input.window().len() < start + N && !self.has(start + N) {
            return None;
        }
        self.input.window().get(start..)?.first_chunk().copied()
    }

    fn reach(&mut self, place: u64) -> bool {
        self.offset(place).is_some_and(|octets| self.has(octets))
    }
}

impl CaptureReader {
    /// Stops at the first damage instead of passing it over.
    pub fn stop_at_damage(&mut self) {
        self.is_strict = true;
    }

    /// Hands packets over as soon as they have come, without waiting for what confirms them: a packet
    /// directly before damage may then be a damaged one.
    #[cfg(feature = "report")]
    pub(crate) fn hand_over_at_once(&mut self) {
        // There is nothing to wait for in files.
        self.is_at_once = self.input.file().is_none() && self.compression.is_none();
    }

    /// Time of the last packet that was believed, in seconds.
    fn last_seconds(&self) -> Option<u32> {
        self.clock.last().and_then(|last| u32::try_from(last.div_euclid(1_000_000_000)).ok())
    }

    /// Whether the record at the position is one, by what follows it.
    #[cold]
    pub(super) fn is_confirmed(&mut self, record: &Record) -> bool {
        let (last, believed) = (self.last_seconds(), self.clock.last().map(Timestamp::from_nanoseconds));
        self.is_blind |= last.is_none();
        let Parser::Pcap(pcap) = &self.parser else { return true };
        let (start, length) = (self.input.position(), record.consumed);
        let end = start + length as u64;
        if self.is_at_once && self.input.window().len() < length + RECORD_HEADER {
            return true;
        }
        let mut window = Window::of(&mut self.input);
        let here = window.at::<RECORD_HEADER>(start);
        let there = window.at::<RECORD_HEADER>(end);
        let (Some(here), Some(there)) = (here, there) else {
            // Nothing follows that could contradict it.
            self.failed = window.failed;
            return true;
        };
        let near = |one: &[u8; RECORD_HEADER], time: u32| pcap.seconds_of(one).abs_diff(time) <= DAY;
        if record.start == record.end && !near(&here, last.unwrap_or_else(|| pcap.seconds_of(&there))) {
            // Any sixteen octets with four zeros among them could be a record without a packet.
            let is_one = here != [0; RECORD_HEADER] && pcap.leads_to_the_end(&mut window, start);
            self.failed = window.failed;
            return is_one;
        }
        let its_time = pcap.plausible(&here).map(|(seconds, _)| seconds);
        let times = [its_time, last];
        let goes_on =
            there != [0; RECORD_HEADER] && times.into_iter().flatten().any(|time| near(&there, time));
        let is_one = goes_on
            || pcap.is_start_of_file(&there)
            || pcap.begins_a_chain(&mut window, end, RESUMED, None)
            || pcap.leads_to_the_end(&mut window, start)
            || pcap.leads_on(&mut window, start)
            // The record is sound and the header behind it is not where the next but one is where
            // that header says.
            || self.parser.first_outside(&mut window, start, end + REACH as u64, last, believed)
                .and_then(|place| place.checked_sub(end))
                .is_some_and(|octets| octets > RECORD_HEADER as u64 && pcap.lengths_of(&there).contains(&octets));
        self.failed = window.failed.or(self.failed.take());
        is_one
    }

    /// Passes over what begins at the position, up to where records make sense again.
    ///
    /// # Errors
    ///
    /// `fault`, where nothing behind it makes sense, and where reading stops at damage.
    #[cold]
    pub(super) fn pass_over(&mut self, fault: Fault) -> Result<(), Error> {
        if self.is_strict {
            return Err(self.finish(fault));
        }
        let (start, packets) = (self.position(), self.packets());
        let (last, believed) = (self.last_seconds(), self.clock.last().map(Timestamp::from_nanoseconds));
        self.is_blind |= last.is_none();
        let mut missing = 0;
        let mut has_section = false;
        // Directly before a break nothing begins that is damaged itself.
        let mut from = usize::from(!self.input.window().is_empty());
        let found = loop {
            let mut window = Window::of(&mut self.input);
            let place = window.input.position();
            window.has(from + STRIDE);
            let length = window.input.window().len();
            let mut at = from;
            let here = loop {
                at += self.parser.barren(window.input.window().get(at..length).unwrap_or_default());
                if at >= length {
                    break None;
                }
                let next = place + at as u64;
                if !self.parser.resumes(&mut window, next, last) {
                    has_section |= matches!(self.parser, Parser::Pcapng(_))
                        && window.at(next).is_some_and(Section::begins_section);
                    at += 1;
                } else if let Some(end) = self.parser.is_of_a_packet(&mut window, start, next, believed) {
                    at = (end - place) as usize;
                } else {
                    break Some(at);
                }
            };
            let here = here.map(|offset| {
                let first = place + offset as u64;
                let outside = self.parser.outside(&mut window, start, first, last, &mut self.looked);
                offset + (outside - first) as usize
            });
            if let Some(error) = window.failed {
                self.failed = Some(error);
            }
            match here {
                Some(offset) => {
                    self.input.skip(offset);
                    break true;
                }
                None => self.input.skip(length),
            }
            from = at.saturating_sub(length);
            if self.failed.is_some() {
                break false;
            }
            if self.input.fetch(1).unwrap_or(false) {
                continue;
            }
            match self.input.pass_break() {
                Some(octets) => missing += octets,
                None => break false,
            }
        };
        if !found {
            let fault = match self.failed.take() {
                Some(error) => self.failure(error, start, packets),
                None => fault,
            };
            return Err(self.finish(fault));
        }
        if let Parser::Pcapng(section) = &mut self.parser {
            // Where a description of an interface follows, others may have come before it.
            let head = self.input.window().first_chunk().copied();
            if has_section || head.is_some_and(|head| section.describes_interface(head)) {
                section.forget();
            }
        }
        let what = fault.what();
        self.gaps.push(Gap { start, end: self.position(), missing, packets, what });
        Ok(())
    }
}
