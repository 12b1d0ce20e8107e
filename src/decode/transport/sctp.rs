//! SCTP common header and chunk headers (RFC 9260 section 3). Chunk values are read only for the tag
//! and the addresses of INIT and INIT ACK, the addresses that an ASCONF adds (RFC 5061 section
//! 4.2.1), and the payload protocol identifier of DATA.
//!
//! At most 256 chunks are read. Addresses are taken from one chunk of a packet: INIT and INIT ACK are
//! not bundled (RFC 9260 section 6.10), and an end has one outstanding ASCONF at a time (RFC 5061
//! section 5.1). Addresses that an ASCONF deletes remain those of the association.

use std::net::IpAddr;

use super::super::layers::Walk;
use super::super::network::Datagram;
use super::super::outcome::Layer;
use super::super::{Outcome, Part};
use super::{Signal, keep};
use crate::Transport;

const HEADER: usize = 12;

/// Number of chunks that are read; no packet needs more.
const MAX_CHUNKS: usize = 256;
/// Number of parameters of INIT, INIT ACK and ASCONF that are read.
const MAX_PARAMETERS: usize = 64;
/// Chunk types that carry data.
const DATA: u8 = 0;
const I_DATA: u8 = 64;
/// Set in the chunk that begins a message.
const FIRST_FRAGMENT: u8 = 0x02;
/// Parameter types of addresses.
const IPV4_ADDRESS: u16 = 5;
const IPV6_ADDRESS: u16 = 6;
/// Parameter type that adds an address: a number to answer to, and the address as a parameter.
const ADD_ADDRESS: u16 = 0xc001;
/// An INIT up to its parameters: chunk header, tag, window, numbers of streams, initial TSN.
const INIT_FIXED: usize = 20;
/// An ASCONF up to the first of its parameters, which is an address the association has already:
/// chunk header, serial number.
const ASCONF_FIXED: usize = 8;
const ASCONF: u8 = 193;

/// The chunk types of a packet that matter to a flow, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chunks(u8);

impl Chunks {
    /// DATA or I-DATA (RFC 8260).
    pub const DATA: Chunks = Chunks(0x01);
    /// INIT.
    pub const INIT: Chunks = Chunks(0x02);
    /// INIT ACK.
    pub const INIT_ACK: Chunks = Chunks(0x04);
    /// ABORT.
    pub const ABORT: Chunks = Chunks(0x08);
    /// SHUTDOWN, SHUTDOWN ACK or SHUTDOWN COMPLETE.
    pub const SHUTDOWN: Chunks = Chunks(0x10);
    /// COOKIE ECHO or COOKIE ACK.
    pub const COOKIE: Chunks = Chunks(0x20);

    /// Whether one of `other`'s chunks is there.
    pub const fn has(self, other: Chunks) -> bool {
        self.0 & other.0 != 0
    }

    fn of_type(kind: u8) -> Chunks {
        match kind {
            0 | 64 => Chunks::DATA,
            1 => Chunks::INIT,
            2 => Chunks::INIT_ACK,
            6 => Chunks::ABORT,
            7 | 8 | 14 => Chunks::SHUTDOWN,
            10 | 11 => Chunks::COOKIE,
            _ => Chunks(0),
        }
    }
}

pub(in super::super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    let signal = match bytes.split_first_chunk::<HEADER>() {
        Some((header, chunks)) => {
            signal(walk, u32::from_be_bytes([header[4], header[5], header[6], header[7]]), chunks)
        }
        None => Signal::None,
    };
    keep(walk, Transport::Sctp, Layer::Sctp, datagram, bytes, HEADER, signal)
}

/// Whether these octets begin an SCTP packet: ports, and a first chunk of a type that is given
/// out and that does not reach beyond its own end.
pub(in super::super) fn is_plausible(bytes: &[u8]) -> bool {
    match bytes.split_first_chunk::<HEADER>() {
        Some((&[s1, s2, d1, d2, ..], &[kind, _, high, low, ..])) => {
            (s1 | s2, d1 | d2) != (0, 0)
                && matches!(kind, 0..=15 | 64 | 128..=130 | 132 | 192..=194)
                && u16::from_be_bytes([high, low]) >= 4
        }
        _ => false,
    }
}

