//! What the registry says of a flow: a name, a status, flags, each with its reason.
//!
//! A label says "registered as", never "is". Nothing here calls traffic good because its port is
//! registered, nor bad because it is not.

mod contradiction;
mod flags;
mod label_of_flow;
mod labeller;
mod raised;
mod reason;

pub use flags::{Flag, Flags, UnknownFlag};
pub use label_of_flow::Label;
pub use labeller::Labeller;
pub use reason::{Candidate, DirectionReason, Elsewhere, FlagReason, Reasons, Registration};

use std::borrow::Cow;

/// A cell without the line breaks that the registry has inside some.
fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r']) {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(text)
    }
}
