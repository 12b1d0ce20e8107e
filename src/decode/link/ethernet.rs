//! Ethernet II and IEEE 802.3 frames, and their payload by EtherType.
//!
//! A frame check sequence at the end is ignored: the length in the network header says where the packet
//! ends. Tags that are followed, in any order: 802.1Q, 802.1ad and the older
//! 0x9100, 0x9200 and 0x9300 (IEEE 802.1Q-2022 clause 9), E-TAG (IEEE 802.1BR) and VN-Tag, 802.1CB R-TAG,
//! HSR (IEC 62439-3), Cisco MetaData, and those with a file of their own.

use super::super::layers::Walk;
use super::super::outcome::{Bound, Layer};
use super::super::step::StepKind;
use super::super::{Outcome, Part, network, tunnel};
use super::{dsa, fabricpath, llc, macsec, pbb, ppp, pppoe, trill};
use crate::net::EtherType;

/// Two addresses and the type.
const HEADER: usize = 14;
/// The greatest value of the type field that is a length (IEEE 802.3 clause 3.2.6).
const MAX_LENGTH: u16 = 1500;
/// A VLAN tag after its EtherType: priority and identifier, and the next EtherType.
const VLAN_TAG: usize = 4;
/// Number of tags that are skipped to guess whether octets are a frame.
const MAX_PLAUSIBLE_TAGS: usize = 4;

/// Decodes a frame from its destination address on.
#[inline]
pub(in crate::decode) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    if header.starts_with(&[0xff; 6]) {
        walk.note_link_broadcast();
    }
    if walk.is_told() {
        walk.tell_stations(header, 2);
    }
    ether_type(walk, EtherType::from_octets([header[12], header[13]]), payload)
}

/// Decodes what follows an EtherType, or a length in its place.
#[inline]
pub(in crate::decode) fn ether_type(walk: &mut Walk, ether_type: EtherType, bytes: &[u8]) -> Outcome {
    // Two comparisons suffice for most frames.
    match ether_type {
        EtherType::IPV4 => network::ipv4::decode(walk, bytes),
        EtherType::IPV6 => network::ipv6::decode(walk, bytes),
        _ => after_tags(walk, ether_type, bytes),
    }
}

#[inline(never)]
fn after_tags(walk: &mut Walk, mut ether_type: EtherType, mut bytes: &[u8]) -> Outcome {
    loop {
        match ether_type {
            EtherType::IPV4 => return network::ipv4::decode(walk, bytes),
            EtherType::IPV6 => return network::ipv6::decode(walk, bytes),
            EtherType::VLAN
            | EtherType::SERVICE_VLAN
            | EtherType::VLAN_9100
            | EtherType::VLAN_9200
            | EtherType::VLAN_9300 => {
                let Some((tag, payload)) = bytes.split_first_chunk::<VLAN_TAG>() else {
                    return walk.cut(Layer::Vlan, VLAN_TAG, bytes);
                };
                walk.tell(Part::Plain, tag);
                let identifier = u16::from_be_bytes([tag[0], tag[1]]) & 0x0fff;
                // 0 is a priority and no VLAN (IEEE 802.1Q table 9-2).
                if identifier != 0
                    && let Err(outcome) = walk.step(StepKind::Vlan, identifier.into())
                {
                    return outcome;
                }
                ether_type = EtherType::from_octets([tag[2], tag[3]]);
                bytes = payload;
            }
            _ => return other_type(walk, ether_type, bytes),
        }
    }
}

