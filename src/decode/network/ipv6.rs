//! IPv6 (RFC 8200) with its extension headers, and the Authentication Header (RFC 4302) of both
//! versions.
//!
//! The destination of a packet with a routing header is the next address of the route, which the header
//! of IPv6 names.
//!
//! Jumbograms (RFC 2675) and packets that the network card segments later have a payload length of
//! 0; without the option of a jumbogram their captured length counts.

use etherparse::err::ip_auth::HeaderSliceError as AuthError;
use etherparse::err::ipv6::HeaderSliceError;
use etherparse::{IpAuthHeaderSlice, Ipv6FragmentHeaderSlice, Ipv6HeaderSlice, Ipv6RawExtHeaderSlice};

use super::super::layers::{Fragment, Walk};
use super::super::outcome::{Bound, Layer};
use super::super::{Outcome, Part};
use super::{Datagram, payload};
use crate::net::Protocol;

const HEADER: usize = 40;
/// Number of extension headers that are followed. RFC 8200 section 4.1 names seven, one of which may
/// occur twice.
const MAX_EXTENSIONS: usize = 32;
/// Option of a jumbogram, in the hop-by-hop header (RFC 2675 section 2).
const JUMBO_PAYLOAD: u8 = 0xc2;

/// Decodes a packet from its version on.
#[inline]
pub(in super::super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let header = match Ipv6HeaderSlice::from_slice(bytes) {
        Ok(header) => header,
        // IPv4 that was announced as IPv6 is believed where the rest of its header fits.
        Err(_) if super::is_certain_v4(bytes) => return super::ipv4::decode(walk, bytes),
        Err(HeaderSliceError::Len(_)) => return walk.cut(Layer::Ipv6, HEADER, bytes),
        Err(HeaderSliceError::Content(_)) => return Outcome::Malformed("IPv6: version is not 6"),
    };
    if let Err(outcome) = walk.enter_network() {
        return outcome;
    }
    walk.note_datagram(bytes);
    walk.tell(Part::Ipv6, header.slice());
    let mut payload = &bytes[HEADER..];
    let announced = match usize::from(header.payload_length()) {
        0 => jumbo(Protocol(header.next_header().0), payload),
        length => Some(length),
    };
    let payload_length = announced.unwrap_or(payload.len());
    if let Some(length) = announced {
        payload = walk.shorten(payload, length, Bound::Ipv6PayloadLength);
    }
    let mut datagram = Datagram {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        length: (HEADER + payload_length) as u32,
        payload_length: payload_length as u32,
    };
    match Protocol(header.next_header().0) {
        protocol @ (Protocol::TCP | Protocol::UDP) => super::payload(walk, protocol, &datagram, payload),
        next => extensions(walk, next, &mut datagram, payload),
    }
}

/// Payload length of a jumbogram, in octets.
fn jumbo(next: Protocol, bytes: &[u8]) -> Option<usize> {
    let header = Ipv6RawExtHeaderSlice::from_slice(bytes).ok().filter(|_| next == Protocol::HOP_BY_HOP)?;
    let mut options = header.payload();
    loop {
        match *options {
            // A single octet of padding.
            [0, ..] => options = &options[1..],
            [JUMBO_PAYLOAD, 4, a, b, c, d, ..] => return Some(u32::from_be_bytes([a, b, c, d]) as usize),
            [_, length, ..] => options = options.get(2 + usize::from(length)..)?,
            _ => return None,
        }
    }
}

/// Tells what an extension header holds: options, addresses of a route, or messages.
fn tell_extension(walk: &mut Walk, protocol: Protocol, header: &[u8]) {
    match protocol {
        Protocol::HOP_BY_HOP | Protocol::DESTINATION_OPTIONS => {
            walk.tell_plain(header, 2);
            walk.tell(Part::Options, &header[2..]);
        }
        Protocol::ROUTING => walk.tell_opaque(header, 4, header.len()),
        _ => walk.tell_opaque(header, 2, header.len()),
    }
}

