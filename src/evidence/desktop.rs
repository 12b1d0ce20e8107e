//! Terminals and screens: Telnet (RFC 854), rlogin (RFC 1282), rsh, VNC (RFC 6143), Remote Desktop
//! ([MS-RDPBCGR]) and X11; and what shares the header of Remote Desktop: ISO transport over TCP (RFC
//! 1006), which S7 and MMS use, and H.225.

use super::payload::{be16, be32, holds, is_text, le16};
use super::{Payload, Sign, Spoken};

/// The sign of a segment that begins with the version of VNC, which both sides send (RFC 6143 section 7.1.1), or with the
/// digits of a client's port.
pub(super) fn words(payload: &Payload) -> Option<Sign> {
    match payload.octets() {
        [b'R', rest @ ..] => rest.starts_with(b"FB 00").then_some(Sign::either(Spoken::Vnc)),
        [b'0'..=b'9', ..] => rsh(payload),
        _ => None,
    }
}

/// The sign of a segment that begins as one of the others does.
pub(super) fn sign(payload: &Payload) -> Option<Sign> {
    match payload.octets() {
        // WILL, WON'T, DO or DON'T, from either side, with an option that exists; alone, or more follows.
        [0xff, 0xfb..=0xfe, 0..=49 | 0xff, rest @ ..] if rest.is_empty() || !is_tls_like(rest) => {
            Some(Sign::either(Spoken::Telnet))
        }
        // Subnegotiation (RFC 855).
        [0xff, 0xfa, 0..=49, ..] => Some(Sign::either(Spoken::Telnet)),
        [3, 0, rest @ ..] => tpkt(payload, rest),
        [b'0'..=b'9', ..] => rsh(payload),
        // A client's first octet is empty, then the names of both users, and the terminal with its speed
        // (RFC 1282).
        [0, rest @ ..] if rest.len() > 4 && rest.len() < 128 => {
            let mut words = rest.split(|&octet| octet == 0);
            let (client, server, terminal) = (words.next()?, words.next()?, words.next()?);
            let is_name = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_graphic);
            let has_speed = terminal.contains(&b'/') && terminal.last().is_some_and(u8::is_ascii_digit);
            (is_name(client) && is_name(server) && is_name(terminal) && has_speed)
                .then_some(Sign::client(Spoken::Rlogin))
        }
        _ => x11(payload),
    }
}

/// A client's port for errors in digits, or 0; the names of both users, in rexec of one and its password; and a command. Each ends
/// with an octet of zero (rcmd(3), rexec(3)).
fn rsh(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let digits = octets.iter().take(6).position(|&octet| octet == 0)?;
    let is_port = octets[..digits].iter().all(u8::is_ascii_digit)
        && str::from_utf8(&octets[..digits]).is_ok_and(|port| port.parse::<u16>().is_ok());
    let mut words = octets[digits + 1..].split(|&octet| octet == 0);
    let (first, second, command) = (words.next()?, words.next()?, words.next()?);
    let is_name = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_graphic);
    // What the command reads may follow.
    let is_ended = words.next().is_some() || !payload.is_whole();
    (is_port && is_name(first) && is_name(second) && is_ended && !command.is_empty() && is_text(command))
        .then_some(Sign::client(Spoken::Rsh))
}

/// The sign of a datagram that opens Remote Desktop over UDP: a header without an acknowledgement whose flags are SYN,
/// or SYN and ACK, then a first sequence number and two sizes of datagrams ([MS-RDPEUDP] sections 2.2.2.1 and 2.2.2.5).
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    const SYN: u16 = 0x0001;
    const ACK: u16 = 0x0004;
    let octets = payload.octets();
    let flags = be16(octets, 6)? & (SYN | ACK);
    let is_size = |at| be16(octets, at).is_some_and(|size| (1132..=1232).contains(&size));
    // Both are as long as they may be.
    let opens = flags & SYN != 0 && payload.length() >= 1132 && is_size(12) && is_size(14);
    let asks = flags & ACK == 0;
    (opens && (!asks || be32(octets, 0) == Some(u32::MAX))).then_some(Sign::asking(Spoken::Rdp, asks))
}

/// What follows a negotiation of Telnet is another, or text.
fn is_tls_like(rest: &[u8]) -> bool {
    !(rest[0] == 0xff || rest[0].is_ascii_graphic() || rest[0].is_ascii_whitespace())
}

