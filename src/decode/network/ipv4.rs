//! IPv4 (RFC 791).
//!
//! A total length of 0 stands in packets that the network card cuts up later: the captured
//! length counts then. A total length beyond the capture is normal (snap length). Octets behind
//! the total length are padding of the link layer and no part of the packet.

use etherparse::Ipv4HeaderSlice;
use etherparse::err::ipv4::HeaderSliceError;

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::{Datagram, payload};

/// Decodes a packet from its version on.
#[inline]
pub(in super::super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let header = match Ipv4HeaderSlice::from_slice(bytes) {
        Ok(header) => header,
        Err(HeaderSliceError::Len(cut)) => return Outcome::cut(Layer::Ipv4, cut.required_len, bytes.len()),
        Err(HeaderSliceError::Content(_)) => {
            return Outcome::Malformed("IPv4: version is not 4, or the header length is below 20");
        }
    };
    if let Err(outcome) = walk.enter_network() {
        return outcome;
    }
    let header_length = header.slice().len();
    let length = match usize::from(header.total_len()) {
        0 => bytes.len(),
        length if length < header_length => {
            return Outcome::Malformed("IPv4: the total length is below the header length");
        }
        length => length,
    };
    if header.fragments_offset().value() > 0 {
        return Outcome::LaterFragment;
    }
    let mut datagram = Datagram {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        length: length as u32,
        payload_length: (length - header_length) as u32,
    };
    let bytes = &bytes[header_length..length.min(bytes.len())];
    match header.protocol().0 {
        51 => super::ipv6::extensions(walk, 51, &mut datagram, bytes),
        protocol => payload(walk, protocol, &datagram, bytes),
    }
}
