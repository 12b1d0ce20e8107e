//! Link layers: from the first byte of a packet to its network header.

mod arcnet;
mod atm;
mod brcm;
mod dsa;
mod enc;
pub(super) mod ethernet;
mod fabricpath;
mod fddi;
mod fibre_channel;
mod frame_relay;
mod ieee1394;
pub(super) mod ieee80211;
mod ieee802154;
mod ipnet;
mod ipoib;
mod juniper;
mod linux_sll;
mod llc;
mod macsec;
mod nflog;
mod null;
mod pbb;
mod pflog;
mod pktap;
mod ppi;
pub(super) mod ppp;
mod pppoe;
mod prism;
mod radiotap;
mod sixlowpan;
mod slip;
mod sunatm;
mod token_ring;
mod trill;
mod upper_pdu;

pub(super) use ethernet::ether_type;

use super::layers::Walk;
use super::{Outcome, network, tunnel};
use crate::capture::LinkType;

/// Address families of IP, of which that of IPv6 has a number of its own on each system.
const AF_INET: u32 = 2;
const AF_INET6_NETBSD_OPENBSD: u32 = 24;
const AF_INET6_FREEBSD: u32 = 28;
const AF_INET6_DARWIN: u32 = 30;

/// Decodes a packet that begins with `link_type`.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a jump to one of few functions, for each packet")]
pub(super) fn decode(walk: &mut Walk, link_type: LinkType, bytes: &[u8]) -> Outcome {
    match link_type {
        LinkType::ETHERNET => ethernet::decode(walk, bytes),
        LinkType::LINUX_SLL => linux_sll::decode(walk, bytes),
        LinkType::LINUX_SLL2 => linux_sll::decode_v2(walk, bytes),
        LinkType::RAW => network::decode(walk, bytes),
        _ => rarer(walk, link_type, bytes),
    }
}

#[inline(never)]
fn rarer(walk: &mut Walk, link_type: LinkType, bytes: &[u8]) -> Outcome {
    match link_type {
        // Writers are known to put packets of the other version under either of the last two.
        LinkType::DLT_RAW | LinkType::DLT_RAW_OPENBSD | LinkType::IPV4 | LinkType::IPV6 => {
            network::decode(walk, bytes)
        }
        LinkType::NULL => null::decode_null(walk, bytes),
        LinkType::LOOP => null::decode_loop(walk, bytes),
        LinkType::PPP | LinkType::PPP_HDLC | LinkType::C_HDLC => ppp::decode(walk, bytes),
        LinkType::PPP_PPPD | LinkType::PPP_WITH_DIR | LinkType::C_HDLC_WITH_DIR => {
            ppp::decode_with_direction(walk, bytes)
        }
        LinkType::PPP_ETHER => pppoe::decode(walk, bytes),
        LinkType::FRELAY => frame_relay::decode(walk, bytes),
        LinkType::FRELAY_WITH_DIR => frame_relay::decode_with_direction(walk, bytes),
        LinkType::IEEE802_11 => ieee80211::decode(walk, bytes),
        LinkType::IEEE802_11_RADIOTAP => radiotap::decode(walk, bytes),
        LinkType::PPI => ppi::decode(walk, bytes),
        LinkType::IEEE802_11_PRISM | LinkType::IEEE802_11_AVS => prism::decode(walk, bytes),
        LinkType::IEEE802_15_4_WITHFCS => ieee802154::decode_with_check_sequence(walk, bytes),
        LinkType::IEEE802_15_4_NOFCS => ieee802154::decode(walk, bytes),
        LinkType::IEEE802_15_4_NONASK_PHY => ieee802154::decode_with_physical(walk, bytes),
        LinkType::IEEE802_15_4_TAP => ieee802154::decode_tap(walk, bytes),
        LinkType::NFLOG => nflog::decode(walk, bytes),
        LinkType::PKTAP => pktap::decode(walk, bytes),
        LinkType::IPNET => ipnet::decode(walk, bytes),
        LinkType::PFLOG => pflog::decode(walk, bytes),
        LinkType::ENC => enc::decode(walk, bytes),
        LinkType::IPOIB => ipoib::decode(walk, bytes),
        LinkType::APPLE_IP_OVER_IEEE1394 => ieee1394::decode(walk, bytes),
        LinkType::IP_OVER_FC => fibre_channel::decode(walk, bytes),
        LinkType::FDDI => fddi::decode(walk, bytes),
        LinkType::IEEE802_5 => token_ring::decode(walk, bytes),
        LinkType::ATM_RFC1483 => atm::decode(walk, bytes),
        LinkType::ATM_CLIP => atm::decode_clip(walk, bytes),
        LinkType::SUNATM => sunatm::decode(walk, bytes),
        LinkType::ARCNET_BSD => arcnet::decode_bsd(walk, bytes),
        LinkType::ARCNET_LINUX => arcnet::decode_linux(walk, bytes),
        LinkType::SLIP => slip::decode(walk, bytes),
        LinkType::SLIP_BSDOS => slip::decode_bsdos(walk, bytes),
        LinkType::MPLS => tunnel::mpls::decode(walk, bytes),
        LinkType::TZSP => tunnel::tzsp::decode_link(walk, bytes),
        LinkType::DSA_TAG_DSA => dsa::decode(walk, bytes),
        LinkType::DSA_TAG_EDSA => ethernet::decode(walk, bytes),
        LinkType::DSA_TAG_BRCM => brcm::decode(walk, bytes),
        LinkType::DSA_TAG_BRCM_PREPEND => brcm::decode_prepended(walk, bytes),
        LinkType::WIRESHARK_UPPER_PDU => upper_pdu::decode(walk, bytes),
        _ if link_type.is_juniper() => juniper::decode(walk, link_type, bytes),
        _ if link_type.carries_no_ip() => Outcome::NotIp,
        _ => match walk.options.user(link_type) {
            Some(told) => walk.relink(told, bytes),
            // On Apple's systems this number for private use was that of PKTAP before it had one of its own.
            None if link_type == LinkType::USER2 && pktap::is_certain(bytes) => pktap::decode(walk, bytes),
            None => Outcome::UnknownLinkType,
        },
    }
}

/// Decodes a packet by the number of its address family on BSD systems and Darwin.
fn by_bsd_family(walk: &mut Walk, family: u32, packet: &[u8]) -> Outcome {
    match family {
        AF_INET => network::ipv4::decode(walk, packet),
        AF_INET6_NETBSD_OPENBSD | AF_INET6_FREEBSD | AF_INET6_DARWIN => network::ipv6::decode(walk, packet),
        _ => Outcome::NotIp,
    }
}
