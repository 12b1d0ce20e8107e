//! What addresses become: Crypto-PAn, but for addresses that are no host's and prefixes that say what kind of
//! address follows.
//!
//! Any map of addresses to addresses that says of each bit whether it is turned, by the bits before it alone,
//! keeps prefixes and gives no two addresses the same. So bits can be left alone on the way to a prefix that
//! has to stay what it is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::pan::CryptoPan;

/// Prefixes of IPv6 that stay what they are, and their lengths: decoders and people tell kinds of addresses by
/// them. `::` is so with all its bits, and with it `::1`.
const KEPT: [(u128, u32); 9] = [
    (0, 128),
    (prefix([0x2000, 0, 0, 0, 0, 0]), 3),
    (TEREDO, 32),
    (SIX_TO_FOUR, 16),
    (NAT64, 96),
    (MAPPED, 96),
    (prefix([0xfc00, 0, 0, 0, 0, 0]), 7),
    (prefix([0xfe80, 0, 0, 0, 0, 0]), 10),
    (prefix([0xff00, 0, 0, 0, 0, 0]), 8),
];
/// RFC 4380 section 4, RFC 3056 section 2, RFC 6052 section 2.1, RFC 4291 section 2.5.5.2.
const TEREDO: u128 = prefix([0x2001, 0, 0, 0, 0, 0]);
const SIX_TO_FOUR: u128 = prefix([0x2002, 0, 0, 0, 0, 0]);
const NAT64: u128 = prefix([0x0064, 0xff9b, 0, 0, 0, 0]);
const MAPPED: u128 = prefix([0, 0, 0, 0, 0, 0xffff]);
/// Groups that end in 24 bits of an address (RFC 4291 section 2.7.1) or of the hash of a name (RFC 4620
/// section 5).
const OF_A_NODE: [u128; 2] =
    [prefix([0xff02, 0, 0, 0, 0, 1]) | 0xff00_0000, prefix([0xff02, 0, 0, 0, 0, 2]) | 0xff00_0000];
/// The upper halves of interface identifiers of ISATAP (RFC 5214 section 6.1).
const ISATAP: [u32; 2] = [0x0000_5efe, 0x0200_5efe];

const fn prefix(groups: [u16; 6]) -> u128 {
    let mut bits = 0;
    let mut n = 0;
    while n < groups.len() {
        bits = bits << 16 | groups[n] as u128;
        n += 1;
    }
    bits << 32
}

/// What an address becomes.
pub(super) fn address(pan: &CryptoPan, address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => Ipv4Addr::from_bits(v4(pan, address.to_bits())).into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(v6(pan, address.to_bits())).into(),
    }
}

/// What stands for an address of IPv4.
enum Block {
    /// A host's, or nobody's.
    Ordinary,
    /// This network, loopback, groups, and the broadcast address.
    Kept,
    /// Groups whose numbers hold the number of a network (RFC 3180, RFC 6034).
    GroupsOfNetworks,
}

fn block(address: u32) -> Block {
    match address >> 24 {
        233 | 234 => Block::GroupsOfNetworks,
        0 | 127 | 224..=239 | 255 => Block::Kept,
        _ => Block::Ordinary,
    }
}

fn v4(pan: &CryptoPan, address: u32) -> u32 {
    let turn = |address: u32, first| (pan.turn(u128::from(address) << 96, first..32) >> 96) as u32;
    match block(address) {
        Block::Kept => address,
        Block::GroupsOfNetworks => turn(address, 8),
        Block::Ordinary => {
            // No host becomes what is none. Going on until it is one gives no two hosts the same address, and
            // keeps what hosts of one /8 share, since all of them go on.
            let mut turned = turn(address, 0);
            while !matches!(block(turned), Block::Ordinary) {
                turned = turn(turned, 0);
            }
            turned
        }
    }
}

fn v6(pan: &CryptoPan, address: u128) -> u128 {
    let is_in = |prefix: u128, length: u32| (address ^ prefix).leading_zeros() >= length;
    if is_in(prefix([0xff00, 0, 0, 0, 0, 0]), 8) {
        return group(pan, address);
    }
    let embedded = address as u32;
    if is_in(NAT64, 96) || is_in(MAPPED, 96) {
        return address ^ u128::from(embedded ^ v4(pan, embedded));
    }
    if is_in(TEREDO, 32) {
        // The client's address is written with all bits turned.
        let (server, client) = ((address >> 64) as u32, !embedded);
        let changed = u128::from(server ^ v4(pan, server)) << 64 | u128::from(client ^ v4(pan, client));
        return address ^ changed;
    }
    let mut turned = if is_in(SIX_TO_FOUR, 16) {
        let embedded = (address >> 80) as u32;
        pan.turn(address, 48..128) ^ u128::from(embedded ^ v4(pan, embedded)) << 80
    } else {
        pan.turn(address, first_turned(address)..128)
    };
    // On the way to an identifier of ISATAP and in it.
    let upper = (address >> 32) as u32;
    let kept =
        ISATAP.into_iter().map(|isatap| ((upper ^ isatap).leading_zeros() + 1).min(32)).max().unwrap_or(0);
    let mask = u128::from(u64::MAX << (64 - kept));
    turned = turned & !mask | address & mask;
    if ISATAP.contains(&upper) {
        turned = turned & !u128::from(u32::MAX) | u128::from(v4(pan, embedded));
    }
    turned
}

/// The first bit of an address that may be turned: those on the way to a kept prefix stay.
fn first_turned(address: u128) -> u32 {
    KEPT.into_iter()
        .map(|(prefix, length)| ((address ^ prefix).leading_zeros() + 1).min(length))
        .max()
        .unwrap_or(0)
}

