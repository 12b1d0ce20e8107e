//! pcap files (draft-ietf-opsawg-pcap), and the Kuznetsov variant that old Linux kernels wrote.

use pcap_file::Endianness;
use pcap_file::pcap::{PcapHeader as FileHeader, PcapTsResolution};

use super::byte_order::Numbers;
use super::packet::NO_INTERFACE;
use super::record::{Parsed, Record};
use super::{ByteOrder, LinkType, PcapHeader, Timestamp};

/// Length of the file header, in octets.
pub(super) const FILE_HEADER: usize = 24;
/// Longest packet that is not taken for damage, in octets.
pub(super) const MAX_PACKET: u32 = 128 * 1024 * 1024;

/// Magic number of files with microseconds.
const MICROSECONDS: u32 = 0xa1b2_c3d4;
/// Magic number of files with nanoseconds.
const NANOSECONDS: u32 = 0xa1b2_3c4d;
/// Magic number of the Kuznetsov variant. Each record header is eight octets longer (interface
/// index, protocol, packet type).
const KUZNETSOV: u32 = 0xa1b2_cd34;

/// Length of a record header, in octets.
pub(super) const RECORD_HEADER: usize = 16;

/// Content of the file header.
#[derive(Clone, Debug)]
pub(super) struct Pcap {
    about: FileHeader,
    link_type: LinkType,
    is_nanoseconds: bool,
    order: ByteOrder,
    /// Octets between the record header and the packet.
    gap: usize,
    /// Whether the two lengths are swapped, as programs before version 2.4 of the format did.
    swapped_lengths: Swapped,
    /// Whether record headers are as nearly all programs write them: little-endian, the captured length first.
    is_plain: bool,
}

