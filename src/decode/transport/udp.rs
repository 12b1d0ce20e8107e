//! UDP header (RFC 768). Its length is not needed: the IP packet's says where the data ends.

use super::super::layers::Walk;
use super::super::network::Datagram;
use super::super::outcome::Layer;
use super::super::{Outcome, tunnel};
use super::{Signal, keep};
use crate::Transport;

const HEADER: usize = 8;

#[inline]
pub(in super::super) fn decode(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    let outcome = keep(walk, Transport::Udp, Layer::Udp, datagram, bytes, HEADER, Signal::None);
    if let Some((&[s1, s2, d1, d2, ..], payload)) = bytes.split_first_chunk::<HEADER>() {
        let (source, destination) = (u16::from_be_bytes([s1, s2]), u16::from_be_bytes([d1, d2]));
        if walk.options.may_be_tunnel(source) || walk.options.may_be_tunnel(destination) {
            tunnel::over_udp(walk, &datagram.behind(HEADER), source, destination, payload);
        }
    }
    outcome
}
