//! Where records begin in the middle of a capture. Nothing marks it: several must follow each other
//! without contradiction.
//!
//! Both who cuts a capture into pieces and who reads on behind damage ask here.

use super::Timestamp;
use super::byte_order::Numbers;
use super::pcap::{Pcap, RECORD_HEADER};
use super::pcapng::Section;
use super::reader::Parser;

/// Records that must follow each other at the start of a piece.
pub(super) const CHAIN: usize = 6;
/// Records that must follow each other behind damage, where their times go on.
pub(super) const RESUMED: usize = 3;
/// Records that must follow each other where their times do not go on: a packet can hold a capture.
const LONG: usize = 24;
/// The longest packet that is likely to hold others, with its header, in octets.
const LONGEST: u64 = (1 << 18) + 64;
/// How many octets are looked at for that: a number of times those before, so that damage costs no more than its share.
const MOST_LOOKED: u64 = 8;
const LOOKED_FREELY: u64 = 8 << 20;
/// Records that are believed where the content ends within the next.
const ENOUGH: usize = 2;
/// Records whose lengths are followed to the end of the content, and how far that may be, in octets.
const LAST: usize = 64;
const LAST_OCTETS: u64 = 1 << 20;
/// Times of neighbours in one capture rarely differ by more, in seconds.
const HOUR: u32 = 3600;
/// Times before and behind damage rarely differ by more, in seconds.
pub(super) const DAY: u32 = 86_400;

/// The octets of a capture, fetched when they are looked at.
pub(super) trait Octets {
    /// The octets at a place; `None` where the content ends before their last.
    fn at<const N: usize>(&mut self, place: u64) -> Option<[u8; N]>;

    /// Whether the content reaches to a place.
    fn reach(&mut self, place: u64) -> bool;

    /// Whether the content ends at a place.
    fn end_at(&mut self, place: u64) -> bool {
        self.reach(place) && !self.reach(place + 1)
    }
}

impl Parser {
    /// Whether `count` likely records follow each other at `place`, or fewer up to the end.
    pub(super) fn begins_a_chain(&self, octets: &mut impl Octets, place: u64, count: usize) -> bool {
        match self {
            Parser::Pcap(pcap) => pcap.begins_a_chain(octets, place, count, Some(HOUR)),
            Parser::Pcapng(section) => section.begins_a_chain(octets, place, count),
        }
    }

    /// How many of these octets are no place where a capture can be read on, whatever stands before and behind them.
    pub(super) fn barren(&self, octets: &[u8]) -> usize {
        match self {
            Parser::Pcap(pcap) => pcap.barren(octets),
            Parser::Pcapng(_) => 0,
        }
    }

    /// Whether a capture can be read on at `place`, behind damage; `last` is the time before that, in
    /// seconds. What begins another file or section counts, whatever follows.
    pub(super) fn resumes(&self, octets: &mut impl Octets, place: u64, last: Option<u32>) -> bool {
        match self {
            Parser::Pcap(pcap) => {
                let Some(header) = octets.at::<RECORD_HEADER>(place) else { return false };
                if pcap.is_start_of_file(&header) {
                    return true;
                }
                let Some((seconds, _)) = pcap.plausible(&header) else { return false };
                let goes_on = last.is_none_or(|last| last.abs_diff(seconds) <= DAY);
                let (count, fewest) = if goes_on { (RESUMED, ENOUGH) } else { (LONG, LONG) };
                pcap.chain(octets, place, count, Some(HOUR), fewest)
            }
            Parser::Pcapng(section) => section.begins_a_chain(octets, place, RESUMED),
        }
    }
}

