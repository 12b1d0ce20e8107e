//! What the beginning of one payload shows.

use super::payload::is_text;
use super::{
    Payload, Sign, chat, databases, desktop, directory, discovery, dns, files, ftp, games, http, mail, media,
    messages, netbios, peers, plant, proxies, routing, rpc, sctp, smb, snmp, ssh, telemetry, time, tls,
    tunnels, vpn,
};
use crate::net::Transport;

/// The sign that the first octets of a payload bear.
pub(super) fn sign(payload: &Payload) -> Option<Sign> {
    match payload.transport() {
        Transport::Tcp => of_stream(payload),
        Transport::Udp | Transport::UdpLite | Transport::Dccp => of_datagram(payload),
        Transport::Sctp => sctp::sign(payload.octets()),
    }
}

/// What begins with words is asked for protocols of words, the rest for the others: most payload is of neither, and
/// is asked by fewer.
fn begins_with_words(payload: &Payload) -> bool {
    payload.octets().first_chunk::<4>().is_some_and(|head| is_text(head))
}

fn of_stream(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    if begins_with_words(payload) {
        return ssh::sign(octets)
            .or_else(|| http::sign(octets))
            .or_else(|| ftp::sign(octets))
            .or_else(|| mail::sign(octets))
            .or_else(|| chat::sign(octets))
            .or_else(|| desktop::words(octets))
            .or_else(|| media::words(octets))
            .or_else(|| databases::words(payload))
            .or_else(|| messages::words(payload))
            .or_else(|| plant::opc_ua(payload))
            .or_else(|| files::in_stream(octets))
            .or_else(|| telemetry::words(octets));
    }
    tls::sign(payload)
        .or_else(|| http::sign(octets))
        .or_else(|| smb::sign(octets))
        .or_else(|| desktop::sign(payload))
        .or_else(|| databases::sign(payload))
        .or_else(|| media::in_stream(payload))
        .or_else(|| messages::in_stream(payload))
        .or_else(|| plant::in_stream(payload))
        .or_else(|| routing::in_stream(payload))
        .or_else(|| rpc::in_stream(payload))
        .or_else(|| netbios::in_stream(payload))
        .or_else(|| dns::in_stream(payload))
        .or_else(|| directory::in_stream(payload))
        .or_else(|| snmp::sign(octets))
        .or_else(|| vpn::in_stream(payload))
        .or_else(|| peers::in_stream(payload))
        .or_else(|| games::sign(payload))
        .or_else(|| proxies::sign(payload))
        .or_else(|| telemetry::in_stream(payload))
}

fn of_datagram(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    if begins_with_words(payload) {
        return discovery::sign(octets)
            .or_else(|| media::words(octets))
            .or_else(|| telemetry::words(octets))
            .or_else(|| peers::in_datagram(payload))
            .or_else(|| directory::in_datagram(payload))
            .or_else(|| messages::in_datagram(payload))
            .or_else(|| vpn::esp(payload));
    }
    dns::in_datagram(payload)
        .or_else(|| tls::in_datagram(payload))
        .or_else(|| netbios::in_datagram(payload))
        .or_else(|| directory::in_datagram(payload))
        .or_else(|| snmp::sign(octets))
        .or_else(|| media::in_datagram(payload))
        .or_else(|| vpn::in_datagram(payload))
        .or_else(|| rpc::in_datagram(payload))
        .or_else(|| plant::in_datagram(payload))
        .or_else(|| tunnels::sign(payload))
        .or_else(|| routing::in_datagram(payload))
        .or_else(|| telemetry::in_datagram(payload))
        .or_else(|| peers::in_datagram(payload))
        .or_else(|| messages::in_datagram(payload))
        .or_else(|| files::in_datagram(payload))
        .or_else(|| time::sign(payload))
        .or_else(|| desktop::in_datagram(payload))
        .or_else(|| desktop::in_datagram(payload))
        .or_else(|| media::rtp(payload))
        .or_else(|| vpn::esp(payload))
}

