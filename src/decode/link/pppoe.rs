//! PPP over Ethernet, session stage (RFC 2516 section 4), and LINKTYPE_PPP_ETHER.
//!
//! Discovery frames have an EtherType of their own and hold no packet.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::step::StepKind;
use super::ppp;

/// Version and type, code, SESSION_ID, length.
const HEADER: usize = 6;
/// Version 1, type 1.
const VERSION_AND_TYPE: u8 = 0x11;
/// Code of session data.
const DATA: u8 = 0;

/// Decodes what follows the EtherType of a PPPoE session.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let Some((header, payload)) = bytes.split_first_chunk::<HEADER>() else {
        return walk.cut(Layer::Link, HEADER, bytes);
    };
    walk.tell_plain(header, HEADER);
    if header[0] != VERSION_AND_TYPE {
        return Outcome::Malformed("PPPoE: version and type are not 1");
    }
    if header[1] != DATA {
        return Outcome::NotIp;
    }
    let session = u16::from_be_bytes([header[2], header[3]]);
    walk.inside(StepKind::Pppoe, session, |walk| ppp::protocol(walk, payload))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix, frame};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_session_data() {
        let session = [&[0x11, 0, 0, 9, 0, 34, 0, 0x21][..], &UDP4].concat();
        every_prefix(LinkType::PPP_ETHER, &session, 8 + UDP4_PORTS);
        let packet = frame(0x8864, &session);
        every_prefix(LinkType::ETHERNET, &packet, 22 + UDP4_PORTS);
        assert_eq!(decode(LinkType::ETHERNET, &packet).1[0].to_string(), "pppoe:9");
    }
}
