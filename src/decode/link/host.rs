//! Headers that systems put in front of the packets that pass inside them: Solaris
//! (LINKTYPE_IPNET), OpenBSD's packet filter (LINKTYPE_PFLOG) and IPsec interface (LINKTYPE_ENC).

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, network};

/// Version, family, hook type, lengths and numbers of interfaces and zones.
const IPNET: usize = 24;
/// Family, index, flags.
const ENC: usize = 12;

/// LINKTYPE_IPNET. Families are those of Solaris.
pub(super) fn decode_ipnet(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, packet)) = bytes.split_first_chunk::<IPNET>() else {
        return Outcome::cut(Layer::Link, IPNET, bytes.len());
    };
    match header[1] {
        2 => network::ipv4::decode(walk, packet),
        26 => network::ipv6::decode(walk, packet),
        _ => Outcome::NotIp,
    }
}

/// LINKTYPE_PFLOG: the first octet is the header's length without its padding to four octets.
pub(super) fn decode_pflog(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let [length, family, ..] = bytes else { return Outcome::cut(Layer::Link, 2, bytes.len()) };
    let length = usize::from(*length).next_multiple_of(4);
    match bytes.get(length..) {
        Some(packet) => by_family(walk, u32::from(*family), packet),
        None => Outcome::cut(Layer::Link, length, bytes.len()),
    }
}

/// LINKTYPE_ENC: the family is in the byte order of the host.
pub(super) fn decode_enc(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, packet)) = bytes.split_first_chunk::<ENC>() else {
        return Outcome::cut(Layer::Link, ENC, bytes.len());
    };
    let [a, b, c, d, ..] = *header;
    by_family(walk, u32::from_le_bytes([a, b, c, d]).min(u32::from_be_bytes([a, b, c, d])), packet)
}

/// Families of the BSDs and of Darwin.
fn by_family(walk: &mut Walk, family: u32, packet: &[u8]) -> Outcome {
    match family {
        2 => network::ipv4::decode(walk, packet),
        24 | 28 | 30 => network::ipv6::decode(walk, packet),
        _ => Outcome::NotIp,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_every_header() {
        let header = [&[1, 2, 0, 0][..], &[0; 20]].concat();
        every_prefix(LinkType::IPNET, &[&header[..], &UDP4].concat(), 24 + UDP4_PORTS);
        let header = [&[1, 26, 0, 0][..], &[0; 20]].concat();
        every_prefix(LinkType::IPNET, &[&header[..], &UDP6].concat(), 24 + UDP6_PORTS);
        let header = [&[61, 2][..], &[0; 62]].concat();
        every_prefix(LinkType::PFLOG, &[&header[..], &UDP4].concat(), 64 + UDP4_PORTS);
        let header = [&[24, 0, 0, 0][..], &[0; 8]].concat();
        every_prefix(LinkType::ENC, &[&header[..], &UDP6].concat(), 12 + UDP6_PORTS);
    }
}
