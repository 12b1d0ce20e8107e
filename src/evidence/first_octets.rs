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

    /// Of payloads of each length that mean nothing, as encrypted ones look, at most one in two thousand is taken
    /// for a protocol. `ROUNDS=1000000` looks at so many of each.
    #[test]
    fn random_octets_are_no_protocol() {
        let rounds: usize = std::env::var("ROUNDS").map_or(100_000, |text| text.parse().expect("a number"));
        let mut random = Random(1);
        let mut worst = (0, String::new());
        let (mut all_found, mut all) = (0, 0);
        for transport in [Transport::Tcp, Transport::Udp] {
            for length in [
                1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 36, 40, 44, 48, 64, 92, 148, 300, 512,
            ] {
                let mut found: BTreeMap<Spoken, usize> = BTreeMap::new();
                for _ in 0..rounds {
                    let mut octets = [0; 512];
                    for chunk in octets[..length].chunks_mut(8) {
                        chunk.copy_from_slice(&random.next().to_be_bytes()[..chunk.len()]);
                    }
                    let payload = Payload::new(transport, &octets[..length], length as u32);
                    if let Some(spoken) = sign(&payload).and_then(Sign::spoken) {
                        *found.entry(spoken).or_default() += 1;
                    }
                }
                let of_these: usize = found.values().sum();
                let what = format!("{transport}, {length} octets: {of_these} of {rounds}: {found:?}");
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
