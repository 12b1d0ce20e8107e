//! UDP-Lite header (RFC 3828 section 3.1): UDP's, with a checksum coverage in place of the length.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::network::Datagram;
use super::super::outcome::Layer;
use super::{Signal, keep};
use crate::Transport;

const HEADER: usize = 8;

pub(in super::super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    keep(walk, Transport::UdpLite, Layer::UdpLite, datagram, bytes, HEADER, Signal::None)
}
