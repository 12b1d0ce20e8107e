//! Checksums of packets whose payload was cut off: those that they would have with a payload of zeros, which
//! say nothing of what was cut off.

/// The sum of RFC 1071 in the making.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum(u64);

impl Sum {
    /// With octets, the first of which is the upper half of a word. Those that are missing are zeros.
    #[must_use]
    pub(super) fn octets(self, octets: &[u8]) -> Sum {
        let (words, rest) = octets.as_chunks::<2>();
        let words: u64 = words.iter().map(|word| u64::from(u16::from_be_bytes(*word))).sum();
        let rest: u64 = rest.iter().map(|octet| u64::from(*octet) << 8).sum();
        Sum(self.0 + words + rest)
    }

    /// With a number of 32 bits.
    #[must_use]
    pub(super) fn number(self, number: u32) -> Sum {
        self.octets(&number.to_be_bytes())
    }

    /// The checksum.
    pub(super) fn finish(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum >> 16) + (sum & 0xffff);
        }
        !(sum as u16)
    }
}

/// CRC32c (RFC 9260 appendix A) of octets and zeros behind them, up to this length in all.
pub(super) fn crc32c(octets: &[u8], length: usize) -> u32 {
    let zeros = length.saturating_sub(octets.len());
    let octet = |crc: u32, octet: u8| TABLE[usize::from(crc as u8 ^ octet)] ^ crc >> 8;
    let crc = octets.iter().fold(u32::MAX, |crc, &next| octet(crc, next));
    !(0..zeros).fold(crc, |crc, _| octet(crc, 0))
}

/// What each octet adds.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let (mut crc, mut bit) = (n as u32, 0);
        while bit < 8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 };
            bit += 1;
        }
        table[n] = crc;
        n += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_standards() {
        // RFC 1071 section 3.
        assert_eq!(Sum::default().octets(&[0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7]).finish(), !0xddf2);
        assert_eq!(Sum::default().octets(&[0xab]).finish(), !0xab00);
        // RFC 3720 appendix B.4.
        assert_eq!(crc32c(&[], 32), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32], 32), 0x62a8_ab43);
        assert_eq!(crc32c(b"123456789", 9), 0xe306_9283);
    }
}
