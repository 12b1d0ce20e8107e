//! UDP header (RFC 768). Its length is not needed: the IP packet's says where the data ends.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::network::Datagram;
use super::super::outcome::Layer;
use super::{Signal, keep};
use crate::Transport;

const HEADER: usize = 8;

#[inline]
pub(in super::super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    keep(walk, Transport::Udp, Layer::Udp, datagram, bytes, HEADER, Signal::None)
}
