//! Among equals: BitTorrent with its table and trackers, and Bitcoin.

use super::payload::{be16, be32, begins, holds};
use super::{Payload, Sign, Spoken};

/// The sign of a segment.
pub(super) fn in_stream(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets.first()? {
        19 if begins(octets, "\x13BitTorrent protocol") => Some(Sign::either(Spoken::Bittorrent)),
        0xf9 | 0xfa | 0x0b | 0x0a => bitcoin(octets),
        _ => None,
    }
}

/// The magic of a network (main, regtest, testnet 3, signet), and a command in twelve octets.
fn bitcoin(octets: &[u8]) -> Option<Sign> {
    let is_network = matches!(
        octets.get(..4)?,
        [0xf9, 0xbe, 0xb4, 0xd9]
            | [0xfa, 0xbf, 0xb5, 0xda]
            | [0x0b, 0x11, 0x09, 0x07]
            | [0x0a, 0x03, 0xcf, 0x40]
    );
    let command = octets.get(4..16)?;
    let end = command.iter().position(|&octet| octet == 0).unwrap_or(12);
    let is_command = end >= 2
        && command[..end].iter().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit())
        && command[end..].iter().all(|&octet| octet == 0);
    (is_network && is_command).then_some(Sign::either(Spoken::Bitcoin))
}

/// The sign of a datagram: the distributed table's messages (BEP 5), a tracker's connect (BEP 15), or uTP's
/// first packet and its answer (BEP 29).
pub(super) fn in_datagram(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets.first()? {
        b'd' => dht(octets),
        0 if octets.starts_with(&[0, 0, 0x04, 0x17, 0x27, 0x10, 0x19, 0x80, 0, 0, 0, 0]) => {
            (payload.length() == 16).then_some(Sign::client(Spoken::Bittorrent))
        }
        0x41 => utp(payload),
        0x21 | 0x11 | 0x01 | 0x31 => utp(payload),
        _ => None,
    }
}

/// A dictionary whose first key is one of the protocol's.
fn dht(octets: &[u8]) -> Option<Sign> {
    let has_key = begins(octets, "d1:ad2:id20:")
        || begins(octets, "d1:rd2:id20:")
        || begins(octets, "d2:ip")
        || begins(octets, "d1:eli20")
        || begins(octets, "d1:q4:ping")
        || begins(octets, "d1:t");
    if !has_key || !(holds(octets, "1:y1:") || octets.len() > 20 && holds(octets, "2:id20:")) {
        return None;
    }
    // Every node asks and answers.
    Some(Sign::either(Spoken::BittorrentDht))
}

/// A header of uTP: a type and version 1, extensions that exist, a connection; a SYN begins with sequence
/// number 1, has no difference of times yet and no data.
fn utp(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    let &[kind, extension, ..] = octets else { return None };
    let window = be32(octets, 12)?;
    let header = 20;
    match (kind, extension) {
        (0x41, 0) if payload.length() == header => {
            (be32(octets, 8)? == 0 && be16(octets, 16)? == 1 && be16(octets, 18)? == 0 && window <= 1 << 24)
                .then_some(Sign::client(Spoken::Bittorrent))
        }
        (0x41, 2) if payload.length() == header + 10 => (octets.get(20..22) == Some(&[0, 8])
            && be16(octets, 16)? == 1)
            .then_some(Sign::client(Spoken::Bittorrent)),
        // A state with a selective acknowledgement of whole words, or with extension bits.
        (0x21, 1) => match (octets.get(20), octets.get(21)) {
            (Some(0), Some(&length @ (4 | 8 | 12 | 16 | 20 | 24 | 28 | 32))) => {
                (payload.length() == header + 2 + usize::from(length) && window <= 1 << 24)
                    .then_some(Sign::either(Spoken::Bittorrent))
            }
            _ => None,
        },
        // Data that is a handshake between peers.
        (0x01, 0) => begins(octets.get(header..)?, "\x13BitTorrent protocol")
            .then_some(Sign::either(Spoken::Bittorrent)),
        _ => None,
    }
}
