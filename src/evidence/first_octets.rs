//! What the beginning of one payload shows.

use super::payload::is_text;
use super::{
    Login, Payload, Sign, chat, databases, desktop, directory, discovery, dns, files, ftp, games, http,
    logins, mail, media, messages, netbios, peers, plant, proxies, routing, rpc, sctp, smb, snmp, ssh,
    telemetry, time, tls, tunnels, vpn,
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

pub(super) fn words(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    ssh::sign(octets)
        .or_else(|| http::sign(octets))
        .or_else(|| ftp::sign(octets))
        .or_else(|| mail::sign(octets))
        .or_else(|| chat::sign(octets))
        .or_else(|| desktop::words(payload))
        .or_else(|| media::words(octets))
        .or_else(|| databases::words(payload))
        .or_else(|| messages::words(payload))
        .or_else(|| plant::opc_ua(payload))
        .or_else(|| files::in_stream(octets))
        .or_else(|| telemetry::words(octets))
}

/// As [`words`], of those that may begin with a small letter: most text does, and shows nothing.
pub(super) fn small_words(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    ftp::sign(octets)
        .or_else(|| mail::sign(octets))
        .or_else(|| chat::sign(octets))
        .or_else(|| databases::words(payload))
}

fn of_stream(payload: &Payload) -> Option<Sign> {
    let octets = payload.octets();
    if begins_with_words(payload) {
        return if octets.first().is_some_and(u8::is_ascii_lowercase) {
            small_words(payload)
        } else {
            words(payload)
        };
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
        Some(b'A' | b'a') => ftp::asks_for_tls(octets) || mail::asks_for_tls(octets),
        Some(b'S' | b's') => mail::asks_for_tls(octets) || chat::asks_for_tls(octets),
        Some(octet) if octet.is_ascii_alphanumeric() => mail::asks_for_tls(octets),
        _ => false,
    }
}

/// How a packet of a stream logs in.
pub(super) fn login(payload: &Payload) -> Option<Login> {
    logins::login(payload.octets())
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

    /// How octets without a meaning look.
    #[derive(Clone, Copy, Debug)]
    enum Shape {
        /// As encrypted ones.
        Random,
        Letters,
        Base64,
        Hex,
        /// Words in lower case, with spaces between them and ends of lines.
        Prose,
        /// Numbers of four octets, each one more than the one before it.
        Counter,
    }

    impl Shape {
        const ALL: [Shape; 6] =
            [Shape::Random, Shape::Letters, Shape::Base64, Shape::Hex, Shape::Prose, Shape::Counter];

        fn fill(self, octets: &mut [u8], random: &mut Random) {
            let alphabet: &[u8] = match self {
                Shape::Random => &[],
                Shape::Letters => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                Shape::Base64 => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
                Shape::Hex => b"0123456789abcdef",
                Shape::Prose => b"eeeeetttaaaooiinnsshhrrdlucmfwypvbgk      \n",
                Shape::Counter => {
                    let start = random.next() as u32;
                    for (n, chunk) in octets.chunks_mut(4).enumerate() {
                        let number = start.wrapping_add(n as u32).to_be_bytes();
                        chunk.copy_from_slice(&number[..chunk.len()]);
                    }
                    return;
                }
            };
            for chunk in octets.chunks_mut(8) {
                let drawn = random.next().to_be_bytes();
                chunk.copy_from_slice(&drawn[..chunk.len()]);
            }
            if !alphabet.is_empty() {
                for octet in octets {
                    *octet = alphabet[usize::from(*octet) % alphabet.len()];
                }
            }
        }
    }

    const LENGTHS: [usize; 25] =
        [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 36, 40, 44, 48, 64, 92, 148, 300, 512];
    const TRANSPORTS: [Transport; 4] = [Transport::Tcp, Transport::Udp, Transport::Dccp, Transport::Sctp];

    /// The protocol of a payload. Of SCTP it is the content of a chunk whose identifier is unspecified.
    fn spoken(transport: Transport, octets: &[u8]) -> Option<Spoken> {
        let mut chunk = [0; 528];
        let octets = if transport == Transport::Sctp {
            chunk[..16].copy_from_slice(&[0, 3, 2, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
            chunk[16..][..octets.len()].copy_from_slice(octets);
            &chunk[..16 + octets.len()]
        } else {
            octets
        };
        sign(&Payload::new(transport, octets, octets.len() as u32)).and_then(Sign::spoken)
    }

    /// Of payloads of each kind and length that mean nothing at most one in two thousand is taken for a protocol.
    /// `ROUNDS=1000000` looks at so many of each; without it random ones and counters are most.
    #[test]
    fn random_octets_are_no_protocol() {
        let asked: Option<usize> = std::env::var("ROUNDS").ok().map(|text| text.parse().expect("a number"));
        let mut random = Random(1);
        let mut worst = (0, String::new());
        let mut wrong = Vec::new();
        for transport in TRANSPORTS {
            let (mut all_found, mut all) = (0, 0);
            for shape in Shape::ALL {
                let rounds = asked.unwrap_or(if matches!(shape, Shape::Random | Shape::Counter) {
                    30_000
                } else {
                    5000
                });
                for length in LENGTHS {
                    let mut found: BTreeMap<Spoken, usize> = BTreeMap::new();
                    for _ in 0..rounds {
                        let mut octets = [0; 512];
                        shape.fill(&mut octets[..length], &mut random);
                        if let Some(spoken) = spoken(transport, &octets[..length]) {
                            *found.entry(spoken).or_default() += 1;
                        }
                    }
                    let of_these: usize = found.values().sum();
                    let what =
                        format!("{transport}, {shape:?}, {length} octets: {of_these} of {rounds}: {found:?}");
                    if of_these * 2000 > rounds {
                        wrong.push(what.clone());
                    }
                    (all_found, all) = (all_found + of_these, all + rounds);
                    if of_these > worst.0 {
                        worst = (of_these, what);
                    }
                }
            }
            println!("{transport}: {all_found} of {all} are taken for a protocol");
        }
        println!("most of those {}", worst.1);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    /// One octet over and over again, of every value and length.
    #[test]
    fn octets_that_are_all_the_same_are_no_protocol() {
        let mut wrong = Vec::new();
        for transport in TRANSPORTS {
            for octet in 0..=u8::MAX {
                for length in 1..=512 {
                    if let Some(spoken) = spoken(transport, &[octet; 512][..length]) {
                        wrong.push((transport, octet, length, spoken));
                    }
                }
            }
        }
        assert_eq!(wrong, []);
    }
}
