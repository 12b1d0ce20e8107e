//! The header of OpenBSD's packet filter (LINKTYPE_PFLOG, pflog(4)).

use std::ops::Range;

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::outcome::Layer;
use super::by_bsd_family;

/// Place of the interface's name (IFNAMSIZ octets), which zeros fill up.
const INTERFACE: Range<usize> = 4..20;

/// LINKTYPE_PFLOG: the first octet is the header's length without its padding to four octets.
pub(super) fn decode(walk: &mut Walk, bytes: &[u8]) -> Outcome {
    let [length, family, ..] = bytes else { return walk.cut(Layer::Link, 2, bytes) };
    let length = usize::from(*length).next_multiple_of(4);
    if let Some(name) = bytes.get(INTERFACE).filter(|_| length >= INTERFACE.end) {
        walk.note_interface_name(name);
    }
    match bytes.get(length..) {
        Some(packet) => by_bsd_family(walk, u32::from(*family), packet),
        None => walk.cut(Layer::Link, length, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, every_prefix};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_a_header() {
        let header = [&[61, 2][..], &[0; 62]].concat();
        every_prefix(LinkType::PFLOG, &[&header[..], &UDP4].concat(), 64 + UDP4_PORTS);
    }
}