/// Walks the chunks. One that is cut short still counts by its type.
fn signal(walk: &mut Walk, verification_tag: u32, mut bytes: &[u8]) -> Signal {
    let (mut chunks, mut initiate_tag) = (Chunks::default(), 0);
    let (mut payload_protocol, mut has_addresses, mut has_data) = (None, false, false);
    for _ in 0..MAX_CHUNKS {
        let Some(&[kind, _, high, low]) = bytes.first_chunk() else { break };
        let chunk = Chunks::of_type(kind);
        chunks.0 |= chunk.0;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let word = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
        if chunk.has(Chunks(Chunks::INIT.0 | Chunks::INIT_ACK.0))
            && let Some(tag) = word(4)
        {
            initiate_tag = tag;
        }
        let fixed = match kind {
            1 | 2 => INIT_FIXED,
            ASCONF => ASCONF_FIXED,
            _ => 0,
        };
        let is_data = chunk.has(Chunks::DATA);
        if !has_data {
            tell(walk, kind, bytes.get(..length).unwrap_or(bytes));
        }
        has_data |= is_data;
        if fixed != 0 && !has_addresses {
            has_addresses = true;
            paths(walk, kind == ASCONF, bytes.get(fixed..length.min(bytes.len())).unwrap_or_default());
        }
        // DATA names its payload's protocol (section 3.3.1); I-DATA only in the first fragment
        // of a message (RFC 8260 section 2.1).
        if payload_protocol.is_none() && (kind == DATA || kind == I_DATA && bytes[1] & FIRST_FRAGMENT != 0) {
            payload_protocol = word(if kind == DATA { 12 } else { 16 });
        }
        // The length counts the chunk's header and not its padding (section 3.2).
        match bytes.get(length.next_multiple_of(4)..) {
            Some(rest) if length >= 4 => bytes = rest,
            _ => break,
        }
    }
    let payload_protocol = payload_protocol.unwrap_or(0);
    Signal::Sctp { chunks, verification_tag, initiate_tag, payload_protocol }
}

/// Tells what a chunk holds. Of data that is its header alone: what is sent comes behind it, and chunks behind
/// that are not told.
fn tell(walk: &mut Walk, kind: u8, chunk: &[u8]) {
    match kind {
        DATA => walk.tell_plain(chunk, 16),
        I_DATA => walk.tell_plain(chunk, 20),
        1 | 2 => walk.tell_opaque(chunk, INIT_FIXED, chunk.len()),
        ASCONF => walk.tell_opaque(chunk, ASCONF_FIXED, chunk.len()),
        _ => walk.tell_opaque(chunk, 4, chunk.len()),
    }
}

/// Tells that a parameter names an address.
fn tell_address(walk: &mut Walk, is_asconf: bool, parameter: &[u8]) {
    let address = if is_asconf { 12 } else { 4 };
    let length = usize::from(parameter[address - 1]).saturating_sub(4);
    walk.tell_plain(parameter, address);
    walk.tell(Part::Address, parameter.get(address..address + length).unwrap_or_default());
}

