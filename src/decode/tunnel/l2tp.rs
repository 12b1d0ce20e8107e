//! L2TP version 2 (RFC 2661 section 3.1) and version 3 (RFC 3931 section 4.1) over UDP, and
//! version 3 directly over IP. Control messages are traffic of the port.
//!
//! In version 3, control messages negotiate the length of cookie and sublayer header and the payload.
//! The shortest header that is followed by a frame, a PPP packet or an IP packet is taken.

use super::super::Outcome;
use super::super::layers::Walk;
use super::super::link::{ethernet, ppp};
use super::super::network::{self, Datagram};
use super::super::outcome::Layer;
use super::super::step::StepKind;
use super::{half, mpls, word};
use crate::net::Protocol;

/// Bits of the first 16.
const IS_CONTROL: u16 = 0x8000;
const HAS_LENGTH: u16 = 0x4000;
const HAS_SEQUENCE: u16 = 0x0800;
const HAS_OFFSET: u16 = 0x0200;
/// Bits that must be 0 in version 2.
const RESERVED: u16 = 0x34f0;
const VERSION: u16 = 0x000f;
/// Lengths of cookie and sublayer header together, in octets.
const COOKIES: [usize; 4] = [0, 4, 8, 12];

/// Decodes the payload of UDP on the port of L2TP.
pub(super) fn decode_in_udp(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    let flags = half(bytes, 0)?;
    if flags & IS_CONTROL != 0 {
        return None;
    }
    match flags & VERSION {
        2 if flags & RESERVED == 0 => version_2(walk, flags, bytes),
        3 if flags == 3 => {
            let found = session(walk, &datagram.after(4), bytes.get(4..)?);
            if found.is_some() {
                walk.tell_plain(bytes, 4);
            }
            found
        }
        _ => None,
    }
}

/// Decodes the payload of an IP header with protocol 115.
pub(in crate::decode) fn decode_in_ip(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    match word(bytes, 0) {
        // Session 0 is that of control messages.
        Some(0) => Outcome::Portless(Protocol::L2TP),
        Some(_) => session(walk, datagram, bytes).unwrap_or(Outcome::Ambiguous),
        None => walk.cut(Layer::L2tp, 4, bytes),
    }
}

fn version_2(walk: &mut Walk, flags: u16, bytes: &[u8]) -> Option<Outcome> {
    let mut at = 2;
    if flags & HAS_LENGTH != 0 {
        at += 2;
    }
    let session = half(bytes, at + 2)?;
    at += 4;
    if flags & HAS_SEQUENCE != 0 {
        at += 4;
    }
    let mut plain = at;
    if flags & HAS_OFFSET != 0 {
        plain += 2;
        at += 2 + usize::from(half(bytes, at)?);
    }
    let payload = bytes.get(at..)?;
    // Address and control of PPP may be left out, its protocol not.
    let known = matches!(
        payload,
        [0xff, 0x03, ..]
            | [0x21 | 0x57, ..]
            | [0x00 | 0x80 | 0xc0 | 0xc2, 0x21 | 0x23 | 0x57 | 0x3d | 0xfd, ..]
            | [0x02, 0x81 | 0x83, ..]
    );
    known.then(|| {
        walk.tell_opaque(bytes, plain, at);
        walk.inside(StepKind::L2tp, session, |walk| ppp::decode(walk, payload))
    })
}

