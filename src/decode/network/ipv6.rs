//! IPv6 (RFC 8200) with its extension headers, and the Authentication Header (RFC 4302) of both
//! versions.
//!
//! A payload length of 0 stands in jumbograms (RFC 2675) and in packets that the network card
//! cuts up later: the captured length counts then.

use etherparse::err::ip_auth::HeaderSliceError as AuthError;
use etherparse::err::ipv6::HeaderSliceError;
use etherparse::{IpAuthHeaderSlice, Ipv6FragmentHeaderSlice, Ipv6HeaderSlice, Ipv6RawExtHeaderSlice};

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::{Datagram, payload};

const HEADER: usize = 40;

/// Decodes a packet from its version on.
#[inline]
pub(in super::super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let header = match Ipv6HeaderSlice::from_slice(bytes) {
        Ok(header) => header,
        Err(HeaderSliceError::Len(_)) => return Outcome::cut(Layer::Ipv6, HEADER, bytes.len()),
        Err(HeaderSliceError::Content(_)) => return Outcome::Malformed("IPv6: version is not 6"),
    };
    if let Err(outcome) = walk.enter_network() {
        return outcome;
    }
    let payload_length = match usize::from(header.payload_length()) {
        0 => bytes.len() - HEADER,
        length => length,
    };
    let mut datagram = Datagram {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        length: (HEADER + payload_length) as u32,
        payload_length: payload_length as u32,
    };
    let bytes = &bytes[HEADER..(HEADER + payload_length).min(bytes.len())];
    match header.next_header().0 {
        protocol @ (6 | 17) => payload(walk, protocol, &datagram, bytes),
        next => extensions(walk, next, &mut datagram, bytes),
    }
}

/// Walks over extension headers to what stands behind them.
pub(super) fn extensions(
    walk: &mut Walk,
    mut next: u8,
    datagram: &mut Datagram,
    mut bytes: &[u8],
) -> Outcome {
    loop {
        let length = match next {
            // Hop-by-hop options, routing, destination options, mobility (RFC 6275), host
            // identity (RFC 7401), shim6 (RFC 5533): all told alike by next header and length.
            0 | 43 | 60 | 135 | 139 | 140 => match Ipv6RawExtHeaderSlice::from_slice(bytes) {
                Ok(header) => {
                    next = header.next_header().0;
                    header.slice().len()
                }
                Err(cut) => return Outcome::cut(Layer::Ipv6Extension, cut.required_len, bytes.len()),
            },
            44 => match Ipv6FragmentHeaderSlice::from_slice(bytes) {
                Ok(header) if header.fragment_offset().value() > 0 => return Outcome::LaterFragment,
                Ok(header) => {
                    next = header.next_header().0;
                    header.slice().len()
                }
                Err(cut) => return Outcome::cut(Layer::Ipv6Extension, cut.required_len, bytes.len()),
            },
            51 => match IpAuthHeaderSlice::from_slice(bytes) {
                Ok(header) => {
                    next = header.next_header().0;
                    header.slice().len()
                }
                Err(AuthError::Len(cut)) => {
                    return Outcome::cut(Layer::Authentication, cut.required_len, bytes.len());
                }
                Err(AuthError::Content(_)) => {
                    return Outcome::Malformed("AH: the payload length is below the header's own");
                }
            },
            59 => return Outcome::Portless(59),
            protocol => return payload(walk, protocol, datagram, bytes),
        };
        datagram.payload_length = datagram.payload_length.saturating_sub(length as u32);
        bytes = &bytes[length..];
    }
}
