//! The two sides of a flow.

use serde::{Deserialize, Serialize};

/// One of the two sides of a flow: the one that sent the first packet seen, or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Side {
    /// The sender of the first packet seen.
    First = 0,
    /// The other.
    Second = 1,
}

impl Side {
    /// Both sides.
    pub const BOTH: [Side; 2] = [Side::First, Side::Second];

    /// The other side.
    #[must_use]
    pub const fn other(self) -> Side {
        match self {
            Side::First => Side::Second,
            Side::Second => Side::First,
        }
    }

    /// What this side of one record of a flow is in another, which calls the first side of the one
    /// `first`.
    #[must_use]
    pub(super) const fn where_first_is(self, first: Side) -> Side {
        match first {
            Side::First => self,
            Side::Second => self.other(),
        }
    }
}
