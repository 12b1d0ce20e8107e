//! BSD loopback: four octets of address family, then the packet (LINKTYPE_NULL, LINKTYPE_LOOP).

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, network};

const HEADER: usize = 4;

/// The family is in the byte order of the host that captured, which the capture does not tell:
/// families are small numbers, so the order is that in which it is one.
pub(super) fn decode_null(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else {
        return Outcome::cut(Layer::Link, HEADER, bytes.len());
    };
    let family = u32::from_le_bytes(*header).min(u32::from_be_bytes(*header));
    inner(walk, family, payload)
}

/// The family is in network byte order.
pub(super) fn decode_loop(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else {
        return Outcome::cut(Layer::Link, HEADER, bytes.len());
    };
    inner(walk, u32::from_be_bytes(*header), payload)
}

fn inner(walk: &mut Walk, family: u32, payload: &[u8]) -> Outcome {
    match family {
        2 => network::ipv4::decode(walk, payload),
        // NetBSD and OpenBSD, FreeBSD, Darwin.
        24 | 28 | 30 => network::ipv6::decode(walk, payload),
        _ => Outcome::NotIp,
    }
}
