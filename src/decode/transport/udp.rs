//! UDP header (RFC 768). Its length field does not matter for the ports, and the length of the IP
//! packet says where the data ends.

use super::super::layers::{Header, Walk};
use super::super::network::Datagram;
use super::super::outcome::Layer;
use super::super::{Outcome, tunnel};
use super::{Signal, keep};
use crate::Transport;

const HEADER: usize = 8;

#[inline]
pub(in super::super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    let outcome = keep(walk, Transport::Udp, Layer::Udp, datagram, bytes, HEADER, Signal::None);
    if let Some((&[s1, s2, d1, d2, high, low, ..], payload)) = bytes.split_first_chunk::<HEADER>() {
        let (source, destination) = (u16::from_be_bytes([s1, s2]), u16::from_be_bytes([d1, d2]));
        // In a first fragment this field alone holds the length of the whole datagram.
        let whole = |datagram: &Datagram| {
            let length = u32::from(u16::from_be_bytes([high, low])).max(datagram.payload_length);
            Datagram { payload_length: length, ..*datagram }.after(HEADER)
        };
        if walk.options.may_be_tunnel(source) || walk.options.may_be_tunnel(destination) {
            match tunnel::over_udp(walk, &whole(datagram), source, destination, payload) {
                // The header is not the innermost, and which one is cannot be told.
                Some(Outcome::TooDeep) => return Outcome::TooDeep,
                Some(_) => return outcome,
                None => {}
            }
        }
        if tunnel::resembles::has_mark(payload) {
            tunnel::resembles::note(walk, &whole(datagram), destination, payload);
        }
    }
    outcome
}

/// Keeps a header that was compressed, with ports that the packet holds in another form.
pub(in super::super) fn decode_compressed(
    walk: &mut Walk,
    datagram: &Datagram,
    source_port: u16,
    destination_port: u16,
    payload: &[u8],
) -> Outcome {
    let place = walk.place(payload);
    walk.push(Header {
        transport: Transport::Udp,
        source: datagram.source,
        destination: datagram.destination,
        source_port,
        destination_port,
        ip_length: datagram.length,
        payload_length: datagram.payload_length.saturating_sub(HEADER as u32),
        payload: (place.start as u32, place.end as u32),
        signal: Signal::None,
        is_link_broadcast: false,
        quoted: None,
        steps: (0, 0),
    })
}
