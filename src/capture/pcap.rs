//! pcap files (draft-ietf-opsawg-pcap), and the Kuznetsov variant that old Linux kernels wrote.

use std::sync::Arc;

use pcap_file::Endianness;
use pcap_file::pcap::{PcapParseError, PcapParser, PcapTsResolution};

use super::reader::{Record, Step};
use super::{LinkType, PcapHeader, TimeUnit};

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
    parser: Arc<PcapParser>,
    link_type: LinkType,
    unit: TimeUnit,
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
        let (_, parser) = PcapParser::new(&header).ok()?;
        let about = parser.header();
        if about.version_major != 2 {
            return None;
        }
        // The upper bits say how long a frame check sequence is (draft section 4).
        let link_type = LinkType((u32::from(about.datalink) & 0xffff) as u16);
        let unit = match about.ts_resolution {
            PcapTsResolution::MicroSecond => TimeUnit::MICROSECONDS,
            PcapTsResolution::NanoSecond => TimeUnit::NANOSECONDS,
        };
        let swapped_lengths = match about.version_minor {
            0..=2 => Swapped::Yes,
            3 => Swapped::Perhaps,
            _ => Swapped::No,
        };
        Some(Pcap {
            parser: Arc::new(parser),
            link_type,
            unit,
            gap: if kuznetsov { 8 } else { 0 },
            swapped_lengths,
        })
    }

    /// The next record of `bytes`, which begin where the last one ended.
    #[inline]
    pub(super) fn step(&self, bytes: &[u8]) -> Step {
        if self.gap > 0 || self.swapped_lengths != Swapped::No {
            return self.unusual_step(bytes);
        }
        match self.parser.next_raw_packet(bytes) {
            Ok((_, packet)) => {
                let length = packet.data.len();
                if length > MAX_PACKET as usize {
                    return too_long(length as u64);
                }
                Step::Packet(Record {
                    consumed: 16 + length,
                    start: 16,
                    end: 16 + length,
                    time: self.time(packet.ts_sec, packet.ts_frac),
                    link_type: Some(self.link_type),
                    original_length: packet.orig_len,
                })
            }
            Err(PcapParseError::IncompleteBuffer(_, _)) => self.unusual_step(bytes),
            Err(error) => Step::Damaged(error.to_string()),
        }
    }

    /// A record with a longer header, with swapped lengths, or that is not all there.
    #[cold]
    fn unusual_step(&self, bytes: &[u8]) -> Step {
        let Some(header) = bytes.first_chunk::<16>() else {
            return Step::More { what: "a record header", needed: 16 };
        };
        let [seconds, fraction, mut captured, mut original] = self.numbers(header);
        if self.swapped_lengths == Swapped::Yes
            || self.swapped_lengths == Swapped::Perhaps && captured > original
        {
            std::mem::swap(&mut captured, &mut original);
        }
        if captured > MAX_PACKET {
            return too_long(captured.into());
        }
        let start = 16 + self.gap;
        let end = start + captured as usize;
        if bytes.len() < end {
            return Step::More { what: "a packet with its record header", needed: end };
        }
        Step::Packet(Record {
            consumed: end,
            start,
            end,
            time: self.time(seconds, fraction),
            link_type: Some(self.link_type),
            original_length: original,
        })
    }

    /// Seconds and length of what may be a record, when nothing in it contradicts that.
    pub(super) fn plausible(&self, bytes: &[u8]) -> Option<(u32, usize)> {
        /// More than the longest packet that capture programs take from a network.
        const LIKELY: u32 = 1 << 18;
        let [seconds, fraction, captured, original] = self.numbers(bytes.first_chunk()?);
        let per_second = if self.unit == TimeUnit::MICROSECONDS { 1_000_000 } else { 1_000_000_000 };
        let likely = fraction < per_second
            && captured > 0
            && captured <= LIKELY
            && captured <= original
            && original <= LIKELY;
        likely.then_some((seconds, 16 + self.gap + captured as usize))
    }

    fn numbers(&self, header: &[u8; 16]) -> [u32; 4] {
        let mut numbers = [0; 4];
        for (number, bytes) in numbers.iter_mut().zip(header.as_chunks::<4>().0) {
            *number = match self.parser.header().endianness {
                Endianness::Big => u32::from_be_bytes(*bytes),
                Endianness::Little => u32::from_le_bytes(*bytes),
            };
        }
        numbers
    }

    /// Seconds and a fraction. Fractions of a second and more occur in real captures; they are
    /// added as they stand.
    #[inline]
    fn time(&self, seconds: u32, fraction: u32) -> Option<super::Timestamp> {
        self.unit.time(self.ticks(seconds, fraction))
    }

    #[inline]
    fn ticks(&self, seconds: u32, fraction: u32) -> u64 {
        let per_second = if self.unit == TimeUnit::MICROSECONDS { 1_000_000 } else { 1_000_000_000 };
        u64::from(seconds) * per_second + u64::from(fraction)
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
        let about = self.parser.header();
        let link_field = u32::from(about.datalink);
        PcapHeader {
            link_type: self.link_type,
            fcs_length: (link_field & HAS_FCS != 0).then_some((link_field >> 28) as u8 * 2),
            snap_length: about.snaplen,
            tick_exponent: if self.unit == TimeUnit::MICROSECONDS { 6 } else { 9 },
            time_zone: about.ts_correction,
        }
    }
}

#[cold]
fn too_long(length: u64) -> Step {
    Step::Damaged(format!("a packet of {length} bytes is longer than any packet ({MAX_PACKET})"))
}