impl Parser {
    /// Where to read on behind damage that begins at `start`: `place`, the first where records make sense again,
    /// or a later one that a whole length of the damaged record leads to: these are the content of its packet then,
    /// since a packet can hold a capture. `looked` counts the octets that were looked at for that.
    pub(super) fn outside(
        &self,
        octets: &mut impl Octets,
        start: u64,
        place: u64,
        last: Option<u32>,
        looked: &mut u64,
    ) -> u64 {
        if *looked > LOOKED_FREELY + MOST_LOOKED * place {
            return place;
        }
        match self {
            Parser::Pcap(pcap) => {
                // One of the lengths may be whole.
                let ends = octets.at(start).map(|header| pcap.lengths_of(&header)).unwrap_or_default();
                for end in ends.map(|length| start + length.min(LONGEST + 1)) {
                    if place < end && end <= start + LONGEST && self.resumes(octets, end, last) {
                        return end;
                    }
                }
                place
            }
            Parser::Pcapng(section) => {
                let Some(broken) = section.broken(octets, place) else { return place };
                // The end of a block says how long it is, too.
                let other = (place + 1..=broken).find(|&end| {
                    section.ends_block(octets, start, end) && section.begins_a_chain(octets, end, RESUMED)
                });
                *looked += broken - place;
                other.unwrap_or(place)
            }
        }
    }
}

impl Parser {
    /// Whether the records from `place` on, behind damage at `start`, are those of a capture that a packet holds, and
    /// where to look on then. Such a capture was taken before it was sent: its times are earlier than `last`, that of the
    /// packet before the damage, and it is no longer than a packet. Blocks of pcapng are never taken for one.
    pub(super) fn is_of_a_packet(
        &self,
        octets: &mut impl Octets,
        start: u64,
        place: u64,
        last: Option<Timestamp>,
    ) -> Option<u64> {
        match self {
            Parser::Pcap(pcap) => pcap.earlier(octets, place, start + LONGEST, last?),
            Parser::Pcapng(_) => None,
        }
    }

    /// The first place behind `start` and before `most` where the capture can be read on, or ends; `last` and
    /// `believed` are the time before that.
    pub(super) fn first_outside(
        &self,
        octets: &mut impl Octets,
        start: u64,
        most: u64,
        last: Option<u32>,
        believed: Option<Timestamp>,
    ) -> Option<u64> {
        let mut place = start + 1;
        while place < most {
            if octets.reach(place + 1) && !self.resumes(octets, place, last) {
                place += 1;
            } else if let Some(end) = self.is_of_a_packet(octets, start, place, believed) {
                place = end;
            } else {
                return Some(place);
            }
        }
        None
    }
}

impl Pcap {
    /// Behind the header of the last of the records from `place` on that are earlier than `last`: the packet that holds
    /// them may end within it. `None` where there are none, and where they go on beyond `most`.
    fn earlier(&self, octets: &mut impl Octets, place: u64, most: u64, last: Timestamp) -> Option<u64> {
        let (mut at, mut start) = (place, None);
        while at <= most {
            let Some(header) = octets.at::<RECORD_HEADER>(at) else { break };
            match self.plausible(&header) {
                Some((_, length)) if self.time_of(&header) < last => {
                    start = Some(at);
                    at += length;
                }
                _ => break,
            }
        }
        start.filter(|_| at <= most).map(|start| start + RECORD_HEADER as u64)
    }

    /// Whether `count` likely records of one capture follow each other at `place`, their times at most
    /// `near` seconds apart; or fewer up to the end of the content.
    pub(super) fn begins_a_chain(
        &self,
        octets: &mut impl Octets,
        place: u64,
        count: usize,
        near: Option<u32>,
    ) -> bool {
        self.chain(octets, place, count, near, ENOUGH)
    }

    /// Whether the lengths of all records from `place` on lead to the octet to the end of the content, which is
    /// near: nothing contradicts them, whatever their times say. Zeros lead anywhere, so that no packet may
    /// come behind a header of zeros.
    pub(super) fn leads_to_the_end(&self, octets: &mut impl Octets, place: u64) -> bool {
        let mut at = place;
        let mut has_zeros = false;
        for _ in 0..LAST {
            let Some(header) = octets.at::<RECORD_HEADER>(at) else { return octets.end_at(at) };
            let Some(length) = self.possible(&header) else { return false };
            let is_empty = Some(length) == self.possible(&[0; RECORD_HEADER]);
            if has_zeros && !is_empty {
                return false;
            }
            has_zeros |= header == [0; RECORD_HEADER];
            at += length;
            if at - place > LAST_OCTETS || !octets.reach(at) {
                return false;
            }
        }
        false
    }

