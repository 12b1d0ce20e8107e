//! Options of blocks (draft section 3.5): a code, a length, a value, and its padding.

use super::super::byte_order::Numbers;

/// Codes of options. Those from 2 on mean something else in each type of block.
pub(crate) mod code {
    /// The end of the options (`opt_endofopt`).
    pub(crate) const END_OF_OPTIONS: u16 = 0;
    /// A comment (`opt_comment`).
    pub(crate) const COMMENT: u16 = 1;
    /// Custom Options, text and octets, that programs which do not know them must not copy.
    pub(crate) const CUSTOM_NOT_TO_COPY: [u16; 2] = [19372, 19373];

    /// Section Header Block: the program that wrote the section (`shb_userappl`).
    pub(crate) const SECTION_PROGRAM: u16 = 4;

    /// Interface Description Block: name of the interface (`if_name`).
    pub(crate) const INTERFACE_NAME: u16 = 2;
    /// Interface Description Block: unit of time (`if_tsresol`).
    pub(crate) const INTERFACE_TIME_UNIT: u16 = 9;
    /// Interface Description Block: time zone (`if_tzone`).
    pub(crate) const INTERFACE_TIME_ZONE: u16 = 10;
    /// Interface Description Block: length of the frame check sequence (`if_fcslen`).
    pub(crate) const INTERFACE_FCS_LENGTH: u16 = 13;
    /// Interface Description Block: seconds to add to each time (`if_tsoffset`).
    pub(crate) const INTERFACE_TIME_OFFSET: u16 = 14;

    /// Enhanced Packet Block: direction and how the packet was received (`epb_flags`).
    pub(crate) const PACKET_FLAGS: u16 = 2;

    /// Interface Statistics Block: start of the capture (`isb_starttime`).
    pub(crate) const STATISTICS_START: u16 = 2;
    /// Interface Statistics Block: end of the capture (`isb_endtime`).
    pub(crate) const STATISTICS_END: u16 = 3;
    /// Interface Statistics Block: packets dropped by the interface (`isb_ifdrop`).
    pub(crate) const STATISTICS_INTERFACE_DROPS: u16 = 5;
    /// Interface Statistics Block: packets dropped by the operating system (`isb_osdrop`).
    pub(crate) const STATISTICS_SYSTEM_DROPS: u16 = 7;
}

/// One option of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockOption<'a> {
    pub(crate) code: u16,
    pub(crate) value: &'a [u8],
    /// Where it begins.
    pub(crate) start: usize,
    /// Where it ends, its padding included.
    pub(crate) end: usize,
}

/// The options of a block. Ends at the end of the list, and at an option that runs past the
/// block: real files hold such lists, and what comes before counts.
pub(crate) struct BlockOptions<'a> {
    numbers: Numbers<'a>,
    at: usize,
}

impl<'a> BlockOptions<'a> {
    /// Options that begin at a place of these octets, which end where the body of the block does.
    #[inline]
    pub(super) fn new(numbers: Numbers<'a>, at: usize) -> BlockOptions<'a> {
        BlockOptions { numbers, at }
    }
}

impl<'a> Iterator for BlockOptions<'a> {
    type Item = BlockOption<'a>;

    #[inline]
    fn next(&mut self) -> Option<BlockOption<'a>> {
        let start = self.at;
        let code = self.numbers.u16(start)?;
        let length = usize::from(self.numbers.u16(start + 2)?);
        let value = self.numbers.bytes.get(start + 4..start + 4 + length)?;
        let end = start + 4 + length.next_multiple_of(4);
        if code == code::END_OF_OPTIONS || end > self.numbers.bytes.len() {
            return None;
        }
        self.at = end;
        Some(BlockOption { code, value, start, end })
    }
}
