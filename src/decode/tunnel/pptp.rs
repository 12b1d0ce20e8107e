//! The GRE of PPTP (RFC 2637 section 4.1): version 1, a call identifier in the key, and PPP.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::link::ppp;
use super::super::outcome::Layer;
use super::super::step::StepKind;
use super::half;
use crate::net::{EtherType, Protocol};

/// Flags, protocol type, payload length, call identifier.
const HEADER: usize = 8;
const SEQUENCE: u16 = 0x1000;
const ACKNOWLEDGMENT: u16 = 0x0080;

/// Decodes a header whose first two fields are known.
pub(super) fn decode(walk: &mut Walk, flags: u16, protocol: EtherType, bytes: &[u8]) -> Outcome {
    if protocol != EtherType::PPP {
        return Outcome::Malformed("GRE: version 1 without PPP");
    }
    let (Some(length), Some(call)) = (half(bytes, 4), half(bytes, 6)) else {
        return walk.cut(Layer::Gre, HEADER, bytes);
    };
    if length == 0 {
        // An acknowledgment alone.
        walk.tell_plain(bytes, HEADER);
        return Outcome::Portless(Protocol::GRE);
    }
    let at =
        HEADER + if flags & SEQUENCE != 0 { 4 } else { 0 } + if flags & ACKNOWLEDGMENT != 0 { 4 } else { 0 };
    match bytes.get(at..) {
        Some(payload) => {
            walk.tell_plain(bytes, at);
            walk.inside(StepKind::Pptp, call, |walk| ppp::decode(walk, payload))
        }
        None => walk.cut(Layer::Gre, at, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Outcome;
    use super::super::super::testing::{UDP4, UDP4_PORTS, decode, every_prefix, ip4};
    use crate::capture::LinkType;
    use crate::net::Protocol;

    #[test]
    fn every_prefix_with_and_without_acknowledgment() {
        let header = [0x30, 0x01, 0x88, 0x0b, 0, 32, 0, 9, 0, 0, 0, 1, 0xff, 3, 0, 0x21];
        every_prefix(LinkType::RAW, &ip4(47, &[&header[..], &UDP4].concat()), 36 + UDP4_PORTS);
        let header = [0x30, 0x81, 0x88, 0x0b, 0, 29, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0x21];
        every_prefix(LinkType::RAW, &ip4(47, &[&header[..], &UDP4].concat()), 37 + UDP4_PORTS);
    }

    #[test]
    fn an_acknowledgment_alone_holds_no_packet() {
        let packet = ip4(47, &[0x20, 0x81, 0x88, 0x0b, 0, 0, 0, 9, 0, 0, 0, 1]);
        assert_eq!(decode(LinkType::RAW, &packet).0, Outcome::Portless(Protocol::GRE));
    }
}
