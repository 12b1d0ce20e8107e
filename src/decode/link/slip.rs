//! Serial Line IP (LINKTYPE_SLIP, LINKTYPE_SLIP_BSDOS): direction and compressed header, then the
//! packet without compression.

use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::super::{Outcome, network};

/// Direction and fifteen octets of the compressed header.
const HEADER: usize = 16;
/// Direction and the longer compressed header of BSD/OS.
const HEADER_BSDOS: usize = 24;

/// LINKTYPE_SLIP.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    after(walk, bytes, HEADER)
}

/// LINKTYPE_SLIP_BSDOS.
pub(super) fn decode_bsdos(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    after(walk, bytes, HEADER_BSDOS)
}

fn after(walk: &mut Walk, bytes: &[u8], header: usize) -> Outcome {
    match bytes.get(header..) {
        Some(packet) => network::decode(walk, packet),
        None => walk.cut(Layer::Link, header, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_both() {
        every_prefix(LinkType::SLIP, &[&[0; 16][..], &UDP4].concat(), 16 + UDP4_PORTS);
        every_prefix(LinkType::SLIP_BSDOS, &[&[0; 24][..], &UDP4].concat(), 24 + UDP4_PORTS);
    }
}
