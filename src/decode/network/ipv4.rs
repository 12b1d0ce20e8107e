//! IPv4 (RFC 791).
//!
//! The destination of a packet with a source route is the next address of the route, which the header
//! names; routing headers of IPv6 are read alike.
//!
//! Packets that the network card segments later have a total length of 0; their captured length
//! counts. A total length beyond the capture is normal (snap length). Octets after the total length
//! are padding of the link layer.

use etherparse::Ipv4HeaderSlice;
use etherparse::err::ipv4::HeaderSliceError;

use super::super::layers::{Fragment, Walk};
use super::super::outcome::{Bound, Layer};
use super::super::{Outcome, Part};
use super::{Datagram, payload};
use crate::net::Protocol;

/// Decodes a packet from its version on.
#[inline]
pub(in super::super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let header = match Ipv4HeaderSlice::from_slice(bytes) {
        Ok(header) => header,
        Err(error) => return no_header(walk, &error, bytes),
    };
    if let Err(outcome) = walk.enter_network() {
        return outcome;
    }
    walk.note_datagram(bytes);
    if walk.is_told() {
        walk.tell(Part::Ipv4, header.slice());
    }
    let header_length = header.slice().len();
    let length = match usize::from(header.total_len()) {
        0 => bytes.len(),
        length if length < header_length => {
            return Outcome::Malformed("IPv4: the total length is below the header length");
        }
        length => length,
    };
    let offset = header.fragments_offset().value();
    if offset > 0 || header.more_fragments() {
        fragment(walk, &header, length);
        if offset > 0 {
            return Outcome::LaterFragment;
        }
    }
    let mut datagram = Datagram {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        length: length as u32,
        payload_length: (length - header_length) as u32,
    };
    let mut bytes = &bytes[header_length..];
    if header.total_len() != 0 {
        bytes = walk.shorten(bytes, length - header_length, Bound::Ipv4TotalLength);
    }
    match Protocol(header.protocol().0) {
        Protocol::AH => super::ipv6::extensions(walk, Protocol::AH, &mut datagram, bytes),
        protocol => payload(walk, protocol, &datagram, bytes),
    }
}

/// Decodes octets that do not begin a complete IPv4 header. IPv6 that was announced as IPv4 is believed where
/// the rest of its header fits.
#[cold]
#[inline(never)]
fn no_header(walk: &mut Walk, error: &HeaderSliceError, bytes: &[u8]) -> Outcome {
    match error {
        HeaderSliceError::Len(cut) => walk.cut(Layer::Ipv4, cut.required_len, bytes),
        HeaderSliceError::Content(_) if super::is_certain_v6(bytes) => super::ipv6::decode(walk, bytes),
        HeaderSliceError::Content(_) => {
            Outcome::Malformed("IPv4: version is not 4, or the header length is below 20")
        }
    }
}

/// Notes that a packet of `length` octets is a fragment.
#[cold]
#[inline(never)]
fn fragment(walk: &mut Walk, header: &Ipv4HeaderSlice, length: usize) {
    walk.note_fragment(Fragment {
        offset: u32::from(header.fragments_offset().value()) * 8,
        length: (length - header.slice().len()) as u32,
        more: header.more_fragments(),
        ip_length: length as u32,
        ..Fragment::new(
            header.source_addr().into(),
            header.destination_addr().into(),
            header.protocol().0,
            header.identification().into(),
        )
    });
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, decode, every_prefix, ip4};
    use super::super::super::{Decoder, Outcome};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_with_and_without_options() {
        every_prefix(LinkType::IPV4, &UDP4, UDP4_PORTS);
        let mut packet = [&UDP4[..20], &[7, 4, 4, 0], &UDP4[20..]].concat();
        (packet[0], packet[3]) = (0x46, 32);
        every_prefix(LinkType::IPV4, &packet, 4 + UDP4_PORTS);
    }

    #[test]
    fn the_version_decides() {
        every_prefix(LinkType::IPV4, &UDP6, UDP6_PORTS);
    }

    #[test]
    fn a_total_length_of_0_is_the_captured_one() {
        let mut packet = [&UDP4[..], &[9; 5]].concat();
        packet[3] = 0;
        let mut decoder = Decoder::new();
        let header = decoder.decode(Some(LinkType::RAW), &packet).headers()[0];
        assert_eq!((header.ip_length, header.payload_length), (33, 5));
    }

    #[test]
    fn padding_is_no_payload_and_a_length_below_the_header_is_malformed() {
        let mut packet = [&UDP4[..], &[0; 18]].concat();
        let mut decoder = Decoder::new();
        let header = decoder.decode(Some(LinkType::RAW), &packet).headers()[0];
        assert_eq!((header.ip_length, header.payload_length, header.payload_of(&packet).len()), (28, 0, 0));
        packet[3] = 19;
        assert!(matches!(decode(LinkType::RAW, &packet).0, Outcome::Malformed(_)));
    }

    #[test]
    fn fragments_tell_their_place() {
        let mut packet = ip4(17, &[9; 16]);
        packet[6..8].copy_from_slice(&[0x20, 3]);
        let mut decoder = Decoder::new();
        let layers = decoder.decode(Some(LinkType::RAW), &packet);
        assert_eq!(layers.outcome(), Outcome::LaterFragment);
        let fragment = layers.fragment().expect("is there");
        assert_eq!((fragment.offset, fragment.length, fragment.more), (24, 16, true));
        assert_eq!((fragment.identification, fragment.protocol, fragment.ip_length), (1, 17, 36));
        assert!(decoder.decode(Some(LinkType::RAW), &UDP4).fragment().is_none());
    }
}
