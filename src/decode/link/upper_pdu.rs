//! Protocol data units that Wireshark exported (LINKTYPE_WIRESHARK_UPPER_PDU): tags, one of which
//! names the dissector, then the unit.
//!
//! Units above IP count as not IP: tags may hold their ports, but no packet does.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use crate::capture::LinkType;

/// Type and length of a tag.
const TAG: usize = 4;
const END: u16 = 0;
/// Name of a dissector.
const DISSECTOR: u16 = 12;
/// Number of tags that are read; there are fewer types.
const MAX_TAGS: usize = 64;

/// Decodes a unit.
pub(super) fn decode(walk: &mut Walk, whole: &[u8]) -> Outcome {
    let mut bytes = whole;
    let mut link_type = None;
    for _ in 0..MAX_TAGS {
        let Some((&[t1, t2, l1, l2], rest)) = bytes.split_first_chunk::<TAG>() else {
            return walk.cut(Layer::Link, whole.len() - bytes.len() + TAG, whole);
        };
        let length = usize::from(u16::from_be_bytes([l1, l2]));
        let Some((value, next)) = rest.split_at_checked(length) else {
            return walk.cut(Layer::Link, whole.len() - rest.len() + length, whole);
        };
        match u16::from_be_bytes([t1, t2]) {
            END => {
                return match link_type {
                    Some(link_type) => walk.relink(link_type, next),
                    None => Outcome::NotIp,
                };
            }
            DISSECTOR => link_type = dissector(value),
            _ => {}
        }
        bytes = next;
    }
    Outcome::NotIp
}

fn dissector(name: &[u8]) -> Option<LinkType> {
    // Names are padded with zeros.
    let name = name.split(|&octet| octet == 0).next()?;
    Some(match name {
        b"ip" => LinkType::IPV4,
        b"ipv6" => LinkType::IPV6,
        b"eth" | b"eth_withfcs" | b"eth_withoutfcs" | b"eth_maybefcs" => LinkType::ETHERNET,
        b"wlan" | b"wlan_withfcs" | b"wlan_withoutfcs" => LinkType::IEEE802_11,
        b"ppp" | b"ppp_hdlc" => LinkType::PPP,
        b"mpls" => LinkType::MPLS,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_an_ip_unit() {
        let packet = [&[0, 12, 0, 4, b'i', b'p', 0, 0, 0, 0, 0, 0][..], &UDP4].concat();
        every_prefix(LinkType::WIRESHARK_UPPER_PDU, &packet, 12 + UDP4_PORTS);
    }

    #[test]
    fn other_units_are_not_ip() {
        let packet = [0, 12, 0, 4, b'h', b't', b't', b'p', 0, 0, 0, 0];
        assert_eq!(decode(LinkType::WIRESHARK_UPPER_PDU, &packet).0, Outcome::NotIp);
    }
}