/// Notes the addresses among the parameters of an INIT or INIT ACK (section 3.3.2.1), or those that
/// parameters of an ASCONF add.
fn paths(walk: &mut Walk, is_asconf: bool, mut bytes: &[u8]) {
    for _ in 0..MAX_PARAMETERS {
        let Some(&[k1, k2, high, low]) = bytes.first_chunk() else { return };
        walk.tell_plain(bytes, 4);
        let kind = u16::from_be_bytes([k1, k2]);
        let named = match (is_asconf, kind) {
            (true, ADD_ADDRESS) => bytes.get(8..).and_then(address),
            (true, _) => None,
            (false, _) => address(bytes),
        };
        if let Some(address) = named {
            walk.note_path(address);
            tell_address(walk, is_asconf, bytes);
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        match bytes.get(length.next_multiple_of(4)..) {
            Some(rest) if length >= 4 => bytes = rest,
            _ => return,
        }
    }
}

/// The address that an address parameter names.
fn address(parameter: &[u8]) -> Option<IpAddr> {
    let (&[k1, k2, ..], value) = parameter.split_first_chunk::<4>()?;
    match u16::from_be_bytes([k1, k2]) {
        IPV4_ADDRESS => Some((*value.first_chunk::<4>()?).into()),
        IPV6_ADDRESS => Some((*value.first_chunk::<16>()?).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{ip4, udp4};
    use super::super::super::{Decoder, Outcome};
    use super::*;
    use crate::capture::LinkType;

    const COMMON: [u8; HEADER] = [0x0b, 0x59, 0x0b, 0x5a, 0, 0, 0, 7, 0, 0, 0, 0];

    fn signal_of(chunks: &[u8]) -> (Signal, Vec<IpAddr>) {
        let mut decoder = Decoder::new();
        let packet = ip4(132, &[&COMMON[..], chunks].concat());
        let layers = decoder.decode(Some(LinkType::RAW), &packet);
        (layers.headers()[0].signal, layers.paths().to_vec())
    }

    #[test]
    fn ports_are_there_from_their_last_octet_on() {
        let packet =
            ip4(132, &[&COMMON[..], &[0, 3, 0, 17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 46, 9]].concat());
        let mut decoder = Decoder::new();
        for length in 0..packet.len() {
            let outcome = decoder.decode(Some(LinkType::RAW), &packet[..length]).outcome();
            assert_eq!(outcome == Outcome::Ports, length >= 24, "{length}");
        }
    }

    #[test]
    fn chunks_after_one_another_are_seen() {
        let sack = [3, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        let data = [0, 3, 0, 17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 46, 9, 0, 0, 0];
        let shutdown = [7, 0, 0, 8, 0, 0, 0, 1];
        let (signal, _) = signal_of(&[&sack[..], &data, &shutdown].concat());
        let Signal::Sctp { chunks, payload_protocol, verification_tag, .. } = signal else {
            panic!("{signal:?}")
        };
        assert!(chunks.has(Chunks::DATA) && chunks.has(Chunks::SHUTDOWN) && !chunks.has(Chunks::ABORT));
        assert_eq!((payload_protocol, verification_tag), (46, 7));
    }

    #[test]
    fn an_init_names_its_addresses() {
        let mut init = vec![1, 0, 0, 48, 0, 0, 0, 9, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0];
        init.extend([0, 5, 0, 8, 192, 0, 2, 7]);
        init.extend([0, 6, 0, 20, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
        let (signal, paths) = signal_of(&init);
        assert!(matches!(signal, Signal::Sctp { initiate_tag: 9, .. }));
        assert_eq!(paths, [IpAddr::from([192, 0, 2, 7]), "2001:db8::9".parse().expect("an address")]);
        for length in 0..init.len() {
            signal_of(&init[..length]);
        }
    }

    #[test]
    fn an_asconf_adds_addresses() {
        // The address it is known by, one added, one deleted, one added.
        let mut asconf = vec![193, 0, 0, 68, 0, 0, 0, 1, 0, 5, 0, 8, 192, 0, 2, 1];
        asconf.extend([0xc0, 1, 0, 16, 0, 0, 0, 1, 0, 5, 0, 8, 192, 0, 2, 8]);
        asconf.extend([0xc0, 2, 0, 16, 0, 0, 0, 2, 0, 5, 0, 8, 192, 0, 2, 7]);
        asconf.extend([0xc0, 1, 0, 28, 0, 0, 0, 3, 0, 6, 0, 20]);
        asconf.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
        asconf[3] = asconf.len() as u8;
        let added = [IpAddr::from([192, 0, 2, 8]), "2001:db8::9".parse().expect("an address")];
        assert_eq!(signal_of(&asconf).1, added);
        let complete = [16 + 16, asconf.len()];
        for length in 0..asconf.len() {
            let known = complete.iter().filter(|&&complete| length >= complete).count();
            assert_eq!(signal_of(&asconf[..length]).1, added[..known], "{length}");
        }
    }

    #[test]
    fn addresses_are_taken_from_one_chunk() {
        let init = |last| [&[1, 0, 0, 28][..], &[0; 16], &[0, 5, 0, 8, 192, 0, 2, last]].concat();
        assert_eq!(signal_of(&[init(7), init(8)].concat()).1, [IpAddr::from([192, 0, 2, 7])]);
    }

    #[test]
    fn a_chunk_of_no_length_ends_the_walk() {
        let (signal, _) = signal_of(&[6, 0, 0, 0, 1, 0, 0, 20]);
        assert!(matches!(signal, Signal::Sctp { chunks: Chunks::ABORT, .. }));
    }

    #[test]
    fn in_udp_its_header_is_the_inner_one() {
        let mut decoder = Decoder::new();
        let packet = udp4(9899, &[&COMMON[..], &[4, 0, 0, 8, 0, 1, 0, 4]].concat());
        assert_eq!(decoder.decode(Some(LinkType::RAW), &packet).headers().len(), 2);
        let other = udp4(9899, &[0x77; 20]);
        assert_eq!(decoder.decode(Some(LinkType::RAW), &other).headers().len(), 1);
    }
}
