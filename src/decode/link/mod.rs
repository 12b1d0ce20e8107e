//! Link layers: from the first byte of a packet to its network header.

mod ethernet;
mod linux_sll;
mod null;
mod ppp;

pub(super) use ethernet::ether_type;

use super::layers::Walk;
use super::{Outcome, network};
use crate::capture::LinkType;

/// Decodes a packet that begins with `link_type`.
#[inline]
pub(super) fn decode(walk: &mut Walk, link_type: LinkType, bytes: &[u8]) -> Outcome {
    match link_type {
        LinkType::ETHERNET => ethernet::decode(walk, bytes),
        LinkType::LINUX_SLL => linux_sll::decode(walk, bytes),
        LinkType::LINUX_SLL2 => linux_sll::decode_v2(walk, bytes),
        LinkType::RAW | LinkType::DLT_RAW | LinkType::DLT_RAW_OPENBSD => network::decode(walk, bytes),
        LinkType::IPV4 => network::ipv4::decode(walk, bytes),
        LinkType::IPV6 => network::ipv6::decode(walk, bytes),
        LinkType::NULL => null::decode_null(walk, bytes),
        LinkType::LOOP => null::decode_loop(walk, bytes),
        LinkType::PPP | LinkType::PPP_HDLC => ppp::decode(walk, bytes),
        LinkType::PPP_PPPD => ppp::decode_pppd(walk, bytes),
        _ => Outcome::UnknownLinkType,
    }
}
