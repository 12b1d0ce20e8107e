//! Byte orders of the numbers in captures.

use serde::Serialize;

/// Byte order of the numbers in a pcap file or in one section of a pcapng file: that of the host
/// that wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ByteOrder {
    /// Least significant octet first.
    #[default]
    Little,
    /// Most significant octet first.
    Big,
}

impl ByteOrder {
    /// The number in two octets.
    #[inline]
    pub(crate) const fn u16(self, octets: [u8; 2]) -> u16 {
        match self {
            ByteOrder::Little => u16::from_le_bytes(octets),
            ByteOrder::Big => u16::from_be_bytes(octets),
        }
    }

    /// The number in four octets.
    #[inline]
    pub(crate) const fn u32(self, octets: [u8; 4]) -> u32 {
        match self {
            ByteOrder::Little => u32::from_le_bytes(octets),
            ByteOrder::Big => u32::from_be_bytes(octets),
        }
    }

    /// The number in eight octets.
    #[inline]
    pub(crate) const fn u64(self, octets: [u8; 8]) -> u64 {
        match self {
            ByteOrder::Little => u64::from_le_bytes(octets),
            ByteOrder::Big => u64::from_be_bytes(octets),
        }
    }

    /// The octets of a 16-bit number.
    #[inline]
    pub(crate) const fn octets_of_u16(self, number: u16) -> [u8; 2] {
        match self {
            ByteOrder::Little => number.to_le_bytes(),
            ByteOrder::Big => number.to_be_bytes(),
        }
    }

    /// The octets of a 32-bit number.
    #[inline]
    pub(crate) const fn octets_of_u32(self, number: u32) -> [u8; 4] {
        match self {
            ByteOrder::Little => number.to_le_bytes(),
            ByteOrder::Big => number.to_be_bytes(),
        }
    }
}

/// Octets that hold numbers of one byte order. Reading outside of them yields `None`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) order: ByteOrder,
}

impl<'a> Numbers<'a> {
    /// The octets from `at` on.
    #[inline]
    pub(crate) fn from(self, at: usize) -> Option<&'a [u8]> {
        self.bytes.get(at..)
    }

    /// The 16-bit number at `at`.
    #[inline]
    pub(crate) fn u16(self, at: usize) -> Option<u16> {
        Some(self.order.u16(*self.from(at)?.first_chunk()?))
    }

    /// The 32-bit number at `at`.
    #[inline]
    pub(crate) fn u32(self, at: usize) -> Option<u32> {
        Some(self.order.u32(*self.from(at)?.first_chunk()?))
    }

    /// The 64-bit number at `at`.
    #[inline]
    pub(crate) fn u64(self, at: usize) -> Option<u64> {
        Some(self.order.u64(*self.from(at)?.first_chunk()?))
    }

    /// The first `N` 32-bit numbers.
    #[inline]
    pub(crate) fn words<const N: usize>(self) -> Option<[u32; N]> {
        let mut words = [0; N];
        for (n, word) in words.iter_mut().enumerate() {
            *word = self.u32(4 * n)?;
        }
        Some(words)
    }
}
