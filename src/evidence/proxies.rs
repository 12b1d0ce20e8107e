//! Proxies: SOCKS 4 and 5 (RFC 1928).

use super::payload::be16;
use super::{Payload, Sign, Spoken};

/// The sign of a segment that is a client's first words: the methods that it knows; or the address it wants.
/// A server's answer of two octets is too little to go by.
pub(super) fn sign(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    match octets {
        [5, count @ 1..=10, methods @ ..] => {
            let is_list = methods.len() == usize::from(*count)
                && payload.is_whole()
                && methods.iter().all(|method| *method <= 9 || *method >= 0x80)
                && methods.contains(&0) | methods.contains(&2);
            is_list.then_some(Sign::client(Spoken::Socks5))
        }
        // Connect or bind, a port and an address, a user's name that ends; and in version 4a a host's.
        [4, 1 | 2, _, _, _, _, _, _, rest @ ..] => {
            let ends = rest.last() == Some(&0) && payload.is_whole();
            let is_text = rest.iter().all(|octet| *octet == 0 || octet.is_ascii_graphic());
            (ends && is_text && rest.len() <= 255 && be16(octets, 2)? != 0)
                .then_some(Sign::client(Spoken::Socks4))
        }
        // Its answer: granted or not.
        [0, 0x5a..=0x5d, _, _, _, _, _, _] if payload.is_whole() => Some(Sign::server(Spoken::Socks4)),
        _ => None,
    }
}
