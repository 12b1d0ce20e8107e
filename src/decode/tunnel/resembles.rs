//! What looks like a tunnel on a UDP port that is not known for it.
//!
//! It is not followed, for a port is what tells protocols apart; people are told, and can name the port.
//! Only marks of 40 bits and more before a packet that fits count.

use super::super::layers::Walk;
use super::super::link::ethernet;
use super::super::network::{self, Datagram};
use super::super::options::UdpTunnel;

const HEADER: usize = 8;
/// First word of a VXLAN header with no flag but that for a valid VNI (RFC 7348 section 5).
const VXLAN: u32 = 0x0800_0000;
/// First word of a Geneve header with an Ethernet frame, but for flags and the length of options (RFC 8926
/// section 3.4).
const GENEVE: u32 = 0x0000_6558;
const GENEVE_MASK: u32 = 0xc03f_ffff;
/// First word of a GTP-U header of version 1 with a user's packet, but for flags and length (3GPP TS 29.281
/// section 5.1).
const GTP: u32 = 0x30ff_0000;
const GTP_MASK: u32 = 0xf0ff_0000;

/// Whether a payload of UDP begins as one of the tunnels that can be told from others. It is asked of every
/// packet.
#[inline]
pub(in crate::decode) fn has_mark(bytes: &[u8]) -> bool {
    bytes.first_chunk().is_some_and(|first| {
        let first = u32::from_be_bytes(*first);
        first == VXLAN || first & GENEVE_MASK == GENEVE || first & GTP_MASK == GTP
    })
}

/// The tunnel that a payload of UDP with such a mark looks like.
#[cold]
#[inline(never)]
pub(in crate::decode) fn note(walk: &mut Walk, datagram: &Datagram, port: u16, bytes: &[u8]) {
    if walk.options.tunnel(port).is_none()
        && let Some(kind) = resembles(datagram, bytes)
    {
        walk.note_resemblance(kind, port);
    }
}

fn resembles(datagram: &Datagram, bytes: &[u8]) -> Option<UdpTunnel> {
    let (header, rest) = bytes.split_first_chunk::<HEADER>()?;
    let is_frame = |at: usize| {
        let length = datagram.after(HEADER + at).payload_length as usize;
        rest.get(at..).is_some_and(|frame| ethernet::is_plausible(frame, length))
    };
    match *header {
        [0x08, 0, 0, 0, _, _, _, 0] if is_frame(0) => Some(UdpTunnel::Vxlan),
        [first, _, 0x65, 0x58, _, _, _, 0] if is_frame(usize::from(first & 0x3f) * 4) => {
            Some(UdpTunnel::Geneve)
        }
        // Without optional fields and with them, but without extension headers.
        [flags @ (0x30 | 0x32), 255, high, low, ..]
            if HEADER + usize::from(u16::from_be_bytes([high, low])) == datagram.payload_length as usize =>
        {
            let packet = rest.get(if flags == 0x30 { 0 } else { 4 }..)?;
            network::is_certain(packet).then_some(UdpTunnel::Gtp)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP6, frame, udp4};
    use super::super::super::{DecodeOptions, Decoder, UdpTunnel};
    use crate::capture::LinkType;

    fn resembles(options: DecodeOptions, packet: &[u8]) -> Option<(UdpTunnel, u16)> {
        let mut decoder = Decoder::with_options(options);
        let layers = decoder.decode(Some(LinkType::RAW), packet);
        assert_eq!(layers.headers()[0].destination_port, packet_port(packet));
        layers.resemblance()
    }

    fn packet_port(packet: &[u8]) -> u16 {
        u16::from_be_bytes([packet[22], packet[23]])
    }

    fn vxlan(port: u16, inner: &[u8]) -> Vec<u8> {
        udp4(port, &[&[8, 0, 0, 0, 0, 0, 42, 0][..], &frame(0x0800, inner)].concat())
    }

    #[test]
    fn tunnels_on_other_ports_are_told() {
        let told = |packet: &[u8]| resembles(DecodeOptions::default(), packet);
        assert_eq!(told(&vxlan(8472, &UDP4)), Some((UdpTunnel::Vxlan, 8472)));
        let geneve = [&[1, 0, 0x65, 0x58, 0, 0, 42, 0, 1, 2, 3, 4][..], &frame(0x86dd, &UDP6)].concat();
        assert_eq!(told(&udp4(9000, &geneve)), Some((UdpTunnel::Geneve, 9000)));
        let gtp = [&[0x30, 255, 0, 28, 0, 0, 0, 9][..], &UDP4].concat();
        assert_eq!(told(&udp4(9001, &gtp)), Some((UdpTunnel::Gtp, 9001)));
        let gtp = [&[0x32, 255, 0, 32, 0, 0, 0, 9, 0, 1, 0, 0][..], &UDP4].concat();
        assert_eq!(told(&udp4(9001, &gtp)), Some((UdpTunnel::Gtp, 9001)));
    }

    #[test]
    fn what_does_not_fit_or_is_known_is_not() {
        let told = |packet: &[u8]| resembles(DecodeOptions::default(), packet);
        let mut inner = UDP4;
        inner[10] ^= 1;
        assert_eq!(told(&vxlan(8472, &inner)), None, "another checksum");
        inner = UDP4;
        inner[3] = 29;
        assert_eq!(told(&vxlan(8472, &inner)), None, "longer than the datagram");
        assert_eq!(told(&vxlan(4789, &UDP4)), None, "followed");
        assert_eq!(told(&udp4(8472, &[8, 0, 0, 0, 0, 0, 42, 0])), None, "no frame");
        let gtp = [&[0x30, 255, 0, 29, 0, 0, 0, 9][..], &UDP4].concat();
        assert_eq!(told(&udp4(9001, &gtp)), None, "another length");
        let mut options = DecodeOptions::default();
        options.add_tunnel(UdpTunnel::Vxlan, 8472);
        assert_eq!(resembles(options, &vxlan(8472, &UDP4)), None, "told to be followed");
    }

    #[test]
    fn the_next_packet_is_another() {
        let mut decoder = Decoder::new();
        assert!(decoder.decode(Some(LinkType::RAW), &vxlan(8472, &UDP4)).resemblance().is_some());
        assert!(decoder.decode(Some(LinkType::RAW), &UDP4).resemblance().is_none());
    }
}