fn other_type(walk: &mut Walk, kind: EtherType, bytes: &[u8]) -> Outcome {
    match kind {
        // Octets after the length are padding.
        EtherType(length @ 0..=MAX_LENGTH) => {
            let frame = walk.shorten(bytes, length.into(), Bound::FrameLength);
            llc::decode(walk, frame)
        }
        EtherType::MPLS | EtherType::MPLS_UPSTREAM => tunnel::mpls::decode(walk, bytes),
        EtherType::PPPOE_SESSION => pppoe::decode(walk, bytes),
        EtherType::PPP => walk.wrapped(|walk| ppp::decode(walk, bytes)),
        EtherType::MACSEC => macsec::decode(walk, bytes),
        EtherType::BACKBONE_SERVICE => pbb::decode(walk, bytes),
        EtherType::FABRICPATH => fabricpath::decode(walk, bytes),
        EtherType::TRILL => trill::decode(walk, bytes),
        EtherType::NSH => tunnel::nsh::decode(walk, bytes),
        EtherType::ETHERNET => walk.wrapped(|walk| decode(walk, bytes)),
        EtherType::MARVELL_DSA => dsa::decode_edsa(walk, bytes),
        // Tags of six octets and of eight, the last two of which are the next EtherType. They say where in a
        // switch or ring a frame is, which is not part of a flow.
        EtherType::VN_TAG | EtherType::REDUNDANCY | EtherType::HSR => tag::<6>(walk, bytes),
        EtherType::E_TAG => tag::<8>(walk, bytes),
        EtherType::CISCO_META_DATA => cisco_meta_data(walk, bytes),
        _ => Outcome::NotIp,
    }
}

fn tag<const LENGTH: usize>(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((tag, payload)) = bytes.split_first_chunk::<LENGTH>() else {
        return walk.cut(Layer::Link, LENGTH, bytes);
    };
    walk.tell(Part::Plain, tag);
    let next = EtherType::from_octets([tag[LENGTH - 2], tag[LENGTH - 1]]);
    walk.wrapped(|walk| ether_type(walk, next, payload))
}

/// Version, number of 4-octet options, those, and the next EtherType.
fn cisco_meta_data(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let options = bytes.get(1).map_or(0, |&count| usize::from(count) * 4);
    match bytes.get(2 + options..) {
        Some([high, low, rest @ ..]) => {
            walk.tell_plain(bytes, 4 + options);
            let next = EtherType::from_octets([*high, *low]);
            walk.wrapped(|walk| ether_type(walk, next, rest))
        }
        _ => walk.cut(Layer::Link, 4 + options, bytes),
    }
}

/// Whether these octets look like a frame with an IP packet in it that fits `length` octets. Used where
/// no field says what follows.
pub(in crate::decode) fn is_plausible(bytes: &[u8], length: usize) -> bool {
    let Some((header, mut payload)) = bytes.split_first_chunk::<HEADER>() else { return false };
    let mut kind = EtherType::from_octets([header[12], header[13]]);
    for _ in 0..MAX_PLAUSIBLE_TAGS {
        let (EtherType::VLAN | EtherType::SERVICE_VLAN, Some((tag, rest))) =
            (kind, payload.split_first_chunk::<VLAN_TAG>())
        else {
            break;
        };
        kind = EtherType::from_octets([tag[2], tag[3]]);
        payload = rest;
    }
    let length = length.saturating_sub(bytes.len() - payload.len());
    match kind {
        EtherType::IPV4 => network::is_plausible_v4(payload, length),
        EtherType::IPV6 => network::is_plausible_v6(payload, length),
        EtherType::ARP => matches!(payload, [0, 1, 8, 0, 6, 4, ..]),
        _ => false,
    }
}

/// Whether these octets, as a frame, begin with a VLAN tag.
pub(in crate::decode) fn is_tagged(bytes: &[u8]) -> bool {
    let kind = bytes.get(12..HEADER).and_then(|kind| kind.first_chunk().copied());
    matches!(kind.map(EtherType::from_octets), Some(EtherType::VLAN | EtherType::SERVICE_VLAN))
}

