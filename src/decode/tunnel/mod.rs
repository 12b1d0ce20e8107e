//! Tunnels: packets inside packets.
//!
//! A tunnel over UDP is recognised by its port, which other protocols may use. Its decoder therefore
//! checks version, flags and lengths. Where they do not fit it returns `None` and notes nothing, so
//! that the UDP header stays the innermost.

pub(super) mod ayiya;
pub(super) mod capwap;
pub(super) mod erspan;
pub(super) mod esp;
pub(super) mod etherip;
pub(super) mod fou;
pub(super) mod geneve;
pub(super) mod gre;
pub(super) mod gtp;
pub(super) mod gue;
pub(super) mod ip;
pub(super) mod l2tp;
pub(super) mod lisp;
pub(super) mod mpls;
pub(super) mod nsh;
pub(super) mod pim;
pub(super) mod pptp;
pub(super) mod resembles;
pub(super) mod teredo;
pub(super) mod tzsp;
pub(super) mod vxlan;

use super::Outcome;
use super::layers::Walk;
use super::network::Datagram;
use super::options::UdpTunnel;
use super::step::StepKind;
use super::transport;

/// Decodes a tunnel in UDP, by the destination port or else by the source port. `None` where there is
/// none.
#[cold]
#[inline(never)]
pub(super) fn over_udp(
    walk: &mut Walk,
    datagram: &Datagram,
    source: u16,
    destination: u16,
    bytes: &[u8],
) -> Option<Outcome> {
    for port in [destination, source] {
        let Some(kind) = walk.options.tunnel(port) else { continue };
        let found = match kind {
            UdpTunnel::Vxlan => vxlan::decode(walk, datagram, bytes),
            UdpTunnel::VxlanGpe => vxlan::decode_gpe(walk, datagram, bytes),
            UdpTunnel::Geneve => geneve::decode(walk, bytes),
            UdpTunnel::Gue => gue::decode(walk, datagram, bytes),
            UdpTunnel::Fou => fou::decode(walk, datagram, bytes),
            UdpTunnel::Gre => gre::decode_in_udp(walk, datagram, bytes),
            UdpTunnel::Mpls => mpls::decode_in_udp(walk, bytes),
            UdpTunnel::Gtp => gtp::decode(walk, datagram, bytes),
            UdpTunnel::L2tp => l2tp::decode_in_udp(walk, datagram, bytes),
            UdpTunnel::Teredo => teredo::decode(walk, datagram, bytes),
            UdpTunnel::Capwap => capwap::decode(walk, bytes),
            UdpTunnel::Ayiya => ayiya::decode(walk, datagram, bytes),
            UdpTunnel::Lisp => lisp::decode(walk, datagram, bytes),
            UdpTunnel::LispControl => lisp::decode_control(walk, datagram, bytes),
            UdpTunnel::Tzsp => tzsp::decode(walk, bytes),
            UdpTunnel::Sctp => transport::sctp::is_plausible(bytes).then(|| {
                walk.inside(StepKind::SctpUdp, 0_u8, |walk| transport::sctp::decode(walk, datagram, bytes))
            }),
            UdpTunnel::Dccp => transport::dccp::is_plausible(bytes).then(|| {
                walk.inside(StepKind::DccpUdp, 0_u8, |walk| transport::dccp::decode(walk, datagram, bytes))
            }),
            UdpTunnel::Esp => esp::decode_in_udp(walk, datagram, bytes),
        };
        if found.is_some() || source == destination {
            return found;
        }
    }
    None
}

/// A number of 32 bits in network byte order.
fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A number of 16 bits in network byte order.
fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}