/// The words of a plain record header.
#[inline]
fn little_endian(header: &[u8; RECORD_HEADER]) -> [u32; 4] {
    let (words, _) = header.as_chunks();
    std::array::from_fn(|n| u32::from_le_bytes(words[n]))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Swapped {
    No,
    Perhaps,
    Yes,
}

/// Longest packet that capture programs take from a network, in octets.
const LIKELY: u32 = 1 << 18;

impl Pcap {
    /// Reads the file header; `None` for bytes that do not begin a pcap file.
    pub(super) fn new(bytes: &[u8]) -> Option<Pcap> {
        let mut header = *bytes.first_chunk::<FILE_HEADER>()?;
        let magic = *header.first_chunk()?;
        let kuznetsov = u32::from_le_bytes(magic) == KUZNETSOV || u32::from_be_bytes(magic) == KUZNETSOV;
        if kuznetsov {
            // The parser does not know this magic number. Only the records differ.
            let little = u32::from_le_bytes(magic) == KUZNETSOV;
            let order = if little { ByteOrder::Little } else { ByteOrder::Big };
            header[..4].copy_from_slice(&order.octets_of_u32(MICROSECONDS));
        }
        let (_, about) = FileHeader::from_slice(&header).ok()?;
        if about.version_major != 2 {
            return None;
        }
        // The upper bits hold the length of a frame check sequence (draft section 4).
        let link_type = LinkType((u32::from(about.datalink) & 0xffff) as u16);
        let swapped_lengths = match about.version_minor {
            0..=2 => Swapped::Yes,
            3 => Swapped::Perhaps,
            _ => Swapped::No,
        };
        Some(Pcap {
            link_type,
            is_nanoseconds: about.ts_resolution == PcapTsResolution::NanoSecond,
            order: match about.endianness {
                Endianness::Big => ByteOrder::Big,
                Endianness::Little => ByteOrder::Little,
            },
            gap: if kuznetsov { 8 } else { 0 },
            swapped_lengths,
            is_plain: about.endianness == Endianness::Little && swapped_lengths == Swapped::No,
            about,
        })
    }

    /// The record that `bytes` begin with; `None` where it is incomplete or invalid.
    #[inline]
    pub(super) fn record(&self, bytes: &[u8]) -> Option<Record> {
        self.record_of(self.header_of(bytes.first_chunk()?), bytes)
    }

    /// The record that `bytes` begin with, whose header has been read.
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "out of line, the record goes through memory: 40 instructions a packet"
    )]
    fn record_of(&self, header: [u32; 4], bytes: &[u8]) -> Option<Record> {
        let [seconds, fraction, captured, original] = header;
        let start = RECORD_HEADER + self.gap;
        let end = start + captured as usize;
        let is_one = captured <= MAX_PACKET && end <= bytes.len() && !self.begins_a_file(seconds, fraction);
        is_one.then(|| Record {
            consumed: end,
            start,
            end,
            time: Some(self.time(seconds, fraction)),
            link_type: Some(self.link_type),
            original_length: original,
            interface: if self.gap > 0 { self.interface_of(bytes) } else { NO_INTERFACE },
            is_undescribed: false,
        })
    }

    /// The record that `bytes` begin with, where the header behind it is at hand and confirms it: both are
    /// [plausible](Pcap::plausible), and their times are near.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as that of `record_of`")]
    pub(super) fn confirmed_record(&self, bytes: &[u8]) -> Option<Record> {
        if self.is_plain { self.confirmed_by(bytes, little_endian) } else { self.confirmed_other(bytes) }
    }

    /// The same of files that few programs write.
    #[cold]
    #[inline(never)]
    fn confirmed_other(&self, bytes: &[u8]) -> Option<Record> {
        self.confirmed_by(bytes, |header| self.header_of(header))
    }

    /// The same, with headers read by `read`.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as that of `record_of`")]
    fn confirmed_by(&self, bytes: &[u8], read: impl Fn(&[u8; RECORD_HEADER]) -> [u32; 4]) -> Option<Record> {
        /// Seconds between packets that need no further look.
        const NEAR: u32 = 3600;
        let here = read(bytes.first_chunk()?);
        let record = self.record_of(here, bytes)?;
        let there = read(bytes.get(record.consumed..)?.first_chunk()?);
        let is_near = here[0].wrapping_sub(there[0]).wrapping_add(NEAR) <= 2 * NEAR;
        (self.is_likely(here) & self.is_likely(there) & is_near).then_some(record)
    }

    /// Time in a record header, in seconds.
    pub(super) fn seconds_of(&self, header: &[u8; RECORD_HEADER]) -> u32 {
        self.numbers(header)[0]
    }

    /// Time in a record header.
    pub(super) fn time_of(&self, header: &[u8; RECORD_HEADER]) -> Timestamp {
        let [seconds, fraction, ..] = self.numbers(header);
        self.time(seconds, fraction)
    }

    /// Lengths that a record with this header may have, in octets: by the captured length of its packet,
    /// and by the original one.
    pub(super) fn lengths_of(&self, header: &[u8; RECORD_HEADER]) -> [u64; 2] {
        let [_, _, captured, original] = self.header_of(header);
        [captured, original].map(|octets| (RECORD_HEADER + self.gap) as u64 + u64::from(octets))
    }

    /// Whether a record header is the start of another file.
    pub(super) fn is_start_of_file(&self, header: &[u8; RECORD_HEADER]) -> bool {
        let [seconds, fraction, ..] = self.numbers(header);
        self.begins_a_file(seconds, fraction)
    }

    /// The number of the interface, the first field after the record header of the Kuznetsov variant.
    #[cold]
    fn interface_of(&self, bytes: &[u8]) -> u32 {
        Numbers { bytes, order: self.order }.u32(RECORD_HEADER).unwrap_or(NO_INTERFACE)
    }

    /// The next record of `bytes`, which begin where the last one ended.
    pub(super) fn step(&self, bytes: &[u8]) -> Parsed {
        if let Some(record) = self.record(bytes) {
            return Parsed::Packet(record);
        }
        match bytes.first_chunk().map(|header| self.header_of(header)) {
            None => Parsed::Incomplete { what: "a record header", needed: RECORD_HEADER },
            Some([seconds, fraction, ..]) if self.begins_a_file(seconds, fraction) => Parsed::Ends(
                "another pcap file begins here; read concatenated files one by one, or join them with mergecap"
                    .to_owned(),
            ),
            Some([_, _, captured, _]) if captured > MAX_PACKET => Parsed::Damaged(format!(
                "a packet of {captured} bytes exceeds the longest valid one ({MAX_PACKET})"
            )),
            Some([_, _, captured, _]) => Parsed::Incomplete {
                what: "a packet with its record header",
                needed: RECORD_HEADER + self.gap + captured as usize,
            },
        }
    }

    /// Whether a record header begins as a file header does: with a magic number, which as a time
    /// lies in 2055, and the version of the format that programs write since 1998.
    #[inline]
    fn begins_a_file(&self, seconds: u32, fraction: u32) -> bool {
        let version = match self.order {
            ByteOrder::Big => 0x0002_0004,
            ByteOrder::Little => 0x0004_0002,
        };
        matches!(seconds, MICROSECONDS | NANOSECONDS) && fraction == version
    }

    /// Seconds, their fraction, length in the capture and length on the wire.
    #[inline]
    fn header_of(&self, header: &[u8; RECORD_HEADER]) -> [u32; 4] {
        let [seconds, fraction, captured, original] = self.numbers(header);
        if self.swapped_lengths == Swapped::Yes
            || self.swapped_lengths == Swapped::Perhaps && captured > original
        {
            [seconds, fraction, original, captured]
        } else {
            [seconds, fraction, captured, original]
        }
    }

    /// How many of these octets begin neither a record that is [plausible](Pcap::plausible) nor a file: nearly all of
    /// what is damaged, seen by the highest octets of both lengths and by the first octet of the magic numbers.
    pub(super) fn barren(&self, octets: &[u8]) -> usize {
        let [microseconds, nanoseconds] =
            [MICROSECONDS, NANOSECONDS].map(|magic| self.order.octets_of_u32(magic)[0]);
        let (captured, original) = match self.order {
            ByteOrder::Big => (8, 12),
            ByteOrder::Little => (11, 15),
        };
        octets
            .windows(RECORD_HEADER)
            .position(|header| {
                header[captured] | header[original] == 0
                    || header[0] == microseconds
                    || header[0] == nanoseconds
            })
            .unwrap_or((octets.len() + 1).saturating_sub(RECORD_HEADER))
    }

    /// Time in seconds, and length of the record in octets, of what may be a record header; `None`
    /// where its numbers contradict that. Used to look for records in the middle of a file.
    #[inline]
    pub(super) fn plausible(&self, header: &[u8; RECORD_HEADER]) -> Option<(u32, u64)> {
        let numbers = self.header_of(header);
        let [seconds, _, captured, _] = numbers;
        self.is_likely(numbers).then_some((seconds, (RECORD_HEADER + self.gap) as u64 + u64::from(captured)))
    }

    /// As [`plausible`](Pcap::plausible), without a check of the original length.
    pub(super) fn captured(&self, header: &[u8; RECORD_HEADER]) -> Option<(u32, u64)> {
        let [seconds, fraction, captured, _] = self.header_of(header);
        let is_likely = u64::from(fraction) < self.per_second() && (1..=LIKELY).contains(&captured);
        is_likely.then_some((seconds, (RECORD_HEADER + self.gap) as u64 + u64::from(captured)))
    }

    /// Length of the record in octets, of what may be a record header that is [plausible](Pcap::plausible) or
    /// that of a record without a packet.
    pub(super) fn possible(&self, header: &[u8; RECORD_HEADER]) -> Option<u64> {
        match self.header_of(header) {
            [_, _, 0, 0..=LIKELY] => Some((RECORD_HEADER + self.gap) as u64),
            _ => self.plausible(header).map(|(_, length)| length),
        }
    }

    /// Whether the numbers of what may be a record header agree with each other.
    #[inline]
    #[allow(clippy::needless_bitwise_bool, reason = "nearly all headers are likely: no branch is taken")]
    fn is_likely(&self, [_, fraction, captured, original]: [u32; 4]) -> bool {
        // A length of 0 wraps to more than any.
        (u64::from(fraction) < self.per_second())
            & (captured.wrapping_sub(1) < original)
            & (original <= LIKELY)
    }

    #[inline]
    fn numbers(&self, header: &[u8; RECORD_HEADER]) -> [u32; 4] {
        Numbers { bytes: header, order: self.order }.words().unwrap_or_default()
    }

    /// Time from seconds and a fraction. Fractions of a second and more occur in real captures and
    /// are added as they are. The sum is within the range of [`Timestamp`].
    #[inline]
    fn time(&self, seconds: u32, fraction: u32) -> Timestamp {
        let nanoseconds = if self.is_nanoseconds { 1 } else { 1000 };
        Timestamp::from_nanoseconds(i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * nanoseconds)
    }

    #[inline]
    fn ticks(&self, seconds: u32, fraction: u32) -> u64 {
        u64::from(seconds) * self.per_second() + u64::from(fraction)
    }

    /// Ticks per second.
    #[inline]
    fn per_second(&self) -> u64 {
        if self.is_nanoseconds { 1_000_000_000 } else { 1_000_000 }
    }

    /// Time of a record, in ticks of the file.
    #[inline]
    pub(super) fn ticks_of(&self, record: &[u8]) -> u64 {
        record.first_chunk().map_or(0, |header| {
            let [seconds, fraction, ..] = self.numbers(header);
            self.ticks(seconds, fraction)
        })
    }

    /// Content of the file header that applies to all packets.
    pub(super) fn header(&self) -> PcapHeader {
        /// Set where the four topmost bits hold the length of a frame check sequence, in 16-bit
        /// words (draft-ietf-opsawg-pcap section 4).
        const HAS_FCS: u32 = 1 << 26;
        let about = &self.about;
        let link_field = u32::from(about.datalink);
        PcapHeader {
            link_type: self.link_type,
            fcs_length: (link_field & HAS_FCS != 0).then_some((link_field >> 28) as u8 * 2),
            snap_length: about.snaplen,
            tick_exponent: if self.is_nanoseconds { 9 } else { 6 },
            time_zone: about.ts_correction,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file header in an order, of a version.
    fn header(order: ByteOrder, minor: u16) -> Pcap {
        let word = |number: u32| order.octets_of_u32(number);
        let version = match order {
            ByteOrder::Big => [2_u16.to_be_bytes(), minor.to_be_bytes()].concat(),
            ByteOrder::Little => [2_u16.to_le_bytes(), minor.to_le_bytes()].concat(),
        };
        let octets = [&word(MICROSECONDS)[..], &version, &[0; 8], &word(65_535), &word(101)].concat();
        Pcap::new(&octets).expect("a file header")
    }

    #[test]
    fn barren_octets_begin_neither_a_record_nor_a_file() {
        let mut state = 1_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for (order, minor) in
            [(ByteOrder::Little, 4), (ByteOrder::Big, 4), (ByteOrder::Little, 3), (ByteOrder::Big, 2)]
        {
            let pcap = header(order, minor);
            let mut found = 0;
            for _ in 0..2000 {
                // Noise, with the header of a record or the beginning of a file somewhere.
                let mut octets: Vec<u8> = (0..80).map(|_| next() as u8).collect();
                let place = (next() % 64) as usize;
                let planted = if next() % 2 == 0 {
                    let (captured, original) = (1 + (next() % 1500) as u32, 1500);
                    // Before version 2.3 the original length comes first.
                    let lengths = if minor < 3 { [original, captured] } else { [captured, original] };
                    [1_767_225_600, (next() % 1_000_000) as u32, lengths[0], lengths[1]]
                        .map(|number| order.octets_of_u32(number))
                        .concat()
                } else {
                    let magic = [MICROSECONDS, NANOSECONDS][(next() % 2) as usize];
                    let version = match order {
                        ByteOrder::Big => [0, 2, 0, 4],
                        ByteOrder::Little => [2, 0, 4, 0],
                    };
                    [order.octets_of_u32(magic), version].concat()
                };
                octets[place..place + planted.len()].copy_from_slice(&planted);
                let begins = |octets: &[u8]| {
                    let header = octets.first_chunk().expect("a header");
                    pcap.plausible(header).is_some() || pcap.is_start_of_file(header)
                };
                let first = octets.windows(RECORD_HEADER).position(begins).expect("what was planted");
                let barren = pcap.barren(&octets);
                assert!(barren <= first, "{order:?} {octets:x?}: {barren} barren, but {first}");
                found += usize::from(barren == first);
            }
            assert!(found > 500, "{found}");
            assert_eq!(pcap.barren(&[0xff; 16]), 1);
            assert_eq!(pcap.barren(&[0xff; 15]), 0);
            assert_eq!(pcap.barren(&[]), 0);
        }
    }
}