/// A TPKT header (RFC 1006 section 6), then a TPDU of class 0 (ISO 8073), or Q.931 of H.225.
fn tpkt(payload: &Payload, rest: &[u8]) -> Option<Sign> {
    let length = usize::from(be16(rest, 0)?);
    if !(7..=65_531).contains(&length) {
        return None;
    }
    let tpdu = rest.get(2..)?;
    match tpdu {
        // Connection request and confirm: which protocol follows stands in their parameters.
        &[size, kind @ (0xe0 | 0xd0), _, _, _, _, _, ref parameters @ ..] if size > 6 => {
            let asks = kind == 0xe0;
            let spoken = match parameters {
                // A cookie, or a negotiation request, response or failure ([MS-RDPBCGR] section 2.2.1).
                _ if holds(parameters, "Cookie: mst") => Spoken::Rdp,
                [1..=3, _, 8, 0, ..] => Spoken::Rdp,
                // TSAPs of two octets as S7 has them: 01.00, 02.xx, 03.xx (in front of them the TPDU's size).
                _ if has_s7_selectors(parameters) => Spoken::S7,
                _ => Spoken::IsoTsap,
            };
            Some(Sign::asking(spoken, asks))
        }
        // Cut after its head: of these lengths are the requests of Remote Desktop without a cookie.
        [size, kind @ (0xe0 | 0xd0), ..] => {
            let spoken = if matches!(size, 6 | 14) { Spoken::Rdp } else { Spoken::IsoTsap };
            Some(Sign::asking(spoken, *kind == 0xe0))
        }
        // Data: S7 has a constant of its own, MMS begins with a session of ISO 8327 (CONNECT, ACCEPT,
        // or the data that follows: give tokens, data transfer).
        [2, 0xf0, 0x00..=0x80, rest @ ..] => match rest {
            [0x32, kind @ (1 | 2 | 3 | 7), 0, 0, ..] => Some(match kind {
                1 => Sign::client(Spoken::S7),
                2 | 3 => Sign::server(Spoken::S7),
                _ => Sign::either(Spoken::S7),
            }),
            [0x72, 1..=3, ..] => Some(Sign::either(Spoken::S7)),
            [0x0d, ..] => Some(Sign::client(Spoken::Mms)),
            [0x0e, ..] => Some(Sign::server(Spoken::Mms)),
            [1, 0, 1, 0, 0x61, ..] => Some(Sign::either(Spoken::Mms)),
            // T.125 of Remote Desktop: MCS Connect Initial and Response, Erect Domain, Attach User.
            [0x7f, kind @ (0x65 | 0x66), ..] => Some(Sign::asking(Spoken::Rdp, *kind == 0x65)),
            [0x04, 1, ..] | [0x28] | [0x64 | 0x68, 0, ..] => Some(Sign::either(Spoken::Rdp)),
            _ => Some(Sign::either(Spoken::IsoTsap)),
        },
        // Q.931 with a call reference of two octets (ITU-T H.225.0 section 7): setup comes from who calls.
        [0x08, 2, _, _, kind @ (0x01 | 0x02 | 0x03 | 0x05 | 0x07 | 0x5a | 0x62 | 0x6e | 0x7b | 0x7d), ..]
            if payload.length() >= 7 =>
        {
            Some(match kind {
                0x05 => Sign::client(Spoken::H225),
                0x01..=0x03 | 0x07 => Sign::server(Spoken::H225),
                _ => Sign::either(Spoken::H225),
            })
        }
        _ => None,
    }
}

/// Whether the parameters of a connection name transport selectors of two octets, of which S7 uses the
/// first for the kind of connection and the second for rack and slot.
fn has_s7_selectors(mut parameters: &[u8]) -> bool {
    let (mut source, mut destination) = (None, None);
    while let [code, length, rest @ ..] = parameters {
        let Some(value) = rest.get(..usize::from(*length)) else { return false };
        match code {
            0xc1 => source = Some(value),
            0xc2 => destination = Some(value),
            _ => {}
        }
        parameters = &rest[usize::from(*length)..];
    }
    matches!((source, destination), (Some([1..=3, _]), Some([1..=3, _])))
}

/// A client's first message names its byte order, version 11.0 and the lengths of its authorization,
/// which is followed by nothing (X Window System Protocol, section 8).
fn x11(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let (major, minor, name, data) = match octets.first()? {
        b'B' => (be16(octets, 2)?, be16(octets, 4)?, be16(octets, 6)?, be16(octets, 8)?),
        b'l' => (le16(octets, 2)?, le16(octets, 4)?, le16(octets, 6)?, le16(octets, 8)?),
        // The server's answer: accepted, version 11.0.
        1 => {
            let is_11 =
                |v: fn(&[u8], usize) -> Option<u16>| v(octets, 2) == Some(11) && v(octets, 4) == Some(0);
            let lasts = |v: fn(&[u8], usize) -> Option<u16>| {
                v(octets, 6).is_some_and(|words| 8 + 4 * usize::from(words) == payload.length())
            };
            let is_answer =
                octets.get(1) == Some(&0) && (is_11(be16) && lasts(be16) || is_11(le16) && lasts(le16));
            return is_answer.then_some(Sign::server(Spoken::X11));
        }
        _ => return None,
    };
    let padded = |length: u16| usize::from(length).next_multiple_of(4);
    (major == 11 && minor == 0 && payload.length() == 12 + padded(name) + padded(data))
        .then_some(Sign::client(Spoken::X11))
}
