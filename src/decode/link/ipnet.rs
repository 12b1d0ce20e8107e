//! Solaris's header for packets that pass inside the system (LINKTYPE_IPNET).

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, network};

/// Version, family, hook type, lengths and numbers of interfaces and zones.
const IPNET: usize = 24;

/// LINKTYPE_IPNET. Families are those of Solaris.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, packet)) = bytes.split_first_chunk::<IPNET>() else {
        return walk.cut(Layer::Link, IPNET, bytes);
    };
    walk.note_interface(u32::from_be_bytes([header[8], header[9], header[10], header[11]]));
    match header[1] {
        2 => network::ipv4::decode(walk, packet),
        26 => network::ipv6::decode(walk, packet),
        _ => Outcome::NotIp,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, UDP6, UDP6_PORTS, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_both_families() {
        let header = [&[1, 2, 0, 0][..], &[0; 20]].concat();
        every_prefix(LinkType::IPNET, &[&header[..], &UDP4].concat(), 24 + UDP4_PORTS);
        let header = [&[1, 26, 0, 0][..], &[0; 20]].concat();
        every_prefix(LinkType::IPNET, &[&header[..], &UDP6].concat(), 24 + UDP6_PORTS);
    }
}
