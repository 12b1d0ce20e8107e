//! Which flow each packet is in, kept from the first pass for the second: a few bytes a packet, in
//! memory while there are few and in a temporary file then, so that memory grows with flows alone.

use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use tempfile::SpooledTempFile;

use crate::flow::{Folded, Side};

/// How much is kept in memory.
const IN_MEMORY: usize = 4 << 20;

/// Written packet by packet in the first pass.
pub struct MemoWriter {
    out: BufWriter<SpooledTempFile>,
    /// The first fault; later packets are not kept then.
    fault: Option<io::Error>,
}

/// Read packet by packet in the second pass.
pub struct Memo {
    input: BufReader<SpooledTempFile>,
}

// Each packet is its headers that count, each a number: flow, sender, whether another follows,
// from the highest bit to the lowest, plus one; 0 stands for none. Numbers are written seven bits
// an octet, lowest first, the top bit set in all but the last.

impl MemoWriter {
    /// Nothing kept yet.
    pub fn new() -> MemoWriter {
        let file = SpooledTempFile::new(IN_MEMORY);
        MemoWriter { out: BufWriter::with_capacity(1 << 16, file), fault: None }
    }

    /// Keeps the flows of the next packet.
    #[inline]
    pub fn packet(&mut self, folded: &[Folded]) {
        let mut octets = [0; 10];
        if folded.is_empty() {
            self.write(&[0]);
        }
        for (n, one) in folded.iter().enumerate() {
            let more = u64::from(n + 1 < folded.len());
            let mut number = ((one.flow as u64) << 2 | (one.sender as u64) << 1 | more) + 1;
            let mut length = 0;
            while number > 0x7f {
                octets[length] = number as u8 | 0x80;
                number >>= 7;
                length += 1;
            }
            octets[length] = number as u8;
            self.write(&octets[..=length]);
        }
    }

    #[inline]
    fn write(&mut self, octets: &[u8]) {
        if let Err(error) = self.out.write_all(octets) {
            self.fault.get_or_insert(error);
        }
    }

    /// Turns to reading.
    ///
    /// # Errors
    ///
    /// When the temporary file could not be written.
    pub fn finish(self) -> io::Result<Memo> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let mut file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Memo { input: BufReader::with_capacity(1 << 16, file) })
    }
}

impl Default for MemoWriter {
    fn default() -> MemoWriter {
        MemoWriter::new()
    }
}

impl Memo {
    /// Puts the flows of the next packet into `folded`; the number of the header is its place
    /// among those that count.
    #[inline]
    pub(super) fn next(&mut self, folded: &mut Vec<Folded>) -> io::Result<()> {
        folded.clear();
        loop {
            let (mut number, mut shift) = (0_u64, 0);
            loop {
                let mut octet = [0];
                self.input.read_exact(&mut octet)?;
                number |= u64::from(octet[0] & 0x7f) << shift;
                shift += 7;
                if octet[0] & 0x80 == 0 || shift > 63 {
                    break;
                }
            }
            let Some(number) = number.checked_sub(1) else { return Ok(()) };
            let sender = if number & 2 == 0 { Side::First } else { Side::Second };
            folded.push(Folded { header: folded.len(), flow: (number >> 2) as usize, sender });
            if number & 1 == 0 {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let one = |header, flow, sender| Folded { header, flow, sender };
        let packets = [
            vec![],
            vec![one(0, 0, Side::First)],
            vec![one(0, 31, Side::Second), one(1, 32, Side::First), one(2, 1 << 40, Side::Second)],
            vec![],
            vec![one(0, 4_000_000, Side::First)],
        ];
        let mut writer = MemoWriter::new();
        for packet in &packets {
            writer.packet(packet);
        }
        let mut memo = writer.finish().expect("memory holds it");
        let mut folded = Vec::new();
        for packet in &packets {
            memo.next(&mut folded).expect("it was written");
            assert_eq!(&folded, packet);
        }
        assert!(memo.next(&mut folded).is_err());
    }
}
