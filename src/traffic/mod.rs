//! Captures in, labelled flows out: the stations one after another.

pub(crate) mod again;
pub(crate) mod copies;
mod digest;
mod fingerprint;
mod grade;
mod hand_out;
mod host_names;
mod labelled;
mod listening;
mod log;
mod packets;
mod parallel;
mod reading;
mod sample;
mod scans;
mod selection;
mod settings;
mod sink;
mod spilled;
mod tell_headers;
mod windows;
mod written;

pub use again::{CaptureChanged, Extent};
pub use digest::CaptureDigest;
pub use grade::{Grade, InUse};
pub use hand_out::{Ended, HandOutEnded};
pub use host_names::{HostName, Hosts, InvalidHosts};
pub use labelled::{Labelled, LabelledFlow, Traffic};
pub use listening::{Break, DEFAULT_MAX_GAP, Listening, Stretch};
pub use log::{CaptureSummary, Place, ReadLog, Unopened};
pub use packets::{LabelledHeader, LabelledPackets, PacketsError};
pub use reading::{Progress, ReadError, Reading};
pub use sample::Overlap;
#[cfg(feature = "report")]
pub(crate) use scans::in_use;
pub use scans::{Scanner, Scans};
#[cfg(feature = "review")]
pub(crate) use scans::{is_scan, use_of};
pub use selection::{
    Column, Expression, ExpressionError, Kind, Near, Selection, Tally, Values, called_here, is_of_names,
    meant_by, words_for_columns,
};
pub use settings::{CopyChoice, ReadSettings};
pub use sink::{Fold, FoldAndTell, FoldAtMost, MergingSink, Sink, SoFar, TooManyFlows};
pub use spilled::{AnyLabelled, AnyTraffic, FoldWithin, LabelledSpilled, SpilledTraffic};
pub use tell_headers::{Come, TellHeaders};
pub use written::{WrittenCapture, WrittenFacts};
