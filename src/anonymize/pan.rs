//! Crypto-PAn: addresses that share a prefix before share one of the same length after.
//!
//! J. Xu, J. Fan, M. H. Ammar, S. B. Moon: Prefix-Preserving IP Address Anonymization: Measurement-based
//! Security Evaluation and a New Cryptography-based Scheme. ICNP 2002.

use std::ops::Range;

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Block};

use super::Key;

/// How many bits are worked out at once.
const AT_ONCE: usize = 32;

/// The function that says which bits of an address are turned.
#[derive(Clone)]
pub(super) struct CryptoPan {
    cipher: Aes128,
    padding: u128,
}

impl CryptoPan {
    pub(super) fn new(key: &Key) -> CryptoPan {
        let (secret, padding) = key.0.split_at(16);
        let cipher = cipher(secret);
        CryptoPan { padding: encrypt(&cipher, number(padding)), cipher }
    }

    /// A key for something else that this one gives away nothing of.
    pub(super) fn other_key(&self) -> Aes128 {
        // Addresses are encrypted with the padding behind them, and never this.
        cipher(&encrypt(&self.cipher, encrypt(&self.cipher, self.padding)).to_be_bytes())
    }

    /// An address whose first bit is the highest, with these bits anew; the others stay.
    pub(super) fn turn(&self, address: u128, bits: Range<u32>) -> u128 {
        let mut turned = address;
        let mut blocks = [Block::default(); AT_ONCE];
        let mut first = bits.start;
        while first < bits.end {
            let count = (bits.end - first).min(AT_ONCE as u32);
            let blocks = &mut blocks[..count as usize];
            for (bit, block) in (first..).zip(&mut *blocks) {
                // The bits before this one, and the padding from it on.
                let behind = u128::MAX >> bit;
                block.copy_from_slice(&(address & !behind | self.padding & behind).to_be_bytes());
            }
            self.cipher.encrypt_blocks(blocks);
            for (bit, block) in (first..).zip(&*blocks) {
                turned ^= u128::from(block[0] >> 7) << (127 - bit);
            }
            first += count;
        }
        turned
    }
}

fn cipher(secret: &[u8]) -> Aes128 {
    let mut octets = [0; 16];
    octets.copy_from_slice(secret);
    Aes128::new(&octets.into())
}

fn number(octets: &[u8]) -> u128 {
    octets.first_chunk().map_or(0, |octets| u128::from_be_bytes(*octets))
}

/// One block.
pub(super) fn encrypt(cipher: &Aes128, block: u128) -> u128 {
    let mut block: Block = block.to_be_bytes().into();
    cipher.encrypt_block(&mut block);
    number(&block)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    /// The key of the sample of the authors' implementation.
    const SAMPLE: [u8; 32] = [
        21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121,
        101, 39, 98, 87, 76, 45, 42, 132, 34, 2,
    ];

    fn v4(key: [u8; 32], address: &str) -> String {
        let address: Ipv4Addr = address.parse().expect("an address");
        let turned = CryptoPan::new(&Key(key)).turn(u128::from(address.to_bits()) << 96, 0..32);
        Ipv4Addr::from_bits((turned >> 96) as u32).to_string()
    }

    fn v6(key: [u8; 32], address: &str) -> String {
        let address: Ipv6Addr = address.parse().expect("an address");
        Ipv6Addr::from_bits(CryptoPan::new(&Key(key)).turn(address.to_bits(), 0..128)).to_string()
    }

    #[test]
    fn the_published_vectors() {
        for (address, turned) in [
            ("128.11.68.132", "135.242.180.132"),
            ("129.118.74.4", "134.136.186.123"),
            ("130.132.252.244", "133.68.164.234"),
            ("141.223.7.43", "141.167.8.160"),
            ("141.233.145.108", "141.129.237.235"),
            ("152.163.225.39", "151.140.114.167"),
            ("156.29.3.236", "147.225.12.42"),
            ("165.247.96.84", "162.9.99.234"),
            ("166.107.77.190", "160.132.178.185"),
            ("192.102.249.13", "252.138.62.131"),
            ("192.215.32.125", "252.43.47.189"),
            ("192.233.80.103", "252.25.108.8"),
            ("192.41.57.43", "252.222.221.184"),
            ("193.150.244.223", "253.169.52.216"),
            ("195.205.63.100", "255.186.223.5"),
            ("198.200.171.101", "249.199.68.213"),
            ("198.26.132.101", "249.36.123.202"),
            ("198.36.213.5", "249.7.21.132"),
            ("198.51.77.238", "249.18.186.254"),
            ("199.217.79.101", "248.38.184.213"),
            ("202.49.198.20", "245.206.7.234"),
            ("203.12.160.252", "244.248.163.4"),
            ("204.184.162.189", "243.192.77.90"),
        ] {
            assert_eq!(v4(SAMPLE, address), turned);
        }
        // Other implementations agree on these.
        let counted = std::array::from_fn(|n| n as u8);
        assert_eq!(v4(counted, "192.0.2.1"), "2.90.93.17");
        assert_eq!(v6(counted, "2001:db8::1"), "dd92:2c44:3fc0:ff1e:7ff9:c7f0:8180:7e00");
        assert_eq!(v6(SAMPLE, "::1"), "78ff:f001:9fc0:20df:8380:b1f1:704:ed");
        assert_eq!(v6(SAMPLE, "::2"), "78ff:f001:9fc0:20df:8380:b1f1:704:ef");
        assert_eq!(v6(SAMPLE, "::ffff"), "78ff:f001:9fc0:20df:8380:b1f1:704:f838");
    }
}
