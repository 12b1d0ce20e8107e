//! The packets quoted inside ICMP (RFC 792) and ICMPv6 (RFC 4443) errors.
//!
//! The message itself has no ports; its type and code are noted. Headers that it quotes are kept and marked
//! as quoted.

use super::layers::{Quoted, Walk};
use super::network::Datagram;
use super::{Outcome, Part, Portless, network};
use crate::net::Protocol;

/// Octets before a quoted packet, in a message as in a Redirected Header option.
const HEADER: usize = 8;
/// Type of an ICMPv6 Redirect, and its length up to the options in octets.
const REDIRECT: u8 = 137;
const REDIRECT_FIXED: usize = 40;
const REDIRECTED_HEADER: u8 = 4;
/// Number of options that are followed; a Redirect has fewer (RFC 4861 section 4.5).
const MAX_OPTIONS: usize = 16;

/// Decodes a message of ICMP or ICMPv6.
pub(super) fn decode(walk: &mut Walk, protocol: Protocol, datagram: &Datagram, bytes: &[u8]) -> Outcome {
    let icmp = bytes.first_chunk().map(|&[kind, code]| (kind, code));
    let note = Portless { icmp, ..walk.portless(protocol, datagram) };
    let length = datagram.payload_length;
    walk.tell(Part::Icmp { protocol, length }, &bytes[..bytes.len().min(4)]);
    if protocol == Protocol::ICMP {
        decode_v4(walk, bytes);
    } else {
        decode_v6(walk, bytes);
    }
    // The packet that an error quotes is not what its own ends in.
    walk.end_in(note);
    Outcome::Portless(protocol)
}

fn decode_v4(walk: &mut Walk, bytes: &[u8]) {
    let quoted = match bytes {
        [3, 4, ..] => Quoted::TooBig,
        [3, 9 | 10 | 13, ..] => Quoted::Prohibited,
        [3, ..] => Quoted::Unreachable,
        [4 | 5 | 11 | 12, ..] => Quoted::Other,
        // Identifier and sequence number.
        [0 | 8 | 13..=18, ..] => {
            tell_second_word(walk, Part::Plain, bytes);
            return;
        }
        _ => return,
    };
    // A Redirect names a router there, other errors a length and the like (RFC 792, RFC 4884).
    let second = if bytes[0] == 5 { Part::Address } else { Part::Plain };
    tell_second_word(walk, second, bytes);
    quote(walk, quoted, bytes, network::ipv4::decode);
}

fn decode_v6(walk: &mut Walk, bytes: &[u8]) {
    let quoted = match bytes {
        [1, 1 | 5 | 6, ..] => Quoted::Prohibited,
        [1, ..] => Quoted::Unreachable,
        [2, ..] => Quoted::TooBig,
        [3 | 4, ..] => Quoted::Other,
        [REDIRECT, ..] => {
            redirected(walk, bytes);
            return;
        }
        // Solicitation and advertisement of a neighbor: the address that is asked for.
        [135 | 136, ..] => {
            tell_second_word(walk, Part::Plain, bytes);
            walk.tell(Part::Address, bytes.get(HEADER..HEADER + 16).unwrap_or_default());
            return;
        }
        // Those of routers; identifier and sequence number of an echo.
        [128 | 129 | 133 | 134, ..] => {
            tell_second_word(walk, Part::Plain, bytes);
            return;
        }
        _ => return,
    };
    tell_second_word(walk, Part::Plain, bytes);
    quote(walk, quoted, bytes, network::ipv6::decode);
}

/// The Redirected Header option of a Redirect (RFC 4861 sections 4.5 and 4.6.3).
fn redirected(walk: &mut Walk, bytes: &[u8]) {
    tell_second_word(walk, Part::Plain, bytes);
    for at in [HEADER, HEADER + 16] {
        walk.tell(Part::Address, bytes.get(at..at + 16).unwrap_or_default());
    }
    let mut options = bytes.get(REDIRECT_FIXED..).unwrap_or_default();
    // Lengths count units of eight octets, those of type and length among them.
    for _ in 0..MAX_OPTIONS {
        let [kind, length @ 1..=255, ..] = options else { return };
        if *kind == REDIRECTED_HEADER {
            walk.tell_plain(options, HEADER);
            quote(walk, Quoted::Other, options, network::ipv6::decode);
            return;
        }
        walk.tell_opaque(options, 2, usize::from(*length) * 8);
        options = options.get(usize::from(*length) * 8..).unwrap_or_default();
    }
}

