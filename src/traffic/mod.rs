//! Captures in, labelled flows out: the stations one after another.

mod hand_out;
mod labelled;
mod listening;
mod log;
mod parallel;
mod reading;
mod selection;
mod settings;
mod sink;
mod spilled;

use std::ops::ControlFlow;

pub use hand_out::{Ended, HandOutEnded};
pub use labelled::{Labelled, LabelledFlow, Traffic};
pub use listening::{Break, DEFAULT_MAX_GAP, Listening, Stretch};
pub use log::{CaptureSummary, Place, ReadLog};
pub use reading::{Progress, ReadError, Reading};
pub use selection::Selection;
pub use settings::ReadSettings;
pub use sink::{Fold, FoldAndTell, MergingSink, Sink, SoFar};
pub use spilled::{AnyLabelled, AnyTraffic, FoldWithin, LabelledSpilled, SpilledTraffic};

use crate::capture::{CaptureReader, Error, Packet};
use crate::decode::{self, Decoder, Layers};

/// Decodes and hands out every packet of a capture: for passes over packets one by one.
///
/// # Errors
///
/// As for [`Reading::read_file`].
pub fn each_packet(
    capture: &mut CaptureReader,
    options: &decode::Options,
    mut each: impl FnMut(&Packet, &Layers) -> ControlFlow<()>,
) -> Result<(), Error> {
    let mut decoder = Decoder::with_options(options.clone());
    while let Some(packet) = capture.next()? {
        if each(&packet, decoder.decode(packet.link_type, packet.bytes)).is_break() {
            break;
        }
    }
    Ok(())
}
