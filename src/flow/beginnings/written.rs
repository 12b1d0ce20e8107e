//! Beginnings of streams, written out.

use serde::{Deserialize, Serialize};

use super::{Beginning, MOST_OCTETS, MOST_SEGMENTS, Segment};
use crate::evidence::Shows;
use crate::flow::Damaged;
use crate::text::{from_hexadecimal, hexadecimal};

/// The first segments of one side of a flow that may be part of a stream in small segments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenBeginning {
    /// Whether an opening of the flow came before them.
    pub is_opened: bool,
    /// Whether the segments that come are none of it.
    pub is_over: bool,
    /// The segments, in the order in which they came.
    pub segments: Vec<WrittenSegment>,
}

/// A segment with payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenSegment {
    /// Its sequence number.
    pub at: u32,
    /// Its length on the wire.
    pub length: u32,
    /// What it shows by itself.
    pub shows: Shows,
    /// Its first octets, in hexadecimal digits.
    pub octets: String,
}

const DAMAGED: Damaged = Damaged("the first segments of a flow are none");

impl WrittenBeginning {
    pub(in crate::flow) fn of(beginning: &Beginning) -> WrittenBeginning {
        let segment = |Segment { at, length, octets, shows }: Segment| WrittenSegment {
            at,
            length,
            shows,
            octets: hexadecimal(octets),
        };
        WrittenBeginning {
            is_opened: beginning.is_opened,
            is_over: beginning.is_over,
            segments: beginning.segments().map(segment).collect(),
        }
    }

    pub(in crate::flow) fn restored(&self) -> Result<Beginning, Damaged> {
        let WrittenBeginning { is_opened, is_over, ref segments } = *self;
        if !(1..=MOST_SEGMENTS).contains(&segments.len()) {
            return Err(DAMAGED);
        }
        let mut beginning = Beginning { is_opened, is_over, ..Beginning::default() };
        for WrittenSegment { at, length, shows, octets: text } in segments {
            let octets = from_hexadecimal(text).ok_or(DAMAGED)?;
            if octets.len() > MOST_OCTETS.min(*length as usize) {
                return Err(DAMAGED);
            }
            beginning.keep(&Segment { at: *at, length: *length, octets: &octets, shows: *shows });
        }
        Ok(beginning)
    }
}
