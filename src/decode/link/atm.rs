//! IP over ATM: RFC 2684's encapsulation (LINKTYPE_ATM_RFC1483) and Linux's classical IP (RFC 2225,
//! LINKTYPE_ATM_CLIP), which is the same or IP alone.

use super::super::layers::Walk;
use super::super::{Outcome, network};
use super::llc;

/// LINKTYPE_ATM_RFC1483.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    llc::decode(walk, bytes)
}

/// LINKTYPE_ATM_CLIP: with LLC, or IP alone.
pub(super) fn decode_clip(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    match bytes {
        [0xaa, 0xaa, 0x03, ..] => decode(walk, bytes),
        _ => network::decode(walk, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix};
    use crate::capture::LinkType;

    const SNAP: [u8; 8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

    #[test]
    fn every_prefix_with_llc_and_without() {
        every_prefix(LinkType::ATM_CLIP, &UDP4, UDP4_PORTS);
        every_prefix(LinkType::ATM_CLIP, &[&SNAP[..], &UDP4].concat(), 8 + UDP4_PORTS);
        every_prefix(LinkType::ATM_RFC1483, &[&SNAP[..], &UDP4].concat(), 8 + UDP4_PORTS);
    }
}