/// Decodes extension headers and the payload after them.
pub(in super::super) fn extensions(
    walk: &mut Walk,
    mut next: Protocol,
    datagram: &mut Datagram,
    mut bytes: &[u8],
) -> Outcome {
    // Protocols of their own that have the form of an extension header. Mostly nothing follows them.
    let mut own = None;
    for _ in 0..MAX_EXTENSIONS {
        if matches!(next, Protocol::MOBILITY | Protocol::HIP | Protocol::SHIM6) {
            own = Some(next);
        }
        let length = match next {
            // All of one form: next header and length first.
            Protocol::HOP_BY_HOP
            | Protocol::ROUTING
            | Protocol::DESTINATION_OPTIONS
            | Protocol::MOBILITY
            | Protocol::HIP
            | Protocol::SHIM6 => match Ipv6RawExtHeaderSlice::from_slice(bytes) {
                Ok(header) => {
                    tell_extension(walk, next, header.slice());
                    next = Protocol(header.next_header().0);
                    header.slice().len()
                }
                Err(cut) => {
                    if let Some(protocol) = own.filter(|own| *own == next) {
                        walk.note_portless(protocol, datagram);
                    }
                    return walk.cut(Layer::Ipv6Extension, cut.required_len, bytes);
                }
            },
            Protocol::FRAGMENT => match Ipv6FragmentHeaderSlice::from_slice(bytes) {
                Ok(header) => {
                    walk.tell(Part::Plain, header.slice());
                    next = Protocol(header.next_header().0);
                    let offset = header.fragment_offset().value();
                    let length = header.slice().len();
                    if offset > 0 || header.more_fragments() {
                        walk.note_fragment(Fragment {
                            offset: u32::from(offset) * 8,
                            length: datagram.payload_length.saturating_sub(length as u32),
                            more: header.more_fragments(),
                            ip_length: datagram.length,
                            ..Fragment::new(datagram.source, datagram.destination, 0, header.identification())
                        });
                    }
                    if offset > 0 {
                        return Outcome::LaterFragment;
                    }
                    length
                }
                Err(cut) => return walk.cut(Layer::Ipv6Extension, cut.required_len, bytes),
            },
            Protocol::AH => match IpAuthHeaderSlice::from_slice(bytes) {
                Ok(header) => {
                    walk.tell_opaque(header.slice(), 12, header.slice().len());
                    next = Protocol(header.next_header().0);
                    header.slice().len()
                }
                Err(AuthError::Len(cut)) => {
                    walk.note_portless(next, datagram);
                    return walk.cut(Layer::Authentication, cut.required_len, bytes);
                }
                Err(AuthError::Content(_)) => {
                    walk.note_portless(next, datagram);
                    return Outcome::Malformed("AH: the payload length is below the header's own");
                }
            },
            Protocol::NO_NEXT_HEADER => {
                let protocol = own.unwrap_or(next);
                walk.note_portless(protocol, datagram);
                return Outcome::Portless(protocol);
            }
            protocol => return payload(walk, protocol, datagram, bytes),
        };
        datagram.payload_length = datagram.payload_length.saturating_sub(length as u32);
        bytes = &bytes[length..];
    }
    walk.too_deep()
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, decode, every_prefix, frame, ip6,
    };
    use super::super::super::{Decoder, Outcome};
    use crate::capture::LinkType;

    const UDP: &[u8] = UDP6.split_at(40).1;

    #[test]
    fn every_prefix_after_every_extension_header() {
        every_prefix(LinkType::IPV6, &UDP6, UDP6_PORTS);
        for next in [0, 43, 60, 135, 139, 140] {
            let packet = ip6(next, &[&[17, 1, 1, 12][..], &[0; 12], UDP].concat());
            every_prefix(LinkType::IPV6, &packet, 16 + UDP6_PORTS);
        }
        let packet = ip6(44, &[&[17, 0, 0, 1, 0, 0, 0, 7][..], UDP].concat());
        every_prefix(LinkType::IPV6, &packet, 8 + UDP6_PORTS);
        let packet = ip6(51, &[&[17, 4, 0, 0][..], &[1; 20], UDP].concat());
        every_prefix(LinkType::IPV6, &packet, 24 + UDP6_PORTS);
    }

    #[test]
    fn the_version_decides() {
        every_prefix(LinkType::IPV6, &UDP4, UDP4_PORTS);
    }

    #[test]
    fn a_jumbogram_says_its_length_in_an_option() {
        let mut packet = ip6(0, &[&[17, 0, 0xc2, 4, 0, 1, 0, 0][..], UDP].concat());
        packet[4..6].copy_from_slice(&[0, 0]);
        let mut decoder = Decoder::new();
        let header = decoder.decode(Some(LinkType::RAW), &packet).headers()[0];
        assert_eq!((header.ip_length, header.payload_length), (65_576, 65_520));
    }

    #[test]
    fn extension_headers_without_end_are_too_deep() {
        let packet = ip6(60, &[60, 0, 1, 4, 0, 0, 0, 0].repeat(100));
        assert_eq!(decode(LinkType::RAW, &packet).0, Outcome::TooDeep);
    }

    #[test]
    fn fragments_tell_their_place() {
        let packet = ip6(44, &[&[17, 0, 0, 0x11, 0, 0, 0, 7][..], &[9; 16]].concat());
        let mut decoder = Decoder::new();
        let layers = decoder.decode(Some(LinkType::RAW), &packet);
        assert_eq!(layers.outcome(), Outcome::LaterFragment);
        let fragment = layers.fragment().expect("is there");
        assert_eq!((fragment.offset, fragment.length, fragment.more), (16, 16, true));
        assert_eq!((fragment.identification, fragment.ip_length), (7, 64));
    }

    #[test]
    fn another_version_than_the_announced_is_believed_where_its_header_fits() {
        let mut wrong = [&UDP4[..], &[0; 12]].concat();
        wrong[10] ^= 1;
        assert_eq!(decode(LinkType::ETHERNET, &frame(0x86dd, &UDP4)).0, Outcome::Ports);
        assert!(matches!(decode(LinkType::ETHERNET, &frame(0x86dd, &wrong)).0, Outcome::Malformed(_)));
        let mut wrong = UDP6;
        wrong[8] = 0xff;
        assert_eq!(decode(LinkType::ETHERNET, &frame(0x0800, &UDP6)).0, Outcome::Ports);
        assert!(matches!(decode(LinkType::ETHERNET, &frame(0x0800, &wrong)).0, Outcome::Malformed(_)));
    }
}