/// Whether these octets have the type of a frame that is followed, or one of those that networks send
/// without IP. A mark of 16 bits, weaker than [`is_plausible`].
pub(in crate::decode) fn is_typed(bytes: &[u8]) -> bool {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else { return false };
    match EtherType::from_octets([header[12], header[13]]) {
        // Spanning tree, SNAP, ISO network protocols: service access points of LLC.
        EtherType(length @ 3..=MAX_LENGTH) => {
            usize::from(length) <= payload.len()
                && matches!(payload, [0x42, 0x42, 3, ..] | [0xaa, 0xaa, 3, ..] | [0xfe, 0xfe, 3, ..])
        }
        EtherType::VLAN
        | EtherType::SERVICE_VLAN
        | EtherType::VLAN_9100
        | EtherType::MPLS
        | EtherType::PPPOE_SESSION
        | EtherType::MACSEC
        | EtherType::BACKBONE_SERVICE
        | EtherType::NSH
        // Loopback, PPPoE discovery, 802.1X, slow protocols, LLDP, MRP, PTP, connectivity faults.
        | EtherType(0x9000 | 0x8863 | 0x888e | 0x8809 | 0x88cc | 0x88e3 | 0x88f7 | 0x8902) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, decode, every_prefix, frame};
    use super::super::super::{Outcome, StepKind};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_a_plain_frame() {
        every_prefix(LinkType::ETHERNET, &frame(0x0800, &UDP4), 14 + UDP4_PORTS);
        every_prefix(LinkType::ETHERNET, &frame(0x86dd, &UDP6), 14 + UDP6_PORTS);
    }

    #[test]
    fn every_prefix_of_a_frame_with_two_tags() {
        let packet = frame(0x88a8, &[&[0, 7, 0x81, 0, 0x20, 9, 8, 0][..], &UDP4].concat());
        every_prefix(LinkType::ETHERNET, &packet, 22 + UDP4_PORTS);
        let (_, steps) = decode(LinkType::ETHERNET, &packet);
        let steps: Vec<_> = steps.iter().map(|step| (step.kind, step.id)).collect();
        assert_eq!(steps, [(StepKind::Vlan, 7), (StepKind::Vlan, 9)]);
    }

    #[test]
    fn every_prefix_of_a_length_and_llc() {
        let packet = frame(36, &[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0][..], &UDP4].concat());
        every_prefix(LinkType::ETHERNET, &packet, 22 + UDP4_PORTS);
    }

    #[test]
    fn a_frame_is_guessed_after_few_tags() {
        let tagged = |tags: usize| {
            let tags = [0x81, 0, 0, 7].repeat(tags);
            [&[2; 12][..], &tags, &[8, 0], &UDP4].concat()
        };
        assert!(super::is_plausible(&tagged(4), 14 + 16 + 28));
        assert!(!super::is_plausible(&tagged(5), 14 + 20 + 28));
    }

    #[test]
    fn tags_without_a_number_of_their_own_are_passed() {
        for kind in [0x8926, 0xf1c1, 0x892f] {
            let packet = frame(kind, &[&[0, 0, 0, 0, 8, 0][..], &UDP4].concat());
            every_prefix(LinkType::ETHERNET, &packet, 20 + UDP4_PORTS);
        }
        let packet = frame(0x893f, &[&[0xe0, 0, 0x10, 7, 0, 0, 8, 0][..], &UDP4].concat());
        every_prefix(LinkType::ETHERNET, &packet, 22 + UDP4_PORTS);
        let packet = frame(0x8909, &[&[1, 1, 0, 1, 0, 9, 8, 0][..], &UDP4].concat());
        every_prefix(LinkType::ETHERNET, &packet, 22 + UDP4_PORTS);
    }

    #[test]
    fn tags_without_end_are_too_deep() {
        let packet = frame(0x8100, &[0, 1, 0x81, 0].repeat(100));
        assert_eq!(decode(LinkType::ETHERNET, &packet).0, Outcome::TooDeep);
        let packet = frame(0x6558, &frame(0x6558, &[]).repeat(100));
        assert_eq!(decode(LinkType::ETHERNET, &packet).0, Outcome::TooDeep);
    }
}
