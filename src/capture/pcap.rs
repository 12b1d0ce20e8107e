//! pcap files (draft-ietf-opsawg-pcap), and the Kuznetsov variant that old Linux kernels wrote.

use pcap_file::Endianness;
use pcap_file::pcap::{PcapHeader as FileHeader, PcapTsResolution};

use super::reader::{Record, Step};
use super::{LinkType, PcapHeader, Timestamp};

/// Length of the file header.
pub(super) const FILE_HEADER: usize = 24;
/// More than any packet: a length beyond it is damage, not a packet.
pub(super) const MAX_PACKET: u32 = 128 * 1024 * 1024;

/// A magic number of the Kuznetsov variant, 0xa1b2cd34: each record header is eight bytes longer
/// (interface index, protocol, packet type).
const KUZNETSOV: u32 = 0xa1b2_cd34;

/// What the file header says.
#[derive(Clone, Debug)]
pub(super) struct Pcap {
    about: FileHeader,
    link_type: LinkType,
    is_nanoseconds: bool,
    big_endian: bool,
    /// Bytes between the record header and the packet.
    gap: usize,
    /// Version 2.2 and before wrote the two lengths the other way round.
    swapped_lengths: Swapped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Swapped {
    No,
    Perhaps,
    Yes,
}

impl Pcap {
    /// Reads the file header; `None` when these bytes begin no pcap file.
    pub(super) fn new(bytes: &[u8]) -> Option<Pcap> {
        let mut header = *bytes.first_chunk::<FILE_HEADER>()?;
        let magic = *header.first_chunk()?;
        let kuznetsov = u32::from_le_bytes(magic) == KUZNETSOV || u32::from_be_bytes(magic) == KUZNETSOV;
        if kuznetsov {
            // The parser does not know this magic number; apart from the records all is alike.
            let plain: u32 = 0xa1b2_c3d4;
            let little = u32::from_le_bytes(magic) == KUZNETSOV;
            header[..4].copy_from_slice(&if little { plain.to_le_bytes() } else { plain.to_be_bytes() });
        }
        let (_, about) = FileHeader::from_slice(&header).ok()?;
        if about.version_major != 2 {
            return None;
        }
        // The upper bits say how long a frame check sequence is (draft section 4).
        let link_type = LinkType((u32::from(about.datalink) & 0xffff) as u16);
        let swapped_lengths = match about.version_minor {
            0..=2 => Swapped::Yes,
            3 => Swapped::Perhaps,
            _ => Swapped::No,
        };
        Some(Pcap {
            link_type,
            is_nanoseconds: about.ts_resolution == PcapTsResolution::NanoSecond,
            big_endian: about.endianness == Endianness::Big,
            about,
            gap: if kuznetsov { 8 } else { 0 },
            swapped_lengths,
        })
    }

    /// The record that `bytes` begin with; `None` where it is not all there, or none can be.
    #[inline]
    pub(super) fn record(&self, bytes: &[u8]) -> Option<Record> {
        let [seconds, fraction, captured, original] = self.header_of(bytes.first_chunk()?);
        let start = 16 + self.gap;
        let end = start + captured as usize;
        let is_one = captured <= MAX_PACKET && end <= bytes.len() && !self.begins_a_file(seconds, fraction);
        is_one.then(|| Record {
            consumed: end,
            start,
            end,
            time: Some(self.time(seconds, fraction)),
            link_type: Some(self.link_type),
            original_length: original,
        })
    }

    /// The next record of `bytes`, which begin where the last one ended.
    pub(super) fn step(&self, bytes: &[u8]) -> Step {
        if let Some(record) = self.record(bytes) {
            return Step::Packet(record);
        }
        match bytes.first_chunk().map(|header| self.header_of(header)) {
            None => Step::More { what: "a record header", needed: 16 },
            Some([seconds, fraction, ..]) if self.begins_a_file(seconds, fraction) => Step::Damaged(
                "another pcap file begins here: captures that are joined as they are, not by mergecap, must be \
                 read one by one"
                    .to_owned(),
            ),
            Some([_, _, captured, _]) if captured > MAX_PACKET => Step::Damaged(format!(
                "a packet of {captured} bytes is longer than any packet ({MAX_PACKET})"
            )),
            Some([_, _, captured, _]) => Step::More {
                what: "a packet with its record header",
                needed: 16 + self.gap + captured as usize,
            },
        }
    }

    /// Whether a record header begins as the header of a file does: with its magic number, for a time
    /// in 2055, and the version that is written since 1998.
    #[inline]
    fn begins_a_file(&self, seconds: u32, fraction: u32) -> bool {
        let version = if self.big_endian { 0x0002_0004 } else { 0x0004_0002 };
        matches!(seconds, 0xa1b2_c3d4 | 0xa1b2_3c4d) && fraction == version
    }

    /// Seconds, their fraction, length in the capture and length on the wire.
    #[inline]
    fn header_of(&self, header: &[u8; 16]) -> [u32; 4] {
        let [seconds, fraction, captured, original] = self.numbers(header);
        if self.swapped_lengths == Swapped::Yes
            || self.swapped_lengths == Swapped::Perhaps && captured > original
        {
            [seconds, fraction, original, captured]
        } else {
            [seconds, fraction, captured, original]
        }
    }

    /// Seconds and length of what may be a record with this header, when nothing in it contradicts
    /// that.
    pub(super) fn plausible(&self, header: &[u8; 16]) -> Option<(u32, u64)> {
        /// More than the longest packet that capture programs take from a network.
        const LIKELY: u32 = 1 << 18;
        let [seconds, fraction, captured, original] = self.numbers(header);
        let likely = u64::from(fraction) < self.per_second()
            && captured > 0
            && captured <= LIKELY
            && captured <= original
            && original <= LIKELY;
        likely.then_some((seconds, 16 + self.gap as u64 + u64::from(captured)))
    }

    #[inline]
    fn numbers(&self, header: &[u8; 16]) -> [u32; 4] {
        let mut numbers = [0; 4];
        for (number, bytes) in numbers.iter_mut().zip(header.as_chunks::<4>().0) {
            *number = if self.big_endian { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) };
        }
        numbers
    }

    /// Seconds and a fraction. Fractions of a second and more occur in real captures; they are
    /// added as they stand. The sum is far from what a time can hold.
    #[inline]
    fn time(&self, seconds: u32, fraction: u32) -> Timestamp {
        let nanoseconds = if self.is_nanoseconds { 1 } else { 1000 };
        Timestamp::from_nanoseconds(i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * nanoseconds)
    }

    #[inline]
    fn ticks(&self, seconds: u32, fraction: u32) -> u64 {
        u64::from(seconds) * self.per_second() + u64::from(fraction)
    }

    /// How many ticks a second has.
    #[inline]
    fn per_second(&self) -> u64 {
        if self.is_nanoseconds { 1_000_000_000 } else { 1_000_000 }
    }

    /// The time of a record in the file's own unit.
    #[inline]
    pub(super) fn ticks_of(&self, record: &[u8]) -> u64 {
        record.first_chunk().map_or(0, |header| {
            let [seconds, fraction, ..] = self.numbers(header);
            self.ticks(seconds, fraction)
        })
    }

    /// What the file header says of all packets.
    pub(super) fn header(&self) -> PcapHeader {
        /// Set where the four topmost bits count the 16-bit words of a frame check sequence
        /// (draft-ietf-opsawg-pcap section 4).
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