    /// Whether captured lengths alone lead from record to record, as many as begin a piece, or to the end of the
    /// content. Some programs write original lengths that are smaller, or none.
    pub(super) fn leads_on(&self, octets: &mut impl Octets, place: u64) -> bool {
        let mut at = place;
        let mut last_seconds: Option<u32> = None;
        for n in 0..CHAIN {
            let Some(header) = octets.at::<RECORD_HEADER>(at) else {
                return n >= ENOUGH && octets.end_at(at);
            };
            let Some((seconds, length)) = self.captured(&header) else { return false };
            if last_seconds.is_some_and(|last| last.abs_diff(seconds) > HOUR) {
                return false;
            }
            last_seconds = Some(seconds);
            at += length;
            if !octets.reach(at) {
                return false;
            }
        }
        true
    }

    /// As [`Pcap::begins_a_chain`]; where the content ends, `fewest` are enough before a record that is cut
    /// off, and one less than those before the end itself.
    fn chain(
        &self,
        octets: &mut impl Octets,
        mut place: u64,
        count: usize,
        near: Option<u32>,
        fewest: usize,
    ) -> bool {
        let mut last_seconds: Option<u32> = None;
        for n in 0..count {
            let Some(header) = octets.at::<RECORD_HEADER>(place) else {
                return n >= fewest || n + 1 >= fewest && octets.end_at(place);
            };
            let Some((seconds, length)) = self.plausible(&header) else { return false };
            if let (Some(last), Some(near)) = (last_seconds, near)
                && last.abs_diff(seconds) > near
            {
                return false;
            }
            last_seconds = Some(seconds);
            place += length;
            if !octets.reach(place) {
                return n >= fewest;
            }
        }
        true
    }
}

impl Section {
    /// Behind the chain of blocks at `place`, where it breaks within the longest block that could hold it.
    fn broken(&self, octets: &mut impl Octets, place: u64) -> Option<u64> {
        let (mut at, mut order) = (place, self.order());
        while at <= place + LONGEST {
            let head = octets.at(at)?;
            let Some((length, its_order)) = Section::plausible(order, head) else { return Some(at) };
            order = its_order;
            let next = at + u64::from(length);
            let length_behind =
                octets.at(next - 4).map(|bytes: [u8; 4]| Numbers { bytes: &bytes, order }.u32(0))?;
            if length_behind != Some(length) {
                return Some(next);
            }
            at = next;
        }
        None
    }

    /// Whether the octets before `end` are those at the end of a block that begins at `start`.
    fn ends_block(&self, octets: &mut impl Octets, start: u64, end: u64) -> bool {
        let Some(place) = end.checked_sub(4) else { return false };
        octets.at(place).is_some_and(|bytes: [u8; 4]| {
            Numbers { bytes: &bytes, order: self.order() }.u32(0).map(u64::from) == Some(end - start)
        })
    }

    /// Whether `count` blocks whose two lengths agree follow each other at `place`, or fewer up to
    /// the end of the content.
    fn begins_a_chain(&self, octets: &mut impl Octets, mut place: u64, count: usize) -> bool {
        let mut order = self.order();
        for n in 0..count {
            let Some(head) = octets.at(place) else {
                return n >= ENOUGH || n + 1 >= ENOUGH && octets.end_at(place);
            };
            let Some((length, its_order)) = Section::plausible(order, head) else { return false };
            order = its_order;
            let next = place + u64::from(length);
            if !octets.reach(next) {
                return n >= ENOUGH;
            }
            let last = octets.at(next - 4).map(|bytes: [u8; 4]| Numbers { bytes: &bytes, order }.u32(0));
            if last != Some(Some(length)) {
                return false;
            }
            place = next;
        }
        true
    }
}
