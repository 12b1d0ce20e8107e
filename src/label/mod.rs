//! What the registry says of a flow: a name, a status, flags, each with its reason.
//!
//! A label says "registered as", never "is". Nothing here calls traffic good because its port is
//! registered, nor bad because it is not.

mod agreement;
mod elsewhere;
mod flags;
mod in_the_clear;
mod label_of_flow;
mod labeller;
mod raised;
mod reason;

pub use agreement::Agreement;
pub use elsewhere::Elsewhere;
pub use flags::{Flag, FlagRank, Flags, UnknownFlag};
pub use in_the_clear::{Clear, ClearBy};
pub use label_of_flow::{Label, PORTLESS, PORTLESS_MEANING, STATUSES};
pub use labeller::Labeller;
pub use reason::{Candidate, DirectionReason, FlagReason, Reasons, Registration};