/// Whether the client asks for TLS from here on.
pub(super) fn asks_for_tls(payload: &Payload) -> bool {
    let octets = payload.octets();
    match octets.first() {
        Some(0 | 32) => databases::asks_for_tls(octets),
        Some(0x30) if octets.get(1).is_some_and(|octet| !(b' '..0x80).contains(octet)) => {
            directory::asks_for_tls(octets)
        }
        Some(b'<') => chat::asks_for_tls(octets),
        Some(octet) if octet.is_ascii_alphanumeric() => {
            ftp::asks_for_tls(octets) || mail::asks_for_tls(octets) || chat::asks_for_tls(octets)
        }
        _ => false,
    }
}

/// Whether there is nothing to look at.
pub(super) fn is_empty(payload: &Payload) -> bool {
    payload.octets().is_empty() || payload.transport() == Transport::Sctp && !sctp::has_data(payload.octets())
}

#[cfg(test)]
#[allow(clippy::print_stdout, reason = "the figures are printed")]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::evidence::Spoken;

    /// A generator of numbers that look random (SplitMix64).
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ z >> 31
        }
    }

    /// Makes a payload of random octets.
    type Shape = fn(&mut [u8]);

    /// Payloads that mean nothing: what they look like, and how they are made of random octets.
    const KINDS: [(&str, Shape); 4] = [
        // As those that are encrypted from the first octet on.
        ("random", |_| {}),
        // A length in front, as encrypted messages of a stream have.
        ("with their length", |octets| {
            if let [high, low, rest @ ..] = octets {
                [*high, *low] = (rest.len() as u16).to_be_bytes();
            }
        }),
        // An identifier and a number that counts, as encrypted datagrams have, in the middle of a flow.
        ("with a number", |octets| {
            if let Some(number) = octets.get_mut(4..8) {
                number[..2].copy_from_slice(&[0, 1]);
            }
        }),
        // In words, as base64 has them.
        ("in words", |octets| {
            const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            for octet in octets {
                *octet = LETTERS[usize::from(*octet & 63)];
            }
        }),
    ];

    /// Of payloads of each kind and length that mean nothing, at most one in two thousand is taken for a protocol.
    /// `ROUNDS=1000000` looks at so many of each.
    #[test]
    fn random_octets_are_no_protocol() {
        let rounds: usize = std::env::var("ROUNDS").map_or(25_000, |text| text.parse().expect("a number"));
        let mut random = Random(1);
        let mut worst = (0, String::new());
        let (mut all_found, mut all) = (0, 0);
        for ((kind, shape), transport) in
            KINDS.into_iter().flat_map(|kind| Transport::ALL.map(|one| (kind, one)))
        {
            for length in [
                1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 36, 40, 44, 48, 64, 92, 148, 300, 512,
            ] {
                let mut found: BTreeMap<Spoken, usize> = BTreeMap::new();
                for _ in 0..rounds {
                    let mut octets = [0; 512];
                    for chunk in octets[..length].chunks_mut(8) {
                        chunk.copy_from_slice(&random.next().to_be_bytes()[..chunk.len()]);
                    }
                    shape(&mut octets[..length]);
                    let payload = Payload::new(transport, &octets[..length], length as u32);
                    if let Some(spoken) = sign(&payload).and_then(Sign::spoken) {
                        *found.entry(spoken).or_default() += 1;
                    }
                }
                let of_these: usize = found.values().sum();
                let what = format!("{kind}, {transport}, {length} octets: {of_these} of {rounds}: {found:?}");
                assert!(of_these * 2000 <= rounds, "{what}");
                (all_found, all) = (all_found + of_these, all + rounds);
                if of_these > worst.0 {
                    worst = (of_these, what);
                }
            }
        }
        println!("{all_found} of {all} are taken for a protocol; most of those {}", worst.1);
    }
}
