//! Geneve (RFC 8926 section 3.4). Options are skipped.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::link::ether_type;
use super::super::step::StepKind;
use crate::net::EtherType;

const HEADER: usize = 8;

/// Decodes the payload of UDP on Geneve's port.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Option<Outcome> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    // Two bits of version, six bits of option length in words of 32 bits.
    if header[0] >> 6 != 0 {
        return None;
    }
    let payload = rest.get(usize::from(header[0] & 0x3f) * 4..)?;
    let protocol = EtherType::from_octets([header[2], header[3]]);
    let vni = u32::from_be_bytes([0, header[4], header[5], header[6]]);
    walk.tell_opaque(bytes, HEADER, bytes.len() - payload.len());
    Some(walk.inside(StepKind::Geneve, vni, |walk| ether_type(walk, protocol, payload)))
}

#[cfg(test)]
mod tests {
    use super::super::super::DecodeOptions;
    use super::super::super::testing::{UDP4, UDP4_PORTS, count, decode, every_prefix, frame, udp4};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_with_and_without_options() {
        let plain = udp4(6081, &[&[0, 0, 8, 0, 0, 0, 7, 0][..], &UDP4].concat());
        every_prefix(LinkType::RAW, &plain, 28 + 8 + UDP4_PORTS);
        let options = [&[1, 0, 0x65, 0x58, 0, 0, 7, 0, 1, 2, 3, 4][..], &frame(0x0800, &UDP4)].concat();
        let packet = udp4(6081, &options);
        every_prefix(LinkType::RAW, &packet, 28 + 12 + 14 + UDP4_PORTS);
        assert_eq!(decode(LinkType::RAW, &packet).1[0].to_string(), "geneve:7");
    }

    #[test]
    fn another_version_is_no_geneve() {
        let packet = udp4(6081, &[&[0x40, 0, 8, 0, 0, 0, 7, 0][..], &UDP4].concat());
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet), 1);
    }
}