fn session(walk: &mut Walk, datagram: &Datagram, bytes: &[u8]) -> Option<Outcome> {
    let session = word(bytes, 0)?;
    for cookie in COOKIES {
        let at = 4 + cookie;
        let payload = bytes.get(at..)?;
        let length = datagram.after(at).payload_length as usize;
        let decode: fn(&mut Walk, &[u8]) -> Outcome = if ethernet::is_plausible(payload, length) {
            ethernet::decode
        } else if network::is_plausible(payload, length) && network::fills(payload, length) {
            network::decode
        } else if matches!(payload, [0xff, 0x03, 0x00, 0x21 | 0x57, packet @ ..]
            if network::is_plausible(packet, length.saturating_sub(4)))
        {
            ppp::decode
        } else {
            continue;
        };
        walk.tell_opaque(bytes, 4, at);
        return Some(walk.inside(StepKind::L2tp, session, |walk| decode(walk, payload)));
    }
    // A label stack (RFC 4817) is the weakest of marks, and comes last.
    let payload = bytes.get(4..)?;
    let length = datagram.after(4).payload_length as usize;
    mpls::holds_ip(payload, length).then(|| {
        walk.tell_plain(bytes, 4);
        walk.inside(StepKind::L2tp, session, |walk| mpls::decode(walk, payload))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{UDP4, UDP4_PORTS, count, decode, every_prefix, frame, ip4, udp4};
    use super::super::super::{DecodeOptions, Outcome};
    use crate::capture::LinkType;

    #[test]
    fn every_prefix_of_version_2_with_every_field() {
        for header in [
            &[0x00, 0x02, 0, 1, 0, 9, 0xff, 3, 0, 0x21][..],
            &[0x40, 0x02, 0, 38, 0, 1, 0, 9, 0, 0x21],
            &[0x48, 0x02, 0, 42, 0, 1, 0, 9, 0, 1, 0, 1, 0x21],
            &[0x02, 0x02, 0, 1, 0, 9, 0, 2, 7, 7, 0xff, 3, 0, 0x21],
        ] {
            let packet = udp4(1701, &[header, &UDP4].concat());
            every_prefix(LinkType::RAW, &packet, 28 + header.len() + UDP4_PORTS);
            assert_eq!(decode(LinkType::RAW, &packet).1[0].to_string(), "l2tp:9");
        }
    }

    #[test]
    fn every_prefix_of_version_3_with_every_cookie() {
        for cookie in [0, 4, 8, 12] {
            let session = [&[0, 0, 0, 9][..], &[0xee; 12][..cookie], &frame(0x0800, &UDP4)].concat();
            let packet = udp4(1701, &[&[0, 3, 0, 0][..], &session].concat());
            every_prefix(LinkType::RAW, &packet, 28 + 8 + cookie + 14 + UDP4_PORTS);
            every_prefix(LinkType::RAW, &ip4(115, &session), 24 + cookie + 14 + UDP4_PORTS);
        }
    }

    #[test]
    fn every_prefix_with_labels() {
        let session = [&[0, 0, 0, 9, 0, 1, 0x01, 64][..], &UDP4].concat();
        every_prefix(LinkType::RAW, &ip4(115, &session), 28 + UDP4_PORTS);
        let ppp = [&[0x00, 0x02, 0, 1, 0, 9, 0x02, 0x81, 0, 1, 0x01, 64][..], &UDP4].concat();
        every_prefix(LinkType::RAW, &udp4(1701, &ppp), 40 + UDP4_PORTS);
    }

    #[test]
    fn control_messages_are_no_tunnel() {
        let packet = udp4(1701, &[&[0xc8, 0x02, 0, 38, 0, 1, 0, 9, 0, 0, 0, 0, 0x21][..], &UDP4].concat());
        assert_eq!(count(DecodeOptions::default(), LinkType::RAW, &packet), 1);
    }

    #[test]
    fn a_session_whose_payload_fits_nothing_is_ambiguous() {
        let packet = ip4(115, &[&[0, 0, 0, 9][..], &[0x55; 40]].concat());
        assert_eq!(decode(LinkType::RAW, &packet).0, Outcome::Ambiguous);
        // PPP's mark, and no packet after it.
        let packet = ip4(115, &[&[0, 0, 0, 9, 0xff, 3, 0, 0x21][..], &[0x55; 40]].concat());
        assert_eq!(decode(LinkType::RAW, &packet).0, Outcome::Ambiguous);
    }
}