/// Tells what the second four octets of a message are.
fn tell_second_word(walk: &mut Walk, part: Part, bytes: &[u8]) {
    walk.tell(part, bytes.get(4..HEADER).unwrap_or_default());
}

fn quote(walk: &mut Walk, quoted: Quoted, bytes: &[u8], decode: fn(&mut Walk, &[u8]) -> Outcome) {
    // An error about an error is never sent (RFC 1122 section 3.2.2): the outer one counts.
    walk.quoted.get_or_insert(quoted);
    if let Some(packet) = bytes.get(HEADER..) {
        walk.quote(|walk| decode(walk, packet));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{UDP4, UDP6, decode, ip4, ip6};
    use super::super::{Decoder, Outcome, Quoted};
    use crate::capture::LinkType;
    use crate::net::Protocol;

    fn quoted(packet: &[u8]) -> Option<Quoted> {
        let mut decoder = Decoder::new();
        let layers = decoder.decode(Some(LinkType::RAW), packet);
        assert!(matches!(layers.outcome(), Outcome::Portless(Protocol::ICMP | Protocol::ICMPV6)));
        layers.headers().last().and_then(|header| header.quoted)
    }

    #[test]
    fn errors_say_what_became_of_the_packet_they_quote() {
        let error = |kind, code| ip4(1, &[&[kind, code, 0, 0, 0, 0, 0, 0][..], &UDP4].concat());
        assert_eq!(quoted(&error(3, 3)), Some(Quoted::Unreachable));
        assert_eq!(quoted(&error(3, 4)), Some(Quoted::TooBig));
        let prohibited: Vec<u8> =
            (0..=16).filter(|&code| quoted(&error(3, code)) == Some(Quoted::Prohibited)).collect();
        assert_eq!(prohibited, [9, 10, 13]);
        assert_eq!(quoted(&error(11, 0)), Some(Quoted::Other));
        assert_eq!(quoted(&error(8, 0)), None);
        let error = |kind, code| ip6(58, &[&[kind, code, 0, 0, 0, 0, 0, 0][..], &UDP6].concat());
        assert_eq!(quoted(&error(1, 4)), Some(Quoted::Unreachable));
        assert_eq!(quoted(&error(2, 0)), Some(Quoted::TooBig));
        let prohibited: Vec<u8> =
            (0..=8).filter(|&code| quoted(&error(1, code)) == Some(Quoted::Prohibited)).collect();
        assert_eq!(prohibited, [1, 5, 6]);
    }

    #[test]
    fn a_redirect_quotes_in_an_option() {
        let mut message = vec![137, 0, 0, 0, 0, 0, 0, 0];
        message.extend([1; 32]);
        message.extend([2, 1, 0, 0, 0, 0, 0, 0, 4, 7, 0, 0, 0, 0, 0, 0]);
        message.extend(UDP6);
        assert_eq!(quoted(&ip6(58, &message)), Some(Quoted::Other));
        for length in 0..message.len() {
            decode(LinkType::RAW, &ip6(58, &message[..length]));
        }
    }

    #[test]
    fn options_of_a_redirect_have_a_limit() {
        let message = |options: usize| {
            let before = [2, 1, 0, 0, 0, 0, 0, 0].repeat(options);
            [&[137][..], &[0; 39], &before, &[4, 7, 0, 0, 0, 0, 0, 0], &UDP6].concat()
        };
        assert_eq!(quoted(&ip6(58, &message(15))), Some(Quoted::Other));
        assert_eq!(quoted(&ip6(58, &message(16))), None);
    }

    #[test]
    fn every_prefix_of_an_error_keeps_its_reason() {
        let packet = ip4(1, &[&[3, 3, 0, 0, 0, 0, 0, 0][..], &UDP4].concat());
        for length in 21..=packet.len() {
            assert_eq!(decode(LinkType::RAW, &packet[..length]).0, Outcome::Portless(Protocol::ICMP));
        }
    }
}
