//! A choice between two sides.

use crate::flow::Side;

/// The one side for which `yes` holds, when it holds for one.
pub(super) fn only(yes: [bool; 2]) -> Option<Side> {
    match yes {
        [true, false] => Some(Side::First),
        [false, true] => Some(Side::Second),
        _ => None,
    }
}