/// A group: those that are assigned for good stay, others may hold the prefix of a network (RFC 3306, RFC 3956)
/// and keep only flags and scope.
fn group(pan: &CryptoPan, address: u128) -> u128 {
    let is_assigned = (address >> 112) as u16 & 0x00f0 == 0;
    if !is_assigned {
        pan.turn(address, 16..128)
    } else if OF_A_NODE.iter().any(|node| (address ^ node).leading_zeros() >= 104) {
        pan.turn(address, 104..128)
    } else {
        address
    }
}

#[cfg(test)]
mod tests {
    use super::super::Key;
    use super::*;

    fn pan(seed: u8) -> CryptoPan {
        CryptoPan::new(&Key(std::array::from_fn(|n| (n as u8).wrapping_mul(seed) ^ seed)))
    }

    fn shared(a: u128, b: u128) -> u32 {
        (a ^ b).leading_zeros()
    }

    /// Numbers without a pattern.
    fn numbers() -> impl Iterator<Item = u128> {
        let mut state = 7_u128;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(0xda94_2042_e4dd_58b5_0001_0000_0000_0093).wrapping_add(11);
            state ^ state >> 61
        })
    }

    #[test]
    fn what_is_no_host_stays() {
        let pan = pan(3);
        for text in [
            "0.0.0.0",
            "127.0.0.1",
            "127.9.9.9",
            "224.0.0.251",
            "239.255.255.250",
            "255.255.255.255",
            "::",
            "::1",
            "ff02::1",
            "ff02::fb",
            "ff05::1:3",
            "ff0e::101",
        ] {
            let one: IpAddr = text.parse().expect("an address");
            assert_eq!(address(&pan, one), one);
        }
        for text in [
            "10.0.0.1",
            "169.254.1.1",
            "240.0.0.1",
            "233.252.0.1",
            "234.1.2.3",
            "2001:db8::1",
            "fe80::1",
            "fd00::1",
            "ff02::1:ff12:3456",
            "ff3e:40:2001:db8::1",
            "::ffff:192.0.2.1",
            "64:ff9b::192.0.2.1",
            "2002:c000:201::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "fe80::5efe:192.0.2.1",
            "::2",
        ] {
            let one: IpAddr = text.parse().expect("an address");
            assert_ne!(address(&pan, one), one, "{text}");
        }
    }

    #[test]
    fn prefixes_stay_prefixes_and_no_two_become_one() {
        for seed in 1..20 {
            let pan = pan(seed);
            let mut random = numbers();
            for _ in 0..200 {
                let (a, bits) = (random.next().expect("endless"), random.next().expect("endless"));
                let (a, b) = (a as u32, (a ^ bits >> (bits as u32 % 32 + 96)) as u32);
                let same = (a ^ b).leading_zeros();
                let turned = (v4(&pan, a) ^ v4(&pan, b)).leading_zeros();
                assert!(same == turned || same < 8 && turned < 8, "{a:x} {b:x}");
            }
            for _ in 0..400 {
                let (a, bits) = (random.next().expect("endless"), random.next().expect("endless"));
                let kinds =
                    [0x2000_u128 << 112, 0xfe80_u128 << 112, 0xfd00 << 112, 0x64ff_9b00 << 88, SIX_TO_FOUR];
                let a = kinds[bits as usize % 5] | a >> 16 & u128::MAX >> (a as u32 % 80);
                let b = a ^ bits >> (bits as u32 % 128);
                if [a, b].iter().any(|one| embeds(*one)) {
                    assert_eq!(a == b, v6(&pan, a) == v6(&pan, b));
                } else {
                    assert_eq!(shared(a, b), shared(v6(&pan, a), v6(&pan, b)), "{a:x} {b:x}");
                }
            }
        }
    }

    /// Whether an address holds one of IPv4, whose first eight bits do not stay a prefix.
    fn embeds(address: u128) -> bool {
        let is_in = |prefix: u128, length| shared(address, prefix) >= length;
        is_in(NAT64, 96)
            || is_in(MAPPED, 96)
            || is_in(TEREDO, 32)
            || is_in(SIX_TO_FOUR, 16)
            || ISATAP.contains(&((address >> 32) as u32))
    }

    #[test]
    fn kinds_stay_and_an_address_inside_another_is_the_same() {
        for seed in 1..20 {
            let pan = pan(seed);
            let host = Ipv4Addr::from_bits(v4(&pan, 0xc000_0201));
            let become_of = |text: &str| -> Ipv6Addr {
                match address(&pan, text.parse().expect("an address")) {
                    IpAddr::V6(address) => address,
                    IpAddr::V4(_) => panic!("IPv6"),
                }
            };
            assert_eq!(become_of("::ffff:192.0.2.1"), host.to_ipv6_mapped());
            let low = |address: Ipv6Addr| Ipv4Addr::from_bits(address.to_bits() as u32);
            assert_eq!(low(become_of("64:ff9b::192.0.2.1")), host);
            assert_eq!(low(become_of("fe80::5efe:192.0.2.1")), host);
            assert_eq!((become_of("2002:c000:201::1").to_bits() >> 80) as u32, host.to_bits());
            let teredo = become_of("2001:0:c000:201:8000:63bf:3fff:fdfe");
            assert_eq!(!(teredo.to_bits() as u32), host.to_bits());
            assert_eq!((teredo.to_bits() >> 64) as u32, host.to_bits());
            assert_eq!(become_of("2001:db8::1").segments()[0] >> 13, 1);
            assert_eq!(become_of("fe80::1").segments()[0] >> 6, 0xfe80 >> 6);
            assert_eq!(become_of("fd00::1").segments()[0] >> 9, 0xfc00 >> 9);
            assert_eq!(become_of("ff3e:40:2001:db8::1").segments()[0], 0xff3e);
        }
    }
}
